"""Policy: asylum seekers wait in Mexico for their U.S. hearing (used in 2019)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param, share_param

_CASES = "[A] after mexico/mpp_monthly.csv May to August 2019, 35,348 in four months"


@dataclass(frozen=True, slots=True, kw_only=True)
class RemainInMexico(Policy):
    """Sends a share of people who are due for release in the United States to wait in Mexico.

    At most `cases` times the dose are sent in a year. A case is paid for when the person is sent.
    """

    id = "remain_in_mexico"
    title = "Remain in Mexico"
    arm = "legal_accords"
    basis = "no hearing"
    needs_mexico = True
    area = "accords"
    claim = (
        "Agreements and parallel laws of both governments could put more obstacles in the way of "
        "unlawful migration; this one dates from 2019."
    )
    mechanism = (
        "A share of the people who would be released waits for the hearing in northern Mexico, "
        "where they can be kidnapped. Few hearings end in admission."
    )
    expect = (
        "Releases and unlawful entries fall and fewer people set out; kidnappings of people who "
        "wait rise."
    )
    fails_when = (
        "Few people are released initially. If nearly all who are not admitted cross undetected "
        "instead, entries still fall here. Kidnappings of people who wait always rise."
    )
    lever_names = ("wait_in_mexico", "wait_cases")
    high = 2.0
    judged_by = "unlawful_entries"
    #: A limiting case: everyone is detained.
    failing: ClassVar = {"consequences.release": (0.0, 0.0, 0.0), "consequences.beds": 400_000.0}

    share: float = share_param(
        0.5,
        "Share of the people released to proceedings that waits in Mexico at dose 1.",
        source="[A] after mexico/mpp_monthly.csv, 12,500 in August 2019",
    )
    ramp_days: float = days_param(
        180.0,
        "Days until it applies along the whole line.",
        high=730.0,
        source="[A] after mexico/mpp_monthly.csv, January to August 2019",
    )
    cases: float = amount_param(
        100_000.0,
        "cases/year",
        "Capacity in cases per year at dose 1.",
        high=500_000.0,
        source=_CASES,
    )
    us_case: float = amount_param(
        1_200.0,
        "$/case",
        "Cost of a case to the U.S.: hearing rooms at ports, transport, judges' time.",
        high=20_000.0,
    )
    mexico_case: float = amount_param(
        300.0, "$/case", "Cost of a case to Mexico: permits and shelter.", high=20_000.0
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of hearings in the United States and shelter in Mexico."""
        shelter = "Permits and shelter for people who wait."
        return (
            Cost("us", self.cases * self.us_case, "Hearings and transport.", "[A]", "wait_cases"),
            Cost("mexico", self.cases * self.mexico_case, shelter, "[A]", "wait_cases"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Set the share of people who are sent back, at most 1, and the capacity in cases."""
        levers.wait_in_mexico += min(1.0, self.share * dose) * self.ramp(day, self.ramp_days)
        levers.wait_cases += self.cases * dose
