"""The maps of the day as one picture in SVG: the ground and the marks of the screen."""

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

WIDEST, GAP, KEY = 12.0, 20.0, 62.0
SIZE, LINES = 16.0, 3  # of the titles of worlds


@dataclass(frozen=True)
class _Ground:
    """The world as it is drawn: `sent` is what the map on the screen gets."""

    sent: dict[str, Any]
    data: Any
    frame: basemap.Frame


def maps_svg(view: View) -> str:
    """All worlds side by side on one scale, on the day that is shown."""
    ground = _ground(view)
    records = [np.frombuffer(log.frame(view.day), log.dtype)[0] for log in view.logs]
    full = max(1.0, *(float(record["flow"].max()) for record in records))
    heads = [wrap(view.title(world), WIDTH, SIZE, LINES) for world in range(len(records))]
    top = 6 + 1.25 * SIZE * max(map(len, heads))
    width, tall = WIDTH * len(records) + GAP * (len(records) - 1), top + ground.frame.height
    body = [
        _titled(world, heads[world], top, _map(view, ground, record, full))
        for world, record in enumerate(records)
    ]
    key = el("svg", marks.key(view, full, FLOW[2], WIDEST), y=tall + 8, height=KEY, width=width)
    told = "; ".join(_figures(view, record) for record in records)
    title = f"{view.words('title')}, {view.date(view.day)}"
    return sheet(view, width, tall + KEY, title, told, *body, key)


def _ground(view: View) -> _Ground:
    data = map_data(view.world)
    return _Ground(world_payload(view.world), data, basemap.frame_for(data, WIDTH))


def _titled(world: int, head: list[str], top: float, drawn: str) -> str:
    """A map below the title of its world."""
    lines = [
        text(0, 17 + 1.25 * SIZE * i, line, SIZE, fill=(A, B)[world], font_weight=600)
        for i, line in enumerate(head)
    ]
    return el("svg", *lines, el("svg", drawn, y=top), x=world * (WIDTH + GAP), width=WIDTH)


def _map(view: View, ground: _Ground, record: Any, full: float) -> str:
    """One world with its figures of harm."""
    flow = np.asarray(record["flow"], dtype=float)
    widths = np.array([leg_width(value, full, WIDEST) for value in flow])
    drawn = ribbons(ground.data, ground.frame, widths) if view.show["flow"] else []
    layers = [
        _land(view, ground),
        _flows(view, ground, drawn, flow, full),
        marks.marks(view, ground.sent, record, drawn),
        _labels(view, ground, drawn),
        _harm(view, record, ground.frame.height),
    ]
    return el("svg", *layers, width=WIDTH, height=ground.frame.height)


def _land(view: View, ground: _Ground) -> str:
    """Water, countries, states, and the names of the large ones."""
    outlines = [
        el(
            "path",
            d=land["d"],
            stroke=LAND_EDGE,
            stroke_linejoin="round",
            fill="none" if land["layer"] == "us_state" else land["fill"],
            stroke_width=0.5 if land["layer"] == "us_state" else 1,
        )
        for land in sorted(ground.sent["land"], key=lambda one: one["layer"] == "us_state")
    ]
    named = [
        text(
            x,
            y,
            view.words(f"map.{key}"),
            11.5,
            text_anchor="middle",
            fill="#7891a8" if sea else "#97917d",
            font_style="italic" if sea else None,
        )
        for key, x, y, sea in ground.sent["names"]
    ]
    frame = ground.frame
    water = el("rect", width=frame.width, height=frame.height, fill=WATER)
    return water + "".join(outlines) + "".join(named)


def _labels(view: View, ground: _Ground, drawn: list[Ribbon]) -> str:
    """Names of places: where they stand is worked out with the names on record, then translated."""
    labels = place_labels(ground.data, ground.frame, drawn)
    for name in ground.data.place_names:
        labels = labels.replace(f">{esc(name)}<", f">{esc(view.words.translate(name))}<")
    return labels


def _flows(view: View, ground: _Ground, drawn: list[Ribbon], flow: np.ndarray, full: float) -> str:
    """Legs as ribbons; each tells its flow to a pointer."""
    names, net, unit = view.world.place_names, view.world, view.words("map.flow")
    return "".join(
        el(
            "g",
            el(
                "title",
                esc(
                    f"{names[net.tail[r.leg]]} – {names[net.head[r.leg]]}: "
                    f"{plain(flow[r.leg])} {unit}"
                ),
            ),
            ribbon_svg(r, flow_colour(flow[r.leg], full)),
            fill="none",
        )
        for r in drawn
    )


def _figures(view: View, record: Any) -> str:
    """Deaths and kidnappings since the start, in words."""
    t, dead = view.words, record["dead"] / 10.0
    return (
        f"{t('map.since_start')}: {plain(rounded(float(dead.sum())), 0)} {t('map.deaths')}, "
        f"{plain(float(dead[-1]), 0)} {t('map.deaths_mexico')}, "
        f"{plain(rounded(float(record['kidnapped'])))} {t('map.kidnapped')}"
    )


def _harm(view: View, record: Any, foot: float) -> str:
    """The figures of harm on the map, in the empty Pacific: never left out."""
    return text(10, foot - 12, _figures(view, record), 13, fill=INK, font_weight=600)
