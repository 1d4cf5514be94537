"""Sentences of the summary, computed from the numbers of the comparison only."""

from __future__ import annotations

import math

from abm.measures.outcome_definitions import Measure
from experiments.pairs import Difference
from experiments.rows.comparison import ENTRIES, OutcomeRow, percent_change, spent
from viz.documents.comparison.report import Report
from viz.documents.labels import joined, lower_first
from viz.figures import numbers
from viz.figures.numbers import NBSP, is_clear


def arm_sentence(report: Report, arm: int) -> str:
    """Describe the changes under a policy and its cost.

    Args:
        report: the report.
        arm: position of the arm, from 0.

    Returns:
        One sentence with cost, primary outcomes, human costs, and the trade-off if there is one.
    """
    total, title = spent(report.arms[arm]), report.titles[arm]
    money = f"{numbers.dollars(total)} per year" if total > 0 else "no public money"
    lead = "With the same " if _same_budget(report) and total > 0 else "With "
    changes = [
        _change(report.rows[k].changes[arm], report.rows[k].measure) for k in _reported(report)
    ]
    if not changes:
        return f"{lead}{money}, {title} has no outcome to report."
    clause = trade_off(report, arm)
    return f"{lead}{money}, {title} changed {joined(changes)}{'; ' + clause if clause else ''}."


def trade_off(report: Report, arm: int) -> str:
    """Describe the trade-off of a policy under which entries fall and human costs rise.

    Args:
        report: the report.
        arm: position of the arm, from 0.

    Returns:
        A clause; empty if no entry outcome falls or no human cost rises.
    """
    changes = report.arms[arm].outcomes
    gains = [k for k in ENTRIES if k in changes and changes[k].difference < 0]
    costs = [
        row.key
        for row in _human_costs(report)
        if changes[row.key].difference * (row.measure.good or -1) < 0
    ]
    if not gains or not costs:
        return ""
    less = joined([_moved(report, arm, key) for key in gains])
    more = joined([_moved(report, arm, key) + _doubt(report, arm, key) for key in costs])
    if report.replicates <= 1:
        lead = "in this one run it is a trade-off"
    elif all(any(is_clear(changes[k].interval) for k in keys) for keys in (gains, costs)):
        lead = "this is a trade-off"
    else:
        cause = "parameter uncertainty and chance" if report.drawn else "chance"
        lead = f"this may be a trade-off, within the range of {cause}"
    return f"{lead}: {less}, but {more}"


def baseline_sentence(report: Report) -> str:
    """Return the levels of the baseline, to which the percentages refer."""
    levels = []
    for key in _reported(report):
        row = report.rows[key]
        if math.isfinite(row.level) and not numbers.is_ratio(row.measure.unit):
            label = lower_first(row.measure.label).removeprefix("all ")
            levels.append(f"{numbers.amount(row.level, row.measure.unit)} {label}")
    if not levels:
        return ""
    counts = f"the model counts {joined(levels)} per year."
    return f"Under the baseline ({report.baseline.title}) {counts}"


def _same_budget(report: Report) -> bool:
    """Return whether all policies cost the same, within one percent."""
    totals = [spent(arm) for arm in report.arms]
    return len(totals) > 1 and min(totals) > 0 and max(totals) - min(totals) <= 0.01 * max(totals)


def _human_costs(report: Report) -> list[OutcomeRow]:
    """Return the human costs in the order of the tables."""
    return [row for _, rows in report.groups for row in rows if row.measure.human]


def _reported(report: Report) -> list[str]:
    """Return the outcomes of a sentence: both kinds of entries, then every human cost."""
    keys = (*ENTRIES, *(row.key for row in _human_costs(report)))
    return [key for key in keys if key in report.rows]


def _change(change: Difference, measure: Measure) -> str:
    """Return a change with its range, such as "got-aways by −12 % (90 %: −14 to −9)"."""
    label, share = lower_first(measure.label), percent_change(change)
    if not math.isfinite(change.difference):
        return f"{label} by an amount that is {numbers.UNDEFINED}"
    if share is None:
        shown, low, high = (
            numbers.signed_amount(v, measure.unit)
            for v in (change.difference, change.low90, change.high90)
        )
        shown = shown if numbers.is_money(measure.unit) else f"{shown} {measure.unit}"
    else:
        ends = (abs(share.low90) / 10, abs(share.high90) / 10)
        places = numbers.decimals(max(abs(share.median), *ends))  # the median may be 0
        shown = numbers.percent(share.median)
        low, high = numbers.signed(share.low90, places), numbers.signed(share.high90, places)
    return f"{label} by {shown}{_range(change, low, high)}"


def _range(change: Difference, low: str, high: str) -> str:
    """Return the 90 % range in brackets; empty for a single run."""
    if numbers.is_single(change.interval):
        return ""
    doubt = "" if is_clear(change.interval) else ", no clear change"
    return f" (90{NBSP}%: {low} to {high}{doubt})"


def _moved(report: Report, arm: int, key: str) -> str:
    """Return a direction and a label, such as "more deaths"."""
    measure = report.rows[key].measure
    less, more = numbers.directions(measure.unit)
    word = more if report.rows[key].changes[arm].difference > 0 else less
    return f"{word} {lower_first(measure.label).removeprefix('all ')}"


def _doubt(report: Report, arm: int, key: str) -> str:
    """Mark a change that chance alone can explain."""
    unclear = report.replicates > 1 and not is_clear(report.rows[key].changes[arm].interval)
    return " (no clear change)" if unclear else ""
