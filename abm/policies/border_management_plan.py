"""Border management plan: a joint map of traffic, and lanes assigned by risk."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import days_param, dollars_param, share_param
from agents.param import params_of

_MAP = ("map_noise", "map_lag")


@dataclass(frozen=True, slots=True, kw_only=True)
class BorderManagementPlan(Policy):
    """Merges both countries' traffic maps, which then guide inspections at ports.

    The gain at lanes is proportional to how far the base-year maps are from perfect. Maps without
    noise and delay leave no gain.
    """

    id = "border_management_plan"
    title = "Joint management of the border"
    arm = "ports"
    needs_mexico = True
    area = "operations"
    claim = (
        "A plan to manage the border in a way fit for this century is among the tools that both "
        "countries already have."
    )
    mechanism = (
        "Both sides get a more accurate and timely map of traffic, and ports assign lanes by risk: "
        "inspections find more contraband, with diminishing returns."
    )
    expect = "Seizures at ports rise at the same waits; staff is slightly closer to the flow."
    fails_when = "The map of flows was already accurate, so that neither staff nor lanes change."
    acts_when = "The plan is four times as large."
    lever_names = ("map_noise", "map_lag", "port_targeting")
    high = 8.0
    judged_by = "drugs_seized"
    acting: ClassVar = {"policies.border_management_plan.dose": 4.0}
    failing: ClassVar = {
        "border_patrol.map_noise": 0.1,
        "border_patrol.map_lag": 7.0,
        "mexico.map_noise": 0.1,
        "mexico.map_lag": 7.0,
    }

    us_dollars: float = dollars_param(50e6, "U.S. share of the cost at dose 1.")
    mexico_dollars: float = dollars_param(10e6, "Mexican share of the cost at dose 1.")
    clearer: float = share_param(0.2, "Maximum reduction of the noise and delay of maps.")
    targeting: float = share_param(
        0.25,
        "Maximum increase of finds in inspections, given the base year's maps.",
        high=3.0,
    )
    set_up_days: float = days_param(180.0, "Days until the joint map is in use.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return both countries' costs of traffic counts, a joint centre and flexible lanes."""
        return (
            Cost("us", self.us_dollars, "Traffic counts, a joint centre, flexible lanes.", "[A]"),
            Cost(
                "mexico",
                self.mexico_dollars,
                "Traffic counts and staff of the joint centre.",
                "[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Improve the maps and the targeting of lanes."""
        response = -math.expm1(-dose) * self.ramp(day, self.set_up_days)
        levers.map_noise += self.clearer * response
        levers.map_lag += self.clearer * response
        levers.port_targeting += self.targeting * response * _map_deficit(inputs)


def _map_deficit(inputs: Inputs) -> float:
    """Return how imperfect both maps are: 1 at declared noise and delay, 0 if both are zero."""
    deficits = [
        getattr(side, name) / max(params_of(type(side))[name].value, 1e-9)
        for side in (inputs.settings.border_patrol, inputs.settings.mexico)
        for name in _MAP
    ]
    return min(1.0, sum(deficits) / len(deficits))
