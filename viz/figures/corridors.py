"""Corridors of a world: at most sixteen smooth curves along which maps draw all flows.

A network of legs is too dense to read as lines. Places that a map cannot separate are joined, and
a leg near a busier way is drawn along that way (edge-path bundling, Wallinger et al. 2021). The
remaining ways are chained where they continue straight (strokes, Thomson and Richardson 1999), and
each chain becomes a centripetal Catmull-Rom curve through its places.
"""

import heapq
import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import combinations, groupby, pairwise

import numpy as np

from viz.figures.basemap import Frame, MapData, Point, named_places, visible_legs

MOST = 16
#: Places that are closer than this share of the map width are drawn at one point.
_MERGE_DISTANCE = 0.009
_BEND = 130.0  # maximum turn of a corridor at a place, in degrees
#: Detours to allow along corridors, relative to a leg's length. The shortest detour that leaves at
#: most `MOST` corridors is used.
_DETOURS = tuple(1.1 + 0.05 * step for step in range(60))
_STEP = 0.01  # distance between the points of a curve, as a share of the map width
Way = tuple[int, int]
Ways = dict[int, dict[int, float]]  # length of each way by its two ends


@dataclass(frozen=True)
class Section:
    """Part of a corridor between two places: the place indices and the points of the curve."""

    tail: int
    head: int
    points: list[Point]


@dataclass(frozen=True)
class Corridors:
    """Curves of a world on a map.

    Attributes:
        chains: section indices of each corridor, from its first to its last place.
        sections: all sections.
        courses: section indices that each leg follows, as ``~section`` if it follows the section
            backwards.
    """

    chains: list[list[int]]
    sections: list[Section]
    courses: list[list[int]]


def section_sums(
    courses: Sequence[Sequence[int]], flow: np.ndarray, *, net: bool = False
) -> np.ndarray:
    """Return the number of people on each section.

    Args:
        courses: as in `Corridors`.
        flow: persons on each leg, shape (legs,).
        net: whether to subtract people who travel backwards along a section.
    """
    passes = [
        (max(section, ~section), -value if net and section < 0 else value)
        for course, value in zip(courses, flow, strict=True)
        for section in course
    ]
    sections, values = np.array(passes, float).reshape(-1, 2).T
    return np.bincount(sections.astype(int), values)


@dataclass(frozen=True)
class Ribbon:
    """Part of a corridor whose width shows people.

    Attributes:
        sections: section indices.
        points: points of the curve, shape (points, 2).
        people: people at each point. They equal a section's people at its middle and change
            linearly in between.
        section_of: section index of each point.
    """

    sections: list[int]
    points: np.ndarray
    people: np.ndarray
    section_of: np.ndarray

    def outline(self, scale: float, chosen: np.ndarray | slice = slice(None)) -> np.ndarray:
        """Return the closed outline along the chosen points, where `scale` people are 1 pt wide."""
        along = np.gradient(self.points, axis=0)
        along /= np.maximum(np.hypot(*along.T), 1e-9)[:, None]
        aside = along[:, ::-1] * (1.0, -1.0) * (self.people / scale / 2)[:, None]
        left, right = (self.points + side * aside for side in (1.0, -1.0))
        return np.concatenate([left[chosen], right[chosen][::-1]])


def ribbons_of(corridors: Corridors, values: np.ndarray, least: float) -> list[Ribbon]:
    """Return the longest corridor parts that have enough people and values of one sign.

    Args:
        corridors: the curves.
        values: people on each section, or changes, which may be negative.
        least: minimum absolute value that is drawn.
    """
    ribbons = []
    signs = np.sign(values) * (abs(values) >= least)
    parts = (group for chain in corridors.chains for group in groupby(chain, signs.__getitem__))
    for part in (list(group) for sign, group in parts if sign):
        lines = [np.array(corridors.sections[section].points) for section in part]
        sizes = [len(line) for line in lines]
        places = np.cumsum(np.repeat(sizes, 2) / 2)[:-1]  # positions of middles and ends
        levels = np.interp(np.arange(len(places)) / 2, np.arange(len(part)), abs(values[part]))
        people = np.interp(np.arange(sum(sizes)) + 0.5, places, levels)
        ribbons.append(Ribbon(part, np.concatenate(lines), people, np.repeat(part, sizes)))
    return ribbons


@lru_cache(maxsize=8)
def corridors_of(data: MapData, frame: Frame) -> Corridors:
    """Assign the visible legs of a world to at most `MOST` corridors.

    Args:
        data: places and legs.
        frame: the window.

    Returns:
        The corridors, in page units of the window.
    """
    at = [frame.point(*place) if math.isfinite(sum(place)) else (0.0, 0.0) for place in data.places]
    anchors, inside = _anchors(data, frame, at), [frame.holds(*place) for place in data.places]
    ways = (
        (leg, anchors[data.tail[leg]], anchors[data.head[leg]]) for leg in visible_legs(data, frame)
    )
    ends = {leg: (a, b) for leg, a, b in ways if a != b and inside[a] and inside[b]}
    shared = Counter[Way]()
    for (tail, head), number in shared_routes(data).items():
        shared[anchors[tail], anchors[head]] += number
        shared[anchors[head], anchors[tail]] += number
    lengths = {(min(way), max(way)): math.dist(at[way[0]], at[way[1]]) for way in ends.values()}
    busy = dict(sorted(lengths.items(), key=lambda item: (shared[item[0]], item[0])))
    chains = next(
        chains for detour in _DETOURS if (chains := _chains(busy, at, detour)) is not None
    )
    chained = {way for chain in chains for way in pairwise(chain)}
    ways = _neighbours({way: math.dist(at[way[0]], at[way[1]]) for way in chained})
    sections = [part for chain in chains for part in _curve(chain, at, ways, _STEP * frame.width)]
    numbers = {(section.tail, section.head): number for number, section in enumerate(sections)}
    numbers |= {(head, tail): ~number for (tail, head), number in numbers.items()}
    paths = {(a, b): _path(ways, a, {b}) for a, b in {*ends.values()}}
    courses = [
        [numbers[way] for way in pairwise(paths.get(ends.get(leg, (-1, -1)), ()))]
        for leg in range(len(data.tail))
    ]
    order = [[numbers[way] for way in pairwise(chain)] for chain in chains]
    return Corridors(order, sections, courses)


def _anchors(data: MapData, frame: Frame, at: Sequence[Point]) -> list[int]:
    """Return the place at which each place is drawn: the most important place close to it."""
    names = {place: rank for rank, (_, place, _) in enumerate(named_places(data, frame))}
    order = sorted(range(len(at)), key=lambda i: (names.get(i, len(at)), i))
    anchors, places = list(range(len(at))), list[int]()
    for place in order:
        near = min(places, key=lambda other: math.dist(at[other], at[place]), default=place)
        if near != place and math.dist(at[near], at[place]) < _MERGE_DISTANCE * frame.width:
            anchors[place] = near
        else:
            places.append(place)
    return anchors


def _chains(
    lengths: Mapping[Way, float], at: Sequence[Point], detour: float
) -> list[list[int]] | None:
    """Chain the ways that remain if ways with a short enough detour are removed.

    Returns None if more than `MOST` chains remain and a longer detour can be tried.
    """
    links = _neighbours(lengths)
    for (a, b), length in lengths.items():
        del links[a][b], links[b][a]
        if not _path(links, a, {b}, detour * length):
            links[a][b] = links[b][a] = length
    follow: dict[tuple[int, int], int] = {}  # next place after two consecutive places
    for place in links:
        turns = sorted((_turn(at, a, place, b), a, b) for a, b in combinations(links[place], 2))
        for turn, a, b in turns:
            if turn <= _BEND and (a, place) not in follow and (b, place) not in follow:
                follow[a, place], follow[b, place] = b, a
    chains, joined = list[list[int]](), set[frozenset[int]]()
    ways = [(a, b) for a, near in links.items() for b in near]
    # Start at the ends of chains, because a closed loop can start anywhere.
    for a, b in sorted(ways, key=lambda way: (way[::-1] in follow, way)):
        chain = [a, b]
        if frozenset(chain) in joined:
            continue
        while (onward := follow.get((chain[-2], chain[-1]))) is not None:
            if frozenset((chain[-1], onward)) in joined or onward == chain[1]:
                break
            chain.append(onward)
            joined.add(frozenset(chain[-2:]))
        joined.add(frozenset(chain[:2]))
        chains.append(chain)
    return chains if len(chains) <= MOST or detour == _DETOURS[-1] else None


def _neighbours(lengths: Mapping[Way, float]) -> Ways:
    """Return the length of each way by either end, then by its other end."""
    ways: Ways = {place: {} for way in lengths for place in way}
    for (a, b), length in lengths.items():
        ways[a][b] = ways[b][a] = length
    return ways


def _path(ways: Ways, start: int, ends: set[int], longest: float = math.inf) -> list[int]:
    """Return the places on the shortest path to any end, or [] if all paths exceed `longest`."""
    visited, queue = set[int](), [(0.0, [start])]
    while queue:
        length, path = heapq.heappop(queue)
        if path[-1] in ends:
            return path
        if path[-1] not in visited:
            visited.add(path[-1])
            for place, more in ways.get(path[-1], {}).items():
                if place not in visited and length + more <= longest:
                    heapq.heappush(queue, (length + more, [*path, place]))
    return []


def _turn(at: Sequence[Point], a: int, place: int, b: int) -> float:
    """Return the angle in degrees by which the way from `a` to `b` turns at `place`."""
    (x0, y0), (x, y), (x1, y1) = at[a], at[place], at[b]
    turn = math.atan2(y1 - y, x1 - x) - math.atan2(y - y0, x - x0)
    return abs((math.degrees(turn) + 180.0) % 360.0 - 180.0)


def _curve(chain: list[int], at: Sequence[Point], ways: Ways, step: float) -> list[Section]:
    """Return the sections of the curve through a chain's places.

    A curve that ends at another corridor meets it tangentially, as a ramp meets a road.
    """
    knots = [
        _beyond(chain[1::-1], at, ways),
        *(at[i] for i in chain),
        _beyond(chain[-2:], at, ways),
    ]
    sections = []
    for k, (a, b) in enumerate(pairwise(chain)):
        count = 3 + int(math.dist(at[a], at[b]) / step)
        points = _catmull_rom(np.array(knots[k : k + 4]), count)
        sections.append(Section(a, b, list(map(tuple, points.tolist()))))
    return sections


def _beyond(end: Sequence[int], at: Sequence[Point], ways: Ways) -> Point:
    """Return the control point that follows the last of two places."""
    before, last = end
    turns = [(_turn(at, before, last, place), place) for place in ways[last] if place != before]
    turn, place = min(turns, default=(180.0, last))
    (x0, y0), (x, y) = at[before], at[last]
    return at[place] if turn <= _BEND else (2 * x - x0, 2 * y - y0)


def _catmull_rom(knots: np.ndarray, count: int) -> np.ndarray:
    """Return `count` points of the centripetal Catmull-Rom curve from the second to the third knot.

    Args:
        knots: four points, shape (4, 2).
        count: number of points.
    """
    gaps = np.sqrt(np.maximum(np.hypot(*np.diff(knots, axis=0).T), 1e-9))
    t0, t1, t2, t3 = np.concatenate([[0.0], np.cumsum(gaps)])
    t = np.linspace(t1, t2, count)[:, None]
    a, b, c, d = knots

    def between(p: np.ndarray, q: np.ndarray, start: float, end: float) -> np.ndarray:
        return ((end - t) * p + (t - start) * q) / (end - start)

    first, middle, last = between(a, b, t0, t1), between(b, c, t1, t2), between(c, d, t2, t3)
    return between(between(first, middle, t0, t2), between(middle, last, t1, t3), t1, t2)


def shared_routes(data: MapData) -> Counter[Way]:
    """Count the shortest routes that use each way.

    The routes lead from every origin to every crossing between ports, and from there to the nearest
    destination. They follow from the map alone, without a simulation.
    """
    ends = zip(data.tail.tolist(), data.head.tolist(), strict=True)
    ways = _neighbours({(a, b): math.dist(data.places[a], data.places[b]) for a, b in ends})
    crossings, goals = (of_kind(data, kind) for kind in ("crossing_between_ports", "destination"))
    routes = [_path(ways, start, {to}) for start in of_kind(data, "origin") for to in crossings]
    routes += [_path(ways, start, set(goals)) for start in crossings]
    return Counter(way for route in routes for way in pairwise(route))


def of_kind(data: MapData, kind: str) -> list[int]:
    """Return the indices of all places with a kind."""
    return [i for i, name in enumerate(data.place_kinds) if name == kind]
