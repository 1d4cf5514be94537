"""``twoborders validate``: compare the model with official records, misses first."""

from __future__ import annotations

import shlex
from functools import partial
from typing import TYPE_CHECKING

from experiments.calibration.ensemble import Member
from experiments.rows.records import json_text
from experiments.rows.validation import ValidationRows, validation_json, validation_rows
from experiments.sweeps.executors import open_backend
from experiments.validation.episodes import Settings, ensemble_members, refuse_fixed_settings, roles
from experiments.validation.scored_runs import no_terms
from experiments.validation.validate import REPS, SCALE, Validation, validate
from viz.cli import console
from viz.cli.dry_run import print_estimate
from viz.cli.files import prepare_folder, write_files
from viz.cli.progress import run_bar
from viz.cli.run_options import read_sets
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.cli.stored_runs import stored_runs
from viz.documents.html_table import Table
from viz.documents.validation import validation_html
from viz.documents.validation.tables import ValidationTables
from viz.documents.validation.words import ValidationText
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.cli.app import Validate


def command(options: Validate) -> int:
    """Run the validation, write the page and print the result; return the exit code."""
    options = options.with_defaults(reps=REPS)
    settings = _settings(options)
    chosen = _members(options.ensemble)
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
    rows = validation_rows(validation)
    answer = json_head("validate") | validation_json(rows)

    def write() -> None:
        page = validation_html(Words("en"), rows, shlex.join(words))
        files = {"validation.html": page, "validation.json": json_text(answer) + "\n"}
        write_files(options.folder, files)
        stored.close(validation.failures)

    tables, partly = partial(print_validation, rows), bool(validation.failures)
    return print_result(answer, options.as_json, tables, partly=partly, write=write)


def _settings(options: Validate) -> Settings:
    """Return the values of ``--set``; raise ``SettingError`` for those that define an episode."""
    settings = read_sets(options.sets, {})
    refuse_fixed_settings(settings)
    return settings


def _members(count: int | None) -> list[Member] | None:
    """Return members of the ensemble; None for the default scenario alone."""
    members = ensemble_members(count) if count else None
    if count and not members:
        log("warning: no ensemble is packaged; only the default scenario is run.")
    return members or None


def _checks(tables: ValidationTables, found: Validation) -> list[tuple[Table, bool]]:
    """Return the tables of checks, and whether the validation has their figures."""
    return [
        (tables.levels(), bool(found.levels)),
        (tables.doses(), bool(found.doses)),
        (tables.unannounced(), bool(found.unannounced)),
    ]


def print_validation(rows: ValidationRows) -> None:
    """Print every part with misses first, then counts, naive forecasts, scores, the estimator."""
    text = ValidationText(Words("en"))
    tables, validation = ValidationTables(text, rows), rows.validation
    console.line(f"{text.replicates(rows)}\n")
    if validation.missing:
        console.line(f"{text('missing')} {', '.join(validation.missing)}. Their parts are misses.")
    for table in (tables.parts(), tables.counts(), tables.forecasts(), tables.scores()):
        console.print_table(table)
    for table, shown in _checks(tables, validation):
        if shown:
            console.print_table(table)
    console.print_table(tables.estimates())
    console.print_failures(validation.failures)
    console.line("The modellers knew the held-out facts: they are not fitted, but not blind.")
    console.line(f"{validation.cpu_s:,.0f} CPU seconds. {BANNER}")
