"""Run a calibration: a sample, a fit, a second sample from the fit, doses, and the ensemble.

The last draw is at the members' weighted mean. Its settings are the model's defaults, because no
single member is near this mean in all uncertain parameters.
"""

from __future__ import annotations

import datetime
import hashlib
import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass, replace
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario
from abm.world import geography
from experiments.calibration import anchoring, doses, draws, emulator, priors, supply_fit
from experiments.calibration.doses import MEMBER_FIELDS, Doses
from experiments.calibration.draws import ANCHORED, STATISTICS, TARGETS, Draw, DrawTask, Task
from experiments.calibration.ensemble import Ensemble, Member
from experiments.runs.case import Case
from experiments.runs.files import claim_folder, write_text
from experiments.runs.run import run_one
from experiments.sweeps.backend import Backend
from experiments.sweeps.executors import ExecutorInput, open_backend
from experiments.validation import statistics
from experiments.validation.episodes import response_roles
from experiments.validation.targets import target

OnProgress = Callable[[str, int, int], object]
SYNTHETIC_WORLDS = 150  # number of synthetic records on which the fit is checked
MIDDLE_ROUNDS = 3  # further adjustment steps for the middle draw
#: [A] Relative tolerance on turn-backs per apprehension, which have no target.
TURN_BACK_TOLERANCE = 0.25
CUTOFF = 1.5  # distance, in tolerances, at which a member's weight reaches 0


@dataclass(frozen=True)
class CalibrationPlan:
    """Sizes of a calibration.

    Attributes:
        draws: number of draws in the first sample.
        members: number of draws in the second sample, from which the members are selected.
        rounds: number of adjustment steps in the anchoring.
        early_scale: persons per simulated migrant in the runs of all steps except the last, if
            this is coarser than the scenario's scale.
        early_warmup: days of warm-up in these runs, if shorter than the scenario's.
        dose_members: number of members for which the doses of 2014 and 2019 are determined.
        dose_scale: persons per simulated migrant in the runs for doses.
        seed: seed for the samples. Run seeds are derived from it.
        jobs: number of draws that run at a time.
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

    @property
    def sizes(self) -> dict[str, Any]:
        """Sizes that affect the results, by name."""
        return {name: value for name, value in asdict(self).items() if name != "jobs"}

    def early(self, scenario: Scenario) -> dict[str, Any]:
        """Return settings for early steps, never with a finer scale or a longer warm-up."""
        return {
            "scale": max(self.early_scale, scenario.scale),
            "warmup_days": min(self.early_warmup, scenario.warmup_days),
        }


@dataclass(frozen=True, eq=False)
class CalibrationResult:
    """Result of a calibration.

    Attributes:
        ensemble: members, with doses and supply terms.
        middle: draw at the weighted mean of the members.
        coverage: share of synthetic records for which the interval contains the true value, by
            parameter.
        kept: share of the prior that remains after history matching.
    """

    ensemble: Ensemble
    middle: Draw
    coverage: dict[str, float]
    kept: float


def observed_statistics() -> tuple[np.ndarray, np.ndarray]:
    """Return observed values and their tolerances, shape (statistics,), ordered as ``STATISTICS``.

    All values are target parts declared for the fit: the base year, the levels of FY2011, FY2013
    and FY2015, and responses. The dips in E6 read March 2016 to September 2017, and E4 and E5
    compare countries in control years up to 2018. No other data from the U.S. line after June 2014
    are used.
    """
    observed, tolerance = np.array([_aim(ids) for ids in TARGETS.values()]).T
    return observed, tolerance


def _aim(ids: Sequence[str]) -> tuple[float, float]:
    """Return the mean observed value of targets, and its 90 % error.

    If there are no ids, the values are turn-backs per apprehension, which have no target. A
    published range extends one standard error to both sides and determines the error. If no range
    is published, the error is the target's tolerance.
    """
    if not ids:
        row = geography.rows_where(
            "us/border_metrics.csv", metric="turn_backs_SW", fiscal_year=2013
        )[0]
        turned = float(row["value"]) / geography.apprehensions_total(2013)
        return turned, TURN_BACK_TOLERANCE * turned
    parts = [target(part) for part in ids]
    errors = [
        emulator.TOLERANCE * (part.published_high - part.published_low) / 2.0
        or (part.high - part.low) / 2.0
        for part in parts
    ]
    return sum(part.observed for part in parts) / len(parts), sum(errors) / len(parts)


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
        folder: folder for all files.
        plan: sizes of all stages.
        on_progress: called with (stage, done, total) after each task.
        executor: where the tasks run, as in ``experiments.sweeps.executors.open_backend``.

    Returns:
        The ensemble, the middle draw and the checks of the fit.

    Raises:
        SettingError: the executor cannot be used.
        ExecutorGone: the workers ended and cannot be replaced. Finished tasks are stored.
    """
    with open_backend(executor, plan.jobs) as backend:
        start = starting_scenario(scenario)
        return _Calibration(start, folder, plan, on_progress, backend).run()


@dataclass(frozen=True)
class _Calibration:
    """A calibration in a folder: base scenario, sizes and execution."""

    scenario: Scenario
    folder: Path
    plan: CalibrationPlan
    on_progress: OnProgress
    backend: Backend

    def run(self) -> CalibrationResult:
        """Run all stages, and write the ensemble and the report."""
        plan = self.plan
        aim, scale = observed_statistics()
        first = self._draws("first", priors.sample(plan.draws, plan.seed), plan.rounds)
        unit, figures = emulator.sample_matrix(first)
        points, share = emulator.Emulator(unit, figures, aim, scale).posterior(plan.seed)
        even = np.linspace(0, len(points) - 1, plan.members).round().astype(int)
        second = self._draws("second", points[even], plan.rounds)
        weighted = Ensemble(tuple(weight_members(second, aim, scale)))
        units = weighted.middle()[np.newaxis]
        (middle,) = self._draws("middle", units, plan.rounds + MIDDLE_ROUNDS)
        members = tuple(  # the supply terms depend only on the member's number
            replace(member, supply=supply_fit.draw_supply(k), number=k)
            for k, member in enumerate(self._with_doses(weighted))
        )
        worlds = {"worlds": SYNTHETIC_WORLDS, "seed": plan.seed}
        coverage = emulator.coverage(unit, figures, scale, **worlds)
        ensemble = Ensemble(members, _provenance(plan, self.scenario))
        result = CalibrationResult(ensemble, middle, coverage, share)
        result.ensemble.write(self.folder / "ensemble.json")
        _write_report(self.folder / "fit.json", result)
        return result

    def _draws(self, name: str, units: np.ndarray, rounds: int) -> list[Draw]:
        """Run a sample's missing draws, and return all its draws."""
        plan, scenario = self.plan, self.scenario
        seed, early = 1_000 * plan.seed, plan.early(scenario)
        tasks = draws.draw_tasks(scenario, units, name=name, seed=seed, rounds=rounds, early=early)
        return list(self._rows(name, tasks, run_draw, Draw).values())

    def _with_doses(self, ensemble: Ensemble) -> tuple[Member, ...]:
        """Return all members. `dose_members` of them receive doses for 2014 and 2019."""
        members, plan = list(ensemble.members), self.plan
        tasks = {
            k: doses.dose_task("dose", members[k].settings, plan.dose_scale, plan.seed)
            for k in sorted(set(ensemble.sample_indices(plan.dose_members)))
        }
        rows = self._rows("doses", list(tasks.values()), doses.find_doses, Doses)
        for k, task in tasks.items():
            if task.key in rows:
                result = rows[task.key]
                of_member = {name: getattr(result, name) for name in MEMBER_FIELDS}
                members[k] = replace(members[k], **of_member)
        return tuple(members)

    def _rows[Row](
        self, name: str, tasks: Sequence[Task], run: Callable[[Any], Any], kind: type[Row]
    ) -> dict[str, Row]:
        """Run a stage's missing tasks, and return all rows by key."""
        progress = partial(self.on_progress, name)
        folder, backend = self.folder / name, self.backend
        return draws.run_missing(folder, tasks, run, kind, executor=backend, on_progress=progress)


def run_draw(task: DrawTask) -> Draw:
    """Anchor a draw, run its responses, and compute its statistics."""
    numbers = priors.values(np.array(task.unit))
    changes, result = anchoring.anchor(
        task.scenario,
        priors.settings(numbers),
        seed=task.seed,
        rounds=task.rounds,
        early=task.early,
    )
    scale = {"scale": max(task.response_scale, task.scenario.scale)}
    roles = response_roles(changes | scale).items()
    runs = {role: run_one(Case(scenario, task.seed)) for role, scenario in roles}
    figures = statistics.base_year(result) | statistics.responses(runs)
    figures |= statistics.end_of_release(runs["release"], runs["release:kept"])
    fitted, anchored = (
        {name: float(figures[name]) for name in names} for names in (STATISTICS, ANCHORED)
    )
    return Draw(task.key, task.unit, numbers, changes, fitted, anchored)


def starting_scenario(scenario: Scenario) -> Scenario:
    """Return the scenario from which draws start, with middle priors and initial constants."""
    middle = priors.values(np.full(len(priors.NAMES), 0.5))
    return scenario.with_settings(priors.settings(middle) | anchoring.INITIAL_VALUES)


def weight_members(sample: list[Draw], aim: np.ndarray, scale: np.ndarray) -> list[Member]:
    """Select members and weight them by distance, with Epanechnikov weights.

    Args:
        sample: draws in the second sample.
        aim: observed values, shape (statistics,).
        scale: tolerances, shape (statistics,).

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
    return [replace(member, weight=member.weight / total) for member in members]


def _provenance(plan: CalibrationPlan, scenario: Scenario) -> dict[str, Any]:
    """Return the command, plan, scenario and version that reproduce the ensemble."""
    options = plan.sizes | {"scale": scenario.scale}
    words = (f"--{name.replace('_', '-')} {value}" for name, value in options.items())
    return {
        "command": f"twoborders calibrate --out out/calibration {' '.join(words)}",
        "plan": plan.sizes,
        "scenario": scenario.digest,
        "version": version("twoborders"),
        "made": datetime.date.today().isoformat(),
    }


def _write_report(path: Path, outcome: CalibrationResult) -> None:
    """Write coverage, sizes, default settings and statistics as JSON."""
    text = {
        "coverage": outcome.coverage,
        "members": len(outcome.ensemble.members),
        "effective": outcome.ensemble.effective,
        "kept": outcome.kept,
        "defaults": outcome.middle.settings,
        "statistics": outcome.middle.statistics | outcome.middle.anchored,
    }
    write_text(path, json.dumps(text, indent=1) + "\n")


# ---- the plan of a folder -----------------------------------------------------------------------

_PLAN = "plan.json"
#: Sizes that may change when a calibration is resumed.
_SIZES = ("draws", "members", "dose_members")


def stored_draws(folder: Path, plan: CalibrationPlan) -> list[Draw]:
    """Read a folder's stored draws from a plan's first sample.

    Args:
        folder: calibration folder.
        plan: sizes of the calibration. The seed and the number of draws determine the sample.

    Returns:
        The stored draws.
    """
    sample = {tuple(map(float, unit)) for unit in priors.sample(plan.draws, plan.seed)}
    rows = draws.read_rows(folder / "first", Draw).values()
    return [row for row in rows if row.unit in sample]


def plan_row(plan: CalibrationPlan, scenario: Scenario) -> dict[str, Any]:
    """Return everything on which a calibration's results depend.

    Args:
        plan: sizes of the calibration.
        scenario: base scenario.

    Returns:
        Plain values by name, without the model's fingerprint, which the stores record.
    """
    uncertain = repr((list(priors.PRIORS.items()), STATISTICS)).encode()
    return plan.sizes | {
        "scale": scenario.scale,
        "version": version("twoborders"),
        "priors": hashlib.blake2b(uncertain, digest_size=8).hexdigest(),
        "scenario": scenario.digest,  # includes the middle values of the priors
    }


def open_folder(folder: Path, plan: CalibrationPlan, scenario: Scenario) -> str:
    """Check that a folder holds this calibration or none, and store the plan.

    The sample is a sequence, so additional draws are appended. Members are drawn from the fit, so
    another number of draws or members yields other members. Earlier members stay in the store.

    Args:
        folder: calibration folder.
        plan, scenario: as in ``plan_row``.

    Returns:
        A line about the stored results, for the user.

    Raises:
        SettingError: the folder holds another calibration.
    """
    settings = {name: v for name, v in plan_row(plan, scenario).items() if name not in _SIZES}
    claim_folder(folder, _PLAN, settings, resume=True, where="--out")
    stored = len(stored_draws(folder, plan))
    return (
        f"{folder}: {stored} of {plan.draws} draws are stored, {plan.draws - stored} are missing; "
        f"then {plan.members} members; {plan.jobs} at a time, each {plan.rounds + 1} runs of a year"
    )
