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

OFFICERS, AGENTS, CELLS, HARM = "#009E73", "#3f5468", "#8a3b6b", "#1d2430"
_COLUMN, _APART, _UP = 30.0, 27.0, 13.0


def marks(view: View, sent: dict[str, Any], record: Any, drawn: list[Ribbon]) -> str:
    """Everything that stands at a place, a leg or a sector, as far as it is shown."""
    show, parts = view.show, []
    if show["enforcement"]:
        parts += [officers(*at, count) for at, count in _at_places(sent, record["officers"])]
        parts += [
            stopped(ribbon, int(record["stopped"][ribbon.leg]))
            for ribbon in drawn
            if record["stopped"][ribbon.leg]
        ]
    parts += [place(p["kind"], p["x"], p["y"]) for p in sent["places"] if p["inside"]]
    if show["organisations"]:
        parts += [cells(x - 9, y + 8, n) for (x, y), n in _at_places(sent, record["cells"])]
    parts += [_stand(view, record, *stand) for stand in _stands(sent)]
    name = next((one for one in sent["names"] if one[0] == "name_mexico"), None)
    if show["harm"] and name and (dead := round(float(record["dead"][-1]) / 10)):
        parts.append(deaths(name[1], name[2] + 14, dead))
    return "".join(parts)


def _at_places(sent: dict[str, Any], counts: Any) -> list[tuple[tuple[float, float], int]]:
    """Places in view that have some, and how many."""
    return [
        ((p["x"], p["y"]), int(n))
        for p, n in zip(sent["places"], counts, strict=True)
        if n and p["inside"]
    ]


def _stands(sent: dict[str, Any]) -> list[tuple[int, float, float, float, float]]:
    """Sector, its place on the line, where its column stands, and pixels an agent."""
    here = [(k, *one["at"]) for k, one in enumerate(sent["sectors"]) if one["at"]]
    columns = _apart([x for _, x, _ in here])
    scale = _COLUMN / max(one["agents"] for one in sent["sectors"])
    return [(k, x, y, column, scale) for (k, x, y), column in zip(here, columns, strict=True)]


def _apart(xs: list[float]) -> list[float]:
    """Columns moved sideways until none covers its neighbour; sectors go from west to east."""
    found = list(xs)
    for _ in range(80):
        for i in range(1, len(found)):
            missing = max(0.0, _APART - (found[i] - found[i - 1]))
            found[i - 1] -= missing / 2
            found[i] += missing / 2
    return found


def _stand(
    view: View, record: Any, sector: int, x: float, y: float, column_x: float, scale: float
) -> str:
    """A sector: a thin line from the border, its agents as a column, deaths on top."""
    met = float(record["caught"][sector]) + float(record["away"][sector])
    share = float(record["caught"][sector]) / met if met else 0.0
    tall, foot = scale * min(float(record["agents"][sector]), 2 * _COLUMN / scale), y - _UP
    line = el("line", x1=x, y1=y, x2=column_x, y2=foot, stroke=AGENTS, stroke_width=0.8)
    dead = round(float(record["dead"][sector]) / 10)
    parts = []
    if view.show["enforcement"]:
        parts = [line, column(column_x, foot, tall, share)]
    if view.show["harm"] and dead:
        parts.append(deaths(column_x, foot - tall - 9, dead))
    return "".join(parts)


def place(kind: str, x: float, y: float) -> str:
    """A place, its shape by its kind; a port of entry is an open square."""
    shape, size, colour = MARKS.get(kind, MARKS["transit"])
    if shape == "frame":
        return marker("square", x, y, 1.15 * size, fill="#fff", stroke=colour, stroke_width=1.6)
    return marker(shape, x, y, 1.15 * size, fill=colour, stroke="#fff", stroke_width=0.8)


def officers(x: float, y: float, count: int) -> str:
    """Mexican officers: a disc, its area by their number."""
    radius = min(24.0, 4 + 0.5 * math.sqrt(count))
    return el(
        "circle",
        cx=x,
        cy=y,
        r=radius,
        fill=OFFICERS,
        fill_opacity="0.16",
        stroke=OFFICERS,
        stroke_width=1.7,
    )


def stopped(ribbon: Ribbon, count: int) -> str:
    """Persons stopped on a leg: a bar across it."""
    (x0, y0), (x1, y1) = ribbon.start, ribbon.end
    (x, y), half = ribbon.along(0.5), min(11.0, 3 + 0.45 * math.sqrt(count))
    dx, dy = half * (x1 - x0) / (ribbon.length or 1), half * (y1 - y0) / (ribbon.length or 1)
    ends = {"x1": x - dy, "y1": y + dx, "x2": x + dy, "y2": y - dx}
    edge = el("line", **ends, stroke="#fff", stroke_width=4.6)
    return edge + el("line", **ends, stroke=OFFICERS, stroke_width=2.6)


def column(x: float, y: float, tall: float, share: float) -> str:
    """Agents of a sector: a column, filled as far as people are apprehended."""
    box = {"x": x - 4, "width": 8.0}
    back = el("rect", **box, y=y - tall, height=tall, fill="#fff", stroke=AGENTS, stroke_width=1.3)
    return back + el("rect", **box, y=y - tall * share, height=tall * share, fill=AGENTS)


def cells(x: float, y: float, count: int) -> str:
    """Cells of smuggling organisations: an hourglass."""
    size = min(6.5, 2.6 + 0.8 * math.sqrt(count))
    corners = ((-1, -1.1), (1, -1.1), (-1, 1.1), (1, 1.1))
    points = " ".join(f"{x + dx * size:.1f},{y + dy * size:.1f}" for dx, dy in corners)
    return el("polygon", points=points, fill=CELLS, stroke="#fff", stroke_width=1.0)


def deaths(x: float, y: float, count: int) -> str:
    """A number of deaths: a dark tag."""
    told = plain(float(count), 0)
    wide = max(15.0, text_width(told, 10) + 8)
    box = el(
        "rect",
        x=x - wide / 2,
        y=y - 7,
        width=wide,
        height=14.0,
        rx=3,
        fill=HARM,
        stroke="#fff",
        stroke_width=1.2,
    )
    look: dict[str, object] = {"fill": "#fff", "text_anchor": "middle", "font_weight": 600}
    return box + text(x, y + 3.6, told, 10, **look)


def key(view: View, full: float, colour: str, widest: float) -> str:
    """What the marks mean, in two rows."""
    t, show = view.words, view.show
    half = widest / 2
    wedge = el(
        "polygon", points=f"0,0 60,{-half} 60,{half}", transform="translate(-52 0)", fill=colour
    )
    bar = stopped(Ribbon(0, (-9.0, 0.0), (9.0, 0.0), 1.0), 40)
    kinds = (
        "origin",
        "transit",
        "staging",
        "crossing_between_ports",
        "port_of_entry",
        "destination",
    )
    samples = [(show["flow"], 60.0, wedge, f"0 – {plain(full)} {t('map.flow')}")]
    samples += [(True, 14.0, place(kind, 0, 0), t(f"map.kind_{kind}")) for kind in kinds]
    samples += [
        (show["enforcement"], 18.0, officers(0, 0, 30), t("map.officers")),
        (show["enforcement"], 18.0, bar, t("map.legend_stopped")),
        (show["enforcement"], 14.0, column(0, 8, 16, 0.6), t("map.legend_column")),
        (show["organisations"], 16.0, cells(0, 0, 6), t("map.cells")),
        (show["harm"], 24.0, deaths(0, 0, 12), t("map.legend_deaths")),
    ]
    return _rows([sample[1:] for sample in samples if sample[0]])


def _rows(samples: list[tuple[float, str, str]]) -> str:
    """Samples with their words; a new row where the first seven end."""
    parts, x, y = [], 0.0, 14.0
    for i, (wide, sample, words) in enumerate(samples):
        if i == 7:
            x, y = 0.0, 42.0
        parts.append(el("g", sample, transform=f"translate({x + wide - 8:.1f} {y})"))
        parts.append(text(x + wide + 8, y + 4, words, 12, fill=INK))
        x += wide + 22 + 0.9 * text_width(words, 12)
    return "".join(parts)
