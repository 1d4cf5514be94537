"""Connections of Uvicorn with limits: slow or silent clients, and many connections of one client.

Uvicorn waits without limit for the headers of a request, and counts all clients together: a single
client that sends half a request a few hundred times would occupy every connection.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import h11
from uvicorn.protocols.http.h11_impl import H11Protocol

_REFUSAL = b"There are too many connections."
_REFUSED = (
    b"HTTP/1.1 503 Service Unavailable\r\ncontent-type: text/plain; charset=utf-8\r\n"
    b"content-length: %d\r\nconnection: close\r\n\r\n%s" % (len(_REFUSAL), _REFUSAL)
)


@dataclass(slots=True, kw_only=True)
class ConnectionLimits:
    """Limits of the connections of one server, and the number that is open.

    Attributes:
        per_address: [A] connections of one client address; a browser opens up to six, and a class
            of thirty may share one router.
        header_seconds: [A] time for the headers of a request.
        write_seconds: [A] time for which a client may leave a response unread.
        open: number of open connections by client address, without websockets.
    """

    per_address: int = 200
    header_seconds: float = 10.0
    write_seconds: float = 30.0
    open: Counter[str] = field(default_factory=Counter)


def limited_protocol(limits: ConnectionLimits) -> type[H11Protocol]:
    """Return a protocol for ``uvicorn.Config(http=...)`` that enforces limits."""

    class LimitedProtocol(H11Protocol):
        """An HTTP connection that closes itself when its client is too slow."""

        _address: str | None = None  # None: not counted
        _timer: asyncio.TimerHandle | None = None
        _write_timer: asyncio.TimerHandle | None = None

        def connection_made(self, transport: Any) -> None:
            """Count the connection and wait for a request, or refuse it."""
            super().connection_made(transport)
            address = str(self.client[0]) if self.client else ""
            if limits.open[address] >= limits.per_address:
                transport.write(_REFUSED)
                transport.close()
                return
            limits.open[address] += 1
            self._address = address
            self._watch_headers()

        def connection_lost(self, exc: Exception | None) -> None:
            """Stop counting the connection."""
            self._release()
            super().connection_lost(exc)

        def data_received(self, data: bytes) -> None:
            """Pass data on, and limit the time until the headers are complete."""
            if not self.transport.is_closing():
                super().data_received(data)
                self._watch_headers()

        def handle_websocket_upgrade(self, event: h11.Request) -> None:
            """Hand the connection over to the protocol of websockets, which the guard counts."""
            self._release()
            super().handle_websocket_upgrade(event)

        def pause_writing(self) -> None:
            """Limit the time for which a response waits for its client."""
            super().pause_writing()
            abort = self.transport.abort
            self._write_timer = self.loop.call_later(limits.write_seconds, abort)

        def resume_writing(self) -> None:
            """Continue a response that the client reads again."""
            super().resume_writing()
            self._write_timer = _cancel(self._write_timer)

        def _watch_headers(self) -> None:
            """Start the timer if the headers of a request are missing, stop it otherwise."""
            if self._address is None or self.conn.their_state is not h11.IDLE:
                self._timer = _cancel(self._timer)
            elif self._timer is None:
                close = self.transport.close
                self._timer = self.loop.call_later(limits.header_seconds, close)

        def _release(self) -> None:
            """Stop counting the connection, once."""
            self._timer, self._write_timer = _cancel(self._timer), _cancel(self._write_timer)
            if self._address is not None:
                limits.open[self._address] -= 1
                limits.open += Counter()  # drop addresses without connections
                self._address = None

    return LimitedProtocol


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    """Cancel a timer, if there is one."""
    if timer is not None:
        timer.cancel()
