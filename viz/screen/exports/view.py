"""What files are made of: the worlds on the screen, as far as they were played."""

from __future__ import annotations

import datetime
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec
from abm.world.routes import World, load_world
from viz.screen.choice import STATUS_QUO
from viz.screen.naming import policy_label, policy_title
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.screen.frames import FrameLog

SHOW = {"flow": True, "enforcement": True, "organisations": True, "harm": True}


def _no_band(world: int, name: str) -> np.ndarray:
    return np.zeros(0)


@dataclass(frozen=True)
class View:
    """Worlds A and B (or A alone) with what was seen of them, and the day that is shown, from 1.

    A day that was not played becomes the nearest that was. ``charted``: daily figures that have a
    chart. ``band(world, name)``: low and then high values over other seeds, empty where there are
    none. ``played`` is fixed when the view is taken, for the worlds may play on. Raises
    ``SettingError`` before a day was played.
    """

    scenarios: Sequence[Scenario]
    seed: int
    logs: Sequence[FrameLog]
    day: int
    words: Words = field(default_factory=Words)
    charted: Sequence[str] = ()
    show: Mapping[str, bool] = field(default_factory=lambda: SHOW)
    band: Callable[[int, str], np.ndarray] = _no_band
    played: int = field(init=False)

    def __post_init__(self) -> None:
        """Hold the number of days that all worlds have played."""
        played = min(map(len, self.logs), default=0)
        if not played:
            raise SettingError("file", "no day has been played yet", "Run at least one day.")
        object.__setattr__(self, "played", played)  # frozen: only while it is being made
        object.__setattr__(self, "day", max(1, min(self.day, played)))

    @cached_property
    def world(self) -> World:
        """Places and legs."""
        return load_world(self.scenarios[0].world or None)

    @property
    def start(self) -> datetime.date:
        """The first day."""
        return self.scenarios[0].start

    @property
    def days(self) -> int:
        """Days of the whole run."""
        return self.scenarios[0].days

    def date(self, day: int) -> datetime.date:
        """The date of a day, which counts from 1."""
        return self.start + datetime.timedelta(days=day - 1)

    def policies(self, world: int) -> str:
        """What is in force in a world, in words."""
        return told_policies(self.scenarios[world], self.words)

    def written(self, world: int) -> str:
        """The same in the form that the command line reads."""
        return " ".join(map(str, self.scenarios[world].policies)) or STATUS_QUO

    def title(self, world: int) -> str:
        """'World A · Status quo'."""
        return f"{self.words('world_b' if world else 'world_a')} · {self.policies(world)}"

    @property
    def said(self) -> list[str]:
        """The lines under every file: that it is model output, and of which run."""
        t = self.words
        runs = " · ".join(
            f"{'AB'[k]}: {self.written(k)}, {one.digest}" for k, one in enumerate(self.scenarios)
        )
        return [t("note"), f"{t('title')} · {t('seed').lower()} {self.seed} · {runs}"]


def told_policies(scenario: Scenario, t: Words) -> str:
    """The policies of a scenario, in words."""
    return "; ".join(policy_label(t, str(use)) for use in scenario.policies) or t("status_quo")


def dated(scenarios: Sequence[Scenario], t: Words) -> list[tuple[int, str]]:
    """Dates of policies that begin or end within the run: index of the day (0: first) and words."""
    return [
        ((date - scenario.start).days, f"{'AB'[world]}: {policy_title(t, use.id)}")
        for world, scenario in enumerate(scenarios)
        for use in scenario.policies
        for date in _turns(use)
        if 0 < (date - scenario.start).days < scenario.days
    ]


def _turns(use: PolicySpec) -> list[datetime.date]:
    return [date for date in (use.start, use.end) if date]
