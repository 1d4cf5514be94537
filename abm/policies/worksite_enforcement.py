"""Checks at U.S. workplaces on the right to work."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import days_param, dollars_param, share_param

_CBO = "Congressional Budget Office, H.R. 1772 Legal Workforce Act, 17 December 2013"
_EARNINGS = "Orrenius and Zavodny (2014), Dallas Fed Working Paper 1403"


@dataclass(frozen=True, slots=True, kw_only=True)
class WorksiteEnforcement(Policy):
    """Makes checks on the right to work mandatory, which lowers what unlawful workers earn."""

    id = "worksite_enforcement"
    title = "Checks of the right to work"
    arm = "governance"
    basis = "used"
    claim = (
        "Tax dollars alone do not secure the line; a U.S. measure that the brief does not discuss "
        "lowers earnings after an entry."
    )
    mechanism = (
        "Employers must check new hires electronically. Earnings of people without papers fall, "
        "which narrows the income gap. Lawful workers become cheaper in comparison, which adds "
        "some only where the price of a petition, and not the law, limits them."
    )
    expect = "Fewer people set out from all countries; the effect grows as employers join."
    fails_when = (
        "The decision to leave does not depend on earnings, or work moves into the informal "
        "economy, and earnings hardly fall."
    )
    evaluated = "Orrenius and Zavodny 2014: earnings in states with a mandate"
    lever_names = ("us_earnings", "checks")
    #: Earnings fall only as much as for women in states with a mandate. In 2013-14, employers
    #: checked 44 to 58 % of hires (Cato Institute, "Employers ignore E-Verify", table 2).
    failing: ClassVar = {"policies.worksite_enforcement.cut": 0.012}
    switched_off: ClassVar = {"policies.worksite_enforcement.cut": 0.0}

    cut: float = share_param(
        0.052,
        "Fall of earnings of people without papers at dose 1, a mandate in all states.",
        high=0.3,
        source=f"{_EARNINGS}: -7.8 % for men and -1.2 % for women in states with a mandate, "
        "weighted with 60.6 % men",
        draw_range=(0.012, 0.078),
    )
    checked: float = share_param(
        0.44,
        "Share of hires that are checked at dose 1.",
        source="table 2 of Cato Institute, Employers ignore E-Verify: 44 to 58 % where a check is "
        "mandatory; below 50 % of employers enrol (Orrenius, Zavodny and Greer 2020)",
    )
    federal: float = dollars_param(
        127e6,
        "Federal resources at dose 1. Deficits rise by $3 billion a year, a transfer that is no "
        "cost.",
        high=1e9,
        source=f"{_CBO}: $635 million over 2014-18; unified deficits +$30 billion over 2014-23",
    )
    employers: float = dollars_param(
        200e6,
        "Cost to employers at dose 1.",
        high=5e9,
        source="National Immigration Law Center (March 2015), citing the Congressional Budget "
        "Office: more than $600 million over three years",
    )
    join_days: float = days_param(
        730.0,
        "Days until all employers are covered.",
        high=3_650.0,
        source="[A] H.R. 1772 phases the duty in over two years by size of the employer",
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return what the policy costs the federal government and employers."""
        return (
            Cost("us", self.federal, "Operation, without $3 billion of lost revenue.", _CBO),
            Cost(
                "users",
                self.employers,
                "Employers' cost of checks.",
                "National Immigration Law Center (March 2015)",
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Lower earnings and check hires. Each further dose lowers earnings by the same share."""
        levers.us_earnings += (1.0 - (1.0 - self.cut) ** dose) * self.ramp(day, self.join_days)
        levers.checks += self.checked * dose * self.ramp(day, self.join_days)
