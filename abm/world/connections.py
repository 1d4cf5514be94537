"""Check that every place of a world is connected, and the numbers of origins and of loops."""

from __future__ import annotations

from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from abm.world.compiled import Bools, Rows
from abm.world.errors import WorldError
from abm.world.tables import Columns
from abm.world.vocabulary import PlaceKind
from agents.migrants.columns import MAX_ORIGINS

MAX_LOOP = 100  # places; the route choice may need too many sweeps for more


def check_connected(nodes: Columns, places: dict[str, Any], legs: dict[str, Any]) -> None:
    """Check the connections between places.

    Args:
        nodes: the places of the file, for the rows in messages.
        places, legs: the fields of `World`.

    Raises:
        WorldError: for too many origins, a place without legs, a dead end, or a crossing that an
            origin does not reach.
    """
    kind, tail, head = places["kind"], legs["tail"], legs["head"]
    starts = np.flatnonzero((kind == PlaceKind.ORIGIN) | places["mx_origin"])
    _check_number(starts, nodes, kind)
    goals = np.flatnonzero(kind == PlaceKind.DESTINATION)
    onward = kind[tail] != PlaceKind.DESTINATION  # destinations are absorbing
    reached = {s: _reached(tail[onward], head[onward], len(kind), s) for s in starts.tolist()}
    way_on = _reached(head, tail, len(kind), *goals.tolist())
    degree = np.bincount(tail, minlength=len(kind)) + np.bincount(head, minlength=len(kind))
    for i, place in enumerate(places["place_ids"]):
        if not degree[i]:
            raise nodes.error(i, "id", f"unconnected place {place!r}: expected a leg in edges.csv")
        if not way_on[i]:
            reason = f"no path in edges.csv from {place!r} to a destination: expected one"
            raise nodes.error(i, "id", reason)
        cut_off = [start for start in reached if not reached[start][i]]
        if kind[i] == PlaceKind.CROSSING and cut_off:
            start = places["place_ids"][cut_off[0]]
            reason = f"no path in edges.csv from origin {start!r}: expected one"
            raise nodes.error(i, "id", reason)


def check_loops(places: dict[str, Any], legs: dict[str, Any]) -> None:
    """Check that no loop of legs has too many places for the route choice to converge.

    Args:
        places, legs: the fields of `World`.

    Raises:
        WorldError: at the first row of a leg of a loop that is too long.
    """
    used, n = legs["out_leg"], len(places["place_ids"])
    tail, head = legs["tail"][used], legs["head"][used]
    graph = csr_array((np.ones(used.size), (tail, head)), shape=(n, n))
    _, loop_of = connected_components(graph, connection="strong")
    size = np.bincount(loop_of)
    if size.max() > MAX_LOOP:
        loop = int(size.argmax())
        row = int(legs["leg_row"][used][(loop_of[tail] == loop) & (loop_of[head] == loop)].min())
        first = ", ".join(places["place_ids"][i] for i in np.flatnonzero(loop_of == loop)[:2])
        reason = (
            f"{size[loop]:,} places lead to each other and back ({first}, ...): expected at most "
            f"{MAX_LOOP} places in a loop of legs"
        )
        raise WorldError("edges.csv", row, "target", reason)


def _check_number(starts: Rows, nodes: Columns, kind: np.ndarray) -> None:
    """Raise WorldError at the first origin beyond the supported number."""
    if len(starts) > MAX_ORIGINS:
        extra = int(starts[MAX_ORIGINS])
        column = "kind" if kind[extra] == PlaceKind.ORIGIN else "mx_origin_region"
        reason = f"{len(starts)} communities of origin: expected at most {MAX_ORIGINS}"
        raise nodes.error(extra, column, reason)


def _reached(tail: np.ndarray, head: np.ndarray, n: int, *starts: int) -> Bools:
    """Return whether each place can be reached from one of the starts, which count as reached.

    Args:
        tail, head: places at the ends of each leg.
        n: number of places.
        *starts: indices of places.

    Returns:
        Booleans, shape (n,).
    """
    sources = np.concatenate((tail, np.full(len(starts), n)))  # place n leads to all starts
    targets = np.concatenate((head, np.array(starts, int)))
    graph = csr_array((np.ones(len(sources)), (sources, targets)), shape=(n + 1, n + 1))
    found = np.zeros(n + 1, bool)
    found[breadth_first_order(graph, n, return_predecessors=False)] = True
    return found[:n]
