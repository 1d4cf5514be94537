"""Check the connections of a world: its places, its loops, and what every path passes.

A *border leg* ends at a crossing between ports or at a port of entry. A *checkpoint leg* leaves a
crossing, or is a leg in the checkpoint belt (``us_checkpoint_belt`` is 1) that leaves a port. The
rule for every path that can be travelled (no leg leaves a destination):

- It has exactly one border leg. - A leg in the checkpoint belt leaves a crossing or a port. It is
not a border leg.

So every path through a crossing has exactly one checkpoint leg, on which a got-away is counted,
and every path through a port has at most one. People who pass a port hidden are counted at the
port.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from typing import Any

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import breadth_first_order, connected_components

from abm.world.compiled import Bools, Rows
from abm.world.errors import WorldError
from abm.world.tables import Columns
from abm.world.vocabulary import PlaceKind
from agents.migrants.columns import MAX_ORIGINS
from agents.param import one_line

MAX_LOOP = 100  # places; the route choice may need too many sweeps for more
_MAX_LISTED = 6  # places of a path that a message names
_BEFORE, _BEHIND = 0, 1  # whether the path has passed a border leg


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
    starts = np.flatnonzero(_is_origin(places))
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
        WorldError: at the first row with a leg in a loop that is too long.
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


def _is_origin(places: dict[str, Any]) -> Bools:
    """Return whether migrants start at each place."""
    return (places["kind"] == PlaceKind.ORIGIN) | places["mx_origin"]


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
    is_reached = np.zeros(n + 1, bool)
    is_reached[breadth_first_order(graph, n, return_predecessors=False)] = True
    return is_reached[:n]


def check_passages(places: dict[str, Any], legs: dict[str, Any]) -> None:
    """Check that every path has one border leg, and its checkpoint leg directly behind it.

    Args:
        places, legs: the fields of `World`.

    Raises:
        WorldError: with row and places of the shortest path that breaks the rule.
    """
    passages = _Passages(places, legs)
    for leg, stage in passages.travelled():
        if problem := passages.problem(leg, stage):
            column, reason = problem
            row = int(legs["leg_row"][leg])
            raise WorldError("edges.csv", row, column, f"{reason} {passages.way(leg, stage)}")


class _Passages:
    """The legs that can be travelled, for the search of a path that breaks the rule."""

    def __init__(self, places: dict[str, Any], legs: dict[str, Any]) -> None:
        kind = places["kind"]
        self.place_ids = places["place_ids"]
        self.starts = np.flatnonzero(_is_origin(places))
        self.is_end = kind == PlaceKind.DESTINATION
        self.is_gateway = np.isin(kind, (PlaceKind.CROSSING, PlaceKind.PORT_OF_ENTRY))
        self.tail, self.head, self.leg_row = legs["tail"], legs["head"], legs["leg_row"]
        self.out_start, self.out_leg = legs["out_start"], legs["out_leg"]
        self.is_belt, self.is_border = legs["is_belt"], legs["is_line"] | legs["is_port"]
        # leg on which a place was first reached, before or behind the border
        self._came_by: dict[tuple[int, int], int] = {}

    def travelled(self) -> Iterator[tuple[int, int]]:
        """Yield every leg with the stage before it, from the origins on."""
        queue = deque((int(start), _BEFORE) for start in self.starts)
        visited = set(queue)
        while queue:
            place, stage = queue.popleft()
            for leg in self.out_leg[self.out_start[place] : self.out_start[place + 1]]:
                yield int(leg), stage
                reached = int(self.head[leg]), _BEHIND if self.is_border[leg] else stage
                if reached not in visited:
                    visited.add(reached)
                    self._came_by[reached] = int(leg)
                    queue.append(reached)

    def problem(self, leg: int, stage: int) -> tuple[str, str] | None:
        """Return the column, and the reason why a leg is invalid after a stage."""
        if self.is_border[leg] and stage == _BEHIND:
            return "target", "second border leg: expected one on the way"
        if self.is_belt[leg] and self.is_border[leg]:
            reason = "a border leg cannot be a checkpoint leg: expected 0 on the way"
            return "us_checkpoint_belt", reason
        if self.is_belt[leg] and stage == _BEFORE:
            return "us_checkpoint_belt", "checkpoint leg before the border: expected 0 on the way"
        if self.is_belt[leg] and not self.is_gateway[self.tail[leg]]:
            reason = "checkpoint leg not directly behind the border: expected 0 on the way"
            return "us_checkpoint_belt", reason
        if stage == _BEFORE and not self.is_border[leg]:
            if self.is_gateway[self.tail[leg]]:
                return "source", "leg from a crossing or port before the border on the way"
            if self.is_end[self.head[leg]]:
                return "target", "no border leg: expected one on the way"
        return None

    def way(self, leg: int, stage: int) -> str:
        """Return the path that ends with a leg: its places, and the rows of its counted legs."""
        legs, at = [leg], (int(self.tail[leg]), stage)
        while at in self._came_by:
            legs.append(self._came_by[at])
            before = int(self.tail[legs[-1]])
            crossed = at[1] == _BEHIND and self.is_border[legs[-1]]
            at = before, _BEFORE if crossed else at[1]
        legs.reverse()
        places = [self.place_ids[self.tail[legs[0]]], *(self.place_ids[self.head[k]] for k in legs)]
        if len(places) > _MAX_LISTED:
            places = [places[0], "...", *places[1 - _MAX_LISTED :]]
        gateway = self.is_gateway[self.tail]
        named = [k for k in legs[:-1] if self.is_border[k] or self.is_belt[k] or gateway[k]]
        rows = ", ".join(str(self.leg_row[k]) for k in named)
        rows = f"rows {rows} and {self.leg_row[leg]}" if rows else f"row {self.leg_row[leg]}"
        return f"{' > '.join(one_line(place, 24) for place in places)} ({rows})"
