"""Worlds other than the packaged one: changed, shuffled, with a cycle, or invented."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, load_world
from tests.unit.abm.world.test_passages import write


def test_digest_follows_the_content(folder, edit, world):
    assert load_world(folder).digest == world.digest
    edit("edges.csv", 24, "travel_days", "0.71")
    assert load_world(folder).digest != world.digest


def test_a_world_with_a_cycle_loads_and_all_other_legs_stay_in_order(folder, records, write):
    head, *rows = records("edges.csv")
    back = dict(
        zip(head, next(r for r in rows if r[0] == "cordoba" and r[1] == "puebla"), strict=True)
    )
    back |= {"source": "mexico_city", "target": "cordoba"}
    write("edges.csv", [head, *rows, list(back.values())])
    world = load_world(folder)
    at = np.argsort(world.sweep_order)
    cycle = {"cordoba", "puebla", "mexico_city"}
    positions = sorted(at[world.place_index(place)] for place in cycle)
    assert positions == list(range(positions[0], positions[0] + 3))
    for leg in range(world.n_listed):
        ends = {world.place_ids[world.tail[leg]], world.place_ids[world.head[leg]]}
        if not ends <= cycle:
            assert at[world.tail[leg]] > at[world.head[leg]]


def test_a_crossing_behind_a_destination_is_not_reached(tmp_path):
    """Destinations are absorbing, so no path leads through a destination."""
    write(tmp_path, "home town", "town city", "city line", "line city")
    with pytest.raises(WorldError, match="nodes.csv, row 4, column id: .*from origin 'home'"):
        load_world(tmp_path)


@settings(max_examples=25, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_rows_does_not_change_the_world(tmp_path_factory, chance):
    folder = tmp_path_factory.mktemp("shuffled")
    for name in ("nodes.csv", "edges.csv"):
        head, *lines = (PACKAGED / name).read_text(encoding="utf-8").splitlines()
        chance.shuffle(lines)
        (folder / name).write_text("\n".join([head, *lines]), encoding="utf-8")
    shuffled, world = load_world(folder), load_world()
    assert set(shuffled.leg_ids) == set(world.leg_ids)
    leg = {name: i for i, name in enumerate(world.leg_ids)}
    matching = [leg[name] for name in shuffled.leg_ids]
    for field in ("days", "n_parallel", "leg_sector", "is_reverse", "is_lateral", "is_belt"):
        assert (getattr(shuffled, field) == getattr(world, field)[matching]).all()
