"""Open the backend that runs a study's jobs: this process, worker processes, or Dask.

Killed worker processes are replaced.
"""

from __future__ import annotations

import atexit
import contextlib
import gc
import importlib
import multiprocessing
import os
import signal
import sys
import threading
import warnings
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Executor, Future, ProcessPoolExecutor
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from agents.param import plain
from experiments.runs import warmup
from experiments.sweeps.backend import Backend, ExecutorGone, SerialBackend, Work, take_turns
from experiments.sweeps.dask_cluster import PROTOCOLS, connect, default_address

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

DASK = "dask"
EXECUTORS = "processes, serial, dask or dask://HOST:PORT (or tcp, tls, ws, wss://HOST:PORT)"
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_NO_WORKERS = (
    "the program is read from standard input, which worker processes cannot import: all runs are "
    "in this process. Save the program in a file to use more cores."
)

type ExecutorInput = Backend | Executor | str | None


# ---- worker processes ----------------------------------------------------------------------------


def cores() -> int:
    """Return how many cores this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, len(usable(0)) if usable else os.cpu_count() or 1)


class ProcessBackend(Backend):
    """Runs jobs in local worker processes, which it starts, replaces and ends.

    The processes run until the backend is closed, because each needs seconds to start and keeps the
    warm-ups that it has simulated.
    """

    def __init__(self, workers: int, *, ahead: int = 1, niceness: int = 0) -> None:
        """Prepare the backend. The first job starts the processes.

        Args:
            workers: number of processes.
            ahead: number of further jobs that are submitted, so that no process waits.
            niceness: number by which the processes' priority is lowered.
        """
        super().__init__(None, workers, "processes", ahead=ahead)
        self._niceness, self._is_stopped = niceness, False
        self._pool: ProcessPoolExecutor | None = None
        self._was_dead = False

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs. A group's jobs mostly run in the same process."""
        super().run(take_turns(jobs, work.group, self.workers) if work.group else jobs, work)

    def close(self) -> None:
        """End the processes. No job may be running."""
        if self._pool:
            self._pool.shutdown(wait=True, cancel_futures=True)
            self._pool = None

    def stop(self) -> None:
        """End the processes at once, from any thread. A running ``run`` raises ``ExecutorGone``."""
        self._is_stopped = True
        self._stop_jobs(())

    def _submit[J, A](self, run: Callable[[J], A], job: J) -> Future[A]:
        """Submit a job to the pool. Start the pool if there is none."""
        if self._is_stopped:
            raise ExecutorGone("the runs were stopped")
        if self._pool is None:
            context = multiprocessing.get_context("spawn")
            options = (self._niceness,)
            self._pool = ProcessPoolExecutor(self.workers, context, start_worker, options)
            self._executor = self._pool
        return super()._submit(run, job)

    def _is_dead(self) -> bool:
        """Return whether a worker was dead both at this check and at the previous check.

        A worker that is killed while it sends an answer leaves part of the answer in the pipe that
        all workers share. The pool then waits forever for the remaining part and never reports that
        it is broken.
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
        # The reader stops waiting for an incomplete answer when the last writer is closed.
        writer = getattr(answers, "_writer", None)
        if writer is not None and not writer.closed:
            writer.close()

    def _replace(self) -> None:
        """Do nothing, because the next job starts new workers unless the backend was stopped."""


def _processes(pool: ProcessPoolExecutor | None) -> list[BaseProcess]:
    """Return a pool's worker processes."""
    return list((getattr(pool, "_processes", None) or {}).values())


def start_worker(niceness: int) -> None:
    """Prepare a worker process before it imports numpy, and import the model.

    The worker uses one thread, leaves Ctrl-C to the parent and ends when the parent ends.

    Args:
        niceness: number by which the priority is lowered.
    """
    warmup.share()
    atexit.register(gc.freeze)  # skips the last garbage collection
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    if hasattr(os, "nice"):  # not on Windows
        os.nice(niceness)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent,), daemon=True).start()
    gc.disable()  # Garbage collection during the import is slow and frees nothing.
    importlib.import_module("abm.model")
    gc.enable()


def _end_with(parent: BaseProcess) -> None:
    """End this process when the parent ends."""
    parent.join()
    os._exit(1)


def _can_start_workers() -> bool:
    """Return whether a worker can import the main module. It cannot if it was read from stdin."""
    main = sys.modules.get("__main__")
    path = getattr(main, "__file__", None)
    return getattr(main, "__spec__", None) is not None or path is None or os.path.exists(path)


# ---- opening -------------------------------------------------------------------------------------


@contextlib.contextmanager
def open_backend(executor: ExecutorInput = None, jobs: int | None = None) -> Iterator[Backend]:
    """Open a backend. On exit, end the processes and connections opened for it.

    Args:
        executor: "processes", "serial" (this process), "dask" (the scheduler of the program's
            client, or of Dask's configuration), "dask://HOST:PORT" or an address of Dask itself
            such as "tls://HOST:PORT", any ``concurrent.futures.Executor`` (which is not shut
            down), or an open backend. None means processes, or this process if `jobs` is 1.
        jobs: number of jobs at a time (default: all cores, or all threads of the cluster). For an
            executor that the caller opened, its number of workers.

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
        raise SettingError("executor", f"invalid executor {plain(executor)}", f"Give {EXECUTORS}.")
    elif executor == "serial" or (executor is None and jobs == 1):
        yield SerialBackend()
    elif executor in (None, "processes") and not _can_start_workers():
        warnings.warn(_NO_WORKERS, UserWarning, stacklevel=3)
        yield SerialBackend()
    elif executor in (None, "processes"):
        with contextlib.closing(ProcessBackend(jobs or cores())) as processes:
            yield processes
    elif executor.partition("://")[0] in (DASK, *PROTOCOLS):
        address = executor.removeprefix(DASK).removeprefix("://")
        with connect(address or default_address(), jobs) as cluster:
            yield cluster
    else:
        raise SettingError(
            "--executor", f"unknown executor {plain(executor)}", f"Give {EXECUTORS}."
        )
