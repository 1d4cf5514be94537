"""What a Mesa user takes for granted of agents, sets and the clock."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from abm.model import BorderModel
from agents.migrants.agent_set import MigrantSet
from agents.migrants.view import Migrant

pytestmark = pytest.mark.xdist_group("mesa")


@contextmanager
def _patience(seconds: int) -> Iterator[None]:
    """An endless loop becomes an error."""

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
    """Ten days in."""
    model = build()
    model.run_for(10)
    return model


@pytest.fixture
def people(model: BorderModel) -> MigrantSet:
    """Everybody with a row."""
    return model.agents_by_type[Migrant]


def test_a_view_stays_with_its_person(build: Callable) -> None:
    """A view kept over the first of a month shows the same person, or says it cannot."""
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
    """Kept over the first of a month it holds the same people, as far as they have rows."""
    model = build()
    model.run_for(5)
    part = model.agents_by_type[Migrant].select(at_most=50)
    before = set(part.get("uid"))
    model.run_for(25)
    model.tidy()
    assert set(part.get("uid")) <= before


def test_clearing_a_selection_ends(people: MigrantSet) -> None:
    """MutableSet's clear(): a refusal about migrants, as for remove(); not an endless loop."""
    part = people.select(at_most=3)
    with _patience(1), pytest.raises(TypeError, match="migrant"):
        part.clear()


def test_sets_can_be_joined_and_cut(people: MigrantSet) -> None:
    """&, | and - of two selections."""
    one, two = people.select(at_most=10), people.select(at_most=4)
    assert len(one & two) == 4 and len(one - two) == 6 and len(one | two) == 10


def test_a_slice_is_a_list_of_views(people: MigrantSet) -> None:
    """As in Mesa 3."""
    assert people[0:2] == people.to_list()[0:2]


def test_selecting_another_type_finds_nobody(people: MigrantSet) -> None:
    """agent_type is a filter."""
    assert len(people.select(agent_type=int)) == 0  # pyright: ignore[reportArgumentType]


def test_a_default_stands_only_for_what_is_missing(people: MigrantSet) -> None:
    """An attribute that is no column is there all the same."""
    found = people.get("unique_id", handle_missing="default", default_value=0)
    assert found == people.get("unique_id")


def test_a_default_stands_in_lists_of_attributes(people: MigrantSet) -> None:
    """Several attributes, one of them missing."""
    found = people.get(["wealth", "colour"], handle_missing="default", default_value=7)
    assert found == [[wealth, 7] for wealth in people.get("wealth")]


def test_groups_can_have_pairs_as_keys(people: MigrantSet) -> None:
    """By group and kind together."""
    parts = people.groupby(lambda view: (view.group, view.kind))
    assert sum(len(part) for part in parts.values()) == len(people)


def test_groups_count_themselves(people: MigrantSet) -> None:
    """Mesa's GroupBy: count(), agg(), map()."""
    assert sum(people.groupby("kind").count().values()) == len(people)


def test_groups_can_be_lists(people: MigrantSet) -> None:
    """As in Mesa."""
    parts = people.groupby("kind", result_type="list")
    assert all(isinstance(part, list) for part in dict(parts).values())


def test_every_day_too_many_is_refused(build: Callable) -> None:
    """The second time as the first."""
    model = build(days=5)
    model.run_for(5)
    for _ in range(2):
        with pytest.raises(ValueError, match="expected at most 0"):
            model.run_for(1)


def test_a_seed_too_large_is_refused_in_words(build: Callable) -> None:
    """As a negative one is."""
    with pytest.raises(ValueError):
        build(rng=2**63)


def test_a_refused_day_does_not_turn_the_clock(build: Callable) -> None:
    """After one day too many, time is still the number of days played."""
    model = build(days=5)
    model.run_for(5)
    with pytest.raises(ValueError, match="expected at most 0"):
        model.run_for(1)
    assert model.time == model.ledger.day == 5
