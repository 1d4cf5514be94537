"""Run many cases. Their results can be stored in a folder as they arrive."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import Any, TypedDict

from experiments.runs import run
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.study_inputs import refuse_local_classes
from experiments.sweeps.backend import SerialBackend, Work
from experiments.sweeps.design import CaseList
from experiments.sweeps.executors import ExecutorInput, ProcessBackend, open_backend
from experiments.sweeps.store import SweepResults
from experiments.sweeps.store_writer import key_of, source_of
from experiments.sweeps.sweep import RunFunction, sweep

OnResult = Callable[[Any], object]


class RunOptions(TypedDict, total=False):
    """Options for execution and storage, which :func:`run_many` explains."""

    executor: ExecutorInput
    jobs: int | None
    folder: Path | None
    on_result: OnResult | None


type _Item = tuple[int, Case]  # index, case


def run_many(
    cases: Iterable[Case],
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    folder: Path | None = None,
    on_result: OnResult | None = None,
    run_case: Callable[[Case], Any] | None = None,
) -> list[Any]:
    """Run cases and return their results or failures.

    The result is a ``Failure`` for a case that raises an error, and for a case whose worker dies
    twice, the second time while it runs this case alone. All other cases continue.
    KeyboardInterrupt stops the workers and is raised again.

    Args:
        cases: cases to run.
        executor: where they run, as in ``experiments.sweeps.executors.open_backend``.
        jobs: number of cases that run at a time (default: all cores). With 1, cases run in this
            process.
        folder: folder with stored results, to which new results are added. Failed cases are run
            again. None stores nothing.
        on_result: called with every result when its run ends. With a folder, it is called with the
            stored record instead, or with None for a case that was stored before.
        run_case: function that replaces ``experiments.runs.run.run_one``. It is ignored if a folder
            is given. Workers must be able to import it.

    Returns:
        One result or failure per case, ordered like the cases.

    Raises:
        SettingError: the executor or the folder cannot be used.
        ExecutorGone: the workers ended and cannot be replaced.
    """
    if folder is not None:
        return run_stored(
            list(cases),
            folder,
            run.run_one,
            RunResult,
            executor=executor,
            jobs=jobs,
            on_result=on_result,
        )
    items: list[_Item] = list(enumerate(cases))
    results: dict[int, Any] = {}

    def collect(item: _Item, result: Any) -> None:
        results[item[0]] = result
        if on_result:
            on_result(result)

    work = Work(
        partial(_run_item, run_case or run.run_one),
        collect,
        lambda item, error: Failure.of(item[1], error),
        lambda item: item[1].warmup_key,
    )
    with open_backend(executor, jobs) as backend:
        if len(items) <= 1 and isinstance(backend, ProcessBackend):
            backend = SerialBackend()
        if not isinstance(backend, SerialBackend):
            for _, case in items:
                refuse_local_classes(case.scenario, "worker processes cannot import it")
        backend.run(items, work)
    return [results[index] for index, _ in items]


def _run_item(run_case: Callable[[Case], Any], item: _Item) -> Any:
    """Run an item's case. Any error except an interrupt becomes a ``Failure``."""
    _, case = item
    try:
        return run_case(case)
    except Exception as error:
        return Failure.of(case, error)


# ---- stored cases --------------------------------------------------------------------------------


def run_stored[Row](
    cases: Sequence[Case],
    folder: Path,
    run_case: RunFunction,
    kind: type[Row],
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    on_result: OnResult | None = None,
) -> list[Row | Failure]:
    """Run the cases that a folder does not hold yet, and read all results.

    Args:
        cases: the cases, all of one world.
        folder: store folder, which may hold further cases from an earlier call.
        run_case: function that runs a case. Workers must be able to import it.
        kind: dataclass that `run_case` returns.
        executor, jobs: as in ``experiments.sweeps.sweep.sweep``.
        on_result: as in :func:`run_many`.

    Returns:
        One result or failure per case, ordered like the cases.

    Raises:
        SettingError: the folder or the executor cannot be used.
        ExecutorGone: the workers ended. Stored results are not lost.
        StorageError: results can no longer be stored.
    """
    if not cases:
        return []

    def start(_planned: int, stored: int) -> None:
        for _ in range(stored):
            if on_result:
                on_result(None)

    summary = sweep(
        CaseList(tuple(cases)),
        folder,
        executor=executor,
        jobs=jobs,
        on_start=start,
        on_result=on_result,
        run=run_case,
    )
    failed = {failure.case: failure for failure in summary.failures}
    source = source_of(cases[0].scenario)
    with SweepResults(folder) as store:
        return [failed.get(case.digest) or store.row(key_of(case, source), kind) for case in cases]
