"""``twoborders validate``: compare the model with official records, misses first."""

from __future__ import annotations

import shlex
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
from viz.cli.inputs import class_sets, read_sets
from viz.cli.progress import print_estimate, run_bar
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.documents.validation.page import validation_html
from viz.documents.validation.tables import ValidationTables, ValidationText
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.cli.app import Validate


def command(options: Validate) -> int:
    """Run the validation, write the page, print the result, and return the exit code."""
    options = options.with_defaults(reps=REPS)
    settings = read_sets([*options.sets, *class_sets(options)], {})
    refuse_fixed_settings(settings)
    chosen = ensemble.read().with_doses(options.members) if options.members else None
    scale = SCALE if options.scale is None else options.scale
    scenarios = list(
        roles({"scale": scale} | dict(settings), scores=options.scores, draw=no_terms).values()
    )
    runs = len(scenarios) * options.reps * len(chosen or [None])
    words = options.command_words()
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, scenarios, backend.workers)
        prepare_folder(options.folder)
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
    """Print every table of the validation, misses first, then the failed runs."""
    text = ValidationText(Words("en"))
    tables = ValidationTables(text, validation)
    console.line(f"{text.replicates(validation)}\n")
    first = (tables.parts(), tables.counts(), tables.forecasts(), tables.scores())
    news = (tables.unannounced(), tables.line_changes())
    for table in (*first, tables.levels(), tables.doses(), *news, tables.estimates()):
        if table.rows:
            console.print_table(table)
    console.print_failures(validation.failures)
    console.line("The modellers knew the held-out facts: they are not fitted, but not blind.")
    console.line(f"{validation.cpu_s:,.0f} CPU seconds. {BANNER}")
