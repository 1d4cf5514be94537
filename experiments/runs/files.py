"""Read input files, write text files atomically, and claim and lock folders."""

from __future__ import annotations

import contextlib
import importlib.util
import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from abm.output_files import atomic_path
from agents.param import SettingError, did_you_mean, plain

_MAX_BYTES = 1_000_000  # for a scenario or a design; a full scenario has 40,000 bytes


class StorageError(RuntimeError):
    """Results can no longer be stored. Results stored earlier are kept."""


class Locked(OSError):
    """Another process holds the lock."""


class LockUnavailable(OSError):
    """The operating system or the file system does not support locks."""


def require_packages(where: str, packages: Iterable[str], extra: str) -> None:
    """Raise ``SettingError`` if packages of an extra are missing.

    Args:
        where: name of the feature that needs them, for the error message.
        packages: import names of the packages.
        extra: name of the extra that installs these packages.
    """
    if missing := [name for name in packages if importlib.util.find_spec(name) is None]:
        hint = f"Run uv sync --inexact --extra {extra}, or pip install '.[{extra}]'."
        raise SettingError(where, f"it needs the package {' and '.join(missing)}", hint)


def find_file(kind: str, name: str, packaged: Mapping[str, Path], folder: Path) -> Path:
    """Return the path to a file that is given as a packaged name or as a ``.toml`` path.

    Args:
        kind: what the file contains, for error messages.
        name: name of a packaged file, or path of a ``.toml`` file.
        packaged: packaged files by name.
        folder: folder to which a relative path refers.

    Raises:
        SettingError: `name` is neither packaged nor the path of a ``.toml`` file.
    """
    if name in packaged:
        return packaged[name]
    if name.endswith(".toml") and "\0" not in name:
        # realpath returns the same path for every link to a file, so that callers detect files that
        # extend each other.
        return Path(os.path.realpath(folder / name))
    choices = ", ".join(sorted(packaged))
    hint = f"{did_you_mean(name, packaged)}Give one of {choices}, or a .toml file."
    raise SettingError(kind, f"{plain(name)} is not a known {kind}", hint)


def read_input(path: Path, origin: str, hint: str) -> str:
    """Read a scenario or a design that a user names.

    Args:
        path: a regular file of at most 1 MB. Reading a pipe or a device might never end.
        origin: name of the file in error messages.
        hint: sentence that tells the user what to do instead.

    Returns:
        The file's text, without a byte order mark.

    Raises:
        SettingError: the file cannot be read, is too large, or is not text in UTF-8.
    """
    try:
        if path.exists() and not (path.is_file() or path.is_dir()):
            raise OSError(0, "it is not a regular file")
        if path.is_file() and path.stat().st_size > _MAX_BYTES:
            raise OSError(0, f"it is larger than {_MAX_BYTES:,} bytes")
        return path.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError:
        raise SettingError("file", "it is not text in UTF-8", hint, origin) from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise SettingError("file", f"it cannot be read ({reason})", hint, origin) from None


def write_text(path: str | Path, text: str) -> Path:
    """Write a text file atomically.

    Args:
        path: file to create or replace. Its folder must exist.
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
    """Write several text files. No file is replaced unless all can be written.

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


def claim_folder(
    folder: Path, name: str, settings: Mapping[str, Any], *, resume: bool, where: str
) -> None:
    """Store the settings of runs in their folder, or refuse a folder with other settings.

    Args:
        folder: folder of the runs, created if it is missing.
        name: name of the settings file.
        settings: plain values by name.
        resume: whether the folder may already hold runs with these settings.
        where: name of the folder's argument in error messages.

    Raises:
        SettingError: the folder cannot be created, holds runs with other settings, or holds runs
            with these settings without `resume`.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        reason = f"{folder} cannot be created ({(error.strerror or '').lower()})"
        raise SettingError(where, reason, "Give a folder that can be written.") from None
    path, text = folder / name, json.dumps(settings, indent=2) + "\n"
    if path.exists():
        before = _stored_settings(path, where)
        for key, value in json.loads(text).items():
            if before.get(key) != value:
                is_short = not isinstance(value, dict | list)
                other = f"{key} {before.get(key)!r}, not {value!r}" if is_short else f"other {key}"
                hint = f"Give another {where}, or the options that the folder was started with."
                raise SettingError(where, f"{folder} holds runs with {other}", hint)
        if not resume:
            hint = f"Continue with --resume, or give another {where}."
            raise SettingError(where, f"{folder} already holds runs of this study", hint)
    write_text(path, text)


def _stored_settings(path: Path, where: str) -> dict[str, Any]:
    """Read a settings file. Raise ``SettingError`` if it is unreadable."""
    try:
        return dict(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError):
        raise SettingError(where, f"{path} cannot be read", f"Give another {where}.") from None


class FileLock(contextlib.AbstractContextManager["FileLock"]):
    """An exclusive lock on a file or a folder, held by this process until it is closed.

    A missing file is created, but its folder must exist. A folder must exist before it is locked.
    The operating system releases the lock when the process ends, even if it is killed.

    Raises:
        Locked: another process holds the lock.
        LockUnavailable: the operating system or the file system does not support locks.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        if self.path.exists() and not (self.path.is_file() or self.path.is_dir()):
            raise OSError(0, "it is not a regular file", str(path))  # opening a pipe may block
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

    def __exit__(self, *_: object) -> None:
        """Release the lock."""
        self.close()

    def close(self) -> None:
        """Release the lock. A second call does nothing."""
        if self._file is not None:
            os.close(self._file)
            self._file = None
