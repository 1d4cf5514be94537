"""Loss that prison sentences for smuggling cause to organisations, and the price of a sentence.

Accords and prosecution in the United States act in the same way: a sentence costs an organisation
what it pays its people for the risk of prison, and their replacement. The loss is spread over
failing guided attempts, to which `smugglers.penalty` refers:

    share = sentences * months * dollars per month / failed attempts / penalty in the base year

With 16 months, $5,000 a month [A: earnings of a guide are up to $40,000 a year (Newsweek, 2006), or
$100 per migrant (La Prensa San Diego, 27 June 2003); risk, lawyers and replacement come on top],
335,000 failed attempts (apprehensions of FY2013 in us/usbp_sector_fy.csv, times smuggler use of
0.90 and 0.70 in us/smuggler_fees.csv) and a mean penalty of $443, 1,000 sentences give 0.54. No
evaluation of such sentences was found, so the share may be 0. Shares from all instruments are
added, and saturate together (:func:`agents.smugglers.products.penalty_rise`).
"""

from __future__ import annotations

from dataclasses import dataclass

from abm.policies.base import Policy
from abm.policies.policy_params import days_param
from agents.param import param

PRISON_SOURCE = "Federal Bureau of Prisons, average cost of incarceration, FY2013"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sentencing(Policy):
    """An instrument that pays for prison sentences for smuggling under U.S. law."""

    months: float = param(
        16.0,
        unit="months",
        low=1.0,
        high=60.0,
        doc="Mean sentence for smuggling of people.",
        source="[A] no mean of FY2013 was found; looked in the U.S. Sentencing Commission's "
        "overview, FY2013",
    )
    prison_year: float = param(
        29_291.25,
        unit="$/person-year",
        low=15_000.0,
        high=60_000.0,
        doc="Price of a year in a federal prison.",
        source="Federal Bureau of Prisons, average cost of incarceration, FY2013 (28 CFR part 505)",
    )
    case_dollars: float = param(
        26_000.0,
        unit="$/sentence",
        low=5_000.0,
        high=100_000.0,
        doc="Price of a U.S. case before the sentence.",
        source="[A] 0.1 work-years of an investigator at $162,200 (GAO-10-328: 197 work-years on "
        "smuggling of people at the southwest border, FY2009) and $10,000 for the court",
    )

    set_up_days: float = days_param(365.0, "Days until all cases are handled.")

    def us_price(self) -> float:
        """Return the price of a U.S. sentence with its case, $."""
        return self.case_dollars + self.months / 12.0 * self.prison_year

    def sentenced(self, day: int, dose: float) -> float:
        """Return the part of a dose whose cases are handled on a day.

        Args:
            day: ordinal of the day.
            dose: dose of the policy on that day.

        Returns:
            Dose from 0 to `dose`.
        """
        return dose * self.ramp(day, self.set_up_days)
