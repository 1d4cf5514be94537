"""Policy: financial and judicial pressure on criminal organisations."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import amount_param, dollars_param


@dataclass(frozen=True, slots=True, kw_only=True)
class DismantleConveyorBelts(Policy):
    """Seizes funds, houses and vehicles and prosecutes leaders, with diminishing returns.

    It is judged by got-aways. Revenue is no measure of success, because prices rise under pressure.

    Drug organisations lose the same shares of funds and leaders. Their price north of the line
    rises by the loss.
    """

    id = "dismantle_conveyor_belts"
    title = "Pressure on criminal organisations"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = (
        "Both countries want to dismantle the organisations that profit from moving people or "
        "drugs to the U.S."
    )
    mechanism = (
        "Prosecutors of both countries seize funds, fees in transfer, houses and vehicles, and "
        "arrest leaders. Standing costs rise and enter the price in part. Cells that lose their "
        "houses stop work until they are replaced, which takes longer under prosecution. "
        "Organisations with too few cells become more expensive, slower and worse guides."
    )
    expect = (
        "Where organisations cannot replace their losses, they carry fewer people and drugs and "
        "earn less. Smugglers of people who lose their leader split, and violence rises on their "
        "legs; a drug organisation loses 0.3 of its business."
    )
    fails_when = "Organisations replace seized funds and cells quickly, and revenue stays the same."
    acts_when = (
        "Cells are replaced slowly, half of the flow is foreign, and the pressure is fourfold."
    )
    lever_names = ("pressure", "decapitation", "cell_hunt")
    high = 4.0
    #: An organisation replaces four cells a month, the fastest pace in the ensemble.
    failing: ClassVar = {"smugglers.cell_pace": 3.94}
    #: An organisation replaces a cell in ten months, the slowest pace in the ensemble. The policy
    #: costs $200M a year, two thirds of a year's aid to Mexico (drivers/merida_by_year.csv, FY2011
    #: and FY2012 requested). The flow is as in FY2016.
    acting: ClassVar = {
        **pools_of(2016),
        "smugglers.cell_pace": 0.1,
        "policies.dismantle_conveyor_belts.dose": 4.0,
    }
    switched_off: ClassVar = {"smugglers.capacity_response": 0.0, "smugglers.congestion": 0.0}

    us_dollars: float = dollars_param(30e6, "U.S. share of the cost at dose 1.")
    mexico_dollars: float = dollars_param(20e6, "Mexican share of the cost at dose 1.")
    seized: float = amount_param(
        0.5,
        "per year",
        "Maximum rate of seizure of organisations' funds.",
        high=5.0,
        source="[A] dose 1 seizes about $14M a year with the defaults; one U.S. state alone, "
        "Arizona, seized $17M of wire transfers from 2000 to 2008, of fees of "
        "$2.5 billion a year (East Valley Tribune 2008, from police affidavits; azag.gov "
        "2006-10-18)",
    )
    forfeited: float = amount_param(
        0.4,
        "per year",
        "Maximum hazard that a cell loses its houses and vehicles and stops work.",
        high=5.0,
        source="[A] at dose 4 ($200M) the hazard that best_teams adds for the same dollars",
    )
    decapitation: float = amount_param(
        0.05,
        "per year",
        "Maximum increase of the hazard that an organisation loses its leader.",
        high=2.0,
        source="[A]; 0.42 a year for heads of drug organisations from March 2009 to January "
        "2011, 20 of 37 (povgov.com/publications/4)",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs for investigators and prosecutors in both countries."""
        return (
            Cost("us", self.us_dollars, "Financial investigators and prosecutors.", "[A]"),
            Cost("mexico", self.mexico_dollars, "Prosecutors and protected judges.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the hazards of seizures, forfeiture and arrests."""
        response = -math.expm1(-dose)
        levers.pressure += self.seized * response
        levers.decapitation += self.decapitation * response
        levers.cell_hunt += self.forfeited * response
