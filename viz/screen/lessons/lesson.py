"""Lessons: arms to run, facts that are computed from the runs, and scores of predicted facts.

A lesson is a TOML file in this folder. Its texts are in ``i18n`` with all other texts.
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
#: Minimum change that is not "about the same", in percent or percentage points, as in reports.
MARGIN = 100.0 * LEAST
#: Bounds of the axis for sectors, in percent.
SECTOR_AXIS = (-100, 70)
#: Prefix of measures that count the got-aways of one sector.
IN_SECTOR = "got_aways_in_"
_FOLDER = Path(__file__).parent
_PER_PERSON = "_per_10000"


@dataclass(frozen=True)
class Arm:
    """A world to run: policies as text, and parameter values by path."""

    policies: tuple[str, ...] = ()
    numbers: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class Fact:
    """A change from one arm to another in percent, computed for each seed.

    Attributes:
        measure: measure that changes, see `value`.
        arms: the two arms.
        against: another pair of arms, whose change is subtracted to give percentage points.
        ask: "direction" or "percent" if visitors predict the fact, otherwise "".
        expect: direction that the explanation of the lesson states.
        near: maximum error of a right prediction, in percent or percentage points.
    """

    measure: str
    arms: tuple[str, str]
    against: tuple[str, str] | None = None
    ask: str = ""
    expect: str = ""
    near: float = 5.0

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Return the pairs of arms that are compared."""
        return (self.arms,) if self.against is None else (self.arms, self.against)

    @property
    def sector(self) -> str:
        """Return the sector in which the outcome is counted, or "" for a total."""
        name = self.measure.removeprefix(IN_SECTOR)
        return name if name in SECTORS else ""


def direction(change: float) -> str:
    """Return "falls", "rises" or, below `MARGIN`, "same" for a guess or a single seed."""
    if abs(change) < MARGIN:
        return "same"
    return "rises" if change > 0.0 else "falls"


@dataclass(frozen=True)
class Lesson:
    """A lesson, whose first two arms can be opened in Compare.

    Attributes:
        id, order: name of the file, and position in the list.
        minutes: duration in a class.
        arms, facts: arms and facts by name.
        axis: bounds of the axis for totals, in percent.
        bars: outcomes that are shown for every arm, including at least one human cost.
        days, scale, seeds: length, scale and number of seeds of the runs.
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
        """Return the facts that visitors predict."""
        return {name: fact for name, fact in self.facts.items() if fact.ask}

    @property
    def totals(self) -> dict[str, Fact]:
        """Return the predicted facts that have no sector."""
        return {name: fact for name, fact in self.questions.items() if not fact.sector}

    @property
    def has_map(self) -> bool:
        """Return whether any question is about a sector, which the map shows."""
        return any(fact.sector for fact in self.questions.values())

    def axis_of(self, fact: Fact) -> tuple[int, int]:
        """Return the bounds of the axis for a fact, in percent."""
        return SECTOR_AXIS if fact.sector else self.axis

    @property
    def letters(self) -> dict[str, str]:
        """Return the letters of the arms. A and B are the worlds in Compare."""
        return dict(zip(self.arms, "ABCDEF", strict=False))

    def choice(self, arm: str, other: str) -> Choice:
        """Return two arms as worlds A and B, with the parameter values of the first arm."""
        a, b = self.arms[arm], self.arms[other]
        return Choice(
            a=a.policies, b=b.policies, seed=1, days=self.days, scale=self.scale, numbers=a.numbers
        )

    def cases(self) -> dict[tuple[str, int], Case]:
        """Return the lesson's cases by arm and seed, sorted by seed."""
        scenarios = {arm: self.choice(arm, arm).scenario(0) for arm in self.arms}
        return {
            (arm, seed): Case(scenario, seed)
            for seed in range(1, self.seeds + 1)
            for arm, scenario in scenarios.items()
        }


@cache
def lessons() -> dict[str, Lesson]:
    """Read all lessons in this folder, by id and in the order of the list."""
    files = [(file.stem, file.read_text(encoding="utf-8")) for file in _FOLDER.glob("*.toml")]
    in_order = sorted(itertools.starmap(read_lesson, files), key=lambda lesson: lesson.order)
    return {lesson.id: lesson for lesson in in_order}


def read_lesson(name: str, text: str) -> Lesson:
    """Read a lesson with the id `name` from TOML."""
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


# ---- results of the runs: levels with ranges, and mean changes with intervals
def change_of(values: Sequence[float]) -> Difference:
    """Return the mean change over seeds with Student's t interval.

    Args:
        values: change on each seed, in percent or percentage points.

    Returns:
        The difference from a baseline of 100, which makes its unit percent.
    """
    return difference(
        100.0, {(0, seed): value for seed, value in enumerate(values)}, ensemble=False
    )


def direction_of(change: Difference) -> str:
    """Return "falls" or "rises" for a meaningful change, otherwise "same"."""
    return {Finding.MORE: "rises", Finding.FEWER: "falls"}.get(change.finding, "same")


@dataclass(frozen=True)
class Evidence:
    """Results of a lesson's runs by arm and seed."""

    summaries: Mapping[tuple[str, int], RunSummary]

    def level(self, arm: str, measure: str) -> Interval:
        """Return the median and the range of a measure over an arm's seeds.

        Args:
            arm: name of the arm.
            measure: see `value`.

        Returns:
            The interval. With few seeds, its ends are the lowest and the highest value.
        """
        return Interval.of(value(self.summaries[arm, seed], measure) for seed in self.seeds(arm))

    def change(self, fact: Fact) -> Difference:
        """Return a fact over all seeds, in percent or, with ``against``, in percentage points."""
        return change_of(self.by_seed(fact))

    def by_seed(self, fact: Fact) -> list[float]:
        """Return the change in a fact on each seed. Changes that are not finite are omitted."""
        seeds = set.intersection(*(set(self.seeds(arm)) for pair in fact.pairs for arm in pair))
        changes = [
            [self._percent(fact.measure, pair, seed) for pair in fact.pairs]
            for seed in sorted(seeds)
        ]
        less = [first - sum(rest) for first, *rest in changes]
        return [change for change in less if math.isfinite(change)]

    def seeds(self, arm: str) -> Sequence[int]:
        """Return the seeds on which an arm has finished."""
        return sorted(seed for name, seed in self.summaries if name == arm)

    def _percent(self, measure: str, pair: tuple[str, str], seed: int) -> float:
        """Return the change from one arm to another, in percent."""
        a, b = (value(self.summaries[arm, seed], measure) for arm in pair)
        return 100.0 * (b / a - 1.0) if a else math.nan


def value(summary: RunSummary, measure: str) -> float:
    """Return the value of a measure in a run.

    Args:
        summary: results of the run.
        measure: an outcome or a rate; ``got_aways_in_yuma`` for the got-aways in a sector;
            ``got_aways_in_all_but_yuma`` for the got-aways in all other sectors; or
            ``deaths_per_10000`` for an outcome per 10,000 people who set out.
    """
    if measure.startswith(IN_SECTOR):
        name = measure.removeprefix(IN_SECTOR)
        sector = name.removeprefix("all_but_")
        return sum(n for at, n in summary.sectors.items() if (at == sector) == (name == sector))
    outcomes = summary.outcomes
    if measure.endswith(_PER_PERSON):
        return 1e4 * outcomes[measure.removesuffix(_PER_PERSON)] / outcomes["set_out"]
    return outcomes[measure] if measure in outcomes else summary.rates[measure]


# ---- score of a prediction
def points(right: bool, sure: float) -> float:
    """Compute a prediction's points, a quadratic score of the stated confidence.

    Args:
        right: whether the prediction is right.
        sure: confidence, 0 to 100 %.

    Returns:
        Points from -100 to 100.
    """
    c = sure / 100.0
    return 100.0 * c * (2.0 - c) if right else -100.0 * c * c


def is_right(fact: Fact, answer: str | float, result: Difference) -> bool:
    """Return whether a prediction is right.

    Args:
        fact: predicted fact.
        answer: predicted direction, or predicted change in percent or percentage points.
        result: change over seeds.

    Returns:
        True if the mean is near enough or, for a question about a direction, if the direction is
        equal. A change that is not meaningful has the direction "same".
    """
    if isinstance(answer, str):
        return direction_of(result) == answer
    if fact.ask == "direction":
        return direction_of(result) == direction(answer)
    return abs(result.difference - answer) <= fact.near
