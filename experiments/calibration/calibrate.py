"""The whole calibration: a bank, a fit, a second bank drawn from the fit, doses, the ensemble."""

from __future__ import annotations

import contextlib
import datetime
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from experiments.calibration import abc, anchoring, doses, draw_store, priors
from experiments.calibration.doses import Doses
from experiments.calibration.draw_store import STATISTICS, Draw
from experiments.calibration.ensemble import Ensemble, Member

if TYPE_CHECKING:
    from abm.scenario import Scenario

OnProgress = Callable[[str, int, int], object]
SYNTHETIC_WORLDS = 150  # synthetic worlds on which the fit is tried
CUTOFF = 1.5  # tolerances at which a member of the second bank has no weight left


@dataclass(frozen=True)
class CalibrationPlan:
    """Sizes: draws of the first bank, members aimed at, rounds of anchoring, worker processes.

    ``dosed``: members for which the doses of 2014 are looked for, at a scale of ``dose_scale``.
    """

    draws: int = 360
    members: int = 250
    rounds: int = 4
    dosed: int = 60
    dose_scale: int = 50
    seed: int = 1
    jobs: int = 2


@dataclass(frozen=True, eq=False)
class CalibrationResult:
    """What a calibration found: ensemble, coverage on synthetic worlds, what the data pin down."""

    ensemble: Ensemble
    coverage: dict[str, float]
    shrinkage: Mapping[str, float]
    seconds: float


def observed_statistics() -> tuple[np.ndarray, np.ndarray]:
    """Observed figures and their tolerances, in the order of STATISTICS."""
    from experiments.calibration.aims import aims

    told = aims()
    return (
        np.array([told[name][0] for name in STATISTICS]),
        np.array([told[name][1] for name in STATISTICS]),
    )


def calibrate(
    scenario: Scenario,
    folder: Path,
    plan: CalibrationPlan,
    on_progress: OnProgress = lambda *_: None,
) -> CalibrationResult:
    """Play, fit, play again, weigh; everything is kept in `folder` and taken up where it ended."""
    watch = Stopwatch(folder / "seconds.json")
    scenario = starting_scenario(scenario)
    aim, scale = observed_statistics()
    first = _run_draws(
        scenario, folder, "first", priors.sample(plan.draws, plan.seed), plan, on_progress
    )
    watch.record()
    unit, found = abc.sample_matrix(first)
    posterior = abc.fit(unit, found, aim, scale)
    second = _run_draws(
        scenario, folder, "second", _posterior_sample(posterior, plan), plan, on_progress
    )
    watch.record()
    survived = Ensemble(tuple(weight_members(second, aim, scale)))
    members = _with_doses(survived, folder, plan, on_progress)
    coverage = abc.coverage(first, scale, worlds=SYNTHETIC_WORLDS)
    seconds = watch.record()
    outcome = CalibrationResult(
        Ensemble(members, _provenance(plan, scenario, seconds)),
        coverage,
        abc.shrinkage(posterior),
        seconds,
    )
    outcome.ensemble.write(folder / "ensemble.json")
    _write_report(folder / "fit.json", outcome)
    return outcome


class Stopwatch:
    """Seconds that a calibration has taken over all its starts, told at the end of every stage.

    What a start took after its last whole stage is not known if it was killed.
    """

    def __init__(self, path: Path) -> None:
        """Begin where the last start ended."""
        self.path, self.began, self.before = path, time.monotonic(), 0.0
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.before = float(json.loads(path.read_text(encoding="utf-8")))

    def record(self) -> float:
        """Write down how long it has taken, and say it."""
        seconds = self.before + time.monotonic() - self.began
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(round(seconds, 1)) + "\n", encoding="utf-8")
        return seconds


def starting_scenario(scenario: Scenario) -> Scenario:
    """The scenario that draws are laid over: what they set or solve for stands at a start."""
    middle = priors.values(np.full(len(priors.NAMES), 0.5))
    return scenario.with_settings(priors.settings(middle) | anchoring.INITIAL_VALUES)


def _run_draws(
    scenario: Scenario,
    folder: Path,
    name: str,
    units: np.ndarray,
    plan: CalibrationPlan,
    told: OnProgress,
) -> list[Draw]:
    wanted = draw_store.draw_tasks(
        scenario, units, name=name, seed=1_000 * plan.seed, rounds=plan.rounds
    )
    filled = draw_store.run_missing(
        folder / f"{name}.jsonl",
        wanted,
        draw_store.run_draw,
        Draw,
        jobs=plan.jobs,
        on_progress=lambda done, n: told(name, len(done), n),
    )
    return [filled[key] for key in sorted(filled)]


def _with_doses(
    found: Ensemble, folder: Path, plan: CalibrationPlan, told: OnProgress
) -> tuple[Member, ...]:
    """The members, some of them with doses of 2014."""
    members = list(found.members)
    chosen = sorted(set(found.sample_indices(plan.dosed)))
    wanted = [
        doses.dose_task("dose", members[k].settings, plan.dose_scale, plan.seed) for k in chosen
    ]
    filled = draw_store.run_missing(
        folder / "doses.jsonl",
        wanted,
        doses.find_doses,
        Doses,
        jobs=plan.jobs,
        on_progress=lambda done, n: told("doses", len(done), n),
    )
    for k, task in zip(chosen, wanted, strict=True):
        if task.key in filled:
            members[k] = replace(members[k], doses=filled[task.key].doses)
    return tuple(members)


def _posterior_sample(fit: abc.AbcFit, plan: CalibrationPlan) -> np.ndarray:
    """Points for the second bank: fitted numbers from the fit, free ones from their prior."""
    units = priors.sample(plan.members, plan.seed + 1)
    mass = np.cumsum(fit.weight)
    points = (np.arange(plan.members) + 0.5) / plan.members * mass[-1]
    rows = np.searchsorted(mass, points)
    for k, name in enumerate(priors.FITTED):
        units[:, priors.NAMES.index(name)] = fit.unit[rows, k]
    return units


def weight_members(draws: list[Draw], aim: np.ndarray, scale: np.ndarray) -> list[Member]:
    """Members of the second bank with Epanechnikov weights by distance; those too far are out."""
    answer = []
    for draw in draws:
        z = (np.array([draw.statistics[name] for name in STATISTICS]) - aim) / scale
        distance = float(np.sqrt((z**2).mean()))
        weight = max(0.0, 1.0 - (distance / CUTOFF) ** 2)
        if weight > 0.0:
            answer.append(Member(draw.settings, draw.numbers, weight, distance))
    total = sum(member.weight for member in answer)
    return [Member(m.settings, m.numbers, m.weight / total, m.distance) for m in answer]


def _provenance(plan: CalibrationPlan, scenario: Scenario, seconds: float) -> dict[str, Any]:
    """How the ensemble came about, without which nobody can make it again."""
    sizes = {k: v for k, v in asdict(plan).items() if k != "jobs"}
    return {
        "command": f"twoborders calibrate --draws {plan.draws} --members {plan.members} "
        f"--rounds {plan.rounds} --dosed {plan.dosed} --scale {scenario.scale} "
        f"--seed {plan.seed}",
        "plan": sizes,
        "scenario": scenario.digest,
        "version": version("twoborders"),
        "made": datetime.date.today().isoformat(),
        "seconds": round(seconds),
    }


def _write_report(path: Path, outcome: CalibrationResult) -> None:
    text = {
        "coverage": outcome.coverage,
        "shrinkage": dict(outcome.shrinkage),
        "seconds": outcome.seconds,
        "members": len(outcome.ensemble.members),
        "effective": outcome.ensemble.effective,
    }
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
