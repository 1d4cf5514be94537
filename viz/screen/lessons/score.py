"""The score of a prediction: a quadratic score of the stated confidence.

With c the stated chance of being right, a right answer scores 100 c (2 - c) and a wrong one
-100 c^2: 100 for certain and right, -100 for certain and wrong, 0 for no idea. A visitor who is
right with chance p expects most from c = p, and then 100 p^2: the score rewards an honest estimate.
"""

from __future__ import annotations

from dataclasses import dataclass

from experiments.runs.pairs import Difference
from viz.screen.lessons.evidence import direction_of
from viz.screen.lessons.lesson import Fact, direction


@dataclass(frozen=True)
class Prediction:
    """A change in percent (or points), and the confidence, 0 to 100 %."""

    answer: int | None = None
    sure: int = 50


def points(right: bool, sure: float) -> float:
    """Compute the points of a prediction.

    Args:
        right: whether the prediction is right.
        sure: the confidence, 0 to 100 %.

    Returns:
        Points, -100 to 100.
    """
    c = sure / 100.0
    return 100.0 * c * (2.0 - c) if right else -100.0 * c * c


def is_right(fact: Fact, answer: str | float, result: Difference) -> bool:
    """Return whether a prediction is right.

    Args:
        fact: the fact that was predicted.
        answer: the predicted direction or change.
        result: the change over seeds.

    Returns:
        True if the direction is the same ("about the same" for a change that is not meaningful),
        or, for a percentage, if the mean is near enough.
    """
    if isinstance(answer, str):
        return direction_of(result) == answer
    if fact.ask == "direction":
        return direction_of(result) == direction(answer)
    return abs(result.difference - answer) <= fact.near
