"""``twoborders calibrate``: fit the uncertain parameters to observed data, over hours."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import Scenario
from experiments.calibration import draws
from experiments.calibration.calibrate import (
    CUTOFF,
    MIDDLE_ROUNDS,
    CalibrationPlan,
    CalibrationResult,
    calibrate,
    observed_statistics,
    open_folder,
    starting_scenario,
    stored_draws,
    weight_members,
)
from experiments.calibration.doses import EPISODES, TRIES
from experiments.calibration.draws import Draw
from experiments.rows.calibration import COVERED, NARROW, calibration_study
from experiments.scenarios import find
from experiments.sweeps.backend import Backend, WorkerKilled
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.folders import lock_folder, prepare_folder
from viz.cli.progress import RunProgress, print_estimate, resumable
from viz.cli.shell import BANNER, CommandError, json_head, log, print_result
from viz.figures.numbers import MISSING, format_significant

if TYPE_CHECKING:
    from viz.cli.app import Calibrate

SCALE, DAYS = 20, 365
#: Options that set the sizes of a calibration.
SIZES = ("draws", "members", "rounds", "early_scale", "early_warmup", "dose_members", "dose_scale")
#: Labels of the parts of a calibration. A part without a label is printed under its key.
PARTS = {
    "first": "Draws",
    "second": "Members",
    "middle": "Middle",
    "doses": "Doses of 2014 and 2019",
}
#: Headings of the table of uncertain parameters.
HEADS = ("parameter", "prior", "members, 90 %", "width ratio", "coverage")
_ENDS = ("prior_low", "prior_high", "low90", "high90")


def command(options: Calibrate) -> int:
    """Run the missing draws and members, write and print the fit, and return the exit code."""
    sizes = options.selected(*SIZES)
    changes = {"days": DAYS, "scale": SCALE if options.scale is None else options.scale}
    scenario = starting_scenario(find("baseline").with_settings(changes))
    with open_backend(options.executor, options.jobs) as backend:
        plan = CalibrationPlan(**sizes, seed=options.seed, jobs=backend.workers)
        if options.dry_run:
            runs = (plan.draws + plan.members) * (plan.rounds + 1)
            runs += plan.rounds + MIDDLE_ROUNDS + 1
            runs += plan.dose_members * len(EPISODES) * TRIES
            return print_estimate(options, runs, [scenario], backend.workers, upto=True)
        out = prepare_folder(options.out)
        with lock_folder(out, "another calibration is running in"):
            log(open_folder(out, plan, scenario))
            result = _calibrate(options, scenario, plan, backend)
    log(f"written: ensemble.json and fit.json in {out}")
    study = json_head("calibrate") | calibration_study(result, scenario, out, plan)
    return print_result(study, options.as_json, partial(_print_fit, study))


class PartProgress(RunProgress):
    """Progress bar that starts again for each part of a calibration."""

    part = ""

    def count(self, part: str, done: int, total: int) -> None:
        """Advance the bar by one task.

        Args:
            part: key of the part, usually in ``PARTS``.
            done: stored tasks of the part, including this task.
            total: all tasks of the part.
        """
        if part != self.part:
            self.part = part
            self.start(PARTS.get(part, part), total, done - 1)
        self.step(None)


def _calibrate(
    options: Calibrate, scenario: Scenario, plan: CalibrationPlan, backend: Backend
) -> CalibrationResult:
    """Run the calibration, and raise a ``CommandError`` with the reason if no fit is possible."""
    stored = f"all completed runs are stored in {options.out}"
    try:
        with resumable(options.resume_words(), lambda: stored), PartProgress() as progress:
            return calibrate(scenario, options.out, plan, progress.count, backend)
    except WorkerKilled:
        text = f"a process was killed, perhaps for lack of memory: {stored}; the same command "
        raise CommandError(f"{text} resumes. Fewer --jobs need less memory.") from None
    except (ValueError, IndexError):
        reason = _failure_reason(options.out, plan)
        if not reason:
            raise
        raise CommandError(reason) from None


def _failure_reason(folder: Path, plan: CalibrationPlan) -> str:
    """Return why the stored draws or members allow no fit, or an empty text if they allow one."""
    if not stored_draws(folder, plan):
        return "none of the draws could be run."
    members = [*draws.read_rows(folder / "second", Draw).values()]
    if members and not weight_members(members, *observed_statistics()):
        return (
            f"no member is within {CUTOFF:g} tolerances of the observed data. More --draws, more "
            "--members or a finer --scale may give some."
        )
    return ""


def _print_fit(study: Mapping[str, Any]) -> None:
    """Print the members, the coverage on synthetic worlds, and every fitted parameter."""
    sizes = study["plan"]
    console.line(
        f"{study['members']} of {sizes['members']} members have weight, equivalent to "
        f"{study['effective']:.0f} of equal weight; doses of 2014 and 2019 are fitted for "
        f"{study['dose_members']}."
    )
    lost = sizes["draws"] - study["draws_run"]
    if lost:
        console.line(f"Excluded, values do not converge: {lost} of {sizes['draws']} draws.")
    rows = study["numbers"]
    console.line(f"{width_summary(rows)}\n")
    title = "Uncertain parameters, misses and the narrowest first"
    console.table(title, HEADS, width_cells(rows), keep=True)
    console.line(f"History matching leaves {study['kept']:.2%} of the prior.")
    console.line(f"{study['ensemble']} contains the members, {study['fit']} the fit. {BANNER}")


def width_summary(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say how many rows of ``parameter_rows`` are narrowed, and how many miss their coverage."""
    narrow = sum(row["width_ratio"] < NARROW for row in rows)
    hits, misses = [row["coverage"] for row in rows], sum(row["miss"] for row in rows)
    mean, low, high = map(_share, (sum(hits) / len(hits), min(hits), max(hits)))
    return (
        f"{narrow} of {len(rows)} parameters have less than {NARROW:g} of the width of their "
        f"prior. Intervals of 90 % contain the true value in {mean} of cases in synthetic worlds, "
        f"by parameter {low} to {high}; outside {' to '.join(map(_share, COVERED))}: {misses}."
    )


def width_cells(rows: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Format the rows of ``parameter_rows`` as table cells under ``HEADS``."""
    cells = []
    for n in rows:
        ends = map(format_significant, (n[key] for key in _ENDS))
        prior, members = map("–".join, itertools.batched(ends, 2))
        share = _share(n["coverage"]) + (" OUTSIDE" if n["miss"] else "")
        cells.append([n["name"], prior, members, f"{n['width_ratio']:.2f}", share])
    return cells


def _share(value: float) -> str:
    """Format a share in percent, or the mark of a missing value if it is not finite."""
    return f"{round(100.0 * value)} %" if math.isfinite(value) else MISSING
