"""A sensitivity study: its points as designs, and the function that runs them.

All points run the same seeds, so that a step in a factor changes only that factor. The *dummy* is
the exception: it changes nothing in the model, but the seeds of a point depend on it. Its index
measures random variation; it would be 0 for a deterministic model.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.scenario import SettingError
from experiments.comparison.compare import Portfolio, with_policies
from experiments.runs.run import run_one
from experiments.studies.sensitivity import indices
from experiments.studies.sensitivity.inputs import VariedFactor
from experiments.sweeps.design import Design, Listed, PlannedRun
from experiments.sweeps.design.factors import DUMMY, POLICY
from experiments.sweeps.design.plan import LARGEST_SEED
from experiments.sweeps.executors import ExecutorInput
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import RunFunction, SweepSummary, sweep

if TYPE_CHECKING:
    from abm.scenario import Scenario

BASELINE = "baseline"  # folder of the runs without the policies
SEED_SETS = 1024  # sets of seeds that the dummy selects from
SEEDS_PER_SET = 10_000
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class DummySeededDesign(Design):
    """A design whose seeds depend on the dummy factor."""

    def seed_offset(self, point: int) -> int:
        """Return the offset of the seeds of a point."""
        return SEEDS_PER_SET * min(SEED_SETS - 1, int(SEED_SETS * self.inputs(point)[DUMMY]))

    def plan(self) -> Iterator[PlannedRun]:
        """Yield all runs in the order of any design."""
        for planned in super().plan():
            yield replace(planned, seed=planned.seed + self.seed_offset(planned.point))

    @property
    def digest(self) -> str:
        """Fingerprint; it differs from that of the same design with common seeds."""
        content = f"{super().digest} {SEED_SETS} {SEEDS_PER_SET}"
        return hashlib.blake2b(content.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Study:
    """A sensitivity study.

    Attributes:
        scenario: the scenario.
        factors: factors, without the dummy.
        method: one of ``indices.METHODS``.
        n: trajectories (Morris) or base samples (Sobol').
        reps: seeds per point; outcomes are averaged over them.
        seed: first seed.
        policies: the outcome is the change that each of them makes; the level without any.

    Raises:
        SettingError: for values that cannot be run.
    """

    scenario: Scenario
    factors: tuple[VariedFactor, ...]
    method: str = indices.MORRIS
    n: int = 10
    reps: int = 2
    seed: int = 1
    policies: tuple[Portfolio, ...] = ()

    def __post_init__(self) -> None:
        """Check all values before any run."""
        indices.check_size(self.method, self.n)
        if not 1 <= self.reps <= SEEDS_PER_SET:
            raise SettingError(
                "--reps", f"invalid number of seeds {self.reps}", f"Give 1 to {SEEDS_PER_SET:,}."
            )
        last = LARGEST_SEED - SEED_SETS * SEEDS_PER_SET
        if not 0 <= self.seed <= last:
            hint = f"Give a seed from 0 to {last}: the dummy needs higher seeds as well."
            raise SettingError("--seed", f"seed {self.seed} is too large for a study", hint)
        self._check_policies()

    def _check_policies(self) -> None:
        """Check that no policy is given twice, and that no policy has a dose that varies."""
        varied = {factor.name.removeprefix(POLICY) for factor in self.factors}
        for uses in self.policies:
            if not uses or any(use.id in varied for use in uses):
                policy = policy_text(uses) or "the status quo"
                hint = "Give a policy with --policy or vary its dose, not both."
                raise SettingError("--policy", f"cannot compare {policy}", hint)
        if len({policy_text(uses) for uses in self.policies}) < len(self.policies):
            raise SettingError("--policy", "a policy is given twice", "Give it once.")

    @property
    def names(self) -> tuple[str, ...]:
        """Factors in the order of the columns, the dummy last."""
        return (*(factor.name for factor in self.factors), DUMMY)

    @property
    def block_size(self) -> int:
        """Points per trajectory or base sample."""
        return indices.block_size(self.method, len(self.names))

    @cached_property
    def cube(self) -> np.ndarray:
        """Points between 0 and 1, shape (n * block, factors)."""
        return indices.cube(self.method, self.names, self.n, self.seed)

    @cached_property
    def designs(self) -> dict[str, Design]:
        """The designs to run by written form of the policy; the baseline has an empty key."""
        arms = {"": self.scenario}
        arms |= {policy_text(uses): with_policies(self.scenario, uses) for uses in self.policies}
        sample = Listed(self._columns())
        return {
            arm: DummySeededDesign(
                name=folder_of(arm),
                sample=sample,
                scenario=scenario,
                reps=self.reps,
                seed=self.seed,
            )
            for arm, scenario in arms.items()
        }

    def _columns(self) -> dict[str, list[Any]]:
        """Return values by path, one per point; a factor with several settings has several."""
        columns: dict[str, list[Any]] = {}
        for factor, shares in zip(self.factors, self.cube.T, strict=False):
            values = [factor.value_at(float(share)) for share in shares]
            columns |= dict.fromkeys(factor.paths, values)
        return columns | {DUMMY: [float(share) for share in self.cube[:, -1]]}

    def __len__(self) -> int:
        """Number of planned runs; runs in two designs count twice."""
        return sum(map(len, self.designs.values()))


def policy_text(uses: Portfolio) -> str:
    """Return the written form of a portfolio."""
    return "+".join(map(str, uses))


def folder_of(arm: str) -> str:
    """Return the folder name of an arm: readable and unique for each written form."""
    if not arm:
        return BASELINE
    plain = _UNSAFE.sub("-", arm)
    if plain == arm != BASELINE and len(arm) <= 48:
        return arm
    return f"{plain[:48]}-{hashlib.blake2b(arm.encode(), digest_size=4).hexdigest()}"


# ---- runs ----------------------------------------------------------------------------------------


def run_study(
    study: Study,
    folder: Path,
    *,
    executor: ExecutorInput = None,
    jobs: int | None = None,
    resume: bool = True,
    command: Sequence[str] = (),
    on_start: Callable[[str, int, int], object] | None = None,
    on_result: Callable[[Any], object] | None = None,
    run_case: RunFunction = run_one,
) -> list[SweepSummary]:
    """Run the cases that the sweeps in `folder` do not hold yet, arm by arm.

    Args:
        study: the study.
        folder: folder of one sweep per arm.
        executor, jobs: as in :func:`experiments.sweeps.sweep.sweep`.
        resume: whether `folder` may hold runs already.
        command: command line that is stored with the sweep.
        on_start: called for each arm with (written form, planned runs, stored runs).
        on_result: called with every run.
        run_case: function that runs a case.

    Returns:
        One summary per arm.

    Raises:
        SettingError: if `folder` holds runs and `resume` is false; others as
            :func:`experiments.sweeps.sweep.sweep`.
    """
    designs = study.designs
    if not resume:
        _refuse_held(designs, folder)
    return [
        sweep(
            design,
            folder / design.name,
            executor=executor,
            jobs=jobs,
            resume=resume,
            command=command,
            on_result=on_result,
            run=run_case,
            on_start=lambda *counts, arm=arm: on_start(arm, *counts) if on_start else None,
        )
        for arm, design in designs.items()
    ]


def _refuse_held(designs: dict[str, Design], folder: Path) -> None:
    """Raise ``SettingError`` if the folder holds runs of an arm."""
    for design in designs.values():
        try:
            with SweepResults(folder / design.name) as store:
                reason = f"{folder} holds {store.done:,} of {store.planned:,} runs of {design.name}"
        except SettingError:
            continue
        raise SettingError("--out", reason, "Continue with --resume, or give another --out.")
