"""Plan the runs whose yearly figures are scored: one over FY2009-19, and one for each year.

Roles: ``path`` is the scenario ``history``. Its supply terms are estimated from months up to
September 2013, and the random level of a member begins in October 2013. ``path:2013`` is the same
scenario with a start in October 2013, the first month that the estimate does not read. Its
recent-arrival stock comes from the record, while ``path`` carries its simulated arrivals of
FY2009-13 into later years. ``path:expected`` is a member's path without its random level, because
the spread of the random level over eleven years is so large that the median of a few members is not
a point forecast. ``year:2009`` to ``year:2019`` start two years before their fiscal year ends.
Their supply follows the record up to the September before that year and then continues the mean of
twelve months with the season of earlier years. The supply terms are estimated from the months up to
that September and act from October. The forecast is last year's recorded figure times the simulated
change between the two years (:func:`forecast_year`), so that an error in the simulated level does
not count. The recorded inputs (staff, barrier, detention, consequences, work visas), the supply
terms' drivers and the Mexican measures in ``history`` follow the record even in the forecast year.
Announcements that are dated inside the forecast year are left out. The roles
``year:2017:announced`` and ``year:2019:announced`` are the same forecasts with these announcements.
Apprehensions are read up to the forecast year and for FY2013, the model's base year, whose level is
the unit of supply.

The random supply level differs by seed. In one-year forecasts its spread is estimated from the
past: the yearly mean level has the variance of yearly log changes in apprehensions up to
the forecast year.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from abm.world import geography
from agents.labels import COUNTRIES, GROUPS, TERMS
from agents.supply_terms import SupplyTermParams
from experiments import scenarios
from experiments.calibration.doses import CONTINUED, with_doses
from experiments.calibration.supply_fit import mean_supply
from experiments.validation import statistics
from experiments.validation.baseline_forecasts import monthly_record

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec
    from experiments.runs.case import RunResult

PATH = "path"
#: Path that starts in the first month after the data of its estimate.
LATE_PATH = "path:2013"
#: A member's path without its random level.
EXPECTED_PATH = "path:expected"
LATE_START = datetime.date(2013, 10, 1)
ANNOUNCEMENT = "announcement"
YEARS = range(2009, 2020)  # fiscal years that are scored
#: Persons per simulated migrant, unless a validation is coarser.
SCALE = 100
Settings = Mapping[str, Any]
SupplyDraw = Callable[[tuple[int, int]], Mapping[str, Any]]  # last month to read -> settings
_COUNTRIES = {"mexican": 1, "northern_triangle": len(COUNTRIES) - 1}
_MEAN_MONTHS = 12
_PATH_LAST = (2013, 9)  # last month from which the path's terms are estimated
# Variance of the mean over 12 steps of a random walk from 0, relative to one step's variance.
_YEAR_MEAN = sum(step**2 for step in range(1, 13)) / 144.0
DECLARED = CONTINUED  # supply series for 2014 under which parts are judged
#: Episodes whose doses the scenario ``history`` contains.
DOSE_KEYS = (DECLARED, "2019")
_NO_LEVEL = {f"supply_terms.{name}": [0.0] * len(GROUPS) for name in ("level_sd", "surge_sd")}
_LARGEST_SPREAD = 0.5  # upper bound of supply_terms.level_sd


def year_role(year: int) -> str:
    """Return the role for a fiscal year's run."""
    return f"year:{year}"


def announced_role(year: int) -> str:
    """Return the role for a fiscal year's run with the announcements dated inside the year."""
    return f"{year_role(year)}:announced"


def scored_roles(
    settings: Settings,
    draw: SupplyDraw | None = None,
    doses: Mapping[str, float] = MappingProxyType({}),
) -> dict[str, Scenario]:
    """Return the scenario for every run that is scored.

    Args:
        settings: dotted settings applied to every scenario, with the validation's scale.
        draw: function that returns a member's supply terms for the last month to read. None uses
            the estimated means, without a random level on the path.
        doses: a member's doses by key in ``experiments.calibration.doses.EPISODES``. A missing dose
            is as in ``history``.

    Returns:
        Scenarios by role.
    """
    scale = max(SCALE, int(settings.get("scale", SCALE)))
    settings = dict(settings) | {"scale": scale}
    path = _history(doses).with_settings(_path_supply(draw) | settings)
    late = {"start": LATE_START, "days": path.days - (LATE_START - path.start).days}
    years = {year_role(year): forecast_scenario(year, settings, draw, doses) for year in YEARS}
    announced = {
        announced_role(year): forecast_scenario(year, settings, draw, doses, announced=True)
        for year in announced_years()
    }
    paths = {
        PATH: path,
        EXPECTED_PATH: path.with_settings(_NO_LEVEL),
        LATE_PATH: path.with_settings(late),
    }
    return paths | years | announced


def announced_years() -> tuple[int, ...]:
    """Return the scored fiscal years inside which an announcement in ``history`` is dated."""
    uses = scenarios.find("history").policies
    starts = [use.start for use in uses if use.id == ANNOUNCEMENT and use.start]
    return tuple(year for year in YEARS if any(_inside(start, year) for start in starts))


def _inside(date: datetime.date, year: int) -> bool:
    """Return whether a date is inside a fiscal year."""
    return datetime.date(year - 1, 10, 1) <= date < datetime.date(year, 10, 1)


def _history(doses: Mapping[str, float]) -> Scenario:
    """Return the scenario ``history`` with a member's doses and the declared supply."""
    return with_doses(scenarios.find("history"), doses, *DOSE_KEYS)


def no_terms(last: tuple[int, int]) -> dict[str, Any]:
    """Return no supply terms, so that runs can be counted and timed without an estimate."""
    return {}


def _path_supply(draw: SupplyDraw | None) -> dict[str, Any]:
    """Return the path's supply terms, with a random level after the last month to read."""
    if draw is None:
        return {}
    return dict(draw(_PATH_LAST)) | level_after(scenarios.find("history"), _PATH_LAST)


def level_after(scenario: Scenario, last: tuple[int, int]) -> dict[str, Any]:
    """Return a setting that starts the random supply level after a month.

    Args:
        scenario: scenario, whose other terms keep their dates.
        last: last month (year, month) without a random level.

    Returns:
        The setting by dotted path.
    """
    since = list(scenario.supply_terms.since)
    since[TERMS.index("level")] = last[0] + last[1] / 12.0
    return {"supply_terms.since": since}


def forecast_scenario(
    year: int,
    settings: Settings,
    draw: SupplyDraw | None = None,
    doses: Mapping[str, float] = MappingProxyType({}),
    *,
    announced: bool = False,
) -> Scenario:
    """Return the scenario that forecasts a fiscal year from its first day.

    Args:
        year: the fiscal year, such as 2016.
        settings: dotted settings. They take precedence over the estimated terms and spread.
        draw: as in :func:`scored_roles`.
        doses: as in :func:`scored_roles`.
        announced: whether announcements that are dated inside the fiscal year are made.

    Returns:
        The scenario, which starts a year before the fiscal year.
    """
    history = _history(doses)
    start, end = datetime.date(year - 2, 10, 1), datetime.date(year, 10, 1)
    terms = dict((draw or mean_supply)((year - 1, 9)))
    terms |= {
        "supply_terms.level_sd": [level_spread(group, year - 1) for group in GROUPS],
        "supply_terms.surge_sd": [0.0] * len(GROUPS),
    }
    scenario = history.with_settings(terms | dict(settings))
    return scenario.with_settings(
        {
            "name": f"forecast_{year}",
            "doc": f"Fiscal year {year}, with supply known to the September before.",
            "start": start,
            "days": (end - start).days,
            "record": "history",
            "supply": f"to_{year - 1}-09_mean_{_MEAN_MONTHS}",
            "supply_terms.since": [year - 0.25] * len(TERMS),
            "policies": known_policies(
                history, datetime.date(year - 1, 10, 1), end, announced=announced
            ),
        }
    )


def forecast_year(run: RunResult, group: str, year: int) -> float:
    """Return the forecast for a fiscal year: last year's record times the simulated change.

    Args:
        run: result of a run of :func:`forecast_scenario`.
        group: a label in ``agents.labels.GROUPS``.
        year: the fiscal year.

    Returns:
        Apprehensions. NaN if the run does not cover both years.
    """
    before = recorded_years(group, year - 1)[year - 1]
    forecast, last = (simulated_year(run, group, each) for each in (year, year - 1))
    return before * statistics.ratio(forecast, last)


def known_policies(
    history: Scenario, first: datetime.date, end: datetime.date, *, announced: bool = False
) -> tuple[PolicySpec, ...]:
    """Return a scenario's policies that begin before a forecast ends.

    Args:
        history: scenario with dated policies.
        first: first day of the forecast.
        end: day after the last day of the forecast.
        announced: whether announcements that are dated inside the forecast are made.
    """
    policies = []
    for use in history.policies:
        if use.start and use.start >= end:
            continue
        if announced or use.id != ANNOUNCEMENT or not use.start or use.start < first:
            policies.append(use)
    return tuple(policies)


def level_spread(group: str, last: int) -> float:
    """Estimate the random level's monthly spread from yearly apprehensions.

    The mean over twelve steps of a random walk that starts at 0 has 4.5 times the variance of a
    step. Draws are by country, and a group's countries have 80 % of the variance in common, so the
    mean over n countries has 0.8 + 0.2/n times the variance of one country, for equal sizes [A].
    The country spread is chosen so that the group's variance equals the mean squared yearly log
    change.

    Args:
        group: a label in ``agents.labels.GROUPS``.
        last: last fiscal year that is read, from 2001.

    Returns:
        Standard deviation for a month's change in a country, log points.
    """
    return monthly_spread(group, [math.log(v) for v in recorded_years(group, last).values()])


def monthly_spread(group: str, logs: Sequence[float]) -> float:
    """Estimate the monthly spread from consecutive years' logs.

    Args:
        group: a label in ``agents.labels.GROUPS``.
        logs: logs of yearly figures, at least two.

    Returns:
        The standard deviation, as in :func:`level_spread`.
    """
    changes = [after - before for before, after in itertools.pairwise(logs)]
    mean_square = sum(change**2 for change in changes) / len(changes)
    common = SupplyTermParams().level_common
    group_share = common + (1.0 - common) / _COUNTRIES[group]
    return round(min(_LARGEST_SPREAD, math.sqrt(mean_square / _YEAR_MEAN / group_share)), 4)


def recorded_years(group: str, last: int) -> dict[int, float]:
    """Return recorded apprehensions along the southwest by fiscal year, from 2000.

    Args:
        group: a label in ``agents.labels.GROUPS``.
        last: last fiscal year that is read.

    Returns:
        Apprehensions by fiscal year, from monthly figures rounded to 10.
    """
    totals: dict[int, float] = {}
    for month, value in monthly_record(statistics.GROUPS[group], f"{last}-09").items():
        fiscal = int(month[:4]) + (month[5:] >= "10")
        totals[fiscal] = totals.get(fiscal, 0.0) + value
    return totals


def simulated_year(run: RunResult, group: str, year: int) -> float:
    """Return a group's simulated apprehensions in a fiscal year.

    Args:
        run: run result.
        group: a label in ``agents.labels.GROUPS``.
        year: the fiscal year.

    Returns:
        Apprehensions. NaN if the run does not cover the whole year.
    """
    return statistics.total(run, f"apprehended_us_{group}", _window(year))


def simulated_family_share(run: RunResult, year: int) -> float:
    """Return the simulated family and child share among apprehensions in a fiscal year.

    Args:
        run: run result.
        year: the fiscal year.

    Returns:
        Share, 0 to 1. NaN if the run does not cover the whole year.
    """
    adults, others = (
        statistics.total(run, f"apprehended_us_{kind}", _window(year))
        for kind in ("adults", "families")
    )
    return statistics.ratio(others, adults + others)


@functools.cache
def recorded_family_shares(last: int) -> Mapping[int, float]:
    """Return recorded family and child shares among all apprehensions, from FY2013.

    Args:
        last: last fiscal year that is read.

    Returns:
        Shares by fiscal year, 0 to 1.
    """
    shares = {}
    for year in range(2013, last + 1):
        kinds = geography.demographics(year).values()
        persons = sum(kind["family_member"] + kind["unaccompanied_child"] for kind in kinds)
        shares[year] = persons / geography.apprehensions_total(year)
    return shares


def _window(year: int) -> tuple[str, str]:
    """Return a fiscal year's first and last month."""
    return f"{year - 1}-10", f"{year}-09"
