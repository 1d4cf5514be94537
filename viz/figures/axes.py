"""Scales and round tick marks."""

from __future__ import annotations

import math
from collections.abc import Iterable

MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def finite(values: Iterable[float]) -> list[float]:
    """Only what is a number."""
    return [float(v) for v in values if math.isfinite(v)]


def nice_step(span: float, count: int) -> float:
    """A step of 1, 2 or 5 times a power of ten that cuts `span` into about `count` pieces."""
    if not math.isfinite(span) or span <= 0:
        return 1.0
    raw = span / max(1, count)
    power = 10.0 ** math.floor(math.log10(raw))
    if power <= 0:
        return 1.0
    return next(m * power for m in (1, 2, 5, 10) if m * power >= raw * 0.999)


def ticks(low: float, high: float, count: int = 4) -> list[float]:
    """Round numbers that cover [low, high]."""
    if not (math.isfinite(low) and math.isfinite(high)):
        return [0.0, 1.0]
    if high - low <= max(abs(low), abs(high)) * 1e-9 or high - low < 1e-200:
        high = low + (abs(low) or 1.0)
    step = nice_step(high - low, count)
    first, last = math.floor(low / step + 1e-9), math.ceil(high / step - 1e-9)
    return [i * step for i in range(first, last + 1)]


def month_ticks(months: list[str]) -> list[tuple[int, str, bool]]:
    """Positions to mark on a time axis: (index, words, strong); about six of them."""
    n = len(months)
    gap = next((g for g in (1, 3, 6, 12, 24, 60, 120) if n / g <= 7), 120)
    found = []
    for i, month in enumerate(months):
        number = _month_number(month)
        if number is None:
            if i % gap == 0:
                found.append((i, month, True))
        elif (number - 1) % min(gap, 12) == 0 and (gap <= 12 or i % gap < 12):
            found.append((i, _month_words(month, number, i == 0 or number == 1), number == 1))
    return found or [(0, m, True) for m in months[:1]]


def _month_number(month: str) -> int | None:
    """The month of 'YYYY-MM', None where the text has another form."""
    tail = month[5:7]
    return int(tail) if len(tail) == 2 and tail.isdecimal() and 1 <= int(tail) <= 12 else None


def _month_words(month: str, number: int, year: bool) -> str:
    """'Jan 2013', the year only where it starts."""
    name = MONTHS[number - 1]
    return f"{name} {month[:4]}" if year else name
