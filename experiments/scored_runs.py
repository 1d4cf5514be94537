"""Runs whose yearly figures are scored: one run over FY2009-19, and one run for each year.

Roles: ``path`` is the scenario ``history``. ``year:2009`` to ``year:2019`` start on 1 October
before their fiscal year. Their supply follows the record to the September before and is then the
mean of twelve months, with the season of earlier years; the terms of supply act from the start. The
recorded inputs (staff, barrier, detention, consequences, work visas), the drivers of the terms of
supply and the Mexican measures of ``history`` are those of the record, also in the forecast year.
Apprehensions are read up to the start, and in FY2013: the base year of the model, whose level is
the unit of supply.

The random level of supply differs by seed. Unless a member or the user sets its spread, the spread
is estimated from the past: the yearly mean of the level has the variance of the yearly log changes
of apprehensions up to the start.
"""

from __future__ import annotations

import datetime
import functools
import itertools
import math
from collections.abc import Mapping
from typing import TYPE_CHECKING

from abm.world import geography
from agents.labels import GROUPS, TERMS
from experiments import scenarios, statistics

if TYPE_CHECKING:
    from collections.abc import Sequence

    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec
    from experiments.case import RunResult
    from experiments.episodes import Settings

PATH = "path"
YEARS = range(2009, 2020)  # fiscal years that are scored
#: Persons per simulated migrant, unless a validation is coarser.
SCALE = 100
_FIRST_MONTH = "1999-10"
_COLUMNS = {"mexican": "Mexico", "northern_triangle": "NTCA"}
_MONTHS_HELD = 12
# variance of the mean of 12 steps of a random walk that starts at 0, over that of a step
_YEAR_MEAN = sum(step**2 for step in range(1, 13)) / 144.0
_LARGEST_SPREAD = 0.5  # bound of supply_terms.level_sd


def year_role(year: int) -> str:
    """Return the role of the run of a fiscal year."""
    return f"year:{year}"


def scored_roles(settings: Settings) -> dict[str, Scenario]:
    """Return the scenario of every run that is scored.

    Args:
        settings: dotted settings applied to every scenario, with the scale of the validation.

    Returns:
        Scenarios by role; empty if ``history`` is not packaged.
    """
    if "history" not in scenarios.names():
        return {}
    scale = max(SCALE, int(settings.get("scale", SCALE)))
    settings = dict(settings) | {"scale": scale}
    by_role = {PATH: scenarios.find("history").with_settings(settings)}
    return by_role | {year_role(year): forecast_scenario(year, settings) for year in YEARS}


def forecast_scenario(year: int, settings: Settings) -> Scenario:
    """Return the scenario that forecasts a fiscal year from its first day.

    Args:
        year: the fiscal year, such as 2016.
        settings: dotted settings; they take precedence over the estimated spread.

    Returns:
        The scenario.
    """
    history = scenarios.find("history")
    start, end = datetime.date(year - 1, 10, 1), datetime.date(year, 10, 1)
    spreads = [level_spread(group, year - 1) for group in GROUPS]
    scenario = history.with_settings({"supply_terms.level_sd": spreads} | dict(settings))
    return scenario.with_settings(
        {
            "name": f"forecast_{year}",
            "doc": f"Fiscal year {year}, with supply known to the September before.",
            "start": start,
            "days": (end - start).days,
            "record": "history",
            "supply": f"to_{year - 1}-09_mean_{_MONTHS_HELD}",
            "supply_terms.since": [year - 0.25] * len(TERMS),
            "policies": begun(history.policies, end),
        }
    )


def begun(policies: Sequence[PolicySpec], end: datetime.date) -> tuple[PolicySpec, ...]:
    """Return the policies that begin before a date.

    Args:
        policies: policies with their dates.
        end: the date.

    Returns:
        The policies in their order.
    """
    return tuple(use for use in policies if use.start is None or use.start < end)


def level_spread(group: str, last: int) -> float:
    """Estimate the monthly spread of the random level from yearly apprehensions.

    The mean over twelve steps of a random walk that starts at 0 has 4.5 times the variance of a
    step. The spread is chosen so that this variance equals the mean square of the yearly log
    changes.

    Args:
        group: a label of ``agents.labels.GROUPS``.
        last: last fiscal year that is read, from 2001.

    Returns:
        Standard deviation of a month's change, log points.
    """
    logs = [math.log(value) for value in recorded_years(group, last).values()]
    changes = [after - before for before, after in itertools.pairwise(logs)]
    mean_square = sum(change**2 for change in changes) / len(changes)
    return round(min(_LARGEST_SPREAD, math.sqrt(mean_square / _YEAR_MEAN)), 4)


def recorded_years(group: str, last: int) -> dict[int, float]:
    """Return recorded apprehensions along the southwest by fiscal year, from 2000.

    Args:
        group: a label of ``agents.labels.GROUPS``.
        last: last fiscal year that is read.

    Returns:
        Apprehensions by fiscal year, from monthly figures rounded to 10.
    """
    totals: dict[int, float] = {}
    months = geography.monthly_by_citizenship(_COLUMNS[group], _FIRST_MONTH, f"{last}-09")
    for year, month, value in months:
        fiscal = year + (month >= 10)
        totals[fiscal] = totals.get(fiscal, 0.0) + value
    return totals


def simulated_year(run: RunResult, group: str, year: int) -> float:
    """Return simulated apprehensions of a group in a fiscal year.

    Args:
        run: result of a run.
        group: a label of ``agents.labels.GROUPS``.
        year: the fiscal year.

    Returns:
        Apprehensions; NaN if the run does not cover the whole year.
    """
    return statistics.total(run, f"apprehended_us_{group}", _window(year))


def simulated_family_share(run: RunResult, year: int) -> float:
    """Return the simulated share of families and children among apprehensions of a fiscal year.

    Args:
        run: result of a run.
        year: the fiscal year.

    Returns:
        Share, 0 to 1; NaN if the run does not cover the whole year.
    """
    adults, others = (
        statistics.total(run, f"apprehended_us_{kind}", _window(year))
        for kind in ("adults", "families")
    )
    return statistics.ratio(others, adults + others)


@functools.cache
def recorded_family_shares(last: int) -> Mapping[int, float]:
    """Return recorded shares of families and children among all apprehensions, from FY2013.

    Args:
        last: last fiscal year that is read.

    Returns:
        Shares by fiscal year, 0 to 1.
    """
    shares = {}
    for year in range(2013, last + 1):
        kinds = geography.demographics(year).values()
        together = sum(kind["family_member"] + kind["unaccompanied_child"] for kind in kinds)
        shares[year] = together / geography.apprehensions_total(year)
    return shares


def _window(year: int) -> tuple[str, str]:
    """Return the first and last month of a fiscal year."""
    return f"{year - 1}-10", f"{year}-09"
