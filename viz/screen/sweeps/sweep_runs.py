"""Start, watch, stop and resume sweeps of this server, one at a time.

A sweep has a folder as with ``twoborders sweep``, with the design file next to the store. It runs
as with this command, but with a lower priority. Its name is the path of its folder below the folder
of all stores, as in ``experiments.sweeps.store_list``. Names come from the browser and are checked.
A shared server starts no sweeps.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import shutil
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from experiments.runs.files import StorageError, write_text
from experiments.sweeps.backend import ExecutorGone, Work
from experiments.sweeps.design import Design
from experiments.sweeps.design_files import load
from experiments.sweeps.executors import ProcessBackend, cores
from experiments.sweeps.store import FILE
from experiments.sweeps.store_list import root
from experiments.sweeps.store_writer import RunRecord
from experiments.sweeps.sweep import sweep
from viz.screen.session.threads import Changes, start_thread
from viz.screen.sweeps.sweep_plan import SweepPlan, run_seconds
from viz.screen.words import one_line

DESIGN_FILE = "sweep.toml"
STARTING, RUNNING, STOPPING = "starting", "running", "stopping"
STOPPED, COMPLETE, BROKEN = "stopped", "complete", "broken"
#: [A] Niceness of a worker, which leaves it a third of a core if other processes need all cores.
_NICENESS = 5
_END_S = 5.0  # seconds to wait for the end of a sweep when the server ends


class SquareBackend(ProcessBackend):
    """Backend that runs one seed at every square (point), then the other seeds square by square."""

    first_seed = 0

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs, each with a case, in the order of `square_order` and not in groups."""
        super().run(square_order(jobs, self.first_seed), dataclasses.replace(work, group=None))


def square_order(jobs: Iterable[Any], first_seed: int) -> list[Any]:
    """Sort jobs so that the picture fills early: one seed everywhere, then complete squares.

    Args:
        jobs: jobs in the order of the design.
        first_seed: seed that runs first at every square.

    Returns:
        The sorted jobs.
    """
    listed, squares = list(jobs), dict[int, int]()
    for job in listed:  # The list keeps all scenarios alive, so that their ids are distinct.
        squares.setdefault(id(job.case.scenario), len(squares))
    return sorted(
        listed, key=lambda j: (j.case.seed != first_seed, squares[id(j.case.scenario)], j.case.seed)
    )


_MIN_FREE = 0.08  # [A] share of the cores that runs get next to other busy processes
type OpenBackend = Callable[[int], SquareBackend]  # argument: number of workers


class SweepRefused(Exception):
    """Refusal of a request, with a text key below ``sweep_new.error`` and values for the text."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class SweepState:
    """Progress of a sweep that this server has started.

    Attributes:
        name: name of the sweep.
        phase: phase of the sweep, such as `RUNNING`.
        planned, done: numbers of planned and of stored runs.
        failed: number of failed runs since this start.
        error: reason why the sweep ended, in English.
        stored: runs that were stored before this start.
        began: time on the monotonic clock at which the runs began.
    """

    name: str
    phase: str = STARTING
    planned: int = 0
    done: int = 0
    failed: int = 0
    error: str = ""
    stored: int = 0
    began: float = 0.0

    @property
    def is_active(self) -> bool:
        """Return whether the sweep is starting, running or stopping."""
        return self.phase in (STARTING, RUNNING, STOPPING)

    def seconds_left(self, now: float) -> float | None:
        """Estimate the remaining seconds from the runs since this start, or None if there are none.

        Failed runs count too.
        """
        finished = self.done - self.stored + self.failed
        if not finished:
            return None
        left = self.planned - self.done - self.failed
        return (now - self.began) / finished * max(0, left)


class SweepRuns:
    """Sweeps of this server, for use from any thread.

    Attributes:
        folder: folder for new sweeps, inside the store folder, or None if none may start.
        changes: counts every change to a state.
        jobs: runs at a time.
        pace: last ratio of the seconds between two results to a run's estimated seconds;
            0 before the first sweep.
    """

    def __init__(
        self, backend: OpenBackend = lambda jobs: SquareBackend(jobs, niceness=_NICENESS)
    ) -> None:
        self.folder: Path | None = None
        self.changes, self.jobs = Changes(), cores()
        self.pace = 0.0
        self._open_backend = backend
        self._lock = threading.RLock()
        self._states: dict[str, SweepState] = {}
        self._backend: SquareBackend | None = None
        self._thread: threading.Thread | None = None

    def allow(self) -> None:
        """Allow visitors to start sweeps, in the folder ``sweep`` inside the folder of stores."""
        self.folder = root() / "sweep"

    # ---- state -----------------------------------------------------------------------------------
    def state(self, name: str) -> SweepState | None:
        """Return the state of a sweep that this server has started, otherwise None."""
        return self._states.get(name)

    @property
    def active(self) -> SweepState | None:
        """Return the state of the sweep that runs, or None."""
        return next((state for state in list(self._states.values()) if state.is_active), None)

    def free_name(self) -> str:
        """Return an unused name for a new sweep."""
        folder = self.folder
        names = set(os.listdir(folder)) if folder and folder.is_dir() else set()
        return next(name for k in range(1, 10_000) if (name := f"sweep-{k}") not in names)

    def seconds(self, design: Design) -> float:
        """Estimate a sweep's duration, in seconds, at the last sweep's pace or the present load.

        Runs have a low priority, so they get little more time than other processes leave unused.
        """
        load = os.getloadavg()[0] if hasattr(os, "getloadavg") else 0.0  # Windows has none.
        free = max(_MIN_FREE, 1.0 - load / self.jobs)
        return len(design) * run_seconds(design.scenario) * (self.pace or 1.0 / (self.jobs * free))

    def command(self, name: str) -> list[str]:
        """Return the command that continues a sweep, as a list of arguments."""
        folder = Path(os.path.relpath(root() / name)).as_posix()
        return ["twoborders", "sweep", f"{folder}/{DESIGN_FILE}", "--out", folder, "--resume"]

    def design_file(self, name: str) -> Path | None:
        """Return the design file of a sweep that the screen has started, otherwise None.

        Links are not followed.
        """
        path = root() / name / DESIGN_FILE
        is_direct = path.resolve() == path and path.is_file()
        return path if is_direct and self.folder in path.parents else None

    # ---- requests --------------------------------------------------------------------------------
    def start(self, plan: SweepPlan) -> str:
        """Start a sweep.

        Args:
            plan: sweep to start.

        Returns:
            The name of the sweep in the list of stores.

        Raises:
            SweepRefused: another sweep runs, the name is taken, or the folder cannot be written.
        """
        with self._lock:
            sweeps = self._check_free()
            folder = sweeps / plan.design.name
            if sweeps.resolve() != sweeps:  # The list of stores does not follow links.
                raise SweepRefused("folder")
            try:
                sweeps.mkdir(parents=True, exist_ok=True)
                folder.mkdir()
                write_text(folder / DESIGN_FILE, plan.text)
            except FileExistsError:
                raise SweepRefused("exists") from None
            except (OSError, SettingError):
                raise SweepRefused("folder") from None
            name = folder.relative_to(root()).as_posix()
            self._launch(name, plan.design)
            return name

    def resume(self, name: str) -> None:
        """Continue a sweep that the screen has started.

        Args:
            name: name of the sweep in the list of stores.

        Raises:
            SweepRefused: another sweep runs, or the screen did not start this sweep.
            SettingError: the design file is invalid.
        """
        with self._lock:
            self._check_free()
            if (file := self.design_file(name)) is None:
                raise SweepRefused("off")
            self._launch(name, load(file))

    def stop(self, name: str) -> None:
        """Stop a sweep and return at once. Its store keeps the finished runs."""
        with self._lock:
            state, backend = self._states.get(name), self._backend
            if state is None or backend is None or state.phase not in (STARTING, RUNNING):
                return
            self._change(name, phase=STOPPING)
        backend.stop()

    def end(self) -> None:
        """Stop the active sweep and wait for its end, when the server ends."""
        self.folder, thread = None, self._thread
        if (state := self.active) is not None:
            self.stop(state.name)
        if thread is not None:
            thread.join(_END_S)

    def forget(self, name: str) -> None:
        """Delete the state of an ended sweep, because the command line may have continued it."""
        with self._lock:
            state = self._states.get(name)
            if state is not None and not state.is_active:
                del self._states[name]
        self.changes.add()

    def _check_free(self) -> Path:
        """Return the folder of new sweeps, or raise ``SweepRefused`` if none can start now."""
        if self.folder is None:
            raise SweepRefused("off")
        if (other := self.active) is not None:
            raise SweepRefused("busy", name=other.name)
        return self.folder

    # ---- the thread ------------------------------------------------------------------------------
    def _launch(self, name: str, design: Design) -> None:
        """Start the thread of a sweep. The caller holds the lock, for which the thread waits."""
        backend = self._open_backend(self.jobs)
        backend.first_seed = design.seed
        self._thread = start_thread(self._run, name, design, backend, name="sweep")
        self._backend, self._states[name] = backend, SweepState(name, planned=len(design))
        self.changes.add()

    def _run(self, name: str, design: Design, backend: SquareBackend) -> None:
        """Run a sweep and record its end."""
        error = ""
        try:
            with contextlib.closing(backend):
                sweep(
                    design,
                    root() / name,
                    executor=backend,
                    on_start=lambda planned, stored: self._begin(name, planned, stored),
                    on_result=lambda answer: self._count(
                        name, isinstance(answer, RunRecord), run_seconds(design.scenario)
                    ),
                    command=self.command(name),
                )
        except (SettingError, StorageError, ExecutorGone) as reason:
            error = one_line(reason).replace(str(root()), root().name)
        except Exception as reason:
            error = type(reason).__name__
        if not (root() / name / FILE).exists():  # A folder without a store would block the name.
            shutil.rmtree(root() / name, ignore_errors=True)
        with self._lock:
            stopped = bool(error) and self._states[name].phase == STOPPING
            phase = STOPPED if stopped else BROKEN if error else COMPLETE
            self._change(name, phase=phase, error="" if stopped else error)

    def _begin(self, name: str, planned: int, stored: int) -> None:
        """Record the size of a sweep whose runs begin."""
        with self._lock:
            phase = STOPPING if self._states[name].phase == STOPPING else RUNNING
            sizes = {"planned": planned, "stored": stored, "done": stored}
            self._change(name, phase=phase, began=time.monotonic(), **sizes)

    def _count(self, name: str, has_result: bool, estimate: float) -> None:
        """Count a finished or failed run, and measure the pace."""
        with self._lock:
            state, key = self._states[name], "done" if has_result else "failed"
            self._change(name, **{key: getattr(state, key) + 1})
            finished = state.done - state.stored + state.failed + 1
            self.pace = (time.monotonic() - state.began) / finished / estimate

    def _change(self, name: str, **changes: Any) -> None:
        with self._lock:
            self._states[name] = dataclasses.replace(self._states[name], **changes)
        self.changes.add()


#: The sweeps of this process.
SWEEPS = SweepRuns()
