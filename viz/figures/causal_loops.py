"""The causal-loop picture of the model: a box for each variable, an arrow for each link.

Boxes are at declared places, grouped by room. Links are arcs: solid and vermillion with a plus sign
at the head, or dashed and blue with a minus sign. `python -m viz.figures.causal_loops` prints the
SVG.
"""

from __future__ import annotations

import re

import numpy as np
from scipy.spatial import KDTree

from abm.causal_links import LINKS, ROOMS, VARIABLES, Link
from abm.causal_loops import REINFORCING, named_loops
from viz.figures.causal_arcs import (
    LINE,
    PITCH,
    PLACES,
    TYPE,
    WIDTH,
    centre,
    half_size,
    label_lines,
    route,
    sheet_height,
)
from viz.figures.markup import el, esc, num, svg, text
from viz.figures.palette import FEWER, INK, MORE, MUTED

TITLE = "Causal loops of the model"
_OFF = 0.42  # opacity of links that are off by default
_LONG = ("month", "year", "half", "quarter", "weeks")  # words of delays that are marked


def causal_loops_svg() -> str:
    """Return the picture of all variables and links as an SVG document."""
    height = sheet_height()
    arcs = route()
    signs = _sign_places(arcs)
    discs = _loop_marks(arcs, signs, height)
    off = sum(bool(link.switch) for link in LINKS)
    desc = (
        f"{len(VARIABLES)} variables in {len(ROOMS)} groups and {len(LINKS)} signed links, "
        f"{off} of them off by default. The page lists all of them."
    )
    body = [el("rect", x=0.0, y=0.0, width=WIDTH, height=height, fill="white")]
    body += [text(10, 26, TITLE, 15, font_weight=600), *_legend()]
    tints, titles = zip(*(_room(room) for room in ROOMS), strict=True)
    body += tints
    faint = [k for k, link in enumerate(LINKS) if link.switch]
    strong = [k for k, link in enumerate(LINKS) if not link.switch]
    body += [_arrow(LINKS[k], arcs[k]) for k in faint + strong]
    body += [*titles, *(_box(name) for name in VARIABLES)]
    body += [_mark(LINKS[k], signs[k]) for k in faint + strong] + discs
    return svg(WIDTH, height, TITLE, desc, *body)


# ---- boxes and rooms ----------------------------------------------------------------------------
def _box(variable: str) -> str:
    """Return the box of a variable with its label; inputs have a dotted frame."""
    (x, y), (wide, tall) = centre(variable), half_size(variable)
    driver = VARIABLES[variable].driver
    frame = el(
        "rect",
        x=float(x - wide),
        y=float(y - tall),
        width=float(2 * wide),
        height=float(2 * tall),
        rx=5,
        fill="white",
        stroke=MUTED,
        stroke_width=1,
        stroke_dasharray="2 3" if driver else None,
    )
    words = label_lines(variable)
    first = y - (len(words) - 1) * LINE / 2 + 0.36 * TYPE
    lines = [
        text(float(x), float(first + k * LINE), line, TYPE, text_anchor="middle")
        for k, line in enumerate(words)
    ]
    return frame + "".join(lines)


def _room(room: str) -> tuple[str, str]:
    """Return the tinted cells of a room, and its name above its first box."""
    names = [name for name, variable in VARIABLES.items() if variable.room == room]
    wide, tall = PITCH[0] / 2, PITCH[1] / 2
    shade = _SHADES[list(ROOMS).index(room)]
    cells = []
    for x, y in (centre(name) for name in names):
        place = {"x": float(x - wide), "y": float(y - tall), "width": 2 * wide, "height": 2 * tall}
        cells.append(el("rect", **place, fill=shade, shape_rendering="crispEdges"))
    top = min(names, key=lambda name: (PLACES[name][1], PLACES[name][0]))
    x, y = centre(top) + np.array([6.0 - wide, 14.0 - tall])
    return "".join(cells), text(float(x), float(y), ROOMS[room], 11, **_PLAIN, stroke=shade)


_PLAIN: dict[str, object] = {
    "font_weight": 600,
    "fill": MUTED,
    "stroke_width": 3,
    "paint_order": "stroke",
}
_SHADES = (
    "#f6f1e4",
    "#eef4fa",
    "#f4f1f7",
    "#f8efe9",
    "#eef6f0",
    "#f3f4f6",
    "#faf4e8",
    "#eef3f3",
    "#f5efe8",
)


# ---- arrows -------------------------------------------------------------------------------------
def _colour(link: Link) -> str:
    """Return the colour of the sign of a link."""
    return MORE if link.sign > 0 else FEWER


def _is_late(link: Link) -> bool:
    """Return whether the delay of a link is marked: more than a week."""
    if "day" in link.delay:
        return max(int(number) for number in re.findall(r"\d+", link.delay)) > 7
    return any(word in link.delay for word in _LONG)


def _arrow(link: Link, points: np.ndarray) -> str:
    """Return the line and the head of an arrow, with a double stroke for a long delay."""
    colour, faint = _colour(link), _OFF if link.switch else None
    tip, back = points[-1], points[-4]
    along = (tip - back) / max(float(np.hypot(*(tip - back))), 1e-9)
    base, across = tip - 8.0 * along, np.array([-along[1], along[0]])
    shaft = np.vstack([points[:-3], base])
    data = "M" + "L".join(" ".join(map(num, point)) for point in [*shaft[:-1:2], base])
    dash = None if link.sign > 0 else "6 3"
    look = {"stroke": colour, "stroke_width": 1.2, "fill": "none"}
    parts = [el("path", d=data, stroke_dasharray=dash, **look)]
    corners = (tip, base + 3.4 * across, base - 3.4 * across)
    shape = " ".join(f"{num(x)},{num(y)}" for x, y in (c.tolist() for c in corners))
    parts.append(el("polygon", points=shape, fill=colour))
    if _is_late(link):
        parts.append(_strokes(points, colour))
    title = f"{VARIABLES[link.cause].name} → {VARIABLES[link.effect].name}"
    return el("g", el("title", esc(title)), *parts, opacity=faint, class_="link")


def _strokes(points: np.ndarray, colour: str) -> str:
    """Return the two short strokes across the middle of an arc that mark a delay."""
    k = len(points) // 2
    along = points[k + 1] - points[k - 1]
    along = along / max(float(np.hypot(*along)), 1e-9)
    across = 5.0 * np.array([-along[1], along[0]])
    parts = []
    for shift in (-2.0, 2.0):
        (x1, y1), (x2, y2) = points[k] + shift * along - across, points[k] + shift * along + across
        parts.append(f"M{num(x1)} {num(y1)}L{num(x2)} {num(y2)}")
    return el("path", d="".join(parts), stroke=colour, stroke_width=1.3, fill="none")


def _sign_places(arcs: list[np.ndarray]) -> list[np.ndarray]:
    """Return the positions of the signs of the links: free space near the arrow heads."""
    lines = np.vstack(arcs)
    places: list[np.ndarray] = []
    for points in arcs:
        tip, back = points[-1], points[-6]
        along = (tip - back) / max(float(np.hypot(*(tip - back))), 1e-9)
        across = np.array([-along[1], along[0]])
        spots = [
            tip - back_by * along + side * 8.0 * across
            for back_by in (11.0, 16.0, 22.0)
            for side in (1.0, -1.0)
        ]
        worst = [_crowding(spot, lines, places) + 0.4 * k for k, spot in enumerate(spots)]
        places.append(spots[int(np.argmin(np.round(worst, 6)))])
    return places


def _crowding(spot: np.ndarray, lines: np.ndarray, places: list[np.ndarray]) -> float:
    """Return the penalty of a position of a sign for overlaps with boxes, signs and arcs."""
    boxes = (np.abs(spot - _CENTRES) < _HALF_SIZES + 6.0).all(axis=1).sum()
    signs = sum(float(np.hypot(*(spot - other))) < 11.0 for other in places)
    arcs = (np.abs(lines - spot).max(axis=1) < 5.0).sum()
    return 20.0 * float(boxes) + 12.0 * signs + float(arcs)


_CENTRES = np.array([centre(name) for name in VARIABLES])
_HALF_SIZES = np.array([half_size(name) for name in VARIABLES])


def _mark(link: Link, place: np.ndarray) -> str:
    """Return the sign of a link."""
    x, y = place.tolist()
    look: dict[str, object] = {"fill": _colour(link), "font_weight": 700, "text_anchor": "middle"}
    look |= {"stroke": "white", "stroke_width": 2.5, "paint_order": "stroke"}
    look |= {"opacity": 0.6 if link.switch else None}
    return text(x, y + 4.5, "+" if link.sign > 0 else "−", 14, **look)


# ---- loops --------------------------------------------------------------------------------------
def _loop_marks(arcs: list[np.ndarray], signs: list[np.ndarray], height: float) -> list[str]:
    """Return a numbered disc for every named loop, in a free spot near its middle."""
    across, down = np.arange(16.0, WIDTH - 10.0, 6.0), np.arange(70.0, height - 12.0, 6.0)
    spots = np.stack(np.meshgrid(across, down, indexing="ij"), axis=-1).reshape(-1, 2)
    for name in VARIABLES:
        spots = spots[(np.abs(spots - centre(name)) > half_size(name) + 12.0).any(axis=1)]
    near = KDTree(np.vstack(arcs)).query(spots)[0]
    clear = KDTree(np.array(signs)).query(spots)[0]
    marks = []
    for number, loop in enumerate(named_loops().values(), 1):
        ends = np.array([centre(name) for name in loop.variables])
        distance = np.hypot(*(spots - ends.mean(axis=0)).T)
        cost = distance + 20.0 * np.maximum(0.0, 13.0 - near) + 1e3 * (clear < 17.0)
        best = int(np.argmin(np.round(cost, 6)))
        marks.append(_disc(spots[best], number, loop.polarity == REINFORCING, loop.on))
        near = np.minimum(near, np.maximum(np.hypot(*(spots - spots[best]).T) - 14.0, 0.0))
    return marks


def _disc(place: np.ndarray, number: int, reinforcing: bool, on: bool) -> str:
    """Return a disc with the label of a loop: R or B and its number."""
    x, y = place.tolist()
    look = {"fill": "#fffbe8", "stroke": INK, "stroke_width": 1, "opacity": None if on else 0.6}
    words = f"{'R' if reinforcing else 'B'}{number}"
    disc = el("circle", cx=x, cy=y, r=10.5, **look)
    return disc + text(x, y + 3.4, words, 9.5, text_anchor="middle", font_weight=600)


def _legend() -> list[str]:
    """Return the legend in one line below the title: a sample and words for every mark."""
    y, x, parts = 42.0, 10.0, list[str]()
    box: dict[str, object] = {"x": 2.0, "y": -6.0, "width": 22.0, "height": 12.0, "rx": 3}
    box |= {"fill": "white", "stroke": MUTED}
    samples = (
        (_sample(MORE), "+ more of the effect", 160.0),
        (_sample(FEWER, dash="6 3"), "− less of the effect", 155.0),
        (_sample(MORE, opacity=_OFF), "off by default", 120.0),
        (_sample(MORE) + _strokes(_SAMPLE, MORE), "delay of more than a week", 185.0),
        (el("rect", **box, stroke_dasharray="2 3"), "input", 75.0),
        (_disc(np.array([13.0, 0.0]), 6, True, True), "reinforcing and", 130.0),
        (_disc(np.array([13.0, 0.0]), 1, False, True), "balancing loop", 100.0),
    )
    for mark, words, wide in samples:
        parts.append(el("g", mark, transform=f"translate({num(x)} {num(y)})"))
        parts.append(text(x + 31.0, y + 4.0, words, 11, fill=MUTED))
        x += wide
    return parts


_SAMPLE = np.stack([np.linspace(0.0, 26.0, 9), np.zeros(9)], axis=1)


def _sample(colour: str, dash: str | None = None, opacity: float | None = None) -> str:
    """Return a short line for the legend."""
    look = {"stroke": colour, "stroke_width": 1.4, "stroke_dasharray": dash, "opacity": opacity}
    return el("line", x1=0, x2=26, y1=0, y2=0, **look)


if __name__ == "__main__":
    print(causal_loops_svg())
