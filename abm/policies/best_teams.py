"""Border Enforcement Security Task Force (BEST) teams."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from abm.policies.base import Cost, Policy, Seen
from agents.param import param

if TYPE_CHECKING:
    from agents.levers import Levers

_PAY = "[A]; drivers/costs.csv BEST, annual authorisation is $0.31M a team without agents' pay"


@dataclass(frozen=True, slots=True, kw_only=True)
class BestTeams(Policy):
    """Doubles the 32 teams of early 2013 at dose 1; each breaks up cells at the line."""

    id = "best_teams"
    title = "BEST task force teams"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = (
        "Border task force teams (BEST) are among the tools at hand, and they work side by side "
        "with their counterparts in Mexico."
    )
    mechanism = (
        "U.S. investigators and their Mexican counterparts build cases against cells at the "
        "line; every team adds to the hazard that a cell is dismantled."
    )
    expect = (
        "Organisations have fewer cells at the line, so guided crossings become more expensive "
        "and move to the remaining cells."
    )
    fails_when = "Cells are replaced faster than they are dismantled."
    lever_names = ("cell_hunt",)
    high = 4.0
    failing = MappingProxyType({"smugglers.cell_pace": 40.0, "smugglers.cell_price": 0.0})

    teams: float = param(
        32.0,
        unit="teams",
        low=0.0,
        high=200.0,
        doc="Additional teams at dose 1.",
        source="[A] as many again as in mexico/cooperation_inputs.csv BEST teams, early 2013",
    )
    hunt: float = param(
        0.01,
        unit="per year",
        low=0.0,
        high=0.2,
        doc="Hazard that a cell is dismantled, per team.",
    )
    cost_per_team: float = param(
        5e6,
        unit="$/team-year",
        low=0.3e6,
        high=20e6,
        doc="Cost of a team for a year, pay included.",
        source=_PAY,
    )
    build_days: float = param(
        180.0,
        unit="days",
        low=1.0,
        high=1_825.0,
        doc="Days until all teams operate.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the price of a team-year multiplied by the number of teams."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.teams * self.cost_per_team,
                what="Teams' pay and support.",
                source=_PAY,
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Add the hazard of the teams that operate on the day."""
        levers.cell_hunt += self.teams * dose * self.ramp(day, self.build_days) * self.hunt
