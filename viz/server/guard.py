"""What stands before Solara's server, which takes a call from any page of any site.

`Guard` refuses what comes from elsewhere: another name of the host (so that a name pointed at this
machine, DNS rebinding, gains nothing), another origin, a websocket that is one too many, a body
that is too large. It also sets the headers of `viz.screen.headers`.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viz.screen.headers import HeaderSender
from viz.screen.visitors import Caps, VisitorLimits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

CDN = "/_solara/cdn/"
LOCAL = frozenset({"127.0.0.1", "localhost"})
_KERNEL = re.compile(r"/jupyter/api/kernels/([A-Za-z0-9-]{1,64})/channels")
_CLOSE = re.compile(r"/_solara/api/close/[A-Za-z0-9-]{1,64}")
_FILES = ("/static/", CDN, "/jupyter/nbextensions/")
_HIDDEN = ("/resourcez", "/_solara/api/evict", "/_solara/auth")  # of the server, not for visitors
# A proxy would set these; there is none, and Solara would build its addresses from them.
_OF_PROXIES = re.compile(rb"forwarded|x-forwarded-.*|(x-)?script-name|x-real-ip", re.IGNORECASE)
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """The names under which this server may be called, all at one port.

    With `by_address` also the address of this machine at which the call arrived, whichever it is.
    """

    port: int
    names: frozenset[str] = LOCAL
    by_address: bool = False

    def know(self, host: str, arrived_at: str) -> bool:
        """Whether a `Host` header means this server."""
        name, colon, port = host.lower().partition(":")
        if (port if colon else "80") != str(self.port):
            return False
        return name in self.names or (self.by_address and name == arrived_at)


class Guard:
    """An ASGI application around another; see the module.

    `assets` is the folder from which Solara gives what its page needs. What is not a file there is
    not passed on: Solara would look for it in the internet, and delete it if it is a folder.
    """

    def __init__(
        self, app: App, hosts: Hosts, visits: VisitorLimits, assets: Path | None = None
    ) -> None:
        self._app, self._hosts, self._visits, self._assets = app, hosts, visits, assets
        self._open: Counter[str] = Counter()  # sockets by address

    @property
    def _caps(self) -> Caps:
        return self._visits.caps

    @property
    def sockets(self) -> int:
        """Websockets that are open."""
        return self._open.total()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a call through, or refuse it."""
        if scope["type"] == "http":
            await self._http(scope, receive, send)
        elif scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        else:
            await self._app(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = HeaderSender(send, _one(scope, b"host") or "").send
        unwanted = _unwanted(scope) or self._absent(scope["path"])
        if refusal := self._foreign(scope) or unwanted or self._crowded(scope):
            await _answer(send, *refusal)
            return
        body = await _body(scope, receive, self._caps.body)
        if body is None:
            await _answer(send, 413, f"More than {self._caps.body:,} bytes are not taken.")
            return
        await self._app(_cleaned(scope), _told_again(body, receive), send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        found = _KERNEL.fullmatch(scope["path"]) if _names_page(scope) else None
        kernel_id, address = found[1] if found else "", _address(scope["client"])
        if refusal := self._foreign(scope) or self._no_place(kernel_id, address):
            await _deny(scope, receive, send, *refusal)
            return
        self._open[address] += 1
        try:
            await self._app(_cleaned(scope), self._listening(kernel_id, receive), send)
        finally:
            self._open[address] -= 1
            self._open += Counter()  # forget addresses without sockets

    def _foreign(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse another host and another origin; programs of other machines send no origin."""
        host, here = _one(scope, b"host"), _address(scope["server"])
        if host is None or not self._hosts.know(host, here):
            return 403, "This server is not known by that name."
        if not _has(scope, b"origin"):
            outside = scope["type"] == "websocket" and not _same_machine(scope)
            return (403, "A websocket must say where it comes from.") if outside else None
        if _one(scope, b"origin") != f"{_SCHEMES[scope['scheme']]}://{host}":
            return 403, "Pages of other sites may not call this server."
        return None

    def _no_place(self, kernel_id: str, address: str) -> tuple[int, str] | None:
        """Refuse a socket that is one too many, for all or for this address, or a new visitor."""
        caps = self._caps
        if not kernel_id:
            return 404, "There is no such socket."
        if self.sockets >= caps.sockets or self._open[address] >= caps.sockets_per_address:
            return 503, "There are too many connections."
        refusal = self._visits.entry_refusal(kernel_id)
        return (503, str(refusal)) if refusal else None

    def _absent(self, path: str) -> tuple[int, str] | None:
        """Refuse what is not a file among the assets."""
        if self._assets is None or not path.startswith(CDN):
            return None
        parts = path.removeprefix(CDN).split("/")
        plain = all(part.strip(".") and not set(part) & set("\\:\0") for part in parts)
        found = plain and self._assets.joinpath(*parts).is_file()
        return None if found else (404, "There is no such file.")

    def _crowded(self, scope: Scope) -> tuple[int, str] | None:
        """Refuse the page itself, in plain words, when there is no room for another visitor."""
        if scope["path"].startswith((*_FILES, "/_solara/", "/jupyter/", "/readyz")):
            return None
        refusal = self._visits.entry_refusal()
        return (503, str(refusal)) if refusal else None

    def _listening(self, kernel_id: str, receive: Receive) -> Receive:
        """Every word from the page is a sign of life."""

        async def hear() -> Message:
            message = await receive()
            if message["type"] == "websocket.receive":
                self._visits.touch(kernel_id)
            return message

        return hear


def _unwanted(scope: Scope) -> tuple[int, str] | None:
    """Refuse what no page of ours asks for."""
    path, method = scope["path"], scope["method"]
    if path.startswith(_HIDDEN):
        return 404, "There is nothing here."
    if method in ("GET", "HEAD"):
        return None
    farewell = method == "POST" and _CLOSE.fullmatch(path) and _names_page(scope)
    return None if farewell else (405, "Only reading is possible.")


def _names_page(scope: Scope) -> bool:
    """Whether a call says for which page it is; Solara breaks where it does not."""
    return b"session_id=" in scope["query_string"]


async def _body(scope: Scope, receive: Receive, most: int) -> bytes | None:
    """The whole body, or None if it is too large; nothing is read where none was announced."""
    announced = _one(scope, b"content-length") or "0"
    if not announced.isdecimal() or int(announced) > most:
        return None
    if announced == "0" and not _has(scope, b"transfer-encoding"):
        return b""
    body = bytearray()
    while True:
        message = await receive()
        body += message.get("body", b"")
        if len(body) > most:
            return None
        if not message.get("more_body"):
            return bytes(body)


def _told_again(body: bytes, receive: Receive) -> Receive:
    """A `receive` that gives the body first, and then what comes next."""
    waiting = [{"type": "http.request", "body": body, "more_body": False}]

    async def tell() -> Message:
        return waiting.pop() if waiting else await receive()

    return tell


def _cleaned(scope: Scope) -> Scope:
    """Without headers of proxies; pages come uncompressed, so that their scripts can be hashed."""
    page = not scope["path"].startswith(_FILES)
    kept = [
        (name, value)
        for name, value in scope["headers"]
        if not _OF_PROXIES.fullmatch(name) and not (page and name == b"accept-encoding")
    ]
    return {**scope, "headers": kept}


async def _answer(send: Send, status: int, text: str) -> None:
    """A refusal in plain text."""
    body = text.encode()
    headers = [
        (b"content-type", b"text/plain; charset=utf-8"),
        (b"content-length", str(len(body)).encode()),
        (b"connection", b"close"),
    ]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body, "more_body": False})


async def _deny(scope: Scope, receive: Receive, send: Send, status: int, text: str) -> None:
    """Refuse a websocket before it opens, with a status where the server can give one."""
    await receive()
    if "websocket.http.response" not in (scope.get("extensions") or {}):
        await send({"type": "websocket.close", "code": 1008, "reason": text})
        return
    start = {"type": "websocket.http.response.start", "status": status, "headers": []}
    await send(start)
    await send({"type": "websocket.http.response.body", "body": text.encode()})


def _values(scope: Scope, name: bytes) -> Iterable[bytes]:
    return (value for key, value in scope["headers"] if key.lower() == name)


def _has(scope: Scope, name: bytes) -> bool:
    return any(True for _ in _values(scope, name))


def _one(scope: Scope, name: bytes) -> str | None:
    """The one header of this name; None if there is none, or several that may differ."""
    found = list(_values(scope, name))
    return found[0].decode("latin-1") if len(found) == 1 else None


def _address(end: Any) -> str:
    """The address of one end of a connection."""
    return str(end[0]) if end else ""


def _same_machine(scope: Scope) -> bool:
    """Whether a call comes from the machine that it reaches."""
    client = _address(scope["client"])
    return client.startswith("127.") or client == _address(scope["server"]) != ""
