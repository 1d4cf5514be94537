"""A line over the levels of one factor, with the range over replicates, as SVG."""

from __future__ import annotations

import math
from collections.abc import Sequence

from viz.figures.axes import finite, ticks
from viz.figures.markup import el, num, svg, text, wrap
from viz.figures.numbers import plain
from viz.figures.palette import FEWER, GRID, INK, MORE, MUTED, marker
from viz.screen.sweep_pivot import POINT, CellMean, PivotAxis

WIDTH, PLOT, LEFT, RIGHT, SIZE = 520.0, 190.0, 66.0, 500.0, 11.0
_COLOURS = {"A": FEWER, "B": MORE}
_SHAPES = {"A": "square", "B": "triangle"}


class _Frame:
    """Levels to x, values to y."""

    def __init__(self, axis: PivotAxis, values: Sequence[float], top: float) -> None:
        """Room for all levels and values, nothing included, below `top`."""
        low, high = min(axis.centres), max(axis.centres)
        self.low, self.span = low, (high - low) or 1.0
        self.marks = ticks(min(0.0, *values), max(0.0, *values)) if values else [0.0, 1.0]
        self.top, self.bottom = top, top + PLOT

    def x(self, centre: float) -> float:
        """Where a level lies."""
        return LEFT + 14 + (RIGHT - LEFT - 28) * (centre - self.low) / self.span

    def y(self, value: float) -> float:
        """Where a value lies."""
        first, last = self.marks[0], self.marks[-1]
        return self.bottom - PLOT * (value - first) / (last - first)


def lines_svg(
    axis: PivotAxis,
    figures: Sequence[CellMean],
    *,
    title: str,
    unit: str,
    told: str,
    name: str,
    marks: dict[int, str],
) -> str:
    """The picture: a dot a level with its range, joined where levels are numbers.

    ``told``: the same in words. ``marks``: places that are A or B.
    """
    head = wrap(title, WIDTH - 8, 14)
    top = 32.0 + 18 * len(head)
    values = finite(v for f in figures for v in (f.low, f.mean, f.high))
    frame = _Frame(axis, values, top)
    body = [text(4, 16 + 18 * k, line, 14, font_weight=600) for k, line in enumerate(head)]
    body += [text(4, 14 + 18 * len(head), unit, SIZE, fill=MUTED), _axes(frame, axis, name)]
    known = [
        (frame.x(c), f) for c, f in zip(axis.centres, figures, strict=True) if math.isfinite(f.mean)
    ]
    if axis.path != POINT and _are_numbers(axis):
        body += _joined(frame, known)
    body += [_dot(frame, x, f) for x, f in known]
    body += [
        _mark(frame, frame.x(axis.centres[k]), figures[k], mark)
        for k, mark in marks.items()
        if math.isfinite(figures[k].mean)
    ]
    return svg(WIDTH, frame.bottom + 44, title, told, *body)


def _are_numbers(axis: PivotAxis) -> bool:
    """Whether the space between two levels means anything."""
    return bool(axis.edges) or tuple(map(float, range(len(axis.labels)))) != axis.centres


def _axes(frame: _Frame, axis: PivotAxis, name: str) -> str:
    """Grid, figures at the left, levels and what varies below."""
    parts = []
    for value in frame.marks:
        y = frame.y(value)
        parts.append(el("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, stroke=INK if value == 0 else GRID))
        parts.append(text(LEFT - 6, y + 4, plain(value), SIZE, text_anchor="end", fill=MUTED))
    every = math.ceil(len(axis.labels) * max(map(len, axis.labels)) * SIZE * 0.6 / (RIGHT - LEFT))
    for k in range(0, len(axis.labels), max(1, every)):
        x = frame.x(axis.centres[k])
        parts.append(el("line", x1=x, x2=x, y1=frame.bottom, y2=frame.bottom + 4, stroke=MUTED))
        parts.append(text(x, frame.bottom + 17, axis.labels[k], SIZE, text_anchor="middle"))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, frame.bottom + 36, name, SIZE, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _joined(frame: _Frame, known: Sequence[tuple[float, CellMean]]) -> list[str]:
    """The range as an area, and the line of means."""
    there = [f"{num(x)} {num(frame.y(f.high))}" for x, f in known]
    back = [f"{num(x)} {num(frame.y(f.low))}" for x, f in reversed(known)]
    line = "L".join(f"{num(x)} {num(frame.y(f.mean))}" for x, f in known)
    if not known:
        return []
    return [
        el("path", d=f"M{'L'.join(there + back)}Z", fill=FEWER, opacity="0.14"),
        el("path", d=f"M{line}", fill="none", stroke=FEWER, stroke_width=2.2),
    ]


def _dot(frame: _Frame, x: float, figure: CellMean) -> str:
    """A level: its range as a whisker, its mean as a dot."""
    low, high = frame.y(figure.low), frame.y(figure.high)
    whisker = el("line", x1=x, x2=x, y1=low, y2=high, stroke=FEWER, stroke_width=1.4)
    return whisker + marker("circle", x, frame.y(figure.mean), 3.2, fill=FEWER)


def _mark(frame: _Frame, x: float, figure: CellMean, mark: str) -> str:
    """The level that is A or B: a shape of its own with its letter."""
    y = frame.y(figure.mean)
    shape = marker(_SHAPES[mark], x, y, 6.5, fill="#fff", stroke=_COLOURS[mark], stroke_width=2)
    aside = -14 if mark == "A" else 14
    return shape + text(
        x + aside, y - 9, mark, 13, text_anchor="middle", font_weight=700, fill=_COLOURS[mark]
    )
