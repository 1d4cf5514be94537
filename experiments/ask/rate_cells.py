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
from experiments.ask.verdict import MIN_HARM, TIMES, verdict_word, wilson
from experiments.optimise.horizons import ENTRIES, HORIZONS, HUMAN_COSTS, JUDGED, OUTCOMES
from experiments.optimise.score import Score, charge_of
from experiments.optimise.search import LINE, MARGINAL_SHARE, MEXICO, BudgetTarget
from experiments.optimise.sides import ACCOUNTS, Instruments
from experiments.optimise.trials import PAYERS, Trials

#: Fewest complete draws of a cell with a word, and of a structural variant or a marginal pair.
MIN_DRAWS, MIN_VARIANT_DRAWS = 60, 30
#: Smallest share of Mexico in the best portfolio with which ``beats`` can be supported.
MIN_MEXICO_SHARE = 0.10
#: Percent of the status quo by which the next dollar must do more in Mexico for a won draw [A].
MIN_MARGIN = 0.5
#: Smallest share of an added amount that must be spent for an effect per spent dollar [A].
MIN_SPENT = 0.5
#: Margin of ``requires`` if the United States alone is out of reach, and its negative if the
#: portfolio is inert: log(rate / TIMES) for a rate of 256 TIMES, above any rate of a portfolio.
FARTHEST = math.log(256.0)
RATE_CLAIMS = ("helps", "beats", "requires")
UNKNOWN = "unknown"


#: Sides from whose best portfolio the next dollars are added; they mirror each other.
STARTS = ("us_only", "cooperative")


@dataclass(frozen=True)
class MarginalPair:
    """Two additions to one portfolio, in joint dollars a year.

    Attributes:
        side: side of the portfolio.
        place: index of the portfolio.
        added: indices of the portfolios with the addition in Mexico and at the line.
        planned: dollars of each addition.
        mexico, line: dollars that were spent in addition, mean over draws.
    """

    side: str
    place: int
    added: tuple[int, int]
    planned: float
    mexico: float
    line: float

    @property
    def line_full(self) -> bool:
        """Whether limits leave more than half of the addition at the line unspent."""
        return self.line < MIN_SPENT * self.planned

    @property
    def scales(self) -> tuple[float, float]:
        """Factors of both effects, which make them those of the planned dollars.

        1 if less than half of either addition was spent: the effects then stand as measured.
        """
        if min(self.mexico, self.line) < MIN_SPENT * self.planned:
            return 1.0, 1.0
        return self.planned / self.mexico, self.planned / self.line


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
        marginal: marginal dollar in percent of the status quo, shape (draws,), mean over both
            starting points; NaN for a draw without both marginal pairs.
        mexico_share: share of the best portfolio's dollars on instruments that need Mexico.
        human_costs: relative change by side and outcome of ``HUMAN_COSTS``, shape (draws,) each.
        payers: planned dollars a year of the best portfolio, by payer.
        spent: median dollars a year that were spent, by side and payer; NaN if they were not read.
        min_draws: fewest complete draws with which a claim has a word.
        pairs: the marginal pair of each starting point; empty without marginal pairs.
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
    pairs: tuple[MarginalPair, ...] = ()

    @property
    def line_full(self) -> bool:
        """Whether an addition at the line could not be spent, so that its effect is a lower one."""
        return any(pair.line_full for pair in self.pairs)

    @property
    def judged(self) -> bool:
        """Whether the horizon of the cell is judged."""
        return self.horizon in JUDGED

    @cached_property
    def _won(self) -> dict[str, np.ndarray]:
        """Won draws by claim, 1 or 0; NaN for a draw without a result."""
        alone = self.reach["cooperative"]
        helps = np.where(np.isnan(alone), np.nan, alone >= INERT)
        beats = np.where(np.isnan(self.marginal), np.nan, self.marginal > MIN_MARGIN)
        rates = np.where(self.rate.inert, 0.0, self.rate.rates)
        requires = np.where(np.isnan(rates), np.nan, rates > TIMES)
        return {"helps": helps, "beats": beats, "requires": requires}

    def won(self, claim: str) -> np.ndarray:
        """Return won draws of a claim as 1 or 0, NaN without a result, shape (draws,)."""
        return self._won[claim]

    def margin(self, claim: str) -> np.ndarray:
        """Return by how much each draw wins a claim; below 0 it is lost.

        Args:
            claim: one of ``RATE_CLAIMS``.

        Returns:
            Shape (draws,), NaN without a result. ``helps``: fall under cooperation alone minus
            ``INERT``, in percentage points. ``beats``: marginal dollar minus ``MIN_MARGIN``, in
            percentage points. ``requires``: log(rate / ``TIMES``), within plus and minus
            ``FARTHEST``, which are the values for out of reach and for an inert portfolio.
        """
        if claim == "helps":
            return 100.0 * (self.reach["cooperative"] - INERT)
        if claim == "beats":
            return self.marginal - MIN_MARGIN
        rates = np.where(self.rate.inert, 0.0, self.rate.rates)
        with np.errstate(divide="ignore"):
            return np.clip(np.log(rates / TIMES), -FARTHEST, FARTHEST)

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

    @property
    def difference(self) -> np.ndarray:
        """Reach of both together minus that of the United States alone, shape (draws,)."""
        return self.reach["mixed"] - self.reach["us_only"]

    def trade_offs(self, side: str = "mixed") -> tuple[str, ...]:
        """Return human costs that rise by more than ``MIN_HARM`` in most won draws.

        Args:
            side: "mixed" or "cooperative". A draw is won here if the United States alone needs more
                dollars than both together; with cooperation alone, if it wins *helps*.

        Returns:
            Human costs that are higher than in the status quo.
        """
        won = self.rate.rates > 1.0 if side == "mixed" else self.won("helps") == 1.0
        costs = self.human_costs[side]
        more = {name: change[won] > MIN_HARM for name, change in costs.items()}
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
_LEAST = 1e6  # $ per year; a portfolio that spends less is charged this, for a logarithmic axis


def relative_fall(score: Score, place: int, side: str, horizon: int, outcome: str) -> np.ndarray:
    """Return the relative fall of an outcome under a portfolio of a side, shape (draws,)."""
    levels = score.levels(place, alone=side == "us_only")
    k, h = OUTCOMES.index(outcome), HORIZONS.index(horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - levels[:, k, h] / score.trials.base[:, k, h]


def charge_on(score: Score, place: int, side: str, account: str) -> float:
    """Return the dollars that a portfolio of a side spends on an account, at least $1M a year."""
    return max(_LEAST, score.charge(place, account, alone=side == "us_only"))


def frontier_of(
    score: Score, key: tuple[str, str, str], horizon: int, most: float = math.inf
) -> Frontier:
    """Return the frontier of the portfolios that were chosen for a side.

    Args:
        score: scored portfolios.
        key: side, account and measure.
        horizon: years.
        most: portfolios for larger budgets are left out, $ per year.

    Returns:
        The frontier, at the dollars that are spent.
    """
    side, account, measure = key
    places = sorted(
        {
            place
            for t, place in score.menu.items()
            if (t.side, t.account, t.outcome) == key and t.budget <= most
        }
    )
    charge = [charge_on(score, place, side, account) for place in places]
    return Frontier.of(
        charge, [relative_fall(score, place, side, horizon, measure) for place in places]
    )


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
                for side, costs in ((side, HUMAN_COSTS) for side in _SIDES)
            },
            payers=self.instruments.payers(best),
            spent={side: self._spent(self._place(side)) for side in ("mixed", "us_only")},
            min_draws=self.min_draws,
            pairs=self._pairs or (),
        )

    def _place(self, side: str) -> int:
        """Return the index of the portfolio of a side at the budget."""
        return self.score.menu[BudgetTarget(side, self.account, self.measure, self.budget)]

    def _fall(self, place: int, side: str, horizon: int, outcome: str = "") -> np.ndarray:
        """Return the relative fall of an outcome under a portfolio, shape (draws,)."""
        return relative_fall(self.score, place, side, horizon, outcome or self.measure)

    def _frontier(self, side: str, horizon: int, most: float) -> tuple[Frontier, int]:
        """Return the frontier of a side, and the index of its portfolio of the cell's budget."""
        key = (side, self.account, self.measure)
        frontier = frontier_of(self.score, key, horizon, most)
        own = charge_on(self.score, self._place(side), side, self.account)
        return frontier, frontier.charge.tolist().index(own)

    def _spent(self, place: int) -> dict[str, float]:
        """Return the median dollars a year that a portfolio spent, by payer."""
        spent = self.score.trials.spent
        if spent is None or np.isnan(spent[place]).all():
            return dict.fromkeys(PAYERS, math.nan)
        return dict(zip(PAYERS, np.nanmedian(spent[place], axis=0).tolist(), strict=True))

    def _marginal(self, horizon: int) -> np.ndarray:
        """Return the marginal dollar, shape (draws,); NaN without both marginal pairs."""
        result = np.full(len(self.score.trials.base), np.nan)
        pairs = self._pairs
        if pairs is not None and self.score.added is not None:
            reached = [self._reach_added(self.score.added, pair, horizon) for pair in pairs]
            some = marginal_dollars(*zip(*reached, strict=True))
            result[list(self.score.added_draws)] = some
        return result

    @cached_property
    def _pairs(self) -> tuple[MarginalPair, ...] | None:
        """The marginal pair of each starting point; None unless both were run."""
        score, pairs = self.score, []
        for side in STARTS:
            target = BudgetTarget(side, self.account, self.measure, self.budget)
            places = [score.additions.get((target, where)) for where in (MEXICO, LINE)]
            mexico, line = places
            if score.added is None or mexico is None or line is None:
                return None
            start = score.menu[target]
            before = charge_of(score.trials, start, "joint", score.added_draws)
            spent = [charge_of(score.added, place, "joint") - before for place in (mexico, line)]
            planned = MARGINAL_SHARE * self.budget
            pairs.append(MarginalPair(side, start, (mexico, line), planned, *spent))
        return tuple(pairs)

    def _reach_added(self, added: Trials, pair: MarginalPair, horizon: int) -> list[np.ndarray]:
        """Return the reach with the addition in Mexico and at the line, shape (draws,) each."""
        draws = list(self.score.added_draws)
        k, h = OUTCOMES.index(self.measure), HORIZONS.index(horizon)
        start = self._fall(pair.place, pair.side, horizon)[draws]
        with np.errstate(divide="ignore", invalid="ignore"):
            fall = 1.0 - added.levels[:, :, k, h] / added.base[:, k, h]
        return [
            start + scale * (fall[place] - start)
            for place, scale in zip(pair.added, pair.scales, strict=True)
        ]


def combine_words(cells: Iterable[RateCell], claim: str) -> tuple[str, tuple[str, ...]]:
    """Combine the words of the judged cells of a claim.

    Args:
        cells: cells of any regimes.
        claim: one of ``RATE_CLAIMS``.

    Returns:
        The common word, or "contingent" if the words differ, and the attributes of two cells that
        differ in this attribute alone and have different words. Cells without marginal pairs have
        no part in ``beats``.
    """
    judged = [cell for cell in cells if cell.judged and (claim != "beats" or cell.draws(claim))]
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
