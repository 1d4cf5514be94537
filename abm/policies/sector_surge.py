"""Border Patrol surges in one sector, without Mexico."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers
from abm.policies.joint_operations import JointOperations, SurgePolicy


@dataclass(frozen=True, slots=True, kw_only=True)
class SectorSurge(SurgePolicy):
    """Raises the Border Patrol's tempo in one sector, in surges.

    The policy is the U.S. half of `joint_operations`, with the same dose, cost and limits. The
    United States can buy it without Mexico. The yearly cost is the mean over surges and pauses.
    """

    id = "sector_surge"
    title = "Surges in one sector"
    arm = "agents"
    basis = "used"
    claim = (
        "Complete control of rugged country is out of reach at any cost; this instrument buys the "
        "half of joint operations that does not need Mexico."
    )
    mechanism = (
        "For some weeks at a time, agents of one U.S. sector work longer hours, within the limit "
        "of the tempo."
    )
    expect = (
        "More people are stopped in that sector during a surge; part of the flow waits on the "
        "other side or moves to the neighbouring sectors."
    )
    fails_when = JointOperations.fails_when
    lever_names = ("us_effort",)
    high = JointOperations.high
    failing = JointOperations.failing
    switched_off: ClassVar = {"contest.eta": 0.0}

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of the agents' overtime."""
        return (self.us_overtime,)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the sector's tempo during a surge."""
        if self.surging(day):
            levers.us_effort[self.sector_index] += self.us_rise * dose
