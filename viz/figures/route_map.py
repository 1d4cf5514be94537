"""Route maps: flows as ribbons of proportional width, or the change between two flows."""

from __future__ import annotations

import math

import numpy as np

from viz.figures.basemap import Frame, frame_for, land
from viz.figures.mapdata import MapData
from viz.figures.markup import el, esc, num, svg, text, wrap
from viz.figures.numbers import plain, rounded, signed
from viz.figures.palette import FEWER, FLOW, INK, MORE, WATER, marker
from viz.figures.place_labels import place_labels
from viz.figures.ribbons import (
    WIDEST,
    Ribbon,
    flow_colour,
    leg_width,
    ribbon_svg,
    ribbons,
    visible_legs,
)

WIDTH = 640.0
KIND_MARKS = {
    "origin": ("triangle", 3.4, "#0b3558"),
    "southern_border": ("circle", 2.3, INK),
    "transit": ("circle", 2.3, INK),
    "staging": ("square", 2.3, INK),
    "crossing_between_ports": ("square", 2.0, "#9c4a00"),
    "port_of_entry": ("square", 2.0, "#9c4a00"),
    "destination": ("diamond", 3.0, "#6b3f73"),
}
FEWER_DASH = "6 2.2"


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
        flow: persons a year by leg, shape (legs,).
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
    head = wrap(title, WIDTH - 16, 15)
    top = 10.0 + 19 * len(head)
    titles = [
        text(8, 20 + 19 * i, line, 15, font_weight=600, class_="chart-title")
        for i, line in enumerate(head)
    ]
    body = _body(data, frame, values, reference, changed)
    inner = el("svg", body, x=0, y=top, width=frame.width, height=num(frame.height))
    desc = _describe(data, values, changed)
    return svg(
        WIDTH,
        top + frame.height,
        title,
        desc,
        *titles,
        inner,
        class_="map",
        stroke_linejoin="round",
    )


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
    drawn = ribbons(data, frame, widths)
    water = el("rect", width=frame.width, height=frame.height, fill=WATER)
    lines = [_leg(data, ribbon, values, reference, changed) for ribbon in drawn]
    flows = el("g", *lines, fill="none", class_="legs")
    legend = _legend(frame, reference, changed)
    ground = land(frame, data.basemap) + (_network(data, frame) if changed else "")
    under = ribbons(data, frame, np.full(len(widths), 0.8)) if changed else drawn
    return water + ground + flows + _places(data, frame) + place_labels(data, frame, under) + legend


def _network(data: MapData, frame: Frame) -> str:
    """Return all legs inside the window as fine grey lines."""
    hair = np.full(len(data.tail), 0.8)
    lines = [
        f"M{num(r.start[0])} {num(r.start[1])}L{num(r.end[0])} {num(r.end[1])}"
        for r in ribbons(data, frame, hair)
        if _inside(data, frame, int(data.tail[r.leg]))
        and _inside(data, frame, int(data.head[r.leg]))
    ]
    return el("path", d="".join(lines), stroke="#aab4be", stroke_width="0.8", fill="none")


def _inside(data: MapData, frame: Frame, place: int) -> bool:
    """Return whether a place is in the window."""
    return frame.holds(float(data.lon[place]), float(data.lat[place]))


def _leg(data: MapData, ribbon: Ribbon, values: np.ndarray, reference: float, changed: bool) -> str:
    """Return one leg with its tooltip."""
    value = float(values[ribbon.leg])
    number = signed(value) if changed else plain(rounded(value))
    words = f"{leg_name(data, ribbon.leg)}, {data.leg_mode[ribbon.leg]}: {number} persons a year"
    if changed:
        colour, dash = (MORE, "") if value > 0 else (FEWER, FEWER_DASH)
    else:
        colour, dash = flow_colour(value, reference), ""
    return el("g", el("title", esc(words)), ribbon_svg(ribbon, colour, dash))


def _places(data: MapData, frame: Frame) -> str:
    """Return a mark for each place; its shape shows the kind of the place."""
    marks = []
    for name, kind, lon, lat in zip(
        data.place_names, data.place_kinds, data.lon, data.lat, strict=True
    ):
        if frame.holds(lon, lat):
            shape, size, colour = KIND_MARKS.get(kind, KIND_MARKS["transit"])
            x, y = frame.point(float(lon), float(lat))
            dot = marker(shape, x, y, size, fill=colour, stroke="#fff", stroke_width="0.8")
            marks.append(el("g", el("title", esc(name)), dot))
    return "".join(marks)


def _legend(frame: Frame, reference: float, changed: bool) -> str:
    """Return the legend of widths, colours and marks, placed over the Pacific."""
    x, y = 12.0, frame.height - (104.0 if changed else 82.0)
    parts = [text(x, y, "Change in persons a year" if changed else "Persons a year", 11)]
    y += 18
    if reference <= 0:
        parts.append(text(x, y + 2, "no change" if changed else "no flow", 11))
    elif changed:
        parts += [
            _wedge(x, y, reference, "more", MORE),
            _wedge(x, y + 22, reference, "fewer", FEWER),
        ]
    else:
        parts.append(_wedge(x, y, reference, "", FLOW[2]))
    parts.append(_kinds(x, frame.height - 30))
    return el("g", *parts, class_="legend")


def _wedge(x: float, y: float, reference: float, word: str, colour: str) -> str:
    """Return a wedge with the number of its thick end."""
    step = 10.0 ** math.floor(math.log10(reference))
    shown = math.floor(reference / step * 2) / 2 * step
    thick, long = leg_width(shown, reference), 96.0
    points = (
        f"{x:.1f},{y:.1f} {x + long:.1f},{y - thick / 2:.1f} {x + long:.1f},{y + thick / 2:.1f}"
    )
    shape = el("polygon", points=points, fill=colour)
    if word == "fewer":
        gaps = [
            el("rect", x=x + i, y=y - WIDEST / 2, width="2.2", height=WIDEST, fill=WATER)
            for i in (6, 14.2, 22.4, 30.6, 38.8, 47, 55.2, 63.4, 71.6, 79.8, 88)
        ]
        shape += "".join(gaps)
    sign = {"more": "+", "fewer": "−"}.get(word, "")
    words = f"0 to {sign}{plain(shown)} {word}".strip()
    return shape + text(x + long + 8, y + 4, words, 11)


def _kinds(x: float, y: float) -> str:
    """Return the legend of the shapes of places."""
    parts = []
    for i, (kind, words) in enumerate(
        (
            ("origin", "origin"),
            ("transit", "on the way"),
            ("crossing_between_ports", "border crossing"),
            ("destination", "destination"),
        )
    ):
        shape, size, colour = KIND_MARKS[kind]
        px, py = x + 5 + 108 * (i % 2), y + 16 * (i // 2)
        mark = marker(shape, px, py, size * 1.3, fill=colour, stroke="#fff", stroke_width="0.6")
        parts.append(mark + text(px + 9, py + 4, words, 11))
    return el("g", *parts, class_="minor")


def _describe(data: MapData, values: np.ndarray, changed: bool) -> str:
    """Return the text alternative: the five largest flows or changes."""
    order = [int(i) for i in np.argsort(-np.abs(values), kind="stable")[:5] if values[i] != 0]
    if not order:
        return "No leg changed." if changed else "No flow."
    legs = "; ".join(
        f"{leg_name(data, i)} {signed(values[i]) if changed else plain(rounded(values[i]))}"
        for i in order
    )
    lead = "Largest changes" if changed else "Largest flows"
    return f"{lead}, persons a year: {legs}."
