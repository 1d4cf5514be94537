"""Places and legs of a world as data for maps on paper and on the screen, and their projection."""

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
from viz.figures.palette import LAND, NORTH, OTHER_LAND

WINDOW = (-125.0, -84.0, 11.7, 37.5)
#: Name of each country or sea, its longitude and latitude, and whether it is a sea.
NAMES = (
    ("UNITED STATES", -103.0, 33.7, False),
    ("MEXICO", -99.9, 17.45, False),
    ("Pacific Ocean", -115.3, 21.6, True),
    ("Gulf of Mexico", -91.9, 25.4, True),
)
#: Places that maps name, in order of importance. On a phone, only `_MAJOR` places have names.
_MAJOR = (
    *("Tapachula", "Mexico City", "Tijuana", "Ciudad Juárez", "Reynosa"),
    *("Houston", "Los Angeles"),
)
_NAMED = (
    *("Guatemala City", "San Salvador", "Tegucigalpa"),
    *_MAJOR,
    *("Nogales", "San Pedro Sula", "Dallas", "Phoenix", "Guadalajara", "Monterrey"),
    *("Nuevo Laredo", "Tenosique", "Coatzacoalcos", "Culiacán", "Chihuahua", "Hermosillo"),
    *("San Luis Potosí", "Tampico", "Piedras Negras"),
)
_MEXICO, _STATES = "Mexico", "United States of America"
_FILLS = {_MEXICO: LAND, _STATES: NORTH}
type Point = tuple[float, float]


@dataclass(frozen=True, eq=False)
class MapData:
    """Places, legs between them, and country outlines."""

    place_names: list[str]
    place_kinds: list[str]
    lat: np.ndarray
    lon: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    leg_mode: list[str]
    basemap: dict[str, Any]

    @cached_property
    def places(self) -> list[Point]:
        """Longitude and latitude of every place, in degrees."""
        return list(zip(self.lon.tolist(), self.lat.tolist(), strict=True))


def map_data(world: World) -> MapData:
    """Return a world's places and legs."""
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
        """Page units per degree in longitude and in latitude."""
        unit = self.width / (self.east - self.west)
        return unit, unit / math.cos(math.radians((self.south + self.north) / 2))

    @property
    def height(self) -> float:
        """Height in page units."""
        return (self.north - self.south) * self.scale[1]

    def point(self, lon: float, lat: float) -> Point:
        """Project degrees to page units, counted from the upper left corner."""
        right, down = self.scale
        return (lon - self.west) * right, (self.north - lat) * down

    def holds(self, lon: float, lat: float) -> bool:
        """Return whether a point in degrees is inside the window or on its edge."""
        return self.west <= lon <= self.east and self.south <= lat <= self.north


def frame_for(data: MapData, width: float) -> Frame:
    """Return the default window or, for a world outside of it, a window around all places.

    Args:
        data: places of the world.
        width: width of the map in page units.

    Returns:
        The window.
    """
    usual = Frame(*WINDOW, width)
    if any(usual.holds(*place) for place in data.places):
        return usual
    lon, lat = zip(*data.places, strict=True)
    pad = 0.1 * max(max(lon) - min(lon), max(lat) - min(lat), 1.0)
    return Frame(min(lon) - pad, max(lon) + pad, min(lat) - pad, max(lat) + pad, width)


def outlines(
    data: MapData, frame: Frame, *, pad: float = 0.5, thin: float = 1.2
) -> Iterator[tuple[str, list[list[Point]]]]:
    """Clip all outlines to the window, and drop points that are too close to be distinguished.

    Args:
        data: the outlines.
        frame: the window.
        pad: degrees of land to keep around the window.
        thin: minimum distance between points, in page units.

    Yields:
        A country's fill colour, or "" for a U.S. state, and its rings in page units.
    """
    sides = (frame.west - pad, frame.south - pad, frame.east + pad, frame.north + pad)
    box = Bbox.from_extents(*sides)
    for feature in data.basemap["features"]:
        about = feature["properties"]
        fill = _FILLS.get(about.get("name", ""), OTHER_LAND)
        rings = [_clipped(frame, ring, box, thin) for ring in _rings(feature)]
        if any(rings):
            yield "" if about.get("layer") == "us_state" else fill, list(filter(None, rings))


def _rings(feature: dict[str, Any]) -> list[list[Point]]:
    """Return the rings of a country or state, in degrees."""
    parts, kind = feature["geometry"]["coordinates"], feature["geometry"]["type"]
    polygons = parts if kind == "MultiPolygon" else [parts]
    return [[(x, y) for x, y, *_ in ring] for polygon in polygons for ring in polygon]


def _clipped(frame: Frame, ring: list[Point], box: Bbox, thin: float) -> list[Point]:
    """Clip a ring and project it to page units. A ring outside or too small becomes empty."""
    points = np.asarray(Path(ring).clip_to_bbox(box).vertices)
    if not box.contains(*ring[0]):
        points = points[:-1]  # The last point of a clipped ring repeats the first.
    spaced: list[Point] = []
    for x, y in (frame.point(*point) for point in points):
        if not spaced or abs(x - spaced[-1][0]) + abs(y - spaced[-1][1]) > thin:
            spaced.append((x, y))
    return spaced if len(spaced) > 2 else []


def border(data: MapData) -> list[Point]:
    """Return the border between the United States and Mexico in degrees, or [] if there is none.

    It is Mexico's outline from the first to the last point that the outline of the United States
    contains too. In between, along the Rio Grande, the points of the two outlines differ.
    """
    rings: dict[str, list[list[Point]]] = {_MEXICO: [], _STATES: []}
    for feature in data.basemap["features"]:
        about = feature["properties"]
        if about.get("name") in rings and about.get("layer") != "us_state":
            rings[about["name"]] += _rings(feature)
    shared = {point for ring in rings[_STATES] for point in ring}
    ring = max(rings[_MEXICO], key=lambda ring: len(shared.intersection(ring)), default=[])
    common = [i for i, point in enumerate(ring) if point in shared]
    if len(common) < 2:
        return []
    gaps = [(b - a) % len(ring) for a, b in zip(common, common[1:] + common[:1], strict=True)]
    last = gaps.index(max(gaps))  # The coast is between this common point and the next.
    first, count = common[(last + 1) % len(common)], len(ring) - max(gaps) + 1
    return [ring[(first + i) % len(ring)] for i in range(count)]


def named_places(data: MapData, frame: Frame) -> list[tuple[str, int, bool]]:
    """Return the places whose names a map shows, the most important first.

    If a world has none of the usual places, the map names its first twelve places in the window.

    Args:
        data: places.
        frame: the window.

    Returns:
        Name and index of each place, and whether a phone also shows the name.
    """
    short = (name.split(" (")[0] for name in data.place_names)
    inside = [(name, i) for i, name in enumerate(short) if frame.holds(*data.places[i])]
    first = dict(reversed(inside))
    labels = [(name, first[name], name in _MAJOR) for name in _NAMED if name in first]
    return labels or [(name, place, True) for name, place in inside[:12]]


def visible_legs(data: MapData, frame: Frame) -> list[int]:
    """Return the indices of all legs between different places with an end inside the window.

    Args:
        data: places and legs.
        frame: the window.
    """
    tail, head = data.tail, data.head
    inside = np.array([frame.holds(*place) for place in data.places])
    return np.flatnonzero((tail != head) & (inside[tail] | inside[head])).tolist()
