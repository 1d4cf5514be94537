"""The loop that simulates the worlds in step and shows them, day by day.

Each visitor has one thread. It builds the worlds, simulates a day of each, and reports its status.
The day that is *shown* and the days that are *simulated* are separate: rewinding shows recorded
frames, and a new day is simulated only when no recorded one is left. This module does not depend on
Solara.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from queue import SimpleQueue
from typing import TYPE_CHECKING

from experiments.runs.warmup import start_model
from viz.screen.session.frames import FrameLog, FrameRecorder, policies_begin
from viz.screen.words import one_line

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario

WINDOW = 2  # frames that may be unacknowledged
FASTEST = 60.0  # days per second at most
_REST = 0.5  # seconds between checks for new commands
_LATE = 1.0  # seconds after which the next frame is sent without an acknowledgement
#: [A] Turns, one for each day that all loops of the process simulate at a time: more threads only
#: compete for the interpreter. With thirty loops on two cores, a day of a world takes 3.3 ms
#: instead of 4.7. A queue costs less than a semaphore, which is not compiled.
_TURNS: SimpleQueue[None] = SimpleQueue()
for _ in range(max(1, (os.cpu_count() or 1) // 2)):
    _TURNS.put(None)
#: [A] worlds of the process that are built at a time: if all pages of a class built their worlds
#: together, the first one would wait as long as the last one.
_BUILDS = threading.Semaphore(2)


class Phase(StrEnum):
    """The state of the loop."""

    BUILDING = "building"
    PAUSED = "paused"
    RUNNING = "running"
    SEEKING = "seeking"  # simulates up to a requested day without showing the days between
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True)
class LoopStatus:
    """The state to show: the day (0 is before the first), days simulated, length, phase, error."""

    day: int
    simulated: int
    days: int
    phase: Phase
    error: str = ""


OnStatus = Callable[[LoopStatus], object]
Build = Callable[["Scenario", int], "BorderModel"]


@dataclass
class RunLoop:
    """Simulate worlds of equal length on one seed, each with a recorder.

    Attributes:
        scenarios, seed: the worlds to simulate.
        on_status: called in the loop's thread on every change; must return quickly.
        speed: days per second.
        build: builds the model of a scenario and a seed on its first recorded day. Worlds that
            differ in their policies alone share the warm-up.
        reused: recorders for unchanged worlds from an earlier loop, or None, by world.
        recorders: one for each built world.
        serial: number of the last status shown; a screen answers with :meth:`acknowledge`. The
            first number continues the numbers of an earlier loop, whose answers may come late.
        work_s: CPU seconds of simulation, for the benchmark.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    on_status: OnStatus
    speed: float = 10.0
    build: Build = start_model
    reused: Sequence[FrameRecorder | None] = ()
    recorders: list[FrameRecorder] = field(default_factory=list)
    serial: int = 0
    work_s: float = 0.0
    _day: int = 0
    _target: int | None = None
    _running: bool = False
    _then_run: bool = False  # whether to run on from the target
    _over: bool = False
    _error: str = ""
    _reported: Phase | None = None  # the phase of the last report
    _acknowledged: int = 0
    _due: float = 0.0  # when the next day should be shown
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    @property
    def days(self) -> int:
        """Return the run's length."""
        return self.scenarios[0].days

    @property
    def logs(self) -> list[FrameLog]:
        """Return the frame log of each world."""
        return [recorder.log for recorder in self.recorders]

    @property
    def simulated(self) -> int:
        """Return how many days all worlds have simulated."""
        return min((len(log) for log in self.logs), default=0)

    @property
    def destination(self) -> int:
        """Return the day that the loop seeks, or else the day shown."""
        target = self._target
        return self._day if target is None else target

    @property
    def status(self) -> LoopStatus:
        """Return the current status."""
        return LoopStatus(self._day, self.simulated, self.days, self._phase(), self._error)

    def _phase(self) -> Phase:
        if self._error:
            return Phase.FAILED
        if self._over:
            return Phase.ENDED
        if len(self.recorders) < len(self.scenarios):
            return Phase.BUILDING
        if self._target is not None:
            return Phase.SEEKING
        return Phase.RUNNING if self._running else Phase.PAUSED

    # ---- commands -------------------------------------------------------------------------------
    def begin(self) -> None:
        """Start the thread, which builds the worlds and then waits."""
        self._acknowledged = self.serial
        self._thread = threading.Thread(target=self._live, name="two-worlds", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Run from the day shown; from the first day if it is the last."""
        with self._wake:
            if self._day >= self.days:
                self._day = 0
            self._running, self._target = True, None
            self._due = time.monotonic()
            self._wake.notify()

    def pause(self) -> None:
        """Stop at the day shown."""
        with self._wake:
            self._running, self._target = False, None
            self._wake.notify()

    def seek(self, day: int, then_run: bool = False) -> None:
        """Show a day; missing days are simulated first, as fast as possible.

        Args:
            day: the day to show.
            then_run: whether to run on from that day.
        """
        with self._wake:
            self._running, self._target = False, max(0, min(day, self.days))
            self._then_run = then_run
            self._wake.notify()

    def set_speed(self, speed: float) -> None:
        """Set the speed in days per second, within bounds."""
        with self._wake:
            self.speed = max(0.1, min(speed, FASTEST))
            self._wake.notify()

    def acknowledge(self, serial: int) -> None:
        """Record that a screen has drawn this frame."""
        with self._wake:
            self._acknowledged = max(self._acknowledged, serial)
            self._wake.notify()

    def end(self, wait: float = 0.0) -> None:
        """End the loop; wait for the thread for at most this number of seconds."""
        with self._wake:
            self._over = True
            self._wake.notify()
        if wait and self._thread and self._thread is not threading.current_thread():
            self._thread.join(wait)

    # ---- the thread -----------------------------------------------------------------------------
    def _live(self) -> None:
        """Build the worlds, then follow the commands until the end."""
        try:
            self._report()
            for number, scenario in enumerate(self.scenarios):
                if self._over:
                    return
                reused = self.reused[number] if number < len(self.reused) else None
                recorder = reused or self._build_in_turn(scenario)
                if recorder is None:
                    return
                recorder.log.began = policies_begin(self.scenarios)
                self.recorders.append(recorder)
            if not self.simulated:
                self._simulate_day()  # the maps show it before the first day
            self._report()
            while not self._over:
                self._next_step()
        except Exception as error:
            self._error = one_line(error) or type(error).__name__
        finally:
            self._report()

    def _build_in_turn(self, scenario: Scenario) -> FrameRecorder | None:
        """Build a world when it may begin, or None if the loop ends before that."""
        while not _BUILDS.acquire(timeout=_REST):
            if self._over:
                return None
        try:
            return None if self._over else FrameRecorder(self.build(scenario, self.seed))
        finally:
            _BUILDS.release()

    def _next_step(self) -> None:
        """Seek, run a day, or wait."""
        if self._target is not None:
            self._seek()
        elif self._running and self._day < self.days:
            self._advance()
        else:
            self._running = False
            if self._phase() is not self._reported:  # the server pauses runs without a command
                self._report()
            self._wait(_REST, lambda: self._running or self._target is not None)

    def _seek(self) -> None:
        """Simulate towards the target for at most a tenth of a second, and show it if reached."""
        target, until = self._target or 0, time.monotonic() + 0.1
        while self.simulated < target and time.monotonic() < until:
            self._simulate_day()
        with self._wake:
            if self._target != target:  # another command came meanwhile
                return
            if self.simulated >= target:
                self._day, self._target, self._running = target, None, self._then_run
                self._due = time.monotonic()
        self._report()

    def _advance(self) -> None:
        """Show the next day, keep the pace, and wait for the screen."""
        began, target = time.monotonic(), min(self._day + 1, self.days)
        while self.simulated < target:
            self._simulate_day()
        with self._wake:
            if self._running:
                self._day = target
                if self._day >= self.days:
                    self._running = False
        self._report()
        period = 1.0 / self.speed  # after a late day the next one comes earlier
        self._due = max(self._due, began - period) + period
        self._wait(max(0.0, self._due - time.monotonic()), self._interrupted)
        self._wait(_LATE, lambda: self._interrupted() or self.serial - self._acknowledged < WINDOW)

    def _interrupted(self) -> bool:
        """Return whether the loop should stop running on."""
        return self._over or not self._running

    def _simulate_day(self) -> None:
        """Simulate and record the next day of every world that is not ahead."""
        _TURNS.get()
        try:
            began, simulated = time.thread_time(), self.simulated
            for recorder in self.recorders:
                if len(recorder.log) == simulated:
                    recorder.model.run_for(1)
                    recorder.record()
            self.work_s += time.thread_time() - began
        finally:
            _TURNS.put(None)

    def _wait(self, seconds: float, until: Callable[[], bool]) -> None:
        """Wait until a condition holds, at most for some seconds; commands end the wait."""
        with self._wake:
            self._wake.wait_for(lambda: self._over or until(), timeout=seconds)

    def _report(self) -> None:
        """Report the status to the listener."""
        self.serial += 1
        status = self.status
        self._reported = status.phase
        self.on_status(status)
