"""A sensitivity study: its points as designs, its runs, and the indices of the results.

All points run the same seeds, so that a step in a factor changes only that factor. The *dummy* is
the exception: it changes nothing in the model, but the seeds of a point depend on it. Its index
measures random variation, and would be 0 for a deterministic model.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from abm.measures import CRITERIA, ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.scenario import SettingError
from agents.param import check_name
from experiments.rows.records import record
from experiments.rows.runs import failure_row, scenario_keys
from experiments.runs.case import Failure
from experiments.runs.study_inputs import Portfolio, with_policies
from experiments.studies.sensitivity import indices
from experiments.studies.sensitivity.indices import FactorIndices, IndexEstimate, distinguishable
from experiments.studies.sensitivity.inputs import VariedFactor, open_priors, read_factors
from experiments.sweeps.design import DUMMY, LARGEST_SEED, POLICY, Design, Listed, PlannedRun
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary

if TYPE_CHECKING:
    from abm.scenario import Scenario

#: Outcomes and criteria by name.
MEASURES = CRITERIA | OUTCOMES
_POINTS = "points of percent"  # unit of a policy's effect
SCALE = 100  # persons per simulated migrant
SIZES = {indices.MORRIS: 10, indices.SOBOL: 128}  # trajectories, base samples
BASELINE = "baseline"  # folder with the runs without policies
SEED_SETS = 1024  # number of seed sets from which the dummy selects
SEEDS_PER_SET = 10_000
_UNSAFE = re.compile(r"[^A-Za-z0-9_.-]+")


class DummySeededDesign(Design):
    """A design whose seeds depend on the dummy factor."""

    def seed_offset(self, point: int) -> int:
        """Return the offset of a point's seeds."""
        return SEEDS_PER_SET * min(SEED_SETS - 1, int(SEED_SETS * self.inputs(point)[DUMMY]))

    def plan(self) -> Iterator[PlannedRun]:
        """Yield all runs in the order of the design, with seeds that depend on the dummy."""
        for planned in super().plan():
            yield replace(planned, seed=planned.seed + self.seed_offset(planned.point))

    @property
    def digest(self) -> str:
        """Fingerprint that differs from the same design's fingerprint with common seeds."""
        content = f"{super().digest} {SEED_SETS} {SEEDS_PER_SET}"
        return hashlib.blake2b(content.encode(), digest_size=20).hexdigest()


@dataclass(frozen=True, kw_only=True)
class Study:
    """A sensitivity study: factors, sample, seeds and outcomes.

    Attributes:
        scenario: scenario in which the factors are varied.
        factors: factors, without the dummy.
        method: a value from ``indices.METHODS``.
        n: number of trajectories (Morris) or base samples (Sobol').
        reps: number of seeds per point, over which outcomes are averaged.
        seed: first seed.
        policies: portfolios whose effects are analysed. If empty, the outcome's level is analysed.
        outcomes: names of outcomes and criteria.

    Raises:
        SettingError: a value is invalid.
    """

    scenario: Scenario
    factors: tuple[VariedFactor, ...]
    method: str = indices.MORRIS
    n: int = 10
    reps: int = 2
    seed: int = 1
    policies: tuple[Portfolio, ...] = ()
    outcomes: tuple[str, ...] = (*ENTRIES, *HUMAN_COSTS)

    def __post_init__(self) -> None:
        """Check all values before any run."""
        indices.check_size(self.method, self.n)
        if not 1 <= self.reps <= SEEDS_PER_SET:
            reason = f"invalid number of seeds {self.reps}"
            raise SettingError("--reps", reason, f"Give 1 to {SEEDS_PER_SET:,}.")
        last = LARGEST_SEED - SEED_SETS * SEEDS_PER_SET
        if not 0 <= self.seed <= last:
            hint = f"Give a seed from 0 to {last}: the dummy needs higher seeds as well."
            raise SettingError("--seed", f"seed {self.seed} is too large for a study", hint)
        hint = "Give an outcome of `twoborders run --json` or a criterion of `twoborders criteria`."
        for name in self.outcomes:
            check_name("--outcome", name, MEASURES, hint)
        self._check_policies()

    def _check_policies(self) -> None:
        """Check that no policy is given twice, and that no given policy's dose varies."""
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
        """Factor names in column order, the dummy last."""
        return (*(factor.name for factor in self.factors), DUMMY)

    @property
    def block_size(self) -> int:
        """Number of points per trajectory or base sample."""
        return indices.block_size(self.method, len(self.names))

    @cached_property
    def cube(self) -> np.ndarray:
        """Points between 0 and 1, shape (n * block, factors)."""
        return indices.cube(self.method, self.names, self.n, self.seed)

    @cached_property
    def designs(self) -> dict[str, DummySeededDesign]:
        """Designs to run by folder: the baseline, and one design per policy."""
        arms = {BASELINE: self.scenario}
        arms |= {portfolio_folder(p): with_policies(self.scenario, p) for p in self.policies}
        sample = Listed(self._columns())
        return {
            name: DummySeededDesign(
                name=name, sample=sample, scenario=scenario, reps=self.reps, seed=self.seed
            )
            for name, scenario in arms.items()
        }

    def _columns(self) -> dict[str, list[Any]]:
        """Return every path's values, one per point. A factor may have several paths."""
        columns: dict[str, list[Any]] = {}
        for factor, shares in zip(self.factors, self.cube.T, strict=False):
            values = [factor.value_at(float(share)) for share in shares]
            columns |= dict.fromkeys(factor.paths, values)
        return columns | {DUMMY: [float(share) for share in self.cube[:, -1]]}

    def __len__(self) -> int:
        """Return the number of planned runs. A run in two designs counts twice."""
        return sum(map(len, self.designs.values()))


def plan_study(
    scenario: Scenario,
    factors: Sequence[str] = (),
    by_hand: Collection[str] = (),
    *,
    method: str = indices.MORRIS,
    n: int | None = None,
    outcomes: Sequence[str] = (),
    **options: Any,
) -> tuple[Study, list[str]]:
    """Plan a study of some factors, or of all priors.

    Args:
        scenario: scenario in which the factors are varied.
        factors: texts as in ``inputs.read_factors``. Empty for all priors.
        by_hand: dotted paths that the user has set.
        method: a value from ``indices.METHODS``.
        n: number of trajectories or base samples. None for the method's default.
        outcomes: names of outcomes and criteria. Empty for the study's default.
        options: further fields of ``Study``.

    Returns:
        The study, and a warning if some priors are not varied.

    Raises:
        SettingError: a value is invalid.
    """
    check_name("--method", method, indices.METHODS)
    if factors:
        varied, fixed = read_factors(scenario, factors, by_hand), []
    else:
        varied, fixed = open_priors(scenario, by_hand)
    n = SIZES[method] if n is None else n
    options |= {"outcomes": tuple(dict.fromkeys(outcomes))} if outcomes else {}
    study = Study(scenario=scenario, factors=tuple(varied), method=method, n=n, **options)
    return study, [f"not varied, because set here: {', '.join(fixed)}."] if fixed else []


def policy_text(uses: Portfolio) -> str:
    """Return the written form of a portfolio."""
    return "+".join(map(str, uses))


def portfolio_folder(uses: Portfolio) -> str:
    """Return a portfolio's folder name, which is readable and unique for each written form."""
    text = policy_text(uses)
    name = _UNSAFE.sub("-", text)[:48]
    if name == text:
        return name
    return f"{name}-{hashlib.blake2b(text.encode(), digest_size=4).hexdigest()}"


# ---- results ------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class SensitivityResult:
    """Indices for an outcome, or for a policy's effect on it.

    Attributes:
        outcome: name of the outcome.
        policy: written form of the policy. Empty for the outcome's level.
        values: mean over seeds at every point, shape (n * block,). NaN in blocks that are left out.
        complete_blocks: number of blocks in which every run has a result.
        indices: indices of every factor. Empty if the method needs more complete blocks.
    """

    outcome: str
    policy: str
    values: np.ndarray
    complete_blocks: int
    indices: tuple[FactorIndices, ...]

    @property
    def mean(self) -> float:
        """Mean over the points, or NaN if no values exist."""
        return float(np.mean(self._finite)) if self._finite.size else math.nan

    @property
    def sd(self) -> float:
        """Standard deviation over the points, or NaN if no values exist."""
        return float(np.std(self._finite)) if self._finite.size else math.nan

    @property
    def _finite(self) -> np.ndarray:
        """Values that are finite."""
        return self.values[np.isfinite(self.values)]

    @property
    def dummy(self) -> FactorIndices:
        """Indices of the dummy."""
        return next(entry for entry in self.indices if entry.factor == DUMMY)

    @property
    def indistinct(self) -> list[str]:
        """Factors whose strength cannot be distinguished from the dummy's."""
        others = [entry for entry in self.indices if entry.factor != DUMMY]
        return [entry.factor for entry in others if not indices.distinguishable(entry, self.dummy)]


def min_blocks(study: Study) -> int:
    """Return how many complete blocks an analysis needs: half of all, at least the minimum."""
    return max(indices.MIN_BLOCKS[study.method], math.ceil(study.n / 2))


def read_results(study: Study, folder: Path) -> list[SensitivityResult]:
    """Read the stored runs of a study and compute every outcome's indices.

    Args:
        study: factors, seeds, policies and outcomes of the stored runs.
        folder: parent folder of the study's sweeps.

    Returns:
        Results for the levels or, if the study has policies, for the changes under every policy.
    """
    tables = {
        name: _tables(design, folder / name, study.outcomes)
        for name, design in study.designs.items()
    }
    base = tables[BASELINE]
    if not study.policies:
        return [analyse_outcome(study, name, "", base[name]) for name in study.outcomes]
    return [
        analyse_outcome(study, name, policy_text(p), base[name], tables[portfolio_folder(p)][name])
        for p in study.policies
        for name in study.outcomes
    ]


def _tables(
    design: DummySeededDesign, folder: Path, outcomes: Sequence[str]
) -> dict[str, np.ndarray]:
    """Read every outcome as an array of shape (points, reps). NaN if no run exists."""
    with SweepResults(folder) as store:
        frame = store.frame()
    frame["rep"] = frame["seed"] - design.seed - frame["point"].map(design.seed_offset)
    cells = pd.MultiIndex.from_product([range(len(design.points)), range(design.reps)])
    values = frame.set_index(["point", "rep"]).reindex(index=cells, columns=list(outcomes))
    return {name: values[name].to_numpy(float).reshape(-1, design.reps) for name in outcomes}


def analyse_outcome(
    study: Study, outcome: str, policy: str, base: np.ndarray, arm: np.ndarray | None = None
) -> SensitivityResult:
    """Compute the indices of one outcome.

    A block in which a run has no result is left out, so that its points stay paired.

    Args:
        study: method and sample with which the runs were planned.
        outcome: name of the outcome.
        policy: written form of the policy, or empty.
        base: the outcome without the policy, shape (points, reps). NaN if no run exists.
        arm: the outcome with the policy on the same seeds. None to analyse the level.

    Returns:
        The result.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        values = base.mean(axis=1)
        if arm is not None:
            values = 100.0 * (arm.mean(axis=1) / values - 1.0)
    complete = np.isfinite(values).reshape(-1, study.block_size).all(axis=1)
    rows, blocks = np.repeat(complete, study.block_size), int(complete.sum())
    factor_indices: tuple[FactorIndices, ...] = ()
    if blocks >= min_blocks(study):
        sample = study.cube[rows], values[rows]
        factor_indices = indices.analyse(study.method, study.names, *sample, study.seed)
    values = np.where(rows, values, math.nan)
    return SensitivityResult(outcome, policy, values, blocks, factor_indices)


# ---- rows of sensitivity.json, the terminal and sensitivity.csv ----------------------------------


def sensitivity_study(
    study: Study,
    runs: Sequence[SweepSummary],
    failures: Sequence[Failure],
    results: Sequence[SensitivityResult],
) -> dict[str, Any]:
    """Return the study, its run counts, and every factor's indices.

    Args:
        study: factors, method and policies.
        runs: run counts, one per arm.
        failures: runs that failed.
        results: indices, one per outcome and policy.

    Returns:
        Plain values by key. Intervals are 95 % intervals. Morris indices are in the outcome's unit,
        for a change over a factor's whole range.
    """
    return {
        **scenario_keys(study.scenario),
        "method": study.method,
        "n": study.n,
        "reps": study.reps,
        "seed": study.seed,
        "points": study.n * study.block_size,
        "policies": list(map(policy_text, study.policies)),
        "factors": [
            record(factor, ("name", "paths", "low", "high"))
            | {"scale": "logarithmic" if factor.log else "linear"}
            for factor in study.factors
        ],
        "runs": sum(summary.planned for summary in runs),
        "done": sum(summary.stored + summary.completed for summary in runs),
        "completed": sum(summary.completed for summary in runs),
        "failed": [failure_row(failure) for failure in failures],
        "estimates": [_result_row(study, result) for result in results],
    }


def _result_row(study: Study, result: SensitivityResult) -> dict[str, Any]:
    """Return one outcome's row. ``mean`` and ``sd`` are taken over the study's points."""
    return {
        "outcome": result.outcome,
        "policy": result.policy or None,
        "unit": _POINTS if result.policy else MEASURES[result.outcome].unit,
        "mean": result.mean,
        "sd": result.sd,
        "complete": result.complete_blocks,
        "planned": study.n,
        "factors": [
            {"name": factor.factor}
            | _indices(factor)
            | {"distinguishable": distinguishable(factor, result.dummy)}
            for factor in result.indices
        ],
        "indistinguishable": result.indistinct if result.indices else None,
    }


def _indices(indices: FactorIndices) -> dict[str, float]:
    """Return a factor's indices by name."""
    if indices.first:
        return _estimate("total", indices.strength) | _estimate("first", indices.first)
    return _estimate("mu_star", indices.strength) | record(indices, ("mu", "sigma"))


def _estimate(name: str, estimate: IndexEstimate) -> dict[str, float]:
    """Return an estimate and its interval bounds."""
    return record(estimate, (f"{name}=value", f"{name}_low=low", f"{name}_high=high"))


def csv_rows(study: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield one row per outcome and factor, by column."""
    for result in study["estimates"]:
        head = {"policy": result["policy"] or "", "outcome": result["outcome"]}
        for factor in result["factors"]:
            named = {"unit": result["unit"], "factor": factor["name"]} | factor
            yield head | {key: value for key, value in named.items() if key != "name"}
