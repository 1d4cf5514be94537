"""Read and write a page's messages with Solara's server, and open a page without a browser.

Solara uses Jupyter's kernel protocol over a websocket. A page requests the app, receives every
widget and widget change, and reports clicks, moves and drawn frames. ``HeadlessPage`` does the same
except drawing, so that thirty pages use little processor time next to the server that they measure.
"""

from __future__ import annotations

import asyncio
import json
import struct
import time
import uuid
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.client import HTTPConnection
from typing import Any
from urllib.parse import urlsplit

from benchmarks.measurement import BenchmarkError
from viz.screen.session.runloop import FASTEST

_CONTROL = "solara.control"  # channel in which a page requests the app
_RUN = {"path": "/", "dark": False, "themes": {"light": {}, "dark": {}}, "appName": None}
_PATIENCE = 180.0  # seconds to wait for a busy server's first responses


@dataclass(frozen=True, slots=True)
class Message:
    """One message: kind, widget, method, the widget's (changed) state, and size in bytes."""

    kind: str
    widget: str = ""
    method: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0


def parse_message(data: str | bytes) -> Message:
    """Parse a message, or raise ``ValueError`` if it is invalid.

    A message with buffers is binary. It holds the number of parts, the offset of each part, and the
    parts. The first part is the message. All numbers are big-endian and have four bytes.
    """
    size = len(data.encode()) if isinstance(data, str) else len(data)
    try:
        message = json.loads(data if isinstance(data, str) else _first_part(data))
        content = message.get("content", {})
        body = content.get("data") or {}
        kind, widget = message["header"]["msg_type"], content.get("comm_id", "")
        return Message(kind, widget, body.get("method", ""), body.get("state") or {}, size)
    except (struct.error, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"invalid message: {error}") from None


def _first_part(data: bytes) -> bytes:
    """Return a binary message's first part."""
    (parts,) = struct.unpack_from("!I", data)
    offsets = struct.unpack_from(f"!{parts}I", data, 4)
    return data[offsets[0] : offsets[1] if parts > 1 else None]


def format_message(kind: str, content: Mapping[str, Any], session: str) -> str:
    """Format a message as a page sends it.

    Args:
        kind: type of the message.
        content: content of the message.
        session: id of the page's session.

    Returns:
        The message as JSON.
    """
    header = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": session,
        "username": "",
        "version": "5.2",
    }
    message = {"buffers": [], "channel": "shell", "content": content, "header": header}
    return json.dumps(message | {"metadata": {}, "parent_header": {}})


class HeadlessPage:
    """A page without a browser: it acknowledges frames, but draws none."""

    def __init__(self, url: str, query: str = "") -> None:
        """Prepare a page.

        Args:
            url: address of the server, without a slash at the end.
            query: query of the page, with its question mark.
        """
        self.widgets: dict[str, dict[str, Any]] = {}  # states by widget id
        self.drawn = self.messages = 0  # frames acknowledged, and messages received
        self._url, self._query, self._host = url, query, urlsplit(url).netloc
        self._session, self._kernel = str(uuid.uuid4()), str(uuid.uuid4())
        self._socket: Any = None
        self._listener: asyncio.Task[None] | None = None

    async def open(self) -> None:
        """Load the page, open its websocket and request the app."""
        await self.connect()
        self._listener = asyncio.create_task(self._listen())
        control = uuid.uuid4().hex
        await self._send("kernel_info_request")
        await self._send("comm_open", comm_id=control, target_name=_CONTROL, data={})
        run = {"method": "run", "args": _RUN | {"path": f"/{self._query}"}}
        await self._send("comm_msg", comm_id=control, data=run)

    async def connect(self) -> None:
        """Load the page and open its websocket."""
        from websockets.asyncio.client import connect
        from websockets.typing import Origin

        cookie = await asyncio.to_thread(_request, "GET", self._host, f"/{self._query}")
        path = f"/jupyter/api/kernels/{self._kernel}/channels?session_id={self._session}"
        self._socket = await connect(
            f"ws://{self._host}{path}",
            additional_headers={"Cookie": (cookie or "").partition(";")[0]},
            origin=Origin(self._url),
            compression=None,
            max_size=None,
            ping_interval=None,
            proxy=None,
            open_timeout=_PATIENCE,
        )

    async def wait_ready(self) -> None:
        """Wait until both worlds can be run."""
        while not (self._run_button() and self._speed_slider() and self._n_maps() >= 2):
            if self._listener is None or self._listener.done():
                raise BenchmarkError("the server closed a new page")
            await asyncio.sleep(0.1)

    async def click_run(self) -> None:
        """Press the button that runs and pauses."""
        click = {"event": "click", "data": {}}
        await self._send_data(self._run_button(), {"method": "custom", "content": click})

    async def set_speed(self, days: int) -> None:
        """Set the speed in days per second."""
        await self._update(self._speed_slider(), v_model=days)

    async def close(self) -> None:
        """Close the page and report it to the server, as a browser does."""
        path = f"/_solara/api/close/{self._kernel}?session_id={self._session}"
        await asyncio.to_thread(_request, "POST", self._host, path)
        await self.abort()

    async def abort(self) -> None:
        """Close the connection without a report, as if the machine were switched off."""
        if self._listener is not None:
            self._listener.cancel()
        if self._socket is not None:
            self._socket.transport.abort()

    async def _listen(self) -> None:
        """Receive messages, and acknowledge every frame as the map would."""
        async for data in self._socket:
            message = parse_message(data)
            self.messages += 1
            self._apply(message)
            answers = self.widgets.get(message.widget, {}).get("answers")
            if answers and "serial" in message.state:
                self.drawn += message.method == "update"
                await self._update(message.widget, ack=message.state["serial"])

    def _apply(self, message: Message) -> None:
        """Add, change or remove the widget to which a message refers."""
        if message.kind == "comm_open":
            self.widgets[message.widget] = dict(message.state)
        elif message.kind == "comm_close":
            self.widgets.pop(message.widget, None)
        elif message.method == "update" and message.widget in self.widgets:
            self.widgets[message.widget].update(message.state)

    def _n_maps(self) -> int:
        """Count the maps, which are the widgets that acknowledge frames."""
        return sum("ack" in state for state in self.widgets.values())

    def _run_button(self) -> str | None:
        """Return the button that runs the worlds, None while it is missing or disabled."""
        for widget, state in self.widgets.items():
            if "tb-run" in (state.get("class_") or "").split() and not state.get("disabled"):
                return widget
        return None

    def _speed_slider(self) -> str | None:
        """Return the speed slider, which is recognised by its range."""
        for widget, state in self.widgets.items():
            kind = (state.get("_model_name"), state.get("min"), state.get("max"))
            if kind == ("SliderModel", 1, FASTEST):
                return widget
        return None

    async def _update(self, widget: str | None, **state: Any) -> None:
        await self._send_data(widget, {"method": "update", "state": state, "buffer_paths": []})

    async def _send_data(self, widget: str | None, data: Mapping[str, Any]) -> None:
        if widget is None:
            raise BenchmarkError("the page of the screen lacks a widget that the benchmark uses")
        await self._send("comm_msg", comm_id=widget, data=data)

    async def _send(self, kind: str, **content: Any) -> None:
        await self._socket.send(format_message(kind, content, self._session))


def _request(method: str, host: str, path: str) -> str | None:
    """Send an HTTP request and return the response cookie."""
    connection = HTTPConnection(host, timeout=_PATIENCE)
    try:
        connection.request(method, path)
        response = connection.getresponse()
        response.read()
    except OSError as error:
        raise BenchmarkError(f"the page of the screen cannot be loaded: {error}") from None
    finally:
        connection.close()
    if response.status != 200:
        raise BenchmarkError(f"the page of the screen was refused with status {response.status}")
    return response.getheader("Set-Cookie")
