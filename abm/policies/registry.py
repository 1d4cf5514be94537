"""Registry of policies, and the construction of a policy from its specification."""

from __future__ import annotations

import datetime
import importlib
import pkgutil
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING, Any

import abm.policies
from abm.policies.base import Policy
from abm.policies.combined_doses import bound_effects, check_combined_doses
from agents.param import Param, SettingError, listed, meant, params_of

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec


def registry() -> dict[str, type[Policy]]:
    """Return every policy class of the package by id, in alphabetical order."""
    return dict(_found())


@cache
def _found() -> tuple[tuple[str, type[Policy]], ...]:
    """Import every module of the package and collect the policies defined in it."""
    found: dict[str, type[Policy]] = {}
    for module in sorted(pkgutil.iter_modules(abm.policies.__path__), key=lambda m: m.name):
        for policy in _defined_in(f"{abm.policies.__name__}.{module.name}"):
            if policy.id in found:
                raise TypeError(f"two policies are named {policy.id!r}")
            found[policy.id] = policy
    return tuple(sorted(found.items()))


def _defined_in(module: str) -> list[type[Policy]]:
    """Return the policy classes with an id that a module defines."""
    own = vars(importlib.import_module(module)).values()
    return [
        item
        for item in own
        if isinstance(item, type)
        and issubclass(item, Policy)
        and item.__module__ == module
        and hasattr(item, "id")
    ]


def make(spec: PolicySpec, start: datetime.date, end: datetime.date) -> Policy:
    """Create a policy from its specification.

    Args:
        spec: id, dose or dollars, dates and parameters of the policy.
        start, end: default dates; `end` is exclusive. A period outside the run is allowed.

    Returns:
        The policy.

    Raises:
        SettingError: the id or a parameter is unknown, a parameter or the dose is outside its
            bounds, dollars are given for a policy without cost, or the end contradicts a parameter.
    """
    policy = _class_of(spec.id)
    numbers = _numbers(policy, spec)
    first = (spec.start or start).toordinal()
    last = max(first, (spec.end or end).toordinal())
    dose = _dose(policy, spec, numbers)
    made = policy(dose=dose, start=first, end=last, effect=spec.effect, **numbers)
    if spec.end is not None and first < last:
        made.check_end()
    return made


def policies_of(scenario: Scenario, specs: Iterable[PolicySpec]) -> list[Policy]:
    """Create policies with the dates of a scenario.

    Args:
        scenario: gives the period of policies that have no dates.
        specs: the policies, their doses and their parameters.

    Returns:
        The policies, in the order of `specs`.

    Raises:
        SettingError: an id, a parameter or a dose is invalid, or doses of one policy that are in
            force on the same day sum to more than its largest dose.
    """
    end = scenario.start + datetime.timedelta(days=scenario.days)
    made = [make(spec, scenario.start, end) for spec in specs]
    check_combined_doses(made)
    return bound_effects(made)


def _class_of(name: str) -> type[Policy]:
    """Return a policy class; raise SettingError with the nearest id and all ids."""
    known = registry()
    if name not in known:
        hint = f"{meant(name, known)}Known policies: {listed(list(known))}."
        raise SettingError(f"policies.{name}", "unknown policy", hint)
    return known[name]


def _numbers(policy: type[Policy], spec: PolicySpec) -> dict[str, Any]:
    """Return the parameters that a specification sets, in the declared types."""
    declared, given = params_of(policy), spec.own_numbers()
    for name in given:
        if name not in declared:
            known = (
                f"Parameters of {spec.id}: {', '.join(declared)}."
                if declared
                else "It has no parameters."
            )
            hint = meant(name, declared) + known
            raise SettingError(f"policies.{spec.id}.{name}", "unknown policy parameter", hint)
    return {name: _typed(declared[name], value) for name, value in given.items()}


def _typed(declared: Param, value: Any) -> Any:
    """Convert a number to int where the policy declares an int."""
    if isinstance(value, dict):
        return {label: _typed(declared, entry) for label, entry in value.items()}
    if isinstance(value, list):
        return tuple(_typed(declared, entry) for entry in value)
    whole = declared.kind is int and isinstance(value, float) and value.is_integer()
    return int(value) if whole else value


def _dose(policy: type[Policy], spec: PolicySpec, numbers: dict[str, Any]) -> float:
    """Convert dollars to a dose; an amount equal to a bound gives exactly that bound."""
    if spec.dollars is None:
        return 1.0 if spec.dose is None else spec.dose
    yearly = policy(dose=1.0, start=1, end=2, **numbers).dollars_at_one
    if yearly <= 0.0:
        hint = "Give a dose instead, or omit the amount."
        raise SettingError(f"policies.{spec.id}.dollars", "the policy has no cost", hint)
    dose = spec.dollars / yearly
    return policy.high if abs(dose - policy.high) < 1e-9 * policy.high else dose
