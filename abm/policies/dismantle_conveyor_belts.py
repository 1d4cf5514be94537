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
    """Seizes the funds of organisations and tries their heads; each further dollar does less."""

    id = "dismantle_conveyor_belts"
    title = "Pressure on criminal organisations"
    arm = "institutions"
    needs_mexico = True
    area = "operations"
    claim = (
        "Both countries want to take apart the organisations that live on moving people or drugs "
        "to the U.S."
    )
    mechanism = (
        "Prosecutors of both countries follow the money: funds of organisations are seized, some "
        "lose their heads, and those short of cash keep fewer cells or give up."
    )
    expect = (
        "Organisations earn less and some leave the market; those that lose their head split, "
        "and violence rises on their legs."
    )
    fails_when = (
        "The business shifts to drugs, which need fewer hands and pay more: funds are seized and "
        "made again, and revenue holds."
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
        doc="Highest rate at which the funds of organisations can be seized.",
    )
    decapitation: float = param(
        0.05,
        unit="per year",
        low=0.0,
        high=2.0,
        doc="Most that the hazard of an organisation losing its head can rise.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Investigators and prosecutors of both sides."""
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
        """Press on funds and heads."""
        much = -math.expm1(-dose)
        levers.pressure += self.seized * much
        levers.decapitation += self.decapitation * much
