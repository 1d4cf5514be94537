"""Rows for a sweep: its design, its run counts, and medians by point."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from experiments.rows.runs import failure_row, scenario_keys
from experiments.sweeps.design import Design
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary


def design_row(design: Design) -> dict[str, Any]:
    """Return a design and its scenario."""
    return {
        "design": {
            "name": design.name,
            "method": design.sample.method,
            "digest": design.digest,
            "factors": list(design.factors),
            "points": len(design.points),
            "reps": design.reps,
            "seed": design.seed,
            "paired": design.paired,
            "members": [member.number for member in design.members],
        },
        **scenario_keys(design.scenario),
    }


def count_row(summary: SweepSummary) -> dict[str, Any]:
    """Return a sweep's run counts."""
    return {
        "folder": str(summary.folder),
        "runs": summary.planned,
        "done": summary.stored + summary.completed,
        "completed": summary.completed,
        "failed": [failure_row(failure) for failure in summary.failures],
    }


def median_rows(
    design: Design, folder: Path, outcomes: Sequence[str]
) -> list[tuple[list[str], list[float]]]:
    """Return the medians over seeds and members at every point.

    Args:
        folder: folder with the stored runs.
        outcomes: outcome names, in column order.

    Returns:
        One pair per point: texts for its varied values, and its medians.
    """
    with SweepResults(folder) as store:
        medians = store.frame().groupby("point")[list(outcomes)].median()
    levels = [
        [f"{v:.4g}" if isinstance(v, float) else str(v) for v in design.points[point]]
        for point in medians.index
    ]
    return list(zip(levels, medians.to_numpy().tolist(), strict=True))
