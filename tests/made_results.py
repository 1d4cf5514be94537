"""Synthetic run results and records for tests of everything that reads results."""

from __future__ import annotations

from typing import Any

import numpy as np

from experiments.runs.case import Case, RunResult
from experiments.sweeps.store_writer import RunRecord

EMPTY = ("persons", "events", "rates", "outcomes", "sector_shares", "interceptions_by_state")
EMPTY += ("deaths_per_10000", "series", "dollars")


def made_result(case: Case | None = None, **values: Any) -> RunResult:
    """Return the result for a case, or for None; all values that are not given are empty."""
    given: dict[str, Any] = {"case": case.digest if case else "", "seed": case.seed if case else 1}
    given |= {"name": "made up", "start": "2012-10-01", "days": 1, "scale": 1, "digest": ""}
    given |= {name: {} for name in EMPTY} | {"months": [], "leg_flow": np.zeros(1)}
    return RunResult(**given | values)


def made_record(key: str, **outcomes: float) -> RunRecord:
    """Return the record of a run with some outcomes."""
    return RunRecord(
        key=key, digest="d", outcomes=outcomes, cpu_s=0.5, wall_s=0.6, record=b"", worker="here:1"
    )
