"""Reading of input files, atomic writes, and locks between processes.

A file is written to a temporary file in the same folder, which then replaces the target. A reader
sees the old content or the new content, never a part of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Self

from agents.param import SettingError, one_line

_MOST_BYTES = 1_000_000  # of a scenario or a design; a full scenario has 40,000


class StorageError(RuntimeError):
    """Results cannot be stored any more; results that are stored are not lost."""


class Locked(OSError):
    """Another process holds the lock."""


class LockUnavailable(OSError):
    """The operating system or the file system does not support locks."""


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield an empty temporary file that replaces `path` when the block ends.

    If the block raises, the temporary file is deleted and `path` keeps its content. A path that
    cannot be written, or a full disk, raises ``SettingError``.
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


def read_input(path: Path, origin: str, hint: str) -> str:
    """Read a scenario or a design that a user names.

    Args:
        path: a regular file of at most 1 MB; a pipe or a device would never end.
        origin: its name in error messages.
        hint: what to give instead.

    Returns:
        The text, without a byte order mark.

    Raises:
        SettingError: for a file that cannot be read, is too large, or is not text in UTF-8.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise OSError(0, "it is not a regular file")
        if path.is_file() and path.stat().st_size > _MOST_BYTES:
            raise OSError(0, f"it is larger than {_MOST_BYTES:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError("file", "it is not text in UTF-8", hint, origin) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", hint, origin) from None


def check_output(path: str | Path, name: str = "file") -> Path:
    """Return the file that an output path names, links followed.

    Args:
        path: the path; its folder must exist.
        name: name of the setting, for the error.

    Returns:
        The file.

    Raises:
        SettingError: it is a folder, a device, or a link to a missing file, or the name is invalid.
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
            os.lstat(target)  # also raises for a name that is too long
    except (OSError, ValueError, RuntimeError) as error:
        raise unwritable(path, error, name) from None
    return target


def unwritable(path: str | Path, error: Exception, name: str = "file") -> SettingError:
    """Return the error about an output file.

    Args:
        path: as the user gave it.
        error: error of the operating system.
        name: name of the setting.

    Returns:
        The error.
    """
    reason = (getattr(error, "strerror", None) or str(error)).lower()
    hint = "Give a file in a folder that can be written."
    return SettingError(name, f"{one_line(str(path), 200)} cannot be written ({reason})", hint)


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file atomically.

    Args:
        path: file to create or replace; its folder must exist.
        text: content, written in UTF-8 with line ends unchanged.

    Returns:
        The path.

    Raises:
        SettingError: the file cannot be written.
    """
    with atomic_path(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
    return Path(path)


def write_texts(folder: Path, files: Mapping[str, str]) -> None:
    """Write several text files; none is replaced unless all can be written.

    Args:
        folder: existing folder.
        files: content by name.

    Raises:
        SettingError: a file cannot be written.
    """
    with contextlib.ExitStack() as stack:
        for name, text in files.items():
            part = stack.enter_context(atomic_path(folder / name))
            part.write_text(text, encoding="utf-8", newline="")


class FileLock:
    """An exclusive lock on a file or a folder, held by this process until it is closed.

    A missing file is created (its folder must exist); a folder must exist. The operating system
    releases the lock when the process ends, also if it is killed.

    Raises:
        Locked: another process holds the lock.
        LockUnavailable: the operating system or the file system does not support locks.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            raise OSError(0, "it is not a regular file", str(path))  # opening a pipe may wait
        flags = os.O_RDONLY if self.path.is_dir() else os.O_RDWR | os.O_CREAT
        try:
            import fcntl
        except ImportError:  # Windows
            raise LockUnavailable("this operating system does not support file locks") from None
        self._file: int | None = os.open(self.path, flags, 0o666)
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            self.close()
            raise Locked(f"another process holds the lock on {self.path}") from None
        except OSError as error:
            self.close()
            raise LockUnavailable(f"{self.path} cannot be locked ({error.strerror})") from None

    def __enter__(self) -> Self:
        """Return the lock."""
        return self

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self.close()

    def close(self) -> None:
        """Release the lock; a second call does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
