"""``twoborders validate``: compare the model with official records, misses first."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.scenario import SettingError, parse_set
from experiments.calibration.ensemble import Member
from experiments.episodes import Settings, ensemble_members, roles
from experiments.files import write_text
from experiments.pool import cores
from experiments.rows.texts import json_text
from experiments.rows.validation import ValidationRows, validation_json, validation_rows
from experiments.validate import REPS, SCALE, validate
from viz.cli import console
from viz.cli.command_options import ValidateOptions
from viz.cli.files import prepare_folder
from viz.cli.progress import run_bar
from viz.cli.shell import BANNER, OK, PARTLY, json_head, log, print_json, report_no_results
from viz.cli.tables import print_table

#: Settings that define an episode or a response.
_FIXED = ("days", "start", "supply", "record", "policies", "name", "world", "scale")


def command(options: ValidateOptions) -> int:
    """Run the validation, write the page and print the result; return the exit code."""
    reps = options.reps or (REPS if options.ensemble is None else 1)
    options = replace(options, reps=reps)
    settings = _settings(options)
    chosen = _members(options.ensemble)
    scale = SCALE if options.scale is None else options.scale
    runs = len(roles({"scale": scale} | dict(settings))) * reps * len(chosen or [None])
    prepare_folder(options.folder)
    log(f"{runs} runs, {min(runs, options.jobs or cores())} at a time")
    with run_bar(runs) as on_result:
        validation = validate(
            seeds=options.seeds,
            scale=scale,
            settings=settings,
            ensemble=chosen,
            jobs=options.jobs,
            on_result=on_result,
        )
    if len(validation.failures) == runs:
        return report_no_results(validation.failures)
    rows = validation_rows(validation)
    answer = json_head("validate") | validation_json(rows)
    _write_files(options.folder, rows, answer, shlex.join(_command_words(options)))
    if options.as_json:
        print_json(answer)
    else:
        print_validation(rows)
    return PARTLY if validation.failures else OK


def _command_words(options: ValidateOptions) -> list[str]:
    """Return the words of the command that gives the same result."""
    seeds = ["--seed", str(options.seed), "--reps", str(options.reps)]
    return ["twoborders", "validate", *seeds, *options.typed("scale", "ensemble", "sets")]


def _settings(options: ValidateOptions) -> Settings:
    """Return the values of ``--set``; raise ``SettingError`` for those that define an episode."""
    settings: dict[str, Any] = {}
    for path, value in map(parse_set, options.sets):
        if path in _FIXED:
            hint = "Set numbers of `twoborders parameters`; for the scale use --scale."
            raise SettingError(path, "a validation fixes it", hint)
        if path in settings:
            raise SettingError(path, "it is set twice", "Set it once.")
        settings[path] = value
    return settings


def _members(count: int | None) -> list[Member] | None:
    """Return members of the ensemble; None for the default scenario alone."""
    if count is None:
        return None
    members = ensemble_members(count)
    if not members:
        log("warning: no ensemble is packaged; only the default scenario is run.")
        return None
    return members


def _write_files(
    folder: Path, rows: ValidationRows, answer: Mapping[str, Any], command: str
) -> None:
    """Write the page and the numbers."""
    from viz.documents.validation import validation_html
    from viz.screen.words import Words

    write_text(folder / "validation.html", validation_html(Words("en"), rows, command))
    write_text(folder / "validation.json", json_text(answer) + "\n")
    log(f"written: {folder / 'validation.html'}; in the same folder validation.json")


def print_validation(rows: ValidationRows) -> None:
    """Print every part with misses first, then counts, naive forecasts and the estimator."""
    from viz.documents.validation.tables import ValidationTables
    from viz.documents.validation.words import ValidationText
    from viz.screen.words import Words

    text = ValidationText(Words("en"))
    tables, validation = ValidationTables(text, rows), rows.validation
    console.line(f"{text.replicates(rows)}\n")
    if validation.missing:
        console.line(f"{text('missing')} {', '.join(validation.missing)}. Their parts are misses.")
    for table in (tables.parts(), tables.counts(), tables.forecasts(), tables.estimates()):
        print_table(table)
    for failure in validation.failures:
        console.line(f"Excluded, failed: {failure}")
    console.line("The modellers knew the held-out facts: they are not fitted, but not blind.")
    console.line(f"{validation.cpu_s:,.0f} CPU seconds. {BANNER}")
