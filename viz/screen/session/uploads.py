"""Validation of uploads: short texts in TOML or CSV only."""

from __future__ import annotations

from pathlib import PurePosixPath

from agents.param import SettingError, hidden_in, plain
from viz.screen.session.visitors import ALONE

_KINDS = (".toml", ".csv")
_HINT = "Upload a scenario in TOML or a table in CSV, in UTF-8, of at most {:,} bytes."


def read_upload(name: str, data: bytes, most: int = ALONE.body) -> str:
    """Return the text of an uploaded file; nothing is written to disk.

    Args:
        name: the file's name, as the browser reports it; only its last part and ending are used.
        data: content of the file.
        most: largest size in bytes.

    Returns:
        The text.

    Raises:
        SettingError: for another kind of file, a file that is too large, or one that is not text.
    """
    name = PurePosixPath(name.replace("\\", "/")).name
    if not name.lower().endswith(_KINDS):
        raise _refusal(name, "only TOML and CSV files are accepted", most)
    if len(data) > most:
        raise _refusal(name, f"{len(data):,} bytes are too many", most)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refusal(name, f"it is not text in UTF-8 (byte {error.start})", most) from None
    if hidden := hidden_in(text.replace("\r", ""), lines=True):
        raise _refusal(name, f"it contains the character {hidden}", most)
    return text


def _refusal(name: str, reason: str, most: int) -> SettingError:
    return SettingError(f"upload {plain(name)}", reason, _HINT.format(most))
