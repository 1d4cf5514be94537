"""Aid in tranches, released on verified effort."""

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
    """Holds back part of the aid until effort is verified; alone it only costs.

    It acts through the aid that is under way, so it belongs beside `merida_initiative`.
    """

    id = "assurance_conditionality"
    title = "Aid on verified effort"
    arm = "institutions"
    needs_mexico = True
    area = "training"
    claim = "Congress will ask again and again to be assured that Mexico does its part."
    mechanism = (
        "A share of the aid is held back and released by half-year on Mexico's verified effort; "
        "verification costs money and makes fewer errors the more of it there is."
    )
    expect = (
        "Part of the aid comes half a year or more later, and some of it lapses; Mexico's effort "
        "does not answer to the condition in this model."
    )
    fails_when = (
        "Verification is noisy: the wrong half-year is punished, and aid is cut where the effort "
        "was there."
    )
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
        doc="Share of the aid that is held back at dose 1.",
    )
    verified: float = param(
        0.8,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Most that the error of verification can fall.",
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
        """Verification; the aid itself is paid for by the policy that sends it."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.inspection,
                what="Verification of effort.",
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Hold back, and look closely."""
        levers.aid_conditional += self.held * dose
        levers.verification += self.verified * -math.expm1(-dose)
