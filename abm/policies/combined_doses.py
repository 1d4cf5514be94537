"""Check that the uses of one instrument on the same day do not exceed its largest dose."""

from __future__ import annotations

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
    uses: dict[str, list[Policy]] = {}
    for policy in policies:
        if policy.start < policy.end:
            uses.setdefault(policy.id, []).append(policy)
    for same in uses.values():
        for first in sorted({use.start for use in same}):  # a sum rises only where a use starts
            _check_day(first, same)


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
