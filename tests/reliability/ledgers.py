"""A sweep of artificial runs, its ledger in the format of an earlier version, and a full disk."""

from __future__ import annotations

import contextlib
import resource
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pandas as pd

from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary, sweep
from tests.made_results import made_result

DESIGN = Design(
    name="damaged",
    sample=Grid({"policy.fence": [0.0, 0.5, 1.0]}),
    scenario=find("classroom"),
    reps=5,
)
RUNS = 15


def artificial(case: Case) -> RunResult:
    """Return an artificial result whose values depend on the seed and the number of policies."""
    value = case.seed + 1000.0 * len(case.scenario.policies) + 0.123456789
    return made_result(
        case,
        outcomes={f"outcome_{k}": value * k for k in range(20)} | {"undefined": float("nan")},
        series={"got_aways": np.random.default_rng(case.seed).normal(size=900)},
        leg_flow=np.full(10, value),
        digest=f"{value:.17g}",
        cost={"cpu_s": 0.5, "wall_s": 0.5},
    )


def run_sweep(folder: str | Path) -> SweepSummary:
    return sweep(DESIGN, folder, executor="serial", run=artificial)


def frame_of(folder: Path) -> pd.DataFrame:
    with SweepResults(folder) as store:
        return store.frame()


@contextlib.contextmanager
def largest_file(size: int) -> Iterator[None]:
    """Limit the size of files in bytes, so that writing fails as on a full disk."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
