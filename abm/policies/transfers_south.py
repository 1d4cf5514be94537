"""Transfers of people to southern Mexico instead of returns to their country."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, share_param, transport_cost

_CASES = "[A] half of mexico/mx_returns.csv, 77,395 returned by land in 2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class TransfersSouth(Policy):
    """Moves a share of the people whom Mexico would return to the southern border by bus."""

    id = "transfers_south"
    title = "Transfers to the south of Mexico"
    arm = "southern_border"
    basis = "used"
    needs_mexico = True
    area = "southern_border"
    claim = (
        "Mexico wants to slow the movement of Central Americans through its territory, here "
        "without a return to their country."
    )
    mechanism = (
        "A share of the people whom Mexico would return is taken to a town at its southern border, "
        "from where they may travel through Mexico again."
    )
    expect = (
        "Returns by Mexico fall and more people try again, each facing the officers and dangers of "
        "the journey again."
    )
    fails_when = (
        "People who are moved continue more often than people who are returned try again: more "
        "people then reach the line than with returns."
    )
    lever_names = ("transfers_south",)
    high = 2.0
    monotone: ClassVar = {"TRANSFERRED_SOUTH": 1, "RETURNED_BY_MEXICO": -1}
    failing: ClassVar = {"migrants.retry_transferred": 1.0}

    share: float = share_param(
        0.5,
        "Share of the people whom Mexico would return who are moved south at dose 1.",
        source="[A] no count of releases in the south before 2020 is published",
    )
    ramp_days: float = days_param(30.0, "Days until all stations take part.", high=730.0)
    moved: float = amount_param(
        40_000.0, "persons/year", "Transfers per year at dose 1.", high=500_000.0, source=_CASES
    )
    bus: float = transport_cost(
        100.0, "Transport of a person to the southern border by bus, with guards."
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of buses."""
        return (Cost("mexico", self.moved * self.bus, "Buses to the southern border.", "[A]"),)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Set the share of people who are moved south instead of returned, at most 1."""
        levers.transfers_south += min(1.0, self.share * dose) * self.ramp(day, self.ramp_days)
