"""Atomic writes of output files.

The content is written to a temporary file in the same folder, which then replaces the target.
Readers therefore get either the old or the new content, never a mixture.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from agents.param import SettingError, one_line


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield an empty temporary file that replaces `path` when the block ends.

    If the block raises an exception, the temporary file is deleted and `path` keeps its content.

    Raises:
        SettingError: the path cannot be written, or the disk is full.
    """
    target = check_output(path)
    part = target.with_name(f".{target.name[:40]}.{secrets.token_hex(4)}.part")
    try:
        part.open("x").close()
        yield part
        os.replace(part, target)
    except BaseException as error:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        if isinstance(error, OSError):
            raise unwritable(path, error) from None
        raise


def check_output(path: str | Path, name: str = "file") -> Path:
    """Check an output path and resolve its symbolic links.

    Args:
        path: path of a file in an existing folder.
        name: name of the setting, for the error.

    Returns:
        The resolved path.

    Raises:
        SettingError: the path is a folder, a device or a link to a missing file, or is invalid.
    """
    try:
        target = Path(path).resolve()
        if target.is_dir():
            raise IsADirectoryError(0, "it is a folder")
        if target.exists() and not target.is_file():
            raise OSError(0, "it is not a regular file")
        if Path(path).is_symlink() and not target.exists():
            raise OSError(0, "it is a link to a missing file")
        os.lstat(target.parent)
        with contextlib.suppress(FileNotFoundError):
            os.lstat(target)  # raises OSError if the name is too long
    except (OSError, ValueError, RuntimeError, TypeError) as error:
        raise unwritable(path, error, name) from None
    return target


def unwritable(path: str | Path, error: Exception, name: str = "file") -> SettingError:
    """Return the error for an output file that cannot be written.

    Args:
        path: path as the user entered it.
        error: the exception, whose message is the reason.
        name: name of the setting.

    Returns:
        The error, which the caller raises.
    """
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    hint = "Give a file in a folder that can be written."
    return SettingError(name, f"{one_line(str(path), 200)} cannot be written ({reason})", hint)
