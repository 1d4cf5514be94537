"""Shortest paths within Mexico, along which units and cells relocate, and distances to the line."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from abm.world.vocabulary import PlaceKind

if TYPE_CHECKING:
    from abm.world.routes import World


class Ways:
    """Shortest paths within Mexico, which use every leg in both directions.

    The paths to a target are computed when they are first needed.
    """

    def __init__(self, world: World) -> None:
        """Collect the fastest leg between each pair of Mexican places."""
        mexican = np.array([country == "MX" for country in world.country])
        inside = mexican[world.tail] & mexican[world.head]
        self._places = world.n_places
        self._pair, self._days = _shortest_by_pair(
            np.concatenate((world.tail[inside], world.head[inside])),
            np.concatenate((world.head[inside], world.tail[inside])),
            np.concatenate((world.days[inside], world.days[inside])),
            self._places,
        )
        # by target: the next place from each place, and the days to it
        self._onward: dict[int, tuple[np.ndarray, np.ndarray]] = {}

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the shortest path.

        Args:
            place, target: indices of places.

        Returns:
            The next place and the days to it; (`place`, inf) if no path exists.
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
        found = dijkstra(matrix, indices=target, return_predecessors=True)
        following = found[1].astype(np.int16)
        days, reached = np.full(n, np.inf), np.flatnonzero(following >= 0)
        days[reached] = self._days[np.searchsorted(self._pair, reached * n + following[reached])]
        return following, days


def km_to_line(world: World, places: np.ndarray) -> float:
    """Return the mean length of the shortest paths from `places` to a crossing.

    Args:
        world: places and legs.
        places: indices of places.

    Returns:
        Kilometres; 0 without places. Places without a way are left out.
    """
    backward = _shortest_legs(world.head, world.tail, world.km, world.n_places)
    crossings = np.flatnonzero(world.kind == PlaceKind.CROSSING)
    reach = dijkstra(backward, indices=crossings, min_only=True)[places]
    known = reach[np.isfinite(reach)]
    return float(known.mean()) if known.size else 0.0


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
