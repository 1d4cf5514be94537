"""Recorded drivers of the terms of supply: construction, cohorts, arrivals before the start.

Yearly figures belong to the middle of their year and are interpolated; before the first and after
the last year on record they are held. Of apprehensions, only the months before a run starts and
those of the base year are read.
"""

from __future__ import annotations

import datetime
import functools

import numpy as np

from abm.supply_series import BASE_YEAR
from abm.world import geography
from agents.labels import COUNTRIES

_COLUMNS = {"GT": "Guatemala", "HN": "Honduras", "SV": "El Salvador", "MX": "Mexico"}
_FIRST = (1999, 10)  # month of the record of apprehensions


class RecordedDrivers:
    """The packaged record; implements :class:`agents.supply_terms.DriverRecord`."""

    def log_construction(self, year: float) -> float:
        """Return the log of construction employment in the United States at a date."""
        return float(np.interp(year, *_construction()))

    def log_cohort(self, year: float) -> np.ndarray:
        """Return the log of the people aged 15 to 24 at a date, by country."""
        return np.array([np.interp(year, *_cohort(country)) for country in COUNTRIES])

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the stock of recent arrivals at a date, from apprehensions before it.

        Apprehensions are a proxy for arrivals, so only ratios are used. The stock of October 1999
        is the one that the arrivals of the first year would sustain.

        Args:
            date: months before this date are read, and the base year.
            keep: share of the stock that is left after a month.

        Returns:
            The stock over its mean of the base year, and over the stock that the arrivals of the
            last year would sustain; by country. Ones for a date in the first year of the record.
        """
        months = _months_before(date)
        if months < 12:
            return np.ones(len(COUNTRIES)), np.ones(len(COUNTRIES))
        flow, stock = _record(), _stocks(keep)
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
        world: folder of the world; empty for the packaged one.
    """
    return NoDrivers() if world else RecordedDrivers()


@functools.cache
def _construction() -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and the log of construction employment."""
    rows = geography.table("drivers/us_construction_employment.csv")
    years = np.array([float(row["year"]) + 0.5 for row in rows])
    return years, np.log([float(row["employees_thousands"]) for row in rows])


@functools.cache
def _cohort(country: str) -> tuple[np.ndarray, np.ndarray]:
    """Return the middle of each year and the log of the people aged 15 to 24."""
    rows = geography.rows_where("drivers/population_15_24.csv", country=country)
    years = np.array([float(row["year"]) + 0.5 for row in rows])
    return years, np.log([float(row["age_15_24"]) for row in rows])


@functools.cache
def _record() -> np.ndarray:
    """Return apprehensions by month and country, at least 1, shape (months, countries)."""
    columns = [geography.monthly_by_citizenship(_COLUMNS[c]) for c in COUNTRIES]
    return np.maximum(np.array([[v for *_, v in column] for column in columns]).T, 1.0)


@functools.cache
def _stocks(keep: float) -> np.ndarray:
    """Return the stock at the start of each month, and after the last, by country."""
    flow = _record()
    stock = [flow[:12].mean(axis=0) / (1.0 - keep)]
    for month in flow:
        stock.append(keep * stock[-1] + month)
    return np.array(stock)


@functools.cache
def _base_stock(keep: float) -> np.ndarray:
    """Return the mean stock of the base year, by country."""
    first = _number(BASE_YEAR - 1, 10)
    return _stocks(keep)[first : first + 12].mean(axis=0)


def _months_before(date: datetime.date) -> int:
    """Return the number of recorded months before a date."""
    return min(max(_number(date.year, date.month), 0), len(_record()))


def _number(year: int, month: int) -> int:
    """Return the number of a month of the record, counted from zero."""
    return 12 * (year - _FIRST[0]) + month - _FIRST[1]
