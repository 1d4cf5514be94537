"""Supply terms: why the number of a country's candidates changes from month to month.

    ln S = base + season + g ln N + c ln C + d ln D + ln A + drift t + mu

N is the stock of recent arrivals from the country. People who settle or are released in the run are
added to it. C is construction employment in the United States, D is the country's population aged
15 to 24, A is the share of communities that know the way for families and children, t are years
since the reference date, and mu is a random level. Every term is a ratio to a reference date, so a
term with a zero coefficient has no effect. The drift has no cause in the model. It contains all
change that the other terms do not explain.

C, D, t and mu do not depend on events in a run. They change the envelope rate at which candidates
are drawn. N and A depend on such events, and change the share of candidates that remains.
"""

from __future__ import annotations

import datetime
from collections import deque
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from agents.arithmetic import exp, log
from agents.environment import Stream
from agents.labels import COUNTRIES, GROUPS, TERMS
from agents.outcomes import N_KINDS, Group, Kind
from agents.param import param

if TYPE_CHECKING:
    from agents.chance import KeyedRandom

N_COUNTRIES = len(COUNTRIES)
_GROUP = np.array([Group.MEXICAN if c == "MX" else Group.NORTHERN_TRIANGLE for c in COUNTRIES])
_YEAR = 12  # months
_LOG_BOUND = 5.0  # bound on the log; exp(5) is about 150


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyTermParams:
    """Coefficients of the supply terms. Zero switches a term off."""

    network: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="elasticity",
        high=2.0,
        labels=GROUPS,
        doc="Response of supply to the stock of recent arrivals from the same country.",
        source="[S] switched off; with the term, a prior of 0.7 (0.2) after Beine, Docquier and "
        "Ozden 2011",
    )
    network_keep: float = param(
        0.75,
        unit="share per year",
        low=0.05,
        high=0.99,
        doc="Share of the stock of recent arrivals that is left after a year.",
    )
    construction: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="elasticity",
        high=4.0,
        labels=GROUPS,
        doc="Response of supply to construction employment in the United States.",
        source="[S] switched off; with the term, a prior of 1.0 (0.7) after Villarreal (2014) and "
        "Hanson and Spilimbergo (1999)",
    )
    cohort: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="elasticity",
        high=2.0,
        labels=GROUPS,
        doc="Response of supply to the number of people aged 15 to 24 in the country.",
        source="[S] switched off; with the term, a prior of 1 after Hanson and McIntosh (2010)",
    )
    awareness_speed: float = param(
        0.0,
        unit="per year",
        high=10.0,
        doc="Rate at which communities learn the way of families and children, at the releases of "
        "the year before the term begins.",
        source="[S] switched off",
    )
    awareness_start: float = param(
        0.3,
        unit="share",
        low=0.01,
        doc="Share of communities that know the way of families and children when the term begins.",
    )
    drift: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="log points per year",
        low=-0.5,
        high=0.5,
        labels=GROUPS,
        doc="Change of supply per year that no other term explains.",
        source="[S] switched off; twoborders supply estimates it",
    )
    level_sd: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="log points per month",
        high=0.5,
        labels=GROUPS,
        doc="Standard deviation of the monthly change of the random level.",
        source="[S] switched off; 0.14 fits the Northern Triangle, FY2000-13",
    )
    surge_sd: tuple[float, ...] = param(
        (0.0, 0.0),
        unit="log points",
        high=1.0,
        labels=GROUPS,
        doc="Standard deviation of a month's surge, which fades.",
        source="[S] switched off",
    )
    surge_keep: float = param(
        0.5,
        unit="share per month",
        high=0.95,
        doc="Share of a surge that is left after a month.",
    )
    level_common: float = param(
        0.8,
        unit="share of variance",
        high=1.0,
        doc="Share of the variance of level and surge that countries of a group have in common.",
        source="us/sw_monthly_by_citizenship.csv: mean covariance over mean variance of changes in "
        "12 months, GT, HN and SV, 0.79 (0.71 before FY2014)",
    )
    since: tuple[float, ...] = param(
        (0.0,) * len(TERMS),
        unit="year",
        high=2061.0,
        labels=TERMS,
        doc="Date from which a term acts (2014.5 is the middle of 2014), relative to its value "
        "then; 0: always, relative to the base year, or to the start for the random level.",
        source="[S] choice of the experiment",
    )


class DriverRecord:
    """Recorded supply drivers by country, in the order of `agents.labels.COUNTRIES`.

    In this class, no driver changes. Subclasses read a record.
    """

    def log_construction(self, year: float) -> float:
        """Return log construction employment in the United States at a date, in years."""
        return 0.0

    def log_cohort(self, year: float) -> np.ndarray:
        """Return the log population aged 15 to 24 at a date, in years, by country."""
        return np.zeros(N_COUNTRIES)

    def arrivals_before(self, date: datetime.date, keep: float) -> tuple[np.ndarray, np.ndarray]:
        """Return the stock of recent arrivals at a date, as ratios to two reference values.

        Args:
            date: the date. Only earlier months and the base year are read.
            keep: share of the stock that remains after a month.

        Returns:
            The stock by country as a ratio to its base-year mean, and as a ratio to what last
            year's arrivals would sustain. Both are 1 if no record exists.
        """
        return np.ones(N_COUNTRIES), np.ones(N_COUNTRIES)


class SupplyTerms:
    """The supply terms and their state, by country.

    Attributes:
        policy_free: factor on supply that no event in the run changes, by country.
        from_run: factor on supply that follows arrivals and releases in the run, by country and
            kind.
        recent_arrivals: stock of recent arrivals, persons by country, 0 before the first recorded
            month.
        awareness: share of communities that know the way for families and children, by country.
    """

    def __init__(
        self, params: SupplyTermParams, record: DriverRecord, start: datetime.date
    ) -> None:
        """Create the terms at their reference values.

        Args:
            params: coefficients.
            record: recorded drivers.
            start: first recorded day of the run.
        """
        self.params = params
        self.policy_free = np.ones(N_COUNTRIES)
        self.from_run = np.ones((N_COUNTRIES, N_KINDS))
        self._keep = params.network_keep ** (1.0 / _YEAR)
        self._since: dict[str, float] = dict(zip(TERMS, params.since, strict=True))
        ratio, self._stock_ratio = record.arrivals_before(start, self._keep)
        self._log_start = log(ratio)  # log of start stock / base-year stock
        self._months: deque[np.ndarray] = deque(maxlen=_YEAR)  # monthly arrivals, warm-up
        self._released: deque[np.ndarray] = deque(maxlen=_YEAR)
        self.recent_arrivals = np.zeros(N_COUNTRIES)
        self._base_stock = np.zeros(N_COUNTRIES)
        self._base_released = np.zeros(N_COUNTRIES)
        self.awareness = np.full(N_COUNTRIES, params.awareness_start)
        self._base_awareness = self.awareness.copy()
        self._level, self._surge = np.zeros(N_COUNTRIES), np.zeros(N_COUNTRIES)
        self._begun = {"network": False, "awareness": False}

    def advance_month(
        self,
        date: datetime.date,
        entered: np.ndarray,
        released: np.ndarray,
        record: DriverRecord,
        keyed_random: KeyedRandom,
        *,
        recording: bool,
    ) -> None:
        """Advance all terms on the first day of a month.

        Args:
            date: first day of the month.
            entered: persons who settled or were released last month, by country.
            released: families and children released last month, by country.
            record: recorded drivers.
            keyed_random: draws for the random level.
            recording: whether the warm-up is over.
        """
        year, p = date.year + (date.month - 1) / _YEAR, self.params
        if recording and (any(p.level_sd) or any(p.surge_sd)) and year >= self._since["level"]:
            self._draw_level(12 * date.year + date.month, keyed_random)
        self._update_policy_free(year, record)
        if recording:
            self._update_from_run(year, entered, released)
        else:
            self._months.append(entered)
            self._released.append(released)
            self.from_run[:] = self._network_factor(0.0)[:, None]

    # ---- terms that no run changes --------------------------------------------------------------
    def _update_policy_free(self, year: float, record: DriverRecord) -> None:
        p, total = self.params, np.zeros(N_COUNTRIES)
        for term, coefficients, driver in (
            ("construction", p.construction, record.log_construction),
            ("cohort", p.cohort, record.log_cohort),
            ("drift", p.drift, float),
        ):
            if any(coefficients):
                change = driver(year) - driver(self._since[term] or _BASE_YEAR)
                total += np.array(coefficients)[_GROUP] * change * (year >= self._since[term])
        total += self._level + self._surge
        self.policy_free = exp(np.clip(total, -_LOG_BOUND, _LOG_BOUND))

    def _draw_level(self, month: int, keyed_random: KeyedRandom) -> None:
        """Advance the random level and the surge by one month.

        Each of the two has one draw per group and one draw per country.
        """
        p, groups = self.params, len(GROUPS)
        for name, event in (("_level", 2 * month), ("_surge", 2 * month + 1)):
            draws = keyed_random.normals(Stream.SUPPLY, groups + N_COUNTRIES, event)
            common, by_country = draws[:groups][_GROUP], draws[groups:]
            mixed = np.sqrt(p.level_common) * common + np.sqrt(1.0 - p.level_common) * by_country
            sd = np.array(p.level_sd if name == "_level" else p.surge_sd)[_GROUP]
            keep = 1.0 if name == "_level" else p.surge_keep
            setattr(self, name, keep * getattr(self, name) + sd * mixed)

    # ---- terms that follow the run --------------------------------------------------------------
    def _update_from_run(self, year: float, entered: np.ndarray, released: np.ndarray) -> None:
        if not self._base_stock.any():
            self._begin(entered, released)
        self.recent_arrivals = self._keep * self.recent_arrivals + entered
        self._released.append(released)
        self.from_run[:] = self._network_factor(year)[:, None]
        if self.params.awareness_speed > 0.0 and self._begin_term("awareness", year):
            self._learn(released)
            ratio = self.awareness / self._base_awareness
            self.from_run[:, [Kind.FAMILY, Kind.CHILD]] *= ratio[:, None]

    def _begin(self, entered: np.ndarray, released: np.ndarray) -> None:
        """Set the base of stock and releases from the last warm-up year.

        The stock is the arrivals' steady level, times the recorded ratio of the stock to this
        level.
        """
        monthly = np.mean(self._months or [entered], axis=0)
        self._base_stock = monthly * self._stock_ratio / (1.0 - self._keep)
        self.recent_arrivals = self._base_stock.copy()
        self._base_released = np.mean(self._released or [released], axis=0)

    def _learn(self, released: np.ndarray) -> None:
        """Advance awareness by a month. The step is exact for constant releases."""
        base = np.maximum(self._base_released, 1e-9)
        release_ratio = np.where(self._base_released > 0.0, released / base, 0.0)
        odds = self.awareness / np.maximum(1.0 - self.awareness, 1e-12)
        odds = odds * exp(np.minimum(self.params.awareness_speed / _YEAR * release_ratio, 50.0))
        self.awareness = odds / (1.0 + odds)

    def _network_factor(self, year: float) -> np.ndarray:
        """Return the network term's factor on supply, by country."""
        elasticity = np.array(self.params.network)[_GROUP]
        if not elasticity.any():
            return np.ones(N_COUNTRIES)
        stock = np.zeros(N_COUNTRIES) if self._since["network"] else self._log_start.copy()
        if self._base_stock.any() and self._begin_term("network", year):
            base = self._base_stock  # 0 if the country had no arrivals in the base
            ratio = np.ones(N_COUNTRIES)
            np.divide(self.recent_arrivals, base, out=ratio, where=base > 0.0)
            stock += log(np.maximum(ratio, 1e-9))
        return exp(np.clip(elasticity * stock, -_LOG_BOUND, _LOG_BOUND))

    def _begin_term(self, term: str, year: float) -> bool:
        """Return whether a term acts. When it starts to act, the present becomes its reference."""
        if year < self._since[term]:
            return False
        if not self._begun[term] and self._since[term]:
            if term == "network":
                self._base_stock = self.recent_arrivals.copy()
            else:
                self._base_released = np.mean(self._released, axis=0)
        self._begun[term] = True
        return True


_BASE_YEAR = 2013.25  # middle of FY2013, the pools' base year
