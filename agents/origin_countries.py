"""Push factors: state failure, homicide and income in the four countries of origin.

    dPhi/dt = a (R/GDP) (1 - Phi) - b G Phi        H = H0 exp(h (Phi - Phi0))

R is the revenue of organisations and officials, G governance. Both enter as ratios to the base
year: `erosion` is a R0/GDP, and b G0 is the value that holds Phi at Phi0, so that nothing moves in
the base year. Supply of a country: (H/H0)^eps_H (gap/gap0)^eps_w, the gap being U.S. income over
that of the country.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import mesa
import numpy as np

from agents.aid_pipeline import MONTH, Pipeline, Stock
from agents.labels import COUNTRIES
from agents.param import param

if TYPE_CHECKING:
    from collections.abc import Iterable

    from agents.environment import Environment

N_COUNTRIES = len(COUNTRIES)
MEXICO = COUNTRIES.index("MX")
MAX_REVENUE_RATIO = 100.0  # cap for a base near zero
_YEAR = 12  # months over which revenue is averaged, to remove the season


@dataclass(frozen=True, slots=True, kw_only=True)
class PushParams:
    """State failure, the effects of governance and growth, and their delays."""

    failure: tuple[float, ...] = param(
        (0.45, 0.55, 0.50, 0.35),
        unit="index",
        low=0.01,
        high=0.99,
        labels=COUNTRIES,
        doc="State failure of a country in the base year: 0 none, 1 complete.",
    )
    erosion: float = param(
        0.05,
        unit="per year",
        low=0.0,
        high=1.0,
        doc="Rate at which criminal revenue of the base year erodes the remaining state capacity.",
    )
    homicide_slope: float = param(
        4.0,
        unit="log points per index point",
        low=0.0,
        high=20.0,
        doc="Rise of a country's homicide rate with state failure.",
    )
    delay_months: float = param(
        48.0,
        unit="months",
        low=1.0,
        high=120.0,
        doc="Mean time from appropriation to delivery of money for governance and growth.",
        source="[A] after drivers/merida_by_year.csv CARSI, 189 of 495 $M disbursed by June 2013",
    )
    governance_half: float = param(
        0.0025,
        unit="share of GDP",
        low=1e-5,
        high=0.1,
        doc="Sustained yearly spending on governance that has half of the possible effect.",
    )
    governance_gain: float = param(
        1.0,
        unit="share",
        low=0.0,
        high=10.0,
        doc="Upper limit of the rise of governance, for any amount of money.",
    )
    governance_decay: float = param(
        0.25,
        unit="per year",
        low=0.01,
        high=2.0,
        doc="Rate at which built governance is lost.",
    )
    growth_return: float = param(
        0.3,
        unit="$/year per $",
        low=0.0,
        high=5.0,
        doc="Rise of a country's yearly income per dollar for growth.",
    )
    growth_decay: float = param(
        0.05,
        unit="per year",
        low=0.0,
        high=1.0,
        doc="Rate at which capital built for growth is lost.",
    )
    drag_elasticity: float = param(
        0.01,
        unit="elasticity",
        low=0.0,
        high=0.5,
        doc="Fall of Mexican income as the cost of delays in trade rises over its base.",
    )
    drag_years: float = param(
        2.0,
        unit="years",
        low=0.1,
        high=20.0,
        doc="Time in which Mexican income adapts to the cost of delays (1/e).",
    )


class Country(mesa.Agent):
    """A country of origin; a view of one row of :class:`Countries`."""

    def __init__(self, environment: Environment, countries: Countries, row: int) -> None:
        """Create the view of a country.

        Args:
            environment: the model as agents see it.
            countries: all countries.
            row: row of agents.labels.COUNTRIES.
        """
        super().__init__(environment)
        self._countries, self.row, self.code = countries, row, COUNTRIES[row]

    @property
    def failure(self) -> float:
        """State failure index, in [0, 1]."""
        return float(self._countries.failure[self.row])

    @property
    def governance(self) -> float:
        """Governance as a ratio to the base year."""
        return float(self._countries.governance[self.row])

    @property
    def income(self) -> float:
        """Income per head as a ratio to its value without policies."""
        return float(self._countries.income[self.row])

    @property
    def homicide(self) -> float:
        """Homicides a year per 100,000."""
        return float(self._countries.homicide[self.row])


class Countries:
    """The countries of origin; arrays by country.

    Attributes:
        agents: one :class:`Country` each.
        failure, governance, income: shape (countries,); the last two are ratios to the base year.
        us_earnings: earnings of people without papers in the United States, as a ratio to the base
            year.
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
    ) -> None:
        """Start in the base year.

        Args:
            environment: the model as agents see it.
            params: parameters of the push factors.
            gdp: $ a year by country.
            homicide: homicides per 100,000 and year, by country, in the base year.
            homicide_elasticity: of supply with respect to homicide, by country.
            income_elasticity: of supply with respect to the income gap.
        """
        self.environment, self.params = environment, params
        self.gdp, self._homicide0 = np.array(gdp, float), np.array(homicide, float)
        self._elasticity = homicide_elasticity, income_elasticity
        self._base_failure = np.array(params.failure)
        self.failure = self._base_failure.copy()
        self.governance, self.income = np.ones(N_COUNTRIES), np.ones(N_COUNTRIES)
        self._money = Pipeline(params.delay_months, size=2 * N_COUNTRIES)  # governance, growth
        self._built = Stock(params.governance_decay, size=N_COUNTRIES)
        self._capital = Stock(params.growth_decay, size=N_COUNTRIES)
        self._drag = 0.0
        self.us_earnings = 1.0
        self._base_months: deque[np.ndarray] = deque(maxlen=_YEAR)
        self._revenue_months: deque[np.ndarray] = deque(maxlen=_YEAR)
        kind = environment.class_of(Country)
        self.agents = tuple(kind(environment, self, row) for row in range(N_COUNTRIES))

    @property
    def homicide(self) -> np.ndarray:
        """Homicides a year per 100,000, by country."""
        return self._homicide0 * np.exp(self._log_homicide_ratio())

    @property
    def factor(self) -> np.ndarray:
        """Supply as a ratio to the base year, by country."""
        by_homicide, by_income = self._elasticity
        gap = self.income / self.us_earnings
        return np.exp(by_homicide * self._log_homicide_ratio()) * gap**-by_income

    def _log_homicide_ratio(self) -> np.ndarray:
        """Return the log of homicide over the base year."""
        return self.params.homicide_slope * (self.failure - self._base_failure)

    @property
    def revenue_ratio(self) -> np.ndarray:
        """Criminal revenue of the last twelve months over the base; 1 where no base exists."""
        if not self._base_months:
            return np.ones(N_COUNTRIES)
        base, now = _mean(self._base_months), _mean(self._revenue_months)
        ratio = np.divide(now, base, out=np.ones(N_COUNTRIES), where=base > 0.0)
        return np.minimum(ratio, MAX_REVENUE_RATIO)

    def settle(self, revenue: np.ndarray) -> None:
        """Update the base in a month of the warm-up: the mean of its last twelve months."""
        for months in (self._base_months, self._revenue_months):
            months.append(np.maximum(np.array(revenue, float), 0.0))

    def month(self, revenue: np.ndarray, growth_drag: float = 0.0) -> None:
        """Add a twelfth of the yearly money of today's levers and advance all stocks by a month.

        Args:
            revenue: $ that organisations, criminal groups and officials took in the month, by
                country, in any constant unit; in the warm-up it sets the base.
            growth_drag: relative rise of the cost of delays in trade over its base.
        """
        if not self.environment.recording:
            self.settle(revenue)
            return
        self._revenue_months.append(np.maximum(np.array(revenue, float), 0.0))
        levers = self.environment.levers
        promised = np.maximum(np.concatenate([levers.governance, levers.growth]), 0.0)
        out = self._money.flow(promised * MONTH)
        self._built.add(out[:N_COUNTRIES])
        self._capital.add(out[N_COUNTRIES:])
        self._update_governance()
        self._update_failure(self.revenue_ratio)
        self._update_income(growth_drag)
        self.us_earnings = 1.0 - min(0.99, float(levers.us_earnings[0]))

    def _update_governance(self) -> None:
        """Update governance: a Hill curve in sustained yearly spending as a share of GDP."""
        p = self.params
        x = self._built.dollars * p.governance_decay / (p.governance_half * self.gdp)
        self.governance = 1.0 + p.governance_gain * (x * x / (1.0 + x * x))

    def _update_failure(self, revenue: np.ndarray) -> None:
        """Advance state failure by a month; exact for constant revenue and governance.

        The equation is written in deviations from the base year, so that the change is exactly zero
        without deviations.
        """
        phi0, phi = self._base_failure, self.failure
        strong = (1.0 - phi0) / phi0  # b G0 over a R0/GDP
        worse, better = revenue - 1.0, (self.governance - 1.0) * strong
        drift = (phi0 - phi) / phi0 + worse * (1.0 - phi) - better * phi
        rate = np.maximum(1.0 / phi0 + worse + better, 1e-12)
        change = drift / rate * -np.expm1(-self.params.erosion * MONTH * rate)
        self.failure = np.clip(phi + change, 0.0, 1.0)

    def _update_income(self, growth_drag: float) -> None:
        """Update income: growth capital, less the cost of delays in Mexico's trade."""
        p = self.params
        drag = max(-1.0, growth_drag)
        self._drag -= (drag - self._drag) * np.expm1(-MONTH / p.drag_years)
        self.income = 1.0 + p.growth_return * self._capital.dollars / self.gdp
        self.income[MEXICO] *= np.exp(-p.drag_elasticity * self._drag)


def _mean(months: deque[np.ndarray]) -> np.ndarray:
    """Return the mean by country; the mean of equal months is exactly that month."""
    first = months[0]
    return first + sum(month - first for month in months) / len(months)
