"""Connections of Uvicorn with limits: slow or silent clients, and many connections of one client.

Uvicorn waits without limit for the headers of a request, and counts all clients together: a single
client that sends half a request a few hundred times would occupy every connection. If several
clients have as many connections as they may, their oldest connections are closed to admit others.
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
        total: [A] connections of all addresses. A further one closes the oldest connection of the
            address with the most. Must be below Uvicorn's limit, at which every request is refused.
        header_seconds: [A] time for the headers of a request.
        write_seconds: [A] time for which a client may leave a response unread.
        end_seconds: [A] time to finish a response when the server stops.
        open: number of open connections by client address, without websockets.
        oldest: the same connections, from the oldest to the newest.
    """

    per_address: int = 200
    total: int = 400
    header_seconds: float = 10.0
    write_seconds: float = 30.0
    end_seconds: float = 1.0
    open: Counter[str] = field(default_factory=Counter)
    oldest: dict[H11Protocol, str] = field(default_factory=dict)

    def make_room(self) -> None:
        """If the limit is reached, close the oldest connection of the address with the most."""
        if len(self.oldest) >= self.total:
            ((address, _),) = self.open.most_common(1)
            victim = next(one for one, own in self.oldest.items() if own == address)
            self.remove(victim)
            victim.transport.abort()

    def add(self, connection: H11Protocol, address: str) -> None:
        """Count a new connection.

        Args:
            connection: the connection.
            address: network address of the client.
        """
        self.open[address] += 1
        self.oldest[connection] = address

    def remove(self, connection: H11Protocol) -> None:
        """Stop counting a connection; one that is not counted is ignored."""
        address = self.oldest.pop(connection, None)
        if address is not None:
            self.open[address] -= 1
            self.open += Counter()  # drop addresses without connections


def limited_protocol(limits: ConnectionLimits) -> type[H11Protocol]:
    """Return a protocol for ``uvicorn.Config(http=...)`` that enforces limits."""

    class LimitedProtocol(H11Protocol):
        """An HTTP connection that closes itself when its client is too slow."""

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
            limits.make_room()
            limits.add(self, address)
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
            """Pass the connection to the websocket protocol; the guard counts websockets."""
            self._release()
            super().handle_websocket_upgrade(event)

        def shutdown(self) -> None:
            """Close when the server stops, even if the client neither reads nor sends."""
            super().shutdown()
            self.loop.call_later(limits.end_seconds, self.transport.abort)

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
            if self not in limits.oldest or self.conn.their_state is not h11.IDLE:
                self._timer = _cancel(self._timer)
            elif self._timer is None:
                close = self.transport.close
                self._timer = self.loop.call_later(limits.header_seconds, close)

        def _release(self) -> None:
            """Stop counting the connection; later calls have no effect."""
            self._timer, self._write_timer = _cancel(self._timer), _cancel(self._write_timer)
            limits.remove(self)

    return LimitedProtocol


def _cancel(timer: asyncio.TimerHandle | None) -> None:
    """Cancel a timer, if there is one."""
    if timer is not None:
        timer.cancel()
