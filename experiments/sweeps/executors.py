"""Run the jobs of every study: in this process, in worker processes, or on a Dask cluster.

``open_backend`` creates a ``Backend`` from the value of ``--executor``. A backend submits a bounded
number of jobs to an executor and passes on every answer when it arrives. Errors become answers,
killed workers are replaced, and an interrupt ends all workers. The results do not depend on the
executor, to the last byte.
"""

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
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    ProcessPoolExecutor,
    wait,
)
from dataclasses import dataclass
from itertools import islice, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from agents.param import plain
from experiments.runs import warmup

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

DASK = "dask://"
EXECUTORS = "processes, serial or dask://HOST:PORT"
_POLL_S = 1.0  # seconds between checks for workers that died without a report
_READ_AHEAD = 128  # jobs that are read at once to find those of a group
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_KILLED = "the process that ran it was killed, perhaps for lack of memory"
_NO_WORKERS = (
    "the program is read from standard input, which worker processes cannot import: all runs are "
    "in this process. Save the program in a file to use more cores."
)

type ExecutorInput = Backend | Executor | str | None


class WorkerKilled(RuntimeError):
    """The worker process of a job died twice, the second time while it ran this job alone."""


class ExecutorGone(RuntimeError):
    """The workers ended and cannot be replaced from here. Submitted jobs are not finished."""


@dataclass(frozen=True)
class Work[J, A]:
    """The functions that handle a job.

    Attributes:
        run: computes the answer of a job, in a worker, which must be able to import the function.
        on_result: called with every job and its answer, in this process.
        on_error: returns the answer of a job that could not be run, or whose answer could not be
            sent back.
        group: returns a key of a job. A worker that has run a job runs others with the same key
            faster. None if jobs have nothing in common.
    """

    run: Callable[[J], A]
    on_result: Callable[[J, A], object]
    on_error: Callable[[J, BaseException], A]
    group: Callable[[J], Hashable] | None = None


class Backend:
    """Runs jobs on an executor, which is not shut down.

    Attributes:
        name: stored with the results.
    """

    def __init__(self, executor: Executor, workers: int, name: str, *, ahead: int = 1) -> None:
        """Use an executor.

        Args:
            executor: runs the jobs.
            workers: jobs at a time.
            name: name of the backend.
            ahead: further jobs that are submitted, so that no worker waits.
        """
        self.name = name
        self._executor, self._workers, self._ahead = executor, workers, ahead

    @property
    def workers(self) -> int:
        """Number of jobs at a time."""
        return self._workers

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs.

        Every job gets one answer, in any order. A job whose worker died is run again, alone. If its
        worker dies again, its answer is an error. An interrupt cancels all jobs that have not
        started and is raised again.

        Args:
            jobs: the jobs. The iterable is read while jobs are submitted.
            work: the functions that handle jobs and answers.

        Raises:
            ExecutorGone: the workers ended and cannot be replaced.
        """
        rest, is_broken = iter(jobs), True
        while is_broken:
            lost, is_broken = self._run_until_broken(rest, work, self._window)
            for suspect in lost:
                for job in self._split(suspect):
                    if self._run_until_broken(iter([job]), work, lambda: 1)[0]:
                        work.on_result(job, work.on_error(job, WorkerKilled(_KILLED)))

    def _run_until_broken[J, A](
        self, jobs: Iterator[J], work: Work[J, A], window: Callable[[], int]
    ) -> tuple[list[J], bool]:
        """Return the jobs whose workers died, and whether jobs may be left."""
        in_flight: dict[Future[A], J] = {}
        lost: list[J] = []
        is_broken = False
        try:
            while not is_broken:
                for job in islice(jobs, max(0, window() - len(in_flight))):
                    in_flight[self._submit(work.run, job)] = job
                if not in_flight:
                    return lost, False
                done = wait(in_flight, timeout=_POLL_S, return_when=FIRST_COMPLETED).done
                is_broken = not done and self._is_dead()
                for future in done:
                    job = in_flight.pop(future)
                    try:
                        work.on_result(job, self._answer(future, job, work))
                    except _WorkerDied as death:
                        lost.append(job)
                        is_broken = is_broken or death.is_broken
        except BaseException:
            self._stop_jobs(in_flight)
            raise
        self._stop_jobs(in_flight)
        self._replace()
        return [*lost, *in_flight.values()], True

    def _submit[J, A](self, run: Callable[[J], A], job: J) -> Future[A]:
        """Submit a job. A broken executor is reported by the future."""
        try:
            return self._executor.submit(run, job)
        except BrokenExecutor as error:
            failed = Future[A]()
            failed.set_exception(error)
            return failed

    def _answer[J, A](self, future: Future[A], job: J, work: Work[J, A]) -> A:
        """Return the answer of a job, also for an error. Raise ``_WorkerDied``."""
        try:
            return future.result()
        except (BrokenExecutor, CancelledError):
            raise _WorkerDied(is_broken=True) from None
        except Exception as error:
            if type(error).__name__ == "KilledWorker":  # raised by Dask; other workers continue
                raise _WorkerDied(is_broken=False) from None
            return work.on_error(job, error)  # raised by the job, or when its answer was sent

    def _window(self) -> int:
        """Return the largest number of submitted jobs."""
        return self.workers + self._ahead

    def _split(self, job: Any) -> Iterable[Any]:
        """Return the parts of a job whose worker died, each of which is run alone."""
        return [job]

    def _is_dead(self) -> bool:
        """Return whether the executor is broken although it reports no error."""
        return False

    def _stop_jobs(self, in_flight: Iterable[Future[Any]]) -> None:
        """Cancel submitted jobs that have not started."""
        for future in in_flight:
            future.cancel()

    def _replace(self) -> None:
        """Replace a broken executor. Raise ``ExecutorGone`` if that is not possible."""
        raise ExecutorGone("the executor broke, or its scheduler ended")


class _WorkerDied(Exception):
    """The worker of a job died. The whole executor may be broken."""

    def __init__(self, *, is_broken: bool) -> None:
        super().__init__()
        self.is_broken = is_broken


class _ThisProcess(Executor):
    """Runs every job when it is submitted."""

    def submit(self, fn: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a job and return its finished future. An interrupt is raised."""
        future = Future[Any]()
        try:
            future.set_result(fn(*args, **kwargs))
        except Exception as error:
            future.set_exception(error)
        return future


class SerialBackend(Backend):
    """Runs jobs in this process, one after the other."""

    def __init__(self) -> None:
        super().__init__(_ThisProcess(), 1, "serial", ahead=0)


# ---- worker processes ----------------------------------------------------------------------------


def cores() -> int:
    """Return the number of cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, len(usable(0)) if usable else os.cpu_count() or 1)


class ProcessBackend(Backend):
    """Runs jobs in worker processes of this machine, which it starts, replaces and ends.

    The processes are kept until the backend is closed, because each needs seconds to start and
    stores the warm-ups that it has simulated.
    """

    def __init__(self, workers: int, *, ahead: int = 1, niceness: int = 0) -> None:
        """Prepare the backend. No process is started before the first job.

        Args:
            workers: number of processes.
            ahead: further jobs that are submitted, so that no process waits.
            niceness: by how much the priority of the processes is lowered.
        """
        super().__init__(_ThisProcess(), workers, "processes", ahead=ahead)
        self._niceness, self._is_stopped = niceness, False
        self._pool: ProcessPoolExecutor | None = None
        self._warmups: tempfile.TemporaryDirectory[str] | None = None  # which the workers share
        self._was_dead = False

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs. Those of a group mostly run in the same process."""
        super().run(take_turns(jobs, work.group, self.workers) if work.group else jobs, work)

    def close(self) -> None:
        """End the processes, which must not run jobs."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None
        if self._warmups:
            self._warmups.cleanup()
            self._warmups = None

    def stop(self) -> None:
        """End the processes at once, from any thread. A call of ``run`` raises ``ExecutorGone``."""
        self._is_stopped = True
        self._stop_jobs(())

    def _submit[J, A](self, run: Callable[[J], A], job: J) -> Future[A]:
        """Submit a job to the pool, which is started if there is none."""
        if self._is_stopped:
            raise ExecutorGone("the runs were stopped")
        if self._pool is None:
            if self._warmups is None:
                self._warmups = tempfile.TemporaryDirectory(
                    prefix="twoborders-", ignore_cleanup_errors=True
                )
            context = multiprocessing.get_context("spawn")
            options = (self._warmups.name, self._niceness)
            self._pool = ProcessPoolExecutor(self.workers, context, start_worker, options)
            self._executor = self._pool
        return super()._submit(run, job)

    def _is_dead(self) -> bool:
        """Return whether a worker was dead at this check and at the one before.

        A worker that is killed while it sends an answer leaves a part of it in the pipe that all
        workers share. The pool then waits for the rest forever and never reports that it is broken.
        """
        if self._is_stopped:
            return True
        was_dead = self._was_dead
        self._was_dead = any(process.exitcode is not None for process in _processes(self._pool))
        return was_dead and self._was_dead

    def _stop_jobs(self, in_flight: Iterable[Future[Any]]) -> None:
        """Kill the workers."""
        pool, self._pool, self._was_dead = self._pool, None, False
        if pool is None:
            return
        answers = getattr(pool, "_result_queue", None)
        processes = _processes(pool)
        pool.shutdown(wait=False, cancel_futures=True)
        for process in processes:
            process.kill()
        # closing the last writer ends the wait of the reader for the rest of an answer
        writer = getattr(answers, "_writer", None)
        if writer is not None and not writer.closed:
            writer.close()

    def _replace(self) -> None:
        """The next job starts other workers, unless the backend was stopped."""
        if self._is_stopped:
            raise ExecutorGone("the runs were stopped")


def _processes(pool: ProcessPoolExecutor | None) -> list[BaseProcess]:
    """Return the worker processes of a pool."""
    return list((getattr(pool, "_processes", None) or {}).values())


def start_worker(warmups: str, niceness: int) -> None:
    """Prepare a worker process before its first import of numpy.

    The worker uses one thread, leaves Ctrl-C to the parent and ends when the parent ends.

    Args:
        warmups: folder of the warm-ups that the workers share.
        niceness: by how much the priority is lowered.
    """
    warmup.share(Path(warmups))
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(niceness)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent, warmups), daemon=True).start()


def _end_with(parent: BaseProcess, warmups: str) -> None:
    """End this process when the parent ends. Delete the folder that a killed parent leaves."""
    parent.join()
    shutil.rmtree(warmups, ignore_errors=True)
    os._exit(1)


def _can_start_workers() -> bool:
    """Return whether a worker can import the main module, which a program from stdin prevents."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return getattr(main, "__spec__", None) is not None or path is None or os.path.exists(path)


# ---- groups --------------------------------------------------------------------------------------


def take_turns[J](jobs: Iterable[J], group: Callable[[J], Hashable], workers: int) -> Iterator[J]:
    """Order jobs so that those of a group mostly run in the same worker.

    As many groups as there are workers take turns, so that each worker tends to run the jobs of one
    of them. If every group has one job, the order does not change.

    Args:
        jobs: the jobs, of which some are read ahead.
        group: returns the key of a job.
        workers: number of workers.

    Yields:
        The same jobs.
    """
    for groups in grouped(jobs, group):
        for first in range(0, len(groups), workers):
            for turn in zip_longest(*groups[first : first + workers]):
                yield from (job for job in turn if job is not None)


def grouped[J](jobs: Iterable[J], group: Callable[[J], Hashable]) -> Iterator[list[list[J]]]:
    """Yield the groups among the next jobs, a limited number of jobs at a time."""
    rest = iter(jobs)
    while some := list(islice(rest, _READ_AHEAD)):
        groups: dict[Hashable, list[J]] = {}
        for job in some:
            groups.setdefault(group(job), []).append(job)
        yield list(groups.values())


# ---- opening -------------------------------------------------------------------------------------


@contextlib.contextmanager
def open_backend(executor: ExecutorInput = None, jobs: int | None = None) -> Iterator[Backend]:
    """Open a backend. On exit, end the processes and connections that were opened for it.

    Args:
        executor: "processes", "serial" (this process), "dask://HOST:PORT", any
            ``concurrent.futures.Executor`` (which is not shut down), or an open backend. None means
            processes, or this process if `jobs` is 1.
        jobs: jobs at a time (default: all cores, or all threads of the cluster). With an executor
            of the caller, the number of its workers.

    Yields:
        The backend.

    Raises:
        SettingError: the executor is unknown or cannot be used.
    """
    if isinstance(executor, Backend):
        yield executor
    elif isinstance(executor, Executor):
        workers = jobs or getattr(executor, "_max_workers", None) or cores()
        yield Backend(executor, workers, type(executor).__name__)
    elif not isinstance(executor, str | None):
        reason = f"{plain(executor)} is not an executor"
        raise SettingError("executor", reason, f"Give {EXECUTORS}.")
    elif executor == "serial" or (executor is None and jobs == 1):
        yield SerialBackend()
    elif executor in (None, "processes") and not _can_start_workers():
        warnings.warn(_NO_WORKERS, UserWarning, stacklevel=3)
        yield SerialBackend()
    elif executor in (None, "processes"):
        with contextlib.closing(ProcessBackend(jobs or cores())) as processes:
            yield processes
    elif executor.startswith(DASK):
        from experiments.sweeps.dask_cluster import connect

        with connect(executor.removeprefix(DASK), jobs) as cluster:
            yield cluster
    else:
        reason = f"unknown executor {plain(executor)}"
        raise SettingError("--executor", reason, f"Give {EXECUTORS}.")
