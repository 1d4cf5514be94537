"""Intelligence that the two countries share."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, dollars_param, share_param
from agents.contest import integrity


@dataclass(frozen=True, slots=True, kw_only=True)
class IntelligenceSharing(Policy):
    """Improves where agents work, not how strong they are. Each further dollar improves less."""

    id = "intelligence_sharing"
    title = "Shared intelligence"
    arm = "institutions"
    needs_mexico = True
    area = "intelligence"
    claim = "The U.S. shares very sensitive intelligence with Mexico, which has the same concerns."
    mechanism = (
        "Both sides' maps of flows become more accurate and timely, so that more agents and "
        "officers are in the zones where people cross. Organisations lose their leaders more "
        "often; officers who take bribes leak plans to them."
    )
    expect = (
        "Agents stop more people, above all where flows shift between zones; organisations split "
        "more often."
    )
    fails_when = (
        "Integrity is low: plans leak, organisations avoid agents and go on as fragments after "
        "they lose a leader, so that the effect becomes negative."
    )
    acts_when = "Flows shift within sectors, few leak the plans, and four times as much is paid."
    lever_names = ("map_noise", "map_lag", "leak", "decapitation")
    high = 8.0
    failing: ClassVar = {  # Plans almost surely leak, and leaders are replaced.
        "mexico.bribe": 3.0,
        "smugglers.dismantled": 0.0,
        "policies.intelligence_sharing.leak": 1.0,
    }
    #: Flows shift between the zones within a sector more than the record of sectors implies, and
    #: most people who see the plans are vetted.
    acting: ClassVar = {
        "contest.zone_spread": 1.0,
        "policies.intelligence_sharing.leak": 0.3,
        "policies.intelligence_sharing.dose": 4.0,
    }
    #: Agents do not follow the map, neither within nor between sectors, and no leader is arrested.
    switched_off: ClassVar = {
        "contest.concentration": 0.0,
        "border_patrol.rule": "static",
        "policies.intelligence_sharing.decapitation": 0.0,
    }

    us_dollars: float = dollars_param(40e6, "U.S. share of the cost at dose 1.")
    mexico_dollars: float = dollars_param(10e6, "Mexican share of the cost at dose 1.")
    clearer: float = share_param(0.5, "Maximum reduction of the noise and delay of maps.")
    leak: float = amount_param(
        1.0,
        "probability",
        "Maximum leak of plans, if every officer took bribes.",
        high=1.0,
    )
    decapitation: float = amount_param(
        0.15,
        "per year",
        "Maximum increase of the hazard that an organisation loses its leader.",
        high=2.0,
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs for analysts, centres and equipment in both countries."""
        return (
            Cost("us", self.us_dollars, "Analysts and equipment.", "[A]"),
            Cost("mexico", self.mexico_dollars, "Analysts and fusion centres.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Improve maps, raise the hazard of leaders' arrest, and leak plans through bribes."""
        mexico = inputs.settings.mexico
        bribed = 1.0 - float(integrity(mexico.bribe, mexico.pay, mexico.bribe_spread))
        response = -math.expm1(-dose)
        levers.map_noise += self.clearer * response
        levers.map_lag += self.clearer * response
        levers.leak += self.leak * bribed * response
        levers.decapitation += self.decapitation * response
