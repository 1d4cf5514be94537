"""Join what a websocket writes in one step of the event loop.

Uvicorn writes every message with a system call of its own. A frame of two worlds is about seven
messages, and thirty visitors have a hundred frames a second.
"""

from __future__ import annotations

import asyncio
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

#: [A] bytes that are written at once, so that the limits of a slow page still hold.
MOST_BYTES = 65_536


class JoinedWrites:
    """A transport that writes at the end of a step of the loop, or when enough is waiting.

    Args:
        transport: the transport of the connection, which does everything else.
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
        """Write data after what was written before."""
        if not self._parts:
            self._loop.call_soon(self.flush)
        self._parts.append(data)
        self._size += len(data)
        if self._size >= MOST_BYTES:
            self.flush()

    def flush(self) -> None:
        """Write what is waiting."""
        parts, self._parts, self._size = self._parts, [], 0
        if parts and not self._transport.is_closing():
            self._transport.write(b"".join(parts))

    def close(self) -> None:
        """Write what is waiting, and close the connection."""
        self.flush()
        self._transport.close()


class JoiningProtocol(WebSocketsSansIOProtocol):
    """A websocket of Uvicorn that joins its writes."""

    def connection_made(self, transport: Any) -> None:
        """Use a transport that joins writes."""
        super().connection_made(JoinedWrites(transport, self.loop))  # type: ignore[arg-type]
