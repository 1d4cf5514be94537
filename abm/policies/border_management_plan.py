"""The border management plan: one map of traffic, and lanes set to risk on both sides."""

from __future__ import annotations

import math
from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from abm.policies.base import Cost, Policy, Seen
from agents.param import param, params_of

if TYPE_CHECKING:
    from agents.levers import Levers

_MAP = ("map_noise", "map_lag")


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderManagementPlan(Policy):
    """Joins both sides' maps of traffic; inspections at ports follow the joint map.

    What lanes gain is in proportion to what the maps of the base year lack, so a map without
    noise and delay leaves nothing to gain.
    """

    id = "border_management_plan"
    title = "Joint management of the border"
    arm = "ports"
    needs_mexico = True
    area = "operations"
    claim = (
        "A plan to manage the border in a way fit for this century is among the tools that both "
        "countries already have for working side by side."
    )
    mechanism = (
        "Both sides see a clearer and earlier map of traffic, and lanes at ports are set to the "
        "risk that it shows: inspections find more of what is hidden. Each further dollar does "
        "less."
    )
    expect = "More is seized at ports at the same waits; staff stands a little nearer to the flow."
    fails_when = "The map of flows was good already: then neither staff nor lanes have to change."
    lever_names = ("map_noise", "map_lag", "port_targeting")
    high = 8.0
    judged_by = "drugs_seized"
    failing = MappingProxyType(
        {
            "border_patrol.map_noise": 0.0,
            "border_patrol.map_lag": 0.0,
            "mexico.map_noise": 0.0,
            "mexico.map_lag": 0.0,
        }
    )

    us_dollars: float = param(
        50e6,
        unit="$/year",
        low=0.0,
        high=500e6,
        doc="U.S. share of the cost at dose 1.",
    )
    mexico_dollars: float = param(
        10e6,
        unit="$/year",
        low=0.0,
        high=500e6,
        doc="Mexican share of the cost at dose 1.",
    )
    clearer: float = param(
        0.2,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Most that noise and delay of maps can fall.",
    )
    targeting: float = param(
        0.25,
        unit="share",
        low=0.0,
        high=3.0,
        doc="Most that inspections can find beyond the base year, at the base year's maps.",
    )
    set_up_days: float = param(
        180.0,
        unit="days",
        low=1.0,
        high=1_825.0,
        doc="Days until the joint map works.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Counting, a joint centre and lanes that can be changed over, on both sides."""
        return (
            Cost(
                payer="us",
                dollars_per_year=self.us_dollars,
                what="Traffic counts, a joint centre, flexible lanes.",
                source="[A]",
            ),
            Cost(
                payer="mexico",
                dollars_per_year=self.mexico_dollars,
                what="Traffic counts and staff of the joint centre.",
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Better maps, and lanes set by them."""
        much = -math.expm1(-dose) * self.ramp(day, self.set_up_days)
        levers.map_noise += self.clearer * much
        levers.map_lag += self.clearer * much
        levers.port_targeting += self.targeting * much * _wanting(seen)


def _wanting(seen: Seen) -> float:
    """What both sides' maps lack: 1 with the noise and delay that are declared, 0 with none."""
    told = [
        getattr(side, name) / max(params_of(type(side))[name].value, 1e-9)
        for side in (seen.settings.border_patrol, seen.settings.mexico)
        for name in _MAP
    ]
    return min(1.0, sum(told) / len(told))
