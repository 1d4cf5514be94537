"""Build the cells of the verdict from scored portfolios and marginal pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import numpy as np

from abm.measures import ENTRIES, HUMAN_COSTS
from abm.policies import policy_class
from experiments.studies.ask.exchange_rate import Frontier, summarise_rates
from experiments.studies.ask.rate_cells import Addition, AdditionPair, RateCell
from experiments.studies.ask.verdict import JOINT, MIN_DRAWS
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES, PAYERS
from experiments.studies.optimise.search import (
    LINE,
    MARGINAL_SHARE,
    MEXICO,
    STARTS,
    BudgetTarget,
    addition_stop,
)
from experiments.studies.optimise.sides import ACCOUNTS, SIDES
from experiments.studies.optimise.study import Score, charge_of, spent_dollars
from experiments.studies.optimise.trials import Trials

#: Arms of border enforcement: agents, sensors and fence, consequences.
ENFORCEMENT = ("agents", "sensors_fence", "consequences")

_MIN_CHARGE = 1e6  # $ per year of a portfolio, because the axis is logarithmic


def rate_cells(
    regime: str, score: Score, budgets: Iterable[float], planned_draws: int = MIN_DRAWS
) -> list[RateCell]:
    """Return all cells for which a score has the portfolios of all sides.

    Args:
        regime: key in ``regimes.REGIMES``, or in ``regimes.VARIANTS``.
        score: scored portfolios.
        budgets: budgets of both together, $ per year.
        planned_draws: as in ``RateCell``.

    Returns:
        The cells by account, measure, budget and horizon. Horizons that the runs do not reach are
        left out.
    """
    keys = [(a, m, b) for a in ACCOUNTS for m in ENTRIES for b in budgets]
    return [
        _Cell(score, *key, years).build(regime, planned_draws)
        for key in keys
        if all(BudgetTarget(side, *key) in score.menu for side in SIDES)
        for years in HORIZONS[: score.trials.longest + 1]
    ]


def relative_fall(score: Score, place: int, side: str, horizon: int, outcome: str) -> np.ndarray:
    """Return the relative fall of an outcome under a portfolio of a side, shape (draws,)."""
    return _fall(score.of_side(side).levels[place], score.trials.base, horizon, outcome)


def _fall(levels: np.ndarray, base: np.ndarray, horizon: int, outcome: str) -> np.ndarray:
    """Return the fall from the status quo's levels, both of shape (draws, outcomes, horizons)."""
    at = OUTCOMES.index(outcome), HORIZONS.index(horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - levels[:, *at] / base[:, *at]


def charge_on(score: Score, place: int, side: str, account: str, horizon: int) -> float:
    """Return the dollars that a portfolio of a side spends on an account, at least $1M a year."""
    return max(_MIN_CHARGE, charge_of(score.of_side(side), place, account, horizon))


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
    sides = SIDES if side == "mixed" else (side,)
    places = {
        place
        for target, place in score.menu.items()
        if target.side in sides
        and (target.account, target.outcome) == (account, measure)
        and target.budget <= max_budget
    }
    charge = {place: charge_on(score, place, side, account, horizon) for place in sorted(places)}
    ordered = sorted(charge, key=charge.__getitem__)  # Equal charges stay in the order of places.
    reach = [relative_fall(score, place, side, horizon, measure) for place in ordered]
    return Frontier(np.array([charge[place] for place in ordered]), np.array(reach), ordered)


@dataclass(frozen=True)
class _Cell:
    """The portfolios of one account, measure, budget and horizon."""

    score: Score
    account: str
    measure: str
    budget: float
    horizon: int

    def build(self, regime: str, planned_draws: int) -> RateCell:
        """Return the cell in a regime."""
        us_alone = self._frontier("us_only", math.inf)
        within = {side: self._frontier(side, self.budget) for side in SIDES}
        used = {side: frontier.used for side, frontier in within.items()}
        both, alone = (self._mean_portfolio(used[side]) for side in ("mixed", "us_only"))
        instruments, pairs = self.score.trials.instruments, self._pairs()
        enforcement = np.array([policy_class(name).arm in ENFORCEMENT for name in instruments.ids])
        return RateCell(
            regime=regime,
            account=self.account,
            measure=self.measure,
            horizon=self.horizon,
            budget=self.budget,
            rate=summarise_rates(within["mixed"], us_alone),
            rate_alone=summarise_rates(within["cooperative"], us_alone),
            reach={side: frontier.best[-1] for side, frontier in within.items()},
            marginal=self._marginal(pairs),
            pairs=pairs,
            mexico_share=_dollar_share(both, instruments.needs_mexico),
            enforcement_share=_dollar_share(alone, enforcement),
            human_costs={
                side: {name: self._change(used[side], side, name) for name in HUMAN_COSTS}
                for side in SIDES
            },
            payers=instruments.payers(both),
            spent={side: self._spent(used[side], side) for side in ("mixed", "us_only")},
            used=used,
            planned_draws=planned_draws,
        )

    def _frontier(self, side: str, max_budget: float) -> Frontier:
        """Return the frontier of a side up to a budget."""
        key = (side, self.account, self.measure)
        return frontier_of(self.score, key, self.horizon, max_budget)

    def _change(self, used: np.ndarray, side: str, outcome: str) -> np.ndarray:
        """Return the relative change of an outcome under the used portfolios, shape (draws,)."""
        key = side, self.horizon, outcome
        return _by_draw(used, lambda place: -relative_fall(self.score, place, *key))

    def _mean_portfolio(self, used: np.ndarray) -> np.ndarray:
        """Return planned dollars by instrument of the used portfolios, mean over draws."""
        portfolios = self.score.trials.portfolios
        rows = np.vstack([portfolios, np.zeros(portfolios.shape[1])])
        return rows[used].mean(axis=0)  # -1, no portfolio, is the last row

    def _spent(self, used: np.ndarray, side: str) -> dict[str, float]:
        """Return the median dollars a year that the used portfolios spent, by payer."""
        trials = self.score.of_side(side)
        spent = _by_draw(used, lambda place: spent_dollars(trials, place, self.horizon))
        complete = spent[~np.isnan(spent).any(axis=1)]
        if not len(complete):
            return dict.fromkeys(PAYERS, math.nan)
        return dict(zip(PAYERS, np.median(complete, axis=0).tolist(), strict=True))

    def _marginal(self, pairs: tuple[AdditionPair, ...]) -> np.ndarray:
        """Return the marginal dollar, shape (draws,). NaN without both marginal pairs.

        The mean over both starting points is 0 in expectation if both countries are equal: from
        the best portfolio of the United States alone, the addition with Mexico is the first dollar
        there. From the best one of cooperation alone, the other addition is.
        """
        if not pairs:
            return np.full(len(self.score.trials.base), np.nan)
        return np.mean([p.with_mexico.gain - p.without_mexico.gain for p in pairs], axis=0)

    def _pairs(self) -> tuple[AdditionPair, ...]:
        """Return the marginal pair for each starting point. None unless both were run.

        All accounts share the pairs of joint dollars and their starting points.
        """
        score, pairs = self.score, []
        for side in STARTS:
            target = BudgetTarget(side, JOINT, self.measure, self.budget)
            keys = [(target, where) for where in (MEXICO, LINE)]
            if score.added is None or not all(key in score.additions for key in keys):
                return ()
            additions = [self._addition(score.added, *key) for key in keys]
            pairs.append(AdditionPair(side, *additions))
        return tuple(pairs)

    def _addition(self, added: Trials, target: BudgetTarget, where: str) -> Addition:
        """Return the addition to a target's portfolio, with or without Mexico."""
        score, offered = self.score, MARGINAL_SHARE * self.budget
        start, place, draws = score.menu[target], score.additions[target, where], score.added_draws
        before, after = score.trials.portfolios[start], added.portfolios[place]
        spent_before = charge_of(score.trials, start, JOINT, self.horizon, draws)
        spent_after = charge_of(added, place, JOINT, self.horizon)
        fall = relative_fall(score, start, target.side, self.horizon, self.measure)[list(draws)]
        more = _fall(added.levels[place], added.base, self.horizon, self.measure)
        gain = np.full(len(score.trials.base), np.nan)
        gain[list(draws)] = 100.0 * (more - fall)
        return Addition(
            offered=offered,
            planned=float((after - before).sum()),
            spent=spent_after - spent_before,
            gain=gain,
            stop=addition_stop(added.instruments, where, before, after, offered),
        )


def _by_draw(used: np.ndarray, values_of: Callable[[int], np.ndarray]) -> np.ndarray:
    """Return each draw's value under the portfolio that it uses. 0 for a draw without one."""
    values = np.zeros_like(values_of(0))
    for place in np.unique(used[used >= 0]).tolist():
        values[used == place] = values_of(place)[used == place]
    return values


def _dollar_share(dollars: np.ndarray, counted: np.ndarray) -> float:
    """Return the share of a portfolio's dollars on some instruments, or 0 if it is empty."""
    total = float(dollars.sum())
    return float(dollars[counted].sum()) / total if total > 0.0 else 0.0
