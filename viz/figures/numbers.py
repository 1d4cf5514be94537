"""Numbers as a reader wants them: rounded, signed, with their range, never 'nan'."""

from __future__ import annotations

import math

from viz.figures.inputs import Interval

UNDEFINED = "not defined"
NOT_AVERTED = "not defined: no entry was averted"
NBSP = "\u00a0"
MINUS = "\u2212"


def decimals(value: float) -> int:
    """How many decimals leave about two significant digits (three from 100 up)."""
    size = abs(value)
    if not math.isfinite(size) or size >= 10 or size == 0:
        return 0
    return min(4, 1 - math.floor(math.log10(size)))


def plain(value: float, places: int | None = None) -> str:
    """An unsigned number with thousands marks."""
    if not math.isfinite(value):
        return UNDEFINED
    if abs(value) >= 1e15:
        return f"{value:.2e}".replace("-", MINUS)
    places = decimals(value) if places is None else places
    shown = f"{abs(value):,.{places}f}"
    if places and "." in shown:
        shown = shown.rstrip("0").rstrip(".")
    return (MINUS if value < 0 and shown.strip("0,.") else "") + shown


def rounded(value: float) -> float:
    """Three significant digits from a thousand up: a model knows no more."""
    if not math.isfinite(value) or abs(value) < 1000:
        return value
    return round(value, 2 - math.floor(math.log10(abs(value))))


def signed(value: float, places: int | None = None) -> str:
    """A difference: + or − in front, nothing before 0, three digits of large numbers."""
    shown = plain(rounded(value), places)
    rises = math.isfinite(value) and value > 0 and shown.strip("0,.")
    return "+" + shown if rises else shown


def span(interval: Interval, unit: str = "") -> str:
    """The 90 % range in words, in the same decimals as its larger end, or in dollars."""
    low, high = interval.low90, interval.high90
    if not (math.isfinite(low) and math.isfinite(high)):
        return "range " + UNDEFINED
    if is_money(unit):
        return f"{signed_amount(low, unit)} to {signed_amount(high, unit)}"
    places = decimals(max(abs(low), abs(high)))
    return f"{signed(low, places)} to {signed(high, places)}"


def percent(value: float) -> str:
    """A signed percentage."""
    return UNDEFINED if not math.isfinite(value) else signed(value) + NBSP + "%"


def dollars(value: float) -> str:
    """An amount of money, in words for millions and billions."""
    if not math.isfinite(value):
        return UNDEFINED
    size, sign = abs(value), MINUS if value < 0 else ""
    for unit, name in ((1e9, "bn"), (1e6, "M")):
        if size >= unit * 0.9995:
            digits = f"{size / unit:,.{0 if size / unit >= 100 else 1}f}".removesuffix(".0")
            return f"{sign}${digits}{NBSP}{name}"
    return f"{sign}${size:,.0f}"


def exact(value: float) -> str:
    """A published figure: whole from a hundred up, else three significant digits."""
    return plain(value, 0 if abs(value) >= 100 else 1 + decimals(value))


def is_clear(interval: Interval) -> bool:
    """True where the 90 % range lies on one side of zero."""
    return interval.low90 > 0 or interval.high90 < 0


def is_single(interval: Interval) -> bool:
    """True where the range is a point: one run, nothing to say about chance."""
    return interval.low90 == interval.high90


def is_ratio(unit: str) -> bool:
    """True for money, shares and rates: these get lower or higher, not fewer or more."""
    return unit.startswith(("$", "%", "US$")) or unit.split(" ")[0] in (
        "share",
        "probability",
        "dollars",
        "days",
        "hours",
        "minutes",
        "tonnes",
        "index",
        "rate",
    )


def directions(unit: str) -> tuple[str, str]:
    """Words for less and for more."""
    return ("lower", "higher") if is_ratio(unit) else ("fewer", "more")


def is_money(unit: str) -> bool:
    """True where amounts carry a dollar sign of their own."""
    return unit.startswith(("$", "US$"))


def amount(value: float, unit: str) -> str:
    """A level, with its dollar sign where the unit is money."""
    return dollars(rounded(value)) if is_money(unit) else plain(rounded(value))


def signed_amount(value: float, unit: str) -> str:
    """A difference, with its dollar sign where the unit is money."""
    if not is_money(unit) or not math.isfinite(value):
        return signed(value)
    shown = dollars(rounded(value))
    return "+" + shown if value > 0 and shown != "$0" else shown
