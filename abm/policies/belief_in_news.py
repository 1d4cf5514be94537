"""Belief in news: it spreads through a community, and wears off when nothing confirms it."""

from __future__ import annotations

import math


def believed_share(days: float, notice: float, half_life: float, spread: float) -> float:
    """Compute the belief in an announcement as a share of its credibility.

    The belief A is the solution of dA/dt = (a(t) - A) / spread with A(0) = 0. The news a(t) is 1
    until the announced date and exp(-lambda (t - notice)) after it, with lambda = ln 2 / half_life:
    nothing contradicts an announcement before its date. Without notice,
    A(t) = mu / (mu - lambda) (exp(-lambda t) - exp(-mu t)) with mu = 1 / spread.

    Args:
        days: days since the announcement, at least 0.
        notice: days between the announcement and the date from which the change applies.
        half_life: days in which the news loses half of its weight after that date.
        spread: days in which the news spreads.

    Returns:
        Share from 0 to 1.
    """
    mu, decay = 1.0 / spread, math.log(2.0) / half_life
    known = -math.expm1(-mu * min(days, notice))
    after = max(0.0, days - notice)
    x = (mu - decay) * after
    shape = 1.0 if abs(x) < 1e-9 else -math.expm1(-x) / x  # 1 in the limit of equal rates
    return known * math.exp(-mu * after) + mu * after * math.exp(-decay * after) * shape
