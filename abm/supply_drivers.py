"""Drivers of the supply terms: construction, cohorts, arrivals before the start, income.

Yearly figures belong to the middle of their year and are interpolated; before the first and after
the last year on record they are held. Apprehensions are read only for the months before a run
starts and in the base year.

A run counts the people who arrive, while the record counts apprehensions. The record is therefore
converted: an attempt that ends in an arrival or an apprehension gives (1 - p) / p arrivals per
apprehension, where p is the published FY2005 apprehension probability, changed by the number of
agents.

The path of Mexican income is dated: it is 0 until its first day and relative to that day. The
record is the ratio of incomes per head (PPP) in `drivers/country_year.csv`. It belongs to the
middle of each year, is interpolated, and is constant after its last year.
"""

from __future__ import annotations

import calendar
import datetime
import functools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.phases.historical_inputs import FIRST_STAFF, LAST_STAFF, staffing
from abm.supply_series import BASE_YEAR
from abm.world import geography
from agents.labels import COUNTRIES
from agents.param import SettingError

if TYPE_CHECKING:
    from abm.scenario import Scenario


_COLUMNS = {"GT": "Guatemala", "HN": "Honduras", "SV": "El Salvador", "MX": "Mexico"}
_FIRST = (1999, 10)  # month of the record of apprehensions
#: Change of the log hazard of apprehension per log point of agents, the middle of the prior of
#: `contest.eta` [A].
HAZARD_OF_STAFF = 0.55
_KNOWN_PROBABILITY = 2005  # fiscal year of the published probability that is read


class RecordedDrivers:
    """The packaged record, which implements :class:`agents.supply_terms.DriverRecord`."""

    def log_construction(self, year: float) -> float:
        """Return the log of construction employment in the United States at a date."""
        return float(np.interp(year, *_construction()))

    def log_cohort(self, year: float) -> np.ndarray:
        """Return the log of the people aged 15 to 24 at a date, by country."""
        return np.array([np.interp(year, *_cohort(country)) for country in COUNTRIES])

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the stock of recent arrivals at a date, from apprehensions before it.

        Apprehensions times :func:`arrivals_per_apprehension` are a proxy for arrivals, so only
        ratios are used. The October 1999 stock is what first-year arrivals would sustain.

        Args:
            date: months before this date are read, and the base year.
            keep: share of the stock that is left after a month.

        Returns:
            By country, the stock over its base-year mean, and over the stock that last year's
            arrivals would sustain. Ones for a date in the record's first year.
        """
        months = min(max(_number(date.year, date.month), 0), len(_record()))
        if months < 12:
            return np.ones(len(COUNTRIES)), np.ones(len(COUNTRIES))
        flow, stock = _arrivals(), _stocks(keep)
        sustained = flow[months - 12 : months].mean(axis=0) / (1.0 - keep)
        return stock[months] / _base_stock(keep), stock[months] / sustained


class NoDrivers:
    """The record of a world without one: no driver moves."""

    def log_construction(self, year: float) -> float:
        """Return 0."""
        return 0.0

    def log_cohort(self, year: float) -> np.ndarray:
        """Return 0 by country."""
        return np.zeros(len(COUNTRIES))

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the arrivals before a date of a world without a record: ones.

        Args:
            date: not used.
            keep: not used.

        Returns:
            Two arrays of ones by country.
        """
        return np.ones(len(COUNTRIES)), np.ones(len(COUNTRIES))


def drivers_of(world: str) -> RecordedDrivers | NoDrivers:
    """Return the drivers of a world.

    Args:
        world: folder of the world, or empty for the packaged one.
    """
    return NoDrivers() if world else RecordedDrivers()


def log_staff(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return log Border Patrol agents over FY2005, at some times.

    Args:
        times: years with decimals.

    Returns:
        Logs, shape (times,).
    """
    return np.asarray(np.interp(times, *_staff_by_year()))


def apprehension_probability(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return the probability that an attempt ends in an apprehension, at some times.

    It is the published FY2005 value. Its log hazard changes with the number of agents.

    Args:
        times: years with decimals.

    Returns:
        Probabilities, shape (times,).
    """
    file, metric = "us/border_metrics.csv", "apprehension_probability_RTM_between_POE"
    row = geography.rows_where(file, metric=metric, fiscal_year=str(_KNOWN_PROBABILITY))[0]
    hazard = -np.log(1.0 - float(row["value"])) * np.exp(HAZARD_OF_STAFF * log_staff(times))
    return 1.0 - np.exp(-hazard)


def arrivals_per_apprehension(times: Sequence[float] | np.ndarray) -> np.ndarray:
    """Return (1 - p) / p for the apprehension probability p, at some times.

    Args:
        times: years with decimals.

    Returns:
        Ratios, shape (times,).
    """
    caught = apprehension_probability(times)
    return (1.0 - caught) / caught


@functools.cache
def _staff_by_year() -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each fiscal year and log agents over FY2005."""
    years = range(FIRST_STAFF, LAST_STAFF + 1)
    agents = np.log([float(staffing(year).sum()) for year in (_KNOWN_PROBABILITY, *years)])
    return np.array(years) + 0.25, agents[1:] - agents[0]


@functools.cache
def _construction() -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and log construction employment."""
    rows = geography.table("drivers/us_construction_employment.csv")
    years = np.array([float(row["year"]) + 0.5 for row in rows])
    return years, np.log([float(row["employees_thousands"]) for row in rows])


@functools.cache
def _cohort(country: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and log people aged 15 to 24."""
    rows = geography.rows_where("drivers/population_15_24.csv", country=country)
    years = np.array([float(row["year"]) + 0.5 for row in rows])
    return years, np.log([float(row["age_15_24"]) for row in rows])


@functools.cache
def _record() -> np.ndarray:
    """Return apprehensions by month and country, at least 1, shape (months, countries)."""
    columns = [geography.monthly_by_citizenship(_COLUMNS[c]) for c in COUNTRIES]
    return np.maximum(np.array([[v for *_, v in column] for column in columns]).T, 1.0)


@functools.cache
def _arrivals() -> np.ndarray:
    """Return the proxy for arrivals by month and country, shape (months, countries)."""
    flow = _record()
    first = _FIRST[0] + (_FIRST[1] - 0.5) / 12.0
    times = first + np.arange(len(flow)) / 12.0
    return flow * arrivals_per_apprehension(times)[:, None]


@functools.cache
def _stocks(keep: float) -> np.ndarray:
    """Return the stock at the start of each month, and after the last, by country."""
    flow = _arrivals()
    stock = [flow[:12].mean(axis=0) / (1.0 - keep)]
    for month in flow:
        stock.append(keep * stock[-1] + month)
    return np.array(stock)


@functools.cache
def _base_stock(keep: float) -> np.ndarray:
    """Return the mean stock in the base year, by country."""
    first = _number(BASE_YEAR - 1, 10)
    return _stocks(keep)[first : first + 12].mean(axis=0)


def _number(year: int, month: int) -> int:
    """Return a recorded month's number, counted from zero."""
    return 12 * (year - _FIRST[0]) + month - _FIRST[1]


_INCOME = "gdp_per_capita_ppp_constant"


@dataclass(frozen=True, slots=True)
class GrowthPath:
    """Log of Mexican over U.S. income, relative to a date.

    Attributes:
        since: first day, as a year with decimals.
        years, log_income: knots of the path, between which it is interpolated.
    """

    since: float
    years: tuple[float, ...]
    log_income: tuple[float, ...]

    def __call__(self, day: int) -> float:
        """Return the value on a day (ordinal), 0 until the first day."""
        income, start_income = np.interp(
            [max(_year(day), self.since), self.since], self.years, self.log_income
        )
        return float(income - start_income)


def income_path(scenario: Scenario) -> GrowthPath | None:
    """Return the path of a scenario, or None for a constant gap.

    Raises:
        SettingError: the path and the supply series contain the same record.
    """
    push = scenario.push
    since = max(push.growth_since, _year(scenario.start.toordinal()))
    if push.growth_path == "rate":
        end = since + push.growth_years
        return GrowthPath(
            since, (since, end), (0.0, push.growth_years * np.log1p(push.growth_rate))
        )
    if push.growth_path == "record":
        _refuse_double_count(scenario)
        home, us = (geography.country_series(country, _INCOME) for country in ("MX", "US"))
        ratio = {year: home[year] / us[year] for year in home if year in us}
        years = tuple(year + 0.5 for year in ratio)
        return GrowthPath(since, years, tuple(float(np.log(value)) for value in ratio.values()))
    return None


def _refuse_double_count(scenario: Scenario) -> None:
    """Raise SettingError if the supply series follows the recorded incomes already."""
    if scenario.supply == "fy2013_push":
        raise SettingError(
            "push.growth_path",
            'the supply series "fy2013_push" contains the recorded incomes already',
            'Choose "none", or "rate" for a growth in addition to the record, or the series '
            '"fy2013".',
        )


def _year(day: int) -> float:
    """Return a day (ordinal) as a year with decimals."""
    date = datetime.date.fromordinal(day)
    first = datetime.date(date.year, 1, 1).toordinal()
    return date.year + (day - first) / (365 + calendar.isleap(date.year))
