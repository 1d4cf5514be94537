"""Run a design and store every result in a SQLite file, so that an interrupt loses no finished run.

``sweep(design, folder)`` runs the cases that the folder does not hold yet, in worker processes or
on any executor. If the process is killed, the next call continues with the missing runs.
"""

from __future__ import annotations

import contextlib
import os
import socket
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from experiments.runs.case import Case, Failure
from experiments.runs.run import run_one
from experiments.runs.study_inputs import refuse_local_classes
from experiments.sweeps.backend import ExecutorGone, Work, WorkerKilled
from experiments.sweeps.design import Plan
from experiments.sweeps.executors import ExecutorInput, open_backend
from experiments.sweeps.store import NAMES, outcomes_text, pack
from experiments.sweeps.store_writer import RunRecord, SweepWriter, key_of, open_writer, source_of

_MAX_DEATHS = 8  # after this number of consecutive killed workers, the workers are at fault


class Storable(Protocol):
    """Protocol: the result of one run, a dataclass of plain values and arrays."""

    @property
    def digest(self) -> str:
        """Hash of the run, empty if it has none."""
        ...

    @property
    def cost(self) -> dict[str, float]:
        """Seconds ``cpu_s`` and ``wall_s``, empty if they are not measured."""
        ...

    @property
    def frame_values(self) -> dict[str, float]:
        """Outcomes by name, for a row of the results frame."""
        ...


#: A function that runs a case.
RunFunction = Callable[[Any], Storable]


@dataclass(frozen=True)
class SweepJob:
    """One planned run: its key in the store and the case."""

    key: str
    case: Case


@dataclass(frozen=True)
class SweepSummary:
    """Counts from one ``sweep`` call. ``stored``, ``completed`` and failures sum to ``planned``.

    Attributes:
        folder: folder of the store.
        planned: number of distinct runs of the design.
        stored: number of runs that the folder held before the call.
        completed: number of runs that the call added.
        failures: runs without a result in this call.
    """

    folder: Path
    planned: int
    stored: int
    completed: int
    failures: tuple[Failure, ...]


def sweep(
    design: Plan,
    folder: str | Path,
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    resume: bool = True,
    on_start: Callable[[int, int], object] | None = None,
    on_result: Callable[[RunRecord | Failure], object] | None = None,
    run: RunFunction = run_one,
    command: Sequence[str] = (),
) -> SweepSummary:
    """Run the cases of a design that `folder` does not hold yet, and store each result.

    A run that raises an error is stored with its traceback. A run whose worker dies twice is
    recorded as failed. All other runs continue. Stored runs are kept if an error (or
    KeyboardInterrupt) ends the sweep.

    Args:
        design: the planned runs.
        folder: folder of ``ledger.sqlite``, created if missing.
        executor: where the cases run, as in ``experiments.sweeps.executors.open_backend``.
        jobs: number of runs at a time (default: all cores). For an executor, its number of workers.
        resume: whether to continue a sweep that the folder holds. Failed runs are tried again.
        on_start: called once with (planned runs, stored runs).
        on_result: called with every record or failure after it is stored.
        run: function that runs a case. Workers must be able to import it.
        command: command line to store as provenance (default: this process's command line).

    Returns:
        The counts of this call.

    Raises:
        SettingError: the folder or the executor cannot be used.
        ExecutorGone: the workers ended.
    """
    refuse_local_classes(design.scenario, "its runs cannot be stored")
    with open_backend(executor, jobs) as backend:
        name = executor if isinstance(executor, str) else backend.name
        writer = open_writer(folder, design, resume=resume, command=command, executor=name)
        with contextlib.closing(writer):
            keys = writer.keys()
            planned, stored = len(set(keys)), len(writer.done)
            if on_start:
                on_start(planned, stored)
            sink = ResultSink(writer, on_result)
            work = Work(
                partial(run_job, run),
                sink.add,
                lambda job, error: Failure.of(job.case, error),
                lambda job: job.case.warmup_key,
            )
            if stored < planned:
                backend.run(_jobs(design, keys, writer), work)
    completed = len(writer.done) - stored
    return SweepSummary(Path(folder), planned, stored, completed, tuple(sink.failures))


def sweep_all(
    designs: Mapping[str, Plan],
    folder: Path,
    *,
    on_start: Callable[[str, int, int], object] | None = None,
    **options: Any,
) -> list[SweepSummary]:
    """Run several designs, each in a separate folder.

    Args:
        designs: designs by folder name.
        folder: parent of these folders.
        on_start: called once for each design with (name, planned runs, stored runs).
        options: further arguments of :func:`sweep`.

    Returns:
        The counts of each design.

    Raises:
        SettingError, ExecutorGone: as in :func:`sweep`.
    """
    start = on_start or (lambda *_: None)
    return [
        sweep(design, folder / name, on_start=partial(start, name), **options)
        for name, design in designs.items()
    ]


def _jobs(design: Plan, keys: list[str], writer: SweepWriter) -> Iterator[SweepJob]:
    """Yield the missing runs in design order, each key once."""
    submitted = set(writer.done)
    for key, (_, case) in zip(keys, design.cases(), strict=True):
        if key not in submitted:
            submitted.add(key)
            yield SweepJob(key, case)


@dataclass
class ResultSink:
    """Receives and stores answers. Ends the sweep if the workers, not the runs, are at fault."""

    writer: SweepWriter
    on_result: Callable[[RunRecord | Failure], object] | None
    failures: list[Failure] = field(default_factory=list)
    deaths: int = 0

    def add(self, job: SweepJob, answer: RunRecord | Failure) -> None:
        """Store one answer.

        Args:
            job: run to which the answer belongs.
            answer: the record or the failure of the run.

        Raises:
            ExecutorGone: the workers of eight consecutive runs died.
        """
        if isinstance(answer, RunRecord):
            self.writer.add(answer)
        else:
            self.writer.fail(job.key, answer)
            self.failures.append(answer)
        # A worker that cannot start looks the same as a run that kills its worker.
        dead = isinstance(answer, Failure) and answer.kind == WorkerKilled.__name__
        self.deaths = self.deaths + 1 if dead else 0
        if self.deaths >= _MAX_DEATHS:
            raise ExecutorGone(f"the workers of {_MAX_DEATHS} runs in a row died")
        if self.on_result:
            self.on_result(answer)


class OtherModel(RuntimeError):
    """A worker has another model version, or an input file has changed."""


def run_job(run: RunFunction, job: SweepJob) -> RunRecord | Failure:
    """Run a job in a worker.

    Args:
        run: function that runs a case.
        job: the run, with its key and case.

    Returns:
        The run's record, or the error that it raised (except an interrupt).
    """
    try:
        result = run(job.case)
        _check_key(job)
        outcomes = result.frame_values
        return RunRecord(
            key=job.key,
            digest=result.digest,
            outcomes=outcomes,
            cpu_s=result.cost.get("cpu_s", 0.0),
            wall_s=result.cost.get("wall_s", 0.0),
            record=pack(result, (NAMES + outcomes_text(outcomes)).encode()),
            worker=f"{socket.gethostname()}:{os.getpid()}",
        )
    except Exception as error:
        return Failure.of(job.case, error)


def _check_key(job: SweepJob) -> None:
    """Raise ``OtherModel`` unless this worker has the sweep's model and input files."""
    if job.key != key_of(job.case, source_of(job.case.scenario)):
        raise OtherModel(
            f"the worker {socket.gethostname()}:{os.getpid()} has another version of the model "
            "or of a user's class, or a supply file has changed since the sweep began; install the "
            "same version on every machine, or start another sweep"
        )
