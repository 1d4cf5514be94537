"""A world written in another way, or at another scale, has the same history.

Draws have keys: the date, the number of the community and the number of the candidate, then the
attempt or the leg of a trip (:class:`agents.environment.Stream`). A change that keeps these keys
keeps the history itself; a change of the keys keeps its distribution. Each test asserts the
strongest of these forms that holds. In distribution, the mean difference over seeds is at most
4.5 standard errors of that mean, which the differences themselves give.
"""

from __future__ import annotations

import random
import tempfile
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec
from abm.world.routes import World
from experiments.runs.warmup import start_model
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
    """Return the run of the small world under all policies."""
    return run(world)


@pytest.fixture(scope="module")
def counts(world: World) -> Counts:
    """Return the events of the small world by seed."""
    return count(world)


# ---- names and orders ----------------------------------------------------------------------------


def test_the_small_world_has_every_kind_of_event(here: BorderModel) -> None:
    """Otherwise the laws of this file would compare empty records."""
    totals = here.ledger.totals()
    assert min(totals[name] for name in COUNTED) > 0


def test_names_of_places_have_no_effect(tables: Tables, load: Callable, here: BorderModel) -> None:
    """The record is equal to the last byte, persons by leg included."""
    other = run(load(tables.relabelled(lambda name: f"x{name[::-1]}".replace(" ", "_"))))
    assert other.ledger.digest == here.ledger.digest


def in_groups(names: Sequence[str], draw: random.Random) -> list[int]:
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
    """A uniform chooses among the legs of a place in their order; no other draw has such a key."""
    order = in_groups([row["source"] for row in tables.edges], random.Random(number))
    other = run(load(tables.reordered(range(len(tables.nodes)), order)))
    assert order != sorted(order) and differences(here, other) == []
    assert np.array_equal(here.ledger.flow[order], other.ledger.flow)


@pytest.mark.slow
def test_any_order_of_places_and_legs_has_the_same_distribution(
    tables: Tables, load: Callable, counts: Counts
) -> None:
    """Communities and the legs of a place in reverse order are other people with other draws."""
    nodes, edges = range(len(tables.nodes))[::-1], range(len(tables.edges))[::-1]
    other = load(tables.reordered(nodes, edges))
    assert_equal_on_average(event_differences(counts, count(other)), COUNTED)


# ---- scale ---------------------------------------------------------------------------------------


@pytest.mark.slow
def test_the_scale_has_no_effect_on_expected_counts(world: World, counts: Counts) -> None:
    """All counts and capacities are in persons, so half as many persons a row change no mean."""
    assert_equal_on_average(event_differences(counts, count(world, scale=50)), COUNTED)


# ---- order of policies ---------------------------------------------------------------------------

DAYS = 40
START = Scenario().start
#: Levers of several policies.
SHARED_LEVERS = sorted(
    lever
    for lever, number in Counter(
        lever for kind in registry().values() for lever in kind.lever_names
    ).items()
    if number > 1
)


@st.composite
def uses(draw: st.DrawFn) -> tuple[list[PolicySpec], list[int]]:
    """Draw three to six uses of policies with doses and dates, and an order of them.

    They have a lever in common, since sums of one lever in another order may be rounded otherwise.
    A policy may be used twice, at different dates.
    """
    specs = []
    lever = draw(st.sampled_from(SHARED_LEVERS))
    names = sorted(name for name, kind in registry().items() if lever in kind.lever_names)
    for name in draw(st.lists(st.sampled_from(names), min_size=3, max_size=6)):
        low, high = registry()[name].low, registry()[name].high
        dose = low + (high - low) * draw(st.integers(1, 30)) / 113.0
        first = draw(st.none() | st.integers(-20, DAYS - 1))
        last = draw(st.none() | st.integers(DAYS // 2, DAYS)) if first is None else None
        dates = [None if n is None else START + timedelta(days=n) for n in (first, last)]
        specs.append(PolicySpec(id=name, dose=dose, start=dates[0], end=dates[1]))
    return specs, draw(st.permutations(range(len(specs))))


@cache
def small_world() -> World:
    """Return the small world; not a fixture, so failing examples are printed without it."""
    with tempfile.TemporaryDirectory() as folder:
        return Tables.small().load(Path(folder))


@given(drawn=uses(), seed=st.integers(1, 3))
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_the_order_of_policies_has_no_effect(
    drawn: tuple[list[PolicySpec], list[int]], seed: int
) -> None:
    """Not in the list of a scenario, which is sorted, and not in the model, to the last byte."""
    specs, order = drawn
    base = Scenario(scale=1_000, warmup_days=40, days=DAYS, fill_days=0)
    try:
        listed = base.with_settings({"policies": tuple(specs)})
        model = start_model(listed, seed, small_world())
    except SettingError as error:
        event(f"refused: {error.reason}")
        return
    assert base.with_settings({"policies": tuple(specs[i] for i in order)}) == listed
    other = start_model(listed, seed, small_world())
    other.policies = tuple(other.policies[i] for i in order)
    for one in (model, other):
        one.run_for(DAYS)
    assert other.ledger.digest == model.ledger.digest
    assert np.array_equal(other.ledger.unspent, model.ledger.unspent)
    levers = other.levers.copy()
    assert all(np.array_equal(levers[name], now) for name, now in model.levers.copy().items())
