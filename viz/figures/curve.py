"""Small multiples: a row an outcome, a column an instrument, a line a state of cooperation."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from viz.figures.axes import finite, ticks
from viz.figures.curve_panel import (
    SIZE,
    SMALL,
    TALL,
    Panel,
    amount_axis,
    dollar_axis,
    grid,
    line,
    money,
    path,
    stroke,
)
from viz.figures.markup import el, svg, text, text_width, wrap
from viz.figures.numbers import plain
from viz.figures.palette import MUTED, arm_style, marker

LEFT, NAMES, GAP = 62.0, 152.0, 24.0  # px: numbers at the left, names at the right, between panels
HEAD, FOOT, LETTERS = 16.0, 26.0, 0.9  # px over and under a panel; real width of letters


@dataclass(frozen=True)
class CurveColumn:
    """One instrument: its title, $ a year that were played (the last is its largest dose).

    ``unit`` and ``a_dollar``: what can be counted, and how much of it a dollar a year buys; no unit
    where nothing can. ``lines``: by state and outcome, shape (3, budgets): low90, median, high90.
    """

    title: str
    dollars: Sequence[float]
    unit: str
    a_dollar: float
    lines: Mapping[str, Mapping[str, np.ndarray]]


@dataclass(frozen=True)
class CurveRow:
    """One outcome: key, label, unit, whether it is a cost to people, and levels that are goals.

    ``goals``: levels and the words beside their dotted lines. ``full``: the upper end of the axis,
    if it has one of its own; the goals are its marks then.
    """

    key: str
    label: str
    unit: str
    human: bool = False
    goals: Sequence[tuple[float, str]] = ()
    full: float = math.nan

    @property
    def aims(self) -> list[float]:
        """Levels of the goals."""
        return [level for level, _ in self.goals]


def curve_svg(
    columns: Sequence[CurveColumn],
    rows: Sequence[CurveRow],
    *,
    title: str,
    lead: str,
    states: Mapping[str, str],
) -> str:
    """The whole picture. `states`: short names by the titles that the lines go by."""
    wide = max(160.0, min(240.0, 900.0 / max(1, len(columns)) - GAP))
    width = max(620.0, LEFT + len(columns) * (wide + GAP) + NAMES)
    words = wrap(lead, (width - 8) / LETTERS, SIZE, 5)
    top = 40.0 + 14 * len(words)
    head = [text(4, 18, title, 15, font_weight=600, class_="chart-title")]
    head += [text(4, 38 + 14 * i, told, SIZE, fill=MUTED) for i, told in enumerate(words)]
    head += [_key(list(states), top), *_titles(columns, wide, top + 34)]
    body, at = [], top + 68
    for row in rows:
        body.append(_row(list(_panels(columns, row, wide, at + HEAD)), columns, row, states))
        at += HEAD + TALL + FOOT
    for column, panel in zip(
        columns, _panels(columns, rows[-1], wide, at - TALL - FOOT), strict=True
    ):
        body.append(amount_axis(panel, column.a_dollar, column.unit))
    return svg(width, at + 22, title, _describe(columns, rows[0]), *head, *body, class_="curve")


def _panels(
    columns: Sequence[CurveColumn], row: CurveRow, wide: float, top: float
) -> Iterator[Panel]:
    """The panels of a row, on one scale of the outcome, each with its own dollars."""
    high = _scale(columns, row)[-1]
    for i, column in enumerate(columns):
        yield Panel(LEFT + i * (wide + GAP), top, wide, column.dollars[-1], high)


def _scale(columns: Sequence[CurveColumn], row: CurveRow) -> list[float]:
    """Marks from 0 that hold everything in the row."""
    if math.isfinite(row.full):
        return [0.0, *row.aims, row.full]
    tables = [state[row.key] for column in columns for state in column.lines.values()]
    values = finite(v for table in tables for v in table.ravel())
    return ticks(0.0, max(values, default=1.0) or 1.0, 3)


def _key(titles: Sequence[str], y: float) -> str:
    """Marks and full names of the states, and the mark of a largest dose."""
    parts, x = [], 8.0
    for i, title in enumerate(titles):
        style = arm_style(i - 1)
        parts.append(stroke(path([(x, y), (x + 26, y)]), style))
        parts.append(marker(style.shape, x + 13, y, 3.4, fill=style.colour))
        parts.append(text(x + 32, y + 4, title, SIZE))
        x += 32 + text_width(title, SIZE) * LETTERS + 16
    parts.append(marker("circle", x + 4, y, 4.2, fill="white", stroke=MUTED, stroke_width=1.4))
    parts.append(text(x + 14, y + 4, "hollow: largest dose", SIZE, fill=MUTED))
    return el("g", *parts, class_="key")


def _titles(columns: Sequence[CurveColumn], wide: float, y: float) -> Iterator[str]:
    """The instruments over their columns."""
    for i, column in enumerate(columns):
        for k, told in enumerate(wrap(column.title, wide * 1.1, 12, 2)):
            yield text(LEFT + i * (wide + GAP), y + 14 * k, told, 12, font_weight=600)


def _row(
    panels: Sequence[Panel],
    columns: Sequence[CurveColumn],
    row: CurveRow,
    states: Mapping[str, str],
) -> str:
    """An outcome under every instrument."""
    marks, sign = _scale(columns, row), "◆ " if row.human else ""
    label = f"{sign}{row.label}, {row.unit}"
    parts = [text(4, panels[0].top - 8, label, SIZE, font_weight=600)]
    for column, at in zip(columns, panels, strict=True):
        parts += [grid(at, marks, row.aims, numbers=at is panels[0]), dollar_axis(at)]
        parts += [
            line(at, column.dollars, np.asarray(column.lines[state][row.key]), i - 1)
            for i, state in enumerate(states)
        ]
    parts += [_goals(panels[-1], row), _ends(panels[-1], columns[-1], row, states)]
    return el("g", *parts, class_=f"row row-{row.key}")


def _goals(at: Panel, row: CurveRow) -> str:
    """Words of the goals, right of the last panel."""
    return "".join(
        text(at.right + 8, at.y(level) + 3, words, SMALL, fill=MUTED)
        for level, words in row.goals
        if words and level <= at.high
    )


def _ends(at: Panel, column: CurveColumn, row: CurveRow, states: Mapping[str, str]) -> str:
    """The name of each state where its line ends, moved apart where they would touch."""
    ends = []
    for i, (state, name) in enumerate(states.items()):
        value = float(column.lines[state][row.key][1, -1])
        if math.isfinite(value):
            ends.append((at.y(value), i - 1, wrap(name, (NAMES - 62) / LETTERS, SIZE, 2)))
    ends.sort(key=lambda end: end[0])
    tops = _apart([end[0] for end in ends], [12.0 * len(end[2]) + 3 for end in ends], at)
    start = at.right + (40 if any(words for _, words in row.goals) else 8)  # words of goals between
    parts, x = [], at.right + 54
    for (y, index, words), top in zip(ends, tops, strict=True):
        style = arm_style(index)
        parts.append(
            el(
                "line",
                x1=start,
                x2=x - 5,
                y1=y,
                y2=top + 6,
                stroke=style.colour,
                stroke_width="0.8",
            )
        )
        parts.append(marker(style.shape, x, top + 6, 3.4, fill=style.colour))
        parts += [text(x + 8, top + 10 + 12 * k, told, SIZE) for k, told in enumerate(words)]
    return "".join(parts)


def _apart(wishes: Sequence[float], heights: Sequence[float], at: Panel) -> list[float]:
    """Tops of labels near their wishes, none over another, all beside the panel."""
    tops: list[float] = []
    free = at.top - 10
    for wish, height in zip(wishes, heights, strict=True):
        tops.append(max(free, wish - 6))
        free = tops[-1] + height
    limit = at.bottom + 16
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], limit - heights[i])
        limit = tops[i]
    return tops


def _describe(columns: Sequence[CurveColumn], row: CurveRow) -> str:
    """The picture in a sentence: an outcome at both ends of every line."""
    told = []
    for column in columns:
        for state, found in column.lines.items():
            first, last = (plain(float(v)) for v in found[row.key][1, [0, -1]])
            told.append(
                f"{column.title}, {state}: {first} at nothing, {last} at "
                f"{money(column.dollars[-1])}"
            )
    return f"{row.label} by dollars a year. {'; '.join(told)}."
