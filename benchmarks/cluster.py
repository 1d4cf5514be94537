"""Measure a Dask cluster's time per task and per run, and identify the bottleneck.

``python -m benchmarks --part cluster --json > docs/records/cluster.json`` writes the record for the
guide to clusters. Every run returns an existing result, so that only the cluster is measured.
"""

from __future__ import annotations

import json
import pickle
import tempfile
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from benchmarks.measurement import ROOT, Measurement
from experiments.runs.case import Case, RunResult, program
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.sweeps.backend import Backend, Work
from experiments.sweeps.dask_cluster import BATCH, run_task
from experiments.sweeps.design import Design, Grid
from experiments.sweeps.executors import open_backend
from experiments.sweeps.store import FILE
from experiments.sweeps.store_writer import RunRecord, open_writer
from experiments.sweeps.sweep import SweepJob, run_job
from tests.resume.cluster import Cluster

RECORD = ROOT / "docs/records/cluster.json"
WORKERS = 1000  # number of workers in the extrapolated cluster
_RUNS = 384  # runs per measurement
_TINY = {"days": 365, "scale": 1000, "warmup_days": 56, "fill_days": 28}

_results: list[RunResult] = []  # the first case's result in this process


@dataclass(frozen=True)
class Price:
    """Processor time that one process spends per task and per run, in milliseconds."""

    task: float
    run: float

    def per_run(self, batch: int) -> float:
        """Return the milliseconds per run if a task has `batch` runs."""
        return self.run + self.task / batch


def measure() -> list[Measurement]:
    """Measure scheduler, command, writer and store, and extrapolate them to a large cluster."""
    with tempfile.TemporaryDirectory() as folder:
        jobs, records, write_ms, store_kb = _write(Path(folder))
        with _cluster(Path(folder)) as (backend, scheduler):
            _spend(backend, scheduler, jobs[: 2 * BATCH], 1)  # both workers import the program
            alone, batched = (_spend(backend, scheduler, jobs, n) for n in (1, BATCH))
    dask, command = (_price(single, four) for single, four in zip(alone, batched, strict=True))
    rows = [
        Measurement("Scheduler, per task", dask.task, "ms"),
        Measurement("Scheduler, per run", dask.run, "ms"),
        Measurement("Command, per task", command.task, "ms"),
        Measurement("Command, per run", command.run, "ms"),
        Measurement("Writer, per run", write_ms, "ms"),
        Measurement("Store, per run", store_kb, "kB"),
    ]
    task = partial(run_task, program(), partial(run_job, ready))
    for n in (1, BATCH):
        size, answer = (
            len(pickle.dumps(message)) / 1e3 for message in ((task, jobs[:n]), records[:n])
        )
        rows.append(Measurement(f"Message, runs: {n}", size, "kB"))
        rows.append(Measurement(f"Answer, runs: {n}", answer, "kB"))
    for n in (1, BATCH):
        for name, ms in (
            ("scheduler", dask.per_run(n)),
            ("command", command.per_run(n) + write_ms),
        ):
            text = f"{WORKERS:,} workers: {name}, tasks of {n}"
            rows.append(Measurement(text, WORKERS * ms / 1e3, "s"))
    return rows


def cluster_markdown() -> str:
    """Return the record as a table."""
    record = json.loads(RECORD.read_text(encoding="utf-8"))
    rows = [f"| {row['name']} | {row['value']:.2g} {row['unit']} |" for row in record["figures"]]
    return "\n".join(["| figure | value |", "| --- | --: |", *rows])


def ready(case: Case) -> RunResult:
    """Return the first case's result for every case in this process."""
    if not _results:
        _results.append(run_one(case))
    return _results[0]


def _write(folder: Path) -> tuple[list[SweepJob], list[RunRecord], float, float]:
    """Store results; return jobs, records, the median ms of a write, and kB per run."""
    scenario = find("classroom").with_settings(_TINY)
    sample = Grid({"policy.fence": [1.0]})
    design = Design(name="timed", sample=sample, scenario=scenario, reps=_RUNS)
    times, records = list[float](), list[RunRecord]()
    with closing(open_writer(folder, design, resume=True)) as writer:
        cases = [case for _, case in design.cases()]
        jobs = [SweepJob(key, case) for key, case in zip(writer.keys(), cases, strict=True)]
        for job in jobs:
            record = run_job(ready, job)
            assert isinstance(record, RunRecord), record
            start = time.perf_counter()
            writer.add(record)
            times.append(1e3 * (time.perf_counter() - start))
            records.append(record)
    return jobs, records, median(times), (folder / FILE).stat().st_size / 1e3 / _RUNS


@contextmanager
def _cluster(folder: Path) -> Iterator[tuple[Backend, Any]]:
    """Yield a backend on two local workers, and the scheduler's process."""
    import psutil

    with closing(Cluster(folder)) as cluster:
        for _ in range(2):
            cluster.add_worker("--no-nanny")
        cluster.wait_for_workers(2)
        with open_backend(cluster.executor) as backend:
            yield backend, psutil.Process(cluster.started[0].pid)


def _spend(backend: Backend, scheduler: Any, jobs: list[SweepJob], batch: int) -> list[float]:
    """Return the processor ms per task, for the scheduler and for this process."""

    def clocks() -> tuple[float, float]:
        return sum(scheduler.cpu_times()[:2]), time.process_time()

    places = {job.key: place for place, job in enumerate(jobs)}
    answers: list[RunRecord | BaseException] = []
    work = Work[SweepJob, Any](
        partial(run_job, ready),
        lambda _, answer: answers.append(answer),
        lambda _, error: error,
        None if batch == 1 else lambda job: places[job.key] // batch,
    )
    before = clocks()
    backend.run(jobs, work)
    spent = [after - start for start, after in zip(before, clocks(), strict=True)]
    assert all(isinstance(answer, RunRecord) for answer in answers), answers[0]
    return [1e3 * seconds * batch / len(jobs) for seconds in spent]


def _price(alone: float, batched: float) -> Price:
    """Derive the time per task and the time per run from tasks of two sizes."""
    run = max(0.0, (batched - alone) / (BATCH - 1))
    return Price(alone - run, run)
