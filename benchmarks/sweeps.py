"""Measure a sweep's overhead, store and shards, and the speed-up with a second process."""

from __future__ import annotations

import resource
import sqlite3
import tempfile
import time
from contextlib import closing
from dataclasses import replace
from itertools import zip_longest
from pathlib import Path
from typing import Any

from benchmarks.measurement import Measurement
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps.design import Design, Grid, Shard
from experiments.sweeps.merge import merge
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.sweep import sweep

#: Upper bounds: overhead in milliseconds, and time relative to one process.
MAX_OVERHEAD_MS, MAX_TIME_SHARE = 5.0, 1.0 / 1.8
#: Upper bounds for a tiny run: CPU milliseconds beyond its simulation, and kB in the store.
MAX_BOOKKEEPING_MS, MAX_STORE_KB = 4.0, 3.0
_RUNS = 40  # runs per timed sweep
_SETTINGS = {"days": 180, "scale": 100}
_TINY_RUNS, _SHARDS = 10_000, 64
_TINY = {"days": 7, "scale": 1000, "warmup_days": 7, "fill_days": 0}


def overhead() -> list[Measurement]:
    """Measure a one-process sweep's wall time beyond its runs."""
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
    """Measure the time per run with two processes relative to one process, without start-up."""
    alone, shared = (_seconds_per_run(jobs) for jobs in (1, 2))
    name = "Time of a sweep with two processes relative to one"
    detail = f"{alone:.2f} s a run with one, {shared:.2f} s with two: {alone / shared:.2f} times"
    return [Measurement(name, shared / alone, "share", MAX_TIME_SHARE, detail)]


def shards() -> list[Measurement]:
    """Measure 10,000 tiny runs in processes, and compare their store with 64 merged shards."""
    tiny = find("classroom").with_settings(_TINY)
    sample = Grid({"policy.fence": [1.0]})
    design = Design(name="tiny", sample=sample, scenario=tiny, reps=_TINY_RUNS)
    with tempfile.TemporaryDirectory() as name:
        one = Path(name, "one")
        before = _cpu_s()
        sweep(design, one, executor="processes", run=timed_run)
        spent = _cpu_s() - before
        with SweepResults(one) as store:
            spent -= sum(store.frame()["cpu_s"].tolist())
        different, merge_s = merge_shards(design, one)
        size = (one / FILE).stat().st_size
    title, runs = f"{_TINY_RUNS:,} tiny runs", _TINY_RUNS
    ms, kb, detail = 1e3 * spent / runs, size / 1e3 / runs, "CPU; starts of workers included"
    return [
        Measurement(f"{title}, bookkeeping per run", ms, "ms", MAX_BOOKKEEPING_MS, detail),
        Measurement(f"{title}, store per run", kb, "kB", MAX_STORE_KB),
        Measurement(f"{title} in {_SHARDS} shards, merge per run", 1e3 * merge_s / runs, "ms"),
        Measurement("The same, rows that differ from one store", different, "rows", 0.0),
    ]


def merge_shards(design: Design, one: Path) -> tuple[int, float]:
    """Divide a store's results into shards and merge them.

    Args:
        design: the planned runs.
        one: folder of the store, next to which shards are written. Costs are copied with the
            results.

    Returns:
        How many rows differ from the store, and the CPU seconds of merging.
    """
    parts = [one.parent / str(number) for number in range(1, _SHARDS + 1)]
    with SweepResults(one) as store:
        keys = store.keys
        for part in parts:
            shard = replace(design, shard=Shard(int(part.name), _SHARDS))
            sweep(shard, part, executor="serial", run=lambda x: store.result(keys[x.seed - 1]))
    before = _cpu_s()
    merge(parts, one.parent / "merged")
    merge_s = _cpu_s() - before
    both = zip_longest(_rows(one), _rows(one.parent / "merged"))
    return sum(mine != other for mine, other in both), merge_s


def timed_run(case: Case) -> RunResult:
    """Run a case. The result's CPU seconds include the time to compute measures."""
    start = time.process_time()
    result = run_one(case)
    return replace(result, cost=result.cost | {"cpu_s": time.process_time() - start})


def _cpu_s() -> float:
    """Return the CPU seconds of this process and its ended children."""
    usage = map(resource.getrusage, (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(each.ru_utime + each.ru_stime for each in usage)


def _rows(folder: Path) -> list[Any]:
    """Return a store's rows without start and worker, with runs sorted by key."""
    names = "key, digest, outcomes, cpu_s, wall_s, record"
    with closing(sqlite3.connect(folder / FILE)) as db:
        queries = ("* from meta", "* from plan", f"{names} from runs order by key")
        return [row for query in queries for row in db.execute(f"select {query}")]


def _seconds_per_run(jobs: int) -> float:
    """Return the seconds per run, from the first result of warm workers to the last result."""
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
    """Return a design that repeats one short case with several seeds."""
    scenario = find("classroom").with_settings(_SETTINGS)
    sample = Grid({"policy.fence": [1.0]})
    return Design(name="timed", sample=sample, scenario=scenario, reps=runs)
