"""Verdict cells: exchange rate, marginal dollar, Mexico's share and human costs.

A cell is one regime, account, measure, horizon and budget. Definitions and thresholds were fixed
before any complete run: docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from experiments.studies.ask.exchange_rate import RateSummary, nan_mean, quantile
from experiments.studies.ask.verdict import (
    INERT,
    JOINT,
    MIN_HARM,
    MIN_MARGIN,
    MIN_SPENT,
    TIMES,
    UNKNOWN,
    Z80,
    claim_word,
    required_draws,
    wilson,
)
from experiments.studies.optimise.horizons import JUDGED

#: Margin of ``requires`` if the United States alone is out of reach, and its negative if the
#: portfolio is inert: log(rate / TIMES) for a rate of 256 TIMES, above any rate of a portfolio.
FARTHEST = math.log(256.0)

#: States of an addition: most of it was spent; limits left most of it unspent; every instrument was
#: at its largest dose; or the search predicted no instrument on which more dollars lower entries.
SPENT, LIMITS, FULL, NOTHING = "spent", "limits", "full", "nothing to add"


@dataclass(frozen=True, eq=False)
class ClaimShare:
    """The share of draws that win a claim.

    Attributes:
        claim: a value from ``CLAIMS``.
        won: 1, 0, or a share of cells by draw. NaN for a draw without a result.
        mexico_share: Mexico's share in the portfolio of both together.
    """

    claim: str
    won: np.ndarray
    mexico_share: float

    @property
    def draws(self) -> int:
        """How many draws have a result."""
        return int((~np.isnan(self.won)).sum())

    @property
    def value(self) -> float:
        """The mean over draws. NaN without draws."""
        return nan_mean(self.won)

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 90 % interval for the share."""
        return wilson(float(np.nansum(self.won)), self.draws)

    @property
    def word(self) -> str:
        """The word for the share; "unknown" without draws."""
        return claim_word(self.claim, self.value, self.mexico_share)

    @property
    def interval_words(self) -> set[str]:
        """The words at both ends of the interval."""
        return {claim_word(self.claim, end, self.mexico_share) for end in self.interval}

    @property
    def near_threshold(self) -> bool:
        """Whether the word differs between the ends of the interval."""
        return self.draws > 0 and len(self.interval_words) > 1


@dataclass(frozen=True, eq=False)
class Addition:
    """Dollars added to a portfolio, in joint dollars a year.

    Attributes:
        offered: dollars offered.
        planned: planned dollars.
        spent: spent dollars, mean over draws.
        gain: fall in the measure by the addition in percent of the status quo, shape (draws,).
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
        if self.planned < MIN_SPENT * self.offered:
            return FULL if self.stop == "full" else NOTHING
        return LIMITS if self.spent < MIN_SPENT * self.planned else SPENT


@dataclass(frozen=True, eq=False)
class AdditionPair:
    """Additions with and without Mexico to the best portfolio of one side."""

    side: str
    with_mexico: Addition
    without_mexico: Addition


@dataclass(frozen=True, eq=False, kw_only=True)
class RateCell:
    """Results for one regime, account, measure, horizon and budget.

    All columns belong to the portfolio that a side's frontier uses in a draw, which can be
    cheaper than the budget's portfolio.

    Attributes:
        regime: key in ``regimes.REGIMES``, or in ``regimes.VARIANTS``.
        account: key in ``sides.ACCOUNTS``.
        measure: a value from ``horizons.ENTRIES``.
        horizon: years, one of ``horizons.HORIZONS``.
        budget: $ per year on the account.
        rate: exchange rate for both together.
        rate_alone: exchange rate for cooperation alone.
        reach: the measure's relative fall by side, shape (draws,) each.
        marginal: marginal dollar in percent of the status quo, shape (draws,), mean over both
            starting points. NaN for a draw without both marginal pairs.
        pairs: the marginal pair for each starting point. Empty without marginal pairs.
        mexico_share: share of dollars under both together on instruments that need Mexico.
        enforcement_share: share of U.S.-only dollars on ``ENFORCEMENT``.
        human_costs: relative change by side and outcome of ``HUMAN_COSTS``, shape (draws,) each.
        payers: planned dollars a year for both together, by payer, mean over draws.
        spent: median spent dollars a year, by side and payer. NaN if they were not read.
        used: index in the trials of each side's portfolio, by draw, or -1 for none.
        planned_draws: draws of which the share ``COMPLETE`` must have a result, so that a claim has
            a word.
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
    def line_full(self) -> bool:
        """Whether dose or agency limits left an addition without Mexico mostly unspent."""
        return any(pair.without_mexico.state in (LIMITS, FULL) for pair in self.pairs)

    @property
    def all_spent(self) -> bool:
        """Whether every addition was mostly planned and spent."""
        additions = [a for pair in self.pairs for a in (pair.with_mexico, pair.without_mexico)]
        return all(addition.state == SPENT for addition in additions)

    @property
    def single_more(self) -> dict[str, int]:
        """How many draws let a single side reach more than both together, by side."""
        both = self.reach["mixed"]
        return {side: int((self.reach[side] > both).sum()) for side in ("us_only", "cooperative")}

    @property
    def difference(self) -> np.ndarray:
        """Reach by both together minus U.S.-only reach, shape (draws,).

        Its median is not the difference between both medians.
        """
        return self.reach["mixed"] - self.reach["us_only"]

    def margin(self, claim: str) -> np.ndarray:
        """Return the margin by which each draw wins a claim. Below 0 the draw loses it.

        Args:
            claim: a value from ``CLAIMS``.

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

    def won(self, claim: str) -> np.ndarray:
        """Return a claim's won draws as 1 or 0, NaN without a result, shape (draws,).

        Only *helps* is won at a margin of 0.
        """
        margin = self.margin(claim)
        won = margin >= 0.0 if claim == "helps" else margin > 0.0
        return np.where(np.isnan(margin), np.nan, won)

    def share(self, claim: str) -> ClaimShare:
        """Return the share of draws that win a claim."""
        return ClaimShare(claim, self.won(claim), self.mexico_share)

    def word(self, claim: str) -> str:
        """Return the verdict on a claim in one word; "unknown" with too few draws."""
        share = self.share(claim)
        enough = share.draws >= required_draws(claim, self.planned_draws)
        return share.word if enough else UNKNOWN

    def differs_from(self, claim: str, word: str) -> bool:
        """Return whether the whole interval for the share has another word than `word`."""
        words = self.share(claim).interval_words
        return words == {self.word(claim)} and word not in words

    @property
    def next_shares(self) -> dict[str, float]:
        """Share of draws in which the next dollar does more with Mexico, more without it, or
        neither by more than ``MIN_MARGIN``. NaN without draws.
        """
        values = self.marginal[~np.isnan(self.marginal)]
        more, less = nan_mean(values > MIN_MARGIN), nan_mean(values < -MIN_MARGIN)
        return {"with": more, "without": less, "same": 1.0 - more - less}

    @property
    def needed_median(self) -> float:
        """Median marginal dollar with which ``beats`` is supported at these draws' spread.

        The spread contains single-seed noise and is assumed to be normal.
        """
        values = self.marginal[~np.isnan(self.marginal)]
        return MIN_MARGIN + Z80 * float(values.std(ddof=1)) if values.size > 1 else math.nan

    def median_cost(self, outcome: str, side: str = "mixed") -> float:
        """Return the median relative change in a human cost in percent. NaN without draws."""
        return 100.0 * quantile(self.human_costs[side][outcome], 0.5)

    def trade_offs(self, side: str = "mixed") -> tuple[str, ...]:
        """Return human costs that rise by more than ``MIN_HARM`` in most won draws.

        Args:
            side: "mixed" or "cooperative". With "mixed", a draw is won if the United States alone
                needs more dollars than both together. With "cooperative", if it wins *helps*.

        Returns:
            Human costs that are higher than in the status quo.
        """
        won = self.rate.rates > 1.0 if side == "mixed" else self.won("helps") == 1.0
        costs = self.human_costs[side].items()
        return tuple(name for name, change in costs if nan_mean(change[won] > MIN_HARM) > 0.5)


# ---- claims over cells --------------------------------------------------------------------------

#: Attributes in which judged cells in joint dollars differ.
_KEYS = ("regime", "measure", "horizon", "budget")


@dataclass(frozen=True, eq=False)
class PooledClaim:
    """A claim over the judged cells in joint dollars.

    Attributes:
        share: share of cells that each draw wins, mean over a regime's cells and then over
            regimes.
        cells: cells with a word.
        unknown: how many judged cells have no word and are left out.
    """

    share: ClaimShare
    cells: tuple[RateCell, ...]
    unknown: int

    @cached_property
    def others(self) -> tuple[RateCell, ...]:
        """Cells whose word differs beyond their interval."""
        claim, word = self.share.claim, self.share.word
        return tuple(cell for cell in self.cells if cell.differs_from(claim, word))

    @property
    def depends_on(self) -> tuple[str, ...]:
        """Attributes that alone distinguish a cell of ``others`` from one with another word."""
        return tuple(name for name in _KEYS if self._depends_on(name))

    def _depends_on(self, name: str) -> bool:
        """Return whether two cells that differ in one attribute have different words.

        The pooled word counts for a cell whose word does not differ from it beyond its interval.
        """
        words: dict[tuple[object, ...], set[str]] = {}
        claim, pooled_word = self.share.claim, self.share.word
        for cell in self.cells:
            rest = tuple(getattr(cell, key) for key in _KEYS if key != name)
            word = cell.word(claim) if cell in self.others else pooled_word
            words.setdefault(rest, set()).add(word)
        return any(len(group) > 1 for group in words.values())


def pool_claim(cells: Iterable[RateCell], claim: str) -> PooledClaim:
    """Pool a claim over the judged cells in joint dollars.

    Args:
        cells: cells from any regimes, over the same draws.
        claim: a value from ``CLAIMS``.

    Returns:
        The pooled claim. Cells without a word are left out and counted. Cells without marginal
        pairs are left out of ``beats``.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == JOINT]
    if claim == "beats":
        judged = [cell for cell in judged if cell.pairs or cell.share(claim).draws]
    with_word = tuple(cell for cell in judged if cell.word(claim) != UNKNOWN)
    regimes = dict.fromkeys(cell.regime for cell in with_word)
    by_regime = [[c.won(claim) for c in with_word if c.regime == regime] for regime in regimes]
    won = _mean_by_draw([_mean_by_draw(rows) for rows in by_regime])
    mexico = nan_mean(np.array([cell.mexico_share for cell in with_word]))
    return PooledClaim(
        ClaimShare(claim, won, mexico), with_word, unknown=len(judged) - len(with_word)
    )


def _mean_by_draw(rows: list[np.ndarray]) -> np.ndarray:
    """Return each draw's mean over known values. NaN for a draw without any."""
    return np.array([nan_mean(column) for column in np.transpose(rows)])
