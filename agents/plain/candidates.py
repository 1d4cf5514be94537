"""Candidates of a day: their number, their traits and their first decision."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from agents.environment import Stream
from agents.migrants.kernels import EARLY, EARLY_COUNT, EARLY_KEEP
from agents.outcomes import Event, Group, Kind
from agents.plain.draws import normal, poisson
from agents.plain.migrant import MigrantAgent

_LARGEST_WEALTH = 1e6


@dataclass(frozen=True, slots=True)
class CandidateBatch:
    """Candidates of a date.

    Attributes:
        date: ordinal date to which they belong.
        rates: mean number of agents before thinning, by stratum.
        keep: share that is kept, by stratum.
        strata: origin, group and kind by stratum, shape (strata, 3).
        early: candidates of the date who decide before a deadline: share, number drawn and share
            kept, shape (strata, 3).
        ahead: whether to generate the candidates who decide before a deadline, or the others.
        cohort: 1 on recorded days.
        weight: persons per agent.
    """

    date: int
    rates: np.ndarray
    keep: np.ndarray
    strata: np.ndarray
    early: np.ndarray
    ahead: bool
    cohort: int
    weight: int


def generate_candidates(model: Any, batch: CandidateBatch) -> None:
    """Generate the candidates of a date; those who stay at home are removed at once.

    Args:
        model: the model, with the population as `migrants`.
        batch: the candidates; `early` is completed if those before a deadline are generated.
    """
    here, agents = model.migrants.surroundings, model.class_of(MigrantAgent)
    for stratum, rate in enumerate(batch.rates.tolist()):
        key = batch.date << 16 | stratum
        number = poisson(model.seed, int(Stream.ARRIVALS), key, rate)
        if batch.ahead:
            batch.early[stratum, EARLY_COUNT] = number
            batch.early[stratum, EARLY_KEEP] = batch.keep[stratum]
        for k in range(number):
            uid = batch.date << 40 | stratum << 24 | k
            if not _is_due(batch, stratum, k, here.draw(Stream.KEEP, uid, 0)):
                continue
            person = agents(model, uid)
            draw_traits(person, batch, stratum)
            if batch.ahead:
                person.post(Event.BROUGHT_FORWARD)
            if not person.become_candidate():
                person.remove()


def _is_due(batch: CandidateBatch, stratum: int, number: int, u: tuple[float, ...]) -> bool:
    """Return whether a drawn candidate exists and decides today.

    Numbers are drawn at an upper bound of the daily rate and thinned to the rate of the day, so
    that a changed rate leaves the other candidates unchanged.
    """
    if u[0] >= batch.keep[stratum]:
        return False
    early = batch.early[stratum]
    before = number < early[EARLY_COUNT] and u[0] < early[EARLY_KEEP] and u[1] < early[EARLY]
    return bool(before) == batch.ahead


def draw_traits(person: MigrantAgent, batch: CandidateBatch, stratum: int) -> None:
    """Draw the traits of a candidate; of these, only the plan to surrender depends on the day.

    Args:
        person: an agent without traits; changed.
        batch: candidates of the date.
        stratum: index of the stratum.
    """
    params = person.here.params
    u, v = person.draw(Stream.TRAITS, 0), person.draw(Stream.TRAITS_2, 0)
    origin, group, kind = batch.strata[stratum].tolist()
    person.weight, person.cohort = batch.weight, batch.cohort
    person.origin, person.group, person.kind = origin, Group(group), Kind(kind)
    person.place = person.home
    wealth = params.wealth_median[group] * math.exp(params.wealth_log_sd * normal(u[0], u[1]))
    person.wealth = int(min(wealth, _LARGEST_WEALTH))
    knowledge = params.knowledge_mean + params.knowledge_spread * (u[2] - 0.5)
    person.knowledge = min(1.0, max(0.0, knowledge))
    person.surrender = int(u[3] < person.surrender_probability())
    person.protection = int(group > 0 and v[0] < params.need_of_protection)
    person.informed = int(v[1] < person.knowledge)
