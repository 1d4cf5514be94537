"""``twoborders elasticities``: responses per unit of a change, compared with published ranges."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.measures import OUTCOMES
from experiments.rows.calibration import GROUP_NAMES
from experiments.rows.records import json_text
from experiments.studies.elasticities import REPS, RESPONSES, SCALE, elasticities, plan
from viz.cli import console
from viz.cli.folders import prepare_folder, write_files
from viz.cli.inputs import class_sets, read_sets
from viz.cli.progress import run_bar
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.html import Cell, Table
from viz.documents.labels import interval_text
from viz.figures.numbers import UNDEFINED, format_fixed

if TYPE_CHECKING:
    from viz.cli.app import Elasticities


def command(options: Elasticities) -> int:
    """Run all changes, write the record, print the responses, and return the exit code."""
    options = options.with_defaults(scale=SCALE, reps=REPS)
    settings = read_sets([*options.sets, *class_sets(options)], {})
    scenarios = plan(options.regimes, options.changes, options.scale or SCALE, settings)
    prepare_folder(options.folder)
    runs = len(scenarios) * options.reps
    log(f"{runs} runs of two years")
    with run_bar(runs) as on_result:
        run = partial(
            elasticities, scenarios, options.seeds, **options.selected("jobs", "executor")
        )
        study, failures = run(on_result=on_result)
    if not study["rows"]:
        return report_no_results(failures)
    study = json_head("elasticities") | {"words": " ".join(options.command_words())} | study
    write = partial(write_files, options.folder, {"elasticities.json": json_text(study) + "\n"})
    show = partial(console.print_table, response_table(study), left=2)
    return print_result(study, options.as_json, show, partly=bool(failures), write=write)


def elasticities_markdown(study: Mapping[str, Any]) -> str:
    """Return a record as Markdown: its command, its table, the sources of published ranges."""
    sources = {
        f"- `{row['change']}`: {cell['source']}": None
        for row in study["rows"]
        for cell in row["responses"].values()
        if cell["source"]
    }
    head = f"`{study['words']}`, scale {study['scale']}; {interval_text(0, len(study['seeds']))}."
    return "\n\n".join([head, response_table(study).markdown() + "\n".join(["", *sources])])


def response_table(study: Mapping[str, Any]) -> Table:
    """Return a table with all responses in the record's order."""
    labels = [OUTCOMES[name].label for name in RESPONSES]
    heads = ("Change", "Regime", "Group", "Size", *labels, "Published")
    return Table(f"Responses per unit. {BANNER}", heads, [*map(_cells, study["rows"])])


def _cells(row: Mapping[str, Any]) -> list[Cell]:
    """Return the table cells for one change, regime and group."""
    responses, published = [], []
    for name, cell in row["responses"].items():
        low, high = (_figure(cell[key]) for key in ("low90", "high90"))
        responses.append(Cell(_figure(cell["median"]), f"{low}, {high}"))
        if cell["source"]:
            verdict = "outside" if cell["outside"] else "inside"
            bounds = f"{_figure(cell['low'])}, {_figure(cell['high'])}"
            published.append(f"{verdict} {bounds} ({OUTCOMES[name].label})")
    keys = Cell(row["change"], tag="code"), Cell(row["regime"]), Cell(GROUP_NAMES[row["group"]])
    return [*keys, Cell(_figure(row["size"])), *responses, Cell(*published or ["none"])]


def _figure(value: float | None) -> str:
    """Format a value with two decimals. None stands for NaN, which JSON cannot store."""
    return UNDEFINED if value is None else format_fixed(value, 2)
