"""The words between a page and Solara's server, and a page that has only these words.

Solara speaks the protocol of Jupyter's kernels over a websocket. A page asks for the app, is told
of widgets one by one and of every change of them, and tells what was clicked, moved and drawn.
``Wire`` does all of it but the drawing, so that thirty of them do not eat the processor which they
are there to measure.
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

from experiments.bench import BenchError

_CONTROL = "solara.control"  # the channel on which a page asks for the app
_LOOK = {"path": "/", "dark": False, "themes": {"light": {}, "dark": {}}, "appName": None}
_PATIENCE = 60.0  # seconds for the first answers of a busy server


@dataclass(frozen=True, slots=True)
class Word:
    """One message: its kind, the widget it is about, what that widget is or becomes, its bytes."""

    kind: str
    widget: str = ""
    method: str = ""
    state: Mapping[str, Any] = field(default_factory=dict)
    size: int = 0

    @property
    def changes(self) -> bool:
        """Whether it tells a new state of a widget that is known."""
        return self.kind == "comm_msg" and self.method == "update"


def read(data: str | bytes) -> Word:
    """Take a message apart; raises ``ValueError`` where it is none.

    One with buffers is binary: how many parts there are, where each begins, and the parts, of
    which the first is the message (all numbers big-endian, four bytes).
    """
    size = len(data.encode()) if isinstance(data, str) else len(data)
    try:
        message = json.loads(data if isinstance(data, str) else _first(data))
        content = message.get("content", {})
        told = content.get("data") or {}
        return Word(
            message["header"]["msg_type"],
            content.get("comm_id", ""),
            told.get("method", ""),
            told.get("state") or {},
            size,
        )
    except (struct.error, KeyError, AttributeError, TypeError) as error:
        raise ValueError(f"not a message: {error}") from None


def _first(data: bytes) -> bytes:
    """The first part of a binary message."""
    (parts,) = struct.unpack_from("!I", data)
    begins = struct.unpack_from(f"!{parts}I", data, 4)
    return data[begins[0] : begins[1] if parts > 1 else None]


def write(kind: str, content: Mapping[str, Any], session: str) -> str:
    """A message as a page sends it."""
    header = {
        "date": time.strftime("%Y-%m-%dT%H:%M:%S.000Z", time.gmtime()),
        "msg_id": uuid.uuid4().hex,
        "msg_type": kind,
        "session": session,
        "username": "",
        "version": "5.2",
    }
    return json.dumps(
        {
            "buffers": [],
            "channel": "shell",
            "content": content,
            "header": header,
            "metadata": {},
            "parent_header": {},
        }
    )


class Widgets:
    """What a page knows of the widgets it was told of."""

    def __init__(self) -> None:
        self.states: dict[str, dict[str, Any]] = {}

    def take(self, word: Word) -> None:
        """A widget comes, changes or goes."""
        if word.kind == "comm_open":
            self.states[word.widget] = dict(word.state)
        elif word.kind == "comm_close":
            self.states.pop(word.widget, None)
        elif word.changes and word.widget in self.states:
            self.states[word.widget].update(word.state)

    def maps(self) -> list[str]:
        """The maps, which say what they have drawn."""
        return [widget for widget, state in self.states.items() if "ack" in state]

    def answers(self, widget: str) -> bool:
        """Whether it is the map that answers for all."""
        return bool(self.states.get(widget, {}).get("answers"))

    def run(self) -> str | None:
        """The button that runs, once it can be pressed."""
        return next(
            (
                widget
                for widget, state in self.states.items()
                if "tb-run" in (state.get("class_") or "").split() and not state.get("disabled")
            ),
            None,
        )

    def speed(self) -> str | None:
        """The slider of the speed: the one whose range is the speeds."""
        from viz.screen.runloop import FASTEST

        return next(
            (
                widget
                for widget, state in self.states.items()
                if state.get("_model_name") == "SliderModel"
                and state.get("min") == 1
                and state.get("max") == FASTEST
            ),
            None,
        )


class Wire:
    """A page without a browser.

    ``drawn``: frames that were answered; ``words`` and ``bytes``: what came.
    """

    def __init__(self, url: str, query: str = "") -> None:
        self.widgets = Widgets()
        self.drawn = self.words = self.bytes = 0
        self._url, self._query = url, query
        self._session, self._kernel = str(uuid.uuid4()), str(uuid.uuid4())
        self._socket: Any = None
        self._listening: asyncio.Task[None] | None = None

    async def come(self) -> None:
        """Load the page, open its socket and ask for the app."""
        from websockets.asyncio.client import connect
        from websockets.typing import Origin

        place = urlsplit(self._url)
        cookie = await asyncio.to_thread(_loaded, place.netloc, f"/{self._query}")
        path = f"/jupyter/api/kernels/{self._kernel}/channels?session_id={self._session}"
        self._socket = await connect(
            f"ws://{place.netloc}{path}",
            additional_headers={"Cookie": cookie},
            origin=Origin(self._url),
            compression=None,
            max_size=None,
            ping_interval=None,
            proxy=None,
            open_timeout=_PATIENCE,
        )
        self._listening = asyncio.create_task(self._listen())
        control = uuid.uuid4().hex
        await self._say("kernel_info_request")
        await self._say("comm_open", comm_id=control, target_name=_CONTROL, data={})
        look = _LOOK | {"path": f"/{self._query}"}
        await self._say("comm_msg", comm_id=control, data={"method": "run", "args": look})

    async def ready(self) -> None:
        """Wait until both worlds can be run."""
        while None in (self.widgets.run(), self.widgets.speed()) or len(self.widgets.maps()) < 2:
            if self._listening is None or self._listening.done():
                raise BenchError("the server closed a page that had only just come")
            await asyncio.sleep(0.1)

    async def click_run(self) -> None:
        """Run, or pause."""
        click = {"event": "click", "data": {}}
        await self._tell(self.widgets.run(), {"method": "custom", "content": click})

    async def set_speed(self, days: int) -> None:
        """Days a second."""
        await self._update(self.widgets.speed(), v_model=days)

    async def leave(self) -> None:
        """Close the page: it says farewell, as a browser makes it do."""
        path = f"/_solara/api/close/{self._kernel}?session_id={self._session}"
        await asyncio.to_thread(_asked, "POST", urlsplit(self._url).netloc, path)
        await self.die()

    async def die(self) -> None:
        """Go without a farewell, as a page does whose machine is switched off."""
        if self._listening is not None:
            self._listening.cancel()
        if self._socket is not None:
            self._socket.transport.abort()

    async def _listen(self) -> None:
        """Take in what comes, and answer every frame as the map does."""
        async for data in self._socket:
            word = read(data)
            self.words, self.bytes = self.words + 1, self.bytes + word.size
            self.widgets.take(word)
            if "serial" in word.state and self.widgets.answers(word.widget):
                self.drawn += word.changes
                await self._update(word.widget, ack=word.state["serial"])

    async def _update(self, widget: str | None, **state: Any) -> None:
        await self._tell(widget, {"method": "update", "state": state, "buffer_paths": []})

    async def _tell(self, widget: str | None, data: Mapping[str, Any]) -> None:
        if widget is None:
            raise BenchError("the page of the screen lacks what the benchmark touches")
        await self._say("comm_msg", comm_id=widget, data=data)

    async def _say(self, kind: str, **content: Any) -> None:
        await self._socket.send(write(kind, content, self._session))


def _loaded(place: str, path: str) -> str:
    """Load the page itself; give the cookie that comes with it."""
    return (_asked("GET", place, path) or "").partition(";")[0]


def _asked(method: str, place: str, path: str) -> str | None:
    """Ask for something by HTTP; give the cookie of the answer."""
    connection = HTTPConnection(place, timeout=_PATIENCE)
    try:
        connection.request(method, path)
        answer = connection.getresponse()
        answer.read()
    except OSError as error:
        raise BenchError(f"the page of the screen does not come: {error}") from None
    finally:
        connection.close()
    if answer.status != 200:
        raise BenchError(f"the page of the screen was refused with {answer.status}")
    return answer.getheader("Set-Cookie")
