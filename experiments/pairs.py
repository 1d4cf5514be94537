"""Statistics of paired runs: median differences with intervals, and prices per averted entry."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from experiments.intervals import NO_INTERVAL, Interval

if TYPE_CHECKING:
    import numpy as np

    from experiments.case import RunResult


@dataclass(frozen=True)
class Difference:
    """The effect of an arm on one outcome, over paired runs.

    An outcome that only a policy has (dollars per averted entry) has a NaN baseline, its own value
    as the median and no counted pairs. A NaN median means that no entry was averted, a NaN bound
    that the price is unbounded.

    Attributes:
        baseline: the baseline's median, in units of the outcome.
        interval: of the paired differences from the baseline; with one pair all bounds are equal.
        below, above: number of pairs with a difference below and above zero.
        pairs: number of all pairs.
    """

    baseline: float
    interval: Interval
    below: int = field(default=0, kw_only=True)
    above: int = field(default=0, kw_only=True)
    pairs: int = field(default=0, kw_only=True)

    @property
    def difference(self) -> float:
        """Median of the paired differences."""
        return self.interval.median

    @property
    def low50(self) -> float:
        """Lower bound of the central 50 %."""
        return self.interval.low50

    @property
    def high50(self) -> float:
        """Upper bound of the central 50 %."""
        return self.interval.high50

    @property
    def low90(self) -> float:
        """Lower bound of the central 90 %."""
        return self.interval.low90

    @property
    def high90(self) -> float:
        """Upper bound of the central 90 %."""
        return self.interval.high90

    @property
    def share_below_zero(self) -> float:
        """Share of pairs below the baseline, 0 to 1; NaN without counted pairs."""
        return self.below / self.pairs if self.pairs else math.nan

    @property
    def share_above_zero(self) -> float:
        """Share of pairs above the baseline, 0 to 1; NaN without counted pairs."""
        return self.above / self.pairs if self.pairs else math.nan

    @property
    def same_sign(self) -> int:
        """Number of pairs whose difference has the sign of the median, or is zero as the median."""
        if self.difference < 0.0:
            return self.below
        return self.above if self.difference > 0.0 else self.pairs - self.below - self.above


def price_per_averted(pairs: Sequence[tuple[RunResult, RunResult]], entry: str) -> Difference:
    """Compute the discounted dollars per averted entry.

    An entry that only takes place later, fewer when discounted but not when counted, is not
    averted.

    Args:
        pairs: runs of the baseline and of the arm.
        entry: name of the outcome that counts the entries.

    Returns:
        The price, as :func:`per_averted`.
    """
    dollars = [new.discounted["dollars"] - old.discounted["dollars"] for old, new in pairs]
    change = []
    for old, new in pairs:
        discounted = new.discounted[entry] - old.discounted[entry]
        counted = new.outcomes[entry] - old.outcomes[entry]
        change.append(discounted if discounted * counted > 0.0 else 0.0)
    return per_averted(finite_values(dollars), finite_values(change))


def finite_values(values: Sequence[float]) -> np.ndarray:
    """Return the finite values, shape (n,)."""
    import numpy as np

    array = np.array(values, dtype=float)
    return array[np.isfinite(array)]


def difference(level: float, values: np.ndarray) -> Difference:
    """Compute median, interval and signs of paired differences.

    Args:
        level: the baseline's median.
        values: paired differences, shape (pairs,), finite.

    Returns:
        The difference; NaN without pairs.
    """
    import numpy as np

    if not values.size:
        return Difference(level, NO_INTERVAL)
    # the mean of the two middle values; np.quantile may round its last digit differently
    interval = replace(Interval.of(values), median=float(np.median(values)))
    below, above = int((values < 0.0).sum()), int((values > 0.0).sum())
    return Difference(level, interval, below=below, above=above, pairs=len(values))


def per_averted(dollars: np.ndarray, change: np.ndarray) -> Difference:
    """Compute the joint dollars per entry that did not take place.

    Medians are divided, not pairs, because a pair in which no entry is averted has no price. The
    bounds follow from those of the averted entries.

    Args:
        dollars: paired differences of discounted dollars, shape (pairs,).
        change: paired differences of discounted entries, shape (pairs,).

    Returns:
        The price; an upper bound is NaN where the bound of the averted entries reaches zero.
    """
    averted = difference(math.nan, -change).interval
    spent = difference(math.nan, dollars).difference

    def price(entries: float) -> float:
        return spent / entries if entries > 0.0 and spent >= 0.0 else math.nan

    interval = Interval(
        median=price(averted.median),
        low50=price(averted.high50),
        high50=price(averted.low50),
        low90=price(averted.high90),
        high90=price(averted.low90),
    )
    return Difference(math.nan, interval)
