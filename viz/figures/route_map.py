"""Maps on paper: flows as ribbons, the change between two flows, and the small maps for a pair."""

import math
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from viz.figures import style, svg
from viz.figures.basemap import (
    NAMES,
    Frame,
    MapData,
    Point,
    border,
    frame_for,
    named_places,
    outlines,
    visible_legs,
)
from viz.figures.markup import text_width, wrap
from viz.figures.numbers import MINUS, count, plain
from viz.figures.palette import FEWER, FLOW, INK, LAND_EDGE, MORE, MUTED, PALETTE, WATER, ArmStyle

WIDTH = 640.0
_WIDEST, _HAIR, _GAP = 15.0, 0.7, 0.7  # points: widest and thinnest ribbon, gap of opposite ones
_SMALLEST = 0.004  # smallest change that is drawn, as a share of the largest
_NAME, _ALWAYS = 11.5, 10  # type size of places; the first names are written almost everywhere
#: Kinds in the legend of a map, and their names.
_KINDS = {
    "origin": "origin",
    "transit": "on the way",
    "crossing_between_ports": "border crossing",
    "destination": "destination",
}
_TITLE_LINE = 19.0


# ---- flows ---------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Ribbon:
    """All legs from one place to another on the page."""

    legs: list[int]
    value: float
    start: Point
    end: Point
    width: float

    def along(self, share: float) -> Point:
        """Return the point at a share of the length."""
        (a, b), (c, d) = self.start, self.end
        return (a + share * (c - a), b + share * (d - b))


def plot_flow_map(
    data: MapData,
    flow: np.ndarray,
    *,
    title: str,
    reference_max: float | None = None,
    difference_from: np.ndarray | None = None,
) -> Axes:
    """Plot flows on a map, or their changes from other flows.

    Args:
        data: places and legs.
        flow: persons per year by leg, shape (legs,).
        title: text above the map.
        reference_max: flow (or change) at full width, by default the largest on this map. The same
            value for several maps keeps them on one scale.
        difference_from: flows from which the changes are drawn, shape (legs,).

    Returns:
        The axes on a new figure, in points from the upper left map corner.
    """
    values, changed = _values(flow, difference_from), difference_from is not None
    frame, lines = frame_for(data, WIDTH), wrap(title, WIDTH - 16, 15)
    top = 10.0 + _TITLE_LINE * len(lines)
    axes = _sheet(data, frame, top=top)
    reference = reference_max or largest(data, [values])
    ribbons = covered = _ribbons(data, frame, values, reference, changed)
    for ribbon in ribbons:
        _draw_ribbon(axes, data, ribbon, reference, changed)
    if changed:  # the names are where they are on the other maps, and all roads are visible
        covered = _ribbons(data, frame, np.ones(len(values)), math.inf, changed=False)
        _lines(axes, [[r.start, r.end] for r in covered], color="#aab4be", linewidth=0.8, zorder=1)
    for name, kind, place in zip(data.place_names, data.place_kinds, data.places, strict=True):
        if frame.holds(*place):
            _mark(axes, kind, *frame.point(*place), 1.0, "", name)
    _name_places(axes, data, frame, covered)
    _legend(axes, frame, reference, changed)
    axes.axhspan(-top, 0.0, color="white", linewidth=0.0, zorder=8)  # over land beyond the frame
    look = style.BOLD | {"fontsize": 15.0, "gid": "chart-title", "step": -_TITLE_LINE, "zorder": 9}
    style.label(axes, lines, 8.0, 20.0 - top, **look)
    return axes


def flow_map_svg(data: MapData, flow: np.ndarray, *, title: str, **scale: Any) -> str:
    """Return the `plot_flow_map` map, with the same arguments, as SVG."""
    axes, base = plot_flow_map(data, flow, title=title, **scale), scale.get("difference_from")
    ways = _ways(data, frame_for(data, WIDTH), _values(flow, base))
    text = _describe(data, list(ways), base is not None)
    return svg.svg(axes, title, text, class_="map")


def _values(flow: np.ndarray, difference_from: np.ndarray | None) -> np.ndarray:
    """Return flows, or their changes, by leg."""
    return flow if difference_from is None else flow - difference_from


def largest(data: MapData, flows: list[np.ndarray]) -> float:
    """Return the largest flow that maps with these flows show, as their common scale.

    Args:
        data: places and legs.
        flows: flows by leg, each of shape (legs,).

    Returns:
        The flow, 0 without flows.
    """
    frame = frame_for(data, WIDTH)
    sums = (abs(value) for flow in flows for _, value in _ways(data, frame, flow))
    return max(sums, default=0.0)


def leg_name(data: MapData, leg: int) -> str:
    """Return the name of a leg, such as 'Tapachula to Arriaga'.

    Args:
        data: places and legs.
        leg: leg index.

    Returns:
        The name.
    """
    return f"{data.place_names[data.tail[leg]]} to {data.place_names[data.head[leg]]}"


def _ways(data: MapData, frame: Frame, values: np.ndarray) -> Iterator[tuple[list[int], float]]:
    """Yield the visible legs from one place to another, and the sum over their values."""
    ways: dict[tuple[int, int], list[int]] = defaultdict(list)
    for leg in visible_legs(data, frame):
        ways[int(data.tail[leg]), int(data.head[leg])].append(leg)
    for legs in ways.values():
        yield legs, float(values[legs].sum())


def _ribbons(
    data: MapData, frame: Frame, values: np.ndarray, reference: float, changed: bool
) -> list[Ribbon]:
    """Return the ribbons, the widest first so that thin ones are on top. Opposite ones keep right.

    Their width is proportional to the value. `reference` has the full width.
    """
    ribbons, pairs = [], set(zip(data.tail.tolist(), data.head.tolist(), strict=True))
    for legs, value in _ways(data, frame, values):
        share = abs(value) / reference if reference > 0.0 else 0.0
        if value == 0.0 or (changed and share < _SMALLEST):
            continue
        width = max(_HAIR, _WIDEST * min(share, 1.25))
        tail, head = int(data.tail[legs[0]]), int(data.head[legs[0]])
        (x0, y0), (x1, y1) = (frame.point(*data.places[place]) for place in (tail, head))
        aside = (width / 2 + _GAP) / (math.dist((x0, y0), (x1, y1)) or 1.0)
        aside *= (head, tail) in pairs
        dx, dy = -(y1 - y0) * aside, (x1 - x0) * aside
        ribbons.append(Ribbon(legs, value, (x0 + dx, y0 + dy), (x1 + dx, y1 + dy), width))
    return sorted(ribbons, key=lambda r: (-abs(r.value), r.legs))


def _draw_ribbon(
    axes: Axes, data: MapData, ribbon: Ribbon, reference: float, changed: bool
) -> None:
    """Draw a ribbon with its arrowhead, and a light edge that keeps crossings readable."""
    shade = min(1.0, math.sqrt(ribbon.value / reference)) if not changed else 0.0
    colour = FLOW[min(len(FLOW) - 1, int(shade * len(FLOW)))]
    dash = ""
    if changed:
        colour, dash = (MORE, "") if ribbon.value > 0 else (FEWER, "6 2.2")
    modes = ", ".join(data.leg_mode[leg] for leg in ribbon.legs)
    words = f"{leg_name(data, ribbon.legs[0])}, {modes}: {count(ribbon.value, changed)} "
    ends = [ribbon.start, ribbon.end]
    _lines(axes, [ends], color="#ffffff", linewidth=ribbon.width + 1.4, alpha=0.75)
    look = ArmStyle(colour, dash, "").stroke(ribbon.width)
    look |= {"solid_capstyle": "round", "dash_capstyle": "butt", "gid": "leg"}
    _lines(axes, [ends], url=words + "persons per year", **look)
    _arrow(axes, ribbon, colour)


def _arrow(axes: Axes, ribbon: Ribbon, colour: str) -> None:
    """Draw a chevron in a wide ribbon, a small head on a thin one, nothing on a short one."""
    (x0, y0), (x1, y1), (x, y) = ribbon.start, ribbon.end, ribbon.along(0.56)
    length = math.dist(ribbon.start, ribbon.end)
    if length < 16.0:
        return
    wide = ribbon.width >= 4.5
    size = min(ribbon.width * 0.38, 4.2) if wide else 1.8 + ribbon.width * 0.55
    corners = [(-size, 0.9 * size), (0.0 if wide else size, 0.0), (-size, -0.9 * size)]
    c, s = (x1 - x0) / length, (y1 - y0) / length  # the direction of travel
    points = [(x + a * c - b * s, y + a * s + b * c) for a, b in corners]
    if wide:
        _lines(axes, [points], color="#ffffff", linewidth=1.5)
    else:
        axes.add_artist(Polygon(points, fc=colour, ec="#ffffff", lw=0.5, zorder=2))


def _legend(axes: Axes, frame: Frame, reference: float, changed: bool) -> None:
    """Draw the legend of a wide ribbon, colours and marks, over the Pacific."""
    x, y = 12.0, frame.height - (86.0 if changed else 64.0)
    head = "Change in persons per year" if changed else "Persons per year"
    style.label(axes, head, x, y - 18.0, color=INK, gid="legend")
    step = 10.0 ** math.floor(math.log10(reference)) if reference > 0.0 else 1.0
    number = math.floor(reference / step * 2) / 2 * step
    rows = [(plain(number), FLOW[-1], "")]
    if changed:
        rows = [(f"+{plain(number)}", MORE, ""), (f"{MINUS}{plain(number)}", FEWER, "6 2.2")]
    for i, (words, colour, dash) in enumerate(rows if number else ()):
        ends = [(x, y + 22.0 * i), (x + 70.0, y + 22.0 * i)]
        look = ArmStyle(colour, dash, "").stroke(_WIDEST * number / reference)
        _lines(axes, [ends], gid="legend", **look)
        style.label(axes, words, x + 82.0, y + 4.0 + 22.0 * i, color=INK, gid="legend")
    if not number:
        words = "no change" if changed else "no flow"
        style.label(axes, words, x, y + 2.0, color=INK, gid="legend")
    for i, (kind, words) in enumerate(_KINDS.items()):
        px, py = x + 5.0 + 108.0 * (i % 2), frame.height - 30.0 + 16.0 * (i // 2)
        _mark(axes, kind, px, py, 1.3, "minor")
        style.label(axes, words, px + 9.0, py + 4.0, color=INK, gid="legend minor")


def _describe(data: MapData, ways: list[tuple[list[int], float]], changed: bool) -> str:
    """Return the text alternative: the five largest flows or changes."""
    largest_first = sorted(ways, key=lambda way: -abs(way[1]))[:5]
    texts = [f"{leg_name(data, legs[0])} {count(v, changed)}" for legs, v in largest_first if v]
    if not texts:
        return "No leg changed." if changed else "No flow."
    return f"Largest {'changes' if changed else 'flows'}, persons per year: {'; '.join(texts)}."


# ---- parts ---------------------------------------------------------------------------------------


def _sheet(
    data: MapData, frame: Frame, *, top: float = 0.0, thin: float = 1.2, bare: bool = False
) -> Axes:
    """Return axes in page units of a map, with seas, countries and their names.

    Args:
        data, frame: the outlines and the window.
        top: height of a title above the map.
        thin: smallest distance between outline points.
        bare: without states and names.
    """
    axes = style.paper(style.new_figure(frame.width, top + frame.height))
    axes.set_ylim(frame.height, -top)
    axes.axhspan(-top, frame.height, color=WATER, linewidth=0.0, zorder=0)
    for fill, rings in outlines(data, frame, thin=thin):
        if not fill and bare:
            continue
        path = Path.make_compound_path(*(Path([*ring, ring[0]], closed=True) for ring in rings))
        look = {"fc": fill or "none", "ec": LAND_EDGE, "lw": 0.8 if fill else 0.5}
        axes.add_artist(PathPatch(path, zorder=0.5 if fill else 0.6, **look))
    for name, lon, lat, sea in () if bare else NAMES:
        if frame.holds(lon, lat):
            look = {"color": PALETTE["names"][sea], "gid": "minor", "ha": "center"}
            look |= {"fontsize": 10.0, "fontstyle": "italic" if sea else "normal", "zorder": 0.7}
            style.label(axes, name, *frame.point(lon, lat), **look)
    return axes


def _lines(axes: Axes, lines: Sequence[Sequence[Point]], **look: Any) -> None:
    """Draw lines through points, all in one look."""
    look = {"zorder": 2} | look
    for line in lines:
        axes.add_artist(Line2D(*zip(*line, strict=True), **look))


def _mark(
    axes: Axes, kind: str, x: float, y: float, factor: float, gid: str, name: str = ""
) -> None:
    """Draw the mark of a place, whose shape shows its kind, with a name as tooltip."""
    shape, size, colour = PALETTE["places"].get(kind, PALETTE["places"]["transit"])
    look = ArmStyle(colour, "", "square" if shape == "frame" else shape).mark(2 * factor * size)
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.8}
    if shape == "frame":
        edge = {"markeredgecolor": colour, "markeredgewidth": 1.2, "markerfacecolor": "white"}
    axes.add_artist(Line2D([x], [y], zorder=3, gid=gid, url=name or None, **look | edge))


def _name_places(axes: Axes, data: MapData, frame: Frame, ribbons: list[Ribbon]) -> None:
    """Write the names of the main places where they cover least. Omit names that do not fit."""
    covered = [(*frame.point(*place), 9.0) for place in data.places]
    covered += [(*r.along(t / 12), 0.6 + r.width) for r in ribbons for t in range(13)]
    points, occupied = np.array(covered).reshape(-1, 3), list[tuple[float, float, float, float]]()
    for rank, (name, place, major) in enumerate(named_places(data, frame)):
        best, lowest = None, 90.0 if rank < _ALWAYS else 30.0
        for x, y, align, box, cost in _spots(name, *frame.point(*data.places[place])):
            left, up, right, down = box
            outside = left < 2 or up < 2 or right > frame.width - 2 or down > frame.height - 2
            if outside or any(
                left < c and a < right and up < d and b < down for a, b, c, d in occupied
            ):
                continue
            hidden = (left <= points[:, 0]) & (points[:, 0] <= right)
            hidden &= (up <= points[:, 1]) & (points[:, 1] <= down)
            cost += float(points[hidden, 2].sum())
            if cost < lowest:
                best, lowest = (x, y, align, box), cost
        if best is not None:
            x, y, align, box = best
            occupied.append(box)
            place_x, place_y = frame.point(*data.places[place])
            if max(abs(x - place_x), abs(y - place_y)) > 18.0:
                ends = [(place_x, place_y), (x, y - 4.0)]
                _lines(axes, [ends], color=MUTED, linewidth=0.7, gid="minor", zorder=4)
            gid = "halo place" if major else "halo place minor"
            style.label(axes, name, x, y, color=INK, ha=align, fontsize=_NAME, gid=gid, zorder=4)


def _spots(name: str, x: float, y: float) -> Iterator[tuple[float, float, str, tuple, float]]:
    """Yield positions of a name around a point, its alignment, box and cost, near ones first."""
    wide = 0.93 * text_width(name, _NAME)
    starts = {"left": 0.0, "right": -wide, "center": -wide / 2}
    for far, gap in enumerate((7.0, 13.0, 20.0, 30.0)):
        sides = [(gap, 4.0, "left"), (-gap, 4.0, "right")]
        sides += [(0.6 * gap, -gap, "left"), (-0.6 * gap, -gap, "right")]
        sides += [(0.6 * gap, gap + 8, "left"), (-0.6 * gap, gap + 8, "right")]
        sides += [(0.0, -gap - 1, "center"), (0.0, gap + 9, "center")]
        for i, (dx, dy, align) in enumerate(sides):
            left = x + dx + starts[align]
            box = (left - 2, y + dy - _NAME, left + wide + 2, y + dy + 3)
            yield x + dx, y + dy, align, box, 2.0 * far**2.5 + 0.35 * i


# ---- maps of a pair before any run ---------------------------------------------------------------

#: Windows of the small maps: west, east, south, north.
WINDOWS = {"whole": (-118.5, -86.5, 12.6, 34.2), "line": (-118.5, -95.0, 21.6, 37.5)}
_WIDE = Frame(-124.0, -79.0, 12.4, 34.4, WIDTH)
_SMALL = 150.0  # width of a small map
_NARROW, _ROAD = 0.7, 4.2  # width of a road on one route, and of one on all routes
Way = tuple[int, int]


def pair_map_svg(
    data: MapData, mark: str, world: int, *, title: str, text: str, view: str = "whole"
) -> str:
    """Draw a world's routes and what its policy changes.

    Args:
        data: places and legs.
        mark: what a policy changes: "line" (all of the line), "fence" (a fence along it), "south"
            (Mexico's southern border), or "plain" (nothing).
        world: 0 for A, 1 for B.
        title, text: accessible name and description.
        view: a key of `WINDOWS`.

    Returns:
        The map as SVG, a few kilobytes.
    """
    frame, look = Frame(*WINDOWS[view], _SMALL), PALETTE["worlds"][world]
    axes, fill = _routes_map(data, frame, look["ribbon"], 1.0, 1.9), look["text"]
    line = [frame.point(*place) for place in border(data)]
    if mark == "line":
        _lines(axes, [line], color=fill, linewidth=4.0)
    elif mark == "fence":  # new miles are spread over all of the line
        _lines(axes, [line], color=fill, linewidth=3.8, linestyle=(0.0, (1.0, 0.7)))
    elif mark == "south":
        places = [frame.point(*data.places[i]) for i in _of_kind(data, "southern_border")]
        x, y = (sum(values) / len(places) for values in zip(*places, strict=True))
        radius = 5.0 + max(math.dist((x, y), place) for place in places)
        disc = {"facecolor": fill, "alpha": 0.2, "linewidth": 0.0, "zorder": 3}
        axes.add_patch(Circle((x, y), radius, **disc))
        ring = {"fill": False, "edgecolor": fill, "linewidth": 2.0, "linestyle": (0.0, (2.0, 1.2))}
        axes.add_patch(Circle((x, y), radius, zorder=3, **ring))
    return svg.svg(axes, title, text, class_="tb-pair-map")


def wide_map_svg(data: MapData, names: Mapping[str, str], *, title: str, text: str) -> str:
    """Draw all routes with some place names.

    Args:
        data: places and legs.
        names: texts for the places to name, by place name.
        title, text: accessible name and description.

    Returns:
        The map as SVG.
    """
    axes = _routes_map(data, _WIDE, "#86a3b5", 2.4, 1.6)
    for place, (lon, lat) in zip(data.place_names, data.places, strict=True):
        if place in names:
            x, y = _WIDE.point(lon, lat)
            ring = {"markersize": 5.6, "markeredgewidth": 1.4, "markerfacecolor": "white"}
            axes.plot([x], [y], "o", markeredgecolor=INK, zorder=3, **ring)
            # over the sea or the north, where no route passes
            left = lon < -112.0 or (lat < 21.0 and lon < -90.0)
            look = {"ha": "right" if left else "left", "color": INK, "gid": "halo", "zorder": 4}
            style.label(axes, names[place], x + (-7 if left else 7), y + 4, fontsize=12.0, **look)
    return svg.svg(axes, title, text, class_="tb-wide")


def shared_routes(data: MapData) -> Counter[Way]:
    """Count the shortest routes that share a way, by its two places.

    Routes lead from every origin to every crossing between ports, and from there to the
    nearest destination. Nothing is simulated.
    """
    ends = zip(data.tail.tolist(), data.head.tolist(), strict=True)
    ways = {way: math.dist(*(data.places[place] for place in way)) for way in ends}
    places = len(data.places)
    graph = csr_array((list(ways.values()), tuple(zip(*ways, strict=True))), (places, places))
    far, before = dijkstra(graph, return_predecessors=True)
    crossings, goals = (_of_kind(data, kind) for kind in ("crossing_between_ports", "destination"))
    routes = [(start, goal) for start in _of_kind(data, "origin") for goal in crossings]
    routes += [(start, goals[int(far[start, goals].argmin())]) for start in crossings]
    shared: Counter[Way] = Counter()
    for start, place in routes:
        while (previous := int(before[start, place])) >= 0:
            shared[previous, place] += 1
            place = previous
    return shared


def _routes_map(data: MapData, frame: Frame, colour: str, size: float, thin: float) -> Axes:
    """Draw the ground, the shortest routes, wider where more share a way, and the border."""
    axes, shared = _sheet(data, frame, thin=thin, bare=True), shared_routes(data)
    largest_number, by_width = max(shared.values()), defaultdict[float, list[list[Point]]](list)
    for way, number in sorted(shared.items()):
        width = size * max(_NARROW, _ROAD * round(4 * math.sqrt(number / largest_number)) / 4)
        by_width[width].append([frame.point(*data.places[place]) for place in way])
    for width, ways in by_width.items():
        path = Path.make_compound_path(*map(Path, ways))
        look = {"ec": colour, "lw": width, "capstyle": "round"}
        axes.add_patch(PathPatch(path, fc="none", zorder=1, **look))
    line = [frame.point(*place) for place in border(data)]
    _lines(axes, [line], color=INK, linewidth=1.1 * size, solid_joinstyle="round")
    return axes


def _of_kind(data: MapData, kind: str) -> list[int]:
    """Return the places of a kind."""
    return [i for i, name in enumerate(data.place_kinds) if name == kind]
