"""The first two worlds of a lesson on maps, from packaged frames or simulated.

A `LessonStage` has the loop of a session (`viz.screen.session.runloop`) without its policies,
replicates and views: a lesson only shows its worlds from the first day to the last.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from viz.screen.lessons import Lesson
from viz.screen.session.frames import FrameLog
from viz.screen.session.live_traits import LiveWidgets
from viz.screen.session.runloop import LoopStatus, RunLoop
from viz.screen.session.session import Session, reactive
from viz.screen.session.visitors import RefusalError, Run, VisitorLimits, migrants_per_year

#: [A] seconds of the first play of packaged worlds and of a repetition, and from the lock to the
#: result, which includes the time until the maps are on the page.
FIRST_PLAY, NEXT_PLAY, TO_RESULT = 1.8, 9.0, 2.6
_FRAMES = 24.0  # frames per second
_NOTE = "learn.stage"


@dataclass(frozen=True, eq=False)
class _Recorded:
    """A recorder whose run is over."""

    log: FrameLog


@dataclass
class LessonStage:
    """Two worlds whose days are shown one after the other.

    Attributes:
        limits, kernel: limits of the server, and id of the visitor.
        playing: whether the worlds advance.
        error: why the worlds cannot be simulated.
        language: language of the visitor.
        live_widgets: the maps and the date.
        day: the day shown.
    """

    limits: VisitorLimits
    kernel: str
    playing: Any = reactive(False)
    error: Any = reactive("")
    language: Any = reactive("en")
    live_widgets: LiveWidgets = field(default_factory=LiveWidgets)
    day: int = 0
    key: tuple[str, str] | None = None
    _loop: RunLoop | None = None
    _run: Run | None = None

    def play(
        self, lesson: Lesson, dial: str, logs: Sequence[FrameLog] = (), seconds: float = FIRST_PLAY
    ) -> None:
        """Show both worlds from the first day on.

        Args:
            lesson: the lesson.
            dial: value of the dial.
            logs: frames of both worlds; without them the worlds are simulated.
            seconds: duration, if the browser is quick enough; 0 shows the last day.
        """
        self.end()
        cases = lesson.cases(dial, seeds=1)
        scenarios = tuple(cases[arm, 1].scenario for arm, _ in zip(lesson.arms, "ab", strict=False))
        if not logs and not self._may_simulate(sum(map(migrants_per_year, scenarios))):
            return
        reused: Any = [_Recorded(log) for log in logs]
        speed = lesson.days / (seconds or FIRST_PLAY)
        loop = RunLoop(
            scenarios,
            1,
            lambda status: self._on_status(loop, status),
            speed=speed,
            stride=math.ceil(speed / _FRAMES),
            turn=partial(self.limits.building, self.kernel),
            reused=reused,
        )
        self.key, self._loop, self.day = (lesson.id, dial), loop, 0
        self.live_widgets.full = max([1.0, *(float(log.records()["flow"].max()) for log in logs)])
        self.playing.set(seconds > 0.0)
        loop.begin()
        if not seconds:
            loop.seek(lesson.days)
        elif len(self.live_widgets.maps) == len(scenarios) or not logs:
            loop.run()

    def show(self, world: int, widget: Any) -> None:
        """Add the map of a world and send it the frame of the day."""
        self.live_widgets.maps[world] = widget
        if (loop := self._loop) is not None:
            self._push(loop, self.day)
            if self.playing.value and len(self.live_widgets.maps) == len(loop.scenarios):
                loop.run()  # packaged worlds wait for the maps

    def hide(self, world: int, widget: Any) -> None:
        """Remove a map."""
        if self.live_widgets.maps.get(world) is widget:
            del self.live_widgets.maps[world]

    def acknowledge(self, serial: int) -> None:
        """Record that the maps have drawn a frame."""
        self.limits.touch(self.kernel)
        if self._loop is not None:
            self._loop.acknowledge(serial)

    def end(self) -> None:
        """Stop the animation and release all resources."""
        loop, self._loop, self.key = self._loop, None, None
        if loop is not None:
            loop.end()
        self._release()
        self.playing.set(False)

    def _may_simulate(self, migrants: int) -> bool:
        """Register the run with the limits of the server; set the error if it is refused."""
        self.error.set("")
        try:
            self._run = self.limits.start(self.kernel, migrants, self.end)
        except RefusalError as error:
            self.error.set(str(error.args[0]))
        return self._run is not None

    def _release(self) -> None:
        run, self._run = self._run, None
        if run is not None:
            run.end()

    def _on_status(self, loop: RunLoop, status: LoopStatus) -> None:
        """Send the frame of a day; note the end of the animation."""
        if loop is not self._loop:
            return
        self.day = status.day
        self._push(loop, status.day)
        self.live_widgets.update()
        if status.error or status.day >= status.days:
            self._release()
            self.error.set(status.error)
            self.live_widgets.update(at_once=True)
            self.playing.set(False)

    def _push(self, loop: RunLoop, day: int) -> None:
        """Send both maps their frames; without maps, acknowledge them."""
        if len(loop.recorders) == len(loop.scenarios):
            self.live_widgets.push(loop.logs, day, loop.serial)
            if not self.live_widgets.maps:
                loop.acknowledge(loop.serial)


def stage(session: Session) -> LessonStage:
    """Return the visitor's stage; it is created once per session."""
    if _NOTE not in session.notes:
        session.notes[_NOTE] = LessonStage(
            session.limits, session.kernel, language=session.language
        )
    return session.notes[_NOTE]
