"""Cells of the verdict: exchange rate, marginal dollar, Mexico's share and human costs.

A cell is one regime, account, measure, horizon and budget. Definitions and thresholds were fixed
before any run: docs/background/decisions/0048-thresholds-of-the-verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from experiments.ask.exchange_rate import (
    INERT,
    Frontier,
    RateSummary,
    marginal_dollars,
    mexico_share,
    order_quantile,
    summarise_rates,
)
from experiments.ask.verdict import TIMES, verdict_word, wilson
from experiments.optimise.horizons import ENTRIES, HORIZONS, HUMAN_COSTS, JUDGED, OUTCOMES
from experiments.optimise.score import Score
from experiments.optimise.search import LINE, MEXICO, BudgetTarget
from experiments.optimise.sides import ACCOUNTS, Instruments
from experiments.optimise.trials import PAYERS

#: Fewest complete draws of a cell with a word, and of a structural variant or a marginal pair.
MIN_DRAWS, MIN_VARIANT_DRAWS = 60, 30
#: Smallest share of Mexico in the best portfolio with which ``beats`` can be supported.
MIN_MEXICO_SHARE = 0.10
RATE_CLAIMS = ("helps", "beats", "requires")
UNKNOWN = "unknown"


@dataclass(frozen=True, eq=False)
class RateCell:
    """Results for one regime, account, measure, horizon and budget.

    Attributes:
        regime: key of ``regimes.REGIMES``.
        account: key of ``sides.ACCOUNTS``.
        measure: one of ``horizons.ENTRIES``.
        horizon: years, one of ``horizons.HORIZONS``.
        budget: $ per year on the account.
        rate: exchange rate of both together.
        rate_alone: exchange rate of cooperation alone.
        reach: relative fall of the measure by side, shape (draws,) each.
        marginal: marginal dollar in percent of the status quo, shape (draws,); NaN for a draw
            without a marginal pair.
        mexico_share: share of the best portfolio's dollars on instruments that need Mexico.
        human_costs: relative change by side and outcome of ``HUMAN_COSTS``, shape (draws,) each.
        payers: planned dollars a year of the best portfolio, by payer.
        spent: median dollars a year that were spent, by side and payer; NaN if they were not read.
        min_draws: fewest complete draws with which a claim has a word.
    """

    regime: str
    account: str
    measure: str
    horizon: int
    budget: float
    rate: RateSummary
    rate_alone: RateSummary
    reach: Mapping[str, np.ndarray]
    marginal: np.ndarray
    mexico_share: float
    human_costs: Mapping[str, Mapping[str, np.ndarray]]
    payers: Mapping[str, float] = field(default_factory=dict)
    spent: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    min_draws: int = MIN_DRAWS

    @property
    def judged(self) -> bool:
        """Whether the horizon of the cell is judged."""
        return self.horizon in JUDGED

    @cached_property
    def _won(self) -> dict[str, np.ndarray]:
        """Won draws by claim, 1 or 0; NaN for a draw without a result."""
        alone = self.reach["cooperative"]
        helps = np.where(np.isnan(alone), np.nan, alone >= INERT)
        beats = np.where(np.isnan(self.marginal), np.nan, self.marginal > 0.0)
        rates = np.where(self.rate.inert, 0.0, self.rate.rates)
        requires = np.where(np.isnan(rates), np.nan, rates > TIMES)
        return {"helps": helps, "beats": beats, "requires": requires}

    def won(self, claim: str) -> np.ndarray:
        """Return won draws of a claim as 1 or 0, NaN without a result, shape (draws,)."""
        return self._won[claim]

    def draws(self, claim: str) -> int:
        """Return the number of draws with a result for a claim."""
        return int((~np.isnan(self.won(claim))).sum())

    def share_won(self, claim: str) -> float:
        """Return the share of draws in which a claim is won; NaN without draws."""
        won = self.won(claim)[~np.isnan(self.won(claim))]
        return float(won.mean()) if won.size else math.nan

    def interval(self, claim: str) -> tuple[float, float]:
        """Return Wilson's 90 % interval of the share of won draws."""
        return wilson(int(np.nansum(self.won(claim))), self.draws(claim))

    def word(self, claim: str) -> str:
        """Return the verdict on a claim in one word; "unknown" with too few draws."""
        least = min(MIN_VARIANT_DRAWS, self.min_draws) if claim == "beats" else self.min_draws
        if self.draws(claim) < least:
            return UNKNOWN
        return self._word(claim, self.share_won(claim))

    def near_threshold(self, claim: str) -> bool:
        """Return whether the word differs between the ends of the interval of the share."""
        low, high = self.interval(claim)
        return self._word(claim, low) != self._word(claim, high)

    def _word(self, claim: str, share: float) -> str:
        """Return the word for a share of won draws."""
        word = verdict_word(share)
        if claim == "beats" and word == "supported" and self.mexico_share < MIN_MEXICO_SHARE:
            return "contingent"
        return word

    @property
    def marginal_median(self) -> float:
        """Median of the marginal dollar over its draws; NaN without draws."""
        return order_quantile(self._marginal_ordered, 0.5)

    @property
    def marginal_range(self) -> tuple[float, float]:
        """5th and 95th percentile of the marginal dollar over its draws; NaN without draws."""
        ordered = self._marginal_ordered
        return order_quantile(ordered, 0.05), order_quantile(ordered, 0.95)

    @property
    def _marginal_ordered(self) -> np.ndarray:
        """Marginal dollars of the draws that have one, ascending."""
        return np.sort(self.marginal[~np.isnan(self.marginal)])

    def median_cost(self, outcome: str, side: str = "mixed") -> float:
        """Return the median relative change of a human cost in percent; NaN without draws."""
        change = self.human_costs[side][outcome]
        return float(100.0 * np.nanmedian(change)) if np.isfinite(change).any() else math.nan

    def trade_offs(self) -> tuple[str, ...]:
        """Return human costs that are higher than those of the status quo in most won draws.

        A draw is won here if the United States alone needs more than the budget.
        """
        won = self.rate.rates > 1.0
        more = {name: change[won] > 0.0 for name, change in self.human_costs["mixed"].items()}
        return tuple(name for name, flags in more.items() if flags.size and flags.mean() > 0.5)


def rate_cells(
    regime: str,
    score: Score,
    instruments: Instruments,
    budgets: Iterable[float],
    min_draws: int = MIN_DRAWS,
) -> list[RateCell]:
    """Return all cells for which a score has the portfolios of all sides.

    Args:
        regime: key of ``regimes.REGIMES``.
        score: scored portfolios.
        instruments: all instruments.
        budgets: budgets of both together, $ per year.
        min_draws: fewest complete draws with which a claim has a word.

    Returns:
        The cells by account, measure, budget and horizon; horizons that the runs do not reach are
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


_SIDES = ("mixed", "cooperative", "us_only")


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
        us_alone, _ = self._frontier("us_only", horizon, math.inf)
        rates = {
            side: summarise_rates(*self._frontier(side, horizon, self.budget), us_alone)
            for side in ("mixed", "cooperative")
        }
        best = self.score.trials.portfolios[self._place("mixed")]
        return RateCell(
            regime=self.regime,
            account=self.account,
            measure=self.measure,
            horizon=horizon,
            budget=self.budget,
            rate=rates["mixed"],
            rate_alone=rates["cooperative"],
            reach={side: self._fall(self._place(side), side, horizon) for side in _SIDES},
            marginal=self._marginal(horizon),
            mexico_share=mexico_share(best, self.instruments.needs_mexico),
            human_costs={
                side: {name: -self._fall(self._place(side), side, horizon, name) for name in costs}
                for side, costs in ((side, HUMAN_COSTS) for side in ("mixed", "us_only"))
            },
            payers=self.instruments.payers(best),
            spent={side: self._spent(self._place(side)) for side in ("mixed", "us_only")},
            min_draws=self.min_draws,
        )

    def _place(self, side: str) -> int:
        """Return the index of the portfolio of a side at the budget."""
        return self.score.menu[BudgetTarget(side, self.account, self.measure, self.budget)]

    def _fall(self, place: int, side: str, horizon: int, outcome: str = "") -> np.ndarray:
        """Return the relative fall of an outcome under a portfolio, shape (draws,)."""
        levels = self.score.levels(place, alone=side == "us_only")
        k, h = OUTCOMES.index(outcome or self.measure), HORIZONS.index(horizon)
        with np.errstate(divide="ignore", invalid="ignore"):
            return 1.0 - levels[:, k, h] / self.score.trials.base[:, k, h]

    def _frontier(self, side: str, horizon: int, most: float) -> tuple[Frontier, int]:
        """Return the frontier of a side, and the index of its portfolio of the cell's budget.

        Portfolios for budgets above `most` are left out.
        """
        own = (side, self.account, self.measure)
        chosen = {
            place
            for t, place in self.score.menu.items()
            if (t.side, t.account, t.outcome) == own and t.budget <= most
        }
        by_charge: dict[float, np.ndarray] = {}
        for place in sorted(chosen):
            fall = self._fall(place, side, horizon)
            charge = self._charge(place)
            by_charge[charge] = np.maximum(by_charge.get(charge, fall), fall)
        charges = sorted(by_charge)
        frontier = Frontier(np.array(charges), np.array([by_charge[c] for c in charges]))
        return frontier, charges.index(self._charge(self._place(side)))

    def _spent(self, place: int) -> dict[str, float]:
        """Return the median dollars a year that a portfolio spent, by payer."""
        spent = self.score.trials.spent
        if spent is None or np.isnan(spent[place]).all():
            return dict.fromkeys(PAYERS, math.nan)
        return dict(zip(PAYERS, np.nanmedian(spent[place], axis=0).tolist(), strict=True))

    def _charge(self, place: int) -> float:
        """Return the charge of a portfolio on the account, $ per year."""
        return float(self.instruments.charge(self.score.trials.portfolios[place], self.account))

    def _marginal(self, horizon: int) -> np.ndarray:
        """Return the marginal dollar, shape (draws,); NaN without a marginal pair."""
        target = BudgetTarget("us_only", self.account, self.measure, self.budget)
        places = [self.score.additions.get((target, where)) for where in (MEXICO, LINE)]
        if None in places or self.score.added is None:
            return np.full(len(self.score.trials.base), np.nan)
        k, h = OUTCOMES.index(self.measure), HORIZONS.index(horizon)
        levels = self.score.added.levels[:, :, k, h]
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = 1.0 - levels / self.score.added.base[:, k, h]
        some = marginal_dollars(*(fall[place] for place in places))
        result = np.full(len(self.score.trials.base), np.nan)
        result[list(self.score.added_draws)] = some
        return result


def combine_words(cells: Iterable[RateCell], claim: str) -> tuple[str, tuple[str, ...]]:
    """Combine the words of the judged cells of a claim.

    Args:
        cells: cells of any regimes.
        claim: one of ``RATE_CLAIMS``.

    Returns:
        The common word, or "contingent" if the words differ, and the attributes of two cells that
        differ in this attribute alone and have different words.
    """
    judged = [cell for cell in cells if cell.judged]
    words = {cell.word(claim) for cell in judged}
    if len(words) <= 1:
        return (words.pop() if words else UNKNOWN), ()
    return "contingent", tuple(name for name in _KEYS if _differs(judged, claim, name))


_KEYS = ("regime", "account", "measure", "horizon", "budget")


def _differs(cells: list[RateCell], claim: str, name: str) -> bool:
    """Return whether two cells that differ in one attribute have different words."""
    words: dict[tuple[object, ...], set[str]] = {}
    for cell in cells:
        rest = tuple(getattr(cell, other) for other in _KEYS if other != name)
        words.setdefault(rest, set()).add(cell.word(claim))
    return any(len(found) > 1 for found in words.values())
