"""Measure a sweep's overhead, its store and shards, and the speed-up by a second process."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.measurement import ROOT, Cost, Measurement, time_process
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.executors import cores
from experiments.sweeps.store import FILE, SweepResults, pack
from experiments.sweeps.sweep import sweep

#: Upper bounds: milliseconds; share of the time of one process.
MAX_OVERHEAD_MS, MAX_TIME_SHARE = 5.0, 1.0 / 1.8
#: Upper bounds of a tiny run: CPU milliseconds beyond its simulation; kB in the store.
MAX_BOOKKEEPING_MS, MAX_STORE_KB = 4.0, 3.0
_RUNS = 40  # runs per timed sweep
_SETTINGS = {"days": 180, "scale": 100}
_TINY_RUNS, _SHARDS = 10_000, 64
_TINY = """name = "tiny"
scenario = "classroom"
days = 7
scale = 1000
[set]
warmup_days = 7
fill_days = 0
[grid]
"policy.fence" = [1.0]
"""


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


def shards() -> list[Measurement]:
    """Measure 10,000 tiny runs of the command, and compare them with the merge of 64 shards."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        design, one, merged = folder / "tiny.toml", folder / "one", folder / "merged"
        design.write_text(f"reps = {_TINY_RUNS}\n{_TINY}", encoding="utf-8")
        parts = [folder / str(number) for number in range(1, _SHARDS + 1)]

        def start(*words: object) -> Cost:
            return time_process(("-m", "viz.cli", *map(str, words)), ROOT, {})

        def run_shard(part: Path) -> Cost:
            shard = f"{part.name}/{_SHARDS}"
            return start("sweep", design, "--shard", shard, "--out", part, "--jobs", 1)

        whole = start("sweep", design, "--out", one)
        with ThreadPoolExecutor(cores()) as pool:
            list(pool.map(run_shard, parts))
        merging = start("merge", *parts, "--out", merged)
        with SweepResults(one) as store:
            simulated = sum(store.frame()["cpu_s"].tolist())
        both = zip_longest(_contents(one), _contents(merged))
        different = sum(mine != other for mine, other in both)
        size = (one / FILE).stat().st_size / 1e3
    ms, kb, merge_ms = (
        x / _TINY_RUNS for x in (1e3 * (whole.cpu_s - simulated), size, 1e3 * merging.cpu_s)
    )
    detail = f"{whole.cpu_s:.0f} CPU s, {simulated:.0f} of them simulation; starts included"
    title = f"{_TINY_RUNS:,} tiny runs"
    return [
        Measurement(f"{title}, bookkeeping per run", ms, "ms", MAX_BOOKKEEPING_MS, detail),
        Measurement(f"{title}, store per run", kb, "kB", MAX_STORE_KB),
        Measurement(f"{title} in {_SHARDS} shards, merge per run", merge_ms, "ms"),
        Measurement("The same, rows that differ from one store", different, "rows", 0.0),
    ]


def _contents(folder: Path) -> Iterator[Any]:
    """Yield a store's description, then key, inputs and bytes of every result but its costs."""
    with SweepResults(folder) as store:
        yield store.meta
        yield store.frame().drop(columns=["cpu_s", "wall_s"]).to_csv()
        for key, (inputs, result) in zip(store.keys, store.results(), strict=True):
            yield key, inputs, pack(replace(result, cost={}))


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
