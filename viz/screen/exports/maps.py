"""The maps of a day as one SVG image, with the base map and the marks of the screen."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.figures import basemap
from viz.figures.markup import el, esc, text, text_width, wrap
from viz.figures.numbers import plain, rounded
from viz.figures.palette import FLOW, INK, LAND_EDGE, WATER, WORLDS, marker
from viz.figures.place_labels import place_labels
from viz.figures.ribbons import Ribbon, flow_colour, leg_width, ribbon_svg, ribbons
from viz.screen.exports.images import sheet
from viz.screen.exports.view import View
from viz.screen.widgets.world import KINDS, MARKS, WIDTH, map_data, world_payload

_WIDEST, _GAP, _KEY = 12.0, 20.0, 62.0  # widest ribbon; space between maps; height of the key
_SIZE, _LINES = 16.0, 3  # type size and most lines of the titles of worlds
_OFFICERS, _AGENTS, _CELLS, _HARM = "#009E73", "#3f5468", "#8a3b6b", "#1d2430"
_COLUMN, _APART, _UP = 30.0, 27.0, 13.0  # highest column; distance of columns; height over the line


@dataclass(frozen=True)
class _World:
    """One world on the day; `payload` is the data of the map on the screen, `full` the scale."""

    view: View
    payload: dict[str, Any]
    data: Any
    frame: basemap.Frame
    record: Any
    full: float


def maps_svg(view: View) -> str:
    """Draw the maps of all worlds next to each other, on one scale, on the day that is shown."""
    data, payload = map_data(view.world), world_payload(view.world)
    frame = basemap.frame_for(data, WIDTH)
    records = [np.frombuffer(log.frame(view.day), log.dtype)[0] for log in view.logs]
    full = max(1.0, *(float(record["flow"].max()) for record in records))
    worlds = [_World(view, payload, data, frame, record, full) for record in records]
    heads = [wrap(title, WIDTH, _SIZE, _LINES) for title in view.titles]
    top = 6 + 1.25 * _SIZE * max(map(len, heads))
    width = WIDTH * len(records) + _GAP * (len(records) - 1)
    height = top + frame.height
    body = [
        _titled(k, head, top, _map(world))
        for k, (head, world) in enumerate(zip(heads, worlds, strict=True))
    ]
    body.append(el("svg", _key(view, full), y=height + 8, height=_KEY, width=width))
    title = f"{view.words('title')}, {view.date(view.day)}"
    return sheet(view, width, height + _KEY, title, "; ".join(map(_harm_figures, worlds)), *body)


def _titled(world: int, head: list[str], top: float, drawn: str) -> str:
    """Place a map below the title of its world."""
    look = {"fill": WORLDS[world].colour, "font_weight": 600}
    lines = [text(0, 17 + 1.25 * _SIZE * i, line, _SIZE, **look) for i, line in enumerate(head)]
    return el("svg", *lines, el("svg", drawn, y=top), x=world * (WIDTH + _GAP), width=WIDTH)


def _map(world: _World) -> str:
    """Draw one world with its human costs, which no setting hides."""
    widths = np.array(
        [leg_width(v, world.full, _WIDEST) for v in world.record["flow"].astype(float)]
    )
    drawn = ribbons(world.data, world.frame, widths) if world.view.show["flow"] else []
    height = world.frame.height
    layers = [
        _land(world),
        _flows(world, drawn),
        _marks(world, drawn),
        _labels(world, drawn),
        # over the Pacific, where nothing else is drawn
        text(10, height - 12, _harm_figures(world), 13, fill=INK, font_weight=600),
    ]
    return el("svg", *layers, width=WIDTH, height=height)


def _land(world: _World) -> str:
    """Draw water, countries and states, and the names of large areas."""
    parts = [el("rect", width=world.frame.width, height=world.frame.height, fill=WATER)]
    for land in sorted(world.payload["land"], key=lambda one: one["layer"] == "us_state"):
        fill, width = ("none", 0.5) if land["layer"] == "us_state" else (land["fill"], 1)
        edge = {"stroke": LAND_EDGE, "stroke_linejoin": "round", "stroke_width": width}
        parts.append(el("path", d=land["d"], fill=fill, **edge))
    for key, x, y, sea in world.payload["names"]:
        fill, style = ("#7891a8", "italic") if sea else ("#97917d", None)
        attrs = {"text_anchor": "middle", "fill": fill, "font_style": style}
        parts.append(text(x, y, world.view.words(f"map.{key}"), 11.5, **attrs))
    return "".join(parts)


def _labels(world: _World, drawn: list[Ribbon]) -> str:
    """Draw the names of places: positions follow the original names, which are then translated."""
    labels = place_labels(world.data, world.frame, drawn)
    for name in world.data.place_names:
        labels = labels.replace(f">{esc(name)}<", f">{esc(world.view.words.translate(name))}<")
    return labels


def _flows(world: _World, drawn: list[Ribbon]) -> str:
    """Draw legs as ribbons; the title of each gives its flow."""
    names, net, unit = world.data.place_names, world.data, world.view.words("map.flow")
    parts = []
    for ribbon in drawn:
        persons = float(world.record["flow"][ribbon.leg])
        ends = f"{names[net.tail[ribbon.leg]]} – {names[net.head[ribbon.leg]]}"
        title = el("title", esc(f"{ends}: {plain(persons)} {unit}"))
        drawing = ribbon_svg(ribbon, flow_colour(persons, world.full))
        parts.append(el("g", title, drawing, fill="none"))
    return "".join(parts)


def _harm_figures(world: _World) -> str:
    """Format deaths and kidnappings since the start."""
    t, dead = world.view.words, world.record["dead"] / 10.0
    return (
        f"{t('map.since_start')}: {plain(rounded(float(dead.sum())), 0)} {t('map.deaths')}, "
        f"{plain(float(dead[-1]), 0)} {t('map.deaths_mexico')}, "
        f"{plain(rounded(float(world.record['kidnapped'])))} {t('map.kidnapped')}"
    )


# ---- marks ---------------------------------------------------------------------------------------


def _marks(world: _World, drawn: list[Ribbon]) -> str:
    """Draw the marks of places, legs and sectors in units of the map."""
    show, record, parts = world.view.show, world.record, []
    places = [
        (i, p["kind"], p["x"], p["y"]) for i, p in enumerate(world.payload["places"]) if p["inside"]
    ]
    if show["officers"]:
        parts += [_officers(x, y, int(n)) for i, _, x, y in places if (n := record["officers"][i])]
    if show["stops"]:
        parts += [
            _stopped(ribbon, int(n)) for ribbon in drawn if (n := record["stopped"][ribbon.leg])
        ]
    parts += [_place(kind, x, y) for _, kind, x, y in places]
    if show["organisations"]:
        parts += [
            _cells(x - 9, y + 8, int(n)) for i, _, x, y in places if (n := record["cells"][i])
        ]
    parts += _sectors(world)
    for name, x, y, _ in world.payload["names"]:
        if name == "name_mexico" and show["deaths"]:
            parts.append(_deaths(x, y + 14, record["dead"][-1]))
    return "".join(parts)


def _sectors(world: _World) -> list[str]:
    """Draw sectors: a thin line from the border, the agents as a column, deaths on top."""
    show, record, sectors = world.view.show, world.record, world.payload["sectors"]
    inside = [(k, *one["at"]) for k, one in enumerate(sectors) if one["at"]]
    scale, parts = _COLUMN / max(one["agents"] for one in sectors), []
    for (k, x, y), column_x in zip(inside, _push_apart([x for _, x, _ in inside]), strict=True):
        caught, away = float(record["caught"][k]), float(record["away"][k])
        foot = y - _UP
        tall = min(scale * float(record["agents"][k]), 2 * _COLUMN) if show["agents"] else 0.0
        if show["agents"]:
            ends = {"x1": x, "y1": y, "x2": column_x, "y2": foot}
            parts.append(el("line", **ends, stroke=_AGENTS, stroke_width=0.8))
            parts.append(_column(column_x, foot, tall, caught / (caught + away or 1.0)))
        if show["deaths"]:
            parts.append(_deaths(column_x, foot - tall - 9, record["dead"][k]))
    return parts


def _push_apart(xs: list[float]) -> list[float]:
    """Move columns sideways until none covers its neighbour; sectors are ordered west to east."""
    moved = list(xs)
    for _ in range(80):
        for i in range(1, len(moved)):
            missing = max(0.0, _APART - (moved[i] - moved[i - 1]))
            moved[i - 1] -= missing / 2
            moved[i] += missing / 2
    return moved


def _place(kind: str, x: float, y: float) -> str:
    """Draw a place in the shape of its kind; a port of entry is an open square."""
    shape, size, colour = MARKS.get(kind, MARKS["transit"])
    if shape == "frame":
        return marker("square", x, y, 1.15 * size, fill="#fff", stroke=colour, stroke_width=1.6)
    return marker(shape, x, y, 1.15 * size, fill=colour, stroke="#fff", stroke_width=0.8)


def _officers(x: float, y: float, count: int) -> str:
    """Draw Mexican officers: a disc whose area grows with their number."""
    look = {"fill": _OFFICERS, "fill_opacity": "0.16", "stroke": _OFFICERS, "stroke_width": 1.7}
    return el("circle", cx=x, cy=y, r=min(24.0, 4 + 0.5 * math.sqrt(count)), **look)


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


def _deaths(x: float, y: float, tenths: float) -> str:
    """Draw tenths of deaths, rounded, as a dark tag; nothing for 0."""
    if not (count := round(float(tenths) / 10)):
        return ""
    label = plain(float(count), 0)
    wide = max(15.0, text_width(label, 10) + 8)
    size = {"x": x - wide / 2, "y": y - 7, "width": wide, "height": 14.0, "rx": 3}
    box = el("rect", **size, fill=_HARM, stroke="#fff", stroke_width=1.2)
    return box + text(x, y + 3.6, label, 10, fill="#fff", text_anchor="middle", font_weight=600)


def _key(view: View, full: float) -> str:
    """Draw the key of the marks; the second row begins after the seventh sample."""
    t, show, half = view.words, view.show, _WIDEST / 2
    wedge = {"points": f"0,0 60,{-half} 60,{half}", "transform": "translate(-52 0)"}
    bar = _stopped(Ribbon(0, (-9.0, 0.0), (9.0, 0.0), 1.0), 40)
    column = f"{t('map.agents')}; {t('map.legend_column')}"
    scale = f"0 – {plain(full)} {t('map.flow')}"
    samples = [
        (show["flow"], 60.0, el("polygon", **wedge, fill=FLOW[2]), scale),
        *((True, 14.0, _place(kind, 0, 0), t(f"map.kind_{kind}")) for kind in KINDS),
        (show["officers"], 18.0, _officers(0, 0, 30), t("map.officers")),
        (show["stops"], 18.0, bar, t("map.stopped")),
        (show["agents"], 14.0, _column(0, 8, 16, 0.6), column),
        (show["organisations"], 16.0, _cells(0, 0, 6), t("map.cells")),
        (show["deaths"], 24.0, _deaths(0, 0, 120), t("map.deaths_here")),
    ]
    parts, x, y = [], 0.0, 14.0
    for i, (_, wide, sample, words) in enumerate(one for one in samples if one[0]):
        if i == 7:
            x, y = 0.0, 42.0
        parts.append(el("g", sample, transform=f"translate({x + wide - 8:.1f} {y})"))
        parts.append(text(x + wide + 8, y + 4, words, 12, fill=INK))
        x += wide + 22 + 0.9 * text_width(words, 12)
    return "".join(parts)
