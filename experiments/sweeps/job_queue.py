"""Submit jobs to an executor, a bounded number at a time, and handle each answer as it arrives.

``run_on`` runs jobs on an executor that the caller owns. ``experiments.sweeps.pool`` owns its
worker processes and can replace them. ``experiments.sweeps.executors`` chooses between them.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field
from itertools import islice, zip_longest

WINDOW = 2  # submitted jobs per worker: one that runs and one that waits
_AHEAD = 128  # jobs that are read at once to find those of a group
_POLL_S = 1.0  # seconds between checks for workers that died without a report
_KILLED = "the process that ran it was killed, perhaps for lack of memory"


class WorkerKilled(RuntimeError):
    """The worker process of a job died twice."""

    def __init__(self, text: str = _KILLED) -> None:
        super().__init__(text)


class ExecutorGone(RuntimeError):
    """The workers ended and cannot be replaced from here; submitted jobs are not finished."""


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

    def set_aside(self, job: J) -> None:
        """Record a job whose worker died twice as failed."""
        self.on_result(job, self.on_error(job, WorkerKilled()))


@dataclass
class JobQueue[J, A]:
    """Jobs that are submitted to an executor, numbered from 1.

    Attributes:
        submit: submits a job under its number.
        work: the functions that handle jobs and answers.
        waiting: jobs that are submitted before all of `more`.
        more: further jobs.
        in_flight: number and job by future, for all submitted jobs without an answer.
        lost: by number, the jobs whose worker died.
        broken: whether the executor is broken.
        submitted: number of the last submitted job.
    """

    submit: Callable[[int, J], Future[A]]
    work: Work[J, A]
    waiting: deque[J]
    more: Iterator[J]
    in_flight: dict[Future[A], tuple[int, J]] = field(default_factory=dict)
    lost: dict[int, J] = field(default_factory=dict)
    broken: bool = False
    submitted: int = 0

    def run(self, window: Callable[[], int], silent: Callable[[], bool] = lambda: False) -> None:
        """Run jobs until none is left or the executor is broken.

        Args:
            window: returns the largest number of submitted jobs.
            silent: returns whether the executor is broken although it reports no error.
        """
        while not self.broken and (self._fill(window()) or self.in_flight):
            done = wait(self.in_flight, timeout=_POLL_S, return_when=FIRST_COMPLETED).done
            for future in done:
                self._collect(future, *self.in_flight.pop(future))
            self.broken = self.broken or (not done and silent())
        if self.broken:
            self.lost |= dict(self.in_flight.values())

    def _fill(self, window: int) -> bool:
        """Submit jobs up to the window; return whether a job was submitted."""
        before = self.submitted
        while len(self.in_flight) < window and not self.broken:
            if not self.waiting:
                self.waiting.extend(_next(self.more))
            if not self.waiting:
                break
            job = self.waiting.popleft()
            try:
                self.in_flight[self.submit(self.submitted + 1, job)] = (self.submitted + 1, job)
                self.submitted += 1
            except BrokenExecutor:
                self.waiting.appendleft(job)  # it was not submitted, so it killed no worker
                self.broken = True
        return self.submitted > before

    def _collect(self, done: Future[A], number: int, job: J) -> None:
        """Handle one answer; the job is lost if its worker died, and fails on any other error."""
        try:
            answer = done.result()
        except (BrokenExecutor, CancelledError):
            self.broken = True
            self.lost[number] = job
            return
        except Exception as error:  # the answer could not be sent back
            if type(error).__name__ == "KilledWorker":  # raised by Dask; other workers continue
                self.lost[number] = job
                return
            answer = self.work.on_error(job, error)
        self.work.on_result(job, answer)

    def cancel(self) -> None:
        """Cancel submitted jobs that have not started."""
        for future in self.in_flight:
            future.cancel()


def _next[J](jobs: Iterator[J]) -> list[J]:
    """Return the next job in a list; empty at the end."""
    for job in jobs:
        return [job]
    return []


def run_on[J, A](
    executor: Executor,
    jobs: Iterable[J],
    work: Work[J, A],
    window: Callable[[], int],
    *,
    split: Callable[[J], Iterable[J]] = lambda job: [job],
    silent: Callable[[], bool] = lambda: False,
) -> None:
    """Run jobs on any executor, which is not shut down.

    A job whose worker died is run again after all others, alone. If its worker dies again,
    ``work.on_error`` answers for it. An interrupt cancels the jobs that have not started.

    Args:
        executor: runs the jobs.
        jobs: the jobs; the iterable is read while jobs are submitted.
        work: the functions that handle jobs and answers.
        window: returns the largest number of submitted jobs.
        split: returns the parts of a job whose worker died, each of which is run alone.
        silent: returns whether the executor is broken although it reports no error.

    Raises:
        ExecutorGone: the executor broke.
    """
    for suspect in _run_once(executor, iter(jobs), work, window, silent):
        for part in split(suspect):
            for guilty in _run_once(executor, iter([part]), work, lambda: 1, silent):
                work.set_aside(guilty)


def _run_once[J, A](
    executor: Executor,
    jobs: Iterator[J],
    work: Work[J, A],
    window: Callable[[], int],
    silent: Callable[[], bool],
) -> list[J]:
    """Run jobs; return those whose workers died."""
    queue = JobQueue(lambda _, job: executor.submit(work.run, job), work, deque[J](), jobs)
    try:
        queue.run(window, silent)
    except BaseException:
        queue.cancel()
        raise
    if queue.broken:
        queue.cancel()
        raise ExecutorGone("the executor broke, or its scheduler ended")
    return list(queue.lost.values())


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
    for groups in _groups(jobs, group):
        for first in range(0, len(groups), workers):
            for turn in zip_longest(*groups[first : first + workers]):
                yield from (job for job in turn if job is not None)


def batches[J](
    jobs: Iterable[J], group: Callable[[J], Hashable], workers: Callable[[], int], largest: int
) -> Iterator[list[J]]:
    """Divide jobs into batches of one group each; every worker gets a batch if possible.

    Args:
        jobs: the jobs, of which some are read ahead.
        group: returns the key of a job.
        workers: returns the number of workers.
        largest: largest number of jobs in a batch.

    Yields:
        The batches.
    """
    for groups in _groups(jobs, group):
        size = max(1, min(largest, sum(map(len, groups)) // workers()))
        for same in groups:
            yield from (same[first : first + size] for first in range(0, len(same), size))


def _groups[J](jobs: Iterable[J], group: Callable[[J], Hashable]) -> Iterator[list[list[J]]]:
    """Yield the groups among the next jobs, a limited number of jobs at a time."""
    rest = iter(jobs)
    while some := list(islice(rest, _AHEAD)):
        groups: dict[Hashable, list[J]] = {}
        for job in some:
            groups.setdefault(group(job), []).append(job)
        yield list(groups.values())
