"""A websocket writes what belongs to a step of the loop at once, in order, and before it closes."""

from __future__ import annotations

import asyncio

import pytest

from viz.server.outbox import _is_acknowledgement
from viz.server.writes import MOST_BYTES, JoinedWrites


class Transport:
    """A transport that records the written data."""

    def __init__(self) -> None:
        self.written: list[bytes] = []
        self.closed = False

    def write(self, data: bytes) -> None:
        assert not self.closed
        self.written.append(data)

    def is_closing(self) -> bool:
        return self.closed

    def close(self) -> None:
        self.closed = True


def test_the_writes_of_a_step_are_joined_and_those_of_the_next_step_are_not():
    transport = Transport()

    async def session() -> None:
        joined = JoinedWrites(transport, asyncio.get_running_loop())
        joined.write(b"a")
        joined.write(b"b")
        assert transport.written == []
        await asyncio.sleep(0)
        joined.write(b"c")
        await asyncio.sleep(0)

    asyncio.run(session())
    assert transport.written == [b"ab", b"c"]


def test_a_large_write_does_not_wait_so_that_a_slow_page_is_noticed():
    transport = Transport()

    async def session() -> None:
        joined = JoinedWrites(transport, asyncio.get_running_loop())
        joined.write(b"a")
        joined.write(bytes(MOST_BYTES))
        assert [len(data) for data in transport.written] == [MOST_BYTES + 1]

    asyncio.run(session())


def test_what_waits_is_written_before_the_connection_closes_and_nothing_after():
    transport = Transport()

    async def session() -> None:
        joined = JoinedWrites(transport, asyncio.get_running_loop())
        joined.write(b"bye")
        joined.close()
        joined.write(b"late")
        await asyncio.sleep(0)
        assert joined.is_closing()

    asyncio.run(session())
    assert transport.written == [b"bye"]


@pytest.mark.parametrize(
    ("data", "expected"),
    [
        ({"method": "update", "state": {"ack": 4}}, True),
        ({"method": "update", "state": {"ack": 4, "selected": 1}}, False),
        ({"method": "update", "state": {}}, False),
        ({"method": "custom", "content": {}}, False),
        (None, False),
    ],
)
def test_only_a_message_with_nothing_else_is_an_acknowledgement(data: object, expected: bool):
    assert _is_acknowledgement({"content": {"data": data}}) is expected
