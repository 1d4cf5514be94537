"""Where the jobs of a study run: in this process, in worker processes or on a Dask cluster.

All studies run their jobs through a ``Backend``, which ``open_backend`` creates from the value of
``--executor``. The results do not depend on it, to the last byte.
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator, Sized
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from abm.scenario import SettingError
from agents.param import plain
from experiments.sweeps import pool
from experiments.sweeps.job_queue import WINDOW, Work, run_on, take_turns

DASK = "dask://"
EXECUTORS = "processes, serial or dask://HOST:PORT"

type ExecutorInput = Backend | Executor | str | None


@runtime_checkable
class Backend(Protocol):
    """Runs jobs and passes on every answer when it arrives."""

    @property
    def name(self) -> str:
        """Name that is stored with the results."""
        ...

    @property
    def workers(self) -> int:
        """Number of jobs at a time."""
        ...

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs.

        Every job gets one answer, in any order. An interrupt cancels all jobs that have not started
        and is raised again.

        Args:
            jobs: the jobs; the iterable is read while jobs are submitted.
            work: the functions that handle jobs and answers.

        Raises:
            ExecutorGone: the workers ended and cannot be replaced.
        """
        ...


@dataclass(frozen=True)
class SerialBackend:
    """Runs jobs in this process, one after the other."""

    name: str = "serial"
    workers: int = 1

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs; an error becomes the answer of its job."""
        pool.run_here(jobs, work)


@dataclass(frozen=True)
class ProcessBackend:
    """Runs jobs in worker processes of this machine, which it starts, replaces and ends.

    The processes are kept until the backend is closed, because each needs seconds to start and
    stores the warm-ups that it has simulated.
    """

    workers: int
    name: str = "processes"
    _pool: pool.WorkerPool = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        """Prepare the pool; no process is started before the first jobs."""
        object.__setattr__(self, "_pool", pool.WorkerPool(self.workers))

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs; a job whose worker dies twice, the second time alone, fails."""
        count = min(self.workers, max(1, len(jobs))) if isinstance(jobs, Sized) else self.workers
        ordered = take_turns(jobs, work.group, count) if work.group else jobs
        self._pool.run(ordered, work)

    def close(self) -> None:
        """End the processes."""
        self._pool.close()


@dataclass(frozen=True)
class BorrowedBackend:
    """Runs jobs on an executor of the caller, which is not shut down."""

    executor: Executor
    workers: int

    @property
    def name(self) -> str:
        """Class of the executor."""
        return type(self.executor).__name__

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs; a job whose worker dies twice, the second time alone, fails."""
        run_on(self.executor, jobs, work, lambda: WINDOW * self.workers)


@contextlib.contextmanager
def open_backend(executor: ExecutorInput = None, jobs: int | None = None) -> Iterator[Backend]:
    """Open a backend; on exit, end the processes and connections that were opened for it.

    Args:
        executor: "processes", "serial" (this process), "dask://HOST:PORT", any
            ``concurrent.futures.Executor`` (which is not shut down), or an open backend. None means
            processes, or this process if `jobs` is 1.
        jobs: jobs at a time (default: all cores, or all threads of the cluster); with an executor
            of the caller, the number of its workers.

    Yields:
        The backend.

    Raises:
        SettingError: the executor is unknown or cannot be used.
    """
    if isinstance(executor, Backend):
        yield executor
    elif isinstance(executor, Executor):
        size = jobs or getattr(executor, "_max_workers", None) or pool.cores()
        yield BorrowedBackend(executor, size)
    elif not isinstance(executor, str | None):
        raise SettingError(
            "executor", f"{plain(executor)} is not an executor", f"Give {EXECUTORS}."
        )
    elif executor == "serial" or (executor is None and jobs == 1):
        yield SerialBackend()
    elif executor is None or executor == "processes":
        with contextlib.closing(ProcessBackend(jobs or pool.cores())) as processes:
            yield processes
    elif executor.startswith(DASK):
        from experiments.sweeps.dask_cluster import connect

        with connect(executor.removeprefix(DASK), jobs) as cluster:
            yield cluster
    else:
        reason = f"unknown executor {plain(executor)}"
        raise SettingError("--executor", reason, f"Give {EXECUTORS}.")
