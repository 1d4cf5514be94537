"""Push factors in the four origin countries: state failure, homicide, income and jobs.

    dPhi/dt = a (R/GDP) (1 - Phi) - b G Phi        H = H0 exp(h (Phi - Phi0))

Phi is state failure, H the homicide rate, R the revenue of organisations and officials, and G
governance. R and G enter as ratios to the base year. `erosion` is a R0/GDP, and b G0 is set to hold
Phi at Phi0, so state failure is constant in the base year. Supply by country is proportional to

    (H/H0)^eps_H (gap/gap0)^eps_w exp(-l J/C) (1 + m K/C)

The gap is U.S. income divided by the country's income. J are jobs that programmes have created in
places that people leave, K is the programmes' cash for these places, and C are base-year
candidates. Income depends on money for growth, on the cost of trade delays, which both countries
bear in proportion to value added, and on a declared path.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np

from agents.aid_pipeline import MONTH, Pipeline, Stock
from agents.arithmetic import exp, power
from agents.contest import probability
from agents.environment import OfTheWorld, read_only
from agents.labels import COUNTRIES
from agents.param import param

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from agents.environment import Environment

N_COUNTRIES = len(COUNTRIES)
MEXICO = COUNTRIES.index("MX")
MAX_REVENUE_RATIO = 100.0  # maximum revenue ratio, because the base can be near zero
_YEAR = 12  # months; a mean over a year has no season
PATHS = ("none", "record", "rate")  # paths for Mexican income
_USES = 4  # governance, growth, jobs, cash
_MILLION = 1e6


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParams:
    """State failure, the effects of governance and growth, and their delays."""

    failure: tuple[float, ...] = param(
        (0.67, 0.65, 0.61, 0.61),
        unit="index",
        low=0.01,
        high=0.99,
        labels=COUNTRIES,
        doc="State failure of a country in the base year: 0 none, 1 complete.",
        source="Failed States Index 2013 (Fund for Peace) over its maximum of 120: Guatemala 80.7, "
        "Honduras 78.3, El Salvador 73.2, Mexico 73.1 (github.com/eldomalba/AEA-1-Final-"
        "Assignment)",
    )
    erosion: float = param(
        0.05,
        unit="per year",
        high=1.0,
        doc="Rate at which criminal revenue of the base year erodes the remaining state capacity.",
        source="[A] no estimate found; a country needs 10 years (1/e) at an index of 0.5",
    )
    homicide_slope: float = param(
        4.0,
        unit="log points per index point",
        high=20.0,
        doc="Rise of a country's homicide rate with state failure.",
        source="[A] the index has no unit: only its product with governance_gain is compared with "
        "evidence; a fall of the index by 0.11 lowers homicide by 36 %",
    )
    delay_months: float = param(
        48.0,
        unit="months",
        low=1.0,
        high=120.0,
        doc="Mean time from appropriation to delivery of money for governance and growth.",
        source="drivers/merida_by_year.csv CARSI: 189 of 495 $M disbursed by June 2013 after 2.9 "
        "years on average, 48 to 73 months with an exponential delay",
    )
    governance_half: float = param(
        0.0025,
        unit="share of GDP",
        low=1e-5,
        high=0.1,
        doc="Sustained yearly spending on governance that has half of the possible effect.",
        source="[A] no published cost per treated neighbourhood of CARSI; all U.S. assistance to "
        "Central America of FY2013-18 was 620 $M a year, GAO-20-163R",
    )
    governance_gain: float = param(
        2.6,
        unit="share",
        high=10.0,
        doc="Upper limit of the rise of governance, for any amount of money.",
        source="[A] derived: homicide falls by 36 % in three years of full coverage (index 0.64, "
        "GT, HN and SV), as the mean of murders -51, extortion -51, robbery -19, drug sales -25 % "
        "where treated, Berk-Seligson et al. 2014; disputed by Rosnick et al. 2016, so the range "
        "includes 0",
    )
    governance_decay: float = param(
        0.25,
        unit="per year",
        low=0.01,
        high=2.0,
        doc="Rate at which built governance is lost.",
    )
    growth_return: float = param(
        0.32,
        unit="$/year per $",
        high=5.0,
        doc="Rise of a country's yearly income per dollar for growth.",
        source="derived: $1 of aid with early effects raises income by $1.64 in present value, "
        "Clemens, Radelet and Bhavnani 2004, abstract; times the social discount rate of Mexico, "
        "10 % (SHCP, since 2014), plus growth_decay; no effect in Dreher and Langlotz 2017, so the "
        "range includes 0",
    )
    growth_decay: float = param(
        0.097,
        unit="per year",
        high=1.0,
        doc="Rate at which capital built for growth is lost.",
        source="depreciation in the national accounts of Mexico, on average (Gutierrez Cruz and "
        "Moreno-Brid 2022, Analisis economico 37: 161-180)",
    )
    job_cost: float = param(
        20_000.0,
        unit="$/job",
        low=500.0,
        high=500_000.0,
        doc="Money for one permanent job in a place that people leave.",
        source="Robalino 2018, World Bank blog: over $20,000 for a formal job from promoted "
        "investment, $500 to $3,000 for labour market programmes that create none",
    )
    job_decay: float = param(
        0.1,
        unit="per year",
        high=2.0,
        doc="Rate at which such jobs are lost.",
        source="[A] consulting raised employment for five years or more in Puebla, Bruhn, Karlan "
        "and Schoar",
    )
    job_leaving: float = param(
        0.05,
        unit="per year",
        high=1.0,
        doc="Candidates a year whom one such job keeps at home.",
        source="[A] 0.02 is the rate of all people aged 15 to 44; 0.18 would leave without papers "
        "if they could, Pew 2009; 0.54 try again after a return (migrants.retry_mexican)",
    )
    cash_migrants: float = param(
        20.0,
        unit="candidates per $M",
        low=-140.0,
        high=140.0,
        doc="Candidates whom a million dollars of cash adds, as it pays for journeys.",
        source="[A] the sign is disputed: transfers raise migration to the U.S. in Angelucci 2005 "
        "and 2015 and lower it in Stecklov et al. 2005; 140 is the upper end, from 10 % of the "
        "village leaving within 8 years, Azuara 2009",
    )
    growth_path: str = param(
        "none",
        unit="name",
        choices=PATHS,
        doc="Path of Mexican income over U.S. income: none, that of the record, or a yearly rate.",
        source="[S] choice of the experiment",
    )
    growth_rate: float = param(
        0.0,
        unit="share per year",
        low=-0.1,
        high=0.1,
        doc="Yearly growth of Mexican income over U.S. income on that path, in addition to the "
        "record if supply follows it.",
        source="[S] choice of the experiment",
    )
    growth_since: float = param(
        0.0,
        unit="year",
        high=2061.0,
        doc="Date from which the path acts (2014.5 is the middle of 2014), relative to its value "
        "then; 0: the first recorded day, the earliest.",
        source="[S] choice of the experiment",
    )
    growth_years: float = param(
        100.0,
        unit="years",
        high=100.0,
        doc="Years for which the yearly rate applies; the level that is reached then stays.",
        source="[S] choice of the experiment",
    )
    us_content: float = param(
        0.40,
        unit="share",
        doc="Share of the value of Mexican exports to the U.S. that was made in the U.S.",
        source="Wilson 2011, Working Together, p. 17, after Koopman, Powers, Wang and Wei 2010; "
        "0.30 for manufactures in de Gortari 2019 (0.18 by older methods)",
    )
    drag_elasticity: float = param(
        0.003,
        unit="elasticity",
        high=0.5,
        doc="Loss of value added in both countries, as a share of Mexican income, as the cost of "
        "delays rises.",
        source="[A] geometric mean of 0.0002 (delays of the base year, $250M a year, over GDP) and "
        "0.04 (lost output of 15 % of the goods at Otay Mesa, SANDAG 2007, for trade by truck of "
        "a quarter of GDP); Hummels and Schaur 2013: 0.6 to 2.1 % of the value per day",
    )
    drag_years: float = param(
        2.0,
        unit="years",
        low=0.1,
        high=20.0,
        doc="Time in which income adapts to the cost of delays (1/e).",
        source="[A] no estimate found",
    )


class Country(OfTheWorld, mesa.Agent):
    """An origin country: a view of its row in :class:`Countries`."""

    _instead = "give a supply file in which it has no candidates, or set supply_level"
    row, code = (read_only("the countries of a run belong to its world") for _ in range(2))

    def __init__(self, environment: Environment, countries: Countries, row: int) -> None:
        """Create a country's view.

        Args:
            environment: the model as agents see it.
            countries: all countries.
            row: position in `agents.labels.COUNTRIES`.
        """
        super().__init__(environment)
        self._countries, self.row, self.code = countries, row, COUNTRIES[row]

    def __repr__(self) -> str:
        """Return the country code."""
        return f"<{type(self).__name__} {self.code}>"

    @property
    def failure(self) -> float:
        """Index of state failure, 0 to 1."""
        return float(self._countries.failure[self.row])

    @property
    def governance(self) -> float:
        """Governance as a ratio to the base year."""
        return float(self._countries.governance[self.row])

    @property
    def income(self) -> float:
        """Income per head as a ratio to the base year, relative to U.S. income without policies."""
        return float(self._countries.income[self.row])

    @property
    def homicide(self) -> float:
        """Homicides a year per 100,000."""
        return float(self._countries.homicide[self.row])


class Countries:
    """All origin countries, as arrays by country.

    Attributes:
        agents: one :class:`Country` per country.
        failure: index of state failure, shape (countries,).
        governance, income: ratios to the base year, shape (countries,).
        us_income: U.S. income as a ratio to the base year.
        cash: cash for families, $ a year, shape (countries,).
    """

    def __init__(
        self,
        environment: Environment,
        params: PushParams,
        *,
        gdp: Iterable[float],
        homicide: Iterable[float],
        homicide_elasticity: np.ndarray,
        income_elasticity: float,
        us_gdp: float = np.inf,
        candidates: Iterable[float] = (np.inf,) * N_COUNTRIES,
        path: Callable[[int], float] | None = None,
    ) -> None:
        """Create the countries as in the base year.

        Args:
            environment: the model as agents see it.
            params: push parameters.
            gdp: GDP in $ a year by country.
            homicide: base-year homicides a year per 100,000, by country.
            homicide_elasticity: elasticity of supply to homicide, by country.
            income_elasticity: elasticity of supply to the income gap.
            us_gdp: U.S. GDP in $ a year, infinite if trade cannot change it.
            candidates: base-year candidates a year by country, infinite if jobs and cash cannot
                change their number.
            path: function from a day (ordinal) to the log of Mexican over U.S. income, relative to
                the base year. None means a constant gap.
        """
        self.environment, self.params = environment, params
        self.gdp, self._homicide0 = np.array(gdp, float), np.array(homicide, float)
        self._elasticity = homicide_elasticity, income_elasticity
        self._base_failure = np.array(params.failure)
        self.failure = self._base_failure.copy()
        self.governance, self.income = np.ones(N_COUNTRIES), np.ones(N_COUNTRIES)
        self.us_income, self.cash = 1.0, np.zeros(N_COUNTRIES)
        self._us_share = float(self.gdp[MEXICO] / us_gdp)
        self._candidates, self._path = np.array(candidates, float), path
        self._money = Pipeline(params.delay_months, size=_USES * N_COUNTRIES)
        self._built = Stock(params.governance_decay, size=N_COUNTRIES)
        self._capital = Stock(params.growth_decay, size=N_COUNTRIES)
        self._jobs = Stock(params.job_decay, size=N_COUNTRIES)
        self._drag = 0.0
        self._base_months: deque[np.ndarray] = deque(maxlen=_YEAR)
        self._revenue_months: deque[np.ndarray] = deque(maxlen=_YEAR)
        kind = environment.class_of(Country)
        self.agents = tuple(kind(environment, self, row) for row in range(N_COUNTRIES))

    @property
    def homicide(self) -> np.ndarray:
        """Homicides a year per 100,000, by country."""
        return self._homicide0 * exp(self._log_homicide_ratio())

    @property
    def factor(self) -> np.ndarray:
        """Supply as a ratio to the base year, by country."""
        by_homicide, by_income = self._elasticity
        by_gap = power(self.income / self.us_income, -by_income)
        return exp(by_homicide * self._log_homicide_ratio()) * by_gap * self._by_programmes()

    @property
    def jobs(self) -> np.ndarray:
        """Jobs that programmes have created in places that people leave, by country."""
        return self._jobs.dollars / self.params.job_cost

    def _by_programmes(self) -> np.ndarray:
        """Return the factor on supply from jobs, with a saturating effect, and cash, by country."""
        p = self.params
        job_holders = p.job_leaving * self.jobs / self._candidates
        payees = p.cash_migrants * self.cash / _MILLION / self._candidates
        return exp(-job_holders) * np.maximum(0.0, 1.0 + payees)

    def _log_homicide_ratio(self) -> np.ndarray:
        """Return the log homicide rate relative to the base year, by country."""
        return self.params.homicide_slope * (self.failure - self._base_failure)

    @property
    def revenue_ratio(self) -> np.ndarray:
        """Criminal revenue in the last twelve months as a ratio to its base, 1 if the base is 0."""
        if not self._base_months:
            return np.ones(N_COUNTRIES)
        base, recent = _mean(self._base_months), _mean(self._revenue_months)
        ratio = np.divide(recent, base, out=np.ones(N_COUNTRIES), where=base > 0.0)
        return np.minimum(ratio, MAX_REVENUE_RATIO)

    def advance_month(self, revenue: np.ndarray, growth_drag: float = 0.0) -> None:
        """Add a twelfth of today's yearly money, and advance all stocks by a month.

        Args:
            revenue: revenue of organisations, criminal groups and officials in the month, by
                country, in a constant unit. The last twelve warm-up months are the base.
            growth_drag: relative rise in the cost of trade delays over its base.
        """
        earned = np.maximum(np.array(revenue, float), 0.0)
        self._revenue_months.append(earned)
        if not self.environment.recording:
            self._base_months.append(earned)
            return
        levers = self.environment.levers
        money = [levers.governance, levers.growth, levers.jobs, levers.cash]
        promised = np.maximum(np.concatenate(money), 0.0)
        governance, growth, jobs, cash = self._money.flow(promised * MONTH).reshape(_USES, -1)
        self._built.add(governance)
        self._capital.add(growth)
        self._jobs.add(jobs)
        self.cash = cash / MONTH
        # Governance follows a Hill curve in lasting yearly spending, as a share of GDP.
        p = self.params
        x = self._built.dollars * p.governance_decay / (p.governance_half * self.gdp)
        self.governance = 1.0 + p.governance_gain * (x * x / (1.0 + x * x))
        self._update_failure(self.revenue_ratio)
        self._update_income(growth_drag)

    def _update_failure(self, revenue: np.ndarray) -> None:
        """Advance state failure by a month. The step is exact for constant revenue and governance.

        The equation uses deviations from the base year, so without deviations the change is exactly
        zero.
        """
        phi0, phi = self._base_failure, self.failure
        strong = (1.0 - phi0) / phi0  # ratio of b G0 to a R0/GDP
        worse, better = revenue - 1.0, (self.governance - 1.0) * strong
        drift = (phi0 - phi) / phi0 + worse * (1.0 - phi) - better * phi
        rate = np.maximum(1.0 / phi0 + worse + better, 1e-12)
        change = drift / rate * probability(self.params.erosion * MONTH * rate)
        self.failure = np.clip(phi + change, 0.0, 1.0)

    def _update_income(self, growth_drag: float) -> None:
        """Update incomes from growth capital, the cost of trade delays, and the path.

        Each country bears the cost of delays in proportion to its value added in exports.
        """
        p = self.params
        drag = max(-1.0, growth_drag)
        self._drag += (drag - self._drag) * probability(MONTH / p.drag_years)
        loss = p.drag_elasticity * self._drag  # share of Mexican income
        path = self._path(self.environment.today) if self._path else 0.0
        self.income = 1.0 + p.growth_return * self._capital.dollars / self.gdp
        self.income[MEXICO] *= exp(path - (1.0 - p.us_content) * loss)
        self.us_income = exp(-p.us_content * self._us_share * loss)


def _mean(months: deque[np.ndarray]) -> np.ndarray:
    """Return the mean over months by country. The mean of equal months is exact."""
    first = months[0]
    return first + sum(month - first for month in months) / len(months)
