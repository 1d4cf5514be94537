"""Agreements, protocols and parallel laws in both countries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.legal_channel import dose_of
from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.legal_pathways import visa_costs
from abm.policies.policy_params import (
    amount_param,
    days_param,
    dollars_param,
    petition_cost,
    processing_cost,
    share_param,
)
from agents.labels import GROUPS
from agents.param import param


@dataclass(frozen=True, slots=True, kw_only=True)
class BilateralAccords(Policy):
    """Adds sentences in Mexico, shortens detention before return, and adds permits.

    Sentences beyond what Mexico's courts can add are neither passed nor paid for.
    """

    id = "bilateral_accords"
    title = "Bilateral accords and parallel laws"
    arm = "legal_accords"
    needs_mexico = True
    area = "accords"
    claim = (
        "Accords and laws that match on both sides should make lawful movement easy and unlawful "
        "crossings harder and dearer."
    )
    mechanism = (
        "Mexico tries smugglers arrested on the U.S. side, as many as its courts can, so that a "
        "failed attempt costs smugglers more; returns need less detention, and some permits are "
        "added. Dose 1 is as many sentences as the existing accord would allow in all sectors."
    )
    expect = (
        "Fees rise, detention places become free sooner, and some people wait for a permit instead."
    )
    fails_when = (
        "The price rises and the number of journeys stays the same: demand does not respond to "
        "the fee, and permits are few."
    )
    acts_when = (
        "A sentence costs an organisation ten times as much, half of the flow is foreign, and "
        "permits are fourfold."
    )
    dose_note = dose_of(8_000.0)
    lever_names = ("mx_sentences", "readmission", "visas", "petitions")
    high = 4.0
    #: A sentence costs the organisation a guide's earnings, lawyers and a replacement, as in
    #: `smuggler_prosecution`. Half of the travellers are foreigners, as in FY2016.
    acting: ClassVar = {
        **pools_of(2016),
        "smugglers.sentence_loss": 80_000.0,
        "policies.bilateral_accords.dose": 4.0,
    }
    without_us_part: ClassVar = {"permits": (0.0, 0.0)}  # `legal_pathways` has the U.S. part.
    #: A limiting case: people hardly compare prices, and the accords add no permits.
    failing: ClassVar = {
        "migrants.decision_noise": 50_000.0,
        "policies.bilateral_accords.permits.mexican": 0.0,
        "policies.bilateral_accords.permits.northern_triangle": 0.0,
    }

    us_dollars: float = dollars_param(12e6, "U.S. share of readmission at dose 1.")
    mexico_dollars: float = dollars_param(8e6, "Mexican share of readmission at dose 1.")
    cases: float = amount_param(
        129.0,
        "sentences/year",
        "Additional sentences in Mexico at dose 1, if courts can pass them.",
        high=20_000.0,
        source="[A] dose 1 is what courts can add (smugglers.mx_sentences): output of the "
        "existing accord in one sector, FY2016, times nine, as if additional",
    )
    readmission: float = share_param(
        0.4, "Maximum share of the time in detention that readmission can save."
    )
    permits: tuple[float, ...] = amount_param(
        (6_000.0, 2_000.0),
        "visas/year",
        "Additional visas for workers requested at dose 1.",
        high=500_000.0,
        labels=GROUPS,
    )
    petition: float = petition_cost()
    processing: float = processing_cost()
    mexican_sentence: float = param(
        40_000.0,
        unit="$/sentence",
        low=2_000.0,
        high=150_000.0,
        doc="Price of a Mexican sentence: case and prison.",
        source="[A] eight years (Migration Law, art. 159) at 150 to 390 pesos a day, and hearings; "
        "15,000 pays two to three years of prison",
        draw_range=(15_000.0, 90_000.0),
    )
    set_up_days: float = days_param(365.0, "Days until all cases are handled.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of sentences, reception and processing."""
        return (
            Cost("us", self.us_dollars, "Transfer of cases; readmission.", "[A]"),
            Cost("mexico", self.mexico_dollars, "Reception of people taken back.", "[A]"),
            Cost(
                "mexico",
                self.cases * self.mexican_sentence,
                "Courts and prisons for smugglers.",
                "[A]",
                lever="mx_sentences",
                ramp_days=self.set_up_days,
            ),
            *visa_costs(sum(self.permits), self.petition, self.processing, 0.0),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Request sentences from Mexico's courts, shorten detention, and add permits."""
        levers.mx_sentences += self.cases * dose * self.ramp(day, self.set_up_days)
        levers.readmission += self.readmission * -math.expm1(-dose)
        levers.visas += np.array(self.permits) * dose
        levers.petitions += sum(self.permits) * dose * self.petition
