"""Names of places on a map: which ones are shown, and where, without overlap."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from viz.figures.basemap import Frame, Point
from viz.figures.mapdata import MapData
from viz.figures.markup import el, text, text_width
from viz.figures.palette import MUTED
from viz.figures.ribbons import Ribbon

SIZE, LARGE = 11.5, 16.0
"""Type sizes of names, and of the few names on a phone (as in the style sheet)."""
MAJOR = {
    "Mexico City",
    "Tijuana",
    "Ciudad Juárez",
    "Reynosa",
    "Tapachula",
    "Houston",
    "Los Angeles",
}
"""Names that are also shown on a phone, in the larger size."""
CAPITALS = {"Tegucigalpa", "San Salvador", "Guatemala City"}
ORDER = (
    "Guatemala City",
    "San Salvador",
    "Tegucigalpa",
    "Tapachula",
    "Mexico City",
    "Tijuana",
    "Ciudad Juárez",
    "Reynosa",
    "Houston",
    "Los Angeles",
    "Nogales",
    "San Pedro Sula",
    "Dallas",
    "Phoenix",
    "Guadalajara",
    "Monterrey",
    "Nuevo Laredo",
    "Tenosique",
    "Coatzacoalcos",
    "Culiacán",
    "Chihuahua",
    "Hermosillo",
    "San Luis Potosí",
    "Tampico",
    "Piedras Negras",
)
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Spot:
    """One position of a name next to its place."""

    x: float
    y: float
    anchor: str
    box: Box
    cost: float


def place_labels(data: MapData, frame: Frame, drawn: list[Ribbon]) -> str:
    """Write the names of the main places where they cover least; drop names without space.

    Args:
        data: places.
        frame: the window.
        drawn: ribbons that names should not cover.

    Returns:
        The names as SVG.
    """
    taken: list[Box] = []
    dots = _dots(data, frame)
    lines = [(r.along(t / 12), r.width) for r in drawn for t in range(13)]
    shown = []
    for name, place, major in wanted(data, frame):
        x, y = frame.point(float(data.lon[place]), float(data.lat[place]))
        best = _best(
            _spots(name, x, y, LARGE if major else SIZE),
            frame,
            taken,
            dots,
            lines,
            90.0 if major or name in CAPITALS else 24.0,
        )
        if best is None:
            continue
        taken.append(best.box)
        kind = "place" if major else "place minor"
        look: dict[str, object] = {"paint_order": "stroke", "stroke": "#fff"}
        look |= {"stroke_width": 3, "stroke_linejoin": "round", "class_": kind}
        if best.cost >= 12.0:
            ends = {"x1": x, "y1": y, "x2": best.x, "y2": best.y - 4}
            shown.append(el("line", **ends, stroke=MUTED, stroke_width="0.7", class_=kind))
        shown.append(text(best.x, best.y, name, SIZE, text_anchor=best.anchor, **look))
    return "".join(shown)


def wanted(data: MapData, frame: Frame) -> list[tuple[str, int, bool]]:
    """Return the places to name in order of importance; in another world the first twelve.

    Args:
        data: places.
        frame: the window.

    Returns:
        Name, index of the place, and whether it is also shown on a phone.
    """
    short = [name.split(" (")[0] for name in data.place_names]
    inside = [frame.holds(x, y) for x, y in zip(data.lon, data.lat, strict=True)]
    found = []
    for name in ORDER:
        place = next((i for i, s in enumerate(short) if s == name and inside[i]), None)
        if place is not None:
            found.append((name, place, name in MAJOR))
    if found:
        return found
    return [(s, i, True) for i, s in enumerate(short) if inside[i]][:12]


def _dots(data: MapData, frame: Frame) -> list[Point]:
    """Return the positions of the marks of places."""
    ok = np.isfinite(data.lat) & np.isfinite(data.lon)
    return [
        frame.point(float(x), float(y)) for x, y, k in zip(data.lon, data.lat, ok, strict=True) if k
    ]


def _spots(name: str, x: float, y: float, size: float) -> list[Spot]:
    """Return positions of a name around a point, near ones first."""
    wide = 0.93 * text_width(name, size)
    found = []
    for gap, far in ((7.0, 0.0), (13.0, 4.0), (20.0, 12.0), (30.0, 30.0)):
        for dx, dy, anchor in (
            (gap, 4.0, "start"),
            (-gap, 4.0, "end"),
            (gap * 0.6, -gap, "start"),
            (-gap * 0.6, -gap, "end"),
            (gap * 0.6, gap + 8, "start"),
            (-gap * 0.6, gap + 8, "end"),
            (0.0, -gap - 1, "middle"),
            (0.0, gap + 9, "middle"),
        ):
            left = {"start": 0.0, "end": -wide, "middle": -wide / 2}[anchor] + x + dx
            box = (left - 2, y + dy - size, left + wide + 2, y + dy + 3)
            found.append(Spot(x + dx, y + dy, anchor, box, far + 0.35 * len(found)))
    return found


def _best(
    spots: list[Spot],
    frame: Frame,
    taken: list[Box],
    dots: list[Point],
    lines: list[tuple[Point, float]],
    limit: float,
) -> Spot | None:
    """Return the position that covers least; None if every position touches another name."""
    best, lowest = None, limit
    for spot in spots:
        a, b, c, d = spot.box
        off = a < 2 or b < 2 or c > frame.width - 2 or d > frame.height - 2
        if off or any(_touch(spot.box, other) for other in taken):
            continue
        cost = spot.cost + sum(9.0 for p in dots if _inside(p, spot.box))
        cost += sum(0.6 + width for p, width in lines if _inside(p, spot.box))
        if cost < lowest:
            best, lowest = spot, cost
    return best


def _inside(point: Point, box: Box) -> bool:
    """Return whether a point is inside a box."""
    return box[0] <= point[0] <= box[2] and box[1] <= point[1] <= box[3]


def _touch(a: Box, b: Box) -> bool:
    """Return whether two boxes overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
