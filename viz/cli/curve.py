"""``twoborders curve``: outcomes as a function of agents, fence miles or dollars."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.measures import HUMAN_COSTS
from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from abm.scenario import Scenario
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import REPS
from experiments.rows.comparison import ENTRIES, ensemble_json
from experiments.rows.curve import CSV_COLUMNS, csv_rows, curve_study
from experiments.rows.records import csv_text, json_text, plain_values
from experiments.runs.case import Failure
from experiments.runs.intervals import range_words
from experiments.studies.curve import (
    BUDGETS,
    INSTRUMENTS,
    OUTCOMES,
    CurveLine,
    CurvePlan,
    instrument,
    read_curves,
    run_curves,
)
from experiments.sweeps.design import ParameterSet
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.dry_run import print_estimate
from viz.cli.files import lock_folder, prepare_resumable, write_files
from viz.cli.progress import RunProgress, resumable
from viz.cli.run_options import read_budgets, read_ensemble, read_scenario
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.curve import (
    STATE_NAMES,
    amount_text,
    goal_text,
    prices_text,
    published_text,
    requirement_text,
    state_text,
)
from viz.documents.labels import replicates_text
from viz.figures.curve import describe_curves, plot_curves
from viz.figures.svg import svg

if TYPE_CHECKING:
    from viz.cli.app import Curve

SCALE = 100
Row = Mapping[str, Any]
#: Heading of an outcome, and the size of the unit of its column.
_FLOWS = {
    "apprehension_probability": ("% apprehended per attempt", 0.01),
    **{name: (f"{MEASURES[name].label}, 1,000s", 1e3) for name in ENTRIES},
}
_COSTS = {name: (f"◆ {MEASURES[name].label}, 1,000s", 1e3) for name in HUMAN_COSTS} | {
    "deaths": (f"◆ {MEASURES['deaths'].label}", 1.0),
}


def command(options: Curve) -> int:
    """Run all points, compute the goals, write and print them; return the exit code."""
    options = options.with_defaults(scale=SCALE, reps=REPS)
    scenario = read_scenario(options)
    drawn = read_ensemble(options.ensemble, scenario, options.sets)
    plan = _plan(options, scenario, drawn)
    runs = sum(len(plan.design(state)) for state in plan.states)
    replicates = replicates_text(len(plan.members), plan.reps)
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, [scenario], backend.workers)
        folder = prepare_resumable(options.folder, options.resume)
        log(
            f"{len(plan.points)} points in {len(plan.states)} states of cooperation with "
            f"{replicates}: {runs:,} runs, {min(runs, backend.workers)} at a time"
        )
        words = options.resume_words()
        run = partial(run_curves, plan, folder, resume=options.resume, command=words)
        lock = lock_folder(folder, "another command runs in")
        with lock, RunProgress(runs) as progress, resumable(words):
            run(
                executor=backend,
                on_start=lambda state, *runs: progress.start(*runs, name=f"curve {state}"),
                on_result=progress.step,
            )
    lines = read_curves(plan, folder)
    if not any(line.base[OUTCOMES[1]].size for line in lines):
        return report_no_results(progress.failures)
    study = json_head("curve") | curve_study(plan, lines, ensemble_json(drawn), progress.failures)
    tables = partial(_print_study, study, replicates, drawn, progress.failures)
    return print_result(
        study,
        options.as_json,
        tables,
        partly=bool(progress.failures),
        write=lambda: write_files(folder, _files(lines, scenario.days, study, replicates)),
    )


def _plan(options: Curve, scenario: Scenario, drawn: EnsembleSample | None) -> CurvePlan:
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


def _files(lines: Sequence[CurveLine], days: int, study: Row, runs: str) -> dict[str, str]:
    """Return the chart, the JSON and the CSV."""
    title = "How many agents, how many miles, how many dollars?"
    lead = (
        f"Per year over {days:,} days; medians and ranges "
        f"({range_words(_size(study))}); {runs}. "
        "Every column has its own dollar axis (square root) with the dollars of the instrument; "
        "a cooperation programme costs extra. Dotted: goals; cuts are relative to the base year "
        f"without spending. ◆: costs to people. {BANNER}"
    )
    note = study.get("world_note", "")
    figure = plot_curves(lines, title=title, lead=f"{note} {lead}".strip(), names=STATE_NAMES)
    rows = ([*plain_values(row), BANNER] for row in csv_rows(study))
    return {
        "curve.svg": svg(figure, title, describe_curves(lines)),
        "curve.json": json_text(study) + "\n",
        "curve.csv": csv_text([*CSV_COLUMNS, "note"], rows, note),
    }


def _size(study: Row) -> int:
    """Return the number of replicates at every point."""
    return study["reps"] * (study["ensemble"] or {"members": 1})["members"]


def _print_study(
    study: Row, runs: str, drawn: EnsembleSample | None, failures: Sequence[Failure]
) -> None:
    """Print the levels and the requirements of every instrument."""
    s = study["scenario"]
    console.line(
        f"{s['name']}: {s['days']:,} days from {s['start']}; {s['scale']} persons per simulated "
        f"migrant; {runs}. Ranges: {range_words(_size(study))}."
    )
    if drawn:
        console.print_ensemble(drawn)
    print()
    states = {state["id"]: state for state in study["states"]}
    for one in study["instruments"]:
        curves = [curve for curve in study["curves"] if curve["instrument"] == one["id"]]
        for curve in curves:
            _print_levels(one, states[curve["state"]], curve["points"])
        if one["published"]:
            console.line(f"{published_text(one['published'])}\n")
        _print_requirements(one, [states[curve["state"]] for curve in curves], curves)
    console.print_failures(failures)
    console.line(
        "◆ marks costs to people. Dollars are per year and those of the instrument; a cooperation "
        'programme costs extra. "Of the base year": relative to the base year without spending; '
        '"of the same state": relative to the same state of cooperation without spending. Goals '
        "are interpolated between the simulated budgets and never extrapolated: "
        '"not with" the largest dose means not reached.'
    )
    console.line(BANNER)


def _print_levels(instrument: Row, state: Row, points: Sequence[Row]) -> None:
    """Print flows and human costs at every budget in one state, and the prices.

    In one table, the heads would not fit in one line of 80 columns.
    """
    unit = instrument["unit"]
    for columns, which in ((_FLOWS, state["title"]), (_COSTS, "Costs to people")):
        rows = []
        for point in points:
            spent = money(point["dollars"]) + (" (largest)" if point["largest"] else "")
            amount = [amount_text(point["amount"])] if unit else []
            cells = [_level(point["outcomes"][name], size) for name, (_, size) in columns.items()]
            rows.append([spent, *amount, *cells])
        title = f"{instrument['title']}. {which}: median, and below it the range"
        heads = ["$ per year", *([unit] if unit else []), *(head for head, _ in columns.values())]
        console.table(title, heads, rows, keep=True)
    if prices := prices_text(points):
        console.line(f"{prices}\n")


def _level(level: Row, size: float) -> str:
    """Return the median and the range of an outcome, in units of `size`."""
    if not math.isfinite(level["median"]):
        return "not defined"
    values = [level[name] / size for name in ("median", "low90", "high90")]
    places = 0 if values[0] >= 100.0 else 1 if values[0] >= 10.0 else 3
    middle, low, high = (f"{value:,.{places}f}" for value in values)
    return middle if level["low90"] == level["high90"] else f"{middle}\n{low} to {high}"


def _print_requirements(instrument: Row, states: Sequence[Row], curves: Sequence[Row]) -> None:
    """Print what every goal requires, one column per state."""
    columns = [curve["requirements"] for curve in curves]
    rows = [
        [goal_text(cells[0]), *(requirement_text(cell, instrument["unit"]) for cell in cells)]
        for cells in zip(*columns, strict=True)
    ]
    title = "What a goal requires, by state of cooperation: median and range"
    heads = ["", *map(state_text, states)]
    console.table(f"{instrument['title']}. {title}", heads, rows, keep=True)
