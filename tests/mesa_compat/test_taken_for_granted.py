"""Behaviour of agents, sets and the clock that Mesa users rely on."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from abm.model import BorderModel
from agents.migrants.agent_set import Migrant, MigrantSet


@contextmanager
def _patience(seconds: int) -> Iterator[None]:
    """Turn an endless loop into an error."""

    def give_up(*_: object) -> None:
        raise TimeoutError

    old = signal.signal(signal.SIGALRM, give_up)
    signal.alarm(seconds)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, old)


@pytest.fixture(scope="module")
def model(build: Callable[..., BorderModel]) -> BorderModel:
    """Run ten days."""
    model = build()
    model.run_for(10)
    return model


@pytest.fixture
def people(model: BorderModel) -> MigrantSet:
    """Return the set of all migrants with a row."""
    return model.agents_by_type[Migrant]


def test_a_view_stays_with_its_person(build: Callable) -> None:
    """A view kept over a month end refers to the same person or raises LookupError."""
    model = build()
    model.run_for(5)
    views = model.agents_by_type[Migrant].to_list()
    model.run_for(25)
    model.tidy()
    for view in views:
        try:
            assert view.uid == view.unique_id
        except LookupError as gone:
            assert "its row has been dropped" in str(gone)
    assert sum(view in model.agents_by_type[Migrant] for view in views) > 0


def test_a_selection_stays_with_its_people(build: Callable) -> None:
    """A selection kept over a month end contains the same people that still have rows."""
    model = build()
    model.run_for(5)
    part = model.agents_by_type[Migrant].select(at_most=50)
    before = set(part.get("uid"))
    model.run_for(25)
    model.tidy()
    assert set(part.get("uid")) <= before


def test_clearing_a_selection_ends(people: MigrantSet) -> None:
    """clear() raises TypeError like remove() and does not loop."""
    part = people.select(at_most=3)
    with _patience(1), pytest.raises(TypeError, match="migrant"):
        part.clear()


def test_sets_support_union_intersection_and_difference(people: MigrantSet) -> None:
    """Covers &, | and - of two selections."""
    one, two = people.select(at_most=10), people.select(at_most=4)
    assert len(one & two) == 4 and len(one - two) == 6 and len(one | two) == 10


def test_a_slice_is_a_list_of_views(people: MigrantSet) -> None:
    """As in Mesa 3."""
    assert people[0:2] == people.to_list()[0:2]


def test_selecting_another_type_returns_an_empty_set(people: MigrantSet) -> None:
    """agent_type is a filter."""
    assert len(people.select(agent_type=int)) == 0  # pyright: ignore[reportArgumentType]


def test_a_default_replaces_only_missing_attributes(people: MigrantSet) -> None:
    """The default does not replace an attribute that is not a column."""
    found = people.get("unique_id", handle_missing="default", default_value=0)
    assert found == people.get("unique_id")


def test_a_default_works_in_lists_of_attributes(people: MigrantSet) -> None:
    """One of several attributes is missing."""
    found = people.get(["wealth", "colour"], handle_missing="default", default_value=7)
    assert found == [[wealth, 7] for wealth in people.get("wealth")]


def test_groups_can_have_pairs_as_keys(people: MigrantSet) -> None:
    """Groups by group and kind together."""
    parts = people.groupby(lambda view: (view.group, view.kind))
    assert sum(len(part) for part in parts.values()) == len(people)


def test_groups_have_counts(people: MigrantSet) -> None:
    """Covers count() of Mesa's GroupBy."""
    assert sum(people.groupby("kind").count().values()) == len(people)


def test_groups_can_be_lists(people: MigrantSet) -> None:
    """As in Mesa."""
    parts = people.groupby("kind", result_type="list")
    assert all(isinstance(part, list) for part in dict(parts).values())


def test_every_day_too_many_raises_an_error(build: Callable) -> None:
    """A second call raises the same error."""
    model = build(days=5)
    model.run_for(5)
    for _ in range(2):
        with pytest.raises(ValueError, match="expected a number from 0 to 0"):
            model.run_for(1)


def test_a_seed_too_large_raises_an_error(build: Callable) -> None:
    """It raises ValueError like a negative seed."""
    with pytest.raises(ValueError):
        build(rng=2**63)


def test_a_day_too_many_does_not_advance_the_clock(build: Callable) -> None:
    """After the error, time is still the number of simulated days."""
    model = build(days=5)
    model.run_for(5)
    with pytest.raises(ValueError, match="expected a number from 0 to 0"):
        model.run_for(1)
    assert model.time == model.ledger.day == 5
