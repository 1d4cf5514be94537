"""Layout of the causal-loop picture: the places of the boxes, and the arcs between them.

Each arc has the shape, among a few candidates, that best avoids boxes and other arcs. Overlaps are
counted on a grid of small cells. The layout depends on the declared links and places only.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import numpy as np

from abm.causal_links import LINKS, VARIABLES, Link
from viz.figures.markup import wrap

WIDTH = 1_000.0
PITCH = 165.0, 106.0  # between the centres of neighbouring boxes
FIRST = 87.0, 112.0  # centre of the box in the first column and row
_BOX, LINE, TYPE = 114.0, 12.5, 10.5  # width of a box, height of a line of text, type size
_STEPS = 48  # points of an arc
_CELL, _RIM = 5.0, 20  # size of the cells of the map on which arcs avoid each other, and its rim
_COLUMNS, _ROWS = 240, 290  # of that map
_SIDES = (1.0, -1.0)
_ROUND = tuple(side * bend for side in _SIDES for bend in (0.1, 0.2, 0.3, 0.42, 0.56, 0.72))
_HOOKS = tuple(side * bend for side in _SIDES for bend in (0.25, 0.5))
#: Bends of the first and the second half of an arc.
_BENDS = (
    (0.0, 0.0),
    *((bend, bend) for bend in _ROUND),
    *((bend, 0.0) for bend in _HOOKS),
    *((0.0, bend) for bend in _HOOKS),
    *((bend, -bend) for bend in _HOOKS),
    *((2.0 * bend, 0.6 * bend) for bend in _HOOKS),
    *((0.6 * bend, 2.0 * bend) for bend in _HOOKS),
)
_MANY = (0.0, *(side * bend for side in _SIDES for bend in (0.12, 0.25, 0.4, 0.6, 0.85, 1.15)))
_MORE_BENDS = tuple(itertools.product(_MANY, _MANY))  # used if every arc of _BENDS meets a box
_SHIFTS = ((0.0, 0.0), (-0.3, 0.3), (0.3, -0.3), (0.3, 0.3), (-0.3, -0.3))  # of its ends, in widths
_EDGE, _ROOF = 6.0, 66.0  # limits of arcs: from the sides of the picture, and from its top
_CLOSE = 3.0  # penalty of a point of an arc on another arc
_PASSES = 6

#: Column and row of every variable.
PLACES: dict[str, tuple[int, int]] = {
    "failure": (0, 2),
    "income": (0, 0),
    "drivers": (0, 1),
    "candidates": (1, 0),
    "departures": (3, 1),
    "success": (2, 2),
    "stop_belief": (3, 2),
    "release_belief": (1, 2),
    "announcements": (2, 1),
    "waiting": (2, 0),
    "legal_queue": (3, 0),
    "awareness": (1, 1),
    "on_the_way": (3, 4),
    "detours": (2, 4),
    "kidnappings": (3, 3),
    "deaths": (2, 3),
    "clients": (4, 1),
    "price": (4, 2),
    "profit": (5, 2),
    "cells": (5, 1),
    "reputation": (4, 0),
    "revenue": (4, 3),
    "drugs": (5, 3),
    "drug_profit": (5, 4),
    "violence": (4, 4),
    "mx_hazard": (4, 6),
    "mx_stops": (4, 7),
    "mx_strength": (5, 6),
    "integrity": (4, 5),
    "aid": (5, 8),
    "cooperation": (5, 5),
    "transfers": (4, 8),
    "evaders": (2, 5),
    "surrenders": (2, 6),
    "detection": (3, 5),
    "response": (1, 5),
    "field_time": (3, 7),
    "apprehensions": (1, 6),
    "free_beds": (1, 8),
    "releases": (0, 6),
    "sanctions": (1, 7),
    "expulsions": (0, 7),
    "wait_mexico": (1, 9),
    "retries": (0, 8),
    "agents": (1, 4),
    "got_aways": (0, 3),
    "network": (0, 4),
    "port_wait": (3, 9),
    "traffic": (4, 9),
    "port_detection": (5, 9),
    "port_entries": (3, 8),
    "requests": (2, 8),
}


# ---- boxes ---------------------------------------------------------------------------------------
def centre(variable: str) -> np.ndarray:
    """Return the centre of the box of a variable."""
    column, row = PLACES[variable]
    return np.array([FIRST[0] + column * PITCH[0], FIRST[1] + row * PITCH[1]])


def sheet_height() -> float:
    """Return the height of the picture."""
    return FIRST[1] + max(row for _, row in PLACES.values()) * PITCH[1] + 40.0


def label_lines(variable: str) -> list[str]:
    """Return the lines of the label of a variable."""
    return wrap(VARIABLES[variable].name, _BOX * 1.1, TYPE, 3)


def half_size(variable: str) -> np.ndarray:
    """Return half of the width and height of the box of a variable."""
    return np.array([_BOX / 2, (LINE * len(label_lines(variable)) + 9.0) / 2])


# ---- arcs ---------------------------------------------------------------------------------------
def route() -> list[np.ndarray]:
    """Return the points of every arc, from the edge of one box to the edge of the other.

    Each arc has the shape, among a few candidates, that best avoids boxes, other arcs and arrow
    heads. The choice is repeated in several passes, because it depends on the other arcs.
    """
    owner = _map_of_boxes()
    used = np.zeros(owner.shape)
    shapes, fixed = zip(*(_shapes(link, owner) for link in LINKS), strict=True)
    cells = [_index(arcs) for arcs in shapes]
    chosen = [-1] * len(LINKS)
    order = sorted(range(len(LINKS)), key=lambda k: (_length(LINKS[k]), k))
    for _ in range(_PASSES):
        for k in order:
            if chosen[k] >= 0:
                _draw(used, shapes[k][chosen[k]], -1.0)
            costs = fixed[k] + _CLOSE * used[cells[k]].sum(axis=1)
            chosen[k] = int(np.argmin(np.round(costs, 6)))
            _draw(used, shapes[k][chosen[k]], 1.0)
    return [arcs[best] for arcs, best in zip(shapes, chosen, strict=True)]


def _map_of_boxes() -> np.ndarray:
    """Return the number of the variable whose box covers each cell of the map, -1 elsewhere."""
    owner = np.full((_ROWS, _COLUMNS), -1)
    for k, name in enumerate(VARIABLES):
        low, high = (centre(name) + side * (half_size(name) + 3.0) for side in (-1, 1))
        (y0, x0), (y1, x1) = _index(low), _index(high)
        owner[y0 : y1 + 1, x0 : x1 + 1] = k
    return owner


def _length(link: Link) -> float:
    """Return the distance between the boxes of a link."""
    return float(np.hypot(*(centre(link.effect) - centre(link.cause))))


def _shapes(link: Link, owner: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the possible arcs of a link, and their costs without overlaps with other arcs.

    Args:
        link: the link.
        owner: variable of the box that covers each cell of the map.

    Returns:
        Points, shape (arcs, points, 2), and costs, shape (arcs,).
    """
    for bends in (_BENDS, _MORE_BENDS):
        arcs = _arcs(link, bends)
        boxes = _points_on_boxes(arcs, link, owner)
        if boxes.min() == 0:
            break
    steps = np.diff(arcs, axis=1)
    length = np.hypot(steps[..., 0], steps[..., 1]).sum(axis=1)
    turns = np.abs(np.diff(steps, axis=1)).sum(axis=(1, 2)) / np.maximum(length, 1.0)
    graze = sum(
        1.0 - _cosine(arcs[:, here] - arcs[:, there], centre(name) - arcs[:, here])
        for here, there, name in ((-1, -4, link.effect), (0, 3, link.cause))
    )
    return arcs, 1_000.0 * boxes + 0.06 * length + 40.0 * turns + 10.0 * graze


def _points_on_boxes(arcs: np.ndarray, link: Link, owner: np.ndarray) -> np.ndarray:
    """Return how many points of each arc are on a box or beyond the edges of the picture."""
    ids, under = list(VARIABLES), owner[_index(arcs)]
    on = (under >= 0) & (under != ids.index(link.cause)) & (under != ids.index(link.effect))
    on |= is_inside(arcs, link.cause, 0.0) | is_inside(arcs, link.effect, 0.0)
    x, y = arcs[..., 0], arcs[..., 1]
    on |= (x < _EDGE) | (x > WIDTH - _EDGE) | (y < _ROOF) | (y > sheet_height() - _EDGE)
    return on.sum(axis=1)


def _cosine(first: np.ndarray, second: np.ndarray) -> np.ndarray:
    """Return the cosine of the angles between vectors, shape (n, 2) each."""
    sizes = np.hypot(*first.T) * np.hypot(*second.T)
    return (first * second).sum(axis=1) / np.maximum(sizes, 1e-9)


def _arcs(link: Link, bends: Sequence[tuple[float, float]]) -> np.ndarray:
    """Return the points of cubic curves between the edges of two boxes, shape (arcs, points, 2)."""
    both = any((other.cause, other.effect) == (link.effect, link.cause) for other in LINKS)
    forms = np.array(
        [
            (*pair, *shifts)
            for pair, shifts in itertools.product(bends, _SHIFTS)
            if any(pair) or not both
        ]
    )
    wide = np.array([_BOX, 0.0])
    start = centre(link.cause) + forms[:, 2, None] * wide
    end = centre(link.effect) + forms[:, 3, None] * wide
    across = np.stack([start[:, 1] - end[:, 1], end[:, 0] - start[:, 0]], axis=1)
    one = start + (end - start) / 3.0 + forms[:, 0, None] * across
    two = end + (start - end) / 3.0 + forms[:, 1, None] * across
    t = np.linspace(0.0, 1.0, 3 * _STEPS)
    weights = np.stack([(1 - t) ** 3, 3 * t * (1 - t) ** 2, 3 * t**2 * (1 - t), t**3])
    points = np.einsum("kt,kan->atn", weights, np.stack([start, one, two, end]))
    outside = ~(is_inside(points, link.cause, 1.0) | is_inside(points, link.effect, 3.0))
    first, last = outside.argmax(axis=1), 3 * _STEPS - 1 - outside[:, ::-1].argmax(axis=1)
    share = np.linspace(0.0, 1.0, _STEPS)
    pick = (first[:, None] + share * (last - first)[:, None]).round().astype(int)
    return np.take_along_axis(points, pick[..., None], axis=1)


def is_inside(points: np.ndarray, variable: str, margin: float) -> np.ndarray:
    """Return which points are in the box of a variable."""
    return (np.abs(points - centre(variable)) < half_size(variable) + margin).all(axis=-1)


def _index(points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the row and column of the cells of the map in which points are, shape (..., 2)."""
    cells = np.maximum((points / _CELL).astype(int) + _RIM, 0)
    cells = np.minimum(cells, (_COLUMNS - 1, _ROWS - 1))
    return cells[..., 1], cells[..., 0]


def _draw(used: np.ndarray, points: np.ndarray, weight: float) -> None:
    """Add an arc to the map, and its head with a higher weight."""
    cells = _index(points)
    np.add.at(used, cells, weight)
    head = _index(points[-5:])
    for dy in (-1, 0, 1):
        for dx in (-1, 0, 1):
            np.add.at(used, (head[0] + dy, head[1] + dx), 1.5 * weight)
