"""Less paperwork and longer hours for trucks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import days_param, dollars_param, share_param


@dataclass(frozen=True, slots=True, kw_only=True)
class TradeFacilitation(Policy):
    """Moves paperwork away from the border and extends opening hours on the U.S. side."""

    id = "trade_facilitation"
    title = "Trade facilitation"
    arm = "ports"
    claim = (
        "Trade with Mexico may soon be the largest that the U.S. has, and up to two fifths of what "
        "Mexico's factories export was made in the U.S.; delay costs both."
    )
    mechanism = (
        "Documents arrive before the truck and offices stay open longer, so a truck takes less "
        "time at the booth, and some shippers join the trusted lane. Cheaper trade raises incomes, "
        "Mexico's by more, so the income gap narrows."
    )
    expect = "Trucks wait less and delay costs less; seizures change little."
    fails_when = (
        "Tighter security taxes trade: the time saved goes to inspections, few shippers join the "
        "trusted lane, and trucks wait nearly as long as before."
    )
    lever_names = ("truck_time", "trusted_trucks")
    high = 4.0
    judged_by = "trade_delay"
    switched_off: ClassVar = {
        "policies.trade_facilitation.quicker": 0.0,
        "policies.trade_facilitation.joining": 0.0,
    }
    failing: ClassVar = {
        "ports.refocus": 1.0,
        "ports.reassign": 1.0,
        "policies.trade_facilitation.joining": 0.0,
    }

    quicker: float = share_param(0.15, "Time at the booth that a truck saves at dose 1.", high=0.9)
    joining: float = share_param(
        0.05, "Ordinary trucks that move to the trusted lane at dose 1.", high=0.9
    )
    us_dollars: float = dollars_param(40e6, "U.S. share of the cost at dose 1.")
    users_dollars: float = dollars_param(
        10e6, "Cost to shippers at dose 1, for longer hours and advance filing."
    )
    set_up_days: float = days_param(365.0, "Days until advance filing is available everywhere.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of filing systems and longer hours, of which users pay a part."""
        return (
            Cost("us", self.us_dollars, "Filing systems and longer hours.", "[A]"),
            Cost("users", self.users_dollars, "Shippers' fees for filing and hours.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Shorten booth times and move trucks. Each unit of dose acts on what remains."""
        ready = self.ramp(day, self.set_up_days)
        levers.truck_time += (1.0 - (1.0 - self.quicker) ** dose) * ready
        levers.trusted_trucks += (1.0 - (1.0 - self.joining) ** dose) * ready
