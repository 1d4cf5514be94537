"""Agreements, protocols and parallel laws of both countries."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from abm.legal_channel import dose_of
from abm.policies.base import Cost, Inputs, Levers
from abm.policies.legal_pathways import visa_costs
from abm.policies.policy_params import (
    amount_param,
    dollars_param,
    petition_cost,
    processing_cost,
    share_param,
)
from abm.policies.sentences import PRISON_SOURCE, Sentencing
from agents.labels import GROUPS
from agents.param import param


@dataclass(frozen=True, slots=True, kw_only=True)
class BilateralAccords(Sentencing):
    """Raises the cost of failed attempts, shortens detention before return, and adds permits."""

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
        "A failed attempt costs smugglers more on both sides of the line, returns need less "
        "detention, and some permits are added."
    )
    expect = (
        "Fees rise, detention places become free sooner, and some people wait for a permit instead."
    )
    fails_when = (
        "The price rises and the number of journeys stays the same: demand does not respond to "
        "the fee, and permits are few."
    )
    dose_note = dose_of(8_000.0)
    lever_names = ("penalty", "readmission", "visas", "petitions")
    high = 4.0
    #: a limiting case: people hardly compare prices, and there are no permits
    failing: ClassVar = {
        "migrants.decision_noise": 50_000.0,
        "policies.bilateral_accords.permits.mexican": 0.0,
        "policies.bilateral_accords.permits.northern_triangle": 0.0,
    }

    us_dollars: float = dollars_param(12e6, "U.S. share of readmission at dose 1.")
    mexico_dollars: float = dollars_param(8e6, "Mexican share of readmission at dose 1.")
    cases: float = amount_param(
        280.0,
        "sentences/year",
        "Additional sentences under parallel laws in each country at dose 1.",
        high=20_000.0,
    )
    penalty: float = share_param(
        0.3,
        "Relative increase of an organisation's loss from a failed attempt at dose 1, before "
        "saturation. 0: parallel laws deter nobody.",
        high=5.0,
        source="[A] 560 sentences in both countries as in abm/policies/sentences.py; no evaluation "
        "of parallel laws was found",
    )
    readmission: float = share_param(
        0.4, "Largest share of the time in detention that readmission can save."
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
        15_000.0,
        unit="$/sentence",
        low=2_000.0,
        high=60_000.0,
        doc="Price of a Mexican sentence: case and prison.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of sentences in both countries, reception and processing."""
        each = self.us_price()
        return (
            Cost(
                "us",
                self.us_dollars + self.cases * each,
                "Prosecutions and prisons under parallel laws; readmission.",
                f"{PRISON_SOURCE}; rest [A]",
            ),
            Cost(
                "mexico",
                self.mexico_dollars + self.cases * self.mexican_sentence,
                "Prosecutions under parallel laws; reception of people taken back.",
                "[A]",
            ),
            *visa_costs(sum(self.permits), self.petition, self.processing, 0.0),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the loss from a failed attempt, save detention time, add permits."""
        levers.penalty += self.penalty * self.sentenced(day, dose)
        levers.readmission += self.readmission * -math.expm1(-dose)
        levers.visas += np.array(self.permits) * dose
        levers.petitions += sum(self.permits) * dose * self.petition
