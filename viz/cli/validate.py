"""``twoborders validate``: compare the model with official records, misses first."""

from __future__ import annotations

import shlex
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from experiments.calibration import ensemble
from experiments.rows.records import json_text
from experiments.rows.validation import validation_json
from experiments.sweeps.executors import open_backend
from experiments.validation.episodes import refuse_fixed_settings, roles
from experiments.validation.scored_runs import no_terms
from experiments.validation.validate import REPS, SCALE, Validation, validate
from viz.cli import console
from viz.cli.folders import prepare_folder, stored_runs, write_files
from viz.cli.inputs import read_sets
from viz.cli.progress import print_estimate, run_bar
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.labels import markdown_row
from viz.documents.validation.page import validation_html
from viz.documents.validation.tables import ValidationTables, ValidationText
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.cli.app import Validate


def command(options: Validate) -> int:
    """Run the validation, write the page and print the result, and return the exit code."""
    options = options.with_defaults(reps=REPS)
    settings = read_sets(options.sets, {})
    refuse_fixed_settings(settings)
    chosen = ensemble.read().with_doses(options.ensemble) if options.ensemble else None
    scale = SCALE if options.scale is None else options.scale
    scenarios = list(
        roles({"scale": scale} | dict(settings), scores=options.scores, draw=no_terms).values()
    )
    runs = len(scenarios) * options.reps * len(chosen or [None])
    words = options.command_words()
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, scenarios, backend.workers)
        prepare_folder(options.folder, ("validation.html", "validation.json"))
        log(f"{runs} runs, {min(runs, backend.workers)} at a time")
        run = partial(validate, scale=scale, settings=settings, ensemble=chosen, executor=backend)
        run = partial(run, seeds=options.seeds, scores=options.scores)
        saved = stored_runs(options, options.folder / "runs", words)
        with saved as stored, run_bar(runs) as on_result:
            validation = run(folder=stored.folder, on_result=on_result)
    if len(validation.failures) == runs:
        stored.close()
        return report_no_results(validation.failures)
    answer = json_head("validate") | validation_json(validation)

    def write() -> None:
        page = validation_html(Words("en"), validation, shlex.join(words))
        files = {"validation.html": page, "validation.json": json_text(answer) + "\n"}
        write_files(options.folder, files)
        stored.close(validation.failures)

    tables, partly = partial(print_validation, validation), bool(validation.failures)
    return print_result(answer, options.as_json, tables, partly=partly, write=write)


def print_validation(validation: Validation) -> None:
    """Print every part with misses first, then counts, naive forecasts, scores, the estimator."""
    text = ValidationText(Words("en"))
    tables = ValidationTables(text, validation)
    console.line(f"{text.replicates(validation)}\n")
    first = (tables.parts(), tables.counts(), tables.forecasts(), tables.scores())
    for table in (
        *first,
        tables.levels(),
        tables.doses(),
        tables.unannounced(),
        tables.estimates(),
    ):
        if table.rows:
            console.print_table(table)
    console.print_failures(validation.failures)
    console.line("The modellers knew the held-out facts: they are not fitted, but not blind.")
    console.line(f"{validation.cpu_s:,.0f} CPU seconds. {BANNER}")


def refill(page: str, validation: Validation) -> str:
    """Return the documentation page with its table rows written again.

    A table is recognised by its head. A table of parts keeps its patterns, such as H1 and H2, and
    scores of single held-out figures are left out.

    Args:
        page: page text.
        validation: the result.
    """
    scores = tuple(score for score in validation.scores if score.series != "held_out")
    tables = ValidationTables(ValidationText(Words("en")), replace(validation, scores=scores))
    others = (tables.supplies(), tables.scores(), tables.unannounced(), tables.estimates())
    by_head = {markdown_row(table.heads).strip(): table for table in others}
    parts, blocks = tables.parts(), page.split("\n\n")
    for i, block in enumerate(blocks):
        head, _, *lines = block.split("\n") if block.startswith("| ") else ("", "")
        if head == markdown_row(parts.heads).strip():
            patterns = {line.split()[1] for line in lines}
            chosen = [row for row in parts.rows if row[0].text.split()[0] in patterns]
            blocks[i] = replace(parts, rows=chosen).markdown().rstrip("\n")
        elif head in by_head:
            blocks[i] = by_head[head].markdown().rstrip("\n")
    return "\n\n".join(blocks)
