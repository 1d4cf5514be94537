"""What a sweep costs beside its runs, what a second process brings, what pairing saves.

Every figure is told so that less is better, beside its bound, as ``experiments.bench`` does.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.scenario import Scenario
from experiments.bench import Figure
from experiments.design import Design, Grid
from experiments.run import Case, RunResult, run_one
from experiments.scenarios import find
from experiments.store import SweepResults
from experiments.sweep import sweep

if TYPE_CHECKING:
    import pandas as pd

_RUNS = 40  # of the sweeps that are timed
_SEEDS = 16  # of each arm whose variances are compared
_POLICIES = {"southern_border_control": 3.0, "cameras_and_sensors": 4.0}
_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
#: Bounds: milliseconds; a share of one process's time; runs paired over runs independent; persons.
OVERHEAD_MS, TWO_OF_ONE, PAIRED, NOTHING = 5.0, 1.0 / 1.8, 1.0 / 5.0, 0.0


def overhead() -> list[Figure]:
    """Wall time of a sweep in one process beyond that of ``run_one`` for the same cases."""
    spent = [0.0]

    def clocked(case: Case) -> RunResult:
        began = time.perf_counter()
        result = run_one(case)
        spent[0] += time.perf_counter() - began
        return result

    with tempfile.TemporaryDirectory() as folder:
        sweep(_timed("warm", 1), f"{folder}/warm", executor="serial")
        began = time.perf_counter()
        sweep(_timed("timed", _RUNS), f"{folder}/timed", executor="serial", play=clocked)
        wall = time.perf_counter() - began
    detail = f"{_RUNS} runs of {spent[0] / _RUNS:.2f} s, ledger opened and closed"
    return [
        Figure(
            "Sweep, beyond its runs, for each",
            1e3 * (wall - spent[0]) / _RUNS,
            "ms",
            OVERHEAD_MS,
            detail,
        )
    ]


def processes() -> list[Figure]:
    """Time for as many runs with two processes, over that with one; their start left out."""
    one, two = (_pace(jobs) for jobs in (1, 2))
    detail = f"{one:.2f} s a run with one, {two:.2f} s with two: {one / two:.2f} times"
    return [
        Figure("Sweep, time with two processes over one", two / one, "share", TWO_OF_ONE, detail)
    ]


def _pace(jobs: int) -> float:
    """Seconds a run, from the answer when all workers are warm to the last."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        sweep(
            _timed("pace", _RUNS),
            folder,
            jobs=jobs,
            on_result=lambda _: times.append(time.perf_counter()),
        )
    warm = 2 * jobs
    return (times[-1] - times[warm - 1]) / (len(times) - warm)


def pairing() -> list[Figure]:
    """Variance of paired differences over that of independent ones: runs for the same interval."""
    with tempfile.TemporaryDirectory() as folder:
        frames = {
            name: _frame(f"{folder}/{name}", name, [0.0, dose]) for name, dose in _POLICIES.items()
        }
        same = _frame(f"{folder}/null", "status_quo", [0.0, 1.0])
    figures = []
    for name, frame in frames.items():
        for outcome in _OUTCOMES:
            base, arm = _arms(frame, [outcome])
            share = (arm - base).var(ddof=1) / (arm.var(ddof=1) + base.var(ddof=1))
            label = f"Runs that pairing takes, over independent ones: {outcome}, {name}"
            figures.append(Figure(label, float(share), "share", PAIRED, f"{1 / share:.0f} times"))
    base, arm = _arms(same, _OUTCOMES)
    figures.append(
        Figure(
            "Largest paired difference of a policy that does nothing",
            float(np.abs(arm - base).max()),
            "persons",
            NOTHING,
        )
    )
    return figures


def _arms(frame: pd.DataFrame, outcomes: Sequence[str]) -> list[np.ndarray]:
    """Outcomes of both points, seed by seed."""
    return [np.array(frame[frame["point"] == k][list(outcomes)], dtype=float) for k in (0, 1)]


def _frame(folder: str, policy: str, doses: Sequence[float]) -> pd.DataFrame:
    """Outcomes of a policy at some doses on the same seeds."""
    sample = Grid({f"policy.{policy}": list(doses)})
    design = Design(name="pairing", sample=sample, scenario=_world(365), reps=_SEEDS)
    sweep(design, folder)
    with SweepResults(folder) as store:
        return store.frame()


def _timed(name: str, runs: int) -> Design:
    """A design of so many runs of half a year."""
    return Design(name=name, sample=Grid({"policy.fence": [1.0]}), scenario=_world(180), reps=runs)


def _world(days: int) -> Scenario:
    """A coarse world of so many days."""
    return find("classroom").with_settings({"days": days, "scale": 100})


PARTS = {"sweep": overhead, "processes": processes, "pairing": pairing}
