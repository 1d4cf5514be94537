"""A world's route graph: reading, checks, and compilation to arrays.

`load_world()` returns the packaged world of Central America, Mexico and the U.S. border.
`load_world(folder)` returns a user's world, whose files have the same columns.
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

MAX_LOOP = 100  # places; longer loops may need too many sweeps of the route choice
_MAX_LISTED = 6  # places that a message names
_BEFORE, _BEHIND = 0, 1  # stage of a path: before or behind its border leg


def check_connected(nodes: Columns, places: dict[str, Any], legs: dict[str, Any]) -> None:
    """Check that legs connect all places.

    Args:
        nodes: columns in `nodes.csv`, which give the rows for messages.
        places, legs: attributes of `World` by name.

    Raises:
        WorldError: the world has too many origins, a place without legs, a place from which no path
            leads to a destination, or a crossing that cannot be reached from every origin.
    """
    kind, tail, head = places["kind"], legs["tail"], legs["head"]
    starts = np.flatnonzero(_is_origin(places)).tolist()
    _check_number(starts, nodes, kind)
    onward = kind[tail] != PlaceKind.DESTINATION  # Destinations are absorbing.
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
    """Check that every loop of legs is short enough for the route choice to converge.

    Args:
        places, legs: attributes of `World` by name.

    Raises:
        WorldError: a loop has more than :data:`MAX_LOOP` places. The error refers to the first row
            with a leg in this loop.
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
    """Return a mask of the places where migrants start."""
    return (places["kind"] == PlaceKind.ORIGIN) | places["mx_origin"]


def _check_number(starts: list[int], nodes: Columns, kind: np.ndarray) -> None:
    """Raise WorldError for the first surplus origin if the world has too many origins."""
    if len(starts) > MAX_ORIGINS:
        extra = starts[MAX_ORIGINS]
        column = "kind" if kind[extra] == PlaceKind.ORIGIN else "mx_origin_region"
        reason = f"{len(starts)} communities of origin: expected at most {MAX_ORIGINS}"
        raise nodes.error(extra, column, reason)


def check_passages(places: dict[str, Any], legs: dict[str, Any]) -> None:
    """Check that every path has one border leg, and that checkpoint legs follow it directly.

    Args:
        places, legs: attributes of `World` by name.

    Raises:
        WorldError: a path breaks this rule. The error gives the row, and the places on the shortest
            such path.
    """
    passages = _Passages(places, legs)
    for leg, stage in passages.travelled():
        if problem := passages.problem(leg, stage):
            column, reason = problem
            row = int(legs["leg_row"][leg])
            raise WorldError("edges.csv", row, column, f"{reason} {passages.way(leg, stage)}")


class _Passages:
    """Search for paths that break the rule in :func:`check_passages`."""

    def __init__(self, places: dict[str, Any], legs: dict[str, Any]) -> None:
        kind = places["kind"]
        self.place_ids = places["place_ids"]
        self.starts = np.flatnonzero(_is_origin(places))
        self.is_end = kind == PlaceKind.DESTINATION
        self.is_gateway = np.isin(kind, (PlaceKind.CROSSING, PlaceKind.PORT_OF_ENTRY))
        self.tail, self.head, self.leg_row = legs["tail"], legs["head"], legs["leg_row"]
        self.out_start, self.out_leg = legs["out_start"], legs["out_leg"]
        self.is_belt, self.is_border = legs["is_belt"], legs["is_line"] | legs["is_port"]
        # Leg on which the search first reached each (place, stage) pair.
        self._first_leg: dict[tuple[int, int], int] = {}

    def travelled(self) -> Iterator[tuple[int, int]]:
        """Yield every leg that people can reach from an origin, with the stage before the leg."""
        queue = deque((int(start), _BEFORE) for start in self.starts)
        visited = set(queue)
        while queue:
            place, stage = queue.popleft()
            for leg in self.out_leg[self.out_start[place] : self.out_start[place + 1]]:
                yield int(leg), stage
                reached = int(self.head[leg]), _BEHIND if self.is_border[leg] else stage
                if reached not in visited:
                    visited.add(reached)
                    self._first_leg[reached] = int(leg)
                    queue.append(reached)

    def problem(self, leg: int, stage: int) -> tuple[str, str] | None:
        """Return column and reason if a leg is invalid after a stage, otherwise None."""
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
        """Return the path to a leg as text: its places, and the rows of its legs at the border."""
        legs, at = [leg], (int(self.tail[leg]), stage)
        while at in self._first_leg:
            legs.append(self._first_leg[at])
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
    """A checked route graph with read-only arrays. Compare two worlds by their `digest`.

    Values by place have the same order as `nodes.csv`. Values by leg begin with the legs in
    `edges.csv`, in file order. Legs that are also read in reverse follow.

    Attributes:
        place_ids, place_names: id and name of each place.
        country: two-letter country code of each place.
        admin: state or province of each place.
        zone, terrain: zone and terrain of each place.
        kind: PlaceKind code, shape (places,).
        lat, lon: latitude and longitude in degrees, shape (places,).
        population: persons, NaN if unknown, shape (places,).
        remoteness: grade from 0 (city) upwards, shape (places,).
        place_sector: index into SECTORS, -1 for places without a sector, shape (places,).
        mx_origin: whether Mexican migrants start at a place, shape (places,).
        corridors: corridor names in the order in which they first occur.
        leg_ids: id of each leg, such as `tapachula>arriaga:foot`.
        tail, head: places where a leg starts and ends, shape (legs,).
        km, days: kilometres and days of moving time, both above 0, shape (legs,).
        mode: Mode code, shape (legs,).
        hazard_class: grade of danger from 1 to 5, shape (legs,).
        leg_corridor: index into `corridors`, shape (legs,).
        leg_zone: index into MX_ZONES, -1 outside Mexico, shape (legs,). A reversed leg has the zone
            of its listed direction.
        leg_sector: index into SECTORS for legs into or out of a crossing or port, -1 for other
            legs, shape (legs,).
        n_parallel: number of legs with the same tail and head, including the leg itself, shape
            (legs,).
        is_line, is_port: whether a leg ends at a crossing between ports, or at a port of entry,
            shape (legs,).
        is_belt: whether a leg passes the U.S. checkpoint belt, shape (legs,).
        is_lateral: whether a leg runs along the northern border, at a higher cost, shape (legs,).
        is_reverse: whether a leg is read against its listed direction, shape (legs,).
        leg_row: row of `edges.csv`, where the header is row 1, shape (legs,).
        out_start, out_leg: table of each place's out-legs. Place i has
            `out_leg[out_start[i]:out_start[i + 1]]`. Destinations are absorbing and have no
            out-legs, although legs between destinations are in the arrays by leg.
        sweep_order: place indices, destinations first. Every listed leg leads from a later to an
            earlier place. If a user's listed graph has a cycle, its places are adjacent, in reverse
            file order. A sweep then needs more rounds, and the route choice checks the spectral
            radius.
        digest: hash of `nodes.csv` and `edges.csv`.
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
        """Restore the state. Unpickled arrays can be written to, so make them read-only."""
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
        """Number of legs, including reversed legs."""
        return len(self.leg_ids)

    @property
    def n_listed(self) -> int:
        """Number of legs listed in `edges.csv`. Their indices are 0 to n_listed - 1."""
        return int(np.count_nonzero(~self.is_reverse))

    @functools.cached_property
    def _index(self) -> dict[str, int]:
        return {place: i for i, place in enumerate(self.place_ids)}

    def place_index(self, place: str) -> int:
        """Return a place's index by its id. Raise KeyError with similar ids if it is unknown."""
        try:
            return self._index[place]
        except KeyError:
            raise KeyError(f"unknown place {place!r}{near(place, self.place_ids)}") from None

    def origins(self) -> Int16s:
        """Return indices of the places where migrants start, in file order."""
        return frozen(np.flatnonzero((self.kind == PlaceKind.ORIGIN) | self.mx_origin), np.int16)

    def places_of_kind(self, kind: PlaceKind) -> Int16s:
        """Return indices of all places of one kind, in file order."""
        return frozen(np.flatnonzero(self.kind == kind), np.int16)

    @functools.cached_property
    def crossings(self) -> Int16s:
        """Indices of the crossings between ports."""
        return self.places_of_kind(PlaceKind.CROSSING)

    @functools.cached_property
    def ports(self) -> Int16s:
        """Indices of the ports of entry."""
        return self.places_of_kind(PlaceKind.PORT_OF_ENTRY)

    def mesa_graph(self) -> nx.DiGraph:
        """Return a new graph for `mesa.discrete_space.Network`. Listed legs lead both ways.

        Nodes are place indices, because Mesa's drawing requires integers. Their attributes are `id`
        and `pos` (longitude, latitude), for `layout=nx.get_node_attributes(g, "pos")`. Edge
        attributes are `days` and `km` of the fastest mode, and whether the edge is `open`.
        """
        graph = nx.DiGraph()
        for i, place in enumerate(self.place_ids):
            graph.add_node(i, id=place, pos=(float(self.lon[i]), float(self.lat[i])))
        # Add the slowest legs first, so that the fastest mode overwrites the others.
        for leg in np.argsort(-self.days[: self.n_listed], kind="stable"):
            ends = int(self.tail[leg]), int(self.head[leg])
            data = {"days": float(self.days[leg]), "km": float(self.km[leg]), "open": True}
            graph.add_edge(*ends, **data)
            graph.add_edge(*ends[::-1], **data)
        return graph


def load_world(folder: Path | str | None = None) -> World:
    """Return the world in a folder.

    Args:
        folder: folder with `nodes.csv` and `edges.csv`, by default the packaged world.

    Raises:
        SettingError: `folder` is not a path.
        WorldError: a file is missing, or a cell or place is invalid. The message gives file, row
            and column of the first problem.
    """
    if not isinstance(folder, str | Path | None):
        hint = "Give the folder of nodes.csv and edges.csv, or None for the packaged world."
        raise SettingError("folder", f"{plain(folder)} is not a path", hint)
    folder = PACKAGED if folder is None else Path(folder)
    if not os.path.isdir(folder):
        raise WorldError(
            str(folder), reason="no such folder: expected one with nodes.csv and edges.csv"
        )
    read_declaration(folder)  # raises WorldError for an invalid world.toml
    return _read_world(read_bytes(folder / "nodes.csv"), read_bytes(folder / "edges.csv"))


@functools.lru_cache(maxsize=2)
def _read_world(nodes_csv: bytes, edges_csv: bytes) -> World:
    """Return the world in two files. Equal files share one world, because worlds are immutable."""
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

_ALWAYS = ("names.", "groups.")  # used in every output, unlike most sectors and zones


def declaration_of(folder: str | Path | None) -> Declaration:
    """Return a world's declaration.

    Args:
        folder: the world's folder, or "" or None for the packaged world. A folder without
            `world.toml` whose two tables are copies of the packaged tables also counts as the
            packaged world.

    Returns:
        The declared words, and the keys without a word.

    Raises:
        WorldError: a file in the folder is invalid.
    """
    if not folder:
        return Declaration()
    files = (FILE, "nodes.csv", "edges.csv")
    return _declaration(Path(folder), tuple(_stamp(Path(folder) / name) for name in files))


def _stamp(path: Path) -> tuple[int, int]:
    """Return a file's modification time and size, or zeros if it does not exist."""
    try:
        status = path.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size


@functools.lru_cache(maxsize=16)
def _declaration(folder: Path, _stamps: tuple[tuple[int, int], ...]) -> Declaration:
    """Return the declaration in a folder. The file stamps are part of the cache key."""
    declared, world = read_declaration(folder), load_world(folder)
    if declared is None:
        if world.digest == load_world().digest:
            return Declaration()
        return Declaration(name=one_line(folder.resolve().name, 40))
    undeclared = tuple(key for key in _used(world) if key not in declared.words)
    return replace(declared, undeclared=undeclared)


def _used(world: World) -> list[str]:
    """Return the keys of the words in a world's outputs."""
    always = [key for key in PACKAGED_WORDS if key.startswith(_ALWAYS)]
    sectors = [f"sectors.{name}" for s, name in enumerate(SECTORS) if s in world.place_sector]
    zones = [f"zones.{name}" for z, name in enumerate(MX_ZONES) if z in world.leg_zone]
    return always + sectors + zones
