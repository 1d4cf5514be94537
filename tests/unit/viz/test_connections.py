"""The limit on the connections of one client, with connections that have no network."""

from __future__ import annotations

import asyncio
from collections import Counter
from typing import Any

import pytest
import uvicorn
from uvicorn.server import ServerState

from viz.server import connections
from viz.server.connections import LimitedProtocol

UPGRADE = (
    b"GET / HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n"
)


class Wire(asyncio.Transport):
    """The transport of a connection; it records what is written and whether it is closed."""

    def __init__(self, address: str) -> None:
        super().__init__({"peername": (address, 1), "sockname": ("127.0.0.1", 1)})
        self.written, self.closed = b"", False

    def write(self, data: Any) -> None:
        self.written += data

    def close(self) -> None:
        self.closed = True

    def is_closing(self) -> bool:
        return self.closed

    def set_protocol(self, protocol: Any) -> None:
        pass


async def wait_forever(*_: Any) -> None:
    await asyncio.Event().wait()


@pytest.mark.parametrize("end", ["lost", "websocket"])
def test_a_client_has_a_largest_number_of_connections(end: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(connections, "MAX_CONNECTIONS", 2)
    monkeypatch.setattr(LimitedProtocol, "n_open", Counter())

    async def check() -> None:
        config = uvicorn.Config(wait_forever, log_config=None, lifespan="off")
        config.load()

        def connect(address: str) -> tuple[LimitedProtocol, Wire]:
            protocol, wire = LimitedProtocol(config, ServerState(), {}), Wire(address)
            protocol.connection_made(wire)
            return protocol, wire

        (first, _), (_, second), (_, third) = [connect("a") for _ in range(3)]
        assert not second.written and third.closed
        head, _, body = third.written.partition(b"\r\n\r\n")
        assert head.startswith(b"HTTP/1.1 503 ") and b"connection: close" in head
        assert f"content-length: {len(body)}".encode() in head
        assert not connect("b")[1].closed, "another address is not concerned"
        if end == "lost":
            first.connection_lost(None)
        else:
            first.data_received(UPGRADE)
        assert not connect("a")[1].closed and connect("a")[1].closed
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()

    asyncio.run(check())
