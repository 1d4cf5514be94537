""""Operational control" as a curve: what agents would cost until a share of evaders is caught.

The chance that an evader is apprehended at an attempt, over sectors by today's attempts,

    q(n) = 1 - (1 - seen(n) caught answered(n)) (1 - belt),   seen(n) = 1 - exp(-h n^eta)

with n agents over today's. Returns fall, and agents can at best catch all whom they answer: where
q(n) stays below the target for any n, no number of agents is enough. Before anybody adapts.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from agents.contest import answered

if TYPE_CHECKING:
    from abm.model import BorderModel

TARGETS = (0.5, 0.7, 0.9)
AGENT_YEAR = 171_400.0  # $, us/enforcement_costs_infrastructure.csv cost_per_CBP_officer_year 2013
_MOST, _HALVINGS = 1_000.0, 60


def dollars_for_control(model: BorderModel) -> dict[str, float]:
    """Dollars a year beyond today's agents for each target; NaN where it is out of reach."""
    return {f"control_{round(100 * q)}": _dollars(model, q) for q in TARGETS}


def apprehension_probability(model: BorderModel, agents: float) -> float:
    """The curve: at `agents` times today's agents in every sector."""
    p, shape = model.settings.border_patrol, model.settings.contest
    load = model.yesterday.attempts()
    if load.sum() <= 0.0:
        return float("nan")
    capacity = p.response * model.patrol.on_the_line() * agents
    heard = answered(model.yesterday.calls / np.maximum(capacity, 1e-9))
    seen = -np.expm1(-model.us_hazard * agents**shape.eta)
    belt = -np.expm1(-p.belt_hazard * agents**shape.eta)
    caught = seen * p.caught_share * heard
    turned = seen * p.turned_share * heard
    past = np.maximum(1.0 - caught - turned, 0.0)
    stopped = caught + past * belt
    return float((load * stopped).sum() / max((load * (stopped + past * (1.0 - belt))).sum(), 1e-9))


def _dollars(model: BorderModel, target: float) -> float:
    now = apprehension_probability(model, 1.0)
    if not np.isfinite(now):
        return float("nan")
    if now >= target:
        return 0.0
    if apprehension_probability(model, _MOST) < target:
        return float("nan")
    low, high = 1.0, _MOST
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if apprehension_probability(model, middle) < target:
            low = middle
        else:
            high = middle
    staff = float(model.patrol.on_the_line().sum())
    return (high - 1.0) * staff * AGENT_YEAR
