"""More admissions through the legal channel."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.legal_channel import divide_by_country
from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import amount_param, days_param
from agents.labels import COUNTRIES, GROUPS

_VISAS = "us/poe_inspection_drugs_visas.csv H2A_visas_Mexico and H2B_visas_Mexico, 77,464 in 2006"


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalPathways(Policy):
    """Raises yearly visas and lowers the applicant's fee.

    The United States grants visas alone, so the policy does not need Mexico. Applicants' payments
    are booked when they apply. The cost to users is what employers pay.
    """

    id = "legal_pathways"
    title = "More legal pathways"
    arm = "legal_accords"
    claim = (
        "Deterrence of unlawful movement needs incentives that make lawful movement of people "
        "faster."
    )
    mechanism = (
        "Consulates decide more applications a year once they have staff, and employers pay part "
        "of the fee. Some of the people admitted would have gone unlawfully."
    )
    expect = "Legal admissions rise; unlawful entries fall by less than one for each admission."
    fails_when = (
        "Enforcement is absent: an unlawful journey almost certainly succeeds, so few are willing "
        "to wait."
    )
    evaluated = "Clemens and Gough 2018: lawful work and apprehensions of Mexicans"
    lever_names = ("visas_by_country", "visa_fee")
    high = 4.0
    judged_by = "unlawful_entries"
    #: a limiting case: nobody is apprehended at the line
    failing: ClassVar = {"border_patrol.caught_share": 0.0}

    persons: tuple[float, ...] = amount_param(
        (60_000.0, 30_000.0),
        "persons/year",
        "Additional applications decided per year at dose 1.",
        high=2_000_000.0,
        labels=GROUPS,
        source=f"[A] after {_VISAS}",
    )
    countries: tuple[float, ...] = amount_param(
        (1.0,) * len(COUNTRIES),
        "weight",
        "Weight of a country on visas of FY2013, which divide the applications of its group; 0 "
        "excludes its nationals.",
        high=1.0,
        labels=COUNTRIES,
    )
    fee_cut: float = amount_param(
        150.0,
        "$",
        "Part of an applicant's fee that employers pay, in full from dose 1 on.",
        high=20_000.0,
    )
    set_up_days: float = days_param(180.0, "Days until all consulates have staff.")
    petition: float = amount_param(
        1_000.0,
        "$/person",
        "Cost of a person to the employer: petition, recruiting, share of the fee.",
        high=20_000.0,
    )
    processing: float = amount_param(
        300.0, "$/person", "Cost of a case to the government, net of fees.", high=20_000.0
    )

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the costs: employers pay petitions, the government pays what fees do not cover."""
        persons = sum(self.persons)
        return (
            Cost("users", persons * self.petition, "Employers' petitions and fees.", "[A]"),
            Cost("us", persons * self.processing, "Consulates and processing.", "[A]"),
        )

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add visas and reduce the fee, to no less than 0."""
        ready = self.ramp(day, self.set_up_days)
        persons = divide_by_country(self.persons, self.countries)
        levers.visas_by_country += persons * dose * ready
        cut = self.fee_cut * min(1.0, dose) * ready
        levers.visa_fee -= min(cut, inputs.settings.migrants.legal_fee)
