"""A change and its range as two texts, for narrow tables."""

from __future__ import annotations

import math

from experiments.intervals import Interval
from experiments.pairs import Difference
from experiments.rows.comparison import OutcomeRow, percent_change
from viz.figures.numbers import RangedTexts, is_single, ranged, ranged_percent


def change_texts(row: OutcomeRow, change: Difference) -> tuple[str, str]:
    """Return a change in percent of the baseline, or in its unit, and its 90 % range.

    Args:
        row: the outcome.
        change: its change under one arm.

    Returns:
        The texts, with the digits that the range supports; the second is empty for a single pair
        or an undefined change.
    """
    if not math.isfinite(change.difference):
        return "none averted" if row.is_price else "not defined", ""
    share = None if row.is_price else percent_change(change)
    if row.is_price:
        texts = price_texts(change)
    else:
        texts = ranged_percent(share) if share else ranged(change.interval, row.measure.unit)
    return texts.median, "" if is_single(change.interval) else f"{texts.low} to {texts.high}"


def price_texts(change: Difference) -> RangedTexts:
    """Return dollars per averted entry with their range.

    Args:
        change: the price.

    Returns:
        The texts. A bound that is not known has no digits, and one that would round to $0 keeps
        two digits: the range of a price is often many times as wide as its lower bound.
    """
    texts, found = ranged(change.interval, "$", sign=False), change.interval
    low, high = (
        _bound(text, value)
        for text, value in ((texts.low, found.low90), (texts.high, found.high90))
    )
    return RangedTexts(texts.median, low, high)


def _bound(text: str, value: float) -> str:
    """Return the bound of a price."""
    if not math.isfinite(value) or value < 0.0:
        return "no bound"
    alone = ranged(Interval.exactly(value), "$", sign=False).median
    return alone if text == "$0" else text
