"""A daily series of one or two worlds over a run, with dated policies and ranges over seeds."""

import datetime
from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.markup import text_width
from viz.figures.palette import MUTED, WORLDS

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
    calendar = (start + datetime.timedelta(days=i) for i in range(days))
    firsts = [i for i, date in enumerate(calendar) if date.day == 1] or [0]
    firsts = firsts[:: 1 + (len(firsts) - 1) // 12]
    ax.set_xticks(firsts, [f"{start + datetime.timedelta(days=i):%Y-%m}" for i in firsts])
    ax.tick_params(axis="x", length=5.0, color=MUTED)
    style.value_axis(ax, style.round_ticks(v for one in (*lines, *bands) for v in one.tolist()))
    ax.axhline(0.0, color=MUTED, linewidth=1.0)
    for day, words, middle, row in placed:
        above = 4.0 + _ROW * (rows - 1 - row)
        top, place = 1.0 + (above - 3.0) / style.size(ax)[1], ax.get_xaxis_transform()
        look = style.DOTTED | {"clip_on": False, "transform": place, "gid": "date"}
        ax.plot([day, day], [0.0, top], **look)
        plate = {"ha": "center", "gid": "date", "bbox": style.PLATE, "shift": (0.0, above)}
        style.label(ax, words, middle, 1.0, "axes", **plate)
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
    worlds = sorted(zip("AB", WORLDS, lines, strict=False), key=lambda world: -float(world[2][-1]))
    wishes = [tall * (1.0 - float(line[-1]) / most) - 7.0 for *_, line in worlds]
    tops = style.spread(wishes, [14.0] * len(wishes), tall + 14.0)
    for (letter, look, line), top in zip(worlds, tops, strict=True):
        text = style.BOLD | {"color": look.colour, "fontsize": 14.0, "shift": (7.0, -5.0)}
        style.label(ax, letter, line.size - 1, 1.0 - (top + 7.0) / tall, "y axes", **text)


def _placed(dates: Sequence[tuple[int, str]], days: int) -> list[tuple[int, str, float, int]]:
    """Return day, text, middle of the text (fraction of the axes) and row of dated policies."""
    ends: list[float] = []
    placed, wide = [], _WIDE - _LEFT - _RIGHT
    for day, words in dates:
        half = text_width(words, style.SMALL) / 2
        middle = min(max(wide * day / max(1, days - 1), half - _LEFT), wide + _RIGHT - half)
        row = next((i for i, end in enumerate(ends) if end < middle - half), len(ends))
        row = min(row, _MOST - 1)  # only in the last row texts can overlap
        ends[row:] = [middle + half + 8.0, *ends[row + 1 :]]
        placed.append((day, words, middle / wide, row))
    return placed
