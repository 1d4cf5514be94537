"""Places and legs of a world as data for maps, their projection, and the outlines below them."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from matplotlib.path import Path
from matplotlib.transforms import Bbox

from abm.world import geography
from abm.world.routes import World
from abm.world.vocabulary import KIND_NAMES, MODE_NAMES
from viz.figures.markup import el, num, text
from viz.figures.palette import LAND, LAND_EDGE

WINDOW = (-125.0, -84.0, 11.7, 37.5)
PAD, THIN = 0.5, 1.2  # degrees of land around the window; smallest distance of points, page units
#: Names of countries and seas, their longitude and latitude, and whether it is a sea.
NAMES = (
    ("UNITED STATES", -98.2, 36.3, False),
    ("MEXICO", -99.9, 17.45, False),
    ("Pacific Ocean", -115.3, 21.6, True),
    ("Gulf of Mexico", -91.9, 25.4, True),
)
Point = tuple[float, float]


@dataclass(frozen=True)
class MapData:
    """Places, legs between them, and the outlines of countries."""

    place_names: list[str]
    place_kinds: list[str]
    lat: np.ndarray
    lon: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    leg_mode: list[str]
    basemap: dict[str, Any]

    @cached_property
    def places(self) -> list[tuple[float, float]]:
        """Longitude and latitude of every place, in degrees."""
        return list(zip(self.lon.tolist(), self.lat.tolist(), strict=True))


def map_data(world: World) -> MapData:
    """Return the places and legs of a world."""
    kinds = {code: name for name, code in KIND_NAMES.items()}
    modes = {code: name for name, code in MODE_NAMES.items()}
    names, place_kinds = list(world.place_names), [kinds[kind] for kind in world.kind.tolist()]
    positions, ends = (world.lat, world.lon), (world.tail, world.head)
    leg_mode = [modes[mode] for mode in world.mode.tolist()]
    return MapData(names, place_kinds, *positions, *ends, leg_mode, geography.basemap())


@dataclass(frozen=True)
class Frame:
    """An equirectangular window, true to scale at its middle latitude."""

    west: float
    east: float
    south: float
    north: float
    width: float

    @property
    def scale(self) -> Point:
        """Page units per degree of longitude and per degree of latitude."""
        unit = self.width / (self.east - self.west)
        return unit, unit / math.cos(math.radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """Height in page units."""
        return (self.north - self.south) * self.scale[1]

    def point(self, lon: float, lat: float) -> Point:
        """Project a place.

        Args:
            lon, lat: degrees.

        Returns:
            x and y in page units from the upper left corner.
        """
        right, down = self.scale
        return (lon - self.west) * right, (self.north - lat) * down

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
    known = [place for place in data.places if all(map(math.isfinite, place))]
    if not known or any(usual.holds(*place) for place in known):
        return usual
    lon, lat = zip(*known, strict=True)
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
    texts = []
    for name, x, y, sea in names(frame):
        look: dict[str, object] = {"fill": "#8ba3b8" if sea else "#a8a28f"}
        look |= {"font_style": "italic"} if sea else {"letter_spacing": 2}
        texts.append(text(x, y, name, 10, text_anchor="middle", **look))
    lines = el("g", lines, opacity="0.7") if states else ""
    return ground + lines + el("g", *texts, class_="minor")


def outlines(
    frame: Frame, basemap: dict[str, Any], pad: float = PAD, thin: float = THIN
) -> Iterator[tuple[dict[str, Any], str]]:
    """Clip all outlines to the window and drop points that are too close to be distinguished.

    Args:
        frame: the window.
        basemap: GeoJSON of polygons.
        pad: degrees of land kept around the window.
        thin: smallest distance between points, page units.

    Yields:
        Properties and path data of each outline.
    """
    sides = (frame.west - pad, frame.south - pad, frame.east + pad, frame.north + pad)
    box = Bbox.from_extents(*sides)
    for feature in basemap["features"]:
        parts, kind = feature["geometry"]["coordinates"], feature["geometry"]["type"]
        polygons = parts if kind == "MultiPolygon" else [parts]
        rings = (ring for polygon in polygons for ring in polygon)
        path = "".join(_ring_path(frame, ring, box, thin) for ring in rings)
        if path:
            yield feature["properties"], path


def names(frame: Frame) -> Iterator[tuple[str, float, float, bool]]:
    """Yield countries and seas of the window: name, x, y, and whether it is a sea."""
    for name, lon, lat, sea in NAMES:
        if frame.holds(lon, lat):
            yield (name, *frame.point(lon, lat), sea)


def _ring_path(frame: Frame, ring: list[Point], box: Bbox, thin: float) -> str:
    """Return the path data of one closed ring; empty if it is outside of a box or too small."""
    points = np.asarray(Path(ring).clip_to_bbox(box).vertices)
    if not box.contains(*ring[0]):
        points = points[:-1]  # a ring that was cut open is closed again by a last point
    kept: list[Point] = []
    for x, y in (frame.point(*point) for point in points):
        if not kept or abs(x - kept[-1][0]) + abs(y - kept[-1][1]) > thin:
            kept.append((x, y))
    if len(kept) < 3:
        return ""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in kept) + "Z"
