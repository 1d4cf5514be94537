"""Aid that is paid in tranches after Mexico's effort is verified."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from abm.policies.base import Cost, Policy, Seen
from agents.param import param

if TYPE_CHECKING:
    from agents.levers import Levers


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceConditionality(Policy):
    """Withholds part of the aid until effort is verified; without aid it only has a cost.

    It acts on the aid in the pipeline and is therefore used together with `merida_initiative`.
    """

    id = "assurance_conditionality"
    title = "Aid on verified effort"
    arm = "institutions"
    needs_mexico = True
    area = "training"
    claim = "Congress will repeatedly need assurance that Mexico does its part."
    mechanism = (
        "A share of the aid is withheld and released every half-year according to Mexico's "
        "verified effort; verification costs money, and more verification makes fewer errors."
    )
    expect = (
        "Part of the aid arrives half a year or more later, and some of it lapses; Mexico's "
        "effort does not respond to the condition in this model."
    )
    fails_when = "Verification is noisy: aid is cut in half-years in which Mexico made the effort."
    lever_names = ("aid_conditional", "verification")
    high = 2.0
    beside = ("merida_initiative",)
    failing = MappingProxyType(
        {
            "aid.effort_noise": 2.0,
            "policies.assurance_conditionality.verified": 0.0,
        }
    )

    held: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=0.5,
        doc="Share of the aid that is withheld at dose 1.",
    )
    verified: float = param(
        0.8,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Largest possible reduction of the verification error.",
    )
    inspection: float = param(
        5e6,
        unit="$/year",
        low=0.0,
        high=100e6,
        doc="Verification at dose 1.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of verification; the policy that sends the aid pays for the aid."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.inspection,
                what="Verification of effort.",
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Withhold aid and reduce the verification error."""
        levers.aid_conditional += self.held * dose
        levers.verification += self.verified * -math.expm1(-dose)
