"""Output folders of the commands."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from agents.param import SettingError
from experiments.files import write_text
from experiments.rows.texts import json_text


def prepare_folder(folder: Path) -> Path:
    """Create a folder and test that it can be written; raise ``SettingError`` if not."""
    hint = "Give a folder that can be written."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise SettingError("--out", f"{folder} cannot be written ({reason})", hint) from None
    return folder


def claim_folder(folder: Path, name: str, question: dict[str, Any], resume: bool) -> None:
    """Store in a folder which question its runs belong to.

    Args:
        folder: output folder of a command.
        name: file that stores the question.
        question: options that determine the runs, as plain data.
        resume: accept a folder that already holds this question.

    Raises:
        SettingError: the folder holds another question, or this one without `resume`.
    """
    path, text = folder / name, json_text(question) + "\n"
    if path.exists():
        if path.read_text(encoding="utf-8") != text:
            hint = "Give another --out, or the options that the folder was started with."
            raise SettingError("--out", f"{folder} holds another question", hint)
        if not resume:
            hint = "Continue with --resume, or give another --out."
            raise SettingError("--out", f"{folder} already holds this question", hint)
    write_text(path, text)
