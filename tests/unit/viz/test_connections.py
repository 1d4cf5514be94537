"""Limits of the connections of one client and of all, with connections that have no network."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import SimpleNamespace
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from viz.server.connections import ConnectionLimits, limited_protocol


class Wire(asyncio.Transport):
    """The transport of a connection; it records what is written and how it ends."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 1), "sockname": ("127.0.0.1", 1)})
        self.written, self.ended = b"", ""

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.ended = self.ended or "closed"

    def abort(self) -> None:
        self.ended = "aborted"

    def is_closing(self) -> bool:
        return bool(self.ended)

    def set_protocol(self, protocol: Any) -> None:
        pass


class Server:
    """Connections to an application that never answers, and the timers that they start."""

    def __init__(self, **limits: Any) -> None:
        self.limits = ConnectionLimits(**limits)
        self.config = uvicorn.Config(wait_forever, ws="websockets-sansio", lifespan="off")
        self.config.load()
        self.protocol, self.state = limited_protocol(self.limits), ServerState()
        self.timers: list[tuple[float, Callable[[], object]]] = []

    def connect(self, address: str) -> tuple[Any, Wire]:
        one = self.protocol(self.config, self.state, {})
        wire = Wire(address)
        one.loop = SimpleNamespace(
            call_later=self._start_timer, create_task=asyncio.get_running_loop().create_task
        )
        one.connection_made(wire)
        return one, wire

    def _start_timer(self, seconds: float, act: Callable[[], object]) -> Any:
        timer = seconds, act
        self.timers.append(timer)
        return SimpleNamespace(cancel=lambda: self.timers.remove(timer))


async def wait_forever(*_: Any) -> None:
    await asyncio.Event().wait()


def run(check: Callable[[], Awaitable[None]]) -> None:
    async def go() -> None:
        await check()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(go())


def test_an_address_has_a_largest_number_of_connections():
    async def check() -> None:
        server = Server(per_address=2)
        (first, _), (_, second), (_, third) = [server.connect("a") for _ in range(3)]
        assert not second.written and third.ended == "closed"
        head, _, body = third.written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ") and b"connection: close" in head
        assert f"content-length: {len(body)}".encode() in head
        assert not server.connect("b")[1].ended, "another address is not concerned"
        first.connection_lost(None)
        assert not server.connect("a")[1].ended, "the place of a lost connection is free"

    run(check)


def test_a_full_server_closes_the_oldest_connection_of_the_address_with_the_most():
    async def check() -> None:
        server = Server(total=3)
        wires = [server.connect(address)[1] for address in ("a", "b", "b")]
        assert not any(wire.ended for wire in wires)
        server.connect("c")
        assert [wire.ended for wire in wires] == ["", "aborted", ""]
        assert server.limits.open == {"a": 1, "b": 1, "c": 1}

    run(check)


def test_headers_must_be_complete_in_time():
    async def check() -> None:
        server = Server(header_seconds=7.0)
        one, wire = server.connect("a")
        one.data_received(b"GET / HTTP/1.1\r\n")
        ((seconds, act),) = server.timers
        one.data_received(b"Host: x\r\n\r\n")
        assert seconds == 7.0 and not server.timers and not wire.ended
        act()
        assert wire.ended == "closed"

    run(check)


def test_a_response_must_be_read_in_time():
    async def check() -> None:
        server = Server(write_seconds=8.0)
        one, wire = server.connect("a")
        one.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        one.pause_writing()
        ((seconds, act),) = server.timers
        one.resume_writing()
        assert seconds == 8.0 and not server.timers
        act()
        assert wire.ended == "aborted"

    run(check)


def test_a_server_that_stops_waits_for_no_client():
    async def check() -> None:
        server = Server(end_seconds=9.0)
        one, wire = server.connect("a")
        one.data_received(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        one.shutdown()
        ((seconds, act),) = server.timers
        act()
        assert seconds == 9.0 and wire.ended == "aborted"

    run(check)


@pytest.mark.parametrize("end", ["lost", "websocket"])
def test_lost_connections_and_websockets_do_not_count(end: str):
    async def check() -> None:
        server = Server()
        one, _ = server.connect("a")
        if end == "lost":
            one.connection_lost(None)
        else:
            one.data_received(
                b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
                b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
            )
        assert not server.limits.open and not server.limits.oldest and not server.timers

    run(check)
