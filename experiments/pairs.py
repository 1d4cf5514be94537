"""What pairs of runs show: the median difference of an outcome, its range, and prices."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np

    from experiments.run import RunResult

_QUANTILES = {"low50": 0.25, "high50": 0.75, "low90": 0.05, "high90": 0.95}


@dataclass(frozen=True)
class Difference:
    """An outcome of an arm: the baseline's median, and the median paired difference from it.

    With its 50 % and 90 % intervals over pairs (with one pair all bounds are equal), and how many
    of the ``pairs`` lie ``below`` and ``above`` zero. Where only a policy has the outcome (dollars
    per averted entry) ``baseline`` is NaN, ``difference`` the arm's own value and no pair is
    counted; NaN there means that nothing was averted, or for a bound that it has none.
    """

    baseline: float
    difference: float
    low50: float
    high50: float
    low90: float
    high90: float
    below: int = field(default=0, kw_only=True)
    above: int = field(default=0, kw_only=True)
    pairs: int = field(default=0, kw_only=True)

    @property
    def share_below_zero(self) -> float:
        """Share of pairs with less than the baseline, 0 to 1; NaN where none is counted."""
        return self.below / self.pairs if self.pairs else math.nan

    @property
    def share_above_zero(self) -> float:
        """Share of pairs with more than the baseline, 0 to 1; NaN where none is counted."""
        return self.above / self.pairs if self.pairs else math.nan

    @property
    def alike(self) -> int:
        """Pairs whose difference has the sign of the median, or is nothing where that is."""
        if self.difference < 0.0:
            return self.below
        return self.above if self.difference > 0.0 else self.pairs - self.below - self.above


def price(pairs: Sequence[tuple[RunResult, RunResult]], entry: str) -> Difference:
    """Discounted dollars for every averted entry of a kind; one only put off is not averted."""
    dollars = [new.discounted["dollars"] - old.discounted["dollars"] for old, new in pairs]
    change = []
    for old, new in pairs:
        weighed = new.discounted[entry] - old.discounted[entry]
        counted = new.outcomes[entry] - old.outcomes[entry]
        change.append(weighed if weighed * counted > 0.0 else 0.0)
    return per_averted(known(dollars), known(change))


def known(values: Sequence[float]) -> np.ndarray:
    """The values that are numbers."""
    import numpy as np

    array = np.array(values, dtype=float)
    return array[np.isfinite(array)]


def difference(level: float, values: np.ndarray) -> Difference:
    """Median and intervals of paired differences; NaN where there is no pair."""
    import numpy as np

    if not values.size:
        return Difference(level, *[math.nan] * 5)
    bounds = {name: float(np.quantile(values, q)) for name, q in _QUANTILES.items()}
    below, above = int((values < 0.0).sum()), int((values > 0.0).sum())
    return Difference(
        level, float(np.median(values)), **bounds, below=below, above=above, pairs=len(values)
    )


def per_averted(dollars: np.ndarray, change: np.ndarray) -> Difference:
    """Joint dollars for every entry that did not happen.

    Medians are divided, not pairs, because a pair in which nothing is averted has no price.
    The bounds follow from those of the entries averted; where these reach zero the upper one
    is NaN: no bound.
    """
    averted = difference(math.nan, -change)
    spent = difference(math.nan, dollars).difference

    def a_piece(entries: float) -> float:
        return spent / entries if entries > 0.0 and spent >= 0.0 else math.nan

    return Difference(
        math.nan,
        a_piece(averted.difference),
        a_piece(averted.high50),
        a_piece(averted.low50),
        a_piece(averted.high90),
        a_piece(averted.low90),
    )
