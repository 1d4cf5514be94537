"""Output folders and files of the commands."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from agents.param import SettingError
from experiments.runs.files import FileLock, Locked, LockUnavailable, write_texts
from experiments.sweeps.store_file import FILE
from viz.cli.shell import log
from viz.documents.labels import joined


def prepare_folder(folder: Path, names: Iterable[str] = ()) -> Path:
    """Create a folder and test that it can be written, before the runs of a command.

    Args:
        folder: output folder.
        names: files that the command will write or replace.

    Returns:
        The folder.

    Raises:
        SettingError: the folder cannot be written, or a folder has the name of one of the files.
    """
    hint = "Give a folder that can be written."
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        raise SettingError("--out", f"{folder} cannot be written ({reason})", hint) from None
    for name in names:
        if (folder / name).is_dir():
            reason = f"{folder / name} is a folder, and a file of this name is to be written"
            raise SettingError("--out", reason, "Remove it, or give another folder.")
    return folder


def prepare_resumable(folder: Path, resume: bool) -> Path:
    """Create the folder of stored runs, and report a --resume that finds none.

    Args:
        folder: folder of the command.
        resume: whether the user gave --resume.

    Returns:
        The folder.

    Raises:
        SettingError: the folder cannot be written.
    """
    prepare_folder(folder)
    if resume and not any(folder.rglob(FILE)):
        log(f"nothing to resume in {folder}; starting")
    return folder


def lock_folder(folder: Path, use: str) -> contextlib.AbstractContextManager[object]:
    """Lock a folder for this process, as far as the file system supports locks.

    Args:
        folder: existing folder.
        use: the activity of the lock's holder, for the error message.

    Returns:
        A context manager that releases the lock.

    Raises:
        SettingError: another process holds the lock.
    """
    try:
        return FileLock(folder)
    except Locked:
        hint = "Wait until it ends, or give another --out."
        raise SettingError("--out", f"{use} {folder}", hint) from None
    except LockUnavailable:
        return contextlib.nullcontext()


def write_files(folder: Path, files: Mapping[str, str]) -> None:
    """Write files and print their names; if the first file is a page, its path is printed.

    Args:
        folder: output folder of a command.
        files: text of each file by name, a page first.
    """
    write_texts(folder, files)
    first, *others = files
    if first.endswith(".html"):
        log(f"written: {folder / first}; in the same folder {joined(others)}")
    else:
        log(f"written: {joined(list(files))} in {folder}")
