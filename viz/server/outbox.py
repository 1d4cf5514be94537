"""Queue the messages to a page, for which Solara would block the sending thread one by one.

With thirty running visitors, these waits are a third of the server's work.
"""

from __future__ import annotations

import asyncio
import threading
from collections import deque
from typing import Any

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
        """Send messages until none is left; those to a closed websocket are dropped."""
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
        """Remove and return the next message; None if there is none."""
        with self._lock:
            self._is_sending = bool(self._messages)
            if not self._is_sending:
                return None
            message = self._messages.popleft()
            self._size -= len(message)
            return message
