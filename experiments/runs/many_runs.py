"""Run many cases and return their results, which may be stored while the others run."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

from experiments.runs.case import Case, Failure, RunResult
from experiments.sweeps.executors import ExecutorInput, ProcessBackend, SerialBackend, open_backend
from experiments.sweeps.job_queue import Work

OnResult = Callable[[Any], object]
type _Item = tuple[int, Case, bool]  # place, case, whether to keep the daily record


def run_many(
    cases: Iterable[Case],
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    folder: Path | None = None,
    on_result: OnResult | None = None,
    daily: bool = False,
) -> list[RunResult | Failure]:
    """Run cases.

    A case that raises returns a ``Failure``, and so does a case whose worker dies twice, the second
    time alone; the other cases continue. KeyboardInterrupt stops the workers and is raised again.

    Args:
        cases: the cases.
        executor: where they run, as in ``experiments.sweeps.executors.open_backend``.
        jobs: cases at a time (default: all cores); 1 runs them in this process.
        folder: folder in which results are stored, and from which stored ones are read; None to
            store nothing. Failed cases are run again.
        on_result: called with every result when its run ends. With a folder, it receives the
            stored record instead, and None for every case that is already stored.
        daily: whether results include persons by day and event; they are not stored.

    Returns:
        One result or failure per case, in the order of the cases.

    Raises:
        SettingError: the executor or the folder cannot be used.
        ExecutorGone: the workers ended and cannot be replaced.
    """
    if folder is not None:
        from experiments.sweeps.stored_cases import run_stored

        return run_stored(list(cases), folder, executor, jobs, on_result)
    items: list[_Item] = [(index, case, daily) for index, case in enumerate(cases)]
    answers: dict[int, RunResult | Failure] = {}

    def collect(item: _Item, answer: RunResult | Failure) -> None:
        answers[item[0]] = answer
        if on_result:
            on_result(answer)

    work = Work(
        _run_item,
        collect,
        lambda item, error: Failure.of(item[1], error),
        lambda item: warmup_of(item[1]),
    )
    with open_backend(executor, jobs) as backend:
        if len(items) <= 1 and isinstance(backend, ProcessBackend):
            backend = SerialBackend()
        backend.run(items, work)
    return [answers[index] for index, _, _ in items]


def warmup_of(case: Case) -> tuple[str, int]:
    """Return the key of the warm-up of a case.

    A worker simulates a warm-up once for all cases with the same key (`experiments.runs.warmup`).
    """
    return case.scenario.warmup_key, case.seed


def _run_item(item: _Item) -> RunResult | Failure:
    """Run the case of an item; every error except an interrupt is recorded."""
    from experiments.runs import run

    _, case, daily = item
    try:
        return run.run_one(case, daily=daily)
    except Exception as error:
        return Failure.of(case, error)
