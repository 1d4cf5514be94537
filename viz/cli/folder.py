"""A folder that holds one question, marked so that two are never mixed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from viz.cli.files import write
from viz.cli.shell import json_text


def claim(folder: Path, mark: str, what: dict[str, Any], resume: bool) -> None:
    """Mark a folder with what it holds.

    Raises ``SettingError`` for one that holds something else, or this very thing unless `resume`.
    """
    path, mine = folder / mark, json_text(what) + "\n"
    if path.exists():
        if path.read_text(encoding="utf-8") != mine:
            hint = "Give another --out, or the options that it was begun with."
            raise SettingError("--out", f"{folder} holds another question", hint)
        if not resume:
            hint = "Go on with --resume, or give another --out."
            raise SettingError("--out", f"{folder} holds this question already", hint)
    write(path, mine)
