"""What is played before anything is known: every instrument alone, and portfolios at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.optimise.sides import Shelf

ALONE = (100e6, 400e6, 1_500e6)  # $ a year of an instrument played alone


def alone(shelf: Shelf, sides: Sequence[str]) -> np.ndarray:
    """Every instrument of the sides alone, at several sizes, shape (n, instruments)."""
    wanted = np.any([shelf.allowed(side) for side in sides], axis=0)
    rows = []
    for k in np.flatnonzero(wanted):
        for size in dict.fromkeys(min(size, float(shelf.most[k])) for size in ALONE):
            rows.append(np.where(np.arange(len(shelf)) == k, size, 0.0))
    return np.array(rows)


def together(
    shelf: Shelf, sides: Sequence[str], n: int, low: float, high: float, seed: int
) -> np.ndarray:
    """`n` portfolios in turn for the sides, of 2 to 8 instruments, shape (n, instruments).

    Sizes between `low` and `high` $ a year, evenly in the logarithm; shares evenly over all ways to
    divide.
    """
    rng, rows = np.random.default_rng(seed), []
    for i in range(n):
        open_to = np.flatnonzero(shelf.allowed(sides[i % len(sides)]))
        bought = rng.choice(open_to, size=min(len(open_to), int(rng.integers(2, 9))), replace=False)
        budget = low * (high / low) ** rng.random()
        row = np.zeros(len(shelf))
        row[bought] = budget * rng.dirichlet(np.ones(len(bought)))
        rows.append(shelf.tidy(np.minimum(row, shelf.most)))
    return np.array(rows).reshape(-1, len(shelf))


def handmade(shelf: Shelf, side: str, budget: float, account: str = "joint") -> np.ndarray:
    """All arms of a side together, no one optimised: every instrument at the same share of its
    full programme, scaled to the budget."""
    row = np.where(shelf.allowed(side), shelf.yearly, 0.0)
    return shelf.fit(row, budget, account)
