"""Rows of a sensitivity study: the indices of every factor for every outcome.

``sensitivity.json`` contains these rows. The terminal and ``sensitivity.csv`` render them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from abm.measures import CRITERIA, OUTCOMES
from experiments.rows.records import record
from experiments.rows.runs import failure_row, scenario_keys
from experiments.runs.case import Failure
from experiments.studies.sensitivity.indices import (
    FactorIndices,
    IndexEstimate,
    distinguishable,
)
from experiments.studies.sensitivity.study import SensitivityResult, Study, policy_text
from experiments.sweeps.sweep import SweepSummary

#: Outcomes and criteria by name.
MEASURES = CRITERIA | OUTCOMES
#: Unit of a change that a policy makes.
_POINTS = "points of percent"


def sensitivity_study(
    study: Study,
    runs: Sequence[SweepSummary],
    failures: Sequence[Failure],
    results: Sequence[SensitivityResult],
) -> dict[str, Any]:
    """Return the study, its runs, and every factor's indices.

    Args:
        study: factors, method and policies.
        runs: counts of the runs, one per arm.
        failures: runs that failed.
        results: indices, one per outcome and policy.

    Returns:
        Plain data. Intervals are of 95 %. Morris indices are in units of the outcome over the
        range of a factor.
    """
    return {
        **scenario_keys(study.scenario),
        "method": study.method,
        "n": study.n,
        "reps": study.reps,
        "seed": study.seed,
        "points": study.n * study.block_size,
        "policies": list(map(policy_text, study.policies)),
        "factors": [
            record(factor, ("name", "paths", "low", "high"))
            | {"scale": "logarithmic" if factor.log else "linear"}
            for factor in study.factors
        ],
        "runs": sum(summary.planned for summary in runs),
        "done": sum(summary.stored + summary.completed for summary in runs),
        "completed": sum(summary.completed for summary in runs),
        "failed": [failure_row(failure) for failure in failures],
        "estimates": [_result_row(study, result) for result in results],
    }


def _result_row(study: Study, result: SensitivityResult) -> dict[str, Any]:
    """Return one outcome. ``mean`` and ``sd`` are over the study's points."""
    return {
        "outcome": result.outcome,
        "policy": result.policy or None,
        "unit": _POINTS if result.policy else MEASURES[result.outcome].unit,
        "mean": result.mean,
        "sd": result.sd,
        "complete": result.complete_blocks,
        "planned": study.n,
        "factors": [
            {"name": factor.factor}
            | _indices(factor)
            | {"distinguishable": distinguishable(factor, result.dummy)}
            for factor in result.indices
        ],
        "indistinguishable": result.indistinct if result.indices else None,
    }


def _indices(indices: FactorIndices) -> dict[str, float]:
    """Return the indices of a factor by name."""
    if indices.first:
        return _estimate("total", indices.strength) | _estimate("first", indices.first)
    return _estimate("mu_star", indices.strength) | record(indices, ("mu", "sigma"))


def _estimate(name: str, estimate: IndexEstimate) -> dict[str, float]:
    """Return an estimate and the bounds of its interval."""
    return record(estimate, (f"{name}=value", f"{name}_low=low", f"{name}_high=high"))


def csv_rows(study: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one row per outcome and factor, by column."""
    for result in study["estimates"]:
        head = {"policy": result["policy"] or ""}
        head |= {key: result[key] for key in ("outcome", "unit")}
        for factor in result["factors"]:
            yield (
                head | {"factor": factor["name"]} | {k: v for k, v in factor.items() if k != "name"}
            )
