"""Backends: equal answers, dead workers, batches with a common warm-up, and errors."""

from __future__ import annotations

import os
import signal
import threading
import time
from collections import Counter
from concurrent.futures import Executor, Future, ThreadPoolExecutor
from typing import Any

import pytest

from abm.scenario import SettingError
from experiments.runs.case import program
from experiments.sweeps import dask_cluster
from experiments.sweeps.backend import Backend, ExecutorGone, SerialBackend, Work, WorkerKilled
from experiments.sweeps.dask_cluster import DaskBackend, batches, connect, run_task
from experiments.sweeps.executors import ProcessBackend, cores, open_backend


class ImmediateExecutor(Executor):
    """An executor that runs jobs at once in this process; `before` may raise."""

    def __init__(self, before: Any = lambda task: None) -> None:
        self.before, self.tasks = before, list[Any]()

    def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
        """Run a job and return a finished future."""
        future: Future[Any] = Future()
        self.tasks.append(args[0])
        try:
            self.before(args[0])
            future.set_result(fn(*args, **kwargs))
        except BaseException as error:
            future.set_exception(error)
        return future


class Scheduler:
    """Substitute for a client of Dask, with workers of one thread."""

    def __init__(self, workers: int) -> None:
        self.workers = workers

    def nthreads(self) -> dict[str, int]:
        """Return the threads by worker."""
        return dict.fromkeys(map(str, range(self.workers)), 1)


class KilledWorker(Exception):
    """Substitute for the error of Dask for a task whose workers died."""


def cluster(executor: Executor, workers: int = 2) -> DaskBackend:
    """Return a backend that uses substitutes for Dask."""
    return DaskBackend(executor, Scheduler(workers), None, "dask://test")


def tenfold(job: int) -> int:
    """Return ten times a job; raise for 7."""
    if job == 7:
        raise ZeroDivisionError("seven")
    return 10 * job


def answered(job: int) -> Any:
    """Return the answer of ``tenfold``, or the text of its error."""
    try:
        return tenfold(job)
    except ZeroDivisionError as error:
        return repr(error)


def collect(backend: Backend, run: Any = answered) -> dict[int, Any]:
    """Run twelve jobs, grouped by their remainder modulo 3; return the answers by job."""
    answers: dict[int, Any] = {}
    work = Work(run, answers.__setitem__, lambda job, error: repr(error), lambda job: job % 3)
    backend.run(range(12), work)
    return answers


def test_every_backend_gives_the_same_answers():
    expected = {job: 10 * job for job in range(12)} | {7: "ZeroDivisionError('seven')"}
    assert collect(SerialBackend()) == collect(SerialBackend(), tenfold) == expected
    assert collect(cluster(ImmediateExecutor())) == expected
    with ThreadPoolExecutor(2) as threads, open_backend(threads) as backend:
        assert collect(backend) == collect(backend, tenfold) == expected
        assert backend.name == "ThreadPoolExecutor"


def test_an_executor_that_returns_no_answer_ends_the_study_by_name():
    class Forgetful(ThreadPoolExecutor):
        """An executor that loses the result of every job."""

        def submit(self, fn: Any, /, *args: Any, **kwargs: Any) -> Future[Any]:
            return super().submit(lambda: fn(*args, **kwargs) and None)

    reason = "Forgetful returned None in place of an answer"
    with (
        Forgetful(1) as executor,
        open_backend(executor) as backend,
        pytest.raises(ExecutorGone, match=reason),
    ):
        collect(backend)


def test_tasks_have_jobs_of_one_group_and_every_job_is_in_one_task():
    executor = ImmediateExecutor()
    collect(cluster(executor, workers=3))
    assert all(len({job % 3 for job in task}) == 1 for task in executor.tasks)
    assert sorted(job for task in executor.tasks for job in task) == list(range(12))
    assert Counter(map(len, executor.tasks)) == {4: 3}


def test_many_workers_do_not_shrink_the_tasks():
    tasks = batches(range(8000), lambda job: job // 5, lambda: 500, largest=4)
    assert Counter(map(len, tasks)) == {4: 1600, 1: 1600}


def test_a_deadly_job_fails_alone_and_the_other_jobs_of_its_task_are_run():
    def kill(task: list[int]) -> None:
        if 4 in task:
            raise KilledWorker

    executor = ImmediateExecutor(kill)
    answers = collect(cluster(executor))
    assert "WorkerKilled" in answers.pop(4) and len(answers) == 11 and answers[1] == 10
    assert [4] in executor.tasks


def test_a_worker_that_cannot_run_tasks_ends_the_study():
    def refuse(task: list[int]) -> None:
        raise ModuleNotFoundError("No module named 'experiments'")

    with pytest.raises(ExecutorGone, match="cannot run the jobs .*No module named 'experiments'"):
        collect(cluster(ImmediateExecutor(refuse)))


def test_a_worker_with_other_versions_is_refused_before_it_runs_a_job():
    with pytest.raises(dask_cluster.OtherProgram, match=r"numpy .*, not 0\.1; install the same"):
        run_task(program() | {"numpy": "0.1", "files": "x"}, pytest.fail, [1])
    with pytest.raises(dask_cluster.OtherProgram, match="other files of twoborders"):
        run_task(program() | {"files": "x"}, pytest.fail, [1])


def test_a_study_ends_if_no_worker_joins(monkeypatch: pytest.MonkeyPatch):
    now = [0.0]
    monkeypatch.setattr(dask_cluster.time, "monotonic", lambda: now[0])
    scheduler = Scheduler(2)
    backend = DaskBackend(ImmediateExecutor(), scheduler, None, "dask://test")
    assert backend._window() == 4 and not backend._is_dead()
    scheduler.workers, now[0] = 0, 30.0
    assert not backend._is_dead() and backend._window() == 2
    scheduler.workers, now[0] = 3, 50.0  # these workers join in time
    assert not backend._is_dead() and backend._window() == 6
    scheduler.workers, now[0] = 0, 100.0
    assert not backend._is_dead()
    now[0] = 111.0
    with pytest.raises(ExecutorGone, match="all workers ended, and none joined in 60 seconds"):
        backend._is_dead()


# ---- worker processes ----------------------------------------------------------------------------


def process_of(job: int) -> int:
    """Return the process that runs a job; end it for job 7."""
    if job == 7:
        os._exit(9)
    return os.getpid()


@pytest.mark.slow
def test_processes_are_kept_between_calls_replaced_if_killed_and_ended():
    answers: dict[int, Any] = {}
    work = Work(process_of, answers.__setitem__, lambda job, error: type(error))
    with open_backend("processes", 1) as backend:
        backend.run([1, 2], work)
        backend.run([3], work)
        assert answers[1] == answers[2] == answers[3] != os.getpid()
        os.kill(answers[1], signal.SIGKILL)  # a worker dies between two calls
        backend.run([4, 5], work)
        assert answers[4] == answers[5] != answers[1]
        backend.run([6, 7, 8, 9], work)
        assert answers.pop(7) is WorkerKilled and len(answers) == 8
    with pytest.raises(ProcessLookupError):
        os.kill(answers[9], 0)


@pytest.mark.slow
def test_a_stopped_backend_ends_its_processes_at_once():
    with open_backend("processes", 1) as backend:
        assert isinstance(backend, ProcessBackend)
        threading.Timer(2.0, backend.stop).start()
        with pytest.raises(ExecutorGone, match="stopped"):
            backend.run(range(3), Work(wait_long, print, print))


def wait_long(job: int) -> None:
    """Wait for a minute."""
    time.sleep(60)


# ---- opening -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("executor", "jobs", "expected"),
    [
        (None, 1, (SerialBackend, 1)),
        ("serial", 4, (SerialBackend, 1)),
        ("processes", 1, (ProcessBackend, 1)),
        (None, 3, (ProcessBackend, 3)),
        (None, None, (ProcessBackend, cores())),
    ],
)
def test_names_of_executors(executor: Any, jobs: Any, expected: tuple[type[Backend], int]):
    with open_backend(executor, jobs) as backend:
        assert (type(backend), backend.workers) == expected
        with open_backend(backend, 7) as opened:
            assert opened is backend


@pytest.mark.parametrize("executor", ["", "threads", "dask:/127.0.0.1:1", "http://h:1", 7])
def test_an_unknown_executor_is_refused(executor: Any):
    with (
        pytest.raises(SettingError, match="processes, serial, dask or dask://HOST:PORT"),
        open_backend(executor),
    ):
        pass


@pytest.mark.parametrize(
    "address",
    ["", "host", "host:", "tls://", "udp://h:1", ":8786", "host:0", "host:65536", "a b:1"],
)
def test_an_invalid_address_is_refused(address: str):
    with pytest.raises(SettingError, match="invalid address .* for example"), connect(address):
        pass


@pytest.mark.parametrize("address", ["tls://127.0.0.1:9", "wss://[::1]:9"])
def test_an_encrypted_address_without_certificates_names_the_variables(address: str):
    with (
        pytest.raises(SettingError, match=r"no certificates.* Set DASK_\w*__TLS__CA_FILE"),
        open_backend(address),
    ):
        pass
