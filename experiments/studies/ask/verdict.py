"""Thresholds for verdicts, the verdict for a share of supporting draws, and Wilson's interval.

All numbers were fixed before any complete run: docs/background/decisions/verdict.md.
"""

from __future__ import annotations

import math

import numpy as np

CLAIMS = ("helps", "beats", "requires")

#: Account that decides the verdicts. All other accounts are reported as a sensitivity analysis.
JOINT = "joint"

#: Minimum share of supporting draws for a supported claim, and maximum share for a refuted claim.
SUPPORTED, REFUTED = 0.8, 0.2
UNKNOWN = "unknown"

#: *helps*: minimum relative fall in the outcome that matters. A portfolio with a smaller fall in a
#: draw is *inert* in this draw.
MIN_FALL = 0.02

#: *beats*: percent of the status quo by which the next dollar must do more with Mexico [A], and
#: minimum Mexican share of the best portfolio at which the claim can be supported.
MIN_MARGIN, MIN_MEXICO_SHARE = 0.5, 0.10

#: *requires*: exchange rate above which a draw supports the claim.
TIMES = 4.0

#: Planned number of draws per cell, and per marginal pair.
MIN_DRAWS, MIN_PAIR_DRAWS = 60, 30

#: Share of the planned draws that must be complete, so that failed runs do not change a verdict.
COMPLETE = 0.9

#: Relative rise of a human cost above which a supported claim is a trade-off [A].
MIN_HARM = 0.02

#: An addition counts as spent if at least this share of the offered dollars was planned, and at
#: least this share of the planned dollars was spent [A].
MIN_SPENT = 0.5

Z80 = 0.8416  # normal quantile of 80 %
_Z90 = 1.645


def claim_word(claim: str, share: float, mexico_share: float) -> str:
    """Return the verdict for a share of draws that support a claim.

    Args:
        claim: a value from ``CLAIMS``.
        share: share of draws that support the claim. NaN gives "unknown".
        mexico_share: share of dollars under both together on instruments that need Mexico.
    """
    if math.isnan(share):
        return UNKNOWN
    if share <= REFUTED:
        return "refuted"
    without_mexico = claim == "beats" and mexico_share < MIN_MEXICO_SHARE
    return "supported" if share >= SUPPORTED and not without_mexico else "contingent"


def required_draws(claim: str, planned: int) -> float:
    """Return how many of the `planned` draws must be complete for a verdict on a claim."""
    return COMPLETE * (min(MIN_PAIR_DRAWS, planned) if claim == "beats" else planned)


def wilson(won: float, draws: int) -> tuple[float, float]:
    """Compute Wilson's 90 % interval for a share (Wilson 1927).

    Args:
        won: number of draws that support the claim, or the sum over draws of the share of cells in
            which each supports it. For a sum of shares, the interval tends to be too wide rather
            than too narrow.
        draws: number of draws.

    Returns:
        Lower and upper bounds. 0 and 1 if no draws exist.
    """
    if not draws:
        return 0.0, 1.0
    p, z2 = won / draws, _Z90**2
    middle = (p + z2 / (2 * draws)) / (1 + z2 / draws)
    half = _Z90 * np.sqrt(p * (1 - p) / draws + z2 / (4 * draws**2)) / (1 + z2 / draws)
    return max(0.0, float(middle - half)), min(1.0, float(middle + half))
