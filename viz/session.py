"""One visitor's screen: what is chosen, the loop that plays it, and what the widgets are told.

Everything a visitor has hangs on their ``Session``; there is no state of the module.
"""

from __future__ import annotations

import dataclasses
import time
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import solara

from abm.scenario import SettingError
from abm.world.routes import World, load_world
from viz.choice import Choice
from viz.frames import WEEK
from viz.runloop import Look, Loop, Phase
from viz.visit import VISITS, Refused, Run, Visits, rows_a_year
from viz.words import Words

if TYPE_CHECKING:
    from viz.frames import Reel
    from viz.widgets.chart import LiveChart
    from viz.widgets.flowmap import FlowMap

#: Charts on the screen: daily figures by name.
CHARTED = ("got_aways", "unlawful_entries", "apprehended_mexico", "deaths")
_QUICK, _CALM = 0.1, 0.35  # seconds between two renderings of the time bar, and of tables
_EMPTY = Look(0, 0, 1, Phase.BUILDING)


@dataclass
class Session:
    """A visitor's two worlds.

    ``look``: what the time bar shows; ``calm``: the same for tables, less often. ``trouble``: what
    is wrong with the choice, in a line.
    """

    choice: Any = field(default_factory=lambda: solara.reactive(Choice()))
    language: Any = field(default_factory=lambda: solara.reactive("en"))
    page: Any = field(default_factory=lambda: solara.reactive("compare"))
    look: Any = field(default_factory=lambda: solara.reactive(_EMPTY))
    calm: Any = field(default_factory=lambda: solara.reactive(_EMPTY))
    trouble: Any = field(default_factory=lambda: solara.reactive(""))
    place: Any = field(default_factory=lambda: solara.reactive(-1))
    person: Any = field(default_factory=lambda: solara.reactive(0))
    speed: Any = field(default_factory=lambda: solara.reactive(10))
    show: Any = field(default_factory=lambda: solara.reactive(
        {"flow": True, "enforcement": True, "organisations": True, "harm": True}))  # fmt: skip
    visits: Visits = field(default_factory=lambda: VISITS)
    kernel: str = ""
    loop: Loop | None = None
    maps: list[FlowMap | None] = field(default_factory=lambda: [None, None])
    charts: dict[str, LiveChart] = field(default_factory=dict)
    _quick_at: float = 0.0
    _calm_at: float = 0.0
    _full: float = 1.0
    _place_taken: Run | None = None
    _acks: list[int] = field(default_factory=lambda: [0, 0])

    @property
    def words(self) -> Words:
        """The words of the visitor's language."""
        return Words(self.language.value)

    @cached_property
    def world(self) -> World:
        """Places and legs."""
        return load_world(None)

    @property
    def reels(self) -> list[Reel]:
        """What was seen of both worlds; none while they are built."""
        return self.loop.reels if self.loop and len(self.loop.cameras) == 2 else []

    # ---- choosing -------------------------------------------------------------------------------
    def choose(self, **changes: Any) -> None:
        """Change what is chosen; a world that does not change is not played again."""
        self.set_choice(dataclasses.replace(self.choice.value, **changes))

    def set_choice(self, choice: Choice) -> None:
        """Take a choice over, or say what is wrong with it and keep the old one."""
        try:
            scenarios = (choice.scenario(0), choice.scenario(1))
        except SettingError as error:
            self.trouble.set(" ".join(str(error).split()))
            return
        self.trouble.set("")
        self.choice.set(choice)
        self._play(scenarios, choice.seed)

    def begin(self) -> None:
        """Build what is chosen at first."""
        if self.loop is None:
            self.set_choice(self.choice.value)

    def _play(self, scenarios: Any, seed: int) -> None:
        """Build both worlds, those that have not changed taken over, and stay at the day."""
        old, kept, day = self.loop, [], 0
        if old is not None:
            old.end(wait=5.0)
            same = [seed == old.seed and a.digest == b.digest
                    for a, b in zip(scenarios, old.scenarios, strict=True)]  # fmt: skip
            kept = [old.cameras[k] if same[k] and len(old.cameras) > k else None
                    for k in (0, 1)]  # fmt: skip
            day = min(old.look.day, scenarios[0].days)
        self.person.set(0)
        self._full, self._acks = 1.0, [0, 0]
        self.loop = Loop(scenarios, seed, self.hear, speed=float(self.speed.value),
                         kept=kept)  # fmt: skip
        self.loop.begin()
        if day:
            self.seek(day)

    def _may_play(self) -> bool:
        """Take a place among those who play; say why not where there is none."""
        if self._place_taken is not None:
            return True
        loop = self.loop
        if loop is None:
            return False
        persons = sum(rows_a_year(scenario, self.world) for scenario in loop.scenarios)
        try:
            self._place_taken = self.visits.start(self.kernel, persons, self._hushed)
        except Refused as error:
            self.trouble.set(str(error.args[0]))
        return self._place_taken is not None

    def _hushed(self) -> None:
        """Nobody has drawn a frame for a while: stop playing until somebody asks again."""
        self._place_taken = None
        if self.loop is not None:
            self.loop.pause()

    def _give_back(self) -> None:
        """The place among those who play is free again."""
        if self._place_taken is not None:
            self._place_taken.end()
            self._place_taken = None

    # ---- playing --------------------------------------------------------------------------------
    def toggle(self) -> None:
        """Run or pause."""
        if self.loop is None:
            return
        if self.loop.look.phase in (Phase.RUNNING, Phase.SEEKING):
            self.loop.pause()
            self._give_back()
        elif self._may_play():
            self.loop.run()
        self._show(self.loop.look, at_once=True)

    def seek(self, day: int) -> None:
        """Show a day; one that is not played yet takes a place among those who play."""
        if self.loop is not None and (day <= self.loop.played or self._may_play()):
            self.loop.seek(day)

    def step(self, days: int) -> None:
        """One day on or back."""
        if self.loop is not None:
            self.seek(self.loop.look.day + days)

    def set_speed(self, speed: int) -> None:
        """Days a second."""
        self.speed.set(speed)
        if self.loop is not None:
            self.loop.set_speed(float(speed))

    def end(self) -> None:
        """The visitor has gone."""
        self._give_back()
        if self.loop is not None:
            self.loop.end()

    # ---- what the widgets are told --------------------------------------------------------------
    def hear(self, look: Look) -> None:
        """A word from the loop: frames at once, the rest as often as a person can read."""
        self.push(look.day)
        still = look.phase not in (Phase.RUNNING, Phase.SEEKING)
        if look.phase is Phase.SEEKING:
            self.visits.seen(self.kernel)  # nothing is drawn until the day is there
        elif still and look.phase is not Phase.BUILDING:
            self._give_back()
        self._show(look, at_once=still)

    def _show(self, look: Look, at_once: bool) -> None:
        """Time bar and tables."""
        now = time.monotonic()
        if at_once or now - self._quick_at > _QUICK:
            self._quick_at = now
            self.look.set(look)
        if at_once or now - self._calm_at > _CALM:
            self._calm_at = now
            self.calm.set(look)
            self._draw_lines(look.day)

    def push(self, day: int) -> None:
        """Give both maps the frame of a day and the charts their lines up to it."""
        reels = self.reels
        if not reels:
            return
        self._full = max(self._full, *(widest(reel, day) for reel in reels))
        serial = self.loop.serial if self.loop else 0
        for widget, reel in zip(self.maps, reels, strict=True):
            if widget is not None:
                with widget.hold_sync():
                    widget.full, widget.frame = self._full, reel.frame(day)
                    widget.serial = serial
        if not any(self.maps) and self.loop:
            self.loop.painted(serial)  # nobody draws, so nobody is waited for

    def _draw_lines(self, day: int) -> None:
        """Give the charts their lines."""
        if reels := self.reels:
            for name, chart in self.charts.items():
                chart_push(chart, [reel.series(name) for reel in reels], day)

    def painted(self, world: int, serial: int) -> None:
        """A map has drawn a frame; the slower of the two keeps the pace."""
        self._acks[world] = serial
        self.visits.seen(self.kernel)
        if self.loop is not None:
            there = [self._acks[k] for k in (0, 1) if self.maps[k] is not None]
            self.loop.painted(min(there, default=serial))


def widest(reel: Reel, day: int) -> float:
    """The largest flow of a day, persons; 1 before the first."""
    record = reel.record(day)
    return float(record["flow"].max()) if record is not None else 1.0


def chart_push(chart: LiveChart, series: list[np.ndarray], day: int) -> None:
    """The lines of both worlds as far as they are played, and the day that is shown.

    Means of the last seven days: single days are coarse where a migrant stands for a hundred.
    """
    with chart.hold_sync():
        chart.a, chart.b = (weekly(one).astype("<f4").tobytes() for one in series)
        chart.day = day


def weekly(daily: np.ndarray) -> np.ndarray:
    """Means over the seven days up to each, over fewer at the beginning."""
    if not daily.size:
        return daily
    sums = np.concatenate([[0.0], np.cumsum(daily, dtype=float)])
    ends = np.arange(1, daily.size + 1)
    starts = np.maximum(0, ends - WEEK)
    return (sums[ends] - sums[starts]) / (ends - starts)
