"""Errors about the file of a sweep: damaged, held by another program, or not accessible."""

from __future__ import annotations

import contextlib
import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from abm.scenario import SettingError
from agents.param import one_line

HINT = "Give a folder that twoborders sweep has written, on a local disk."
#: Files that SQLite keeps next to its file.
SIBLINGS = ("-wal", "-shm", "-journal")
#: Errors of SQLite that say nothing about the content of a file.
_NOT_DAMAGE = {
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_BUSY,
    sqlite3.SQLITE_LOCKED,
    sqlite3.SQLITE_NOMEM,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_INTERRUPT,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PROTOCOL,
    sqlite3.SQLITE_AUTH,
}


def not_a_ledger(path: Path) -> SettingError:
    """Return the error about a file with other content."""
    hint = "Give another folder, or delete the file."
    return SettingError("folder", f"{path} is not a sweep ledger", hint)


def is_damage(error: Exception) -> bool:
    """Return whether an error of SQLite is about the content of a file, not about access to it.

    The message may quote damaged text, which Python cannot decode (``UnicodeDecodeError``).
    """
    return (getattr(error, "sqlite_errorcode", 0) & 0xFF) not in _NOT_DAMAGE


def is_busy(error: sqlite3.Error) -> bool:
    """Return whether another program holds the file."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    return code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


def damaged(path: Path, fault: str) -> SettingError:
    """Return the error about a damaged file.

    Args:
        path: the file.
        fault: as from :func:`find_fault`.

    Returns:
        The error, whose hint says how to repair the file.
    """
    hint = "Run the same command with --resume: intact runs are retained, the others run again."
    return SettingError("folder", f"{path} is damaged ({fault})", hint)


def unusable(path: Path, error: Exception) -> SettingError:
    """Return the error about a file that cannot be opened, read or written.

    Args:
        path: the file.
        error: error of SQLite or of the operating system.

    Returns:
        The error.
    """
    if isinstance(error, sqlite3.Error) and is_busy(error):
        hint = "Close that program, or wait until it ends, and try again."
        return SettingError("folder", f"{path} is held by {holders(path)}", hint)
    full = (getattr(error, "sqlite_errorcode", 0) & 0xFF) == sqlite3.SQLITE_FULL
    hint = "Free some space and run the same sweep with --resume." if full else HINT
    return SettingError("folder", f"{path} cannot be used ({reason_of(error)})", hint)


def reason_of(error: Exception) -> str:
    """Return the reason of an error of SQLite or of the operating system, in one line."""
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return "the disk is full"
    if code == sqlite3.SQLITE_IOERR:
        return "disk error, perhaps the disk is full or a limit of the file size is reached"
    return one_line_of(getattr(error, "strerror", None) or error).lower()


def holders(path: Path) -> str:
    """Return the programs that have locked a file, as far as the operating system reports them."""
    found = sorted({pid for pid in _lock_owners(path) if pid != os.getpid()})
    names = [f"{name} (process {pid})" for pid in found if (name := _program(pid))]
    return ", ".join(names) or "another program"


def _lock_owners(path: Path) -> Iterator[int]:
    """Yield the processes that hold a lock on a file or its log, on Linux."""
    inodes = set()
    for name in (str(path), *(f"{path}{suffix}" for suffix in SIBLINGS)):
        with contextlib.suppress(OSError):
            inodes.add(str(os.stat(name).st_ino))
    with contextlib.suppress(OSError, ValueError, IndexError):
        for line in Path("/proc/locks").read_text(encoding="utf-8").splitlines():
            fields = line.replace("->", "").split()
            if fields[5].rpartition(":")[2] in inodes:
                yield int(fields[4])


def _program(pid: int) -> str:
    """Return the name of a running process."""
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text(encoding="utf-8").strip()
    return ""


def one_line_of(text: object) -> str:
    """Return a text of SQLite or of the operating system in one line, shortened."""
    return one_line(" ".join(str(text).split()), 120)
