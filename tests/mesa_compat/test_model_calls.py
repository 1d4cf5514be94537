"""Calls on the model and on its agent sets act, or are refused with a sentence."""

from __future__ import annotations

import copy
import functools
import pickle
from collections.abc import Callable
from typing import Any

import pandas as pd
import pytest
from mesa.experimental import mesa_signals
from mesa.time import Schedule

from abm.model import BorderModel
from abm.policies.patrol_surge import PatrolSurge
from abm.policies.registry import pull_all
from agents.border_patrol import PatrolTeam, SectorCommand
from agents.governments import Government
from agents.migrants.agent_set import Migrant
from agents.origin_countries import Country
from agents.outcomes import Event, Status
from agents.plain.migrant import MigrantAgent
from agents.ports import Port
from agents.smugglers import Organisation, SmugglerCell


@pytest.fixture(scope="module", params=["columns", "objects"])
def base(request: pytest.FixtureRequest, build: Callable[..., BorderModel]) -> BorderModel:
    """Build a model with either engine."""
    return build(engine=request.param, days=60)


@pytest.fixture
def model(base: BorderModel) -> BorderModel:
    """Return a copy of the base model."""
    return copy.deepcopy(base)


@functools.cache
def other_model() -> BorderModel:
    """Build a separate model."""
    return BorderModel(scale=1000, days=5, warmup_days=5)


def team(model: Any, kind: type = PatrolTeam) -> Any:
    """Return the first agent of a class."""
    return next(iter(model.agents_by_type[kind]))


class Wrong(PatrolSurge):
    """A policy that sets an invalid amount or an undeclared lever, or changes cooperation."""

    def _pull(self, levers: Any, day: int, inputs: Any, dose: float) -> None:
        levers.us_officers += {1: float("nan"), 3: float("inf")}.get(dose, 0.0)
        levers.beds += float(dose == 2.0)
        if dose == 4.0:
            inputs.cooperation.update(training=0.0)


def pull(model: Any, dose: float) -> None:
    """Apply an invalid policy."""
    policy = Wrong(dose=dose, start=model.today, end=model.today + 9)
    pull_all((policy,), model.levers, model.today, model.policy_context)


REFUSALS = (AttributeError, NotImplementedError, TypeError, ValueError)
REFUSED: dict[str, Callable[[Any], Any]] = {
    "reset_rng": lambda m: m.reset_rng(3),
    "reset_randomizer": lambda m: m.reset_randomizer(3),
    "remove_all_agents": lambda m: m.remove_all_agents(),
    "rng": lambda m: setattr(m, "rng", None),
    "random": lambda m: setattr(m, "random", None),
    "time": lambda m: setattr(m, "time", 3.0),
    "seed": lambda m: setattr(m, "seed", 3),
    "market": lambda m: setattr(m, "market", None),
    "register twice": lambda m: m.register_agent(m.non_migrants.to_list()[0]),
    "deregister": lambda m: m.deregister_agent(m.agents_by_type[Port].to_list()[0]),
    "non_migrants.remove": lambda m: m.non_migrants.remove(m.non_migrants.to_list()[0]),
    "non_migrants.pop": lambda m: m.non_migrants.pop(),
    "agents.discard": lambda m: m.agents.discard(m.non_migrants.to_list()[0]),
    "agents.add": lambda m: m.agents.add(m.non_migrants.to_list()[0]),
    "agents in place": lambda m: m.agents.shuffle(inplace=True),
    "by type": lambda m: m.agents_by_type[PatrolTeam].clear(),
    "type": lambda m: m.agents_by_type.pop(PatrolTeam),
    "migrants in place": lambda m: m.agents_by_type[Migrant].select(lambda _: False, inplace=True),
    "set": lambda m: m.agents.set("oficers", 0.0),
    "set a migrant": lambda m: m.agents_by_type[Migrant].set("status", 0),
    "do": lambda m: m.agents_by_type[Migrant].do("remove"),
    "add a migrant": lambda m: m.agents_by_type[Migrant].add(team(m, Migrant)),
    "no migrants": lambda m: m.agents_by_type[Migrant].clear(),
    "steps": lambda m: setattr(m, "steps", 3),
    "another class": lambda m: Elite(m, team(m).place, 9.0),
    "another class, created": lambda m: Elite.create_agents(m, 1, team(m).place, 9.0),
    "a country": lambda m: type(team(m, Country))(m, m.countries, 0),
    "a migrant": lambda m: Migrant.create_agents(m, 1, [0]),
    "a migrant's agent": lambda m: MigrantAgent(m, 5),
    "dollars": lambda m: setattr(team(m, Migrant), "wealth", 2**31),
    "no dollars": lambda m: setattr(team(m, Migrant), "debt", float("nan")),
    "slot": lambda m: setattr(team(m, Organisation), "slot", 3),
    "index": lambda m: setattr(team(m, Port), "index", 3),
    "agents_of": lambda m: m.agents_of(PatrolTeam).discard(team(m)),
    "batch_run with iterations": lambda m: type(m)(seed=None),
    "space": lambda m: m.space.agents.discard(team(m)),
    "step": lambda m: team(m).step(),
    "advance": lambda m: m.non_migrants.do("advance"),
    "effort of the U.S.": lambda m: setattr(m.governments.us, "effort", 0.1),
    "grievance": lambda m: setattr(m.governments.mexico, "grievance", 0.1),
    "tempo": lambda m: setattr(m.governments.mexico, "effort", float("nan")),
    "recent": lambda m: setattr(team(m, SectorCommand), "recent", -1.0),
    "extra": lambda m: setattr(team(m, Organisation), "extra", float("nan")),
    "rank": lambda m: setattr(team(m, SmugglerCell), "rank", None),
    "a method": lambda m: setattr(team(m), "move_to", print),
    "teams": lambda m: team(m, SectorCommand).teams.clear(),
    "no number": lambda m: delattr(team(m), "unique_id"),
    "no levers": lambda m: delattr(m, "levers"),
    "a table": lambda m: PatrolTeam.from_dataframe(m, pd.DataFrame()).add(team(m)),
    "territory": lambda m: setattr(team(m, Organisation), "territory", -1),
    "policies": lambda m: setattr(m, "policies", ()),
    "participation": lambda m: m.governments.us.participation.update(training=1.5),
    "another area": lambda m: m.governments.mexico.participation.update(trainings=0.5),
    "no area": lambda m: m.governments.cooperation.clear(),
    "a method of a class": lambda m: setattr(SectorCommand, "request", print),
    "no method of a class": lambda m: delattr(Port, "take_staff"),
    "a number": lambda m: setattr(team(m), "unique_id", 3),
    "a walk of a unit that stands": lambda m: setattr(team(m, SmugglerCell), "left", 0.0),
    "a setting": lambda m: setattr(m, "scale", 5),
    "a computed part": lambda m: setattr(m, "space", None),
    "class by name": lambda m: m.agent_classes.update(Organisation=Organisation),
    "government": lambda m: setattr(m.governments, "mexico", None),
    "lever": lambda m: setattr(m.levers, "us_officers", 1.0),
    "computed figure": lambda m: setattr(team(m, Organisation), "reputation", 1.0),
    "staff as text": lambda m: m.agents_by_type[PatrolTeam].set("officers", "5"),
    "share as text": lambda m: m.agents_by_type[Migrant].set("knowledge", "0.5"),
    "copy of an agent": lambda m: copy.copy(m.non_migrants.to_list()[0]),
    "copy of a cell": lambda m: copy.deepcopy(m.space[0]),
    "copy of a set": lambda m: copy.deepcopy(m.agents),
    "copy of the space": lambda m: copy.deepcopy(m.space),
    "pickle": lambda m: pickle.dumps(m.agents_by_type[PatrolTeam]),
    "own heir": lambda m: team(m, Organisation).hand_cells_to(team(m, Organisation), 2),
    "other heir": lambda m: team(m, Organisation).hand_cells_to(
        team(other_model(), Organisation), 2
    ),
    "event after the end": lambda m: m.schedule_event(m.tidy, at=61),
    "event at no time": lambda m: m.schedule_event(m.tidy, at=float("nan")),
    "recurring event after the end": lambda m: m.schedule_recurring(m.tidy, Schedule(30, 90)),
    **{f"policy {dose}": functools.partial(pull, dose=dose) for dose in (1.0, 2.0, 3.0, 4.0)},
    "negative count": lambda m: team(m, Organisation).hand_cells_to(
        m.agents_of(Organisation).to_list()[1], -3
    ),
}


class Elite(PatrolTeam):
    """A class of teams that the model has not received."""


@pytest.mark.parametrize("at", ["between calls", "in an event"])
def test_a_call_that_would_be_silent_raises_a_sentence(model: BorderModel, at: str) -> None:
    """A refused call leaves the model unchanged, so that all calls can share one model."""

    def refused() -> None:
        for name, call in REFUSED.items():
            before = len(model.agents), model.time, model.random.getstate()
            with pytest.raises(REFUSALS) as error:
                call(model)
            assert len(str(error.value).split()) > 4 and "\n" not in str(error.value), name
            assert (len(model.agents), model.time, model.random.getstate()) == before, name

    if at == "in an event":
        model.schedule_event(refused, at=1.0)
        model.run_for(1)
    else:
        refused()


def test_who_stays_in_the_model_says_what_to_do_instead(model: BorderModel) -> None:
    """The error does not name `remove`, which these agents refuse, too."""
    instead = {Migrant: "supply_level", Country: "supply file", Government: "participation"}
    for kind, hint in instead.items():
        for refused in (
            team(model, kind).remove,
            lambda k=kind: model.deregister_agent(team(model, k)),
        ):
            with pytest.raises((NotImplementedError, TypeError), match=hint):
                refused()


def test_returned_people_move_with_effect_and_finished_ones_refuse(model: BorderModel) -> None:
    model.run_for(25)
    untouched, people = copy.deepcopy(model), model.agents_by_type[Migrant].to_list()
    target = team(model, Organisation).cell
    returned = [person for person in people if person.status == Status.RETURNED]
    finished = [person for person in people if person.status == Status.GAVE_UP]
    for person in returned:
        person.move_to(target)
        assert person.cell is target and person.place == target.coordinate
    for day in (25, 59):  # Rows of finished people are dropped between these days.
        assert finished and model.time == day
        for person in finished:
            with pytest.raises((ValueError, LookupError), match="GAVE_UP|final|has left"):
                person.move_to(target)
        for each in (model, untouched):
            each.run_until(59)
    assert returned and model.ledger.digest != untouched.ledger.digest


def test_dollars_that_a_step_gives_are_conserved(build: Callable[..., BorderModel]) -> None:
    """A subclass gives dollars in its `step`, and both engines conserve them."""

    class Giving(BorderModel):
        def step(self) -> None:
            super().step()
            if self.ledger.day == 5:
                for person in self.agents_by_type[Migrant]:
                    person.wealth += 1000

    digests = set()
    for engine in ("columns", "objects"):
        model = Giving(build(engine=engine, days=40).settings, rng=3)
        model.run_for(40)
        digests.add(model.ledger.digest)
    assert len(digests) == 1


def test_sets_of_units_and_people_have_the_same_methods(model: BorderModel) -> None:
    for people in (model.agents, model.non_migrants, model.agents_by_type[Migrant]):
        half = people.select(lambda agent: agent.unique_id % 2)
        assert 0 < len(half) < len(people) and half.agg("unique_id", max) % 2
        counts = people.groupby(lambda agent: type(agent).__name__).count()
        assert sum(counts.values()) == len(people)
        ordered = people.sort("unique_id", ascending=True).get("unique_id")
        assert ordered == sorted(people.map(lambda agent: agent.unique_id))
        reached: list[int] = []
        people.shuffle_do(lambda agent, into: into.append(agent.unique_id), reached)
        assert reached != ordered and sorted(reached) == ordered


def test_sets_keep_views_of_people(model: BorderModel) -> None:
    """Selections, unions and sorted sets keep their people on later days. Copies are complete."""
    people, units, total = model.agents_by_type[Migrant], model.non_migrants, len(model.agents)
    both = units | people, people | units, people ^ units, model.agents.sort("unique_id")
    assert {len(group) for group in (*both, model.agents.shuffle())} == {total}
    assert len(model.agents & people) == len(people - units) == len(people)
    assert len(model.space.agents) == len([*model.space.all_cells.agents]) == total - 6
    assert not any(cell.agents for cell in model.space.empties)
    chosen = model.agents.select(status=Status.TRAVELLING)
    before = len(chosen)
    model.run_for(1)
    assert len(model.agents)
    assert len(chosen) >= before - 3 > 50 and chosen.set("wealth", 0) is chosen
    model.observe("time", mesa_signals.ALL, team)
    with pytest.raises(ValueError, match="1 events.* observed"):
        copy.deepcopy(model)


def test_model_and_agents_print_one_line(model: BorderModel) -> None:
    for thing in (model, *model.agents):
        text = repr(thing)
        assert len(text) < 120 and "\n" not in text and " object at " not in text


def test_arrays_of_agents_are_read_only_and_they_show_no_list(model: BorderModel) -> None:
    for agent in model.non_migrants:
        values = [getattr(agent, n) for n in dir(agent) if n[0] != "_"]
        flags = [getattr(value, "flags", None) for value in values]
        assert not any(getattr(each, "writeable", False) for each in flags), agent
        assert not any(isinstance(value, list | dict | set) for value in values), agent


def test_set_writes_what_it_can(model: BorderModel) -> None:
    people = model.agents_by_type[Migrant]
    assert people.set("wealth", 5) is people and set(people.get("wealth")) == {5}
    with pytest.raises(AttributeError, match="agents refuse officers"):
        model.non_migrants.set("officers", 1.0)
    assert set(model.agents_by_type[PatrolTeam].get("officers")) == {1.0}
    model.run_for(40)  # The ledger checks that dollars are conserved.


def test_nobody_crosses_at_a_removed_port(model: BorderModel) -> None:
    """The port has no further traffic, waits or attempts. People bound for it decide again."""
    ports = model.agents_by_type[Port].to_list()
    for port in (*ports, ports[0]):
        port.remove()
    leg = next(leg for leg in model.legs if leg.end == ports[0].name)
    with pytest.raises(ValueError, match="leads to a port that has been removed"):
        model.open_leg(leg.start, leg.end)
    assert not model.agents_by_type[Port]
    model.run_for(60)
    totals, tallies = model.ledger.totals(), model.ledger.by_sector
    assert not tallies[Event.PORT_ATTEMPT].any() and not tallies[Event.PRESENTED].any()
    assert not model.ports.crossed.any() and not model.ports.kernel_params["mean_wait"].any()
    assert totals["port_entry"] == 0 < totals["apprehended_us"]
