"""Many cases in worker processes: failures are recorded, killed workers replaced."""

from __future__ import annotations

import multiprocessing
import os
import signal
import threading
import traceback
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Future, ProcessPoolExecutor, wait
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from multiprocessing.process import BaseProcess

    from experiments.run import Case, RunResult

_WINDOW = 2  # cases in flight for each worker: one that runs, one that waits
_KILLED = "the process that ran it was killed, perhaps for want of memory"
_ONE_THREAD = ("NUMBA_NUM_THREADS", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
type Note = Callable[[int, RunResult | Failure], object]
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
    todo = [(index, case, daily) for index, case in enumerate(cases)]
    answers: dict[int, RunResult | Failure] = {}

    def note(index: int, answer: RunResult | Failure) -> None:
        answers[index] = answer
        if on_result:
            on_result(answer)

    workers = min(jobs or cores(), len(todo))
    if workers <= 1 and (jobs == 1 or len(todo) <= 1):
        for index, case, _ in todo:
            note(index, attempt(case, daily))
    else:
        _spread(todo, workers, note)
    return [answers[index] for index, _, _ in todo]


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


def _spread(todo: Sequence[Item], workers: int, note: Note) -> None:
    """Play in a pool; after a worker dies, play those that may have killed it one by one."""
    waiting = deque(todo)
    while waiting:
        for suspect in _pool(waiting, workers, note):
            for index, case, _ in _pool(deque([suspect]), 1, note):
                note(index, failure(case, WorkerKilled(_KILLED)))


class WorkerKilled(RuntimeError):
    """A case whose worker process died twice."""


def _pool(waiting: deque[Item], workers: int, note: Note) -> list[Item]:
    """Play `waiting` until it is empty or a worker dies; give the items lost with the worker."""
    pool = ProcessPoolExecutor(
        workers, mp_context=multiprocessing.get_context("spawn"), initializer=_start_worker
    )
    flying: dict[Future[RunResult | Failure], Item] = {}
    lost: list[Item] = []
    try:
        while (waiting or flying) and not lost:
            _submit(pool, waiting, flying, _WINDOW * workers, lost)
            for done in wait(flying, return_when=FIRST_COMPLETED).done:
                _gather(done, flying.pop(done), note, lost)
        lost += flying.values()
    except BaseException:
        _kill(pool)
        raise
    pool.shutdown(wait=True, cancel_futures=True)
    return sorted(lost, key=lambda item: item[0])


def _submit(
    pool: ProcessPoolExecutor,
    waiting: deque[Item],
    flying: dict[Future[RunResult | Failure], Item],
    window: int,
    lost: list[Item],
) -> None:
    """Fill the window of cases in flight."""
    while waiting and len(flying) < window and not lost:
        item = waiting.popleft()
        try:
            flying[pool.submit(attempt, *item[1:])] = item
        except BrokenExecutor:
            lost.append(item)


def _gather(done: Future[RunResult | Failure], item: Item, note: Note, lost: list[Item]) -> None:
    """Take one answer; an item whose worker died is lost, whatever else it raised is recorded."""
    index, case, _ = item
    try:
        answer = done.result()
    except BrokenExecutor:
        lost.append(item)
        return
    except Exception as error:  # an answer that could not be sent back
        answer = failure(case, error)
    note(index, answer)


def _kill(pool: ProcessPoolExecutor) -> None:
    """Stop at once: nothing new, and what runs is ended."""
    processes = list((getattr(pool, "_processes", None) or {}).values())
    pool.shutdown(wait=False, cancel_futures=True)
    for process in processes:
        process.kill()


def _start_worker() -> None:
    """Before the first import of numpy in a worker: one thread each; Ctrl-C is the parent's."""
    os.environ.update(dict.fromkeys(_ONE_THREAD, "1"))
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = multiprocessing.parent_process()
    if parent is not None:
        threading.Thread(target=_follow, args=(parent,), daemon=True).start()


def _follow(parent: BaseProcess) -> None:
    """End with the parent, however it ends."""
    parent.join()
    os._exit(1)
