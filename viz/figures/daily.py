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
_WIDE, _TALL, _LEFT, _RIGHT = 900.0, 380.0, 64.0, 40.0
_ROW, _MOST = 14.0, 10  # points of a row of policy names; rows, at most


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
        start, days: first day and length of the whole run.
        lines: by world the value of each simulated day.
        bands: by world the low values of all days followed by the high ones, or nothing.
        dates: index of the day and text of policies that begin or end.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    placed = _placed(sorted(dates), days)
    rows = max((row for *_, row in placed), default=-1) + 1
    top = 12.0 + _ROW * rows
    ax = style.chart_axes(ax, _TALL - top - 26.0, (_LEFT, top, _RIGHT, 26.0), _WIDE)
    ax.set_xlim(0, max(1, days - 1))
    months = [start + datetime.timedelta(days=i) for i in range(days)]
    firsts = [(i, date) for i, date in enumerate(months) if date.day == 1] or [(0, start)]
    firsts = firsts[:: 1 + (len(firsts) - 1) // 12]
    ax.set_xticks([i for i, _ in firsts], [f"{date:%Y-%m}" for _, date in firsts])
    ax.tick_params(axis="x", length=5.0, color=MUTED)
    style.value_axis(ax, style.round_ticks(v for one in (*lines, *bands) for v in one.tolist()))
    ax.axhline(0.0, color=MUTED, linewidth=1.0)
    for day, words, middle, row in placed:
        _date(ax, day, words, middle, 4.0 + _ROW * (rows - 1 - row))
    for band, look in zip(bands, WORLDS, strict=False):
        if band.size:
            low, high = np.split(band, 2)
            ax.fill_between(range(low.size), low, high, color=look.colour, gid="band", **style.AREA)
    for line, look in zip(lines, WORLDS, strict=False):
        ax.plot(range(line.size), line, gid="world", **look.stroke(2.2))
    _letters(ax, lines)
    return ax


def _letters(ax: Axes, lines: Sequence[np.ndarray]) -> None:
    """Write A and B at the ends of their lines, apart from each other."""
    tall, most = style.size(ax)[1], ax.get_ylim()[1]
    order = sorted(range(len(lines)), key=lambda world: -float(lines[world][-1]))
    ends = [tall * (1.0 - float(lines[world][-1]) / most) - 7.0 for world in order]
    for world, y in zip(order, style.spread(ends, [14.0] * len(ends), tall + 14.0), strict=True):
        look = style.BOLD | {"color": WORLDS[world].colour, "fontsize": 14.0}
        at = lines[world].size - 1
        style.label(
            ax, "AB"[world], at, 1.0 - (y + 7.0) / tall, "y axes", shift=(7.0, -5.0), **look
        )


def _placed(dates: Sequence[tuple[int, str]], days: int) -> list[tuple[int, str, float, int]]:
    """Return day, text, middle of the text (fraction of the axes) and row of dated policies.

    Texts do not overlap, except in the last row.
    """
    ends: list[float] = []
    placed, wide = [], _WIDE - _LEFT - _RIGHT
    for day, words in dates:
        half = text_width(words, style.SMALL) / 2
        middle = min(max(wide * day / max(1, days - 1), half - _LEFT), wide + _RIGHT - half)
        row = next((i for i, end in enumerate(ends) if end < middle - half), len(ends))
        row = min(row, _MOST - 1)
        ends[row:] = [middle + half + 8.0, *ends[row + 1 :]]
        placed.append((day, words, middle / wide, row))
    return placed


def _date(ax: Axes, day: int, words: str, middle: float, above: float) -> None:
    """Draw a dotted line at a date, and its text above the axes."""
    look = {"color": MUTED, "linewidth": 1.0, "linestyle": (0.0, (2.0, 3.0)), "gid": "date"}
    top, place = 1.0 + (above - 3.0) / style.size(ax)[1], ax.get_xaxis_transform()
    ax.plot([day, day], [0.0, top], clip_on=False, transform=place, **look)
    plate = {"ha": "center", "gid": "date", "bbox": style.PLATE}
    style.label(ax, words, middle, 1.0, "axes", shift=(0.0, above), **plate)
