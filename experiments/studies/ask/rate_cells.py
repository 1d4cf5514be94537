"""Verdict cells: exchange rate, marginal dollar, Mexico's share and human costs.

A cell is one regime, account, measure, horizon and budget. It is computed from scored portfolios
and marginal pairs. Definitions and thresholds were fixed before any complete run:
docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from abm.measures import HUMAN_COSTS
from abm.policies import policy_class
from experiments.studies.ask import verdict
from experiments.studies.ask.exchange_rate import (
    Frontier,
    RateSummary,
    nan_mean,
    quantile,
    summarise_rates,
)
from experiments.studies.optimise.horizons import HORIZONS, JUDGED, MEASURES, OUTCOMES, PAYERS
from experiments.studies.optimise.search import (
    LINE,
    MARGINAL_SHARE,
    MEXICO,
    STARTS,
    BudgetTarget,
    addition_stop,
)
from experiments.studies.optimise.sides import ACCOUNTS, SIDES, is_enforcement
from experiments.studies.optimise.study import Score, charge_of, spent_dollars
from experiments.studies.optimise.trials import Trials

#: Margin for ``requires`` if the United States alone cannot attain the fall. An inert portfolio has
#: the negative of this margin. It is log(rate / ``TIMES``) at a rate of 256 times ``TIMES``, which
#: is above every computed rate.
FARTHEST = math.log(256.0)
#: Limit on each draw's absolute margin before margins are averaged. A rate above 16 counts as 16
#: and a rate below 1 as 1, so that a few draws out of reach do not outweigh all other draws.
MAX_MARGIN = {"requires": math.log(verdict.TIMES)}

#: States of an addition: most of it was spent; agency limits left most of it unspent; every
#: instrument had its maximum dose; the search predicted that no further dollar lowers entries.
SPENT, LIMITS, FULL, NOTHING = "spent", "limits", "full", "nothing to add"


@dataclass(frozen=True, eq=False)
class ClaimShare:
    """The share of draws that support a claim.

    Attributes:
        claim: a value from ``CLAIMS``.
        won: each draw's support: 1 or 0 in one cell, or the share of cells in which the draw
            supports the claim. Shape (draws,), NaN for a draw that has no result.
        mexico_share: share of dollars under both together on instruments that need Mexico.
    """

    claim: str
    won: np.ndarray
    mexico_share: float

    @property
    def draws(self) -> int:
        """Number of draws that have a result."""
        return int((~np.isnan(self.won)).sum())

    @property
    def value(self) -> float:
        """Mean share over draws. NaN if no draws exist."""
        return nan_mean(self.won)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 90 % interval for the share."""
        return verdict.wilson(float(np.nansum(self.won)), self.draws)

    @property
    def word(self) -> str:
        """The verdict for the share, or "unknown" if there are no draws."""
        return verdict.claim_word(self.claim, self.value, self.mexico_share)

    @property
    def interval_words(self) -> set[str]:
        """Verdicts at the two ends of the interval."""
        return {verdict.claim_word(self.claim, end, self.mexico_share) for end in self.interval}

    @property
    def near_threshold(self) -> bool:
        """Whether the two ends of the interval have different verdicts."""
        return self.draws > 0 and len(self.interval_words) > 1


@dataclass(frozen=True, eq=False)
class Addition:
    """Dollars added to a portfolio, in joint dollars a year.

    Attributes:
        offered: dollars offered.
        planned: planned dollars, which may be fewer than offered.
        spent: mean spent dollars over draws.
        gain: how far the addition lowers the measure, in percent of the status quo, shape (draws,).
            NaN for a draw without the addition.
        stop: reason why less was planned than offered (:func:`search.addition_stop`).
    """

    offered: float
    planned: float
    spent: float
    gain: np.ndarray
    stop: str = ""

    @property
    def state(self) -> str:
        """``SPENT``, ``LIMITS``, ``FULL`` or ``NOTHING``."""
        if self.planned < verdict.MIN_SPENT * self.offered:
            return FULL if self.stop == "full" else NOTHING
        return LIMITS if self.spent < verdict.MIN_SPENT * self.planned else SPENT


@dataclass(frozen=True, eq=False)
class AdditionPair:
    """Additions with and without Mexico to the best portfolio of one side."""

    side: str
    with_mexico: Addition
    without_mexico: Addition


@dataclass(frozen=True, eq=False, kw_only=True)
class RateCell:
    """Results for one regime, account, measure, horizon and budget.

    All attributes describe the portfolio that a side's frontier uses in a draw, which can be
    cheaper than the budget.

    Attributes:
        regime: key in ``regimes.REGIMES``.
        account: key in ``sides.ACCOUNTS``.
        measure: a value from ``horizons.MEASURES``.
        horizon: years, one of ``horizons.HORIZONS``.
        budget: $ per year on the account.
        rate: exchange rate for both together.
        rate_alone: exchange rate for cooperation alone.
        reach: the measure's relative fall by side, shape (draws,) each.
        marginal: how much more the additional dollars lower the measure with Mexico than without,
            in percent of the status quo, shape (draws,), mean over both starting points. NaN for a
            draw in which a marginal pair was not run.
        pairs: the marginal pair for each starting point. Empty if a pair was not run.
        mexico_share: share of dollars under both together on instruments that need Mexico.
        enforcement_share: share of U.S.-only dollars on enforcement (`sides.is_enforcement`).
        human_costs: relative change by side and outcome of ``HUMAN_COSTS``, shape (draws,) each.
        payers: mean planned dollars a year for both together, by payer.
        spent: median spent dollars a year, by side and payer. NaN if they were not read.
        used: index in the trials of each side's portfolio by draw, or -1 for none.
        planned_draws: number of planned draws. A claim has a verdict if at least the share
            ``COMPLETE`` of these draws has a result.
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
    pairs: tuple[AdditionPair, ...]
    mexico_share: float
    enforcement_share: float
    human_costs: Mapping[str, Mapping[str, np.ndarray]]
    payers: Mapping[str, float]
    spent: Mapping[str, Mapping[str, float]]
    used: Mapping[str, np.ndarray]
    planned_draws: int

    @property
    def judged(self) -> bool:
        """Whether the cell's horizon is judged."""
        return self.horizon in JUDGED

    @property
    def all_spent(self) -> bool:
        """Whether every addition was mostly planned and spent."""
        additions = [a for pair in self.pairs for a in (pair.with_mexico, pair.without_mexico)]
        return all(addition.state == SPENT for addition in additions)

    @property
    def difference(self) -> np.ndarray:
        """Reach by both together minus U.S.-only reach, shape (draws,).

        Its median generally differs from the difference between both medians.
        """
        return self.reach["mixed"] - self.reach["us_only"]

    def margin(self, claim: str) -> np.ndarray:
        """Return the margin by which each draw supports a claim. Below 0, it does not support it.

        Args:
            claim: a value from ``CLAIMS``.

        Returns:
            Shape (draws,), NaN for a draw that has no result. ``helps``: fall under cooperation
            alone minus ``MIN_FALL``, in percentage points. ``beats``: ``marginal`` minus
            ``MIN_MARGIN``, in percentage points. ``requires``: log(rate / ``TIMES``), limited to
            ``FARTHEST`` (out of reach) and its negative (an inert portfolio).
        """
        if claim == "helps":
            return 100.0 * (self.reach["cooperative"] - verdict.MIN_FALL)
        if claim == "beats":
            return self.marginal - verdict.MIN_MARGIN
        with np.errstate(divide="ignore"):
            return np.clip(np.log(self.rate.rates / verdict.TIMES), -FARTHEST, FARTHEST)

    def limited_margin(self, claim: str) -> np.ndarray:
        """Return the margins, limited to the range from -``MAX_MARGIN`` to ``MAX_MARGIN``."""
        largest = MAX_MARGIN.get(claim, math.inf)
        return np.clip(self.margin(claim), -largest, largest)

    def won(self, claim: str) -> np.ndarray:
        """Return 1 for a draw that supports a claim, else 0. NaN for a draw that has no result."""
        return self.share(claim).won

    def share(self, claim: str, shift: float = 0.0) -> ClaimShare:
        """Return the share of draws that support a claim after a shift is added to every margin.

        A margin of 0 supports *helps*, but no other claim.
        """
        margin = self.margin(claim) + shift
        won = margin >= 0.0 if claim == "helps" else margin > 0.0
        return ClaimShare(claim, np.where(np.isnan(margin), np.nan, won), self.mexico_share)

    def word(self, claim: str) -> str:
        """Return the verdict on a claim, or "unknown" if there are too few draws."""
        share = self.share(claim)
        enough = share.draws >= verdict.required_draws(claim, self.planned_draws)
        return share.word if enough else verdict.UNKNOWN

    def differs_from(self, claim: str, word: str) -> bool:
        """Return whether both ends of the interval have the cell's verdict, which is not `word`."""
        words = self.share(claim).interval_words
        return words == {self.word(claim)} and word not in words

    @property
    def next_shares(self) -> dict[str, float]:
        """Shares of draws in which the next dollar does more with Mexico, more without, or neither.

        Differences up to ``MIN_MARGIN`` count as neither. NaN if no draws exist.
        """
        values = self.marginal[~np.isnan(self.marginal)]
        more, less = nan_mean(values > verdict.MIN_MARGIN), nan_mean(values < -verdict.MIN_MARGIN)
        return {"with": more, "without": less, "same": 1.0 - more - less}

    def median_cost(self, outcome: str, side: str = "mixed") -> float:
        """Return a human cost's median change in percent. NaN if no draws exist."""
        return 100.0 * quantile(self.human_costs[side][outcome], 0.5)

    def trade_offs(self, side: str = "mixed") -> tuple[str, ...]:
        """Return human costs that rise by over ``MIN_HARM`` in most draws that support the claim.

        Args:
            side: "mixed" or "cooperative". With "mixed", a draw supports the claim if the United
                States alone needs more dollars than both together. With "cooperative", a draw must
                support *helps*.

        Returns:
            Names of the human costs.
        """
        won = self.rate.rates > 1.0 if side == "mixed" else self.won("helps") == 1.0
        costs = self.human_costs[side].items()
        return tuple(
            name for name, change in costs if nan_mean(change[won] > verdict.MIN_HARM) > 0.5
        )


# ---- claims over cells --------------------------------------------------------------------------

#: Attributes in which the judged cells in joint dollars differ.
_KEYS = ("regime", "measure", "horizon", "budget")


@dataclass(frozen=True, eq=False)
class PooledClaim:
    """A claim over the judged cells in joint dollars.

    Attributes:
        share: share of cells in which each draw supports the claim, averaged over a regime's cells
            and then over regimes.
        cells: cells with a verdict.
        unknown: number of judged cells without a verdict, which are left out.
    """

    share: ClaimShare
    cells: tuple[RateCell, ...]
    unknown: int

    @cached_property
    def others(self) -> tuple[RateCell, ...]:
        """Cells whose verdict differs from the pooled verdict over their whole interval."""
        claim, word = self.share.claim, self.share.word
        return tuple(cell for cell in self.cells if cell.differs_from(claim, word))

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Attributes that alone separate a cell in ``others`` from a cell with another verdict."""
        return tuple(name for name in _KEYS if self._depends_on(name))

    def _depends_on(self, name: str) -> bool:
        """Return whether two cells that differ in one attribute have different verdicts.

        A cell that is not in ``others`` counts with the pooled verdict.
        """
        words: dict[tuple[object, ...], set[str]] = {}
        claim, pooled_word = self.share.claim, self.share.word
        for cell in self.cells:
            other_keys = tuple(getattr(cell, key) for key in _KEYS if key != name)
            word = cell.word(claim) if cell in self.others else pooled_word
            words.setdefault(other_keys, set()).add(word)
        return any(len(group) > 1 for group in words.values())


def pool_claim(
    cells: Iterable[RateCell], claim: str, shifts: Mapping[str, float] | None = None
) -> PooledClaim:
    """Pool a claim over the judged cells in joint dollars.

    Args:
        cells: cells over the same draws, which may be from several regimes.
        claim: a value from ``CLAIMS``.
        shifts: shift that is added to every margin, by measure.

    Returns:
        The pooled claim. Cells without a verdict are left out and counted. For ``beats``, cells
        without marginal pairs are left out.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == verdict.JOINT]
    if claim == "beats":
        judged = [cell for cell in judged if cell.pairs or cell.share(claim).draws]
    with_word = tuple(cell for cell in judged if cell.word(claim) != verdict.UNKNOWN)
    regimes = dict.fromkeys(cell.regime for cell in with_word)
    won_by = {c: c.share(claim, (shifts or {}).get(c.measure, 0.0)).won for c in with_word}
    by_regime = [[won for c, won in won_by.items() if c.regime == regime] for regime in regimes]
    won = _mean_by_draw([_mean_by_draw(rows) for rows in by_regime])
    mexico = nan_mean(np.array([cell.mexico_share for cell in with_word]))
    return PooledClaim(
        ClaimShare(claim, won, mexico), with_word, unknown=len(judged) - len(with_word)
    )


def _mean_by_draw(rows: list[np.ndarray]) -> np.ndarray:
    """Return each draw's mean over values that are not NaN, or NaN if there are none."""
    return np.array([nan_mean(column) for column in np.transpose(rows)])


# ---- from scored portfolios ----------------------------------------------------------------------

_MIN_CHARGE = 1e6  # $ per year; a logarithmic axis needs charges above 0


def rate_cells(
    regime: str, score: Score, budgets: Iterable[float], planned_draws: int = verdict.MIN_DRAWS
) -> list[RateCell]:
    """Return every cell for which a score has portfolios on all sides.

    Args:
        regime: key in ``regimes.REGIMES``.
        score: scored portfolios.
        budgets: budgets of the cells, $ per year.
        planned_draws: as in ``RateCell``.

    Returns:
        The cells by account, measure, budget and horizon. Horizons beyond the end of the runs are
        left out.
    """
    keys = [(a, m, b) for a in ACCOUNTS for m in MEASURES for b in budgets]
    return [
        _Cell(score, *key, years).build(regime, planned_draws)
        for key in keys
        if all(BudgetTarget(side, *key) in score.menu for side in SIDES)
        for years in HORIZONS[: score.trials.longest + 1]
    ]


def relative_fall(score: Score, place: int, horizon: int, outcome: str) -> np.ndarray:
    """Return an outcome's relative fall under a portfolio, shape (draws,)."""
    return _fall(score.trials.levels[place], score.trials.base, horizon, outcome)


def _fall(levels: np.ndarray, base: np.ndarray, horizon: int, outcome: str) -> np.ndarray:
    """Return the relative fall from `base` to `levels`, both (draws, outcomes, horizons)."""
    at = OUTCOMES.index(outcome), HORIZONS.index(horizon)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - levels[:, *at] / base[:, *at]


def charge_on(score: Score, place: int, account: str, horizon: int) -> float:
    """Return the dollars that a portfolio spends on an account, at least $1M a year."""
    return max(_MIN_CHARGE, charge_of(score.trials, place, account, horizon))


def frontier_of(
    score: Score, key: tuple[str, str, str], horizon: int, max_budget: float = math.inf
) -> Frontier:
    """Return the frontier over all portfolios that a side can buy.

    Both together can buy every portfolio that was chosen for any side, because they have all
    instruments.

    Args:
        score: scored portfolios.
        key: side, account and measure.
        horizon: years.
        max_budget: portfolios for larger budgets are left out, $ per year.

    Returns:
        The frontier, charged with the dollars that are spent over the horizon.
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
    charge = {place: charge_on(score, place, account, horizon) for place in sorted(places)}
    ordered = sorted(charge, key=charge.__getitem__)  # Portfolios at one charge keep their order.
    reach = [relative_fall(score, place, horizon, measure) for place in ordered]
    return Frontier(np.array([charge[place] for place in ordered]), np.array(reach), ordered)


@dataclass(frozen=True)
class _Cell:
    """All portfolios for one account, measure, budget and horizon."""

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
        enforcement = np.array([is_enforcement(policy_class(name)) for name in instruments.ids])
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
                side: {name: self._change(used[side], name) for name in HUMAN_COSTS}
                for side in SIDES
            },
            payers=instruments.payers(both),
            spent={side: self._spent(used[side]) for side in ("mixed", "us_only")},
            used=used,
            planned_draws=planned_draws,
        )

    def _frontier(self, side: str, max_budget: float) -> Frontier:
        """Return the frontier of a side up to a budget."""
        key = (side, self.account, self.measure)
        return frontier_of(self.score, key, self.horizon, max_budget)

    def _change(self, used: np.ndarray, outcome: str) -> np.ndarray:
        """Return an outcome's relative change under the used portfolios, shape (draws,)."""
        key = self.horizon, outcome
        return _by_draw(used, lambda place: -relative_fall(self.score, place, *key))

    def _mean_portfolio(self, used: np.ndarray) -> np.ndarray:
        """Return the used portfolios' mean planned dollars by instrument."""
        portfolios = self.score.trials.portfolios
        rows = np.vstack([portfolios, np.zeros(portfolios.shape[1])])
        return rows[used].mean(axis=0)  # -1 (no portfolio) selects the last row

    def _spent(self, used: np.ndarray) -> dict[str, float]:
        """Return the median dollars a year that each payer spent under the used portfolios."""
        trials = self.score.trials
        spent = _by_draw(used, lambda place: spent_dollars(trials, place, self.horizon))
        complete = spent[~np.isnan(spent).any(axis=1)]
        if not len(complete):
            return dict.fromkeys(PAYERS, math.nan)
        return dict(zip(PAYERS, np.median(complete, axis=0).tolist(), strict=True))

    def _marginal(self, pairs: tuple[AdditionPair, ...]) -> np.ndarray:
        """Return `RateCell.marginal`, shape (draws,). NaN if the marginal pairs were not run.

        If both countries are equal, the mean over both starting points has expectation 0. Starting
        from the best U.S.-only portfolio, the addition with Mexico is the first dollar in Mexico.
        Starting from the best cooperation-only portfolio, the addition without Mexico is the first
        dollar in the United States.
        """
        if not pairs:
            return np.full(len(self.score.trials.base), np.nan)
        return np.mean([p.with_mexico.gain - p.without_mexico.gain for p in pairs], axis=0)

    def _pairs(self) -> tuple[AdditionPair, ...]:
        """Return the marginal pair for each starting point. Empty unless both pairs were run.

        All accounts share the pairs for joint dollars and their starting points. A horizon beyond
        the end of these runs has no pairs.
        """
        score, pairs = self.score, []
        if score.added is not None and HORIZONS.index(self.horizon) > score.added.longest:
            return ()
        for side in STARTS:
            target = BudgetTarget(side, verdict.JOINT, self.measure, self.budget)
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
        spent_before = charge_of(score.trials, start, verdict.JOINT, self.horizon, draws)
        spent_after = charge_of(added, place, verdict.JOINT, self.horizon)
        fall = relative_fall(score, start, self.horizon, self.measure)[list(draws)]
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
    """Return each draw's value under the portfolio that it uses, or 0 if it uses none."""
    values = np.zeros_like(values_of(0))
    for place in np.unique(used[used >= 0]).tolist():
        values[used == place] = values_of(place)[used == place]
    return values


def _dollar_share(dollars: np.ndarray, counted: np.ndarray) -> float:
    """Return the share of a portfolio's dollars on the counted instruments. 0 if it is empty."""
    total = float(dollars.sum())
    return float(dollars[counted].sum()) / total if total > 0.0 else 0.0
