"""``twoborders sensitivity``: which uncertain parameters an outcome depends on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import Any

from abm.measures import CRITERIA, OUTCOMES
from abm.scenario import Scenario
from experiments.files import write_text
from experiments.rows.sensitivity import csv_rows, sensitivity_study
from experiments.rows.texts import csv_text, json_text
from experiments.sensitivity import inputs
from experiments.sensitivity.indices import METHODS, MORRIS, SOBOL
from experiments.sensitivity.results import SensitivityResult, read_results
from experiments.sensitivity.study import Study, run_study
from experiments.store import FILE
from experiments.sweep import SweepSummary
from viz.cli import sensitivity_tables
from viz.cli.command_options import SensitivityOptions
from viz.cli.files import prepare_folder
from viz.cli.members import by_hand
from viz.cli.progress import RunProgress, resumable
from viz.cli.run_options import check_known, read_policies, read_scenario
from viz.cli.shell import BANNER, CommandError, json_head, log, print_result, report_no_results
from viz.documents.sensitivity import gaps, plan_text, runs_text

_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
_SCALE = 100
_SIZES = {MORRIS: 10, SOBOL: 128}  # trajectories, base samples


def command(options: SensitivityOptions) -> int:
    """Run the points of the study, compute the indices, write and print them.

    Returns the exit code.
    """
    options = options.with_defaults(scale=_SCALE)
    scenario = read_scenario(options)
    outcomes = _outcomes(options.outcomes)
    study = _study(options, scenario)
    runs = len(study)  # chooses the points, and rejects points that cannot run
    folder = prepare_folder(options.folder)
    log(plan_text(study, runs))
    summaries = _run(options, study, folder)
    failures = [failure for one in summaries for failure in one.failures]
    if failures and not any(one.stored + one.completed for one in summaries):
        return report_no_results(failures)
    results = read_results(study, folder, outcomes)
    missing = gaps(study, results)
    for text in missing:
        log(f"warning: {text}")
    if not any(result.indices for result in results):
        raise CommandError("too few runs succeeded for the method; --resume repeats failed runs")
    rows = json_head("sensitivity") | sensitivity_study(study, summaries, failures, results)
    _write_files(folder, study, results, rows)
    tables = partial(sensitivity_tables.print_study, rows, f"{runs_text(study)} {BANNER}")
    return print_result(rows, options.as_json, tables, partly=bool(failures or missing))


def _outcomes(names: Sequence[str]) -> list[str]:
    """Return the distinct outcomes; raise ``SettingError`` for an unknown one."""
    hint = "All of them: docs/reference/outcomes.md and criteria.md."
    for name in names:
        check_known("--outcome", name, OUTCOMES | CRITERIA, hint)
    return list(dict.fromkeys(names or _OUTCOMES))


def _study(options: SensitivityOptions, scenario: Scenario) -> Study:
    """Return the study; raise ``SettingError`` for invalid options."""
    check_known("--method", options.method, METHODS)
    set_by_user = by_hand(options.sets)
    if options.factors:
        factors = inputs.read_factors(scenario, options.factors, set_by_user)
    else:
        factors, held = inputs.open_priors(scenario, set_by_user)
        if held:
            log(f"warning: not varied, because set here: {', '.join(held)}.")
    return Study(
        scenario=scenario,
        factors=tuple(factors),
        method=options.method,
        n=_SIZES[options.method] if options.n is None else options.n,
        reps=options.reps,
        seed=options.seed,
        policies=tuple(read_policies(scenario, options.policies)),
    )


def _run(options: SensitivityOptions, study: Study, folder: Path) -> list[SweepSummary]:
    """Run the points that the folder does not hold."""

    def start(arm: str, planned: int, found: int) -> None:
        log(f"{arm or 'without the policies' if study.policies else 'running'}: {planned:,} runs")
        progress.start(planned, found)

    def stored() -> str:
        return f"completed runs are stored in {folder / '*' / FILE}"

    with resumable(options.resume_command(), stored), RunProgress() as progress:
        return run_study(
            study,
            folder,
            jobs=options.jobs,
            resume=options.resume,
            command=options.resume_command(),
            on_start=start,
            on_result=progress.step,
        )


def _write_files(
    folder: Path, study: Study, results: Sequence[SensitivityResult], rows: Mapping[str, Any]
) -> None:
    """Write the JSON, the CSV and the chart."""
    from viz.figures.sensitivity import describe_sensitivity, plot_sensitivity
    from viz.figures.svg import svg

    write_text(folder / "sensitivity.json", json_text(rows) + "\n")
    table = list(csv_rows(rows))
    text = csv_text(list(table[0]), (list(row.values()) for row in table))
    write_text(folder / "sensitivity.csv", text)
    shown = [result for result in results if result.indices]
    figure = plot_sensitivity(shown, foot=f"{runs_text(study)} {BANNER}")
    title = "What the answers depend on"
    write_text(folder / "sensitivity.svg", svg(figure, title, describe_sensitivity(shown)) + "\n")
    log(f"written: sensitivity.json, sensitivity.csv and sensitivity.svg in {folder}")
