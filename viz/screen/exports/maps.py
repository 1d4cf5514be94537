"""The maps of a day as one SVG image, with the base map and the marks of the screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from viz.figures import basemap
from viz.figures.markup import el, esc, text, wrap
from viz.figures.numbers import plain, rounded
from viz.figures.palette import FLOW, INK, LAND_EDGE, WATER
from viz.figures.place_labels import place_labels
from viz.figures.ribbons import Ribbon, flow_colour, leg_width, ribbon_svg, ribbons
from viz.screen.exports import marks
from viz.screen.exports.sheet import A, B, sheet
from viz.screen.exports.view import View
from viz.screen.widgets.world import WIDTH, map_data, world_payload

_WIDEST, _GAP, _KEY = 12.0, 20.0, 62.0  # widest ribbon; space between maps; height of the key
_SIZE, _LINES = 16.0, 3  # type size and most lines of the titles of worlds


@dataclass(frozen=True)
class _BaseMap:
    """The drawn world; `payload` is the data of the map on the screen."""

    payload: dict[str, Any]
    data: Any
    frame: basemap.Frame


def maps_svg(view: View) -> str:
    """Draw the maps of all worlds next to each other, on one scale, on the day that is shown."""
    data = map_data(view.world)
    base = _BaseMap(world_payload(view.world), data, basemap.frame_for(data, WIDTH))
    records = [np.frombuffer(log.frame(view.day), log.dtype)[0] for log in view.logs]
    full = max(1.0, *(float(record["flow"].max()) for record in records))
    heads = [wrap(view.title(world), WIDTH, _SIZE, _LINES) for world in range(len(records))]
    top = 6 + 1.25 * _SIZE * max(map(len, heads))
    width = WIDTH * len(records) + _GAP * (len(records) - 1)
    height = top + base.frame.height
    maps = [
        _titled(world, head, top, _map(view, base, record, full))
        for world, (head, record) in enumerate(zip(heads, records, strict=True))
    ]
    key = marks.key(view, full, FLOW[2], _WIDEST)
    body = [*maps, el("svg", key, y=height + 8, height=_KEY, width=width)]
    desc = "; ".join(_harm_figures(view, record) for record in records)
    title = f"{view.words('title')}, {view.date(view.day)}"
    return sheet(view, width, height + _KEY, title, desc, *body)


def _titled(world: int, head: list[str], top: float, drawn: str) -> str:
    """Place a map below the title of its world."""
    lines = [
        text(0, 17 + 1.25 * _SIZE * i, line, _SIZE, fill=(A, B)[world], font_weight=600)
        for i, line in enumerate(head)
    ]
    return el("svg", *lines, el("svg", drawn, y=top), x=world * (WIDTH + _GAP), width=WIDTH)


def _map(view: View, base: _BaseMap, record: Any, full: float) -> str:
    """Draw one world with its human costs, which no setting hides."""
    flow = np.asarray(record["flow"], dtype=float)
    widths = np.array([leg_width(value, full, _WIDEST) for value in flow])
    drawn = ribbons(base.data, base.frame, widths) if view.show["flow"] else []
    height = base.frame.height
    layers = [
        _land(view, base),
        _flows(view, drawn, flow, full),
        marks.marks(view, base.payload, record, drawn),
        _labels(view, base, drawn),
        # over the Pacific, where nothing else is drawn
        text(10, height - 12, _harm_figures(view, record), 13, fill=INK, font_weight=600),
    ]
    return el("svg", *layers, width=WIDTH, height=height)


def _land(view: View, base: _BaseMap) -> str:
    """Draw water, countries and states, and the names of large areas."""
    water = el("rect", width=base.frame.width, height=base.frame.height, fill=WATER)
    outlines = []
    for land in sorted(base.payload["land"], key=lambda one: one["layer"] == "us_state"):
        state = land["layer"] == "us_state"
        fill, width = ("none", 0.5) if state else (land["fill"], 1)
        edge = {"stroke": LAND_EDGE, "stroke_linejoin": "round", "stroke_width": width}
        outlines.append(el("path", d=land["d"], fill=fill, **edge))
    names = []
    for key, x, y, sea in base.payload["names"]:
        fill, style = ("#7891a8", "italic") if sea else ("#97917d", None)
        attrs = {"text_anchor": "middle", "fill": fill, "font_style": style}
        names.append(text(x, y, view.words(f"map.{key}"), 11.5, **attrs))
    return water + "".join(outlines) + "".join(names)


def _labels(view: View, base: _BaseMap, drawn: list[Ribbon]) -> str:
    """Draw the names of places: positions follow the original names, which are then translated."""
    labels = place_labels(base.data, base.frame, drawn)
    for name in base.data.place_names:
        labels = labels.replace(f">{esc(name)}<", f">{esc(view.words.translate(name))}<")
    return labels


def _flows(view: View, drawn: list[Ribbon], flow: np.ndarray, full: float) -> str:
    """Draw legs as ribbons; the title of each gives its flow."""
    names, net, unit = view.world.place_names, view.world, view.words("map.flow")
    parts = []
    for ribbon in drawn:
        leg, persons = ribbon.leg, flow[ribbon.leg]
        title = f"{names[net.tail[leg]]} – {names[net.head[leg]]}: {plain(persons)} {unit}"
        drawing = ribbon_svg(ribbon, flow_colour(persons, full))
        parts.append(el("g", el("title", esc(title)), drawing, fill="none"))
    return "".join(parts)


def _harm_figures(view: View, record: Any) -> str:
    """Format deaths and kidnappings since the start."""
    t, dead = view.words, record["dead"] / 10.0
    return (
        f"{t('map.since_start')}: {plain(rounded(float(dead.sum())), 0)} {t('map.deaths')}, "
        f"{plain(float(dead[-1]), 0)} {t('map.deaths_mexico')}, "
        f"{plain(rounded(float(record['kidnapped'])))} {t('map.kidnapped')}"
    )
