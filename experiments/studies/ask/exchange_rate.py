"""Exchange rate for one dollar: U.S.-only dollars with the same effect as $1 spent on cooperation.

The inputs are frontiers. A frontier holds the charge of each portfolio chosen for a side, and the
relative fall in a measure under the portfolio in every draw. All functions are pure. Definitions
and thresholds are in docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from experiments.studies.ask.verdict import MIN_FALL

#: Rates above which the share of draws is reported.
RATES = (1.0, 2.0, 4.0, 8.0)
_TAIL = 0.05  # share of draws beyond each end of a 90 % interval


@dataclass(frozen=True, eq=False)
class Frontier:
    """A side's reach as a function of dollars, by draw.

    **Choice.** A budget uses the affordable portfolio with the highest *mean* reach, or no
    portfolio if every mean is below 0. For each draw, the mean is taken over all other draws. A
    draw's result thus does not affect the choice made for it, and the reach is an unbiased estimate
    for any number of portfolios. Governments do not know the reach in a draw. Choosing the highest
    reach in each draw would reward noise, and the bias would grow with the number of portfolios.

    **Between two portfolios** the reach is linear in log(1 + dollars / cheapest portfolio), the
    *axis*. At $0 it is 0.

    **Dollars for a reach.** Noise makes a draw's reach rise and fall along the axis. The first
    point at which a given reach is attained is too low on average, and lower with more portfolios.
    The point above which all budgets attain the reach is too high. The result is midway between
    both points on the axis. A reach that the most expensive portfolio does not attain is out of
    reach.

    Attributes:
        charge: $ per year for each chosen portfolio, ascending, above 0, shape (portfolios,).
            Several portfolios may cost the same. The last portfolio is the most expensive.
        reach: the measure's relative fall, shape (portfolios, draws). NaN for a failed run.
        places: each portfolio's index in the trials, shape (portfolios,). If empty, positions on
            the frontier serve as indices.
    """

    charge: np.ndarray
    reach: np.ndarray
    places: Sequence[int] = ()

    @cached_property
    def best(self) -> np.ndarray:
        """Reach at each charge under the portfolio with the best mean over all other draws.

        Shape (distinct charges, draws).
        """
        with_zero = np.vstack([np.zeros(self.reach.shape[1]), self.reach])
        return np.take_along_axis(with_zero, self._used[self._last], axis=0)

    @property
    def _last(self) -> np.ndarray:
        """Whether a portfolio is the last one with its charge, shape (portfolios,)."""
        return np.append(np.diff(self.charge) > 0.0, True)

    @property
    def used(self) -> np.ndarray:
        """Index in the trials of each draw's portfolio at the highest charge, or -1 for none."""
        named = np.array([-1, *(self.places or range(len(self.charge)))])
        return named[self._used[-1]]

    @property
    def paid(self) -> np.ndarray:
        """Charge of each draw's portfolio at the highest charge on the frontier, or 0 for none."""
        return np.concatenate([[0.0], self.charge])[self._used[-1]]

    @cached_property
    def _used(self) -> np.ndarray:
        """Row of each draw's portfolio at each charge, counted from 1, or 0 for none."""
        means, draws = self._means, np.arange(self.reach.shape[1])
        used, rows = np.zeros(len(draws), dtype=int), []
        for place in range(1, len(means)):
            used = np.where(means[place] > means[used, draws], place, used)
            rows.append(used)
        return np.array(rows)

    @property
    def _means(self) -> np.ndarray:
        """Mean reach over all other draws, shape (1 + portfolios, draws). The first row is for $0.

        A portfolio for which no other draw is complete counts as better than all cheaper ones.
        """
        complete = ~np.isnan(self.reach)
        values = np.where(complete, self.reach, 0.0)
        others = complete.sum(axis=1, keepdims=True) - complete
        total = values.sum(axis=1, keepdims=True) - values
        better = 2.0 + np.arange(len(self.reach))[:, None]  # above every reach
        means = np.where(others > 0, total / np.maximum(others, 1), better)
        return np.vstack([np.zeros(self.reach.shape[1]), means])

    def at(self, dollars: float | np.ndarray) -> np.ndarray:
        """Return the reach for dollars per year, one value or one per draw, shape (draws,)."""
        with_zero = np.vstack([np.zeros(self.reach.shape[1]), self.best])
        positions = np.broadcast_to(np.log1p(dollars / self.charge[0]), self.reach.shape[1])
        columns = zip(positions, with_zero.T, strict=True)
        return np.array([np.interp(at, self._grid, column) for at, column in columns])

    def dollars(self, reach: np.ndarray) -> np.ndarray:
        """Return the dollars at which a given reach is attained.

        Args:
            reach: relative fall by draw, shape (draws,). A fall of 0 or less needs $0.

        Returns:
            $ per year, shape (draws,). Infinite if the fall is out of reach, NaN for a draw with a
            failed run.
        """
        columns = zip(self.best.T, reach, strict=True)
        return np.array([self._dollars(best, float(level)) for best, level in columns])

    @property
    def _grid(self) -> np.ndarray:
        """Positions of $0 and of the distinct charges on the axis."""
        distinct = self.charge[self._last]
        return np.concatenate([[0.0], np.log1p(distinct / distinct[0])])

    def _dollars(self, best: np.ndarray, level: float) -> float:
        """Return the dollars at which a reach is attained in one draw."""
        if math.isnan(level) or np.isnan(best).any():
            return math.nan
        if level <= 0.0:
            return 0.0
        if best[-1] < level:
            return math.inf
        reach = np.concatenate([[0.0], best])
        first = int(np.flatnonzero(reach >= level)[0])
        last = int(np.flatnonzero(reach < level)[-1]) + 1
        middle = 0.5 * (self._crossing(reach, first, level) + self._crossing(reach, last, level))
        return float(self.charge[0] * np.expm1(middle))

    def _crossing(self, reach: np.ndarray, place: int, level: float) -> float:
        """Return the axis position before a grid index at which the reach passes a level."""
        low, high = self._grid[place - 1 : place + 1]
        share = (level - reach[place - 1]) / (reach[place] - reach[place - 1])
        return float(low + share * (high - low))


@dataclass(frozen=True, eq=False)
class RateSummary:
    """A cell's exchange rates over draws.

    A draw in which the portfolio is inert has a rate of 0 and enters every statistic. Otherwise a
    programme without an effect in most draws would be judged by its few good draws. A median of 0
    means that the portfolio is inert in more than half of the draws ("inert here").

    Attributes:
        rates: U.S.-only dollars for each portfolio dollar, by draw. Infinite where no U.S.-only
            portfolio has the portfolio's reach, 0 where it is inert, NaN where a run failed.
        inert: whether the portfolio is inert, by draw.
        limit: dollars of the most expensive U.S.-only portfolio, divided by the dollars of this
            portfolio. A rate that is out of reach is above this limit.
        equal: exchange rate for two equal countries with the same dollars, by draw.
        beyond: whether the portfolio reaches more than two equal countries would, by draw. NaN
            for a draw with a failed run.
    """

    rates: np.ndarray
    inert: np.ndarray
    limit: float
    equal: np.ndarray
    beyond: np.ndarray

    @property
    def draws(self) -> int:
        """Number of draws without a failed run, including inert draws."""
        return int((~np.isnan(self.rates)).sum())

    @property
    def median(self) -> float:
        """Median over draws. Infinite if half are out of reach, 0 if more than half are inert."""
        return quantile(self.rates, 0.5)

    @property
    def range90(self) -> tuple[float, float]:
        """5th and 95th percentile over draws."""
        return range90(self.rates)

    @property
    def median90(self) -> tuple[float, float]:
        """90 % interval for the median, from order statistics."""
        return median_interval(self.rates)

    @property
    def ratio90(self) -> tuple[float, float]:
        """90 % interval for the median rate over two equal countries' rate."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return median_interval(self.rates / self.equal)

    @property
    def share_beyond(self) -> float:
        """Share of complete draws with more reach than two equal countries would have."""
        return nan_mean(self.beyond)

    @property
    def out_of_reach(self) -> float:
        """Share of complete draws with a rate out of reach. NaN if no draws exist."""
        return nan_mean(np.where(np.isnan(self.rates), np.nan, np.isinf(self.rates)))

    @property
    def share_inert(self) -> float:
        """Share of complete draws in which the portfolio is inert. NaN if no draws exist."""
        return float(self.inert.sum() / self.draws) if self.draws else math.nan

    @property
    def shares_above(self) -> dict[float, float]:
        """Share of complete draws above each rate in ``RATES``. Inert draws count as below."""
        if not self.draws:
            return dict.fromkeys(RATES, math.nan)
        return {rate: float((self.rates > rate).sum() / self.draws) for rate in RATES}


def summarise_rates(ours: Frontier, us_alone: Frontier) -> RateSummary:
    """Compute the exchange rate for the portfolio that a budget uses, in every draw.

    Two equal countries both respond like the United States, and each has half the dollars. Their
    remaining shares (1 - fall) multiply, like independent hazards. The first dollars in a country
    have the strongest effect, so two countries achieve more than one country with the same total.

    Args:
        ours: frontier of both together, or of cooperation alone, within the budget.
        us_alone: U.S.-only frontier over all portfolios, whatever their budget.

    Returns:
        The rates, with the rates for two equal countries.
    """
    reach, paid = ours.best[-1], ours.paid
    complete = ~np.isnan(us_alone.best).any(axis=0) & ~np.isnan(reach)
    inert = complete & (reach < MIN_FALL)
    charge = np.where(complete & (paid > 0.0), paid, np.nan)
    equal_reach = 1.0 - (1.0 - us_alone.at(0.5 * paid)) ** 2
    return RateSummary(
        rates=np.where(inert, 0.0, us_alone.dollars(reach) / charge),
        inert=inert,
        limit=float(us_alone.charge[-1] / max(paid.max(), ours.charge[0])),
        equal=us_alone.dollars(equal_reach) / charge,
        beyond=np.where(complete, (reach > equal_reach) & (reach >= MIN_FALL), np.nan),
    )


# ---- statistics over draws (NaN marks a draw that has no result) ---------------------------------


def nan_mean(values: np.ndarray) -> float:
    """Return the mean of the values that are not NaN, or NaN if there are none."""
    defined = values[~np.isnan(values)]
    return float(defined.mean()) if defined.size else math.nan


def quantile(values: np.ndarray, q: float) -> float:
    """Return a quantile of values that may be infinite. NaN if no values exist.

    Args:
        values: numbers in any order. NaN is left out.
        q: probability of the quantile, 0 to 1.

    Returns:
        Linear interpolation between neighbours, or infinity if the larger neighbour is infinite.
    """
    ordered = np.sort(values[~np.isnan(values)])
    if not ordered.size:
        return math.nan
    place = q * (ordered.size - 1)
    low, high = float(ordered[math.floor(place)]), float(ordered[math.ceil(place)])
    weight = place - math.floor(place)
    if math.isinf(high):
        return high if weight > 0.0 else low
    return low + (high - low) * weight


def range90(values: np.ndarray) -> tuple[float, float]:
    """Return the 5th and 95th percentile of values that may be infinite, as :func:`quantile`."""
    return quantile(values, _TAIL), quantile(values, 1.0 - _TAIL)


def median_interval(values: np.ndarray) -> tuple[float, float]:
    """Return the distribution-free 90 % interval for a median from order statistics.

    Args:
        values: numbers in any order, which may be infinite. NaN is left out.

    Returns:
        Lower and upper bound, with a coverage of at least 90 %. The bounds are 0 and infinity for
        fewer than five values, for which there is no such interval.
    """
    from scipy.stats import binom

    ordered = np.sort(values[~np.isnan(values)])
    n = ordered.size
    # The largest k such that fewer than k values below the median have a probability of at most 5 %
    k = int(binom.ppf(_TAIL, n, 0.5)) if n else 0
    return (float(ordered[k - 1]), float(ordered[n - k])) if k else (0.0, math.inf)
