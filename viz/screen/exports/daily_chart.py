"""A daily figure of all worlds over the run as a picture in SVG."""

from __future__ import annotations

import datetime
from collections.abc import Iterator

import numpy as np

from viz.figures.axes import finite, ticks
from viz.figures.markup import el, num, text, text_width
from viz.figures.numbers import plain
from viz.figures.palette import GRID, MUTED
from viz.screen.exports.sheet import DASHES, A, B, sheet
from viz.screen.exports.view import View, dated
from viz.screen.live_traits import weekly_means

WIDTH, HEIGHT = 900.0, 380.0
LEFT, RIGHT, FOOT, LINE, SMALL = 64.0, 40.0, 26.0, 14.0, 11.0
ROWS = 10  # of names of dated policies, at most


class _Plot:
    """Where things go: days to x, values to y."""

    top, bottom, right = 12.0, HEIGHT - FOOT, WIDTH - RIGHT

    def __init__(self, days: int, high: float) -> None:
        self.days, self.marks = days, ticks(0.0, high or 1.0)

    def x(self, index: float) -> float:
        """Where a day lies, 0 the first."""
        return LEFT + (self.right - LEFT) * index / max(1, self.days - 1)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return self.bottom - (self.bottom - self.top) * value / self.marks[-1]

    def path(self, values: np.ndarray) -> str:
        """Points of a line."""
        points = (f"{num(self.x(i))} {num(self.y(v))}" for i, v in enumerate(values.tolist()))
        return "L".join(points)


def chart_svg(view: View, name: str) -> str:
    """Means of the last seven days, as on the screen, with bands over other seeds if there are any.

    `name` is a daily figure of ``viz.screen.frames.DAILY``.
    """
    t = view.words
    lines = [weekly_means(log.series(name, view.played)) for log in view.logs]
    bands = [view.band(world, name) for world in range(len(lines))]
    high = max(finite(v for one in (*lines, *bands) for v in one.tolist()), default=0.0)
    plot = _Plot(view.days, high)
    dates = _dates(plot, dated(view.scenarios, t))
    body = [*dates, *_axes(plot, view)]
    body += [_band(plot, band, world) for world, band in enumerate(bands) if band.size]
    body += [_line(plot, line, world) for world, line in enumerate(lines)]
    body += _names(plot, lines)
    desc = ", ".join(f"{'AB'[k]} {plain(float(line[-1]))}" for k, line in enumerate(lines))
    return sheet(view, WIDTH, HEIGHT, f"{t(name)} · {t('persons_a_day')}", desc, *body)


def _axes(plot: _Plot, view: View) -> Iterator[str]:
    """Lines across with their numbers; first days of months."""
    for value in plot.marks:
        y = plot.y(value)
        yield el("line", x1=LEFT, x2=plot.right, y1=y, y2=y, stroke=GRID if value else MUTED)
        yield text(LEFT - 8, y + 4, plain(value), 12, text_anchor="end", fill=MUTED)
    for index, date in _months(view.start, view.days):
        x = plot.x(index)
        yield el("line", x1=x, x2=x, y1=plot.bottom, y2=plot.bottom + 5, stroke=MUTED)
        yield text(x, plot.bottom + 19, f"{date:%Y-%m}", 12, text_anchor="middle", fill=MUTED)


def _months(start: datetime.date, days: int) -> list[tuple[int, datetime.date]]:
    """First days of months in the run, at most a dozen; the first day where there is none."""
    all_days = ((i, start + datetime.timedelta(days=i)) for i in range(days))
    firsts = [(i, date) for i, date in all_days if date.day == 1] or [(0, start)]
    return firsts[:: 1 + (len(firsts) - 1) // 12]


def _dates(plot: _Plot, turns: list[tuple[int, str]]) -> list[str]:
    """Dotted lines where a policy begins or ends, with its name; the plot begins below them."""
    ends: list[float] = []  # of the words in every row
    lines, names = [], []
    for day, words in sorted(turns):
        half = text_width(words, SMALL) / 2
        x, middle = plot.x(day), min(max(plot.x(day), half), WIDTH - half)
        row = next((i for i, end in enumerate(ends) if end < middle - half), len(ends))
        row = min(row, ROWS - 1)
        ends[row:] = [middle + half + 8, *ends[row + 1 :]]
        y = 10.0 + LINE * row
        lines.append(
            el("line", x1=x, x2=x, y1=y + 3, y2=plot.bottom, stroke=MUTED, stroke_dasharray="2 3")
        )
        names.append(
            text(
                middle,
                y,
                words,
                SMALL,
                text_anchor="middle",
                fill=MUTED,
                stroke="#fff",
                stroke_width=3,
                paint_order="stroke",
            )
        )
    plot.top += LINE * len(ends)
    return lines + names


def _band(plot: _Plot, band: np.ndarray, world: int) -> str:
    """The range over other seeds."""
    low, high = np.split(band, 2)
    there = np.isfinite(low) & np.isfinite(high)
    points = [
        f"{num(plot.x(i))},{num(plot.y(v))}"
        for half, order in ((high, 1), (low, -1))
        for i, v in list(enumerate(half.tolist()))[::order]
        if there[i]
    ]
    return el("polygon", points=" ".join(points), fill=(A, B)[world], opacity="0.16")


def _line(plot: _Plot, values: np.ndarray, world: int) -> str:
    """A world's line."""
    return el(
        "path",
        d="M" + plot.path(values),
        fill="none",
        stroke=(A, B)[world],
        stroke_width=2.2,
        stroke_dasharray=DASHES[world] or None,
        stroke_linejoin="round",
    )


def _names(plot: _Plot, lines: list[np.ndarray]) -> Iterator[str]:
    """A and B at the ends of their lines, moved apart where they would touch."""
    ends = [plot.y(float(line[-1])) + 4 for line in lines]
    if len(ends) > 1 and (near := LINE - abs(ends[0] - ends[1])) > 0:
        way = 1 if ends[0] <= ends[1] else -1
        ends = [ends[0] - way * near / 2, ends[1] + way * near / 2]
    for world, (line, y) in enumerate(zip(lines, ends, strict=True)):
        x = plot.x(len(line) - 1) + 7
        yield text(
            x,
            y,
            "AB"[world],
            14,
            fill=(A, B)[world],
            font_weight=600,
            stroke="#fff",
            stroke_width=3,
            paint_order="stroke",
        )
