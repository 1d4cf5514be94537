"""What a prediction is worth: a quadratic score on how sure somebody said to be.

With c the stated chance of being right, a right answer is worth 100 c (2 - c) and a wrong one
-100 c^2: 100 for sure and right, -100 for sure and wrong, 0 for no idea. Whoever is right with
chance p expects most by saying c = p, and then 100 p^2: so it pays to think, and to be honest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from viz.screen.lessons.lesson import Fact


@dataclass(frozen=True)
class Prediction:
    """A prediction: a direction or a percentage, and how sure, 0 to 100 %."""

    answer: str | int | None = None
    sure: int = 50


def points(is_right: bool, sure: float) -> float:
    """Points, -100 to 100, of a prediction that somebody was ``sure`` of, 0 to 100 %."""
    c = sure / 100.0
    return 100.0 * c * (2.0 - c) if is_right else -100.0 * c * c


def right(fact: Fact, answer: str | int, came: float) -> bool:
    """Whether a prediction came true; ``came`` is the median over seeds, percent or points."""
    if isinstance(answer, str):
        return fact.direction(came) == answer
    return abs(came - answer) <= fact.near
