"""A world written in another way, or at another size, has the same history.

Draws have keys: the date, the number of the community and the number of the candidate, then the
attempt or the leg of a trip (:class:`agents.environment.Stream`). A change that keeps these keys
keeps the history itself; a change of the keys keeps its distribution. Each test asserts the
strongest of these forms that holds. In distribution, the mean difference over seeds is at most
`SIGMA` standard errors of that mean, which the differences themselves give.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World
from experiments.warmup import start_model
from tests.laws.tables_of_worlds import Tables

pytestmark = pytest.mark.xdist_group("laws")

SEEDS = range(1, 9)
SIGMA = 4.5
#: Events that are compared in distribution.
COUNTED = (
    *("set_out", "trip", "reached_line", "apprehended_us", "got_away_undetected"),
    *("apprehended_mexico", "kidnapped", "port_attempt", "removed_us", "retried"),
)
POLICIES = (
    "rural_gendarmerie:2 fence southern_border_control intelligence_sharing patrol_surge "
    "dismantle_conveyor_belts trusted_travellers"
)
#: Parts of the record that do not depend on the order of places and legs; they are whole numbers.
RECORD = ("events", "stock", "daily_money", "unspent", "fees", "contracts", "by_sector", "balance")


def run(
    world: World,
    seed: int = 1,
    *,
    policies: str = POLICIES,
    changes: dict[str, Any] | None = None,
    **basics: Any,
) -> BorderModel:
    """Run a model in a world from its tables."""
    basics = {"scale": 200, "warmup_days": 60, "days": 60, "fill_days": 0} | basics
    uses = tuple(parse_policy(text) for text in policies.split())
    scenario = Scenario(policies=uses, **basics).with_settings(changes or {})
    model = start_model(scenario, seed, world)
    model.run_for(scenario.days)
    model.tidy()
    return model


def differences(one: BorderModel, other: BorderModel) -> list[str]:
    """Return the parts of two records that are not equal.

    Indicators and expected deaths are sums of floating-point numbers over places and legs, which
    another order rounds differently; whole numbers are compared exactly.
    """
    a, b = one.ledger, other.ledger
    found = [name for name in RECORD if not np.array_equal(getattr(a, name), getattr(b, name))]
    for name in ("indicators", "expected_deaths"):
        if not np.allclose(getattr(a, name), getattr(b, name), rtol=1e-9, atol=1e-12):
            found.append(name)
    return found


def assert_equal_on_average(found: dict[str, Sequence[float]], names: Sequence[str]) -> None:
    """Assert that the mean of differences over seeds is zero, up to its standard error.

    Args:
        found: differences by name, one for each seed.
        names: those that must be tested, so that an empty record cannot pass.
    """
    assert set(names) <= set(found)
    for name, values in found.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values)) <= SIGMA * error, (name, np.mean(values), error)


def event_differences(one: dict[int, dict[str, float]], other: dict[int, dict[str, float]]) -> Any:
    """Return the relative differences of counts by event, one for each seed."""
    return {
        event: [other[seed][event] / one[seed][event] - 1.0 for seed in one] for event in COUNTED
    }


@pytest.fixture(scope="module")
def tables() -> Tables:
    """Return the tables of the small world."""
    return Tables.small()


@pytest.fixture(scope="module")
def load(tmp_path_factory: pytest.TempPathFactory) -> Callable[[Tables], World]:
    """Return a function that writes tables and loads the world."""
    return lambda tables: tables.load(tmp_path_factory.mktemp("world"))


@pytest.fixture(scope="module")
def world(tables: Tables, load: Callable[[Tables], World]) -> World:
    """Return the small world."""
    return load(tables)


@pytest.fixture(scope="module")
def here(world: World) -> BorderModel:
    """Return the run of the small world under all policies."""
    return run(world)


@pytest.fixture(scope="module")
def counts(world: World) -> Callable[[World], dict[int, dict[str, float]]]:
    """Return a function that counts events by seed at a fine scale; the small world is run once."""
    known: dict[str, dict[int, dict[str, float]]] = {}

    def counted(place: World) -> dict[int, dict[str, float]]:
        if place.digest not in known:
            known[place.digest] = {
                seed: dict(run(place, seed, scale=50).ledger.totals()) for seed in SEEDS
            }
        return known[place.digest]

    return counted


# ---- names and orders ----------------------------------------------------------------------------


def test_the_small_world_has_every_kind_of_event(here: BorderModel) -> None:
    """Otherwise the laws of this file would compare empty records."""
    totals = here.ledger.totals()
    assert min(totals[event] for event in COUNTED) > 0


def test_names_of_places_have_no_effect(tables: Tables, load: Callable, here: BorderModel) -> None:
    """The record is equal to the last byte, persons by leg included."""
    other = run(load(tables.relabelled(lambda name: f"x{name[::-1]}".replace(" ", "_"))))
    assert other.ledger.digest == here.ledger.digest


def in_groups(names: Sequence[Any], draw: random.Random) -> list[int]:
    """Return a random order of rows in which rows of an equal name keep their order.

    Args:
        names: name of the group of each row.
        draw: generator.

    Returns:
        Indices of rows.
    """
    shuffled = draw.sample(range(len(names)), len(names))
    waiting = {name: iter([i for i, own in enumerate(names) if own == name]) for name in names}
    return [next(waiting[names[i]]) for i in shuffled]


@pytest.mark.parametrize("number", range(4))
def test_the_order_of_places_has_no_effect_but_for_keys_of_draws(
    number: int, tables: Tables, load: Callable, here: BorderModel
) -> None:
    """Communities, and rural posts of Mexico, keep their order, since draws are keyed by it."""
    groups: list[Any] = [
        "community" if row["kind"] == "origin" or row["mx_origin_region"] == "1" else row["id"]
        for row in tables.nodes
    ]
    groups = ["post" if name in ("river", "middle") else name for name in groups]
    order = in_groups(groups, random.Random(number))
    other = run(load(tables.reordered(order, range(len(tables.edges)))))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow, other.ledger.flow)


@pytest.mark.parametrize("number", range(4))
def test_the_order_of_legs_has_no_effect_if_legs_of_a_place_keep_theirs(
    number: int, tables: Tables, load: Callable, here: BorderModel
) -> None:
    """A uniform chooses among the legs of a place in their order; no other draw has such a key."""
    order = in_groups([row["source"] for row in tables.edges], random.Random(number))
    other = run(load(tables.reordered(range(len(tables.nodes)), order)))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow[order], other.ledger.flow)


def test_any_order_of_places_and_legs_has_the_same_distribution(
    tables: Tables, load: Callable, world: World, counts: Callable
) -> None:
    """Communities and the legs of a place in reverse order are other people with other draws."""
    nodes, edges = range(len(tables.nodes))[::-1], range(len(tables.edges))[::-1]
    other = load(tables.reordered(nodes, edges))
    assert_equal_on_average(event_differences(counts(world), counts(other)), COUNTED)
