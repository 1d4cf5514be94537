"""Named supply series: candidates by month, as a multiple of the level of FY2013.

A series follows apprehensions along the southwest border up to its last known month. After that
it holds a level, with the mean season of a window of years (setting `supply_season`). Later months
are not used, so later flows at the line can be predicted.

Series are measured at the line: a migrant counted there decided to go `lead` days before.
Apprehensions may respond to supply more than in proportion (people released when beds run out
draw others); the exponent `curve` removes this from the record. Both are by group.
"""

from __future__ import annotations

import calendar
import datetime
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import N_KINDS, Group
from agents.param import SettingError, meant, plain

BASE_YEAR = 2013
OTHER = len(COUNTRIES)  # index of a country without a record: the mean of the Northern Triangle
_FIRST = (1999, 10)
#: Months whose mean season is used by default, and the last month that a window may contain.
SEASON, LAST_SEASON = "2009-10..2013-09", "2020-02"
_WINDOW = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\.\.([0-9]{4})-(0[1-9]|1[0-2])")
_GROUPS = {Group.MEXICAN: "Mexico", Group.NORTHERN_TRIANGLE: "NTCA"}
_COLUMNS = ("Guatemala", "Honduras", "El Salvador", "Mexico", "NTCA")  # by country, then OTHER
_NORTH = 3  # countries of the Northern Triangle come first in COUNTRIES
_GROUP = np.array([Group.MEXICAN if c == "Mexico" else Group.NORTHERN_TRIANGLE for c in _COLUMNS])

Factor = Callable[[datetime.date], np.ndarray]
Pair = Sequence[float]  # by group


@dataclass(frozen=True, slots=True)
class Series:
    """A supply series.

    Attributes:
        doc: one sentence for the reference.
        known: last month (year, month) that follows the record; None follows no record.
        months: number of months up to `known` whose mean is held afterwards; 0 holds the level
            of FY2013.
    """

    doc: str
    known: tuple[int, int] | None = None
    months: int = 0


SERIES: dict[str, Series] = {
    "fy2013": Series("Level and season of FY2013 in every year."),
    "fy2013_push": Series(
        "The same, moved by each country's homicide rate and income gap of the year."
    ),
    "flat": Series("Level of FY2013 without season."),
    "to_september_2004_mean_12": Series(
        "The record to September 2004, then the mean of the 12 months to September 2004.",
        (2004, 9),
        12,
    ),
    "to_june_2014_level_2013": Series(
        "The record to June 2014, then the level of FY2013.", (2014, 6), 0
    ),
    "to_june_2014_mean_24": Series(
        "The record to June 2014, then the mean of the 24 months to June 2014.", (2014, 6), 24
    ),
    "to_june_2014_mean_12": Series(
        "The record to June 2014, then the mean of the 12 months to June 2014, the surge in it.",
        (2014, 6),
        12,
    ),
    "to_may_2019_mean_12": Series(
        "The record to May 2019, then the mean of the 12 months to May 2019.", (2019, 5), 12
    ),
}


def series_factor(
    name: str, lead: Pair = (0.0, 0.0), curve: Pair = (1.0, 1.0), window: str = SEASON
) -> Factor:
    """Return the function from a date to multiples of the base rate.

    Args:
        name: name of the series, a key of :data:`SERIES`.
        lead: days from a decision to the line, by group.
        curve: exponent of the record, by group; below 1 where apprehensions respond more than in
            proportion to supply.
        window: months whose mean season is used, such as 2009-10..2013-09.

    Returns:
        A function of a date; the result has the shape (countries + 1, kinds), and its last row is
        that of OTHER. In a named series, all kinds have the same multiple.

    Raises:
        SettingError: if `name` is not a known series.
    """
    if name not in SERIES:
        raise SettingError(
            "supply",
            f"unknown supply series {name!r}",
            f"{meant(name, SERIES)}Choose a .csv file or one of: {', '.join(SERIES)}.",
        )
    if name == "flat":
        ones = np.ones((OTHER + 1, N_KINDS))
        return lambda date: ones
    at_line = _at_line(SERIES[name], tuple(curve), window)
    leads = [datetime.timedelta(days=round(days)) for days in lead]

    def factor(date: datetime.date) -> np.ndarray:
        mexican, northern = (at_line(date + days) for days in leads)
        by_country = np.where(_GROUP == Group.MEXICAN, mexican, northern)
        return np.repeat(by_country[:, None], N_KINDS, axis=1)

    return factor


def _at_line(series: Series, curve: tuple[float, ...], window: str) -> Factor:
    """Return the multiple of a series by country and date of arrival at the line."""
    by_month = _seasons(window)
    if series.known is None:
        return lambda date: by_month[date.month - 1]
    known, held = _record(series.known, curve), _held(series.known, series.months, curve)

    def factor(date: datetime.date) -> np.ndarray:
        month = known.get((date.year, date.month))
        return held * by_month[date.month - 1] if month is None else month

    return factor


def season(name: str, window: str = SEASON) -> np.ndarray:
    """Return the season of a named series at the line.

    Args:
        name: name of the series.
        window: months whose mean season is used.

    Returns:
        Multiples with mean 1, shape (2 groups, 12 months).

    Raises:
        SettingError: the name is not known.
    """
    series_factor(name)
    if name == "flat":
        return np.ones((2, 12))
    return np.stack([seasonal(group, window) for group in Group])


def read_window(path: str, value: object) -> str:
    """Check the months whose mean season is used.

    Args:
        path: dotted name in error messages.
        value: first and last month, such as 2009-10..2013-09.

    Returns:
        The text.

    Raises:
        SettingError: it is not a window of whole years within the packaged record.
    """
    first, last = _iso_month(_FIRST), LAST_SEASON
    hint = f"Give whole years from {first} to {last}, for example {SEASON}."
    if not isinstance(value, str) or not (found := _WINDOW.fullmatch(value)):
        raise SettingError(path, f"{plain(value)} is not a window of months", hint)
    begin, end = value.split("..")
    if begin < first or end > last:
        raise SettingError(path, f"{value} is outside the record", hint)
    year, month, last_year, last_month = map(int, found.groups())
    months = 12 * (last_year - year) + last_month - month + 1
    if months < 12 or months % 12:
        raise SettingError(path, f"{value} has {months} months, not whole years", hint)
    return value


@functools.cache
def seasonal(group: Group, window: str = SEASON) -> np.ndarray:
    """Return the relative rate by calendar month at the line.

    Args:
        group: the group.
        window: months whose mean season is used.

    Returns:
        Multiples with mean 1, shape (12 months,).
    """
    total = np.zeros(12)
    for _, month, value in geography.monthly_by_citizenship(_GROUPS[group], *window.split("..")):
        total[month - 1] += value
    days = np.array([calendar.monthrange(BASE_YEAR, m)[1] for m in range(1, 13)])
    rate = total / days
    return rate * days.sum() / (rate * days).sum()


def _seasons(window: str) -> np.ndarray:
    """Return the season by calendar month and country, shape (12, countries + 1)."""
    north, mexico = (seasonal(group, window) for group in (Group.NORTHERN_TRIANGLE, Group.MEXICAN))
    return np.stack([*[north] * _NORTH, mexico, north], axis=1)


def _iso_month(month: tuple[int, int]) -> str:
    """Return a month as text, such as 2009-10."""
    return f"{month[0]:04d}-{month[1]:02d}"


def _daily(
    first: tuple[int, int], last: tuple[int, int]
) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """Return the months, apprehensions a day by month and country, and days of each month."""
    spans = [
        geography.monthly_by_citizenship(column, _iso_month(first), _iso_month(last))
        for column in _COLUMNS
    ]
    months = [(year, month) for year, month, _ in spans[0]]
    days = np.array([calendar.monthrange(*month)[1] for month in months], dtype=float)
    rate = np.stack([[v for *_, v in span] for span in spans], axis=1) / days[:, None]
    return months, rate, days


def _mean(rate: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the mean of monthly rates weighted by days, by country."""
    return (rate * days[:, None]).sum(axis=0) / days.sum()


@functools.cache
def _base(curve: tuple[float, ...]) -> np.ndarray:
    """Return the mean over FY2013 of daily apprehensions to the power `curve`, by country."""
    _, rate, days = _daily((BASE_YEAR - 1, 10), (BASE_YEAR, 9))
    return _mean(rate ** np.array(curve)[_GROUP], days)


def _supply(
    last: tuple[int, int], curve: tuple[float, ...]
) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """Return the months up to `last`, supply over that of FY2013 by country, and days."""
    months, rate, days = _daily(_FIRST, last)
    return months, rate ** np.array(curve)[_GROUP] / _base(curve), days


@functools.cache
def _record(last: tuple[int, int], curve: tuple[float, ...]) -> dict[tuple[int, int], np.ndarray]:
    """Return the supply by recorded month over that of FY2013, by country."""
    months, over, _ = _supply(last, curve)
    return dict(zip(months, over, strict=True))


@functools.cache
def _held(last: tuple[int, int], months: int, curve: tuple[float, ...]) -> np.ndarray:
    """Return the level after the last known month over that of FY2013, by country."""
    if months == 0:
        return np.ones(OTHER + 1)
    _, over, days = _supply(last, curve)
    return _mean(over[-months:], days[-months:])
