"""Prepare output folders, write files, and store runs so that commands can be resumed."""

from __future__ import annotations

import contextlib
import json
import shlex
import shutil
import tempfile
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from agents.param import SettingError
from experiments.runs.case import Failure
from experiments.runs.files import FileLock, Locked, LockUnavailable, claim_folder, write_texts
from experiments.sweeps.backend import Backend
from experiments.sweeps.design import Design
from experiments.sweeps.store import FILE
from experiments.sweeps.sweep import SweepSummary, sweep_all
from viz.cli.options import StudyOptions
from viz.cli.progress import RunProgress, resumable
from viz.cli.shell import json_head, log, print_result
from viz.documents.labels import joined

if TYPE_CHECKING:
    from viz.cli.app import Ask, Compare

_COMMAND, _COMPLETE = "command.json", "complete"
_OUTPUTS = (".html", ".json", ".csv", ".svg", ".toml")


def prepare_folder(folder: Path) -> Path:
    """Create a folder, and check before any run that files can be written there.

    Args:
        folder: output folder.

    Returns:
        The folder.

    Raises:
        SettingError: the folder cannot be written, or contains a folder with the suffix of a file.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        tempfile.TemporaryFile(dir=folder).close()
    except (OSError, ValueError) as error:
        reason = (getattr(error, "strerror", None) or str(error)).lower()
        hint = "Give a folder that can be written."
        raise SettingError("--out", f"{folder} cannot be written ({reason})", hint) from None
    for path in folder.iterdir():
        if path.suffix in _OUTPUTS and path.is_dir():
            reason = f"{path} is a folder, and commands write files of such names"
            raise SettingError("--out", reason, "Remove it, or give another folder.")
    return folder


def lock_folder(folder: Path, use: str) -> contextlib.AbstractContextManager[object]:
    """Lock a folder for this process, as far as the file system supports locks.

    Args:
        folder: existing folder.
        use: what the other process does there, for the error message.

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
    """Write files and log their names, with the full path of a page.

    Args:
        folder: output folder of the command.
        files: text of each file by name. A page must be the first.
    """
    write_texts(folder, files)
    first, *others = files
    if first.endswith(".html"):
        log(f"written: {folder / first}; in the same folder {joined(others)}")
    else:
        log(f"written: {joined(list(files))} in {folder}")


@contextlib.contextmanager
def resumable_study(
    options: StudyOptions, folder: Path, runs: int = 0, *, locks: bool = True
) -> Iterator[RunProgress]:
    """Create and lock a study's folder, show its progress, and report how to resume it.

    Args:
        options: command options.
        folder: the study's folder.
        runs: maximum number of runs of all parts together, or 0 if there is one part.
        locks: whether to lock the folder. False if the run store locks it.

    Yields:
        The progress, whose methods count the runs.

    Raises:
        SettingError: the folder cannot be written, or another command runs in it.
        Interrupted: the user interrupted the command.
        CommandError: the workers are lost, or the disk is full.
    """
    prepare_folder(folder)
    if options.resume and not any(folder.rglob(FILE)):
        log(f"nothing to resume in {folder}; starting")
    progress = RunProgress(runs)
    lock = lock_folder(folder, "another command runs in") if locks else contextlib.nullcontext()

    def stored() -> str:
        count = "all completed" if locks else f"{progress.done:,} of {progress.planned:,}"
        return f"{count} runs are stored in {folder}"

    with lock, resumable(options.resume_words(), stored), progress:
        yield progress


def run_designs(
    options: StudyOptions, designs: Mapping[str, Design], backend: Backend
) -> tuple[list[SweepSummary], list[Failure]]:
    """Run the designs of a study, each in its own folder, and show the progress.

    Args:
        options: command options.
        designs: designs by folder name.
        backend: runs the cases.

    Returns:
        The counts of each design, and all failed runs.

    Raises:
        SettingError, Interrupted, CommandError: as in :func:`resumable_study`.
    """
    with resumable_study(options, options.folder, sum(map(len, designs.values()))) as progress:
        summaries = sweep_all(
            designs,
            options.folder,
            resume=options.resume,
            command=options.resume_words(),
            executor=backend,
            on_start=progress.start,
            on_result=progress.step,
        )
    return summaries, progress.failures


def print_shard(options: Compare | Ask, failures: Collection[object]) -> int:
    """Print where the runs of a shard are stored, and return the exit code."""
    study = json_head(options.name) | {"shard": options.shard, "failed": len(failures)}
    study |= {"folder": str(options.folder), "again": shlex.join(options.command_words())}
    text = f"The runs of shard {options.shard} are stored in {options.folder}; {len(failures)} "
    text += "failed. After all shards: twoborders merge FOLDER... --out ALL"
    return print_result(study, options.as_json, lambda: print(text), partly=bool(failures))


# ---- stored runs ---------------------------------------------------------------------------------


@dataclass(frozen=True)
class StoredRuns:
    """A folder of stored runs, and the lock that this process holds on it."""

    folder: Path
    lock: contextlib.ExitStack

    def close(self, failures: Collection[object] = ()) -> None:
        """Delete the folder after the result is written, unless failed runs may be retried.

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
    """Create and lock the folder in which a command stores its runs, and report how to resume.

    Args:
        options: command options.
        folder: folder of the stored runs.
        words: words of the command that determine its results.

    Yields:
        The stored runs.

    Raises:
        SettingError: the folder holds another command's runs, or this command's runs although
            --resume is not given.
        Interrupted: the user interrupted the command.
        CommandError: the workers are lost, or the disk is full.
    """
    folder.mkdir(parents=True, exist_ok=True)
    runs = StoredRuns(folder, contextlib.ExitStack())
    runs.lock.enter_context(lock_folder(folder, "another command stores its runs in"))
    again = [*words, *options.place_words(), "--resume"]
    try:
        _claim(folder, shlex.join(words), options.resume)
        with resumable(again, lambda: f"all completed runs are stored in {folder}"):
            yield runs
    except BaseException:
        runs.lock.close()
        raise


def _claim(folder: Path, command: str, resume: bool) -> None:
    """Prepare a folder for a command's runs, or raise ``SettingError`` if it holds other runs."""
    file, complete = folder / _COMMAND, folder / _COMPLETE
    if any(folder.iterdir()) and not file.exists():
        hint = "Give another --out."
        raise SettingError("--out", f"{folder} holds files of another study", hint)
    is_same = file.exists() and json.loads(file.read_text("utf-8")) == {"command": command}
    if complete.exists() and not (resume and is_same):
        for path in folder.iterdir():
            if path.is_dir():
                shutil.rmtree(path)
            else:
                path.unlink()
    if resume and not file.exists():
        log(f"nothing to resume in {folder}; starting")
    complete.unlink(missing_ok=True)
    claim_folder(folder, _COMMAND, {"command": command}, resume=resume, where="--out")
