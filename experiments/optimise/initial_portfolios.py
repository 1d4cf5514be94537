"""What is played before anything is known: every instrument alone, and portfolios at random."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.optimise.sides import Instruments

SINGLE_SIZES = (100e6, 400e6, 1_500e6)  # $ a year of an instrument played alone


def single_instruments(instruments: Instruments, sides: Sequence[str]) -> np.ndarray:
    """Every instrument of the sides alone, at several sizes, shape (n, instruments)."""
    wanted = np.any([instruments.allowed(side) for side in sides], axis=0)
    rows = []
    for k in np.flatnonzero(wanted):
        for size in dict.fromkeys(
            min(size, float(instruments.max_dollars[k])) for size in SINGLE_SIZES
        ):
            rows.append(np.where(np.arange(len(instruments)) == k, size, 0.0))
    return np.array(rows)


def random_portfolios(
    instruments: Instruments, sides: Sequence[str], n: int, low: float, high: float, seed: int
) -> np.ndarray:
    """`n` portfolios in turn for the sides, of 2 to 8 instruments, shape (n, instruments).

    Sizes between `low` and `high` $ a year, evenly in the logarithm; shares evenly over all ways to
    divide.
    """
    rng, rows = np.random.default_rng(seed), []
    for i in range(n):
        open_to = np.flatnonzero(instruments.allowed(sides[i % len(sides)]))
        bought = rng.choice(open_to, size=min(len(open_to), int(rng.integers(2, 9))), replace=False)
        budget = low * (high / low) ** rng.random()
        row = np.zeros(len(instruments))
        row[bought] = budget * rng.dirichlet(np.ones(len(bought)))
        rows.append(instruments.rounded(np.minimum(row, instruments.max_dollars)))
    return np.array(rows).reshape(-1, len(instruments))


def proportional(
    instruments: Instruments, side: str, budget: float, account: str = "joint"
) -> np.ndarray:
    """All instruments of a side together, each at the same share of its full programme.

    Nothing is optimised; all are scaled to the budget.
    """
    row = np.where(instruments.allowed(side), instruments.full_cost, 0.0)
    return instruments.scale_to_budget(row, budget, account)
