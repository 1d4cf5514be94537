"""Growth and governance in Mexico itself."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType
from typing import TYPE_CHECKING

from abm.policies.base import Cost, Policy, Seen
from agents.labels import COUNTRIES
from agents.param import param

if TYPE_CHECKING:
    from agents.levers import Levers

_MEXICO = COUNTRIES.index("MX")


@dataclass(frozen=True, slots=True, kw_only=True)
class MexicanProsperity(Policy):
    """Pays for growth, jobs and the rule of law in Mexico, with a delay of years."""

    id = "mexican_prosperity"
    title = "A more prosperous Mexico"
    arm = "governance"
    needs_mexico = True
    area = "accords"
    claim = (
        "A stable, democratic and more prosperous Mexico makes much possible, and is also the "
        "goal of its new government."
    )
    mechanism = (
        "Programmes of both governments raise growth, which narrows the income gap, and lower "
        "state failure; fewer Mexicans then gain from leaving."
    )
    expect = "No visible effect for years, then a slow fall of departures from Mexico."
    fails_when = "It is slow: it has no effect within the years of a usual horizon."
    lever_names = ("growth", "governance")
    high = 4.0
    judged_by = "departures_mexican"
    years = 10
    failing = MappingProxyType({"push.delay_months": 120.0})

    growth: float = param(
        100e6,
        unit="$/year",
        low=0.0,
        high=2e9,
        doc="Money for growth and jobs at dose 1.",
    )
    governance: float = param(
        50e6,
        unit="$/year",
        low=0.0,
        high=2e9,
        doc="Money for the rule of law at dose 1.",
    )
    us_share: float = param(
        0.5,
        unit="share",
        low=0.0,
        high=1.0,
        doc="Share of the cost that the U.S. pays.",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return each government's share of the cost of the programmes."""
        total, what = self.growth + self.governance, "Share of programmes for growth and law."
        return (
            Cost(payer="us", dollars_per_year=total * self.us_share, what=what, source="[A]"),
            Cost(
                payer="mexico",
                dollars_per_year=total * (1.0 - self.us_share),
                what=what,
                source="[A]",
            ),
        )

    def _pull(self, levers: Levers, day: int, seen: Seen, dose: float) -> None:
        """Add the money; the model spends it with a delay."""
        levers.growth[_MEXICO] += self.growth * dose
        levers.governance[_MEXICO] += self.governance * dose
