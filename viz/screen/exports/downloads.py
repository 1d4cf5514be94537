"""The desk as a widget: buttons that save files made here, and open files that are sent here."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import anywidget
import traitlets


@dataclass(frozen=True, slots=True)
class File:
    """A file for the visitor; ``png``: it is a drawing that the browser turns into pixels."""

    name: str
    data: bytes
    mime: str = "application/octet-stream"
    png: bool = False


Answer = Callable[[str, str, bytes], File | str]


class Desk(anywidget.AnyWidget):
    """Rows of buttons. A click asks ``answer(key, name, data)``, which gives a file or a word.

    ``name`` and ``data`` are those of an opened file, empty where one is asked for. Nothing is
    kept between two clicks.
    """

    _esm = Path(__file__).parent / "downloads.js"

    rows = traitlets.List(help="Title, and forms of key, text and (to open) accept.").tag(sync=True)
    words = traitlets.Dict(help="Words: working, saved, too_large.").tag(sync=True)
    most = traitlets.Int(1_000_000, help="Bytes of a file that is sent.").tag(sync=True)
    answer = traitlets.Callable(lambda key, name, data: "", help="Not sent to the browser.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._hear)

    def _hear(self, _: Any, asked: Any, buffers: list[Any]) -> None:
        """A click in the browser; what it says may come from anybody."""
        asked = asked if isinstance(asked, dict) else {}
        data = bytes(buffers[0]) if buffers else b""
        made = self.answer(str(asked.get("key")), str(asked.get("name", "")), data)
        if isinstance(made, str):
            self.send({"told": made})
        else:
            about = {"name": made.name, "mime": made.mime, "png": made.png}
            self.send(about, buffers=[made.data])
