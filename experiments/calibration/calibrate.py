"""The calibration: a sample, a fit, a second sample from the fit, doses, and the ensemble.

The last draw is at the middle of the members. Its settings are the defaults of the model, because
no single member is near the middle in all uncertain parameters.
"""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.calibration import abc, anchoring, doses, draws, priors, supply_draws
from experiments.calibration.doses import Doses
from experiments.calibration.draws import STATISTICS, Draw
from experiments.calibration.ensemble import Ensemble, Member
from experiments.runs.files import write_text
from experiments.sweeps.backend import Backend
from experiments.sweeps.executors import ExecutorInput, open_backend

if TYPE_CHECKING:
    from abm.scenario import Scenario

OnProgress = Callable[[str, int, int], object]
RunMissing = Callable[..., dict[str, Any]]  # draws.run_missing on the backend of the call
SYNTHETIC_WORLDS = 150  # synthetic worlds on which the fit is checked
MIDDLE_ROUNDS = 3  # adjustment steps of the middle beyond those of the other draws
CUTOFF = 1.5  # distance in tolerances at which the weight of a member reaches 0


@dataclass(frozen=True)
class CalibrationPlan:
    """Sizes of a calibration.

    Attributes:
        draws: draws of the first sample.
        members: draws of the second sample, from which the members are selected.
        rounds: adjustment steps of the anchoring.
        early_scale: persons per simulated migrant in the runs of all steps except the last, if
            this is coarser than the scale of the scenario.
        early_warmup: days of warm-up in these runs, if shorter than that of the scenario.
        dose_members: members for which the doses of 2014 and 2019 are determined.
        dose_scale: persons per simulated migrant in the runs for doses.
        seed: seed of the samples. Run seeds are derived from it.
        jobs: draws at a time.
    """

    draws: int = 360
    members: int = 250
    rounds: int = 4
    early_scale: int = 50
    early_warmup: int = 540
    dose_members: int = 60
    dose_scale: int = 50
    seed: int = 1
    jobs: int = 2


@dataclass(frozen=True, eq=False)
class CalibrationResult:
    """Result of a calibration.

    Attributes:
        ensemble: members, with doses and terms of supply.
        middle: draw at the weighted mean of the members.
        coverage: share of synthetic worlds whose true value is in the interval, by parameter.
        shrinkage: 1 less the width of the posterior over that of the prior, by parameter.
        seconds: time used by all starts, s.
    """

    ensemble: Ensemble
    middle: Draw
    coverage: dict[str, float]
    shrinkage: Mapping[str, float]
    seconds: float


def observed_statistics() -> tuple[np.ndarray, np.ndarray]:
    """Return observed figures and their tolerances, in the order of ``STATISTICS``."""
    by_name = anchoring.aims()
    return (
        np.array([by_name[name][0] for name in STATISTICS]),
        np.array([by_name[name][1] for name in STATISTICS]),
    )


def calibrate(
    scenario: Scenario,
    folder: Path,
    plan: CalibrationPlan,
    on_progress: OnProgress = lambda *_: None,
    executor: ExecutorInput = None,
) -> CalibrationResult:
    """Run all stages that `folder` does not hold yet. Write ``ensemble.json`` and ``fit.json``.

    Args:
        scenario: the base scenario.
        folder: folder of all files.
        plan: sizes.
        on_progress: called with (stage, done, total) after each task.
        executor: where the tasks run, as in ``experiments.sweeps.executors.open_backend``.

    Returns:
        The result.

    Raises:
        SettingError: the executor cannot be used.
        ExecutorGone: the workers ended and cannot be replaced. Finished tasks are stored.
    """
    with open_backend(executor, plan.jobs) as backend:
        return _calibrate(scenario, folder, plan, on_progress, backend)


def _calibrate(
    scenario: Scenario,
    folder: Path,
    plan: CalibrationPlan,
    on_progress: OnProgress,
    backend: Backend,
) -> CalibrationResult:
    """Run all stages on a backend."""
    run_missing = partial(draws.run_missing, executor=backend)
    stopwatch = Stopwatch(folder / "seconds.json")
    scenario = starting_scenario(scenario)
    aim, scale = observed_statistics()
    first = _run_draws(
        run_missing,
        scenario,
        folder,
        "first",
        priors.sample(plan.draws, plan.seed),
        plan,
        on_progress,
    )
    stopwatch.record()
    unit, figures = abc.sample_matrix(first)
    posterior = abc.fit(unit, figures, aim, scale)
    second = _run_draws(
        run_missing,
        scenario,
        folder,
        "second",
        _posterior_sample(posterior, plan),
        plan,
        on_progress,
    )
    stopwatch.record()
    weighted = Ensemble(tuple(weight_members(second, aim, scale)))
    more = replace(plan, rounds=plan.rounds + MIDDLE_ROUNDS)
    (middle,) = _run_draws(
        run_missing, scenario, folder, "middle", weighted.middle()[np.newaxis], more, on_progress
    )
    members = _with_supply(_with_doses(run_missing, weighted, folder, plan, on_progress))
    coverage = abc.coverage(first, scale, worlds=SYNTHETIC_WORLDS)
    seconds = stopwatch.record()
    outcome = CalibrationResult(
        Ensemble(members, _provenance(plan, scenario, seconds)),
        middle,
        coverage,
        abc.shrinkage(posterior),
        seconds,
    )
    outcome.ensemble.write(folder / "ensemble.json")
    _write_report(folder / "fit.json", outcome)
    return outcome


class Stopwatch:
    """Total seconds of a calibration over all starts, written at the end of every stage.

    The time after the last complete stage is lost if the process is killed.
    """

    def __init__(self, path: Path) -> None:
        """Continue from the seconds in the file."""
        self.path, self.began, self.before = path, time.monotonic(), 0.0
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.before = float(json.loads(path.read_text(encoding="utf-8")))

    def record(self) -> float:
        """Write the total seconds to the file and return them."""
        seconds = self.before + time.monotonic() - self.began
        self.path.parent.mkdir(parents=True, exist_ok=True)
        write_text(self.path, json.dumps(round(seconds, 1)) + "\n")
        return seconds


def starting_scenario(scenario: Scenario) -> Scenario:
    """Return the scenario that draws start from: priors at their middle, initial constants."""
    middle = priors.values(np.full(len(priors.NAMES), 0.5))
    return scenario.with_settings(priors.settings(middle) | anchoring.INITIAL_VALUES)


def _run_draws(
    run_missing: RunMissing,
    scenario: Scenario,
    folder: Path,
    name: str,
    units: np.ndarray,
    plan: CalibrationPlan,
    on_progress: OnProgress,
) -> list[Draw]:
    """Run the draws of a sample that are not stored yet, and return all of them."""
    tasks = draws.draw_tasks(
        scenario,
        units,
        name=name,
        seed=1_000 * plan.seed,
        rounds=plan.rounds,
        early=_early(plan, scenario),
    )
    rows = run_missing(
        folder / name,
        tasks,
        draws.run_draw,
        Draw,
        on_progress=partial(on_progress, name),
    )
    return list(rows.values())


def _early(plan: CalibrationPlan, scenario: Scenario) -> dict[str, Any]:
    """Return settings for the runs of early steps: never a finer scale or a longer warm-up."""
    return {
        "scale": max(plan.early_scale, scenario.scale),
        "warmup_days": min(plan.early_warmup, scenario.warmup_days),
    }


def _with_doses(
    run_missing: RunMissing,
    ensemble: Ensemble,
    folder: Path,
    plan: CalibrationPlan,
    on_progress: OnProgress,
) -> tuple[Member, ...]:
    """Return the members, some of them with doses of 2014 and 2019."""
    members = list(ensemble.members)
    chosen = sorted(set(ensemble.sample_indices(plan.dose_members)))
    tasks = [
        doses.dose_task("dose", members[k].settings, plan.dose_scale, plan.seed) for k in chosen
    ]
    rows = run_missing(
        folder / "doses",
        tasks,
        doses.find_doses,
        Doses,
        on_progress=partial(on_progress, "doses"),
    )
    for k, task in zip(chosen, tasks, strict=True):
        if task.key in rows:
            result = rows[task.key]
            members[k] = replace(
                members[k],
                doses=result.doses,
                rises=result.rises,
                corners=tuple(result.corners),
                levels={key: tuple(level) for key, level in result.levels.items()},
            )
    return tuple(members)


def _with_supply(members: Sequence[Member]) -> tuple[Member, ...]:
    """Return the members with terms of supply, which depend on their numbers alone."""
    return tuple(
        replace(member, supply=supply_draws.draw_supply(k), number=k)
        for k, member in enumerate(members)
    )


def _posterior_sample(fit: abc.AbcFit, plan: CalibrationPlan) -> np.ndarray:
    """Return the second sample: fitted parameters from the fit, others from their prior."""
    units = priors.sample(plan.members, plan.seed + 1)
    mass = np.cumsum(fit.weight)
    points = (np.arange(plan.members) + 0.5) / plan.members * mass[-1]
    rows = np.searchsorted(mass, points)
    for k, name in enumerate(priors.FITTED):
        units[:, priors.NAMES.index(name)] = fit.unit[rows, k]
    return units


def weight_members(sample: list[Draw], aim: np.ndarray, scale: np.ndarray) -> list[Member]:
    """Select members and weight them by distance, with Epanechnikov weights.

    Args:
        sample: draws of the second sample.
        aim: observed figures, shape (figures,).
        scale: tolerances, shape (figures,).

    Returns:
        Members with a distance below ``CUTOFF`` tolerances. Their weights have sum 1.
    """
    members = []
    for draw in sample:
        z = (np.array([draw.statistics[name] for name in STATISTICS]) - aim) / scale
        distance = float(np.sqrt((z**2).mean()))
        weight = max(0.0, 1.0 - (distance / CUTOFF) ** 2)
        if weight > 0.0:
            members.append(Member(draw.settings, draw.numbers, weight, distance))
    total = sum(member.weight for member in members)
    return [Member(m.settings, m.numbers, m.weight / total, m.distance) for m in members]


def _provenance(plan: CalibrationPlan, scenario: Scenario, seconds: float) -> dict[str, Any]:
    """Return the information that is needed to reproduce the ensemble."""
    sizes = {k: v for k, v in asdict(plan).items() if k != "jobs"}
    return {
        "command": f"twoborders calibrate --out out/calibration --draws {plan.draws} "
        f"--members {plan.members} --rounds {plan.rounds} --early-scale {plan.early_scale} "
        f"--early-warmup {plan.early_warmup} --dose-members {plan.dose_members} "
        f"--dose-scale {plan.dose_scale} --scale {scenario.scale} --seed {plan.seed}",
        "plan": sizes,
        "scenario": scenario.digest,
        "version": version("twoborders"),
        "made": datetime.date.today().isoformat(),
        "seconds": round(seconds),
    }


def _write_report(path: Path, outcome: CalibrationResult) -> None:
    """Write coverage, shrinkage and sizes as JSON."""
    text = {
        "coverage": outcome.coverage,
        "shrinkage": dict(outcome.shrinkage),
        "seconds": outcome.seconds,
        "members": len(outcome.ensemble.members),
        "effective": outcome.ensemble.effective,
        "defaults": outcome.middle.settings,
        "statistics": outcome.middle.statistics | outcome.middle.held,
    }
    write_text(path, json.dumps(text, indent=1) + "\n")
