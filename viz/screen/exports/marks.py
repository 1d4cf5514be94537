"""The marks of the map as SVG, in the shapes, colours and sizes of the screen, and their key."""

from __future__ import annotations

import math
from typing import Any

from viz.figures.markup import el, text, text_width
from viz.figures.numbers import plain
from viz.figures.palette import INK, marker
from viz.figures.ribbons import Ribbon
from viz.screen.exports.view import View
from viz.screen.widgets.world import MARKS

_OFFICERS, _AGENTS, _CELLS, _HARM = "#009E73", "#3f5468", "#8a3b6b", "#1d2430"
_COLUMN, _APART, _UP = 30.0, 27.0, 13.0  # highest column; distance of columns; height over the line
_KINDS = ("origin", "transit", "staging", "crossing_between_ports", "port_of_entry", "destination")


def marks(view: View, payload: dict[str, Any], record: Any, drawn: list[Ribbon]) -> str:
    """Draw the marks of places, legs and sectors.

    Args:
        view: the worlds, and the layers to show.
        payload: `world_payload` of the world.
        record: the frame of the day, a record of `frame_dtype`.
        drawn: ribbons of the drawn legs.

    Returns:
        SVG elements in units of the map.
    """
    show, parts = view.show, []
    if show["enforcement"]:
        parts += [_officers(x, y, n) for x, y, n in _at_places(payload, record["officers"])]
        stops = [(ribbon, int(record["stopped"][ribbon.leg])) for ribbon in drawn]
        parts += [_stopped(ribbon, count) for ribbon, count in stops if count]
    parts += [_place(p["kind"], p["x"], p["y"]) for p in payload["places"] if p["inside"]]
    if show["organisations"]:
        parts += [_cells(x - 9, y + 8, n) for x, y, n in _at_places(payload, record["cells"])]
    parts += [_sector(view, record, *position) for position in _sector_positions(payload)]
    name = next((one for one in payload["names"] if one[0] == "name_mexico"), None)
    if show["harm"] and name and (dead := round(float(record["dead"][-1]) / 10)):
        parts.append(_deaths(name[1], name[2] + 14, dead))
    return "".join(parts)


def _at_places(payload: dict[str, Any], counts: Any) -> list[tuple[float, float, int]]:
    """Return position and count of places in view with a count above 0."""
    places = zip(payload["places"], counts, strict=True)
    return [(p["x"], p["y"], int(n)) for p, n in places if n and p["inside"]]


def _sector_positions(payload: dict[str, Any]) -> list[tuple[int, float, float, float, float]]:
    """Return each sector, its point on the border, x of its column, and its pixels per agent."""
    inside = [(k, *one["at"]) for k, one in enumerate(payload["sectors"]) if one["at"]]
    columns = _push_apart([x for _, x, _ in inside])
    scale = _COLUMN / max(one["agents"] for one in payload["sectors"])
    return [(k, x, y, column, scale) for (k, x, y), column in zip(inside, columns, strict=True)]


def _push_apart(xs: list[float]) -> list[float]:
    """Move columns sideways until none covers its neighbour; sectors are ordered west to east."""
    moved = list(xs)
    for _ in range(80):
        for i in range(1, len(moved)):
            missing = max(0.0, _APART - (moved[i] - moved[i - 1]))
            moved[i - 1] -= missing / 2
            moved[i] += missing / 2
    return moved


def _sector(
    view: View, record: Any, sector: int, x: float, y: float, column_x: float, scale: float
) -> str:
    """Draw a sector: a thin line from the border, its agents as a column, deaths on top."""
    encounters = float(record["caught"][sector]) + float(record["away"][sector])
    share = float(record["caught"][sector]) / encounters if encounters else 0.0
    tall, foot = scale * min(float(record["agents"][sector]), 2 * _COLUMN / scale), y - _UP
    dead = round(float(record["dead"][sector]) / 10)
    parts = []
    if view.show["enforcement"]:
        ends = {"x1": x, "y1": y, "x2": column_x, "y2": foot}
        line = el("line", **ends, stroke=_AGENTS, stroke_width=0.8)
        parts += [line, _column(column_x, foot, tall, share)]
    if view.show["harm"] and dead:
        parts.append(_deaths(column_x, foot - tall - 9, dead))
    return "".join(parts)


def _place(kind: str, x: float, y: float) -> str:
    """Draw a place in the shape of its kind; a port of entry is an open square."""
    shape, size, colour = MARKS.get(kind, MARKS["transit"])
    if shape == "frame":
        return marker("square", x, y, 1.15 * size, fill="#fff", stroke=colour, stroke_width=1.6)
    return marker(shape, x, y, 1.15 * size, fill=colour, stroke="#fff", stroke_width=0.8)


def _officers(x: float, y: float, count: int) -> str:
    """Draw Mexican officers: a disc whose area grows with their number."""
    colours = {"fill": _OFFICERS, "fill_opacity": "0.16", "stroke": _OFFICERS}
    return el(
        "circle", cx=x, cy=y, r=min(24.0, 4 + 0.5 * math.sqrt(count)), **colours, stroke_width=1.7
    )


def _stopped(ribbon: Ribbon, count: int) -> str:
    """Draw persons stopped on a leg: a bar across it."""
    (x0, y0), (x1, y1) = ribbon.start, ribbon.end
    (x, y), half = ribbon.along(0.5), min(11.0, 3 + 0.45 * math.sqrt(count))
    dx, dy = half * (x1 - x0) / (ribbon.length or 1), half * (y1 - y0) / (ribbon.length or 1)
    ends = {"x1": x - dy, "y1": y + dx, "x2": x + dy, "y2": y - dx}
    edge = el("line", **ends, stroke="#fff", stroke_width=4.6)
    return edge + el("line", **ends, stroke=_OFFICERS, stroke_width=2.6)


def _column(x: float, y: float, tall: float, share: float) -> str:
    """Draw agents of a sector: a column, filled by the share of people apprehended."""
    box = {"x": x - 4, "width": 8.0}
    back = el("rect", **box, y=y - tall, height=tall, fill="#fff", stroke=_AGENTS, stroke_width=1.3)
    return back + el("rect", **box, y=y - tall * share, height=tall * share, fill=_AGENTS)


def _cells(x: float, y: float, count: int) -> str:
    """Draw cells of smuggling organisations: an hourglass."""
    size = min(6.5, 2.6 + 0.8 * math.sqrt(count))
    corners = ((-1, -1.1), (1, -1.1), (-1, 1.1), (1, 1.1))
    points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return el("polygon", points=points, fill=_CELLS, stroke="#fff", stroke_width=1.0)


def _deaths(x: float, y: float, count: int) -> str:
    """Draw a number of deaths: a dark tag."""
    label = plain(float(count), 0)
    wide = max(15.0, text_width(label, 10) + 8)
    size = {"x": x - wide / 2, "y": y - 7, "width": wide, "height": 14.0, "rx": 3}
    box = el("rect", **size, fill=_HARM, stroke="#fff", stroke_width=1.2)
    style: dict[str, object] = {"fill": "#fff", "text_anchor": "middle", "font_weight": 600}
    return box + text(x, y + 3.6, label, 10, **style)


def key(view: View, full: float, colour: str, widest: float) -> str:
    """Draw the key of the marks, in two rows.

    Args:
        view: the worlds, and the layers to show.
        full: persons a day at full width.
        colour, widest: colour and width of the sample of a flow.

    Returns:
        SVG elements.
    """
    t, show, half = view.words, view.show, widest / 2
    at = {"points": f"0,0 60,{-half} 60,{half}", "transform": "translate(-52 0)"}
    bar = _stopped(Ribbon(0, (-9.0, 0.0), (9.0, 0.0), 1.0), 40)
    scale = f"0 – {plain(full)} {t('map.flow')}"
    samples = [(show["flow"], 60.0, el("polygon", **at, fill=colour), scale)]
    samples += [(True, 14.0, _place(kind, 0, 0), t(f"map.kind_{kind}")) for kind in _KINDS]
    samples += [
        (show["enforcement"], 18.0, _officers(0, 0, 30), t("map.officers")),
        (show["enforcement"], 18.0, bar, t("map.legend_stopped")),
        (show["enforcement"], 14.0, _column(0, 8, 16, 0.6), t("map.legend_column")),
        (show["organisations"], 16.0, _cells(0, 0, 6), t("map.cells")),
        (show["harm"], 24.0, _deaths(0, 0, 12), t("map.legend_deaths")),
    ]
    return _key_rows([sample[1:] for sample in samples if sample[0]])


def _key_rows(samples: list[tuple[float, str, str]]) -> str:
    """Place samples and their texts; the second row begins after the seventh sample."""
    parts, x, y = [], 0.0, 14.0
    for i, (wide, sample, words) in enumerate(samples):
        if i == 7:
            x, y = 0.0, 42.0
        parts.append(el("g", sample, transform=f"translate({x + wide - 8:.1f} {y})"))
        parts.append(text(x + wide + 8, y + 4, words, 12, fill=INK))
        x += wide + 22 + 0.9 * text_width(words, 12)
    return "".join(parts)
