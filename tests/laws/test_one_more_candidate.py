"""One more candidate changes nobody else's draws: chance belongs to persons, not to the queue."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.measures import rates
from abm.model import BorderModel
from abm.scenario import Scenario
from agents.outcomes import Event, Group, Kind

pytestmark = pytest.mark.xdist_group("laws")

#: What one group could do to the other: crowds, courts, calls on agents, entry of organisations.
APART: dict[str, Any] = {
    "contest.chi": 0.0,
    "border_patrol.rule": "static",
    "border_patrol.response": 10.0,
    "consequences.courts": 100_000.0,
    "smugglers.adaptive_entry": False,
    "smugglers.decapitation": 0.0,
}
POOLS = Scenario().migrants.pool


def _people(model: BorderModel) -> dict[int, bytes]:
    """Every person with a row, whole."""
    return {int(row["uid"]): row.tobytes() for row in model.migrants.live}


@pytest.mark.parametrize("more", Group, ids=lambda g: g.name.lower())
def test_more_of_one_group_changes_nothing_for_the_other(more: Group, play: Callable) -> None:
    """With learning, prices and organisations at work: the other group lives the same days.

    All people call on the same agents, so a price may move by a dollar; nothing else may.
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


def test_more_of_everybody_leaves_each_life_as_it_was(play: Callable, blind: dict) -> None:
    """Where nobody learns, half as many people again: all former ones, with the same journeys."""
    few = _people(play(changes=blind, days=25))
    many = _people(play(changes=blind, days=25, supply_level=1.5))
    assert len(few) > 200 and len(many) > 1.3 * len(few)
    assert few.items() <= many.items()


def test_one_stratum_more_leaves_the_others_as_they_were(play: Callable, blind: dict) -> None:
    """Children of the Northern Triangle come in the place of nobody else."""
    shares, more = [0.76, 0.09, 0.15], [0.76, 0.09, 0.30]
    total = sum(more)
    one = play(days=25, changes=blind | {"migrants.kind_share_northern_triangle": shares})
    other = play(
        days=25,
        changes=blind
        | {
            "migrants.kind_share_northern_triangle": [s / total for s in more],
            "migrants.pool.northern_triangle": POOLS[1] * total,
        },
    )
    a, b = one.ledger.events, other.ledger.events
    assert np.array_equal(a[..., [Kind.ADULT, Kind.FAMILY]], b[..., [Kind.ADULT, Kind.FAMILY]])
    assert a[..., Kind.CHILD].sum() < b[..., Kind.CHILD].sum()


def test_an_entrant_among_organisations_leaves_solo_routes_alone(
    play: Callable, blind: dict
) -> None:
    """Who travels alone in both worlds travels the same way, whoever else sells journeys."""
    dear = blind | {"smugglers.cost_base": [20_000.0] * 2, "migrants.wealth_log_sd": 0.0}
    none = _people(play(changes=dear, days=25))
    five = _people(play(changes=dear | {"smugglers.count_mexican": 5}, days=25))
    assert len(none) > 200
    assert none == five


def test_nobody_is_drawn_twice(play: Callable) -> None:
    """Identities are unique, and say date, stratum and number within the day."""
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


@pytest.mark.parametrize("envelope", [1.0, 3.0, 10.0])
def test_a_higher_envelope_thins_to_the_same_rate(
    envelope: float, play: Callable, blind: dict
) -> None:
    """Candidates, and the share that sets out, stay within five standard errors."""
    base = play(changes=blind, days=90, scale=50)
    thinned = play(changes=blind | {"migrants.envelope": envelope}, days=90, scale=50)
    n, m = (model.ledger.totals()["candidates"] / 50 for model in (base, thinned))
    assert n > 4_000
    assert abs(n - m) < 5.0 * np.sqrt(n + m)
    p, q = (rates(model.ledger)["set_out_share"] for model in (base, thinned))
    assert abs(p - q) < 5.0 * np.sqrt(p * (1.0 - p) * (1.0 / n + 1.0 / m))


def test_the_envelope_itself_is_never_seen(play: Callable, blind: dict) -> None:
    """Who is thinned out leaves no trace: arrivals are the pool's, not the envelope's."""
    model = play(changes=blind | {"migrants.envelope": 10.0}, days=365, scale=200, supply="flat")
    came = model.ledger.events[:, Event.CANDIDATES].sum() / 200
    expected = sum(POOLS) / 200
    assert abs(came - expected) < 5.0 * np.sqrt(expected)
