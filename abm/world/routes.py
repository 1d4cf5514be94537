"""The route graph: read, checked, and compiled to arrays.

`load_world()` returns the packaged world with Central America, Mexico and the U.S. border.
`load_world(folder)` returns another one with the same columns.
"""

from __future__ import annotations

import functools
import hashlib
import os
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import networkx as nx
import numpy as np

from abm.world.checks import near, read_edges, read_nodes
from abm.world.compiled import (
    Bools,
    Floats,
    Int8s,
    Int16s,
    Int32s,
    frozen,
    leg_arrays,
    place_arrays,
    sweep_order,
)
from abm.world.declaration import FILE, PACKAGED_WORDS, Declaration, read_declaration
from abm.world.errors import WorldError
from abm.world.tables import Columns, read_bytes
from abm.world.vocabulary import MX_ZONES, PlaceKind
from agents.labels import SECTORS
from agents.migrants.columns import MAX_ORIGINS
from agents.param import SettingError, one_line, plain

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
    starts = np.flatnonzero(_is_origin(places)).tolist()
    _check_number(starts, nodes, kind)
    onward = kind[tail] != PlaceKind.DESTINATION  # destinations are absorbing
    graph = nx.DiGraph(zip(tail[onward].tolist(), head[onward].tolist(), strict=True))
    graph.add_nodes_from(range(len(kind)))
    reached = {start: {start} | nx.descendants(graph, start) for start in starts}
    graph.add_edges_from((end, "end") for end in np.flatnonzero(kind == PlaceKind.DESTINATION))
    way_on = nx.ancestors(graph, "end")
    degree = np.bincount(tail, minlength=len(kind)) + np.bincount(head, minlength=len(kind))
    for i, place in enumerate(places["place_ids"]):
        if not degree[i]:
            raise nodes.error(i, "id", f"unconnected place {place!r}: expected a leg in edges.csv")
        if i not in way_on:
            reason = f"no path in edges.csv from {place!r} to a destination: expected one"
            raise nodes.error(i, "id", reason)
        cut_off = [start for start in starts if i not in reached[start]]
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
    used = legs["out_leg"]
    tail, head = legs["tail"][used], legs["head"][used]
    graph = nx.DiGraph(zip(tail.tolist(), head.tolist(), strict=True))
    loop = sorted(max(nx.strongly_connected_components(graph), key=len, default=()))
    if len(loop) > MAX_LOOP:
        row = int(legs["leg_row"][used][np.isin(tail, loop) & np.isin(head, loop)].min())
        first = ", ".join(places["place_ids"][i] for i in loop[:2])
        reason = (
            f"{len(loop):,} places lead to each other and back ({first}, ...): expected at most "
            f"{MAX_LOOP} places in a loop of legs"
        )
        raise WorldError("edges.csv", row, "target", reason)


def _is_origin(places: dict[str, Any]) -> Bools:
    """Return whether migrants start at each place."""
    return (places["kind"] == PlaceKind.ORIGIN) | places["mx_origin"]


def _check_number(starts: list[int], nodes: Columns, kind: np.ndarray) -> None:
    """Raise WorldError at the first origin beyond the supported number."""
    if len(starts) > MAX_ORIGINS:
        extra = starts[MAX_ORIGINS]
        column = "kind" if kind[extra] == PlaceKind.ORIGIN else "mx_origin_region"
        reason = f"{len(starts)} communities of origin: expected at most {MAX_ORIGINS}"
        raise nodes.error(extra, column, reason)


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
        # The values are the legs on which a place was first reached, before or behind the border.
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


PACKAGED = Path(__file__).parent / "data" / "world"


@dataclass(frozen=True, eq=False)
class World:
    """A checked route graph. All arrays are read-only. Compare two worlds by their `digest`.

    Places (length n_places, in the order of `nodes.csv`):
        place_ids, place_names, country (two letters), admin (state), zone, terrain: text.
        kind: PlaceKind codes. lat, lon: degrees. population: persons, NaN where unknown.
        remoteness: 0 (city) upwards. place_sector: index into SECTORS, -1 if none.
        mx_origin: True for the Mexican places where Mexican migrants start.

    Legs (length n_legs, the listed ones in file order, then the reversed ones):
        leg_ids: `tapachula>arriaga:foot`. tail, head: place indices.
        km, days: kilometres and days of moving time, both above 0. mode: Mode codes.
        hazard_class: 1 to 5.
        leg_corridor: index into `corridors` (in order of first appearance).
        leg_zone: index into MX_ZONES, -1 outside Mexico (a reversed leg keeps the listed zone).
        leg_sector: sector that a leg over the line enters, or that a leg from the line leaves.
        n_parallel: legs, this one included, with the same tail and head.
        is_line, is_port: the head is a crossing between ports, or a port of entry.
        is_belt: U.S. checkpoint belt. is_lateral: along the northern border, at a higher cost.
        is_reverse: read against its listed direction.
        leg_row: row of `edges.csv`, with the header as row 1.

    Out-legs: place i has `out_leg[out_start[i]:out_start[i + 1]]`, by leg index.
        Destinations are absorbing: they have none, though legs between them are in the arrays.

    sweep_order: places, destinations first, such that every listed leg points from a later place to
        an earlier one. If another world's listed graph has a cycle, its places are adjacent in
        reverse file order. A sweep then needs more rounds, and the spectral radius check in the
        route choice tests convergence.
    """

    place_ids: tuple[str, ...]
    place_names: tuple[str, ...]
    country: tuple[str, ...]
    admin: tuple[str, ...]
    zone: tuple[str, ...]
    terrain: tuple[str, ...]
    kind: Int8s
    lat: Floats
    lon: Floats
    population: Floats
    remoteness: Int8s
    place_sector: Int8s
    mx_origin: Bools
    corridors: tuple[str, ...]
    leg_ids: tuple[str, ...]
    tail: Int16s
    head: Int16s
    km: Floats
    days: Floats
    mode: Int8s
    hazard_class: Int8s
    leg_corridor: Int8s
    leg_zone: Int8s
    leg_sector: Int8s
    n_parallel: Int8s
    is_line: Bools
    is_port: Bools
    is_belt: Bools
    is_lateral: Bools
    is_reverse: Bools
    leg_row: Int32s
    out_start: Int32s
    out_leg: Int16s
    sweep_order: Int16s
    digest: str

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore the state with read-only arrays. Unpickled arrays are writeable."""
        for value in state.values():
            if isinstance(value, np.ndarray):
                value.flags.writeable = False
        self.__dict__.update(state)

    @property
    def n_places(self) -> int:
        """Number of places."""
        return len(self.place_ids)

    @property
    def n_legs(self) -> int:
        """Number of legs, reversed ones included."""
        return len(self.leg_ids)

    @property
    def n_listed(self) -> int:
        """Legs listed in `edges.csv`: they are legs 0 to n_listed - 1."""
        return int(np.count_nonzero(~self.is_reverse))

    @functools.cached_property
    def _index(self) -> dict[str, int]:
        return {place: i for i, place in enumerate(self.place_ids)}

    def place_index(self, place: str) -> int:
        """Return the index of a place, or raise KeyError with similar ids if it is unknown."""
        try:
            return self._index[place]
        except KeyError:
            raise KeyError(f"unknown place {place!r}{near(place, self.place_ids)}") from None

    def origins(self) -> Int16s:
        """Return the places where migrants start."""
        return frozen(np.flatnonzero((self.kind == PlaceKind.ORIGIN) | self.mx_origin), np.int16)

    def places_of_kind(self, kind: PlaceKind) -> Int16s:
        """Return the indices of the places of one kind, in file order."""
        return frozen(np.flatnonzero(self.kind == kind), np.int16)

    @functools.cached_property
    def crossings(self) -> Int16s:
        """Indices of the crossings between ports."""
        return self.places_of_kind(PlaceKind.CROSSING)

    @functools.cached_property
    def ports(self) -> Int16s:
        """Indices of ports of entry."""
        return self.places_of_kind(PlaceKind.PORT_OF_ENTRY)

    def mesa_graph(self) -> nx.DiGraph:
        """Return the graph on which units move: each listed leg in both directions.

        For `mesa.discrete_space.Network`, whose drawing requires whole numbers as nodes. Nodes are
        place indices with `id` and `pos` (lon, lat), for `layout=nx.get_node_attributes(g, "pos")`.
        Edges have the fastest mode's `days` and `km`, and whether they are `open`. Each call
        returns a new graph.
        """
        graph = nx.DiGraph()
        for i, place in enumerate(self.place_ids):
            graph.add_node(i, id=place, pos=(float(self.lon[i]), float(self.lat[i])))
        # Slowest first, so that the fastest mode overwrites the others.
        for leg in np.argsort(-self.days[: self.n_listed], kind="stable"):
            ends = int(self.tail[leg]), int(self.head[leg])
            data = {"days": float(self.days[leg]), "km": float(self.km[leg]), "open": True}
            graph.add_edge(*ends, **data)
            graph.add_edge(*ends[::-1], **data)
        return graph


def load_world(folder: Path | str | None = None) -> World:
    """Return the world of a folder with `nodes.csv` and `edges.csv` (None: the packaged one).

    Raises:
        SettingError: `folder` is not a path.
        WorldError: for the first invalid cell or place, with file, row, column and reason.
    """
    if not isinstance(folder, str | Path | None):
        hint = "Give the folder of nodes.csv and edges.csv, or None for the packaged world."
        raise SettingError("folder", f"{plain(folder)} is not a path", hint)
    folder = PACKAGED if folder is None else Path(folder)
    if not os.path.isdir(folder):
        raise WorldError(
            str(folder), reason="no such folder: expected one with nodes.csv and edges.csv"
        )
    read_declaration(folder)  # an invalid world.toml is an error too
    return _read_world(read_bytes(folder / "nodes.csv"), read_bytes(folder / "edges.csv"))


@functools.lru_cache(maxsize=2)
def _read_world(nodes_csv: bytes, edges_csv: bytes) -> World:
    """Return the world of two files. A world cannot change, so equal files share one."""
    nodes = read_nodes(nodes_csv)
    edges = read_edges(edges_csv, nodes)
    places = place_arrays(nodes)
    legs = leg_arrays(edges, places)
    check_connected(nodes, places, legs)
    check_passages(places, legs)
    check_loops(places, legs)
    order = sweep_order(legs, len(nodes))
    length = len(nodes_csv).to_bytes(8, "little")  # separates the files in the hash
    digest = hashlib.blake2b(length + nodes_csv + edges_csv, digest_size=16).hexdigest()
    return World(**places, **legs, sweep_order=order, digest=digest)


# ---- the declaration of a world ------------------------------------------------------------------

_ALWAYS = ("names.", "groups.")  # in every output; sectors and zones only where places use them


def declaration_of(folder: str | Path | None) -> Declaration:
    """Return the declaration of a world.

    Args:
        folder: the world's folder, as in the scenario, empty or None for the packaged world. A
            folder with copies of both packaged tables and without `world.toml` is the packaged
            world too.

    Returns:
        The declared words, and the keys that lack one.

    Raises:
        WorldError: if a file of the world is invalid.
    """
    if not folder:
        return Declaration()
    files = (FILE, "nodes.csv", "edges.csv")
    return _declaration(Path(folder), tuple(_stamp(Path(folder) / name) for name in files))


def _stamp(path: Path) -> tuple[int, int]:
    """Return a file's change time and size, zeros if there is none."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=16)
def _declaration(folder: Path, _stamps: tuple[tuple[int, int], ...]) -> Declaration:
    """Return a folder's declaration. It is read again when a file's stamp changes."""
    declared, world = read_declaration(folder), load_world(folder)
    if declared is None:
        if world.digest == load_world().digest:
            return Declaration()
        return Declaration(name=one_line(folder.resolve().name, 40))
    undeclared = tuple(key for key in _used(world) if key not in declared.words)
    return replace(declared, undeclared=undeclared)


def _used(world: World) -> list[str]:
    """Return the keys that outputs of a world use."""
    always = [key for key in PACKAGED_WORDS if key.startswith(_ALWAYS)]
    sectors = [f"sectors.{name}" for s, name in enumerate(SECTORS) if s in world.place_sector]
    zones = [f"zones.{name}" for z, name in enumerate(MX_ZONES) if z in world.leg_zone]
    return always + sectors + zones
