"""Route maps: flows as ribbons of proportional width, or the change between two flows."""

import math

import numpy as np

from viz.figures.basemap import Frame, MapData, frame_for, land
from viz.figures.markup import el, esc, num, svg, text, wrap
from viz.figures.numbers import MINUS, count, plain
from viz.figures.palette import FEWER, FLOW, INK, MORE, WATER, marker
from viz.figures.place_labels import place_labels
from viz.figures.ribbons import WIDEST, flow_colour, leg_width, ribbon_svg, ribbons, visible_legs

WIDTH = 640.0
KIND_MARKS = {
    "origin": ("triangle", 3.4, "#0b3558"),
    "southern_border": ("circle", 2.3, INK),
    "transit": ("circle", 2.3, INK),
    "staging": ("square", 2.3, INK),
    "crossing_between_ports": ("square", 2.0, "#9c4a00"),
    "port_of_entry": ("square", 2.0, "#9c4a00"),
    "destination": ("down", 3.2, "#6b3f73"),
}
#: Kinds in the legend, and their names.
_KINDS = ("origin", "transit", "crossing_between_ports", "destination")
_KIND_NAMES = ("origin", "on the way", "border crossing", "destination")


def flow_map_svg(
    data: MapData,
    flow: np.ndarray,
    *,
    title: str,
    reference_max: float | None = None,
    difference_from: np.ndarray | None = None,
) -> str:
    """Draw a map of flows, or of the changes from other flows.

    Args:
        data: places and legs.
        flow: persons per year by leg, shape (legs,).
        title: text above the map.
        reference_max: flow (or change) at full width; by default the largest of this map. The same
            value for several maps keeps them on one scale.
        difference_from: flows from which the changes are drawn, shape (legs,).

    Returns:
        The map as SVG.
    """
    frame, values = frame_for(data, WIDTH), clean(flow, data)
    changed = difference_from is not None
    if changed:
        values = values - clean(difference_from, data)
    reference = _reference(values, data, frame, reference_max)
    lines, look = wrap(title, WIDTH - 16, 15), {"font_weight": 600, "class_": "chart-title"}
    titles = [text(8, 20 + 19 * i, line, 15, **look) for i, line in enumerate(lines)]
    top, body = 10.0 + 19 * len(lines), _body(data, frame, values, reference, changed)
    inner = el("svg", body, x=0, y=top, width=frame.width, height=num(frame.height))
    desc, look = _describe(data, values, changed), {"class_": "map", "stroke_linejoin": "round"}
    return svg(WIDTH, top + frame.height, title, desc, *titles, inner, **look)


def largest(data: MapData, flows: list[np.ndarray]) -> float:
    """Return the largest flow that maps of these flows show, as their common scale.

    Args:
        data: places and legs.
        flows: flows by leg, each of shape (legs,).

    Returns:
        The flow; 0 without flows.
    """
    frame = frame_for(data, WIDTH)
    return max((_reference(clean(f, data), data, frame, None) for f in flows), default=0.0)


def leg_name(data: MapData, leg: int) -> str:
    """Return the name of a leg, such as 'Tapachula to Arriaga'.

    Args:
        data: places and legs.
        leg: index of the leg.

    Returns:
        The name.
    """
    return f"{data.place_names[data.tail[leg]]} to {data.place_names[data.head[leg]]}"


def clean(flow: np.ndarray, data: MapData) -> np.ndarray:
    """Return one finite flow per leg; values that are not finite become 0.

    Args:
        flow: flows by leg; too long or too short arrays are cut or filled with 0.
        data: places and legs.

    Returns:
        Flows, shape (legs,).
    """
    values = np.zeros(len(data.tail))
    given = np.asarray(flow, dtype=float).ravel()[: len(values)]
    values[: len(given)] = np.nan_to_num(given, nan=0.0, posinf=0.0, neginf=0.0)
    return values


def _reference(values: np.ndarray, data: MapData, frame: Frame, given: float | None) -> float:
    """Return the flow at full width: the given one, else the largest visible one."""
    if given is not None and math.isfinite(given) and given > 0:
        return float(given)
    return max((abs(float(values[leg])) for leg in visible_legs(data, frame)), default=0.0)


def _body(data: MapData, frame: Frame, values: np.ndarray, reference: float, changed: bool) -> str:
    """Return everything inside the frame, from the water to the legend."""
    widths = np.array([leg_width(abs(v), reference) for v in values])
    if changed and reference > 0:
        widths[np.abs(values) < 0.004 * reference] = 0.0
    drawn, lines = ribbons(data, frame, widths), []
    for ribbon in drawn:
        value, mode = float(values[ribbon.leg]), data.leg_mode[ribbon.leg]
        words = f"{leg_name(data, ribbon.leg)}, {mode}: {count(value, changed)} persons per year"
        colour, dash = (MORE, "") if value > 0 else (FEWER, "6 2.2")
        colour = colour if changed else flow_colour(value, reference)
        drawing = ribbon_svg(ribbon, colour, dash if changed else "")
        lines.append(el("g", el("title", esc(words)), drawing))
    water = el("rect", width=frame.width, height=frame.height, fill=WATER)
    ground, fine = water + land(frame, data.basemap), drawn
    if changed:
        fine = ribbons(data, frame, np.full(len(widths), 0.8))
        inside = [frame.holds(*place) for place in data.places]
        ends = ((ribbon.path, data.tail[ribbon.leg], data.head[ribbon.leg]) for ribbon in fine)
        path = "".join(line for line, tail, head in ends if inside[tail] and inside[head])
        ground += el("path", d=path, stroke="#aab4be", stroke_width="0.8", fill="none")
    flows, marks = el("g", *lines, fill="none", class_="legs"), list[str]()
    for name, kind, place in zip(data.place_names, data.place_kinds, data.places, strict=True):
        if frame.holds(*place):
            mark = _mark(kind, *frame.point(*place), 1.0, "0.8")
            marks.append(el("g", el("title", esc(name)), mark))
    names, legend = place_labels(data, frame, fine), _legend(frame, reference, changed)
    return ground + flows + "".join(marks) + names + legend


def _mark(kind: str, x: float, y: float, factor: float, edge: str) -> str:
    """Return the mark of a place; its shape shows the kind of the place."""
    shape, size, colour = KIND_MARKS.get(kind, KIND_MARKS["transit"])
    return marker(shape, x, y, factor * size, fill=colour, stroke="#fff", stroke_width=edge)


def _legend(frame: Frame, reference: float, changed: bool) -> str:
    """Return the legend of widths, colours and marks, placed over the Pacific."""
    x, y = 12.0, frame.height - (86.0 if changed else 64.0)
    parts = [text(x, y - 18, "Change in persons per year" if changed else "Persons per year", 11)]
    rows = [("more", MORE), ("fewer", FEWER)] if changed else [("", FLOW[2])]
    if reference > 0:
        parts += [_wedge(x, y + 22 * i, reference, *row) for i, row in enumerate(rows)]
    else:
        parts.append(text(x, y + 2, "no change" if changed else "no flow", 11))
    kinds = []
    for i, (kind, words) in enumerate(zip(_KINDS, _KIND_NAMES, strict=True)):
        px, py = x + 5 + 108 * (i % 2), frame.height - 30 + 16 * (i // 2)
        kinds.append(_mark(kind, px, py, 1.3, "0.6") + text(px + 9, py + 4, words, 11))
    return el("g", *parts, el("g", *kinds, class_="minor"), class_="legend")


def _wedge(x: float, y: float, reference: float, word: str, colour: str) -> str:
    """Return a wedge with the number of its thick end; one for fewer persons has gaps."""
    step = 10.0 ** math.floor(math.log10(reference))
    shown = math.floor(reference / step * 2) / 2 * step
    half, end = leg_width(shown, reference) / 2, x + 96.0
    points = f"{x:.1f},{y:.1f} {end:.1f},{y - half:.1f} {end:.1f},{y + half:.1f}"
    shape = el("polygon", points=points, fill=colour)
    if word == "fewer":
        gap = {"y": y - WIDEST / 2, "width": "2.2", "height": WIDEST, "fill": WATER}
        shape += "".join(el("rect", x=x + 6.0 + 8.2 * i, **gap) for i in range(11))
    sign = {"more": "+", "fewer": MINUS}.get(word, "")
    return shape + text(end + 8, y + 4, f"0 to {sign}{plain(shown)} {word}".strip(), 11)


def _describe(data: MapData, values: np.ndarray, changed: bool) -> str:
    """Return the text alternative: the five largest flows or changes."""
    order = [int(i) for i in np.argsort(-np.abs(values), kind="stable")[:5] if values[i] != 0]
    if not order:
        return "No leg changed." if changed else "No flow."
    legs = "; ".join(f"{leg_name(data, i)} {count(values[i], changed)}" for i in order)
    return f"Largest {'changes' if changed else 'flows'}, persons per year: {legs}."
