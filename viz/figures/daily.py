"""A daily series of one or two worlds over a run, with dated policies and ranges over seeds."""

from __future__ import annotations

import datetime
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.markup import text_width
from viz.figures.palette import MUTED, ArmStyle

#: World A is blue and solid, world B vermillion and dashed.
WORLDS = (ArmStyle("#0072B2", "", "circle"), ArmStyle("#D55E00", "7 4", "triangle"))
SIZE = (900.0, 380.0)  # points
_LEFT, _RIGHT, _FOOT, _ROW, _MOST = 64.0, 40.0, 26.0, 14.0, 10  # rows of policy names, at most


def plot_daily(
    start: datetime.date,
    days: int,
    lines: Sequence[np.ndarray],
    *,
    bands: Sequence[np.ndarray] = (),
    dates: Sequence[tuple[int, str]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Plot a value by day for world A, and for world B if there is one.

    Args:
        start: the first day of the run.
        days: days of the whole run.
        lines: by world the value of each simulated day.
        bands: by world the low values of all days followed by the high ones, or nothing.
        dates: index of the day and text of policies that begin or end.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    rows = _rows(dates, days)
    top = 12.0 + _ROW * (max(rows, default=-1) + 1)
    wide, tall = SIZE
    margins = {"left": _LEFT, "right": _RIGHT, "top": top, "bottom": _FOOT}
    ax = ax or style.new_axes(wide, tall - top - _FOOT, **margins)
    style.frame(ax)
    ax.set_xlim(0, max(1, days - 1))
    months = _first_days(start, days)
    ax.set_xticks([i for i, _ in months], [f"{date:%Y-%m}" for _, date in months])
    ax.tick_params(axis="x", length=5.0, color=MUTED)
    style.value_axis(ax, style.round_ticks(v for one in (*lines, *bands) for v in one.tolist()))
    ax.axhline(0.0, color=MUTED, linewidth=1.0)
    for (day, words), row in zip(sorted(dates), rows, strict=True):
        _date(ax, day, words, 10.0 + _ROW * (max(rows) - row) - 6.0)
    for band, look in zip(bands, WORLDS, strict=False):
        if band.size:
            low, high = np.split(band, 2)
            face = {"color": look.colour, "alpha": style.BAND, "linewidth": 0.0, "gid": "band"}
            ax.fill_between(np.arange(low.size), low, high, **face)
    for line, look in zip(lines, WORLDS, strict=False):
        ax.plot(np.arange(line.size), line, gid="world", **look.stroke(2.2))
    ends = [style.size(ax)[1] * (1.0 - float(line[-1]) / ax.get_ylim()[1]) for line in lines]
    for world, y in enumerate(_apart(ends)):
        place = {"offset": (7.0, -5.0), "of": ("data", "axes fraction"), "fontsize": 14.0}
        look = {"color": WORLDS[world].colour, "fontweight": "bold"}
        at = (lines[world].size - 1, 1.0 - y / style.size(ax)[1])
        style.label(ax, "AB"[world], at, **place, **look)
    return ax


def _apart(ends: Sequence[float]) -> list[float]:
    """Move the places of two letters apart where they would touch, points downwards."""
    if len(ends) < 2 or (near := 14.0 - abs(ends[0] - ends[1])) <= 0.0:
        return list(ends)
    way = 1.0 if ends[0] <= ends[1] else -1.0
    return [ends[0] - way * near / 2, ends[1] + way * near / 2]


def _first_days(start: datetime.date, days: int) -> list[tuple[int, datetime.date]]:
    """Return the first days of months, at most a dozen; the first day if there is none."""
    every = ((i, start + datetime.timedelta(days=i)) for i in range(days))
    firsts = [(i, date) for i, date in every if date.day == 1] or [(0, start)]
    return firsts[:: 1 + (len(firsts) - 1) // 12]


def _middle(day: int, words: str, days: int) -> tuple[float, float]:
    """Return the middle of the text of a date and half its width, in points of the figure."""
    half = text_width(words, style.SMALL) / 2
    x = _LEFT + (SIZE[0] - _LEFT - _RIGHT) * day / max(1, days - 1)
    return min(max(x, half), SIZE[0] - half), half


def _rows(dates: Sequence[tuple[int, str]], days: int) -> list[int]:
    """Return a row for the text of each date so that texts do not overlap in the first rows."""
    ends: list[float] = []
    rows = []
    for day, words in sorted(dates):
        middle, half = _middle(day, words, days)
        row = next((i for i, end in enumerate(ends) if end < middle - half), len(ends))
        row = min(row, _MOST - 1)
        ends[row:] = [middle + half + 8.0, *ends[row + 1 :]]
        rows.append(row)
    return rows


def _date(ax: Axes, day: int, words: str, above: float) -> None:
    """Draw a dotted line at a date, and its text above the axes."""
    tall = style.size(ax)[1]
    look = {"color": MUTED, "linewidth": 1.0, "linestyle": (0.0, (2.0, 3.0)), "gid": "date"}
    ax.plot(
        [day, day],
        [0.0, 1.0 + (above - 3.0) / tall],
        clip_on=False,
        transform=ax.get_xaxis_transform(),
        **look,
    )
    span = max(1.0, ax.get_xlim()[1])
    middle, _ = _middle(day, words, int(span) + 1)
    at = (middle - _LEFT) / (SIZE[0] - _LEFT - _RIGHT)
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.0}
    style.label(ax, words, (at, 1.0), offset=(0.0, above), ha="center", gid="date", bbox=plate)
