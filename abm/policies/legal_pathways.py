"""Additional visas for seasonal workers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from abm.legal_channel import divide_by_country, dose_of
from abm.policies.base import Cost, Inputs, Levers, Policy
from abm.policies.policy_params import (
    amount_param,
    days_param,
    petition_cost,
    processing_cost,
)
from agents.labels import COUNTRIES, GROUPS

_VISAS = "us/poe_inspection_drugs_visas.csv H2A_visas_Mexico and H2B_visas_Mexico, 77,464 in 2006"


def visa_costs(visas: float, petition: float, processing: float, days: float) -> tuple[Cost, ...]:
    """Return what visas cost employers and the government if all visas are used.

    Args:
        visas: visas a year that the policy requests at dose 1.
        petition: employer's cost per visa, $.
        processing: government's cost per visa, $.
        days: days over which the request grows.
    """
    source = "Roka, Simnitt and Farnsworth 2017"
    return (
        Cost("users", visas * petition, "Employers' petitions.", source, "visas", days),
        Cost("us", visas * processing, "Consulates and processing.", "[A]", "visas", days),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class LegalPathways(Policy):
    """Raises the number of visas a year and lowers the applicant's fee.

    The United States grants visas alone, so the policy does not need Mexico. Visas beyond the legal
    cap and the observed pace of H-2A are neither decided nor paid for, and the same applies to
    visas that no employer or no worker uses (:mod:`agents.employers`). Applicants pay when they
    apply. The cost to users consists of employers' payments.
    """

    id = "legal_pathways"
    title = "More legal pathways"
    arm = "legal_accords"
    claim = (
        "Deterrence of unlawful movement needs incentives that make lawful movement of people "
        "faster."
    )
    mechanism = (
        "Consulates decide more applications a year once they have staff. Employers hire lawful "
        "workers, who take some of the jobs of people without papers, and news of fewer jobs "
        "reaches home. Some of the people admitted would have gone unlawfully, and a removal "
        "costs them the chance of a visa."
    )
    expect = "Legal admissions rise; unlawful entries fall by less than one for each admission."
    fails_when = (
        "Petitions are dear and workers without papers are cheap at once: $5,000 and $3,000 "
        "instead of $1,950 and $5,000. Employers then hire no lawful worker; either alone stops "
        "none."
    )
    dose_note = dose_of(90_000.0)
    lever_names = ("visas_by_country", "visa_fee", "petitions")
    high = 4.0
    judged_by = "unlawful_entries"
    #: Each value is one end of a published or assumed range.
    failing: ClassVar = {"policies.legal_pathways.petition": 5e3, "employers.unlawful_cost": 3e3}

    persons: tuple[float, ...] = amount_param(
        (60_000.0, 30_000.0),
        "visas/year",
        "Additional visas requested per year at dose 1.",
        high=2_000_000.0,
        labels=GROUPS,
        source=f"[A] after {_VISAS}",
    )
    countries: tuple[float, ...] = amount_param(
        (1.0,) * len(COUNTRIES),
        "weight",
        "Weight of a country on visas of FY2013, which divide the visas of its group; 0 "
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
    petition: float = petition_cost()
    processing: float = processing_cost()

    @property
    def costs(self) -> tuple[Cost, ...]:
        """Return the cost of petitions and processing if all requested visas are used."""
        return visa_costs(sum(self.persons), self.petition, self.processing, self.set_up_days)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        """Add visas and petitions, and reduce the applicant's fee, at most to 0."""
        ready = self.ramp(day, self.set_up_days)
        persons = divide_by_country(self.persons, self.countries)
        levers.visas_by_country += persons * dose * ready
        levers.petitions += persons.sum() * dose * ready * self.petition
        cut = self.fee_cut * min(1.0, dose) * ready
        levers.visa_fee -= min(cut, inputs.settings.migrants.legal_fee)
