"""``twoborders forecast``: forecast the months after a record, and score forecasts later."""

from __future__ import annotations

from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from experiments.calibration.members import draw_members
from experiments.rows.forecast import BOUNDS, forecast_study, score_rows
from experiments.rows.records import csv_text, json_text
from experiments.runs.study_inputs import with_policies
from experiments.scenarios import find
from experiments.studies import forecast as studies
from experiments.studies.forecast_scores import score_forecast
from experiments.sweeps.executors import open_backend
from experiments.validation.backtests import ORIGINS, SHOWN, plan_of, score_backtests
from experiments.validation.episodes import refuse_fixed_settings
from viz.cli import console
from viz.cli.folders import prepare_folder, stored_runs, write_files
from viz.cli.inputs import read_ensemble, read_policies, read_scenario, read_sets
from viz.cli.progress import print_estimate, run_bar
from viz.cli.shell import json_head, log, print_result, report_no_results
from viz.documents.validation.page import forecast_chart
from viz.documents.validation.tables import ValidationText, score_table
from viz.figures.numbers import plain
from viz.screen.words import Words

if TYPE_CHECKING:
    from viz.cli.app import Forecast as Options

_FORMS = "Give RECORD.csv; or score FORECAST.json OBSERVED.csv; or backtest."
_RUNS = {"scale", "members", "seed", "reps", "out", "jobs", "executor", "resume", "dry_run"}
#: Options that each subcommand accepts.
_USED = {"score": {"files", "as_json"}, "backtest": {"files", "as_json", *_RUNS}}


def command(options: Options) -> int:
    """Make a forecast, score a stored forecast, or run the backtest. Return the exit code."""
    first, *others = options.files
    if len(others) != (2 if first == "score" else 0):
        raise SettingError("FILE", f"{len(options.files)} arguments", _FORMS)
    if first in _USED:
        for word in options.typed(*(vars(options).keys() - _USED[first]), always=())[:1]:
            raise SettingError(word, f"{first} does not use it", "Leave it out.")
    if first == "score":
        observed = studies.read_record(others[1], needs=(), where="observed")
        study = json_head("forecast", studies.NOTE) | {
            "scores": score_rows(score_forecast(studies.read_forecast(others[0]), observed))
        }
        return print_result(study, options.as_json, partial(_print_scores, study))
    options = options.with_defaults(scale=studies.SCALE, reps=1)
    if first == "backtest":
        members = draw_members(options.members, find("history"))
        size, seeds = options.scale or studies.SCALE, options.selected("seed", "reps")
        plans = [plan_of(origin, size, members, **seeds) for origin in ORIGINS]
    else:
        plans = [_plan(options, Path(first))]
    count, folder, words = sum(map(len, plans)), options.folder, options.command_words()
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, count, [plans[0].base], backend.workers)
        prepare_folder(folder)
        log(f"{count} runs, {min(count, backend.workers)} at a time")
        with stored_runs(options, folder / "runs", words) as stored, run_bar(count) as step:
            by_plan, failures = studies.run_plans(
                plans, stored.folder, executor=backend, on_result=step
            )
        stored.close(failures)
    if not all(by_plan):
        return report_no_results(failures)
    forecasts = [
        studies.make_forecast(plan, runs) for plan, runs in zip(plans, by_plan, strict=True)
    ]
    if first == "backtest":
        rows = score_rows(score_backtests(forecasts))
        study = json_head("forecast", studies.NOTE) | {"scores": rows} | forecasts[SHOWN].values()
        files, tables = {"backtest.json": json_text(study) + "\n"}, partial(_print_scores, study)
    else:
        study = json_head("forecast", studies.NOTE) | forecast_study(forecasts[0])
        files, tables = _files(forecasts[0], study), partial(_print_rows, study)
    write = partial(write_files, folder, files)
    return print_result(study, options.as_json, tables, partly=bool(failures), write=write)


def _plan(options: Options, file: Path) -> studies.ForecastPlan:
    """Return the forecast plan that the options describe."""
    refuse_fixed_settings(read_sets(options.sets, {}), studies.FROM_RECORD, studies.REASON)
    scenario = read_scenario(options)
    specs = [spec for arm in read_policies(scenario, options.policies) for spec in arm]
    scenario = with_policies(scenario, tuple(specs))
    members = read_ensemble(options.members, scenario, options.sets)
    chosen = options.selected("horizon", "reps", "seed")
    return studies.ForecastPlan(
        record=studies.read_record(file), scenario=scenario, members=members, **chosen
    )


def _files(forecast: studies.Forecast, study: dict[str, Any]) -> dict[str, str]:
    """Return the contents of the JSON, the CSV and the chart, by file name."""
    rows = [[*row.values(), studies.NOTE] for row in study["rows"]]
    return {
        "forecast.json": json_text(study) + "\n",
        "forecast.csv": csv_text(["outcome", "month", *BOUNDS, "note"], rows),
        "forecast.svg": forecast_chart(ValidationText(Words("en")), forecast, {}),
    }


def _print_rows(study: dict[str, Any]) -> None:
    """Print the monthly quantiles of the forecast, one table per outcome."""
    for name, group in groupby(study["rows"], lambda row: row["outcome"]):
        cells = [[row["month"], *(plain(row[bound], 0) for bound in BOUNDS)] for row in group]
        console.table(name, ("month", "5 %", "25 %", "median", "75 %", "95 %"), cells, keep=True)
    console.line(f"Hash {study['hash']}: `twoborders forecast score` refuses a changed file.")
    console.line(studies.NOTE)


def _print_scores(study: dict[str, Any]) -> None:
    """Print the scores. Rows in which a naive forecast is better come first."""
    console.print_table(score_table(ValidationText(Words("en")), study["scores"]))
