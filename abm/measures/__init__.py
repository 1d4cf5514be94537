"""Measures: pure functions from the ledger's counts to rates, yearly outcomes and series.

Each measure is defined once. Where the true value and the value that an agency can observe differ,
both are defined.
"""

from abm.measures.criteria import criteria
from abm.measures.criteria_definitions import CRITERIA, Criterion, seen_as
from abm.measures.outcome_definitions import (
    AVERTED,
    BESIDE_PRICES,
    GROUPS,
    OUTCOMES,
    PRICES,
    Measure,
)
from abm.measures.outcomes import DiscountParams, discounted, dollars, dollars_unspent, outcomes
from abm.measures.places import (
    DEPTHS,
    deaths_per_apprehension,
    interceptions_by_depth,
    interceptions_by_state,
    sector_shares,
)
from abm.measures.rates import event_counts, expected_deaths, rates, ratio
from abm.measures.series import monthly, monthly_indicators, months

__all__ = [
    "AVERTED",
    "BESIDE_PRICES",
    "CRITERIA",
    "DEPTHS",
    "GROUPS",
    "OUTCOMES",
    "PRICES",
    "Criterion",
    "DiscountParams",
    "Measure",
    "criteria",
    "deaths_per_apprehension",
    "discounted",
    "dollars",
    "dollars_unspent",
    "event_counts",
    "expected_deaths",
    "interceptions_by_depth",
    "interceptions_by_state",
    "monthly",
    "monthly_indicators",
    "months",
    "outcomes",
    "rates",
    "ratio",
    "sector_shares",
    "seen_as",
]
