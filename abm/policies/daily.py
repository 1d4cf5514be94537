"""Apply the policies of a run day by day, and reuse what does not change from one day to the next.

Levers and dollars are those of :func:`abm.policies.application.pull_all` and
:func:`abm.policies.application.daily_spending`, to the last digit.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.identity import ByIdentity
from abm.policies.application import divide_dollars, pull_all, yearly_dollars
from abm.policies.base import Policy, Seen, costs_of

if TYPE_CHECKING:
    from agents.levers import Levers

_NOTHING = np.zeros(0)


class DailyPolicies:
    """What the policies of a run did on the last day on which their effect changed.

    It is computed again when it is missing, so a copy of a model starts without it.
    """

    def __init__(self) -> None:
        """Start without a day."""
        self._uses: dict[int, _Use] = {}  # by the id of the policy, which the use holds
        self._seen: Seen | None = None
        self._in_force = ByIdentity()
        self._cooperation: dict[str, float] = {}
        self._yearly: list[tuple[Policy, str, int]] = []

    def pull(self, policies: tuple[Policy, ...], levers: Levers, day: int, seen: Seen) -> None:
        """Set the levers for a day as `pull_all`.

        Args:
            policies: policies of the run.
            levers: levers to set, changed in place.
            day: ordinal of the day.
            seen: inputs that policies may read; only the cooperation may change in place.
        """
        if seen is not self._seen:
            self._seen, self._uses = seen, {}
        pull_all(policies, levers, day, seen, self._apply)

    def spend(
        self, policies: tuple[Policy, ...], day: int, seen: Seen, delivered: Mapping[str, float]
    ) -> dict[str, tuple[int, int]]:
        """Divide the planned dollars of a day as `daily_spending`.

        Args:
            policies: policies in force on the day.
            day: ordinal of the day.
            seen: inputs that policies may read.
            delivered: delivered share of the sum that policies ask for, by lever.

        Returns:
            Whole dollars spent and not spent by payer.
        """
        in_force = ByIdentity(*policies)
        if in_force != self._in_force or seen.cooperation != self._cooperation:
            self._in_force, self._cooperation = in_force, dict(seen.cooperation)
            self._yearly = yearly_dollars(policies, day, seen.cooperation)
        shares = {id(p): self._use(p).spent_shares(day, seen, delivered) for p in policies}
        return divide_dollars(self._yearly, day, shares)

    def _apply(self, policy: Policy, levers: Levers, day: int, seen: Seen) -> None:
        """Add to the levers as `Policy.apply`."""
        if policy.active(day):
            self._use(policy).apply(levers, day, seen)

    def _use(self, policy: Policy) -> _Use:
        use = self._uses.get(id(policy))
        if use is None:
            use = self._uses[id(policy)] = _Use(policy)
        return use


class _Use:
    """A policy with its last additions to the levers and its last spent shares."""

    def __init__(self, policy: Policy) -> None:
        """Start without additions."""
        costs = costs_of(policy)
        ramps = [policy.ramp_end(cost.ramp_days) for cost in costs if cost.ramp_days > 0.0]
        self.policy, self.steady_from = policy, policy.steady_from()
        self.spending_from = max(self.steady_from, *ramps) if ramps else self.steady_from
        self.levers = tuple({cost.lever for cost in costs if cost.lever})
        self.pulled_with: dict[str, float] | None = None  # cooperation
        self.first, self.values = 0, _NOTHING
        self.spent_with: tuple[dict[str, float], list[float]] | None = None
        self.shares: dict[str, float] = {}

    def apply(self, levers: Levers, day: int, seen: Seen) -> None:
        """Add to the levers on a day on which the policy is in force."""
        if day < self.steady_from:
            self.policy.apply(levers, day, seen)
            return
        if seen.cooperation != self.pulled_with:
            alone = levers.zeros()
            self.policy.apply(alone, day, seen)
            self.first, self.values = alone.nonzero()
            self.pulled_with = dict(seen.cooperation)
        levers.add(self.first, self.values)

    def spent_shares(
        self, day: int, seen: Seen, delivered: Mapping[str, float]
    ) -> dict[str, float]:
        """Return the spent shares by payer, as `Policy.spent_shares`."""
        if day < self.spending_from:
            return self.policy.spent_shares(day, seen, delivered)
        inputs = seen.cooperation, [delivered.get(lever, 1.0) for lever in self.levers]
        if inputs != self.spent_with:
            self.shares = self.policy.spent_shares(day, seen, delivered)
            self.spent_with = dict(seen.cooperation), inputs[1]
        return self.shares
