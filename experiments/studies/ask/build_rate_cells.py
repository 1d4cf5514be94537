"""Build the cells of the verdict from scored portfolios and marginal pairs."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from abm.measures import ENTRIES, HUMAN_COSTS
from abm.policies import registry
from experiments.studies.ask.exchange_rate import (
    Frontier,
    dollar_share,
    marginal_dollars,
    summarise_rates,
)
from experiments.studies.ask.rate_cells import JOINT, MIN_DRAWS, STARTS, AdditionPair, RateCell
from experiments.studies.ask.verdict import advantage
from experiments.studies.optimise.horizons import HORIZONS
from experiments.studies.optimise.search import (
    LINE,
    MARGINAL_SHARE,
    MEXICO,
    BudgetTarget,
    addition_stop,
)
from experiments.studies.optimise.sides import ACCOUNTS, Instruments
from experiments.studies.optimise.study import Score, charge_of, spent_dollars
from experiments.studies.optimise.trials import PAYERS, Trials

#: Arms of border enforcement: agents, sensors and fence, consequences.
ENFORCEMENT = ("agents", "sensors_fence", "consequences")

_SIDES = ("mixed", "cooperative", "us_only")

_LEAST = 1e6  # $ per year, smallest charge of a portfolio, because the axis is logarithmic


def rate_cells(
    regime: str,
    score: Score,
    instruments: Instruments,
    budgets: Iterable[float],
    min_draws: int = MIN_DRAWS,
) -> list[RateCell]:
    """Return all cells for which a score has the portfolios of all sides.

    Args:
        regime: key in ``regimes.REGIMES``.
        score: scored portfolios.
        instruments: all instruments.
        budgets: budgets of both together, $ per year.
        min_draws: planned draws (``RateCell.min_draws``).

    Returns:
        The cells by account, measure, budget and horizon. Horizons that the runs do not reach are
        left out.
    """
    cells = []
    for account in ACCOUNTS:
        for measure in ENTRIES:
            for budget in budgets:
                targets = [BudgetTarget(s, account, measure, budget) for s in _SIDES]
                if all(target in score.menu for target in targets):
                    make = _Cell(regime, score, instruments, account, measure, budget, min_draws)
                    cells += [make.at(years) for years in HORIZONS[: score.trials.longest + 1]]
    return cells


def relative_fall(score: Score, place: int, side: str, horizon: int, outcome: str) -> np.ndarray:
    """Return the relative fall of an outcome under a portfolio of a side, shape (draws,)."""
    levels = score.levels(place, alone=side == "us_only")
    return advantage(levels, score.trials.base, outcome)[:, HORIZONS.index(horizon)]


def charge_on(score: Score, place: int, side: str, account: str, horizon: int) -> float:
    """Return the dollars that a portfolio of a side spends on an account, at least $1M a year."""
    dollars = score.charge(place, account, horizon=horizon, alone=side == "us_only")
    return max(_LEAST, dollars)


def frontier_of(
    score: Score, key: tuple[str, str, str], horizon: int, max_budget: float = math.inf
) -> Frontier:
    """Return the frontier of the portfolios that a side can buy.

    Both together can buy every portfolio that was chosen for any side, because they have all
    instruments.

    Args:
        score: scored portfolios.
        key: side, account and measure.
        horizon: years.
        max_budget: portfolios for larger budgets are left out, $ per year.

    Returns:
        The frontier, at the dollars that are spent over the horizon.
    """
    side, account, measure = key
    sides = _SIDES if side == "mixed" else (side,)
    places = sorted(
        {
            place
            for t, place in score.menu.items()
            if t.side in sides and (t.account, t.outcome) == key[1:] and t.budget <= max_budget
        }
    )
    charge = [charge_on(score, place, side, account, horizon) for place in places]
    reach = [relative_fall(score, place, side, horizon, measure) for place in places]
    return Frontier.of(charge, reach, places)


@dataclass(frozen=True)
class _Cell:
    """The cells of one account, measure and budget."""

    regime: str
    score: Score
    instruments: Instruments
    account: str
    measure: str
    budget: float
    min_draws: int

    def at(self, horizon: int) -> RateCell:
        """Return the cell of one horizon."""
        us_alone = self._frontier("us_only", horizon, math.inf)
        within = {side: self._frontier(side, horizon, self.budget) for side in _SIDES}
        used = {side: frontier.used for side, frontier in within.items()}
        both, alone = (self._mean_portfolio(used[side]) for side in ("mixed", "us_only"))
        pairs = self._pairs(horizon)
        enforcement = np.array([registry()[n].arm in ENFORCEMENT for n in self.instruments.ids])
        return RateCell(
            regime=self.regime,
            account=self.account,
            measure=self.measure,
            horizon=horizon,
            budget=self.budget,
            rate=summarise_rates(within["mixed"], us_alone),
            rate_alone=summarise_rates(within["cooperative"], us_alone),
            reach={side: frontier.best[-1] for side, frontier in within.items()},
            marginal=self._marginal(pairs),
            mexico_share=dollar_share(both, self.instruments.needs_mexico),
            human_costs={
                side: {name: -self._fall(used[side], side, horizon, name) for name in HUMAN_COSTS}
                for side in _SIDES
            },
            payers=self.instruments.payers(both),
            spent={side: self._spent(used[side], side, horizon) for side in ("mixed", "us_only")},
            min_draws=self.min_draws,
            pairs=pairs,
            enforcement_share=dollar_share(alone, enforcement),
            used=used,
        )

    def _frontier(self, side: str, horizon: int, max_budget: float) -> Frontier:
        """Return the frontier of a side up to a budget."""
        return frontier_of(self.score, (side, self.account, self.measure), horizon, max_budget)

    def _fall(self, used: np.ndarray, side: str, horizon: int, outcome: str) -> np.ndarray:
        """Return the relative fall of an outcome under the used portfolios, shape (draws,)."""
        fall = np.zeros(len(used))
        for place in _bought(used):
            place_fall = relative_fall(self.score, place, side, horizon, outcome)
            fall = np.where(used == place, place_fall, fall)
        return fall

    def _mean_portfolio(self, used: np.ndarray) -> np.ndarray:
        """Return planned dollars by instrument of the used portfolios, mean over draws."""
        rows = np.vstack([self.score.trials.portfolios, np.zeros(len(self.instruments))])
        return rows[used].mean(axis=0)  # -1, no portfolio, is the last row

    def _spent(self, used: np.ndarray, side: str, horizon: int) -> dict[str, float]:
        """Return the median dollars a year that the used portfolios spent, by payer."""
        other = self.score.alone if side == "us_only" else None
        spent = np.zeros((len(used), len(PAYERS)))
        for place in _bought(used):
            place_spent = spent_dollars(other or self.score.trials, place, horizon)
            spent = np.where((used == place)[:, None], place_spent, spent)
        complete = spent[~np.isnan(spent).any(axis=1)]
        if not len(complete):
            return dict.fromkeys(PAYERS, math.nan)
        return dict(zip(PAYERS, np.median(complete, axis=0).tolist(), strict=True))

    def _marginal(self, pairs: tuple[AdditionPair, ...]) -> np.ndarray:
        """Return the marginal dollar, shape (draws,). NaN without both marginal pairs."""
        if not pairs:
            return np.full(len(self.score.trials.base), np.nan)
        return marginal_dollars(*zip(*(pair.gains for pair in pairs), strict=True))

    def _pairs(self, horizon: int) -> tuple[AdditionPair, ...]:
        """Return the marginal pair for each starting point. None unless both were run.

        All accounts share the pairs of joint dollars and their starting points.
        """
        pairs = []
        for side in STARTS:
            target = BudgetTarget(side, JOINT, self.measure, self.budget)
            places = [self.score.additions.get((target, where)) for where in (MEXICO, LINE)]
            if self.score.added is None or None in places or target not in self.score.menu:
                return ()
            added = tuple(place for place in places if place is not None)
            pairs.append(self._pair(self.score.added, target, added, horizon))
        return tuple(pairs)

    def _pair(
        self, added: Trials, target: BudgetTarget, places: tuple[int, ...], horizon: int
    ) -> AdditionPair:
        """Return the additions to a target's portfolio, with and without Mexico."""
        start, draws = self.score.menu[target], self.score.added_draws
        row = self.score.trials.portfolios[start]
        paid = charge_of(self.score.trials, start, JOINT, draws, horizon)
        more = [float((added.portfolios[place] - row).sum()) for place in places]
        spent = [charge_of(added, place, JOINT, horizon=horizon) - paid for place in places]
        before = relative_fall(self.score, start, target.side, horizon, self.measure)[list(draws)]
        gains = [self._gain(added, place, horizon, before) for place in places]
        offered = MARGINAL_SHARE * self.budget
        stops = [
            addition_stop(self.instruments, where, row, added.portfolios[place], offered)
            for where, place in zip((MEXICO, LINE), places, strict=True)
        ]
        return AdditionPair(
            target.side,
            offered,
            (more[0], more[1]),
            (spent[0], spent[1]),
            (gains[0], gains[1]),
            (stops[0], stops[1]),
        )

    def _gain(self, added: Trials, place: int, horizon: int, before: np.ndarray) -> np.ndarray:
        """Return the gain of reach by an addition, in percent, for all score draws."""
        falls = advantage(added.levels[place], added.base, self.measure)
        fall = falls[:, HORIZONS.index(horizon)]
        gain = np.full(len(self.score.trials.base), np.nan)
        gain[list(self.score.added_draws)] = 100.0 * (fall - before)
        return gain


def _bought(used: np.ndarray) -> list[int]:
    """Return the portfolios that are used in any draw."""
    return [place for place in np.unique(used).tolist() if place >= 0]
