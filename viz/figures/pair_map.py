"""Small maps of two worlds before any run: routes, and the part of the map that a policy changes.

Nothing is simulated: the routes are the shortest ones from the places of origin to each part of the
line, and a road is wider where more of them share it.
"""

from __future__ import annotations

import heapq
import math
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import pairwise

from viz.figures.basemap import Frame, MapData, Point, outlines
from viz.figures.markup import el, num, svg, text
from viz.figures.palette import WORLDS

INK, WATER, LAND, OTHER, EDGE = "#16283a", "#e4edf3", "#fbf8f0", "#f0f1f1", "#b9c6d0"
_FILLS = ("#00507d", "#c04f00")  # of marks on a light ground, by world
_MEXICO, _STATES = "Mexico", "United States of America"
_WIDTH, _THIN = 150.0, 1.9
_NARROW, _WIDEST = 0.7, 4.2  # width of a road on one route, and of one on all routes
#: Windows: west, east, south, north.
WINDOWS = {"whole": (-118.5, -86.5, 12.6, 34.2), "line": (-118.5, -95.0, 21.6, 37.5)}
_WIDE = (-124.0, -79.0, 12.4, 34.4)
#: Kinds of places.
_SOUTH, _LINE = "southern_border", "crossing_between_ports"
_FROM, _TO = "origin", "destination"
_POST = 6.5  # distance of the posts of a fence
Way = tuple[int, int]


def border(data: MapData) -> list[Point]:
    """Return the line between Mexico and the United States from west to east, in degrees."""
    north = {tuple(point) for ring in _rings(data, _STATES) for point in ring}
    shared = [tuple(p) for ring in _rings(data, _MEXICO) for p in ring if tuple(p) in north]
    return [(lon, lat) for lon, lat in dict.fromkeys(shared)]


def pair_map_svg(
    data: MapData, mark: str, world: int, *, title: str, text: str, view: str = "whole"
) -> str:
    """Draw the routes of a world and what its policy changes.

    Args:
        data: places and legs.
        mark: a key of `MARKS`.
        world: 0 for A, 1 for B.
        title, text: accessible name and description.
        view: a key of `WINDOWS`.

    Returns:
        The map as SVG, a few kilobytes.
    """
    frame = Frame(*WINDOWS[view], _WIDTH)
    lines = _routes(data, frame, WORLDS[world].colour, 1.0)
    body = (_ground(data, frame), lines, _line(data, frame, "1.1"), MARKS[mark](data, frame, world))
    return svg(_WIDTH, frame.height, title, text, *body, class_="tb-pair-map")


def shared_routes(data: MapData) -> Counter[Way]:
    """Count the shortest routes that share a way, by its two places.

    Routes lead from every place of origin to every crossing between ports, and from there to the
    nearest destination.
    """
    found: Counter[Way] = Counter()
    for start in _of_kind(data, _FROM):
        _, before = _tree(data, start)
        for goal in _of_kind(data, _LINE):
            found.update(_back(before, goal))
    for start in _of_kind(data, _LINE):
        far, before = _tree(data, start)
        found.update(_back(before, min(_of_kind(data, _TO), key=lambda i: far.get(i, math.inf))))
    return found


def wide_map_svg(data: MapData, names: dict[str, str], *, title: str, text: str) -> str:
    """Draw all routes with the names of some places.

    Args:
        data: places and legs.
        names: texts of the places to name, by name of the place.
        title, text: accessible name and description.

    Returns:
        The map as SVG.
    """
    frame = Frame(*_WIDE, 640.0)
    routes = _routes(data, frame, "#3f6f91", 2.4)
    body = (_ground(data, frame, thin=1.6), routes, _line(data, frame, "2.6"))
    return svg(
        frame.width, frame.height, title, text, *body, _names(data, frame, names), class_="tb-wide"
    )


# ---- what differs --------------------------------------------------------------------------------


def _watched(data: MapData, frame: Frame, world: int) -> str:
    """Draw the whole line as watched."""
    return _line(data, frame, "4", _FILLS[world])


def _fenced(data: MapData, frame: Frame, world: int) -> str:
    """Draw posts of equal distance along the line: new miles are spread over all of it."""
    posts = _spread([frame.point(*p) for p in border(data)], _POST)
    return _each(posts, lambda x, y: _square(x, y, 1.9, _FILLS[world]))


def _south(data: MapData, frame: Frame, world: int) -> str:
    """Draw a ring around the places of Mexico's southern border."""
    places = _places(data, frame, _SOUTH)
    x, y = (sum(values) / len(places) for values in zip(*places, strict=True))
    radius = 5.0 + max(math.dist((x, y), place) for place in places)
    ring = {"fill": _FILLS[world], "fill_opacity": "0.2", "stroke": _FILLS[world]}
    return el("circle", cx=x, cy=y, r=radius, **ring, stroke_width="2", stroke_dasharray="4 2.4")


def _nothing(data: MapData, frame: Frame, world: int) -> str:
    """Draw nothing: the world without a new policy."""
    return ""


Drawer = Callable[[MapData, Frame, int], str]
#: Highlights of a map, by name.
MARKS: dict[str, Drawer] = {
    "plain": _nothing,
    "line": _watched,
    "fence": _fenced,
    "south": _south,
}


# ---- parts ---------------------------------------------------------------------------------------


def _rings(data: MapData, country: str) -> Iterable[Sequence[Point]]:
    """Return the outlines of a country."""
    for feature in data.basemap["features"]:
        if feature["properties"].get("name") == country:
            shape = feature["geometry"]
            one = shape["type"] == "Polygon"
            for polygon in [shape["coordinates"]] if one else shape["coordinates"]:
                yield from polygon


def _ground(data: MapData, frame: Frame, thin: float = _THIN) -> str:
    """Draw the sea and the countries."""
    paths = {True: "", False: ""}
    for about, path in outlines(frame, data.basemap, thin=thin):
        if about.get("layer") == "country":
            paths[about["name"] == _MEXICO] += path
    look = {"stroke": EDGE, "stroke_width": "0.6"}
    sea = el("rect", width=frame.width, height=frame.height, fill=WATER)
    return sea + el("path", d=paths[False], fill=OTHER, **look) + _path(paths[True], LAND, **look)


def _path(data: str, fill: str = "none", **look: str) -> str:
    """Draw a path."""
    return el("path", d=data, fill=fill, **look)


def _of_kind(data: MapData, kind: str) -> list[int]:
    """Return the places of a kind."""
    return [i for i, own in enumerate(data.place_kinds) if own == kind]


def _tree(data: MapData, start: int) -> tuple[dict[int, float], dict[int, int]]:
    """Return distances from a place in degrees, and the place before each on the shortest route."""
    legs: dict[int, list[int]] = {}
    for tail, head in zip(data.tail.tolist(), data.head.tolist(), strict=True):
        legs.setdefault(tail, []).append(head)
    far, before, queue = {start: 0.0}, dict[int, int](), [(0.0, start)]
    while queue:
        done, here = heapq.heappop(queue)
        for place in legs.get(here, ()) if done <= far[here] else ():
            there = done + math.dist(data.places[here], data.places[place])
            if there < far.get(place, math.inf):
                far[place], before[place] = there, here
                heapq.heappush(queue, (there, place))
    return far, before


def _back(before: dict[int, int], goal: int) -> Iterator[Way]:
    """Yield the ways of a route, from its end back to its start."""
    while goal in before:
        yield before[goal], goal
        goal = before[goal]


def _routes(data: MapData, frame: Frame, colour: str, size: float) -> str:
    """Draw the shortest routes, wider where more of them share a way."""
    shared = shared_routes(data)
    most, paths = max(shared.values()), dict[str, str]()
    for (tail, head), count in sorted(shared.items()):
        ends = frame.point(*data.places[tail]), frame.point(*data.places[head])
        width = num(size * max(_NARROW, _WIDEST * round(4 * math.sqrt(count / most)) / 4))
        paths[width] = paths.get(width, "") + f"M{_xy(*ends[0])}L{_xy(*ends[1])}"
    look = {"stroke": colour, "opacity": "0.62", "fill": "none", "stroke_linecap": "round"}
    lines = (el("path", d=path, stroke_width=width) for width, path in paths.items())
    return el("g", *lines, **look)


def _line(data: MapData, frame: Frame, width: str, colour: str = INK) -> str:
    """Draw the line between Mexico and the United States."""
    points = (frame.point(*place) for place in border(data))
    lines = "M" + "L".join(_xy(x, y) for x, y in points)
    return _path(lines, stroke=colour, stroke_width=width, stroke_linejoin="round")


def _xy(x: float, y: float) -> str:
    return f"{num(x)} {num(y)}"


def _places(data: MapData, frame: Frame, kind: str) -> list[Point]:
    """Return the places of a kind on the page, from west to east."""
    return sorted(frame.point(*data.places[i]) for i in _of_kind(data, kind))


def _spread(points: Sequence[Point], step: float) -> list[Point]:
    """Return points of equal distance along a line."""
    found, left = [points[0]], step
    for (x0, y0), (x1, y1) in pairwise(points):
        length, at = math.dist((x0, y0), (x1, y1)), left
        while at <= length:
            share = at / length
            found.append((x0 + share * (x1 - x0), y0 + share * (y1 - y0)))
            at += step
        left = at - length
    return found


def _each(points: Iterable[Point], draw: Callable[[float, float], str]) -> str:
    return "".join(draw(x, y) for x, y in points)


def _square(x: float, y: float, half: float, fill: str) -> str:
    size = {"width": 2 * half, "height": 2 * half}
    return el("rect", x=x - half, y=y - half, **size, fill=fill)


def _names(data: MapData, frame: Frame, names: dict[str, str]) -> str:
    """Draw places with their names over the sea or the north, where no route passes."""
    parts = []
    for place, (lon, lat) in zip(data.place_names, data.places, strict=True):
        if place in names:
            x, y = frame.point(lon, lat)
            look = {"stroke": INK, "stroke_width": "1.4", "fill": "#fff"}
            parts.append(el("circle", cx=x, cy=y, r=2.8, **look))
            parts.append(_name(x, y, names[place], _before(lon, lat)))
    return "".join(parts)


def _before(lon: float, lat: float) -> bool:
    """Return whether a name is left of its place: in the west, and on the Pacific side."""
    return lon < -112.0 or (lat < 21.0 and lon < -90.0)


def _name(x: float, y: float, name: str, before: bool) -> str:
    """Draw a name left or right of a place, with a light edge that keeps it readable."""
    look: dict[str, object] = {"fill": INK, "text_anchor": "end" if before else "start"}
    edge = {"stroke": "#fff", "stroke_width": "3", "paint_order": "stroke"}
    return text(x - 7 if before else x + 7, y + 4, name, 12, **look, **edge)
