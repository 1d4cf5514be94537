"""Lessons: arms that are run, facts computed from the runs, and scores of the predicted facts.

A lesson is a file of this folder; its words are in ``i18n`` with all others.
"""

from __future__ import annotations

import itertools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from agents.labels import SECTORS
from experiments.runs.case import Case
from experiments.runs.intervals import Interval
from experiments.runs.pairs import LEAST, Difference, Finding, difference
from viz.screen.session.choice import Choice
from viz.screen.session.summaries import RunSummary

DIRECTIONS = ("falls", "same", "rises")
#: A smaller change counts as "about the same", percent or percentage points; as in reports.
MARGIN = 100.0 * LEAST
#: Bounds of the axis on which every sector is predicted and shown, percent.
SECTOR_AXIS = (-100, 70)
#: Prefix of measures that count the got-aways of one sector.
IN_SECTOR = "got_aways_in_"
_FOLDER = Path(__file__).parent
_PER_PERSON = "_per_10000"


@dataclass(frozen=True)
class Arm:
    """One world: policies in their written form, and parameter values by path."""

    policies: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fact:
    """A change from one arm to another, in percent, seed by seed.

    Attributes:
        measure: see `value`.
        arms: the two arms.
        against: another pair of arms whose change is subtracted, giving percentage points.
        ask: "direction" or "percent" if the fact is predicted, else "".
        expect: the direction that the lesson's explanation states.
        near: the largest error with which a prediction is right, in percent.
    """

    measure: str
    arms: tuple[str, str]
    against: tuple[str, str] | None = None
    ask: str = ""
    expect: str = ""
    near: float = 5.0

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the arm pairs that are compared."""
        return (self.arms,) if self.against is None else (self.arms, self.against)

    @property
    def sector(self) -> str:
        """Return the sector in which the outcome is counted; "" for a total, which has no place."""
        name = self.measure.removeprefix(IN_SECTOR)
        return name if name in SECTORS else ""


def direction(change: float) -> str:
    """Return "falls", "same" (less than `MARGIN`) or "rises" for a guess or one seed."""
    if abs(change) < MARGIN:
        return "same"
    return "rises" if change > 0.0 else "falls"


@dataclass(frozen=True)
class Lesson:
    """A lesson. Compare opens its first two arms.

    Attributes:
        id, order: the file's name and the position in the list.
        minutes: time needed in a class.
        arms, facts: by name.
        axis: bounds of the axis on which totals are predicted and shown, percent.
        bars: outcomes shown for every arm; at least one is a human cost.
        days, scale, seeds: of the runs.
    """

    id: str
    order: int
    minutes: int
    arms: Mapping[str, Arm]
    facts: Mapping[str, Fact]
    axis: tuple[int, int] = (-60, 60)
    bars: tuple[str, ...] = ("got_aways", "deaths")
    days: int = 365
    scale: int = 100
    seeds: int = 5

    @property
    def questions(self) -> dict[str, Fact]:
        """Return the facts that are predicted."""
        return {name: fact for name, fact in self.facts.items() if fact.ask}

    @property
    def totals(self) -> dict[str, Fact]:
        """Return the predicted facts that have no sector."""
        return {name: fact for name, fact in self.questions.items() if not fact.sector}

    @property
    def has_map(self) -> bool:
        """Return whether a question is about a sector."""
        return any(fact.sector for fact in self.questions.values())

    def axis_of(self, fact: Fact) -> tuple[int, int]:
        """Return the bounds of the axis of a fact, percent."""
        return SECTOR_AXIS if fact.sector else self.axis

    @property
    def letters(self) -> dict[str, str]:
        """Return the arms' letters; the first two are the worlds A and B in Compare."""
        return dict(zip(self.arms, "ABCDEF", strict=False))

    def choice(self, arm: str, other: str) -> Choice:
        """Return two arms as worlds A and B; parameter values come from the first."""
        a, b = self.arms[arm], self.arms[other]
        return Choice(
            a=a.policies, b=b.policies, seed=1, days=self.days, scale=self.scale, numbers=a.numbers
        )

    def cases(self) -> dict[tuple[str, int], Case]:
        """Return the lesson's runs by arm and seed, seed by seed."""
        scenarios = {arm: self.choice(arm, arm).scenario(0) for arm in self.arms}
        return {
            (arm, seed): Case(scenario, seed)
            for seed in range(1, self.seeds + 1)
            for arm, scenario in scenarios.items()
        }


@cache
def lessons() -> dict[str, Lesson]:
    """Return all lessons of this folder by id, in their order."""
    files = [(file.stem, file.read_text(encoding="utf-8")) for file in _FOLDER.glob("*.toml")]
    in_order = sorted(itertools.starmap(read_lesson, files), key=lambda lesson: lesson.order)
    return {lesson.id: lesson for lesson in in_order}


def read_lesson(name: str, text: str) -> Lesson:
    """Read a lesson with this id from TOML."""
    fields = tomllib.loads(text)
    arms = {
        key: Arm(tuple(arm.get("policies", ())), tuple(arm.get("numbers", {}).items()))
        for key, arm in fields.pop("arms").items()
    }
    facts = {key: Fact(**_tuples(fact)) for key, fact in fields.pop("facts").items()}
    return Lesson(id=name, arms=arms, facts=facts, **_tuples(fields))


def _tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Convert lists to tuples."""
    return {key: tuple(v) if isinstance(v, list) else v for key, v in fields.items()}


# ---- results of the runs: levels with their range, and mean changes with their interval
def change_of(values: Sequence[float]) -> Difference:
    """Return the change over seeds, percent or percentage points.

    Args:
        values: change by seed.

    Returns:
        The mean with Student's t interval, against the baseline 100, so in percent.
    """
    return difference(
        100.0, {(0, seed): value for seed, value in enumerate(values)}, ensemble=False
    )


def direction_of(change: Difference) -> str:
    """Return "falls" or "rises" for a meaningful change, otherwise "same"."""
    return {Finding.MORE: "rises", Finding.FEWER: "falls"}.get(change.finding, "same")


@dataclass(frozen=True)
class Evidence:
    """Run summaries by arm and seed."""

    summaries: Mapping[tuple[str, int], RunSummary]

    def level(self, arm: str, measure: str) -> Interval:
        """Return a measure in one arm.

        Args:
            arm: the arm's name.
            measure: see `value`.

        Returns:
            The median over the arm's seeds, and their range: the lowest and the highest of few.
        """
        return Interval.of(value(self.summaries[arm, seed], measure) for seed in self.seeds(arm))

    def change(self, fact: Fact) -> Difference:
        """Return a fact over all seeds in its arms: percent, or points with ``against``."""
        return change_of(self.by_seed(fact))

    def by_seed(self, fact: Fact) -> list[float]:
        """Return a fact's finite changes by seed."""
        seeds = set.intersection(*(set(self.seeds(arm)) for pair in fact.pairs for arm in pair))
        changes = [
            [self._percent(fact.measure, pair, seed) for pair in fact.pairs]
            for seed in sorted(seeds)
        ]
        less = [first - sum(rest) for first, *rest in changes]
        return [change for change in less if math.isfinite(change)]

    def seeds(self, arm: str) -> Sequence[int]:
        """Return the seeds of an arm."""
        return sorted(seed for name, seed in self.summaries if name == arm)

    def _percent(self, measure: str, pair: tuple[str, str], seed: int) -> float:
        """Return the change from one arm to another, in percent."""
        a, b = (value(self.summaries[arm, seed], measure) for arm in pair)
        return 100.0 * (b / a - 1.0) if a else math.nan


def value(summary: RunSummary, measure: str) -> float:
    """Return a run's value for a measure.

    Args:
        summary: the run's results.
        measure: an outcome or rate, or one of these: ``got_aways_in_yuma``, got-aways in a sector;
            ``got_aways_in_all_but_yuma``, of the others; ``deaths_per_10000``, an outcome for every
            10,000 people who set out.

    Returns:
        The value.
    """
    if measure.startswith(IN_SECTOR):
        name = measure.removeprefix(IN_SECTOR)
        sector = name.removeprefix("all_but_")
        return sum(n for at, n in summary.sectors.items() if (at == sector) == (name == sector))
    outcomes = summary.outcomes
    if measure.endswith(_PER_PERSON):
        return 1e4 * outcomes[measure.removesuffix(_PER_PERSON)] / outcomes["set_out"]
    return outcomes[measure] if measure in outcomes else summary.rates[measure]


# ---- the score of a prediction: a quadratic score of the stated confidence
def points(right: bool, sure: float) -> float:
    """Compute the points of a prediction.

    Args:
        right: whether the prediction is right.
        sure: the confidence, 0 to 100 %.

    Returns:
        Points, -100 to 100.
    """
    c = sure / 100.0
    return 100.0 * c * (2.0 - c) if right else -100.0 * c * c


def is_right(fact: Fact, answer: str | float, result: Difference) -> bool:
    """Return whether a prediction is right.

    Args:
        fact: the fact that was predicted.
        answer: the predicted direction, or the change in percent or percentage points.
        result: the change over seeds.

    Returns:
        True if the mean is near enough or, for a question about a direction, if the direction is
        the same ("about the same" for a change that is not meaningful).
    """
    if isinstance(answer, str):
        return direction_of(result) == answer
    if fact.ask == "direction":
        return direction_of(result) == direction(answer)
    return abs(result.difference - answer) <= fact.near
