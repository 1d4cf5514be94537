"""Additional booths at ports, built by public and private partners and financed by tolls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, life_years, share_param
from abm.policies.sector_allocation import over_ports
from agents.param import param

_BOOTH = "[A] after drivers/ports_infrastructure.csv San Ysidro booths_planned, $583M for 46 booths"
_TRAFFIC = (
    "[A] after drivers/ports_year.csv border_total 2013, 66.5M cars and 5.2M trucks, less "
    "us/poe_inspection_drugs_visas.csv SENTRI_vehicle_entries_million 2013"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmartInfrastructure(Policy):
    """Adds booths at existing ports. The toll and all costs start on the first day.

    Tolls pay for the partner's share of construction, for maintenance, and for officers at new
    booths. The revenue is estimated from base-year traffic.
    """

    id = "smart_infrastructure"
    title = "Smart infrastructure paid by tolls"
    arm = "ports"
    claim = (
        "Partnerships of public and private money can build smarter crossings, which speed up "
        "lawful traffic and stop the rest."
    )
    mechanism = (
        "Booths are built over some years, tolls of ordinary lanes pay for their officers, and "
        "paperwork of trucks becomes shorter."
    )
    expect = "Waits fall as booths open, as far as officers are available for them."
    fails_when = (
        "Booths have no officers: users pay the toll and wait as before. If traffic is elastic, "
        "new travellers fill the lanes, or waits fall because the toll deters people."
    )
    lever_names = ("port_booths", "port_officers", "truck_time", "toll")
    high = 5.0
    judged_by = "wait_travellers"
    failing: ClassVar = {
        "policies.smart_infrastructure.crew": 0.0,
        "ports.elasticity": (0.0, 0.0),
    }

    booths: float = amount_param(60.0, "booths", "Booths built at dose 1.", high=1_000.0)
    crew: float = amount_param(
        10.0,
        "officers/booth",
        "Officers hired per new booth, at it and behind it, for all shifts.",
        high=50.0,
    )
    toll: float = amount_param(
        3.0, "$", "Toll per crossing in ordinary lanes at dose 1.", high=15.0
    )
    traffic: float = amount_param(
        59.1e6,
        "crossings/year",
        "Cars and trucks per year in ordinary lanes, for the revenue from tolls.",
        high=500e6,
        source=_TRAFFIC,
    )
    quicker: float = share_param(0.05, "Time at the booth that a truck saves at dose 1.", high=0.9)
    booth_cost: float = param(
        12.7e6,
        unit="$/booth",
        low=1e6,
        high=50e6,
        doc="Construction cost of a booth, including lanes and buildings.",
        source=f"{_BOOTH}; about $220M for 20 at Nogales Mariposa",
        draw_range=(11e6, 12.7e6),
    )
    public_share: float = share_param(0.25, "Public share of the construction cost.")
    life_years: float = life_years(25.0)
    build_days: float = days_param(730.0, "Days until all booths are built.", high=3_650.0)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the tolls that users pay, and the public share of construction costs."""
        built = self.booths * self.booth_cost * self.public_share
        return (
            Cost(
                "users",
                self.toll * self.traffic,
                "Tolls, for construction, maintenance and officers.",
                f"toll [A]; {_TRAFFIC}",
            ),
            Cost(
                "us",
                built / self.life_years,
                "Public share of the construction, spread over its lifetime.",
                _BOOTH,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Open booths, and add their officers, at a constant rate."""
        ready = self.ramp(day, self.build_days)
        share = over_ports(inputs.booths_base, levers.port_booths.size)
        opened = self.booths * dose * ready * share
        levers.port_booths += opened
        levers.port_officers += self.crew * opened
        levers.truck_time += (1.0 - (1.0 - self.quicker) ** dose) * ready
        levers.toll += self.toll * dose
