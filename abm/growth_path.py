"""Path of Mexican income relative to U.S. income: none, the record, or a yearly rate.

A path is dated: it is 0 until its first day and relative to that day. The record is the ratio of
incomes per head (PPP) in `drivers/country_year.csv`. It belongs to the middle of each year, is
interpolated, and is constant after its last year.
"""

from __future__ import annotations

import calendar
import datetime
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.world import geography
from agents.param import SettingError

if TYPE_CHECKING:
    from abm.scenario import Scenario

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
