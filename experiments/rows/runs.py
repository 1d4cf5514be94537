"""Rows of a scenario, of one run, and of a run that failed: plain data for JSON."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from abm.scenario import Scenario
from abm.supply_file import supply_label
from abm.world.routes import declaration_of
from experiments.rows.records import record
from experiments.runs.case import Failure, RunResult
from experiments.validation.observed import observed_median

#: Figures of one run; dollars are totals of the run, outcomes are per year.
_RUN = (
    "seed",
    "persons",
    "events",
    "rates",
    "outcomes",
    "criteria",
    "dollars",
    "dollars_unspent",
    "depth",
    "sector_shares",
    "interceptions_by_state",
    "cost",
    "digest",
)


def scenario_row(scenario: Scenario) -> dict[str, Any]:
    """Return the name, fingerprint, period, scale, supply and policies of a scenario."""
    return record(scenario, ("name", "digest", "days", "scale")) | {
        "start": scenario.start.isoformat(),
        "supply": supply_label(scenario.supply),
        "policies": list(map(str, scenario.policies)),
    }


def scenario_keys(scenario: Scenario) -> dict[str, Any]:
    """Return the first keys of a study: the note on another world, and the scenario."""
    return declaration_of(scenario.world).keys() | {"scenario": scenario_row(scenario)}


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return the scenario, seed, kind and text of a run that failed."""
    return record(failure, ("name", "seed", "kind", "text"))


def official_rows(results: Sequence[RunResult], scenario: Scenario) -> list[dict[str, Any]]:
    """Return official statistics with the median of the runs."""
    keys = ("name", "simulated", "observed", "source")
    rows = observed_median(results, scenario.world)
    return [dict(zip(keys, row, strict=True)) for row in rows]


def run_study(
    scenario: Scenario, results: Sequence[RunResult], failures: Sequence[Failure]
) -> dict[str, Any]:
    """Return the runs of one scenario.

    Args:
        scenario: scenario of the runs.
        results: runs by seed, at least one.
        failures: runs that failed.

    Returns:
        The figures of the first run, official statistics, and with several seeds all runs.
    """
    study = scenario_keys(scenario) | {"reps": len(results)} | record(results[0], _RUN)
    study["official"] = official_rows(results, scenario)
    if len(results) + len(failures) > 1:
        study["runs"] = [record(result, _RUN) for result in results]
        study["failed"] = [failure_row(failure) for failure in failures]
    return study


def daily_rows(results: Sequence[RunResult]) -> Iterator[list[Any]]:
    """Yield seed, date and every event's persons, one row per day."""
    for result in results:
        first = datetime.date.fromisoformat(result.start)
        for day, counts in enumerate(result.daily if result.daily is not None else []):
            date = first + datetime.timedelta(days=day)
            yield [result.seed, date.isoformat(), *counts.tolist()]
