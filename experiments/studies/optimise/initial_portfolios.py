"""Portfolios for the start of a search: single instruments and random combinations."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from experiments.studies.optimise.sides import Instruments

SINGLE_SIZES = (100e6, 400e6, 1_500e6)  # $ per year of a single instrument


def single_instruments(
    instruments: Instruments, sides: Sequence[str], sizes: Sequence[float] = SINGLE_SIZES
) -> np.ndarray:
    """Return portfolios of one instrument each, at several sizes.

    Args:
        instruments: all instruments.
        sides: the sides whose instruments are used.
        sizes: $ per year; at most the dollars of the largest dose of an instrument.

    Returns:
        $ per year, shape (n, instruments).
    """
    wanted = np.any([instruments.allowed(side) for side in sides], axis=0)
    rows = []
    for k in np.flatnonzero(wanted):
        for size in dict.fromkeys(min(size, float(instruments.max_dollars[k])) for size in sizes):
            rows.append(np.where(np.arange(len(instruments)) == k, size, 0.0))
    return np.array(rows).reshape(-1, len(instruments))


def random_portfolios(
    instruments: Instruments, sides: Sequence[str], n: int, low: float, high: float, seed: int
) -> np.ndarray:
    """Draw portfolios of 2 to 8 instruments, for the sides in turn.

    Total sizes are uniform in the logarithm, shares are uniform on the simplex.

    Args:
        instruments: all instruments.
        sides: the sides.
        n: number of portfolios.
        low, high: bounds of the total size, $ per year.
        seed: seed of the draws.

    Returns:
        $ per year, shape (n, instruments).
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
    """Return all instruments of a side at the same share of their full programmes.

    Args:
        instruments: all instruments.
        side: one of ``sides.SIDES``.
        budget: $ per year.
        account: one of ``sides.ACCOUNTS``.

    Returns:
        $ per year, shape (instruments,), scaled to the budget.
    """
    row = np.where(instruments.allowed(side), instruments.full_cost, 0.0)
    return instruments.scale_to_budget(row, budget, account)
