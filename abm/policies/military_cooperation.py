"""Cooperation between the two countries' armed forces in remote areas and on the coast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import numpy as np

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import dollars_param, share_param
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World

_COAST = "pacific_south"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilitaryCooperation(Policy):
    """Adds surveillance on remote and coastal legs in Mexico. Only Mexican officers respond."""

    id = "military_cooperation"
    title = "Cooperation of armed forces"
    arm = "institutions"
    needs_mexico = True
    area = "intelligence"
    claim = (
        "Northern Command seeks a partnership with Mexico's armed forces, without soldiers abroad."
    )
    mechanism = (
        "U.S. radar images and equipment let Mexico's forces observe remote and coastal legs, "
        "where officers stop more people, with diminishing returns."
    )
    expect = "Interceptions rise on remote and coastal legs, and routes move to the main roads."
    fails_when = (
        "The flow moves to main roads, where surveillance does not increase, and does not use "
        "the coast: only remote country is observed."
    )
    acts_when = "Half of the people who arrive are foreigners, and four times as much is paid."
    lever_names = ("mx_watch",)
    high = 4.0
    acting: ClassVar = {**pools_of(2016), "policies.military_cooperation.dose": 4.0}
    failing: ClassVar = {
        "policies.military_cooperation.remote": 3,
        "routes.corridor_constant.pacific_south": -500.0,
    }

    us_dollars: float = dollars_param(80e6, "U.S. share of the cost at dose 1.")
    mexico_dollars: float = dollars_param(20e6, "Mexican share of the cost at dose 1.")
    watch: float = share_param(
        0.8, "Maximum increase of the hazard of interdiction on an observed leg.", high=3.0
    )
    remote: int = param(
        2,
        unit="class",
        low=0,
        high=9,
        doc="Remoteness of the end of a leg from which the leg counts as remote.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of U.S. equipment and data, and of operating hours in Mexico."""
        return (
            Cost("us", self.us_dollars, "Equipment and radar data for Mexico's forces.", "[A]"),
            Cost("mexico", self.mexico_dollars, "Patrol hours of Mexico's forces.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Raise the hazard by the same amount on every remote or coastal leg."""
        levers.mx_watch[self._watched(inputs.world)] += self.watch * -math.expm1(-dose)

    def _watched(self, world: World) -> np.ndarray:
        """Return a mask of legs into Mexico that are remote or on the southern Pacific coast."""
        into_mexico = (np.array(world.country) == "MX")[world.head]
        coast = (np.array(world.corridors) == _COAST)[world.leg_corridor]
        remote = world.remoteness[world.head] >= self.remote
        return into_mexico & ~world.is_line & ~world.is_port & (coast | remote)
