"""Results from a lesson's runs: levels with their range, and mean changes with their interval."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.runs.pairs import Difference, Finding, difference
from viz.screen.lessons.lesson import IN_SECTOR, Fact, direction
from viz.screen.session.frames import DAILY
from viz.screen.session.summaries import RunSummary

_PER_PERSON = "_per_10000"


@dataclass(frozen=True)
class SeedRange:
    """The values of one level over seeds: median, lowest and highest."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """Return the median, or NaN without values."""
        return float(np.median(self.values)) if self.values else math.nan

    @property
    def low(self) -> float:
        """Return the lowest value, or NaN without values."""
        return min(self.values, default=math.nan)

    @property
    def high(self) -> float:
        """Return the highest value, or NaN without values."""
        return max(self.values, default=math.nan)


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

    def level(self, arm: str, measure: str) -> SeedRange:
        """Return a measure in one arm.

        Args:
            arm: the arm's name.
            measure: see `value`.

        Returns:
            The values over the arm's seeds.
        """
        seeds = self.seeds(arm)
        return SeedRange(tuple(value(self.summaries[arm, seed], measure) for seed in seeds))

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

    def days(self, arm: str, figure: str) -> np.ndarray:
        """Return a daily figure of an arm.

        Args:
            arm: the arm's name.
            figure: a name of ``DAILY``.

        Returns:
            Shape (seeds, days).
        """
        column = DAILY.index(figure)
        return np.array([self.summaries[arm, seed].daily[:, column] for seed in self.seeds(arm)])

    def seeds(self, arm: str) -> Sequence[int]:
        """Return the seeds of an arm."""
        return sorted(seed for one, seed in self.summaries if one == arm)

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
        return sum(n for one, n in summary.sectors.items() if (one == sector) == (name == sector))
    outcomes = summary.outcomes
    if measure.endswith(_PER_PERSON):
        return 1e4 * outcomes[measure.removesuffix(_PER_PERSON)] / outcomes["set_out"]
    return outcomes[measure] if measure in outcomes else summary.rates[measure]


# ---- the score of a prediction: a quadratic score of the stated confidence
@dataclass(frozen=True)
class Prediction:
    """A change in percent (or points), and the confidence, 0 to 100 %."""

    answer: int | None = None
    sure: int = 50


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
        answer: the predicted direction or change.
        result: the change over seeds.

    Returns:
        True if the direction is the same ("about the same" for a change that is not meaningful),
        or, for a percentage, if the mean is near enough.
    """
    if isinstance(answer, str):
        return direction_of(result) == answer
    if fact.ask == "direction":
        return direction_of(result) == direction(answer)
    return abs(result.difference - answer) <= fact.near
