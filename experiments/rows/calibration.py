"""Rows of a calibration: plain data for JSON and the terminal."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario
from experiments.calibration import priors
from experiments.calibration.calibrate import CalibrationPlan, CalibrationResult
from experiments.calibration.plan_file import plan_row, stored_draws
from experiments.rows.runs import scenario_keys

_IDENTIFIED, _PARTLY_IDENTIFIED = 0.5, 0.2  # [A] shrinkage


def calibration_study(
    result: CalibrationResult, scenario: Scenario, folder: Path, plan: CalibrationPlan
) -> dict[str, Any]:
    """Return the size of the ensemble, its coverage, and every fitted parameter.

    Args:
        result: result of the calibration.
        scenario, plan: base scenario and sizes.
        folder: folder of its files.

    Returns:
        Plain data; coverage and shrinkage are shares.
    """
    members, coverage = result.ensemble.members, list(result.coverage.values())
    return {
        **scenario_keys(scenario),
        "plan": plan_row(plan, scenario),
        "draws_run": len(stored_draws(folder, plan)),
        "members": len(members),
        "dose_members": sum(bool(m.doses) for m in members),
        "effective": result.ensemble.effective,
        "digest": result.ensemble.digest,
        "coverage": {
            "mean": float(np.mean(coverage)),
            "lowest": min(coverage),
            "highest": max(coverage),
        },
        "numbers": [_parameter_row(name, result) for name in priors.FITTED],
        "free": [name for name in priors.NAMES if name not in priors.FITTED],
        "ensemble": str(folder / "ensemble.json"),
        "fit": str(folder / "fit.json"),
        "seconds": result.seconds,
    }


def _parameter_row(name: str, result: CalibrationResult) -> dict[str, Any]:
    """Return one fitted parameter: prior, interval of the members, shrinkage, coverage."""
    prior, members = priors.PRIORS[name], result.ensemble.members
    values = [m.numbers[name] for m in members]
    low, high = weighted_interval(values, [m.weight for m in members])
    return {
        "name": name,
        "paths": list(prior.paths),
        "prior_low": prior.low,
        "prior_high": prior.high,
        "low90": low,
        "high90": high,
        "shrinkage": result.shrinkage[name],
        "identified": identified(result.shrinkage[name]),
        "coverage": result.coverage[name],
    }


def identified(shrinkage: float) -> str:
    """Return whether the data identify a parameter: yes, partly or no."""
    if shrinkage >= _IDENTIFIED:
        return "yes"
    return "partly" if shrinkage >= _PARTLY_IDENTIFIED else "no"


def weighted_interval(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Compute the central 90 % of weighted values.

    Args:
        values: values in any order.
        weights: their weights.

    Returns:
        The lowest and the highest of the central values.
    """
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(np.array(weights)[order])
    ends = np.searchsorted(mass, np.array([0.05, 0.95]) * mass[-1])
    low, high = np.array(values)[order][ends]
    return float(low), float(high)
