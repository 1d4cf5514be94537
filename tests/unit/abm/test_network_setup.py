"""Arrays built from a world, compared with networkx."""

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import network_setup
from abm.scenario import Scenario
from abm.world.compiled import Ways, km_to_line, line_roads, solving_order
from abm.world.routes import World
from abm.world.vocabulary import SECTORS, Mode
from agents.labels import STATES

DEFAULT = Scenario()


def usable(world: World) -> nx.DiGraph:
    """Return the graph of all places and of the legs that people may take."""
    graph = nx.DiGraph()
    graph.add_nodes_from(range(world.n_places))
    graph.add_edges_from((int(world.tail[leg]), int(world.head[leg])) for leg in world.out_leg)
    return graph


# ---- legs ---------------------------------------------------------------------------------------


def test_mexico_contests_legs_that_end_in_mexico_and_never_the_line(world):
    mexican = network_setup.mexican_legs(world)
    assert mexican.any() and not (mexican & (world.is_line | world.is_port | world.is_belt)).any()
    assert (mexican == [world.country[place] == "MX" for place in world.head]).all()


def test_the_mexican_hazard_depends_on_the_destination_state_and_is_lower_on_foot(world):
    hazard, mexican = (
        network_setup.mexican_hazard(world, DEFAULT),
        network_setup.mexican_legs(world),
    )
    by_state = dict(zip(STATES, DEFAULT.mexico.leg_hazard, strict=True))
    assert not hazard[~mexican].any()
    for leg in np.flatnonzero(mexican):
        state = by_state.get(world.admin[world.head[leg]].lower(), by_state["elsewhere"])
        foot = DEFAULT.mexico.foot_factor if world.mode[leg] == Mode.FOOT else 1.0
        assert hazard[leg] == pytest.approx(state * foot)
    assert {"chiapas", "tabasco"} <= {
        world.admin[world.head[leg]].lower() for leg in np.flatnonzero(hazard)
    }


def test_the_line_has_the_hazard_of_its_sector_and_the_belt_has_one_hazard(world):
    rising = tuple(0.1 * (s + 1) for s in range(len(SECTORS)))
    scenario = DEFAULT.with_settings(
        {"border_patrol.line_hazard": rising, "border_patrol.belt_hazard": 3.0}
    )
    hazard = network_setup.us_hazard(world, scenario)
    assert (hazard[world.is_line] == np.array(rising)[world.leg_sector[world.is_line]]).all()
    assert (hazard[world.is_belt & ~world.is_line] == 3.0).all()
    at_port = 1.0 - np.exp(-hazard[world.is_port])
    assert at_port == pytest.approx(scenario.ports.find_person)
    assert not hazard[~world.is_line & ~world.is_belt & ~world.is_port].any()


# ---- solving order ------------------------------------------------------------------------------


def test_blocks_are_the_cycles_of_the_graph_in_reverse_order(world):
    order, ends = solving_order(world)
    assert sorted(order.tolist()) == list(range(world.n_places))
    starts = [0, *ends[:-1]]
    blocks = [frozenset(order[a:b].tolist()) for a, b in zip(starts, ends, strict=True)]
    cycles = {frozenset(k) for k in nx.strongly_connected_components(usable(world))}
    assert set(blocks) == cycles and any(len(k) > 1 for k in cycles)
    number = {place: b for b, block in enumerate(blocks) for place in block}
    assert all(number[b] <= number[a] for a, b in usable(world).edges)


# ---- ways along the graph -----------------------------------------------------------------------


@pytest.mark.parametrize("share", [0.0, 0.3])
def test_ways_are_the_shortest_paths_within_a_country_in_both_directions(world, share):
    ways, graph = Ways(world), nx.Graph()
    ways.step_towards(0, world.n_places - 1)  # stores paths that must be replaced
    closed = np.random.default_rng(1).random(world.n_legs) < share
    ways.leave_out(closed)
    used = np.flatnonzero(~closed)
    ends = world.tail[used].tolist(), world.head[used].tolist()
    for a, b, d in zip(*ends, world.days[used], strict=True):
        inside = world.country[a] == world.country[b] == "MX"
        if inside and d < graph.get_edge_data(a, b, {"days": np.inf})["days"]:
            graph.add_edge(a, b, days=d)
    for a, b, d in zip(*line_roads(world), strict=True):
        graph.add_edge(int(a), int(b), days=d)
    lengths = dict(nx.all_pairs_dijkstra_path_length(graph, weight="days"))
    for a in range(world.n_places):
        for b in range(world.n_places):
            expected = 0.0 if a == b else lengths.get(a, {}).get(b, np.inf)
            step, days = ways.step_towards(a, b)
            if a == b or not np.isfinite(expected):
                assert (step, days) == (a, expected)
                continue
            # The next place is one leg away and on a shortest path.
            assert graph[a][step]["days"] == days
            assert days + lengths[step][b] == pytest.approx(expected)


def test_roads_along_the_line_connect_neighbouring_crossings_from_west_to_east(world):
    starts, ends, days = line_roads(world)
    chain = sorted(world.crossings.tolist(), key=lambda place: world.lon[place])
    assert {frozenset(road) for road in zip(starts.tolist(), ends.tolist(), strict=True)} == {
        frozenset(road) for road in pairwise(chain)
    }
    # Oracle: the haversine formula with 1.2 km of road per straight km and 900 km a day.
    for a, b, d in zip(starts, ends, days, strict=True):
        north, east = np.radians(world.lat[[a, b]]), np.radians(world.lon[[a, b]])
        h = np.sin(np.diff(north) / 2.0) ** 2
        h = h + np.cos(north[0]) * np.cos(north[1]) * np.sin(np.diff(east) / 2.0) ** 2
        assert d == pytest.approx(2.0 * 6371.0 * np.arcsin(np.sqrt(h[0])) * 1.2 / 900.0)


def test_the_distance_to_the_line_is_the_length_of_the_shortest_way(world):
    graph = nx.MultiDiGraph()
    for a, b, km in zip(world.tail.tolist(), world.head.tolist(), world.km, strict=True):
        graph.add_edge(b, a, km=km)  # reversed, because paths start at the crossings
    km_to = nx.multi_source_dijkstra_path_length(graph, set(world.crossings.tolist()), weight="km")
    origins = world.origins()
    for places in (origins, np.flatnonzero(world.mx_origin), origins[:1]):
        mean = np.mean([km_to[int(p)] for p in places])
        assert km_to_line(world, places) == pytest.approx(mean)
    assert km_to_line(world, world.crossings) == 0.0
    assert km_to_line(world, np.zeros(0, int)) == 0.0


# ---- gates --------------------------------------------------------------------------------------

SHARES = st.lists(st.floats(0.001, 1.0), min_size=18, max_size=18).map(
    lambda s: np.array(s).reshape(2, 9)
)


@given(SHARES)
def test_shares_by_gate_sum_to_one_and_follow_the_sectors(world, shares):
    shares = shares / shares.sum(axis=1, keepdims=True)
    by_gate = network_setup.gate_shares(world, shares)
    assert by_gate.sum(axis=1) == pytest.approx([1.0, 1.0]) and (by_gate >= 0.0).all()
    for s in range(len(SECTORS)):
        alone = np.zeros((2, 9))
        alone[:, s] = 1.0
        single = network_setup.gate_shares(world, alone)
        into = world.tail[world.is_line & (world.leg_sector == s)]
        assert set(network_setup.gates(world)[single[0] > 0.0].tolist()) == set(into.tolist())
    mixed = sum(
        network_setup.gate_shares(world, np.eye(9)[[s, s]]) * shares[:, s : s + 1] for s in range(9)
    )
    assert by_gate == pytest.approx(mixed)
