"""Sentences of the answer, computed from the numbers of the comparison only.

A change is meaningful by the rule of ``experiments.runs.significance``: at least 2 % of the
baseline, with a 90 % range that excludes zero. Other changes have no figure, but the sentence says
why. One pair of runs has no range: its sentence describes the changes of at least 2 % in this run.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable

from abm.measures import ENTRIES, OUTCOMES
from experiments.rows.comparison import OutcomeRow, percent_change
from experiments.runs import significance as meaning
from experiments.runs.pairs import Difference
from experiments.runs.significance import LEAST, Finding, finding, relative
from viz.documents.comparison.report import Report
from viz.documents.labels import joined, lower_first
from viz.figures import numbers

#: Most figures in the sentence of a policy [A].
MOST_FIGURES = 3
NO_CHANGE = "no meaningful change"
RULE = (
    f"{NO_CHANGE}, that is a change below {100 * LEAST:g}{numbers.NBSP}%, or one whose "
    f"90{numbers.NBSP}% range includes zero."
)
MEANINGFUL = (
    f"A change is meaningful if it is at least {100 * LEAST:g}{numbers.NBSP}% of the baseline and "
    "its range excludes zero."
)
BELOW, WITH_ZERO = f"below {100 * LEAST:g}{numbers.NBSP}%", "the range includes zero"
#: Why a change is not meaningful.
_REASONS = {
    Finding.SAME: BELOW,
    Finding.SMALL: BELOW,
    Finding.ZERO: WITH_ZERO,
    Finding.FEW: "too few runs",
}
_NOUNS = {"returned_unscreened": "returns without a hearing"}


def arm_sentence(report: Report, arm: int) -> str:
    """State the effect of a policy.

    Args:
        report: the report.
        arm: position of the arm, from 0.

    Returns:
        One sentence with at most `MOST_FIGURES` figures.
    """
    lead = "In this one run, with" if report.replicates <= 1 else "With"
    return f"{lead} {report.titles[arm]}, {answer(report, arm)}."


def answer(report: Report, arm: int) -> str:
    """Return the effect of a policy as a clause; four words if there is none.

    Args:
        report, arm: as in `arm_sentence`.

    Returns:
        The meaningful changes of entries and human costs, or the largest change of another
        outcome.
    """
    moved = [row for row in _judged(report) if _is_moved(report, row, arm)]
    if not moved:
        return _elsewhere(report, arm)
    shown = _most_important(moved, arm)
    gains = [_phrase(row, arm) for row in shown if not _is_harm(row, arm)]
    harms = [_phrase(row, arm) for row in shown if _is_harm(row, arm)]
    verb = "there is" if numbers.is_ratio(_first(shown, arm).measure.unit) else "there are"
    text = f"{verb} {', but '.join(joined(part) for part in (gains, harms) if part)}"
    if any(row.measure.human and _is_harm(row, arm) for row in moved if row not in shown):
        text += ", and other human costs rise too"
    if is_trade_off(report, arm):
        return f"{text}: a trade-off"
    missing = _unmoved(report, moved, arm)
    return f"{text}, and {missing}" if missing else text


def is_meaningful(row: OutcomeRow, arm: int) -> bool:
    """Return whether the change of an outcome under an arm is meaningful; prices have none."""
    return not row.is_price and meaning.is_meaningful(row.changes[arm])


def why_not(changes: Iterable[Difference]) -> str:
    """Return why changes that are not meaningful are not; empty for a single pair of runs."""
    known = (one for one in changes if one.pairs > 1 and math.isfinite(one.difference))
    found = {_REASONS.get(finding(one)) for one in known}
    return " or ".join(text for text in dict.fromkeys(_REASONS.values()) if text in found)


def _is_moved(report: Report, row: OutcomeRow, arm: int) -> bool:
    """Return whether a sentence may name a change: a meaningful one, or a large one in one run."""
    if report.replicates > 1:
        return is_meaningful(row, arm)
    return not row.is_price and abs(relative(row.changes[arm])[0]) >= LEAST


def is_trade_off(report: Report, arm: int) -> bool:
    """Return whether entries fall and a human cost rises, both meaningfully; not for one run."""
    moved = [row for row in _judged(report) if is_meaningful(row, arm)]
    fall = any(row.key in ENTRIES and not _is_harm(row, arm) for row in moved)
    rise = any(row.measure.human and _is_harm(row, arm) for row in moved)
    return report.replicates > 1 and fall and rise


def _judged(report: Report) -> list[OutcomeRow]:
    """Return both kinds of entries, then every human cost in the order of the tables."""
    entries = [report.rows[key] for key in ENTRIES if key in report.rows]
    return entries + [row for _, rows in report.groups for row in rows if row.measure.human]


def _elsewhere(report: Report, arm: int) -> str:
    """Return the clause of a policy that changes neither entries nor human costs."""
    rows = [row for row in report.rows.values() if row.measure.group != "cost"]
    if not any(map(_has_changed, (row.changes[arm] for row in rows))):
        return "nothing changes at all"
    moved = sorted((row for row in rows if _is_moved(report, row, arm)), key=_size(arm))
    if not moved:
        return "no outcome changes meaningfully" + _in_brackets(rows, arm)
    label = lower_first(moved[0].measure.label)
    reason = _in_brackets(_judged(report), arm)
    head = f"there is {NO_CHANGE} in entries or human costs{reason}"
    return f"{head}; the largest other change is {_figure(moved[0], arm)} ({label})"


def _has_changed(change: Difference) -> bool:
    """Return whether an outcome differs from the baseline in any pair of runs."""
    bounds = (change.difference, change.low90, change.high90)
    return any(value != 0.0 for value in bounds if math.isfinite(value))


def _most_important(moved: list[OutcomeRow], arm: int) -> list[OutcomeRow]:
    """Select one entry per direction, the largest human costs per direction, then the largest.

    A human cost that rises comes before one that falls.
    """
    first: list[OutcomeRow] = []
    human = sorted((row for row in moved if row.measure.human), key=_size(arm))
    for rows in ([row for row in moved if row.key in ENTRIES], human):
        for harm in (True, False):
            first += [row for row in rows if _is_harm(row, arm) is harm][:1]
    chosen = [*first, *(row for row in human if row not in first)][:MOST_FIGURES]
    return [row for row in moved if row in chosen]


def _size(arm: int) -> Callable[[OutcomeRow], float]:
    """Return a key that sorts outcomes by the size of their change, largest first."""

    def negative_size(row: OutcomeRow) -> float:
        share = percent_change(row.changes[arm])
        return -abs(share.median) if share else -100.0

    return negative_size


def _first(shown: list[OutcomeRow], arm: int) -> OutcomeRow:
    """Return the outcome that the sentence names first."""
    return next((row for row in shown if not _is_harm(row, arm)), shown[0])


def _is_harm(row: OutcomeRow, arm: int) -> bool:
    """Return whether an outcome moves against its desired direction."""
    return row.changes[arm].difference * (row.measure.good or -1) < 0


def _phrase(row: OutcomeRow, arm: int) -> str:
    """Return a change in words, such as "12 % fewer kidnappings"."""
    word = numbers.directions(row.measure.unit)[row.changes[arm].difference > 0]
    size = _figure(row, arm).lstrip(f"+{numbers.MINUS}")
    lead = "a " if numbers.is_ratio(row.measure.unit) else ""
    return f"{lead}{size} {word} {_noun(row)}"


def _figure(row: OutcomeRow, arm: int) -> str:
    """Return a change in percent of the baseline, or in its unit if the baseline is zero."""
    change = row.changes[arm]
    share = percent_change(change)
    if share:
        return numbers.ranged_percent(share).median
    return numbers.ranged(change.interval, row.measure.unit).median


def _noun(row: OutcomeRow) -> str:
    """Return the label of an outcome for the middle of a sentence, without brackets."""
    if row.key in _NOUNS and row.measure.label == OUTCOMES[row.key].label:
        return _NOUNS[row.key]
    return lower_first(row.measure.label.partition(" (")[0]).removeprefix("all ")


def _unmoved(report: Report, moved: list[OutcomeRow], arm: int) -> str:
    """Say which of entries and human costs the policy does not change, and why; empty if both."""
    human = {row.measure.human for row in moved}
    for is_human, name in ((False, "entries"), (True, "human costs")):
        rows = [row for row in _judged(report) if row.measure.human is is_human]
        if rows and is_human not in human:
            return f"{NO_CHANGE} in {name}{_in_brackets(rows, arm)}"
    return ""


def _in_brackets(rows: Iterable[OutcomeRow], arm: int) -> str:
    """Return in brackets why no change of these outcomes is meaningful."""
    reason = why_not(row.changes[arm] for row in rows)
    return f" ({reason})" if reason else ""
