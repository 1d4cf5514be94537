"""A change and its range as two texts, for narrow tables."""

from __future__ import annotations

import math

from experiments.rows.comparison import OutcomeRow, percent_change
from experiments.runs.pairs import Difference
from viz.figures.numbers import (
    RangedTexts,
    dollars,
    is_single,
    ranged,
    ranged_percent,
    supported_places,
)


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
        return "no price" if row.is_price else "not defined", ""
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
        The texts. A bound that is not known has no digits. Figures that the width of the range
        would round to fewer than two digits have two: the range of a price is often many times as
        wide as the price, and no rounded price leaves its range.
    """
    found = change.interval
    values = (found.median, found.low90, found.high90)
    return RangedTexts(*(_price(value, supported_places(*values)) for value in values))


def _price(value: float, places: int) -> str:
    """Return a price with these decimals, or with two digits; or that it has no bound."""
    if not math.isfinite(value) or value < 0.0:
        return "no bound"
    own = 1 - math.floor(math.log10(value)) if value > 0.0 else 0
    return dollars(round(value, max(places, own)))
