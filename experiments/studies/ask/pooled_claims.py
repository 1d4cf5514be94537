"""Pool the claims of the verdict over cells: one word, and the cells that differ from it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from experiments.studies.ask.rate_cells import JOINT, UNKNOWN, RateCell, claim_word
from experiments.studies.ask.verdict import wilson

_KEYS = ("regime", "measure", "horizon", "budget")


@dataclass(frozen=True, eq=False)
class PooledClaim:
    """A claim over the judged cells in joint dollars.

    Attributes:
        claim: one of ``RATE_CLAIMS``.
        word: the word for the pooled share; "unknown" if no cell has a word.
        won: share of cells that each draw wins, mean over the cells of a regime and then over
            regimes; NaN for a draw without any result.
        cells: cells with a word.
        unknown: number of judged cells without a word, which are left out.
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
        """Number of draws with a result."""
        return int((~np.isnan(self.won)).sum())

    @property
    def share(self) -> float:
        """Mean over draws of the share of cells that they win; NaN without draws."""
        return float(np.nanmean(self.won)) if self.draws else math.nan

    @property
    def interval(self) -> tuple[float, float]:
        """Wilson's 90 % interval of the share over draws."""
        return wilson(float(np.nansum(self.won)), self.draws)

    @property
    def near_threshold(self) -> bool:
        """Whether the word differs between the ends of the interval."""
        low, high = (claim_word(self.claim, share, _mexico(self.cells)) for share in self.interval)
        return low != high

    def among(self, flags: np.ndarray) -> tuple[float, tuple[float, float], int]:
        """Return share, its interval and the number of draws among some draws."""
        own = self.won[flags & ~np.isnan(self.won)]
        share = float(own.mean()) if own.size else math.nan
        return share, wilson(float(own.sum()), own.size), own.size


def pool_claim(cells: Iterable[RateCell], claim: str) -> PooledClaim:
    """Pool a claim over the judged cells in joint dollars.

    Args:
        cells: cells of any regimes, over the same draws.
        claim: one of ``RATE_CLAIMS``.

    Returns:
        The pooled claim. Cells without a word are left out and counted; cells without marginal
        pairs are left out of ``beats``.
    """
    judged = [cell for cell in cells if cell.judged and cell.account == JOINT]
    if claim == "beats":
        judged = [cell for cell in judged if cell.pairs or cell.draws(claim)]
    known = tuple(cell for cell in judged if cell.word(claim) != UNKNOWN)
    unknown = len(judged) - len(known)
    if not known:
        return PooledClaim(claim, UNKNOWN, np.zeros(0), (), unknown)
    regimes = dict.fromkeys(cell.regime for cell in known)
    by_regime = [[c.won(claim) for c in known if c.regime == one] for one in regimes]
    won = _known_mean([_known_mean(own) for own in by_regime])
    word = claim_word(claim, float(np.nanmean(won)), _mexico(known))
    others = tuple(cell for cell in known if cell.differs_from(claim, word))
    depends = tuple(name for name in _KEYS if _differs(known, claim, word, name))
    return PooledClaim(claim, word, won, known, unknown, others, depends)


def _mexico(cells: Iterable[RateCell]) -> float:
    """Return Mexico's mean share of the portfolios of both together."""
    return float(np.mean([cell.mexico_share for cell in cells]))


def _known_mean(rows: list[np.ndarray]) -> np.ndarray:
    """Return the mean of the known values of each draw; NaN for a draw without any."""
    table = np.array(rows)
    known = ~np.isnan(table)
    total = np.where(known, table, 0.0).sum(axis=0)
    count = known.sum(axis=0)
    return np.where(count > 0, total / np.maximum(count, 1), np.nan)


def _differs(cells: Iterable[RateCell], claim: str, word: str, name: str) -> bool:
    """Return whether two cells that differ in one attribute have different words.

    The word of a cell counts if it differs from the pooled one beyond its interval; otherwise the
    pooled word counts for the cell.
    """
    words: dict[tuple[object, ...], set[str]] = {}
    for cell in cells:
        rest = tuple(getattr(cell, key) for key in _KEYS if key != name)
        own = cell.word(claim) if cell.differs_from(claim, word) else word
        words.setdefault(rest, set()).add(own)
    return any(len(found) > 1 for found in words.values())
