"""Join the data that a websocket writes in one step of the event loop.

Uvicorn writes every message with a separate system call. A frame of two worlds is about seven
messages, and thirty visitors have a hundred frames a second.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: [A] waiting bytes from which on data is written at once, so that limits for slow pages hold.
MOST_BYTES = 65_536


class JoinedWrites:
    """A transport that writes at the end of a step of the loop, or when enough data is waiting.

    Args:
        transport: the transport of the connection, to which everything else is delegated.
        loop: its event loop.
    """

    def __init__(self, transport: Any, loop: asyncio.AbstractEventLoop) -> None:
        self._transport, self._loop = transport, loop
        self._parts: list[bytes] = []
        self._size = 0

    def __getattr__(self, name: str) -> Any:
        """Return an attribute of the transport."""
        return getattr(self._transport, name)

    def write(self, data: bytes) -> None:
        """Queue data for writing, after earlier data."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write the waiting data."""
        parts, self._parts, self._size = self._parts, [], 0
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def close(self) -> None:
        """Write the waiting data, and close the connection."""
        self.flush()
        self._transport.close()


class JoiningProtocol(WebSocketsSansIOProtocol):
    """A websocket of Uvicorn that joins its writes."""

    def connection_made(self, transport: Any) -> None:
        """Use a transport that joins writes."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]
