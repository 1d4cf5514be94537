"""``twoborders curve``: outcomes as a function of agents, fence miles or dollars."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.measures import HUMAN_COSTS
from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from experiments.calibration.members import EnsembleSample
from experiments.rows.comparison import ENTRIES, ensemble_json
from experiments.rows.curve import csv_rows, curve_study
from experiments.rows.records import FIGURES, csv_text, json_text, plain_values
from experiments.runs.case import Failure
from experiments.runs.intervals import range_words
from experiments.runs.pairs import REPS
from experiments.studies.curve import (
    BASE_YEAR,
    OUTCOMES,
    SCALE,
    CurveLine,
    plan_curves,
    read_curves,
)
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.folders import run_designs, write_files
from viz.cli.inputs import read_ensemble, read_scenario
from viz.cli.progress import print_estimate
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.labels import replicates_text, scale_text
from viz.figures.curve import plot_curves
from viz.figures.numbers import plain, rounded
from viz.figures.svg import svg

if TYPE_CHECKING:
    from viz.cli.app import Curve

Row = Mapping[str, Any]
#: Column heading of each outcome, and the divisor of its values.
_FLOWS = {
    "apprehension_probability": ("% apprehended per attempt", 0.01),
    **{name: (f"{MEASURES[name].label}, 1,000s", 1e3) for name in ENTRIES},
}
_COSTS = {name: (f"◆ {MEASURES[name].label}, 1,000s", 1e3) for name in HUMAN_COSTS} | {
    "deaths": (f"◆ {MEASURES['deaths'].label}", 1.0),
}

#: Short names of the states of cooperation, for headings.
STATE_NAMES = {
    "base_year": "as in the base year",
    "cooperation": "with a programme",
    "withdrawn": "withdrawn",
}


def command(options: Curve) -> int:
    """Run all points, write and print what each goal requires, and return the exit code."""
    options = options.with_defaults(scale=SCALE, reps=REPS)
    scenario = read_scenario(options)
    sample = read_ensemble(options.members, scenario, options.sets)
    chosen = options.selected("instruments", "budgets", "reps", "seed")
    plan = plan_curves(scenario, sample, **chosen)
    runs = sum(map(len, plan.designs.values()))
    replicates = replicates_text(len(plan.members), plan.reps)
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, [scenario], backend.workers)
        log(
            f"{len(plan.points)} points in {len(plan.states)} states of cooperation with "
            f"{replicates}: {runs:,} runs, {min(runs, backend.workers)} at a time"
        )
        _, failures = run_designs(options, plan.designs, backend)
    lines, folder = read_curves(plan, options.folder), options.folder
    if not any(line.base[OUTCOMES[1]].size for line in lines):
        return report_no_results(failures)
    study = json_head("curve") | curve_study(plan, lines, ensemble_json(sample), failures)
    head = f"{scale_text(scenario)}; {replicates}"
    tables = partial(_print_study, study, head, sample, failures)
    return print_result(
        study,
        options.as_json,
        tables,
        partly=bool(failures),
        write=lambda: write_files(folder, _files(lines, scenario.days, study, replicates)),
    )


def _files(lines: Sequence[CurveLine], days: int, study: Row, runs: str) -> dict[str, str]:
    """Return the contents of the chart, the JSON and the CSV, by file name."""
    title = "How many agents, how many miles, how many dollars?"
    lead = (
        f"Per year over {days:,} days; medians and ranges "
        f"({range_words(_size(study))}); {runs}. "
        "Every column has its own dollar axis (square root) with the dollars of the instrument; "
        "a cooperation programme costs extra. Dotted: goals; cuts are relative to the base year "
        f"without spending. ◆: costs to people. {BANNER}"
    )
    note = study.get("world_note", "")
    figure = plot_curves(lines, title=title, lead=f"{note} {lead}".strip())
    rows = [row | {"note": BANNER} for row in csv_rows(study)]
    return {
        "curve.svg": svg(figure, title, "The numbers are in curve.csv."),
        "curve.json": json_text(study) + "\n",
        "curve.csv": csv_text(list(rows[0]), ([*plain_values(row).values()] for row in rows), note),
    }


def _size(study: Row) -> int:
    """Return the number of replicates per point: seeds times members."""
    return study["reps"] * (study["ensemble"] or {"members": 1})["members"]


def _print_study(
    study: Row, head: str, sample: EnsembleSample | None, failures: Sequence[Failure]
) -> None:
    """Print every instrument's levels and requirements."""
    console.line(f"{head}. Ranges: {range_words(_size(study))}.")
    if sample:
        console.print_ensemble(sample)
    print()
    states = {state["id"]: state for state in study["states"]}
    for row in study["instruments"]:
        curves = [curve for curve in study["curves"] if curve["instrument"] == row["id"]]
        for curve in curves:
            _print_levels(row, states[curve["state"]], curve["points"])
        if figures := row["published"]:
            low, high = money(figures["low"]), money(figures["high"])
            console.line(
                f"Published, per 1 % less migration: {low} to {high} a year. {figures['source']}.\n"
            )
        _print_requirements(row, [states[curve["state"]] for curve in curves], curves)
    console.print_failures(failures)
    console.line(
        "◆ marks costs to people. Dollars are per year and those of the instrument; a cooperation "
        'programme costs extra. "Of the base year": relative to the base year without spending; '
        '"of the same state": relative to the same state of cooperation without spending. Goals '
        "are interpolated between the simulated budgets and never extrapolated: "
        '"not with" the maximum dose means not reached.'
    )
    console.line(BANNER)


def _print_levels(instrument: Row, state: Row, points: Sequence[Row]) -> None:
    """Print flows, human costs and prices at every budget in one state of cooperation.

    Flows and human costs have a table each, because the heads of one table exceed 80 columns.
    """
    unit = instrument["unit"]
    for columns, title in ((_FLOWS, state["title"]), (_COSTS, "Costs to people")):
        rows = []
        for point in points:
            spent = money(point["dollars"]) + (" (largest)" if point["largest"] else "")
            amount = [amount_text(point["amount"])] if unit else []
            cells = [_level(point["outcomes"][name], size) for name, (_, size) in columns.items()]
            rows.append([spent, *amount, *cells])
        caption = f"{instrument['title']}. {title}: median, and below it the range"
        heads = ["$ per year", *([unit] if unit else []), *(head for head, _ in columns.values())]
        console.table(caption, heads, rows, keep=True)
    if prices := prices_text(points):
        console.line(f"{prices}\n")


def _level(level: Row, size: float) -> str:
    """Return an outcome's median above its range, both divided by `size`."""
    middle = level["median"] / size
    if not math.isfinite(middle):
        return "not defined"
    places = 0 if middle >= 100.0 else 1 if middle >= 10.0 else 3
    return "\n".join(_median_and_range(level, lambda value: f"{value / size:,.{places}f}"))


def _median_and_range(figures: Row, text: Callable[[float], str], unbounded: str = "") -> list[str]:
    """Format the median and, unless it is a point, the range. `unbounded` is an infinite end."""
    middle, low, high = (figures[key] for key in FIGURES)
    if low == high:
        return [text(middle)]
    return [text(middle), f"{text(low)} to {text(high) if math.isfinite(high) else unbounded}"]


def _print_requirements(instrument: Row, states: Sequence[Row], curves: Sequence[Row]) -> None:
    """Print what every goal requires, one column per state."""
    columns = [curve["requirements"] for curve in curves]
    rows = [
        [goal_text(cells[0]), *(requirement_text(cell, instrument["unit"]) for cell in cells)]
        for cells in zip(*columns, strict=True)
    ]
    title = "What a goal requires, by state of cooperation: median and range"
    costs = [f" (+{money(s['dollars'])})" if s["dollars"] else "" for s in states]
    heads = ["", *(STATE_NAMES[s["id"]] + cost for s, cost in zip(states, costs, strict=True))]
    console.table(f"{instrument['title']}. {title}", heads, rows, keep=True)


# ---- texts ---------------------------------------------------------------------------------------


def goal_text(goal: Row) -> str:
    """Return a goal in words."""
    if not goal["cut"]:
        return f"{100 * goal['level']:.0f} % apprehended per attempt"
    of = "of the base year" if goal["relative_to"] == BASE_YEAR else "of the same state"
    return f"got-aways −{100 * goal['cut']:.0f} % {of}"


def requirement_text(requirement: Row, unit: str | None) -> str:
    """Return the dollars that a goal requires, or a statement that the goal is not reached.

    Args:
        requirement: row of the goal, see ``experiments.rows.curve``.
        unit: unit of what the dollars buy, or None if it cannot be counted.

    Returns:
        Up to three lines: the median, its amount, and the range.
    """
    if not requirement["replicates"]:
        return "not defined"
    dollars = requirement["dollars"]
    if not math.isfinite(dollars["median"]):
        reached = requirement["reached"]
        some = f"\nonly in {reached} of {requirement['replicates']}" if reached else ""
        return f"not with {money(requirement['largest_budget'])}{some}"
    if dollars["high90"] == 0.0:
        return "already reached"
    middle, *span = _median_and_range(dollars, money, "never")
    amount = [f"{amount_text(requirement['amount']['median'])} {unit}"] if unit else []
    return "\n".join([middle, *amount, *span])


def prices_text(points: Sequence[Row]) -> str:
    """Return the dollars per 1 % fewer got-aways at every budget above zero, in one line.

    Args:
        points: budget rows in one state, see ``experiments.rows.curve``.

    Returns:
        The median price at every budget with its range, or an empty text if no budget has a price.
    """
    prices = [(point["dollars"], _price_text(point["dollars_per_percent"])) for point in points]
    parts = [f"{price} at {money(dollars)}" for dollars, price in prices if price]
    return f"Spent per 1 % fewer got-aways: {'; '.join(parts)}." if parts else ""


def _price_text(price: Row) -> str:
    """Return the median of the dollars per 1 % fewer got-aways, and its range in brackets."""
    if math.isnan(price["median"]):
        return ""
    if not math.isfinite(price["median"]):
        return "no fewer"
    middle, *span = _median_and_range(price, money, "none")
    return f"{middle} ({span[0]})" if span else middle


def amount_text(value: float) -> str:
    """Format a number of agents, miles or towers to three significant digits."""
    return plain(rounded(value), 0)
