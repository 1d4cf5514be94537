"""Rows of a scenario, of one run, and of a run that failed: plain data for JSON."""

from __future__ import annotations

from typing import Any

from abm.scenario import Scenario
from experiments.case import Failure, RunResult

_RUN = (
    "seed",
    "persons",
    "events",
    "rates",
    "outcomes",
    "criteria",
    "dollars",
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
        "supply": scenario.supply,
        "policies": [str(spec) for spec in scenario.policies],
    }


def run_row(result: RunResult) -> dict[str, Any]:
    """Return the figures of one run; dollars are totals of the run, outcomes are per year."""
    return {name: getattr(result, name) for name in _RUN}


def failure_row(failure: Failure) -> dict[str, Any]:
    """Return the scenario, seed, kind and text of a run that failed."""
    return {"of": failure.name, "seed": failure.seed, "kind": failure.kind, "text": failure.text}
