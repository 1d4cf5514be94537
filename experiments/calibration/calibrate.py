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

Told = Callable[[str, int, int], object]
WORLDS = 150  # synthetic worlds on which the fit is tried
REACH = 1.5  # tolerances at which a member of the second bank has no weight left


@dataclass(frozen=True)
class Plan:
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
class Outcome:
    """What a calibration found: ensemble, coverage on synthetic worlds, what the data pin down."""

    ensemble: Ensemble
    coverage: dict[str, float]
    shrinkage: Mapping[str, float]
    seconds: float


def figures() -> tuple[np.ndarray, np.ndarray]:
    """Observed figures and their tolerances, in the order of STATISTICS."""
    from experiments.calibration.aims import aims

    told = aims()
    return (
        np.array([told[name][0] for name in STATISTICS]),
        np.array([told[name][1] for name in STATISTICS]),
    )


def calibrate(
    scenario: Scenario, folder: Path, plan: Plan, told: Told = lambda *_: None
) -> Outcome:
    """Play, fit, play again, weigh; everything is kept in `folder` and taken up where it ended."""
    watch = Watch(folder / "seconds.json")
    scenario = beginning(scenario)
    aim, scale = figures()
    first = _bank(scenario, folder, "first", priors.sample(plan.draws, plan.seed), plan, told)
    watch.note()
    unit, found = abc.matrix(first)
    posterior = abc.fit(unit, found, aim, scale)
    second = _bank(scenario, folder, "second", _redrawn(posterior, plan), plan, told)
    watch.note()
    survived = Ensemble(tuple(weigh(second, aim, scale)))
    members = _dosed(survived, folder, plan, told)
    coverage = abc.coverage(first, scale, worlds=WORLDS)
    seconds = watch.note()
    outcome = Outcome(
        Ensemble(members, _made(plan, scenario, seconds)),
        coverage,
        abc.shrinkage(posterior),
        seconds,
    )
    outcome.ensemble.write(folder / "ensemble.json")
    _write_report(folder / "fit.json", outcome)
    return outcome


class Watch:
    """Seconds that a calibration has taken over all its starts, told at the end of every stage.

    What a start took after its last whole stage is not known if it was killed.
    """

    def __init__(self, path: Path) -> None:
        """Begin where the last start ended."""
        self.path, self.began, self.before = path, time.monotonic(), 0.0
        with contextlib.suppress(OSError, ValueError, TypeError):
            self.before = float(json.loads(path.read_text(encoding="utf-8")))

    def note(self) -> float:
        """Write down how long it has taken, and say it."""
        seconds = self.before + time.monotonic() - self.began
        self.path.parent.mkdir(parents=True, exist_ok=True)
        self.path.write_text(json.dumps(round(seconds, 1)) + "\n", encoding="utf-8")
        return seconds


def beginning(scenario: Scenario) -> Scenario:
    """The scenario that draws are laid over: what they set or solve for stands at a start."""
    middle = priors.values(np.full(len(priors.NAMES), 0.5))
    return scenario.with_settings(priors.settings(middle) | anchoring.START)


def _bank(
    scenario: Scenario, folder: Path, name: str, units: np.ndarray, plan: Plan, told: Told
) -> list[Draw]:
    wanted = draw_store.tasks(
        scenario, units, name=name, seed=1_000 * plan.seed, rounds=plan.rounds
    )
    filled = draw_store.fill(
        folder / f"{name}.jsonl",
        wanted,
        draw_store.play,
        Draw,
        jobs=plan.jobs,
        told=lambda done, n: told(name, len(done), n),
    )
    return [filled[key] for key in sorted(filled)]


def _dosed(found: Ensemble, folder: Path, plan: Plan, told: Told) -> tuple[Member, ...]:
    """The members, some of them with doses of 2014."""
    members = list(found.members)
    chosen = sorted(set(found.chosen(plan.dosed)))
    wanted = [doses.task("dose", members[k].settings, plan.dose_scale, plan.seed) for k in chosen]
    filled = draw_store.fill(
        folder / "doses.jsonl",
        wanted,
        doses.find,
        Doses,
        jobs=plan.jobs,
        told=lambda done, n: told("doses", len(done), n),
    )
    for k, task in zip(chosen, wanted, strict=True):
        if task.key in filled:
            members[k] = replace(members[k], doses=filled[task.key].doses)
    return tuple(members)


def _redrawn(fit: abc.Fit, plan: Plan) -> np.ndarray:
    """Points for the second bank: fitted numbers from the fit, free ones from their prior."""
    units = priors.sample(plan.members, plan.seed + 1)
    mass = np.cumsum(fit.weight)
    points = (np.arange(plan.members) + 0.5) / plan.members * mass[-1]
    rows = np.searchsorted(mass, points)
    for k, name in enumerate(priors.FITTED):
        units[:, priors.NAMES.index(name)] = fit.unit[rows, k]
    return units


def weigh(draws: list[Draw], aim: np.ndarray, scale: np.ndarray) -> list[Member]:
    """Members of the second bank with Epanechnikov weights by distance; those too far are out."""
    answer = []
    for draw in draws:
        z = (np.array([draw.statistics[name] for name in STATISTICS]) - aim) / scale
        distance = float(np.sqrt((z**2).mean()))
        weight = max(0.0, 1.0 - (distance / REACH) ** 2)
        if weight > 0.0:
            answer.append(Member(draw.settings, draw.numbers, weight, distance))
    total = sum(member.weight for member in answer)
    return [Member(m.settings, m.numbers, m.weight / total, m.distance) for m in answer]


def _made(plan: Plan, scenario: Scenario, seconds: float) -> dict[str, Any]:
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


def _write_report(path: Path, outcome: Outcome) -> None:
    text = {
        "coverage": outcome.coverage,
        "shrinkage": dict(outcome.shrinkage),
        "seconds": outcome.seconds,
        "members": len(outcome.ensemble.members),
        "effective": outcome.ensemble.effective,
    }
    path.write_text(json.dumps(text, indent=1) + "\n", encoding="utf-8")
