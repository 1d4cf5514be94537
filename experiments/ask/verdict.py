"""The verdict: three claims, thresholds fixed before any run, and what a win costs people.

- **helps**: cooperation beats doing nothing more;
- **beats**: the best portfolio with cooperation beats the best of the United States alone, at the
  same budget;
- **requires**: no portfolio of the United States alone, up to four times the budget, comes within
  the margin of what cooperation reaches at one time.

A *draw* is a member of the calibrated ensemble with luck of its own. It is a win if entries are at
least 5 % lower, over years 1 to 3 and again over 1 to 10. Nothing here plays anything.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from experiments.optimise.horizons import HORIZONS, HUMAN_COSTS, JUDGED, OUTCOMES

#: Fixed before any run (MARGIN: share of entries; the others: shares of draws).
MARGIN, SUPPORTED, REFUTED = 0.05, 0.8, 0.2
#: U.S. budgets against which ``requires`` is tried, in times the budget of cooperation.
TIMES = 4.0
CLAIMS = {
    "helps": "cooperation alone leaves fewer entries than doing nothing more",
    "beats": "the best portfolio with cooperation leaves fewer entries than the best of the United "
    "States alone, for the same money",
    "requires": "no portfolio of the United States alone, up to four times the money, reaches what "
    "cooperation reaches",
}
_Z90 = 1.645


@dataclass(frozen=True, eq=False)
class ClaimCell:
    """One claim at one budget: a side against another, draw by draw.

    ``advantage``: share by which entries are lower, shape (draws, horizons). ``people``: persons a
    year more over the longest horizon, by outcome of ``PEOPLE``, shape (draws,). ``sides``: what is
    set against what, in words. Draws in which a run failed are NaN, and no draws.
    """

    claim: str
    account: str
    outcome: str
    budget: float
    sides: tuple[str, str]
    advantage: np.ndarray
    human_costs: Mapping[str, np.ndarray]

    def subset(self, draws: Sequence[int]) -> ClaimCell:
        """The same cell over a few of its draws."""
        few = {name: more[list(draws)] for name, more in self.human_costs.items()}
        return replace(self, advantage=self.advantage[list(draws)], people=few)

    @cached_property
    def complete(self) -> np.ndarray:
        """Draws that were played whole."""
        return np.isfinite(self.advantage).all(axis=1)

    @property
    def draws(self) -> int:
        """How many."""
        return int(self.complete.sum())

    @cached_property
    def wins(self) -> np.ndarray:
        """Draws (all of them, also unknown ones) that are at least the margin better, twice."""
        judged = [HORIZONS.index(years) for years in JUDGED]
        with np.errstate(invalid="ignore"):
            return (self.advantage[:, judged] >= MARGIN).all(axis=1) & self.complete

    @property
    def p_win(self) -> float:
        """Share of draws that are won; NaN without draws."""
        return float(self.wins.sum() / self.draws) if self.draws else float("nan")

    @property
    def p_range(self) -> tuple[float, float]:
        """What so few draws leave open: Wilson's interval of 90 %."""
        return wilson(int(self.wins.sum()), self.draws)

    @property
    def by_horizon(self) -> dict[int, float]:
        """Share of draws at least the margin better over the first years alone, by years."""
        better = self.advantage[self.complete] >= MARGIN
        return {
            years: float(better[:, k].mean()) if self.draws else float("nan")
            for k, years in enumerate(HORIZONS)
        }

    @property
    def verdict(self) -> str:
        """In one word."""
        return verdict_word(self.p_win)

    @property
    def near_threshold(self) -> bool:
        """Whether more draws could change the word."""
        low, high = self.p_range
        return verdict_word(low) != verdict_word(high)

    def worse_shares(self) -> dict[str, float]:
        """Of the draws that are won, the share in which people pay more, by outcome."""
        won = self.wins
        return {
            name: float((more[won] > 0.0).mean()) if won.any() else float("nan")
            for name, more in self.human_costs.items()
        }

    @property
    def trade_offs(self) -> tuple[str, ...]:
        """What is higher in most draws that are won: then a win is a trade-off."""
        return tuple(name for name, share in self.worse_shares().items() if share > 0.5)


def verdict_word(p: float) -> str:
    """The verdict for a share of draws won."""
    if np.isnan(p):
        return "unknown"
    return "supported" if p >= SUPPORTED else "refuted" if p <= REFUTED else "contingent"


def combined_verdict(cells: Iterable[ClaimCell]) -> tuple[str, str]:
    """The verdict over cells that differ in something, and what it is contingent on.

    Supported or refuted only where all agree; else contingent, with the condition named.
    """
    cells = list(cells)
    words = {cell.verdict for cell in cells}
    if len(words) == 1:
        (only,) = words
        return only, "draw by draw" if only == "contingent" else ""
    differs = [name for name in ("outcome", "budget", "account") if _splits(cells, name)]
    named = {"outcome": "the measure", "budget": "the budget", "account": "whose dollars count"}
    return "contingent", ", ".join(named[name] for name in differs) or "several things at once"


def _splits(cells: list[ClaimCell], name: str) -> bool:
    """Whether two cells that differ in this alone have different verdicts."""
    rest = [other for other in ("outcome", "budget", "account") if other != name]

    def key(cell: ClaimCell) -> tuple[object, ...]:
        return tuple(getattr(cell, other) for other in rest)

    return any(a.verdict != b.verdict and key(a) == key(b) for a in cells for b in cells)


def wilson(won: int, draws: int) -> tuple[float, float]:
    """Wilson's 90 % interval of a share; the whole range without draws."""
    if not draws:
        return 0.0, 1.0
    p, z2 = won / draws, _Z90**2
    middle = (p + z2 / (2 * draws)) / (1 + z2 / draws)
    half = _Z90 * np.sqrt(p * (1 - p) / draws + z2 / (4 * draws**2)) / (1 + z2 / draws)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def advantage(ours: np.ndarray, theirs: np.ndarray, outcome: str) -> np.ndarray:
    """Share by which entries are lower, from levels (draws, outcomes, horizons)."""
    k = OUTCOMES.index(outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - ours[:, k] / theirs[:, k]


def strongest_rival(rivals: np.ndarray, outcome: str) -> np.ndarray:
    """Of several rivals (n, draws, outcomes, horizons), draw by draw what is hardest to beat.

    A win must be one against every rival over every judged horizon, so the entries are the least
    that any of them leaves over each horizon; the other outcomes are those of the rival with the
    fewest entries over the longest. A draw in which a rival is not known is not known.
    """
    k = OUTCOMES.index(outcome)
    last = rivals[:, :, k, -1]
    hardest = np.argmin(np.where(np.isnan(last), np.inf, last), axis=0)
    found = rivals[hardest, np.arange(rivals.shape[1])].copy()
    found[:, k] = rivals[:, :, k].min(axis=0)
    return found


def human_cost_changes(ours: np.ndarray, theirs: np.ndarray) -> dict[str, np.ndarray]:
    """Persons a year more over the longest horizon, by what it costs people."""
    return {
        name: ours[:, OUTCOMES.index(name), -1] - theirs[:, OUTCOMES.index(name), -1]
        for name in HUMAN_COSTS
    }
