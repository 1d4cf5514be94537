"""Differences between paired runs: intervals, the rule for meaningful changes, and prices.

Pairs that differ only by their seed estimate a mean with Student's t interval. Pairs in an ensemble
also differ by their parameters. Each parameter set is represented by its mean over seeds. The
median and quantiles over parameter sets describe their spread, which does not narrow as seeds are
added.

Reports, screen, terminal, charts and lessons apply the same rule. A change is meaningful if it is
at least :data:`LEAST` of the baseline and its 90 % range excludes zero. It is about zero if its
whole range is within this margin.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import TYPE_CHECKING

from experiments.runs.intervals import NO_INTERVAL, Interval

if TYPE_CHECKING:
    import numpy as np

    from experiments.runs.case import RunResult

Key = tuple[int, int]  # member (0 if no ensemble is used), seed

#: Default number of paired seeds.
REPS = 8
#: Minimum effect of interest, as a share of the baseline [A].
LEAST = 0.02
#: Pairs needed for a finding, because an interval from two values has an arbitrary width [A].
FEWEST_PAIRS = 3
#: Parameter sets needed for a finding. If the true median is zero, five values all have the same
#: sign with probability 2 / 2^5, less than the 10 % that a 90 % range allows.
FEWEST_MEMBERS = 5


class Finding(Enum):
    """Classes of change by this module's rule."""

    MORE = "more"
    FEWER = "fewer"
    #: The whole range is within the margin.
    SAME = "same"
    #: The range excludes zero, but the middle is within the margin and one bound is not.
    SMALL = "small"
    #: The range includes zero and extends beyond the margin.
    ZERO = "zero"
    #: There are too few pairs or parameter sets, or the difference is NaN.
    FEW = "few"


@dataclass(frozen=True)
class Difference:
    """The effect of an arm on one outcome, over paired runs.

    A price per averted entry has the same form: the baseline is NaN, the middle is the price, and
    no pairs are counted. A NaN middle then means that entries do not fall meaningfully. A NaN bound
    means that the price has no upper bound.

    Attributes:
        baseline: the baseline's median, in the outcome's unit.
        interval: interval for the mean paired difference from the baseline, or quantiles of the
            difference over ensemble members. With one pair, all bounds are equal.
        below, above: numbers of pairs whose difference is below zero and above zero.
        pairs: total number of pairs.
        members: number of parameter sets, or 0 if no ensemble is used.
    """

    baseline: float
    interval: Interval
    below: int = field(default=0, kw_only=True)
    above: int = field(default=0, kw_only=True)
    pairs: int = field(default=0, kw_only=True)
    members: int = field(default=0, kw_only=True)

    @property
    def difference(self) -> float:
        """Mean paired difference, or median over the ensemble members."""
        return self.interval.median

    @property
    def low50(self) -> float:
        """Lower bound of the 50 % range."""
        return self.interval.low50

    @property
    def high50(self) -> float:
        """Upper bound of the 50 % range."""
        return self.interval.high50

    @property
    def low90(self) -> float:
        """Lower bound of the 90 % range."""
        return self.interval.low90

    @property
    def high90(self) -> float:
        """Upper bound of the 90 % range."""
        return self.interval.high90

    @property
    def percent(self) -> Interval | None:
        """The difference in percent of the baseline.

        None if the difference is NaN. If the baseline is not positive, the result is 0 % for a
        difference whose 90 % range is zero, and None otherwise.
        """
        bounds = (self.difference, self.low50, self.high50, self.low90, self.high90)
        if not self.baseline > 0.0:
            unchanged = self.pairs and self.difference == self.low90 == self.high90 == 0.0
            return Interval.exactly(0.0) if unchanged else None
        scaled = Interval(*(bound * (100.0 / self.baseline) for bound in bounds))
        return scaled if math.isfinite(scaled.median) else None

    @property
    def relative(self) -> float:
        """The middle as a share of the baseline, or unscaled if the baseline is not positive."""
        return self.difference / (self.baseline if self.baseline > 0.0 else 1.0)

    @property
    def finding(self) -> Finding:
        """Class of change by this module's rule."""
        base = self.baseline if self.baseline > 0.0 else 1.0
        middle, low, high = self.difference / base, self.low90 / base, self.high90 / base
        has_zero = self.low90 <= 0.0 <= self.high90
        count, minimum = self.pairs, FEWEST_PAIRS
        if self.members:
            count, minimum = self.members, FEWEST_MEMBERS
        if not (low <= middle <= high) or count < minimum:
            return Finding.FEW
        if abs(middle) >= LEAST and not has_zero:
            return Finding.MORE if middle > 0.0 else Finding.FEWER
        if max(abs(low), abs(high)) < LEAST:
            return Finding.SAME
        return Finding.ZERO if has_zero else Finding.SMALL

    @property
    def is_meaningful(self) -> bool:
        """Whether the change is at least `LEAST` and its 90 % range excludes zero."""
        return self.finding in (Finding.MORE, Finding.FEWER)

    @property
    def share_below_zero(self) -> float:
        """Share of pairs below the baseline, 0 to 1. NaN if no pair is counted."""
        return self.below / self.pairs if self.pairs else math.nan

    @property
    def share_above_zero(self) -> float:
        """Share of pairs above the baseline, 0 to 1. NaN if no pair is counted."""
        return self.above / self.pairs if self.pairs else math.nan

    @property
    def same_sign(self) -> int:
        """Number of pairs whose difference has the same sign as the middle (0 matches 0)."""
        if self.difference < 0.0:
            return self.below
        return self.above if self.difference > 0.0 else self.pairs - self.below - self.above


#: Price if entries do not fall meaningfully.
NO_PRICE = Difference(math.nan, NO_INTERVAL)


def by_key(values: Iterable[tuple[Key, float]]) -> dict[Key, float]:
    """Return the finite values by member and seed."""
    return {key: value for key, value in values if math.isfinite(value)}


def finite_values(values: Sequence[float]) -> np.ndarray:
    """Return the finite values, shape (n,)."""
    import numpy as np

    array = np.array(values, dtype=float)
    return array[np.isfinite(array)]


def difference(level: float, values: Mapping[Key, float], *, ensemble: bool) -> Difference:
    """Compute the estimate, interval and sign counts for paired differences.

    Args:
        level: the baseline's median.
        values: finite paired differences by member and seed.
        ensemble: whether members are parameter sets, each represented by its mean over seeds.

    Returns:
        The difference, with a NaN interval if no pairs exist.
    """
    if not values:
        return Difference(level, NO_INTERVAL)
    below, above = (sum(sign * value > 0.0 for value in values.values()) for sign in (-1, 1))
    counts = {"below": below, "above": above, "pairs": len(values)}
    members = len({member for member, _ in values}) if ensemble else 0
    return Difference(level, estimate(values, ensemble=ensemble), **counts, members=members)


def estimate(values: Mapping[Key, float], *, ensemble: bool) -> Interval:
    """Return the interval for the mean over pairs, or over ensemble members.

    Args:
        values: finite values by member and seed.
        ensemble: whether members are parameter sets.

    Returns:
        The interval, with NaN fields if no values exist.
    """
    return Interval.of(member_means(values)) if ensemble else Interval.of_mean([*values.values()])


def member_means(values: Mapping[Key, float]) -> list[float]:
    """Return the mean over each member's seeds."""
    groups: dict[int, list[float]] = {}
    for (member, _), value in values.items():
        groups.setdefault(member, []).append(value)
    return [math.fsum(group) / len(group) for group in groups.values()]


def price_per_averted(
    pairs: Mapping[Key, tuple[RunResult, RunResult]], entry: str, *, ensemble: bool
) -> Difference:
    """Compute the discounted dollars per averted entry.

    A delayed entry is not averted. It lowers the discounted sum of entries, but not their number.

    Args:
        pairs: runs of the baseline and of the arm by member and seed.
        entry: name of the outcome that counts entries.
        ensemble: whether members are parameter sets.

    Returns:
        The price, as :func:`per_averted` returns it.
    """
    dollars, change = {}, {}
    for key, (old, new) in pairs.items():
        dollars[key] = new.discounted["dollars"] - old.discounted["dollars"]
        discounted = new.discounted[entry] - old.discounted[entry]
        counted = new.outcomes[entry] - old.outcomes[entry]
        change[key] = discounted if discounted * counted > 0.0 else 0.0
    return per_averted(by_key(dollars.items()), by_key(change.items()), ensemble=ensemble)


def per_averted(
    dollars: Mapping[Key, float], change: Mapping[Key, float], *, ensemble: bool
) -> Difference:
    """Compute the joint dollars per averted entry.

    The price is the ratio between both estimates. Ratios by pair are not used, because a pair
    without an averted entry has no price. The bounds follow from the bounds on averted entries.

    Args:
        dollars: finite paired differences of discounted dollars, by member and seed.
        change: finite paired differences of discounted entries.
        ensemble: whether members are parameter sets.

    Returns:
        The price. Its upper bound is NaN if the lower bound on averted entries is not above zero.
    """
    averted = estimate({key: -value for key, value in change.items()}, ensemble=ensemble)
    spent = estimate(dollars, ensemble=ensemble).median

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
