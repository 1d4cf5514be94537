"""Input of every exported file: the worlds on the screen and their simulated days."""

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
    """Worlds A and B, or A alone, with their frames and the displayed day.

    Attributes:
        scenarios: scenario of each world.
        seed: seed of all worlds.
        logs: recorded frames of each world.
        day: displayed day, from 1. A later day becomes the last simulated day.
        words: texts in the display language.
        show: whether each map layer is shown.
        answers: answer to the page's question by language, or "" if there is no answer yet.
        simulated: days that all worlds have simulated. The number is stored, because the worlds may
            continue to run.

    Raises:
        SettingError: no day has been simulated yet.
    """

    scenarios: Sequence[Scenario]
    seed: int
    logs: Sequence[FrameLog]
    day: int
    words: Words = field(default_factory=Words)
    show: Mapping[str, bool] = field(default_factory=lambda: SHOW)
    answers: Mapping[str, str] = field(default_factory=dict)
    simulated: int = field(init=False)

    def __post_init__(self) -> None:
        """Store the number of simulated days, and limit the displayed day to them."""
        simulated = min(map(len, self.logs), default=0)
        if not simulated:
            raise SettingError("file", "no day has been simulated yet", "Run at least one day.")
        object.__setattr__(self, "simulated", simulated)  # The dataclass is frozen.
        object.__setattr__(self, "day", max(1, min(self.day, simulated)))

    @cached_property
    def world(self) -> World:
        """Places and legs of the world."""
        return load_world(self.scenarios[0].world or None)

    @cached_property
    def declaration(self) -> Declaration:
        """Name and terms of the world."""
        return declaration_of(self.scenarios[0].world)

    @property
    def note(self) -> str:
        """Note that the file is model output, after a note on a world that is not packaged."""
        return f"{self.words.translate(self.declaration.note)} {self.words('note')}".strip()

    @property
    def start(self) -> datetime.date:
        """Date of the first day."""
        return self.scenarios[0].start

    def date(self, day: int) -> datetime.date:
        """Return the date of a day, which counts from 1."""
        return self.start + datetime.timedelta(days=day - 1)

    @property
    def titles(self) -> list[str]:
        """Name and policies of each world, such as 'World A · Status quo'."""
        t = self.words
        labels = ["; ".join(policy_label(t, str(p)) for p in s.policies) for s in self.scenarios]
        names = (t("world_a"), t("world_b"))
        return [f"{a} · {b or t('status_quo')}" for a, b in zip(names, labels, strict=False)]

    @property
    def question(self) -> str:
        """Question that the comparison of the worlds answers."""
        used = [tuple(map(str, scenario.policies)) for scenario in self.scenarios]
        return question_of(self.words, used[0], used[1] if len(used) > 1 else None)

    @property
    def answer(self) -> str:
        """Answer to the question with the last date that it covers, or "" if there is none yet."""
        answer = self.answers.get(self.words.language, "")
        date = date_label(self.words, self.date(self.scenarios[0].days))
        return self.words("take.answer").format(date=date, answer=answer) if answer else ""

    @property
    def notes(self) -> list[str]:
        """The two notes in every file, on model output and on the run."""
        t = self.words
        worlds = " · ".join(
            f"{letter}: {' '.join(map(str, scenario.policies)) or STATUS_QUO}, {scenario.digest}"
            for letter, scenario in zip("AB", self.scenarios, strict=False)
        )
        return [self.note, f"{t('title')} · {t('seed').lower()} {self.seed} · {worlds}"]


def policy_dates(scenarios: Sequence[Scenario], t: Words) -> list[tuple[int, str]]:
    """List the dates within the run on which policies begin or end.

    Args:
        scenarios: scenario of each world.
        t: texts in the display language.

    Returns:
        Index of each day, from 0, and a text such as 'A: Fence'.
    """
    return [
        ((date - scenario.start).days, f"{'AB'[world]}: {short_title(t, tuple(map(str, uses)))}")
        for world, scenario in enumerate(scenarios)
        for date in sorted({d for use in scenario.policies for d in (use.start, use.end) if d})
        for uses in [[use for use in scenario.policies if date in (use.start, use.end)]]
        if 0 < (date - scenario.start).days < scenario.days
    ]
