"""Financial and judicial pressure on the organisations."""

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
class DismantleConveyorBelts(Policy):
    """Seizes funds of organisations and prosecutes their leaders, with diminishing returns."""

    id = "dismantle_conveyor_belts"
    title = "Pressure on criminal organisations"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = (
        "Both countries want to dismantle the organisations that profit from moving people or "
        "drugs to the U.S."
    )
    mechanism = (
        "Prosecutors of both countries seize funds of organisations and arrest leaders; "
        "organisations short of cash reduce their cells or leave the market."
    )
    expect = (
        "Organisations earn less and some leave the market; organisations that lose their leader "
        "split, and violence rises on their legs."
    )
    fails_when = (
        "The business shifts to drugs, which need fewer people and pay more: organisations "
        "replace the seized funds, and revenue stays the same."
    )
    lever_names = ("pressure", "decapitation")
    high = 4.0
    judged_by = "smuggler_revenue"
    failing = MappingProxyType({"trade.mix_speed": 0.2, "trade.demand": 50.0})

    us_dollars: float = param(
        30e6,
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
    seized: float = param(
        0.5,
        unit="per year",
        low=0.0,
        high=5.0,
        doc="Largest possible rate of seizure of organisations' funds.",
    )
    decapitation: float = param(
        0.05,
        unit="per year",
        low=0.0,
        high=2.0,
        doc="Largest possible increase of the hazard that an organisation loses its leader.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs of investigators and prosecutors of both countries."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.us_dollars,
                what="Financial investigators and prosecutors.",
                source="[A]",
            ),
            Cost(
                payer="mexico",
                dollars_per_year=self.mexico_dollars,
                what="Prosecutors and protected judges.",
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Raise the hazards of seizures and arrests."""
        much = -math.expm1(-dose)
        levers.pressure += self.seized * much
        levers.decapitation += self.decapitation * much
