"""From a world and a scenario to what the cast works with: legs, network, gates, ways."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from abm.world.ports_record import traffic_of
from abm.world.vocabulary import SECTORS, Mode, PlaceKind
from agents.contest import as_hazard
from agents.labels import CORRIDORS, STATES, TERRAINS
from agents.migrants.columns import LegState
from agents.migrants.decisions import N_EXPECTED
from agents.plans import Net, base_utility
from agents.ports import traffic_by_class

if TYPE_CHECKING:
    from abm.scenario import Scenario
    from abm.world.routes import World
    from agents.ports import PortParams


def net_of(world: World, scenario: Scenario) -> Net:
    """The route graph with the prices of a scenario."""
    sector = np.where(world.is_line, world.leg_sector, -1)
    known = {name: k for k, name in enumerate(CORRIDORS)}
    corridor = np.array([known.get(world.corridors[c], -1) for c in world.leg_corridor])
    utility = base_utility(
        scenario.routes,
        km=world.km,
        days=world.days,
        road=world.mode == Mode.ROAD,
        lateral=world.is_lateral,
        hazard_class=world.hazard_class,
        line_sector=sector,
        corridor=corridor,
    )
    order, block = solving_order(world)
    return Net(
        tail=world.tail,
        head=world.head,
        out_start=world.out_start,
        out_leg=world.out_leg,
        order=order,
        block=block,
        base_utility=utility,
        log_parallel=np.log(world.n_parallel),
        is_us=world.is_line | world.is_belt | world.is_port,
        is_line=world.is_line,
        is_port=world.is_port,
        gate_leg=np.where(world.is_line, world.tail, -1),
    )


def solving_order(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Places from the destinations back in blocks: single places, and cycles as a whole.

    Returns the order and the end of each block in it. A place that can reach fewer places comes
    earlier, which puts every block after all those it leads to.
    """
    n = world.n_places
    reach = np.eye(n, dtype=bool)
    legs = world.out_leg
    reach[world.tail[legs], world.head[legs]] = True
    for _ in range(int(np.ceil(np.log2(n))) + 1):
        reach = reach | ((reach.astype(np.int32) @ reach.astype(np.int32)) > 0)
    cycle = [int(np.flatnonzero(reach[i] & reach[:, i])[0]) for i in range(n)]
    rank = np.empty(n, int)
    rank[world.sweep_order] = np.arange(n)
    order = sorted(range(n), key=lambda i: (reach[i].sum(), cycle[i], rank[i]))
    ends = [k + 1 for k in range(n) if k == n - 1 or cycle[order[k]] != cycle[order[k + 1]]]
    return np.array(order, np.int16), np.array(ends, np.int16)


def mexican_legs(world: World) -> np.ndarray:
    """Legs contested by Mexico: those that end in Mexico and are not the line."""
    into = np.array([world.country[h] == "MX" for h in world.head])
    return into & ~world.is_line & ~world.is_port


def mexican_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Base-year hazard of interdiction by leg: of the state the leg leads into."""
    states = [world.admin[h].lower() for h in world.head]
    index = [STATES.index(s) if s in STATES else STATES.index("elsewhere") for s in states]
    hazard = np.array(scenario.mexico.leg_hazard)[index]
    hazard = np.where(world.mode == Mode.FOOT, hazard * scenario.mexico.foot_factor, hazard)
    return np.where(mexican_legs(world), hazard, 0.0)


def us_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Base-year hazard by leg: of detection at the line and at ports, of apprehension on the
    belt."""
    patrol = scenario.border_patrol
    line = np.array(patrol.line_hazard)[world.leg_sector]
    elsewhere = np.where(world.is_belt, patrol.belt_hazard, 0.0)
    elsewhere = np.where(world.is_port, as_hazard(scenario.ports.find_person), elsewhere)
    return np.where(world.is_line, line, elsewhere)


def death_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Hazard of dying per elapsed day on a leg, before season and policies."""
    params = scenario.migrants
    by_terrain = dict(zip(TERRAINS, params.death_line, strict=True))
    default = float(np.mean(params.death_line))
    hazard = np.where(world.is_port, 0.0, params.death_transit * (world.hazard_class - 1.0))
    for leg in np.flatnonzero(world.is_line | world.is_belt):
        crossing = world.head[leg] if world.is_line[leg] else world.tail[leg]
        factor = params.death_sector[world.leg_sector[leg]]
        hazard[leg] = factor * by_terrain.get(world.terrain[crossing], default)
    return hazard


def kidnap_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Hazard of kidnapping per elapsed day irregular in Mexico, at the base level of violence."""
    hazard = scenario.migrants.kidnap_hazard * (world.hazard_class - 1.0)
    return np.where(mexican_legs(world), hazard, 0.0)


def leg_state_of(world: World, scenario: Scenario, origins: int) -> LegState:
    """The ground of a world for the day loop, at base-year hazards."""
    leg_state = LegState(
        places=world.n_places,
        legs=world.n_legs,
        out=world.out_leg.size,
        origins=origins,
        expected=N_EXPECTED,
    )
    leg_state.days[:], leg_state.head[:], leg_state.tail[:] = world.days, world.head, world.tail
    leg_state.sector[:], leg_state.is_line[:] = world.leg_sector, world.is_line
    # every leg from a crossing counts who got away, also where no checkpoint stands on it
    beyond = world.kind[world.tail] == PlaceKind.CROSSING
    leg_state.is_belt[:], leg_state.in_mexico[:] = world.is_belt | beyond, mexican_legs(world)
    leg_state.is_port[:] = world.is_port
    leg_state.out_start[:], leg_state.out_leg[:] = world.out_start, world.out_leg
    leg_state.mx_hazard[:] = mexican_hazard(world, scenario)
    leg_state.us_hazard[:] = us_hazard(world, scenario)
    leg_state.death[:] = death_hazard(world, scenario)
    leg_state.kidnap[:] = kidnap_hazard(world, scenario)
    leg_state.respond[:] = 1.0
    return leg_state


def ways(world: World) -> tuple[np.ndarray, np.ndarray]:
    """All shortest ways within Mexico, both directions: days, and the next place to go to.

    Floyd-Warshall over places; Mexican units and cells relocate along it, one leg at a time, and
    never leave the country. The next place is -1 where there is no way.
    """
    n = world.n_places
    days = np.full((n, n), np.inf)
    np.fill_diagonal(days, 0.0)
    mexican = np.array([country == "MX" for country in world.country])
    for a, b, d in zip(world.tail, world.head, world.days, strict=True):
        if not (mexican[a] and mexican[b]):
            continue
        days[a, b], days[b, a] = min(days[a, b], d), min(days[b, a], d)
    step = np.where(np.isfinite(days), np.arange(n)[None, :], -1)
    for k in range(n):
        through = days[:, k, None] + days[None, k, :]
        better = through < days
        days = np.where(better, through, days)
        step = np.where(better, step[:, k, None], step)
    return days, step


def km_to_line(world: World, places: np.ndarray) -> float:
    """Mean over `places` of the shortest way to a crossing, km."""
    n = world.n_places
    km = np.where(world.kind == PlaceKind.CROSSING, 0.0, np.inf)
    for _ in range(n):
        through = world.km + km[world.head]
        shorter = km.copy()
        np.minimum.at(shorter, world.tail, through)
        if np.array_equal(shorter, km):
            break
        km = shorter
    reach = km[places]
    return float(reach[np.isfinite(reach)].mean()) if reach.size else 0.0


def crossings_by_sector(world: World) -> list[list[int]]:
    """Crossing places of each sector."""
    return [
        [int(p) for p in world.crossings if world.place_sector[p] == s] for s in range(len(SECTORS))
    ]


def gates(world: World) -> np.ndarray:
    """Places from which the line is tried."""
    return np.unique(world.tail[world.is_line]).astype(int)


def gate_shares(world: World, sector_share: np.ndarray) -> np.ndarray:
    """Share of crossings by gate, shape (2, gates), from shares by sector of both groups."""
    where = gates(world)
    share = np.zeros((2, where.size))
    for s in range(len(SECTORS)):
        legs = np.flatnonzero(world.is_line & (world.leg_sector == s))
        for leg in legs:
            share[:, np.searchsorted(where, world.tail[leg])] += sector_share[:, s] / legs.size
    return share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)


def port_traffic(world: World, params: PortParams, year: int) -> np.ndarray:
    """Units a year by port and class (agents.labels.CLASSES) in a year of the record.

    A port that the record does not know, as in another world, counts as the median of the others.
    """
    names = tuple(world.place_ids[p] for p in world.ports)
    return traffic_by_class(
        params,
        vehicles=np.array(traffic_of(names, year, "personal_vehicles")),
        people_on_foot=np.array(traffic_of(names, year, "pedestrians", "bus_passengers")),
        trucks=np.array(traffic_of(names, year, "trucks")),
    )
