"""Many jobs in worker processes: failures are recorded, killed workers replaced.

``run_many`` plays cases and gives their answers; ``spread`` plays any jobs.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import Future, ProcessPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from experiments.job_queue import WINDOW, JobQueue, Work, WorkerKilled

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from experiments.run import Case, RunResult

__all__ = [
    "Failure",
    "WorkerKilled",
    "cores",
    "failure",
    "kill",
    "run_in_pool",
    "run_many",
    "start_worker",
]

_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
_BY_THE_POOL = (None, 0, -signal.SIGTERM.value)  # exit codes of workers that did not die themselves
type Item = tuple[int, Case, bool]  # place, case, whether to keep the daily record


@dataclass(frozen=True)
class Failure:
    """A case that gave no result: which one, and why. ``trace`` is for the developer."""

    case: str
    name: str
    seed: int
    kind: str
    text: str
    trace: str

    def __str__(self) -> str:
        """Give one line."""
        return f"{self.name}, seed {self.seed}: {self.kind}: {self.text}"


def cores() -> int:
    """Cores that this process may use."""
    usable = getattr(os, "sched_getaffinity", None)
    return max(1, len(usable(0)) if usable else os.cpu_count() or 1)


def run_many(
    cases: Iterable[Case],
    *,
    jobs: int | None = None,
    on_result: Callable[[RunResult | Failure], object] | None = None,
    daily: bool = False,
) -> list[RunResult | Failure]:
    """Play cases, `jobs` at a time (default: every core), and give the answers in their order.

    A case that raises becomes a ``Failure`` and the others go on; so does a case whose worker
    dies twice, the second time alone. `on_result` hears of every answer as it comes.
    ``jobs=1`` plays in this process. `daily` keeps the record by day and event in every result.
    KeyboardInterrupt stops the workers and is raised again.
    """
    todo: list[Item] = [(index, case, daily) for index, case in enumerate(cases)]
    answers: dict[int, RunResult | Failure] = {}

    def note(item: Item, answer: RunResult | Failure) -> None:
        answers[item[0]] = answer
        if on_result:
            on_result(answer)

    workers = min(jobs or cores(), len(todo))
    if workers <= 1 and (jobs == 1 or len(todo) <= 1):
        for item in todo:
            note(item, _attempt_item(item))
    else:
        work = Work(_attempt_item, note, lambda item, error: failure(item[1], error))
        run_in_pool(todo, work, workers)
    return [answers[index] for index, _, _ in todo]


def _attempt_item(item: Item) -> RunResult | Failure:
    """Play the case of an item."""
    return attempt(item[1], item[2])


def attempt(case: Case, daily: bool = False) -> RunResult | Failure:
    """Play a case; what it raises is recorded, except a wish to stop."""
    from experiments import run

    try:
        return run.run_one(case, daily=daily)
    except Exception as error:
        return failure(case, error)


def failure(case: Case, error: BaseException) -> Failure:
    """Put on record that a case raised `error`."""
    text = " ".join(str(error).split()) or "no further word"
    trace = "".join(traceback.format_exception(error))
    return Failure(case.digest, case.scenario.name, case.seed, type(error).__name__, text, trace)


# ---- processes -----------------------------------------------------------------------------------


def run_in_pool[J, A](todo: Iterable[J], work: Work[J, A], workers: int) -> None:
    """Play jobs in a pool of processes that is built anew whenever a worker dies.

    A job that may have killed it is played again, alone; if it kills its worker then, it is set
    aside (``Work.set_aside``). What interrupts this process stops them all.
    """
    suspects, waiting, more = deque[J](), deque[J](), iter(todo)
    while _pool(suspects, waiting, more, workers, work):
        pass


def _pool[J, A](
    suspects: deque[J], waiting: deque[J], more: Iterator[J], workers: int, work: Work[J, A]
) -> bool:
    """Play suspects alone, then all others together, until nothing is left or a worker dies.

    Say whether one did; jobs that are to be played again are among `suspects` and `waiting` then.
    """
    context = multiprocessing.get_context("spawn")
    marks = _Marks(context, workers)
    pool = ProcessPoolExecutor(workers, context, initializer=start_worker, initargs=(marks,))
    watch = _Watch(pool)

    def send(number: int, job: J) -> Future[A]:
        return pool.submit(_marked, work.play, number, job)

    alone = JobQueue(send, work, suspects, iter(()))
    together = JobQueue(send, work, waiting, more)
    try:
        alone.run(lambda: 1, watch.silent)
        if not alone.broken:
            together.run(lambda: WINDOW * workers, watch.silent)
    except BaseException:
        kill(pool)
        raise
    processes = _processes(pool)
    if not watch.stuck:
        pool.shutdown(wait=True, cancel_futures=True)
    ends = {process.pid: process.exitcode for process in processes}
    if watch.stuck:
        kill(pool)
    for job in alone.lost.values():
        work.set_aside(job)
    blamed = marks.blamed(ends, set(together.lost))
    suspects.extend(job for number, job in together.lost.items() if number in blamed)
    waiting.extendleft(job for number, job in together.lost.items() if number not in blamed)
    return alone.broken or together.broken


class _Marks:
    """Which job every worker is at, written where it survives the worker.

    Without it, everything in flight would have to be played alone after a worker has died.
    """

    def __init__(self, context: Any, workers: int) -> None:
        self.taken = context.Value("i", 0)
        self.pids, self.jobs = context.RawArray("q", workers), context.RawArray("q", workers)
        self.place = 0

    def take_place(self) -> None:
        """In a worker: find a place to write to."""
        with self.taken.get_lock():
            self.place = self.taken.value
            self.taken.value += 1
        self.pids[self.place] = os.getpid()

    def blamed(self, ends: Mapping[int | None, int | None], lost: set[int]) -> set[int]:
        """Numbers of the jobs that may have ended their worker, from exit codes by process.

        The pool itself ends the other workers with SIGTERM, so whoever ended otherwise was the
        first. One that was between jobs when it ended may have taken any that no other was at.
        """
        at = dict(zip(self.pids, self.jobs, strict=True))
        first = {at.get(pid or 0, 0) for pid, code in ends.items() if code not in _BY_THE_POOL}
        others = {at.get(pid or 0, 0) for pid, code in ends.items() if code in _BY_THE_POOL}
        if not first:
            return lost
        return lost - others if 0 in first else first & lost


_marks: _Marks | None = None  # of this worker


def _marked[J, A](play: Callable[[J], A], number: int, job: J) -> A:
    """In a worker: play a job and leave word of it meanwhile."""
    if _marks is None:
        return play(job)
    _marks.jobs[_marks.place] = number
    try:
        return play(job)
    finally:
        _marks.jobs[_marks.place] = 0


@dataclass
class _Watch:
    """Notices a worker that died without a word.

    A worker that is killed while it sends an answer leaves half of it in the pipe that all share:
    the pool waits for the other half forever and never says that it is broken.
    """

    pool: ProcessPoolExecutor
    stuck: bool = False
    seen: bool = False

    def silent(self) -> bool:
        """Whether a worker was dead at the last look, too, and the pool has not noticed."""
        dead = any(process.exitcode is not None for process in _processes(self.pool))
        self.stuck, self.seen = dead and self.seen, dead
        return self.stuck


def _processes(pool: ProcessPoolExecutor) -> list[BaseProcess]:
    """The worker processes of a pool."""
    return list((getattr(pool, "_processes", None) or {}).values())


def kill(pool: ProcessPoolExecutor) -> None:
    """Stop at once: nothing new, and what runs is ended."""
    processes = _processes(pool)
    answers = getattr(pool, "_result_queue", None)
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()
    # with the last writer gone, whoever waits for the rest of an answer sees that none will come
    writer = getattr(answers, "_writer", None)
    if writer is not None and not writer.closed:
        writer.close()


def start_worker(marks: _Marks | None = None) -> None:
    """Before the first import of numpy in a worker: one thread each; Ctrl-C is the parent's."""
    global _marks
    _marks = marks
    if marks:
        marks.take_place()
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    """End with the parent, however it ends."""
    parent.join()
    os._exit(1)
