"""Pools of candidates whose mix is that of the apprehensions of another fiscal year."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from agents.labels import GROUPS
from agents.migrants.candidate_params import CandidateParams
from agents.param import params_of

#: Apprehensions of Mexicans and of Northern Triangle people over those of FY2013, which the pools
#: are fitted to (us/sw_monthly_by_citizenship.csv; tests compute the ratios from the file).
RATIOS: Mapping[int, tuple[float, float]] = MappingProxyType(
    {
        2011: (1.057, 0.285),  # 12 % of the people from the Northern Triangle, the last such year
        2016: (0.719, 1.450),  # half of the people from the Northern Triangle, without a surge
    }
)


def pools_of(fiscal_year: int) -> dict[str, float]:
    """Return the settings of `migrants.pool` with the mix of a fiscal year.

    Args:
        fiscal_year: a year of `RATIOS`.

    Returns:
        Candidates per year by dotted path: the declared pools times the ratios of the year,
        rounded to thousands.
    """
    declared = params_of(CandidateParams)["pool"].value
    return {
        f"migrants.pool.{group}": float(round(pool * ratio, -3))
        for group, pool, ratio in zip(GROUPS, declared, RATIOS[fiscal_year], strict=True)
    }
