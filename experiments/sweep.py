"""Run a design and store every result in a SQLite file, so that an interrupt loses no finished run.

``sweep(design, folder)`` runs the cases that the folder does not hold yet, in worker processes or
on any executor. If the process is killed, the next call continues with the missing runs.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from abm.supply_file import is_supply_file
from agents.param import plain
from experiments.case import Case, Failure, RunResult
from experiments.job_queue import WINDOW, ExecutorGone, Work, WorkerKilled, run_on
from experiments.model_fingerprint import model_source
from experiments.pool import cores, run_in_pool
from experiments.run import run_one
from experiments.sweep_writer import RunRecord, SweepWriter, key_of, open_writer, source_of

if TYPE_CHECKING:
    from experiments.design import Design

DASK = "dask://"
_EXECUTORS = "processes, serial or dask://HOST:PORT"
_MAX_DEATHS = 8  # consecutive killed workers after which the workers are at fault, not the runs
_COUNT_S = 2.0  # seconds between counts of the workers of a cluster
_TIMEOUT_S = 20  # seconds to wait for a scheduler
RunFunction = Callable[[Case], RunResult]


@dataclass(frozen=True)
class SweepJob:
    """One planned run: its key in the store and the case."""

    key: str
    case: Case


@dataclass(frozen=True)
class SweepSummary:
    """Counts of one call of ``sweep``; ``stored``, ``completed`` and failures sum to ``planned``.

    Attributes:
        folder: where the results are stored.
        planned: distinct runs of the design.
        stored: runs that the folder held before the call.
        completed: runs that the call added.
        failures: runs without a result in this call.
    """

    folder: Path
    planned: int
    stored: int
    completed: int
    failures: tuple[Failure, ...]


def sweep(
    design: Design,
    folder: str | Path,
    *,
    executor: Executor | str | None = None,
    jobs: int | None = None,
    resume: bool = True,
    on_start: Callable[[int, int], object] | None = None,
    on_result: Callable[[RunRecord | Failure], object] | None = None,
    run: RunFunction = run_one,
    command: Sequence[str] = (),
) -> SweepSummary:
    """Run the cases of a design that `folder` does not hold yet, and store each result.

    A run that raises is stored with its traceback, and a run whose worker dies twice is recorded as
    failed; the other runs continue. Stored runs remain if an error (or KeyboardInterrupt) ends the
    sweep.

    Args:
        design: the planned runs.
        folder: folder of ``ledger.sqlite``, created if missing.
        executor: "processes" (default), "serial" (this process), "dask://HOST:PORT", or any
            ``concurrent.futures.Executor``, which is not shut down.
        jobs: runs at a time (default: all cores); with an executor, the number of its workers.
        resume: whether to continue a sweep that the folder holds; failed runs are tried again.
        on_start: called once with (planned runs, stored runs).
        on_result: called with every run when it is stored.
        run: runs a case; workers must be able to import it.
        command: stored as provenance; by default the command line of this process.

    Returns:
        The counts of this call.

    Raises:
        SettingError: the folder or the executor cannot be used.
        ExecutorGone: the workers ended.
    """
    name = executor if isinstance(executor, str) else _name(executor)
    with _backend(executor, jobs) as backend:
        writer = open_writer(folder, design, resume=resume, command=command, executor=name)
        with contextlib.closing(writer):
            return _run_missing(design, Path(folder), writer, backend, run, on_start, on_result)


def _run_missing(
    design: Design,
    folder: Path,
    writer: SweepWriter,
    backend: Backend,
    run: RunFunction,
    on_start: Callable[[int, int], object] | None,
    on_result: Callable[[RunRecord | Failure], object] | None,
) -> SweepSummary:
    """Run the missing cases and count."""
    keys = writer.keys()
    planned, stored = len(set(keys)), len(writer.done)
    if on_start:
        on_start(planned, stored)
    sink = ResultSink(writer, on_result)
    work = Work(partial(run_job, run), sink.add, lambda job, error: Failure.of(job.case, error))
    if stored < planned:
        backend(_jobs(design, keys, writer), work)
    return SweepSummary(folder, planned, stored, len(writer.done) - stored, tuple(sink.failures))


def _jobs(design: Design, keys: list[str], writer: SweepWriter) -> Iterator[SweepJob]:
    """Yield the missing runs, each key once, in the order of the design."""
    submitted = set(writer.done)
    for key, planned in zip(keys, design.plan(), strict=True):
        if key not in submitted:
            submitted.add(key)
            yield SweepJob(key, design.case(planned))


@dataclass
class ResultSink:
    """Stores answers, and ends the sweep if the workers rather than the runs are at fault."""

    writer: SweepWriter
    on_result: Callable[[RunRecord | Failure], object] | None
    failures: list[Failure] = field(default_factory=list)
    deaths: int = 0

    def add(self, job: SweepJob, answer: RunRecord | Failure) -> None:
        """Store one answer.

        Args:
            job: the run.
            answer: its record, or its failure; the record of a worker with another version of the
                model counts as a failure.

        Raises:
            ExecutorGone: the workers of eight consecutive runs died.
        """
        if isinstance(answer, RunRecord) and answer.source != model_source():
            reason = (
                f"the worker {answer.worker} has another version of the model; "
                "install the same version on every machine"
            )
            answer = Failure.of(job.case, OtherModel(reason))
        if isinstance(answer, RunRecord):
            self.writer.add(answer)
        else:
            self.writer.fail(job.key, answer)
            self.failures.append(answer)
        self._count_deaths(answer)
        if self.on_result:
            self.on_result(answer)

    def _count_deaths(self, answer: RunRecord | Failure) -> None:
        """Raise if no worker can run; a worker that cannot start looks like a deadly run."""
        dead = isinstance(answer, Failure) and answer.kind == WorkerKilled.__name__
        self.deaths = self.deaths + 1 if dead else 0
        if self.deaths >= _MAX_DEATHS:
            raise ExecutorGone(f"the workers of {_MAX_DEATHS} runs in a row died")


class OtherModel(RuntimeError):
    """A worker has another version of the model."""


def run_job(run: RunFunction, job: SweepJob) -> RunRecord | Failure:
    """Run a job in a worker.

    Args:
        run: runs a case.
        job: key and case.

    Returns:
        The record of the run, or the error that it raised (except an interrupt).
    """
    from experiments.codec import frame_values, pack

    try:
        result = run(job.case)
        _check_supply(job)
        return RunRecord(
            key=job.key,
            seed=job.case.seed,
            digest=result.digest,
            outcomes=frame_values(result),
            cpu_s=result.cost.get("cpu_s", 0.0),
            wall_s=result.cost.get("wall_s", 0.0),
            record=pack(result),
            source=model_source(),
            worker=f"{socket.gethostname()}:{os.getpid()}",
        )
    except Exception as error:
        return Failure.of(job.case, error)


def _check_supply(job: SweepJob) -> None:
    """Raise unless the supply file of a run has the content that it had when the sweep began."""
    scenario = job.case.scenario
    if is_supply_file(scenario.supply) and job.key != key_of(job.case, source_of(scenario)):
        raise OtherModel("its supply file has changed since the sweep began; start another sweep")


# ---- backends ------------------------------------------------------------------------------------

Backend = Callable[[Iterator[SweepJob], Work[SweepJob, Any]], None]


@contextlib.contextmanager
def _backend(executor: Executor | str | None, jobs: int | None) -> Iterator[Backend]:
    """Yield the function that runs jobs; close the connections that were opened for it."""
    if executor is None or executor == "processes":
        yield lambda todo, work: run_in_pool(todo, work, jobs or cores())
    elif executor == "serial":
        yield _run_serially
    elif isinstance(executor, Executor):
        size = jobs or getattr(executor, "_max_workers", None) or cores()
        yield lambda todo, work: run_on(executor, todo, work, lambda: WINDOW * size)
    elif isinstance(executor, str) and executor.startswith(DASK):
        with _dask(executor.removeprefix(DASK), jobs) as backend:
            yield backend
    else:
        raise SettingError(
            "--executor", f"unknown executor {plain(executor)}", f"Give {_EXECUTORS}."
        )


def _run_serially(jobs: Iterator[SweepJob], work: Work[SweepJob, Any]) -> None:
    """Run jobs in this process."""
    for job in jobs:
        work.on_result(job, work.run(job))


@contextlib.contextmanager
def _dask(address: str, jobs: int | None) -> Iterator[Backend]:
    """Yield the backend of a running Dask cluster, whose workers may join and leave."""
    client = _client(address)
    executor = client.get_executor(pure=False)  # a repeated call is never answered from a cache
    try:
        window = _Window(client, jobs)
        yield lambda todo, work: run_on(executor, todo, work, window)
    finally:
        with contextlib.suppress(Exception):  # the scheduler may have ended
            executor.shutdown(wait=False)
        client.close(timeout=_TIMEOUT_S)


def _client(address: str) -> Any:
    """Connect to a scheduler; raise ``SettingError`` without one or without Dask."""
    try:
        from distributed import Client
    except ImportError:
        hint = "Run uv sync --inexact --extra cluster, or pip install 'dask[distributed]'."
        raise SettingError("--executor", "it needs the package distributed", hint) from None
    hint = "Start one with: dask scheduler --host HOST --port PORT, and workers with dask worker."
    try:
        return Client(f"tcp://{address}", timeout=_TIMEOUT_S, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        details = " ".join(str(error).split())
        reason = f"no scheduler answers at {address} ({details})"
        raise SettingError("--executor", reason, hint) from None


@dataclass
class _Window:
    """Number of submitted jobs on a cluster: two per thread of its current workers."""

    client: Any
    jobs: int | None
    counted_at: float = -_COUNT_S
    threads: int = 1

    def __call__(self) -> int:
        """Return the number; the scheduler is queried at most every two seconds."""
        if self.jobs:
            return WINDOW * self.jobs
        if time.monotonic() - self.counted_at > _COUNT_S:
            self.counted_at = time.monotonic()
            with contextlib.suppress(Exception):  # the pending answers report a lost scheduler
                self.threads = max(1, sum(self.client.nthreads().values()))
        return WINDOW * self.threads


def _name(executor: Executor | None) -> str:
    """Return the name of an executor for the provenance."""
    return "processes" if executor is None else type(executor).__name__
