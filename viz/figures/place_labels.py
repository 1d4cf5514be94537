"""Names of places on a map: which ones are shown, and where, without overlap."""

import math
from typing import NamedTuple

import numpy as np

from viz.figures.basemap import Frame, MapData
from viz.figures.markup import el, text, text_width
from viz.figures.palette import MUTED
from viz.figures.ribbons import Ribbon

SIZE, LARGE = 11.5, 16.0  # type size of names, and of major ones on a phone (as in the style sheet)
CAPITALS = ("Guatemala City", "San Salvador", "Tegucigalpa")
#: Names that are also shown on a phone, in the larger size.
MAJOR = (
    *("Tapachula", "Mexico City", "Tijuana", "Ciudad Juárez", "Reynosa"),
    *("Houston", "Los Angeles"),
)
#: All names in order of importance.
ORDER = (
    *CAPITALS,
    *MAJOR,
    *("Nogales", "San Pedro Sula", "Dallas", "Phoenix", "Guadalajara", "Monterrey"),
    *("Nuevo Laredo", "Tenosique", "Coatzacoalcos", "Culiacán", "Chihuahua", "Hermosillo"),
    *("San Luis Potosí", "Tampico", "Piedras Negras"),
)
Box = tuple[float, float, float, float]


class Spot(NamedTuple):
    """One position of a name next to its place."""

    x: float
    y: float
    anchor: str
    box: Box
    cost: float


def place_labels(data: MapData, frame: Frame, drawn: list[Ribbon]) -> str:
    """Place the labels of the main places where they cover least; drop labels that do not fit.

    Args:
        data: places.
        frame: the window.
        drawn: ribbons that labels should not cover.

    Returns:
        The labels as SVG.
    """
    places = (place for place in data.places if all(map(math.isfinite, place)))
    covered = [(*frame.point(*place), 9.0) for place in places]
    covered += [(*r.along(t / 12), 0.6 + r.width) for r in drawn for t in range(13)]
    taken, shown, costs = list[Box](), list[str](), np.array(covered).reshape(-1, 3)
    for name, place, major in wanted(data, frame):
        x, y = frame.point(*data.places[place])
        spots = _spots(name, x, y, LARGE if major else SIZE)
        best = _best(spots, frame, taken, costs, 90.0 if major or name in CAPITALS else 24.0)
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
    short = (name.split(" (")[0] for name in data.place_names)
    inside = [(name, i) for i, name in enumerate(short) if frame.holds(*data.places[i])]
    first = dict(reversed(inside))
    found = [(name, first[name], name in MAJOR) for name in ORDER if name in first]
    return found or [(name, place, True) for name, place in inside[:12]]


def _spots(name: str, x: float, y: float, size: float) -> list[Spot]:
    """Return positions of a name around a point, near ones first."""
    wide, found = 0.93 * text_width(name, size), list[Spot]()
    starts = {"start": 0.0, "end": -wide, "middle": -wide / 2}
    for gap, far in ((7.0, 0.0), (13.0, 4.0), (20.0, 12.0), (30.0, 30.0)):
        right = ((gap, 4.0), (gap * 0.6, -gap), (gap * 0.6, gap + 8))
        sides = [(s * dx, dy, to) for dx, dy in right for s, to in ((1, "start"), (-1, "end"))]
        for dx, dy, anchor in (*sides, (0.0, -gap - 1, "middle"), (0.0, gap + 9, "middle")):
            left = starts[anchor] + x + dx
            box = (left - 2, y + dy - size, left + wide + 2, y + dy + 3)
            found.append(Spot(x + dx, y + dy, anchor, box, far + 0.35 * len(found)))
    return found


def _best(
    spots: list[Spot], frame: Frame, taken: list[Box], costs: np.ndarray, limit: float
) -> Spot | None:
    """Return the position of a name with the lowest cost; None if none is acceptable."""
    best, lowest = None, limit
    x, y, cost = costs.T  # points that a name should not cover
    for spot in spots:
        left, top, right, bottom = spot.box
        inside = left >= 2 and top >= 2 and right <= frame.width - 2 and bottom <= frame.height - 2
        if inside and not any(_touch(spot.box, other) for other in taken):
            hidden = (left <= x) & (x <= right) & (top <= y) & (y <= bottom)
            total = spot.cost + float(cost[hidden].sum())
            if total < lowest:
                best, lowest = spot, total
    return best


def _touch(a: Box, b: Box) -> bool:
    """Return whether two boxes overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]
