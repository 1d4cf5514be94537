"""A limit on the connections of one client: Uvicorn counts all clients together.

A single client that sends half a request a few hundred times would occupy every connection.
"""

from __future__ import annotations

from collections import Counter
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
        """Stop counting the connection; later calls have no effect."""
        if self._address is not None:
            self.n_open[self._address] -= 1
            self._address = None
