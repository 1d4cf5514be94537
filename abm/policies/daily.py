"""Apply the policies of a run day by day, and reuse the additions that do not change.

Levers and dollars are those of :func:`abm.policies.application.pull_all` and
:func:`abm.policies.application.daily_spending`, to the last digit.
"""

from __future__ import annotations

import operator
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

import numpy as np

from abm.identity import ByIdentity
from abm.policies.application import (
    SWITCH,
    apply_switch,
    divide_dollars,
    in_order,
    yearly_dollars,
)
from abm.policies.base import NEVER_STEADY, Policy, Seen, costs_of

if TYPE_CHECKING:
    from agents.levers import Levers


class DailyPolicies:
    """Additions to the levers and shares of the dollars that hold until something changes.

    They are computed again when they are missing, so a copy of a model starts without them.
    """

    def __init__(self) -> None:
        """Start without a day."""
        self._pulled = _Inputs()
        self._acting: list[_Step] = []
        self._requests: list[_Step] | None = None  # None: what is requested is what acts
        self._seen: Seen | None = None
        self._spent = _Inputs()
        self._yearly: list[tuple[Policy, str, int]] = []
        self._shares: list[_Shares] = []

    def pull(self, policies: tuple[Policy, ...], levers: Levers, day: int, seen: Seen) -> None:
        """Set the levers for a day as `pull_all`.

        Args:
            policies: policies of the run.
            levers: levers to set, changed in place.
            day: ordinal of the day.
            seen: inputs that policies may read; only the cooperation may change in place.
        """
        if not self._pulled.hold(policies, day, seen):
            self._arrange(policies, levers, day, seen)
        levers.reset()
        for step in self._acting:
            step.apply(levers, day, self._seen or seen)
        if self._requests is not None:
            requested = levers.separate_requests()
            for step in self._requests:
                step.apply(requested, day, self._seen or seen)

    def _arrange(self, policies: tuple[Policy, ...], levers: Levers, day: int, seen: Seen) -> None:
        """Compute the additions that hold from this day on."""
        ordered, requests = in_order(ByIdentity(*policies))
        changes = [d for p in ordered for d in (p.start, p.end, p.steady_from()) if d > day]
        self._pulled = _Inputs(policies, day, seen, min(changes, default=NEVER_STEADY))
        opening = levers.zeros()
        self._seen = apply_switch(ordered, opening, day, seen)
        others = [policy for policy in ordered if policy.id != SWITCH]
        self._acting = _steps(others, opening, day, self._seen)
        self._requests = None
        if requests:
            self._requests = _steps(requests, levers.zeros(), day, self._seen)

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
        if not self._spent.hold(policies, day, seen):
            self._spent = _Inputs(policies, day, seen, NEVER_STEADY)
            self._yearly = yearly_dollars(policies, day, seen.cooperation)
            self._shares = [_Shares(policy) for policy in policies]
        for own in self._shares:
            if own.may_change:
                own.update(day, seen, delivered)
        return divide_dollars(self._yearly, day, {id(o.policy): o.spent for o in self._shares})


class _Shares:
    """The spent shares of a policy, by payer.

    Attributes:
        spent: shares of the last day.
        may_change: whether they may change while the inputs that the policy may read do not.
    """

    def __init__(self, policy: Policy) -> None:
        """Start without shares."""
        costs = costs_of(policy)
        self.policy, self._steady_from = policy, _spending_from(policy)
        self.levers = {cost.lever for cost in costs if cost.lever}
        self.spent: dict[str, float] = {}
        self.may_change, self._steady = True, False
        self._delivered: list[float] | None = None

    def update(self, day: int, seen: Seen, delivered: Mapping[str, float]) -> None:
        """Compute the shares again if the date or the deliveries have changed them."""
        now = [delivered.get(lever, 1.0) for lever in self.levers]
        if self._steady and now == self._delivered:
            return
        self.spent = self.policy.spent_shares(day, seen, delivered)
        self._delivered, self._steady = now, day >= self._steady_from
        self.may_change = bool(self.levers) or not self._steady


class _Inputs:
    """The inputs for which a result holds, and the day (ordinal) until which it does."""

    def __init__(
        self,
        policies: tuple[Policy, ...] = (),
        day: int = 0,
        seen: Seen | None = None,
        until: int = 0,
    ) -> None:
        """Copy the values that may change in place."""
        self.policies, self.seen, self.first, self.until = policies, seen, day, until
        self.cooperation = dict(seen.cooperation) if seen else {}

    def hold(self, policies: tuple[Policy, ...], day: int, seen: Seen) -> bool:
        """Return whether the inputs of a day are these."""
        return (
            self.first <= day < self.until
            and seen is self.seen
            and seen.cooperation == self.cooperation
            and len(policies) == len(self.policies)
            and all(map(operator.is_, policies, self.policies))
        )


class _Step:
    """Policies whose additions to the levers are constant, or one policy whose additions are not.

    Additions are combined only where the order of the sum does not matter to the last digit.
    """

    def __init__(self, levers: Levers | None = None, policy: Policy | None = None) -> None:
        """Take over the values of levers, or a policy."""
        self.policy = policy
        self.first, self.values = levers.nonzero() if levers else (0, np.zeros(0))

    def apply(self, levers: Levers, day: int, seen: Seen) -> None:
        """Add to the levers of a day."""
        if self.policy is None:
            levers.add(self.first, self.values)
        else:
            self.policy.apply(levers, day, seen)


def _steps(policies: Iterable[Policy], opening: Levers, day: int, seen: Seen) -> list[_Step]:
    """Return the steps that apply policies in their order, after what is in `opening`."""
    steps: list[_Step] = []
    together = opening
    for policy in policies:
        if not policy.active(day):
            continue
        if day < policy.steady_from():
            steps += [_Step(together), _Step(policy=policy)]
            together = opening.zeros()
            continue
        alone = opening.zeros()
        policy.apply(alone, day, seen)
        if steps and together.overlaps(alone):  # before the first step, the sum starts at zero
            steps.append(_Step(together))
            together = opening.zeros()
        together.add(*alone.nonzero())
    return [step for step in (*steps, _Step(together)) if step.policy or step.values.size]


def _spending_from(policy: Policy) -> int:
    """Return the day (ordinal) from which the spent shares do not depend on the date."""
    kind = type(policy)
    own = (kind.spent_shares, kind.deliverable) != (Policy.spent_shares, Policy.deliverable)
    ramps = [policy.ramp_end(c.ramp_days) for c in costs_of(policy) if c.ramp_days > 0.0]
    return max([policy.start, *ramps, *([policy.steady_from()] if own else [])])
