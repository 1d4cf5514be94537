"""Find the uncertain numbers that turn a claim: those whose value decides its verdict.

The share of won draws is estimated as a monotone function of one number at a time (isotonic
regression). The spread of each function is compared with the *largest* spread of all numbers when
draws are permuted, so that numbers without an effect are rarely reported.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from experiments.ask.rate_cells import RATE_CLAIMS, RateCell
from experiments.ask.verdict import REFUTED, SUPPORTED, verdict_word

MOST_TURNS = 2  # numbers that are reported for each claim
_SHUFFLES = 200
_CHANCE = 0.95  # quantile of the largest spread under permuted draws
_LEAST_DRAWS = 20
_EDGE = 0.1  # share of draws at each end over which the function is averaged


@dataclass(frozen=True)
class Turn:
    """A number that turns a claim in a regime.

    Attributes:
        claim: one of ``RATE_CLAIMS``.
        number: name of the uncertain number.
        value: value at which the share of won draws crosses ``threshold``.
        regime: key of ``regimes.REGIMES``.
        threshold: share of won draws at which the word changes.
        below, above: share of won draws by the monotone function, in the tenth of draws in which
            the number is lowest, and in that in which it is highest.
        spread: absolute difference of both shares.
        chance: 95th percentile of the largest spread of all numbers when draws are permuted.
    """

    claim: str
    number: str
    value: float
    regime: str
    threshold: float
    below: float
    above: float
    spread: float
    chance: float


def find_turns(
    cells: Iterable[RateCell], numbers: Sequence[Mapping[str, float]], seed: int = 1
) -> list[Turn]:
    """Find the numbers that turn each claim in each regime.

    Args:
        cells: cells of any regimes; only judged ones are used.
        numbers: uncertain numbers of every draw, in the order of the cells' draws.
        seed: seed of the permutations.

    Returns:
        At most ``MOST_TURNS`` for each claim and regime, largest spread first.
    """
    judged = [cell for cell in cells if cell.judged]
    found = []
    for regime in dict.fromkeys(cell.regime for cell in judged):
        own = [cell for cell in judged if cell.regime == regime]
        for claim in RATE_CLAIMS:
            found += _turns(regime, claim, own, numbers, seed)
    return found


def _turns(
    regime: str,
    claim: str,
    cells: Sequence[RateCell],
    numbers: Sequence[Mapping[str, float]],
    seed: int,
) -> list[Turn]:
    """Return the turns of one claim in one regime."""
    won = np.array([cell.won(claim) for cell in cells])
    complete = ~np.isnan(won).any(axis=0)
    if complete.sum() < _LEAST_DRAWS:
        return []
    share = won[:, complete].mean(axis=0)
    columns = {
        name: np.array([row[name] for row, use in zip(numbers, complete, strict=True) if use])
        for name in numbers[0]
    }
    curves = {name: MonotoneShare.fit(x, share) for name, x in columns.items()}
    chance = _largest_by_chance(columns, share, seed)
    turns = [
        Turn(claim, name, value, regime, threshold, *curve.ends, curve.spread, chance)
        for name, curve in curves.items()
        if curve.spread > chance
        for threshold, value in curve.crossing(float(share.mean()))
    ]
    return sorted(turns, key=lambda turn: (-turn.spread, turn.number))[:MOST_TURNS]


@dataclass(frozen=True, eq=False)
class MonotoneShare:
    """Share of won draws as a monotone function of a number.

    Attributes:
        x: values of the number, ascending.
        share: fitted share at each value.
    """

    x: np.ndarray
    share: np.ndarray

    @classmethod
    def fit(cls, x: np.ndarray, won: np.ndarray) -> MonotoneShare:
        """Fit the better of an increasing and a decreasing function.

        Args:
            x: values of the number by draw, shape (draws,).
            won: share of cells that a draw wins, shape (draws,).

        Returns:
            The function, at the values of the draws.
        """
        order = np.argsort(x, kind="stable")
        x, y = x[order], _mean_of_ties(x[order], won[order])
        up, down = pool_adjacent(y), -pool_adjacent(-y)
        fits = ((up - y) ** 2).sum() <= ((down - y) ** 2).sum()
        return cls(x, up if fits else down)

    @property
    def ends(self) -> tuple[float, float]:
        """Mean of the function in the lowest and the highest tenth of the draws."""
        k = max(1, int(_EDGE * len(self.x)))
        return float(self.share[:k].mean()), float(self.share[-k:].mean())

    @property
    def spread(self) -> float:
        """Absolute difference of both ends."""
        low, high = self.ends
        return abs(high - low)

    def crossing(self, overall: float) -> list[tuple[float, float]]:
        """Return the threshold that the function crosses, and the value of the number there.

        Args:
            overall: share of won draws over all draws, which determines the present word.

        Returns:
            One pair, or none. If both thresholds are crossed, the one nearer to the overall share.
        """
        word = verdict_word(overall)
        given = {"supported": [SUPPORTED], "refuted": [REFUTED]}.get(word, [REFUTED, SUPPORTED])
        low, high = sorted(self.ends)
        crossed = [one for one in given if low < one < high]
        if not crossed:
            return []
        threshold = min(crossed, key=lambda one: abs(one - overall))
        above = self.share >= threshold
        k = int(np.flatnonzero(above != above[0])[0])
        return [(threshold, float(0.5 * (self.x[k - 1] + self.x[k])))]


def pool_adjacent(y: np.ndarray) -> np.ndarray:
    """Fit a non-decreasing function to values in order (pool adjacent violators).

    Args:
        y: values, shape (n,).

    Returns:
        The least-squares fit, shape (n,).
    """
    means: list[float] = []
    sizes: list[int] = []
    for value in y.tolist():
        means.append(value)
        sizes.append(1)
        while len(means) > 1 and means[-2] > means[-1]:
            size = sizes[-2] + sizes[-1]
            means[-2] = (means[-2] * sizes[-2] + means[-1] * sizes[-1]) / size
            sizes[-2] = size
            means.pop()
            sizes.pop()
    return np.repeat(means, sizes)


def _mean_of_ties(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """Return `y` with the mean of all values that have the same `x`; `x` is ascending."""
    _, group = np.unique(x, return_inverse=True)
    return (np.bincount(group, y) / np.bincount(group))[group]


def _largest_by_chance(columns: Mapping[str, np.ndarray], share: np.ndarray, seed: int) -> float:
    """Return the 95th percentile of the largest spread of all numbers when draws are permuted."""
    rng = np.random.default_rng(seed)
    largest = [
        max(MonotoneShare.fit(x, shuffled).spread for x in columns.values())
        for shuffled in (rng.permutation(share) for _ in range(_SHUFFLES))
    ]
    return float(np.quantile(largest, _CHANCE))
