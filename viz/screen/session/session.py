"""Session of a visitor: the choice, the loop that runs its worlds, and background runs.

The ``Session`` holds all state of a visitor. This module has no state.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import solara

from abm.scenario import Scenario, SettingError
from abm.world.routes import World
from viz.screen.session.background import BACKGROUND, Background
from viz.screen.session.choice import Choice, migrants_per_year, packaged_world
from viz.screen.session.frames import FrameLog
from viz.screen.session.live_traits import LiveWidgets, Update
from viz.screen.session.replicates import QUICK_SCALE, SEEDS, Replicates, SeedRuns
from viz.screen.session.runloop import LoopStatus, Phase, RunLoop
from viz.screen.session.visitors import VISITOR_LIMITS, VisitorLimits
from viz.screen.widgets.world import SHOW
from viz.screen.words import Words, one_line

#: Views of the worlds: maps side by side, a map of differences, one person in both worlds.
VIEW_NAMES = ("side", "difference", "person")
_EMPTY = LoopStatus(0, 0, 1, Phase.BUILDING)


def reactive(first: Any) -> Any:
    """Create a dataclass field. When its value changes, components that read it are rendered."""
    return field(default_factory=lambda: solara.reactive(first))


@dataclass
class Session:
    """A visitor's worlds A and B, and the state of the page.

    Attributes:
        choice: `Choice` of the visitor.
        language, page: keys of the language and of the open page.
        view: view of the worlds, a name in `VIEW_NAMES`.
        drawer: whether the drawer with the policies is open.
        status: `LoopStatus` with which pages are rendered. It does not change on every day of a
            run. Instead, ``live_widgets`` follow the run.
        error: one-line reason why the choice is invalid or a run was refused.
        place, person: index of the selected place or -1, and number of the followed person or 0.
        speed: days per second.
        layers: whether the maps show each layer.
        replicates: results of the same worlds on several seeds.
        notes: state of pages, which is kept while another page is open.
        limits, background: visitor limits and background workers of the server.
        kernel: id of the visitor.
        first_day: first day to show.
        now: current `LoopStatus`.
    """

    choice: Any = reactive(Choice())
    language: Any = reactive("en")
    page: Any = reactive("compare")
    view: Any = reactive("side")
    drawer: Any = reactive(False)
    status: Any = reactive(_EMPTY)
    error: Any = reactive("")
    place: Any = reactive(-1)
    person: Any = reactive(0)
    speed: Any = reactive(10)
    layers: Any = reactive(SHOW)
    replicates: Any = reactive(Replicates())
    notes: dict[str, Any] = field(default_factory=dict)
    limits: VisitorLimits = field(default_factory=lambda: VISITOR_LIMITS)
    background: Background = field(default_factory=lambda: BACKGROUND)
    kernel: str = ""
    first_day: int = 0
    loop: RunLoop | None = None
    live_widgets: LiveWidgets = field(default_factory=LiveWidgets)
    now: LoopStatus = _EMPTY
    _rendered: Any = None
    _serial: int = 0  # number of the last frame

    def __post_init__(self) -> None:
        """Prepare the runs on other seeds."""
        self.seed_runs = SeedRuns(self.background, self.limits, self.kernel, self._show_replicates)

    @property
    def words(self) -> Words:
        """Return the texts in the visitor's language."""
        return Words(self.language.value)

    @property
    def world(self) -> World:
        """Return the places and legs of the world."""
        return packaged_world()

    @property
    def logs(self) -> list[FrameLog]:
        """Return the frame log of each world, or [] until both worlds are built."""
        return self.loop.logs if self.loop and len(self.loop.recorders) == 2 else []

    @property
    def seed_counts(self) -> dict[str, int]:
        """Return the counts and the scale for texts on seeds.

        ``runs`` is the number of seeds in the displayed results, ``scale`` their persons per
        simulated migrant, and ``done`` how many of ``of`` seeds have finished at the page's scale.
        """
        replicates, scale = self.replicates.value, self.choice.value.scale
        return {
            "runs": len(replicates.seeds),
            "scale": max(scale, QUICK_SCALE) if replicates.finer else scale,
            "done": replicates.finished,
            "of": SEEDS,
        }

    @property
    def middle(self) -> int:
        """Return the displayed or requested day, or 0 on the last day and if no run exists."""
        day = self.loop.destination if self.loop else 0
        return day if day < self.choice.value.days else 0

    # ---- choice ---------------------------------------------------------------------------------
    def update_choice(self, **changes: Any) -> None:
        """Change fields of the choice. Unchanged worlds are not simulated again."""
        self.set_choice(dataclasses.replace(self.choice.value, **changes))

    def set_choice(self, choice: Choice) -> None:
        """Apply a choice, or set the error and keep the previous choice if it is invalid."""
        try:
            scenarios = tuple(choice.scenario(world) for world in (0, 1))
        except SettingError as error:
            self.error.set(one_line(error))
            return
        self.error.set("")
        self.choice.set(choice)
        self.seed_runs.set_scenarios(scenarios, choice.seed)
        self._publish_replicates()
        self.seed_runs.start()
        self._build(scenarios, choice.seed)

    def begin(self) -> None:
        """Build the worlds and return to the day that was displayed before."""
        if self.loop is None:
            day = self.first_day or self.now.day
            self.set_choice(self.choice.value)
            if day:
                self.seek(day)
        else:  # The loop was paused while another page was open.
            self._show(self.loop.status, at_once=True)

    def _build(self, scenarios: tuple[Scenario, ...], seed: int) -> None:
        """Start a loop at the current day, with the recorders of unchanged worlds."""
        old, reused, day = self.loop, [], 0
        if old is not None:
            old.end(wait=5.0)
            for recorder, a, b in zip(old.recorders, old.scenarios, scenarios, strict=False):
                same = seed == old.seed and a.digest == b.digest
                works = old.status.phase is not Phase.FAILED  # A failed model cannot continue.
                reused.append(recorder if same and works else None)
            day = min(old.destination, scenarios[0].days)
            self.person.set(0)
        more: Any = {"speed": float(self.speed.value), "serial": self._serial, "reused": reused}

        def report(status: LoopStatus) -> None:
            if self.loop is loop:  # A replaced loop still reports its end.
                self.on_status(status)

        self.loop = loop = RunLoop(scenarios, seed, report, **more)
        if 0 < day < loop.days:  # After a change in the middle of a run, the run continues.
            self.play_from(day)
        elif day:
            self.seek(day)
        loop.begin()

    # ---- running --------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Pause a run, or start it if the visitor limits allow it."""
        if self.loop is None:
            return
        if self.loop.status.phase in (Phase.RUNNING, Phase.SEEKING):
            self.pause()
        elif self._may_run():
            self.loop.run()
        self._show(self.loop.status, at_once=True)

    def pause(self) -> None:
        """Stop at the current day."""
        if self.loop is not None:
            self.loop.pause()
        self.limits.end_run(self.kernel)

    def seek(self, day: int) -> None:
        """Show a day. A day that is not simulated yet is shown only if a run may start."""
        if self.loop is not None and (day <= self.loop.simulated or self._may_run()):
            self.loop.seek(day)

    def play_from(self, day: int) -> None:
        """Go to a day without showing the days before it, and run from there.

        If the worlds are not built yet, the loop does this after it has built them.
        """
        if self.loop is not None and self._may_run():
            self.loop.seek(day, then_run=True)

    def step(self, days: int) -> None:
        """Move a number of days forward, or back if the number is negative."""
        if self.loop is not None:
            self.seek(self.loop.status.day + days)

    def set_speed(self, speed: int) -> None:
        """Set the speed in days per second."""
        self.speed.set(speed)
        if self.loop is not None:
            self.loop.set_speed(float(speed))

    def end(self) -> None:
        """Release all resources when the visitor leaves the page or these worlds."""
        self.limits.end_run(self.kernel)
        self.seed_runs.end()
        if self.loop is not None:
            self.loop.end()
            self.loop = None

    def _may_run(self) -> bool:
        """Register the run with the visitor limits, or set the error if they refuse it."""
        if self.loop is None:
            return False
        migrants = sum(migrants_per_year(scenario) for scenario in self.loop.scenarios)
        if refusal := self.limits.start(self.kernel, migrants, self._on_silence, self.acknowledge):
            self.error.set(refusal)
        return not refusal

    def _on_silence(self) -> None:
        """Pause the run of a silent page, unless the page waits for its worlds."""
        loop = self.loop
        if loop and not (loop.status.phase is Phase.BUILDING and self._may_run()):
            loop.pause()

    # ---- other seeds -----------------------------------------------------------------------------
    def _show_replicates(self) -> None:
        """Show the newest results at once or, while worlds run, only if a seed has been added."""
        n_seeds = len(self.replicates.value.seeds)
        self._publish_replicates()
        if self.now.phase is not Phase.RUNNING or n_seeds != len(self.replicates.value.seeds):
            self.live_widgets.update(at_once=True)

    def _publish_replicates(self) -> None:
        """Set the newest results, and repeat this if another thread has changed them meanwhile."""
        state = None
        while state is not self.seed_runs.state:
            state = self.seed_runs.state
            self.replicates.set(state)

    # ---- rendering ------------------------------------------------------------------------------
    def on_status(self, status: LoopStatus) -> None:
        """Handle a loop status: send frames at once, and other updates at a readable rate."""
        maps, running = self.live_widgets.maps.values(), status.phase is Phase.RUNNING
        if not (running or (status.phase is Phase.SEEKING and all(item.frame for item in maps))):
            self.push(status.day)  # Maps that show people keep them until the day is reached.
        still = not running and status.phase is not Phase.SEEKING
        if status.phase is Phase.SEEKING:
            self.limits.touch(self.kernel)  # The page sends no message until the day is shown.
        elif still and status.phase is not Phase.BUILDING:
            self.limits.end_run(self.kernel)
        if status.phase in (Phase.RUNNING, Phase.PAUSED):
            self.seed_runs.start()  # Runs that were stopped start again.
        self._show(status, at_once=still, frames=self._frames(status.day) if running else ())

    def _show(self, status: LoopStatus, at_once: bool, frames: Sequence[Update] = ()) -> None:
        """Render pages if the run is paused or the state changes, otherwise update live widgets."""
        self.now = status
        state = (status.phase, status.day > 0, all(len(log.journey_log) for log in self.logs))
        if at_once or state != self._rendered:
            self._rendered = state
            self.status.set(status)
        self.live_widgets.update(at_once, frames)
        latest = self.loop.status if self.loop else status
        if at_once and latest.phase is not status.phase:  # Another thread reported it meanwhile.
            self._show(latest, at_once)

    def push(self, day: int) -> None:
        """Send the maps the frame of a day."""
        self.live_widgets.refresh(frames=self._frames(day))

    def _frames(self, day: int) -> Sequence[Update]:
        """Return a day's frames for all maps, at least day 1. If there are no maps, acknowledge."""
        if not (self.loop and self.logs):
            return ()
        self._serial = self.loop.serial
        if not self.live_widgets.maps:
            self.loop.acknowledge(self._serial)
        return self.live_widgets.frames(self.logs, max(day, 1), self._serial)

    def acknowledge(self, serial: int) -> None:
        """Record that the maps have drawn a frame, so that the loop may send the next."""
        self.limits.touch(self.kernel)
        if self.loop is not None:
            self.loop.acknowledge(serial)
