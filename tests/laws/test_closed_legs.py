"""No person starts on a closed leg: people take other ways, return or wait, and are conserved."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import networkx as nx
import numpy as np
import pytest

from abm.model import BorderModel
from abm.policies.base import Inputs, Levers, Policy
from abm.scenario import SettingError
from abm.world.vocabulary import PlaceKind
from agents.outcomes import Event, Status
from agents.smugglers import SmugglerCell
from tests.laws.engine_cases import differences

CASE: dict[str, Any] = {"scale": 1000, "warmup_days": 60, "days": 90, "rng": 3}


@pytest.fixture(scope="module")
def starts() -> dict[str, BorderModel]:
    """Return one model per engine on its first recorded day."""
    return {name: BorderModel(**CASE, engine=name) for name in ("columns", "objects")}


@pytest.fixture
def model(starts: dict[str, BorderModel]) -> BorderModel:
    """Return a model with columns on its first recorded day."""
    return copy.deepcopy(starts["columns"])


def call_for(call: Callable[..., None], model: BorderModel, legs: np.ndarray) -> None:
    """Call a method with both ends of each leg, once per pair of places."""
    ids = np.array(model.world.leg_ids)[legs].tolist()
    for ends in {frozenset(leg.partition(":")[0].split(">")) for leg in ids}:
        call(*ends)


def on_legs(model: BorderModel, legs: np.ndarray) -> int:
    """Return how many persons are on the given legs."""
    rows = model.migrants.live
    under_way = (rows["status"] == Status.TRAVELLING) & legs[rows["leg"]]
    return int(rows["weight"][under_way].sum())


def daily_traffic(model: BorderModel, days: int) -> np.ndarray:
    """Run some days; return the persons who arrive by each leg, shape (days, legs)."""
    traffic = np.zeros((days, model.world.n_legs), int)
    for day in range(days):
        model.step()
        traffic[day] = model.network.leg_state.traffic[:, :2].sum(axis=1)
    model.ledger.recount(model.migrants.live)
    return traffic


# ---- people --------------------------------------------------------------------------------------


@pytest.mark.parametrize("behind", [False, True])
def test_people_without_a_way_wait_or_give_up_and_travel_again_once_it_is_open(starts, behind):
    """The law holds before and behind the line. People already on a closed leg arrive."""
    models = {name: copy.deepcopy(start) for name, start in starts.items()}
    for model in models.values():
        world = model.world
        crossing = world.kind[world.tail] == PlaceKind.CROSSING
        border = crossing if behind else world.is_line | world.is_port
        call_for(model.close_leg, model, border)
        before, traffic = on_legs(model, border), daily_traffic(model, 40)
        assert traffic[:, border].sum() == before and on_legs(model, border) == 0
        assert model.ledger.events.sum(axis=(0, 2, 3))[Event.GAVE_UP] > 0
        waiting = np.count_nonzero(model.migrants.live["status"] == Status.RETURNED)
        call_for(model.open_leg, model, border)
        assert waiting > 0 and daily_traffic(model, 15)[:, border].sum() > 0
        assert not model.network.leg_state.closed.any()
    assert differences(*models.values()) == []


# ---- calls ---------------------------------------------------------------------------------------


def test_legs_are_shown_with_their_state(model: BorderModel):
    model.close_leg("arriaga", "ixtepec", "rail")
    closed = [leg for leg in model.legs if not leg.open]
    assert [leg[:3] for leg in closed] == [("arriaga", "ixtepec", "rail")]
    assert len(model.legs) == model.world.n_legs and min(leg.days for leg in model.legs) > 0.0
    model.close_leg("ixtepec", "arriaga")  # closes the legs of all other modes, in both directions
    ends = {"arriaga", "ixtepec"}
    assert all(leg.open == ({leg.start, leg.end} != ends) for leg in model.legs)
    graph, place = model.space.G, model.world.place_index
    shut = {frozenset(edge) for edge in graph.edges if not graph.edges[edge]["open"]}
    assert shut == {frozenset(map(place, ends))}
    model.open_leg("arriaga", "ixtepec")
    assert all(leg.open for leg in model.legs)
    assert all(open_ for *_, open_ in graph.edges(data="open"))


def test_invalid_calls_raise_a_sentence(model: BorderModel):
    for ends, words in (
        (("tiuana", "altar"), "did you mean tijuana"),
        (("tapachula", "tijuana"), "no leg connects tapachula and tijuana"),
        (("arriaga", "ixtepec", "boat"), "no leg of kind .?boat.? connects"),
    ):
        for call in (model.close_leg, model.open_leg):
            with pytest.raises(SettingError, match=words):
                call(*ends)
    with pytest.raises(SettingError, match="not closed by close_leg"):
        model.open_leg("arriaga", "ixtepec")
    model.close_leg("arriaga", "ixtepec")
    with pytest.raises(SettingError, match="closed already"):
        model.close_leg("arriaga", "ixtepec")


@dataclass(frozen=True, slots=True, kw_only=True)
class NoTrain(Policy):
    """Stop all trains."""

    id, lever_names = "no_train", ("leg_closed",)

    def _pull(self, levers: Levers, day: int, inputs: Inputs, dose: float) -> None:
        levers.leg_closed[inputs.world.mode == 1] += dose


def test_a_policy_closes_legs_between_its_dates(model: BorderModel):
    rail = model.world.mode == 1
    policy = NoTrain(dose=1.0, start=model.today + 2, end=model.today + 4)
    vars(model)["policies"] = (policy,)
    for day in range(6):
        model.step()
        assert (model.network.leg_state.closed == (rail & (day in (2, 3)))).all()
        if day == 2:
            with pytest.raises(SettingError, match="A policy closes it"):
                model.open_leg("arriaga", "ixtepec", "rail")


# ---- units ---------------------------------------------------------------------------------------


def test_a_unit_without_a_way_waits_and_leaves_once_there_is_one(model: BorderModel):
    unit = next(iter(model.agents_by_type[SmugglerCell]))
    world, place = model.world, unit.place
    around = (world.tail == place) | (world.head == place)
    call_for(model.close_leg, model, around)
    unit.order(next(gate for gate in model.market.gate_index if gate != place))
    for _ in range(5):
        model.next_day()
        unit.walk()
        assert unit.place == place and unit.left == model.today
    call_for(model.open_leg, model, around)
    for _ in range(5):
        model.next_day()
        unit.walk()
    assert unit.place != place


# ---- the read-only graph
# --------------------------------------------------------------------------

#: Methods that networkx refuses for a frozen graph.
FROZEN = [
    name for name in vars(nx.freeze(nx.DiGraph())) if callable(getattr(nx.DiGraph, name, None))
]
WRITES: tuple[Callable[[Any], object], ...] = (
    lambda g: g.nodes[0].__setitem__("x", 1),
    lambda g: g.nodes[0].update(x=1),
    lambda g: g.edges[next(iter(g.edges))].pop("days"),
    lambda g: g[0][next(iter(g[0]))].__setitem__("days", 1.0),
    lambda g: g.graph.__setitem__("x", 1),
    lambda g: setattr(g, "name", "x"),
)


def test_the_graph_refuses_changes_and_its_copies_do_not(starts):
    graph = starts["columns"].space.G
    before = nx.to_dict_of_dicts(graph.copy())
    assert len(FROZEN) > 9
    calls = [*WRITES, *(lambda g, name=name: getattr(g, name)() for name in FROZEN)]
    for version in (graph, pickle.loads(pickle.dumps(graph)), copy.deepcopy(graph)):
        for call in calls:
            with pytest.raises(nx.NetworkXError, match=r"call model\.close_leg"):
                call(version)
        assert nx.to_dict_of_dicts(version) == before and nx.is_frozen(version)
    mutable = graph.copy()
    mutable.nodes[0]["x"] = 1
    mutable.remove_node(1)
    assert len(graph.to_undirected()) == len(mutable) + 1


CELL_ATTRIBUTES = "coordinate", "capacity", "position", "empty", "model", "random", "id", "agents"


def test_cells_and_the_space_refuse_changes(starts):
    model = starts["columns"]
    space, unit = model.space, next(iter(model.non_migrants))
    cell, other = space[0], space[1]
    calls: list[Callable[[], object]] = [
        lambda: cell.connect(other),
        lambda: cell.disconnect(other),
        lambda: cell.connections.clear(),
        lambda: setattr(cell, "connections", {}),
        lambda: space.add_cell(other),
        lambda: space.remove_cell(cell),
        lambda: space.add_connection(cell, other),
        lambda: space.remove_connection(cell, other),
        lambda: setattr(space, "G", nx.DiGraph()),
        lambda: setattr(space, "all_cells", None),
        lambda: setattr(space, "capacity", 0),
        lambda: delattr(space, "G"),
        lambda: delattr(cell, "connections"),
        *(lambda name=name: setattr(cell, name, 0) for name in CELL_ATTRIBUTES),
        lambda: cell.properties.update(hazard=3),
        lambda: cell.add_agent(unit),
        lambda: unit.cell.remove_agent(unit),
        lambda: space.G._adj[0].clear(),
    ]
    for call in calls:
        with pytest.raises(nx.NetworkXError, match=r"model\.close_leg"):
            call()
    assert set(cell.connections) == set(space.G[0]) and len(cell.neighborhood) > 0
