"""A gendarmerie for rural Mexico."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import OFFICER_PAY, amount_param, officer_cost, share_param

_FORCE = "mexico/cooperation_inputs.csv Gendarmerie, actual Aug 2014"


@dataclass(frozen=True, slots=True, kw_only=True)
class RuralGendarmerie(Policy):
    """Adds companies of gendarmes at rural places, who act with the migration institute."""

    id = "rural_gendarmerie"
    title = "Rural gendarmerie"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = "Mexico plans a gendarme force that can police its countryside."
    mechanism = (
        "Companies guard rural business and move to where the map shows most people. Only the "
        "migration institute may check papers, so gendarmes act with its officers, and no more are "
        "hired than can act. Some are new, the others leave other police. Dose 1 is the force "
        "launched, 5,000 gendarmes, dose 2 the force planned and dose 8 the force proposed."
    )
    expect = (
        "More people are stopped on rural legs or pay a bribe to continue; routes shift to other "
        "legs."
    )
    fails_when = (
        "Integrity is low: extortion rises faster than interdiction; or few officers of the "
        "migration institute are there."
    )
    acts_when = (
        "The force is as large as planned and adds to the police, eight act with each "
        "migration officer, and half of the flow is foreign."
    )
    lever_names = ("gendarmes",)
    high = 8.0
    monotone: ClassVar = {"EXTORTED": 1}
    failing: ClassVar = {"mexico.bribe": 3.0}  # About 2 % of officers refuse bribes.
    #: The force has its planned size, the reported share of new officers, and as many gendarmes per
    #: INM agent as in June 2019. The flow is as in FY2016.
    acting: ClassVar = {
        **pools_of(2016),
        "policies.rural_gendarmerie.dose": 2.0,
        "policies.rural_gendarmerie.net": 0.78,
        "mexico.gendarmes_per_officer": 7.9,
    }
    switched_off: ClassVar = {"mexico.gendarmes_per_officer": 0.0}

    officers: float = amount_param(
        5_000.0, "officers", "Gendarmes at dose 1.", high=40_000.0, source=_FORCE
    )
    net: float = share_param(
        0.46,
        "Share of gendarmes who add to all police; the others leave another police force, which "
        "does as much less.",
        source="2,300 of 5,000: 4,792 gendarmes in April 2016, other divisions of the Federal "
        "Police 2,483 smaller (Crónica, 11 July 2016); 0 against 2012, 3,900 with 1,072 fewer",
        draw_range=(0.0, 0.78),
    )
    cost_per_officer: float = officer_cost()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of pay and equipment for the additional gendarmes."""
        dollars = self.officers * self.net * self.cost_per_officer
        return (
            Cost(
                "mexico", dollars, "Gendarmes' pay and equipment.", OFFICER_PAY, lever="gendarmes"
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Request additional gendarmes, whom the model hires within its limit."""
        levers.gendarmes += self.officers * self.net * dose
