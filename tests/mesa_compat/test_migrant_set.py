"""Migrants as Mesa agents: a set over rows, with views that are created on access."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable

import numpy as np
import pytest
from mesa.agentset import AgentSet

from abm.model import BorderModel
from agents.migrants.agent_set import Migrant, MigrantSet
from agents.outcomes import Group, Kind, Status


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


def test_a_set_has_a_length_an_iterator_and_a_list(model: BorderModel, people: MigrantSet) -> None:
    """The length, the iterator and the list agree with the rows and their order."""
    assert len(people) == model.migrants.count > 50
    uids = model.migrants.live["uid"].tolist()
    assert [view.unique_id for view in people] == uids
    assert [view.unique_id for view in people.to_list()] == uids
    assert people[0].unique_id == uids[0] and people[-1].unique_id == uids[-1]
    with pytest.raises(IndexError):
        people[len(uids)]


def test_a_view_returns_the_values_of_its_row(model: BorderModel, people: MigrantSet) -> None:
    """Codes become enum members, numbers stay numbers, and the cell is the cell of the place."""
    for view, row in zip(people, model.migrants.live, strict=True):
        assert (view.status, view.kind, view.group) == (row["status"], row["kind"], row["group"])
        assert isinstance(view.status, Status) and isinstance(view.kind, Kind)
        assert isinstance(view.group, Group) and view.wealth == row["wealth"]
        assert view.cell.coordinate == row["place"]
        assert view.kind.name.lower() in repr(view)


def test_a_person_has_one_view(people: MigrantSet) -> None:
    """The same view appears in sets, in dictionaries and in tests of membership."""
    one, again, other = people[0], people.to_list()[0], people[1]
    assert one is again
    assert one != other and one != "somebody" and len({one, again, other}) == 2
    assert one in people and "somebody" not in people
    rest = people.select(lambda view: view != one)
    assert one not in rest and len(rest) == len(people) - 1


def test_mesas_own_sets_hold_views_while_there_are_rows(build: Callable) -> None:
    """Mesa's sets refer to agents weakly. Views are not units and live as long as their rows."""
    model = build()
    people, before = model.agents_by_type[Migrant], len(model.non_migrants)
    uids, own = set(people.get("uid")), AgentSet(people)
    assert {view.uid for view in own} == uids and len(model.non_migrants) == before
    assert people[0] not in model.non_migrants
    model.run_for(25)
    model.tidy()
    assert {view.uid for view in own} == uids & set(people.get("uid")) < uids


def test_selecting_by_column_equals_selecting_by_function(people: MigrantSet) -> None:
    """Both select the same people in the same order."""
    quick = people.select(status=Status.TRAVELLING, group=Group.MEXICAN)
    slow = people.select(lambda v: v.status == Status.TRAVELLING and v.group == Group.MEXICAN)
    assert quick.get("uid") == slow.get("uid") and 0 < len(quick) < len(people)
    both = people.select(lambda v: v.wealth > 1_000, status=Status.TRAVELLING)
    assert all(v.wealth > 1_000 and v.status == Status.TRAVELLING for v in both)
    assert len(people.select(weight=-1)) == 0 and list(people.select(lambda v: False)) == []


def test_select_at_most_takes_the_first(people: MigrantSet) -> None:
    """`at_most` is a number or a share, as in Mesa."""
    assert people.select(at_most=3).get("uid") == people.get("uid")[:3]
    assert len(people.select(at_most=0.5)) == len(people) // 2
    assert len(people.select(at_most=1.0)) == len(people.select(at_most=10**9)) == len(people)
    assert len(people.select(at_most=0)) == 0


def test_groupby_partitions_the_set(people: MigrantSet) -> None:
    """By column or by function, every person is in one group, in the order of the set."""
    parts = people.groupby("kind").groups
    assert {int(kind): len(parts[kind]) for kind in Kind if kind in parts} == Counter(
        people.get("kind")
    )
    named = people.groupby(lambda view: view.group.name).groups
    assert set(named.keys()) == {"MEXICAN", "NORTHERN_TRIANGLE"}
    assert sorted(uid for part in named.values() for uid in part.get("uid")) == sorted(
        people.get("uid")
    )


def test_sort_keeps_every_person(people: MigrantSet) -> None:
    """People are sorted by column or by function, in descending order by default as in Mesa."""
    wealth = sorted(people.get("wealth"))
    assert people.sort("wealth", ascending=True).get("wealth") == wealth
    assert people.sort("wealth").get("wealth") == wealth[::-1]
    assert people.sort(lambda v: -v.wealth, ascending=True).get("wealth") == wealth[::-1]
    assert sorted(people.sort("wealth").get("uid")) == sorted(people.get("uid"))


def test_shuffle_is_a_permutation(model: BorderModel, people: MigrantSet) -> None:
    """Every person appears once. The set itself keeps its order unless `inplace` is set."""
    uids = people.get("uid")
    mixed = people.shuffle()
    assert mixed.get("uid") != uids and sorted(mixed.get("uid")) == sorted(uids)
    assert people.get("uid") == uids
    part = people.select(at_most=30)
    assert part.shuffle(inplace=True) is part and sorted(part.get("uid")) == sorted(uids[:30])


def test_writing_through_a_view_writes_the_row(build: Callable) -> None:
    """A view writes one row, and a set writes all its rows."""
    model = build()
    people = model.agents_by_type[Migrant]
    before = model.migrants.live["knowledge"].copy()
    view = people[3]
    view.knowledge = 0.125
    assert model.migrants.live["knowledge"][3] == 0.125 and people[3].knowledge == 0.125
    others = np.arange(len(before)) != 3
    assert np.array_equal(model.migrants.live["knowledge"][others], before[others])
    with pytest.raises(AttributeError, match="did you mean wealth"):
        view.wealt = 5
    people.select(at_most=2).set("knowledge", 0.5)
    assert people.get("knowledge")[:3] == [0.5, 0.5, pytest.approx(before[2])]
    people.do(lambda v: setattr(v, "knowledge", 1.0))
    assert set(people.get("knowledge")) == {1.0}


def test_a_view_stays_with_its_person(build: Callable) -> None:
    """A view kept over a month end refers to the same person or raises LookupError."""
    model = build()
    model.run_for(5)
    views = model.agents_by_type[Migrant].to_list()
    part = model.agents_by_type[Migrant].select(at_most=50)
    before = set(part.get("uid"))
    model.run_for(25)
    model.tidy()
    assert set(part.get("uid")) <= before
    for view in views:
        try:
            assert view.uid == view.unique_id
        except LookupError as gone:
            assert "its row has been dropped" in str(gone)
    assert sum(view in model.agents_by_type[Migrant] for view in views) > 0
