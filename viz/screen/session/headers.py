"""HTTP headers of every response, with the strictest policy under which Solara works.

Solara's page contains inline scripts. The policy allows each of them by its hash, so that an
injected script does not run. It also allows `unsafe-eval`, because Vue compiles its templates in
the browser, and `blob:`, because widgets load their scripts from such URLs. It allows inline styles
and fonts, which the screen needs, and images that the page creates, which it needs to save charts.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

_ALWAYS: tuple[tuple[str, str], ...] = (
    ("x-content-type-options", "nosniff"),
    # With "no-referrer", browsers would send no origin with the message that a tab closes.
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "camera=(), geolocation=(), microphone=(), usb=()"),
)
_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_ELSEWHERE = re.compile(r"\bsrc\s*=", re.IGNORECASE)
_TYPE = re.compile(r"\btype\s*=\s*[\"']?([^\s\"'>]*)", re.IGNORECASE)
#: Solara's page disables zooming, which people with low vision need.
_NO_ZOOM = re.compile(rb", *maximum-scale=1, *user-scalable=no, *minimal-ui")
_RUN = ("", "module", "text/javascript", "application/javascript")


def script_hashes(page: str) -> list[str]:
    """Return the hashes of a page's inline scripts as sources for a content security policy."""
    # Browsers convert every line ending to one character before they compute a hash.
    scripts = _SCRIPT.findall(re.sub(r"\r\n?", "\n", page))
    digests = {
        hashlib.sha256(text.encode()).digest() for attributes, text in scripts if _runs(attributes)
    }
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(host: str, scripts: Iterable[str] = ()) -> str:
    """Build the content security policy of a page.

    Args:
        host: host and port from which the page comes.
        scripts: hashes of the inline scripts to allow.

    Returns:
        The value of the header.
    """
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self' 'unsafe-eval' blob:", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            # For older browsers, 'self' does not include websockets of the same host.
            f"connect-src 'self' ws://{host}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class HeaderSender:
    """ASGI `send` that adds the headers and allows visitors to zoom a page.

    A page is delayed until it is complete, because its policy needs the hashes of all scripts.

    Args:
        send: original ASGI function.
        host: the server's host and port, as in the request header.
    """

    def __init__(self, send: Send, host: str) -> None:
        self._send, self._host = send, host
        self._start: Message | None = None
        self._page = bytearray()

    async def send(self, message: Message) -> None:
        """Send a message with the headers added."""
        if message["type"] == "http.response.start":
            await self._begin(message)
        elif self._start is None:
            await self._send(message)
        else:
            self._page += message.get("body", b"")
            if not message.get("more_body"):
                await self._finish(self._start)

    async def _begin(self, start: Message) -> None:
        kind = next((v for k, v in start["headers"] if k.lower() == b"content-type"), b"")
        if kind.startswith(b"text/html"):
            self._start = start
        else:
            await self._send(_with_headers(start, _NOTHING))

    async def _finish(self, start: Message) -> None:
        # Spaces keep the length, which the header of the response already states.
        self._page = _NO_ZOOM.sub(lambda match: b" " * len(match[0]), self._page, count=1)
        scripts = script_hashes(self._page.decode("utf-8", "replace"))
        await self._send(_with_headers(start, content_security_policy(self._host, scripts)))
        await self._send({"type": "http.response.body", "body": bytes(self._page)})
        self._start = None


def _runs(attributes: str) -> bool:
    """Return whether a browser executes the text in a script element with these attributes."""
    kind = _TYPE.search(attributes)
    return not _ELSEWHERE.search(attributes) and (kind[1].lower() if kind else "") in _RUN


def _with_headers(start: Message, policy: str) -> Message:
    """Add the headers to the start of a response. They replace headers with the same names."""
    ours = {k.encode(): v.encode() for k, v in (*_ALWAYS, ("content-security-policy", policy))}
    if any(name.lower() == b"set-cookie" for name, _ in start["headers"]):
        ours[b"cache-control"] = b"no-store"
    others = [(name, value) for name, value in start["headers"] if name.lower() not in ours]
    return {**start, "headers": [*others, *ours.items()]}
