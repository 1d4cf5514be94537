"""``twoborders compare``: compare policies with a baseline on the same seeds, write the report.

With ``--ensemble`` the baseline and all policies run with every parameter set that is drawn.
"""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from abm.scenario import Scenario
from experiments.calibration.members import EnsembleSample
from experiments.compare import DEFAULT_ARMS, REPS, Comparison, Portfolio, compare
from experiments.files import write_text
from experiments.pool import cores
from experiments.rows.comparison import comparison_json, csv_rows
from experiments.rows.texts import csv_text, json_text
from experiments.sequential import SequentialComparison
from viz.cli import console, members
from viz.cli.command_options import CompareOptions
from viz.cli.driver_tables import print_contrasts, print_drivers
from viz.cli.files import prepare_folder
from viz.cli.progress import run_bar
from viz.cli.run import print_official
from viz.cli.run_options import read_policies, read_scenario
from viz.cli.shell import BANNER, OK, PARTLY, json_head, log, print_json, report_no_results
from viz.cli.tables import print_arms
from viz.cli.until import print_until, run_until, stopping_rule


def reps(given: int | None, ensemble: int | None) -> int:
    """Return the number of seeds.

    Args:
        given: value of ``--reps``; 0 or None if it is not given.
        ensemble: members of the ensemble; None without one.

    Returns:
        `given`, or the default: ``REPS``, or one seed per member.
    """
    return given or (REPS if ensemble is None else 1)


def command(options: CompareOptions) -> int:
    """Run the comparison, write the report and print the result; return the exit code."""
    texts = [*options.arms, *options.policies]
    options = replace(options, policies=texts, reps=reps(options.reps, options.ensemble))
    scenario = read_scenario(options)
    specs = read_policies(scenario, texts or DEFAULT_ARMS)
    drawn = members.draw(options.ensemble, scenario, options.sets)
    comparison, sequential = _run(scenario, specs, options, drawn)
    if not comparison.baseline.runs or not any(arm.runs for arm in comparison.arms):
        return report_no_results(comparison.failures)
    answer = json_head("compare") | comparison_json(comparison, drawn, sequential)
    command = shlex.join(_command_words(options, specs))
    _write_files(options.folder, comparison, drawn, sequential, answer, command)
    if options.as_json:
        print_json(answer)
    else:
        _print(comparison, drawn, sequential)
    return PARTLY if comparison.failures else OK


def _run(
    scenario: Scenario,
    specs: Sequence[Portfolio],
    options: CompareOptions,
    drawn: EnsembleSample | None,
) -> tuple[Comparison, SequentialComparison | None]:
    """Run all seeds, or add seeds until the stopping rule is met."""
    count, sets = len(drawn or ()), drawn.settings if drawn else None
    rule = stopping_rule(options, count)
    prepare_folder(options.folder)
    seeds = rule.sizes(options.reps, count)[0] if rule else options.reps
    total = (len(specs) + 1) * seeds * max(1, count)
    log(
        f"{len(specs) + 1} arms with the baseline, {members.played(count, seeds)}: {total} "
        f"runs{', then more' if rule else ''}, {min(total, options.jobs or cores())} at a time"
    )
    if rule:
        sequential = run_until(scenario, specs, rule, options, sets)
        return sequential.comparison, sequential
    with run_bar(total) as on_result:
        comparison = compare(
            scenario,
            specs,
            seeds=options.seeds,
            jobs=options.jobs,
            on_result=on_result,
            ensemble=sets,
        )
    return comparison, None


def _command_words(options: CompareOptions, specs: Sequence[Portfolio]) -> list[str]:
    """Return the words of the command that gives the same result."""
    words = options.command("compare") + options.typed("ensemble", "width", "outcomes", "max_pairs")
    return words + ["+".join(map(str, portfolio)) for portfolio in specs]


def _write_files(
    folder: Path,
    comparison: Comparison,
    drawn: EnsembleSample | None,
    sequential: SequentialComparison | None,
    answer: Mapping[str, Any],
    command: str,
) -> None:
    """Write the report, two of its charts, and the numbers as JSON and CSV."""
    from viz.documents.comparison import report_html
    from viz.documents.comparison.charts import baseline_map, series_chart
    from viz.documents.comparison.report import Report

    report = Report(comparison, command, drawn, sequential)
    write_text(folder / "report.html", report_html(report))
    write_text(folder / "comparison.json", json_text(answer) + "\n")
    write_text(folder / "outcomes.csv", csv_text(*csv_rows(comparison)))
    write_text(folder / "map.svg", baseline_map(report))
    write_text(folder / "series.svg", series_chart(report.comparison, "got_aways"))
    log(
        f"written: {folder / 'report.html'}; in the same folder comparison.json, outcomes.csv, "
        "map.svg and series.svg"
    )


def _print(
    comparison: Comparison,
    drawn: EnsembleSample | None,
    sequential: SequentialComparison | None,
) -> None:
    """Print the baseline against official statistics, then the changes."""
    scenario = comparison.scenario
    console.line(
        f"{scenario.name}: {scenario.days:,} days from {scenario.start}; one simulated migrant "
        f"represents {scenario.scale}; {members.played(comparison.members, len(comparison.seeds))}."
    )
    if drawn:
        console.line(
            f"Ensemble {drawn.digest}: {drawn.ensemble_size} members, equivalent to "
            f"{drawn.effective:.3g} of equal weight."
        )
    print()
    print_official(list(comparison.baseline.runs.values()), most=5)
    print_arms(comparison)
    if sequential:
        print_until(sequential)
    if drawn:
        print_drivers(comparison, drawn)
        print_contrasts(comparison, drawn)
    for failure in comparison.failures:
        console.line(f"Excluded, failed: {failure}")
    console.line(BANNER)
