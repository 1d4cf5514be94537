"""Whether a change is meaningful: one rule for reports, screen, terminal, charts and lessons.

A change is meaningful if it is at least :data:`LEAST` of the baseline and its 90 % range excludes
zero. It is about zero if its whole range is below that margin. The range is Student's t interval of
the mean over pairs, or the range over the parameter sets of an ensemble.
"""

from __future__ import annotations

from enum import Enum

from experiments.runs.pairs import Difference

#: Smallest effect of interest, as a share of the baseline [A].
LEAST = 0.02
#: Pairs needed for a finding: the width of an interval of two values is arbitrary [A].
FEWEST_PAIRS = 3
#: Parameter sets needed for a finding: if the median is zero, the lowest and highest of five values
#: are on one side of it with a chance of 2 / 2^5, below the 10 % of a 90 % range.
FEWEST_MEMBERS = 5


class Finding(Enum):
    """What is known about a change."""

    MORE = "more"
    FEWER = "fewer"
    #: the whole range is within the margin
    SAME = "same"
    #: the range excludes zero, but the middle is within the margin and an end is not
    SMALL = "small"
    #: the range includes zero, and more than the margin
    ZERO = "zero"
    #: too few pairs or parameter sets, or no difference at all
    FEW = "few"


def finding(row: Difference) -> Finding:
    """Apply the rule to a change.

    Args:
        row: the change, with the number of its pairs.

    Returns:
        The finding.
    """
    middle, low, high = relative(row)
    has_zero = row.low90 <= 0.0 <= row.high90
    if not (low <= middle <= high) or not has_enough(row):
        return Finding.FEW
    if abs(middle) >= LEAST and not has_zero:
        return Finding.MORE if middle > 0.0 else Finding.FEWER
    if max(abs(low), abs(high)) < LEAST:
        return Finding.SAME
    return Finding.ZERO if has_zero else Finding.SMALL


def is_meaningful(row: Difference) -> bool:
    """Return whether a change is at least :data:`LEAST` and its 90 % range excludes zero."""
    return finding(row) in (Finding.MORE, Finding.FEWER)


def has_enough(row: Difference) -> bool:
    """Return whether there are enough pairs, or enough parameter sets, for a finding."""
    return row.members >= FEWEST_MEMBERS if row.members else row.pairs >= FEWEST_PAIRS


def relative(row: Difference) -> tuple[float, float, float]:
    """Return a difference relative to the baseline.

    Args:
        row: the difference.

    Returns:
        Middle and 90 % bounds as shares of the baseline, or in units if the baseline is not above
        zero.
    """
    base = row.baseline if row.baseline > 0.0 else 1.0
    return row.difference / base, row.low90 / base, row.high90 / base
