"""``twoborders ask``: does tighter border security require Mexico's cooperation?"""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from itertools import product
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.measures import ENTRIES, OUTCOMES
from abm.scenario import Scenario
from experiments.rows.answer import answer_study
from experiments.rows.records import json_text
from experiments.runs.files import write_text
from experiments.studies.ask import stages
from experiments.studies.ask.answer import Answer, answer
from experiments.studies.ask.sizes import AnswerSize, answer_size
from experiments.studies.optimise.sides import ACCOUNTS
from experiments.sweeps.design import Shard
from experiments.sweeps.executors import open_backend
from viz.cli import console, long_study
from viz.cli.folders import print_shard
from viz.cli.progress import duration
from viz.cli.shell import BANNER, log, print_result
from viz.cli.timed_trial import time_run
from viz.documents.findings import verdict
from viz.documents.findings.page import FOLDER, REFEREE, data_files, page, referee_page
from viz.figures.answer import plot_frontier, plot_verdict
from viz.figures.svg import svg

if TYPE_CHECKING:
    from matplotlib.figure import Figure

    from viz.cli.app import Ask

_TRIAL_DAYS = 731  # days of the longer trial, because the first months of a run take less time
_HOW = (
    "from a timed trial on this machine: one day and two years of a typical portfolio, "
    "extrapolated to the days of each run, with one warm-up for each draw; the choice of "
    "portfolios takes more"
)


def command(options: Ask) -> int:
    """Run all stages, judge the claims, write and print the answer, and return the exit code."""
    sizes = long_study.sizes(options, "turning_members", "scale")
    size = answer_size(quick=options.quick, **sizes)
    scenario = long_study.read_long_scenario(options, size, size.scale)
    runs = sum(stages.count_runs(size).values())
    shard = None if options.shard is None else Shard.read(options.shard, first=0)
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return _print_estimate(options, size, scenario, backend.workers)
        opened = long_study.evaluator_of(options, size, scenario, runs, backend)
        with opened as (evaluator, progress):
            if shard:
                stages.run_shard(size, replace(evaluator, shard=shard))
                return print_shard(options, progress.failures)
            completed = stages.run_stages(size, evaluator)
    log("evaluating the results")
    result = answer(completed)
    date = {"date": datetime.date.today().isoformat()}
    study = long_study.head(options) | date | answer_study(result)
    write = partial(_write_files, options.folder, result, study)
    tables, partly = partial(_print_study, study), bool(result.failed_runs)
    return print_result(study, options.as_json, tables, partly=partly, write=write)


def _print_estimate(options: Ask, size: AnswerSize, scenario: Scenario, jobs: int) -> int:
    """Print the number of runs per length and the estimated time, and return the exit code.

    The estimate times a typical portfolio, which takes longer than the status quo.
    """
    counts = stages.count_runs(size)
    typical = scenario.with_settings({"policies": stages.typical_portfolio(size)})
    time = time_run(typical, _TRIAL_DAYS, shared=True)
    lengths = {years: stages.shortened(scenario, years).days for years in counts}
    days = sum(n * (lengths[years] - 1) for years, n in counts.items())
    runs, warmups = sum(counts.values()), sum(batch.warmups for batch in stages.batches(size))
    starts = time.restored * runs + (time.start - time.restored) * min(warmups, runs)
    seconds = (starts + time.daily * days) / jobs
    parts = " and ".join(f"{n:,} of {years} years" for years, n in counts.items())
    text = (
        f"At most {runs:,} runs ({parts}), {jobs} at a time: about {duration(seconds)}, {_HOW}. "
        "Identical runs are run once."
    )
    study = long_study.head(options) | {"dry_run": True, "runs": runs, "runs_by_years": counts}
    study |= {"seconds": seconds, "jobs": jobs, "warmups": warmups, "estimate": _HOW}
    return print_result(study, options.as_json, partial(console.line, text))


def _write_files(folder: Path, result: Answer, study: Mapping[str, Any]) -> None:
    """Write the page, its tables and charts, and the JSON."""
    charts: list[tuple[str, str]] = []

    def draw(name: str, title: str, figure: Figure, numbers: str) -> None:
        write_text(folder / name, svg(figure, title, f"The numbers are in {numbers}."))
        charts.append((title, name))

    accounts, score = result.runs.size.accounts, result.runs.first.score
    for account, measure in product(accounts, ENTRIES):
        title = f"Effect of one dollar: {OUTCOMES[measure].label}, {ACCOUNTS[account]}"
        figure = plot_verdict(study, account=account, measure=measure, title=title)
        draw(f"verdict-{account}-{measure}.svg", title, figure, f"{FOLDER}/rates.csv")
    for account in accounts:
        title = f"What a budget buys, counted in {ACCOUNTS[account]}"
        figure = plot_frontier(score, verdict.PANELS, account=account, title=title)
        draw(f"frontier-{account}.svg", title, figure, f"{FOLDER}/portfolios.csv")
    data = data_files(study)
    (folder / FOLDER).mkdir(exist_ok=True)
    for name, frame in data.items():
        csv = frame.to_csv(index=False, lineterminator="\n")
        write_text(folder / FOLDER / f"{name}.csv", csv)
    write_text(folder / "answer.json", json_text(study) + "\n")
    write_text(folder / "findings.md", page(study))
    write_text(folder / REFEREE, referee_page(study, charts))
    more = f"answer.json, {len(data)} tables in {FOLDER} and {len(charts)} charts"
    log(f"written: {folder / 'findings.md'}, {more}")


def _print_study(study: Mapping[str, Any]) -> None:
    """Print the claims, the turning points of the answer, and the exchange rates."""
    console.print_table(verdict.regime_table(study), left=4)
    for text in [*verdict.answer_lines(study), *verdict.headline_lines(study)]:
        console.line(f"- {text}")
    console.line(f"\n{verdict.RULE}\n\nTrade-offs:")
    for text in verdict.trade_off_lines(study):
        console.line(f"- {text}")
    console.line("\nWhere the answer changes:")
    for text in verdict.turning_lines(study):
        console.line(f"- {text}")
    console.line(f"\n{verdict.RATE} {verdict.NEXT}\n")
    for table in verdict.rate_tables(study):
        console.print_table(table, left=2)
    if (table := verdict.turning_table(study)).rows:
        console.print_table(table, left=4)
    if study["failed"]:
        console.line(f"{study['failed']} runs failed and are excluded.")
    console.line(BANNER)
