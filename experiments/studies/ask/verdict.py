"""Claims at equal budgets, thresholds fixed before any run, and the human costs of a win.

The answer of ``twoborders ask`` begins with the claims on the exchange rate and the next dollar
(``rate_cells``). The claims of this module are reported after them:

- **helps**: cooperation has fewer entries than the status quo.
- **beats**: the best portfolio with cooperation has fewer entries than the best portfolio of the
  United States alone, at the same budget.
- **requires**: no U.S.-only portfolio, up to four times the budget, comes within
  the margin of the result with cooperation.

A *draw* is a member of the calibrated ensemble with its own seed. A draw is a win if entries are at
least 5 % lower over years 1 to 3 and over years 1 to 10. This module runs no simulations.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from abm.measures import HUMAN_COSTS
from experiments.studies.optimise.horizons import HORIZONS, JUDGED, OUTCOMES

#: Fixed before any run (MARGIN: share of entries; the others: shares of draws).
MARGIN, SUPPORTED, REFUTED = 0.05, 0.8, 0.2
#: Smallest relative rise of a human cost that makes a win a trade-off [A].
MIN_HARM = 0.02
#: Largest U.S. budget for ``requires``, as a multiple of the budget of cooperation.
TIMES = 4.0
CLAIMS = {
    "helps": "cooperation alone has fewer entries than the status quo",
    "beats": "the best portfolio with cooperation has fewer entries than the best of the United "
    "States alone, at the same budget",
    "requires": "no portfolio of the United States alone, up to four times the budget, reaches the "
    "result with cooperation",
}
_Z90 = 1.645
Z80 = 0.8416  # normal quantile of 80 %


@dataclass(frozen=True, eq=False)
class ClaimCell:
    """One claim at one budget: a comparison of two sides, draw by draw.

    Attributes:
        claim: key in ``CLAIMS``.
        account: key in ``sides.ACCOUNTS``.
        outcome: a value from ``horizons.ENTRIES``.
        budget: $ per year.
        sides: descriptions of the two sides.
        advantage: relative reduction of entries, shape (draws, horizons). NaN if a run failed.
        human_costs: relative change over the longest horizon, by outcome of ``HUMAN_COSTS``, shape
            (draws,).
    """

    claim: str
    account: str
    outcome: str
    budget: float
    sides: tuple[str, str]
    advantage: np.ndarray
    human_costs: Mapping[str, np.ndarray]

    @cached_property
    def complete(self) -> np.ndarray:
        """Draws without a failed run."""
        return np.isfinite(self.advantage).all(axis=1)

    @property
    def draws(self) -> int:
        """Number of complete draws."""
        return int(self.complete.sum())

    @cached_property
    def wins(self) -> np.ndarray:
        """For every draw, whether it is complete and reaches the margin at both judged horizons."""
        judged = [HORIZONS.index(years) for years in JUDGED]
        with np.errstate(invalid="ignore"):
            return (self.advantage[:, judged] >= MARGIN).all(axis=1) & self.complete

    @property
    def p_win(self) -> float:
        """Share of complete draws that are wins. NaN without draws."""
        return float(self.wins.sum() / self.draws) if self.draws else float("nan")

    @property
    def p_range(self) -> tuple[float, float]:
        """Wilson's 90 % interval for the share."""
        return wilson(int(self.wins.sum()), self.draws)

    @property
    def by_horizon(self) -> dict[int, float]:
        """Share of draws that reach the margin at each horizon, by years."""
        better = self.advantage[self.complete] >= MARGIN
        return {
            years: float(better[:, k].mean()) if self.draws else float("nan")
            for k, years in enumerate(HORIZONS)
        }

    @property
    def verdict(self) -> str:
        """The verdict in one word."""
        return verdict_word(self.p_win)

    @property
    def near_threshold(self) -> bool:
        """Whether the verdict differs between the ends of the interval."""
        low, high = self.p_range
        return verdict_word(low) != verdict_word(high)

    def worse_shares(self) -> dict[str, float]:
        """Return the share of wins whose human costs are higher by ``MIN_HARM``, by outcome."""
        won = self.wins
        return {
            name: float((more[won] > MIN_HARM).mean()) if won.any() else float("nan")
            for name, more in self.human_costs.items()
        }

    @property
    def trade_offs(self) -> tuple[str, ...]:
        """Human costs that are higher in most wins."""
        return tuple(name for name, share in self.worse_shares().items() if share > 0.5)


def verdict_word(p: float) -> str:
    """Return the verdict for a share of wins."""
    if np.isnan(p):
        return "unknown"
    return "supported" if p >= SUPPORTED else "refuted" if p <= REFUTED else "contingent"


def combined_verdict(cells: Iterable[ClaimCell]) -> tuple[str, str]:
    """Combine the verdicts of cells.

    Returns:
        The common verdict, or "contingent" if they differ, and the condition.
    """
    cells = list(cells)
    words = {cell.verdict for cell in cells}
    if len(words) == 1:
        (only,) = words
        return only, "the draw" if only == "contingent" else ""
    differs = [name for name in ("outcome", "budget", "account") if _splits(cells, name)]
    named = {"outcome": "the measure", "budget": "the budget", "account": "whose dollars count"}
    return "contingent", ", ".join(named[name] for name in differs) or "a combination of these"


def _splits(cells: list[ClaimCell], name: str) -> bool:
    """Return whether two cells that differ in one attribute have different verdicts."""
    rest = [other for other in ("outcome", "budget", "account") if other != name]

    def key(cell: ClaimCell) -> tuple[object, ...]:
        """Return the attributes that must agree."""
        return tuple(getattr(cell, other) for other in rest)

    return any(a.verdict != b.verdict and key(a) == key(b) for a in cells for b in cells)


def wilson(won: float, draws: int) -> tuple[float, float]:
    """Compute Wilson's 90 % interval for a share (Wilson 1927).

    Args:
        won: number of wins. A sum of shares if each draw wins a share of several cells, for which
            the interval is too wide rather than too narrow.
        draws: number of draws.

    Returns:
        Lower and upper bound. 0 and 1 without draws.
    """
    if not draws:
        return 0.0, 1.0
    p, z2 = won / draws, _Z90**2
    middle = (p + z2 / (2 * draws)) / (1 + z2 / draws)
    half = _Z90 * np.sqrt(p * (1 - p) / draws + z2 / (4 * draws**2)) / (1 + z2 / draws)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))


def advantage(ours: np.ndarray, theirs: np.ndarray, outcome: str) -> np.ndarray:
    """Compute the relative reduction of entries.

    Args:
        ours, theirs: levels, shape (draws, outcomes, horizons).
        outcome: a value from ``horizons.ENTRIES``.

    Returns:
        1 - ours / theirs, shape (draws, horizons).
    """
    k = OUTCOMES.index(outcome)
    with np.errstate(divide="ignore", invalid="ignore"):
        return 1.0 - ours[:, k] / theirs[:, k]


def strongest_rival(rivals: np.ndarray, outcome: str) -> np.ndarray:
    """Combine several rivals into the one that is hardest to beat, draw by draw.

    A win must hold against every rival at every judged horizon, so entries are the minimum over
    rivals at each horizon. The other outcomes come from the rival with the fewest entries over
    the longest horizon. A draw with a rival's failed run is NaN.

    Args:
        rivals: levels, shape (n, draws, outcomes, horizons).
        outcome: a value from ``horizons.ENTRIES``.

    Returns:
        Levels, shape (draws, outcomes, horizons).
    """
    k = OUTCOMES.index(outcome)
    last = rivals[:, :, k, -1]
    hardest = np.argmin(np.where(np.isnan(last), np.inf, last), axis=0)
    levels = rivals[hardest, np.arange(rivals.shape[1])].copy()
    levels[:, k] = rivals[:, :, k].min(axis=0)
    return levels


def human_cost_changes(ours: np.ndarray, theirs: np.ndarray) -> dict[str, np.ndarray]:
    """Compute the relative change of each human cost over the longest horizon.

    Args:
        ours, theirs: levels, shape (draws, outcomes, horizons).

    Returns:
        ours / theirs - 1 by outcome of ``HUMAN_COSTS``, shape (draws,). 0 if both are 0.
    """
    changes = {}
    for name in HUMAN_COSTS:
        more, base = (side[:, OUTCOMES.index(name), -1] for side in (ours, theirs))
        with np.errstate(divide="ignore", invalid="ignore"):
            changes[name] = np.where(more == base, 0.0, more / base - 1.0)
    return changes
