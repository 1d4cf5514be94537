"""Run jobs on a Dask cluster, whose workers may join, leave and be killed.

Dask is installed by the optional extra ``dask``. It is imported when a cluster is opened.
"""

from __future__ import annotations

import contextlib
import logging
import math
import multiprocessing
import re
import socket
import threading
import time
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from concurrent.futures import Executor, Future
from functools import partial
from typing import Any

from abm.scenario import SettingError
from agents.param import plain
from experiments.runs import warmup
from experiments.runs.case import program
from experiments.runs.files import require_packages
from experiments.sweeps.backend import Backend, ExecutorGone, Work, WorkerKilled, grouped

BATCH = 4  # jobs per task; all share a warm-up, which a worker simulates once
_COUNT_S = 2.0  # seconds between counts of the workers
_LOGGERS = ("distributed", "distributed.client", "tornado.application", "asyncio")
_CONNECT_S = 20  # seconds to wait for a scheduler
_MARGIN_S = 2.0  # further seconds in which the client can report why it has no connection
_WORKERS_S = 60  # seconds to wait for the first worker
PROTOCOLS = ("tcp", "tls", "ws", "wss")  # schedulers' protocols in distributed.comm
_ADDRESS = re.compile(r"((tcp|tls|wss?)://)?([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\]):(?P<port>\d{1,5})")
_TLS = "DASK_DISTRIBUTED__COMM__TLS__"
_CERTIFICATES = f" Set {_TLS}CA_FILE, {_TLS}CLIENT__CERT and {_TLS}CLIENT__KEY to files."
_START = "Start one with: dask scheduler --host HOST --port PORT, and workers with dask worker."


class OtherProgram(RuntimeError):
    """A worker has another version of the program or one of its packages."""


@contextlib.contextmanager
def connect(address: str, jobs: int | None = None) -> Iterator[DaskBackend]:
    """Connect to a scheduler that has at least one worker.

    Args:
        address: the scheduler as HOST:PORT, or with its protocol, such as tls://HOST:PORT.
        jobs: number of tasks at a time. None for one task per thread of all connected workers.

    Yields:
        The backend. On exit, tasks without an answer are cancelled and the connection is closed.

    Raises:
        SettingError: Dask is not installed, the address is invalid, no scheduler answers in 20
            seconds, or no worker joins in 60 seconds.
    """
    _check_installed()
    with _quiet_loggers(), contextlib.ExitStack() as stack:
        client = _client(address)
        stack.callback(_ignore_errors, client.close, timeout=_CONNECT_S)
        executor = client.get_executor(pure=False)  # Dask must not reuse an earlier answer
        stack.callback(_ignore_errors, executor.shutdown, wait=False)  # cancels all tasks
        _wait_for_workers(client, address)
        name = address if "://" in address else f"dask://{address}"
        yield DaskBackend(executor, client, jobs, name)


def _ignore_errors(function: Callable[..., object], **options: Any) -> None:
    """Call a function that may fail after the scheduler has ended, and ignore its errors."""
    with contextlib.suppress(Exception):
        function(**options)


@contextlib.contextmanager
def _quiet_loggers() -> Iterator[None]:
    """Silence Dask's loggers, because lost connections are reported in one line instead."""
    loggers = [logging.getLogger(name) for name in _LOGGERS]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)


def _check_installed() -> None:
    """Raise ``SettingError`` if Dask is missing. Importing Dask sets the levels of its loggers."""
    require_packages("--executor", ["distributed"], "dask")
    import distributed  # noqa: F401


def _client(address: str) -> Any:
    """Connect to a scheduler. Raise ``SettingError`` if that is not possible."""
    from distributed import Client, Security

    match = _ADDRESS.fullmatch(address)
    if not match or not 0 < int(match["port"]) < 65536:
        hint = "Give dask://HOST:PORT or tls://HOST:PORT, for example dask://10.0.0.1:8786."
        raise SettingError("--executor", f"invalid address {plain(address)}", hint)
    is_encrypted, answer = match[2] in ("tls", "wss"), Future[Client]()

    def connect() -> None:
        try:
            if is_encrypted and not Security().get_connection_args("client")["ssl_context"]:
                raise ValueError("Dask's configuration has no certificates")
            url = address if "://" in address else f"tcp://{address}"
            answer.set_result(Client(url, timeout=_CONNECT_S, set_as_default=False))
        except BaseException as error:
            answer.set_exception(error)

    # The client would wait forever if a program other than Dask used this port.
    threading.Thread(target=connect, daemon=True).start()
    try:
        return answer.result(_CONNECT_S + _MARGIN_S)
    except Exception as error:
        details = " ".join(str(error).split()) or "another program may use this port"
        reason = f"no scheduler answers at {address} ({details})"
        raise SettingError("--executor", reason, _START + _CERTIFICATES * is_encrypted) from None


def default_address() -> str:
    """Return the address of the scheduler that the current client or Dask's configuration names.

    Raises:
        SettingError: there is neither a client nor a configured address.
    """
    _check_installed()
    from dask import config
    from distributed import default_client

    try:
        address = getattr(default_client().scheduler, "address", "")
    except ValueError:
        address = config.get("scheduler-address", None)
    if not address:
        hint = "Open a distributed.Client, set DASK_SCHEDULER_ADDRESS, or give dask://HOST:PORT."
        raise SettingError("--executor", "Dask has neither a client nor an address", hint)
    return str(address).removeprefix("tcp://")


def _wait_for_workers(client: Any, address: str) -> None:
    """Wait for the first worker. Raise ``SettingError`` if none joins."""
    try:
        client.wait_for_workers(1, timeout=_WORKERS_S)
    except TimeoutError:
        reason = f"the scheduler at {address} has no workers"
        hint = f"Start at least one with: dask worker {address} --nthreads 1."
        raise SettingError("--executor", reason, hint) from None


class DaskBackend(Backend):
    """Runs jobs on a cluster, in tasks of up to four jobs that share a warm-up.

    Dask sends a killed worker's tasks to other workers, and uses workers that join later.
    """

    def __init__(self, executor: Executor, client: Any, jobs: int | None, name: str) -> None:
        """Use a cluster.

        Args:
            executor: the cluster's executor.
            client: connection to the scheduler.
            jobs: number of tasks at a time, None for all threads of the workers.
            name: name of the backend.
        """
        super().__init__(executor, 0, name)
        self._client, self._jobs = client, jobs
        self._threads, self._counted_at, self._joined_at = 0, -math.inf, 0.0

    @property
    def workers(self) -> int:
        """Number of tasks at a time."""
        return self._jobs or max(1, self._count())

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs. A job fails if its workers die repeatedly, the last time while it runs alone.

        Args:
            jobs: jobs, which are grouped into tasks as they are read.
            work: the functions that handle jobs and answers.

        Raises:
            ExecutorGone: the scheduler or all workers ended, or a worker cannot run the jobs, for
                example because it has another version of the program.
        """
        if work.group is None:
            tasks: Iterator[list[J]] = ([job] for job in jobs)
        else:
            tasks = batches(jobs, work.group, lambda: self.workers, BATCH)
        of_tasks = Work[list[J], list[A]](
            partial(run_task, program(), work.run),
            partial(_report, work),
            partial(_failure_answers, work),
        )
        self._joined_at = time.monotonic()
        super().run(tasks, of_tasks)

    def _count(self) -> int:
        """Return how many threads all workers have, queried at most every two seconds."""
        if time.monotonic() - self._counted_at > _COUNT_S:
            with contextlib.suppress(Exception):  # pending answers report a lost scheduler
                self._threads = sum(self._client.nthreads().values())
            self._counted_at = time.monotonic()
        if self._threads:
            self._joined_at = time.monotonic()
        return self._threads

    def _window(self) -> int:
        """Return how many tasks may be submitted at a time: two per thread, or `jobs`."""
        return self._jobs or 2 * self.workers

    def _split(self, job: list[Any]) -> Iterable[list[Any]]:
        """Divide a task into one task per job."""
        return [[part] for part in job]

    def _is_dead(self) -> bool:
        """Raise ``ExecutorGone`` if there has been no worker for a minute. Return False."""
        if not self._count() and time.monotonic() - self._joined_at > _WORKERS_S:
            raise ExecutorGone(f"all workers ended, and none joined in {_WORKERS_S} seconds")
        return False


def batches[J](
    jobs: Iterable[J], group: Callable[[J], Hashable], workers: Callable[[], int], largest: int
) -> Iterator[list[J]]:
    """Divide jobs into batches from one group each, so that every worker gets a batch if possible.

    Args:
        jobs: the jobs, of which some are read ahead.
        group: function that returns a job's key. Jobs with equal keys form a group.
        workers: function that returns the number of workers.
        largest: maximum number of jobs in a batch.

    Yields:
        The batches.
    """
    # Reading enough jobs for a full batch per worker keeps batches large with many workers.
    for groups in grouped(jobs, group, lambda: largest * workers()):
        size = max(1, min(largest, sum(map(len, groups)) // workers()))
        for group_jobs in groups:
            yield from (group_jobs[k : k + size] for k in range(0, len(group_jobs), size))


def _report[J, A](work: Work[J, A], task: list[J], answers: list[A]) -> None:
    """Report every job's answer in a task."""
    for job, answer in zip(task, answers, strict=True):
        work.on_result(job, answer)


def _failure_answers[J, A](work: Work[J, A], task: list[J], error: BaseException) -> list[A]:
    """Return answers for a task whose workers died. Raise ``ExecutorGone`` for other errors."""
    if isinstance(error, WorkerKilled):
        return [work.on_error(job, error) for job in task]
    kind = "" if isinstance(error, OtherProgram) else f"{type(error).__name__}: "
    raise ExecutorGone(f"a worker cannot run the jobs ({kind}{' '.join(str(error).split())})")


# ---- in a worker ---------------------------------------------------------------------------------

_model_lock = threading.Lock()  # a process runs one model at a time


def run_task[J, A](expected: Mapping[str, str], run: Callable[[J], A], task: list[J]) -> list[A]:
    """Run a task's jobs in a worker.

    Args:
        expected: the client's program, as ``experiments.runs.case.program`` returns it.
        run: function that computes a job's answer. It returns an answer even if the job fails.
        task: jobs of the task, which share a warm-up.

    Returns:
        One answer per job. Fewer if the client has cancelled the task.

    Raises:
        OtherProgram: this worker's program differs from `expected`.
    """
    _check_program(expected, program())
    if multiprocessing.parent_process():  # a worker inside the client's process stores nothing
        warmup.share()
    answers: list[A] = []
    for job in task:
        with _model_lock:
            if _is_cancelled():
                break
            answers.append(run(job))
    return answers


def _check_program(expected: Mapping[str, str], actual: Mapping[str, str]) -> None:
    """Raise ``OtherProgram`` unless both programs are equal."""
    differences = [name for name in expected if actual.get(name) != expected[name]]
    if differences:
        (name, *_) = sorted(differences, key=lambda name: name == "files")  # versions first
        version = f"{name} {actual.get(name, 'not known')}, not {expected[name]}"
        difference = "other files of twoborders" if name == "files" else version
        raise OtherProgram(
            f"{socket.gethostname()} has {difference}; "
            "install the same versions on the client and all workers"
        )


def _is_cancelled() -> bool:
    """Return whether the client has cancelled the task that this thread runs."""
    from distributed import get_worker

    try:
        worker = get_worker()
        task = worker.state.tasks.get(worker.get_current_task())
    except (ValueError, KeyError, AttributeError):  # this process is not a worker
        return False
    return task is None or task.state == "cancelled"
