"""Rows of the estimated terms of supply."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from experiments.calibration.supply_fit import TERMS, SupplyFit, priors_of

GROUP_NAMES = {"mexican": "Mexicans", "northern_triangle": "Northern Triangle"}


def supply_study(fits: Sequence[SupplyFit], last: str) -> dict[str, Any]:
    """Return the estimates of all groups as JSON types.

    Args:
        fits: estimates by group.
        last: last month that was read, such as 2013-09.

    Returns:
        The month, the estimates by group, and the settings of a scenario that use them.
    """
    return {"last": last, "groups": [_group(fit) for fit in fits], "settings": settings(fits)}


def settings(fits: Sequence[SupplyFit]) -> dict[str, Any]:
    """Return the estimates as settings of a scenario, by dotted path."""
    both = {
        name: [round(fit.mean[name], 3) for fit in fits]
        for name in ("network", "construction", "drift")
    }
    return {f"supply_terms.{name}": values for name, values in both.items()} | {
        "supply_terms.network_keep": fits[0].keep,
        "supply_terms.cohort": [1.0, 1.0],
        "supply_terms.level_sd": [round(fit.level_sd, 3) for fit in fits],
        "supply_terms.surge_sd": [round(fit.surge_sd, 3) for fit in fits],
    }


def term_rows(fits: Sequence[SupplyFit]) -> list[tuple[str, ...]]:
    """Return one row per term: name, prior, and the estimate of each group."""
    rows = [
        (
            name,
            _priors(name, fits),
            *(_mean_and_sd(fit.mean[name], fit.sd[name]) for fit in fits),
        )
        for name in TERMS
    ]
    spreads = (("level", "level_sd"), ("surge", "surge_sd"))
    return rows + [
        (label, "", *(f"{getattr(fit, key):.2f}" for fit in fits)) for label, key in spreads
    ]


def _priors(name: str, fits: Sequence[SupplyFit]) -> str:
    """Return the prior of a term; if groups differ, their priors separated by semicolons."""
    own = dict.fromkeys(_mean_and_sd(*priors_of(fit.group)[name]) for fit in fits)
    return "; ".join(own)


def _mean_and_sd(mean: float, sd: float) -> str:
    """Return a mean with its standard deviation in parentheses."""
    return f"{mean:.2f} ({sd:.2f})"


def _group(fit: SupplyFit) -> dict[str, Any]:
    """Return the estimates of a group as JSON types."""
    terms = {
        name: {
            "mean": fit.mean[name],
            "sd": fit.sd[name],
            "prior": list(priors_of(fit.group)[name]),
        }
        for name in TERMS
    }
    return {
        "group": fit.group,
        "months": fit.months,
        "terms": terms,
        "network_keep": fit.keep,
        "level_sd": fit.level_sd,
        "surge_sd": fit.surge_sd,
        "log_likelihood": fit.log_likelihood,
    }
