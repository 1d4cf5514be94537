"""Apply all policies of a run on a day, and compute the dollars of the day.

The planned dollars of a policy are its yearly cost. Where an agency delivers less than policies ask
for (:mod:`agents.limits`), a part of them is not spent.
"""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Inputs, Policy
from agents.levers import LIMITED

if TYPE_CHECKING:
    from agents.levers import Levers

SWITCH = "no_cooperation"
_DAYS = 365  # days over which the yearly cost of a programme is spent


def pull_all(
    policies: tuple[Policy, ...],
    levers: Levers,
    day: int,
    inputs: Inputs,
) -> None:
    """Set the levers for a day: reset them, apply `no_cooperation`, then all other policies.

    If a policy with a limited lever has an effect other than 1, the levers that policies request
    are set as well (`Levers.requested`), at an effect of 1. The result does not depend on the order
    of `policies`, to the last digit.

    Args:
        policies: policies of the run.
        levers: levers to set, changed in place.
        day: ordinal of the day.
        inputs: what policies may read.
    """
    levers.reset()
    ordered, requests = in_order(policies)
    inputs = apply_switch(ordered, levers, day, inputs)
    for policy in ordered:
        if policy.id != SWITCH:
            policy.apply(levers, day, inputs)
    if requests:
        requested = levers.separate_requests()
        for policy in requests:
            policy.apply(requested, day, inputs)


def apply_switch(policies: tuple[Policy, ...], levers: Levers, day: int, inputs: Inputs) -> Inputs:
    """Apply `no_cooperation` and return what other policies see.

    Args:
        policies: policies of the run, in order.
        levers: levers of the day, changed in place.
        day: ordinal of the day.
        inputs: what policies may read.

    Returns:
        `inputs`, with the cooperation that is left.
    """
    for policy in policies:
        if policy.id == SWITCH:
            policy.apply(levers, day, inputs)
    np.minimum(levers.no_cooperation, 1.0, out=levers.no_cooperation)
    off = float(levers.no_cooperation[0])
    if off <= 0.0:
        return inputs
    left = {area: share * (1.0 - off) for area, share in inputs.cooperation.items()}
    return dataclasses.replace(inputs, cooperation=left)


def daily_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float] | None = None
) -> dict[str, int]:
    """Compute the planned dollars of a day; 365 days from the start sum to the yearly cost.

    Costs of policies that need Mexico are reduced by `no_cooperation` and by `cooperation`.

    Args:
        policies: policies of the run.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1; default full participation.

    Returns:
        Whole dollars by payer.
    """
    planned: dict[str, int] = {}
    for policy, payer, yearly in yearly_dollars(policies, day, cooperation or {}):
        planned[payer] = planned.get(payer, 0) + _on_day(yearly, day - policy.start)
    return planned


def daily_spending(
    policies: tuple[Policy, ...],
    day: int,
    cooperation: Mapping[str, float],
    inputs: Inputs,
    delivered: Mapping[str, float],
) -> dict[str, tuple[int, int]]:
    """Divide the planned dollars of a day into those that are spent and those that are not.

    Args:
        policies: policies of the run.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1.
        inputs: what policies may read.
        delivered: delivered share of the sum that policies ask for, by lever.

    Returns:
        Whole dollars spent and not spent by payer; they sum to those of :func:`daily_dollars`.
    """
    shares = {id(p): p.spent_shares(day, inputs, delivered) for p in policies if p.active(day)}
    divided: dict[str, tuple[int, int]] = {}
    for policy, payer, yearly in yearly_dollars(policies, day, cooperation):
        dollars = _on_day(yearly, day - policy.start)
        now = round(dollars * shares[id(policy)][payer])
        spent, unspent = divided.get(payer, (0, 0))
        divided[payer] = spent + now, unspent + dollars - now
    return divided


def yearly_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float]
) -> list[tuple[Policy, str, int]]:
    """Return the whole planned dollars a year of the policies in force on a day.

    Args:
        policies: policies of the run.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1.

    Returns:
        Policies, payers and dollars.
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


def _on_day(total: int, k: int) -> int:
    """Return the whole dollars of a yearly total on day k; 365 days sum to the total."""
    return total * (k + 1) // _DAYS - total * k // _DAYS


@functools.lru_cache(maxsize=64)
def in_order(policies: tuple[Policy, ...]) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """Return policies in an order that does not depend on that of a scenario.

    Returns:
        The policies, and those with a limited lever at an effect of 1; none of the second if all
        of them have that effect.
    """
    ordered = tuple(sorted(policies, key=_order))
    limited = [p for p in ordered if {*p.lever_names, *p.optional_levers} & set(LIMITED)]
    if all(policy.effect == 1.0 for policy in limited):
        return ordered, ()
    return ordered, tuple(dataclasses.replace(policy, effect=1.0) for policy in limited)


def _order(policy: Policy) -> tuple[str, int, int, float, str]:
    """Return the sort key of a policy."""
    return policy.id, policy.start, policy.end, policy.dose, repr(policy)
