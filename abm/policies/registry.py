"""Policy registry, construction from a specification, and a day's combined doses."""

from __future__ import annotations

import dataclasses
import datetime
import importlib
import math
import pkgutil
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from abm.policies.base import Policy
from agents.param import Param, SettingError, listed, meant, params_of, plain

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec

_MAX_LISTED = 3  # doses that a message lists
_ROUNDING = 1e-9  # relative; ten doses of 0.1 are allowed where the maximum is 1


def registry() -> dict[str, type[Policy]]:
    """Return every policy class of the package by id, in alphabetical order."""
    return dict(_policy_classes())


@cache
def _policy_classes() -> tuple[tuple[str, type[Policy]], ...]:
    """Import every module of the package and collect the policies defined in it."""
    classes: dict[str, type[Policy]] = {}
    folder = str(Path(__file__).parent)
    for module in sorted(pkgutil.iter_modules([folder]), key=lambda m: m.name):
        name = f"{__package__}.{module.name}"
        for item in vars(importlib.import_module(name)).values():
            is_policy = isinstance(item, type) and issubclass(item, Policy) and hasattr(item, "id")
            if is_policy and item.__module__ == name:
                if item.id in classes:
                    raise TypeError(f"two policies are named {item.id!r}")
                classes[item.id] = item
    return tuple(sorted(classes.items()))


def make(spec: PolicySpec, start: datetime.date, end: datetime.date) -> Policy:
    """Create a policy from its specification.

    Args:
        spec: id, dose or dollars, dates and parameters of the policy.
        start, end: default dates, `end` exclusive. A period outside the run is allowed.

    Returns:
        The policy.

    Raises:
        SettingError: the id or a parameter is unknown, a parameter or the dose is outside its
            bounds, dollars are given for a policy without cost, or the end contradicts a parameter.
    """
    kind = _class_of(spec.id)
    numbers = _numbers(kind, spec)
    first = (spec.start or start).toordinal()
    last = max(first, (spec.end or end).toordinal())
    dose = _dose(kind, spec, numbers)
    policy = kind(dose=dose, start=first, end=last, effect=spec.effect, **numbers)
    if spec.end is not None and first < last:
        policy.check_end()
    return policy


def policies_of(scenario: Scenario, specs: Iterable[PolicySpec]) -> tuple[Policy, ...]:
    """Create policies with a scenario's dates. Equal specifications are checked only once.

    Args:
        scenario: gives the period of policies that have no dates.
        specs: the policies, their doses and their parameters.

    Returns:
        The policies, in the order of `specs`.

    Raises:
        SettingError: an id, a parameter or a dose is invalid, or doses of one policy that are in
            force on the same day sum to more than its largest dose.
    """
    return _policies(scenario.start, scenario.days, tuple(specs))


@lru_cache(maxsize=256)
def _policies(start: datetime.date, days: int, specs: tuple[PolicySpec, ...]) -> tuple[Policy, ...]:
    """Create policies, which are immutable, so that all users of a run can share them."""
    end = start + datetime.timedelta(days=days)
    policies = [make(spec, start, end) for spec in specs]
    check_combined_doses(policies)
    return tuple(bound_effects(policies))


def _class_of(name: str) -> type[Policy]:
    """Return a policy class, or raise SettingError with the nearest id and all ids."""
    classes = registry()
    if name not in classes:
        hint = f"{meant(name, classes)}Known policies: {listed(list(classes))}."
        raise SettingError(f"policies.{name}", "unknown policy", hint)
    return classes[name]


def _numbers(policy: type[Policy], spec: PolicySpec) -> dict[str, Any]:
    """Return the parameters that a specification sets, in the declared types."""
    declared, given = params_of(policy), spec.own_numbers()
    for name in given:
        if name not in declared:
            names = f"Parameters of {spec.id}: {', '.join(declared)}."
            hint = meant(name, declared) + (names if declared else "It has no parameters.")
            raise SettingError(f"policies.{spec.id}.{name}", "unknown policy parameter", hint)
    return {name: _typed(declared[name], value) for name, value in given.items()}


def _typed(declared: Param, value: Any) -> Any:
    """Convert a number to int where the policy declares an int."""
    if isinstance(value, dict):
        return {label: _typed(declared, entry) for label, entry in value.items()}
    if isinstance(value, list):
        return tuple(_typed(declared, entry) for entry in value)
    is_whole = declared.kind is int and isinstance(value, float) and value.is_integer()
    return int(value) if is_whole else value


def _dose(policy: type[Policy], spec: PolicySpec, numbers: dict[str, Any]) -> float:
    """Convert dollars to a dose. An amount equal to a bound gives exactly that bound."""
    if spec.dollars is None:
        return 1.0 if spec.dose is None else spec.dose
    yearly = policy(dose=1.0, start=1, end=2, **numbers).dollars_at_one
    if yearly <= 0.0:
        hint = "Give a dose instead, or omit the amount."
        raise SettingError(f"policies.{spec.id}.dollars", "the policy has no cost", hint)
    dose = spec.dollars / yearly
    return policy.high if abs(dose - policy.high) < 1e-9 * policy.high else dose


# ---- doses that are in force together ------------------------------------------------------------


def check_combined_doses(policies: Iterable[Policy]) -> None:
    """Raise SettingError if the doses of one instrument sum to more than its maximum on a day.

    Doses of uses whose dates do not overlap are not added.
    """
    for same in _uses(policies).values():
        for first in sorted({use.start for use in same}):  # a sum rises only where a use starts
            _check_day(first, same)


def bound_effects(policies: Sequence[Policy]) -> list[Policy]:
    """Lower effects so that the uses of one instrument deliver at most its largest dose on a day.

    Args:
        policies: policies of a run, whose doses are within the bounds.

    Returns:
        The policies in the same order. A use whose effect is within the bound is the same object.
    """
    if all(policy.effect == 1.0 for policy in policies):
        return list(policies)
    uses = _uses(policies)
    return [_bounded(policy, uses.get(policy.id, [])) for policy in policies]


def _bounded(policy: Policy, same: Sequence[Policy]) -> Policy:
    """Return a use with the effect that the day of the largest combined delivery allows."""
    days = [use.start for use in same if policy.active(use.start)]
    totals = [math.fsum(use.dose * use.effect for use in same if use.active(day)) for day in days]
    largest = max(totals, default=0.0)
    if largest <= policy.high * (1.0 + _ROUNDING):
        return policy
    return dataclasses.replace(policy, effect=policy.effect * policy.high / largest)


def _uses(policies: Iterable[Policy]) -> dict[str, list[Policy]]:
    """Return the uses of each instrument that are in force on any day."""
    uses: dict[str, list[Policy]] = {}
    for policy in policies:
        if policy.start < policy.end:
            uses.setdefault(policy.id, []).append(policy)
    return uses


def _check_day(first: int, same: Sequence[Policy]) -> None:
    """Check the sum of the doses in force on a day (ordinal)."""
    in_force = [use for use in same if use.active(first)]
    total, highest = math.fsum(use.dose for use in in_force), in_force[0].high
    if total <= highest * (1.0 + _ROUNDING):
        return
    changes = [use.start for use in same if use.start > first] + [use.end for use in in_force]
    days = f"{_date(first)} to before {_date(min(changes))}"
    reason = (
        f"the doses {_listed(in_force)} in force together from {days} sum to {total:.6g}, "
        f"above the highest allowed sum {plain(highest)}"
    )
    hint = "Lower the doses, or give dates that do not overlap."
    raise SettingError(f"policies.{in_force[0].id}.dose", reason, hint)


def _listed(policies: Sequence[Policy]) -> str:
    """Return the doses for a message, at most the first three."""
    doses = " + ".join(f"{use.dose:.6g}" for use in policies[:_MAX_LISTED])
    more = len(policies) - _MAX_LISTED
    return f"{doses} and {more} more" if more > 0 else doses


def _date(ordinal: int) -> str:
    """Return a day as text, such as 2012-10-01."""
    return datetime.date.fromordinal(ordinal).isoformat()
