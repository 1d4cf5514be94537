"""Portfolios that were played: what each changes beside the status quo, by member and horizon."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.design import Design, Listed, ParameterSet
from experiments.optimise.horizons import HORIZONS, JUDGED, OUTCOMES, levels
from experiments.optimise.sides import Instruments
from experiments.pool import Failure
from experiments.run import run_one
from experiments.store import SweepResults
from experiments.sweep import RunFunction, SweepSummary, sweep

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.calibration.members import EnsembleSample

OnResult = Callable[[Any], object]


@dataclass(frozen=True, eq=False)
class Trials:
    """Portfolios and what they come to under every member.

    ``portfolios``: $ a year, shape (n, instruments). ``levels``: persons a year, shape
    (n, members, outcomes, horizons), NaN where a run failed; ``base``: those of the status quo,
    without the first axis.
    """

    portfolios: np.ndarray
    levels: np.ndarray
    base: np.ndarray
    failures: tuple[Failure, ...] = ()

    def __len__(self) -> int:
        """How many portfolios."""
        return len(self.portfolios)

    @property
    def changes(self) -> np.ndarray:
        """Paired changes from the status quo: levels over its own, less 1, in its shape."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.levels / self.base - 1.0

    def mean_log(self, outcome: str) -> np.ndarray:
        """Mean over members and judged horizons of the log of the ratio, by portfolio."""
        where = [HORIZONS.index(years) for years in JUDGED]
        ratio = 1.0 + self.changes[:, :, OUTCOMES.index(outcome)][:, :, where]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(ratio, 1e-3)).mean(axis=(1, 2))

    def append(self, other: Trials) -> Trials:
        """With more portfolios, played under the same members."""
        stacked = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("portfolios", "levels")
        }
        return replace(self, **stacked, failures=self.failures + other.failures)


@dataclass(frozen=True)
class Evaluator:
    """Where portfolios are played: scenario, members, first seed, and how.

    ``scenario`` lasts as long as the longest horizon. ``folder`` holds a ledger for every design.
    ``effectiveness``: by member and policy, what it delivers for each dose planned; empty: 1.
    ``executor`` and ``player``: as ``sweep`` takes them.
    """

    scenario: Scenario
    drawn: EnsembleSample
    folder: Path
    seed: int = 1
    jobs: int | None = None
    on_start: Callable[[str, int, int], object] | None = None
    on_result: OnResult | None = None
    command: Sequence[str] = ()
    effectiveness: Sequence[Mapping[str, float]] = ()
    executor: Executor | str | None = None
    run_case: RunFunction = run_one

    def design(self, name: str, instruments: Instruments, portfolios: np.ndarray) -> Design:
        """The status quo and the portfolios, under every member."""
        doses = np.minimum(portfolios / instruments.full_cost, instruments.high)
        rows = np.vstack([np.zeros(len(instruments)), doses])
        columns = {f"policy.{name}": rows[:, k].tolist() for k, name in enumerate(instruments.ids)}
        effect = self.effectiveness or [{}] * len(self.drawn)
        sets = tuple(map(ParameterSet, self.drawn.chosen, self.drawn.settings, effect))
        return Design(
            name=name,
            sample=Listed(columns),
            scenario=self.scenario,
            reps=1,
            seed=self.seed,
            members=sets,
        )

    def run(self, name: str, instruments: Instruments, portfolios: np.ndarray) -> Trials:
        """RunFunction what the ledger of this name does not hold yet, and read it."""
        design = self.design(name, instruments, portfolios)
        hear = self.on_start

        def start(planned: int, found: int) -> None:
            if hear:
                hear(name, planned, found)

        swept = sweep(
            design,
            self.folder / name,
            executor=self.executor,
            jobs=self.jobs,
            on_start=start,
            on_result=self.on_result,
            command=self.command,
            run=self.run_case,
        )
        return read_trials(design, swept, portfolios)


def read_trials(design: Design, swept: SweepSummary, portfolios: np.ndarray) -> Trials:
    """Read a design of :meth:`Evaluator.design` that has been played."""
    shape = (len(design.points), len(design.members), len(OUTCOMES), len(HORIZONS))
    found = np.full(shape, np.nan)
    with SweepResults(swept.folder) as store:
        frame = store.frame()[["key", "point", "member"]]
        runs = {key: levels(store.result(key)) for key in set(frame["key"])}
    place = {one.number: k for k, one in enumerate(design.members)}
    for key, point, member in frame.itertuples(index=False):
        found[point, place[member]] = runs[key]
    return Trials(portfolios, found[1:], found[0], swept.failures)
