"""Print the result of a comparison: changes, intervals of means, drivers and contrasts."""

from __future__ import annotations

import math
import textwrap
from collections.abc import Sequence
from itertools import batched

from abm.measures import GROUPS, OUTCOMES
from experiments.calibration.members import MIN_MEMBERS, Driver, EnsembleSample
from experiments.comparison.compare import Comparison
from experiments.rows.comparison import (
    OutcomeRow,
    contrast_rows,
    driver_rows,
    outcome_groups,
    outcome_rows,
)
from experiments.runs.input_warnings import policies_never_in_force
from experiments.runs.pairs import Difference
from viz.cli import console
from viz.cli.run import payers_text, print_official
from viz.documents.comparison import stopping
from viz.documents.comparison.report import Report, arm_sentence
from viz.documents.comparison.sentences import MEANINGFUL, change_texts
from viz.documents.labels import BANNER, UNSPENT
from viz.figures.numbers import MISSING, amount

_LABEL_WIDTH, _ARM_WIDTH = 39, 18  # the first with the column of the baseline
_SHOWN = 3  # drivers that do not change the sign, per policy and outcome


def print_comparison(report: Report) -> None:
    """Print the baseline against official statistics, then the changes."""
    s, comparison, drawn = report.comparison.scenario, report.comparison, report.drawn
    console.line(
        f"{s.name}: {s.days:,} days from {s.start}; one simulated migrant represents {s.scale}; "
        f"{report.ensemble_text}."
    )
    if drawn:
        console.print_ensemble(drawn)
    print()
    print_official(list(report.baseline.runs.values()), s.world, most=5)
    _print_arms(report)
    if report.sequential:
        console.print_table(stopping.means_table(report.sequential), left=2)
        console.line(" ".join(stopping.explanation(report.sequential)) + "\n")
    if drawn:
        _print_drivers(comparison, drawn)
        _print_contrasts(comparison, drawn)
    console.print_failures(comparison.failures)
    console.line(BANNER)


def _print_arms(report: Report) -> None:
    """Print all outcomes, as many policies next to each other as fit; then a sentence for each.

    A policy that is never in force gets one line only, because all its changes are zero.
    """
    fit = max(1, (console.width() - _LABEL_WIDTH) // _ARM_WIDTH)
    scenario, arms = report.comparison.scenario, report.arms
    never = {i: policies_never_in_force(scenario, arm.specs) for i, arm in enumerate(arms)}
    for i, arm in enumerate(arms):
        if arm.specs and len(never[i]) == len(arm.specs):
            console.line(f"[{i + 1}] {arm.title}: {' '.join(never[i])}")
    active = [i for i, arm in enumerate(arms) if not arm.specs or len(never[i]) < len(arm.specs)]
    if not active:
        return
    for shown in batched(active, fit):
        _print_block(report, shown)
    for i, arm in ((i + 1, arms[i]) for i in active):
        paid = report.world.say(payers_text(arm.dollars)) or "none"
        left = report.world.say(payers_text(arm.dollars_unspent))
        unspent = f" {UNSPENT}, per year: {left}." if left else ""
        console.line(f"[{i}] {arm.title}: {arm.spec_text}; planned per year: {paid}.{unspent}")
    print()
    for i in active:
        console.line(arm_sentence(report, i))
    console.line(f"{MEANINGFUL}\n")


def _print_block(report: Report, shown: Sequence[int]) -> None:
    """Print the changes under the policies at these positions."""
    comparison = report.comparison
    counted = comparison.members > 0 and len(comparison.baseline.runs) > 1
    found, rows = outcome_rows(comparison), []
    for title, keys in outcome_groups(found, human_costs_with_prices=True):
        if title == GROUPS["people"]:
            title += " (others are under Cost)"
        rows += [[], [title]] if rows else [[title]]
        for row in (found[key] for key in keys):
            cells = [_change(row, row.changes[i]) + _sign(row.changes[i], counted) for i in shown]
            level = amount(row.level, row.measure.unit) if math.isfinite(row.level) else MISSING
            rows.append([f"  {row.measure.label}", level, *cells])
    titles = [f"[{i + 1}] {comparison.arms[i].title}" for i in shown]
    heads = [textwrap.fill(title, _ARM_WIDTH - 3) for title in titles]
    title = f"Change from the baseline: {report.interval_text}"
    title += ", and the pairs in which it has this sign" if counted else ""
    if len(comparison.baseline.runs) == 1:
        title = "Change from the baseline, one pair of runs: chance alone may explain it"
    console.table(title, ["per year", "baseline", *heads], rows)


def _sign(change: Difference, counted: bool) -> str:
    """Return in how many pairs a change has the sign of the middle."""
    known = counted and change.pairs and math.isfinite(change.difference)
    return f"\nin {change.same_sign} of {change.pairs}" if known else ""


def _change(row: OutcomeRow, change: Difference) -> str:
    """Return a change in percent of the baseline, or in its unit, above its 90 % range."""
    return "\n".join(filter(None, change_texts(row, change)))


def _print_drivers(comparison: Comparison, drawn: EnsembleSample) -> None:
    """Print the assumed numbers that change an effect most, and those that could turn its sign."""
    rows = []
    for arm in comparison.arms:
        for outcome, drivers in driver_rows(comparison, arm, drawn).items():
            for one in _strongest(drivers):
                cells = (f"{one.low:+.1f} %", f"{one.high:+.1f} %")
                turns = "could turn the sign" if one.turns else ""
                rows.append((arm.id, OUTCOMES[outcome].label, one.name, *cells, turns))
    if rows:
        heads = ("", "", "assumed number", "if low", "if high", "")
        title = "Drivers: median change in the thirds of members with low and high values"
        console.table(title, heads, rows, left=3)
    elif comparison.members >= MIN_MEMBERS:
        console.line("No assumed number changes the effects by more than chance.")


def _print_contrasts(comparison: Comparison, drawn: EnsembleSample) -> None:
    """Print which of two policies reduces entries more, and the numbers that reverse the order."""
    rows = []
    for row in contrast_rows(comparison, drawn):
        lower = f"in {row.lower} of {comparison.members}"
        gaps = [f"{d.name} ({d.low:+.1f} to {d.high:+.1f})" for d in row.drivers if d.turns]
        cells = (OUTCOMES[row.outcome].label, lower, ", ".join(gaps) or "none detected")
        rows.append((row.first, row.second, *cells))
    if rows:
        heads = ("fewer with", "than with", "", "", "reversed by (gap in points if low, if high)")
        console.table("Contrasts of two policies", heads, rows, left=5)


def _strongest(drivers: list[Driver]) -> list[Driver]:
    """Return the drivers that could turn the sign, then the strongest of the others."""
    other = [one for one in drivers if one.significant and not one.turns]
    return [one for one in drivers if one.turns] + other[:_SHOWN]
