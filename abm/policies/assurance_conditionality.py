"""Aid that is paid in tranches after Mexico's effort is verified.

The condition changes effort only if Mexico is strategic (`agents.governments`).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import dollars_param, share_param


@dataclass(frozen=True, slots=True, kw_only=True)
class AssuranceConditionality(Policy):
    """Withholds part of the aid until effort is verified. Without aid, it costs money to no effect.

    The policy acts on aid in the pipeline, so it is combined with `merida_initiative`.
    """

    id = "assurance_conditionality"
    title = "Aid on verified effort"
    arm = "institutions"
    needs_mexico = True
    area = "training"
    claim = "Congress will repeatedly need assurance that Mexico does its part."
    mechanism = (
        "A share of the aid is paid every half-year on Mexico's verified effort. A strategic "
        "Mexico raises its effort as far as the expected payment covers the cost; a willing one "
        "does not change it."
    )
    expect = (
        "Under a willing Mexico, part of the aid arrives later or lapses. Under a strategic Mexico "
        "and accurate verification, interceptions in Mexico rise."
    )
    fails_when = (
        "Verification is noisy: effort hardly changes the chance of payment, and a Mexico that is "
        "refused although it made the effort withdraws a part of it."
    )
    acts_when = "Mexico is strategic, half of the flow foreign, and half of peak aid is withheld."
    lever_names = ("aid_conditional", "verification")
    high = 2.0
    requires = ("merida_initiative",)
    failing: ClassVar = {"aid.effort_noise": 2.0, "policies.assurance_conditionality.verified": 0.0}
    #: Mexico is strategic, and half of the flow consists of foreigners who cross Mexico, as in
    #: FY2016. Aid is $600 million a year, more than the $500 million requested for FY2008
    #: (drivers/merida_by_year.csv). Half of it, the upper bound, is withheld.
    acting: ClassVar = {
        "governments.mexico": "strategic",
        "policies.merida_initiative.dose": 2.0,
        "policies.assurance_conditionality.withheld": 0.5,
        **pools_of(2016),
    }
    switched_off: ClassVar = {"governments.aid_worth": 0.0, "governments.grievance_gain": 0.0}

    withheld: float = share_param(
        0.15,
        "Share of the aid that is withheld at dose 1.",
        high=0.5,
        source="law of FY2008-10: 15 % of certain aid, on human rights, not migration (CRS "
        "R40135, 2010); 0.5 [A]",
        draw_range=(0.15, 0.5),
    )
    verified: float = share_param(0.8, "Maximum reduction of the verification error.")
    inspection: float = dollars_param(5e6, "Verification at dose 1.", high=100e6)

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of verification. The aid itself is a cost of the policy that pays it."""
        return (Cost("us", self.inspection, "Verification of effort.", "[A]"),)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Withhold aid and reduce the verification error."""
        levers.aid_conditional += self.withheld * dose
        levers.verification += self.verified * -math.expm1(-dose)
