"""Apply a run's policies on a day, and compute the day's dollars.

A policy's planned dollars are its yearly cost. Where an agency delivers less than policies ask for
(:mod:`agents.limits`), some are not spent.
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
    are set as well (`Levers.requested`), at an effect of 1. The result does not depend on how
    `policies` are ordered, to the last digit.

    Args:
        policies: the run's policies.
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
        policies: the run's policies, in order.
        levers: the day's levers, changed in place.
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
    """Compute a day's planned dollars. 365 days from the start sum to the yearly cost.

    Costs of policies that need Mexico are reduced by `no_cooperation` and by `cooperation`.

    Args:
        policies: the run's policies.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1, default full participation.

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
        policies: the run's policies.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1.
        inputs: what policies may read.
        delivered: delivered share of the sum that policies ask for, by lever.

    Returns:
        Whole dollars spent and not spent by payer. They sum to those in :func:`daily_dollars`.
    """
    shares = {id(p): p.spent_shares(day, inputs, delivered) for p in policies if p.active(day)}
    divided: dict[str, tuple[int, int]] = {}
    for policy, payer, yearly in yearly_dollars(policies, day, cooperation):
        dollars = _on_day(yearly, day - policy.start)
        paid = round(dollars * shares[id(policy)][payer])
        spent, unspent = divided.get(payer, (0, 0))
        divided[payer] = spent + paid, unspent + dollars - paid
    return divided


def yearly_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float]
) -> list[tuple[Policy, str, int]]:
    """Return the whole planned dollars a year of the policies in force on a day.

    Args:
        policies: the run's policies.
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
    """Return a yearly total's whole dollars on day k. 365 days sum to the total."""
    return total * (k + 1) // _DAYS - total * k // _DAYS


@functools.lru_cache(maxsize=64)
def in_order(policies: tuple[Policy, ...]) -> tuple[tuple[Policy, ...], tuple[Policy, ...]]:
    """Return policies in an order that does not depend on that of a scenario.

    Returns:
        The policies, and those with a limited lever at an effect of 1. The second are empty if all
        have that effect.
    """
    ordered = tuple(sorted(policies, key=lambda p: (p.id, p.start, p.end, p.dose, repr(p))))
    limited = [p for p in ordered if {*p.lever_names, *p.optional_levers} & set(LIMITED)]
    if all(policy.effect == 1.0 for policy in limited):
        return ordered, ()
    return ordered, tuple(dataclasses.replace(policy, effect=1.0) for policy in limited)
