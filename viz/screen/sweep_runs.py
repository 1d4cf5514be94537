"""Sweeps that this server runs: start, watch, stop and resume, one at a time.

A sweep is a folder of ``twoborders sweep`` with its design file next to the store. All visitors see
the same sweeps. A name is the path of the folder below the folder of all stores, as in
``experiments.store_list``; names come from the browser and are checked against the list.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Callable
from multiprocessing.connection import Connection
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from experiments.design import Design
from experiments.design.stored import stored_design
from experiments.files import write_text
from experiments.pool import cores
from experiments.store_file import FILE
from experiments.store_list import list_stores, root
from viz.screen.sweep_limits import SWEEPS_ALONE, SweepCaps, migrants_in
from viz.screen.sweep_plan import SweepPlan, most_migrants_in
from viz.screen.sweep_process import STOPPED, SweepOrder, run_sweep, spawn
from viz.screen.sweep_state import (
    BROKEN,
    COMPLETE,
    RUNNING,
    STARTING,
    STOPPED_PHASE,
    STOPPING,
    Changes,
    SweepState,
)
from viz.screen.visitors import VISITOR_LIMITS, Run, VisitorLimits

DESIGN_FILE = "sweep.toml"
_PATIENCE = 1.5  # seconds that a stopped process may take, before it is killed
_KEPT = 50  # states of ended sweeps in memory


class SweepRefused(Exception):
    """A request about a sweep was refused: a key below ``sweep_new.error``, and its values."""

    def __init__(self, key: str, **values: str) -> None:
        super().__init__(key)
        self.key, self.values = key, values


class SweepRuns:
    """The sweeps of this server; safe to use from any thread.

    Attributes:
        folder: folder of new sweeps, inside the folder of stores; None if none may be started.
        caps: limits.
        shared: whether other people use the server: a sweep then stops when its visitor leaves,
            and nobody else may stop it.
        changes: changes of any state.
    """

    def __init__(
        self,
        limits: VisitorLimits = VISITOR_LIMITS,
        target: Callable[..., None] = run_sweep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder: Path | None = None
        self.caps, self.shared = SWEEPS_ALONE, False
        self.changes, self.clock = Changes(), clock
        self._limits, self._target = limits, target
        self._lock = threading.RLock()
        self._states: dict[str, SweepState] = {}
        self._process: BaseProcess | None = None
        self._ending = False

    def configure(self, folder: Path | None, caps: SweepCaps, *, shared: bool) -> None:
        """Set where sweeps are stored, and the limits."""
        self.folder = folder.resolve() if folder else None
        self.caps, self.shared = caps, shared

    # ---- what is there ---------------------------------------------------------------------------
    @property
    def jobs(self) -> int:
        """Return the number of runs at a time."""
        return max(1, min(cores(), self.caps.workers))

    def state(self, name: str) -> SweepState | None:
        """Return the state of a sweep that this server started; None for others."""
        return self._states.get(name)

    @property
    def active(self) -> SweepState | None:
        """Return the sweep that runs."""
        return next((one for one in list(self._states.values()) if one.is_active), None)

    def may_resume(self, name: str) -> bool:
        """Return whether a sweep is in the folder of sweeps."""
        return self.folder is not None and (root() / name).is_relative_to(self.folder)

    def free_name(self) -> str:
        """Return a name that no sweep has."""
        taken = set(os.listdir(self.folder)) if self.folder and self.folder.is_dir() else set()
        return next(name for k in range(1, 10_000) if (name := f"sweep-{k}") not in taken)

    def command(self, name: str) -> list[str]:
        """Return the command line that continues a sweep."""
        folder = Path(os.path.relpath(root() / name)).as_posix()
        return ["twoborders", "sweep", f"{folder}/{DESIGN_FILE}", "--out", folder, "--resume"]

    def has_design(self, name: str) -> bool:
        """Return whether a sweep has a design file, as those of the screen have."""
        return self.may_resume(name) and (root() / name / DESIGN_FILE).is_file()

    # ---- what visitors do ------------------------------------------------------------------------
    def start(self, plan: SweepPlan, kernel: str) -> str:
        """Start a sweep.

        Args:
            plan: the sweep, which is within the limits.
            kernel: id of the visitor.

        Returns:
            Its name in the list of stores.

        Raises:
            SweepRefused: another sweep runs, the name is taken, or the folder is full.
        """
        with self._lock:
            folder = self._new_folder(plan.name)
            name = folder.relative_to(root()).as_posix()
            order = SweepOrder(str(folder), plan.text, self.jobs, self.command(name))
            self._launch(name, order, kernel, plan.runs)
        return name

    def resume(self, name: str, kernel: str) -> None:
        """Continue a sweep, whether the screen or the command line started it.

        Args:
            name: name in the list of stores.
            kernel: id of the visitor.

        Raises:
            SweepRefused: another sweep runs, or this one is not in the folder or above the limits.
            SettingError: its design cannot be rebuilt.
        """
        with self._lock:
            self._check_free()
            if not self.may_resume(name) or name not in list_stores(root()):
                raise SweepRefused("off")
            folder = root() / name
            runs = self._checked_size(stored_design(folder))
            order = SweepOrder(str(folder), "", self.jobs, self.command(name))
            self._launch(name, order, kernel, runs)

    def stop(self, name: str, kernel: str) -> None:
        """Stop a sweep; finished runs are kept.

        Raises:
            SweepRefused: another visitor of a shared server started it and is still there.
        """
        with self._lock:
            state = self._states.get(name)
            if state is None or not state.is_active:
                return
            if self.shared and state.owner != kernel and state.owner in self._limits:
                raise SweepRefused("owner")
            self._stop(name)

    def end(self) -> None:
        """Stop the sweep that runs and wait for it, when the server ends."""
        with self._lock:
            self._ending = True
            process = self._process
            if (state := self.active) is not None:
                self._stop(state.name)
        if process is not None:
            process.join(_PATIENCE + 1.0)

    def forget(self, name: str) -> None:
        """Forget how far an ended sweep was; the command line may have continued it since."""
        with self._lock:
            state = self._states.get(name)
            if state is not None and not state.is_active:
                del self._states[name]
        self.changes.add()

    # ---- checks ----------------------------------------------------------------------------------
    def _check_free(self) -> None:
        if self.folder is None or self._ending:
            raise SweepRefused("off")
        if (other := self.active) is not None:
            raise SweepRefused("busy", name=other.name)

    def _new_folder(self, name: str) -> Path:
        """Create the folder of a new sweep; nothing that exists is replaced."""
        self._check_free()
        assert self.folder is not None
        folder = self.folder / name
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            if len(os.listdir(self.folder)) >= self.caps.folders:
                raise SweepRefused("full", most=str(self.caps.folders))
            folder.mkdir()
        except FileExistsError:
            raise SweepRefused("exists") from None
        except OSError:
            raise SweepRefused("folder") from None
        return folder

    def _checked_size(self, design: Design) -> int:
        """Return the runs of a design that continues; raise if it is above the limits."""
        caps = self.caps
        if len(design) > caps.runs:
            raise SweepRefused("large")
        per_run = most_migrants_in(design)
        work = migrants_in(per_run, design.scenario.days, len(design))
        if work > caps.migrants or per_run > self._limits.caps.persons:
            raise SweepRefused("large")
        return len(design)

    # ---- the process -----------------------------------------------------------------------------
    def _launch(self, name: str, order: SweepOrder, kernel: str, planned: int) -> None:
        """Start the process of a sweep, and a thread that reads its messages."""
        followed = self._follow(name, order, kernel)
        try:
            if order.text:
                write_text(Path(order.folder) / DESIGN_FILE, order.text)
            process, messages = spawn(self._target, order)
        except (OSError, SettingError):
            _remove_unused(Path(order.folder))
            raise SweepRefused("folder") from None
        self._process = process
        self._forget_old()
        self._states[name] = SweepState(name, planned=planned, jobs=order.jobs, owner=kernel)
        arguments = (name, order, process, messages, followed)
        reader = threading.Thread(target=self._read, args=arguments, name="sweep", daemon=True)
        # the thread belongs to no page; see viz.screen.visitors.attach
        setattr(reader, "current_context", None)  # noqa: B010
        reader.start()
        self.changes.add()

    def _follow(self, name: str, order: SweepOrder, kernel: str) -> Run | None:
        """Let a sweep of a shared server end with its visitor."""
        if not self.shared:
            return None
        run = self._limits.follow(kernel, lambda: self._stop(name))
        if run is None:
            _remove_unused(Path(order.folder))
            raise SweepRefused("gone")
        return run

    def _stop(self, name: str) -> None:
        """Ask the process to stop, and kill it if it does not; return at once."""
        with self._lock:
            process, state = self._process, self._states[name]
            if process is None or state.phase not in (STARTING, RUNNING):
                return
            self._change(name, phase=STOPPING)
            process.terminate()
        waiter = threading.Thread(target=_kill_late, args=(process,), daemon=True)
        setattr(waiter, "current_context", None)  # noqa: B010
        waiter.start()

    def _read(
        self,
        name: str,
        order: SweepOrder,
        process: BaseProcess,
        messages: Connection,
        followed: Run | None,
    ) -> None:
        """Update the state of a sweep until its process ends."""
        with contextlib.suppress(EOFError, OSError), messages:
            while True:
                self._take(name, messages.recv())
        process.join()
        _remove_unused(Path(order.folder))
        with self._lock:
            state = self._states[name]
            asked = state.phase == STOPPING or process.exitcode == STOPPED
            full = state.done + state.failed >= state.planned and process.exitcode == 0
            phase = COMPLETE if full else STOPPED_PHASE if asked else BROKEN
            error = state.error or ("@killed" if phase == BROKEN else "")
            self._process = None
            self._change(name, phase=phase, error=error)
        if followed is not None:
            followed.end()

    def _take(self, name: str, message: tuple[Any, ...]) -> None:
        """Apply a message of the process."""
        state, (kind, *values) = self._states[name], message
        if kind == "start":
            planned, stored = values
            phase = STOPPING if state.phase == STOPPING else RUNNING
            numbers = {"planned": planned, "stored": stored, "done": stored}
            self._change(name, phase=phase, began=self.clock(), **numbers)
        elif kind == "run":
            key = "done" if values[0] else "failed"
            self._change(name, **{key: getattr(state, key) + 1})
        else:
            self._change(name, error=str(values[0]).replace(str(root()), root().name))

    def _change(self, name: str, **changes: Any) -> None:
        with self._lock:
            self._states[name] = dataclasses.replace(self._states[name], **changes)
        self.changes.add()

    def _forget_old(self) -> None:
        """Drop the states of the oldest ended sweeps; their stores stay."""
        ended = [name for name, state in self._states.items() if not state.is_active]
        for name in ended[: max(0, len(ended) - _KEPT)]:
            del self._states[name]


def _kill_late(process: BaseProcess) -> None:
    """Kill a process that was asked to stop and runs on; its workers end with it."""
    process.join(_PATIENCE)
    if process.is_alive():
        process.kill()


def _remove_unused(folder: Path) -> None:
    """Remove a folder without a store, so that its name is free again."""
    if (folder / FILE).exists():
        return
    with contextlib.suppress(OSError):
        for name in (DESIGN_FILE, "ledger.lock"):
            (folder / name).unlink(missing_ok=True)
        folder.rmdir()


SWEEPS = SweepRuns()
"""The sweeps of this process."""
