"""A change and its range as two texts, for narrow tables."""

from __future__ import annotations

import math

from experiments.pairs import Difference
from experiments.rows.comparison import OutcomeRow, percent_change
from viz.figures.numbers import decimals, dollars, percent, rounded, signed, signed_amount


def change_texts(row: OutcomeRow, change: Difference) -> tuple[str, str]:
    """Return a change in percent of the baseline, or in its unit, and its 90 % range.

    Args:
        row: the outcome.
        change: its change under one arm.

    Returns:
        The texts; the second is empty for a single pair or an undefined change.
    """
    numbers = (change.difference, change.low90, change.high90)
    if not math.isfinite(change.difference):
        return "none averted" if row.is_price else "not defined", ""
    if row.is_price:
        head, low, high = map(_price, numbers)
        return head, "" if low == high else f"{low} to {high}"
    share = percent_change(change)
    if share is None:
        head, low, high = (signed_amount(v, row.measure.unit) for v in numbers)
    else:
        places = max(1, decimals(max(abs(share.low90), abs(share.high90))))
        low, high = (signed(bound, places) for bound in (share.low90, share.high90))
        head = percent(share.median)
    return head, "" if change.low90 == change.high90 else f"{low} to {high}"


def _price(value: float) -> str:
    """Return dollars per averted entry."""
    return dollars(rounded(value)) if math.isfinite(value) else "no bound"
