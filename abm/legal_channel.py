"""Legal channel by origin country: recorded visas, quotas and the initial queue.

Visas and backlog are declared by group. They are divided among a group's nations in proportion to
the H-2A and H-2B visas of FY2013. A nation without recorded visas (`other`) gets a part in
proportion to its communities' share of the group's candidates.
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from abm.world import geography
from agents.kernel_params import nation_index
from agents.labels import COUNTRIES, NATIONS
from agents.outcomes import GROUP_OF_NATION, N_GROUPS

if TYPE_CHECKING:
    from abm.supply import Communities
    from agents.employers import Employers
    from agents.migrants.migrant_params import MigrantParams

_MIN_GRANTED = 0.05
BASE_YEAR = 2013  # fiscal year whose visas determine how declared quotas are divided
_FILE = "us/temporary_work_visas.csv"
_CONSTRUCTION = "drivers/us_construction_employment.csv"
_ALL = "All"  # nationality of the rows with all visas
_OF_COUNTRY = np.array([NATIONS.index(country) for country in COUNTRIES])


@functools.cache
def visas_by_class(country: str, year: int) -> tuple[float, float]:
    """Return how many H-2A and H-2B visas were issued in a fiscal year.

    A year without a record gets the values of the nearest recorded year.

    Args:
        country: code in :data:`agents.labels.COUNTRIES`, or "All".
        year: fiscal year.
    """
    rows = geography.rows_where(_FILE, nationality=geography.NAMES.get(country, country))
    by_year = {int(row["fiscal_year"]): (float(row["h2a"]), float(row["h2b"])) for row in rows}
    return by_year[min(by_year, key=lambda recorded: abs(recorded - year))]


def visas_on_record(country: str, year: int) -> float:
    """Return the sum of :func:`visas_by_class` over H-2A and H-2B visas."""
    return sum(visas_by_class(country, year))


def dose_of(persons: float) -> str:
    """Return a sentence that compares the visas at dose 1 with the base year.

    Args:
        persons: visas a year that a policy requests at dose 1.
    """
    issued = sum(visas_on_record(country, BASE_YEAR) for country in COUNTRIES)
    return (
        f"Dose 1 requests {persons:,.0f} visas a year, {persons / issued:+.0%} on FY{BASE_YEAR} "
        f"({issued:,.0f} for Mexico and the Northern Triangle); pace, law and employers limit them."
    )


def open_year(employers: Employers, decided: np.ndarray, params: MigrantParams, year: int) -> None:
    """Set the employers' visas and the construction employment of a fiscal year.

    Args:
        employers: U.S. employers, updated in place.
        decided: applications decided in a year without policies, by nation.
        params: parameters of the migrants.
        year: fiscal year.
    """
    h2a, h2b = np.array([visas_by_class(c, year) for c in COUNTRIES]).T
    free = max(0.0, employers.params.h2b_cap - visas_by_class(_ALL, year)[1])
    farm_share, free_h2b = np.zeros((2, len(NATIONS)))
    farm_share[_OF_COUNTRY] = h2a / (h2a + h2b)
    free_h2b[_OF_COUNTRY] = free * h2b / visas_by_class(_ALL, year)[1]
    issued = decided * granted_share(params)
    employers.open_year(issued, farm_share, free_h2b, construction(year))


def construction(year: int) -> float:
    """Return construction employment as a ratio to the base year.

    Args:
        year: calendar year. A year without a record gets the value of the nearest recorded year.

    Returns:
        Ratio to employment in :data:`BASE_YEAR`.
    """
    rows = geography.rows_where(_CONSTRUCTION)
    employed = {int(row["year"]): float(row["employees_thousands"]) for row in rows}
    nearest = min(employed, key=lambda recorded: abs(recorded - year))
    return employed[nearest] / employed[BASE_YEAR]


def visas_relative_to_base(year: int) -> np.ndarray:
    """Return a fiscal year's visas as a ratio to the base year.

    Args:
        year: fiscal year.

    Returns:
        Ratio by nation, shape (nations,), 1 for nations without a record.
    """
    ratio = np.ones(len(NATIONS))
    for nation, country in enumerate(NATIONS):
        if country in COUNTRIES:
            ratio[nation] = visas_on_record(country, year) / visas_on_record(country, BASE_YEAR)
    return ratio


def decisions(params: MigrantParams, shares: np.ndarray) -> np.ndarray:
    """Return applications decided in a year: issued visas divided by the granted share.

    Args:
        params: parameters of the migrants.
        shares: each nation's share of its group, shape (nations,).

    Returns:
        Applications a year by nation, shape (nations,).
    """
    return divide(params.legal_quota, shares) / granted_share(params)


def backlog(params: MigrantParams, shares: np.ndarray) -> np.ndarray:
    """Return the applications that wait when the warm-up begins, by nation.

    Each group's total is a whole number.
    """
    decided = np.array(params.legal_quota) / granted_share(params)
    return divide(np.rint(params.legal_backlog * decided), shares)


def granted_share(params: MigrantParams) -> float:
    """Return the share of decided applications that are granted, at least 0.05."""
    return max(1.0 - params.legal_refusal, _MIN_GRANTED)


def shares_by_nation(homes: Communities) -> np.ndarray:
    """Return each nation's share of its group, for nations with communities in a world.

    Args:
        homes: origin communities.

    Returns:
        Share by nation, shape (nations,). The shares in a group sum to 1, or are 0 if the group has
        no community.
    """
    pairs = zip(homes.country, homes.group, strict=True)
    nations = np.array([nation_index(country, group) for country, group in pairs], dtype=int)
    candidates = np.bincount(nations, homes.share, len(NATIONS))
    present = np.bincount(nations, minlength=len(NATIONS)) > 0
    visas = np.zeros(len(NATIONS))
    for nation, country in enumerate(NATIONS):
        if country in COUNTRIES and present[nation]:
            visas[nation] = visas_on_record(country, BASE_YEAR)
    shares = np.zeros(len(NATIONS))
    for group in range(N_GROUPS):
        in_group = group == GROUP_OF_NATION
        without_visas = in_group & present & (visas <= 0.0)
        shares[without_visas] = candidates[without_visas]
        rest, total = 1.0 - candidates[without_visas].sum(), visas[in_group].sum()
        if total > 0.0:
            shares[in_group] += rest * visas[in_group] / total
    return shares


def divide(by_group: Sequence[float] | np.ndarray, shares: np.ndarray) -> np.ndarray:
    """Divide declared values by group among nations.

    Args:
        by_group: values by group, shape (2,).
        shares: each nation's share of its group, shape (nations,).

    Returns:
        Values by nation, shape (nations,).
    """
    return np.asarray(by_group, dtype=float)[GROUP_OF_NATION] * shares


def divide_by_country(by_group: Sequence[float], weights: Sequence[float]) -> np.ndarray:
    """Divide values by group among countries in proportion to weighted visas in the base year.

    Args:
        by_group: values by group, shape (2,).
        weights: factor on each country's visas, shape (countries,).

    Returns:
        Values by country, shape (countries,), 0 for a group whose weights are all 0.
    """
    visas = np.array([visas_on_record(country, BASE_YEAR) for country in COUNTRIES])
    weighted, group = visas * weights, GROUP_OF_NATION[_OF_COUNTRY]
    total = np.bincount(group, weighted, N_GROUPS)
    values = np.asarray(by_group, dtype=float)
    return values[group] * weighted / np.maximum(total[group], 1e-12)


def whole_persons(by_nation: np.ndarray) -> np.ndarray:
    """Round persons by nation so that each group's sum equals its rounded total.

    Args:
        by_nation: persons, shape (nations,).

    Returns:
        Whole persons, shape (nations,).
    """
    persons = np.zeros(len(NATIONS), np.int64)
    for group in range(N_GROUPS):
        in_group = group == GROUP_OF_NATION
        persons[in_group] = np.diff(np.rint(np.cumsum(by_nation[in_group])), prepend=0.0)
    return persons
