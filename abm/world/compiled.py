"""Compilation of the route graph to arrays for the migrant kernels, and orders of its places.

The same graph also gives the paths on which units and smuggler cells relocate, and distances to the
line.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple

import networkx as nx
import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from abm.world.tables import Columns
from abm.world.vocabulary import (
    KIND_NAMES,
    LATERAL_CORRIDOR,
    MODE_NAMES,
    MX_ZONES,
    SECTORS,
    TWO_WAY_PAIRS,
    PlaceKind,
)

if TYPE_CHECKING:
    from abm.world.routes import World


_NONE = -1

Bools = npt.NDArray[np.bool_]
Int8s = npt.NDArray[np.int8]
Int16s = npt.NDArray[np.int16]
Int32s = npt.NDArray[np.int32]
Floats = npt.NDArray[np.float64]
Rows = npt.NDArray[np.int64]


class Reading(NamedTuple):
    """All legs of a world, each in the direction of travel.

    Attributes:
        row: index of the data row in `edges.csv` that lists the leg, shape (legs,).
        back: whether the leg runs against its listed direction, shape (legs,).
    """

    row: Rows
    back: Bools


def frozen(values: Any, dtype: Any) -> npt.NDArray[Any]:
    """Copy values to a new read-only array.

    Args:
        values: values for the array.
        dtype: dtype for the array.

    Returns:
        The array.
    """
    array = np.array(values, dtype=dtype)
    array.flags.writeable = False
    return array


def read_both_ways(edges: Columns) -> Reading:
    """Return the legs as listed in the file, followed by legs that are also read in reverse.

    If the file lists a pair of places in both directions, no leg between these places is reversed.
    """
    legs = list(zip(edges["source"], edges["target"], edges["mode"], strict=True))
    listed, back = set(legs), []
    for i, (source, target, mode) in enumerate(legs):
        lateral = edges["corridor"][i] == LATERAL_CORRIDOR
        two_way = lateral or frozenset({source, target}) in TWO_WAY_PAIRS
        if two_way and (target, source, mode) not in listed:
            back.append(i)
    n = len(legs)
    return Reading(np.array([*range(n), *back]), np.arange(n + len(back)) >= n)


def place_arrays(nodes: Columns) -> dict[str, Any]:
    """Return the attributes of `World` by place: arrays of length n_places, by name."""
    return {
        "place_ids": tuple(nodes["id"]),
        "place_names": tuple(nodes["name"]),
        "country": tuple(nodes["country"]),
        "admin": tuple(nodes["admin"]),
        "zone": tuple(nodes["zone"]),
        "terrain": tuple(nodes["terrain"]),
        "kind": frozen([KIND_NAMES[kind] for kind in nodes["kind"]], np.int8),
        "lat": frozen(nodes["lat"], np.float64),
        "lon": frozen(nodes["lon"], np.float64),
        "population": frozen(nodes["population"], np.float64),
        "remoteness": frozen(nodes["remoteness"], np.int8),
        "place_sector": frozen(_codes(nodes["usbp_sector"], SECTORS), np.int8),
        "mx_origin": frozen(nodes["mx_origin_region"], np.bool_),
    }


def leg_arrays(edges: Columns, places: dict[str, Any]) -> dict[str, Any]:
    """Return the attributes of `World` by leg, and the table of out-legs.

    Args:
        edges: columns of `edges.csv`.
        places: attributes by place, from :func:`place_arrays`.

    Returns:
        Attributes by name: arrays of length n_legs, and `corridors`, `out_start` and `out_leg`.
    """
    reading = read_both_ways(edges)
    tail, head = _ends(edges, reading, places["place_ids"])
    ends = np.stack((tail, head))
    _, pair, parallel = np.unique(ends, axis=1, return_inverse=True, return_counts=True)
    return {
        "tail": frozen(tail, np.int16),
        "head": frozen(head, np.int16),
        "is_reverse": frozen(reading.back, np.bool_),
        "leg_row": frozen(np.array(edges.rows)[reading.row], np.int32),
        "n_parallel": frozen(parallel[pair], np.int8),
        **_travel(edges, reading.row),
        **_names(edges, reading, tail, head, places["place_ids"]),
        **_line(tail, head, places["kind"], places["place_sector"]),
        **out_legs(tail, places["kind"]),
    }


def _ends(edges: Columns, reading: Reading, place_ids: tuple[str, ...]) -> tuple[Rows, Rows]:
    index = {place: i for i, place in enumerate(place_ids)}
    source = np.array([index[place] for place in edges["source"]])[reading.row]
    target = np.array([index[place] for place in edges["target"]])[reading.row]
    return np.where(reading.back, target, source), np.where(reading.back, source, target)


def _travel(edges: Columns, row: Rows) -> dict[str, Any]:
    modes = [MODE_NAMES[mode] for mode in edges["mode"]]
    return {
        "km": frozen(np.array(edges["distance_km"])[row], np.float64),
        "days": frozen(np.array(edges["travel_days"])[row], np.float64),
        "mode": frozen(np.array(modes)[row], np.int8),
        "hazard_class": frozen(np.array(edges["hazard_class"])[row], np.int8),
        "is_belt": frozen(np.array(edges["us_checkpoint_belt"])[row], np.bool_),
        "leg_zone": frozen(np.array(_codes(edges["mx_zone"], MX_ZONES))[row], np.int8),
    }


def _names(
    edges: Columns, reading: Reading, tail: Rows, head: Rows, ids: tuple[str, ...]
) -> dict[str, Any]:
    corridors = tuple(dict.fromkeys(edges["corridor"]))
    corridor = np.array(_codes(edges["corridor"], corridors))[reading.row]
    lateral = np.array([name == LATERAL_CORRIDOR for name in corridors])[corridor]
    modes = [edges["mode"][i] for i in reading.row]
    ends = zip(tail, head, modes, strict=True)
    return {
        "corridors": corridors,
        "leg_corridor": frozen(corridor, np.int8),
        "is_lateral": frozen(lateral, np.bool_),
        "leg_ids": tuple(f"{ids[a]}>{ids[b]}:{mode}" for a, b, mode in ends),
    }


def _line(
    tail: Rows,
    head: Rows,
    kind: Int8s,
    sector: Int8s,
) -> dict[str, Any]:
    """Return `is_line`, `is_port` and `leg_sector`, the sector that a leg enters or leaves."""
    is_line, is_port = kind[head] == PlaceKind.CROSSING, kind[head] == PlaceKind.PORT_OF_ENTRY
    leaves = np.isin(kind[tail], (PlaceKind.CROSSING, PlaceKind.PORT_OF_ENTRY))
    beyond = np.where(leaves, sector[tail], _NONE)
    return {
        "is_line": frozen(is_line, np.bool_),
        "is_port": frozen(is_port, np.bool_),
        "leg_sector": frozen(np.where(is_line | is_port, sector[head], beyond), np.int8),
    }


def out_legs(tail: Rows, kind: Int8s) -> dict[str, Any]:
    """Return the table of out-legs: place i has `out_leg[out_start[i]:out_start[i + 1]]`.

    Destinations are absorbing, so the table has no legs that start there.

    Args:
        tail: place where each leg starts, shape (legs,).
        kind: PlaceKind codes, shape (places,).

    Returns:
        `out_start`, shape (places + 1,), and `out_leg`, leg indices.
    """
    usable = np.flatnonzero(kind[tail] != PlaceKind.DESTINATION)
    counts = np.bincount(tail[usable], minlength=len(kind))
    by_tail = usable[np.argsort(tail[usable], kind="stable")]
    return {
        "out_start": frozen(np.concatenate(([0], np.cumsum(counts))), np.int32),
        "out_leg": frozen(by_tail, np.int16),
    }


def _codes(words: list[str], labels: tuple[str, ...]) -> list[int]:
    code = {word: i for i, word in enumerate(labels)}
    return [code.get(word, _NONE) for word in words]


# ---- orders of the places ------------------------------------------------------------------------


def sweep_order(legs: dict[str, Any], n: int) -> Int16s:
    """Return the places in reverse topological order of the listed legs.

    All places in a cycle are adjacent.

    Args:
        legs: attributes by leg, from :func:`leg_arrays`.
        n: number of places.

    Returns:
        Place indices, destinations first.
    """
    listed = nx.DiGraph()
    listed.add_nodes_from(range(n))
    forward = ~legs["is_reverse"]
    ends = legs["tail"][forward].tolist(), legs["head"][forward].tolist()
    listed.add_edges_from(zip(*ends, strict=True))
    components = nx.condensation(listed)
    members = {k: sorted(data) for k, data in components.nodes(data="members")}
    northward = nx.lexicographical_topological_sort(components, key=lambda k: members[k][0])
    return frozen([i for k in northward for i in members[k]][::-1], np.int16)


def solving_order(world: World) -> tuple[np.ndarray, np.ndarray]:
    """Order the places backwards from the destinations, in blocks.

    A block is a single place or a whole cycle. Blocks are sorted by how many places they can reach,
    so every block follows the blocks to which it leads.

    Args:
        world: places and legs.

    Returns:
        Place indices in this order, and the end position of each block.
    """
    n, legs = world.n_places, world.out_leg
    usable = nx.DiGraph()
    usable.add_nodes_from(range(n))
    usable.add_edges_from(zip(world.tail[legs].tolist(), world.head[legs].tolist(), strict=True))
    blocks = nx.condensation(usable)
    reached = _places_reached(blocks)
    rank = np.empty(n, int)
    rank[world.sweep_order] = np.arange(n)
    order: list[int] = []
    ends: list[int] = []
    for block in sorted(blocks, key=lambda b: (reached[b], min(blocks.nodes[b]["members"]))):
        order += sorted(blocks.nodes[block]["members"], key=lambda i: rank[i])
        ends.append(len(order))
    return np.array(order, np.int16), np.array(ends, np.int16)


def _places_reached(blocks: nx.DiGraph) -> dict[int, int]:
    """Return how many places each block can reach, including its own places.

    Sets of places are bits in integers, which makes unions of up to 16,000 places fast.
    """
    sets: dict[int, int] = {}
    for block in reversed(list(nx.topological_sort(blocks))):
        reachable = sum(1 << place for place in blocks.nodes[block]["members"])
        for onward in blocks.successors(block):
            reachable |= sets[onward]
        sets[block] = reachable
    return {block: reachable.bit_count() for block, reachable in sets.items()}


ROAD_FACTOR = 1.2  # U.S. road length / straight distance, as in edges.csv
ROAD_SPEED = 900.0  # km a day on U.S. roads, as for legs from ports of entry in edges.csv
_EARTH_RADIUS = 6371.0  # km
_MIN_DAYS = 1e-3  # travel time between crossings at the same coordinates


class Ways:
    """Shortest paths on which units move. A path never leaves its country.

    Paths in Mexico use every leg in both directions. Paths on the U.S. side use roads along the
    line (:func:`line_roads`). Paths to a target are computed when they are first needed.
    """

    def __init__(self, world: World) -> None:
        """Build the network from the fastest leg between Mexican places, and from U.S. roads."""
        self._world, self._roads = world, line_roads(world)
        self.leave_out(np.zeros(world.n_legs, bool))

    def leave_out(self, closed: np.ndarray) -> None:
        """From now on, exclude the closed legs and include all other legs.

        Args:
            closed: whether each leg is closed, shape (legs,).
        """
        world, (start, end, days) = self._world, self._roads
        mexican = np.array([country == "MX" for country in world.country])
        inside = mexican[world.tail] & mexican[world.head] & ~closed
        tail, head = np.append(world.tail[inside], start), np.append(world.head[inside], end)
        self._places = world.n_places
        self._pair, self._days = _shortest_by_pair(
            np.concatenate((tail, head)),
            np.concatenate((head, tail)),
            np.tile(np.append(world.days[inside], days), 2),
            self._places,
        )
        # By target, the list contains the next place from each place, and the days to that place.
        self._onward: dict[int, list[tuple[int, float]]] = {}

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the shortest path from a place to a target.

        Args:
            place, target: indices of places.

        Returns:
            The next place and the days to reach it, or (`place`, inf) if no path exists.
        """
        if target not in self._onward:
            self._onward[target] = self._ways_to(target)
        return self._onward[target][place]

    def _ways_to(self, target: int) -> list[tuple[int, float]]:
        """Compute the first step on the path from each place to a target.

        Args:
            target: index of the target.

        Returns:
            By place, the next place and the days to reach it. A place without a path is its own
            next place, at infinite days.
        """
        n = self._places
        # Paths are reversible, so the predecessor on the path from the target is the next place.
        _, following = _paths_from(target, self._pair, self._days, n, return_predecessors=True)
        days, reached = np.full(n, np.inf), np.flatnonzero(following >= 0)
        days[reached] = self._days[np.searchsorted(self._pair, reached * n + following[reached])]
        days[target] = 0.0
        places = np.where(following < 0, np.arange(n), following)
        return list(zip(places.tolist(), days.tolist(), strict=True))


def line_roads(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return roads between neighbouring crossings on the U.S. side.

    The roads are the shortest set that connects all crossings (the minimum spanning tree over
    straight distances), built from the first crossing. Crossings along a line form a chain.

    Args:
        world: places and legs.

    Returns:
        Places at the start and end of each road, and travel days, each of shape (crossings - 1,).
    """
    places = np.flatnonzero(world.kind == PlaceKind.CROSSING)
    north, east = np.radians(world.lat[places]), np.radians(world.lon[places])
    point = np.stack(
        (np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)), axis=1
    )
    # The nearest crossing in the present tree, and the chord to it on a sphere with radius 1.
    nearest, gap = np.zeros(places.size, int), np.full(places.size, np.inf)
    free = np.ones(places.size, bool)
    starts, ends, days, last = [], [], [], 0
    for _ in range(places.size - 1):
        free[last] = False
        chord = np.linalg.norm(point - point[last], axis=1)
        nearer = free & (chord < gap)
        nearest[nearer], gap[nearer] = last, chord[nearer]
        last = int(np.argmin(np.where(free, gap, np.inf)))
        km = 2.0 * _EARTH_RADIUS * math.asin(min(gap[last] / 2.0, 1.0))
        starts.append(int(places[nearest[last]]))
        ends.append(int(places[last]))
        days.append(max(float(km) * ROAD_FACTOR / ROAD_SPEED, _MIN_DAYS))
    return np.array(starts, int), np.array(ends, int), np.array(days, float)


def km_to_line(world: World, places: np.ndarray) -> float:
    """Return the mean length of the shortest paths from places to their nearest crossings.

    Args:
        world: places and legs.
        places: indices of places.

    Returns:
        Mean in kilometres over all places with a path, or 0 if no place has a path.
    """
    n = world.n_places
    pair, km = _shortest_by_pair(world.head, world.tail, world.km, n)
    crossings = np.flatnonzero(world.kind == PlaceKind.CROSSING)
    reach = _paths_from(crossings, pair, km, n, min_only=True)[places]
    reachable = reach[np.isfinite(reach)]
    return float(reachable.mean()) if reachable.size else 0.0


def _paths_from(start: Any, pair: np.ndarray, length: np.ndarray, n: int, **options: Any) -> Any:
    """Run scipy's Dijkstra search over pairs from :func:`_shortest_by_pair`."""
    from scipy.sparse.csgraph import dijkstra  # A stored warm-up does not need it.

    return dijkstra(csr_array((length, np.divmod(pair, n)), shape=(n, n)), indices=start, **options)


def _shortest_by_pair(
    tail: np.ndarray, head: np.ndarray, length: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shortest leg between each connected pair of places.

    Args:
        tail, head: places where each leg starts and ends, shape (legs,).
        length: days or kilometres, above 0, shape (legs,).
        n: number of places.

    Returns:
        The pairs as `tail * n + head` in ascending order, and the length for each pair.
    """
    order = np.lexsort((length, head, tail))
    pair = tail[order].astype(np.int64) * n + head[order]
    pair, first = np.unique(pair, return_index=True)
    return pair, length[order[first]]
