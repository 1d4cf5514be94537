"""Verdict cells: exchange rate, marginal dollar, Mexico's share and human costs.

A cell is one regime, account, measure, horizon and budget. Definitions and thresholds were fixed
before any complete run: docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from experiments.studies.ask.exchange_rate import (
    INERT,
    RateSummary,
    median_interval,
    order_quantile,
    order_range,
    ordered_values,
)
from experiments.studies.ask.verdict import MIN_HARM, TIMES, Z80, verdict_word, wilson
from experiments.studies.optimise.horizons import JUDGED

#: Planned draws of a cell, and of a structural variant or a marginal pair.
MIN_DRAWS, MIN_VARIANT_DRAWS = 60, 30

#: Share of the planned draws that must be complete, so that a failed run changes no word.
COMPLETE = 0.9

#: Smallest share of Mexico in the best portfolio with which ``beats`` can be supported.
MIN_MEXICO_SHARE = 0.10

#: Percent of the status quo by which the next dollar must do more with Mexico for a won draw [A].
MIN_MARGIN = 0.5

#: Smallest planned share of an addition, and smallest spent share of its planned dollars [A].
MIN_SPENT = 0.5

#: Margin of ``requires`` if the United States alone is out of reach, and its negative if the
#: portfolio is inert: log(rate / TIMES) for a rate of 256 TIMES, above any rate of a portfolio.
FARTHEST = math.log(256.0)

RATE_CLAIMS = ("helps", "beats", "requires")

UNKNOWN = "unknown"

#: Account of the words; the other accounts are reported as sensitivity.
JOINT = "joint"

#: Sides to whose best portfolios the next dollars are added; they mirror each other.
STARTS = ("us_only", "cooperative")

#: States of an addition: most of it was spent; limits left most of it unspent; every instrument was
#: at its largest dose; or the search predicted no instrument on which more dollars lower entries.
SPENT, LIMITS, FULL, NOTHING = "spent", "limits", "full", "nothing to add"

_STATES = {"full": FULL, "no gain": NOTHING}


@dataclass(frozen=True, eq=False)
class AdditionPair:
    """Two additions to one portfolio, in joint dollars a year: with Mexico and without it.

    Attributes:
        side: the portfolio's side.
        offered: dollars offered per addition.
        planned: planned dollars per addition, with and without Mexico.
        spent: spent dollars per addition, mean over draws.
        gains: fall in the measure by the addition in percent of the status quo, shape (draws,)
            each. NaN for a draw without the pair.
        stops: reason why less was planned than offered (:func:`search.addition_stop`).
    """

    side: str
    offered: float
    planned: tuple[float, float]
    spent: tuple[float, float]
    gains: tuple[np.ndarray, np.ndarray]
    stops: tuple[str, str] = ("", "")

    @property
    def states(self) -> tuple[str, str]:
        """State for both additions: ``SPENT``, ``LIMITS``, ``FULL`` or ``NOTHING``."""
        return self._state(0), self._state(1)

    def _state(self, k: int) -> str:
        """Return one addition's state."""
        if self.planned[k] < MIN_SPENT * self.offered:
            return _STATES.get(self.stops[k], NOTHING)
        return LIMITS if self.spent[k] < MIN_SPENT * self.planned[k] else SPENT


@dataclass(frozen=True, eq=False)
class RateCell:
    """Results for one regime, account, measure, horizon and budget.

    Attributes:
        regime: key in ``regimes.REGIMES``.
        account: key in ``sides.ACCOUNTS``.
        measure: a value from ``horizons.ENTRIES``.
        horizon: years, one of ``horizons.HORIZONS``.
        budget: $ per year on the account.
        rate: exchange rate for both together.
        rate_alone: exchange rate for cooperation alone.
        reach: the measure's relative fall by side, shape (draws,) each.
        marginal: marginal dollar in percent of the status quo, shape (draws,), mean over both
            starting points. NaN for a draw without both marginal pairs.
        mexico_share: share of dollars under both together on instruments that need Mexico.
        human_costs: relative change by side and outcome of ``HUMAN_COSTS``, shape (draws,) each.
        payers: planned dollars a year for both together, by payer, mean over draws.
        spent: median spent dollars a year, by side and payer. NaN if they were not read.
        min_draws: planned draws. A claim has a word if the share ``COMPLETE`` of them has a result.
        pairs: the marginal pair for each starting point. Empty without marginal pairs.
        enforcement_share: share of U.S.-only dollars on ``ENFORCEMENT``.
        used: index in the trials of each side's portfolio, by draw, or -1 for none.

    All columns belong to the portfolio that a side's frontier uses in a draw, which can be
    cheaper than the budget's portfolio.
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
    pairs: tuple[AdditionPair, ...] = ()
    enforcement_share: float = math.nan
    used: Mapping[str, np.ndarray] = field(default_factory=dict)

    @property
    def line_full(self) -> bool:
        """Whether dose or agency limits left an addition without Mexico mostly unspent."""
        return any(pair.states[1] in (LIMITS, FULL) for pair in self.pairs)

    @property
    def all_spent(self) -> bool:
        """Whether every addition was mostly planned and spent."""
        return all(state == SPENT for pair in self.pairs for state in pair.states)

    @property
    def single_more(self) -> dict[str, int]:
        """How many draws let a single side reach more than both together, by side."""
        both = self.reach["mixed"]
        return {side: int((self.reach[side] > both).sum()) for side in ("us_only", "cooperative")}

    @property
    def judged(self) -> bool:
        """Whether the cell's horizon is judged."""
        return self.horizon in JUDGED

    @cached_property
    def _won(self) -> dict[str, np.ndarray]:
        """Won draws by claim, 1 or 0. NaN for a draw without a result."""
        alone = self.reach["cooperative"]
        helps = np.where(np.isnan(alone), np.nan, alone >= INERT)
        beats = np.where(np.isnan(self.marginal), np.nan, self.marginal > MIN_MARGIN)
        rates = np.where(self.rate.inert, 0.0, self.rate.rates)
        requires = np.where(np.isnan(rates), np.nan, rates > TIMES)
        return {"helps": helps, "beats": beats, "requires": requires}

    def won(self, claim: str) -> np.ndarray:
        """Return a claim's won draws as 1 or 0, NaN without a result, shape (draws,)."""
        return self._won[claim]

    def margin(self, claim: str) -> np.ndarray:
        """Return the margin by which each draw wins a claim. Below 0 the draw loses it.

        Args:
            claim: a value from ``RATE_CLAIMS``.

        Returns:
            Shape (draws,), NaN without a result. ``helps``: fall under cooperation alone minus
            ``INERT``, in percentage points. ``beats``: marginal dollar minus ``MIN_MARGIN``, in
            percentage points. ``requires``: log(rate / ``TIMES``), within plus and minus
            ``FARTHEST``, the values for out of reach and for an inert portfolio.
        """
        if claim == "helps":
            return 100.0 * (self.reach["cooperative"] - INERT)
        if claim == "beats":
            return self.marginal - MIN_MARGIN
        rates = np.where(self.rate.inert, 0.0, self.rate.rates)
        with np.errstate(divide="ignore"):
            return np.clip(np.log(rates / TIMES), -FARTHEST, FARTHEST)

    def draws(self, claim: str) -> int:
        """Return how many draws have a result for a claim."""
        return int((~np.isnan(self.won(claim))).sum())

    def share_won(self, claim: str) -> float:
        """Return the share of draws in which a claim is won. NaN without draws."""
        won = self.won(claim)[~np.isnan(self.won(claim))]
        return float(won.mean()) if won.size else math.nan

    def interval(self, claim: str) -> tuple[float, float]:
        """Return Wilson's 90 % interval for the share of won draws."""
        return wilson(int(np.nansum(self.won(claim))), self.draws(claim))

    def word(self, claim: str) -> str:
        """Return the verdict on a claim in one word; "unknown" with too few draws."""
        planned = min(MIN_VARIANT_DRAWS, self.min_draws) if claim == "beats" else self.min_draws
        if self.draws(claim) < COMPLETE * planned:
            return UNKNOWN
        return self._word(claim, self.share_won(claim))

    def near_threshold(self, claim: str) -> bool:
        """Return whether the word differs between the ends of the interval for the share."""
        low, high = self.interval(claim)
        return self._word(claim, low) != self._word(claim, high)

    def differs_from(self, claim: str, word: str) -> bool:
        """Return whether the whole interval for the share has another word than `word`."""
        words = {self._word(claim, share) for share in self.interval(claim)}
        return words == {self.word(claim)} and word not in words

    def _word(self, claim: str, share: float) -> str:
        """Return the word for a won share."""
        return claim_word(claim, share, self.mexico_share)

    @property
    def marginal_median(self) -> float:
        """Median marginal dollar over its draws. NaN without draws."""
        return order_quantile(self._marginal_ordered, 0.5)

    @property
    def marginal_range(self) -> tuple[float, float]:
        """The marginal dollar's 5th and 95th percentile over its draws. NaN without draws."""
        return order_range(self._marginal_ordered)

    @property
    def marginal_median90(self) -> tuple[float, float]:
        """90 % interval for the median marginal dollar, from order statistics."""
        return median_interval(self._marginal_ordered)

    @property
    def next_shares(self) -> dict[str, float]:
        """Share of draws in which the next dollar does more with Mexico, more without it, or
        neither by more than ``MIN_MARGIN``. NaN without draws.
        """
        values = self._marginal_ordered
        if not values.size:
            return dict.fromkeys(("with", "without", "same"), math.nan)
        more, less = float((values > MIN_MARGIN).mean()), float((values < -MIN_MARGIN).mean())
        return {"with": more, "without": less, "same": 1.0 - more - less}

    @property
    def needed_median(self) -> float:
        """Median marginal dollar with which ``beats`` is supported at these draws' spread.

        The spread contains single-seed noise and is assumed to be normal.
        """
        values = self._marginal_ordered
        return MIN_MARGIN + Z80 * float(values.std(ddof=1)) if values.size > 1 else math.nan

    @property
    def _marginal_ordered(self) -> np.ndarray:
        """Marginal dollars in the draws that have one, ascending."""
        return ordered_values(self.marginal)

    def median_cost(self, outcome: str, side: str = "mixed") -> float:
        """Return the median relative change in a human cost in percent. NaN without draws."""
        change = self.human_costs[side][outcome]
        return float(100.0 * np.nanmedian(change)) if np.isfinite(change).any() else math.nan

    @property
    def difference(self) -> np.ndarray:
        """Reach by both together minus U.S.-only reach, shape (draws,).

        Its median is not the difference between both medians.
        """
        return self.reach["mixed"] - self.reach["us_only"]

    def trade_offs(self, side: str = "mixed") -> tuple[str, ...]:
        """Return human costs that rise by more than ``MIN_HARM`` in most won draws.

        Args:
            side: "mixed" or "cooperative". With "mixed", a draw is won if the United States alone
                needs more dollars than both together. With "cooperative", if it wins *helps*.

        Returns:
            Human costs that are higher than in the status quo.
        """
        won = self.rate.rates > 1.0 if side == "mixed" else self.won("helps") == 1.0
        costs = self.human_costs[side]
        more = {name: change[won] > MIN_HARM for name, change in costs.items()}
        return tuple(name for name, flags in more.items() if flags.size and flags.mean() > 0.5)


def claim_word(claim: str, share: float, share_of_mexico: float) -> str:
    """Return the word for a won share."""
    word = verdict_word(share)
    if claim == "beats" and word == "supported" and share_of_mexico < MIN_MEXICO_SHARE:
        return "contingent"
    return word


_KEYS = ("regime", "measure", "horizon", "budget")


@dataclass(frozen=True, eq=False)
class PooledClaim:
    """A claim over the judged cells in joint dollars.

    Attributes:
        claim: a value from ``RATE_CLAIMS``.
        word: the word for the pooled share; "unknown" if no cell has a word.
        won: share of cells that each draw wins, mean over a regime's cells and then over
            regimes. NaN for a draw without any result.
        cells: cells with a word.
        unknown: how many judged cells have no word and are left out.
        others: cells whose word differs beyond their interval.
        depends_on: attributes that alone distinguish such a cell from one with another word.
    """

    claim: str
    word: str
    won: np.ndarray
    cells: tuple[RateCell, ...]
    unknown: int
    others: tuple[RateCell, ...] = ()
    depends_on: tuple[str, ...] = ()

    @property
    def draws(self) -> int:
        """How many draws have a result."""
        return int((~np.isnan(self.won)).sum())

    @property
    def share(self) -> float:
        """Mean over draws: the share of cells that they win. NaN without draws."""
        return float(np.nanmean(self.won)) if self.draws else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 90 % interval for the share over draws."""
        return wilson(float(np.nansum(self.won)), self.draws)

    @property
    def near_threshold(self) -> bool:
        """Whether the word differs between the ends of the interval."""
        low, high = (claim_word(self.claim, share, _mexico(self.cells)) for share in self.interval)
        return low != high

    def among(self, flags: np.ndarray) -> tuple[float, tuple[float, float], int]:
        """Return share, its interval and the draw count among some draws."""
        values = self.won[flags & ~np.isnan(self.won)]
        share = float(values.mean()) if values.size else math.nan
        return share, wilson(float(values.sum()), values.size), values.size


def pool_claim(cells: Iterable[RateCell], claim: str) -> PooledClaim:
    """Pool a claim over the judged cells in joint dollars.

    Args:
        cells: cells from any regimes, over the same draws.
        claim: a value from ``RATE_CLAIMS``.

    Returns:
        The pooled claim. Cells without a word are left out and counted. Cells without marginal
        pairs are left out of ``beats``.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == JOINT]
    if claim == "beats":
        judged = [cell for cell in judged if cell.pairs or cell.draws(claim)]
    with_word = tuple(cell for cell in judged if cell.word(claim) != UNKNOWN)
    without_word = len(judged) - len(with_word)
    if not with_word:
        return PooledClaim(claim, UNKNOWN, np.zeros(0), (), without_word)
    regimes = dict.fromkeys(cell.regime for cell in with_word)
    by_regime = [[c.won(claim) for c in with_word if c.regime == regime] for regime in regimes]
    won = _known_mean([_known_mean(rows) for rows in by_regime])
    word = claim_word(claim, float(np.nanmean(won)), _mexico(with_word))
    others = tuple(cell for cell in with_word if cell.differs_from(claim, word))
    depends = tuple(name for name in _KEYS if _differs(with_word, claim, word, name))
    return PooledClaim(claim, word, won, with_word, without_word, others, depends)


def _mexico(cells: Iterable[RateCell]) -> float:
    """Return Mexico's mean share in the portfolios for both together."""
    return float(np.mean([cell.mexico_share for cell in cells]))


def _known_mean(rows: list[np.ndarray]) -> np.ndarray:
    """Return each draw's mean over known values. NaN for a draw without any."""
    table = np.array(rows)
    defined = ~np.isnan(table)
    total = np.where(defined, table, 0.0).sum(axis=0)
    count = defined.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _differs(cells: Iterable[RateCell], claim: str, word: str, name: str) -> bool:
    """Return whether two cells that differ in one attribute have different words.

    A cell's word counts if it differs from the pooled one beyond its interval. Otherwise the
    pooled word counts for the cell.
    """
    words: dict[tuple[object, ...], set[str]] = {}
    for cell in cells:
        rest = tuple(getattr(cell, key) for key in _KEYS if key != name)
        cell_word = cell.word(claim) if cell.differs_from(claim, word) else word
        words.setdefault(rest, set()).add(cell_word)
    return any(len(group) > 1 for group in words.values())
