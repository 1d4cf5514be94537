"""Uncertain effectiveness of programmes.

The calibrated ensemble varies the parameters of behaviour that the record does not identify. No
record shows the effect of a programme per dollar: costs and effects of most programmes are
assumptions. Each draw therefore has one factor per instrument, log-uniform between 1 / ``DOUBT``
and ``DOUBT`` times the declared effect, for the instruments of all sides.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: [A] The same for every instrument, so that the uncertainty favours no side.
DOUBT = 2.0
PREFIX = "effectiveness."


def draw_factors(
    ids: Sequence[str], n: int, doubt: float = DOUBT, seed: int = 1
) -> list[dict[str, float]]:
    """Draw factors with a Latin hypercube, uniform in the logarithm.

    Args:
        ids: instruments.
        n: number of draws.
        doubt: largest factor; the smallest is its inverse.
        seed: seed of the draws.

    Returns:
        Factors by instrument, one mapping per draw.
    """
    from scipy.stats import qmc

    unit = qmc.LatinHypercube(len(ids), rng=np.random.default_rng(seed)).random(n)
    factors = np.round(doubt ** (2.0 * unit - 1.0), 4)
    return [dict(zip(ids, row, strict=True)) for row in factors.tolist()]
