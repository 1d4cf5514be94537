"""Exchange rate for one dollar: U.S.-only dollars with the same effect as $1 spent on cooperation.

The inputs are frontiers: for one side, the charges of its chosen portfolios and a measure's
relative fall under each portfolio in every draw. All functions are pure. The definitions and
thresholds are in docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

#: Smallest effect of interest: a portfolio below this reach is inert in a draw.
INERT = 0.02
#: Rates above which the share of draws is reported.
RATES = (1.0, 2.0, 4.0, 8.0)
_TAIL = 0.05  # of a 90 % interval


@dataclass(frozen=True, eq=False)
class Frontier:
    """A side's reach as a function of dollars, by draw.

    **Choice.** A budget uses the portfolio with the largest *mean* reach among those that cost no
    more, or none if every mean is below 0. The mean is over all other draws: a draw's result
    does not affect its choice, so the expected reach is the chosen portfolio's
    for any number of portfolios. The choice does not use the draw's reach, which governments
    do not know and whose maximum grows with the number of portfolios by noise alone.

    **Between two portfolios** the reach is linear in log(1 + dollars / cheapest portfolio), the
    *axis*. At $0 it is 0.

    **Dollars for a reach.** Noise makes a draw's reach rise and fall along the axis. The first
    point with a given reach is too low on average, and lower with more portfolios. The point above
    which all budgets have this reach is too high. The result is midway between both on the axis.
    The reach is out of reach if the largest portfolio's budget does not have it.

    Attributes:
        charge: $ per year by chosen portfolio, ascending, above 0, shape (portfolios,).
            Several may cost the same. The last one is the largest that the side can buy.
        reach: the measure's relative fall, shape (portfolios, draws). NaN for a failed run.
        places: each portfolio's index in the trials, shape (portfolios,). If empty, its position
            on the frontier.

    Raises:
        ValueError: the shapes differ, or the charges are not ascending and above 0.
    """

    charge: np.ndarray
    reach: np.ndarray
    places: Sequence[int] = ()

    def __post_init__(self) -> None:
        """Check the shapes and that charges ascend."""
        if self.reach.ndim != 2 or self.charge.shape != self.reach.shape[:1]:
            shapes = f"{self.charge.shape} and {self.reach.shape}"
            raise ValueError(f"invalid frontier: expected (n,) and (n, draws), got {shapes}")
        if not (self.charge.size and self.charge[0] > 0.0 and (np.diff(self.charge) >= 0.0).all()):
            raise ValueError("invalid frontier: expected ascending charges above 0")

    @classmethod
    def of(
        cls, charge: Sequence[float], reach: Sequence[np.ndarray], places: Sequence[int] = ()
    ) -> Frontier:
        """Create a frontier from portfolios in any order.

        Args:
            charge: each portfolio's $ per year, above 0.
            reach: each portfolio's reach, shape (draws,).
            places: each portfolio's index in the trials. Empty for their order here.

        Returns:
            The frontier. The same rule chooses among portfolios with the same charge.
        """
        named, order = list(places or range(len(charge))), np.argsort(charge, kind="stable")
        rows = np.array([reach[k] for k in order])
        return cls(np.asarray(charge)[order], rows, [named[k] for k in order])

    @cached_property
    def best(self) -> np.ndarray:
        """Reach, up to each charge, by the portfolio with the best mean over the other draws.

        Charges that are equal have one row, shape (distinct charges, draws).
        """
        with_zero = np.vstack([np.zeros(self.reach.shape[1]), self.reach])
        return np.take_along_axis(with_zero, self._used[self._last], axis=0)

    @property
    def _last(self) -> np.ndarray:
        """Whether a portfolio is the last one at its charge, shape (portfolios,)."""
        return np.append(np.diff(self.charge) > 0.0, True)

    @property
    def used(self) -> np.ndarray:
        """Trial index by draw for the largest charge's portfolio, or -1 for none."""
        named = np.array([-1, *(self.places or range(len(self.charge)))])
        return named[self._used[-1]]

    @property
    def paid(self) -> np.ndarray:
        """Charge for the portfolio that the largest charge uses, by draw, or 0 for none."""
        return np.concatenate([[0.0], self.charge])[self._used[-1]]

    @cached_property
    def _used(self) -> np.ndarray:
        """Row for the portfolio that each charge uses, from 1, by draw, or 0 for none."""
        means, draws = self._means, np.arange(self.reach.shape[1])
        used, rows = np.zeros(len(draws), dtype=int), []
        for place in range(1, len(means)):
            used = np.where(means[place] > means[used, draws], place, used)
            rows.append(used)
        return np.array(rows)

    @property
    def _means(self) -> np.ndarray:
        """Mean reach at $0 and for every portfolio over the other draws, in columns of draws.

        A portfolio without other complete draws counts as better than all cheaper ones.
        """
        complete = ~np.isnan(self.reach)
        values = np.where(complete, self.reach, 0.0)
        others = complete.sum(axis=1, keepdims=True) - complete
        total = values.sum(axis=1, keepdims=True) - values
        better = 2.0 + np.arange(len(self.reach))[:, None]  # above every reach
        means = np.where(others > 0, total / np.maximum(others, 1), better)
        return np.vstack([np.zeros(self.reach.shape[1]), means])

    def at(self, dollars: float | np.ndarray) -> np.ndarray:
        """Return the reach for dollars, one number or one for each draw, shape (draws,)."""
        with_zero = np.vstack([np.zeros(self.reach.shape[1]), self.best])
        positions = np.broadcast_to(np.log1p(dollars / self.charge[0]), self.reach.shape[1])
        columns = zip(positions, with_zero.T, strict=True)
        return np.array([np.interp(at, self._grid, column) for at, column in columns])

    def dollars(self, reach: np.ndarray) -> np.ndarray:
        """Return the dollars with a given reach.

        Args:
            reach: relative fall by draw, shape (draws,). Values up to 0 need $0.

        Returns:
            $ per year, shape (draws,). Infinite if it is out of reach, NaN for a draw with a failed
            run.
        """
        columns = zip(self.best.T, reach, strict=True)
        return np.array([self._dollars(best, float(level)) for best, level in columns])

    @property
    def _grid(self) -> np.ndarray:
        """Positions for $0 and the portfolios on the interpolation's scale."""
        distinct = self.charge[self._last]
        return np.concatenate([[0.0], np.log1p(distinct / distinct[0])])

    def _dollars(self, best: np.ndarray, level: float) -> float:
        """Return the dollars with a reach in one draw."""
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
        """Return where, between a place and the one before it, the reach passes a value."""
        low, high = self._grid[place - 1 : place + 1]
        share = (level - reach[place - 1]) / (reach[place] - reach[place - 1])
        return float(low + share * (high - low))


def exchange_rates(ours: Frontier, us_alone: Frontier) -> np.ndarray:
    """Compute the exchange rate for the portfolio that a budget uses, in every draw.

    Args:
        ours: portfolios for both together, or for cooperation alone, within the budget.
        us_alone: U.S.-only frontier, with its largest portfolio last.

    Returns:
        U.S.-only dollars for each portfolio dollar, shape (draws,). Infinite where no
        U.S.-only portfolio has its reach. NaN where the portfolio is inert or a
        run failed.
    """
    reach = ours.best[-1]
    level = np.where(reach >= INERT, reach, np.nan)
    return us_alone.dollars(level) / np.where(ours.paid > 0.0, ours.paid, np.nan)


def reach_if_equal(us_alone: Frontier, dollars: np.ndarray) -> np.ndarray:
    """Return the reach for two countries that are both like the United States.

    Each has half the dollars. The falls multiply, like independent hazards. Each
    country spends first dollars, so both reach more than one country with all dollars.

    Args:
        us_alone: U.S.-only frontier.
        dollars: $ per year for both countries, shape (draws,).

    Returns:
        Relative fall, shape (draws,).
    """
    return 1.0 - (1.0 - us_alone.at(0.5 * dollars)) ** 2


@dataclass(frozen=True, eq=False)
class RateSummary:
    """A cell's exchange rates over draws.

    Attributes:
        rates: by draw, as :func:`exchange_rates` returns them.
        inert: draws in which the portfolio is inert, shape (draws,).
        limit: the largest U.S.-only portfolio's dollars for each dollar in this
            portfolio. A rate that is out of reach is above this.
        equal: exchange rate that two equal countries would have for the same dollars, by draw.
        beyond: whether the portfolio reaches more than two equal countries would, by draw. NaN
            for a draw with a failed run.
    """

    rates: np.ndarray
    inert: np.ndarray
    limit: float = math.inf
    equal: np.ndarray = field(default_factory=lambda: np.zeros(0))
    beyond: np.ndarray = field(default_factory=lambda: np.zeros(0))

    @cached_property
    def defined(self) -> np.ndarray:
        """Rates in the draws that define them, ascending. Infinite ones last."""
        return ordered_values(self.rates)

    @property
    def draws(self) -> int:
        """How many draws have no failed run, inert ones included."""
        return int((~np.isnan(self.rates) | self.inert).sum())

    @property
    def median(self) -> float:
        """Median over draws. Infinite if half are out of reach, NaN without draws."""
        return order_quantile(self.defined, 0.5)

    @property
    def range90(self) -> tuple[float, float]:
        """5th and 95th percentile over draws."""
        return order_range(self.defined)

    @property
    def median90(self) -> tuple[float, float]:
        """90 % interval for the median, from order statistics."""
        return median_interval(self.defined)

    @cached_property
    def equal_ordered(self) -> np.ndarray:
        """Rates of two equal countries in the draws that have one, ascending."""
        return ordered_values(self.equal)

    @property
    def equal_median(self) -> float:
        """Median over draws of the rate of two equal countries. NaN without draws."""
        return order_quantile(self.equal_ordered, 0.5)

    @property
    def equal_range(self) -> tuple[float, float]:
        """5th and 95th percentile over draws of the rate of two equal countries."""
        return order_range(self.equal_ordered)

    @property
    def ratio90(self) -> tuple[float, float]:
        """90 % interval for the median rate over two equal countries' rate."""
        with np.errstate(invalid="ignore", divide="ignore"):
            return median_interval(ordered_values(self.rates / self.equal))

    @property
    def share_beyond(self) -> float:
        """Share of the complete draws that reach more than two equal countries would."""
        return _share(self.beyond[~np.isnan(self.beyond)])

    @property
    def out_of_reach(self) -> float:
        """Share of the defined draws that are out of reach. NaN without draws."""
        return _share(np.isinf(self.defined))

    @property
    def share_inert(self) -> float:
        """Share of the complete draws in which the portfolio is inert. NaN without draws."""
        return float(self.inert.sum() / self.draws) if self.draws else math.nan

    def shares_above(self, rates: tuple[float, ...] = RATES) -> dict[float, float]:
        """Return the share of the complete draws above each rate. Inert draws count as below."""
        if not self.draws:
            return dict.fromkeys(rates, math.nan)
        return {rate: float((self.defined > rate).sum() / self.draws) for rate in rates}


def summarise_rates(ours: Frontier, us_alone: Frontier) -> RateSummary:
    """Summarise the exchange rates of a budget. Arguments as in :func:`exchange_rates`."""
    rates, reach, paid = exchange_rates(ours, us_alone), ours.best[-1], ours.paid
    complete = ~np.isnan(us_alone.best).any(axis=0) & ~np.isnan(reach)
    bought = complete & (paid > 0.0)
    alike = reach_if_equal(us_alone, paid)
    equal = us_alone.dollars(np.where(bought, alike, np.nan)) / np.where(bought, paid, np.nan)
    limit = float(us_alone.charge[-1] / max(paid.max(), ours.charge[0]))
    beyond = np.where(complete, (reach > alike) & (reach >= INERT), np.nan)
    return RateSummary(rates, complete & (reach < INERT), limit, equal, beyond)


def ordered_values(values: np.ndarray) -> np.ndarray:
    """Return the values that are not NaN, ascending. Infinite ones are last."""
    return np.sort(values[~np.isnan(values)])


def order_range(ordered: np.ndarray) -> tuple[float, float]:
    """Return the 5th and 95th percentile of ascending values, as :func:`order_quantile`."""
    return order_quantile(ordered, _TAIL), order_quantile(ordered, 1.0 - _TAIL)


def order_quantile(ordered: np.ndarray, q: float) -> float:
    """Return a quantile of ascending values that may be infinite. NaN without values.

    Args:
        ordered: values, ascending.
        q: order of the quantile, 0 to 1.

    Returns:
        Linear interpolation between neighbours. The larger one if it is infinite.
    """
    if not ordered.size:
        return math.nan
    place = q * (ordered.size - 1)
    low, high = float(ordered[math.floor(place)]), float(ordered[math.ceil(place)])
    weight = place - math.floor(place)
    if math.isinf(high):
        return high if weight > 0.0 else low
    return low + (high - low) * weight


def median_interval(ordered: np.ndarray) -> tuple[float, float]:
    """Return the distribution-free 90 % interval for a median from order statistics.

    Args:
        ordered: values, ascending. Infinite ones are allowed.

    Returns:
        Lower and upper bound, with a coverage of at least 90 %. 0 and infinity for fewer than five
        values, for which there is no such interval.
    """
    from scipy.stats import binom

    n = ordered.size
    # largest k such that fewer than k values below the median have a probability of at most 5 %
    k = int(binom.ppf(_TAIL, n, 0.5)) if n else 0
    return (float(ordered[k - 1]), float(ordered[n - k])) if k else (0.0, math.inf)


def marginal_dollars(mexico: Sequence[np.ndarray], other: Sequence[np.ndarray]) -> np.ndarray:
    """Compute the gain of the next dollars with Mexico minus their gain without Mexico.

    The mean over starting points that mirror each other (the best portfolio of the United States
    alone, and the best of cooperation alone) is 0 in expectation if both countries are equal: from
    the first, the addition with Mexico is the first dollar there. From the second, the other one.

    Args:
        mexico: gain of an addition on instruments that need Mexico by starting point, in percent
            of the status quo, shape (draws,) each.
        other: gain of an addition on other instruments, in the same order.

    Returns:
        Percent of the status quo, shape (draws,). Above 0, the next dollar does more with Mexico.
    """
    pairs = zip(mexico, other, strict=True)
    return np.mean([with_mexico - without for with_mexico, without in pairs], axis=0)


def dollar_share(dollars: np.ndarray, counted: np.ndarray) -> float:
    """Return the share of a portfolio's dollars on some instruments, or 0 if it is empty.

    Args:
        dollars: $ per year by instrument.
        counted: which instruments are counted, in the same shape.
    """
    total = float(dollars.sum())
    return float(dollars[counted].sum()) / total if total > 0.0 else 0.0


def _share(flags: np.ndarray) -> float:
    """Return the share of true values. NaN without values."""
    return float(flags.mean()) if flags.size else math.nan
