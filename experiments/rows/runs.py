"""Rows of a scenario, of one run, and of a run that failed: plain data for JSON."""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from typing import Any

from abm.scenario import Scenario
from abm.supply_file import supply_label
from abm.world.declaration import declaration_of
from experiments.runs.case import Failure, RunResult
from experiments.validation.observed import observed_median

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
    return {
        "name": scenario.name,
        "digest": scenario.digest,
        "start": scenario.start.isoformat(),
        "days": scenario.days,
        "scale": scenario.scale,
        "supply": supply_label(scenario.supply),
        "policies": [str(spec) for spec in scenario.policies],
    }


def scenario_keys(scenario: Scenario) -> dict[str, Any]:
    """Return the first keys of a study: the note on another world, and the scenario."""
    return declaration_of(scenario.world).keys() | {"scenario": scenario_row(scenario)}


def _run_row(result: RunResult) -> dict[str, Any]:
    """Return the figures of one run; dollars are totals of the run, outcomes are per year."""
    return {name: getattr(result, name) for name in _RUN}


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return the scenario, seed, kind and text of a run that failed."""
    return {"of": failure.name, "seed": failure.seed, "kind": failure.kind, "text": failure.text}


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
    study = scenario_keys(scenario) | {"reps": len(results)} | _run_row(results[0])
    study["official"] = [
        {"name": name, "simulated": simulated, "observed": observed, "source": source}
        for name, simulated, observed, source in observed_median(results, scenario.world)
    ]
    if len(results) + len(failures) > 1:
        study["runs"] = [_run_row(result) for result in results]
        study["failed"] = [failure_row(failure) for failure in failures]
    return study


def daily_rows(results: Sequence[RunResult]) -> Iterator[list[Any]]:
    """Yield seed, date and the persons of every event, one row per day."""
    for result in results:
        first = datetime.date.fromisoformat(result.start)
        for day, counts in enumerate(result.daily if result.daily is not None else []):
            date = first + datetime.timedelta(days=day)
            yield [result.seed, date.isoformat(), *counts.tolist()]
