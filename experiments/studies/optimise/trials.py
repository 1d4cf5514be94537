"""Trials: portfolios that have been run, and their changes from the status quo."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from abm.measures import ENTRIES
from experiments.runs.case import Case, Failure
from experiments.runs.many_runs import OnResult
from experiments.runs.run import run_one
from experiments.studies.optimise.drawn_numbers import policy_numbers
from experiments.studies.optimise.horizons import BOTH, HORIZONS, JUDGED, OUTCOMES, SPENT, yearly
from experiments.studies.optimise.sides import Instruments, buyable
from experiments.studies.optimise.surrogate import with_member
from experiments.sweeps.design import CaseList, Design, Listed, ParameterSet, Plan, Shard
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.store import SweepResults
from experiments.sweeps.store_writer import key_of, source_of
from experiments.sweeps.sweep import RunFunction, SweepSummary, sweep

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from experiments.calibration.members import EnsembleSample

_DAYS_PER_YEAR = 365.25
_SHAPE = len(OUTCOMES + SPENT), len(HORIZONS)


@dataclass(frozen=True, eq=False)
class Trials:
    """Results for portfolios with every member's settings.

    Attributes:
        portfolios: planned $ per year, shape (n, instruments).
        levels: persons per year, shape (n, members, outcomes, horizons). NaN for a failed run.
        base: levels of the status quo, shape (members, outcomes, horizons).
        failures: failed runs.
        delivered: planned dollars times effect, shaped like ``portfolios``. None if all effects are
            as declared.
        spent: spent dollars a year over each horizon, shape (n, members, payers, horizons), with
            payers ordered like ``PAYERS``. NaN for a failed run and for a horizon beyond the end of
            the runs. None if spending was not read.
        member: 1 for the search member with whose settings a portfolio was run, else 0, shape (n,
            search members). A row of zeros means a member outside the search. None if all
            portfolios were run with the same members.
        instruments: instruments in the columns of ``portfolios``.
    """

    portfolios: np.ndarray
    levels: np.ndarray
    base: np.ndarray
    failures: tuple[Failure, ...] = ()
    delivered: np.ndarray | None = None
    spent: np.ndarray | None = None
    member: np.ndarray | None = None
    instruments: Instruments = field(default_factory=buyable)

    def __repr__(self) -> str:
        """Return how many portfolios, members and failures there are."""
        size = f"{len(self)} portfolios, {len(self.base)} members"
        return f"<Trials: {size}, {len(self.failures)} failures>"

    def __len__(self) -> int:
        """Return the number of portfolios."""
        return len(self.portfolios)

    @property
    def changes(self) -> np.ndarray:
        """Paired relative changes from the status quo, shaped like ``levels``."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.levels / self.base - 1.0

    @property
    def inputs(self) -> np.ndarray:
        """Surrogate inputs: dollars (delivered if they are known, else planned), and the member."""
        dollars = self.portfolios if self.delivered is None else self.delivered
        return dollars if self.member is None else with_member(dollars, self.member)

    @property
    def longest(self) -> int:
        """Index of the longest horizon that any run reaches. The last index if all runs failed."""
        reached = np.isfinite(self.levels).any(axis=(0, 1, 2))
        return int(np.flatnonzero(reached)[-1]) if reached.any() else len(HORIZONS) - 1

    def mean_log(self, outcome: str) -> np.ndarray:
        """Return an outcome's mean log ratio over members and judged horizons.

        Horizons that no run reaches are left out. ``BOTH`` averages both kinds of entries.
        """
        if outcome == BOTH:
            return np.mean([self.mean_log(name) for name in ENTRIES], axis=0)
        where = [k for k in map(HORIZONS.index, JUDGED) if k <= self.longest]
        ratio = 1.0 + self.changes[:, :, OUTCOMES.index(outcome)][:, :, where]
        with np.errstate(divide="ignore"):
            return np.log(np.maximum(ratio, 1e-3)).mean(axis=(1, 2))

    def append(self, other: Trials) -> Trials:
        """Return these trials with more portfolios, which were run with the same members."""
        stacked = {
            name: np.concatenate([getattr(self, name), getattr(other, name)])
            for name in ("portfolios", "levels", "delivered", "spent", "member")
            if getattr(self, name) is not None
        }
        return replace(self, **stacked, failures=self.failures + other.failures)


@dataclass(frozen=True)
class Evaluator:
    """Scenario, members and execution for portfolios.

    Attributes:
        scenario: scenario that is as long as the longest horizon.
        members: ensemble members.
        folder: folder with one sweep per design.
        seed: first seed.
        on_start: called for each sweep with (label and name, planned runs, stored runs).
        on_result: called with every run.
        command: command line that is stored with the sweeps.
        effectiveness: ratio of effect to declared effect by policy, one mapping per member. Empty
            if all effects are as declared.
        executor, run_case: as in ``sweep``.
        shard: part of every sweep to run, without reading results. None runs and reads everything.
        label: text before each sweep's name in ``on_start``, such as the regime.
        instruments: all instruments, which are the columns of portfolios.
        planned: for each run key, the folder of the sweep that runs it. Copies of an evaluator
            share this mapping, so that they run no case (such as the status quo) twice.
    """

    scenario: Scenario
    members: EnsembleSample
    folder: Path
    seed: int = 1
    on_start: Callable[[str, int, int], object] | None = None
    on_result: OnResult | None = None
    command: Sequence[str] = ()
    effectiveness: Sequence[Mapping[str, float]] = ()
    executor: ExecutorInput = None
    run_case: RunFunction = run_one
    shard: Shard | None = None
    label: str = ""
    instruments: Instruments = field(default_factory=buyable)
    planned: dict[str, Path] = field(default_factory=dict)

    def design(
        self, name: str, portfolios: np.ndarray, effects: np.ndarray | None = None
    ) -> Design:
        """Return a design that runs the status quo and portfolios with every member's settings.

        Args:
            name: name of the sweep.
            portfolios: $ per year, shape (n, instruments).
            effects: ratio of effect to declared effect, shaped like `portfolios`. None uses
                ``effectiveness``.

        Returns:
            The design. Its first point is the status quo.
        """
        instruments = self.instruments
        doses = self._doses(portfolios)
        columns = {f"policy.{n}": doses[:, k].tolist() for k, n in enumerate(instruments.ids)}
        if effects is not None:
            ratios = np.vstack([np.ones(len(instruments)), effects])
            ratios = np.where(doses > 0.0, ratios, 1.0)
            columns |= {f"effect.{n}": ratios[:, k].tolist() for k, n in enumerate(instruments.ids)}
        members = self.members
        effect = self.effectiveness or [{}] * len(members)
        priced = [instruments.at_prices(policy_numbers(values)) for values in members.numbers]
        rows_of = zip(
            members.chosen, members.settings, effect, *zip(*priced, strict=True), strict=True
        )
        sets = tuple(ParameterSet(*row) for row in rows_of)
        return Design(
            name=name,
            sample=Listed(columns),
            scenario=self.scenario,
            reps=1,
            seed=self.seed,
            members=sets,
        )

    def _doses(self, portfolios: np.ndarray) -> np.ndarray:
        """Return doses for the status quo and for portfolios, at declared prices."""
        doses = np.minimum(portfolios / self.instruments.full_cost, self.instruments.high)
        return np.vstack([np.zeros(len(self.instruments)), doses])

    def run(self, name: str, portfolios: np.ndarray, effects: np.ndarray | None = None) -> Trials:
        """Run the portfolios that no sweep holds yet, and read all results.

        Args:
            name: name of the sweep.
            portfolios: planned $ per year, shape (n, instruments).
            effects: as in :meth:`design`.

        Returns:
            The trials.
        """
        return self._run(self.design(name, portfolios, effects), portfolios)

    def run_worlds(
        self,
        name: str,
        portfolios: np.ndarray,
        parameter_sets: Sequence[ParameterSet],
        seeds: Sequence[int],
    ) -> Trials:
        """Run the status quo and portfolios with several parameter sets, each with one seed.

        Args:
            name: name of the sweep.
            portfolios: $ per year, shape (n, instruments).
            parameter_sets: sets in place of the members, applied to the evaluator's scenario.
            seeds: one seed per parameter set.

        Returns:
            The trials, with parameter sets in place of members.
        """
        points = self._doses(portfolios).tolist()
        paths = [f"policy.{policy}" for policy in self.instruments.ids]
        scenarios = [self.scenario.with_settings(dict(world.settings)) for world in parameter_sets]
        cases = [
            Case(world.scenario(scenario, dict(zip(paths, point, strict=True))), seed)
            for world, scenario, seed in zip(parameter_sets, scenarios, seeds, strict=True)
            for point in points
        ]
        return self._run(CaseList(tuple(cases), name=name), portfolios)

    def _run(self, plan: Plan, portfolios: np.ndarray) -> Trials:
        """Run the missing cases, and read all results by parameter set, the status quo first."""
        cases = [case for _, case in plan.cases()]
        keys = [key_of(case, source_of(case.scenario)) for case in cases]
        new = [case for key, case in zip(keys, cases, strict=True) if key not in self.planned]
        if len(new) < len(cases):
            plan = CaseList(tuple(new), name=plan.name)
        plan = replace(plan, shard=self.shard)
        is_run = new and (not self.shard or self.shard.number)
        failures = self._sweep(plan).failures if is_run else ()
        self.planned.update(dict.fromkeys(keys, self.folder / plan.name) | self.planned)
        table = self._read(keys).reshape(-1, len(portfolios) + 1, *_SHAPE).swapaxes(0, 1)
        levels, spent = np.split(table, [len(OUTCOMES)], axis=2)
        results = portfolios, levels[1:], levels[0], failures
        return Trials(*results, spent=spent[1:], instruments=self.instruments)

    def _sweep(self, plan: Plan) -> SweepSummary:
        """Run the cases that the sweep with a plan's name does not store yet."""
        return sweep(
            plan,
            self.folder / plan.name,
            executor=self.executor,
            on_start=partial(self.on_start, self.label + plan.name) if self.on_start else None,
            on_result=self.on_result,
            command=self.command,
            run=self.run_case,
        )

    def _read(self, keys: Sequence[str]) -> np.ndarray:
        """Return the outcomes and dollars of runs by key and horizon. NaN for a failed run."""
        years, runs = round(self.scenario.days / _DAYS_PER_YEAR), {}
        for folder in dict.fromkeys(self.planned[key] for key in keys if not self.shard):
            with SweepResults(folder) as store:
                for key in {*keys} & {*store.frame()["key"]}:
                    runs[key] = yearly(store.result(key), OUTCOMES + SPENT, years)
        return np.array([runs.get(key, np.full(_SHAPE, np.nan)) for key in keys])
