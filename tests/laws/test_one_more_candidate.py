"""An additional candidate changes no other person's draws, because draws are keyed by person."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.measures import rates
from abm.model import BorderModel
from abm.scenario import Scenario
from agents.outcomes import Group

#: Settings in which groups do not interact by crowds, courts, calls, custody or entry of sellers.
APART: dict[str, Any] = {
    "border_patrol.tied_up": 0.0,
    "contest.chi": 0.0,
    "border_patrol.rule": "static",
    "border_patrol.response": 10.0,
    "consequences.courts": 100_000.0,
    "smugglers.adaptive_entry": False,
    "smugglers.decapitation": 0.0,
}
POOLS = Scenario().migrants.pool


def _people(model: BorderModel) -> dict[int, bytes]:
    """Return the bytes of every row by uid."""
    return {int(row["uid"]): row.tobytes() for row in model.migrants.live}


@pytest.mark.parametrize("more", Group, ids=lambda g: g.name.lower())
def test_more_of_one_group_changes_nothing_for_the_other(more: Group, play: Callable) -> None:
    """With learning, prices and organisations, the other group has the same events.

    All people share the same agents, so a price may change by a dollar, but nothing else.
    """
    path = f"migrants.pool.{more.name.lower()}"
    few = play(changes=APART, days=40)
    many = play(changes=APART | {path: 1.5 * POOLS[more]}, days=40)
    other = 1 - more
    assert np.array_equal(few.ledger.events[:, :, other], many.ledger.events[:, :, other])
    assert np.array_equal(few.ledger.contracts[:, other], many.ledger.contracts[:, other])
    np.testing.assert_allclose(few.ledger.fees[:, other], many.ledger.fees[:, other], rtol=1e-3)
    assert few.ledger.events[:, :, more].sum() < many.ledger.events[:, :, more].sum()
    mine, theirs = (
        model.migrants.live[model.migrants.live["group"] == other] for model in (few, many)
    )
    assert len(mine) > 100
    for column in set(mine.dtype.names or ()) - {"wealth", "debt"}:
        assert np.array_equal(mine[column], theirs[column]), column


def test_a_larger_pool_leaves_existing_journeys_unchanged(play: Callable, blind: dict) -> None:
    """Without learning, 50 % more candidates do not change the journeys of the existing people."""
    few = _people(play(changes=blind, days=25))
    many = _people(play(changes=blind, days=25, supply_level=1.5))
    assert len(few) > 200 and len(many) > 1.3 * len(few)
    assert few.items() <= many.items()


def test_a_new_organisation_leaves_solo_routes_unchanged(play: Callable, blind: dict) -> None:
    """People who travel alone in both runs take the same ways with and without organisations."""
    dear = blind | {"smugglers.cost_base": [20_000.0] * 2, "migrants.wealth_log_sd": 0.0}
    none = _people(play(changes=dear, days=25))
    five = _people(play(changes=dear | {"smugglers.count_mexican": 5}, days=25))
    assert len(none) > 200
    assert none == five


def test_uids_are_unique(play: Callable) -> None:
    """A uid contains the date, the stratum and the number within the day."""
    model = play(scale=50, days=40)
    rows = model.migrants.live
    assert np.unique(rows["uid"]).size == rows.size
    date, stratum = rows["uid"] >> 40, (rows["uid"] >> 24) & 0xFFFF
    first = model.calendar.first_day - model.settings.warmup_days
    assert ((date >= first) & (date < model.today)).all()
    origin, group, kind = model.supply.strata[stratum].T
    assert np.array_equal(origin, rows["origin"]) and np.array_equal(group, rows["group"])
    assert np.array_equal(kind, rows["kind"])
    assert ((rows["cohort"] == 1) == (date >= model.calendar.first_day)).all()


def test_a_higher_envelope_thins_to_the_same_rate(play: Callable, blind: dict) -> None:
    """Candidates and the share that sets out agree within five standard errors."""
    base = play(changes=blind, days=90, scale=50)
    for envelope in (1.0, 3.0, 10.0):
        thinned = play(changes=blind | {"migrants.envelope": envelope}, days=90, scale=50)
        n, m = (model.ledger.totals()["candidates"] / 50 for model in (base, thinned))
        assert n > 4_000
        assert abs(n - m) < 5.0 * np.sqrt(n + m)
        p, q = (rates(model.ledger)["set_out_share"] for model in (base, thinned))
        assert abs(p - q) < 5.0 * np.sqrt(p * (1.0 - p) * (1.0 / n + 1.0 / m))
