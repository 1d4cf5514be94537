"""Drawn numbers: prices, limits and strengths, which every draw takes from a published range.

The parameter of a policy or setting declares its range (``agents.param.param(draw_range=)``). A
declaration that several policies share, such as the cost of an agent, is one number
(``policy_params.one_number``). Separate declarations with equal values are separate numbers. All
arms in a draw have the same value. Numbers that belong to policies do not affect the warm-up, so
runs that differ only in such numbers share a warm-up.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from abm.policies import registry
from abm.scenario import Scenario
from agents.param import Param
from experiments.calibration.priors import PRIORS

_POLICIES = "policies."


@dataclass(frozen=True)
class DrawnNumber:
    """An uncertain number with a range.

    Attributes:
        paths: dotted paths of the settings, or ``policies.ID.NAME``. The first path is the number's
            name.
        declared: the declared parameter, whose ``draw_range`` is the range.
    """

    paths: tuple[str, ...]
    declared: Param

    @property
    def name(self) -> str:
        """Name of the number among a draw's uncertain numbers."""
        return self.paths[0]

    @property
    def of_policies(self) -> bool:
        """Whether the number belongs to policies rather than settings."""
        return all(path.startswith(_POLICIES) for path in self.paths)

    @property
    def bounds(self) -> tuple[float, float]:
        """Lower and upper bound of the range."""
        return self.declared.draw_range or (self.declared.value, self.declared.value)

    def at(self, share: float) -> float:
        """Return the value at a share of the range, on a log scale if the range is above 0."""
        low, high = self.bounds
        value = low * (high / low) ** share if low > 0.0 else low + share * (high - low)
        return float(f"{min(high, max(low, value)):.6g}")


@cache
def drawn_numbers() -> tuple[DrawnNumber, ...]:
    """Return all parameters with a range: settings first, then policy parameters.

    Parameters that the calibrated ensemble varies are left out.
    """
    calibrated = {path for prior in PRIORS.values() for path in prior.paths}
    groups: dict[str, Any] = {name: type(group) for name, group in _groups().items()}
    groups |= {_POLICIES + name: kind for name, kind in registry().items()}
    numbers: dict[int, DrawnNumber] = {}
    for path, kind in groups.items():
        for field in dataclasses.fields(kind):
            name, declared = f"{path}.{field.name}", field.metadata.get("param")
            if declared and declared.draw_range and name not in calibrated:
                before = numbers.get(id(declared), DrawnNumber((), declared)).paths
                numbers[id(declared)] = DrawnNumber((*before, name), declared)
    return tuple(numbers.values())


def _groups() -> dict[str, object]:
    """Return the scenario's setting groups by name."""
    default = Scenario()
    groups = {field.name: getattr(default, field.name) for field in dataclasses.fields(default)}
    return {name: group for name, group in groups.items() if dataclasses.is_dataclass(group)}


def settings_of(values: Mapping[str, float], scenario: Scenario) -> dict[str, float]:
    """Return drawn values as settings by path. A value that the user has set is left out.

    Args:
        values: a draw's uncertain numbers by name. Only numbers with a declared range are used.
        scenario: scenario of the runs.
    """
    paths = _paths(values, is_policy=False)
    declared = {number.name: number.declared.value for number in drawn_numbers()}
    return {
        path: values[name]
        for path, name in paths.items()
        if getattr(getattr(scenario, path.split(".")[0]), path.split(".")[1]) == declared[name]
    }


def policy_numbers(values: Mapping[str, float]) -> dict[str, dict[str, float]]:
    """Return policy parameters at drawn values, by policy and name."""
    numbers: dict[str, dict[str, float]] = {}
    for path, name in _paths(values, is_policy=True).items():
        policy, _, number = path.removeprefix(_POLICIES).rpartition(".")
        numbers.setdefault(policy, {})[number] = values[name]
    return numbers


def _paths(values: Mapping[str, float], *, is_policy: bool) -> dict[str, str]:
    """Return the name for each path, for the drawn numbers in `values`."""
    return {
        path: number.name
        for number in drawn_numbers()
        if number.name in values
        for path in number.paths
        if path.startswith(_POLICIES) == is_policy
    }
