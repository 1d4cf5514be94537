"""Flows of a comparison by period, on legs and at places.

Results keep persons by leg for a whole run. These functions simulate the same cases again and
record every period. Nothing is finer than the route graph, whose nodes are cities and sectors of
the Border Patrol: what the ledger counts by sector belongs to the sector, not to its crossings.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Unpack

import numpy as np
import pandas as pd

from abm.measures.series import months
from agents.labels import SECTORS
from agents.outcomes import Event
from agents.param import check_name
from experiments.comparison.compare import Comparison, cases_of
from experiments.runs.case import Case, Failure
from experiments.runs.many_runs import RunOptions, run_many
from experiments.runs.warmup import start_model

#: Lengths of a period.
PERIODS = ("total", "month", "day")
#: Events that the ledger counts by sector, by outcome.
_SECTOR_EVENTS = {
    "attempts": [Event.LINE_ATTEMPT, Event.SURRENDERED],
    "apprehended_us": [Event.APPREHENDED_US],
    "turned_back": [Event.TURNED_BACK],
    "got_aways": [Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY],
}


@dataclass(frozen=True, eq=False)
class Flows:
    """Flows of a comparison.

    Attributes:
        comparison: baseline and arms.
        per: length of a period, one of `PERIODS`.
        table: persons. Rows are ``arm`` (the policy, empty for the baseline), ``member``, ``seed``
            and ``day``, the first one of the period. Columns are ``by`` (leg or place),
            ``outcome`` and ``site``.
        failures: runs without flows.
    """

    comparison: Comparison
    per: str
    table: pd.DataFrame
    failures: tuple[Failure, ...]


def run_flows(comparison: Comparison, per: str, **options: Unpack[RunOptions]) -> Flows:
    """Simulate all cases of a comparison and record their flows.

    Args:
        comparison: baseline and arms, with or without runs.
        per: length of a period, one of `PERIODS`.
        **options: as in ``experiments.runs.many_runs.run_many``.

    Returns:
        The flows.

    Raises:
        SettingError: the period is unknown.
        RuntimeError: every run of an arm failed.
    """
    run_case = partial(record_flows, check_name("per", per, PERIODS))
    arms = ["", *(arm.spec_text for arm in comparison.arms)]
    plan = [(i, key) for key in comparison.order for i in range(len(arms))]
    answers = run_many(cases_of(comparison, plan), run_case=run_case, **options)
    failures = tuple(answer for answer in answers if isinstance(answer, Failure))
    runs = {
        (arms[i], *key): answer
        for (i, key), answer in zip(plan, answers, strict=True)
        if not isinstance(answer, Failure)
    }
    if not {*arms} == {arm for arm, *_ in runs}:
        raise RuntimeError(f"every run of an arm failed, the first one with {failures[0]}")
    table = pd.concat(runs, names=["arm", "member", "seed", "day"])
    return Flows(comparison, per, table, failures)


def record_flows(per: str, case: Case) -> pd.DataFrame:
    """Simulate a case and record its flows.

    Args:
        per: length of a period, one of `PERIODS`.
        case: scenario and seed.

    Returns:
        Persons, one row per period, with columns as in `Flows`.
    """
    model, days = start_model(case.scenario, case.seed), case.scenario.days
    ledger, world = model.ledger, model.world
    period = {"total": np.zeros(days), "day": np.arange(days)}
    period["month"] = months(case.scenario.start, days)[1]
    starts = np.unique(period[per], return_index=True)[1]
    totals = []
    for length in np.diff([*starts, days]).tolist():
        model.run_for(length)
        totals.append((ledger.flow.copy(), ledger.by_sector.sum(axis=2)))
    traffic, events = (np.diff(total, axis=0, prepend=0) for total in zip(*totals, strict=True))
    people, stopped = traffic[..., :2].sum(axis=2), traffic[..., 2]
    into, out = (np.eye(world.n_places, dtype=int)[ends] for ends in (world.head, world.tail))
    sectors = np.unique(world.place_sector[world.place_sector >= 0]).tolist()
    names = [f"sector_{SECTORS[sector]}" for sector in sectors]
    deaths = np.add.reduceat(ledger.expected_deaths, starts)[:, [*sectors, -1]]
    counts = [
        ("leg", "passages", world.leg_ids, people),
        ("leg", "apprehended_mexico", world.leg_ids, stopped),
        ("place", "arrivals", world.place_ids, people @ into),
        ("place", "departures", world.place_ids, people @ out),
        ("place", "apprehended_mexico", world.place_ids, stopped @ into),
        ("place", "deaths", [*names, "transit"], deaths),
    ]
    for outcome, codes in _SECTOR_EVENTS.items():
        counts.append(("place", outcome, names, events[:, codes].sum(axis=1)[:, sectors]))
    begins = pd.Timestamp(case.scenario.start) + pd.to_timedelta(starts, "D")
    frames = {
        (by, outcome): pd.DataFrame(values, begins, list(ids), float)
        for by, outcome, ids, values in counts
    }
    return pd.concat(frames, axis=1, names=["by", "outcome", "site"])
