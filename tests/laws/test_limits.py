"""Agency limits apply to the sum of all policies, and undelivered effort is not paid."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm import measures
from abm.model import BorderModel
from abm.scenario import Scenario
from agents.labels import SECTORS
from agents.outcomes import PAYERS, Account, Event
from tests.planned_dollars import daily_dollars

MIX = (
    "patrol_effort:2 patrol_effort:2@2012-11-01 patrol_surge:2 sector_allocation "
    "anti_crime_strategy:5 joint_operations southern_border_control:6 rural_gendarmerie:4 "
    "mexican_border_patrol"
)


def test_spent_and_unspent_dollars_are_the_planned_ones_every_day(play: Callable) -> None:
    """For every payer, spent and unspent dollars sum to the plan, and persons balance."""
    model = play(MIX, days=120, scale=500)
    money, first = model.ledger.daily_money, model.calendar.first_day
    for k, (payer, account) in enumerate(PAYERS.items()):
        planned = [daily_dollars(model.policies, first + day).get(payer, 0) for day in range(120)]
        spent = money[:, account, Account.PROGRAMMES]
        assert (spent >= 0).all() and (model.ledger.unspent[:, k] >= 0).all()
        assert (spent + model.ledger.unspent[:, k] == planned).all()
    left = measures.dollars_unspent(model.ledger)
    assert min(left["us"], left["mexico"]) > 10**7 and left["users"] == 0
    assert int(model.ledger.balance.sum()) == 0


def test_agents_are_paid_as_they_are_on_board(play: Callable) -> None:
    """A surge of 5,000 agents hires 1,000 a year and pays only for the days they work."""
    model = play("patrol_surge", days=120, scale=1000)
    policy = model.policies[0]
    assert model.patrol.hired == pytest.approx(1_000.0 * 120 / 365.0)
    agent_days = sum(1_000.0 * (k + 1) / 365.0 for k in range(120))
    paid = measures.dollars(model.ledger)["us"]
    assert paid == pytest.approx(agent_days / 365.0 * policy.cost_per_agent, rel=1e-3)


@pytest.mark.parametrize("limited", ["smuggler_prosecution", "bilateral_accords"])
def test_beyond_the_limit_of_courts_nothing_is_added_or_paid(limited: str, play: Callable) -> None:
    """Four times the dose, also as two uses, gives the same flows and spends the same dollars."""
    parts = "permits=0/0:readmission=0:us_dollars=0:mexico_dollars=0:"
    numbers = f"{parts if limited == 'bilateral_accords' else ''}set_up_days=1"
    texts = [f"{limited}:{dose}:{numbers}" for dose in (1, 4)]
    texts.append(f"{limited}:2:{numbers} {limited}:1.5:{numbers}@2012-10-01")
    strong = {"smugglers.sentence_loss": 80_000.0}
    full, *more = (play(text, days=60, scale=1000, changes=strong) for text in texts)
    for model in more:
        assert np.array_equal(full.ledger.events, model.ledger.events)
        spent, same = (sum(measures.dollars(m.ledger).values()) for m in (model, full))
        assert spent == pytest.approx(same, rel=1e-5) and same > 10**5
        assert sum(measures.dollars_unspent(model.ledger).values()) > 1.4 * same


def test_two_uses_share_the_hiring_of_one(play: Callable) -> None:
    """Two policies together hire and spend as much as one policy."""
    alone = play("patrol_surge:2", days=60, scale=1000)
    both = play("patrol_surge:1 patrol_surge:1@2012-10-01", days=60, scale=1000)
    assert both.patrol.hired == pytest.approx(alone.patrol.hired) == pytest.approx(60 / 0.365)
    one, other = (measures.dollars(model.ledger)["us"] for model in (alone, both))
    assert other == pytest.approx(one, rel=1e-6)


def test_hours_above_the_cap_are_not_paid_from_the_first_day(play: Callable) -> None:
    """At a tempo of 6, the dollars for hours above 4.3 are planned but not spent, to the dollar."""
    text = "southern_border_control:{dose}:rise=1:ramp_days=1:posted=0:package=0"
    free = {"mexico.fatigue_half_life": 1_200.0}
    model = play(text.format(dose=5), days=60, scale=1000, changes=free)
    policy, cap = model.policies[0], model.settings.mexico.tempo_cap
    unspent = model.ledger.unspent[:, list(PAYERS).index("mexico")]
    spent = model.ledger.daily_money[:, PAYERS["mexico"], Account.PROGRAMMES]
    planned = [
        daily_dollars(model.policies, model.calendar.first_day + day)["mexico"] for day in range(60)
    ]
    assert (spent + unspent == planned).all()
    half_life = free["mexico.fatigue_half_life"] * 365.25 / 12.0
    for day in range(2, 60):
        left = 5.0 * 0.5 ** (day / half_life)
        assert spent[day] == pytest.approx(planned[day] * (cap - 1.0) / left, abs=1.0)
    assert policy.rise == 1.0


def test_limits_change_no_byte_without_policies(play: Callable) -> None:
    """The record is the same with and without limits."""
    free = {"border_patrol.limits": False, "mexico.limits": False}
    limited, unlimited = play(days=60), play(days=60, changes=free)
    assert limited.ledger.digest == unlimited.ledger.digest
    assert not limited.ledger.unspent.any()


#: Agents answer few calls, ten times as many people come, and all evade. Surrenders would
#: also take agents' time, and less of it when towers detect more evaders.
BUSY: dict[str, Any] = {
    "border_patrol.response": 0.05,
    "supply_level": 10.0,
    "border_patrol.rule": "static",
    "border_patrol.tied_up": 0.0,
    "border_patrol.line_hazard": [0.5] * 9,
    "contest.chi": 0.0,
    "migrants.surrender": [0.0] * 3,
    "migrants.surrender_mexican": [0.0] * 3,
    "migrants.surrender_slope": 0.0,
}
#: The load adapts to calls over a fortnight; after three fortnights it reflects the towers.
SETTLED = 42
USED_UP = 0.2  # share of answered calls below which a sector's response is used up


def test_towers_need_agents_who_respond(build: Callable) -> None:
    """Where response is used up, towers raise only detections; elsewhere apprehensions rise, too.

    The sectors are those whose agents answer less than a fifth of the calls. People decide without
    learning, so that the same people try the line. The test compares expected apprehensions,
    because the sampling noise of so few apprehensions exceeds the bound.
    """
    towers = "cameras_and_sensors:20:build_days=1"
    blind = {"migrants.knowledge_mean": 0.0, "migrants.knowledge_spread": 0.0}
    busy, free = (
        [_calls_and_caught(build(text, changes=changes | blind, days=120)) for text in ("", towers)]
        for changes in (BUSY, BUSY | {"border_patrol.response": 10.0})
    )
    used_up = np.all([share < USED_UP for *_, share in busy], axis=0)
    assert used_up.sum() >= 3 and all((share > 0.95).all() for *_, share in free)
    (busy_found, busy_caught), (free_found, free_caught) = (
        [new[k][used_up].sum() / old[k][used_up].sum() - 1.0 for k in range(2)]
        for old, new in (busy, free)
    )
    assert free_caught > 0.05 and free_found > 0.05
    assert busy_found > 0.5 * free_found
    assert abs(busy_caught) < 0.1 * free_caught


def _calls_and_caught(model: BorderModel) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Run a model in which all calls are about evaders; count after the load has adapted.

    Returns:
        Calls, expected apprehensions at the line, and share of answered calls, by sector.
    """
    sectors, world = len(SECTORS), model.world
    legs = [np.flatnonzero(world.is_line & (world.leg_sector == k))[0] for k in range(sectors)]
    calls, answered, caught = np.zeros(sectors), np.zeros(sectors), 0.0
    for day in range(model.settings.days):
        model.run_for(1)
        if day < SETTLED:
            continue
        today, share = model.ledger.day_tallies[0], model.network.leg_state.respond[legs]
        assert not today["by_sector"][Event.SURRENDERED].any()
        calls += today["calls"]
        answered += today["calls"] * share
        n = today["events"].sum(axis=(1, 2))
        caught += float(n[Event.APPREHENDED_US] - n[Event.APPREHENDED_BELT])
    expected = answered * model.settings.border_patrol.caught_share
    noise = np.sqrt(expected.sum() / model.settings.scale) * model.settings.scale
    assert caught == pytest.approx(expected.sum(), abs=4.0 * noise)  # the law holds for this run
    return calls, expected, answered / calls


def test_a_dated_surge_recovers_after_rest(build: Callable) -> None:
    """A tempo of 2 falls to 1.4 within ninety days and returns to 2 after half a year of rest."""
    start = Scenario().start
    pause = [start + datetime.timedelta(days=d) for d in (120, 320)]
    text = f"patrol_effort:4:stamina=50@..{pause[0]} patrol_effort:4:stamina=50@{pause[1]}"
    model = build(text, days=380, scale=1000)
    model.run_for(119)
    assert model.patrol.tempo().max() == model.settings.border_patrol.sustained_tempo
    model.run_for(261)
    assert model.patrol.tempo().min() > 1.9
