"""The world as the map on the screen gets it: the ground once, and the layout of a frame."""

from __future__ import annotations

import math
from collections import defaultdict
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.world import geography
from abm.world.vocabulary import SECTORS
from viz.figures import basemap, palette
from viz.figures.basemap import Frame
from viz.figures.inputs import MapData
from viz.figures.mapdata import map_data
from viz.figures.place_labels import wanted
from viz.figures.ribbons import visible_legs
from viz.figures.route_map import KIND_MARKS

if TYPE_CHECKING:
    from abm.world.routes import World

WIDTH = 800.0
AROUND = 6.0
"""Degrees of land kept around the window, which a tall screen or a zoomed map shows."""
STAFF_YEAR = 2013
"""Fiscal year whose staff sets the scale of the columns of agents."""
STRAND, BEND = 6.5, 0.16
"""How far the middles of parallel legs lie apart, at most, and as a share of their length."""
MARKS = KIND_MARKS | {
    "crossing_between_ports": ("square", 2.6, palette.MORE),
    "port_of_entry": ("frame", 2.6, palette.MORE),
}
"""Shape, size and colour by kind of place; a port is an open square, a door."""
GROUND, OTHER = {"United States of America": "#eceef1", "Mexico": palette.LAND}, "#f4f2ea"
"""Colours of the two large countries and of all others: the border shows without a line."""
Field = tuple[int, int, str]
"""Offset in bytes, count and kind (u1, u2 or u4)."""


def frame_dtype(legs: int, places: int) -> np.dtype:
    """One frame as a packed record, little-endian.

    Flow: persons on the leg a day, mean of 7 days. Stopped (by Mexico, on the leg), caught and
    away (apprehensions and got-aways, by sector): sums of 7 days. Dead: ten times the deaths
    expected since the start, by sector, the last in Mexico. Kidnapped: since the start. Officers,
    cells (of organisations), agents: at work on the day, by place, place and sector.
    """
    sectors = len(SECTORS)
    return np.dtype(
        [
            ("day", "<u4"),
            ("flow", "<u2", legs),
            ("stopped", "<u2", legs),
            ("caught", "<u2", sectors),
            ("away", "<u2", sectors),
            ("dead", "<u2", sectors + 1),
            ("kidnapped", "<u4"),
            ("officers", "<u2", places),
            ("cells", "u1", places),
            ("agents", "<u2", sectors),
        ]
    )


def layout(legs: int, places: int) -> dict[str, Field]:
    """Where a script finds each field of a frame."""
    fields = frame_dtype(legs, places).fields or {}
    return {
        name: (offset, int(np.prod(dtype.shape, dtype=int)), f"u{dtype.base.itemsize}")
        for name, (dtype, offset, *_) in fields.items()
    }


def frame_bytes(legs: int, places: int) -> int:
    """Length of a frame."""
    return frame_dtype(legs, places).itemsize


def world_payload(world: World) -> dict[str, Any]:
    """All that the map needs once, in units of a page `WIDTH` wide; plain JSON.

    ``core``: the box (left, top, right, bottom) of what must be seen on a small screen.
    ``reading``: places in view in the order in which the arrow keys visit them.
    ``sectors``: name, middle (none where no place is in view), and agents on record.
    """
    data = map_data(world)
    frame = basemap.frame_for(data, WIDTH)
    places = _places(data, frame, world)
    return {
        "width": frame.width,
        "height": round(frame.height, 1),
        "core": _core(places, frame),
        "land": _land(data, frame),
        "names": [[key(n), *_round(x, y), sea] for n, x, y, sea in basemap.names(frame)],
        "places": places,
        "reading": _reading(places),
        "sectors": _sectors(places, world),
        "legs": _legs(data, frame),
        "layout": {
            name: list(field) for name, field in layout(world.n_legs, world.n_places).items()
        },
        "marks": {kind: list(mark) for kind, mark in MARKS.items()},
        "palette": _palette(),
    }


def key(name: str) -> str:
    """The word under which a name on the ground is translated."""
    return "name_" + name.lower().replace(" ", "_")


def _palette() -> dict[str, Any]:
    """The colours of the report."""
    named = ("INK", "MUTED", "WATER", "LAND", "LAND_EDGE", "FLOW")
    return {name.lower(): getattr(palette, name) for name in named}


def _round(*values: float) -> list[float]:
    return [round(float(v), 1) for v in values]


def _land(data: MapData, frame: Frame) -> list[dict[str, str]]:
    """Outlines with their layer and ground colour, a little beyond the window."""
    found = []
    for about, path in basemap.outlines(frame, data.basemap, pad=AROUND, thin=0.5):
        fill = GROUND.get(about.get("name", ""), OTHER)
        found.append({"layer": about.get("layer", ""), "fill": fill, "d": path})
    return found


def _places(data: MapData, frame: Frame, world: World) -> list[dict[str, Any]]:
    """Places in the order of the world; `rank` says which names come first."""
    ranks = {place: rank for rank, (_, place, _) in enumerate(wanted(data, frame))}
    large = {place for _, place, always in wanted(data, frame) if always}
    found = []
    for i, (name, kind) in enumerate(zip(data.place_names, data.place_kinds, strict=True)):
        lon, lat = float(data.lon[i]), float(data.lat[i])
        x, y = frame.point(lon, lat) if math.isfinite(lon + lat) else (0.0, 0.0)
        found.append(
            {
                "name": name,
                "short": name.split(" (")[0],
                "kind": kind,
                "x": round(x, 1),
                "y": round(y, 1),
                "inside": bool(frame.holds(lon, lat)),
                "label": i in ranks,
                "rank": ranks.get(i, len(ranks) + i),
                "large": i in large,
                "sector": int(world.place_sector[i]),
            }
        )
    return found


def _core(places: list[dict[str, Any]], frame: Frame) -> list[float]:
    """The box around the places in view, with a margin; above it stand the sectors' columns."""
    xs = [p["x"] for p in places if p["inside"]] or [0.0, frame.width]
    ys = [p["y"] for p in places if p["inside"]] or [0.0, frame.height]
    pad = 0.03 * frame.width
    return _round(min(xs) - 2 * pad, min(ys) - 2.5 * pad, max(xs) + pad, max(ys) + pad)


def _reading(places: list[dict[str, Any]]) -> list[int]:
    """As one reads: in rows from north to south, each from west to east."""
    inside = [i for i, place in enumerate(places) if place["inside"]]
    return sorted(inside, key=lambda i: (places[i]["y"] // 40, places[i]["x"]))


def _sectors(places: list[dict[str, Any]], world: World) -> list[dict[str, Any]]:
    staff, found = geography.usbp_staffing(STAFF_YEAR), []
    for sector, name in enumerate(SECTORS):
        ends = [p for p in places if p["sector"] == sector and p["inside"]]
        lines = [p for p in ends if p["kind"] == "crossing_between_ports"] or ends
        middle = [sum(p[c] for p in lines) / len(lines) for c in "xy"] if lines else None
        at = _round(*middle) if middle else None
        found.append({"name": name, "at": at, "agents": staff[name]})
    return found


def _legs(data: MapData, frame: Frame) -> list[dict[str, Any]]:
    """Legs in the order of the world; one out of view has no points."""
    lines = _lines(data, frame)
    return [
        {"tail": int(a), "head": int(b), "mode": mode, "points": lines.get(leg, [])}
        for leg, (a, b, mode) in enumerate(zip(data.tail, data.head, data.leg_mode, strict=True))
    ]


def _lines(data: MapData, frame: Frame) -> dict[int, list[float]]:
    """The drawn line of every leg in view; parallel legs fan out, opposite ones keep right."""
    pairs: dict[frozenset[int], list[int]] = defaultdict(list)
    for leg in visible_legs(data, frame):
        pairs[frozenset((int(data.tail[leg]), int(data.head[leg])))].append(leg)
    lines = {}
    for legs in pairs.values():
        ways = [[leg for leg in legs if data.tail[leg] == tail] for tail in set(data.tail[legs])]
        for way in ways:
            for i, leg in enumerate(way):
                aside = i + 0.5 if len(ways) > 1 else i - (len(way) - 1) / 2
                lines[leg] = _line(data, frame, leg, aside)
    return lines


def _line(data: MapData, frame: Frame, leg: int, aside: float) -> list[float]:
    """From place to place, the middle moved to the right by so many strands."""
    a, b = (
        np.array(frame.point(float(data.lon[p]), float(data.lat[p])))
        for p in (data.tail[leg], data.head[leg])
    )
    if aside == 0:
        return _round(*a, *b)
    length = math.hypot(*(b - a))
    right = np.array([a[1] - b[1], b[0] - a[0]]) / length
    bow = right * aside * min(STRAND, BEND * length)
    share = np.linspace(0, 1, 9)[:, None]
    return _round(*(a + share * (b - a) + 4 * share * (1 - share) * bow).ravel())
