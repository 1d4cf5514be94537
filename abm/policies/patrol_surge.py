"""Additional agents on the U.S. side of the line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import AGENT_BUDGET, agent_cost, amount_param, days_param


@dataclass(frozen=True, slots=True, kw_only=True)
class PatrolSurge(Policy):
    """Hires agents in proportion to each sector's staff, within the agency's yearly limit.

    Agents are paid from the day they are hired. Dollars for agents who are not yet hired are not
    spent.
    """

    id = "patrol_surge"
    title = "More Border Patrol agents"
    arm = "agents"
    claim = (
        "The sufficient number of agents has no easy answer, and agents alone do not secure the "
        "line."
    )
    mechanism = (
        "Agents are added in proportion to each sector's staff, within a yearly net limit, and "
        "paid as they are on board."
    )
    expect = (
        "Got-aways fall less than in proportion, part of the flow moves to other sectors, and "
        "apprehensions may rise while entries fall."
    )
    fails_when = (
        "Returns to strength are low, or people and fees adapt faster than staff grows; as many "
        "agents leave as are hired."
    )
    evaluated = "Gathmann 2004, 2008; Muhlhausen 2006: agents, migration and apprehensions"
    lever_names = ("us_officers",)
    high = 6.0
    monotone: ClassVar = {"GOT_AWAY_UNDETECTED": -1}
    #: Nearly as many agents leave as are hired. In FY2013-16, 381 more left than joined per year
    #: (GAO-18-50).
    failing: ClassVar = {"border_patrol.net_hiring": 100.0}
    switched_off: ClassVar = {"contest.eta": 0.0}

    agents: float = amount_param(5_000.0, "agents", "Agents hired at dose 1.", high=30_000.0)
    cost_per_agent: float = agent_cost()
    hire_days: float = days_param(
        180.0,
        "Days until all agents are at the line, at a constant rate, within "
        "border_patrol.net_hiring.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of pay, equipment and support for all agents."""
        dollars = self.agents * self.cost_per_agent
        return (
            Cost(
                "us",
                dollars,
                "Agents' pay and support.",
                AGENT_BUDGET,
                lever="us_officers",
                ramp_days=self.hire_days,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add agents to each sector in proportion to its staff."""
        hired = self.agents * dose * self.ramp(day, self.hire_days)
        levers.us_officers += hired * inputs.us_base / max(float(inputs.us_base.sum()), 1e-9)
