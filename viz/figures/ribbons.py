"""Legs as ribbons: width by flow, parallel legs side by side, arrowheads for the direction."""

import math
from collections import defaultdict
from dataclasses import dataclass

import numpy as np

from viz.figures.basemap import Frame, MapData, Point
from viz.figures.markup import el, num
from viz.figures.palette import FLOW

WIDEST, HAIR, GAP = 15.0, 0.7, 0.7  # widest and thinnest ribbon, space between parallel ones


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
        return math.dist(self.start, self.end)

    def along(self, share: float) -> Point:
        """Return the point at a share of the length."""
        (a, b), (c, d) = self.start, self.end
        return (a + share * (c - a), b + share * (d - b))

    @property
    def path(self) -> str:
        """Path data of the leg."""
        return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in (self.start, self.end))


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
    tail, head, known = data.tail, data.head, np.isfinite(data.lon + data.lat)
    inside = np.array([frame.holds(*place) for place in data.places])
    shown = (tail != head) & known[tail] & known[head] & (inside[tail] | inside[head])
    return np.flatnonzero(shown).tolist()


def ribbons(data: MapData, frame: Frame, widths: np.ndarray) -> list[Ribbon]:
    """Return the ribbons of all visible legs, the widest first so that thin ones are on top.

    Legs between the same places are side by side, each right of its direction.

    Args:
        data: places and legs.
        frame: the window.
        widths: by leg, page units, shape (legs,); 0 leaves a leg out.

    Returns:
        The ribbons.
    """
    ways: dict[tuple[int, int], list[int]] = defaultdict(list)
    for leg in visible_legs(data, frame):
        if widths[leg] > 0:
            ways[int(data.tail[leg]), int(data.head[leg])].append(leg)
    found = []
    for (tail, head), legs in ways.items():
        total = sum(widths[leg] + GAP for leg in legs) - GAP
        edge = GAP if (head, tail) in ways else -total / 2
        (x0, y0), (x1, y1) = (frame.point(*data.places[place]) for place in (tail, head))
        length = math.dist((x0, y0), (x1, y1)) or 1.0
        for leg in legs:
            offset = edge + widths[leg] / 2
            dx, dy = -(y1 - y0) / length * offset, (x1 - x0) / length * offset
            start, end = (x0 + dx, y0 + dy), (x1 + dx, y1 + dy)
            found.append(Ribbon(leg, start, end, float(widths[leg])))
            edge += widths[leg] + GAP
    return sorted(found, key=lambda r: (-r.width, r.leg))


def ribbon_svg(ribbon: Ribbon, colour: str, dash: str = "") -> str:
    """Draw a ribbon with its arrowhead, and a light edge that keeps crossings readable.

    Args:
        ribbon: the ribbon.
        colour, dash: of the line; dash as in SVG.

    Returns:
        The elements as SVG.
    """
    edge = {"stroke": "#fff", "stroke_width": f"{ribbon.width + 1.4:.2f}", "opacity": "0.75"}
    line = {"stroke": colour, "stroke_width": f"{ribbon.width:.2f}"}
    line["stroke_linecap"] = "butt" if dash else "round"
    drawn = el("path", d=ribbon.path, **line, stroke_dasharray=dash or None)
    return el("path", d=ribbon.path, **edge) + drawn + _arrow(ribbon, colour)


def _arrow(ribbon: Ribbon, colour: str) -> str:
    """Return a chevron in wide ribbons, a small head on thin ones, nothing on short ones."""
    if ribbon.length < 16:
        return ""
    if ribbon.width >= 4.5:
        size = min(ribbon.width * 0.38, 4.2)
        points = ((-size, -size * 0.9), (0, 0), (-size, size * 0.9))
        tag, fill, edge = "polyline", "none", 1.5
    else:
        size = 1.8 + ribbon.width * 0.55
        points = ((size, 0), (-size, size * 0.95), (-size, -size * 0.95))
        tag, fill, edge = "polygon", colour, 0.5
    (x, y), (x0, y0), (x1, y1) = ribbon.along(0.56), ribbon.start, ribbon.end
    c, s = (x1 - x0) / ribbon.length, (y1 - y0) / ribbon.length  # of the direction of travel
    moved = " ".join(f"{x + a * c - b * s:.1f},{y + a * s + b * c:.1f}" for a, b in points)
    return el(tag, points=moved, fill=fill, stroke="#fff", stroke_width=edge)
