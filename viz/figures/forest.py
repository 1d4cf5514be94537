"""Dot and whisker: the difference each policy makes to one outcome."""

from __future__ import annotations

import math
from collections.abc import Mapping

from viz.figures.axes import finite, ticks
from viz.figures.inputs import OutcomeRow
from viz.figures.markup import el, svg, text, text_width, wrap
from viz.figures.numbers import directions, is_clear, is_single, percent, plain, signed_amount, span
from viz.figures.palette import GRID, INK, MUTED, arm_style, marker

WIDTH, LEFT, RIGHT, ROW = 480.0, 14.0, 466.0, 46.0


class _Axis:
    """Differences to x, zero always in view."""

    def __init__(self, rows: Mapping[str, OutcomeRow]) -> None:
        """Room for every end of every range."""
        ends = finite(v for r in rows.values() for v in (r.difference, r.low90, r.high90))
        self.marks = ticks(min([0.0, *ends]), max([0.0, *ends]), 5)

    def x(self, value: float) -> float:
        """Where a difference lies."""
        low, high = self.marks[0], self.marks[-1]
        return LEFT + (RIGHT - LEFT) * (value - low) / (high - low)


def interval_svg(rows: Mapping[str, OutcomeRow], *, title: str, unit: str) -> str:
    """Forest plot: for each arm the median difference, its 50 % bar and 90 % whisker."""
    head = wrap(title, WIDTH - 8, 14)
    top = 18.0 * len(head) + 6
    axis, bottom = _Axis(rows), top + ROW * len(rows) + 8
    titles = [
        text(4, 16 + 18 * i, line, 14, font_weight=600, class_="chart-title")
        for i, line in enumerate(head)
    ]
    grid = _grid(axis, top + 2, bottom, unit)
    marks = [_row(axis, n, r, i, top + ROW * i, unit) for i, (n, r) in enumerate(rows.items())]
    desc = "; ".join(f"{n}: {_words(r, unit)}" for n, r in rows.items()) or "No policy to compare."
    return svg(
        WIDTH, bottom + 34, title, f"{desc} ({unit}).", *titles, grid, *marks, class_="forest"
    )


def _grid(axis: _Axis, top: float, bottom: float, unit: str) -> str:
    """Fine lines at round numbers, a strong one at zero."""
    parts, taken = [], []
    for value in sorted(axis.marks, key=abs):
        x = axis.x(value)
        colour = INK if value == 0 else GRID
        parts.append(el("line", x1=x, x2=x, y1=top, y2=bottom, stroke=colour, stroke_width=1))
        words = signed_amount(value, unit)
        half = text_width(words, 13.5) / 2
        at = min(max(x, half), WIDTH - half)
        if all(abs(at - other) > half + wide for other, wide in taken):
            taken.append((at, half))
            parts.append(text(at, bottom + 14, words, 11, text_anchor="middle", fill=MUTED))
    less, more = directions(unit)
    parts.append(text(LEFT, bottom + 29, f"← {less}", 11, fill=MUTED))
    parts.append(text(RIGHT, bottom + 29, f"{more} →", 11, text_anchor="end", fill=MUTED))
    middle = (LEFT + RIGHT) / 2
    parts.append(text(middle, bottom + 29, unit, 11, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _row(axis: _Axis, name: str, row: OutcomeRow, index: int, top: float, unit: str) -> str:
    """Name and numbers above, dot and whisker below."""
    style, y = arm_style(index), top + 33
    numbers = _short(row, unit)
    room = RIGHT - LEFT - text_width(numbers, 11.5) - 24
    label = wrap(name, room, 12, 1)[0]
    parts = [
        marker(style.shape, LEFT + 4, top + 14, 3.6, fill=style.colour),
        _plate(text(LEFT + 14, top + 18, label, 12, font_weight=600)),
        _plate(text(RIGHT - 6, top + 18, numbers, 11.5, text_anchor="end")),
    ]
    if math.isfinite(row.difference):
        parts += _whisker(axis, row, style.colour, y)
        look: dict[str, object] = {"fill": style.colour, "stroke": "#fff", "stroke_width": 1.2}
        parts.append(marker(style.shape, axis.x(row.difference), y, 4.6, **look))
    return el("g", *parts, class_=f"arm arm-{index + 1}")


def _plate(words: str) -> str:
    """Text with a white edge, so that grid lines do not run through it."""
    return el(
        "g", words, paint_order="stroke", stroke="#fff", stroke_width=4, stroke_linejoin="round"
    )


def _whisker(axis: _Axis, row: OutcomeRow, colour: str, y: float) -> list[str]:
    """The thin 90 % line with its ends and the thick 50 % bar; nothing for a single run."""
    ends = finite((row.low90, row.high90, row.low50, row.high50))
    if len(ends) < 4 or is_single(row.interval):
        return []
    a, b, c, d = (axis.x(v) for v in (row.low90, row.high90, row.low50, row.high50))
    parts = [el("line", x1=a, x2=b, y1=y, y2=y, stroke=colour, stroke_width=1.6)]
    parts += [
        el("line", x1=e, x2=e, y1=y - 4, y2=y + 4, stroke=colour, stroke_width=1.6) for e in (a, b)
    ]
    bar = el("line", x1=c, x2=d, y1=y, y2=y, stroke=colour, stroke_width=6, opacity="0.55")
    return [*parts, bar]


def _short(row: OutcomeRow, unit: str) -> str:
    """Difference and percent, as short as can be."""
    if not math.isfinite(row.difference):
        return plain(row.difference)
    share = row.percent
    tail = f" ({percent(share.median)})" if share else ""
    return signed_amount(row.difference, unit) + tail


def _words(row: OutcomeRow, unit: str) -> str:
    """One row for whoever cannot see the chart."""
    if is_single(row.interval) or not math.isfinite(row.difference):
        return _short(row, unit)
    clear = "" if is_clear(row.interval) else ", no clear change"
    return f"{_short(row, unit)}, 90 % range {span(row.interval, unit)}{clear}"
