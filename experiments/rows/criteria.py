"""Rows of criteria: their definitions, and their values in runs."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from abm.measures import BESIDE_PRICES, CRITERIA, PRICES, DiscountParams, observed_proxies
from abm.measures.criteria import UNDEFINED, Criterion
from abm.measures.outcomes import AVERTED
from experiments.rows.records import record


def criterion_rows() -> list[dict[str, Any]]:
    """Return every criterion's definition, and who can observe it."""
    keys = ("label", "unit", "meaning=doc", "group", "observed", "truth", "missing")
    return [
        {"name": name} | record(c, keys) | {"truth": c.truth or None}
        for name, c in CRITERIA.items()
    ]


def price_rows() -> list[dict[str, Any]]:
    """Return the definitions of prices, which only a comparison has."""
    same = {"human_costs": list(BESIDE_PRICES), "discount_rate": DiscountParams().rate}
    return [
        {"name": name}
        | record(price, ("label", "unit", "meaning=doc"))
        | {"averted": AVERTED[name]}
        | same
        for name, price in PRICES.items()
    ]


def value_rows(group: str) -> list[tuple[str, str | None, str | None]]:
    """Return the rows of a group: criterion, its observed counterpart, its true value.

    A criterion that agencies observe and that has a true counterpart is in the latter's row.
    """
    partner = observed_proxies()
    return [
        (name, partner.get(name, name if c.observed else None), None if c.observed else name)
        for name, c in CRITERIA.items()
        if c.group == group and not c.truth
    ]


def is_out_of_reach(name: str, value: float) -> bool:
    """Return whether a criterion is missing because no sum reaches it.

    Args:
        name: criterion.
        value: its value, or NaN if it is missing.

    Returns:
        False for a criterion that is not defined in a run.
    """
    return math.isnan(value) and CRITERIA[name].missing != UNDEFINED


def medians(runs: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """Return the median of each criterion over the runs in which it is defined."""
    return {name: _median([run[name] for run in runs], c) for name, c in CRITERIA.items()}


def _median(values: Sequence[float], c: Criterion) -> float:
    """Return the median. NaN is infinite for a sum that is out of reach, and excluded elsewhere."""
    import numpy as np

    finite = np.array([v for v in values if math.isfinite(v)])
    if c.missing != UNDEFINED:
        finite = np.array([v if math.isfinite(v) else math.inf for v in values])
    middle = float(np.median(finite)) if finite.size else math.nan
    return middle if math.isfinite(middle) else math.nan
