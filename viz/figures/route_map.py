"""Maps on paper: flows as ribbons, changes between two flows, and small maps of policy pairs."""

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, PathPatch, Polygon
from matplotlib.path import Path

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
)
from viz.figures.corridors import (
    Corridors,
    Ribbon,
    corridors_of,
    of_kind,
    ribbons_of,
    section_sums,
    shared_routes,
)
from viz.figures.markup import text_width, wrap
from viz.figures.numbers import count
from viz.figures.palette import (
    FEWER,
    INK,
    LAND_EDGE,
    MORE,
    MUTED,
    PALETTE,
    SIZES,
    WATER,
    ArmStyle,
    people_per_point,
)

WIDTH = 640.0
_NAME, _ALWAYS = 11.5, 10  # type size of names; number of names that may cover other marks
#: Names of the kinds of places in the legend.
_KINDS = {
    "origin": "origin",
    "transit": "on the way",
    "crossing_between_ports": "border crossing",
    "destination": "destination",
}
_TITLE_LINE = 19.0
_SCALES = ("people_per_point", "difference_per_point")  # keys of the scales of flows and changes


# ---- flows ---------------------------------------------------------------------------------------


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
        flow: persons per day on each leg, shape (legs,).
        title: text above the map.
        reference_max: largest flow or change of all maps that are compared, which gives them one
            scale. By default it is the largest value on this map.
        difference_from: flows that are subtracted to draw changes, shape (legs,).

    Returns:
        The axes on a new figure, in points from the upper left corner of the map.
    """
    changed, frame = difference_from is not None, frame_for(data, WIDTH)
    lines = wrap(title, WIDTH - 16, 15)
    top = 10.0 + _TITLE_LINE * len(lines)
    axes, corridors = _sheet(data, frame, top=top), corridors_of(data, frame)
    values = _passing(corridors, flow, difference_from)
    busiest = reference_max or float(max(abs(values), default=0.0))
    scale = people_per_point(busiest, SIZES[_SCALES[changed]])
    if changed:  # Corridors without a change are visible too.
        curves = [section.points for section in corridors.sections]
        _lines(axes, curves, color="#aab4be", linewidth=0.8, zorder=1)
    _draw_ribbons(axes, data, corridors, values, scale, changed)
    if not changed:
        _draw_chevrons(axes, corridors, values, section_sums(corridors.courses, flow, net=True))
    for name, kind, place in zip(data.place_names, data.place_kinds, data.places, strict=True):
        if frame.holds(*place):
            _mark(axes, kind, *frame.point(*place), 1.0, "", name)
    _name_places(axes, data, frame, corridors)
    _legend(axes, frame, scale, changed)
    # Cover the land that is drawn beyond the upper edge.
    axes.axhspan(-top, 0.0, color="white", linewidth=0.0, zorder=8)
    look = style.BOLD | {"fontsize": 15.0, "gid": "chart-title", "step": -_TITLE_LINE, "zorder": 9}
    style.label(axes, lines, 8.0, 20.0 - top, **look)
    return axes


def flow_map_svg(data: MapData, flow: np.ndarray, *, title: str, **scale: Any) -> str:
    """Return the map of `plot_flow_map`, which has the same arguments, as SVG."""
    axes, base = plot_flow_map(data, flow, title=title, **scale), scale.get("difference_from")
    corridors = corridors_of(data, frame_for(data, WIDTH))
    text = _describe(data, corridors, _passing(corridors, flow, base), base is not None)
    return svg.svg(axes, title, text, class_="map")


def _passing(corridors: Corridors, flow: np.ndarray, base: np.ndarray | None) -> np.ndarray:
    """Return the people per day on each section, or the change from the flow `base`."""
    return section_sums(corridors.courses, flow if base is None else flow - base)


def largest(data: MapData, flows: list[np.ndarray]) -> float:
    """Return the largest flow or change on several maps, which sets their common scale.

    Args:
        data: places and legs.
        flows: flows or changes, each of shape (legs,).

    Returns:
        The highest absolute value on any section, or 0 if no flows exist.
    """
    corridors = corridors_of(data, frame_for(data, WIDTH))
    return max((float(abs(_passing(corridors, flow, None)).max()) for flow in flows), default=0.0)


def _way_name(data: MapData, tail: int, head: int) -> str:
    """Return the name of the way between two places, such as 'Tapachula to Arriaga'."""
    return f"{data.place_names[tail]} to {data.place_names[head]}"


def _draw_ribbons(
    axes: Axes, data: MapData, corridors: Corridors, values: np.ndarray, scale: float, changed: bool
) -> None:
    """Draw ribbons on white casings, then their sections again with tooltips."""
    ribbons = ribbons_of(corridors, values, SIZES["least_people"] * (0.4 if changed else 1.0))
    for ribbon in ribbons:
        casing = {"fc": "white", "ec": "white", "lw": SIZES["casing"], "joinstyle": "round"}
        axes.add_artist(Polygon(ribbon.outline(scale), zorder=1.5, **casing))
    for ribbon in ribbons:
        _fill(axes, ribbon.outline(scale), values[ribbon.sections[0]], changed)
        for number in ribbon.sections:
            section, part = corridors.sections[number], ribbon.section_of == number
            passing = f"{count(float(values[number]), changed)} people a day"
            words = f"{_way_name(data, section.tail, section.head)}: {passing}"
            _fill(axes, ribbon.outline(scale, part), values[number], changed, gid="leg", url=words)


def _fill(axes: Axes, outline: np.ndarray, people: float, changed: bool, **look: Any) -> None:
    """Fill a ribbon with one colour, or with stripes if the number of people falls."""
    colour = (FEWER if people < 0 else MORE) if changed else PALETTE["neutral"]["ribbon"]
    if people >= 0:
        axes.add_artist(Polygon(outline, fc=colour, ec="none", zorder=2, **look))
        return
    pale = PALETTE["worlds"][0]["pale"]
    axes.add_artist(Polygon(outline, fc=pale, ec=colour, lw=0.8, zorder=2, **look))
    stripes = [(outline[i], outline[-1 - i]) for i in range(len(outline) // 2)]
    path = Path.make_compound_path(*map(Path, stripes))
    axes.add_artist(PathPatch(path, ec=colour, lw=1.4, fc="none", zorder=2))


def _draw_chevrons(axes: Axes, corridors: Corridors, values: np.ndarray, net: np.ndarray) -> None:
    """Draw chevrons on busy sections in the direction in which most people travel."""
    arrows = []
    for section, people, direction in zip(corridors.sections, values, net, strict=True):
        points = np.array(section.points)
        for i in range(2, len(points) - 1, 6) if people >= SIZES["least_dots"] else ():
            along = (points[i + 1] - points[i - 1]) * (1.0 if direction >= 0.0 else -1.0)
            along *= 2.4 / (np.hypot(*along) or 1.0)
            aside = along[::-1] * (-1.0, 1.0)
            arrows.append([points[i] - along + aside, points[i] + along, points[i] - along - aside])
    _lines(axes, arrows, color=PALETTE["neutral"]["dot"], linewidth=1.5, zorder=2.5)


def _legend(axes: Axes, frame: Frame, scale: float, changed: bool) -> None:
    """Draw the legend over the Pacific: sample ribbons with their people, and marks of places."""
    y = frame.height - (86.0 if changed else 64.0)
    head = "Change in people a day" if changed else "People a day"
    style.label(axes, head, 12.0, y - 18.0, color=INK, gid="legend")
    for i, people in enumerate((96, -96) if changed else (50, 200, 400, 700)):
        people *= scale / SIZES[_SCALES[changed]]
        at = (12.0, y + 22.0 * i) if changed else (12.0 + 58.0 * i, y)
        points = np.array([(at[0] + 2.0 * step, at[1]) for step in range(24)])
        sample = Ribbon([0], points, np.full(24, abs(people)), np.zeros(24))
        _fill(axes, sample.outline(scale), people, changed, gid="legend")
        text = (at[0] + 54.0, at[1] + 4.0) if changed else (at[0] + 12.0, at[1] + 22.0)
        style.label(axes, count(people, changed), *text, color=INK, gid="legend")
    for i, (kind, words) in enumerate(_KINDS.items()):
        px, py = 17.0 + 108.0 * (i % 2), frame.height - 26.0 + 16.0 * (i // 2)
        _mark(axes, kind, px, py, 1.3, "minor")
        style.label(axes, words, px + 9.0, py + 4.0, color=INK, gid="legend minor")


def _describe(data: MapData, corridors: Corridors, values: np.ndarray, changed: bool) -> str:
    """Return the text alternative, which lists the five largest flows or changes."""
    top = [section for section in np.argsort(-abs(values), kind="stable")[:5] if values[section]]
    ways = [(corridors.sections[number].tail, corridors.sections[number].head) for number in top]
    people = [count(value, changed) for value in values[top].tolist()]
    texts = [f"{_way_name(data, *way)} {n}" for way, n in zip(ways, people, strict=True)]
    if not texts:
        return "No leg changed." if changed else "No flow."
    return f"Largest {'changes' if changed else 'flows'}, people a day: {'; '.join(texts)}."


# ---- parts ---------------------------------------------------------------------------------------


def _sheet(
    data: MapData, frame: Frame, *, top: float = 0.0, thin: float = 1.2, bare: bool = False
) -> Axes:
    """Return the axes of a map in page units, with seas, countries and their names.

    Args:
        data, frame: outlines and window.
        top: height of the title above the map.
        thin: minimum distance between the points of an outline.
        bare: whether to omit states and names.
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
    """Draw lines through points, with the same properties for all lines."""
    look = {"zorder": 2} | look
    for line in lines:
        axes.add_artist(Line2D(*zip(*line, strict=True), **look))


def _mark(
    axes: Axes, kind: str, x: float, y: float, factor: float, gid: str, name: str = ""
) -> None:
    """Draw the mark of a place. Its shape shows the kind of place, and its tooltip is `name`."""
    shape, size, colour = PALETTE["places"].get(kind, PALETTE["places"]["transit"])
    look = ArmStyle(colour, "", "square" if shape == "frame" else shape).mark(2 * factor * size)
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.8}
    if shape == "frame":
        edge = {"markeredgecolor": colour, "markeredgewidth": 1.2, "markerfacecolor": "white"}
    axes.add_artist(Line2D([x], [y], zorder=3, gid=gid, url=name or None, **look | edge))


def _name_places(axes: Axes, data: MapData, frame: Frame, corridors: Corridors) -> None:
    """Write the names of the main places where they cover least, without names that do not fit."""
    covered = [(*frame.point(*place), 9.0) for place in data.places]
    covered += [(*point, 4.0) for section in corridors.sections for point in section.points[::3]]
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
    """Yield possible positions of a name: x, y, alignment, box and cost, the nearest first."""
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

#: Western, eastern, southern and northern edge of each small map, in degrees.
WINDOWS = {"whole": (-118.5, -86.5, 12.6, 34.2), "line": (-118.5, -95.0, 21.6, 37.5)}
_WIDE = Frame(-124.0, -79.0, 12.4, 34.4, WIDTH)
_SMALL = 150.0  # width of a small map
_NARROW, _ROAD = 0.7, 4.2  # widths of the least and the most shared corridor


def pair_map_svg(
    data: MapData, mark: str, world: int, *, title: str, text: str, view: str = "whole"
) -> str:
    """Draw the routes of a world, and mark where its policy acts.

    Args:
        data: places and legs.
        mark: "line" for the whole U.S. line, "fence" for a fence along the line, "south" for
            Mexico's southern border, or "plain" for no mark.
        world: 0 for A, 1 for B.
        title, text: accessible name and description.
        view: a key in `WINDOWS`.

    Returns:
        The map as SVG, a few kilobytes.
    """
    frame, look = Frame(*WINDOWS[view], _SMALL), PALETTE["worlds"][world]
    axes, fill = _routes_map(data, frame, look["ribbon"], 1.0, 1.9), look["text"]
    line = [frame.point(*place) for place in border(data)]
    if mark == "line":
        _lines(axes, [line], color=fill, linewidth=4.0)
    elif mark == "fence":  # New miles of fence are spread over the whole line.
        _lines(axes, [line], color=fill, linewidth=3.8, linestyle=(0.0, (1.0, 0.7)))
    elif mark == "south":
        places = [frame.point(*data.places[i]) for i in of_kind(data, "southern_border")]
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
        names: text to write at each place that is named, by place name.
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
            # Write the name on the side where no route passes.
            left = lon < -112.0 or (lat < 21.0 and lon < -90.0)
            look = {"ha": "right" if left else "left", "color": INK, "gid": "halo", "zorder": 4}
            style.label(axes, names[place], x + (-7 if left else 7), y + 4, fontsize=12.0, **look)
    return svg.svg(axes, title, text, class_="tb-wide")


def _routes_map(data: MapData, frame: Frame, colour: str, size: float, thin: float) -> Axes:
    """Draw the land, the border and the corridors, whose width shows shared shortest routes."""
    axes, shared = _sheet(data, frame, thin=thin, bare=True), shared_routes(data)
    corridors, legs = corridors_of(data, frame), zip(data.tail, data.head, strict=True)
    routes = section_sums(corridors.courses, np.array([shared[way] for way in legs]))
    widths = size * np.maximum(_NARROW, _ROAD * np.sqrt(routes / routes.max())) * (routes > 0)
    for ribbon in ribbons_of(corridors, widths, size * _NARROW):
        axes.add_patch(Polygon(ribbon.outline(1.0), fc=colour, ec="none", zorder=1))
    line = [frame.point(*place) for place in border(data)]
    _lines(axes, [line], color=INK, linewidth=1.1 * size, solid_joinstyle="round")
    return axes
