"""One panel of small multiples: dollars along a square root, an outcome upwards, lines with bands.

Along a square root the first dollars, which buy most, have room, and nothing lies at 0.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from viz.figures.markup import el, num, text, text_width
from viz.figures.numbers import decimals, plain
from viz.figures.palette import GRID, MUTED, ArmStyle, arm_style, marker

TALL, SIZE, SMALL = 104.0, 11.0, 9.5
_ROUND = tuple(m * 10.0**p for p in range(3, 12) for m in (1, 2, 5))


@dataclass(frozen=True)
class Panel:
    """Where things go: dollars to x, values to y.

    ``left``, ``top``, ``wide``: of the panel, px. ``most``: $ a year at the right edge. ``high``:
    the value at the upper edge; 0 is at the lower one.
    """

    left: float
    top: float
    wide: float
    most: float
    high: float

    @property
    def right(self) -> float:
        """The right edge."""
        return self.left + self.wide

    @property
    def bottom(self) -> float:
        """The lower edge."""
        return self.top + TALL

    def x(self, dollars: float) -> float:
        """Where a sum lies."""
        return self.left + self.wide * math.sqrt(max(0.0, dollars) / self.most)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return self.bottom - TALL * value / self.high

    @property
    def sums(self) -> list[float]:
        """Nothing, the largest sum, and round sums between that do not touch."""
        kept, end = [0.0], self.right - text_width(money(self.most), SMALL) - 4
        for value in _ROUND:
            half = text_width(money(value), SMALL) / 2
            apart = self.x(value) - self.x(kept[-1]) >= 2 * half + 4
            if value < self.most and apart and self.x(value) + half <= end:
                kept.append(value)
        return [*kept, self.most]


def grid(at: Panel, marks: Sequence[float], aims: Sequence[float], *, numbers: bool) -> str:
    """Lines at the marks, dotted ones at the goals; the numbers of the marks if asked for."""
    parts = []
    for value in sorted({*marks, *(level for level in aims if level <= at.high)}):
        y, aim = at.y(value), value in aims
        parts.append(
            el(
                "line",
                x1=at.left,
                x2=at.right,
                y1=y,
                y2=y,
                stroke=MUTED if aim else GRID,
                stroke_dasharray="1.5 3" if aim else None,
                stroke_width=0.9 if aim else 1,
            )
        )
        if numbers and value in marks:
            words = plain(value, max(map(decimals, marks)))
            parts.append(_small(at.left - 6, y + 3.5, words, text_anchor="end"))
    return "".join(parts)


def dollar_axis(at: Panel) -> str:
    """The dollar axis: marks from 0 to the largest sum."""
    parts = [el("line", x1=at.left, x2=at.right, y1=at.bottom, y2=at.bottom, stroke=MUTED)]
    for value in at.sums:
        x = at.x(value)
        parts.append(el("line", x1=x, x2=x, y1=at.bottom, y2=at.bottom + 4, stroke=MUTED))
        parts.append(_under(at, value, at.bottom + 14, money(value)))
    return "".join(parts)


def amount_axis(at: Panel, a_dollar: float, unit: str) -> str:
    """Below the dollars what they buy, in its unit; the name of the axis alone where it has none.

    It goes directly below the last panel of a column.
    """
    if not unit:
        return _small(at.left, at.bottom + 40, "$ a year")
    parts, free = [_small(at.left, at.bottom + 40, f"$ a year, and {unit}")], at.left
    *others, last = at.sums
    end = at.right - text_width(_amount(last * a_dollar), SMALL) - 4
    for value in others:
        words = _amount(value * a_dollar)
        half = text_width(words, SMALL) / 2 if value else 0.0
        if value == 0.0 or (free <= at.x(value) - half and at.x(value) + half <= end):
            parts.append(_under(at, value, at.bottom + 27, words))
            free = at.x(value) + half + 6
    return "".join([*parts, _under(at, last, at.bottom + 27, _amount(last * a_dollar))])


def line(at: Panel, dollars: Sequence[float], table: np.ndarray, index: int) -> str:
    """Band, line and marks of one state, shape (3, budgets); gaps stay gaps.

    The mark of the last budget, the largest dose, is hollow.
    """
    style, parts = arm_style(index), []
    for run in _runs(np.isfinite(table).all(axis=0)):
        low, middle, high = (
            [(at.x(dollars[i]), at.y(float(row[i]))) for i in run] for row in table
        )
        band = path(high + low[::-1]) + "Z"
        parts.append(el("path", d=band, fill=style.colour, opacity="0.15"))
        parts.append(stroke(path(middle), style))
        for (x, y), i in zip(middle, run, strict=True):
            last = i == len(dollars) - 1
            parts.append(
                marker(
                    style.shape,
                    x,
                    y,
                    3.8 if last else 2.3,
                    stroke_width=1.4,
                    fill="white" if last else style.colour,
                    stroke=style.colour,
                )
            )
    return el("g", *parts, class_=f"state state-{index + 1}")


def stroke(path: str, style: ArmStyle) -> str:
    """The line of a state."""
    return el(
        "path",
        d=path,
        fill="none",
        stroke=style.colour,
        stroke_width=1.9,
        stroke_dasharray=style.dash or None,
        stroke_linejoin="round",
    )


def path(points: Sequence[tuple[float, float]]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def money(dollars: float) -> str:
    """Dollars as short as they go: 0, $250M, $5.1B."""
    for size, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if dollars >= size:
            return f"${float(f'{dollars / size:.2g}'):g}{letter}"
    return f"${dollars:.0f}" if dollars else "0"


def _amount(value: float) -> str:
    """How many of something, in two digits."""
    return plain(float(f"{value:.2g}"))


def _under(at: Panel, dollars: float, y: float, words: str) -> str:
    """Words under a sum; those at both edges keep within the panel."""
    edge = {0.0: (at.left - 3, "start"), at.most: (at.right + 4, "end")}
    x, anchor = edge.get(dollars, (at.x(dollars), "middle"))
    return _small(x, y, words, text_anchor=anchor)


def _small(x: float, y: float, words: str, **more: object) -> str:
    """Words of an axis."""
    return text(x, y, words, SMALL, fill=MUTED, **more)


def _runs(good: np.ndarray) -> list[list[int]]:
    """Unbroken stretches of budgets that have numbers."""
    places = np.flatnonzero(good)
    cuts = np.flatnonzero(np.diff(places) > 1) + 1
    return [part.tolist() for part in np.split(places, cuts) if part.size]
