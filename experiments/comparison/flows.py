"""Flows of the runs of a comparison by period, on legs and at places.

Results keep persons by leg for a whole run. These functions simulate the same cases again and
record every period. Nothing is finer than the route graph, whose nodes are cities and sectors of
the Border Patrol: what the ledger counts by sector belongs to the sector, not to its crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from itertools import pairwise
from typing import TYPE_CHECKING, Unpack

import numpy as np

from abm.measures.series import months
from abm.scenario import Scenario
from agents.outcomes import Event
from agents.param import check_name
from experiments.comparison.compare import Comparison, cases_of
from experiments.runs.case import Case, Failure
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.pairs import Key
from experiments.runs.warmup import start_model

if TYPE_CHECKING:
    from abm.world.routes import World

#: Lengths of a period.
PERIODS = ("total", "month", "day")
#: Events that the ledger counts by sector, by outcome.
_SECTOR_EVENTS = {
    "attempts": [Event.LINE_ATTEMPT, Event.SURRENDERED],
    "apprehended_us": [Event.APPREHENDED_US],
    "turned_back": [Event.TURNED_BACK],
    "got_aways": [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY],
}
#: Outcomes by kind of site, in the order of the arrays of `Flows`.
SITES = {
    "leg": ("passages", "apprehended_mexico"),
    "place": ("arrivals", "departures", "apprehended_mexico", *_SECTOR_EVENTS, "deaths"),
}


@dataclass(frozen=True, eq=False)
class Flows:
    """What one run counts by period.

    Attributes:
        begins: first day of each period, datetime64, shape (periods,).
        sites: persons by kind of site, a key of `SITES`, shape (periods, legs or places,
            outcomes). Places are followed by the sectors of the world and by the transit through
            Mexico, which has only deaths. NaN where an outcome is not counted.
    """

    begins: np.ndarray
    sites: dict[str, np.ndarray]


@dataclass(frozen=True, eq=False)
class ComparisonFlows:
    """Flows of a comparison.

    Attributes:
        comparison: baseline and arms.
        per: length of a period, one of `PERIODS`.
        arms: flows by member and seed, for the baseline and every arm.
        failures: runs without flows.
    """

    comparison: Comparison
    per: str
    arms: list[dict[Key, Flows]]
    failures: list[Failure]

    @property
    def begins(self) -> np.ndarray:
        """First day of each period."""
        return next(flows.begins for runs in self.arms for flows in runs.values())


def run_flows(comparison: Comparison, per: str, **options: Unpack[RunOptions]) -> ComparisonFlows:
    """Simulate all cases of a comparison and record their flows.

    Args:
        comparison: baseline and arms, with or without runs.
        per: length of a period, one of `PERIODS`.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The flows.

    Raises:
        SettingError: the period is unknown.
    """
    run_case = partial(record_flows, check_name("per", per, PERIODS))
    arms: list[dict[Key, Flows]] = [{} for _ in (comparison.baseline, *comparison.arms)]
    plan = [(i, key) for key in comparison.order for i in range(len(arms))]
    answers = run_many(cases_of(comparison, plan), run_case=run_case, **options)
    for (i, key), answer in zip(plan, answers, strict=True):
        if not isinstance(answer, Failure):
            arms[i][key] = answer
    failures = [answer for answer in answers if isinstance(answer, Failure)]
    return ComparisonFlows(comparison, per, arms, failures)


def sectors_of(world: World) -> np.ndarray:
    """Return the indices of the sectors that a world has."""
    return np.unique(world.place_sector[world.place_sector >= 0])


def record_flows(per: str, case: Case) -> Flows:
    """Simulate a case and record its flows.

    Args:
        per: length of a period, one of `PERIODS`.
        case: scenario and seed.

    Returns:
        The flows.
    """
    model = start_model(case.scenario, case.seed)
    ledger, starts = model.ledger, _first_days(per, case.scenario)
    traffic, events = [], []
    for day, next_day in pairwise([*starts, case.scenario.days]):
        model.run_for(next_day - day)
        traffic.append(ledger.flow.copy())
        events.append(ledger.by_sector.sum(axis=2))
    traffic, events = (np.diff(totals, axis=0, prepend=0) for totals in (traffic, events))
    deaths = np.add.reduceat(ledger.expected_deaths, starts)
    legs = np.stack([traffic[..., :2].sum(axis=2), traffic[..., 2]], axis=2).astype(float)
    begins = np.datetime64(case.scenario.start, "D") + np.array(starts)
    return Flows(begins, {"leg": legs, "place": _at_places(model.world, legs, events, deaths)})


def _first_days(per: str, scenario: Scenario) -> list[int]:
    """Return the day, from 0, on which each period begins."""
    if per == "month":
        return np.unique(months(scenario.start, scenario.days)[1], return_index=True)[1].tolist()
    return list(range(scenario.days)) if per == "day" else [0]


def _at_places(
    world: World, legs: np.ndarray, events: np.ndarray, deaths: np.ndarray
) -> np.ndarray:
    """Return outcomes at places, in sectors and in transit.

    Args:
        world: the route graph.
        legs: passages and stops, shape (periods, legs, 2).
        events: persons, shape (periods, events, sectors).
        deaths: expected deaths, shape (periods, sectors + 1).
    """
    sectors, n = sectors_of(world), world.n_places
    table = np.full((len(legs), n + len(sectors) + 1, len(SITES["place"])), np.nan)
    into, out = (np.eye(n)[ends] for ends in (world.head, world.tail))
    passages, stops = legs[..., 0], legs[..., 1]
    table[:, :n, :3] = np.stack([passages @ into, passages @ out, stops @ into], axis=2)
    for i, codes in enumerate(_SECTOR_EVENTS.values(), 3):
        table[:, n:-1, i] = events[:, codes].sum(axis=1)[:, sectors]
    table[:, n:, -1] = deaths[:, [*sectors, -1]]
    return table
