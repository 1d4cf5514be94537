"""Build the actors' inputs from a world and a scenario, and check that route values converge."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.engines import has_objects
from abm.phases.dated_inputs import ANCHOR_YEAR
from abm.scenario import Scenario
from abm.world import geography
from abm.world.compiled import solving_order
from abm.world.errors import WorldError
from abm.world.fixed_network import FixedCell, FixedNetwork, freeze
from abm.world.routes import World
from abm.world.vocabulary import SECTORS, Mode, PlaceKind
from agents.arithmetic import log
from agents.contest import as_hazard
from agents.labels import CORRIDORS, STATES, TERRAINS
from agents.migrants.agent_set import MigrantSet
from agents.migrants.columns import LegState
from agents.migrants.prospects import N_EXPECTED
from agents.outcomes import Group, Kind
from agents.param import SettingError, plain
from agents.plain.migrant import MigrantAgent
from agents.plans import PlannerGraph, base_utility
from agents.ports import traffic_by_class
from agents.routing import CLOSED, RouteParams

if TYPE_CHECKING:
    from mesa.discrete_space import Network

    from abm.model import BorderModel
    from agents.port_params import PortParams


class Occupants(list[Any]):
    """List of a cell's agents that includes migrants, for Mesa's cell collections.

    With `engine="objects"`, the list stores the migrants. Otherwise, iteration creates views of the
    migrant rows.
    """

    def __init__(self, cell: PlaceCell) -> None:
        """Create the list for a cell."""
        self._cell = cell

    def __iter__(self) -> Iterator[Any]:
        """Iterate over the agents at the place, migrants last."""
        return iter(self._cell.agents)

    def __contains__(self, agent: Any) -> bool:
        """Return whether an agent or a migrant is at the place."""
        return agent in self._cell.agents

    def __len__(self) -> int:
        """Return the number of agents at the place, including migrants."""
        return len(self._cell.non_migrants) + len(self._cell.migrants)


class PlaceCell(FixedCell):
    """Mesa cell for a place. Its coordinate is the index of the place in the world.

    Attributes:
        model: the model to which the cell belongs.
        connections: neighbouring cells that legs reach, by place, read-only.
    """

    __slots__ = ("model",)
    model: BorderModel
    coordinate: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Create an empty cell with Mesa's arguments."""
        super().__init__(*args, **kwargs)
        object.__setattr__(self, "_agents", Occupants(self))

    @property
    def id(self) -> str:
        """Id of the place, as in nodes.csv."""
        return self.model.world.place_ids[self.coordinate]

    @property
    def non_migrants(self) -> list[Any]:
        """Agents in the cell other than migrants, for example patrol teams."""
        return [agent for agent in self._agents[:] if not isinstance(agent, MigrantAgent)]

    @property
    def migrants(self) -> MigrantSet | list[MigrantAgent]:
        """Migrants who were last at this place. With `engine="objects"`, a list of agents."""
        if has_objects(self.model):
            return [agent for agent in self._agents[:] if isinstance(agent, MigrantAgent)]
        at_place = self.model.migrants.live["place"] == self.coordinate
        return MigrantSet(self.model, np.flatnonzero(at_place))

    @property
    def agents(self) -> list[Any]:
        """All agents in the cell. Each access creates a view of every migrant, which takes time."""
        return [*self.non_migrants, *self.migrants]

    def __repr__(self) -> str:
        """Return the place's id and the number of agents other than migrants."""
        return f"<PlaceCell {self.id}, {len(self.non_migrants)} non-migrants>"


def build_space(model: BorderModel, world: World) -> tuple[Network, list[PlaceCell]]:
    """Build the Mesa network of places.

    Args:
        model: the model, whose `random` the network uses.
        world: places and legs.

    Returns:
        The network, whose layout is longitude and latitude in degrees, and its cells by place.
    """
    graph = freeze(world.mesa_graph())
    layout = dict(graph.nodes(data="pos"))
    space = FixedNetwork(graph, random=model.random, cell_klass=PlaceCell, layout=layout)
    by_place: dict[Any, Any] = space._cells
    cells = [by_place[place] for place in range(world.n_places)]
    for cell in cells:
        cell.model = model
    return space, cells


_RECORDED_KINDS = ("single_adult", "family_member", "unaccompanied_child")  # in the order of Kind
MAX_SPECTRAL_RADIUS = 0.95
_LARGEST_EXPONENT = 300.0  # exp(2 * 300) is finite.
_NOISE = ("noise_solo", "noise_guided")
_COSTS = ("lateral_cost", "day_cost", "road_cost", "danger_cost", "corridor_constant")


def net_of(world: World, scenario: Scenario) -> PlannerGraph:
    """Return the route graph with a scenario's prices.

    Args:
        world: places and legs.
        scenario: prices and constants of the route choice.

    Returns:
        The graph with the utility of each leg in $.
    """
    sector = np.where(world.is_line, world.leg_sector, -1)
    number_of = {name: k for k, name in enumerate(CORRIDORS)}
    corridor = np.array([number_of.get(world.corridors[c], -1) for c in world.leg_corridor])
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
    return PlannerGraph(
        routes=(world.head, world.out_start, world.out_leg, *solving_order(world)),
        tail=world.tail,
        base_utility=utility,
        # The constants of sectors were fitted with this precision.
        log_parallel=log(world.n_parallel).astype(np.float16),
        is_us=world.is_line | world.is_belt | world.is_port,
        is_line=world.is_line,
        is_port=world.is_port,
        gate_leg=np.where(world.is_line, world.tail, -1),
    )


def mexican_legs(world: World) -> np.ndarray:
    """Return a mask of the legs on which Mexico stops people.

    These legs end in Mexico, but not at the line or at a port.
    """
    into = np.array([world.country[h] == "MX" for h in world.head])
    return into & ~world.is_line & ~world.is_port


def mexican_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Return Mexico's interdiction hazard in the base year.

    Args:
        world: places and legs.
        scenario: hazards by Mexican state. The state of a leg is the state where it ends.

    Returns:
        Hazard per passage, shape (legs,), 0 outside Mexico.
    """
    states = [world.admin[h].lower() for h in world.head]
    index = [STATES.index(s) if s in STATES else STATES.index("elsewhere") for s in states]
    hazard = np.array(scenario.mexico.leg_hazard)[index]
    hazard = np.where(world.mode == Mode.FOOT, hazard * scenario.mexico.foot_factor, hazard)
    return np.where(mexican_legs(world), hazard, 0.0)


def us_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Return base-year hazards of U.S. detection (line, ports) and apprehension (border belt).

    Args:
        world: places and legs.
        scenario: hazards by sector, on the belt and at ports.

    Returns:
        Hazard per passage, shape (legs,), 0 elsewhere.
    """
    patrol = scenario.border_patrol
    line = np.array(patrol.line_hazard)[world.leg_sector]
    elsewhere = np.where(world.is_belt, patrol.belt_hazard, 0.0)
    elsewhere = np.where(world.is_port, as_hazard(scenario.ports.find_person), elsewhere)
    return np.where(world.is_line, line, elsewhere)


def death_hazard(world: World, scenario: Scenario) -> np.ndarray:
    """Return the hazard of dying per elapsed day, before the effects of season and policies.

    Args:
        world: places and legs.
        scenario: hazards by terrain and in transit, with factors by sector.

    Returns:
        Hazard per day, shape (legs,).
    """
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
    """Return the kidnapping hazard per elapsed day in Mexico at base-year violence.

    Args:
        world: places and legs.
        scenario: the hazard for irregular travellers.

    Returns:
        Hazard per day, shape (legs,), 0 outside Mexico.
    """
    hazard = scenario.migrants.kidnap_hazard * (world.hazard_class - 1.0)
    return np.where(mexican_legs(world), hazard, 0.0)


def leg_state_of(world: World, scenario: Scenario, origins: int) -> LegState:
    """Return a world's leg state for the migrant kernels, at base-year hazards.

    Args:
        world: places and legs.
        scenario: base-year hazards.
        origins: number of origin communities.

    Returns:
        The leg state, in which counts and plans are zero.
    """
    leg_state = LegState(
        places=world.n_places,
        legs=world.n_legs,
        out=world.out_leg.size,
        origins=origins,
        expected=N_EXPECTED,
    )
    leg_state.days[:], leg_state.head[:], leg_state.tail[:] = world.days, world.head, world.tail
    pairs = world.tail.astype(int) * len(world.kind) + world.head
    leg_state.has_return[:] = np.isin(world.head.astype(int) * len(world.kind) + world.tail, pairs)
    leg_state.sector[:], leg_state.is_line[:] = world.leg_sector, world.is_line
    # A leg that starts at a crossing counts got-aways even without a checkpoint.
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


def crossings_by_sector(world: World) -> list[list[int]]:
    """Return the indices of crossing places, one list per sector."""
    return [
        [int(p) for p in world.crossings if world.place_sector[p] == s] for s in range(len(SECTORS))
    ]


def custody_hours(scenario: Scenario) -> np.ndarray:
    """Return how many hours a day agents spend on people in custody, from base-year apprehensions.

    The share of Mexicans is assumed to be equal in all kinds and sectors. Mexicans who are neither
    released nor prosecuted return voluntarily with the scenario's probability.

    Args:
        scenario: hours per person by kind, and shares of release, prosecution and voluntary return.

    Returns:
        Hours a day, shape (sectors,).
    """
    c, record = scenario.consequences, geography.demographics(ANCHOR_YEAR)
    persons = [[record[s].get(kind, 0.0) for kind in _RECORDED_KINDS] for s in SECTORS]
    totals = [geography.apprehensions_total(ANCHOR_YEAR, group) for group in ("Mexican", "All")]
    in_custody = 1.0 - np.array(c.release_mexican)
    in_custody[Kind.ADULT] *= 1.0 - c.prosecution[Group.MEXICAN]
    brief = totals[0] / totals[1] * in_custody * np.array(c.voluntary_return)
    hours = (1.0 - brief) * np.array(c.custody_hours) + brief * c.custody_hours_brief
    return (np.array(persons) * hours).sum(axis=1) / 365.0


def gates(world: World) -> np.ndarray:
    """Return the gates: places where legs across the line start."""
    return np.unique(world.tail[world.is_line]).astype(int)


def sectors_at_line(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Return the sectors of all gates, and of all legs that start or end at a gate.

    Returns:
        Sector by gate, shape (gates,), and sector by leg, shape (legs,), with -1 for other legs.
    """
    line, sector = world.is_line, np.full(world.n_places, -1)
    sector[world.tail[line]] = world.leg_sector[line]
    return sector[gates(world)], np.where(line, world.leg_sector, sector[world.head])


def gate_shares(world: World, sector_share: np.ndarray) -> np.ndarray:
    """Split each sector's share of crossings equally among its legs across the line.

    Args:
        world: places and legs.
        sector_share: share of crossings by group and sector, shape (2, sectors).

    Returns:
        Share of crossings by group and gate, shape (2, gates).
    """
    places = gates(world)
    share = np.zeros((2, places.size))
    for s in range(len(SECTORS)):
        legs = np.flatnonzero(world.is_line & (world.leg_sector == s))
        for leg in legs:
            share[:, np.searchsorted(places, world.tail[leg])] += sector_share[:, s] / legs.size
    return share / np.maximum(share.sum(axis=1, keepdims=True), 1e-12)


def port_traffic(world: World, params: PortParams, year: int) -> np.ndarray:
    """Return recorded traffic by port and class (agents.labels.CLASSES).

    A port without a record, as in a user's world, gets the median over recorded ports.

    Args:
        world: places and legs.
        params: shares of trusted travellers and shippers.
        year: calendar year, 2008-2019.

    Returns:
        Units per year, shape (ports, 4).
    """
    names = tuple(world.place_ids[p] for p in world.ports)
    return traffic_by_class(
        params,
        vehicles=np.array(geography.traffic_of(names, year, "personal_vehicles")),
        people_on_foot=np.array(geography.traffic_of(names, year, "pedestrians", "bus_passengers")),
        trucks=np.array(geography.traffic_of(names, year, "trucks")),
    )


# ---- convergence of the route choice -------------------------------------------------------------


def check_routes_converge(net: PlannerGraph, world: World, settings: Scenario) -> None:
    """Raise an error if route values diverge in a loop of legs.

    Args:
        net: route graph with the scenario's prices.
        world: places and legs in the graph.
        settings: the scenario.

    Raises:
        WorldError: the values also diverge under the default settings.
        SettingError: the values diverge only under the present settings. The message names the
            settings that together cause the divergence.
    """
    routes = settings.routes
    for noise in _NOISE:
        loop = _loop(net, getattr(routes, noise))
        if loop.size:
            _refuse_world(world)
            causes = _differences(routes, noise)
            reason = f"route values do not converge with {causes} in the loop {_named(world, loop)}"
            hint = f"Lower routes.{noise}, or raise routes.lateral_cost or routes.day_cost."
            raise SettingError(f"routes.{noise}", reason, hint)


def _loop(net: PlannerGraph, noise: float) -> np.ndarray:
    """Return the places in a loop whose values diverge at a noise scale, or an empty array."""
    utility = net.base_utility - noise * net.log_parallel
    graph = net.graph
    return diverging_loop(utility, noise, net.tail, graph.head, graph.out_leg, net.places)


def diverging_loop(utility, mu, tail, head, out_leg, places: int) -> np.ndarray:
    """Return the places in the first loop whose values diverge, or an empty array.

    Values outside loops always converge. Values in a loop converge if its spectral radius is below
    1. The test requires a radius below MAX_SPECTRAL_RADIUS.

    Args:
        utility: $ per leg, shape (legs,).
        mu: noise scale, $.
        tail, head: places where each leg starts and ends, shape (legs,).
        out_leg: indices of the legs in use.
        places: number of places.

    Returns:
        Place indices.
    """
    from scipy.sparse import csr_array
    from scipy.sparse.csgraph import connected_components  # A stored warm-up does not need it.

    used = np.asarray(out_leg)
    pairs = (np.ones(used.size), (tail[used], head[used]))
    graph = csr_array(pairs, shape=(places, places))
    _, loop_of = connected_components(graph, connection="strong")
    size = np.bincount(loop_of)
    for loop in np.flatnonzero(size > 1):
        members = np.flatnonzero(loop_of == loop)
        number = np.full(places, -1)
        number[members] = np.arange(members.size)
        legs = used[(loop_of[tail[used]] == loop) & (loop_of[head[used]] == loop)]
        ends = number[tail[legs]], number[head[legs]]
        radius = spectral_radius(utility[legs], mu, *ends, np.arange(legs.size), members.size)
        if not radius < MAX_SPECTRAL_RADIUS:
            return members
    return np.zeros(0, int)


def spectral_radius(utility, mu, tail, head, out_leg, places: int) -> float:
    """Return the spectral radius of exp(u / mu) over open legs. Values converge if it is below 1.

    Args:
        utility, mu, tail, head, out_leg, places: as for :func:`diverging_loop`.

    Returns:
        The largest absolute eigenvalue.
    """
    matrix = np.zeros((places, places))
    for leg in out_leg:
        if utility[leg] > 0.5 * CLOSED:
            weight = math.exp(min(utility[leg] / mu, _LARGEST_EXPONENT))
            matrix[tail[leg], head[leg]] += weight
    return float(np.abs(np.linalg.eigvals(matrix)).max())


def _refuse_world(world: World) -> None:
    """Raise WorldError for one leg in the loop if values diverge under the default settings."""
    default = Scenario()
    for noise in _NOISE:
        loop = _loop(net_of(world, default), getattr(default.routes, noise))
        if loop.size:
            inside = np.isin(world.tail, loop) & np.isin(world.head, loop)
            row = int(world.leg_row[inside].min())
            reason = (
                f"route values do not converge in the loop {_named(world, loop)}: expected fewer "
                "legs back, or more days on them"
            )
            raise WorldError("edges.csv", row, "travel_days", reason)


def _differences(routes: RouteParams, noise: str) -> str:
    """Return a text that lists the noise scale and all costs that differ from their defaults."""
    default, differing = RouteParams(), [f"{noise} {plain(getattr(routes, noise))}"]
    for name in _COSTS:
        value = getattr(routes, name)
        if value != getattr(default, name):
            text = "/".join(f"{v:g}" for v in value) if isinstance(value, tuple) else f"{value:g}"
            differing.append(f"{name} {text}")
    return ", ".join(differing)


def _named(world: World, loop: np.ndarray) -> str:
    """Return a text that gives a loop's first two places and the number of further places."""
    first = ", ".join(world.place_ids[i] for i in loop[:2])
    return f"of {first} and {len(loop) - 2} more places" if len(loop) > 2 else f"of {first}"
