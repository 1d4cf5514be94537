"""Rows for a scenario, a run, a failed run, and official statistics on the first fiscal year."""

from __future__ import annotations

import datetime
import functools
import math
from collections.abc import Iterator, Sequence
from typing import Any

from abm.scenario import Scenario
from abm.supply_file import supply_label
from abm.world import geography
from abm.world.routes import declaration_of
from experiments.rows.records import record
from experiments.runs.case import Failure, RunResult
from experiments.runs.intervals import Interval
from experiments.validation.statistics import GROUPS, base_year, record_shares
from experiments.validation.targets import Target, target

#: Figures for one run. Dollars are totals over the run, and outcomes are per year.
_RUN = (
    *("seed", "persons", "events", "rates", "outcomes", "criteria", "dollars", "dollars_unspent"),
    *("depth", "sector_shares", "interceptions_by_state", "cost", "digest"),
)

FIRST_DAY = "2012-10-01"
#: Sectors with a smaller share of a group's apprehensions are left out.
SMALL_SHARE = 0.05

RecordComparison = tuple[str, float, float, str]
#: Names of simulated values by target, where they differ from the target's statistic.
_OTHER_FIGURES = {"P4.entries": "entries_per_apprehension", "P7.october_april": "mexico_share"}
_LEVELS = ("P3.evaders", "P4.entries", "P5.known", "P6.fy2011")
_PLACES = (
    *("P7.october_april", "P8.veracruz", "P8.tabasco", "P8.chiapas"),
    *("P10.southwest", "P10.tucson", "P10.laredo", "P10.rio_grande_valley"),
)
_JOURNEYS = (
    *("P9.use_mexican", "P9.use_northern_triangle", "P9.fee_mexican", "P9.fee_northern_triangle"),
    "P11.guided",
)


def scenario_row(scenario: Scenario) -> dict[str, Any]:
    """Return a scenario's name, fingerprint, period, scale, supply, policies and own classes."""
    return record(scenario, ("name", "digest", "days", "scale")) | {
        "start": scenario.start.isoformat(),
        "supply": supply_label(scenario.supply),
        "policies": list(map(str, scenario.policies)),
        "agent_classes": dict(scenario.agent_classes),
    }


def scenario_keys(scenario: Scenario) -> dict[str, Any]:
    """Return the first keys of a study's rows: a note on another world, and the scenario."""
    return declaration_of(scenario.world).keys() | {"scenario": scenario_row(scenario)}


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return a failed run's scenario and seed, with the type and text of its error."""
    return record(failure, ("name", "seed", "kind", "text"))


def run_study(
    scenario: Scenario, results: Sequence[RunResult], failures: Sequence[Failure]
) -> dict[str, Any]:
    """Return one scenario's runs with official statistics.

    Args:
        scenario: scenario of the runs.
        results: at least one run, ordered by seed.
        failures: runs that failed.

    Returns:
        The first run's results, official statistics and, with several seeds, every run's results.
    """
    study = scenario_keys(scenario) | {"reps": len(results)} | record(results[0], _RUN)
    study["official"] = official_rows(results, scenario)
    if len(results) + len(failures) > 1:
        study["runs"] = [record(result, _RUN) for result in results]
        study["failed"] = [failure_row(failure) for failure in failures]
    return study


def daily_rows(results: Sequence[RunResult]) -> Iterator[list[Any]]:
    """Yield one row per day: seed, date, and persons by event."""
    for result in results:
        first = datetime.date.fromisoformat(result.start)
        for day, counts in enumerate(result.daily if result.daily is not None else []):
            date = first + datetime.timedelta(days=day)
            yield [result.seed, date.isoformat(), *counts.tolist()]


# ---- official statistics -------------------------------------------------------------------------

# Most of these statistics are fitted targets. All figures are for fiscal year 2013 or before July
# 2014, except for survey averages over several years and the FY2015 levels that are declared as
# targets. Each name states the period.


def official_rows(results: Sequence[RunResult], scenario: Scenario) -> list[dict[str, Any]]:
    """Return official statistics, each with the median over all runs."""
    keys = ("name", "simulated", "observed", "source")
    rows = observed_median(results, scenario.world)
    return [dict(zip(keys, row, strict=True)) for row in rows]


def observed_median(results: Sequence[RunResult], world: str = "") -> list[RecordComparison]:
    """Compare the runs' median with the record, for the first fiscal year.

    Args:
        results: runs of one scenario.
        world: world folder. A world with a `world.toml` has no statistics in the record.

    Returns:
        Tuples (name, simulated, observed, source). Empty unless the runs start on 1 October 2012
        and last a year.
    """
    if declaration_of(world).has_file:
        return []
    runs = [_figures(run) for run in results if run.start == FIRST_DAY and run.first_year]
    if not runs:
        return []
    rows = []
    for key, name, observed, source in statistics():
        finite = [figures[key] for figures in runs if math.isfinite(figures[key])]
        rows.append((name, Interval.of(finite).median, observed, source))
    return rows


def percent_error(simulated: float, published: float) -> float:
    """Compute the absolute error in percent of the published value.

    Args:
        simulated, published: values in the same unit.

    Returns:
        The error. Infinite if a value is not finite or `published` is 0.
    """
    if not (math.isfinite(simulated) and math.isfinite(published)) or published == 0:
        return math.inf
    return abs(simulated / published - 1.0) * 100.0


def _figures(run: RunResult) -> dict[str, float]:
    """Return a run's first-year statistics, with the same keys as ``statistics``."""
    figures = base_year(run)
    if year := run.first_year:
        figures["turn_backs"] = float(sum(group["turned_back"] for group in year.events.values()))
        for group in GROUPS:
            shares = year.sector_shares[group]
            figures |= {f"{group}.{sector}": shares[sector] for sector in record_shares(group)}
    return figures


@functools.cache
def statistics() -> tuple[tuple[str, str, float, str], ...]:
    """Return all statistics in the packaged record as (key, name, value, source)."""
    totals = [target(f"P1.{group}") for group in GROUPS]
    row = geography.rows_where("us/border_metrics.csv", metric="turn_backs_SW", fiscal_year=2013)[0]
    turn_backs = ("turn_backs", "Turn-backs FY2013", float(row["value"]), row["source"])
    return (
        *map(_of_target, totals),
        *(share for total in totals for share in _sector_shares(total)),
        turn_backs,
        *(_of_target(target(part)) for part in (*_LEVELS, *_PLACES, *_JOURNEYS)),
    )


def _of_target(part: Target) -> tuple[str, str, float, str]:
    """Return a target as (key, name, observed value, source)."""
    key = _OTHER_FIGURES.get(part.id, part.statistic)
    return key, part.label, part.observed, part.sources[0]


def _sector_shares(total: Target) -> list[tuple[str, str, float, str]]:
    """Return each sector's share of a group's apprehensions if it is at least ``SMALL_SHARE``."""
    label = total.label.replace("Apprehensions", "Share of apprehensions")
    return [
        (f"{total.part}.{sector}", f"{label}, {sector}", share, total.sources[0])
        for sector, share in record_shares(total.part).items()
        if share >= SMALL_SHARE
    ]
