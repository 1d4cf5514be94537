"""The headers of every answer, and the least that a browser must allow for Solara to work.

Solara's page has scripts written into it. They are allowed one by one, by their script_hashes, so that a
script that got into the page some other way does not run. What is needed beyond that:
`unsafe-eval`, because Vue compiles its templates in the browser; `blob:`, because widgets bring
their scripts so; styles and fonts written into elements and style sheets; pictures that the page
made itself, which is how a chart is saved. Each of these but the last was tried without.
"""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from typing import Any

Message = MutableMapping[str, Any]
Send = Callable[[Message], Awaitable[None]]

ALWAYS: tuple[tuple[str, str], ...] = (
    ("x-content-type-options", "nosniff"),
    # not "no-referrer": with it, browsers say that the farewell of a closed tab comes from nowhere
    ("referrer-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    ("permissions-policy", "recorder=(), geolocation=(), microphone=(), usb=()"),
)
"""What every answer says, whatever it holds."""

_NOTHING = "default-src 'none'; frame-ancestors 'none'"
_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script\s*>", re.DOTALL | re.IGNORECASE)
_ELSEWHERE = re.compile(r"\bsrc\s*=", re.IGNORECASE)
_TYPE = re.compile(r"\btype\s*=\s*[\"']?([^\s\"'>]*)", re.IGNORECASE)
_RUN = ("", "module", "text/javascript", "application/javascript")


def script_hashes(page: str) -> list[str]:
    """The script_hashes of the scripts that are written into a page, as a policy names them."""
    # browsers see every end of line as one letter
    found = _SCRIPT.findall(re.sub(r"\r\n?", "\n", page))
    digests = {hashlib.sha256(text.encode()).digest() for how, text in found if _runs(how)}
    return sorted(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)


def content_security_policy(host: str, scripts: Iterable[str] = ()) -> str:
    """The content security policy of a page that came from `host`."""
    return "; ".join(
        (
            "default-src 'none'",
            " ".join(("script-src 'self' 'unsafe-eval' blob:", *scripts)),
            "style-src 'self' 'unsafe-inline'",
            "img-src 'self' data: blob:",
            "font-src 'self' data:",
            # older browsers do not count websockets of the same host as 'self'
            f"connect-src 'self' ws://{host}",
            "base-uri 'none'",
            "form-action 'none'",
            "frame-ancestors 'none'",
        )
    )


class HeaderSender:
    """A `send` that adds the headers; a page is held back until its scripts are known."""

    def __init__(self, send: Send, host: str) -> None:
        self._send, self._host = send, host
        self._start: Message | None = None
        self._page = bytearray()

    async def send(self, message: Message) -> None:
        """Pass a message on, with headers."""
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
            await self._send(_with(start, _NOTHING))

    async def _finish(self, start: Message) -> None:
        scripts = script_hashes(self._page.decode("utf-8", "replace"))
        await self._send(_with(start, content_security_policy(self._host, scripts)))
        await self._send({"type": "http.response.body", "body": bytes(self._page)})
        self._start = None


def _runs(attributes: str) -> bool:
    """Whether a browser would run what is inside a script element with these attributes."""
    kind = _TYPE.search(attributes)
    return not _ELSEWHERE.search(attributes) and (kind[1].lower() if kind else "") in _RUN


def _with(start: Message, content: str) -> Message:
    """The start of an answer with our headers in place of its own of the same name."""
    ours = {k.encode(): v.encode() for k, v in (*ALWAYS, ("content-security-policy", content))}
    kept = [(name, value) for name, value in start["headers"] if name.lower() not in ours]
    return {**start, "headers": [*kept, *ours.items()]}
