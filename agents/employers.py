"""U.S. employers: jobs for people without papers, lawful seasonal workers, and earnings.

Jobs for new workers without papers follow construction employment. Lawful workers beyond the record
take some of these jobs:

    D = D0 (C / C0)^e        U = D - s V        T = (A / A0) / (U / D)        earnings = T^-m

A are arrivals of adults, C is construction employment, and V are visas a year beyond the record. T
is 1 in the base year. Employers hire lawful workers within the H-2B cap and the observed pace of
H-2A, as long as petition and higher wage cost less than a worker without papers. Employers differ
in the expected cost of a worker without papers, which is evenly spread between 0 and twice the
mean. If a share c of all hires is checked, finding such a worker takes 1 / (1 - c) hires, and the
cost rises by the same factor.

At the declared values, a petition pays for 947,000 seasonal jobs, while 117,000 visas were issued
in FY2013. H-2A grew by a fifth a year in FY2013-16 without any recorded change in its price. Many
more employers would therefore gain than are served. The pace, not the price, limits visas, so
checks add no visas. The price limits visas only if petitions are expensive ($5,000) and workers
without papers are cheap ($3,000) at the same time. The pace results from demand and processing, not
from law. It counts from the run's first day and from the visas in use, so a policy that starts
earlier has no more room.

The supply of candidates already contains the construction cycle, whether it is estimated from data
or moves with `supply_terms.construction`. A0 is therefore the number of arrivals that today's
candidates would bring at the base year's arrivals per candidate. The cycle enters only through
U / D: in a slump, the same visas take a larger share of the jobs.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.labels import NATIONS
from agents.outcomes import GROUP_OF_NATION, N_GROUPS, Group
from agents.param import param

if TYPE_CHECKING:
    from agents.environment import Environment

N_NATIONS = len(NATIONS)
_MINIMUM = 0.01  # lower bound, for vacancies and earnings
_WEEK, _YEAR = 7.0, 365.0
_SETTLING = 17  # warm-up weeks before arrivals are proportional to candidates
_SHORTEST = 26  # weeks needed to measure base-year arrivals
_MEMORY = 91.0  # days, mean age of competing arrivals
_HIRING = 28.0  # days, mean age in the running mean of visas
_CHECKED = 0.95  # maximum share of hires that can be checked


@dataclass(frozen=True, slots=True, kw_only=True)
class EmployerParams:
    """Limits and prices of lawful work, jobs without papers, and what arrivals earn."""

    h2b_cap: float = param(
        66_000.0,
        unit="visas/year",
        high=100e6,
        doc="Cap on H-2B visas of all nations. A large one lifts the limits of all visas.",
        source="INA 214(g)(1)(B), law since 1990 (CRS R44306)",
    )
    h2a_growth: float = param(
        0.209,
        unit="share/year",
        high=10.0,
        draw_range=(0.0, 0.25),
        doc="Maximum growth of H-2A visas from one fiscal year to the next, a pace and not a law.",
        source="us/temporary_work_visas.csv FY2013-16: 20.9 % for Mexico, 21.8 % for the Northern "
        "Triangle; all, 20 to 24 % a year to FY2018 (us/poe_inspection_drugs_visas.csv). "
        "Drawn from 0: growth without a programme is no effect of one",
    )
    returning: float = param(
        0.75,
        unit="share",
        draw_range=(0.5, 0.9),
        doc="Share of lawful seasonal workers who come back in the next year.",
        source="[A] most do; no published rate for 2013",
    )
    seasonal_jobs: float = param(
        1_600_000.0,
        unit="jobs",
        high=20e6,
        doc="Seasonal jobs for which employers may petition.",
        source="migrant and seasonal farm workers in 2012, 1.5 to 1.75 million (Good Fruit Grower "
        "on GAO-12-706)",
    )
    season_wage: float = param(
        10_400.0,
        unit="$/season",
        low=1_000.0,
        high=50_000.0,
        doc="Wages of a season.",
        source="half a year (Rural Migration News 2775) at $8.97 to $12.01 (H-2A 2011, nyshs.org)",
    )
    wage_premium: float = param(
        0.205,
        unit="share",
        draw_range=(0.18, 0.23),
        doc="Earnings of a lawful seasonal worker above those of one without papers.",
        source="Simnitt and Onel 2023, Agricultural and Resource Economics Review, abstract",
    )
    unlawful_cost: float = param(
        5_000.0,
        unit="$/season",
        low=100.0,
        high=50_000.0,
        draw_range=(3_000.0, 8_000.0),
        doc="Mean expected cost of a worker without papers beyond the wage: search, turnover, "
        "missing hands, audits.",
        source="[A] petitions of $1,950 to $5,000 and the higher wage were paid while H-2A grew",
    )
    jobs: float = param(
        135_000.0,
        unit="jobs/year",
        low=1_000.0,
        high=5e6,
        draw_range=(100_000.0, 170_000.0),
        doc="Jobs a year for new Mexican workers without papers; for others in proportion to "
        "arrivals.",
        source="Orrenius and Zavodny 2016, CGD WP 436: inflow of 170,000 a year in 1996-2014, "
        "100,000 under the conditions after the recession",
    )
    jobs_elasticity: float = param(
        2.4,
        unit="elasticity",
        high=10.0,
        draw_range=(1.0, 4.9),
        doc="Response of these jobs to employment in construction.",
        source="Villarreal 2014, Demography 51: 2203-2228, with half of the fall of 2005-12 laid "
        "to construction; 4.9 with the whole fall",
    )
    construction: float = param(
        1.0,
        unit="ratio",
        low=0.1,
        high=10.0,
        doc="Employment in construction over that of the year of the run, for a run with people of "
        "another year.",
        source="[S] 1: no change; drivers/us_construction_employment.csv",
    )
    substitution: float = param(
        0.4,
        unit="jobs per worker",
        high=2.0,
        draw_range=(0.0, 1.0),
        doc="Jobs without papers that one more lawful worker takes.",
        source="[A] 0 to 1: apprehensions of Mexicans fewer per additional visa, FY2013-16, at "
        "most 1.03; 1.0 per bracero",
    )
    rationing: float = param(
        0.5,
        unit="elasticity",
        high=2.0,
        draw_range=(0.0, 1.0),
        doc="Fall of the earnings of arrivals with arrivals per vacancy; 1: a job or nothing.",
        source="Petrongolo and Pissarides 2001, J. Economic Literature 39: 390-431: the rate of "
        "finding work, not pay, rises by 0.3 to 0.5 with vacancies per seeker. Drawn from 0: "
        "against 8.1 million unauthorised workers (Pew 2015) arrivals hardly change pay",
    )


class Employers:
    """All U.S. employers of seasonal and unlawful workers, as one actor.

    Attributes:
        params: limits, prices and jobs.
        more: visas a year beyond the record for which employers petition, shape (nations,).
        new_workers: visas in `more` for new instead of returning workers, shape (nations,).
        lawful: visas a year beyond the record that are in use, shape (nations,).
        earnings: earnings of arrivals without papers, as a ratio to the base year.
        expected: earnings that people at home expect, as the same ratio.
    """

    def __init__(self, environment: Environment, params: EmployerParams, shares: np.ndarray):
        """Create the employers as in the base year.

        Args:
            environment: the model as agents see it.
            params: limits, prices and jobs.
            shares: each nation's share of its group, for visas declared by group.
        """
        self.environment, self.params, self._shares = environment, params, shares
        self.more, self.new_workers, self.lawful = zeros(), zeros(), zeros()
        self.earnings = self.expected = 1.0
        self._requested, self._construction = 0.0, 1.0
        self._issued, self._farm, self._free_h2b = zeros(), zeros(), zeros()
        self._last_farm = zeros()  # H-2A visas of the last fiscal year
        self._returning, self._seasons = zeros(), np.zeros((12, N_NATIONS))
        self._hired, self._served = zeros(), zeros()
        # The rows are candidates and arrivals (adults by group), summed over warm-up weeks.
        self._base, self._weeks = np.zeros((2, N_GROUPS)), 0
        self._recent = np.zeros((2, N_GROUPS))

    # ---- visas ----------------------------------------------------------------------------------
    def open_year(
        self, issued: np.ndarray, farm_share: np.ndarray, free_h2b: np.ndarray, construction: float
    ) -> None:
        """Set a fiscal year's recorded visas and jobs, when the year begins.

        Args:
            issued: visas issued without policies, by nation.
            farm_share: H-2A share of these visas, by nation.
            free_h2b: H-2B visas under the cap that are not issued, by nation.
            construction: employment in construction as a ratio to 2013.
        """
        farm = issued * farm_share
        started = self._issued.any()
        extra = np.minimum(self.lawful, self._room_for_farms()) if started else zeros()
        self._last_farm = (self._farm if started else farm) + extra
        self._issued, self._farm, self._free_h2b = issued, farm, free_h2b
        self._construction = construction * self.params.construction

    def _room_for_farms(self) -> np.ndarray:
        """Return how many H-2A visas a year beyond the record the pace allows, by nation."""
        limit = (1.0 + self.params.h2a_growth) * self._last_farm
        return np.maximum(0.0, limit - self._farm)

    def petition(self) -> None:
        """Petition for visas that policies offer, within the limits and at a profit, daily."""
        levers = self.environment.levers
        if not (levers.visas.any() or levers.visas_by_country.any()):
            if self._requested or self.more.any():
                self.more, self.new_workers, self._requested = zeros(), zeros(), 0.0
            return
        offers = self._offers()
        self._requested = max(0.0, float(offers.sum()))
        room = self._room_for_farms() + self._free_h2b
        price = float(levers.petitions[0]) / max(self._requested, 1e-9)
        vacant = self.profitable_jobs(price) - float(self._issued.sum())
        lawful = np.minimum(offers, room)
        self.more = lawful * min(1.0, max(0.0, vacant) / max(float(lawful.sum()), 1e-9))
        self.new_workers = self.more - np.clip(self._returning, 0.0, np.maximum(0.0, self.more))

    def profitable_jobs(self, price: float) -> float:
        """Return how many seasonal jobs cost less with a lawful worker than with an unlawful one.

        Args:
            price: cost per petition with all expenses, $.
        """
        p, checked = self.params, min(_CHECKED, float(self.environment.levers.checks[0]))
        lawful = price + p.wage_premium * p.season_wage
        unlawful = p.unlawful_cost / (1.0 - checked)
        return p.seasonal_jobs * min(1.0, max(0.0, 1.0 - lawful / (2.0 * unlawful)))

    def _offers(self) -> np.ndarray:
        """Return how many visas a year policies offer, by nation.

        Visas for a country without communities in the world go to the nations of its group.
        """
        levers, absent = self.environment.levers, self._shares <= 0.0
        countries = zeros()
        countries[: levers.visas_by_country.size] = levers.visas_by_country
        group = levers.visas + np.bincount(GROUP_OF_NATION, countries * absent, N_GROUPS)
        return np.where(absent, 0.0, countries) + group[GROUP_OF_NATION] * self._shares

    def advance_month(self, month: int) -> None:
        """Let workers return in the month in which they were hired a year ago.

        Args:
            month: number of the month that begins, 1 to 12.
        """
        self._seasons[month - 2] = self.lawful
        self._returning = self.params.returning * self._seasons[month - 1]

    def delivered(self) -> dict[str, float]:
        """Return the share of visas offered by policies that employers use, by lever."""
        if self._requested <= 0.0:
            return {"visas": 1.0}
        return {"visas": min(1.0, float(self.lawful.sum()) / self._requested)}

    # ---- jobs -----------------------------------------------------------------------------------
    def advance_week(self, adults: np.ndarray, served: np.ndarray, granted: float) -> None:
        """Count lawful workers, and update the earnings of arrivals without papers.

        Args:
            adults: adults in the week, candidates and arrivals by group, shape (2, groups).
            served: applications decided since the run began, shape (nations,).
            granted: share of decided applications that are granted.
        """
        admitted = (served - self._served) * granted * (_YEAR / _WEEK)
        self._served = served.copy()
        if not self.environment.recording:
            self._weeks += 1
            if self._weeks > _SETTLING:
                self._base += adults
            return
        added = admitted - self._issued if self.more.any() else 0.0
        self._hired += (added - self._hired) * (_WEEK / _HIRING)
        self.lawful = np.maximum(0.0, self._hired) + self.more - self.new_workers
        cut = min(1.0 - _MINIMUM, float(self.environment.levers.us_earnings[0]))
        tightness = self._arrivals(adults) / self.vacancies
        self.earnings = max(_MINIMUM, (1.0 - cut) * tightness**-self.params.rationing)

    @property
    def vacancies(self) -> float:
        """Share of jobs without papers that lawful workers do not take, above 0."""
        p, arrived = self.params, self._base[1]
        jobs = p.jobs * self._construction**p.jobs_elasticity
        if arrived[Group.MEXICAN] > 0.0:
            jobs *= float(arrived.sum() / arrived[Group.MEXICAN])
        return max(_MINIMUM, 1.0 - p.substitution * float(self.lawful.sum()) / jobs)

    def _arrivals(self, adults: np.ndarray) -> float:
        """Return recent arrivals, divided by base-year arrivals from as many candidates.

        The ratio is 1 if the warm-up is too short to measure the base year.
        """
        weeks = self._weeks - _SETTLING
        if weeks < _SHORTEST or not self._base.all():
            return 1.0
        base = self._base / weeks
        if not self._recent.any():
            self._recent = base.copy()
        self._recent += (adults - self._recent) * (_WEEK / _MEMORY)
        expected = float((self._recent[0] * base[1] / base[0]).sum())
        return float(self._recent[1].sum()) / max(expected, 1e-9)

    def spread_news(self, half_life: float) -> float:
        """Update the earnings that people at home expect, once a week. Return their logarithm.

        Args:
            half_life: days until people at home have heard of half of a change.
        """
        self.expected += (self.earnings - self.expected) * (1.0 - 0.5 ** (_WEEK / half_life))
        return math.log(self.expected)


def zeros() -> np.ndarray:
    """Return zeros, shape (nations,)."""
    return np.zeros(N_NATIONS)
