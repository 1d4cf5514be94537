"""``twoborders sensitivity``: identify the uncertain parameters on which an outcome depends."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from abm.scenario import parse_set
from experiments.rows.records import csv_text, json_text
from experiments.runs.study_inputs import setting_leaves
from experiments.studies.sensitivity.indices import SOBOL
from experiments.studies.sensitivity.study import (
    SCALE,
    SensitivityResult,
    Study,
    csv_rows,
    min_blocks,
    plan_study,
    read_results,
    sensitivity_study,
)
from experiments.sweeps.executors import open_backend
from viz.cli import console
from viz.cli.folders import run_designs, write_files
from viz.cli.inputs import read_policies, read_scenario, warn
from viz.cli.progress import print_estimate
from viz.cli.shell import BANNER, CommandError, json_head, log, print_result, report_no_results
from viz.documents.labels import counted, scale_text
from viz.figures.numbers import amount, plain, signed_amount
from viz.figures.sensitivity import answer_title, describe_sensitivity, plot_sensitivity
from viz.figures.svg import svg

if TYPE_CHECKING:
    from viz.cli.app import Sensitivity

Row = Mapping[str, Any]

_HEADS = {
    "morris": ("", "mu*", "in 95 %", "mu", "sigma"),
    "sobol": ("", "total", "in 95 %", "alone", "in 95 %"),
}
_EXPLANATIONS = {
    "morris": "mu*: mean absolute change when a parameter moves over its whole range; mu: mean "
    "change with its sign; sigma: standard deviation of the change over the values of the other "
    "parameters.",
    "sobol": "total: share of the variance that would remain if all other parameters were known; "
    "alone: share that would disappear if this parameter were known.",
}
_DUMMY = (
    "The dummy changes only the seeds: its apparent effect is chance. A factor is distinct from "
    "the dummy if its effect exceeds that of the dummy by more than their two intervals explain."
)

_NAMES = {"morris": ("Morris", "trajectories"), "sobol": ("Sobol'", "base samples")}


def command(options: Sensitivity) -> int:
    """Run the points, compute the indices, write and print them, and return the exit code."""
    options = options.with_defaults(scale=SCALE)
    scenario = read_scenario(options)
    set_by_user = setting_leaves(map(parse_set, options.sets))
    policies = tuple(read_policies(scenario, options.policies))
    chosen = options.selected("method", "n", "reps", "seed", "outcomes")
    study, warnings = plan_study(
        scenario, options.factors, set_by_user, policies=policies, **chosen
    )
    warn(warnings)
    runs = len(study)  # len() creates the points, so invalid points raise their errors here.
    with open_backend(options.executor, options.jobs) as backend:
        if options.dry_run:
            return print_estimate(options, runs, [scenario], backend.workers)
        log(f"{study_text(study)}: {runs:,} runs")
        summaries, failures = run_designs(options, study.designs, backend)
    if failures and not any(summary.stored + summary.completed for summary in summaries):
        return report_no_results(failures)
    results = read_results(study, options.folder)
    missing = gaps(study, results)
    for text in missing:
        log(f"warning: {text}")
    if not any(result.indices for result in results):
        fix = "Run the same command with --resume, which repeats failed runs."
        raise CommandError(f"too few runs succeeded for the method. {fix}")
    rows = json_head("sensitivity") | sensitivity_study(study, summaries, failures, results)
    foot = f"{study_text(study)}. {BANNER}"
    note = f"{rows.get('world_note', '')} {foot}".strip()
    return print_result(
        rows,
        options.as_json,
        partial(_print_study, rows, foot),
        partly=bool(failures or missing),
        write=lambda: write_files(options.folder, _files(results, rows, note)),
    )


def _files(results: Sequence[SensitivityResult], rows: Row, foot: str) -> dict[str, str]:
    """Return the contents of the JSON, the CSV and the chart, by file name."""
    table, analysed = list(csv_rows(rows)), [result for result in results if result.indices]
    cells = [list(row.values()) for row in table]
    figure = plot_sensitivity(analysed, foot=foot)
    chart = svg(figure, "What the answers depend on", describe_sensitivity(analysed))
    return {
        "sensitivity.json": json_text(rows) + "\n",
        "sensitivity.csv": csv_text(list(table[0]), cells, rows.get("world_note", "")),
        "sensitivity.svg": chart + "\n",
    }


def _print_study(study: Row, runs: str) -> None:
    """Print one table per outcome and policy, and explain the columns."""
    for result in study["estimates"]:
        if result["factors"]:
            _print_result(result, study["method"])
    console.line(_EXPLANATIONS[study["method"]])
    console.line(_DUMMY)
    console.line(runs)


def _print_result(result: Row, method: str) -> None:
    """Print the table of the factors that are distinct from the dummy, then the other names."""
    unit, indistinct = result["unit"], result["indistinguishable"]
    distinct = [factor for factor in result["factors"] if factor["name"] not in indistinct]
    level = (signed_amount if result["policy"] else amount)(result["mean"], unit)
    spread = f"{level} on average, standard deviation {amount(result['sd'], unit)}"
    head = f"{answer_title(result['outcome'], result['policy'])} ({unit}): {spread}"
    rows = [(factor["name"], *_cells(factor, method, unit)) for factor in distinct]
    console.table(head, _HEADS[method], rows)
    if indistinct:
        hint = " More --reps reduce its effect, a larger -n narrows the intervals."
        names = ", ".join(indistinct)
        console.line(f"Not distinct from the dummy: {names}.{'' if distinct[:-1] else hint}\n")


def _cells(factor: Row, method: str, unit: str) -> tuple[str, ...]:
    """Return the table cells of a factor. Sobol' indices are shares and have no unit."""
    if method == SOBOL:
        return (*_estimate(factor, "total", _share), *_estimate(factor, "first", _share))
    mu, sigma = signed_amount(factor["mu"], unit), amount(factor["sigma"], unit)
    return (*_estimate(factor, "mu_star", partial(amount, unit=unit)), mu, sigma)


def _estimate(factor: Row, name: str, text: Callable[[float], str]) -> tuple[str, str]:
    """Format an estimate and its 95 % interval."""
    return text(factor[name]), f"{text(factor[f'{name}_low'])} to {text(factor[f'{name}_high'])}"


def _share(value: float) -> str:
    """Format a share of the variance with two decimals."""
    return "not defined" if math.isnan(value) else plain(value, 2)


# ---- texts ---------------------------------------------------------------------------------------


def study_text(study: Study) -> str:
    """Describe the scenario, the method and the numbers of factors and seeds in one line."""
    name, blocks = _NAMES[study.method]
    factors, seeds = counted(len(study.factors), "factor"), counted(study.reps, "seed")
    return (
        f"{scale_text(study.scenario)}; {name}, {study.n:,} {blocks} over {factors} and a "
        f"dummy, {seeds} each"
    )


def gaps(study: Study, results: Sequence[SensitivityResult]) -> list[str]:
    """Describe incomplete results.

    Args:
        study: study that was run.
        results: one result per outcome and policy.

    Returns:
        One line per result in which trajectories or base samples are missing.
    """
    blocks, lines = _NAMES[study.method][1], []
    for result in results:
        name = answer_title(result.outcome, result.policy)
        head = f"{name}: {result.complete_blocks:,} of {study.n:,} {blocks} are complete"
        if not result.indices:
            lines.append(f"{head}; {min_blocks(study):,} are needed, so it has no result.")
        elif result.complete_blocks < study.n:
            lines.append(f"{head}; the others are excluded.")
    return lines
