"""What the runs of a lesson show: levels, and changes seed by seed with their range."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from viz.screen.frames import DAILY

if TYPE_CHECKING:
    from viz.screen.background import RunSummary
    from viz.screen.lessons.lesson import Fact

_SECTOR = "got_aways_in_"
_A_PERSON = "_per_10000"


@dataclass(frozen=True)
class SeedRange:
    """Values of one figure over seeds."""

    values: tuple[float, ...]

    @property
    def median(self) -> float:
        """The middle value; NaN where there is none."""
        return float(np.median(self.values)) if self.values else math.nan

    @property
    def low(self) -> float:
        """The least over seeds."""
        return min(self.values, default=math.nan)

    @property
    def high(self) -> float:
        """The most over seeds."""
        return max(self.values, default=math.nan)


@dataclass(frozen=True)
class Evidence:
    """Answers by arm and seed; the whole range over seeds is told, since they are few."""

    summaries: Mapping[tuple[str, int], RunSummary]

    def level(self, arm: str, measure: str) -> SeedRange:
        """A measure in one arm."""
        return SeedRange(
            tuple(value(self.summaries[arm, seed], measure) for seed in self.seeds(arm))
        )

    def change(self, fact: Fact) -> SeedRange:
        """A fact over the seeds that all of its arms have: percent, or points with ``against``."""
        seeds = set.intersection(*(set(self.seeds(arm)) for pair in fact.pairs for arm in pair))
        told = [
            [self._percent(fact.measure, pair, seed) for pair in fact.pairs]
            for seed in sorted(seeds)
        ]
        found = [here[0] - sum(here[1:]) for here in told]
        return SeedRange(tuple(one for one in found if math.isfinite(one)))

    def days(self, arm: str, figure: str) -> np.ndarray:
        """A daily figure, shape (seeds, days)."""
        column = DAILY.index(figure)
        return np.array([self.summaries[arm, seed].daily[:, column] for seed in self.seeds(arm)])

    def seeds(self, arm: str) -> Sequence[int]:
        """Seeds that were played in an arm."""
        return sorted(seed for one, seed in self.summaries if one == arm)

    def _percent(self, measure: str, pair: tuple[str, str], seed: int) -> float:
        """Change from one arm to another, in percent."""
        a, b = (value(self.summaries[arm, seed], measure) for arm in pair)
        return 100.0 * (b / a - 1.0) if a else math.nan


def value(echo: RunSummary, measure: str) -> float:
    """A measure of a run: an outcome, a rate, or a figure made of them.

    ``got_aways_in_yuma``: got-aways of a sector, or ``got_aways_in_all_but_yuma`` of the others.
    ``deaths_per_10000``: an outcome for every 10,000 people who set out.
    """
    if measure.startswith(_SECTOR):
        name = measure.removeprefix(_SECTOR)
        kept = name.removeprefix("all_but_")
        return sum(n for one, n in echo.sectors.items() if (one == kept) == (name == kept))
    if measure.endswith(_A_PERSON):
        return 1e4 * echo.outcomes[measure.removesuffix(_A_PERSON)] / echo.outcomes["set_out"]
    return echo.outcomes[measure] if measure in echo.outcomes else echo.rates[measure]
