"""Store the results of a list of cases while they run, in a sweep without factors."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from experiments.runs import run
from experiments.runs.case import Case, Failure, RunResult
from experiments.sweeps.design.plan import PlannedRun
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import sweep
from experiments.sweeps.sweep_writer import key_of, source_of

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.runs.many_runs import OnResult


@dataclass(frozen=True)
class CaseList:
    """Cases as the plan of a sweep; point k is case k."""

    cases: tuple[Case, ...]
    name: str = "cases"
    method: str = "listed"
    factors: tuple[str, ...] = ()
    reps: int = 1

    def __len__(self) -> int:
        """Return the number of cases."""
        return len(self.cases)

    @property
    def scenario(self) -> Scenario:
        """Scenario of the first case; all cases have its world."""
        return self.cases[0].scenario

    @property
    def digest(self) -> str:
        """Hash of all cases, 40 hexadecimal digits."""
        text = " ".join(case.digest for case in self.cases)
        return hashlib.blake2b(text.encode(), digest_size=20).hexdigest()

    def plan(self) -> Iterator[PlannedRun]:
        """Yield all runs."""
        for point, case in enumerate(self.cases):
            yield PlannedRun(point, case.seed, {"scenario": case.scenario.name})

    def case(self, planned: PlannedRun) -> Case:
        """Return the case of a planned run."""
        return self.cases[planned.point]


def run_stored(
    cases: Sequence[Case],
    folder: Path,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    on_result: OnResult | None = None,
) -> list[RunResult | Failure]:
    """Run the cases that a folder does not hold yet, and read all results.

    Args:
        cases: the cases, all of one world.
        folder: holds one sweep per list of cases.
        executor, jobs: as in ``experiments.sweeps.sweep.sweep``.
        on_result: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        One result or failure per case, in the order of the cases.

    Raises:
        SettingError: the folder or the executor cannot be used.
        ExecutorGone: the workers ended; stored results are not lost.
        StorageError: results can no longer be stored.
    """
    if not cases:
        return []
    planned = CaseList(tuple(cases))
    own = folder / planned.digest[:16]

    def start(_planned: int, stored: int) -> None:
        for _ in range(stored):
            if on_result:
                on_result(None)

    swept = sweep(
        planned,
        own,
        executor=executor,
        jobs=jobs,
        on_start=start,
        on_result=on_result,
        run=run.run_one,
    )
    failed = {failure.case: failure for failure in swept.failures}
    source = source_of(planned.scenario)
    with SweepResults(own) as store:
        return [failed.get(case.digest) or store.result(key_of(case, source)) for case in cases]
