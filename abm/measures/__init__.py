"""Measures: from the ledger's counts to rates, yearly figures and series. Pure functions.

Each is defined once. Truth and what an agency would see stand side by side where they differ.
"""

from abm.measures.criteria import CRITERIA, Criterion, criteria
from abm.measures.definitions import OUTCOMES, Measure
from abm.measures.outcomes import dollars, outcomes
from abm.measures.places import (
    deaths_per_apprehension,
    interceptions_by_depth,
    interceptions_by_state,
    sector_shares,
)
from abm.measures.rates import event_counts, expected_deaths, rates, ratio
from abm.measures.series import monthly, months

__all__ = [
    "CRITERIA", "OUTCOMES", "Criterion", "Measure", "criteria", "deaths_per_apprehension",
    "dollars", "event_counts", "expected_deaths", "interceptions_by_depth",
    "interceptions_by_state", "monthly", "months", "outcomes", "rates", "ratio", "sector_shares",
]  # fmt: skip
