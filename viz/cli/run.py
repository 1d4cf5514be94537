"""``twoborders run``: run one scenario with one or more seeds."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from abm.measures import CRITERIA, GROUPS, OUTCOMES, observed_proxies
from abm.measures.criteria import UNDEFINED, Criterion
from abm.scenario import Scenario
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of
from experiments.rows.records import csv_text, json_text
from experiments.rows.runs import daily_rows, run_study
from experiments.runs import study_inputs
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.runs.run import run_one
from viz.cli import console
from viz.cli.folders import prepare_folder, write_files
from viz.cli.inputs import read_policies, read_scenario, warn
from viz.cli.progress import bar, run_bar
from viz.cli.shell import BANNER, json_head, print_result, report_no_results
from viz.documents.labels import UNSPENT, payer_label, scale_text
from viz.documents.runs import FAR_OFF, official_table, outcome_table
from viz.figures.numbers import amount, dollars, plain

if TYPE_CHECKING:
    from viz.cli.app import Run

#: Printed name of each status whose key is not clear by itself.
_STATUS = {
    "stayed": "stayed at home",
    "held_mexico": "held by Mexico",
    "held_us": "held by the United States",
    "returned": "returned, not yet decided",
    "settled": "settled after an entry",
    "released": "released to proceedings",
    "asylum_mexico": "asylum in Mexico",
    "admitted": "admitted by the legal channel",
    "refused": "refused by the legal channel",
    "went_home": "went home from the United States",
    "applied": "waiting for the legal channel",
    "waits_in_mexico": "waiting in Mexico for a hearing",
    "deferred": "waiting at home after an announcement",
}
_YEAR = "FY2013"  # first simulated fiscal year


def command(options: Run) -> int:
    """Run the scenario, write and print the results, and return the exit code."""
    scenario = read_scenario(options)
    specs = tuple(spec for arm in read_policies(scenario, options.policies) for spec in arm)
    scenario = study_inputs.with_policies(scenario, specs)
    warn(study_inputs.added_doses(scenario, scenario.policies))
    folder = prepare_folder(options.out) if options.out else None
    answers = _run(scenario, options, daily=folder is not None)
    results = [answer for answer in answers if isinstance(answer, RunResult)]
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    if not results:
        return report_no_results(failures)
    warn(study_inputs.result_warnings(results, scenario))
    study = json_head("run") | run_study(scenario, results, failures)

    def write() -> None:
        if folder:
            head, note = ["seed", "date", *results[0].events], study.get("world_note", "")
            daily = csv_text(head, daily_rows(results), note)
            files = {"run.json": json_text(study) + "\n", "daily.csv": daily}
            write_files(folder, files | {"scenario.toml": scenario.to_toml(full=True)})

    tables = partial(_print_results, scenario, results)
    return print_result(study, options.as_json, tables, partly=bool(failures), write=write)


def _run(scenario: Scenario, options: Run, *, daily: bool) -> Sequence[RunResult | Failure]:
    """Run all seeds. A single seed without --executor runs in this process and raises errors."""
    seeds = options.seeds
    if len(seeds) == 1 and options.executor is None:
        with bar("Days", scenario.days) as step:
            case = Case(scenario, seeds[0])
            return [run_one(case, progress=lambda day, days: step(), daily=daily)]
    with run_bar(len(seeds)) as on_result:
        cases = [Case(scenario, seed) for seed in seeds]
        run_case = partial(run_one, daily=True) if daily else None
        where = options.selected("jobs", "executor")
        return run_many(cases, **where, on_result=on_result, run_case=run_case)


def _print_results(scenario: Scenario, results: Sequence[RunResult]) -> None:
    """Print the comparison with official statistics, the criteria, final statuses and costs."""
    seeds = [str(result.seed) for result in results]
    label = "seed " + seeds[0] if len(seeds) == 1 else f"seeds {seeds[0]} to {seeds[-1]}, medians"
    console.line(f"{scale_text(scenario)}; {label}.")
    in_force = ", ".join(map(str, scenario.policies)) or "none, the status quo"
    console.line(f"Policies: {in_force}.\n")
    words = declaration_of(scenario.world)
    if print_official(results, scenario.world) and scenario.policies:
        console.line(
            "The statistics are of a year without these policies: a difference can be their effect."
        )
    _print_criteria(results, words)
    if len(results) > 1:
        console.print_table(outcome_table("Outcomes over the runs", OUTCOMES, results, words))
    _print_status(results, words)
    spent = {"Policy spending during the run": results[0].dollars}
    for label, paid in (spent | {UNSPENT: results[0].dollars_unspent}).items():
        if sum(paid.values()) > 0:
            console.line(f"{label}: {words.say(payers_text(paid))}.")
    cpu = sum(result.cost["cpu_s"] for result in results)
    peak = max(result.cost["peak_mb"] for result in results)
    days = sum(result.cost["agent_days"] for result in results)
    console.line(
        f"{cpu:.1f} CPU seconds, at most {peak:,.0f} MB, {days / 1e6:,.1f} million agent-days;"
        f" daily record {results[0].digest}."
    )
    console.line(BANNER)


def payers_text(paid: Mapping[str, float]) -> str:
    """Format the dollars of every payer who pays any."""
    return ", ".join(f"{payer_label(payer)} {dollars(x)}" for payer, x in paid.items() if x)


def print_official(results: Sequence[RunResult], world: str, limit: int = 8) -> bool:
    """Compare the first fiscal year with official statistics, and print the largest differences.

    Args:
        results: runs of one scenario.
        world: world folder, empty for the packaged world.
        limit: maximum number of printed statistics.

    Returns:
        Whether statistics for the simulated year exist.
    """
    table = official_table(results, world)
    rows = [[cell.text for cell in row[:4]] for row in table.rows]
    if not rows:
        return False
    close = sum(not difference.detail for _, _, _, difference, _ in table.rows)
    title = f"First fiscal year against official statistics: {close} of {len(rows)} within "
    title += f"{FAR_OFF} %; the {min(limit, len(rows))} largest differences"
    console.table(title, table.heads[:4], rows[:limit])
    if other := [name for name, *_ in rows if _YEAR not in name]:
        console.line(
            f"{len(other)} of the {len(rows)} official figures are of another year, which the name "
            f"states, because none of {_YEAR} exists. The simulated figures are of {_YEAR}."
        )
    return True


def _print_criteria(results: Sequence[RunResult], words: Declaration) -> None:
    """Print the observed and the true value of each criterion, as medians over the runs."""
    values = medians([result.criteria for result in results])
    for group, title in GROUPS.items():
        rows = []
        for name, observed, true in value_rows(group):
            label = words.say(CRITERIA[name].label)
            if observed and true:
                label += f"\n  seen: {words.say(CRITERIA[observed].label)}"
            rows.append((label, CRITERIA[name].unit, _cell(observed, values), _cell(true, values)))
        console.table(title, ("", "unit", "as seen", "true"), rows, left=2)
    for name, c in CRITERIA.items():
        if math.isnan(values[name]) and c.missing != UNDEFINED:  # The sum is out of reach.
            console.line(f"{c.label}: {c.missing}. {c.doc}")


def _cell(name: str | None, values: Mapping[str, float]) -> str:
    """Format a criterion's value, or return the reason why it is missing."""
    if name is None:
        return ""
    c, value = CRITERIA[name], values[name]
    return amount(value, c.unit) if math.isfinite(value) else c.missing


def _print_status(results: Sequence[RunResult], words: Declaration) -> None:
    """Print how many candidates of the first run end in each status."""
    persons = results[0].persons
    total = max(1, persons["candidates"])
    rows = []
    for name, count in persons.items():
        if count:
            label = words.say(_STATUS.get(name, name.replace("_", " ")))
            rows.append((label, plain(count), f"{100 * count / total:.1f} %"))
    seed_note = "" if len(results) == 1 else f" (seed {results[0].seed})"
    console.table(f"Final status of people{seed_note}", ("", "persons", "share"), rows)


# ---- criteria -----------------------------------------------------------------------------------


def value_rows(group: str) -> list[tuple[str, str | None, str | None]]:
    """Return a group's rows: the names of a criterion, its observed value and its true value.

    An observed criterion with a true counterpart shares the row of that counterpart.
    """
    partner = observed_proxies()
    return [
        (name, partner.get(name, name if c.observed else None), None if c.observed else name)
        for name, c in CRITERIA.items()
        if c.group == group and not c.truth
    ]


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each criterion over the runs in which it is defined."""
    return {name: _median([run[name] for run in runs], c) for name, c in CRITERIA.items()}


def _median(values: Sequence[float], c: Criterion) -> float:
    """Return the median of values that are not NaN. A sum out of reach counts as infinite."""
    finite = np.array([v for v in values if math.isfinite(v)])
    if c.missing != UNDEFINED:
        finite = np.array([v if math.isfinite(v) else math.inf for v in values])
    middle = float(np.median(finite)) if finite.size else math.nan
    return middle if math.isfinite(middle) else math.nan
