"""Measure the overhead of a sweep, the speed-up by a second process and the gain by pairing.

Every measurement is defined such that less is better, and has a bound, as in ``experiments.bench``.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.scenario import Scenario
from experiments.bench import Measurement
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import sweep

if TYPE_CHECKING:
    import pandas as pd

_RUNS = 40  # of each timed sweep
_SEEDS = 16  # of each arm in the comparison of variances
_POLICIES = {"southern_border_control": 3.0, "cameras_and_sensors": 4.0}
_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
#: Bounds: milliseconds; share of the time of one process; paired over independent runs; persons.
MAX_OVERHEAD_MS, MAX_TIME_SHARE, MAX_RUN_SHARE, MAX_NULL_EFFECT = 5.0, 1.0 / 1.8, 1.0 / 5.0, 0.0


def overhead() -> list[Measurement]:
    """Measure the wall time of a sweep in one process beyond that of its runs."""
    in_runs = [0.0]

    def timed_run(case: Case) -> RunResult:
        start = time.perf_counter()
        result = run_one(case)
        in_runs[0] += time.perf_counter() - start
        return result

    with tempfile.TemporaryDirectory() as folder:
        sweep(_timed("warm", 1), f"{folder}/warm", executor="serial")
        start = time.perf_counter()
        sweep(_timed("timed", _RUNS), f"{folder}/timed", executor="serial", run=timed_run)
        wall = time.perf_counter() - start
    detail = f"{_RUNS} runs of {in_runs[0] / _RUNS:.2f} s, opening and closing the file included"
    return [
        Measurement(
            "Overhead of a sweep per run",
            1e3 * (wall - in_runs[0]) / _RUNS,
            "ms",
            MAX_OVERHEAD_MS,
            detail,
        )
    ]


def processes() -> list[Measurement]:
    """Measure the time per run with two processes relative to one, without their start."""
    one, two = (_seconds_per_run(jobs) for jobs in (1, 2))
    detail = f"{one:.2f} s a run with one, {two:.2f} s with two: {one / two:.2f} times"
    return [
        Measurement(
            "Time of a sweep with two processes relative to one",
            two / one,
            "share",
            MAX_TIME_SHARE,
            detail,
        )
    ]


def _seconds_per_run(jobs: int) -> float:
    """Return seconds per run, from the result when all workers are warm to the last result."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        sweep(
            _timed("pace", _RUNS),
            folder,
            executor="processes",
            jobs=jobs,
            on_result=lambda _: times.append(time.perf_counter()),
        )
    warm = 2 * jobs
    return (times[-1] - times[warm - 1]) / (len(times) - warm)


def pairing() -> list[Measurement]:
    """Measure the variance of paired differences relative to that of independent differences.

    The ratio is that of the runs needed for intervals of equal width.
    """
    with tempfile.TemporaryDirectory() as folder:
        frames = {
            name: _frame(f"{folder}/{name}", name, [0.0, dose]) for name, dose in _POLICIES.items()
        }
        null = _frame(f"{folder}/null", "status_quo", [0.0, 1.0])
    measurements = []
    for name, frame in frames.items():
        for outcome in _OUTCOMES:
            base, arm = _arms(frame, [outcome])
            share = (arm - base).var(ddof=1) / (arm.var(ddof=1) + base.var(ddof=1))
            label = f"Paired runs needed relative to independent runs: {outcome}, {name}"
            measurements.append(
                Measurement(label, float(share), "share", MAX_RUN_SHARE, f"{1 / share:.0f} times")
            )
    base, arm = _arms(null, _OUTCOMES)
    measurements.append(
        Measurement(
            "Largest paired difference of a policy without an effect",
            float(np.abs(arm - base).max()),
            "persons",
            MAX_NULL_EFFECT,
        )
    )
    return measurements


def _arms(frame: pd.DataFrame, outcomes: Sequence[str]) -> list[np.ndarray]:
    """Return the outcomes of both points, shape (seeds, outcomes) each."""
    return [np.array(frame[frame["point"] == k][list(outcomes)], dtype=float) for k in (0, 1)]


def _frame(folder: str, policy: str, doses: Sequence[float]) -> pd.DataFrame:
    """Run a policy at some doses on the same seeds; return the frame."""
    sample = Grid({f"policy.{policy}": list(doses)})
    design = Design(name="pairing", sample=sample, scenario=_coarse_scenario(365), reps=_SEEDS)
    sweep(design, folder)
    with SweepResults(folder) as store:
        return store.frame()


def _timed(name: str, runs: int) -> Design:
    """Return a design of a number of runs of half a year."""
    return Design(
        name=name, sample=Grid({"policy.fence": [1.0]}), scenario=_coarse_scenario(180), reps=runs
    )


def _coarse_scenario(days: int) -> Scenario:
    """Return a coarse scenario."""
    return find("classroom").with_settings({"days": days, "scale": 100})


PARTS = {"sweep": overhead, "processes": processes, "pairing": pairing}
