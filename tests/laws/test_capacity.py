"""Exact laws of smuggling capacity: lost cells raise price and wait, and lower quality."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.model import BorderModel
from agents.smugglers import SmugglerParams
from tests.laws.market_world import YEAR, World

#: All responses are zero, and no organisation exceeds its capacity.
INERT: dict[str, Any] = {
    "capacity_slack": 5.0,
    "overload_cost": 0.0,
    "overload_delay": 0.0,
    "overload_quality": 0.0,
    "pass_through": 0.0,
    "hire_weeks": 0.0,
    "funds_weeks": 0.0,
    "pressure_hiring": 0.0,
}
#: All kinds of responses are strong.
STRONG: dict[str, Any] = {
    "capacity_slack": 0.0,
    "overload_cost": 5.0,
    "overload_delay": 60.0,
    "overload_quality": 5.0,
    "pass_through": 1.5,
    "hire_weeks": 13.0,
    "funds_weeks": 52.0,
    "pressure_hiring": 20.0,
}
HUNT, PRESSURE = 1.0, 0.5  # per year


def lose(world: World, slot: int, count: int) -> World:
    """Remove cells of an organisation."""
    agent = world.market.agents[slot]
    for _ in range(count):
        agent.cells[-1].remove()
    return world


def figures(world: World, slot: int) -> tuple[float, float, float]:
    """Return an organisation's price (dollars), delay (days) and quality (share)."""
    book = world.market.book
    group = world.market.agents[slot].group
    return (
        float(book["price"][slot, group]),
        float(book["delay"][slot]),
        float(book["quality"][slot]),
    )


# ---- the switch ---------------------------------------------------------------------------------


def test_the_switch_and_zero_responses_give_the_same_bytes(
    play: Callable[..., BorderModel],
) -> None:
    """Strong responses times 0 equal zero responses times 1, under both instruments."""
    cases = (STRONG | {"capacity_response": 0.0}, INERT | {"capacity_response": 1.0})
    digests = set()
    for case in cases:
        changes = {f"smugglers.{name}": value for name, value in case.items()}
        model = play("best_teams:4 dismantle_conveyor_belts:4", changes=changes, days=60)
        assert model.market.dismantled > 0
        digests.add(model.ledger.digest)
    assert len(digests) == 1


def test_switched_off_nothing_responds_to_lost_cells() -> None:
    world = lose(World(capacity_response=0.0, **STRONG), 0, 4).live(YEAR)
    _, delay, quality = figures(world, 0)
    assert delay == 0.0 and quality == SmugglerParams().quality
    assert (world.market.capacity.load == 1.0).all()


# ---- load ---------------------------------------------------------------------------------------


@settings(max_examples=6, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(lost=st.integers(0, 5), more=st.integers(1, 5), slot=st.sampled_from([0, 4, 5, 11]))
def test_lost_cells_never_lower_price_or_wait_nor_raise_quality(
    lost: int, more: int, slot: int
) -> None:
    worlds = [
        lose(World(warm=60, cell_pace=0.0), slot, n).live(12) for n in (lost, min(6, lost + more))
    ]
    (price, delay, quality), (dearer, longer, worse) = (figures(w, slot) for w in worlds)
    assert dearer > price and longer >= delay and worse <= quality


@pytest.mark.parametrize("slot", [0, 11])
def test_an_organisation_without_half_of_its_cells_is_dear_slow_and_bad(slot: int) -> None:
    """Prices of the group's other organisations rise, because the group is crowded.

    Their waits and quality do not change.
    """
    calm, hit = (lose(World(cell_pace=0.0), slot, n).live(26) for n in (0, 3))
    (price, _, base), (dearer, delay, worse) = figures(calm, slot), figures(hit, slot)
    p, load = SmugglerParams(), hit.market.capacity.load[slot]
    assert load == pytest.approx(2.0, rel=0.01)
    over = load / (1.0 + p.capacity_slack)
    assert dearer > price + 50.0
    assert delay == pytest.approx(p.overload_delay * (over - 1.0))
    assert worse == pytest.approx(base / over)
    for other in hit.market.agents:
        if other != slot:
            assert figures(hit, other)[1:] == figures(calm, other)[1:]
            assert figures(hit, other)[0] < dearer - price + figures(calm, other)[0]


def test_pressure_enters_the_price_at_the_declared_share() -> None:
    p = SmugglerParams(capacity_slack=5.0)
    world = World(capacity_slack=5.0, pressure_upkeep=1.0)
    world.environment.levers.pressure[0] = PRESSURE
    world.live(2)
    standing = p.overhead_week + 6 * p.cell_week
    for slot, clients in ((0, 1_200), (11, 450)):
        expected = p.pass_through * standing * PRESSURE / clients
        assert world.market.capacity.surcharge[slot] == pytest.approx(expected)


# ---- replacing and adding cells -----------------------------------------------------------------


def test_immediate_and_free_replacement_of_cells_hides_their_loss() -> None:
    """Therefore best_teams fails: prices, waits and quality are equal to the last bit."""
    calm, hunted = (World(cell_pace=40.0, cell_price=0.0) for _ in range(2))
    hunted.environment.levers.cell_hunt[0] = HUNT
    calm.live(YEAR)
    hunted.live(YEAR)
    assert hunted.market.dismantled > 20
    for name in ("price", "delay", "quality", "cash"):
        assert np.array_equal(hunted.market.book[name], calm.market.book[name]), name


def test_slow_replacement_lets_dismantling_reach_clients() -> None:
    prices, waits = [], []
    for pace in (4.0, 0.3, 0.05):
        world = World(cell_pace=pace)
        world.environment.levers.cell_hunt[0] = HUNT
        world.live(2 * YEAR)
        slots = sorted(world.market.agents)
        prices.append(float(world.market.book["price"][slots].sum()))
        waits.append(float(world.market.book["delay"][slots].mean()))
    assert prices[0] < prices[1] < prices[2] and waits[0] < waits[1] < waits[2]


def test_capacity_follows_demand_and_returns_with_it() -> None:
    world = World(cell_pace=1.0)
    world.live(YEAR, clients=2.0)
    grown = [len(agent.cells) for agent in world.market.agents.values()]
    loads = world.market.capacity.load[:12]
    assert min(grown) > 6 and (loads < 1.4).all()
    world.live(2 * YEAR, clients=0.9)
    assert {len(agent.cells) for agent in world.market.agents.values()} == {6}
