"""A limit on the connections of one client, and a queue for the messages to a page.

Uvicorn counts the connections of all clients together: a client that sends half a request a few
hundred times would occupy every one. Solara would block the sending thread for every message. With
thirty running visitors, these waits are a third of the server's work.
"""

from __future__ import annotations

import asyncio
import threading
from collections import Counter, deque
from typing import Any, ClassVar

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

#: [A] connections of one client address, without websockets, which the guard counts. A browser
#: opens up to six, and a class of thirty may share one router.
MAX_CONNECTIONS = 200
_TEXT = b"There are too many connections."
_REFUSAL = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_TEXT), _TEXT)
)


class LimitedProtocol(H11Protocol):
    """An HTTP connection that is refused if its client has too many."""

    n_open: ClassVar[Counter[str]] = Counter()  # connections by client address
    _address: str | None = None  # under which this connection is counted

    def connection_made(self, transport: Any) -> None:
        """Count the connection, or refuse it."""
        super().connection_made(transport)
        address = str(self.client[0]) if self.client else ""
        if self.n_open[address] >= MAX_CONNECTIONS:
            transport.write(_REFUSAL)
            transport.close()
            return
        self._address = address
        self.n_open[address] += 1

    def connection_lost(self, exc: Exception | None) -> None:
        """Stop counting the connection."""
        self._release()
        super().connection_lost(exc)

    def handle_websocket_upgrade(self, event: h11.Request) -> None:
        """Pass the connection to the websocket protocol."""
        self._release()
        super().handle_websocket_upgrade(event)

    def _release(self) -> None:
        """Stop counting the connection. Later calls have no effect."""
        if self._address is not None:
            self.n_open[self._address] -= 1
            self._address = None


#: [A] bytes that may wait for a page; above it the websocket is closed, and the page loads again.
MAX_WAITING = 30_000_000
#: [A] seconds from a message until the task starts, so that it sends all messages of a frame.
DELAY = 0.005


class Outbox:
    """Mixin for Solara's websocket of a page: its messages are queued and sent by one task."""

    ws: Any
    event_loop: asyncio.AbstractEventLoop

    def __init__(self, *arguments: Any) -> None:
        super().__init__(*arguments)
        self._messages: deque[str | bytes] = deque()
        self._size, self._is_sending = 0, False
        self._lock = threading.Lock()
        self._task: Any = None  # the loop keeps only a weak reference

    def send_text(self, data: str | bytes) -> None:
        """Queue a message."""
        with self._lock:
            self._messages.append(data)
            self._size += len(data)
            was_sending, self._is_sending = self._is_sending, True
        if not was_sending:
            self._task = asyncio.run_coroutine_threadsafe(self._send_all(), self.event_loop)

    send_bytes = send_text

    async def _send_all(self) -> None:
        """Send messages until none is left. Messages to a closed websocket are dropped."""
        await asyncio.sleep(DELAY)
        while message := self._next():
            try:
                if self._size > MAX_WAITING:
                    await self.ws.close()
                elif isinstance(message, str):
                    await self.ws.send_text(message)
                else:
                    await self.ws.send_bytes(message)
            except Exception:
                continue

    def _next(self) -> str | bytes | None:
        """Remove and return the next message, or None if there is none."""
        with self._lock:
            self._is_sending = bool(self._messages)
            if not self._is_sending:
                return None
            message = self._messages.popleft()
            self._size -= len(message)
            return message
