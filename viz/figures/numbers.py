"""Format numbers, changes and intervals: rounded, signed, and never "nan" or "-0"."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from experiments.runs.intervals import Interval

UNDEFINED = "not defined"
NO_PRICE = "no price: entries do not fall meaningfully"
NBSP = "\u00a0"
MINUS = "\u2212"
MISSING = "\u2013"  # text of a missing value
_LARGE = ((1e9, "bn"), (1e6, "M"))  # abbreviations of amounts of money
#: [A] Steps of the last digit that fit into a 90 % range. A range of 3 points supports tenths.
STEPS_IN_RANGE = 5
_DIGITS = 3  # maximum number of significant digits, which is the precision of the model
_MOST_PLACES = 4  # maximum number of decimals
_RATIOS = {"share", "probability", "dollars", "days", "hours", "minutes", "tonnes", "index", "rate"}


def decimals(value: float) -> int:
    """Return how many decimals leave two significant digits, which is 0 from 10 up."""
    size = abs(value)
    return min(4, 1 - math.floor(math.log10(size))) if 0 < size < 10 else 0


def plain(value: float, places: int | None = None) -> str:
    """Format a number with thousands separators.

    Args:
        value: the number.
        places: number of decimals, by default as in `decimals`.

    Returns:
        The text, or `UNDEFINED` for a value that is not finite.
    """
    if not math.isfinite(value):
        return UNDEFINED
    if abs(value) >= 1e15:
        return f"{value:.2e}".replace("-", MINUS)
    places = decimals(value) if places is None else places
    text = f"{abs(value):,.{places}f}"
    if places and "." in text:
        text = text.rstrip("0").rstrip(".")
    return (MINUS if value < 0 and text.strip("0,.") else "") + text


def rounded(value: float) -> float:
    """Round numbers from 1,000 up to three significant digits, the precision of the model."""
    if not math.isfinite(value) or abs(value) < 1000:
        return value
    return round(value, 2 - math.floor(math.log10(abs(value))))


def signed(value: float, places: int | None = None) -> str:
    """Format a difference with its sign. 0 has no sign, and large numbers are rounded.

    Args:
        value: the difference.
        places: number of decimals, by default as in `decimals`.
    """
    text = plain(rounded(value), places)
    return "+" + text if 0 < value < math.inf and text.strip("0,.") else text


def tick_texts(ticks: Sequence[float], unit: str = "", *, change: bool = False) -> list[str]:
    """Format the numbers of an axis with as many decimals as their step requires.

    Args:
        ticks: the numbers, at equal distances.
        unit: unit of the numbers. Amounts of money get a dollar sign and a common abbreviation.
        change: whether the numbers are changes, which have a sign.
    """
    largest, money = max(map(abs, ticks), default=0.0), is_money(unit)
    factor, name = next((size for size in _LARGE if money and largest >= size[0]), (1.0, ""))
    step = abs(ticks[1] - ticks[0]) / factor if len(ticks) > 1 else 0.0
    places = max(0, 1 - math.floor(math.log10(step))) if step > 1e-9 else 9
    signs = ["+" if change and tick > 0 else "" for tick in ticks]
    texts = [sign + plain(t / factor, places) for sign, t in zip(signs, ticks, strict=True)]
    return [_dollars(text, name) for text in texts] if money else texts


def count(value: float, change: bool) -> str:
    """Format a number of persons or events.

    Args:
        value: the number.
        change: whether the number is a change, which has a sign.
    """
    return signed(value) if change else plain(rounded(value))


class RangedTexts(NamedTuple):
    """A median and the bounds of its 90 % range, as texts with equally many decimals."""

    median: str
    low: str
    high: str


def supported_places(median: float, low: float, high: float) -> int:
    """Return the number of decimals that a 90 % range supports.

    At least `STEPS_IN_RANGE` steps of the last digit fit into the range, and no number has more
    than three significant digits. If there is no range, as with one run, the median has two
    significant digits, or three from 100 up.

    Args:
        median, low, high: median of the results, and bounds of their 90 % range.

    Returns:
        The number of decimals, -1 to round to tens, -2 to round to hundreds, and so on.
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high - low <= 0.0:
        size = abs(median)
        return _digits_of(size, _DIGITS if size >= 100 else 2)
    step = (high - low) / STEPS_IN_RANGE
    places = -math.floor(math.log10(step)) if 0.0 < step < math.inf else _MOST_PLACES
    return min(places, _digits_of(max(abs(low), abs(high)), _DIGITS))


def _digits_of(size: float, digits: int) -> int:
    """Return how many decimals leave `digits` significant digits."""
    positive = 0.0 < size < math.inf
    return min(_MOST_PLACES, digits - 1 - math.floor(math.log10(size))) if positive else 0


def format_fixed(value: float, places: int, *, sign: bool = True) -> str:
    """Format a number with fixed decimals. A number that rounds to zero becomes "0".

    Args:
        value: the number.
        places: number of decimals, negative to round to tens, hundreds and so on.
        sign: whether positive numbers get a sign.

    Returns:
        The text, or `UNDEFINED` for a value that is not finite.
    """
    if not math.isfinite(value):
        return UNDEFINED
    size = round(abs(value), places)
    text = f"{size:.2e}" if size >= 1e15 else f"{size:,.{max(0, places)}f}"
    if not text.strip("0,."):
        return "0"
    return (MINUS if value < 0 else "+" if sign else "") + text


def ranged(interval: Interval, unit: str = "", *, sign: bool = True) -> RangedTexts:
    """Format a median and its 90 % range with the digits that the range supports.

    Args:
        interval: median and 90 % range, in `unit`.
        unit: unit of the interval. Amounts of money get a dollar sign and a common abbreviation.
        sign: whether positive numbers get a sign, as changes do.
    """
    numbers = (interval.median, interval.low90, interval.high90)
    places = min(_MOST_PLACES, supported_places(*numbers))
    if not is_money(unit):
        return RangedTexts(*(format_fixed(value, places, sign=sign) for value in numbers))
    largest = max((abs(v) for v in numbers if math.isfinite(v)), default=0.0)
    factor, name = next((size for size in _LARGE if largest >= size[0] * 0.9995), (1.0, ""))
    places = min(2, places + round(math.log10(factor))) if name else min(0, places)
    texts = (_dollars(format_fixed(v / factor, places, sign=sign), name) for v in numbers)
    return RangedTexts(*texts)


def _dollars(text: str, name: str) -> str:
    """Insert a dollar sign after the sign of a number, and append an abbreviation."""
    if text == UNDEFINED:
        return text
    digits = text.lstrip(MINUS + "+")
    return f"{text[: -len(digits)]}${digits}" + (NBSP + name if name and digits != "0" else "")


def ranged_percent(interval: Interval, max_places: int = 1) -> RangedTexts:
    """Format a percentage and its 90 % range. The bounds have no percent sign.

    Args:
        interval: the interval, in percent.
        max_places: maximum number of decimals.

    Returns:
        The texts, with the decimals that the range supports.
    """
    numbers = (interval.median, interval.low90, interval.high90)
    places = max(0, min(max_places, supported_places(*numbers)))
    if interval.low90 * interval.high90 > 0.0 and min(map(abs, numbers)) < 0.5:
        places = max_places  # A bound that is not zero must not be rounded to zero.
    median, low, high = (format_fixed(value, places) for value in numbers)
    return RangedTexts(median if median == UNDEFINED else f"{median}{NBSP}%", low, high)


def span(interval: Interval, unit: str = "") -> str:
    """Format a 90 % range as "low to high", with the digits that the range supports.

    Args:
        interval: interval whose 90 % range is formatted, in `unit`.
        unit: unit of the interval. Amounts of money get a dollar sign.
    """
    if not (math.isfinite(interval.low90) and math.isfinite(interval.high90)):
        return "range " + UNDEFINED
    texts = ranged(interval, unit)
    return f"{texts.low} to {texts.high}"


def percent(value: float, places: int | None = None) -> str:
    """Format a signed percentage."""
    return UNDEFINED if not math.isfinite(value) else signed(value, places) + NBSP + "%"


def dollars(value: float) -> str:
    """Format an amount of money, with abbreviations for millions and billions."""
    if not math.isfinite(value):
        return UNDEFINED
    size, sign = abs(value), MINUS if value < 0 else ""
    for unit, name in _LARGE:
        if size >= unit * 0.9995:
            digits = f"{size / unit:,.{0 if size / unit >= 100 else 1}f}".removesuffix(".0")
            return f"{sign}${digits}{NBSP}{name}"
    return f"{sign}${size:,.0f}"


def format_significant(value: float) -> str:
    """Format a number with three significant digits, or as a whole number from 100 up."""
    return plain(value, 0 if abs(value) >= 100 else 1 + decimals(value))


def is_single(interval: Interval) -> bool:
    """Return whether the 90 % interval is a point, as with one run."""
    return interval.low90 == interval.high90


def directions(unit: str) -> tuple[str, str]:
    """Return "fewer" and "more" or, for money, shares and rates, "lower" and "higher"."""
    ratio = is_money(unit) or unit.startswith("%") or unit.split(" ")[0] in _RATIOS
    return ("lower", "higher") if ratio else ("fewer", "more")


def is_money(unit: str) -> bool:
    """Return whether amounts of a unit are written with a dollar sign."""
    return unit.startswith(("$", "US$"))


def amount(value: float, unit: str) -> str:
    """Format a level, with a dollar sign if `unit` is money."""
    return dollars(rounded(value)) if is_money(unit) else plain(rounded(value))


def signed_amount(value: float, unit: str) -> str:
    """Format a difference with its sign, and with a dollar sign if `unit` is money."""
    if not is_money(unit) or not math.isfinite(value):
        return signed(value)
    text = dollars(rounded(value))
    return "+" + text if value > 0 and text != "$0" else text


def format_with_unit(value: float, unit: str) -> str:
    """Format the value of a validation target with its unit.

    Args:
        value: observed, accepted or simulated value.
        unit: unit in ``targets.csv``: $, events, %, points, "per 10,000", or a share.

    Returns:
        The text, or ``MISSING`` if the value is not finite.
    """
    if not math.isfinite(value):
        return MISSING
    if unit in ("$", "events"):
        return dollars(value) if unit == "$" else plain(value, 0)
    if unit in ("%", "points"):
        return f"{signed(value, 1)}{NBSP}{unit}"
    return f"{value:.{1 if unit == 'per 10,000' else 3}f}".replace("-", MINUS)
