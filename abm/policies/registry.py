"""Find policies by id, create them from specifications, and combine their effects on a day.

A policy's yearly cost is the sum of its planned dollars. If agencies deliver less than policies
request (:mod:`agents.agency_params`), some of these dollars are not spent.
"""

from __future__ import annotations

import dataclasses
import datetime
import functools
import importlib
import math
import pkgutil
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.policies.base import ARMS, Inputs, Policy
from agents.levers import LIMITED
from agents.own_code import in_words, is_class_text, load_class, plugins
from agents.param import Param, SettingError, did_you_mean, listed, params_of, plain

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.scenario.policy_specs import PolicySpec
    from agents.levers import Levers


_ROUNDING = 1e-9  # relative tolerance: ten doses of 0.1 sum to almost 1


#: Pattern for policy ids.
ID = re.compile(r"[a-z][a-z0-9_]{0,59}")


@cache
def registry() -> Mapping[str, type[Policy]]:
    """Return all policy classes by id, sorted, including classes from installed packages."""
    added = plugins("policies", _check_plugin, tuple(_packaged()))
    return MappingProxyType(dict(sorted((_packaged() | added).items())))


@cache
def _packaged() -> dict[str, type[Policy]]:
    """Import all modules in this package and return the policies that they define, by id."""
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
    return classes


def _check_plugin(name: str, kind: Any) -> type[Policy]:
    """Return a policy class from an installed package. Raise an error if it is not valid."""
    checked = _check_class(kind)
    if checked.id != name:
        raise ValueError(f"the id of the policy is {plain(checked.id)}, not the name of the entry")
    return checked


def _check_class(kind: Any) -> type[Policy]:
    """Return a class if it is a complete policy. Otherwise raise TypeError or ValueError."""
    if not (isinstance(kind, type) and issubclass(kind, Policy)):
        name = getattr(kind, "__name__", plain(kind))
        raise TypeError(f"{name} is not a subclass of twoborders.Policy")
    kind.full_programme().describe()  # raises AttributeError if an attribute is missing
    if not ID.fullmatch(kind.id) or kind.arm not in ARMS:
        raise ValueError("its id or its arm is invalid")
    return kind


def make(spec: PolicySpec, start: datetime.date, end: datetime.date) -> Policy:
    """Create a policy from its specification.

    Args:
        spec: the policy's id, dose or dollars, dates and parameters.
        start, end: first day and the day after the last, unless the specification gives them. The
            period may lie outside the run.

    Returns:
        The policy.

    Raises:
        SettingError: the id or a parameter is unknown, a parameter or the dose is outside its
            bounds, dollars are given for a policy that costs nothing, or the end contradicts a
            parameter.
    """
    kind = policy_class(spec.id)
    numbers = _numbers(kind, spec)
    first = (spec.start or start).toordinal()
    last = max(first, (spec.end or end).toordinal())
    dose = _dose(kind, spec, numbers)
    policy = kind(dose=dose, start=first, end=last, effect=spec.effect, **numbers)
    if spec.end is not None and first < last:
        policy.check_end()
    return policy


def policies_of(scenario: Scenario, specs: Iterable[PolicySpec]) -> tuple[Policy, ...]:
    """Create a run's policies from their specifications.

    Equal specifications are checked only once, because a cache stores the policies.

    Args:
        scenario: scenario, whose period applies to policies without dates.
        specs: specifications of the policies.

    Returns:
        The policies, in the order of `specs`.

    Raises:
        SettingError: an id, a parameter or a dose is invalid, or an instrument's doses on the same
            day sum to more than its maximum dose.
    """
    uses = tuple((spec, policy_class(spec.id)) for spec in specs)
    return _policies(scenario.start, scenario.days, uses)


@lru_cache(maxsize=256)
def _policies(
    start: datetime.date, days: int, uses: tuple[tuple[PolicySpec, type[Policy]], ...]
) -> tuple[Policy, ...]:
    """Create policies. Callers with equal arguments share them, because they are immutable."""
    end = start + datetime.timedelta(days=days)
    policies = [make(spec, start, end) for spec, _ in uses]
    check_combined_doses(policies)
    return tuple(bound_effects(policies))


def policy_class(name: str) -> type[Policy]:
    """Return a policy class.

    Args:
        name: a policy's id, or module:Class for a user's policy.

    Raises:
        SettingError: no such policy exists, or the user's class is not a complete policy.
    """
    classes = registry()
    if is_class_text(name):
        path = f"policies.{name}"
        try:
            kind = _check_class(load_class(path, name))
        except SettingError:
            raise
        except Exception as error:
            hint = "See docs/guides/add_a_policy.md for what a policy declares."
            raise SettingError(path, f"it cannot be used ({in_words(error)})", hint) from None
        if classes.get(kind.id, kind) is not kind:
            raise SettingError(path, f"there is another policy {kind.id}", "Give it another id.")
        return kind
    if name not in classes:
        hint = f"{did_you_mean(name, classes)}Known policies: {listed(list(classes))}."
        raise SettingError(f"policies.{name}", "unknown policy", hint)
    return classes[name]


def _numbers(policy: type[Policy], spec: PolicySpec) -> dict[str, Any]:
    """Return a specification's parameters in the declared types."""
    declared, values = params_of(policy), spec.own_numbers()
    for name in values:
        if name not in declared:
            names = f"Parameters of {spec.id}: {', '.join(declared)}."
            hint = did_you_mean(name, declared) + (names if declared else "It has no parameters.")
            raise SettingError(f"policies.{spec.id}.{name}", "unknown policy parameter", hint)
    return {name: _typed(declared[name], value) for name, value in values.items()}


def _typed(declared: Param, value: Any) -> Any:
    """Convert whole floats in a value or table to integers where the policy declares integers."""
    if isinstance(value, dict):
        return {label: _typed(declared, entry) for label, entry in value.items()}
    if isinstance(value, list):
        return tuple(_typed(declared, entry) for entry in value)
    is_integer = declared.kind is int and isinstance(value, float) and value.is_integer()
    return int(value) if is_integer else value


def _dose(policy: type[Policy], spec: PolicySpec, numbers: dict[str, Any]) -> float:
    """Return a specification's dose. Dollars for the maximum dose give exactly that dose."""
    if spec.dollars is None:
        return 1.0 if spec.dose is None else spec.dose
    yearly = policy(dose=1.0, start=1, end=2, **numbers).full_dollars
    if yearly <= 0.0:
        hint = "Give a dose instead, or omit the amount."
        raise SettingError(f"policies.{spec.id}.dollars", "the policy has no cost", hint)
    dose = spec.dollars / yearly
    return policy.high if abs(dose - policy.high) < 1e-9 * policy.high else dose


# ---- doses that are in force together ------------------------------------------------------------


def check_combined_doses(policies: Iterable[Policy]) -> None:
    """Raise SettingError if an instrument's doses on any day sum to more than its maximum.

    Only doses in force on the same day are added.
    """
    for same in _uses(policies).values():
        for first in sorted({use.start for use in same}):  # A sum can only rise when a use starts.
            _check_day(first, same)


def bound_effects(policies: Sequence[Policy]) -> list[Policy]:
    """Lower effects so that an instrument's uses deliver at most its maximum dose on any day.

    Args:
        policies: a run's policies with doses within bounds.

    Returns:
        The policies in the same order. A policy is unchanged if its effect is within the bound.
    """
    if all(policy.effect == 1.0 for policy in policies):
        return list(policies)
    uses = _uses(policies)
    return [_bounded(policy, uses.get(policy.id, [])) for policy in policies]


def _bounded(policy: Policy, same: Sequence[Policy]) -> Policy:
    """Return a policy with an effect that keeps the combined delivery within the bound.

    Args:
        policy: one use of an instrument.
        same: all uses of the instrument.
    """
    days = [use.start for use in same if policy.active(use.start)]
    totals = [math.fsum(use.dose * use.effect for use in same if use.active(day)) for day in days]
    largest = max(totals, default=0.0)
    if largest <= policy.high * (1.0 + _ROUNDING):
        return policy
    return dataclasses.replace(policy, effect=policy.effect * policy.high / largest)


def _uses(policies: Iterable[Policy]) -> dict[str, list[Policy]]:
    """Return policies that are ever in force, by instrument, unless their uses may overlap."""
    uses: dict[str, list[Policy]] = {}
    for policy in policies:
        if policy.start < policy.end and not policy.overlaps:
            uses.setdefault(policy.id, []).append(policy)
    return uses


def _check_day(first: int, same: Sequence[Policy]) -> None:
    """Raise SettingError if an instrument's doses on an ordinal day exceed its maximum.

    Args:
        first: ordinal of a day on which a use starts.
        same: all uses of the instrument.
    """
    in_force = [use for use in same if use.active(first)]
    total, highest = math.fsum(use.dose for use in in_force), in_force[0].high
    if total <= highest * (1.0 + _ROUNDING):
        return
    changes = [use.start for use in same if use.start > first] + [use.end for use in in_force]
    doses = listed([f"{use.dose:.6g}" for use in in_force])
    begin, end = map(datetime.date.fromordinal, (first, min(changes)))
    reason = (
        f"the doses {doses} in force together from {begin} to before {end} sum to {total:.6g}, "
        f"above the highest allowed sum {plain(highest)}"
    )
    hint = "Lower the doses, or give dates that do not overlap."
    raise SettingError(f"policies.{in_force[0].id}.dose", reason, hint)


SWITCH = "no_cooperation"
_DAYS = 365  # over which a yearly cost is spent


def pull_all(policies: tuple[Policy, ...], levers: Levers, day: int, inputs: Inputs) -> None:
    """Set the day's levers: reset them, apply `no_cooperation`, then all other policies.

    If the effect of a policy with a limited lever differs from 1, the levers as policies request
    them (`Levers.requested`) are also set, with an effect of 1. The order of `policies` does not
    matter, not even for the last digit.

    Args:
        policies: the run's policies.
        levers: levers, changed in place.
        day: ordinal of the day.
        inputs: state that policies may read.

    Raises:
        SettingError: an amount is not finite, or a policy changes a lever that it does not declare.
    """
    levers.reset()
    ordered, requests = in_order(policies)
    inputs = _without_writing(apply_switch(ordered, levers, day, inputs))
    for policy in ordered:
        if policy.id != SWITCH:
            before = levers.values.copy()
            policy.apply(levers, day, inputs)
            _check_levers(policy, levers, before)
    if requests:
        requested = levers.separate_requests()
        for policy in requests:
            policy.apply(requested, day, inputs)


@functools.lru_cache(maxsize=1)
def _without_writing(inputs: Inputs) -> Inputs:
    """Return the same inputs with read-only cooperation, so that policies cannot change it."""
    return dataclasses.replace(inputs, cooperation=MappingProxyType(inputs.cooperation))


def _check_levers(policy: Policy, levers: Levers, before: np.ndarray) -> None:
    """Raise SettingError if a policy has changed undeclared levers or set non-finite amounts."""
    path = f"policies.{policy.id}"
    for name in levers.changed(before):
        if name not in (*policy.lever_names, *policy.optional_levers):
            raise SettingError(path, f"it changes levers.{name}", "Add it to its lever_names.")
        if not np.isfinite(getattr(levers, name)).all():
            raise SettingError(path, f"invalid {name}", "Set finite amounts.")


def apply_switch(policies: tuple[Policy, ...], levers: Levers, day: int, inputs: Inputs) -> Inputs:
    """Apply `no_cooperation` and return the inputs for all other policies.

    Args:
        policies: the run's policies in the order of :func:`in_order`.
        levers: the day's levers, changed in place.
        day: ordinal of the day.
        inputs: state that policies may read.

    Returns:
        `inputs` with the remaining cooperation.
    """
    switches = [policy for policy in policies if policy.id == SWITCH]
    if not switches:
        return inputs
    for policy in switches:
        policy.apply(levers, day, inputs)
    np.minimum(levers.no_cooperation, 1.0, out=levers.no_cooperation)
    off = float(levers.no_cooperation[0])
    if off <= 0.0:
        return inputs
    remaining = {area: share * (1.0 - off) for area, share in inputs.cooperation.items()}
    return dataclasses.replace(inputs, cooperation=remaining)


def daily_spending(
    policies: tuple[Policy, ...],
    day: int,
    cooperation: Mapping[str, float],
    inputs: Inputs,
    delivered: Mapping[str, float],
) -> dict[str, tuple[int, int]]:
    """Divide a day's planned dollars into spent and unspent dollars.

    Args:
        policies: the run's policies.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1.
        inputs: state that policies may read.
        delivered: share of all policies' requests that agencies deliver, by lever.

    Returns:
        Whole dollars spent and unspent, by payer. A policy's planned dollars in its first 365 days
        sum to its yearly cost.
    """
    shares = {id(p): p.spent_shares(day, inputs, delivered) for p in policies if p.active(day)}
    divided: dict[str, tuple[int, int]] = {}
    for policy, payer, yearly in yearly_dollars(policies, day, cooperation):
        elapsed = day - policy.start
        # Differences between rounded cumulative sums add up to the yearly total in 365 days.
        dollars = yearly * (elapsed + 1) // _DAYS - yearly * elapsed // _DAYS
        paid = round(dollars * shares[id(policy)][payer])
        spent, unspent = divided.get(payer, (0, 0))
        divided[payer] = spent + paid, unspent + dollars - paid
    return divided


def yearly_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float]
) -> list[tuple[Policy, str, int]]:
    """Return planned dollars a year for the policies in force on a day.

    Args:
        policies: the run's policies.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1.

    Returns:
        One tuple (policy, payer, whole dollars a year) per policy and payer.
    """
    active = [policy for policy in policies if policy.active(day)]
    switches = sorted(policy.delivered_dose for policy in active if policy.id == SWITCH)
    on = 1.0 - min(1.0, sum(switches))
    planned: list[tuple[Policy, str, int]] = []
    for policy in active:
        part = on * cooperation.get(policy.area, 1.0) if policy.needs_mexico else 1.0
        for payer, yearly in policy.dollars().items():
            planned.append((policy, payer, round(yearly * part)))
    return planned


@functools.lru_cache(maxsize=64)
def in_order(policies: tuple[Policy, ...]) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """Sort policies, so that results do not depend on the order in the scenario.

    Returns:
        The sorted policies, and copies of the policies with a limited lever, which have an effect
        of 1. There are no copies if all policies with a limited lever have this effect anyway.
    """
    ordered = tuple(sorted(policies, key=lambda p: (p.id, p.start, p.end, p.dose, repr(p))))
    limited = [p for p in ordered if {*p.lever_names, *p.optional_levers} & set(LIMITED)]
    if all(policy.effect == 1.0 for policy in limited):
        return ordered, ()
    return ordered, tuple(dataclasses.replace(policy, effect=1.0) for policy in limited)
