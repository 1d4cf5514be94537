"""Pre-clearance of trusted shippers, validated by Mexican officers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import days_param, dollars_param, share_param


@dataclass(frozen=True, slots=True, kw_only=True)
class TrustedShippers(Policy):
    """Moves trucks to the trusted lane after Mexican officers have validated their shippers."""

    id = "trusted_shippers"
    title = "Trusted shippers and pre-clearance"
    arm = "ports"
    needs_mexico = True
    area = "accords"
    claim = "Clearing trusted shippers ahead of the border would help trade."
    mechanism = (
        "Trucks of certified shippers move to a trusted lane with few inspections, which frees "
        "inspections for the others. Mexican officers validate shippers, and any shipper for a "
        "bribe."
    )
    expect = (
        "Trucks wait less, and seizures rise by a few per cent: loads move to the lane with few "
        "inspections, but freed inspections find more in the others. They rise less where "
        "integrity in Mexico is low, so that validation fails."
    )
    fails_when = (
        "The booth time that the lane saves goes to inspections, so that trucks wait nearly as "
        "long; where integrity in Mexico is low, contraband moves into the lane."
    )
    lever_names = ("trusted_trucks", "validation")
    high = 4.0
    judged_by = "trade_delay"  # the outcome in the claim
    failing: ClassVar = {"ports.refocus": 1.0}

    us_dollars: float = dollars_param(35e6, "U.S. share of the cost at dose 1.")
    mexico_dollars: float = dollars_param(15e6, "Mexican share of the cost at dose 1.")
    trucks: float = share_param(
        0.1, "Ordinary trucks that move to the trusted lane at dose 1.", high=0.9
    )
    validated: float = share_param(
        0.8, "Trusted shippers that Mexican officers validate at dose 1.", high=0.99
    )
    certify_days: float = days_param(365.0, "Days until all shippers are certified.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of certification in the U.S. and validation in Mexico."""
        return (
            Cost("us", self.us_dollars, "Certification and pre-clearance.", "[A]"),
            Cost("mexico", self.mexico_dollars, "Validation of shippers.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Move trucks and validate shippers. Each unit of dose acts on the remaining trucks."""
        ready = self.ramp(day, self.certify_days)
        levers.trusted_trucks += (1.0 - (1.0 - self.trucks) ** dose) * ready
        levers.validation += (1.0 - (1.0 - self.validated) ** dose) * ready
