"""The loop that plays two worlds in step and shows them, day by day.

One thread a visitor. It builds both worlds, plays a day of each, and tells whoever listens. The day
that is *shown* and the days that are *played* are two things: winding back shows frames that are
kept, going on plays only when nothing is left to show. Nothing here knows Solara.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING

from viz.screen.base_world import packaged_world
from viz.screen.frames import FrameLog, FrameRecorder

if TYPE_CHECKING:
    from abm.model import BorderModel
    from abm.scenario import Scenario

WINDOW = 2  # frames that may be on their way to the screen unanswered
FASTEST = 60.0  # days a second at most
_REST = 0.5  # seconds between two looks at whether there is something to do
_LATE = 1.0  # seconds after which a screen that does not answer is sent the next frame anyway


class Phase(StrEnum):
    """What the loop is at."""

    BUILDING = "building"
    PAUSED = "paused"
    RUNNING = "running"
    SEEKING = "seeking"  # plays towards a day that somebody asked for, showing nothing between
    FAILED = "failed"
    ENDED = "ended"


@dataclass(frozen=True)
class LoopStatus:
    """What the screen should show: the day (0 is the morning of the first), phase, what failed."""

    day: int
    played: int
    days: int
    phase: Phase
    trouble: str = ""


Hear = Callable[[LoopStatus], object]
Build = Callable[["Scenario", int], "BorderModel"]


def build(scenario: Scenario, seed: int) -> BorderModel:
    """A model, its warm-up played."""
    from abm.model import BorderModel

    return BorderModel(scenario, rng=seed, world=None if scenario.world else packaged_world())


@dataclass
class RunLoop:
    """Plays worlds of equal length on one seed, each with a recorder.

    ``kept`` are recorders of worlds that have not changed since another loop, in their places: they
    are not played again. ``hear`` is called in the loop's thread with every change, and must be
    quick. ``serial`` counts what was shown; whoever draws answers with :meth:`acknowledge`.
    """

    scenarios: tuple[Scenario, ...]
    seed: int
    hear: Hear
    speed: float = 10.0
    build: Build = build
    kept: Sequence[FrameRecorder | None] = ()
    recorders: list[FrameRecorder] = field(default_factory=list)
    serial: int = 0
    work_s: float = 0.0  # seconds spent in playing, for the benchmark
    _day: int = 0
    _target: int | None = None
    _running: bool = False
    _over: bool = False
    _trouble: str = ""
    _built: bool = False
    _painted: int = 0
    _due: float = 0.0  # when the next day should be shown
    _wake: threading.Condition = field(default_factory=threading.Condition)
    _thread: threading.Thread | None = None

    @property
    def days(self) -> int:
        """Length of the run."""
        return self.scenarios[0].days

    @property
    def logs(self) -> list[FrameLog]:
        """What was seen of each world."""
        return [recorder.log for recorder in self.recorders]

    @property
    def played(self) -> int:
        """Days that all worlds have played."""
        return min((len(log) for log in self.logs), default=0)

    @property
    def status(self) -> LoopStatus:
        """How things stand."""
        return LoopStatus(self._day, self.played, self.days, self._phase(), self._trouble)

    def _phase(self) -> Phase:
        if self._trouble:
            return Phase.FAILED
        if self._over:
            return Phase.ENDED
        if not self._built:
            return Phase.BUILDING
        if self._target is not None:
            return Phase.SEEKING
        return Phase.RUNNING if self._running else Phase.PAUSED

    # ---- what a visitor does ------------------------------------------------------------------
    def begin(self) -> None:
        """Start the thread, which builds the worlds and then waits."""
        self._thread = threading.Thread(target=self._live, name="two-worlds", daemon=True)
        self._thread.start()

    def run(self) -> None:
        """Go on from the day that is shown; from the first if it is the last."""
        with self._wake:
            if self._day >= self.days:
                self._day = 0
            self._running, self._target = True, None
            self._due = time.monotonic()
            self._wake.notify()

    def pause(self) -> None:
        """Stop where it is."""
        with self._wake:
            self._running, self._target = False, None
            self._wake.notify()

    def step(self, days: int = 1) -> None:
        """One day on, or back (-1)."""
        self.seek(self._day + days)

    def seek(self, day: int) -> None:
        """Show a day; what is not played yet is played first, as fast as it goes."""
        with self._wake:
            self._running, self._target = False, max(0, min(day, self.days))
            self._wake.notify()

    def set_speed(self, speed: float) -> None:
        """Days a second."""
        with self._wake:
            self.speed = max(0.1, min(speed, FASTEST))
            self._wake.notify()

    def acknowledge(self, serial: int) -> None:
        """A screen has drawn this frame."""
        with self._wake:
            self._painted = max(self._painted, serial)
            self._wake.notify()

    def end(self, wait: float = 0.0) -> None:
        """Stop for good."""
        with self._wake:
            self._over = True
            self._wake.notify()
        if wait and self._thread and self._thread is not threading.current_thread():
            self._thread.join(wait)

    # ---- the thread -----------------------------------------------------------------------------
    def _live(self) -> None:
        """Build, then do what is asked until it is over."""
        try:
            self._tell()
            for number, scenario in enumerate(self.scenarios):
                if self._over:
                    return
                kept = self.kept[number] if number < len(self.kept) else None
                self.recorders.append(kept or FrameRecorder(self.build(scenario, self.seed)))
            self._built = True
            self._tell()
            while not self._over:
                self._turn()
        except Exception as error:
            self._trouble = " ".join(str(error).split()) or type(error).__name__
        finally:
            self._tell()

    def _turn(self) -> None:
        """Do the next thing: seek, run a day, or wait."""
        if self._target is not None:
            self._seek()
        elif self._running and self._day < self.days:
            self._go_on()
        else:
            self._running = False
            self._wait(_REST, lambda: self._running or self._target is not None)

    def _seek(self) -> None:
        """Play towards the target, a tenth of a second at a time, then show it."""
        target, until = self._target or 0, time.monotonic() + 0.1
        while self.played < target and time.monotonic() < until:
            self._play()
        with self._wake:
            if self._target != target:  # somebody asked for something else meanwhile
                return
            if self.played >= target:
                self._day, self._target = target, None
        self._tell()

    def _go_on(self) -> None:
        """Show the next day, playing it if nobody has; keep the pace, and wait for the screen."""
        began = time.monotonic()
        if self._day >= self.played:
            self._play()
        with self._wake:
            if self._running:
                self._day += 1
                if self._day >= self.days:
                    self._running = False
        self._tell()
        period = 1.0 / self.speed  # the next day makes up for one that came late
        self._due = max(self._due, began - period) + period
        self._wait(max(0.0, self._due - time.monotonic()), self._disturbed)
        self._wait(_LATE, lambda: self._disturbed() or self.serial - self._painted < WINDOW)

    def _disturbed(self) -> bool:
        """Whether somebody wants something else than to run on."""
        return self._over or not self._running

    def _play(self) -> None:
        """The next day of every world that has not played it."""
        began, played = time.thread_time(), self.played
        for recorder in self.recorders:
            if len(recorder.log) == played:
                recorder.model.run_for(1)
                recorder.record()
        self.work_s += time.thread_time() - began

    def _wait(self, seconds: float, until: Callable[[], bool]) -> None:
        """Sleep until something is the case, or so long; a word from outside is heard at once."""
        with self._wake:
            self._wake.wait_for(lambda: self._over or until(), timeout=seconds)

    def _tell(self) -> None:
        """Let the screen know."""
        self.serial += 1
        self.hear(self.status)
