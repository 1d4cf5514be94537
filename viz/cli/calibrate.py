"""``twoborders calibrate``: fit the uncertain parameters to observed data, over hours."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import BrokenExecutor
from importlib.metadata import version
from pathlib import Path
from typing import Any

import numpy as np

from abm.scenario import Scenario, SettingError
from experiments.calibration import draw_store, priors
from experiments.calibration.calibrate import (
    CUTOFF,
    CalibrationPlan,
    CalibrationResult,
    calibrate,
    observed_statistics,
    starting_scenario,
    weight_members,
)
from experiments.calibration.draw_store import STATISTICS, Draw
from experiments.files import FileLock, Locked, LockUnavailable, write_text
from experiments.model_fingerprint import model_source
from experiments.pool import WorkerKilled, cores
from experiments.rows.runs import scenario_row
from experiments.scenarios import find
from viz.cli import console
from viz.cli.command_options import CalibrateOptions
from viz.cli.files import prepare_folder
from viz.cli.progress import bar
from viz.cli.shell import (
    BANNER,
    OK,
    CommandError,
    Interrupted,
    json_head,
    json_text,
    log,
    print_json,
)
from viz.figures.numbers import MINUS

SCALE, DAYS = 20, 365
#: Names of the stages; a stage without a name is printed under its key.
STAGES = {"first": "Draws", "second": "Members", "doses": "Doses of 2014"}
#: Sizes that may change when a calibration is resumed.
_SIZES = ("draws", "members", "dosed")
_CONFLICTS = {
    "scenario": "of another scenario",
    "priors": "with other priors or figures",
    "version": "of another version of this program",
}
_PLAN = "plan.json"
_IDENTIFIED, _PARTLY_IDENTIFIED = 0.5, 0.2  # [A] shrinkage


def command(options: CalibrateOptions) -> int:
    """Run what the folder does not hold, write and print the fit; return the exit code."""
    sizes = {name: getattr(options, name) for name in ("draws", "members", "rounds", "dosed")}
    given = {name: size for name, size in sizes.items() if size is not None}
    plan = CalibrationPlan(**given, seed=options.seed, jobs=options.jobs or cores())
    changes = {"days": DAYS, "scale": SCALE if options.scale is None else options.scale}
    scenario = starting_scenario(find("baseline").with_settings(changes))
    out = prepare_folder(options.out)
    with lock_folder(out):
        missing = _open_folder(out, plan, scenario)
        result = _calibrate(scenario, out, plan, missing)
    log(f"written: ensemble.json and fit.json in {out}")
    rows = _rows(result, scenario, out, plan)
    if options.as_json:
        print_json(rows)
    else:
        _print_fit(rows)
    return OK


def _calibrate(
    scenario: Scenario, folder: Path, plan: CalibrationPlan, missing: int
) -> CalibrationResult:
    """Calibrate, with `missing` draws to run first; report what is stored if it cannot finish."""
    stored = f"all completed runs are stored in {folder}; the same command resumes."
    try:
        with StageProgress() as progress:
            if missing:
                progress.open("first", missing)
            return calibrate(scenario, folder, plan, progress)
    except KeyboardInterrupt:
        raise Interrupted(f"interrupted: {stored}") from None
    except (BrokenExecutor, WorkerKilled):
        hint = "Fewer --jobs need less memory."
        text = f"a process was killed, perhaps for lack of memory: {stored} {hint}"
        raise CommandError(text) from None
    except (ValueError, IndexError):
        reason = _failure_reason(folder, plan)
        if not reason:
            raise
        raise CommandError(reason) from None


class StageProgress(contextlib.ExitStack):
    """Show progress by stage: a bar on a terminal, elsewhere a line after every 10 %."""

    stage, tenth = "", -1

    def open(self, stage: str, missing: int) -> None:
        """Start the bar of a stage.

        Args:
            stage: key of the stage.
            missing: number of tasks to run.
        """
        self.close()
        self.stage, self.tenth = stage, -1
        self.step = self.enter_context(bar(STAGES.get(stage, stage), max(1, missing)))

    def __call__(self, stage: str, done: int, total: int) -> None:
        """Count one task.

        Args:
            stage: key of the stage.
            done, total: tasks that are stored, and all tasks of the stage.
        """
        if stage != self.stage:
            self.open(stage, total - done + 1)
        if self.tenth < 0:
            self.tenth = 10 * (done - 1) // total
        self.step()
        tenth = 10 * done // total
        if tenth > self.tenth and not sys.stderr.isatty():
            log(f"{STAGES.get(stage, stage)}: {done} of {total}")
        self.tenth = tenth


def _failure_reason(folder: Path, plan: CalibrationPlan) -> str:
    """Return why the stored draws or members allow no fit; empty if they do."""
    if not _stored_draws(folder, plan):
        return "none of the draws could be run."
    members = [*draw_store.read_rows(folder / "second.jsonl", Draw).values()]
    if members and not weight_members(members, *observed_statistics()):
        return (
            f"no member is within {CUTOFF:g} tolerances of the observed data. More --draws, more "
            "--members or a finer --scale may give some."
        )
    return ""


# ---- the folder ----------------------------------------------------------------------------------


def lock_folder(folder: Path) -> contextlib.AbstractContextManager[object]:
    """Lock a folder for this process; raise ``SettingError`` if a calibration holds the lock."""
    try:
        return FileLock(folder)
    except Locked:
        hint = "Wait until it ends, or give another folder."
        raise SettingError("--out", f"another calibration is running in {folder}", hint) from None
    except LockUnavailable:
        return contextlib.nullcontext()


def _stored_draws(folder: Path, plan: CalibrationPlan) -> list[Draw]:
    """Return the draws of a plan that the folder holds."""
    sample = {tuple(map(float, unit)) for unit in priors.sample(plan.draws, plan.seed)}
    rows = draw_store.read_rows(folder / "first.jsonl", Draw).values()
    return [row for row in rows if row.unit in sample]


def _open_folder(folder: Path, plan: CalibrationPlan, scenario: Scenario) -> int:
    """Check that the folder holds this calibration, store its plan, and print what is missing.

    The sample of draws is a sequence, so more draws are appended. Members are drawn from the fit:
    other numbers of draws or members give other members, and earlier ones stay in the file.
    Returns the number of missing draws; raises ``SettingError`` for another calibration.
    """
    now, before = _plan_row(plan, scenario), _read_plan(folder)
    if before is not None:
        _check_same(folder, before, now)
    elif found := sorted(path.name for path in folder.glob("*.jsonl")):
        raise SettingError(
            "--out",
            f"{folder} holds {found[0]} but no {_PLAN}, which contains its settings",
            "Give another folder.",
        )
    now["sources"] = _sources(before or now)
    write_text(folder / _PLAN, json_text(now) + "\n")
    stored = len(_stored_draws(folder, plan))
    missing = plan.draws - stored
    log(
        f"{folder}: {stored} of {plan.draws} draws are stored, {missing} are missing; then "
        f"{_members_text(folder, plan, before or now)}; {plan.jobs} at a time, each "
        f"{plan.rounds + 1} runs of a year"
    )
    return missing


def _members_text(folder: Path, plan: CalibrationPlan, before: Mapping[str, Any]) -> str:
    """Return the number of members, and how many are stored."""
    stored = min(plan.members, len(draw_store.read_rows(folder / "second.jsonl", Draw)))
    if (before["draws"], before["members"]) != (plan.draws, plan.members):
        return f"{plan.members} members" + (", drawn again" if stored else "")
    return f"{plan.members} members" + (f", of which {stored} are stored" if stored else "")


def _sources(before: Mapping[str, Any]) -> list[str]:
    """Return the fingerprints of the models that were used; warn if the model has changed."""
    sources = [str(source) for source in before["sources"]]
    if model_source() in sources[-1:]:
        return sources
    log(
        "warning: the files of the model have changed since the last run in this folder; stored "
        "results are kept. To use one model throughout, start in another folder."
    )
    return [*sources, model_source()]


def _plan_row(plan: CalibrationPlan, scenario: Scenario) -> dict[str, Any]:
    """Return everything that the stored results depend on."""
    sizes = {name: v for name, v in dataclasses.asdict(plan).items() if name != "jobs"}
    uncertain = repr((list(priors.PRIORS.items()), STATISTICS)).encode()
    return sizes | {
        "scale": scenario.scale,
        "version": version("twoborders"),
        "priors": hashlib.blake2b(uncertain, digest_size=8).hexdigest(),
        "scenario": scenario.digest,  # contains the middle of the priors
        "sources": [model_source()],
    }


def _read_plan(folder: Path) -> dict[str, Any] | None:
    """Return the stored plan; None if there is none."""
    path = folder / _PLAN
    if not path.exists():
        return None
    try:
        row = json.loads(path.read_text(encoding="utf-8"))
        return row | {"sources": list(row["sources"])} | {n: int(row[n]) for n in _SIZES}
    except (OSError, ValueError, KeyError, TypeError):
        hint = "Give another folder."
        raise SettingError("--out", f"{path} is not a plan of a calibration", hint) from None


def _check_same(folder: Path, before: Mapping[str, Any], now: Mapping[str, Any]) -> None:
    """Reject a folder of another calibration; a difference that has an option is named first."""
    for name in [name for name in now if name not in (*_SIZES, "sources")]:
        if before.get(name) != now[name]:
            other = f"with {name} {before.get(name, 'not stored')}, not {now[name]}"
            hint = "Give another folder, or the options that it was started with."
            what = _CONFLICTS.get(name, other)
            raise SettingError("--out", f"{folder} holds a calibration {what}", hint)


# ---- the fit ------------------------------------------------------------------------------------


def _rows(
    result: CalibrationResult, scenario: Scenario, folder: Path, plan: CalibrationPlan
) -> dict[str, Any]:
    """Return the JSON of a calibration; coverage and shrinkage are shares."""
    members, coverage = result.ensemble.members, list(result.coverage.values())
    return json_head("calibrate") | {
        "scenario": scenario_row(scenario),
        "plan": _plan_row(plan, scenario),
        "played": len(_stored_draws(folder, plan)),
        "members": len(members),
        "dosed": sum(bool(m.doses) for m in members),
        "effective": result.ensemble.effective,
        "digest": result.ensemble.digest,
        "coverage": {
            "mean": float(np.mean(coverage)),
            "lowest": min(coverage),
            "highest": max(coverage),
        },
        "numbers": [_parameter_row(name, result) for name in priors.FITTED],
        "free": [name for name in priors.NAMES if name not in priors.FITTED],
        "ensemble": str(folder / "ensemble.json"),
        "fit": str(folder / "fit.json"),
        "seconds": result.seconds,
    }


def _parameter_row(name: str, result: CalibrationResult) -> dict[str, Any]:
    """Return one fitted parameter: prior, interval of the members, shrinkage, coverage."""
    prior, members = priors.PRIORS[name], result.ensemble.members
    values = [m.numbers[name] for m in members]
    low, high = _interval(values, [m.weight for m in members])
    return {
        "name": name,
        "paths": list(prior.paths),
        "prior_low": prior.low,
        "prior_high": prior.high,
        "low90": low,
        "high90": high,
        "shrinkage": result.shrinkage[name],
        "identified": identified(result.shrinkage[name]),
        "coverage": result.coverage[name],
    }


def identified(shrinkage: float) -> str:
    """Return whether the data identify a parameter: yes, partly or no."""
    if shrinkage >= _IDENTIFIED:
        return "yes"
    return "partly" if shrinkage >= _PARTLY_IDENTIFIED else "no"


def _interval(values: Sequence[float], weights: Sequence[float]) -> tuple[float, float]:
    """Return the central 90 % of weighted values."""
    order = np.argsort(values, kind="stable")
    mass = np.cumsum(np.array(weights)[order])
    ends = np.searchsorted(mass, np.array([0.05, 0.95]) * mass[-1])
    low, high = np.array(values)[order][ends]
    return float(low), float(high)


def _print_fit(rows: Mapping[str, Any]) -> None:
    """Print the members, the coverage on synthetic worlds, and every fitted parameter."""
    coverage, sizes = rows["coverage"], rows["plan"]
    console.line(
        f"{rows['members']} of {sizes['members']} members have weight, equivalent to "
        f"{rows['effective']:.0f} of equal weight; doses of 2014 are fitted for {rows['dosed']}."
    )
    lost = sizes["draws"] - rows["played"]
    if lost:
        console.line(f"Excluded, values do not converge: {lost} of {sizes['draws']} draws.")
    console.line(
        f"Intervals of 90 % contain the true value in {_share(coverage['mean'])} of cases in "
        f"synthetic worlds, by parameter {_share(coverage['lowest'])} to "
        f"{_share(coverage['highest'])}.\n"
    )
    heads = ("", "prior", "members, 90 %", "narrower by", "coverage", "identified")
    cells = [_cells(row) for row in sorted(rows["numbers"], key=lambda n: -n["shrinkage"])]
    console.table("Fitted parameters, best identified first", heads, cells, keep=True)
    console.line(f"Not identified by the data, with their whole prior: {', '.join(rows['free'])}.")
    console.line(
        f"{rows['ensemble']} contains the members, {rows['fit']} the fit. "
        f"{rows['seconds']:,.0f} seconds over all starts. {BANNER}"
    )


def _cells(row: Mapping[str, Any]) -> list[str]:
    """Return the cells of one fitted parameter."""
    return [
        row["name"],
        f"{row['prior_low']:.3g} to {row['prior_high']:.3g}",
        f"{row['low90']:.3g} to {row['high90']:.3g}",
        _share(row["shrinkage"]),
        _share(row["coverage"]),
        row["identified"],
    ]


def _share(value: float) -> str:
    """Return a share in percent."""
    return f"{round(100.0 * value)} %".replace("-", MINUS)
