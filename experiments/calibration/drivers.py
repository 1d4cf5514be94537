"""Which uncertain numbers an answer hangs on, and which could turn its sign.

Members of the ensemble differ in every uncertain number at once, so an effect computed over them
can be set against each: its median where a number is low, where it is high, and the rank
correlation between. Nothing more has to be played.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from experiments.compare import Arm

THIRD = 1.0 / 3.0
CRITICAL_Z = 2.58  # standard errors: one in a hundred numbers that do nothing is past it
MIN_MEMBERS = 12  # members below which thirds say nothing


@dataclass(frozen=True, slots=True)
class Driver:
    """An effect against one number.

    ``low`` and ``high``: median effect in the third of members where the number is lowest and
    highest. ``rank``: Spearman's rank correlation. ``seen``: further from zero than chance explains
    in 99 of 100 numbers that do nothing. ``turns``: seen, and the two medians differ in sign.
    """

    name: str
    low: float
    high: float
    rank: float
    seen: bool
    turns: bool


def find_drivers(numbers: Sequence[Mapping[str, float]], effects: Sequence[float]) -> list[Driver]:
    """Every number that differs between members, the strongest first.

    Args:
        numbers: uncertain numbers by member.
        effects: of a policy on an outcome, by member; those that are no number are left out.
    """
    pairs = [(told, e) for told, e in zip(numbers, effects, strict=True) if np.isfinite(e)]
    if len(pairs) < MIN_MEMBERS:
        raise ValueError(f"{len(pairs)} members say too little; take at least {MIN_MEMBERS}")
    effect = np.array([e for _, e in pairs])
    answer = []
    for name in pairs[0][0]:
        values = np.array([told[name] for told, _ in pairs])
        if np.ptp(values) > 0.0:
            answer.append(_driver(name, values, effect))
    return sorted(answer, key=lambda one: -abs(one.rank))


def changes_by_member(base: Arm, arm: Arm, outcome: str, members: int) -> list[float]:
    """Mean paired difference of an outcome by member, in percent of its baseline; NaN for none."""
    answer = []
    for member in range(members):
        keys = [key for key in arm.runs if key[0] == member and key in base.runs]
        before = sum(base.runs[key].outcomes[outcome] for key in keys)
        after = sum(arm.runs[key].outcomes[outcome] for key in keys)
        answer.append(100.0 * (after / before - 1.0) if before > 0.0 else float("nan"))
    return answer


def _driver(name: str, values: np.ndarray, effect: np.ndarray) -> Driver:
    order = np.argsort(values, kind="stable")
    third = max(1, round(THIRD * values.size))
    low, high = (float(np.median(effect[part])) for part in (order[:third], order[-third:]))
    rank = _correlation(_ranks(values), _ranks(effect))
    seen = abs(rank) > CRITICAL_Z / np.sqrt(values.size - 1.0)
    return Driver(name, low, high, rank, seen, seen and low * high < 0.0)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Ranks from 0, ties at their mean."""
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return (ends - (count + 1.0) / 2.0)[where]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0.0 else 0.0
