"""All policies of a run together: what they pull this morning, and what the day costs."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Policy, Seen

if TYPE_CHECKING:
    from agents.levers import Levers

_SWITCH = "no_cooperation"
_DAYS = 365  # a programme year, in which the yearly figure is spent


def pull_all(policies: tuple[Policy, ...], levers: Levers, day: int, seen: Seen) -> None:
    """Set the levers for a day: back to zero, what switches cooperation off, then the others.

    The order in which policies are named never matters, not in the last digit either.
    """
    levers.reset()
    ordered = sorted(policies, key=_order)
    for policy in ordered:
        if policy.id == _SWITCH:
            policy.apply(levers, day, seen)
    np.minimum(levers.no_cooperation, 1.0, out=levers.no_cooperation)
    off = float(levers.no_cooperation[0])
    if off > 0.0:
        left = {area: share * (1.0 - off) for area, share in seen.cooperation.items()}
        seen = dataclasses.replace(seen, cooperation=left)
    for policy in ordered:
        if policy.id != _SWITCH:
            policy.apply(levers, day, seen)


def daily_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float] | None = None
) -> dict[str, int]:
    """Whole dollars by payer for a day; 365 days from a policy's start make its yearly figure.

    What no_cooperation has switched off, or Mexico does not take part in (`cooperation` by
    area), is not paid for.
    """
    switches = [p for p in policies if p.id == _SWITCH and p.active(day)]
    on = 1.0 - min(1.0, sum(sorted(p.dose for p in switches)))
    spent: dict[str, int] = {}
    for policy in policies:
        if policy.active(day):
            for payer, yearly in policy.dollars().items():
                part = (cooperation or {}).get(policy.area, 1.0)
                total = round(yearly * (on * part if policy.needs_mexico else 1.0))
                spent[payer] = spent.get(payer, 0) + _on_day(total, day - policy.start)
    return spent


def _on_day(total: int, k: int) -> int:
    """Part of a yearly total that falls on day k, so that no dollar is lost to rounding."""
    return total * (k + 1) // _DAYS - total * k // _DAYS


def _order(policy: Policy) -> tuple[str, int, int, float, str]:
    return policy.id, policy.start, policy.end, policy.dose, repr(policy)
