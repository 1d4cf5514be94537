"""Prosecution of smugglers in the United States."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param
from agents.param import param

_PRISON = "Federal Bureau of Prisons, average cost of incarceration, FY2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class SmugglerProsecution(Policy):
    """Prosecutes guides and drivers under U.S. law, up to what U.S. courts can add.

    Sentences beyond the courts' capacity are neither passed nor paid for.
    """

    id = "smuggler_prosecution"
    title = "Prosecution of smugglers in the United States"
    arm = "legal_accords"
    basis = "used"
    claim = (
        "Law enforcement and courts should target the organisations that smuggle people; U.S. law "
        "reaches those who work on its side, without Mexico."
    )
    mechanism = (
        "Guides and drivers arrested in the United States are sentenced to prison, so a failed "
        "attempt costs an organisation more. A sentence counts as much as one in Mexico. Dose 1 is "
        "the rise of FY2013 to FY2019; courts can hardly add more."
    )
    expect = "Fees rise, and some people stay; sentences beyond what courts can add do not happen."
    fails_when = (
        "Guides are cheap to replace: organisations hire others and pay little for the risk of "
        "prison."
    )
    acts_when = "A sentence costs the organisation a guide's earnings, lawyers and a replacement."
    lever_names = ("us_sentences",)
    high = 4.0
    #: To replace a guide, the organisation loses a month of earnings [A].
    failing: ClassVar = {"smugglers.sentence_loss": 1_000.0}
    #: A sentence costs the organisation a guide's earnings, lawyers and a replacement.
    acting: ClassVar = {"smugglers.sentence_loss": 80_000.0}
    switched_off: ClassVar = {"smugglers.sentence_loss": 0.0}

    cases: float = amount_param(
        1_300.0,
        "sentences/year",
        "Additional sentences at dose 1, if courts can pass them.",
        high=20_000.0,
        source="[S] dose 1 is what courts can add (smugglers.us_sentences)",
    )
    months: float = param(
        16.0,
        unit="months",
        low=1.0,
        high=60.0,
        doc="Mean sentence for smuggling of people, for the cost.",
        source="[A] no published mean of FY2013; U.S. Sentencing Commission, recalled: 14 to 18",
        draw_range=(14.0, 18.0),
    )
    prison_year: float = param(
        29_291.25,
        unit="$/person-year",
        low=15_000.0,
        high=60_000.0,
        doc="Price of a year in a federal prison.",
        source=f"{_PRISON} (28 CFR part 505)",
    )
    case_dollars: float = param(
        26_000.0,
        unit="$/sentence",
        low=5_000.0,
        high=100_000.0,
        doc="Price of a U.S. case before the sentence.",
        source="[A] 0.1 work-years of an investigator at $162,200 (GAO-10-328: 197 work-years on "
        "smuggling of people at the southwest border, FY2009) and $10,000 for the court",
        draw_range=(13_000.0, 52_000.0),
    )
    set_up_days: float = days_param(365.0, "Days until all cases are handled.")

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of the additional sentences."""
        price = self.case_dollars + self.months / 12.0 * self.prison_year
        return (
            Cost(
                "us",
                self.cases * price,
                "Investigations, courts and prisons.",
                f"{_PRISON}; case [A]",
                lever="us_sentences",
                ramp_days=self.set_up_days,
            ),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Request sentences from U.S. courts."""
        levers.us_sentences += self.cases * dose * self.ramp(day, self.set_up_days)
