"""Surges: a higher tempo in one U.S. sector for some weeks at a time, shared by two instruments."""

from __future__ import annotations

from dataclasses import dataclass

from abm.policies.base import Cost, Policy
from agents.labels import SECTORS
from agents.param import param

_WAGES = "[A] share of us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class SurgePolicy(Policy):
    """Dates, sector and U.S. overtime of surges; the base of instruments, not an instrument."""

    sector: str = param(
        "rio_grande_valley",
        unit="name",
        low=0,
        high=0,
        choices=SECTORS,
        doc="U.S. sector of the surge.",
    )
    days_on: int = param(28, unit="days", low=1, high=365, doc="Length of a surge.")
    days_off: int = param(56, unit="days", low=0, high=365, doc="Pause between two surges.")
    us_rise: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=2.0,
        doc="Increase of the U.S. tempo in the sector at dose 1, during a surge.",
    )
    agents: tuple[float, ...] = param(
        (2_572.0, 1_141.0, 911.0, 4_135.0, 2_631.0, 623.0, 1_598.0, 1_803.0, 3_086.0),
        unit="agents",
        low=0.0,
        high=20_000.0,
        labels=SECTORS,
        doc="Agents by sector, for the cost.",
        source="us/usbp_staffing.csv fiscal year 2013",
    )
    wage: float = param(
        171_400.0,
        unit="$/agent-year",
        low=100_000.0,
        high=300_000.0,
        doc="Yearly cost of an agent.",
        source="us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013, of "
        "port officers; [A] for agents of the Border Patrol",
    )
    effort_share: float = param(
        0.65,
        unit="share of wages",
        low=0.3,
        high=1.0,
        doc="Cost of a unit of additional tempo.",
    )

    def surging(self, day: int) -> bool:
        """Return whether a day (ordinal) in force is one of a surge."""
        return (day - self.start) % (self.days_on + self.days_off) < self.days_on

    @property
    def sector_index(self) -> int:
        """Index of the sector in agents.labels.SECTORS."""
        return SECTORS.index(self.sector)

    @property
    def cost_of_tempo(self) -> float:
        """Cost of a unit of tempo over the year, in yearly wages: the mean of surges and pauses."""
        return self.effort_share * self.days_on / (self.days_on + self.days_off)

    @property
    def us_overtime(self) -> Cost:
        """Cost of the agents' overtime at dose 1."""
        agents = self.agents[self.sector_index]
        return Cost(
            "us",
            self.us_rise * agents * self.wage * self.cost_of_tempo,
            "Agents' overtime.",
            _WAGES,
            lever="us_effort",
        )
