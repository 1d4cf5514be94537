"""Data of the maps on the screen: the world, which is sent once, and the layout of frames."""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np

from abm.world.vocabulary import SECTORS
from viz.figures import basemap
from viz.figures.basemap import Frame, MapData, Point, map_data
from viz.figures.corridors import corridors_of
from viz.figures.markup import num

if TYPE_CHECKING:
    from abm.world.routes import World

SHOW = {"flow": True, "people": True, "stops": True, "deaths": True} | dict.fromkeys(
    ("places", "officers", "agents", "organisations"), False
)
"""The layers of the map. Three marks are shown by default: flow with people, stops, deaths."""
SMALLEST_DIFFERENCE = 10.0
"""Smallest difference of flows that the map of differences draws, persons a day [A]."""
_MIGRANTS_A_WEEK = 3  # [A] minimum difference of flows to draw, in simulated migrants per week
WIDTH = 800.0
_MARGIN = 20.0  # degrees of land around the window, which a wide or tall screen shows


def frame_dtype(legs: int, places: int) -> np.dtype:
    """Return the type of a frame, a packed little-endian record.

    The field "flow" has the persons per day on each leg, as a 7-day mean. "stopped" (by Mexico, by
    leg), "caught" and "away" (apprehensions and got-aways by sector) are 7-day sums. "dead" is the
    number of expected deaths since the start times 1,000, by sector and last in Mexico. "kidnapped"
    counts from the start. "officers" and "cells" (by place) and "agents" (by sector) are at work on
    the day.

    Args:
        legs, places: numbers of legs and of places in the world.
    """
    sectors = len(SECTORS)
    return np.dtype(
        [
            ("day", "<u4"),
            ("flow", "<u2", legs),
            ("stopped", "<u2", legs),
            ("caught", "<u2", sectors),
            ("away", "<u2", sectors),
            ("dead", "<u4", sectors + 1),
            ("kidnapped", "<u4"),
            ("officers", "<u2", places),
            ("cells", "u1", places),
            ("agents", "<u2", sectors),
        ]
    )


def smallest_difference(scale: int) -> float:
    """Return the minimum difference of flows that is drawn, in persons per day.

    Args:
        scale: persons per simulated migrant.
    """
    return max(SMALLEST_DIFFERENCE, round(_MIGRANTS_A_WEEK * scale / 7))


def frame_layout(dtype: np.dtype) -> dict[str, list[Any]]:
    """Return the offset in bytes, the count and the type (u1, u2 or u4) of each field."""
    return {
        name: [offset, int(np.prod(field.shape, dtype=int)), f"u{field.base.itemsize}"]
        for name, (field, offset, *_) in (dtype.fields or {}).items()
    }


def world_payload(world: World) -> dict[str, Any]:
    """Return the data that a map needs once, as a JSON object for a map that is `WIDTH` wide.

    ``corridors`` lists the sections of each curve, and ``course`` the sections that a leg follows,
    as in `viz.figures.corridors`. ``core`` is the box (left, top, right, bottom) that a small
    screen must show. ``reading`` lists the places in view in the order of the arrow keys, in rows
    from north to south. ``sectors`` have a name and a middle, which is None if no place is in view.
    """
    data = map_data(world)
    frame = basemap.frame_for(data, WIDTH)
    places = _places(data, frame, world)
    inside = [i for i, place in enumerate(places) if place["inside"]]
    return {
        "width": frame.width,
        "height": round(frame.height, 1),
        "core": _core(places, frame),
        "land": _land(data, frame),
        "names": _names(frame),
        "places": places,
        "reading": sorted(inside, key=lambda i: (places[i]["y"] // 40, places[i]["x"])),
        "sectors": _sectors(places),
        "layout": frame_layout(frame_dtype(world.n_legs, world.n_places)),
        "border": _path(frame.point(*place) for place in basemap.border(data)),
    } | _corridors(data, frame)


def _names(frame: Frame) -> list[list[Any]]:
    """Return each name of a country or sea in view: key, position, and whether it is a sea."""
    inside = (name for name in basemap.NAMES if frame.holds(*name[1:3]))
    return [
        [name_key(name), *_round(*frame.point(lon, lat)), sea] for name, lon, lat, sea in inside
    ]


def name_key(name: str) -> str:
    """Return the text key of a name on the map."""
    return f"name_{name.lower().replace(' ', '_')}"


def _round(*values: float) -> list[float]:
    return [round(float(v), 1) for v in values]


def _land(data: MapData, frame: Frame) -> list[dict[str, str]]:
    """Return the outlines in and around the window as path data with their colours."""
    return [
        {"fill": fill, "d": "".join(f"{_path(ring)}Z" for ring in rings)}
        for fill, rings in basemap.outlines(data, frame, pad=_MARGIN, thin=0.5)
    ]


def _path(points: Iterable[Point]) -> str:
    """Return path data through points, as short relative steps, or "" if there are no points."""
    steps = np.diff(np.round([(0.0, 0.0), *points], 1), axis=0).tolist()
    return f"M0 0m{' '.join(f'{num(x)} {num(y)}' for x, y in steps)}" if steps else ""


def _places(data: MapData, frame: Frame, world: World) -> list[dict[str, Any]]:
    """Return the places in the order of the world. Names with a low `rank` are drawn first."""
    labels = basemap.named_places(data, frame)
    ranks = {place: rank for rank, (_, place, _) in enumerate(labels)}
    large = {place for _, place, always in labels if always}
    rows = []
    for i, (name, kind) in enumerate(zip(data.place_names, data.place_kinds, strict=True)):
        lon, lat = float(data.lon[i]), float(data.lat[i])
        x, y = frame.point(lon, lat) if math.isfinite(lon + lat) else (0.0, 0.0)
        about = {"name": name, "kind": kind, "mexican": world.country[i] == "MX"}
        at = {"x": round(x, 1), "y": round(y, 1), "inside": bool(frame.holds(lon, lat))}
        label = {"label": i in ranks, "rank": ranks.get(i, len(ranks) + i), "large": i in large}
        rows.append(about | at | label | {"sector": int(world.place_sector[i])})
    return rows


def _core(places: list[dict[str, Any]], frame: Frame) -> list[float]:
    """Return the box around the places in view, with a margin for marks and names."""
    xs = [p["x"] for p in places if p["inside"]] or [0.0, frame.width]
    ys = [p["y"] for p in places if p["inside"]] or [0.0, frame.height]
    pad = 0.03 * frame.width
    return _round(min(xs) - 2 * pad, min(ys) - 2.5 * pad, max(xs) + pad, max(ys) + pad)


def _sectors(places: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each sector's name and the mean position of its crossings in view."""
    sectors = []
    for sector, name in enumerate(SECTORS):
        ends = [p for p in places if p["sector"] == sector and p["inside"]]
        lines = [p for p in ends if p["kind"] == "crossing_between_ports"] or ends
        at = _round(*(sum(p[c] for p in lines) / len(lines) for c in "xy")) if lines else None
        sectors.append({"name": name, "at": at})
    return sectors


def _corridors(data: MapData, frame: Frame) -> dict[str, Any]:
    """Return the curves, and each leg's places and course in the world's order."""
    corridors = corridors_of(data, frame)
    ends = data.tail.tolist(), data.head.tolist()
    sections = [
        {"tail": part.tail, "head": part.head, "points": _round(*sum(part.points, ()))}
        for part in corridors.sections
    ]
    legs = [
        {"tail": tail, "head": head, "mode": mode, "course": course}
        for tail, head, mode, course in zip(*ends, data.leg_mode, corridors.courses, strict=True)
    ]
    return {"corridors": corridors.chains, "sections": sections, "legs": legs}
