"""Check requests before Solara's server, which accepts requests from pages of any site.

`Guard` refuses requests for another host, because with DNS rebinding a foreign name resolves to
this machine. It also refuses requests from another origin, websockets above the limits, and bodies
and messages that are too large. It adds the headers in `viz.screen.session.headers`, and reports to
runs which frames their pages have drawn.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import os
import re
import struct
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

from viz.screen.session.choice import MOST_CHARACTERS
from viz.screen.session.headers import HeaderSender
from viz.screen.session.visitors import VisitorLimits

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]
Refusal = tuple[int, str]  # HTTP status and reason

CDN = "/_solara/cdn/"
LOCAL = frozenset({"127.0.0.1", "localhost"})
_KERNEL = re.compile(r"/jupyter/api/kernels/([A-Za-z0-9-]{1,64})/channels")
_CLOSE = re.compile(r"/_solara/api/close/[A-Za-z0-9-]{1,64}")
_FILES = ("/static/", CDN, "/jupyter/nbextensions/")
_HIDDEN = ("/resourcez", "/_solara/api/evict", "/_solara/auth")  # paths that no page needs
# Solara would use these headers to build its addresses.
_PROXY_HEADERS = re.compile(rb"forwarded|x-forwarded-.*|(x-)?script-name|x-real-ip", re.IGNORECASE)
#: Codes with which a websocket is closed. `assets/custom.js` contains the second code too.
_INVALID, _DISPLACED = 1008, 4001
_SCHEMES = {"http": "http", "ws": "http", "https": "https", "wss": "https"}
#: Maximum number of bytes in a message, excluding its buffers, and maximum number of its parts. An
#: upload has two parts.
_MAX_JSON, _MAX_PARTS = 2**17, 64
_MAX_ACKNOWLEDGEMENT = 2**10  # characters


@dataclass(frozen=True, slots=True, kw_only=True)
class Hosts:
    """Names of this server, all at one port.

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
        """
        name, colon, port = host.lower().partition(":")
        if (port if colon else "80") != str(self.port):
            return False
        return name in self.names or (self.by_address and name == local_address)


class Guard:
    """ASGI application that checks requests before it passes them to another application."""

    def __init__(
        self, app: App, hosts: Hosts, limits: VisitorLimits, assets: Path | None = None
    ) -> None:
        """Wrap an application.

        Args:
            app: application that answers accepted requests.
            hosts: names of this server.
            limits: visitors and their limits.
            assets: folder with the files of Solara's page. Requests for other files are refused,
                because Solara would download a missing file and delete a folder with its name.
        """
        self._app, self._hosts, self._limits, self._assets = app, hosts, limits, assets
        self._open: list[_Socket] = []

    @property
    def sockets(self) -> int:
        """Return the number of open websockets."""
        return len(self._open)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass a request to the application, or refuse it.

        Args:
            scope, receive, send: as defined by ASGI.
        """
        kinds = {"http": self._http, "websocket": self._websocket}
        await kinds.get(scope["type"], self._app)(scope, receive, send)

    async def _http(self, scope: Scope, receive: Receive, send: Send) -> None:
        send = HeaderSender(send, _header(scope, b"host") or "").send
        refusal = (
            self._foreign(scope)
            or _forbidden(scope)
            or self._missing_asset(scope["path"])
            or self._page_refusal(scope)
            or _body_refusal(scope, self._limits.caps.body)
        )
        if refusal:
            await _refuse(scope, receive, send, *refusal)
        else:
            await self._app(_without_proxy_headers(scope), receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        match = _KERNEL.fullmatch(scope["path"]) if _has_session(scope) else None
        kernel_id, address = match[1] if match else "", _address(scope["client"])
        if refusal := self._foreign(scope) or self._socket_refusal(kernel_id, address):
            await _refuse(scope, receive, send, *refusal)
            return
        websocket = _Socket(kernel_id, address, receive, send, self._limits)
        self._open.append(websocket)
        displaced = self._limits.connect(kernel_id, address)
        try:
            for other in [other for other in self._open if other.kernel_id == displaced]:
                with contextlib.suppress(Exception):  # The other client may have left meanwhile.
                    await other.close(_DISPLACED)
            await self._app(_without_proxy_headers(scope), websocket.receive, websocket.send)
        except Exception:
            if not websocket.is_closed:  # Sending to a closed websocket raises an error.
                raise
        finally:
            self._limits.disconnect(kernel_id)
            self._open.remove(websocket)

    def _foreign(self, scope: Scope) -> Refusal | None:
        """Refuse requests for another host or from another origin.

        A websocket without an origin is refused if it comes from another machine.
        """
        host = _header(scope, b"host")
        if host is None or not self._hosts.matches(host, _address(scope["server"])):
            return 403, "Unknown host name."
        if not _header_values(scope, b"origin"):
            client, server = _address(scope["client"]), _address(scope["server"])
            local = client.startswith("127.") or client == server != ""
            remote = scope["type"] == "websocket" and not local
            return (403, "A websocket request needs an Origin header.") if remote else None
        if _header(scope, b"origin") != f"{_SCHEMES[scope['scheme']]}://{host}":
            return 403, "Pages of other sites may not use this server."
        return None

    def _socket_refusal(self, kernel_id: str, address: str) -> Refusal | None:
        """Refuse a websocket above the limits on websockets or visitors."""
        caps = self._limits.caps
        if not kernel_id:
            return 404, "This websocket does not exist."
        of_address = sum(websocket.address == address for websocket in self._open)
        if self.sockets >= caps.sockets or of_address >= caps.sockets_per_address:
            return 503, "There are too many connections."
        return self._full(address, kernel_id)

    def _missing_asset(self, path: str) -> Refusal | None:
        """Refuse a path below the assets that is not a file."""
        if self._assets is None or not path.startswith(CDN):
            return None
        parts = path.removeprefix(CDN).split("/")
        is_safe = all(part.strip(".") and not set(part) & set("\\:\0") for part in parts)
        # Unlike Path.is_file, os.path.isfile returns False for a name that is too long.
        if is_safe and os.path.isfile(self._assets.joinpath(*parts)):
            return None
        return 404, "This file does not exist."

    def _page_refusal(self, scope: Scope) -> Refusal | None:
        """Refuse the page if the limit on visitors is reached."""
        if scope["path"].startswith((*_FILES, "/_solara/", "/jupyter/", "/readyz")):
            return None
        return self._full(_address(scope["client"]))

    def _full(self, address: str, kernel_id: str = "") -> Refusal | None:
        reason = self._limits.entry_refusal(kernel_id, address)
        return (503, reason) if reason else None


class _Socket:
    """A websocket. A message that is too large closes it."""

    def __init__(
        self, kernel_id: str, address: str, receive: Receive, send: Send, limits: VisitorLimits
    ) -> None:
        self.kernel_id, self.address, self.is_closed = kernel_id, address, False
        self._receive, self._send, self._limits = receive, send, limits
        self._session = ""  # session id of the kernel, which all messages to a page contain

    async def send(self, message: Message) -> None:
        """Send a message, unless the websocket is closed."""
        if not self.is_closed:
            self.is_closed = message["type"] == "websocket.close"
            if not self._session:
                with contextlib.suppress(ValueError, LookupError, TypeError):
                    self._session = json.loads(message["text"])["header"]["session"]
            await self._send(message)

    async def close(self, code: int) -> None:
        """Close the websocket."""
        await self.send({"type": "websocket.close", "code": code, "reason": ""})

    async def receive(self) -> Message:
        """Return the next message for the application, and report it to the visitor limits."""
        while not self.is_closed:
            message = await self._receive()
            if message["type"] != "websocket.receive":
                return message
            self._limits.touch(self.kernel_id)
            if not _is_readable(text := message.get("text"), message.get("bytes") or b""):
                await self.close(_INVALID)
            elif not self.is_closed and not await self._acknowledge(text or ""):
                return message
        return {"type": "websocket.disconnect", "code": _INVALID}

    async def _acknowledge(self, text: str) -> bool:
        """Handle a message that acknowledges a frame, and return whether it was such a message.

        The guard handles it, because the application would need milliseconds and another thread.
        """
        header, serial = _acknowledgement(text)
        if not (self._session and header and self._limits.acknowledge(self.kernel_id, serial)):
            return False
        status = {
            "header": header | {"msg_type": "status", "session": self._session},
            "parent_header": header,
            "content": {"execution_state": "idle"},
            "metadata": {},
            "channel": "iopub",
        }
        await self.send({"type": "websocket.send", "text": json.dumps(status)})
        return True


def _acknowledgement(text: str) -> tuple[dict[str, Any], int]:
    """Return the header and the frame number of an acknowledgement, or {} and 0."""
    if '"ack"' in text and len(text) <= _MAX_ACKNOWLEDGEMENT:
        with contextlib.suppress(ValueError, LookupError, TypeError):
            message = json.loads(text)
            header, state = message["header"], message["content"]["data"]["state"]
            is_change = header["msg_type"] == "comm_msg" and list(state) == ["ack"]
            if is_change and type(serial := state["ack"]) is int:
                return header, serial
    return {}, 0


def _is_readable(text: str | None, data: bytes) -> bool:
    """Return whether a message can be read with little memory.

    Solara copies every part of a binary message, and trusts the announced number and offsets.
    """
    if text is not None:
        return len(text) <= _MAX_JSON
    if len(data) < 8:
        return False
    (n_parts,) = struct.unpack_from("!I", data)
    if not 1 <= n_parts <= _MAX_PARTS or len(data) < 4 * (n_parts + 1):
        return False
    offsets = (*struct.unpack_from(f"!{n_parts}I", data, 4), len(data))
    is_ascending = all(a <= b for a, b in itertools.pairwise(offsets))
    return is_ascending and offsets[1] - offsets[0] <= _MAX_JSON


def _forbidden(scope: Scope) -> Refusal | None:
    """Refuse paths, methods and addresses that the page does not use."""
    path, method = scope["path"], scope["method"]
    if path.startswith(_HIDDEN):
        return 404, "This page does not exist."
    closes_page = method == "POST" and _CLOSE.fullmatch(path) and _has_session(scope)
    if method not in ("GET", "HEAD") and not closes_page:
        return 405, "Only GET and HEAD are allowed."
    if len(scope["query_string"]) > MOST_CHARACTERS:
        text = f"The address has more than {MOST_CHARACTERS:,} characters after the question mark."
        return 414, text
    return None


def _body_refusal(scope: Scope, max_bytes: int) -> Refusal | None:
    """Refuse a body that is too large or whose size is unknown."""
    size = _header(scope, b"content-length") or "0"
    if _header_values(scope, b"transfer-encoding"):
        return 411, "The size of the body is missing."
    if not size.isdecimal() or int(size) > max_bytes:
        return 413, f"The body is larger than {max_bytes:,} bytes."
    return None


def _has_session(scope: Scope) -> bool:
    """Return whether a request contains a session id, without which Solara fails."""
    return any(key == b"session_id" for key, _ in parse_qsl(scope["query_string"]))


def _without_proxy_headers(scope: Scope) -> Scope:
    """Remove proxy headers, and for pages the header that allows compression.

    The scripts of a compressed page could not be hashed.
    """
    page = not scope["path"].startswith(_FILES)
    headers = [
        (name, value)
        for name, value in scope["headers"]
        if not _PROXY_HEADERS.fullmatch(name) and not (page and name == b"accept-encoding")
    ]
    return {**scope, "headers": headers}


async def _refuse(scope: Scope, receive: Receive, send: Send, status: int, reason: str) -> None:
    """Answer a request, or a websocket before it opens, with the reason as plain text."""
    from starlette.responses import PlainTextResponse  # The extra "screen" may not be installed.

    if scope["type"] == "websocket":
        await receive()
    await PlainTextResponse(reason, status, {"connection": "close"})(scope, receive, send)


def _header_values(scope: Scope, name: bytes) -> list[bytes]:
    return [value for key, value in scope["headers"] if key.lower() == name]


def _header(scope: Scope, name: bytes) -> str | None:
    """Return a header, or None if it is missing or occurs several times."""
    values = _header_values(scope, name)
    return values[0].decode("latin-1") if len(values) == 1 else None


def _address(end: Any) -> str:
    """Return the address at one end of a connection, or "" if it is unknown."""
    return str(end[0]) if end else ""
