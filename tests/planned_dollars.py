"""The planned dollars per day, computed from yearly dollars alone as an oracle for spending."""

from __future__ import annotations

from collections.abc import Mapping

from abm.policies import Policy
from abm.policies.registry import yearly_dollars


def daily_dollars(
    policies: tuple[Policy, ...], day: int, cooperation: Mapping[str, float] | None = None
) -> dict[str, int]:
    """Compute whole dollars by payer. 365 days from the start of a policy sum to its yearly cost.

    Args:
        policies: the run's policies.
        day: ordinal of the day.
        cooperation: Mexico's participation by area, 0 to 1, default full participation.
    """
    planned: dict[str, int] = {}
    for policy, payer, yearly in yearly_dollars(policies, day, cooperation or {}):
        k = day - policy.start
        planned[payer] = planned.get(payer, 0) + yearly * (k + 1) // 365 - yearly * k // 365
    return planned
