"""A widget with buttons that save exported files and send files to import."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import anywidget
import traitlets

from viz.screen.widgets.script import bundle


@dataclass(frozen=True, slots=True)
class File:
    """A file to save; the browser converts one with ``png`` from SVG to pixels."""

    name: str
    data: bytes
    mime: str = "application/octet-stream"
    png: bool = False


Answer = Callable[[str, str, bytes], File | str]


class Downloads(anywidget.AnyWidget):
    """Rows of buttons; a click calls ``answer(key, name, data)`` for a file or a message.

    ``name`` and ``data`` are those of an opened file, and empty for an export. No file is stored.
    """

    _esm = bundle("../exports/downloads")

    rows = traitlets.List(help="Title, and forms of key, text and (to open) accept.").tag(sync=True)
    words = traitlets.Dict(help="Words: working, saved, too_large.").tag(sync=True)
    most = traitlets.Int(1_000_000, help="Largest file that is sent, bytes.").tag(sync=True)
    answer = traitlets.Callable(lambda key, name, data: "", help="Not sent to the browser.")

    def __init__(self, **traits: Any) -> None:
        super().__init__(**traits)
        self.on_msg(self._on_click)

    def _on_click(self, _: Any, content: Any, buffers: list[Any]) -> None:
        """Answer a click; the content comes from the browser and may be anything."""
        content = content if isinstance(content, dict) else {}
        data = bytes(buffers[0]) if buffers else b""
        result = self.answer(str(content.get("key")), str(content.get("name", "")), data)
        if isinstance(result, str):
            self.send({"told": result})
        else:
            header = {"name": result.name, "mime": result.mime, "png": result.png}
            self.send(header, buffers=[result.data])
