"""Legs as ribbons: width by flow, parallel legs side by side, arrowheads for the direction."""

from __future__ import annotations

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from viz.figures.basemap import Frame, Point
from viz.figures.mapdata import MapData
from viz.figures.markup import el, num
from viz.figures.palette import FLOW

WIDEST = 15.0
HAIR = 0.7
GAP = 0.7


@dataclass(frozen=True)
class Ribbon:
    """One leg on the page, with the offset from its parallel legs."""

    leg: int
    start: Point
    end: Point
    width: float

    @property
    def length(self) -> float:
        """Length in page units."""
        return math.hypot(self.end[0] - self.start[0], self.end[1] - self.start[1])

    def along(self, share: float) -> Point:
        """Return the point at a share of the length."""
        (a, b), (c, d) = self.start, self.end
        return (a + share * (c - a), b + share * (d - b))


def leg_width(flow: float, reference: float, widest: float = WIDEST) -> float:
    """Return the width of a leg in proportion to its flow.

    Args:
        flow, reference: flow of the leg, and flow at full width.
        widest: full width in page units.

    Returns:
        Page units, at least HAIR; 0 without flow.
    """
    if not (math.isfinite(flow) and math.isfinite(reference)) or flow <= 0 or reference <= 0:
        return 0.0
    return max(HAIR, widest * min(flow / reference, 1.25))


def flow_colour(flow: float, reference: float) -> str:
    """Return a colour, darker for more flow, in five steps on a square root scale.

    Args:
        flow, reference: flow of the leg, and flow of the darkest colour.

    Returns:
        The colour in hexadecimal form.
    """
    share = math.sqrt(min(1.0, max(0.0, flow / reference))) if reference > 0 else 0.0
    return FLOW[min(len(FLOW) - 1, int(share * len(FLOW)))]


def visible_legs(data: MapData, frame: Frame) -> list[int]:
    """Return the legs with finite coordinates and at least one end inside the window.

    Args:
        data: places and legs.
        frame: the window.

    Returns:
        Indices of the legs.
    """
    good = np.isfinite(data.lat) & np.isfinite(data.lon)
    inside = [
        bool(g) and frame.holds(x, y) for g, x, y in zip(good, data.lon, data.lat, strict=True)
    ]
    found = []
    for leg, (a, b) in enumerate(zip(data.tail, data.head, strict=True)):
        if a != b and good[a] and good[b] and (inside[a] or inside[b]):
            found.append(leg)
    return found


def ribbons(data: MapData, frame: Frame, widths: np.ndarray) -> list[Ribbon]:
    """Return the ribbons of all visible legs, the widest first so that thin ones are on top.

    Args:
        data: places and legs.
        frame: the window.
        widths: by leg, page units, shape (legs,); 0 leaves a leg out.

    Returns:
        The ribbons.
    """
    pairs: dict[tuple[int, int], list[int]] = defaultdict(list)
    for leg in visible_legs(data, frame):
        if widths[leg] > 0:
            a, b = int(data.tail[leg]), int(data.head[leg])
            pairs[min(a, b), max(a, b)].append(leg)
    found = [r for legs in pairs.values() for r in _bundle(data, frame, legs, widths)]
    return sorted(found, key=lambda r: (-r.width, r.leg))


def _bundle(data: MapData, frame: Frame, legs: list[int], widths: np.ndarray) -> list[Ribbon]:
    """Return the legs of one pair of places side by side, each right of its direction."""
    ways: dict[int, list[int]] = defaultdict(list)
    for leg in legs:
        ways[int(data.tail[leg])].append(leg)
    found = []
    for tail, group in ways.items():
        total = sum(widths[leg] + GAP for leg in group) - GAP
        edge = GAP if len(ways) > 1 else -total / 2
        for leg in group:
            offset = edge + widths[leg] / 2
            edge += widths[leg] + GAP
            found.append(_aside(data, frame, leg, tail, offset, float(widths[leg])))
    return found


def _aside(data: MapData, frame: Frame, leg: int, tail: int, offset: float, width: float) -> Ribbon:
    """Return a leg moved to the right of its direction of travel."""
    head = int(data.head[leg])
    x0, y0 = frame.point(float(data.lon[tail]), float(data.lat[tail]))
    x1, y1 = frame.point(float(data.lon[head]), float(data.lat[head]))
    length = math.hypot(x1 - x0, y1 - y0) or 1.0
    dx, dy = -(y1 - y0) / length * offset, (x1 - x0) / length * offset
    return Ribbon(leg, (x0 + dx, y0 + dy), (x1 + dx, y1 + dy), width)


def ribbon_svg(ribbon: Ribbon, colour: str, dash: str = "", halo: bool = True) -> str:
    """Draw a ribbon with its arrowhead, and a light edge that keeps crossings readable.

    Args:
        ribbon: the ribbon.
        colour, dash: of the line; dash as in SVG.
        halo: whether to draw the edge.

    Returns:
        The elements as SVG.
    """
    (x0, y0), (x1, y1) = ribbon.start, ribbon.end
    path = f"M{num(x0)} {num(y0)}L{num(x1)} {num(y1)}"
    cap = "butt" if dash else "round"
    edge = el(
        "path", d=path, stroke="#fff", stroke_width=f"{ribbon.width + 1.4:.2f}", opacity="0.75"
    )
    line = el(
        "path",
        d=path,
        stroke=colour,
        stroke_width=f"{ribbon.width:.2f}",
        stroke_linecap=cap,
        stroke_dasharray=dash or None,
    )
    return (edge if halo else "") + line + _arrow(ribbon, colour)


def _arrow(ribbon: Ribbon, colour: str) -> str:
    """Return a chevron in wide ribbons, a small head on thin ones, nothing on short ones."""
    if ribbon.length < 16:
        return ""
    wide = ribbon.width >= 4.5
    size = min(ribbon.width * 0.38, 4.2) if wide else 1.8 + ribbon.width * 0.55
    (x, y), angle = ribbon.along(0.56), _angle(ribbon)
    if wide:
        points = ((-size, -size * 0.9), (0, 0), (-size, size * 0.9))
        return _poly(points, x, y, angle, fill="none", stroke="#fff", stroke_width=1.5)
    points = ((size, 0), (-size, size * 0.95), (-size, -size * 0.95))
    return _poly(points, x, y, angle, fill=colour, stroke="#fff", stroke_width="0.5")


def _angle(ribbon: Ribbon) -> float:
    """Return the direction of travel on the page, radians."""
    return math.atan2(ribbon.end[1] - ribbon.start[1], ribbon.end[0] - ribbon.start[0])


def _poly(points: tuple[Point, ...], x: float, y: float, angle: float, **attrs: object) -> str:
    """Return points, rotated and moved to a place, as an open or filled outline."""
    c, s = math.cos(angle), math.sin(angle)
    moved = " ".join(f"{x + a * c - b * s:.1f},{y + a * s + b * c:.1f}" for a, b in points)
    tag = "polyline" if attrs.get("fill") == "none" else "polygon"
    return el(tag, points=moved, **attrs)
