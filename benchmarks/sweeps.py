"""Measure a sweep's overhead, and the speed-up by a second process."""

from __future__ import annotations

import tempfile
import time

from benchmarks.measurement import Measurement
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.sweep import sweep

#: Upper bounds: milliseconds; share of the time of one process.
MAX_OVERHEAD_MS, MAX_TIME_SHARE = 5.0, 1.0 / 1.8
_RUNS = 40  # runs per timed sweep
_SETTINGS = {"days": 180, "scale": 100}


def overhead() -> list[Measurement]:
    """Measure a sweep's wall time in one process beyond its runs."""
    run_times: list[float] = []

    def timed_run(case: Case) -> RunResult:
        start = time.perf_counter()
        result = run_one(case)
        run_times.append(time.perf_counter() - start)
        return result

    with tempfile.TemporaryDirectory() as folder:
        sweep(_design(1), f"{folder}/warm", executor="serial")
        start = time.perf_counter()
        sweep(_design(_RUNS), f"{folder}/timed", executor="serial", run=timed_run)
        wall = time.perf_counter() - start
    per_run = 1e3 * (wall - sum(run_times)) / _RUNS
    mean = sum(run_times) / _RUNS
    detail = f"{_RUNS} runs of {mean:.2f} s, opening and closing the file included"
    return [Measurement("Overhead of a sweep per run", per_run, "ms", MAX_OVERHEAD_MS, detail)]


def processes() -> list[Measurement]:
    """Measure the time per run with two processes relative to one, without their start."""
    alone, shared = (_seconds_per_run(jobs) for jobs in (1, 2))
    name = "Time of a sweep with two processes relative to one"
    detail = f"{alone:.2f} s a run with one, {shared:.2f} s with two: {alone / shared:.2f} times"
    return [Measurement(name, shared / alone, "share", MAX_TIME_SHARE, detail)]


def _seconds_per_run(jobs: int) -> float:
    """Return seconds per run, from the result when all workers are warm to the last result."""
    times: list[float] = []
    with tempfile.TemporaryDirectory() as folder:
        sweep(
            _design(_RUNS),
            folder,
            executor="processes",
            jobs=jobs,
            on_result=lambda _: times.append(time.perf_counter()),
        )
    warm = 2 * jobs
    return (times[-1] - times[warm - 1]) / (len(times) - warm)


def _design(runs: int) -> Design:
    """Return a design with several short runs of one case."""
    scenario = find("classroom").with_settings(_SETTINGS)
    sample = Grid({"policy.fence": [1.0]})
    return Design(name="timed", sample=sample, scenario=scenario, reps=runs)
