"""Monthly series: a line for the median, a band for nine runs in ten, names at the line's end."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np

from viz.figures.axes import finite, month_ticks, ticks
from viz.figures.markup import el, num, svg, text, text_width, wrap
from viz.figures.numbers import plain
from viz.figures.palette import GRID, MUTED, ArmStyle, arm_style, marker

WIDTH, LEFT, RIGHT, PLOT = 480.0, 50.0, 122.0, 180.0
STEP, SIZE = 12.0, 11.0


class _Plot:
    """Where things go: months to x, values to y."""

    def __init__(self, count: int, high: float, top: float) -> None:
        """Room for so many months and values up to `high`, below `top`."""
        self.count, self.top, self.bottom = count, top, top + PLOT
        self.marks = ticks(0.0, high if high > 0 else 1.0)
        self.right = WIDTH - RIGHT

    def x(self, index: float) -> float:
        """Where a month lies."""
        return LEFT + (self.right - LEFT) * index / max(1, self.count - 1)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return self.bottom - PLOT * value / self.marks[-1]


def series_svg(
    months: Sequence[str],
    series: Mapping[str, np.ndarray],
    *,
    title: str,
    unit: str,
    policy_dates: Sequence[tuple[str, str]] = (),
) -> str:
    """Time series with bands. The first entry is drawn as the baseline.

    Each array has the rows low90, median, high90. `policy_dates` are ('2014-07', 'words').
    """
    head = wrap(title, WIDTH - 8, 14)
    arrays = {name: np.asarray(a, dtype=float) for name, a in series.items()}
    values = finite(v for a in arrays.values() for v in a.ravel())
    plot = _Plot(
        len(months), max(values, default=1.0), 26.0 + 18 * len(head) + (14 if policy_dates else 0)
    )
    titles = [
        text(4, 16 + 18 * i, line, 14, font_weight=600, class_="chart-title")
        for i, line in enumerate(head)
    ]
    body = [text(4, 32 + 18 * (len(head) - 1), unit, SIZE, fill=MUTED)]
    body += [_axes(plot, list(months)), _dates(plot, list(months), policy_dates)]
    body += [_arm(plot, a, i - 1) for i, a in enumerate(arrays.values())]
    body.append(_names(plot, arrays))
    data = {
        n: [None if not np.isfinite(v) else round(float(v), 3) for v in a[1]]
        for n, a in arrays.items()
    }
    return svg(
        WIDTH,
        plot.bottom + 34,
        title,
        _describe(arrays, months, unit),
        *titles,
        *body,
        class_="series",
        data_months=json.dumps(list(months)),
        data_series=json.dumps(data),
        data_unit=unit,
        data_left=num(LEFT),
        data_right=num(plot.right),
    )


def _axes(plot: _Plot, months: list[str]) -> str:
    """Grid, numbers at the left, months below."""
    parts = []
    for value in plot.marks:
        y = plot.y(value)
        parts.append(el("line", x1=LEFT, x2=plot.right, y1=y, y2=y, stroke=GRID))
        parts.append(text(LEFT - 6, y + 4, plain(value), SIZE, text_anchor="end", fill=MUTED))
    for index, words, strong in month_ticks(months):
        x = plot.x(index)
        long = 6 if strong else 4
        parts.append(el("line", x1=x, x2=x, y1=plot.bottom, y2=plot.bottom + long, stroke=MUTED))
        for row, word in enumerate(words.split(" ", 1)):
            y = plot.bottom + 17 + 12 * row
            parts.append(text(x, y, word, SIZE, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _dates(plot: _Plot, months: list[str], dates: Sequence[tuple[str, str]]) -> str:
    """Dotted lines where a policy starts."""
    parts = []
    for month, words in dates:
        if month in months:
            x = plot.x(months.index(month))
            parts.append(
                el(
                    "line",
                    x1=x,
                    x2=x,
                    y1=plot.top - 2,
                    y2=plot.bottom,
                    stroke=MUTED,
                    stroke_dasharray="2 3",
                )
            )
            half = text_width(words, SIZE) / 2
            at = min(max(x, half), WIDTH - half)
            parts.append(text(at, plot.top - 6, words, SIZE, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _arm(plot: _Plot, rows: np.ndarray, index: int) -> str:
    """Band and line of one arm; gaps stay gaps."""
    style = arm_style(index)
    parts = []
    for run in _runs(np.asarray(np.isfinite(rows).all(axis=0))):
        upper = [(plot.x(i), plot.y(rows[2, i])) for i in run]
        lower = [(plot.x(i), plot.y(rows[0, i])) for i in reversed(run)]
        if np.any(rows[0, run] != rows[2, run]):
            path = _path(upper + lower) + "Z"
            parts.append(el("path", d=path, fill=style.colour, opacity="0.16"))
    for run in _runs(np.isfinite(rows[1])):
        path = _path([(plot.x(i), plot.y(rows[1, i])) for i in run])
        parts.append(_line(path, style, index))
    return el("g", *parts, class_=f"arm arm-{index + 1}")


def _line(path: str, style: ArmStyle, index: int) -> str:
    """The line of the median."""
    return el(
        "path",
        d=path,
        fill="none",
        stroke=style.colour,
        stroke_width=2 if index < 0 else 2.2,
        stroke_dasharray=style.dash or None,
        stroke_linejoin="round",
    )


def _runs(good: np.ndarray) -> list[list[int]]:
    """Unbroken stretches of months that have a value."""
    runs: list[list[int]] = []
    for i in np.flatnonzero(good):
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(int(i))
        else:
            runs.append([int(i)])
    return runs


def _path(points: list[tuple[float, float]]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def _names(plot: _Plot, arrays: Mapping[str, np.ndarray]) -> str:
    """The name of each arm at the end of its line, moved apart where they would touch."""
    entries = []
    for order, (name, rows) in enumerate(arrays.items()):
        known = np.flatnonzero(np.isfinite(rows[1]))
        at = plot.y(rows[1, known[-1]]) if known.size else plot.bottom
        start = plot.x(int(known[-1])) if known.size else plot.right
        lines = wrap(
            name if known.size else f"{name}: no data",
            RIGHT - 22,
            SIZE,
            3 if len(arrays) <= 4 else 2,
        )
        entries.append((at, start, order - 1, lines))
    entries.sort(key=lambda e: e[0])
    tops = _apart([e[0] for e in entries], [STEP * len(e[3]) + 5 for e in entries], plot)
    return "".join(
        _name(plot, at, start, index, lines, top)
        for (at, start, index, lines), top in zip(entries, tops, strict=True)
    )


def _apart(wishes: list[float], heights: list[float], plot: _Plot) -> list[float]:
    """Tops of boxes centred near their wishes, none over another, inside the plot if they fit."""
    tops: list[float] = []
    free = plot.top - 8
    for wish, height in zip(wishes, heights, strict=True):
        top = max(free, wish - height / 2)
        tops.append(top)
        free = top + height
    limit = plot.bottom + 26
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], limit - heights[i])
        limit = tops[i]
    return tops


def _name(plot: _Plot, at: float, start: float, index: int, lines: list[str], top: float) -> str:
    """One name with its mark and a fine line to where the series ends."""
    style, x = arm_style(index), plot.right + 12
    middle = top + 8
    lead = el("line", x1=start, x2=x - 4, y1=at, y2=middle, stroke=style.colour, stroke_width="0.8")
    mark = marker(style.shape, x, middle, 3.6, fill=style.colour)
    words = [text(x + 8, middle + 4 + STEP * i, line, SIZE) for i, line in enumerate(lines)]
    return el("g", lead, mark, *words, class_=f"arm arm-{index + 1}")


def _describe(arrays: Mapping[str, np.ndarray], months: Sequence[str], unit: str) -> str:
    """The chart in a sentence: the mean of each median."""
    means = []
    for name, rows in arrays.items():
        known = rows[1][np.isfinite(rows[1])]
        means.append(f"{name} {plain(float(known.mean())) if known.size else 'no data'}")
    when = f" from {months[0]} to {months[-1]}" if months else ""
    return f"Monthly medians{when}, mean in {unit}: {'; '.join(means)}."
