"""Check that every path from an origin to a destination is counted exactly once.

A *border leg* ends at a crossing between ports or at a port of entry. A *checkpoint leg* leaves a
crossing, or is a leg of the checkpoint belt (``us_checkpoint_belt`` is 1) that leaves a port. The
rule for every path that can be travelled (no leg leaves a destination):

- It has exactly one border leg.
- A leg of the checkpoint belt leaves a crossing or a port; it is not a border leg.

So every path through a crossing has exactly one checkpoint leg, on which a got-away is counted,
and every path through a port has at most one. People who pass a port hidden are counted at the
port.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np

from abm.world.compiled import Bools, Rows
from abm.world.errors import WorldError
from agents.param import one_line

_SHOWN = 6  # places of a path that a message names
_BEFORE, _BEHIND = 0, 1  # whether the path has passed a border leg
_Stage = tuple[int, int]  # a place, and whether it is before or behind the border


@dataclass(frozen=True)
class Passages:
    """The legs that can be travelled, for the search of a path that breaks the rule.

    Attributes:
        place_ids: ids of the places.
        starts: places where migrants start.
        tail, head: places at the ends of each leg, shape (legs,).
        out_start, out_leg: legs by tail place, without those out of destinations.
        is_border: whether a leg ends at a crossing or a port, shape (legs,).
        is_belt: whether a leg is part of the checkpoint belt, shape (legs,).
        is_end: whether a place is a destination, shape (places,).
        is_gateway: whether a place is a crossing or a port, shape (places,).
        leg_row: row of `edges.csv`, shape (legs,).
    """

    place_ids: tuple[str, ...]
    starts: Rows
    tail: np.ndarray
    head: np.ndarray
    out_start: np.ndarray
    out_leg: np.ndarray
    is_border: Bools
    is_belt: Bools
    is_end: Bools
    is_gateway: Bools
    leg_row: np.ndarray
    _came_by: dict[_Stage, int] = field(default_factory=dict)

    def check(self) -> None:
        """Raise WorldError with row and places of the shortest path that breaks the rule."""
        for leg, stage in self._travelled():
            if problem := self._problem(leg, stage):
                column, reason = problem
                way = self._way(leg, stage)
                raise WorldError("edges.csv", int(self.leg_row[leg]), column, f"{reason} {way}")

    def _travelled(self) -> Iterator[tuple[int, int]]:
        """Yield every leg with the stage before it, from the origins on."""
        queue = deque((int(start), _BEFORE) for start in self.starts)
        seen = set(queue)
        while queue:
            place, stage = queue.popleft()
            for leg in self.out_leg[self.out_start[place] : self.out_start[place + 1]]:
                yield int(leg), stage
                reached = int(self.head[leg]), _BEHIND if self.is_border[leg] else stage
                if reached not in seen:
                    seen.add(reached)
                    self._came_by[reached] = int(leg)
                    queue.append(reached)

    def _problem(self, leg: int, stage: int) -> tuple[str, str] | None:
        """Return the column, and the reason why a leg is invalid after a stage."""
        if self.is_border[leg] and stage == _BEHIND:
            return "target", "second border leg: expected one on the way"
        if self.is_belt[leg] and self.is_border[leg]:
            return (
                "us_checkpoint_belt",
                "a border leg cannot be a checkpoint leg: expected 0 on the way",
            )
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

    def _way(self, leg: int, stage: int) -> str:
        """Return the path that ends with a leg: its places, and the rows of its counted legs."""
        legs, at = [leg], (int(self.tail[leg]), stage)
        while at in self._came_by:
            legs.append(self._came_by[at])
            before = int(self.tail[legs[-1]])
            crossed = at[1] == _BEHIND and self.is_border[legs[-1]]
            at = before, _BEFORE if crossed else at[1]
        legs.reverse()
        places = [self.place_ids[self.tail[legs[0]]], *(self.place_ids[self.head[k]] for k in legs)]
        if len(places) > _SHOWN:
            places = [places[0], "...", *places[1 - _SHOWN :]]
        gateway = self.is_gateway[self.tail]
        named = [k for k in legs[:-1] if self.is_border[k] or self.is_belt[k] or gateway[k]]
        rows = ", ".join(str(self.leg_row[k]) for k in named)
        rows = f"rows {rows} and {self.leg_row[leg]}" if rows else f"row {self.leg_row[leg]}"
        return f"{' > '.join(one_line(place, 24) for place in places)} ({rows})"
