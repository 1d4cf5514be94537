"""Checks in front of Solara's server, which accepts requests from the pages of any site.

`Guard` refuses a request that names another host (against DNS rebinding, where a foreign name
resolves to this machine) or another origin, a websocket above the limits, a page of another
session, a message that no page sends, and a body that is too large. It also sets the headers of
`viz.screen.session.headers`.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import re
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from viz.screen.session.choice import MOST_CHARACTERS
from viz.screen.session.headers import HeaderSender
from viz.screen.session.visitors import Caps, VisitorLimits
from viz.server.messages import Verdict, check_message

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CDN = "/_solara/cdn/"
LOCAL = frozenset({"127.0.0.1", "localhost"})
_KERNEL = re.compile(r"/jupyter/api/kernels/([A-Za-z0-9-]{1,64})/channels")
_CLOSE = re.compile(r"/_solara/api/close/([A-Za-z0-9-]{1,64})")
_FILES = ("/static/", CDN, "/jupyter/nbextensions/")
_HIDDEN = (
    "/resourcez",
    "/_solara/api/evict",
    "/_solara/auth",
)  # for the operator, not for visitors
# Only a proxy sets these, and there is none; Solara would build its addresses from them.
_PROXY_HEADERS = re.compile(rb"forwarded|x-forwarded-.*|(x-)?script-name|x-real-ip", re.IGNORECASE)
_BODY_SECONDS = 10.0  # [A] time for the body of a request
_RUN_SECONDS = 10.0  # [A] time until a websocket requests the app
#: Codes with which a websocket is closed; `assets/custom.js` has the last one, too.
_INVALID, _UNUSED, _DISPLACED = 1008, 1001, 4001
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The names of this server, all at one port.

    With `by_address`, the local address at which a request arrives is also a valid name.
    """

    port: int
    names: frozenset[str] = LOCAL
    by_address: bool = False

    def matches(self, host: str, local_address: str) -> bool:
        """Return whether a `Host` header names this server.

        Args:
            host: value of the header.
            local_address: address of this machine at which the request arrived.

        Returns:
            True if name and port are those of this server.
        """
        name, colon, port = host.lower().partition(":")
        if (port if colon else "80") != str(self.port):
            return False
        return name in self.names or (self.by_address and name == local_address)


class Pages:
    """The open pages, as far as the guard needs them; this base class knows none."""

    def in_session(self, kernel_id: str, cookie: str) -> bool:
        """Return whether a visitor is unknown, or belongs to the session that a header names."""
        return True

    def has_page(self, kernel_id: str, page_id: str) -> bool:
        """Return whether a visitor has a page of this id."""
        return True

    def has_app(self, kernel_id: str) -> bool:
        """Return whether the app of a visitor was requested."""
        return False


class Guard:
    """An ASGI application that checks requests before it passes them to another application."""

    def __init__(
        self,
        app: App,
        hosts: Hosts,
        limits: VisitorLimits,
        assets: Path | None = None,
        pages: Pages | None = None,
    ) -> None:
        """Wrap an application.

        Args:
            app: the application that answers accepted requests.
            hosts: the names of this server.
            limits: the visitors and their limits.
            assets: folder of the files of Solara's page. Requests for other files are refused:
                Solara would download a missing file, and delete a folder of that name.
            pages: the open pages of the application.
        """
        self._app, self._hosts, self._limits, self._assets = app, hosts, limits, assets
        self._pages = pages or Pages()
        self._open: dict[_Messages, tuple[str, str]] = {}  # visitor and address of each websocket

    @property
    def _caps(self) -> Caps:
        return self._limits.caps

    @property
    def sockets(self) -> int:
        """Number of open websockets."""
        return len(self._open)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or refuse it.

        Args:
            scope, receive, send: as defined by ASGI.
        """
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = HeaderSender(send, _header(scope, b"host") or "").send
        refusal = (
            self._foreign(scope)
            or _long_query(scope)
            or _forbidden(scope)
            or self._missing_asset(scope["path"])
            or self._close_refusal(scope)
            or self._page_refusal(scope)
        )
        if refusal:
            await _respond(send, *refusal)
            return
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_body(scope, receive, self._caps.body)
        except TimeoutError:
            await _respond(send, 408, f"The body took more than {_BODY_SECONDS:g} seconds.")
            return
        except _GoneError:
            return
        if body is None:
            await _respond(send, 413, f"The body is larger than {self._caps.body:,} bytes.")
            return
        await self._app(_without_proxy_headers(scope), _replay_body(body, receive), send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _KERNEL.fullmatch(scope["path"]) if _has_session(scope) else None
        kernel_id, address = found[1] if found else "", _address(scope["client"])
        if refusal := (
            self._foreign(scope)
            or self._socket_refusal(kernel_id, address)
            or self._session_refusal(scope, kernel_id)
        ):
            await _refuse_socket(scope, receive, send, *refusal)
            return
        messages = _Messages(receive, send, started=self._pages.has_app(kernel_id))
        self._open[messages] = kernel_id, address
        displaced = self._limits.connect(kernel_id, address)
        try:
            for lost in [one for one, (visitor, _) in self._open.items() if visitor == displaced]:
                with contextlib.suppress(Exception):  # the other client may just be gone
                    await lost.close(_DISPLACED)
            receive = self._record_messages(kernel_id, messages.receive)
            await self._app(_without_proxy_headers(scope), receive, messages.send)
        except Exception:
            if not messages.closed:  # a closed websocket raises at the next message to it
                raise
        finally:
            self._limits.disconnect(kernel_id)
            del self._open[messages]

    def _foreign(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse another host or origin, and a remote websocket without an origin."""
        host = _header(scope, b"host")
        if host is None or not self._hosts.matches(host, _address(scope["server"])):
            return 403, "Unknown host name."
        if not _has_header(scope, b"origin"):
            remote = scope["type"] == "websocket" and not _same_machine(scope)
            return (403, "A websocket request needs an Origin header.") if remote else None
        if _header(scope, b"origin") != f"{_SCHEMES[scope['scheme']]}://{host}":
            return 403, "Pages of other sites may not use this server."
        return None

    def _socket_refusal(self, kernel_id: str, address: str) -> tuple[int, str] | None:
        """Refuse a websocket above the limits of websockets or of visitors."""
        caps = self._caps
        if not kernel_id:
            return 404, "There is no such websocket."
        here = sum(client == address for _, client in self._open.values())
        if self.sockets >= caps.sockets or here >= caps.sockets_per_address:
            return 503, "There are too many connections."
        return self._full(address, kernel_id)

    def _session_refusal(self, scope: Scope, kernel_id: str) -> tuple[int, str] | None:
        """Refuse a websocket to the page of another session."""
        own = self._pages.in_session(kernel_id, _header(scope, b"cookie") or "")
        return None if own else (403, "This page belongs to another visitor.")

    def _close_refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse a request to close a page that has the id of another one."""
        found = _CLOSE.fullmatch(scope["path"])
        if found is None or self._pages.has_page(found[1], _page_id(scope)):
            return None
        return 404, "There is no such page."

    def _missing_asset(self, path: str) -> tuple[int, str] | None:
        """Refuse a path below the assets that is not a file."""
        if self._assets is None or not path.startswith(CDN):
            return None
        parts = path.removeprefix(CDN).split("/")
        safe = all(part.strip(".") and not set(part) & set("\\:\0") for part in parts)
        found = safe and os.path.isfile(self._assets.joinpath(*parts))  # False for a long name
        return None if found else (404, "There is no such file.")

    def _page_refusal(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse the page if the limit of visitors is reached."""
        if scope["path"].startswith((*_FILES, "/_solara/", "/jupyter/", "/readyz")):
            return None
        return self._full(_address(scope["client"]))

    def _full(self, address: str, kernel_id: str = "") -> tuple[int, str] | None:
        refusal = self._limits.entry_refusal(kernel_id, address)
        return (503, str(refusal)) if refusal else None

    def _record_messages(self, kernel_id: str, receive: Receive) -> Receive:
        """Return a `receive` that reports every message of the page to the limits."""

        async def receive_and_touch() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                self._limits.touch(kernel_id)
            return message

        return receive_and_touch


class _GoneError(Exception):
    """The client has closed the connection."""


class _Messages:
    """The messages of one websocket; only those that a page can send reach the application."""

    def __init__(self, receive: Receive, send: Send, *, started: bool) -> None:
        self.closed = False
        self._receive, self._send = receive, send
        self._left = None if started else _RUN_SECONDS  # time left to request the app

    async def send(self, message: Message) -> None:
        """Send a message, unless the websocket is closed."""
        if not self.closed:
            self.closed = message["type"] == "websocket.close"
            await self._send(message)

    async def close(self, code: int) -> None:
        """Close the websocket."""
        await self.send({"type": "websocket.close", "code": code, "reason": ""})

    async def receive(self) -> Message:
        """Return the next message for the application."""
        while not self.closed:
            try:
                message = await self._next()
            except TimeoutError:
                await self.close(_UNUSED)
                break
            if message["type"] != "websocket.receive":
                return message
            verdict = check_message(message)
            if verdict is Verdict.CLOSE:
                await self.close(_INVALID)
                break
            if verdict is Verdict.RUN:
                self._left = None
            if verdict is not Verdict.IGNORE:
                return message
        return {"type": "websocket.disconnect", "code": _INVALID}

    async def _next(self) -> Message:
        """Return the next message; only the time of this wait counts, not that of the server."""
        clock = asyncio.get_running_loop().time
        began = clock()
        async with asyncio.timeout(self._left):
            message = await self._receive()
        if self._left is not None and message["type"] != "websocket.connect":
            self._left = max(0.01, self._left - (clock() - began))
        return message


def _forbidden(scope: Scope) -> tuple[int, str] | None:
    """Refuse paths and methods that the page does not use."""
    path, method = scope["path"], scope["method"]
    if path.startswith(_HIDDEN):
        return 404, "There is nothing here."
    if method in ("GET", "HEAD"):
        return None
    closes_page = method == "POST" and _CLOSE.fullmatch(path) and _has_session(scope)
    return None if closes_page else (405, "Only GET and HEAD are allowed.")


def _long_query(scope: Scope) -> tuple[int, str] | None:
    """Refuse an address that is too long for the screen."""
    if len(scope["query_string"]) <= MOST_CHARACTERS:
        return None
    return 414, f"The address has more than {MOST_CHARACTERS:,} characters after the question mark."


def _has_session(scope: Scope) -> bool:
    """Return whether a request names its session, without which Solara fails."""
    return any(key == b"session_id" for key, _ in parse_qsl(scope["query_string"]))


def _page_id(scope: Scope) -> str:
    """Return the page that a request names; if several, the last one, as in Solara."""
    values = [value for key, value in parse_qsl(scope["query_string"]) if key == b"session_id"]
    return values[-1].decode("latin-1") if values else ""


async def _read_body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """Read the whole body. Return None if it is too large; read nothing if none is announced."""
    announced = _header(scope, b"content-length") or "0"
    if not announced.isdecimal() or int(announced) > most:
        return None
    if announced == "0" and not _has_header(scope, b"transfer-encoding"):
        return b""
    body = bytearray()
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise _GoneError
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _replay_body(body: bytes, receive: Receive) -> Receive:
    """Return a `receive` that first returns the body, which has been read already."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def receive_again() -> Message:
        return waiting.pop() if waiting else await receive()

    return receive_again


def _without_proxy_headers(scope: Scope) -> Scope:
    """Drop headers of proxies, and prevent compression of pages, whose scripts must be hashed."""
    page = not scope["path"].startswith(_FILES)
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if not _PROXY_HEADERS.fullmatch(name) and not (page and name == b"accept-encoding")
    ]
    return {**scope, "headers": kept}


async def _respond(send: Send, status: int, text: str) -> None:
    """Send a refusal as plain text."""
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _refuse_socket(
    scope: Scope, receive: Receive, send: Send, status: int, text: str
) -> None:
    """Refuse a websocket before it opens, with a status if the server supports it."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    await send({"type": "websocket.http.response.start", "status": status, "headers": []})
    await send({"type": "websocket.http.response.body", "body": text.encode()})


def _header_values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _has_header(scope: Scope, name: bytes) -> bool:
    return bool(_header_values(scope, name))


def _header(scope: Scope, name: bytes) -> str | None:
    """Return a header; None if it is missing or occurs several times."""
    found = _header_values(scope, name)
    return found[0].decode("latin-1") if len(found) == 1 else None


def _address(end: Any) -> str:
    """Return the address of one end of a connection."""
    return str(end[0]) if end else ""


def _same_machine(scope: Scope) -> bool:
    """Return whether a request comes from this machine."""
    client = _address(scope["client"])
    return client.startswith("127.") or client == _address(scope["server"]) != ""
