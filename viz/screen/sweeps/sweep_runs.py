"""Sweeps that this server runs: start, watch, stop and resume, one at a time.

A sweep is a folder of ``twoborders sweep`` with its design file next to the store. All visitors see
the same sweeps. A name is the path of the folder below the folder of all stores, as in
``experiments.sweeps.store_list``; names come from the browser and are checked against the list.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
import threading
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from abm.scenario import SettingError
from experiments.runs.files import write_text
from experiments.sweeps.design.stored import stored_design
from experiments.sweeps.pool import cores
from experiments.sweeps.store_list import list_stores, root
from viz.screen.session.visitors import VISITOR_LIMITS, Run, VisitorLimits
from viz.screen.sweeps.sweep_folders import (
    DESIGN_FILE,
    free_name,
    has_design_file,
    is_inside,
    new_folder,
    remove_unused,
)
from viz.screen.sweeps.sweep_limits import SWEEPS_ALONE, TURNS, SweepCaps, TurnCaps
from viz.screen.sweeps.sweep_plan import SweepPlan
from viz.screen.sweeps.sweep_process import STOPPED, SweepOrder, run_sweep
from viz.screen.sweeps.sweep_quota import Owner, SweepQuota, SweepRefused, check_size
from viz.screen.sweeps.sweep_state import (
    BROKEN,
    COMPLETE,
    RUNNING,
    STARTING,
    STOPPED_PHASE,
    STOPPING,
    Changes,
    SweepState,
)
from viz.screen.sweeps.sweep_worker import PATIENCE, SweepWorker, start_worker

_KEPT = 50  # states of ended sweeps in memory


class SweepRuns:
    """The sweeps of this server; safe to use from any thread.

    Attributes:
        folder: folder of new sweeps, inside the folder of stores; None if none may be started.
        caps: limits.
        shared: whether other people use the server: a sweep then stops when its visitor leaves,
            no other visitor may stop it, and visitors and addresses have limits.
        turns: the limits of visitors and addresses.
        changes: changes of any state.
    """

    def __init__(
        self,
        limits: VisitorLimits = VISITOR_LIMITS,
        target: Callable[..., None] = run_sweep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.folder: Path | None = None
        self.caps, self.turns, self.shared = SWEEPS_ALONE, TURNS, False
        self.changes, self.clock = Changes(), clock
        self._limits, self._target, self._quota = limits, target, SweepQuota(clock)
        self._lock = threading.RLock()
        self._states: dict[str, SweepState] = {}
        self._worker: SweepWorker | None = None
        self._ending = False

    def configure(
        self, folder: Path | None, caps: SweepCaps, *, shared: bool, turns: TurnCaps = TURNS
    ) -> None:
        """Set the folder of sweeps and the limits.

        Args:
            folder: folder of new sweeps; None if none may be started.
            caps: limits of one sweep and of the folder.
            shared: whether other people use the server.
            turns: limits of visitors and addresses, which only apply to a shared server.

        Raises:
            SettingError: the folder is not inside the folder of stores, for example by a link.
        """
        if folder is not None and not is_inside(folder.resolve(), root()):
            reason = f"{folder} leads out of {root()}"
            raise SettingError("--sweeps", reason, "Replace the link by a folder.")
        self.folder = folder.resolve() if folder else None
        self.caps, self.turns, self.shared = caps, turns, shared

    # ---- state -----------------------------------------------------------------------------------
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
        """Return whether a sweep is in the folder of sweeps, not reached by a link."""
        return is_inside(root() / name, self.folder)

    def free_name(self) -> str:
        """Return a name that no sweep has."""
        return free_name(self.folder)

    def command(self, name: str) -> list[str]:
        """Return the command line that continues a sweep."""
        folder = Path(os.path.relpath(root() / name)).as_posix()
        return ["twoborders", "sweep", f"{folder}/{DESIGN_FILE}", "--out", folder, "--resume"]

    def has_design(self, name: str) -> bool:
        """Return whether a sweep has a design file, as those of the screen have."""
        return self.may_resume(name) and has_design_file(root() / name)

    # ---- requests of visitors --------------------------------------------------------------------
    def start(self, plan: SweepPlan, kernel: str) -> str:
        """Start a sweep.

        Args:
            plan: the sweep, which is within the limits.
            kernel: id of the visitor.

        Returns:
            Its name in the list of stores.

        Raises:
            SweepRefused: another sweep runs, the name is taken, a limit is reached, or the process
                cannot be started.
        """
        self._make_room(kernel)
        with self._lock:
            self._check_free(kernel)
            if self.shared:
                self._quota.check_stored(self.turns, self._owner(kernel))
            assert self.folder is not None
            folder = new_folder(self.folder, plan.name, self.caps.folders)
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
            SweepRefused: another sweep runs, this one is not in the folder, a limit is reached, or
                the process cannot be started.
            SettingError: its design cannot be rebuilt.
        """
        self._make_room(kernel)
        with self._lock:
            self._check_free(kernel)
            if not self.may_resume(name) or name not in list_stores(root()):
                raise SweepRefused("off")
            folder = root() / name
            design, most = stored_design(folder), self._limits.caps.persons
            check_size(design, self.caps, most)
            order = SweepOrder(str(folder), "", self.jobs, self.command(name))
            self._launch(name, order, kernel, len(design))

    def stop(self, name: str, kernel: str) -> None:
        """Stop a sweep; finished runs stay in its store.

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
            worker = self._worker
            if (state := self.active) is not None:
                self._stop(state.name)
        if worker is not None:
            worker.join()

    def forget(self, name: str) -> None:
        """Forget how far an ended sweep was; the command line may have continued it since."""
        with self._lock:
            state = self._states.get(name)
            if state is not None and not state.is_active:
                del self._states[name]
        self.changes.add()

    # ---- checks ----------------------------------------------------------------------------------
    def _check_free(self, kernel: str) -> None:
        """Raise unless the visitor may start a sweep now."""
        self._check_allowed(kernel)
        if (other := self.active) is not None:
            raise SweepRefused("busy", name=other.name)

    def _check_allowed(self, kernel: str) -> None:
        if self.folder is None or self._ending:
            raise SweepRefused("off")
        if self.shared and kernel not in self._limits:
            raise SweepRefused("gone")
        if self.shared:
            self._quota.check_time(self.turns, self._owner(kernel))

    def _owner(self, kernel: str) -> Owner:
        return Owner(kernel, self._limits.address_of(kernel))

    def _make_room(self, kernel: str) -> None:
        """Stop the sweep of an absent visitor for another one who may start one; await its end."""
        with self._lock:
            state = self.active
            if not self.shared or state is None or state.owner == kernel:
                return
            self._check_allowed(kernel)
            if self._limits.seconds_silent(state.owner) < self.turns.absence:
                return
            self._stop(state.name, "@yielded")
        late, number = time.monotonic() + PATIENCE + 1.0, -1
        while state.is_active and time.monotonic() < late:
            number = self.changes.wait(number, 0.2)
            state = self._states.get(state.name, dataclasses.replace(state, phase=STOPPED_PHASE))

    # ---- the process -----------------------------------------------------------------------------
    def _launch(self, name: str, order: SweepOrder, kernel: str, planned: int) -> None:
        """Start the process of a sweep and a thread that reads its messages, or change nothing."""
        folder, earlier = Path(order.folder), self._states.get(name)
        with contextlib.ExitStack() as undo:
            undo.callback(remove_unused, folder)
            followed = self._follow(name, kernel)
            if followed is not None:
                undo.callback(followed.end)
            undo.callback(self._restore, name, earlier)
            self._states[name] = SweepState(name, planned=planned, jobs=order.jobs, owner=kernel)
            self._worker = self._start(name, order, followed)
            undo.pop_all()
        self._quota.begin(name, self._owner(kernel), folder if order.text else None)
        self._forget_old()
        self.changes.add()

    def _start(self, name: str, order: SweepOrder, followed: Run | None) -> SweepWorker:
        """Write the design and start the worker; raise SweepRefused if one of both fails."""
        try:
            if order.text:
                write_text(Path(order.folder) / DESIGN_FILE, order.text)
        except (OSError, SettingError):
            raise SweepRefused("folder") from None
        return start_worker(
            self._target,
            order,
            on_message=partial(self._take, name),
            check=partial(self._check_run_time, name),
            on_end=partial(self._end, name, Path(order.folder), followed),
        )

    def _restore(self, name: str, earlier: SweepState | None) -> None:
        """Set the state of a sweep to an earlier one."""
        del self._states[name]
        if earlier is not None:
            self._states[name] = earlier

    def _follow(self, name: str, kernel: str) -> Run | None:
        """Let a sweep of a shared server end with its visitor."""
        if not self.shared:
            return None
        if (run := self._limits.follow(kernel, lambda: self._stop(name))) is None:
            raise SweepRefused("gone")
        return run

    def _stop(self, name: str, error: str = "") -> None:
        """Send SIGTERM to the process, and kill it if it does not end; return at once."""
        with self._lock:
            worker, state = self._worker, self._states[name]
            if worker is None or state.phase not in (STARTING, RUNNING):
                return
            self._change(name, phase=STOPPING, error=error)
            worker.stop()

    def _end(self, name: str, folder: Path, followed: Run | None, exit_code: int | None) -> None:
        """Record the end of a process."""
        remove_unused(folder)
        with self._lock:
            state = self._states[name]
            stopped = state.phase == STOPPING or exit_code == STOPPED
            full = state.done + state.failed >= state.planned and exit_code == 0
            phase = COMPLETE if full else STOPPED_PHASE if stopped else BROKEN
            error = "" if full else state.error or ("@killed" if phase == BROKEN else "")
            self._worker = None
            self._quota.end(name)
            self._change(name, phase=phase, error=error)
        if followed is not None:
            followed.end()

    def _check_run_time(self, name: str) -> None:
        """Stop a sweep of a shared server that has reached the limit of its run time."""
        with self._lock:
            if self.shared and self._quota.seconds(name) >= self.turns.seconds:
                self._stop(name, "@late")

    def _take(self, name: str, message: tuple[Any, ...]) -> None:
        """Apply a message of the process."""
        with self._lock:
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


SWEEPS = SweepRuns()
"""The sweeps of this process."""
