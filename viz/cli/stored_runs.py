"""Runs of a command that are stored until its result is written, so that it can be resumed."""

from __future__ import annotations

import contextlib
import shlex
import shutil
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents.param import SettingError
from experiments.runs.files import write_text
from experiments.sweeps.store import SweepResults
from experiments.sweeps.store_file import FILE
from viz.cli.files import lock_folder
from viz.cli.options import StudyOptions
from viz.cli.progress import resumable
from viz.cli.shell import log

_COMMAND, _COMPLETE = "command.txt", "complete"


@dataclass(frozen=True)
class StoredRuns:
    """A folder of stored runs, and the lock that this process holds on it."""

    folder: Path
    lock: contextlib.ExitStack

    def close(self, failures: Collection[object] = ()) -> None:
        """Delete the folder after the result is written, or keep it to retry failed runs.

        Args:
            failures: failed runs of the result.
        """
        if failures:
            (self.folder / _COMPLETE).touch()
        else:
            shutil.rmtree(self.folder, ignore_errors=True)
        self.lock.close()


@contextlib.contextmanager
def stored_runs(options: StudyOptions, folder: Path, words: Sequence[str]) -> Iterator[StoredRuns]:
    """Create the folder in which a command stores its runs. Report how to resume it.

    Args:
        options: options of the command.
        folder: folder of the stored runs.
        words: words of the command that determine its results.

    Yields:
        The stored runs.

    Raises:
        SettingError: the folder holds runs of another command, or those of this one without
            --resume.
        Interrupted: the user interrupted the command.
        CommandError: the workers are lost, or the disk is full.
    """
    runs = StoredRuns(folder, _lock(folder))
    again = [*words, *options.place_words(), "--resume"]
    try:
        _claim(folder, shlex.join(words), options.resume)
        with resumable(again, lambda: f"all completed runs are stored in {folder}"):
            yield runs
    except BaseException:
        runs.lock.close()
        raise


def _lock(folder: Path) -> contextlib.ExitStack:
    """Create a folder and lock it. Raise ``SettingError`` if another command holds the lock."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = contextlib.ExitStack()
    lock.enter_context(lock_folder(folder, "another command stores its runs in"))
    return lock


def _claim(folder: Path, command: str, resume: bool) -> None:
    """Prepare a folder for the runs of a command. Raise ``SettingError`` if it holds other runs."""
    file, complete = folder / _COMMAND, folder / _COMPLETE
    if any(folder.iterdir()):
        before = file.read_text(encoding="utf-8").strip() if file.exists() else "another study"
        is_other = before != command or not resume
        if not file.exists() or (is_other and not complete.exists() and _count(folder)):
            hint = "Continue it with --resume, or give another --out."
            if before != command:
                hint = "Give another --out, or continue that command with --resume."
            raise SettingError("--out", f"{folder} holds unfinished runs of {before}", hint)
        if is_other:
            _empty(folder)
        complete.unlink(missing_ok=True)
    elif resume:
        log(f"nothing to resume in {folder}; starting")
    write_text(file, command + "\n")


def _empty(folder: Path) -> None:
    """Delete the contents of a folder."""
    for path in folder.iterdir():
        if path.is_dir():
            shutil.rmtree(path)
        else:
            path.unlink()


def _count(folder: Path) -> int:
    """Return the number of stored runs. A damaged file counts as 1, as it may hold some."""
    count = 0
    for file in folder.rglob(FILE):
        try:
            with SweepResults(file.parent) as store:
                count += store.done
        except SettingError as error:
            count += not error.reason.startswith("there is no sweep")
    return count
