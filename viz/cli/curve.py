"""``twoborders curve``: outcomes as a function of agents, fence miles or dollars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from abm.scenario import Scenario
from experiments.calibration.members import EnsembleSample
from experiments.compare import REPS
from experiments.curve import BUDGETS, INSTRUMENTS, CurvePlan, instrument, run_curves
from experiments.design import ParameterSet
from experiments.files import write_text
from experiments.goal_seek import OUTCOMES, CurveLine, read_curves
from experiments.pool import cores
from experiments.rows.comparison import ensemble_json
from experiments.rows.curve import CSV_COLUMNS, csv_rows, curve_study
from experiments.rows.texts import csv_text, json_text, plain_values
from viz.cli import curve_tables, members
from viz.cli.command_options import CurveOptions
from viz.cli.files import prepare_folder
from viz.cli.progress import RunProgress, resumable
from viz.cli.run_options import read_budgets, read_scenario
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.curve import STATE_NAMES
from viz.documents.labels import replicates_text

SCALE = 100


def command(options: CurveOptions) -> int:
    """Run all points, read the goals off the curves, write and print them.

    Returns the exit code.
    """
    options = with_defaults(options)
    scenario = read_scenario(options)
    drawn = members.draw(options.ensemble, scenario, options.sets)
    plan = _plan(options, scenario, drawn)
    runs = sum(len(plan.design(state)) for state in plan.states)
    folder = prepare_folder(options.folder)
    log(
        f"{len(plan.points)} points in {len(plan.states)} states of cooperation with "
        f"{replicates_text(len(plan.members), plan.reps)}: {runs:,} runs, "
        f"{min(runs, options.jobs or cores())} at a time"
    )
    with RunProgress(runs) as progress, resumable(options.resume_command()):
        run_curves(
            plan,
            folder,
            resume=options.resume,
            jobs=options.jobs,
            command=options.resume_command(),
            on_start=lambda state, *runs: progress.start_part(f"curve {state}", *runs),
            on_result=progress.step,
        )
    lines = read_curves(plan, folder)
    if not any(line.base[OUTCOMES[1]].size for line in lines):
        return report_no_results(progress.failures)
    study = json_head("curve") | curve_study(plan, lines, ensemble_json(drawn), progress.failures)
    _write_files(folder, plan, lines, study)
    runs_text = replicates_text(len(plan.members), plan.reps)
    tables = partial(curve_tables.print_study, study, runs_text)
    return print_result(study, options.as_json, tables, partly=bool(progress.failures))


def with_defaults(options: CurveOptions) -> CurveOptions:
    """Fill in scale and seeds; with an ensemble, members replace seeds."""
    return options.with_defaults(scale=SCALE, reps=REPS if options.ensemble is None else 1)


def _plan(options: CurveOptions, scenario: Scenario, drawn: EnsembleSample | None) -> CurvePlan:
    """Return the plan of the runs; raise ``SettingError`` for invalid options."""
    budgets = [text for text in options.budgets if text.strip().strip("$") != "0"]
    sets = tuple(map(ParameterSet, drawn.chosen, drawn.settings)) if drawn else ()
    return CurvePlan(
        scenario=scenario,
        reps=options.reps,
        seed=options.seed,
        members=sets,
        instruments=tuple(map(instrument, dict.fromkeys(options.instruments or INSTRUMENTS))),
        budgets=read_budgets(budgets) if options.budgets else BUDGETS,
    )


def _write_files(
    folder: Path, plan: CurvePlan, lines: Sequence[CurveLine], study: Mapping[str, Any]
) -> None:
    """Write the chart, the JSON and the CSV."""
    from viz.figures.curve import describe_curves, plot_curves
    from viz.figures.svg import svg

    runs = replicates_text(len(plan.members), plan.reps)
    title = "How many agents, how many miles, how many dollars?"
    lead = (
        f"Per year over {plan.scenario.days:,} days; median and range of nine in ten over {runs}. "
        "Every column has its own dollar axis (square root) with the dollars of the instrument; "
        "a cooperation programme costs extra. Dotted: goals; cuts are relative to the base year "
        f"without spending. ◆: costs to people. {BANNER}"
    )
    figure = plot_curves(lines, title=title, lead=lead, names=STATE_NAMES)
    write_text(folder / "curve.svg", svg(figure, title, describe_curves(lines)))
    write_text(folder / "curve.json", json_text(study) + "\n")
    rows = ([*plain_values(row), BANNER] for row in csv_rows(study))
    write_text(folder / "curve.csv", csv_text([*CSV_COLUMNS, "note"], rows))
    log(f"written: curve.svg, curve.json and curve.csv in {folder}")
