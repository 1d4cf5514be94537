"""What may be uploaded: short texts in TOML or CSV, and nothing else."""

from __future__ import annotations

from pathlib import PurePosixPath

from agents.param import SettingError, plain
from viz.screen.visitors import ALONE

KINDS = (".toml", ".csv")
_HINT = "Upload a scenario in TOML or a table in CSV, in UTF-8, of at most {:,} bytes."
_LINE_ENDS = "\t\n\r"


def read_upload(name: str, data: bytes, most: int = ALONE.body) -> str:
    """Give the text of an uploaded file, or raise ``SettingError``; nothing is written to disk.

    `name` is what the browser says, and no more than its last part and its ending are believed.
    """
    name = PurePosixPath(name.replace("\\", "/")).name
    if not name.lower().endswith(KINDS):
        raise _refusal(name, "only files in TOML and CSV are taken", most)
    if len(data) > most:
        raise _refusal(name, f"{len(data):,} bytes are too many", most)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(name, f"it is not text in UTF-8 (byte {error.start})", most) from None
    if any(ord(letter) < 32 and letter not in _LINE_ENDS for letter in text):
        raise _refusal(name, "it holds letters that no text has", most)
    return text


def _refusal(name: str, reason: str, most: int) -> SettingError:
    shown = plain("".join(letter if letter.isprintable() else "?" for letter in name))
    return SettingError(f"upload {shown}", reason, _HINT.format(most))
