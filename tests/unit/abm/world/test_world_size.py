"""The largest worlds load, and their places are ordered, within seconds."""

from __future__ import annotations

import time
from pathlib import Path

import numpy as np
import pytest

from abm.world.compiled import solving_order
from abm.world.errors import WorldError
from abm.world.routes import MAX_LOOP, load_world
from abm.world.tables import MAX_ROWS
from tests.unit.abm.world.test_passages import EDGE, NODE


def chain(folder: Path, places: int, corridor: str = "north", loop: int = 10**6) -> Path:
    """Write a world in which one way leads through all places.

    The first `loop` legs belong to `corridor`.
    """
    inside = [f"t{k}" for k in range(places - 2)]
    nodes = [
        f"{place},x,MX,x,31,-111,transit,,0,x,,{int(place == 't0')},0,z,,x" for place in inside
    ]
    nodes += ["line,x,US,x,31,-111,crossing_between_ports,,0,desert,Tucson,0,0,z,,x"]
    nodes += ["city,x,US,x,31,-111,destination,,0,x,,0,0,z,,x"]
    ways = zip(["t0", *inside], [*inside, "line"], strict=True)
    edges = [
        f"{a},{b},road,{corridor if k < loop else 'north'},55,1.2,66,1,1,{int(b == 'line')},0,"
        "north,x"
        for k, (a, b) in enumerate(ways)
        if a != b
    ]
    edges += ["line,city,road,north,55,1.2,66,1,1,0,1,,x"]
    (folder / "nodes.csv").write_text("\n".join([NODE, *nodes]), encoding="utf-8")
    (folder / "edges.csv").write_text("\n".join([EDGE, *edges]), encoding="utf-8")
    return folder


@pytest.mark.parametrize(("places", "seconds"), [(800, 2.0), (MAX_ROWS, 20.0)])
def test_a_large_world_is_read_and_ordered(tmp_path: Path, places: int, seconds: float):
    """The usual time is a tenth of the limit. A cubic algorithm took 11 s for 800 places."""
    chain(tmp_path, places)
    start = time.process_time()
    world = load_world(tmp_path)
    order, ends = solving_order(world)
    assert time.process_time() - start < seconds
    assert order.tolist() == [places - 1, places - 2, *range(places - 3, -1, -1)]
    assert ends.tolist() == list(range(1, places + 1))
    assert np.array_equal(order, world.sweep_order)


def test_a_world_above_the_limit_raises_an_error_with_the_first_excess_row(tmp_path: Path):
    with pytest.raises(WorldError, match=r"nodes.csv, row 16002: too many rows: .* 16,000"):
        load_world(chain(tmp_path, MAX_ROWS + 1))


def test_a_loop_has_at_most_100_places(tmp_path: Path):
    """Legs of the northern border are read in both directions, so that they form a loop."""
    chain(tmp_path, MAX_LOOP + 9, "northern_border", loop=MAX_LOOP)
    _, ends = solving_order(load_world(tmp_path))
    assert max(np.diff([0, *ends])) == MAX_LOOP
    chain(tmp_path, MAX_LOOP + 9, "northern_border", loop=MAX_LOOP + 1)
    with pytest.raises(WorldError) as caught:
        load_world(tmp_path)
    assert str(caught.value) == (
        "edges.csv, row 2, column target: 101 places lead to each other and back (t0, t1, ...): "
        "expected at most 100 places in a loop of legs"
    )
