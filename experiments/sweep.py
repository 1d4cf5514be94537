"""Sweeps: a design is played into a ledger, and nothing that was played is ever lost.

``sweep(design, folder)`` plays what the ledger of the folder does not hold yet, in worker processes
or through any executor. Whoever is killed, when it is started again it goes on where it was.
"""

from __future__ import annotations

import contextlib
import os
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from agents.param import plain
from experiments.job_queue import WINDOW, ExecutorGone, Work, WorkerKilled, run_on
from experiments.model_fingerprint import model_source
from experiments.pool import Failure, cores, failure, run_in_pool
from experiments.run import Case, RunResult, run_one
from experiments.sweep_writer import RunRecord, SweepWriter, open_writer

if TYPE_CHECKING:
    from experiments.design import Design

DASK = "dask://"
_NAMES = "processes, serial or dask://HOST:PORT"
_DEATHS = 8  # runs in a row set aside, before it is the workers and not the runs that are ill
_COUNT = 2.0  # seconds after which the workers of a cluster are counted again
_CALL = 20  # seconds to wait for a scheduler
Play = Callable[[Case], RunResult]


@dataclass(frozen=True)
class Job:
    """One run to be played: its key in the ledger and the case."""

    key: str
    case: Case


@dataclass(frozen=True)
class Swept:
    """What a sweep has come to.

    ``planned``: different runs of the design. ``found``: done before this start. ``played``: done
    in it. ``failures``: what gave nothing in it. Together they are ``planned``.
    """

    folder: Path
    planned: int
    found: int
    played: int
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
    play: Play = run_one,
    command: Sequence[str] = (),
) -> Swept:
    """Play what the ledger in `folder` does not hold yet, and enter it run by run.

    Args:
        design: what is played.
        folder: where ``ledger.sqlite`` is, or will be.
        executor: "processes" (default), "serial" (in this process), "dask://HOST:PORT", or any
            ``concurrent.futures.Executor``, which is left running.
        jobs: runs at a time, by default every core; with an executor, what it has in flight.
        resume: whether to go on with a sweep that the folder holds; runs that failed are tried
            again.
        on_start: called once with (planned runs, runs that are there already).
        on_result: hears of every run as it is entered.
        play: what plays a case; workers must be able to import it.
        command: the words that started it, for the record; by default those of this process.

    A run that raises is entered with its traceback, one whose worker dies twice is set aside, and
    the others go on. Raises ``SettingError`` for a folder that cannot be used, ``ExecutorGone`` if
    the workers are gone; whatever it raises, KeyboardInterrupt too, every run that was entered
    stays.
    """
    told = executor if isinstance(executor, str) else _name(executor)
    with _backend(executor, jobs) as crew:
        ledger = open_writer(folder, design, resume=resume, command=command, executor=told)
        with contextlib.closing(ledger):
            return _play_all(design, Path(folder), ledger, crew, play, on_start, on_result)


def _play_all(
    design: Design,
    folder: Path,
    ledger: SweepWriter,
    crew: Backend,
    play: Play,
    on_start: Callable[[int, int], object] | None,
    on_result: Callable[[RunRecord | Failure], object] | None,
) -> Swept:
    """Play what is left and count."""
    keys = ledger.keys()
    planned, found = len(set(keys)), len(ledger.done)
    if on_start:
        on_start(planned, found)
    notes = ResultSink(ledger, on_result)
    work = Work(partial(play_job, play), notes.hear, lambda job, error: failure(job.case, error))
    if found < planned:
        crew(_jobs(design, keys, ledger), work)
    return Swept(folder, planned, found, len(ledger.done) - found, tuple(notes.failures))


def _jobs(design: Design, keys: list[str], ledger: SweepWriter) -> Iterator[Job]:
    """What is not done yet, each key once, in the order of the design."""
    sent = set(ledger.done)
    for key, planned in zip(keys, design.plan(), strict=True):
        if key not in sent:
            sent.add(key)
            yield Job(key, design.case(planned))


@dataclass
class ResultSink:
    """Enters answers, and notices when it is the workers that are ill."""

    ledger: SweepWriter
    on_result: Callable[[RunRecord | Failure], object] | None
    failures: list[Failure]
    deaths: int = 0

    def __init__(
        self, ledger: SweepWriter, on_result: Callable[[RunRecord | Failure], object] | None
    ) -> None:
        self.ledger, self.on_result, self.failures = ledger, on_result, []

    def hear(self, job: Job, answer: RunRecord | Failure) -> None:
        """Enter one answer."""
        if isinstance(answer, RunRecord) and answer.source != model_source():
            answer = failure(
                job.case,
                OtherModel(
                    f"the worker {answer.worker} has another version"
                    " of the model; install the same everywhere"
                ),
            )
        if isinstance(answer, RunRecord):
            self.ledger.add(answer)
        else:
            self.ledger.fail(job.key, answer)
            self.failures.append(answer)
        self._count(answer)
        if self.on_result:
            self.on_result(answer)

    def _count(self, answer: RunRecord | Failure) -> None:
        """Stop where nothing can be played: a worker that cannot start looks like a deadly run."""
        dead = isinstance(answer, Failure) and answer.kind == WorkerKilled.__name__
        self.deaths = self.deaths + 1 if dead else 0
        if self.deaths >= _DEATHS:
            raise ExecutorGone(f"{_DEATHS} runs in a row ended the process that played them")


class OtherModel(RuntimeError):
    """A run that was played by a worker with another version of the model."""


def play_job(play: Play, job: Job) -> RunRecord | Failure:
    """Play a run in a worker; what it raises is recorded, except a wish to stop."""
    from experiments.codec import pack

    try:
        result = play(job.case)
        return RunRecord(
            key=job.key,
            seed=job.case.seed,
            digest=result.digest,
            outcomes=row_of(result),
            cpu_s=result.cost.get("cpu_s", 0.0),
            wall_s=result.cost.get("wall_s", 0.0),
            record=pack(result),
            source=model_source(),
            worker=f"{socket.gethostname()}:{os.getpid()}",
        )
    except Exception as error:
        return failure(job.case, error)


def row_of(result: RunResult) -> dict[str, float]:
    """Outcomes of a run for a row of the frame: all criteria, and discounted sums."""
    discounted = {f"discounted_{name}": value for name, value in result.discounted.items()}
    return result.outcomes | result.criteria | discounted


# ---- who plays -----------------------------------------------------------------------------------

Backend = Callable[[Iterator[Job], Work[Job, Any]], None]


@contextlib.contextmanager
def _backend(executor: Executor | str | None, jobs: int | None) -> Iterator[Backend]:
    """Whoever plays jobs; what was made for it here is taken down again."""
    if executor is None or executor == "processes":
        yield lambda todo, work: run_in_pool(todo, work, jobs or cores())
    elif executor == "serial":
        yield _alone
    elif isinstance(executor, Executor):
        size = jobs or getattr(executor, "_max_workers", None) or cores()
        yield lambda todo, work: run_on(executor, todo, work, lambda: WINDOW * size)
    elif isinstance(executor, str) and executor.startswith(DASK):
        with _dask(executor.removeprefix(DASK), jobs) as crew:
            yield crew
    else:
        raise SettingError("--executor", f"{plain(executor)} is not known", f"Give {_NAMES}.")


def _alone(todo: Iterator[Job], work: Work[Job, Any]) -> None:
    """Play in this process."""
    for job in todo:
        work.note(job, work.play(job))


@contextlib.contextmanager
def _dask(address: str, jobs: int | None) -> Iterator[Backend]:
    """Play on a Dask cluster that somebody has started; its workers may come and go."""
    client = _client(address)
    executor = client.get_executor(pure=False)  # never taken for a call that was made before
    try:
        size = _Size(client, jobs)
        yield lambda todo, work: run_on(executor, todo, work, size)
    finally:
        with contextlib.suppress(Exception):  # a scheduler that is gone cannot be told so
            executor.shutdown(wait=False)
        client.close(timeout=_CALL)


def _client(address: str) -> Any:
    """Call a scheduler; raises ``SettingError`` if there is none or Dask is missing."""
    try:
        from distributed import Client
    except ImportError:
        hint = "Install the extra: uv sync --extra cluster, or pip install 'dask[distributed]'."
        raise SettingError("--executor", "it needs the package distributed", hint) from None
    hint = "Start one with: dask scheduler --host HOST --port PORT, and workers with dask worker."
    try:
        return Client(f"tcp://{address}", timeout=_CALL, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        told = " ".join(str(error).split())
        reason = f"no scheduler answers at {address} ({told})"
        raise SettingError("--executor", reason, hint) from None


@dataclass
class _Size:
    """Jobs in flight on a cluster: two for every thread that its workers have just now."""

    client: Any
    jobs: int | None
    asked: float = -_COUNT
    threads: int = 1

    def __call__(self) -> int:
        """Give the number; the scheduler is asked now and then."""
        if self.jobs:
            return WINDOW * self.jobs
        if time.monotonic() - self.asked > _COUNT:
            self.asked = time.monotonic()
            with contextlib.suppress(Exception):  # its answers will say that it is gone
                self.threads = max(1, sum(self.client.nthreads().values()))
        return WINDOW * self.threads


def _name(executor: Executor | None) -> str:
    """Name an executor for the record."""
    return "processes" if executor is None else type(executor).__name__
