"""The packaged graph, its reversed legs, and the arrays compiled from it."""

from __future__ import annotations

import copy
import csv
import dataclasses
import pickle

import numpy as np
import pytest

from abm.world.routes import PACKAGED
from abm.world.vocabulary import MX_ZONES, SECTORS, Mode, PlaceKind


def rows_of(file: str) -> list[dict[str, str]]:
    """Return a packaged file, read without the loader."""
    with (PACKAGED / file).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


NODES, EDGES = rows_of("nodes.csv"), rows_of("edges.csv")
KIND = {row["id"]: row["kind"] for row in NODES}
SECTOR = {row["id"]: row["usbp_sector"] for row in NODES}


def test_the_packaged_world_has_its_places_and_legs(world):
    assert (world.n_places, world.n_listed, world.n_legs) == (81, 179, 190)
    assert list(world.place_ids) == [row["id"] for row in NODES]
    assert len(set(world.leg_ids)) == world.n_legs


def test_a_listed_leg_has_the_values_of_the_file(world):
    for i, row in enumerate(EDGES):
        assert world.leg_ids[i] == f"{row['source']}>{row['target']}:{row['mode']}"
        assert world.place_ids[world.tail[i]] == row["source"]
        assert world.place_ids[world.head[i]] == row["target"]
        assert (world.km[i], world.days[i]) == (
            float(row["distance_km"]),
            float(row["travel_days"]),
        )
        assert Mode(world.mode[i]).name.lower() == row["mode"]
        assert world.hazard_class[i] == int(row["hazard_class"])
        assert world.corridors[world.leg_corridor[i]] == row["corridor"]
        assert (MX_ZONES[world.leg_zone[i]] if world.leg_zone[i] >= 0 else "") == row["mx_zone"]
        assert world.is_belt[i] == (row["us_checkpoint_belt"] == "1")


def test_a_reversed_leg_differs_only_in_direction(world):
    names = {name: i for i, name in enumerate(world.leg_ids)}
    for i in np.flatnonzero(world.is_reverse):
        ends, mode = world.leg_ids[i].split(":")
        a, b = ends.split(">")
        twin = names[f"{b}>{a}:{mode}"]
        assert not world.is_reverse[twin]
        for field in ("km", "days", "mode", "hazard_class", "leg_corridor", "leg_zone"):
            assert getattr(world, field)[i] == getattr(world, field)[twin]


def test_out_legs_are_all_legs_that_leave_no_destination(world):
    listed = []
    for place in range(world.n_places):
        legs = world.out_leg[world.out_start[place] : world.out_start[place + 1]]
        assert (world.tail[legs] == place).all()
        assert (np.diff(legs) > 0).all()
        listed.extend(legs.tolist())
    absorbed = np.flatnonzero(world.kind[world.tail] == PlaceKind.DESTINATION)
    assert len(absorbed) == 10
    assert sorted(listed) == sorted(set(range(world.n_legs)) - set(absorbed.tolist()))
    assert world.out_start[-1] == len(world.out_leg)


def test_the_line_and_its_sectors(world):
    for i in range(world.n_legs):
        a, b = world.place_ids[world.tail[i]], world.place_ids[world.head[i]]
        assert world.is_line[i] == (KIND[b] == "crossing_between_ports")
        assert world.is_port[i] == (KIND[b] == "port_of_entry")
        # Only places at the line have a sector in the file.
        sector = SECTORS[world.leg_sector[i]] if world.leg_sector[i] >= 0 else ""
        assert sector == (SECTOR[b] or SECTOR[a])
    assert {SECTORS[s] for s in world.leg_sector[world.is_line]} == set(SECTORS)


def test_the_sweep_order_starts_at_destinations(world):
    at = np.empty(world.n_places, dtype=int)
    at[world.sweep_order] = np.arange(world.n_places)
    assert sorted(world.sweep_order.tolist()) == list(range(world.n_places))
    listed = slice(0, world.n_listed)
    assert (at[world.tail[listed]] > at[world.head[listed]]).all()


def test_units_move_both_ways_along_every_listed_leg_in_the_time_of_its_fastest_mode(world):
    graph = world.mesa_graph()
    ids = dict(graph.nodes(data="id"))
    pairs = {(row["source"], row["target"]) for row in EDGES}
    assert {(ids[a], ids[b]) for a, b in graph.edges} == pairs | {(b, a) for a, b in pairs}
    for i, j, data in graph.edges(data=True):
        ends = {ids[i], ids[j]}
        modes = [float(r["travel_days"]) for r in EDGES if {r["source"], r["target"]} == ends]
        assert data["days"] == min(modes)


def test_arrays_are_read_only_also_after_pickling(world):
    assert world.crossings.size == 12  # pickling must work with this property cached
    for version in (world, pickle.loads(pickle.dumps(world)), copy.deepcopy(world)):
        arrays = [v for v in vars(version).values() if isinstance(v, np.ndarray)]
        assert len(arrays) >= 20
        assert not any(array.flags.writeable for array in arrays)
        with pytest.raises(ValueError, match="read-only"):
            version.out_leg[:] = 0
        assert (version.days == world.days).all()
    with pytest.raises(dataclasses.FrozenInstanceError):
        world.days = world.km
