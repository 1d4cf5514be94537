"""Operational control as a curve: what agents cost that apprehend a given share of evaders.

Let n be agents over the present number. In one sector, for people without a guide (guides avoid
part of both hazards), a person at the line is

    seen        s(n) = 1 - exp(-h n^eta)
    caught      c(n) = s(n) * caught_share * answered(n),   calls as today, n times the capacity
    turned back t(n) = s(n) * turned_share * answered(n)
    past it     r(n) = 1 - c(n) - t(n), and there stopped with b(n) = 1 - exp(-h_belt n^eta)

and is apprehended with probability (c + r b) / (1 - t), turn-backs left out. The curve is its mean
over sectors, weighted by attempts. Returns diminish with eta, and agents can at most apprehend the
people whose calls they answer: if the curve stays below a target for all n, no number of agents is
enough. The curve excludes adaptation: routes, fees and people stay the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from abm.measures.rates import event_counts, ratio
from abm.policies.patrol_surge import PatrolSurge
from agents.contest import answered_share, probability
from agents.outcomes import Event

if TYPE_CHECKING:
    from abm.model import BorderModel

TARGETS = (0.5, 0.7, 0.9)
MAX_MULTIPLE = 1_000.0  # upper bound of the search, in multiples of the present agents
_HALVINGS = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Inputs to the curve for one day. Arrays are by sector.

    Attributes:
        attempts: persons per day who attempt to cross the line.
        hazard, belt: hazards to be detected at the line and apprehended behind it, unguided.
        load: calls relative to the number that the present agents can answer.
        staff: agents, all sectors.
        caught_share, turned_share: shares of answered detections that end in apprehension and
            in turning back.
        eta: exponent of returns to strength.
        guided: share of attempts with a guide.
        quality: share of a hazard that guides avoid, mean over smugglers' cells.
    """

    attempts: np.ndarray
    hazard: np.ndarray
    belt: np.ndarray
    load: np.ndarray
    staff: float
    caught_share: float
    turned_share: float
    eta: float
    guided: float = 0.0
    quality: float = 0.0


def line_of(model: BorderModel) -> Line:
    """Collect the inputs of the curve on the last simulated day."""
    p, patrol = model.settings.border_patrol, model.patrol
    declared = np.array(p.line_hazard)
    law = np.where(declared > 0.0, model.conditions.line_hazard / np.maximum(declared, 1e-12), 1.0)
    capacity = p.response * patrol.on_the_line() * patrol.tempo()
    e = event_counts(model.ledger).sum(axis=(1, 2))
    guided = ratio(e[Event.GUIDED_TRIP], e[Event.TRIP])
    return Line(
        attempts=model.flow_history.attempts(),
        hazard=model.conditions.line_hazard,
        belt=p.belt_hazard * law,
        load=model.flow_history.calls / np.maximum(capacity, 1e-9),
        staff=float(patrol.on_the_line().sum()),
        caught_share=p.caught_share,
        turned_share=p.turned_share,
        eta=model.settings.contest.eta,
        guided=guided if np.isfinite(guided) else 0.0,
        quality=model.market.quality(),
    )


def apprehension_probability(line: Line, agents: float) -> float:
    """Evaluate the curve at a number of agents.

    Args:
        line: inputs of the curve.
        agents: agents in every sector, as a multiple of the present number.

    Returns:
        Probability that an evader is apprehended at one attempt, or NaN without attempts.
    """
    if line.attempts.sum() <= 0.0:
        return float("nan")
    answered, chance = answered_share(line.load / agents), np.zeros(line.attempts.size)
    for share, exposed in ((1.0 - line.guided, 1.0), (line.guided, 1.0 - line.quality)):
        power = exposed * agents**line.eta
        detected = probability(line.hazard * power) * answered
        caught, turned = detected * line.caught_share, detected * line.turned_share
        past = np.maximum(1.0 - caught - turned, 0.0)
        stopped = caught + past * probability(line.belt * power)
        chance += share * stopped / np.maximum(1.0 - turned, 1e-12)
    return float(np.average(chance, weights=line.attempts))


def dollars_to_reach(line: Line, target: float) -> float:
    """Compute the cost of the additional agents that reach a target probability, by bisection.

    Args:
        line: inputs of the curve.
        target: apprehension probability per attempt.

    Returns:
        Dollars per year, 0 if the target is already reached, NaN if no number of agents reaches it.
    """
    present = apprehension_probability(line, 1.0)
    if present >= target:
        return 0.0
    if not apprehension_probability(line, MAX_MULTIPLE) >= target:  # NaN without attempts
        return float("nan")
    low, high = 1.0, MAX_MULTIPLE
    for _ in range(_HALVINGS):
        middle = (low + high) / 2.0
        if apprehension_probability(line, middle) < target:
            low = middle
        else:
            high = middle
    return (high - 1.0) * line.staff * PatrolSurge.full_programme().cost_per_agent


def dollars_for_control(model: BorderModel) -> dict[str, float]:
    """Return dollars per year for additional agents by target, or NaN if out of reach."""
    line = line_of(model)
    return {f"control_{round(100 * q)}": dollars_to_reach(line, q) for q in TARGETS}
