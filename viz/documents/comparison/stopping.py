"""The stopping rule of a sequential comparison, and the intervals of the mean changes."""

from __future__ import annotations

import math

from abm.measures import OUTCOMES
from experiments.comparison.sequential import SequentialComparison
from experiments.rows.comparison import arm_titles
from experiments.runs.intervals import Interval
from viz.documents.html_table import Cell, Table
from viz.documents.labels import joined
from viz.figures import numbers
from viz.figures.numbers import NBSP, plain, signed

_MEAN = "This is an interval of the mean (Student t), which narrows as pairs are added."
_MEMBERS = (
    "The interval is computed over members, with one value per member: seeds of one member share "
    "its parameters, so more seeds cannot replace more members. The ranges elsewhere describe the "
    "members and do not narrow."
)
_CAUTION = (
    "Repeated reviews stop slightly too often when the sample spread happens to be small, so these "
    f"intervals are slightly narrow: of the intervals of 90{NBSP}%, about 87 to 90 in a hundred "
    "contain the mean."
)
_REASONS = {
    "max_pairs": "this width was not reached with the {max_pairs} pairs allowed",
    "members": "more seeds cannot reach this width, because members differ by more: it takes more "
    "members",
    "undefined": "a percentage is undefined, because the baseline has none of it",
    "failed": "the interval is unknown, because runs failed",
}


def rule_sentence(sequential: SequentialComparison) -> str:
    """State the stopping rule, and whether it was met with how many pairs."""
    rule, last = sequential.rule, sequential.last
    names = joined([f'"{OUTCOMES[key].label}"' for key in rule.outcomes])
    goal = (
        f"until the 90{NBSP}% interval of the mean change of {names} was at most "
        f"{plain(rule.width)}{NBSP}% of the baseline wide under every policy"
    )
    if sequential.reached:
        return f"Pairs were added {goal}; that took {last.pairs} pairs."
    reason = _REASONS[sequential.stopped].format(max_pairs=rule.max_pairs)
    width = last.widest.width
    widest = f"; the widest is {plain(width)}{NBSP}%" if math.isfinite(width) else ""
    return f"Pairs were to be added {goal}; {reason}{widest} ({last.pairs} pairs were simulated)."


def explanation(sequential: SequentialComparison) -> list[str]:
    """Return the sentences that explain the rule and the intervals of the mean."""
    over_members = [_MEMBERS] if sequential.comparison.members else []
    return [rule_sentence(sequential), _MEAN, *over_members, _CAUTION]


def means_table(sequential: SequentialComparison) -> Table:
    """Return the mean changes, in percent of the baseline, with their 90 % intervals."""
    comparison = sequential.comparison
    specs = [arm.spec_text for arm in comparison.arms]
    titles = dict(zip(specs, arm_titles(comparison)[1:], strict=True))
    rows = []
    for change in sequential.last.changes:
        mean, low, high = mean_texts(change.percent)
        label = OUTCOMES[change.outcome].label
        interval = Cell(f"{low} to {high}")
        rows.append((Cell(titles[change.arm]), Cell(label), Cell(mean, tag="b"), interval))
    heads = ("Policy", "Outcome", "Mean change", f"90{NBSP}% interval of the mean")
    return Table("Precision of the mean changes, in percent of the baseline", heads, rows)


def mean_texts(percent: Interval) -> tuple[str, str, str]:
    """Format a mean change and the bounds of its interval.

    Args:
        percent: in percent of the baseline; infinite bounds are unknown.

    Returns:
        The three texts, with as many decimals as the width of the interval supports.
    """
    width = percent.high90 - percent.low90
    if not math.isfinite(width):
        return numbers.percent(percent.median), "not known", "not known"
    places = 2 if width <= 0.0 else max(0, min(4, 1 - math.floor(math.log10(width))))
    mean, low, high = (
        signed(value, places) for value in (percent.median, percent.low90, percent.high90)
    )
    return mean + NBSP + "%", low, high
