"""Ways on which units and cells relocate, within Mexico or along the line, and distances to it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from abm.world.vocabulary import PlaceKind

if TYPE_CHECKING:
    from abm.world.routes import World


ROAD_FACTOR = 1.2  # length of a U.S. road over the straight distance, as in edges.csv
ROAD_SPEED = 900.0  # km a day on U.S. roads, as from ports of entry in edges.csv
_EARTH_RADIUS = 6371.0  # km
_LEAST_DAYS = 1e-3  # of a road between crossings at the same coordinates


class Ways:
    """Shortest paths on which units move. They never lead from one country to another.

    Within Mexico they use every leg in both directions, on the U.S. side the roads along the line
    (:func:`line_roads`). The paths to a target are computed when they are first needed.
    """

    def __init__(self, world: World) -> None:
        """Collect the fastest leg between each pair of Mexican places, and the U.S. roads."""
        mexican = np.array([country == "MX" for country in world.country])
        inside = mexican[world.tail] & mexican[world.head]
        start, end, days = line_roads(world)
        tail, head = np.append(world.tail[inside], start), np.append(world.head[inside], end)
        self._places = world.n_places
        self._pair, self._days = _shortest_by_pair(
            np.concatenate((tail, head)),
            np.concatenate((head, tail)),
            np.tile(np.append(world.days[inside], days), 2),
            self._places,
        )
        # by target: the next place from each place, and the days to it
        self._onward: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the shortest path.

        Args:
            place, target: indices of places.

        Returns:
            The next place and the days to it, or (`place`, inf) if no path exists.
        """
        if place == target:
            return place, 0.0
        if target not in self._onward:
            self._onward[target] = self._ways_to(target)
        following, days = self._onward[target]
        step = int(following[place])
        return (place, float("inf")) if step < 0 else (step, float(days[place]))

    def _ways_to(self, target: int) -> tuple[np.ndarray, np.ndarray]:
        """Compute the first step of the path from each place to a target.

        Args:
            target: index of the target.

        Returns:
            Next place (negative where no path exists) and days to it, shape (places,) each.
        """
        n = self._places
        matrix = csr_array((self._days, np.divmod(self._pair, n)), shape=(n, n))
        # paths are reversible: the predecessor on the path from the target is the next place
        _, predecessors = dijkstra(matrix, indices=target, return_predecessors=True)
        following = predecessors.astype(np.int16)
        days, reached = np.full(n, np.inf), np.flatnonzero(following >= 0)
        days[reached] = self._days[np.searchsorted(self._pair, reached * n + following[reached])]
        return following, days


def line_roads(world: World) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return the roads between neighbouring crossings on the U.S. side.

    The shortest set of roads that connects all crossings: the minimum spanning tree of their
    straight distances, built from the first crossing. Along a line it is a chain.

    Args:
        world: places and legs.

    Returns:
        Places at both ends and days of travel, shape (crossings - 1,) each.
    """
    places = np.flatnonzero(world.kind == PlaceKind.CROSSING)
    north, east = np.radians(world.lat[places]), np.radians(world.lon[places])
    point = np.stack(
        (np.cos(north) * np.cos(east), np.cos(north) * np.sin(east), np.sin(north)), axis=1
    )
    nearest, gap = np.zeros(places.size, int), np.full(places.size, np.inf)  # to the tree so far
    free = np.ones(places.size, bool)
    starts, ends, days, last = [], [], [], 0
    for _ in range(places.size - 1):
        free[last] = False
        chord = np.linalg.norm(point - point[last], axis=1)
        nearer = free & (chord < gap)
        nearest[nearer], gap[nearer] = last, chord[nearer]
        last = int(np.argmin(np.where(free, gap, np.inf)))
        km = 2.0 * _EARTH_RADIUS * np.arcsin(min(gap[last] / 2.0, 1.0))
        starts.append(int(places[nearest[last]]))
        ends.append(int(places[last]))
        days.append(max(float(km) * ROAD_FACTOR / ROAD_SPEED, _LEAST_DAYS))
    return np.array(starts, int), np.array(ends, int), np.array(days, float)


def km_to_line(world: World, places: np.ndarray) -> float:
    """Return the mean length of the shortest paths from `places` to a crossing.

    Args:
        world: places and legs.
        places: indices of places.

    Returns:
        Kilometres, 0 without places. Places without a way are left out.
    """
    backward = _shortest_legs(world.head, world.tail, world.km, world.n_places)
    crossings = np.flatnonzero(world.kind == PlaceKind.CROSSING)
    reach = dijkstra(backward, indices=crossings, min_only=True)[places]
    reachable = reach[np.isfinite(reach)]
    return float(reachable.mean()) if reachable.size else 0.0


def _shortest_legs(tail: np.ndarray, head: np.ndarray, length: np.ndarray, n: int) -> csr_array:
    """Return the shortest length between each pair of places as a sparse matrix.

    Args:
        tail, head: places at the ends of each leg.
        length: days or kilometres by leg, above 0.
        n: number of places.

    Returns:
        Matrix of shape (n, n).
    """
    pair, shortest = _shortest_by_pair(tail, head, length, n)
    return csr_array((shortest, np.divmod(pair, n)), shape=(n, n))


def _shortest_by_pair(
    tail: np.ndarray, head: np.ndarray, length: np.ndarray, n: int
) -> tuple[np.ndarray, np.ndarray]:
    """Return the shortest length between each pair of places that legs connect.

    Args:
        tail, head, length, n: as for :func:`_shortest_legs`.

    Returns:
        The pairs in ascending order as `tail * n + head`, and the length of each.
    """
    order = np.lexsort((length, head, tail))
    pair = tail[order].astype(np.int64) * n + head[order]
    pair, first = np.unique(pair, return_index=True)
    return pair, length[order[first]]
