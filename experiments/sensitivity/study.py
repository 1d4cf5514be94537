"""A sensitivity analysis: its points as designs, the one function that plays them, its answers.

Every point plays the same seeds, so that a step in a factor is that factor and not the dice. The
*dummy* is the exception: it changes nothing in the model and the seeds of a point follow from it.
What it seems to do is luck, and it would be nothing if the model had none.
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
from experiments.compare import Portfolio, with_policies
from experiments.design import Design, Listed, Planned
from experiments.design.factors import DUMMY, POLICY
from experiments.design.plan import LARGEST_SEED
from experiments.run import run_one
from experiments.sensitivity import indices
from experiments.sensitivity.inputs import VariedFactor
from experiments.store import SweepResults
from experiments.sweep import RunFunction, SweepSummary, sweep

if TYPE_CHECKING:
    from abm.scenario import Scenario

BASELINE = "baseline"  # folder of the runs without the policies
SEED_SETS, SEEDS_PER_SET = (
    1024,
    10_000,
)  # sets of seeds that the dummy tells apart, and the seeds of each
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class DummySeededDesign(Design):
    """A design in which the dummy says which seeds a point plays, and nothing else."""

    def seed_offset(self, point: int) -> int:
        """Offset of the seeds of a point."""
        return SEEDS_PER_SET * min(SEED_SETS - 1, int(SEED_SETS * self.inputs(point)[DUMMY]))

    def plan(self) -> Iterator[Planned]:
        """All runs, in the order of any design."""
        for planned in super().plan():
            yield replace(planned, seed=planned.seed + self.seed_offset(planned.point))

    @property
    def digest(self) -> str:
        """Fingerprint; another than that of the same design with common seeds."""
        told = f"{super().digest} {SEED_SETS} {SEEDS_PER_SET}"
        return hashlib.blake2b(told.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Study:
    """What is asked: which factors, by which method, how often, of which answer.

    ``n``: trajectories (Morris) or base samples (Sobol'). ``reps``: seeds that an answer is
    averaged over. ``policies``: for each of them the answer is the change that it makes; with none
    it is the level. Raises ``SettingError`` for what cannot be played.
    """

    scenario: Scenario
    factors: tuple[VariedFactor, ...]
    method: str = indices.MORRIS
    n: int = 10
    reps: int = 2
    seed: int = 1
    policies: tuple[Portfolio, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what cannot be played, before anything is."""
        indices.check_size(self.method, self.n)
        if not 1 <= self.reps <= SEEDS_PER_SET:
            raise SettingError("--reps", f"{self.reps} seeds", f"Give from 1 to {SEEDS_PER_SET:,}.")
        last = LARGEST_SEED - SEED_SETS * SEEDS_PER_SET
        if not 0 <= self.seed <= last:
            hint = f"Give a seed from 0 to {last}: the dummy needs room above it."
            raise SettingError("--seed", f"{self.seed} leaves no room for the seeds", hint)
        self._check_policies()

    def _check_policies(self) -> None:
        """Refuse a policy that is asked for twice, or whose dose varies as well."""
        varied = {one.name.removeprefix(POLICY) for one in self.factors}
        for uses in self.policies:
            if not uses or any(use.id in varied for use in uses):
                told = policy_text(uses) or "the status quo"
                hint = "A policy is compared with --policy, or its dose varies; not both."
                raise SettingError("--policy", f"{told} cannot be compared", hint)
        if len({policy_text(uses) for uses in self.policies}) < len(self.policies):
            raise SettingError("--policy", "a policy is named twice", "Name it once.")

    @property
    def names(self) -> tuple[str, ...]:
        """Factors in the order of the columns, the dummy last."""
        return (*(one.name for one in self.factors), DUMMY)

    @property
    def block_size(self) -> int:
        """Points of a trajectory or of a base sample."""
        return indices.block_size(self.method, len(self.names))

    @cached_property
    def cube(self) -> np.ndarray:
        """Points between 0 and 1, shape (n * block, factors)."""
        return indices.cube(self.method, self.names, self.n, self.seed)

    @cached_property
    def designs(self) -> dict[str, Design]:
        """What is played: the baseline, and every policy by its written form."""
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
        """Values by path, one for each point; a factor that moves several settings has several."""
        columns: dict[str, list[Any]] = {}
        for one, shares in zip(self.factors, self.cube.T, strict=False):
            values = [one.value_at(float(share)) for share in shares]
            columns |= dict.fromkeys(one.paths, values)
        return columns | {DUMMY: [float(share) for share in self.cube[:, -1]]}

    def __len__(self) -> int:
        """Runs that are planned, one that is planned twice counted twice."""
        return sum(map(len, self.designs.values()))


def policy_text(uses: Portfolio) -> str:
    """A portfolio as it is written."""
    return "+".join(map(str, uses))


def folder_of(arm: str) -> str:
    """Name of the folder of an arm: readable, and another for every written form."""
    if not arm:
        return BASELINE
    plain = _UNSAFE.sub("-", arm)
    if plain == arm != BASELINE and len(arm) <= 48:
        return arm
    return f"{plain[:48]}-{hashlib.blake2b(arm.encode(), digest_size=4).hexdigest()}"


# ---- playing -------------------------------------------------------------------------------------


def run_study(
    study: Study,
    folder: Path,
    *,
    jobs: int | None = None,
    resume: bool = True,
    command: Sequence[str] = (),
    on_start: Callable[[str, int, int], object] | None = None,
    on_result: Callable[[Any], object] | None = None,
    run_case: RunFunction = run_one,
) -> list[SweepSummary]:
    """RunFunction what the ledgers in `folder` do not hold yet, arm by arm; nothing is played twice.

    `jobs` runs at a time, one in this process. `on_start` hears of every arm with (written form,
    planned runs, runs that are there), `on_result` of every run. `play_one` plays a case. Raises
    as :func:`experiments.sweep.sweep` does.
    """
    designs = study.designs
    if not resume:
        _refuse_held(designs, folder)
    return [
        sweep(
            design,
            folder / design.name,
            executor="serial" if jobs == 1 else None,
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
    """Refuse a folder that holds runs, before any arm is played."""
    for design in designs.values():
        try:
            with SweepResults(folder / design.name) as store:
                told = f"{folder} holds {store.done:,} of {store.planned:,} runs of {design.name}"
        except SettingError:
            continue
        raise SettingError("--out", told, "Go on with --resume, or give another --out.")
