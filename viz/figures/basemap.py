"""Map projection, and the outlines and names below the routes."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.figures.mapdata import MapData
from viz.figures.markup import el, num, text
from viz.figures.palette import LAND, LAND_EDGE

WINDOW = (-125.0, -84.0, 11.7, 37.5)
PAD, THIN = 0.5, 1.2
"""Degrees of land around the window; points closer than this (page units) are dropped."""
NAMES = (
    ("UNITED STATES", -98.2, 36.3, False),
    ("MEXICO", -99.9, 17.45, False),
    ("Pacific Ocean", -115.3, 21.6, True),
    ("Gulf of Mexico", -91.9, 25.4, True),
)
"""Names of countries and seas, their longitude and latitude, and whether it is a sea."""
Point = tuple[float, float]


@dataclass(frozen=True)
class Frame:
    """An equirectangular window, true to scale at its middle latitude."""

    west: float
    east: float
    south: float
    north: float
    width: float

    @property
    def unit(self) -> float:
        """Page units per degree of longitude."""
        return self.width / (self.east - self.west)

    @property
    def stretch(self) -> float:
        """Ratio of the length of a degree of latitude to one of longitude."""
        return 1.0 / math.cos(math.radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """Height in page units."""
        return (self.north - self.south) * self.unit * self.stretch

    def point(self, lon: float, lat: float) -> Point:
        """Project a place.

        Args:
            lon, lat: degrees.

        Returns:
            x and y in page units from the upper left corner.
        """
        return ((lon - self.west) * self.unit, (self.north - lat) * self.unit * self.stretch)

    def holds(self, lon: float, lat: float) -> bool:
        """Return whether a place is inside the window.

        Args:
            lon, lat: degrees.

        Returns:
            True inside or on the edge.
        """
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def frame_for(data: MapData, width: float) -> Frame:
    """Return the default window, or for a world outside it the window of its places.

    Args:
        data: places of the world.
        width: width of the map in page units.

    Returns:
        The window.
    """
    usual = Frame(*WINDOW, width)
    pairs = [
        (x, y) for x, y in zip(data.lon, data.lat, strict=True) if np.isfinite(x) and np.isfinite(y)
    ]
    if not pairs or any(usual.holds(x, y) for x, y in pairs):
        return usual
    lon, lat = [p[0] for p in pairs], [p[1] for p in pairs]
    pad = 0.1 * max(max(lon) - min(lon), max(lat) - min(lat), 1.0)
    return Frame(min(lon) - pad, max(lon) + pad, min(lat) - pad, max(lat) + pad, width)


def land(frame: Frame, basemap: dict[str, Any]) -> str:
    """Draw countries, the U.S. border states as fine lines, and names.

    Args:
        frame: the window.
        basemap: GeoJSON with the property `layer`.

    Returns:
        The elements as SVG.
    """
    fills, states = [], []
    for about, path in outlines(frame, basemap):
        (states if about.get("layer") == "us_state" else fills).append(path)
    ground = el("path", d="".join(fills), fill=LAND, stroke=LAND_EDGE, stroke_width=0.8)
    lines = el("path", d="".join(states), fill="none", stroke=LAND_EDGE, stroke_width=0.5)
    return ground + (el("g", lines, opacity="0.7") if states else "") + _names(frame)


def outlines(
    frame: Frame, basemap: dict[str, Any], pad: float = PAD, thin: float = THIN
) -> Iterator[tuple[dict[str, Any], str]]:
    """Clip all outlines to the window and drop points that are too close to see.

    Args:
        frame: the window.
        basemap: GeoJSON of polygons.
        pad: degrees of land kept around the window.
        thin: smallest distance between points, page units.

    Yields:
        Properties and path data of each outline.
    """
    for feature in basemap.get("features", ()):
        rings = _rings(feature.get("geometry") or {})
        path = "".join(_ring_path(frame, ring, pad, thin) for ring in rings)
        if path:
            yield feature.get("properties", {}), path


def names(frame: Frame) -> Iterator[tuple[str, float, float, bool]]:
    """Yield countries and seas of the window: name, x, y, and whether it is a sea."""
    for name, lon, lat, sea in NAMES:
        if frame.holds(lon, lat):
            yield (name, *frame.point(lon, lat), sea)


def _names(frame: Frame) -> str:
    """Return faint names of countries and seas."""
    shown = []
    for name, x, y, sea in names(frame):
        look: dict[str, object] = {"fill": "#8ba3b8" if sea else "#a8a28f"}
        look |= {"font_style": "italic"} if sea else {"letter_spacing": 2}
        shown.append(text(x, y, name, 10, text_anchor="middle", **look))
    return el("g", *shown, class_="minor")


def _rings(geometry: dict[str, Any]) -> Iterator[list[Point]]:
    """Yield all rings of a polygon or multipolygon."""
    kind, parts = geometry.get("type"), geometry.get("coordinates", [])
    polygons = parts if kind == "MultiPolygon" else [parts] if kind == "Polygon" else []
    for polygon in polygons:
        for ring in polygon:
            yield [(float(p[0]), float(p[1])) for p in ring]


def _ring_path(frame: Frame, ring: list[Point], pad: float, thin: float) -> str:
    """Return the path data of one ring; empty if it is outside or too small."""
    for axis, limit, sign in (
        (0, frame.west - pad, 1),
        (0, frame.east + pad, -1),
        (1, frame.south - pad, 1),
        (1, frame.north + pad, -1),
    ):
        ring = _clip(ring, axis, limit, sign)
    kept: list[Point] = []
    for lon, lat in ring:
        x, y = frame.point(lon, lat)
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > thin:
            kept.append((x, y))
    if len(kept) < 3:
        return ""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in kept) + "Z"


def _clip(ring: list[Point], axis: int, limit: float, sign: int) -> list[Point]:
    """Return the part of a ring on one side of a line (Sutherland and Hodgman)."""
    out: list[Point] = []
    for before, here in zip(ring[-1:] + ring[:-1], ring, strict=True):
        inside, was = sign * (here[axis] - limit) >= 0, sign * (before[axis] - limit) >= 0
        if inside != was:
            share = (limit - before[axis]) / (here[axis] - before[axis])
            cut = tuple(b + share * (h - b) for b, h in zip(before, here, strict=True))
            out.append((cut[0], cut[1]))
        if inside:
            out.append(here)
    return out
