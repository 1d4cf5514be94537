"""Border Enforcement Security Task Force (BEST) teams."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param
from agents.param import param

_PAGE = "ice.gov/best: more than 9,000 cases from 2005 to about 2013"
_PAY = "[A], all U.S. money; drivers/costs.csv BEST, $0.31M a year authorised without agents' pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTeams(Policy):
    """Doubles the 32 teams of early 2013 at dose 1. Teams dismantle cells at the line."""

    id = "best_teams"
    title = "BEST task force teams"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "Border task force teams (BEST) work side by side with their counterparts in Mexico."
    mechanism = (
        "U.S. and Mexican investigators build cases against cells at the line. Every team adds to "
        "the hazard that a cell is dismantled, with diminishing returns. Organisations with too "
        "few cells become more expensive, slower and worse guides."
    )
    expect = (
        "Where organisations cannot replace their cells, fewer people hire a guide and fewer get "
        "away."
    )
    fails_when = "Cells are replaced faster than they are dismantled."
    acts_when = "Cells are replaced slowly, and there are three times as many teams."
    lever_names = ("cell_hunt",)
    high = 4.0
    #: An organisation replaces four cells a month, the fastest pace in the ensemble.
    failing: ClassVar = {"smugglers.cell_pace": 3.94}
    #: An organisation replaces a cell in ten months, the slowest pace in the ensemble. The 64
    #: additional teams cost $320M a year, three fifths of what the Department of Justice requested
    #: for its drug task forces (OCDETF) in FY2004, $541.8M (FY2004 Budget Summary).
    acting: ClassVar = {"smugglers.cell_pace": 0.1, "policies.best_teams.dose": 2.0}
    switched_off: ClassVar = {"smugglers.capacity_response": 0.0, "smugglers.congestion": 0.0}

    teams: float = amount_param(
        32.0,
        "teams",
        "Additional teams at dose 1.",
        high=200.0,
        source="[A] as many again as in mexico/cooperation_inputs.csv BEST teams, early 2013",
    )
    hunt: float = amount_param(
        0.01,
        "per year",
        "Hazard that a cell is dismantled, per team; the sum saturates at `max_hunt`.",
        high=0.2,
        source="[A] 0.7 of the model's 72 cells per team-year, one in about 80 cases: 60 cases a "
        f"team-year ({_PAGE}; about 150 team-years, mexico/cooperation_inputs.csv BEST teams). The "
        "share of cases against smugglers of people was not found",
    )
    max_hunt: float = param(
        2.0,
        unit="per year",
        low=0.1,
        high=20.0,
        doc="Maximum hazard that any number of teams adds.",
    )
    cost_per_team: float = param(
        5e6,
        unit="$/team-year",
        low=0.3e6,
        high=20e6,
        doc="Cost of a team for a year, pay included.",
        source=_PAY,
        draw_range=(0.31e6, 5e6),
    )
    build_days: float = days_param(180.0, "Days until all teams operate.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the yearly cost of the additional teams."""
        return (Cost("us", self.teams * self.cost_per_team, "Teams' pay and support.", _PAY),)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add the hazard with which the teams at work dismantle cells."""
        teams = self.teams * dose * self.ramp(day, self.build_days)
        levers.cell_hunt += -self.max_hunt * math.expm1(-teams * self.hunt / self.max_hunt)
