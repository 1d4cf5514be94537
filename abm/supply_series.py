"""Named supply series: candidates by month, as a multiple of the FY2013 level.

A series follows apprehensions along the southwest border up to its last known month. After that it
holds a level, with the mean season in a window of years (setting `supply_season`). Later months are
not used, so later flows at the line can be predicted.

Besides the fixed names there is a series for every recorded month: `to_2010-09_mean_12` and
`to_2010-09_level_2013`. Their season ends at or before the last known month: a window that ends
later is moved back by whole years. The FY2013 level is the unit of every series.

Series are measured at the line: a migrant counted there decided to go `lead` days before.
Apprehensions may respond to supply more than in proportion (people released when beds run out draw
others). The exponent `curve` removes this from the record. Both are by group.
"""

from __future__ import annotations

import calendar
import dataclasses
import datetime
import functools
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from abm.world import geography
from agents.arithmetic import power
from agents.labels import COUNTRIES
from agents.outcomes import N_KINDS, Group
from agents.param import SettingError, did_you_mean, plain

BASE_YEAR = 2013
OTHER = len(COUNTRIES)  # index of a country without a record: the mean of the Northern Triangle
_FIRST = (1999, 10)
#: Months whose mean season is used by default, and the last month that a window may contain.
SEASON, LAST_SEASON = "2009-10..2013-09", "2020-02"
_WINDOW = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\.\.([0-9]{4})-(0[1-9]|1[0-2])")
_TO_MONTH = re.compile(r"to_([0-9]{4})-([0-9]{2})_(?:mean_([0-9]{1,4})|level_2013)")
_FIRST_FULL_YEAR = (2000, 9)  # month in which the first whole year of the record ends
_LEVEL_MONTHS = 12  # last known months whose load of other nationalities is held
_MOST_MONTHS = 60  # largest number of months in a mean
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
        last_month: last month (year, month) that follows the record, None without a record.
        months: months up to `last_month` whose mean is held afterwards, 0 to hold the FY2013 level.
        past_season: whether the window of the season ends at or before `last_month`.
    """

    doc: str
    last_month: tuple[int, int] | None = None
    months: int = 0
    past_season: bool = False


def _recorded(month: str, last_month: tuple[int, int], months: int = 0) -> Series:
    """Return the series that follows the record to a month and then holds a level."""
    mean = f"the mean of the {months} months to {month}"
    level = mean if months else "the level of FY2013"
    return Series(f"The record to {month}, then {level}.", last_month, months)


SERIES: dict[str, Series] = {
    "fy2013": Series("Level and season of FY2013 in every year."),
    "fy2013_push": Series(
        "The same, moved by each country's homicide rate and income gap of the year."
    ),
    "flat": Series("Level of FY2013 without season."),
    "to_september_2004_mean_12": _recorded("September 2004", (2004, 9), 12),
    "to_june_2014_level_2013": _recorded("June 2014", (2014, 6)),
    "to_june_2014_mean_24": _recorded("June 2014", (2014, 6), 24),
    "to_june_2014_mean_12": _recorded("June 2014", (2014, 6), 12),
    "to_may_2019_mean_12": _recorded("May 2019", (2019, 5), 12),
}


def series_factor(
    name: str, lead: Pair = (0.0, 0.0), curve: Pair = (1.0, 1.0), window: str = SEASON
) -> Factor:
    """Return the function from a date to multiples of the base rate.

    Args:
        name: name of the series, as :func:`find_series` takes it.
        lead: days from a decision to the line, by group.
        curve: exponent on the record, by group, below 1 where apprehensions respond more than in
            proportion to supply.
        window: months whose mean season is used, such as 2009-10..2013-09.

    Returns:
        A function of a date. Its result has the shape (countries + 1, kinds), with OTHER in the
        last row. In a named series, all kinds have the same multiple.

    Raises:
        SettingError: if `name` is not a known series, or `window` cannot end before its last known
            month.
    """
    series = find_series(name)
    if name == "flat":
        constant = np.ones((OTHER + 1, N_KINDS))
        return lambda date: constant
    at_line = _at_line(series, tuple(curve), season_window(series, window))
    leads = [datetime.timedelta(days=round(days)) for days in lead]

    @functools.lru_cache(maxsize=64)  # the series are monthly
    def in_months(*firsts: datetime.date) -> np.ndarray:
        by_country = np.where(_GROUP == Group.MEXICAN, *map(at_line, firsts))
        multiples = np.repeat(by_country[:, None], N_KINDS, axis=1)
        multiples.flags.writeable = False
        return multiples

    def factor(date: datetime.date) -> np.ndarray:
        return in_months(*((date + days).replace(day=1) for days in leads))

    return factor


def other_nationalities(name: str) -> Callable[[datetime.date], float]:
    """Return the function from a date to apprehensions of nationalities that are not simulated.

    They follow the record (column Other) up to the last known month in the supply series and are
    then the mean over the last twelve known months, or fewer if the record is shorter.

    Args:
        name: name of the series.

    Returns:
        A function of a date: persons a day, less the FY2013 figure, 0 for a series that follows no
        record.
    """
    last_month = find_series(name).last_month
    if last_month is None:
        return lambda date: 0.0
    (by_month, level), base = _other(last_month), _other_base()
    return lambda date: by_month.get((date.year, date.month), level) - base


@functools.cache
def _other(last: tuple[int, int]) -> tuple[dict[tuple[int, int], float], float]:
    """Return persons a day of other nationalities by month up to `last`, and their last mean."""
    spans = geography.monthly_by_citizenship("Other", _iso_month(_FIRST), _iso_month(last))
    days = [calendar.monthrange(year, month)[1] for year, month, _ in spans]
    by_month = {(y, m): v / d for (y, m, v), d in zip(spans, days, strict=True)}
    level = sum(v for *_, v in spans[-_LEVEL_MONTHS:]) / sum(days[-_LEVEL_MONTHS:])
    return by_month, level


@functools.cache
def _other_base() -> float:
    """Return the mean persons a day of other nationalities in FY2013."""
    first, last = (BASE_YEAR - 1, 10), (BASE_YEAR, 9)
    spans = geography.monthly_by_citizenship("Other", _iso_month(first), _iso_month(last))
    return sum(value for *_, value in spans) / 365.0


def find_series(name: str) -> Series:
    """Return the series of a name.

    Args:
        name: a key in :data:`SERIES`, or `to_YYYY-MM_mean_N` or `to_YYYY-MM_level_2013` with the
            last known month and, for `mean`, the number of months whose mean is held.

    Returns:
        The series.

    Raises:
        SettingError: there is no such series.
    """
    if name in SERIES:
        return SERIES[name]
    match = _TO_MONTH.fullmatch(name)
    if not match:
        raise SettingError(
            "supply",
            f"unknown supply series {name!r}",
            f"{did_you_mean(name, SERIES)}Choose a .csv file or one of: {', '.join(SERIES)}; for "
            "any other month to_YYYY-MM_mean_N or to_YYYY-MM_level_2013.",
        )
    year, month, mean = int(match[1]), int(match[2]), match[3]
    return _series_to((year, month), 0 if mean is None else int(mean), level=mean is None)


def _series_to(last_month: tuple[int, int], months: int, *, level: bool) -> Series:
    """Return the series that follows the record to a month, or raise SettingError if it cannot."""
    first, text = _iso_month(_FIRST_FULL_YEAR), _iso_month(last_month)
    if not (1 <= last_month[1] <= 12 and first <= text <= LAST_SEASON):
        reason = f"no supply can follow the record to {text}"
        raise SettingError("supply", reason, f"Give a month from {first} to {LAST_SEASON}.")
    longest = min(_MOST_MONTHS, _count(_FIRST, last_month))
    if not level and not 1 <= months <= longest:
        reason = f"the mean of {months} months to {text} cannot be held"
        raise SettingError("supply", reason, f"Give 1 to {longest} months.")
    return dataclasses.replace(_recorded(text, last_month, months), past_season=True)


def season_window(series: Series, window: str) -> str:
    """Return the months whose mean season a series has.

    Args:
        series: the series.
        window: value of the setting `supply_season`.

    Returns:
        `window`, moved back by whole years if it ends after the last known month in a series whose
        season must be in the past, and without years before the record.

    Raises:
        SettingError: no whole year of the moved window is on record.
    """
    if not series.past_season or series.last_month is None:
        return window
    first, last = (_month(text) for text in window.split(".."))
    years = max(0, -(-(_count(series.last_month, last) - 1) // 12))
    first, last = (first[0] - years, first[1]), (last[0] - years, last[1])
    while first < _FIRST:
        first = first[0] + 1, first[1]
    if first > last:
        last_text = _iso_month(series.last_month)
        reason = f"no whole year of {window}, moved back to end by {last_text}, is on record"
        raise SettingError("supply_season", reason, "Give a window that begins in October.")
    return f"{_iso_month(first)}..{_iso_month(last)}"


@functools.cache
def _at_line(series: Series, curve: tuple[float, ...], window: str) -> Factor:
    """Return a series' multiple of FY2013 by country and arrival date at the line."""
    north, mexico = (seasonal(group, window) for group in (Group.NORTHERN_TRIANGLE, Group.MEXICAN))
    by_month = np.stack([*[north] * _NORTH, mexico, north], axis=1)
    if series.last_month is None:
        return lambda date: by_month[date.month - 1]
    months, rate, days = _daily(_FIRST, series.last_month)
    over = power(rate, np.array(curve)[_GROUP]) / _base(curve)
    recorded = dict(zip(months, over, strict=True))
    last = slice(-series.months, None)
    level = _mean(over[last], days[last]) if series.months else np.ones(OTHER + 1)

    def factor(date: datetime.date) -> np.ndarray:
        month = recorded.get((date.year, date.month))
        return level * by_month[date.month - 1] if month is None else month

    return factor


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
    if not isinstance(value, str) or not _WINDOW.fullmatch(value):
        raise SettingError(path, f"{plain(value)} is not a window of months", hint)
    begin, end = value.split("..")
    if begin < first or end > last:
        raise SettingError(path, f"{value} is outside the record", hint)
    months = _count(_month(begin), _month(end))
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


def _iso_month(month: tuple[int, int]) -> str:
    """Return a month as text, such as 2009-10."""
    return f"{month[0]:04d}-{month[1]:02d}"


def _month(text: str) -> tuple[int, int]:
    """Return a month such as 2009-10 as year and month."""
    return int(text[:4]), int(text[5:])


def _count(first: tuple[int, int], last: tuple[int, int]) -> int:
    """Return the number of months from `first` to `last`, both included."""
    return 12 * (last[0] - first[0]) + last[1] - first[1] + 1


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
    return _mean(power(rate, np.array(curve)[_GROUP]), days)
