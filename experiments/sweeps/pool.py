"""Run jobs in worker processes; errors are recorded and killed workers are replaced."""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import shutil
import signal
import sys
import tempfile
import threading
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from experiments.runs import warmup
from experiments.runs.case import Failure
from experiments.sweeps.job_queue import WINDOW, JobQueue, Work, WorkerKilled

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

__all__ = [
    "Failure",
    "WorkerKilled",
    "WorkerPool",
    "cores",
    "failure",
    "kill",
    "run_here",
    "run_in_pool",
    "start_worker",
]

failure = Failure.of

_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_ENDED_BY_POOL = (None, 0, -signal.SIGTERM.value)  # exit codes of workers that did not fail
_NO_WORKERS = (
    "the program is read from standard input, which worker processes cannot import: all runs are "
    "in this process. Save the program in a file to use more cores."
)


def cores() -> int:
    """Return the number of cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, len(usable(0)) if usable else os.cpu_count() or 1)


def run_in_pool[J, A](jobs: Iterable[J], work: Work[J, A], workers: int) -> None:
    """Run jobs in a pool of processes that ends with the call.

    Args:
        jobs: the jobs; the iterable is read while jobs are submitted.
        work: the functions that handle jobs and answers.
        workers: number of processes; jobs of a program that is read from stdin run in this one.
    """
    with contextlib.closing(WorkerPool(workers)) as pool:
        pool.run(jobs, work)


class WorkerPool:
    """Worker processes that are started by the first jobs and kept until the pool is closed.

    The processes are replaced whenever one of them dies. A job that may have killed its worker is
    run again, alone. If it kills its worker again, it is recorded as failed (``Work.set_aside``).
    An interrupt of this process stops all workers.

    Attributes:
        workers: largest number of processes.
    """

    def __init__(self, workers: int) -> None:
        self.workers = workers
        self._started: tuple[ProcessPoolExecutor, _Marks] | None = None
        self._warmups: tempfile.TemporaryDirectory[str] | None = None  # which the workers share

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs.

        Args:
            jobs: the jobs; the iterable is read while jobs are submitted. Jobs of a program that
                is read from stdin run in this process.
            work: the functions that handle jobs and answers.
        """
        if not _can_start_workers():
            warnings.warn(_NO_WORKERS, UserWarning, stacklevel=2)
            run_here(jobs, work)
            return
        suspects, waiting, more = deque[J](), deque[J](), iter(jobs)
        while self._run_once(suspects, waiting, more, work):
            pass

    def close(self) -> None:
        """End all workers, which must not run jobs."""
        if self._started:
            pool, _ = self._started
            pool.shutdown(wait=True, cancel_futures=True)
            self._started = None
        if self._warmups:
            self._warmups.cleanup()
            self._warmups = None

    def _start(self) -> tuple[ProcessPoolExecutor, _Marks]:
        """Return the pool; workers start when jobs are submitted."""
        if not self._started:
            context = multiprocessing.get_context("spawn")
            marks = _Marks(context, self.workers)
            self._warmups = self._warmups or _folder()
            options = {"initializer": start_worker, "initargs": (marks, self._warmups.name)}
            self._started = ProcessPoolExecutor(self.workers, context, **options), marks
        return self._started

    def _run_once[J, A](
        self, suspects: deque[J], waiting: deque[J], more: Iterator[J], work: Work[J, A]
    ) -> bool:
        """Run suspects alone, then all others together, until none is left or a worker dies.

        Return whether a worker died; `suspects` and `waiting` then hold the jobs to be run again.
        """
        pool, marks = self._start()
        watch = _Watch(pool)

        def submit(number: int, job: J) -> Future[A]:
            return pool.submit(_run_marked, work.run, number, job)

        alone = JobQueue(submit, work, suspects, iter(()))
        together = JobQueue(submit, work, waiting, more)
        try:
            alone.run(lambda: 1, watch.silent)
            if not alone.broken:
                together.run(lambda: WINDOW * self.workers, watch.silent)
        except BaseException:
            self._started = None
            kill(pool)
            raise
        if not (alone.broken or together.broken):
            return False
        self._started = None
        exit_codes = _end(pool, watch)
        for job in alone.lost.values():
            work.set_aside(job)
        blamed = marks.blamed(exit_codes, set(together.lost))
        suspects.extend(job for number, job in together.lost.items() if number in blamed)
        waiting.extendleft(job for number, job in together.lost.items() if number not in blamed)
        return True


def _folder() -> tempfile.TemporaryDirectory[str]:
    """Create a folder that is deleted with the pool, or when this process ends."""
    return tempfile.TemporaryDirectory(prefix="twoborders-", ignore_cleanup_errors=True)


def _end(pool: ProcessPoolExecutor, watch: _Watch) -> dict[int | None, int | None]:
    """End a broken pool; return the exit codes of its workers by process."""
    processes = _processes(pool)
    if not watch.stuck:
        pool.shutdown(wait=True, cancel_futures=True)
    exit_codes = {process.pid: process.exitcode for process in processes}
    if watch.stuck:
        kill(pool)
    return exit_codes


def _can_start_workers() -> bool:
    """Return whether a worker can import the main module, which a program from stdin prevents."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return getattr(main, "__spec__", None) is not None or path is None or os.path.exists(path)


def run_here[J, A](jobs: Iterable[J], work: Work[J, A]) -> None:
    """Run jobs one after the other in this process; an error becomes the answer of its job."""
    for job in jobs:
        try:
            answer = work.run(job)
        except Exception as error:
            answer = work.on_error(job, error)
        work.on_result(job, answer)


class _Marks:
    """The number of the job that each worker runs, in memory that survives the worker.

    Without these marks, all submitted jobs would have to be run alone after a worker has died.
    """

    def __init__(self, context: Any, workers: int) -> None:
        self.taken = context.Value("i", 0)
        self.pids, self.jobs = context.RawArray("q", workers), context.RawArray("q", workers)
        self.place = 0

    def take_place(self) -> None:
        """Reserve a place for this worker."""
        with self.taken.get_lock():
            self.place = self.taken.value
            self.taken.value += 1
        self.pids[self.place] = os.getpid()

    def blamed(self, exit_codes: Mapping[int | None, int | None], lost: set[int]) -> set[int]:
        """Return the numbers of the lost jobs that may have ended their worker.

        The pool ends the other workers with SIGTERM, so a worker with any other exit code died
        first. If that worker was between jobs, it may have taken any job that no other worker ran.

        Args:
            exit_codes: by process; None for a process that still runs.
            lost: numbers of all jobs without an answer.

        Returns:
            A subset of `lost`.
        """
        current = dict(zip(self.pids, self.jobs, strict=True))
        first = {
            current.get(pid or 0, 0)
            for pid, code in exit_codes.items()
            if code not in _ENDED_BY_POOL
        }
        others = {
            current.get(pid or 0, 0) for pid, code in exit_codes.items() if code in _ENDED_BY_POOL
        }
        if not first:
            return lost
        return lost - others if 0 in first else first & lost


_marks: _Marks | None = None  # of this worker


def _run_marked[J, A](run: Callable[[J], A], number: int, job: J) -> A:
    """Run a job in a worker, with its number written to the marks meanwhile."""
    if _marks is None:
        return run(job)
    _marks.jobs[_marks.place] = number
    try:
        return run(job)
    finally:
        _marks.jobs[_marks.place] = 0


@dataclass
class _Watch:
    """Detects workers whose death the pool does not report.

    A worker that is killed while it sends an answer leaves a part of it in the pipe that all
    workers share. The pool then waits for the rest forever and never reports that it is broken.
    """

    pool: ProcessPoolExecutor
    stuck: bool = False
    dead_before: bool = False

    def silent(self) -> bool:
        """Return whether a worker was dead at this check and at the one before."""
        dead = any(process.exitcode is not None for process in _processes(self.pool))
        self.stuck, self.dead_before = dead and self.dead_before, dead
        return self.stuck


def _processes(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    """Return the worker processes of a pool."""
    return list((getattr(pool, "_processes", None) or {}).values())


def kill(pool: ProcessPoolExecutor) -> None:
    """Stop a pool at once and kill its workers."""
    processes = _processes(pool)
    answers = getattr(pool, "_result_queue", None)
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    # closing the last writer ends the wait of the reader for the rest of an answer
    writer = getattr(answers, "_writer", None)
    if writer is not None and not writer.closed:
        writer.close()


def start_worker(marks: _Marks | None = None, warmups: str | None = None) -> None:
    """Prepare a worker process before its first import of numpy.

    The worker uses one thread, leaves Ctrl-C to the parent and ends when the parent ends.

    Args:
        marks: where the worker writes the number of its job.
        warmups: folder of the warm-ups that the workers share.
    """
    global _marks
    warmup.share(Path(warmups) if warmups else None)
    _marks = marks
    if marks:
        marks.take_place()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, warmups), daemon=True).start()


def _end_with(parent: BaseProcess, warmups: str | None) -> None:
    """End this process when the parent ends; delete the folder that a killed parent leaves."""
    parent.join()
    if warmups:
        shutil.rmtree(warmups, ignore_errors=True)
    os._exit(1)
