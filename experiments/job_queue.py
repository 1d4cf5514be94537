"""Jobs in flight through an executor: a bounded number at a time, every answer as it comes.

``lend`` plays jobs through an executor that somebody else keeps; ``experiments.pool`` has processes
of its own, which it can replace.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import (
    FIRST_COMPLETED,
    BrokenExecutor,
    CancelledError,
    Executor,
    Future,
    wait,
)
from dataclasses import dataclass, field

WINDOW = 2  # jobs in flight for each worker: one that runs, one that waits
_LOOK = 1.0  # seconds after which somebody looks whether a silent worker is still there
_KILLED = "the process that ran it was killed, perhaps for want of memory"


class WorkerKilled(RuntimeError):
    """A job whose worker process died twice."""

    def __init__(self, text: str = _KILLED) -> None:
        super().__init__(text)


class ExecutorGone(RuntimeError):
    """The workers are gone and cannot be replaced from here; what was in flight is not played."""


@dataclass(frozen=True)
class Work[J, A]:
    """What is done with a job.

    ``play`` gives its answer, in a worker, which must be able to import it. ``note`` hears of every
    answer, in this process. ``fail`` gives the answer that stands for a job which could not be
    played or whose answer could not be sent back.
    """

    play: Callable[[J], A]
    note: Callable[[J, A], object]
    fail: Callable[[J, BaseException], A]

    def set_aside(self, job: J) -> None:
        """Answer for a job that killed its worker twice."""
        self.note(job, self.fail(job, WorkerKilled()))


@dataclass
class JobQueue[J, A]:
    """Jobs on their way, numbered from 1 as they are sent, and those that died with a worker.

    ``send`` submits a job under its number. ``waiting`` are jobs that go before all ``more``.
    """

    send: Callable[[int, J], Future[A]]
    work: Work[J, A]
    waiting: deque[J]
    more: Iterator[J]
    flying: dict[Future[A], tuple[int, J]] = field(default_factory=dict)
    lost: dict[int, J] = field(default_factory=dict)
    broken: bool = False
    sent: int = 0

    def run(self, window: Callable[[], int], silent: Callable[[], bool] = lambda: False) -> None:
        """Play until nothing is left or the executor is broken; `silent` says that it must be."""
        while not self.broken and (self._submit(window()) or self.flying):
            done = wait(self.flying, timeout=_LOOK, return_when=FIRST_COMPLETED).done
            for future in done:
                self._gather(future, *self.flying.pop(future))
            self.broken = self.broken or (not done and silent())
        if self.broken:
            self.lost |= dict(self.flying.values())

    def _submit(self, window: int) -> bool:
        """Fill the window of jobs in flight; say whether a job was submitted."""
        before = self.sent
        while len(self.flying) < window and not self.broken:
            if not self.waiting:
                self.waiting.extend(_first(self.more))
            if not self.waiting:
                break
            job = self.waiting.popleft()
            try:
                self.flying[self.send(self.sent + 1, job)] = (self.sent + 1, job)
                self.sent += 1
            except BrokenExecutor:
                self.waiting.appendleft(job)  # it was never sent: no worker has died of it
                self.broken = True
        return self.sent > before

    def _gather(self, done: Future[A], number: int, job: J) -> None:
        """Take one answer; a job whose worker died is lost, whatever else it raised is recorded."""
        try:
            answer = done.result()
        except (BrokenExecutor, CancelledError):
            self.broken = True
            self.lost[number] = job
            return
        except Exception as error:  # an answer that could not be sent back
            if type(error).__name__ == "KilledWorker":  # Dask's word; its other workers go on
                self.lost[number] = job
                return
            answer = self.work.fail(job, error)
        self.work.note(job, answer)

    def cancel(self) -> None:
        """Take back what has not begun."""
        for future in self.flying:
            future.cancel()


def _first[J](jobs: Iterator[J]) -> list[J]:
    """The next job, if there is one."""
    for job in jobs:
        return [job]
    return []


def run_on[J, A](
    executor: Executor, todo: Iterable[J], work: Work[J, A], window: Callable[[], int]
) -> None:
    """Play jobs through any executor, `window()` of them in flight; it is not shut down.

    A job that killed its workers is played again after all others, alone, and if it does so again
    it is answered by ``work.fail``. Raises ``ExecutorGone`` if the executor breaks. An interrupt
    takes back what has not begun and is raised again.
    """
    for suspect in _through(executor, iter(todo), work, window):
        for guilty in _through(executor, iter([suspect]), work, lambda: 1):
            work.set_aside(guilty)


def _through[J, A](
    executor: Executor, todo: Iterator[J], work: Work[J, A], window: Callable[[], int]
) -> list[J]:
    """Play jobs; give those that died with their workers."""
    flight = JobQueue(lambda _, job: executor.submit(work.play, job), work, deque[J](), todo)
    try:
        flight.run(window)
    except BaseException:
        flight.cancel()
        raise
    if flight.broken:
        flight.cancel()
        raise ExecutorGone("the executor broke, or its scheduler is gone")
    return list(flight.lost.values())
