"""Factors: the parameters and policy doses that a design may vary.

A *factor* is identified by its path: a setting as listed by ``twoborders parameters``
(``migrants.retry_removed``, ``supply_level``), ``policy.ID`` for a policy's dose,
``effect.ID`` for the effect of a policy whose dose is varied too, or ``dummy``, which has no effect
and shows how large an effect chance alone can produce.
"""

from __future__ import annotations

import dataclasses
import datetime
from collections.abc import Iterable, Mapping
from typing import Any

from abm.policies import Policy, make, registry
from abm.scenario import Scenario, SettingError, parameters
from abm.scenario.policy_specs import LARGEST_EFFECT, PolicySpec, parse_policy
from abm.scenario.tree import Row, paths_of
from agents.param import Param, check, meant, plain

POLICY, EFFECT = "policy.", "effect."
DUMMY = "dummy"
_NAMED = ("start", "supply")  # settings without numbers, for grids and lists
_CALENDAR = (
    datetime.date(2012, 10, 1),
    datetime.date(2013, 10, 1),
)  # arbitrary: a dose does not depend on dates


@dataclasses.dataclass(frozen=True)
class Factor:
    """A varied quantity.

    Attributes:
        path: dotted path.
        kind: float, int, bool or str. Bounds do not apply to the last two.
        low, high: bounds of the values.
        unit: unit of the values.
        declared: the parameter, None for a setting without numbers.
        spec: the policy as the scenario has it, whose numbers set its price, None for other
            factors.
    """

    path: str
    kind: type
    low: float
    high: float
    unit: str
    declared: Param | None = None
    spec: PolicySpec | None = None

    def value(self, value: Any, where: str) -> Any:
        """Check one value.

        Args:
            value: the value. For the dose of a policy also text such as "250M".
            where: the place that an error message names.

        Returns:
            The value in its declared type.

        Raises:
            SettingError: the value is invalid.
        """
        if self.spec is not None and isinstance(value, str):
            value = _dose(self.spec, value, where)
        if self.declared is not None:
            return check(where, self.declared, value)
        if isinstance(value, datetime.date):
            return value.isoformat()
        if not isinstance(value, str):
            raise SettingError(where, f"{plain(value)} is not text", "Write it in quotation marks.")
        return value

    def bounds(self, bounds: Any, where: str) -> tuple[float, float]:
        """Check the bounds ``[low, high]`` of a sample.

        Args:
            bounds: the pair of bounds.
            where: the place that an error message names.

        Returns:
            The bounds.

        Raises:
            SettingError: the bounds or the factor are invalid.
        """
        hint = f"Give [low, high] within {plain(self.low)} and {plain(self.high)} ({self.unit})."
        if self.kind not in (int, float):
            hint = "Give its values in [grid] or [list]."
            raise SettingError(where, "this is not a number that can be sampled", hint)
        if not isinstance(bounds, list | tuple) or len(bounds) != 2:
            raise SettingError(where, f"{plain(bounds)} is not a pair of bounds", hint)
        low, high = (self.value(bound, where) for bound in bounds)
        if low >= high:
            raise SettingError(where, f"{plain(low)} is not below {plain(high)}", hint)
        return low, high

    def between(self, low: float, high: float, share: float) -> float | int:
        """Interpolate between two bounds.

        Args:
            low, high: the bounds.
            share: position, 0 to 1.

        Returns:
            The value. Every integer of an integer factor has an equal part of the range.
        """
        if self.kind is int:
            return int(min(high, low + int(share * (high - low + 1))))
        return min(high, low + share * (high - low))


def factor(scenario: Scenario, path: str, where: str) -> Factor:
    """Create a path's factor.

    Args:
        scenario: the scenario that is varied.
        path: dotted path.
        where: the place that an error message names.

    Returns:
        The factor.

    Raises:
        SettingError: the path cannot be varied. The message names the nearest one.
    """
    if not isinstance(path, str):
        hint = "Name a setting, or the dose of a policy as policy.ID."
        raise SettingError(where, f"{plain(path)} is not the path of a factor", hint)
    if path == DUMMY:
        declared = Param(value=0.0, unit="nothing", low=0.0, high=1.0, doc="Has no effect.")
        return Factor(path, float, 0.0, 1.0, "nothing", declared)
    if path.startswith(POLICY):
        return _policy(scenario, path, where)
    if path.startswith(EFFECT):
        return _effect(path, where)
    if path in _NAMED:
        return Factor(path, str, 0.0, 0.0, "name")
    rows = {row.path: row for row in parameters(scenario)}
    if path not in rows:
        _refuse(scenario, path, where, rows)
    row = rows[path]
    return Factor(path, row.kind, row.low, row.high, row.unit, _declared(row))


def with_inputs(
    scenario: Scenario,
    inputs: Mapping[str, Any],
    effectiveness: Mapping[str, float] | None = None,
) -> Scenario:
    """Create a point's scenario.

    If the scenario has the policy, its dose is replaced and its dates and parameters stay. Any
    other policy is added for the whole run. A policy at dose 0 is left out, which does not change
    the results, so that all points without policies share one scenario.

    Args:
        scenario: the scenario that is varied.
        inputs: values by path.
        effectiveness: effect of the policies whose dose is an input, by policy (1 where missing).
            It multiplies what they do and not their dose or dollars (``PolicySpec.effect``).

    Returns:
        The scenario of the point.

    Raises:
        SettingError: a value is invalid.
    """
    named = (POLICY, EFFECT)
    changes = {p: v for p, v in inputs.items() if p != DUMMY and not p.startswith(named)}
    doses = {p.removeprefix(POLICY): v for p, v in inputs.items() if p.startswith(POLICY)}
    if doses:
        present = {spec.id: spec for spec in scenario.policies if spec.id in doses}
        others = [spec for spec in scenario.policies if spec.id not in doses]
        varied = {p.removeprefix(EFFECT): v for p, v in inputs.items() if p.startswith(EFFECT)}
        effect = {**(effectiveness or {}), **varied}
        used = {name: present.get(name) or PolicySpec(id=name) for name in doses}
        added = [
            dataclasses.replace(
                used[name], dose=dose, dollars=None, effect=effect.get(name, used[name].effect)
            )
            for name, dose in doses.items()
            if dose > 0.0
        ]
        changes["policies"] = (*others, *added)
    return scenario.with_settings(changes)


def full_programme(name: str, where: str) -> Policy:
    """Return a policy at dose 1.

    Args:
        name: policy id.
        where: the place that an error message names.

    Returns:
        The policy.

    Raises:
        SettingError: unknown policy.
    """
    policies = registry()
    if name not in policies:
        hint = f"{meant(name, policies)}List them with: twoborders policies."
        raise SettingError(where, "unknown policy", hint)
    return policies[name].full_programme()


def _policy(scenario: Scenario, path: str, where: str) -> Factor:
    """Return the factor of a policy's dose."""
    name = path.removeprefix(POLICY)
    policy = full_programme(name, where)
    present = [spec for spec in scenario.policies if spec.id == name]
    if len(present) > 1:
        hint = "Keep only one of them in the scenario."
        raise SettingError(where, "the scenario has this policy more than once", hint)
    declared = Param(value=policy.low, unit="dose", low=policy.low, high=policy.high, doc="Dose.")
    spec = present[0] if present else PolicySpec(id=name)
    return Factor(path, float, policy.low, policy.high, "dose", declared, spec)


def _effect(path: str, where: str) -> Factor:
    """Return the factor of a policy's effect."""
    full_programme(path.removeprefix(EFFECT), where)
    high = LARGEST_EFFECT
    declared = Param(value=1.0, unit="ratio", low=0.0, high=high, doc="Effect over the declared.")
    return Factor(path, float, 0.0, high, "ratio", declared)


def yearly_dollars(spec: PolicySpec) -> float:
    """Return the dollars per year of a policy at dose 1, with its numbers."""
    plain_spec = PolicySpec(id=spec.id, dose=1.0, numbers=spec.numbers)
    return make(plain_spec, *_CALENDAR).dollars_at_one


def _dose(spec: PolicySpec, text: str, where: str) -> float:
    """Convert ``250M`` (dollars per year) or ``0.5`` to a dose, at a policy's price."""
    typed = parse_policy(f"{spec.id}:{text}", where)
    return make(dataclasses.replace(typed, numbers=spec.numbers), *_CALENDAR).dose


def _declared(row: Row) -> Param:
    """Return the declaration of one parameter or of one entry of a table."""
    return Param(
        value=row.value,
        unit=row.unit,
        low=row.low,
        high=row.high,
        doc=row.doc,
        choices=row.choices,
    )


def _refuse(scenario: Scenario, path: str, where: str, paths: Iterable[str]) -> None:
    """Raise with the reason why a path cannot be varied, and the nearest path."""
    entries = [name for name in paths if name.startswith(f"{path}.")]
    if entries:
        hint = f"Name one of its entries, for example {entries[0]}."
        raise SettingError(where, "this is a table or a group of numbers", hint)
    if path in paths_of(scenario):
        hint = "Vary the dose of a policy as policy.ID; give other settings in [set]."
        raise SettingError(where, "this setting cannot be varied", hint)
    hint = meant(path, [*paths, *(POLICY + name for name in registry())])
    hint += "Settings: twoborders parameters. Doses: policy.ID, see twoborders policies."
    raise SettingError(where, "unknown setting", hint)
