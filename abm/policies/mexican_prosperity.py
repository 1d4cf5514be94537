"""Growth and governance in Mexico itself."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import dollars_param, share_param
from agents.labels import COUNTRIES

_MEXICO = COUNTRIES.index("MX")


@dataclass(frozen=True, slots=True, kw_only=True)
class MexicanProsperity(Policy):
    """Pays for growth, jobs and the rule of law in Mexico, with a delay of years."""

    id = "mexican_prosperity"
    title = "A more prosperous Mexico"
    arm = "governance"
    needs_mexico = True
    area = "accords"
    claim = "A stable, democratic and more prosperous Mexico makes much possible."
    mechanism = (
        "Programmes of both governments raise growth, which narrows the income gap, pay for "
        "permanent jobs, whose holders stay, and lower state failure. Cash for families is "
        "possible too, but pays for journeys."
    )
    expect = (
        "No visible effect: $150M a year is 0.01 % of Mexico's product and pays for 2,500 jobs a "
        "year. A larger programme, aimed at people who are about to leave, lowers departures from "
        "Mexico after some years."
    )
    fails_when = (
        "It is small or slow, its jobs go to people who would have stayed, or its cash finances "
        "migration: departures do not fall, and may rise."
    )
    acts_when = "Jobs cost $1 billion a year and go to people of whom a quarter would leave."
    lever_names = ("growth", "jobs", "governance")
    optional_levers = ("cash",)
    high = 4.0
    judged_by = "departures_mexican"
    years = 10
    failing: ClassVar = {"policies.mexican_prosperity.cash": 1.0, "push.cash_migrants": 140.0}
    #: Jobs get a twentieth of the proposed North American Investment Fund, which has $20 billion a
    #: year (Pastor 2006). People who get a job would otherwise leave with a probability of 0.25,
    #: between 0.18 (Pew 2009) and 0.54 (after a return).
    acting: ClassVar = {
        "policies.mexican_prosperity.growth": 1e9,
        "policies.mexican_prosperity.targeted": 1.0,
        "push.job_leaving": 0.25,
    }
    switched_off: ClassVar = {
        "push.job_leaving": 0.0,
        "push.growth_return": 0.0,
        "push.governance_gain": 0.0,
    }

    growth: float = dollars_param(
        100e6,
        "Money for growth and jobs at dose 1.",
        high=2e9,
        source="[A] no programme of this kind exists; Pastor 2006 proposed $20 billion a year, of "
        "which Mexico pays half and the U.S. 40 %",
    )
    governance: float = dollars_param(50e6, "Money for the rule of law at dose 1.", high=2e9)
    targeted: float = share_param(
        0.5, "Share of the money for growth and jobs that pays for jobs where people leave."
    )
    cash: float = share_param(
        0.0,
        "Share of the money for growth and jobs that is paid to families as cash.",
    )
    us_share: float = share_param(0.5, "Share of the cost that the U.S. pays.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return each government's share of the cost of the programmes."""
        total, purpose = self.growth + self.governance, "Share of programmes for growth and law."
        return (
            Cost("us", total * self.us_share, purpose, "[A]"),
            Cost("mexico", total * (1.0 - self.us_share), purpose, "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Divide the money among growth, jobs, cash and governance. It is spent with a delay."""
        money = self.growth * dose
        cash = money * self.cash
        jobs = (money - cash) * self.targeted
        levers.cash[_MEXICO] += cash
        levers.jobs[_MEXICO] += jobs
        levers.growth[_MEXICO] += money - cash - jobs
        levers.governance[_MEXICO] += self.governance * dose
