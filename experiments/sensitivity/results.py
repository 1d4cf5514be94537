"""What was played in a study, analysed: one answer for each outcome, under each policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.design.factors import DUMMY
from experiments.sensitivity import indices
from experiments.sensitivity.indices import FactorIndices
from experiments.store import SweepResults

if TYPE_CHECKING:
    from experiments.design import Design
    from experiments.sensitivity.study import Study


@dataclass(frozen=True, eq=False)
class SensitivityResult:
    """What an outcome, or the change of it that a policy makes, depends on.

    ``policy``: written form, nothing for the level. ``values``: at every point, averaged over
    seeds, shape (n * block,), NaN where a block is left out. ``used`` of the blocks of the study
    are whole; ``thinner`` of these are averaged over fewer seeds than planned. ``lines`` are empty
    where too little is left for the method.
    """

    outcome: str
    policy: str
    values: np.ndarray
    complete_blocks: int
    reduced_blocks: int
    indices: tuple[FactorIndices, ...]

    @property
    def mean(self) -> float:
        """Mean over the points; NaN where there is none."""
        return float(np.mean(self._known)) if self._known.size else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation over the points; NaN where there is none."""
        return float(np.std(self._known)) if self._known.size else math.nan

    @property
    def _known(self) -> np.ndarray:
        """Values that are numbers."""
        return self.values[np.isfinite(self.values)]

    @property
    def dummy(self) -> FactorIndices:
        """The line of the dummy."""
        return next(line for line in self.indices if line.factor == DUMMY)

    @property
    def indistinct(self) -> list[str]:
        """Factors that cannot be told from the dummy."""
        others = [line for line in self.indices if line.factor != DUMMY]
        return [line.factor for line in others if not indices.distinguishable(line, self.dummy)]


def min_blocks(study: Study) -> int:
    """Whole blocks without which nothing is said: half of them, and what the method needs."""
    return max(indices.MIN_BLOCKS[study.method], math.ceil(study.n / 2))


def read_results(study: Study, folder: Path, outcomes: Sequence[str]) -> list[SensitivityResult]:
    """Read the ledgers and analyse every outcome: its level, or its change under every policy."""
    tables = {arm: _tables(design, folder, outcomes) for arm, design in study.designs.items()}
    arms = [arm for arm in tables if arm] or [""]
    return [
        analyse_outcome(study, name, arm, tables[""][name], tables[arm][name] if arm else None)
        for arm in arms
        for name in outcomes
    ]


def _tables(design: Design, folder: Path, outcomes: Sequence[str]) -> dict[str, np.ndarray]:
    """Every outcome by point and repetition, shape (points, reps); NaN where there is no run."""
    with SweepResults(folder / design.name) as store:
        frame = store.frame()
    first = {planned.point: planned.seed for planned in reversed(list(design.plan()))}
    points = frame["point"].to_numpy(dtype=int)
    reps = frame["seed"].to_numpy(dtype=int) - np.array([first[p] for p in points], dtype=int)
    answer = {}
    for name in outcomes:
        table = np.full((len(design.points), design.reps), math.nan)
        if points.size:
            table[points, reps] = frame[name].to_numpy(dtype=float)
        answer[name] = table
    return answer


def analyse_outcome(
    study: Study, outcome: str, policy: str, base: np.ndarray, arm: np.ndarray | None = None
) -> SensitivityResult:
    """Analyse one outcome.

    Args:
        study: what was played.
        outcome: its name.
        policy: whose change it is, or nothing.
        base: the outcome without the policy, shape (points, reps); NaN where there is no run.
        arm: the outcome with the policy, on the same seeds; None for the level.

    A block is averaged over the repetitions that all of its points have, so that its points stay
    paired, and left out if there is none.
    """
    values, seeds = _average_seeds(base, arm, study.block_size)
    whole = np.isfinite(values).reshape(-1, study.block_size).all(axis=1)
    rows = np.repeat(whole, study.block_size)
    used = int(whole.sum())
    lines: tuple[FactorIndices, ...] = ()
    if used >= min_blocks(study):
        lines = indices.analyse(
            study.method, study.names, study.cube[rows], values[rows], study.seed
        )
    thinner = int((seeds[whole] < study.reps).sum())
    return SensitivityResult(
        outcome, policy, np.where(rows, values, math.nan), used, thinner, lines
    )


def _average_seeds(
    base: np.ndarray, arm: np.ndarray | None, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Level, or change in percent, at every point; and repetitions of every block."""
    known = np.isfinite(base) if arm is None else np.isfinite(base) & np.isfinite(arm)
    whole = known.reshape(-1, block, known.shape[1]).all(axis=1)  # (blocks, reps)
    used = np.repeat(whole, block, axis=0)
    seeds = np.repeat(whole.sum(axis=1), block)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(used, base, 0.0).sum(axis=1) / seeds
        if arm is not None:
            level = 100.0 * (np.where(used, arm, 0.0).sum(axis=1) / seeds / level - 1.0)
    return level, whole.sum(axis=1)
