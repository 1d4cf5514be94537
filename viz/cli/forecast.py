"""``twoborders forecast``: months after a record, frozen in a file, and scored by what followed."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.scenario import SettingError
from experiments.calibration.members import draw_members
from experiments.rows.forecast import BOUNDS, SCORES, forecast_study, score_rows
from experiments.rows.records import csv_text, json_text
from experiments.runs.case import Failure
from experiments.runs.study_inputs import with_policies
from experiments.scenarios import find
from experiments.studies.forecast import (
    FROM_RECORD,
    NOTE,
    REASON,
    SCALE,
    Forecast,
    ForecastPlan,
    make_forecast,
    read_forecast,
    read_record,
    run_plans,
)
from experiments.studies.forecast_scores import OutcomeScores, score_forecast
from experiments.sweeps.executors import open_backend
from experiments.validation.backtests import ORIGINS, plan_of, score_backtests
from experiments.validation.episodes import refuse_fixed_settings
from viz.cli import console
from viz.cli.folders import prepare_folder, stored_runs, write_files
from viz.cli.inputs import read_ensemble, read_policies, read_scenario, read_sets
from viz.cli.progress import print_estimate, run_bar
from viz.cli.shell import json_head, log, print_result, report_no_results
from viz.documents.validation.tables import number
from viz.figures.numbers import plain

if TYPE_CHECKING:
    from viz.cli.app import Forecast as Options

_FORMS = "Give RECORD.csv; or score FORECAST.json OBSERVED.csv; or backtest."
_RUNS = {"scale", "ensemble", "seed", "out", "jobs", "executor", "resume", "dry_run"}
#: Options that these words use. They refuse all others.
_USED = {"score": {"files", "as_json"}, "backtest": {"files", "as_json", *_RUNS}}
_HEADS = ("outcome", "figures", "method", "CRPS", "log score", "90 %", "within 10 %", "within 25 %")


def command(options: Options) -> int:
    """Make a forecast, score one, or score past forecasts, and return the exit code."""
    first, *others = options.files
    if len(others) != (2 if first == "score" else 0):
        raise SettingError("FILE", f"{len(options.files)} arguments", _FORMS)
    if first in _USED:
        for word in options.typed(*(vars(options).keys() - _USED[first]), always=())[:1]:
            raise SettingError(word, f"{first} does not use it", "Leave it out.")
    if first == "score":
        scores = score_forecast(
            read_forecast(others[0]), read_record(others[1], needs=(), where="observed")
        )
        return _print_scores(options, scores)
    options = options.with_defaults(scale=SCALE, reps=1)
    if first == "backtest":
        members = draw_members(options.ensemble, find("history"))
        size = options.scale or SCALE, members, options.seed
        plans = [plan_of(origin, *size) for origin in ORIGINS]
    else:
        plans = [_plan(options, Path(first))]
    count, folder, words = sum(map(len, plans)), options.folder, options.command_words()
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, count, [plans[0].base], backend.workers)
        prepare_folder(folder)
        log(f"{count} runs, {min(count, backend.workers)} at a time")
        with stored_runs(options, folder / "runs", words) as stored, run_bar(count) as step:
            by_plan, failures = run_plans(plans, stored.folder, executor=backend, on_result=step)
        stored.close(failures)
    if not all(by_plan):
        return report_no_results(failures)
    forecasts = [make_forecast(plan, runs) for plan, runs in zip(plans, by_plan, strict=True)]
    if first == "backtest":
        return _print_scores(options, score_backtests(forecasts), failures)
    study = json_head("forecast") | forecast_study(forecasts[0])
    write = partial(write_files, folder, _files(forecasts[0], study))
    tables = partial(_print_rows, study)
    return print_result(study, options.as_json, tables, partly=bool(failures), write=write)


def _plan(options: Options, file: Path) -> ForecastPlan:
    """Return the plan of the options."""
    refuse_fixed_settings(read_sets(options.sets, {}), FROM_RECORD, REASON)
    scenario = read_scenario(options)
    specs = [spec for arm in read_policies(scenario, options.policies) for spec in arm]
    scenario = with_policies(scenario, tuple(specs))
    members = read_ensemble(options.ensemble, scenario, options.sets)
    chosen = options.selected("horizon", "reps", "seed")
    return ForecastPlan(record=read_record(file), scenario=scenario, members=members, **chosen)


def _files(forecast: Forecast, study: dict[str, Any]) -> dict[str, str]:
    """Return the JSON, the CSV and the chart."""
    from viz.figures.forecast import describe_forecast, plot_forecast
    from viz.figures.svg import svg

    rows = [[*row.values(), NOTE] for row in study["rows"]]
    return {
        "forecast.json": json_text(study) + "\n",
        "forecast.csv": csv_text(["outcome", "month", *BOUNDS, "note"], rows),
        "forecast.svg": svg(plot_forecast(forecast), "Forecast", describe_forecast(forecast)),
    }


def _print_rows(study: dict[str, Any]) -> None:
    """Print the forecast by month, one table for each outcome."""
    for name, group in groupby(study["rows"], lambda row: row["outcome"]):
        cells = [[row["month"], *(plain(row[bound], 0) for bound in BOUNDS)] for row in group]
        console.table(name, ("month", "5 %", "25 %", "median", "75 %", "95 %"), cells, keep=True)
    console.line(f"Hash {study['hash']}: `twoborders forecast score` refuses a changed file.")
    console.line(NOTE)


def _print_scores(
    options: Options, scores: Sequence[OutcomeScores], failures: Sequence[Failure] = ()
) -> int:
    """Print scores, those with a better naive forecast first."""
    rows = score_rows(scores)

    def show() -> None:
        cells = [
            [row["outcome"], str(row["figures"]), row["method"], *(number(row[s]) for s in SCORES)]
            for row in rows
        ]
        console.table("Scores of logs; a better naive forecast first", _HEADS, cells, left=3)

    study = json_head("forecast") | {"note": NOTE, "scores": rows}
    return print_result(study, options.as_json, show, partly=bool(failures))
