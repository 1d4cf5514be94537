"""Mérida Initiative: U.S. aid to Mexican institutions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.failure_conditions import pools_of
from abm.policies.policy_params import dollars_param

_AID = "[A] after drivers/merida_by_year.csv Merida-Mexico FY2011 and FY2012 requested"


@dataclass(frozen=True, slots=True, kw_only=True)
class MeridaInitiative(Policy):
    """Adds money to the pipeline of U.S. aid to Mexico."""

    id = "merida_initiative"
    title = "Mérida Initiative"
    arm = "institutions"
    needs_mexico = True
    area = "training"
    claim = (
        "The Mérida Initiative is the first of the tools that the U.S. has for working with Mexico."
    )
    mechanism = (
        "Aid arrives after four or five years as equipment, training and vetting of Mexican "
        "officers, whose competence and integrity rise."
    )
    expect = (
        "No effect in the first year; later the same officers stop slightly more people and take "
        "fewer bribes, as long as the aid continues. A tenth of the aid reaches officers on the "
        "routes of migrants."
    )
    fails_when = (
        "Officers take bribes regardless of pay and training: aid does not change interdiction, "
        "and dollars are spent without effect."
    )
    acts_when = (
        "Many officers can be bought, few are competent, half of the flow is foreign, and aid "
        "is at its peak."
    )
    lever_names = ("aid",)
    high = 2.0
    failing: ClassVar = {"mexico.bribe": 3.0}  # About 1 % of officers refuse bribes.
    #: About 42 % of officers take bribes, as many as failed vetting in the Federal Police in
    #: 2007-15 (El Economista 2015-07-07), and competence is lower [A]. Three tenths of the aid
    #: reach forces on migrants' routes. Aid is $600M a year, more than the $500M requested for
    #: FY2008. Half of the people are foreigners, whom Mexico may stop, as in FY2016.
    acting: ClassVar = {
        **pools_of(2016),
        "mexico.pay": 0.7,
        "mexico.competence": 0.3,
        "aid.migration_share": 0.3,
        "policies.merida_initiative.dose": 2.0,
    }
    switched_off: ClassVar = {
        "aid.max_equipment": 0.0,
        "aid.max_vetting": 0.0,
        "mexico.trained": 0.0,
    }
    years = 6  # appropriations FY2008-13 had a mean delay of 54 months

    aid: float = dollars_param(
        300e6, "Aid that enters the pipeline at dose 1.", high=1e9, source=_AID
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the appropriation. It is a cost even if the money is not yet spent."""
        return (Cost("us", self.aid, "Aid for equipment, training and vetting.", _AID),)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add aid to the pipeline."""
        levers.aid += self.aid * dose
