"""Named supply series: candidates by month, as a multiple of the FY2013 level.

A series follows recorded apprehensions along the southwest border up to its last known month. After
that, its level is constant and its season is the mean season in a window of years (setting
`supply_season`). It uses no later months, so that a run can predict later flows at the line.

Besides the fixed names, there are series for every recorded month, such as `to_2010-09_mean_12` and
`to_2010-09_level_2013`. Their window ends at or before the last known month. A window that ends
later moves back by whole years. The unit of every series is the FY2013 level.

Dates in a series are dates at the line. A migrant who is counted there decided to leave `lead` days
earlier. Apprehensions may respond more than in proportion to supply, because people who are
released when beds are full attract further people. The exponent `curve` removes this response from
the record. `lead` and `curve` differ by group.
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
OTHER = len(COUNTRIES)  # index for other countries, which follow the Northern Triangle
_FIRST = (1999, 10)  # first recorded month
#: Default months for the mean season, and the last month that a window may include.
SEASON, LAST_SEASON = "2009-10..2013-09", "2020-02"
_WINDOW = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])\.\.([0-9]{4})-(0[1-9]|1[0-2])")
_TO_MONTH = re.compile(r"to_([0-9]{4})-([0-9]{2})_(?:mean_([0-9]{1,4})|level_2013)")
_FIRST_FULL_YEAR = (2000, 9)  # last month of the first full recorded year
_LEVEL_MONTHS = 12  # last known months, for the mean of other nationalities
_MAX_MEAN_MONTHS = 60  # maximum number of months in a mean
_GROUPS = {Group.MEXICAN: "Mexico", Group.NORTHERN_TRIANGLE: "NTCA"}
#: Columns of the record for COUNTRIES and, last, for OTHER.
_COLUMNS = ("Guatemala", "Honduras", "El Salvador", "Mexico", "NTCA")
_NORTH = 3  # Northern Triangle countries, first in COUNTRIES
_GROUP = np.array([Group.MEXICAN if c == "Mexico" else Group.NORTHERN_TRIANGLE for c in _COLUMNS])

Factor = Callable[[datetime.date], np.ndarray]


@dataclass(frozen=True, slots=True)
class Series:
    """Definition of a named supply series.

    Attributes:
        doc: one sentence for the reference.
        last_month: last month (year, month) that follows the record, None if the series has no
            record.
        months: number of months up to `last_month` whose mean is the later level. 0 stands for the
            FY2013 level.
        past_season: whether the window of the season must end at or before `last_month`.
    """

    doc: str
    last_month: tuple[int, int] | None = None
    months: int = 0
    past_season: bool = False


def _recorded(month: str, last_month: tuple[int, int], months: int = 0) -> Series:
    """Return a series that follows the record to a month and then has a constant level.

    Args:
        month: `last_month` in words.
        last_month: year and month.
        months: number of months whose mean is the level, 0 for the FY2013 level.
    """
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
    name: str, lead: Sequence[float] = (0.0, 0.0), curve: float = 1.0, window: str = SEASON
) -> Factor:
    """Return a function from the date of a decision to multiples of the base rate.

    Args:
        name: name of the series, as in :func:`find_series`.
        lead: days from a decision to the line, by group.
        curve: exponent on the record, below 1 if apprehensions respond more than in proportion to
            supply.
        window: months whose mean season is used, such as 2009-10..2013-09.

    Returns:
        A function of a date with a result of shape (countries + 1, kinds), OTHER in the last row.
        All kinds in a country have the same multiple.

    Raises:
        SettingError: `name` is not a known series, or `window` cannot be moved to end at its last
            known month.
    """
    series = find_series(name)
    if name == "flat":
        constant = np.ones((OTHER + 1, N_KINDS))
        return lambda date: constant
    at_line = _at_line(series, curve, season_window(series, window))
    leads = [datetime.timedelta(days=round(days)) for days in lead]

    @functools.lru_cache(maxsize=64)  # All days in a month share an array.
    def in_months(*firsts: datetime.date) -> np.ndarray:
        by_country = np.where(_GROUP == Group.MEXICAN, *map(at_line, firsts))
        multiples = np.repeat(by_country[:, None], N_KINDS, axis=1)
        multiples.flags.writeable = False
        return multiples

    def factor(date: datetime.date) -> np.ndarray:
        return in_months(*((date + days).replace(day=1) for days in leads))

    return factor


def other_nationalities(name: str) -> Callable[[datetime.date], float]:
    """Return a function from a date to apprehensions of nationalities that are not simulated.

    They follow the record (column Other) up to the last known month of the supply series. Then they
    equal the mean over the last twelve known months, or over fewer months if the record is shorter.

    Args:
        name: name of the series.

    Returns:
        A function of a date. Its result is the difference from FY2013 in persons a day, 0 for a
        series that follows no record.
    """
    last_month = find_series(name).last_month
    if last_month is None:
        return lambda date: 0.0
    (by_month, level), base = _other(last_month), _other_base()
    return lambda date: by_month.get((date.year, date.month), level) - base


@functools.cache
def _other(last: tuple[int, int]) -> tuple[dict[tuple[int, int], float], float]:
    """Return persons a day of other nationalities, by month up to `last`.

    Returns:
        Persons a day by (year, month), and the mean over the last twelve months.
    """
    spans = geography.monthly_by_citizenship("Other", _iso_month(_FIRST), _iso_month(last))
    days = [calendar.monthrange(year, month)[1] for year, month, _ in spans]
    by_month = {(y, m): v / d for (y, m, v), d in zip(spans, days, strict=True)}
    level = sum(v for *_, v in spans[-_LEVEL_MONTHS:]) / sum(days[-_LEVEL_MONTHS:])
    return by_month, level


@functools.cache
def _other_base() -> float:
    """Return persons a day of other nationalities, mean over FY2013."""
    first, last = (BASE_YEAR - 1, 10), (BASE_YEAR, 9)
    spans = geography.monthly_by_citizenship("Other", _iso_month(first), _iso_month(last))
    return sum(value for *_, value in spans) / 365.0


def find_series(name: str) -> Series:
    """Return a series by name.

    Args:
        name: a key in :data:`SERIES`, or `to_YYYY-MM_mean_N` or `to_YYYY-MM_level_2013`. YYYY-MM is
            the last known month, and N is the number of months whose mean is the level.

    Returns:
        The definition of the series.

    Raises:
        SettingError: no such series exists.
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
    """Return the series that follows the record to a month. Raise SettingError if none exists."""
    first, text = _iso_month(_FIRST_FULL_YEAR), _iso_month(last_month)
    if not (1 <= last_month[1] <= 12 and first <= text <= LAST_SEASON):
        reason = f"no supply can follow the record to {text}"
        raise SettingError("supply", reason, f"Give a month from {first} to {LAST_SEASON}.")
    longest = min(_MAX_MEAN_MONTHS, _count(_FIRST, last_month))
    if not level and not 1 <= months <= longest:
        reason = f"the mean of {months} months to {text} cannot be held"
        raise SettingError("supply", reason, f"Give 1 to {longest} months.")
    return dataclasses.replace(_recorded(text, last_month, months), past_season=True)


def season_window(series: Series, window: str) -> str:
    """Return the months from which a series takes its season.

    Args:
        series: definition of the series, which gives the last known month.
        window: setting `supply_season`.

    Returns:
        `window`, unless the season must be in the past and the window ends after the last known
        month. The window then moves back by whole years and loses years before the record.

    Raises:
        SettingError: the moved window contains no whole recorded year.
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
def _at_line(series: Series, curve: float, window: str) -> Factor:
    """Return a function from an arrival date at the line to multiples of FY2013 by country."""
    north, mexico = (seasonal(group, window) for group in (Group.NORTHERN_TRIANGLE, Group.MEXICAN))
    by_month = np.stack([*[north] * _NORTH, mexico, north], axis=1)
    if series.last_month is None:
        return lambda date: by_month[date.month - 1]
    months, rate, days = _daily(_FIRST, series.last_month)
    over = power(rate, curve) / _base(curve)
    recorded = dict(zip(months, over, strict=True))
    last = slice(-series.months, None)
    level = _mean(over[last], days[last]) if series.months else np.ones(OTHER + 1)

    def factor(date: datetime.date) -> np.ndarray:
        month = recorded.get((date.year, date.month))
        return level * by_month[date.month - 1] if month is None else month

    return factor


def read_window(path: str, value: object) -> str:
    """Check the window of months for the mean season.

    Args:
        path: dotted name of the setting, for error messages.
        value: first and last month, such as 2009-10..2013-09.

    Returns:
        `value`.

    Raises:
        SettingError: `value` is not a window of whole years within the packaged record.
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
    """Return the season: the rate at the line by calendar month, relative to its mean.

    Args:
        group: group of the migrants.
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
    """Return a (year, month) pair as text, such as 2009-10."""
    return f"{month[0]:04d}-{month[1]:02d}"


def _month(text: str) -> tuple[int, int]:
    """Return the year and month of a text such as 2009-10."""
    return int(text[:4]), int(text[5:])


def _count(first: tuple[int, int], last: tuple[int, int]) -> int:
    """Return how many months there are from `first` to `last`, both included."""
    return 12 * (last[0] - first[0]) + last[1] - first[1] + 1


def _daily(
    first: tuple[int, int], last: tuple[int, int]
) -> tuple[list[tuple[int, int]], np.ndarray, np.ndarray]:
    """Return recorded months from `first` to `last`, with apprehensions a day.

    Returns:
        The months, the apprehensions a day, shape (months, countries + 1), and the number of days
        in each month.
    """
    spans = [
        geography.monthly_by_citizenship(column, _iso_month(first), _iso_month(last))
        for column in _COLUMNS
    ]
    months = [(year, month) for year, month, _ in spans[0]]
    days = np.array([calendar.monthrange(*month)[1] for month in months], dtype=float)
    rate = np.stack([[v for *_, v in span] for span in spans], axis=1) / days[:, None]
    return months, rate, days


def _mean(rate: np.ndarray, days: np.ndarray) -> np.ndarray:
    """Return the mean over months by country, weighted by the days in each month."""
    return (rate * days[:, None]).sum(axis=0) / days.sum()


@functools.cache
def _base(curve: float) -> np.ndarray:
    """Return the FY2013 mean of daily apprehensions raised to the power `curve`, by country."""
    _, rate, days = _daily((BASE_YEAR - 1, 10), (BASE_YEAR, 9))
    return _mean(power(rate, curve), days)
