"""Measures: pure functions that compute rates, yearly outcomes and series from the ledger.

Each measure is defined once. If agencies observe a value that differs from the true value, both
values are measures.
"""

from abm.measures.criteria import CRITERIA, criteria, observed_proxies
from abm.measures.outcomes import (
    BESIDE_PRICES,
    ENTRIES,
    GROUPS,
    HUMAN_COSTS,
    OUTCOMES,
    PRICES,
    DiscountParams,
    Measure,
    discounted,
    dollars,
    dollars_unspent,
    outcomes,
)
from abm.measures.rates import (
    DEPTHS,
    deaths_per_apprehension,
    event_counts,
    expected_deaths,
    interceptions_by_depth,
    interceptions_by_state,
    rates,
    sector_shares,
)
from abm.measures.series import flow_ratio, monthly, monthly_indicators

__all__ = [
    "BESIDE_PRICES",
    "CRITERIA",
    "DEPTHS",
    "ENTRIES",
    "GROUPS",
    "HUMAN_COSTS",
    "OUTCOMES",
    "PRICES",
    "DiscountParams",
    "Measure",
    "criteria",
    "deaths_per_apprehension",
    "discounted",
    "dollars",
    "dollars_unspent",
    "event_counts",
    "expected_deaths",
    "flow_ratio",
    "interceptions_by_depth",
    "interceptions_by_state",
    "monthly",
    "monthly_indicators",
    "observed_proxies",
    "outcomes",
    "rates",
    "sector_shares",
]
