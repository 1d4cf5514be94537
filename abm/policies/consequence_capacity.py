"""Detention places, courts and asylum officers on the U.S. side."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param
from agents.param import param

_BED = "drivers/costs.csv detention bed, adult, per day FY2016"
_COURT = (
    "AFSC-Tucson and ACLU-AZ, 2 August 2013: $96M a year for the Streamline court of Tucson, "
    "without prison"
)
_OFFICER = "[A] after us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year_usd 2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsequenceCapacity(Policy):
    """Adds detention places, courts and asylum officers, with full costs from the first day."""

    id = "consequence_capacity"
    title = "Capacity for consequences"
    arm = "consequences"
    basis = "used"
    claim = "The amount of tax money that would be enough to secure the line has no easy answer."
    mechanism = (
        "With more detention places, prosecutions and asylum officers, fewer people are released "
        "for lack of space, cases are decided sooner, and people expect less release."
    )
    expect = (
        "Releases fall, removals rise, and fewer families set out; fewer people in need of "
        "protection are returned without a hearing."
    )
    fails_when = (
        "Capacity is not the constraint: places and courts stay empty, and releases follow from "
        "the law and not from lack of space."
    )
    evaluated = "Bazzi et al. 2021, us/consequence_delivery.csv: further attempts"
    lever_names = ("beds", "courts", "asylum_officers")
    high = 4.0
    judged_by = "unlawful_entries"
    #: A limiting case: more detention places and court capacity than cases.
    failing: ClassVar = {
        "consequences.beds": 400_000.0,
        "consequences.courts": 50_000.0,
        "consequences.release_for_room": (0.0, 0.0, 0.0),
    }

    places: float = amount_param(10_000.0, "persons", "Detention places at dose 1.", high=200_000.0)
    bed_day: float = param(
        128.88,
        unit="$/day",
        low=100.0,
        high=159.0,
        doc="Cost of a place per day.",
        source=f"{_BED}; $159 in the request for FY2014 (National Immigration Forum)",
        draw_range=(128.88, 159.0),
    )
    prosecutions: float = amount_param(
        100.0, "persons/day", "Additional prosecutions per day at dose 1.", high=10_000.0
    )
    per_court: float = param(
        70.0,
        unit="persons/day",
        low=10.0,
        high=200.0,
        doc="Prosecutions per day of a federal court with its magistrates.",
        source="Arizona Daily Star, 2013: 70 a day in Tucson; three times as many need two more "
        "magistrates, courtrooms and beds",
    )
    court: float = param(
        96e6,
        unit="$/court-year",
        low=10e6,
        high=300e6,
        doc="Yearly cost of such a court: magistrates, prosecutors, defence and marshals.",
        source=f"{_COURT}; at least twice $50M (Arizona Daily Star, 2013)",
        draw_range=(56e6, 100e6),
    )
    prison_month: float = param(
        3_458.0,
        unit="$/person-month",
        low=1_000.0,
        high=10_000.0,
        doc="Prison of a person prosecuted, for a month.",
        source="AFSC-Tucson, 2 August 2013; $29,291 a year in a federal prison, FY2013",
        draw_range=(2_441.0, 3_458.0),
    )
    asylum: float = amount_param(300.0, "officers", "Asylum officers at dose 1.", high=10_000.0)
    officer: float = param(
        171_400.0,
        unit="$/officer-year",
        low=80_000.0,
        high=300_000.0,
        doc="Yearly cost of an asylum officer.",
        source=_OFFICER,
        draw_range=(120_000.0, 171_400.0),
    )
    hire_days: float = days_param(270.0, "Days until all capacity is available; linear.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of detention places, federal courts and asylum officers."""
        courts, prison = self.prosecutions / self.per_court, 365.0 * self.prison_month
        return (
            Cost("us", self.places * self.bed_day * 365.0, "Detention places.", _BED),
            Cost("us", courts * self.court, "Federal courts and magistrates.", _COURT),
            Cost("us", self.prosecutions * prison, "Prison, a month a person.", "AFSC-Tucson 2013"),
            Cost("us", self.asylum * self.officer, "Asylum officers.", _OFFICER),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add places and staff at a constant rate until the programme is complete."""
        ready = dose * self.ramp(day, self.hire_days)
        levers.beds += self.places * ready
        levers.courts += self.prosecutions * ready
        levers.asylum_officers += self.asylum * ready
