"""Cooperation of both countries' armed forces in watching remote country and the coast."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from abm.policies.base import Cost, Policy, Seen
from agents.param import param

if TYPE_CHECKING:
    from abm.world.routes import World
    from agents.levers import Levers

_COAST = "pacific_south"


@dataclass(frozen=True, slots=True, kw_only=True)
class MilitaryCooperation(Policy):
    """Watches remote and coastal legs in Mexico; Mexican officers alone act on what is seen."""

    id = "military_cooperation"
    title = "Cooperation of armed forces"
    arm = "institutions"
    needs_mexico = True
    area = "intelligence"
    claim = (
        "Northern Command looks for partnership with Mexico's armed forces, without soldiers "
        "abroad and without turning the fight against crime into a war."
    )
    mechanism = (
        "Radar pictures and equipment from the U.S. let Mexico's own forces watch remote and "
        "coastal legs; Mexican officers there stop more people, each further dollar doing less."
    )
    expect = "Interceptions rise on remote and coastal legs, and routes move to the main roads."
    fails_when = (
        "The flow moves to roads that are in the open anyway and that nobody watches more: only "
        "deep country is watched, and the coast is not used."
    )
    lever_names = ("mx_watch",)
    high = 4.0
    failing = MappingProxyType(
        {
            "policies.military_cooperation.remote": 3,
            "routes.corridor_constant.pacific_south": -500.0,
        }
    )

    us_dollars: float = param(
        80e6,
        unit="$/year",
        low=0.0,
        high=500e6,
        doc="U.S. share of the cost at dose 1.",
    )
    mexico_dollars: float = param(
        20e6,
        unit="$/year",
        low=0.0,
        high=500e6,
        doc="Mexican share of the cost at dose 1.",
    )
    watch: float = param(
        0.8,
        unit="share",
        low=0.0,
        high=3.0,
        doc="Most that the hazard of interdiction can rise on a watched leg.",
    )
    remote: int = param(
        2,
        unit="class",
        low=0,
        high=9,
        doc="Remoteness of its end from which a leg is remote.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Equipment and data of the one side, hours of the other."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.us_dollars,
                what="Equipment and radar data for Mexico's forces.",
                source="[A]",
            ),
            Cost(
                payer="mexico",
                dollars_per_year=self.mexico_dollars,
                what="Patrol hours of Mexico's forces.",
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Watch every remote or coastal leg alike."""
        levers.mx_watch[self._watched(seen.world)] += self.watch * -math.expm1(-dose)

    def _watched(self, world: World) -> np.ndarray:
        """Legs that Mexico contests and that are remote or on the southern Pacific coast."""
        into_mexico = (np.array(world.country) == "MX")[world.head]
        coast = (np.array(world.corridors) == _COAST)[world.leg_corridor]
        remote = world.remoteness[world.head] >= self.remote
        return into_mexico & ~world.is_line & ~world.is_port & (coast | remote)
