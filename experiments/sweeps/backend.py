"""Run jobs on an executor, a limited number at a time, and report every answer.

An error in a job becomes its answer, and an interrupt ends all workers. Results are identical, to
the last byte, on every executor.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, wait
from dataclasses import dataclass
from itertools import islice, zip_longest
from typing import Any

_POLL_S = 1.0  # seconds between checks for workers that died without a report
READ_AHEAD = 128  # number of jobs that are read at once, to collect jobs in groups
_KILLED = "the process that ran it was killed, perhaps for lack of memory"


class WorkerKilled(RuntimeError):
    """A job's worker process died twice, the second time while it ran this job alone."""


class ExecutorGone(RuntimeError):
    """The workers ended and this process cannot replace them. Submitted jobs are not finished."""


@dataclass(frozen=True)
class Work[J, A]:
    """Functions that run jobs and handle their answers.

    Attributes:
        run: function that computes a job's answer in a worker. Workers must be able to import it.
            On a cluster, an error that it raises ends the study, so it should return errors as
            answers.
        on_result: called in this process with every job and its answer.
        on_error: function that returns the answer of a job that could not be run, or whose answer
            could not be sent back.
        group: function that returns a job's key. A worker that has run a job runs further jobs with
            the same key faster. None if jobs share no preparation.
    """

    run: Callable[[J], A]
    on_result: Callable[[J, A], object]
    on_error: Callable[[J, BaseException], A]
    group: Callable[[J], Hashable] | None = None


class Backend:
    """Runs jobs on an executor. It does not shut the executor down.

    Attributes:
        name: the backend's name, which is stored with the results.
    """

    def __init__(
        self, executor: Executor | None, workers: int, name: str, *, ahead: int = 1
    ) -> None:
        """Use an executor.

        Args:
            executor: runs the jobs. None if a subclass needs none or opens it later.
            workers: number of jobs at a time.
            name: name of the backend.
            ahead: number of further jobs that are submitted, so that no worker waits.
        """
        self.name = name
        self._executor, self._workers, self._ahead = executor, workers, ahead

    @property
    def workers(self) -> int:
        """Number of jobs at a time."""
        return self._workers

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs, and report an answer for each.

        Every job gets one answer, in any order. A job whose worker died is run again, alone. If its
        worker dies again, its answer is an error. An interrupt cancels all jobs that have not
        started and is raised again.

        Args:
            jobs: the jobs. The iterable is consumed as jobs are submitted.
            work: the functions that handle jobs and answers.

        Raises:
            ExecutorGone: the workers ended and cannot be replaced.
        """
        remaining, is_broken = iter(jobs), True
        while is_broken:
            lost, is_broken = self._run_until_broken(remaining, work, self._window)
            for lost_job in lost:
                for job in self._split(lost_job):
                    if self._run_until_broken(iter([job]), work, lambda: 1)[0]:
                        work.on_result(job, work.on_error(job, WorkerKilled(_KILLED)))

    def _run_until_broken[J, A](
        self, jobs: Iterator[J], work: Work[J, A], window: Callable[[], int]
    ) -> tuple[list[J], bool]:
        """Run jobs. Return the jobs lost with their workers, and whether the executor broke."""
        in_flight: dict[Future[A], J] = {}
        lost, is_broken = list[J](), False
        try:
            while not is_broken:
                for job in islice(jobs, max(0, window() - len(in_flight))):
                    in_flight[self._submit(work.run, job)] = job
                if not in_flight:
                    return lost, False
                ended = wait(in_flight, timeout=_POLL_S, return_when="FIRST_COMPLETED").done
                is_broken = not ended and self._is_dead()
                for future in ended:
                    job = in_flight.pop(future)
                    try:
                        answer = future.result()
                    except (BrokenExecutor, CancelledError):
                        lost.append(job)
                        is_broken = True
                        continue
                    except Exception as error:
                        # Dask reports a single dead worker. All other workers continue.
                        if type(error).__name__ == "KilledWorker":
                            lost.append(job)
                            continue
                        answer = work.on_error(job, error)  # the job or its transfer failed
                    if answer is None:
                        raise ExecutorGone(f"{self.name} returned None in place of an answer")
                    work.on_result(job, answer)
        except BaseException:
            self._stop_jobs(in_flight)
            raise
        self._stop_jobs(in_flight)
        self._replace()
        return [*lost, *in_flight.values()], True

    def _submit[J, A](self, run: Callable[[J], A], job: J) -> Future[A]:
        """Submit a job. The future reports a broken executor. A closed executor raises."""
        assert self._executor is not None
        try:
            return self._executor.submit(run, job)
        except BrokenExecutor as error:
            failed = Future[A]()
            failed.set_exception(error)
            return failed
        except RuntimeError as error:
            raise ExecutorGone(f"the executor takes no jobs ({error})") from None

    def _window(self) -> int:
        """Return how many jobs may be submitted at a time."""
        return self.workers + self._ahead

    def _split(self, job: Any) -> Iterable[Any]:
        """Divide a job whose worker died into parts that run alone."""
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


class SerialBackend(Backend):
    """Runs jobs in this process, one after the other."""

    def __init__(self) -> None:
        super().__init__(None, 1, "serial")

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """Run jobs in order. An interrupt is raised at once."""
        for job in jobs:
            try:
                answer = work.run(job)
            except Exception as error:
                answer = work.on_error(job, error)
            work.on_result(job, answer)


def take_turns[J](jobs: Iterable[J], group: Callable[[J], Hashable], workers: int) -> Iterator[J]:
    """Order jobs so that a worker mostly runs jobs from one group.

    As many groups as there are workers alternate in the order, so that each worker tends to stay
    with one group. If every group has one job, the order does not change.

    Args:
        jobs: the jobs. Some are read ahead.
        group: function that returns a job's key.
        workers: number of workers.

    Yields:
        The same jobs in the new order.
    """
    for groups in grouped(jobs, group):
        for first in range(0, len(groups), workers):
            for turn in zip_longest(*groups[first : first + workers]):
                yield from (job for job in turn if job is not None)


def grouped[J](
    jobs: Iterable[J], group: Callable[[J], Hashable], ahead: Callable[[], int] = lambda: 0
) -> Iterator[list[list[J]]]:
    """Read as many jobs at a time as `ahead` returns, at least 128, and yield them by group."""
    remaining = iter(jobs)
    while chunk := list(islice(remaining, max(READ_AHEAD, ahead()))):
        groups: dict[Hashable, list[J]] = {}
        for job in chunk:
            groups.setdefault(group(job), []).append(job)
        yield list(groups.values())
