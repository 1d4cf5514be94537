"""``twoborders compare``: compare policies with a baseline on the same seeds, write the report.

With ``--members``, the baseline and all policies run with every drawn parameter set. With
``--precision``, pairs are added until the mean changes are precise enough.
"""

from __future__ import annotations

import math
import shlex
import textwrap
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from itertools import batched
from pathlib import Path
from typing import TYPE_CHECKING

from abm.measures import ENTRIES, GROUPS, OUTCOMES
from abm.scenario import Scenario, SettingError
from experiments.calibration.members import MIN_MEMBERS, EnsembleSample
from experiments.comparison.compare import DEFAULT_ARMS, Comparison, all_cases, extend, without_runs
from experiments.comparison.sequential import (
    MAX_PAIRS,
    Review,
    SequentialComparison,
    StoppingRule,
    compare_until,
)
from experiments.rows.comparison import (
    OutcomeRow,
    comparison_json,
    contrast_rows,
    csv_rows,
    driver_rows,
    outcome_groups,
    outcome_rows,
)
from experiments.rows.records import csv_text, json_text
from experiments.runs import study_inputs
from experiments.runs.pairs import REPS, Difference
from experiments.sweeps.backend import Backend
from experiments.sweeps.design import CaseList, Shard, places_of
from experiments.sweeps.executors import open_backend
from experiments.sweeps.sweep import sweep
from viz.cli import console
from viz.cli.folders import prepare_folder, print_shard, stored_runs, write_files
from viz.cli.inputs import read_ensemble, read_policies, read_scenario, warn
from viz.cli.options import LARGEST_SEED
from viz.cli.progress import print_estimate, run_bar
from viz.cli.run import payers_text, print_official
from viz.cli.shell import json_head, log, print_result, report_no_results
from viz.documents.comparison import tables
from viz.documents.comparison.charts import baseline_map, series_chart
from viz.documents.comparison.page import report_html
from viz.documents.comparison.report import Report, arm_sentence
from viz.documents.comparison.sentences import MEANINGFUL, change_texts
from viz.documents.labels import BANNER, UNSPENT, replicates_text, scale_text
from viz.figures.numbers import MISSING, amount

if TYPE_CHECKING:
    from viz.cli.app import Compare

_LABEL_WIDTH, _ARM_WIDTH = 39, 18  # columns; the label width includes the baseline
_FURTHER = 3  # printed drivers that cannot turn the sign, per policy and outcome


def command(options: Compare) -> int:
    """Run the comparison, write the report, print the result, and return the exit code."""
    options = options.with_defaults(reps=REPS)
    scenario = read_scenario(options)
    specs = _arms(scenario, options)
    sample = read_ensemble(options.members, scenario, options.sets)
    rule = _stopping_rule(options, len(sample or ()))
    shard = None if options.shard is None else Shard.read(options.shard)
    if shard and rule:
        reason = "--precision adds pairs that depend on all results"
        raise SettingError("--shard", reason, "Give --reps instead.")
    words = [
        *options.command_words("arms", "policies"),
        *("+".join(map(str, portfolio)) for portfolio in specs),
    ]
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            seeds = rule.sizes(options.reps, len(sample or ()))[-1] if rule else options.reps
            runs = (len(specs) + 1) * seeds * max(1, len(sample or ()))
            return print_estimate(options, runs, [scenario], backend.workers, upto=bool(rule))
        prepare_folder(options.folder)
        stored = stored_runs(options, options.folder / "runs", words)
        with stored as runs:
            if shard:
                compared = without_runs(scenario, specs, sample.settings if sample else None)
                plan = CaseList(tuple(all_cases(compared, options.seeds)), shard=shard)
                with run_bar(len(places_of(plan))) as step:
                    run = partial(sweep, plan, runs.folder, executor=backend, on_result=step)
                    summary = run(command=words)
                runs.lock.close()
                return print_shard(options, summary.failures)
            add = partial(_add_seeds, backend, runs.folder)
            run = partial(_run, scenario, specs, options, sample, backend.workers)
            comparison, sequential = run(rule, add)
    if not comparison.baseline.runs or not any(arm.runs for arm in comparison.arms):
        runs.close()
        return report_no_results(comparison.failures)
    warn(study_inputs.result_warnings(comparison.baseline.runs.values(), scenario))
    answer = json_head("compare") | comparison_json(comparison, sample, sequential)
    report = Report(comparison, shlex.join(words), sample, sequential)

    def write() -> None:
        files = {
            "report.html": report_html(report),
            "comparison.json": json_text(answer) + "\n",
            "outcomes.csv": csv_text(*csv_rows(comparison), report.world.note),
            "map.svg": baseline_map(report),
            "series.svg": series_chart(report.comparison, "got_aways"),
        }
        write_files(options.folder, files)
        runs.close(comparison.failures)

    tables, partly = partial(print_comparison, report), bool(comparison.failures)
    return print_result(answer, options.as_json, tables, partly=partly, write=write)


def _arms(scenario: Scenario, options: Compare) -> list[study_inputs.Portfolio]:
    """Read the policies to compare, and warn about repeated policies and added doses."""
    specs = read_policies(scenario, options.arms, "POLICY")
    specs += read_policies(scenario, options.policies)
    specs = specs or read_policies(scenario, DEFAULT_ARMS)
    warn(study_inputs.equal_arms(specs))
    for arm in dict.fromkeys(specs):
        warn(study_inputs.added_doses(scenario, (*scenario.policies, *arm)))
    return specs


def _run(
    scenario: Scenario,
    specs: Sequence[study_inputs.Portfolio],
    options: Compare,
    sample: EnsembleSample | None,
    workers: int,
    rule: StoppingRule | None,
    add: Callable[[Comparison, Iterable[int]], Comparison],
) -> tuple[Comparison, SequentialComparison | None]:
    """Run all seeds, or add seeds until the stopping rule is met."""
    count, ensemble = len(sample or ()), sample.settings if sample else None
    seeds = rule.sizes(options.reps, count)[0] if rule else options.reps
    total = (len(specs) + 1) * seeds * max(1, count)
    log(
        f"{len(specs) + 1} arms with the baseline, {replicates_text(count, seeds)}: {total} "
        f"runs{', then more' if rule else ''}, {min(total, workers)} at a time"
    )
    if not rule:
        return add(without_runs(scenario, specs, ensemble), options.seeds), None
    run = partial(compare_until, seed=options.seed, reps=options.reps, ensemble=ensemble)
    sequential = run(scenario, specs, rule, extend=add, on_review=_log_review)
    if not sequential.reached:
        log(f"warning: {tables.rule_sentence(sequential)}")
    return sequential.comparison, sequential


def _add_seeds(
    backend: Backend, folder: Path, comparison: Comparison, seeds: Iterable[int]
) -> Comparison:
    """Run the missing seeds of a comparison, and store their runs in a folder."""
    fresh = [seed for seed in seeds if seed not in comparison.seeds]
    total = len(fresh) * (len(comparison.arms) + 1) * max(1, comparison.members)
    with run_bar(total) as on_result:
        return extend(comparison, fresh, executor=backend, folder=folder, on_result=on_result)


def _stopping_rule(options: Compare, members: int) -> StoppingRule | None:
    """Return the stopping rule, or None if the number of pairs is fixed.

    Raises ``SettingError`` if the rule is invalid or does not fit the number of members.
    """
    if options.precision is None:
        if options.outcomes or options.max_pairs is not None:
            hint = "Give --precision WIDTH with it, for example --precision 1."
            option = "--outcome" if options.outcomes else "--max-pairs"
            raise SettingError(option, "it has no effect without --precision", hint)
        return None
    max_pairs = MAX_PAIRS if options.max_pairs is None else options.max_pairs
    outcomes = tuple(dict.fromkeys(options.outcomes)) or ENTRIES
    rule = StoppingRule(options.precision, outcomes, max_pairs)
    if options.seed + rule.sizes(options.reps, members)[-1] - 1 > LARGEST_SEED:
        hint = f"Keep --seed plus --max-pairs at most {LARGEST_SEED + 1}."
        raise SettingError("--seed", f"{options.seed} is too large for {max_pairs} seeds", hint)
    return rule


def _log_review(review: Review) -> None:
    """Log the number of pairs and the widest interval in one line."""
    widest = review.widest
    width = f"{widest.width:.3g} % of the baseline" if math.isfinite(widest.width) else "not known"
    text = f"the widest interval of a mean is {width} ({widest.arm}, {widest.outcome})"
    log(f"{review.pairs} pairs: {text}")


# ---- tables --------------------------------------------------------------------------------------


def print_comparison(report: Report) -> None:
    """Print the baseline against official statistics, then the changes."""
    s, comparison, sample = report.comparison.scenario, report.comparison, report.sample
    console.line(f"{scale_text(s)}; {report.ensemble_text}.")
    if sample:
        console.print_ensemble(sample)
    print()
    print_official(list(report.baseline.runs.values()), s.world, limit=5)
    _print_arms(report)
    if report.sequential:
        console.print_table(tables.means_table(report.sequential), left=2)
        console.line(" ".join(tables.explanation(report.sequential)) + "\n")
    if sample:
        _print_drivers(comparison, sample)
        _print_contrasts(comparison, sample)
    console.print_failures(comparison.failures)
    console.line(BANNER)


def _print_arms(report: Report) -> None:
    """Print the outcomes of as many policies per table as fit, then a sentence per policy."""
    fit = max(1, (console.width() - _LABEL_WIDTH) // _ARM_WIDTH)
    for positions in batched(range(len(report.arms)), fit):
        _print_block(report, positions)
    for i, arm in enumerate(report.arms, 1):
        paid = report.world.say(payers_text(arm.dollars)) or "none"
        left = report.world.say(payers_text(arm.dollars_unspent))
        unspent = f" {UNSPENT}, per year: {left}." if left else ""
        console.line(f"[{i}] {arm.title}: {arm.spec_text}; planned per year: {paid}.{unspent}")
    print()
    for i in range(len(report.arms)):
        console.line(arm_sentence(report, i))
    console.line(f"{MEANINGFUL}\n")


def _print_block(report: Report, positions: Sequence[int]) -> None:
    """Print one table of all outcomes, with the policies at `positions` as columns."""
    comparison = report.comparison
    counted = comparison.members > 0 and len(comparison.baseline.runs) > 1
    outcomes, rows = outcome_rows(comparison), []
    for title, keys in outcome_groups(outcomes, human_costs_with_prices=True):
        if title == GROUPS["people"]:
            title += " (others are under Cost)"
        rows += [[], [title]] if rows else [[title]]
        for row in (outcomes[key] for key in keys):
            cells = [_change(row, row.changes[i], counted) for i in positions]
            level = amount(row.level, row.measure.unit) if math.isfinite(row.level) else MISSING
            rows.append([f"  {row.measure.label}", level, *cells])
    titles = [f"[{i + 1}] {comparison.arms[i].title}" for i in positions]
    heads = [textwrap.fill(title, _ARM_WIDTH - 3) for title in titles]
    title = f"Change from the baseline: {report.interval_text}"
    title += ", and the pairs in which it has this sign" if counted else ""
    if len(comparison.baseline.runs) == 1:
        title = "Change from the baseline, one pair of runs: chance alone may explain it"
    console.table(title, ["per year", "baseline", *heads], rows)


def _change(row: OutcomeRow, change: Difference, counted: bool) -> str:
    """Return the lines of a cell: the change, its 90 % range and, if `counted`, its sign count."""
    lines = list(filter(None, change_texts(row, change)))
    if counted and change.pairs and math.isfinite(change.difference):
        lines.append(f"in {change.same_sign} of {change.pairs}")
    return "\n".join(lines)


def _print_drivers(comparison: Comparison, sample: EnsembleSample) -> None:
    """Print the assumed numbers that could turn the sign of an effect or that change it most."""
    rows = []
    for arm in comparison.arms:
        for outcome, drivers in driver_rows(comparison, arm, sample).items():
            turning = [driver for driver in drivers if driver.turns]
            others = [driver for driver in drivers if driver.significant and not driver.turns]
            for driver in turning + others[:_FURTHER]:
                cells = (f"{driver.low:+.1f} %", f"{driver.high:+.1f} %")
                turns = "could turn the sign" if driver.turns else ""
                rows.append((arm.id, OUTCOMES[outcome].label, driver.name, *cells, turns))
    if rows:
        heads = ("", "", "assumed number", "if low", "if high", "")
        title = "Drivers: median change in the thirds of members with low and high values"
        console.table(title, heads, rows, left=3)
    elif comparison.members >= MIN_MEMBERS:
        console.line("No assumed number changes the effects by more than chance.")


def _print_contrasts(comparison: Comparison, sample: EnsembleSample) -> None:
    """Print which of two policies reduces entries more, and which numbers could reverse this."""
    rows = []
    for row in contrast_rows(comparison, sample):
        lower = f"in {row.lower} of {comparison.members}"
        gaps = [f"{d.name} ({d.low:+.1f} to {d.high:+.1f})" for d in row.drivers if d.turns]
        cells = (OUTCOMES[row.outcome].label, lower, ", ".join(gaps) or "none detected")
        rows.append((row.first, row.second, *cells))
    if rows:
        heads = ("fewer with", "than with", "", "", "reversed by (gap in points if low, if high)")
        console.table("Contrasts of two policies", heads, rows, left=5)
