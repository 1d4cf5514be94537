"""The route graph: read, checked, and compiled to arrays.

`load_world()` returns the packaged world with Central America, Mexico and the U.S. border.
`load_world(folder)` returns another one with the same columns.
"""

from __future__ import annotations

import functools
import hashlib
import os
from dataclasses import dataclass
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
from abm.world.connections import check_connected, check_loops, check_passages
from abm.world.errors import WorldError
from abm.world.tables import read_bytes
from abm.world.vocabulary import MX_ZONES, SECTORS, Mode, PlaceKind, sector_slug
from abm.world.words import read_declaration
from agents.param import SettingError, plain

__all__ = [
    "MX_ZONES",
    "SECTORS",
    "Mode",
    "PlaceKind",
    "World",
    "WorldError",
    "load_world",
    "sector_slug",
]

PACKAGED = Path(__file__).parent / "data" / "world"


@dataclass(frozen=True, eq=False)
class World:
    """A checked route graph. All arrays are read-only. Compare two worlds by their `digest`.

    Places (length n_places, in the order of `nodes.csv`):
        place_ids, place_names, country (two letters), admin (state), zone, terrain: text.
        kind: PlaceKind codes. lat, lon: degrees. population: persons, NaN where unknown.
        remoteness: 0 (city) upwards. place_sector: index into SECTORS, -1 if none.
        mx_origin: True for the Mexican places where Mexican migrants start.

    Legs (length n_legs, the listed ones in file order, then those also read in reverse):
        leg_ids: `tapachula>arriaga:foot`. tail, head: place indices.
        km, days: kilometres and days of moving time, both above 0. mode: Mode codes.
        hazard_class: 1 to 5. leg_country: country of the tail, which has jurisdiction.
        leg_corridor: index into `corridors` (in order of first appearance).
        leg_zone: index into MX_ZONES, -1 outside Mexico (a reversed leg keeps the listed zone).
        leg_sector: sector that a leg over the line enters, or that a leg from the line leaves.
        n_parallel: legs, this one included, with the same tail and head.
        is_line, is_port: the head is a crossing between ports, or a port of entry.
        is_belt: U.S. checkpoint belt. is_lateral: along the northern border, at a higher cost.
        is_reverse: read against its listed direction.
        leg_row: row of `edges.csv`, with the header as row 1.

    Out-legs: those of place i are `out_leg[out_start[i]:out_start[i + 1]]`, by leg index.
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
    leg_country: tuple[str, ...]
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

    def out_legs(self, place: int) -> Int16s:
        """Return the legs out of the place with this index."""
        return self.out_leg[self.out_start[place] : self.out_start[place + 1]]

    def origins(self, country: str | None = None) -> Int16s:
        """Return the places where migrants start, in one country or in all."""
        starts = (self.kind == PlaceKind.ORIGIN) | self.mx_origin
        if country is not None:
            starts &= np.array(self.country) == country
        return frozen(np.flatnonzero(starts), np.int16)

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

    @functools.cached_property
    def destinations(self) -> Int16s:
        """Indices of the destinations."""
        return self.places_of_kind(PlaceKind.DESTINATION)

    def mesa_graph(self) -> nx.DiGraph:
        """Return the graph on which units move: each listed leg in both directions.

        For `mesa.discrete_space.Network`, whose drawing requires whole numbers as nodes. Nodes are
        place indices with `id` and `pos` (lon, lat), for `layout=nx.get_node_attributes(g, "pos")`.
        Edges have the fastest mode's `days` and `km`. Each call returns a new graph, since Mesa may
        change it.
        """
        graph = nx.DiGraph()
        for i, place in enumerate(self.place_ids):
            graph.add_node(i, id=place, pos=(float(self.lon[i]), float(self.lat[i])))
        # Slowest first, so that the fastest mode overwrites the others.
        for leg in np.argsort(-self.days[: self.n_listed], kind="stable"):
            ends = int(self.tail[leg]), int(self.head[leg])
            data = {"days": float(self.days[leg]), "km": float(self.km[leg])}
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
    contents = read_bytes(folder / "nodes.csv"), read_bytes(folder / "edges.csv")
    nodes = read_nodes(contents[0])
    edges = read_edges(contents[1], nodes)
    places = place_arrays(nodes)
    legs = leg_arrays(edges, places)
    check_connected(nodes, places, legs)
    check_passages(places, legs)
    check_loops(places, legs)
    order = sweep_order(legs, len(nodes))
    length = len(contents[0]).to_bytes(8, "little")  # separates the files in the hash
    digest = hashlib.blake2b(length + contents[0] + contents[1], digest_size=16).hexdigest()
    return World(**places, **legs, sweep_order=order, digest=digest)
