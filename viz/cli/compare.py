"""``twoborders compare``: compare policies with a baseline on the same seeds, write the report.

With ``--ensemble`` the baseline and all policies run with every parameter set that is drawn; with
``--precision`` pairs are added until the mean changes are precise enough.
"""

from __future__ import annotations

import math
import shlex
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from abm.measures import ENTRIES
from abm.scenario import Scenario, SettingError
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import (
    DEFAULT_ARMS,
    REPS,
    Comparison,
    Portfolio,
    extend,
    without_runs,
)
from experiments.comparison.sequential import (
    MAX_PAIRS,
    Review,
    SequentialComparison,
    StoppingRule,
    compare_until,
)
from experiments.rows.comparison import comparison_json, csv_rows
from experiments.rows.records import csv_text, json_text
from experiments.sweeps.executors import Backend, open_backend
from viz.cli.compare_tables import print_comparison
from viz.cli.dry_run import print_estimate
from viz.cli.files import prepare_folder, write_files
from viz.cli.options import LARGEST_SEED
from viz.cli.progress import run_bar
from viz.cli.run_options import read_ensemble, read_policies, read_scenario
from viz.cli.shell import json_head, log, print_result, report_no_results
from viz.cli.stored_runs import stored_runs
from viz.cli.warnings_of_input import (
    warn_of_added_doses,
    warn_of_equal_arms,
    warn_of_few_migrants,
)
from viz.documents.comparison import stopping
from viz.documents.comparison.charts import baseline_map, series_chart
from viz.documents.comparison.page import report_html
from viz.documents.comparison.report import Report
from viz.documents.labels import replicates_text

if TYPE_CHECKING:
    from viz.cli.app import Compare

_FILES = ("report.html", "comparison.json", "outcomes.csv", "map.svg", "series.svg")


def command(options: Compare) -> int:
    """Run the comparison, write the report and print the result; return the exit code."""
    options = options.with_defaults(reps=REPS)
    scenario = read_scenario(options)
    specs = _arms(scenario, options)
    drawn = read_ensemble(options.ensemble, scenario, options.sets)
    rule = _stopping_rule(options, len(drawn or ()))
    words = [
        *options.command_words("arms", "policies"),
        *("+".join(map(str, portfolio)) for portfolio in specs),
    ]
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            members = len(drawn or ())
            return _print_estimate(options, scenario, specs, members, backend.workers, rule)
        prepare_folder(options.folder, _FILES)
        stored = stored_runs(options, options.folder / "runs", words)
        with stored as runs:
            add = partial(_add_seeds, backend, runs.folder)
            run = partial(_run, scenario, specs, options, drawn, backend.workers)
            comparison, sequential = run(rule, add)
    if not comparison.baseline.runs or not any(arm.runs for arm in comparison.arms):
        runs.close()
        return report_no_results(comparison.failures)
    warn_of_few_migrants(comparison.baseline.runs.values())
    answer = json_head("compare") | comparison_json(comparison, drawn, sequential)
    report = Report(comparison, shlex.join(words), drawn, sequential)

    def write() -> None:
        texts = (
            report_html(report),
            json_text(answer) + "\n",
            csv_text(*csv_rows(comparison), report.world.note),
            baseline_map(report),
            series_chart(report.comparison, "got_aways"),
        )
        write_files(options.folder, dict(zip(_FILES, texts, strict=True)))
        runs.close(comparison.failures)

    tables, partly = partial(print_comparison, report), bool(comparison.failures)
    return print_result(answer, options.as_json, tables, partly=partly, write=write)


def _print_estimate(
    options: Compare,
    scenario: Scenario,
    specs: Sequence[Portfolio],
    members: int,
    workers: int,
    rule: StoppingRule | None,
) -> int:
    """Print the number of runs (with --precision, the largest) and their time."""
    seeds = rule.sizes(options.reps, members)[-1] if rule else len(options.seeds)
    runs = (len(specs) + 1) * seeds * max(1, members)
    return print_estimate(options, runs, [scenario], workers, upto=rule is not None)


def _arms(scenario: Scenario, options: Compare) -> list[Portfolio]:
    """Read the policies to compare, and warn of repeated ones."""
    specs = read_policies(scenario, options.arms, "POLICY")
    specs += read_policies(scenario, options.policies)
    specs = specs or read_policies(scenario, DEFAULT_ARMS)
    warn_of_equal_arms(specs)
    for arm in dict.fromkeys(specs):
        warn_of_added_doses(scenario, (*scenario.policies, *arm))
    return specs


def _run(
    scenario: Scenario,
    specs: Sequence[Portfolio],
    options: Compare,
    drawn: EnsembleSample | None,
    workers: int,
    rule: StoppingRule | None,
    add: Callable[[Comparison, Iterable[int]], Comparison],
) -> tuple[Comparison, SequentialComparison | None]:
    """Run all seeds, or add seeds until the stopping rule is met."""
    count, ensemble = len(drawn or ()), drawn.settings if drawn else None
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
        log(f"warning: {stopping.rule_sentence(sequential)}")
    return sequential.comparison, sequential


def _add_seeds(
    backend: Backend, folder: Path, comparison: Comparison, seeds: Iterable[int]
) -> Comparison:
    """Run the missing seeds of a comparison; store their runs in a folder."""
    fresh = [seed for seed in seeds if seed not in comparison.seeds]
    total = len(fresh) * (len(comparison.arms) + 1) * max(1, comparison.members)
    with run_bar(total) as on_result:
        return extend(comparison, fresh, executor=backend, folder=folder, on_result=on_result)


def _stopping_rule(options: Compare, members: int) -> StoppingRule | None:
    """Return the stopping rule; None if the number of pairs is fixed.

    Raises ``SettingError`` if the rule is invalid or does not fit the number of members.
    """
    if options.precision is None:
        if options.outcomes or options.max_pairs is not None:
            hint = "Give --precision WIDTH with it, for example --precision 1."
            option = "--outcome" if options.outcomes else "--max-pairs"
            raise SettingError(option, "it has no effect without --precision", hint)
        return None
    most = MAX_PAIRS if options.max_pairs is None else options.max_pairs
    outcomes = tuple(dict.fromkeys(options.outcomes)) or ENTRIES
    rule = StoppingRule(options.precision, outcomes, most)
    if options.seed + rule.sizes(options.reps, members)[-1] - 1 > LARGEST_SEED:
        hint = f"Keep --seed plus --max-pairs below {LARGEST_SEED}."
        raise SettingError("--seed", f"{options.seed} is too large for {most} seeds", hint)
    return rule


def _log_review(review: Review) -> None:
    """Print a review in one line."""
    one = review.widest
    width = f"{one.width:.3g} % of the baseline" if math.isfinite(one.width) else "not known"
    text = f"the widest interval of a mean is {width} ({one.arm}, {one.outcome})"
    log(f"{review.pairs} pairs: {text}")
