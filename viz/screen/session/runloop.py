"""Loop that simulates all worlds day by day and reports which day to show.

Each visitor has one thread. It builds the worlds, simulates a day of each world, and reports its
status. The displayed day can be earlier than the last simulated day. Going back shows recorded
frames, and a day is simulated only if it is not recorded. This module does not depend on Solara.
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

WINDOW = 2  # maximum number of unacknowledged frames
FASTEST = 60.0  # maximum speed, in days per second
_REST = 0.5  # seconds between checks for new commands
_LATE = 1.0  # seconds after which the next frame is sent without an acknowledgement
#: [A] One item per loop that may simulate at a time, because more threads only compete for the
#: interpreter. With thirty loops on two cores, this reduces the time for a day of a world from 4.7
#: to 3.3 ms. A queue is faster than a semaphore, because it is compiled.
_TURNS: SimpleQueue[None] = SimpleQueue()
for _ in range(max(1, (os.cpu_count() or 1) // 2)):
    _TURNS.put(None)
#: [A] Number of worlds that are built at a time. If all pages of a class built their worlds
#: together, the first page would wait as long as the last page.
_BUILDS = threading.Semaphore(2)


class Phase(StrEnum):
    """State of the loop."""

    BUILDING = "building"
    PAUSED = "paused"
    RUNNING = "running"
    SEEKING = "seeking"  # The loop simulates up to a requested day and shows only that day.
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True)
class LoopStatus:
    """State of the loop to show on the page.

    Attributes:
        day: displayed day, where 0 is before the first day.
        simulated: number of simulated days.
        days: length of the run.
        phase: state of the loop.
        error: message of the error that ended the loop, or "".
    """

    day: int
    simulated: int
    days: int
    phase: Phase
    error: str = ""


OnStatus = Callable[[LoopStatus], object]
Build = Callable[["Scenario", int], "BorderModel"]


@dataclass
class RunLoop:
    """Loop that simulates worlds of equal length on one seed, each with a recorder.

    Attributes:
        scenarios, seed: worlds to simulate.
        on_status: called in the thread of the loop on every change, and must return quickly.
        speed: days per second.
        build: builds the model of a scenario and a seed at its first recorded day. Worlds that
            differ only in their policies share the warm-up.
        reused: recorder of each world from an earlier loop, or None if the world has changed.
        recorders: recorder of each built world.
        serial: number of the last reported status, with which the page calls :meth:`acknowledge`.
            It continues the numbers of an earlier loop, whose acknowledgements may arrive late.
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
    _then_run: bool = False  # whether to run after the target is reached
    _over: bool = False
    _error: str = ""
    _reported: Phase | None = None  # phase in the last report
    _acknowledged: int = 0
    _due: float = 0.0  # time at which the next day should be shown
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    @property
    def days(self) -> int:
        """Return the length of the run in days."""
        return self.scenarios[0].days

    @property
    def logs(self) -> list[FrameLog]:
        """Return the frame log of each world."""
        return [recorder.log for recorder in self.recorders]

    @property
    def simulated(self) -> int:
        """Return the number of days that all worlds have simulated."""
        return min((len(log) for log in self.logs), default=0)

    @property
    def destination(self) -> int:
        """Return the day that the loop seeks or, if it seeks none, the displayed day."""
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
        """Run from the displayed day, or from the start if this is the last day."""
        with self._wake:
            if self._day >= self.days:
                self._day = 0
            self._running, self._target = True, None
            self._due = time.monotonic()
            self._wake.notify()

    def pause(self) -> None:
        """Stop at the displayed day."""
        with self._wake:
            self._running, self._target = False, None
            self._wake.notify()

    def seek(self, day: int, then_run: bool = False) -> None:
        """Show a day, after simulating missing days as fast as possible.

        Args:
            day: day to show.
            then_run: whether to run from that day.
        """
        with self._wake:
            self._running, self._target = False, max(0, min(day, self.days))
            self._then_run = then_run
            self._wake.notify()

    def set_speed(self, speed: float) -> None:
        """Set the speed in days per second, limited to 0.1 and `FASTEST`."""
        with self._wake:
            self.speed = max(0.1, min(speed, FASTEST))
            self._wake.notify()

    def acknowledge(self, serial: int) -> None:
        """Record that the page has drawn the frame with this number."""
        with self._wake:
            self._acknowledged = max(self._acknowledged, serial)
            self._wake.notify()

    def end(self, wait: float = 0.0) -> None:
        """End the loop, and wait at most `wait` seconds for the thread."""
        with self._wake:
            self._over = True
            self._wake.notify()
        if wait and self._thread and self._thread is not threading.current_thread():
            self._thread.join(wait)

    # ---- the thread -----------------------------------------------------------------------------
    def _live(self) -> None:
        """Build the worlds, then execute commands until the loop ends."""
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
                self._simulate_day()  # On day 0, the maps show the first day.
            self._report()
            while not self._over:
                self._next_step()
        except Exception as error:
            self._error = one_line(error) or type(error).__name__
        finally:
            self._report()

    def _build_in_turn(self, scenario: Scenario) -> FrameRecorder | None:
        """Wait for a turn and build a world, or return None if the loop ends before."""
        while not _BUILDS.acquire(timeout=_REST):
            if self._over:
                return None
        try:
            return None if self._over else FrameRecorder(self.build(scenario, self.seed))
        finally:
            _BUILDS.release()

    def _next_step(self) -> None:
        """Seek a day, show the next day, or wait for a command."""
        if self._target is not None:
            self._seek()
        elif self._running and self._day < self.days:
            self._advance()
        else:
            self._running = False
            if self._phase() is not self._reported:  # The server may have paused the run.
                self._report()
            self._wait(_REST, lambda: self._running or self._target is not None)

    def _seek(self) -> None:
        """Simulate towards the target for a tenth of a second, and show it once it is reached."""
        target, until = self._target or 0, time.monotonic() + 0.1
        while self.simulated < target and time.monotonic() < until:
            self._simulate_day()
        with self._wake:
            if self._target != target:  # Another command has arrived meanwhile.
                return
            if self.simulated >= target:
                self._day, self._target, self._running = target, None, self._then_run
                self._due = time.monotonic()
        self._report()

    def _advance(self) -> None:
        """Show the next day, keep the speed, and wait until the page has drawn earlier frames."""
        began, target = time.monotonic(), min(self._day + 1, self.days)
        while self.simulated < target:
            self._simulate_day()
        with self._wake:
            if self._running:
                self._day = target
                if self._day >= self.days:
                    self._running = False
        self._report()
        period = 1.0 / self.speed  # After a late day, the next day is due earlier.
        self._due = max(self._due, began - period) + period
        self._wait(max(0.0, self._due - time.monotonic()), self._interrupted)
        self._wait(_LATE, lambda: self._interrupted() or self.serial - self._acknowledged < WINDOW)

    def _interrupted(self) -> bool:
        """Return whether the loop has been stopped or ended."""
        return self._over or not self._running

    def _simulate_day(self) -> None:
        """Simulate and record the next day in every world except worlds that are ahead."""
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
        """Wait until a condition holds or the loop ends, but at most `seconds` seconds."""
        with self._wake:
            self._wake.wait_for(lambda: self._over or until(), timeout=seconds)

    def _report(self) -> None:
        """Pass the status to `on_status`."""
        self.serial += 1
        status = self.status
        self._reported = status.phase
        self.on_status(status)
