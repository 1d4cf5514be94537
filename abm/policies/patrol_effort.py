"""Higher Border Patrol tempo through overtime, shifts and operations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import (
    AGENT_BUDGET,
    agent_cost,
    amount_param,
    days_param,
    effort_share,
    share_param,
)
from agents.param import param

_DAYS_A_MONTH = 365.25 / 12.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolEffort(Policy):
    """Raises the tempo in every U.S. sector. Agents tire in the same way as Mexican officers.

    Costs follow the tempo before fatigue, so fatigue reduces the effect per dollar. The agency can
    sustain a high tempo only for some days (`border_patrol.sustained_tempo`, `tempo_days`). Dollars
    for further hours are not spent.
    """

    id = "patrol_effort"
    title = "Overtime and tempo of the Border Patrol"
    arm = "agents"
    basis = "used"
    claim = "Complete control of two thousand miles of rugged country is out of reach at any cost."
    mechanism = (
        "Within weeks, agents in all sectors work longer hours, with the decreasing returns of "
        "more agents. The tempo decays with a half-life. A very high one can be held for a limited "
        "time, and the dollars for the rest are not spent."
    )
    expect = "Apprehensions rise within weeks and got-aways fall; later both effects fade."
    fails_when = (
        "Effort fatigues: the money buys less each year, and nothing in the long run; or returns "
        "to more hours are low."
    )
    lever_names = ("us_effort",)
    high = 4.0
    monotone: ClassVar = {"GOT_AWAY_UNDETECTED": -1}
    #: A limiting case: the effort is exhausted within two months.
    failing: ClassVar = {"policies.patrol_effort.stamina": 0.03}
    switched_off: ClassVar = {"contest.eta": 0.0}

    rise: float = share_param(0.25, "Increase of the tempo of operations at dose 1.", high=2.0)
    ramp_days: float = days_param(30.0, "Days until the tempo is reached.", high=730.0)
    stamina: float = param(
        1.0,
        unit="ratio",
        low=0.02,
        high=50.0,
        doc=("Half-life of the additional tempo over mexico.fatigue_half_life."),
    )
    agents: float = amount_param(
        18_500.0,
        "agents",
        "Agents whose tempo is increased, for the cost.",
        high=50_000.0,
        source="us/usbp_staffing.csv 2013, sum of the nine sectors; its row 'southwest border' "
        "has 18,610",
    )
    cost_per_agent: float = agent_cost()
    effort_share: float = effort_share("U.S. agents")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of overtime, a share of the wage bill per unit of tempo."""
        wages = self.agents * self.cost_per_agent
        return (
            Cost(
                "us",
                self.rise * wages * self.effort_share,
                "Overtime and operations.",
                f"{AGENT_BUDGET}; share of wages [A]",
                lever="us_effort",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the tempo in all sectors. The increase decays from the first day on."""
        ready = self.ramp(day, self.ramp_days)
        half_life = self.stamina * inputs.settings.mexico.fatigue_half_life * _DAYS_A_MONTH
        remaining = 0.5 ** ((day - self.start) / half_life)
        levers.us_effort += self.rise * dose * ready * remaining
