"""Separate lanes for pre-screened travellers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import (
    amount_param,
    days_param,
    dollars_param,
    share_param,
    years_param,
)

_LANE = "us/poe_inspection_drugs_visas.csv SENTRI_share_of_personal_vehicles, 2009 to 2013"
_SENTRI = "CBP, SENTRI FAQ, 26 February 2008: $25 + $17.25 + $80 for five years"
_MEMBERS = "drivers/costs.csv trusted travellers, all four programmes, 2014"


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedTravellers(Policy):
    """Enrols frequent crossers. Each further dose enrols the same share of the remaining crossers.

    The United States vets and enrols people alone. Mexican records would only add accuracy, so the
    policy does not need Mexico.
    """

    id = "trusted_travellers"
    title = "Trusted travellers"
    arm = "ports"
    claim = (
        "Programmes that pre-screen travellers should grow, so that trade and travel can grow as "
        "well."
    )
    mechanism = (
        "Enrolled travellers move from ordinary lanes to trusted ones, which are faster and have "
        "fewer inspections; reassigned lanes free officers."
    )
    expect = (
        "Waits fall in all lanes if lanes are reassigned with the travellers; contraband may "
        "move with them."
    )
    fails_when = (
        "Lanes are not reassigned: the trusted lane fills up, the booth time it saves goes to "
        "inspections, and travellers wait on average at least as long as before."
    )
    lever_names = ("trusted_travellers",)
    high = 5.0
    judged_by = "wait_travellers"
    failing: ClassVar = {"ports.reassign": 0.0, "ports.refocus": 1.0}

    share: float = share_param(
        0.1,
        "Ordinary travellers who move to the trusted lane at dose 1.",
        high=0.9,
        source=f"[A] after {_LANE}, up by 10 points",
    )
    enrolees: float = amount_param(
        200_000.0,
        "persons",
        "People enrolled at dose 1.",
        high=10_000_000.0,
        source=f"[A] after {_MEMBERS} (about 475,000 at this border)",
    )
    fee: float = amount_param(
        122.25,
        "$/person",
        "Fee of a SENTRI membership.",
        high=1_000.0,
        source=_SENTRI,
    )
    fee_years: float = years_param(
        5.0,
        "Years that a membership lasts.",
        high=10.0,
        source=_SENTRI,
    )
    centres: float = dollars_param(15e6, "Enrolment centres, net of fees.")
    enrol_days: float = days_param(365.0, "Days until all are enrolled.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the fees, spread over years of membership, and the cost of enrolment centres."""
        return (
            Cost(
                "users",
                self.enrolees * self.fee / self.fee_years,
                "Membership fees.",
                _SENTRI,
            ),
            Cost("us", self.centres, "Enrolment centres.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Move travellers to the trusted lanes.

        Each unit of dose moves the same share of the remaining travellers.
        """
        enrolled = 1.0 - (1.0 - self.share) ** dose
        levers.trusted_travellers += enrolled * self.ramp(day, self.enrol_days)
