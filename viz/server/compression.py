"""Compression of websocket messages (RFC 7692) with a limit on how much a message may expand.

Uvicorn limits the size of one message, but reads many compressed messages at once. Without this
limit, a page could send kilobytes that expand to gigabytes of memory.
"""

from __future__ import annotations

from typing import Any

from uvicorn.protocols.websockets import websockets_sansio_impl
from websockets.extensions.permessage_deflate import (
    PerMessageDeflate,
    ServerPerMessageDeflateFactory,
)
from websockets.frames import Frame

#: [A] largest ratio of a message to its compressed size, far above that of a page's messages, and
#: bytes that every message may have.
MOST_RATIO, FREE_BYTES = 64, 8192


class LimitedDeflate(PerMessageDeflate):
    """Extension with a limit: a frame that expands too much closes the connection as too big."""

    def decode(self, frame: Frame, *, max_size: int | None = None) -> Frame:
        """Return a frame with its content decompressed; raise ``PayloadTooBig`` above the limit."""
        most = MOST_RATIO * len(frame.data) + FREE_BYTES
        return super().decode(frame, max_size=most if max_size is None else min(max_size, most))


class LimitedDeflateFactory(ServerPerMessageDeflateFactory):
    """Negotiate the extension in the same way as websockets."""

    def process_request_params(self, params: Any, accepted_extensions: Any) -> Any:
        """Return the parameters of the response, and the extension with a limit."""
        parameters, found = super().process_request_params(params, accepted_extensions)
        limited = LimitedDeflate(
            found.remote_no_context_takeover,
            found.local_no_context_takeover,
            found.remote_max_window_bits,
            found.local_max_window_bits,
            found.compress_settings,
        )
        return parameters, limited


def limit_compression() -> None:
    """Make the websockets of Uvicorn use the limited extension."""
    name = "ServerPerMessageDeflateFactory"
    assert hasattr(websockets_sansio_impl, name)
    setattr(websockets_sansio_impl, name, LimitedDeflateFactory)
