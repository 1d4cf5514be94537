"""What the answers of a comparison hang on: members of the ensemble against assumed numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import combinations, product

from abm.measures import OUTCOMES
from experiments.calibration.drivers import FEWEST, Driver, by_member, find_drivers
from experiments.calibration.members import Drawn
from experiments.compare import Arm, Comparison
from viz.cli import console

ENTRIES, SHOWN = ("got_aways", "unlawful_entries"), 3


@dataclass(frozen=True)
class Contrast:
    """Two arms: members in which the first has less of an outcome, and what the gap hangs on.

    The gap is in points of percent of the baseline, first less second.
    """

    first: str
    second: str
    outcome: str
    lower: int
    find_drivers: list[Driver]


def hanging(comparison: Comparison, arm: Arm, drawn: Drawn) -> dict[str, list[Driver]]:
    """Both kinds of entries against every uncertain number; nothing where members are too few."""
    answer = {}
    for outcome in ENTRIES:
        changes = by_member(comparison.baseline, arm, outcome, comparison.members)
        if sum(map(math.isfinite, changes)) >= FEWEST:
            answer[outcome] = find_drivers(drawn.numbers, changes)
    return answer


def contrasts(comparison: Comparison, drawn: Drawn) -> list[Contrast]:
    """Every two arms against each other: which is lower in how many members, and what turns it."""
    answer = []
    for (first, second), outcome in product(combinations(comparison.arms, 2), ENTRIES):
        one, other = (
            by_member(comparison.baseline, arm, outcome, comparison.members)
            for arm in (first, second)
        )
        gap = [a - b for a, b in zip(one, other, strict=True)]
        if sum(map(math.isfinite, gap)) >= FEWEST:
            lower = sum(value < 0.0 for value in gap)
            found = find_drivers(drawn.numbers, gap)
            answer.append(Contrast(first.id, second.id, outcome, lower, found))
    return answer


def tell_contrasts(comparison: Comparison, drawn: Drawn) -> None:
    """Which of two policies cuts entries more, and the assumptions that turn it round."""
    rows = []
    for one in contrasts(comparison, drawn):
        told = [f"{h.name} ({h.low:+.1f} to {h.high:+.1f})" for h in one.find_drivers if h.turns]
        rows.append(
            (
                one.first,
                one.second,
                OUTCOMES[one.outcome].label,
                f"in {one.lower} of {comparison.members}",
                ", ".join(told) or "none seen",
            )
        )
    if rows:
        heads = ("fewer under", "than under", "", "", "turned by (gap in points where low, high)")
        console.table("Two policies against each other", heads, rows, left=5)


def tell_hanging(comparison: Comparison, drawn: Drawn) -> None:
    """The assumptions that an answer hangs on most, and those that could turn its sign."""
    rows = []
    for arm in comparison.arms:
        for outcome, found in hanging(comparison, arm, drawn).items():
            turning = [one for one in found if one.turns]
            strong = [one for one in found if one.seen and not one.turns][:SHOWN]
            for one in [*turning, *strong]:
                rows.append(
                    (
                        arm.id,
                        OUTCOMES[outcome].label,
                        one.name,
                        f"{one.low:+.1f} %",
                        f"{one.high:+.1f} %",
                        "could turn the sign" if one.turns else "",
                    )
                )
    if rows:
        heads = ("", "", "assumed number", "where low", "where high", "")
        console.table(
            "What the answers hang on: median change in the thirds of members", heads, rows, left=3
        )
    elif comparison.members >= FEWEST:
        console.line("No assumed number is seen to move the answers more than chance would.")
