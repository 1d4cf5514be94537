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
        self._days = _shortest_legs(
            np.concatenate((world.tail[inside], world.head[inside])),
            np.concatenate((world.head[inside], world.tail[inside])),
            np.concatenate((world.days[inside], world.days[inside])),
            world.n_places,
        )
        self._onward: dict[int, np.ndarray] = {}

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the next place on the shortest path.

        Args:
            place, target: indices of places.

        Returns:
            The next place and the days to it; (`place`, inf) if no path exists.
        """
        if place == target:
            return place, 0.0
        step = int(self._ways_to(target)[place])
        return (place, float("inf")) if step < 0 else (step, float(self._days[place, step]))

    def _ways_to(self, target: int) -> np.ndarray:
        """Return the next place from each place; negative where no path to the target exists."""
        if target not in self._onward:
            # paths are reversible: the predecessor on the path from the target is the next place
            found = dijkstra(self._days, indices=target, return_predecessors=True)
            self._onward[target] = found[1].astype(np.int16)
        return self._onward[target]


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
    order = np.lexsort((length, head, tail))
    pair = tail[order].astype(np.int64) * n + head[order]
    first = order[np.unique(pair, return_index=True)[1]]
    return csr_array((length[first], (tail[first], head[first])), shape=(n, n))
