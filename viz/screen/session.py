"""One visitor's screen: what is chosen, the loop that plays it, and runs in the background.

Everything a visitor has hangs on their ``Session``; there is no state of the module.
"""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import solara

from abm.scenario import Scenario, SettingError
from experiments.pool import Failure
from viz.screen import replicates
from viz.screen.background import BACKGROUND, Background, RunRequest
from viz.screen.base_world import packaged_world
from viz.screen.choice import Choice
from viz.screen.live_traits import LiveWidgets
from viz.screen.replicates import Replicates
from viz.screen.runloop import LoopStatus, Phase, RunLoop
from viz.screen.visitors import VISITOR_LIMITS, RefusalError, Run, VisitorLimits, migrants_per_year
from viz.screen.words import Words

if TYPE_CHECKING:
    from abm.world.routes import World
    from viz.screen.frames import FrameLog

#: Charts on the screen at first: daily figures by name.
CHARTED = ("got_aways", "unlawful_entries", "apprehended_mexico", "deaths")
_EMPTY = LoopStatus(0, 0, 1, Phase.BUILDING)
_SHOWN = {"flow": True, "enforcement": True, "organisations": True, "harm": True}


def _reactive(first: Any) -> Any:
    """A field whose change renders anew whoever reads it."""
    return field(default_factory=lambda: solara.reactive(first))


@dataclass
class Session:
    """A visitor's worlds: A and B, or A alone.

    ``now``: how things stand; ``look``: the same as far as pages are rendered by it, which they
    are not from day to day while time runs: what has to follow then is a live part of the
    ``live_widgets``. ``trouble``: what is wrong with the choice, in a line. ``more``: the same worlds
    on other seeds. ``notes``: what a page wants to find again when one comes back to it.
    ``alone``: the session of the one world of Explore, whose page, language and place among
    visitors are those of this one.
    """

    worlds: int = 2
    choice: Any = _reactive(Choice())
    language: Any = _reactive("en")
    page: Any = _reactive("compare")
    status: Any = _reactive(_EMPTY)
    trouble: Any = _reactive("")
    place: Any = _reactive(-1)
    person: Any = _reactive(0)
    speed: Any = _reactive(10)
    show: Any = _reactive(_SHOWN)
    charted: Any = _reactive(CHARTED)
    more: Any = _reactive(Replicates())
    notes: dict[str, Any] = field(default_factory=dict)
    limits: VisitorLimits = field(default_factory=lambda: VISITOR_LIMITS)
    background: Background = field(default_factory=lambda: BACKGROUND)
    kernel: str = ""
    alone: Session | None = None
    first_day: int = 0
    loop: RunLoop | None = None
    live_widgets: LiveWidgets = field(default_factory=LiveWidgets)
    now: LoopStatus = _EMPTY
    _stage: Any = None
    _playing: Run | None = None
    _asked: RunRequest | None = None

    @property
    def words(self) -> Words:
        """The words of the visitor's language."""
        return Words(self.language.value)

    @property
    def world(self) -> World:
        """Places and legs."""
        return packaged_world()

    @property
    def logs(self) -> list[FrameLog]:
        """What was seen of all worlds; none while they are built."""
        return self.loop.logs if self.loop and len(self.loop.recorders) == self.worlds else []

    @property
    def shown(self) -> Session:
        """Whose worlds are on the page that is open."""
        return self.alone if self.alone and self.page.value == "explore" else self

    def another(self, worlds: int) -> Session:
        """A session of the same visitor with other worlds."""
        return Session(
            worlds=worlds,
            language=self.language,
            page=self.page,
            limits=self.limits,
            background=self.background,
            kernel=self.kernel,
        )

    # ---- choosing -------------------------------------------------------------------------------
    def choose(self, **changes: Any) -> None:
        """Change what is chosen; a world that does not change is not played again."""
        self.set_choice(dataclasses.replace(self.choice.value, **changes))

    def set_choice(self, choice: Choice) -> None:
        """Take a choice over, or say what is wrong with it and keep the old one."""
        try:
            scenarios = tuple(choice.scenario(world) for world in range(self.worlds))
        except SettingError as error:
            self.trouble.set(" ".join(str(error).split()))
            return
        self.trouble.set("")
        self.choice.set(choice)
        self.drop_more()
        self._play(scenarios, choice.seed)

    def begin(self) -> None:
        """Build what is chosen, and go to where one was."""
        if self.loop is None:
            day = self.first_day or self.now.day
            self.set_choice(self.choice.value)
            if day:
                self.seek(day)
        else:  # a page that is left pauses, and sees nothing of it
            self._show(self.loop.status, at_once=True)

    def _play(self, scenarios: tuple[Scenario, ...], seed: int) -> None:
        """Build the worlds, those that have not changed taken over, and stay at the day."""
        old, kept, day = self.loop, [], 0
        if old is not None:
            old.end(wait=5.0)
            same = [
                seed == old.seed and a.digest == b.digest
                for a, b in zip(scenarios, old.scenarios, strict=True)
            ]
            kept = [
                old.recorders[k] if same[k] and len(old.recorders) > k else None
                for k in range(self.worlds)
            ]
            day = min(old.status.day, scenarios[0].days)
            self.person.set(0)
        self.live_widgets.begin()
        self.loop = RunLoop(scenarios, seed, self.hear, speed=float(self.speed.value), kept=kept)
        self.loop.begin()
        if day:
            self.seek(day)

    # ---- playing --------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Run or pause."""
        if self.loop is None:
            return
        if self.loop.status.phase in (Phase.RUNNING, Phase.SEEKING):
            self.pause()
        elif self._may_play():
            self.loop.run()
        self._show(self.loop.status, at_once=True)

    def pause(self) -> None:
        """Stop where it is."""
        if self.loop is not None:
            self.loop.pause()
        self._give_back()

    def seek(self, day: int) -> None:
        """Show a day; one that is not played yet takes a place among those who play."""
        if self.loop is not None and (day <= self.loop.played or self._may_play()):
            self.loop.seek(day)

    def step(self, days: int) -> None:
        """One day on or back."""
        if self.loop is not None:
            self.seek(self.loop.status.day + days)

    def set_speed(self, speed: int) -> None:
        """Days a second."""
        self.speed.set(speed)
        if self.loop is not None:
            self.loop.set_speed(float(speed))

    def end(self) -> None:
        """The visitor has gone, or has left these worlds for good."""
        self._give_back()
        self.drop_more()
        if self.loop is not None:
            self.loop.end()
            self.loop = None
        if self.alone is not None:
            self.alone.end()

    def _may_play(self) -> bool:
        """Take a place among those who play; say why not where there is none."""
        if self._playing is None:
            self._playing = self._take_place(self._hushed)
        return self._playing is not None

    def _take_place(self, stop: Callable[[], object]) -> Run | None:
        """A place among those who play, if there is one."""
        if self.loop is None:
            return None
        persons = sum(migrants_per_year(scenario, self.world) for scenario in self.loop.scenarios)
        try:
            return self.limits.start(self.kernel, persons, stop)
        except RefusalError as error:
            self.trouble.set(str(error.args[0]))
            return None

    def _hushed(self) -> None:
        """Nobody has drawn a frame for a while: stop playing until somebody asks again."""
        self._playing = None
        if self.loop is not None:
            self.loop.pause()

    def _give_back(self) -> None:
        """The place among those who play is free again."""
        if self._playing is not None:
            self._playing.end()
            self._playing = None

    # ---- other seeds -----------------------------------------------------------------------------
    def play_more(self) -> None:
        """Play both worlds on more seeds, in the background."""
        if self.loop is None or self.more.value.waiting:
            return
        place = self._take_place(self.drop_more)
        if place is None:
            return
        scenarios = self.loop.scenarios
        asked = self.background.submit(replicates.cases(scenarios, self.loop.seed))
        self.more.set(Replicates(len(asked.cases), tuple({} for _ in scenarios)))
        self._asked = asked
        threading.Thread(target=self._gather, args=(asked, scenarios, place), daemon=True).start()

    def _gather(self, asked: RunRequest, scenarios: tuple[Scenario, ...], place: Run) -> None:
        """Take answers as they come, until all are there or nobody waits any longer."""
        try:
            for case, answer in asked:
                if self._asked is not asked:
                    return
                if isinstance(answer, Failure):
                    self.trouble.set(" ".join(str(answer).split()))
                    self.drop_more()
                    return
                self.limits.touch(self.kernel)
                world = scenarios.index(case.scenario)
                self.more.set(self.more.value.plus(world, case.seed, answer))
                self.live_widgets.update(at_once=True)
        finally:
            place.end()

    def drop_more(self) -> None:
        """Nobody waits for other seeds any longer."""
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()
            self.more.set(Replicates())

    # ---- what is shown --------------------------------------------------------------------------
    def hear(self, look: LoopStatus) -> None:
        """A word from the loop: frames at once, the rest as often as a person can read."""
        self.push(look.day)
        still = look.phase not in (Phase.RUNNING, Phase.SEEKING)
        if look.phase is Phase.SEEKING:
            self.limits.touch(self.kernel)  # nothing is drawn until the day is there
        elif still and look.phase is not Phase.BUILDING:
            self._give_back()
        self._show(look, at_once=still)

    def _show(self, look: LoopStatus, at_once: bool) -> None:
        """Render where time stands still or something begins; else tell the parts that live."""
        self.now = look
        stage = (look.phase, look.day > 0, all(len(log.journey_log) for log in self.logs))
        if at_once or stage != self._stage:
            self._stage = stage
            self.status.set(look)
        self.live_widgets.update(at_once)

    def push(self, day: int) -> None:
        """Give the maps the frame of a day; where nobody draws, nobody is waited for."""
        if (logs := self.logs) and self.loop:
            serial = self.loop.serial
            self.live_widgets.push(logs, day, serial)
            if not self.live_widgets.maps:
                self.loop.acknowledge(serial)

    def acknowledge(self, serial: int) -> None:
        """The maps have drawn a frame: they keep the pace."""
        self.limits.touch(self.kernel)
        if self.loop is not None:
            self.loop.acknowledge(serial)
