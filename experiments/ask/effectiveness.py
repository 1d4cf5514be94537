"""How much of what it should a programme delivers: nobody knows, of either side's.

The calibrated ensemble varies what the record leaves open about behaviour. What a dollar buys is
on no record: costs and effects of most programmes are assumptions. So every draw has, for every
instrument of both sides alike, a factor of its own between what is declared over ``DOUBT`` and
what is declared times ``DOUBT``, evenly in the logarithm.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: [A] The same for every instrument, so that the doubt favours no side.
DOUBT = 2.0
PREFIX = "effectiveness."


def draw_factors(
    ids: Sequence[str], n: int, doubt: float = DOUBT, seed: int = 1
) -> list[dict[str, float]]:
    """Factors by instrument for `n` draws: a Latin hypercube, evenly in the logarithm."""
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(ids), rng=np.random.default_rng(seed)).random(n)
    factors = np.round(doubt ** (2.0 * unit - 1.0), 4)
    return [dict(zip(ids, row, strict=True)) for row in factors.tolist()]
