"""Verdict cells with given results."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from experiments.studies.ask.exchange_rate import RateSummary
from experiments.studies.ask.rate_cells import RateCell
from experiments.studies.ask.verdict import MIN_DRAWS
from experiments.studies.optimise.sides import SIDES


def made_rates(*rates: float, inert: tuple[bool, ...] = (), **changes: Any) -> RateSummary:
    """Return a summary of rates by draw."""
    nothing = np.full(len(rates), math.nan)
    fields: dict[str, Any] = {"limit": math.inf, "equal": nothing, "beyond": nothing}
    flags = np.array(inert or [False] * len(rates))
    return RateSummary(rates=np.array(rates), inert=flags, **(fields | changes))


def made_cell(draws: int = MIN_DRAWS, **changes: Any) -> RateCell:
    """Return a cell in which every claim wins in every draw."""
    fields: dict[str, Any] = {
        "regime": "fy2013",
        "account": "joint",
        "measure": "got_aways",
        "horizon": 10,
        "budget": 1e8,
        "rate": made_rates(*[8.0] * draws),
        "rate_alone": made_rates(*[8.0] * draws),
        "reach": {side: np.full(draws, 0.1) for side in SIDES},
        "marginal": np.full(draws, 1.0),
        "pairs": (),
        "mexico_share": 0.5,
        "enforcement_share": 0.5,
        "human_costs": {},
        "payers": {},
        "spent": {},
        "used": {},
        "planned_draws": MIN_DRAWS,
    }
    return RateCell(**(fields | changes))
