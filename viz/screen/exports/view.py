"""The input of every exported file: the worlds on the screen and their simulated days."""

from __future__ import annotations

import datetime
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

from abm.scenario import Scenario, SettingError
from abm.world.declaration import Declaration
from abm.world.routes import World, declaration_of, load_world
from viz.screen.panels.naming import date_label, policy_label, question_of, short_title
from viz.screen.session.choice import STATUS_QUO
from viz.screen.widgets.world import SHOW
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.screen.session.frames import FrameLog


@dataclass(frozen=True)
class View:
    """Worlds A and B, or A alone, with their frames and the day that is shown.

    Attributes:
        scenarios: the scenario by world.
        seed: the seed for all worlds.
        logs: the frames by world.
        day: day shown, from 1. A day that is not simulated becomes the nearest simulated day.
        words: words in the display language.
        charted: daily figures that have a chart.
        show: map layers.
        answers: the answer of the page to its question by language, empty without one.
        simulated: days that all worlds have simulated, fixed here since the worlds may run on.

    Raises:
        SettingError: before the first simulated day.
    """

    scenarios: Sequence[Scenario]
    seed: int
    logs: Sequence[FrameLog]
    day: int
    words: Words = field(default_factory=Words)
    charted: Sequence[str] = ()
    show: Mapping[str, bool] = field(default_factory=lambda: SHOW)
    answers: Mapping[str, str] = field(default_factory=dict)
    simulated: int = field(init=False)

    def __post_init__(self) -> None:
        """Set how many days are simulated and limit the day to them."""
        simulated = min(map(len, self.logs), default=0)
        if not simulated:
            raise SettingError("file", "no day has been simulated yet", "Run at least one day.")
        object.__setattr__(self, "simulated", simulated)  # the dataclass is frozen
        object.__setattr__(self, "day", max(1, min(self.day, simulated)))

    @cached_property
    def world(self) -> World:
        """Places and legs."""
        return load_world(self.scenarios[0].world or None)

    @cached_property
    def declaration(self) -> Declaration:
        """Name and words of the world."""
        return declaration_of(self.scenarios[0].world)

    @property
    def note(self) -> str:
        """The first note of every file: on another world, and that it is model output."""
        return f"{self.words.translate(self.declaration.note)} {self.words('note')}".strip()

    @property
    def start(self) -> datetime.date:
        """The first day."""
        return self.scenarios[0].start

    def date(self, day: int) -> datetime.date:
        """Return the date of a day, which counts from 1."""
        return self.start + datetime.timedelta(days=day - 1)

    @property
    def titles(self) -> list[str]:
        """Each world's name and policies: 'World A · Status quo'."""
        t = self.words
        labels = ["; ".join(policy_label(t, str(p)) for p in s.policies) for s in self.scenarios]
        names = (t("world_a"), t("world_b"))
        return [f"{a} · {b or t('status_quo')}" for a, b in zip(names, labels, strict=False)]

    @property
    def question(self) -> str:
        """The question that the worlds answer."""
        used = [tuple(map(str, scenario.policies)) for scenario in self.scenarios]
        return question_of(self.words, used[0], used[1] if len(used) > 1 else None)

    @property
    def answer(self) -> str:
        """The answer with the date of the last day, which it includes, or "" without one."""
        answer = self.answers.get(self.words.language, "")
        date = date_label(self.words, self.date(self.scenarios[0].days))
        return self.words("take.answer").format(date=date, answer=answer) if answer else ""

    @property
    def notes(self) -> list[str]:
        """The two notes of every file: that it is model output, and the run."""
        t = self.words
        worlds = " · ".join(
            f"{letter}: {' '.join(map(str, scenario.policies)) or STATUS_QUO}, {scenario.digest}"
            for letter, scenario in zip("AB", self.scenarios, strict=False)
        )
        return [self.note, f"{t('title')} · {t('seed').lower()} {self.seed} · {worlds}"]


def policy_dates(scenarios: Sequence[Scenario], t: Words) -> list[tuple[int, str]]:
    """List the dates within the run at which policies begin or end.

    Args:
        scenarios: the scenario by world.
        t: words in the display language.

    Returns:
        Index of the day (0 is the first) and text, for example 'A: Fence'.
    """
    return [
        ((date - scenario.start).days, f"{'AB'[world]}: {short_title(t, tuple(map(str, uses)))}")
        for world, scenario in enumerate(scenarios)
        for date in sorted({d for use in scenario.policies for d in (use.start, use.end) if d})
        for uses in [[use for use in scenario.policies if date in (use.start, use.end)]]
        if 0 < (date - scenario.start).days < scenario.days
    ]
