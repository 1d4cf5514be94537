"""Drivers: uncertain parameters that an effect depends on, and those that could change its sign.

Members of the ensemble differ in all uncertain parameters at once. An effect that is computed per
member is compared with each parameter: its median where the parameter is low and where it is high,
and the rank correlation. This needs no further runs.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from experiments.comparison.compare import Arm

THIRD = 1.0 / 3.0
CRITICAL_Z = 2.58  # standard errors; 1 in 100 unrelated parameters exceeds it
MIN_MEMBERS = 12  # smallest number of members for medians of thirds


@dataclass(frozen=True, slots=True)
class Driver:
    """An effect as a function of one parameter.

    Attributes:
        name: name of the parameter.
        low, high: median effect in the third of members with the lowest and highest values.
        rank: Spearman's rank correlation.
        seen: whether the correlation is significant (1 in 100 unrelated parameters exceeds it).
        turns: whether it is significant and the two medians differ in sign.
    """

    name: str
    low: float
    high: float
    rank: float
    seen: bool
    turns: bool


def find_drivers(numbers: Sequence[Mapping[str, float]], effects: Sequence[float]) -> list[Driver]:
    """Compare an effect with every parameter that differs between members.

    Args:
        numbers: uncertain parameters by member.
        effects: effect of a policy on an outcome, by member; NaN is left out.

    Returns:
        Drivers by decreasing absolute rank correlation.

    Raises:
        ValueError: if fewer than ``MIN_MEMBERS`` effects are finite.
    """
    pairs = [(own, e) for own, e in zip(numbers, effects, strict=True) if np.isfinite(e)]
    if len(pairs) < MIN_MEMBERS:
        raise ValueError(f"too few members: {len(pairs)}; expected at least {MIN_MEMBERS}")
    effect = np.array([e for _, e in pairs])
    drivers = []
    for name in pairs[0][0]:
        values = np.array([own[name] for own, _ in pairs])
        if np.ptp(values) > 0.0:
            drivers.append(_driver(name, values, effect))
    return sorted(drivers, key=lambda driver: -abs(driver.rank))


def changes_by_member(base: Arm, arm: Arm, outcome: str, members: int) -> list[float]:
    """Compute the mean paired change of an outcome by member.

    Args:
        base: the baseline arm.
        arm: the arm of a policy.
        outcome: name of the outcome.
        members: number of members.

    Returns:
        Changes in percent of the baseline; NaN for a member without runs in both arms.
    """
    changes = []
    for member in range(members):
        keys = [key for key in arm.runs if key[0] == member and key in base.runs]
        before = sum(base.runs[key].outcomes[outcome] for key in keys)
        after = sum(arm.runs[key].outcomes[outcome] for key in keys)
        changes.append(100.0 * (after / before - 1.0) if before > 0.0 else float("nan"))
    return changes


def _driver(name: str, values: np.ndarray, effect: np.ndarray) -> Driver:
    """Compare an effect with one parameter."""
    order = np.argsort(values, kind="stable")
    third = max(1, round(THIRD * values.size))
    low, high = (float(np.median(effect[part])) for part in (order[:third], order[-third:]))
    rank = _correlation(_ranks(values), _ranks(effect))
    seen = abs(rank) > CRITICAL_Z / np.sqrt(values.size - 1.0)
    return Driver(name, low, high, rank, seen, seen and low * high < 0.0)


def _ranks(values: np.ndarray) -> np.ndarray:
    """Return ranks from 0, with ties at their mean."""
    _, where, count = np.unique(values, return_inverse=True, return_counts=True)
    ends = np.cumsum(count)
    return (ends - (count + 1.0) / 2.0)[where]


def _correlation(a: np.ndarray, b: np.ndarray) -> float:
    """Return Pearson's correlation; 0 if one of the variables is constant."""
    spread = float(a.std() * b.std())
    return float(((a - a.mean()) * (b - b.mean())).mean() / spread) if spread > 0.0 else 0.0
