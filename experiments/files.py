"""Atomic file writes and locks between processes.

A file is written to a temporary file in the same folder, which then replaces the target. A reader
sees the old content or the new content, never a part of it.
"""

from __future__ import annotations

import contextlib
import os
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Self


class Locked(OSError):
    """Another process holds the lock."""


class LockUnavailable(OSError):
    """The operating system or the file system does not support locks."""


@contextlib.contextmanager
def atomic_path(path: str | Path) -> Iterator[Path]:
    """Yield an empty temporary file that replaces `path` when the block ends.

    If the block raises, the temporary file is deleted and `path` keeps its content.
    """
    path = Path(path)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    try:
        part.open("x").close()
        yield part
        os.replace(part, path)
    except BaseException:
        with contextlib.suppress(OSError):
            part.unlink(missing_ok=True)
        raise


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file atomically.

    Args:
        path: file to create or replace; its folder must exist.
        text: content, written in UTF-8 with line ends unchanged.

    Returns:
        The path.

    Raises:
        OSError: the folder cannot be written.
    """
    with atomic_path(path) as part:
        part.write_text(text, encoding="utf-8", newline="")
    return Path(path)


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
