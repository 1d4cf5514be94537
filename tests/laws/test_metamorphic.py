"""A world in another notation or at another scale has the same history.

Draws have keys: the date, the number of the community and the number of the candidate, then the
attempt or the leg of a trip (:class:`agents.environment.Stream`). A change that keeps these keys
keeps the history itself. A change of the keys keeps the distribution of histories. Each test
asserts the stronger form if it holds. In the weaker form, the mean difference over seeds is at
most 4.5 times its standard error, which is estimated from the differences themselves.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence

import numpy as np
import pytest

from abm.model import BorderModel
from abm.world.routes import World
from tests.laws.metamorphic import (
    COUNTED,
    Counts,
    assert_equal_on_average,
    count,
    differences,
    event_differences,
    run,
)
from tests.laws.tables_of_worlds import Tables


@pytest.fixture(scope="module")
def world(tables: Tables, load: Callable[[Tables], World]) -> World:
    """Return the small world."""
    return load(tables)


@pytest.fixture(scope="module")
def here(world: World) -> BorderModel:
    """Run the small world under all policies."""
    return run(world)


@pytest.fixture(scope="module")
def counts(world: World) -> Counts:
    """Count the events in the small world by seed."""
    return count(world)


# ---- names and orders ----------------------------------------------------------------------------


def test_the_small_world_has_every_kind_of_event(here: BorderModel) -> None:
    """Otherwise, the laws in this file would compare empty records."""
    totals = here.ledger.totals()
    assert min(totals[name] for name in COUNTED) > 0


def test_names_of_places_have_no_effect(tables: Tables, load: Callable, here: BorderModel) -> None:
    """The record, including persons by leg, is equal to the last byte."""
    other = run(load(tables.relabelled(lambda name: f"x{name[::-1]}".replace(" ", "_"))))
    assert other.ledger.digest == here.ledger.digest


def in_groups(names: Sequence[str], draw: random.Random) -> list[int]:
    """Return a random order of rows that keeps the order within each group.

    Args:
        names: group name of each row.
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
    """Communities and Mexico's rural posts keep their order, on which keys of draws depend."""
    group = {"river": "post", "middle": "post", "village": "Mexican", "plain": "Mexican"}
    group |= {"lake": "foreign", "coast": "foreign"}
    names = [group.get(row["id"], row["id"]) for row in tables.nodes]
    order = in_groups(names, random.Random(number))
    other = run(load(tables.reordered(order, range(len(tables.edges)))))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow, other.ledger.flow)


@pytest.mark.parametrize("number", range(4))
def test_the_order_of_legs_has_no_effect_if_legs_of_a_place_keep_theirs(
    number: int, tables: Tables, load: Callable, here: BorderModel
) -> None:
    """A uniform draw selects among a place's legs in their order. Other draws ignore it."""
    order = in_groups([row["source"] for row in tables.edges], random.Random(number))
    other = run(load(tables.reordered(range(len(tables.nodes)), order)))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow[order], other.ledger.flow)


@pytest.mark.slow
def test_any_order_of_places_and_legs_has_the_same_distribution(
    tables: Tables, load: Callable, counts: Counts
) -> None:
    """In reverse order, communities and the legs of a place give other people with other draws."""
    nodes, edges = range(len(tables.nodes))[::-1], range(len(tables.edges))[::-1]
    other = load(tables.reordered(nodes, edges))
    assert_equal_on_average(event_differences(counts, count(other)), COUNTED)


# ---- scale ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_scale_has_no_effect_on_expected_counts(world: World, counts: Counts) -> None:
    """All counts and capacities are in persons, so that half the persons per row change no mean."""
    assert_equal_on_average(event_differences(counts, count(world, scale=50)), COUNTED)
