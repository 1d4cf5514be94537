"""Sensitivity indices of a study that has been run: one result per outcome and policy."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from experiments.studies.sensitivity import indices
from experiments.studies.sensitivity.indices import FactorIndices
from experiments.sweeps.design.factors import DUMMY
from experiments.sweeps.store import SweepResults

if TYPE_CHECKING:
    from experiments.studies.sensitivity.study import Study
    from experiments.sweeps.design import Design


@dataclass(frozen=True, eq=False)
class SensitivityResult:
    """Indices of an outcome, or of the change that a policy makes to it.

    Attributes:
        outcome: name of the outcome.
        policy: written form of the policy; empty for the level of the outcome.
        values: mean over seeds at every point, shape (n * block,); NaN in blocks that are left out.
        complete_blocks: blocks in which every point has a run on a common seed.
        reduced_blocks: complete blocks that are averaged over fewer seeds than planned.
        indices: one entry per factor; empty if the method needs more complete blocks.
    """

    outcome: str
    policy: str
    values: np.ndarray
    complete_blocks: int
    reduced_blocks: int
    indices: tuple[FactorIndices, ...]

    @property
    def mean(self) -> float:
        """Mean over the points; NaN without any."""
        return float(np.mean(self._known)) if self._known.size else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation over the points; NaN without any."""
        return float(np.std(self._known)) if self._known.size else math.nan

    @property
    def _known(self) -> np.ndarray:
        """Finite values."""
        return self.values[np.isfinite(self.values)]

    @property
    def dummy(self) -> FactorIndices:
        """Indices of the dummy."""
        return next(entry for entry in self.indices if entry.factor == DUMMY)

    @property
    def indistinct(self) -> list[str]:
        """Factors whose strength cannot be distinguished from that of the dummy."""
        others = [entry for entry in self.indices if entry.factor != DUMMY]
        return [entry.factor for entry in others if not indices.distinguishable(entry, self.dummy)]


def min_blocks(study: Study) -> int:
    """Return the number of complete blocks for an analysis: half, or the method's minimum."""
    return max(indices.MIN_BLOCKS[study.method], math.ceil(study.n / 2))


def read_results(study: Study, folder: Path, outcomes: Sequence[str]) -> list[SensitivityResult]:
    """Read the stored runs of a study and compute the indices of every outcome.

    Args:
        study: the study.
        folder: folder of its sweeps.
        outcomes: names of outcomes.

    Returns:
        Results of the levels, or of the changes under every policy if the study has any.
    """
    tables = {arm: _tables(design, folder, outcomes) for arm, design in study.designs.items()}
    arms = [arm for arm in tables if arm] or [""]
    return [
        analyse_outcome(study, name, arm, tables[""][name], tables[arm][name] if arm else None)
        for arm in arms
        for name in outcomes
    ]


def _tables(design: Design, folder: Path, outcomes: Sequence[str]) -> dict[str, np.ndarray]:
    """Read every outcome by point and repetition, shape (points, reps); NaN without a run."""
    with SweepResults(folder / design.name) as store:
        frame = store.frame()
    first = {planned.point: planned.seed for planned in reversed(list(design.plan()))}
    points = frame["point"].to_numpy(dtype=int)
    reps = frame["seed"].to_numpy(dtype=int) - np.array([first[p] for p in points], dtype=int)
    tables = {}
    for name in outcomes:
        table = np.full((len(design.points), design.reps), math.nan)
        if points.size:
            table[points, reps] = frame[name].to_numpy(dtype=float)
        tables[name] = table
    return tables


def analyse_outcome(
    study: Study, outcome: str, policy: str, base: np.ndarray, arm: np.ndarray | None = None
) -> SensitivityResult:
    """Compute the indices of one outcome.

    A block is averaged over the repetitions that all of its points have, so that its points stay
    paired. A block without a common repetition is left out.

    Args:
        study: the study.
        outcome: name of the outcome.
        policy: written form of the policy, or empty.
        base: the outcome without the policy, shape (points, reps); NaN without a run.
        arm: the outcome with the policy on the same seeds; None to analyse the level.

    Returns:
        The result.
    """
    values, seeds = _average_seeds(base, arm, study.block_size)
    whole = np.isfinite(values).reshape(-1, study.block_size).all(axis=1)
    rows = np.repeat(whole, study.block_size)
    complete = int(whole.sum())
    factor_indices: tuple[FactorIndices, ...] = ()
    if complete >= min_blocks(study):
        factor_indices = indices.analyse(
            study.method, study.names, study.cube[rows], values[rows], study.seed
        )
    reduced = int((seeds[whole] < study.reps).sum())
    return SensitivityResult(
        outcome, policy, np.where(rows, values, math.nan), complete, reduced, factor_indices
    )


def _average_seeds(
    base: np.ndarray, arm: np.ndarray | None, block: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return level or change in percent by point, and the common repetitions by block."""
    known = np.isfinite(base) if arm is None else np.isfinite(base) & np.isfinite(arm)
    whole = known.reshape(-1, block, known.shape[1]).all(axis=1)  # (blocks, reps)
    used = np.repeat(whole, block, axis=0)
    seeds = np.repeat(whole.sum(axis=1), block)
    with np.errstate(divide="ignore", invalid="ignore"):
        level = np.where(used, base, 0.0).sum(axis=1) / seeds
        if arm is not None:
            level = 100.0 * (np.where(used, arm, 0.0).sum(axis=1) / seeds / level - 1.0)
    return level, whole.sum(axis=1)
