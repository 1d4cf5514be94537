"""Keep the uses of one instrument on the same day within its largest dose, and its effect."""

from __future__ import annotations

import dataclasses
import datetime
import math
from collections.abc import Iterable, Sequence

from abm.policies.base import Policy
from agents.param import SettingError, plain

_SHOWN = 3  # doses that a message lists
_ROUNDING = 1e-9  # relative; ten doses of 0.1 are allowed where the maximum is 1


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
        The policies in the same order; a use whose effect is within the bound is the same object.
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
    together = [use for use in same if use.active(first)]
    total, highest = math.fsum(use.dose for use in together), together[0].high
    if total <= highest * (1.0 + _ROUNDING):
        return
    changes = [use.start for use in same if use.start > first] + [use.end for use in together]
    days = f"{_date(first)} to before {_date(min(changes))}"
    reason = (
        f"the doses {_listed(together)} in force together from {days} sum to {total:.6g}, "
        f"above the highest allowed sum {plain(highest)}"
    )
    hint = "Lower the doses, or give dates that do not overlap."
    raise SettingError(f"policies.{together[0].id}.dose", reason, hint)


def _listed(together: Sequence[Policy]) -> str:
    """Return the doses for a message, at most the first three."""
    shown = " + ".join(f"{use.dose:.6g}" for use in together[:_SHOWN])
    more = len(together) - _SHOWN
    return f"{shown} and {more} more" if more > 0 else shown


def _date(ordinal: int) -> str:
    """Return a day as text, such as 2012-10-01."""
    return datetime.date.fromordinal(ordinal).isoformat()
