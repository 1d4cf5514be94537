"""``twoborders run``: run one scenario with one seed or several."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from abm.measures import OUTCOMES
from abm.scenario import Scenario
from experiments.files import write_text
from experiments.observed import observed_median, percent_error
from experiments.rows.runs import daily_rows, run_study
from experiments.rows.texts import csv_text, json_text
from experiments.run import Case, Failure, RunResult, run_many, run_one
from viz.cli import console, criteria
from viz.cli.command_options import RunCommandOptions
from viz.cli.files import prepare_folder
from viz.cli.progress import bar, run_bar
from viz.cli.run_options import read_policies, read_scenario
from viz.cli.shell import BANNER, json_head, log, print_result, report_no_results
from viz.figures.numbers import amount, dollars, exact, percent, plain

_STATISTICS_SHOWN = 8


def command(options: RunCommandOptions) -> int:
    """Run the scenario, write and print the results; return the exit code."""
    scenario = read_scenario(options)
    specs = tuple(spec for arm in read_policies(scenario, options.policies) for spec in arm)
    scenario = scenario.with_settings({"policies": (*scenario.policies, *specs)})
    folder = prepare_folder(options.out) if options.out else None
    answers = _run(scenario, options, daily=folder is not None)
    results = [answer for answer in answers if isinstance(answer, RunResult)]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    if not results:
        return report_no_results(failures)
    study = json_head("run") | run_study(scenario, results, failures)
    if folder:
        write_text(folder / "run.json", json_text(study) + "\n")
        header = ["seed", "date", *results[0].events]
        write_text(folder / "daily.csv", csv_text(header, daily_rows(results)))
        write_text(folder / "scenario.toml", scenario.to_toml(full=True))
        log(f"written: run.json, daily.csv and scenario.toml in {folder}")
    tables = partial(_print_results, scenario, results)
    return print_result(study, options.as_json, tables, partly=bool(failures))


def _run(
    scenario: Scenario, options: RunCommandOptions, *, daily: bool
) -> Sequence[RunResult | Failure]:
    """Run one seed in this process, where an error is raised, or several seeds in workers."""
    seeds = options.seeds
    if len(seeds) == 1:
        with bar("Days", scenario.days) as step:
            case = Case(scenario, seeds[0])
            return [run_one(case, progress=lambda day, days: step(), daily=daily)]
    with run_bar(len(seeds)) as on_result:
        cases = [Case(scenario, seed) for seed in seeds]
        return run_many(cases, jobs=options.jobs, on_result=on_result, daily=daily)


def _print_results(scenario: Scenario, results: Sequence[RunResult]) -> None:
    """Print misses first, then the criteria, the final status of people, and the costs."""
    seeds = [str(result.seed) for result in results]
    which = "seed " + seeds[0] if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}, medians"
    console.line(
        f"{scenario.name}: {scenario.days:,} days from {scenario.start}, {which}; "
        f"{scenario.scale} persons per simulated migrant."
    )
    in_force = ", ".join(map(str, scenario.policies)) or "none, the status quo"
    console.line(f"Policies: {in_force}.\n")
    print_official(results)
    criteria.print_values(results)
    if len(results) > 1:
        _print_outcomes(results)
    _print_status(results)
    if sum(results[0].dollars.values()) > 0:
        paid = ", ".join(
            f"{console.payer_label(payer)} {dollars(sum_)}"
            for payer, sum_ in results[0].dollars.items()
            if sum_
        )
        console.line(f"Policy spending during the run: {paid}.")
    console.line(_cost_text(results))
    console.line(BANNER)


def print_official(results: Sequence[RunResult], most: int = _STATISTICS_SHOWN) -> None:
    """Print the first fiscal year compared with official statistics, largest misses first.

    Args:
        results: runs of one scenario.
        most: number of statistics to print.
    """
    rows = sorted(observed_median(results), key=lambda row: -percent_error(row[1], row[2]))
    if not rows:
        return
    cells = [
        (
            name,
            exact(simulated),
            exact(observed),
            percent((simulated / observed - 1) * 100) if observed else "",
        )
        for name, simulated, observed, _ in rows[:most]
    ]
    close = sum(percent_error(row[1], row[2]) <= 20 for row in rows)
    console.table(
        f"First fiscal year against official statistics: {close} of {len(rows)} within 20 %; the "
        f"{len(cells)} largest misses",
        ("", "simulated", "official", "difference"),
        cells,
    )


def _print_outcomes(results: Sequence[RunResult]) -> None:
    """Print the medians of the yearly outcomes, and the range of nine runs in ten."""
    import numpy as np

    rows = []
    for name, info in OUTCOMES.items():
        values = np.array([result.outcomes[name] for result in results])
        low, middle, high = (
            amount(float(value), info.unit) for value in np.quantile(values, (0.05, 0.5, 0.95))
        )
        rows.append((info.label, middle, f"{low} to {high}", info.unit))
    console.table("Outcomes over the runs", ("", "median", "nine runs in ten", "unit"), rows)


def _print_status(results: Sequence[RunResult]) -> None:
    """Print the final status of the candidates of the first run."""
    persons = results[0].persons
    total = max(1, persons["candidates"])
    rows = [
        (name.replace("_", " "), plain(count), f"{100 * count / total:.1f} %")
        for name, count in persons.items()
        if count
    ]
    which = "" if len(results) == 1 else f" (seed {results[0].seed})"
    console.table(f"Final status of people{which}", ("", "persons", "share"), rows)


def _cost_text(results: Sequence[RunResult]) -> str:
    """Return the computing cost of the runs."""
    cpu = sum(result.cost["cpu_s"] for result in results)
    peak = max(result.cost["peak_mb"] for result in results)
    days = sum(result.cost["agent_days"] for result in results)
    return (
        f"{cpu:.1f} CPU seconds, at most {peak:,.0f} MB, {days / 1e6:,.1f} million agent-days;"
        f" daily record {results[0].digest}."
    )
