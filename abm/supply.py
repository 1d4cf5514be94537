"""Supply: how many people come up for a decision, by community, kind and month.

Supply is part of the scenario and has a name. It is drawn at an envelope rate that no policy can
touch and thinned by each person's own draw, so the same people face every policy.
"""

from __future__ import annotations

import datetime
import functools
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.supply_series import BASE_YEAR, OTHER, series_factor
from abm.world import geography
from agents.labels import COUNTRIES
from agents.outcomes import N_KINDS, Group

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.routes import World

_NATIONALITY = {"GT": "Guatemala", "HN": "Honduras", "SV": "El Salvador"}


@dataclass(frozen=True, slots=True)
class Communities:
    """Communities of origin: place, group and country, and the share of the group's candidates."""

    place: np.ndarray
    group: np.ndarray
    share: np.ndarray
    country: tuple[str, ...]

    @property
    def count(self) -> int:
        """Number of communities."""
        return self.place.size


def communities(world: World) -> Communities:
    """Communities of a world: its Mexican regions of origin, then its foreign places of origin.

    The countries of the Northern Triangle weigh as in FY2013 apprehensions; communities of a
    country, and Mexican regions, weigh alike [A].
    """
    mexican = np.flatnonzero(world.mx_origin)
    foreign = np.array([o for o in world.origins() if not world.mx_origin[o]], dtype=int)
    share_mexican = np.full(mexican.size, 1.0 / max(1, mexican.size))
    totals = {c: geography.apprehensions_total(2013, n) for c, n in _NATIONALITY.items()}
    weight = np.array([_weight(world, int(o), foreign, totals) for o in foreign])
    place = np.concatenate([mexican, foreign]).astype(int)
    group = np.repeat([Group.MEXICAN, Group.NORTHERN_TRIANGLE], [mexican.size, foreign.size])
    share = np.concatenate([share_mexican, weight / max(weight.sum(), 1e-12)])
    return Communities(place, group, share, tuple(world.country[p] for p in place))


def _weight(world: World, place: int, foreign: np.ndarray, totals: dict[str, float]) -> float:
    country = world.country[place]
    peers = sum(1 for o in foreign if world.country[o] == country)
    return totals.get(country, 1.0) / peers


class Supply:
    """Envelope rates and strata of a scenario in a world.

    Attributes:
        strata: origin, group, kind by stratum, shape (strata, 3).
    """

    def __init__(self, scenario: Scenario, homes: Communities) -> None:
        """Work out base rates a day by stratum and month."""
        params = scenario.migrants
        self.factor = series_factor(scenario.supply, params.supply_lead, params.supply_curve)
        self.envelope = params.envelope
        kinds = np.array([params.kind_share_mexican, params.kind_share_northern_triangle])
        kinds = kinds / np.maximum(kinds.sum(axis=1, keepdims=True), 1e-12)
        self.strata = np.array(
            [(o, homes.group[o], k) for o in range(homes.count) for k in range(N_KINDS)]
        )
        origin, group, kind = self.strata.T
        pool = np.array(params.pool) * scenario.supply_level
        self.base = pool[group] * homes.share[origin] * kinds[group, kind] / 365.0
        self.group = group
        self._country = [homes.country[o] for o in origin]
        self.driven = np.ones(OTHER + 1)  # by the state of each country; 1 without a record
        self._index = np.array(
            [COUNTRIES.index(c) if c in COUNTRIES else OTHER for c in self._country]
        )
        self._elasticities = (
            (params.homicide_elasticity, params.income_elasticity)
            if scenario.supply == "fy2013_push"
            else (0.0, 0.0)
        )

    def envelope_rates(self, date: datetime.date) -> np.ndarray:
        """Persons a day by stratum, before thinning."""
        return self.base * self.factor(date)[self._index] * self.envelope

    def keep(self, year: int = BASE_YEAR) -> np.ndarray:
        """The rate of a year over the envelope, by stratum; at most 1, where the envelope ends."""
        by_country = {c: push(c, year, *self._elasticities) for c in set(self._country)}
        moved = np.array([by_country[c] for c in self._country])
        return np.minimum(1.0, moved * self.driven[self._index] / self.envelope)


@functools.cache
def push(country: str, year: int, homicide: float, income: float) -> float:
    """Supply of a country in a year over that of 2013: (H/H0)^homicide * (gap/gap0)^income.

    H is the homicide rate (UNODC), the gap that of income per head to the U.S. (PPP). Years off
    the record take its nearest year; a country without a record is not moved.
    """
    if homicide == income == 0.0:
        return 1.0
    try:
        violence = geography.country_series(country, "homicide_rate_unodc")
        here = geography.country_series(country, "gdp_per_capita_ppp_constant")
        there = geography.country_series("US", "gdp_per_capita_ppp_constant")
    except LookupError:
        return 1.0
    gap = {y: there[y] / here[y] for y in here if y in there}
    return _moved(violence, year) ** homicide * _moved(gap, year) ** income


def _moved(series: dict[int, float], year: int) -> float:
    nearest = min(series, key=lambda y: (abs(y - year), y))
    return series[nearest] / series[BASE_YEAR]
