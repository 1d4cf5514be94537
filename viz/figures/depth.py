"""Where people are stopped: bars from Mexico's south to behind the U.S. line, one per policy."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import plain, rounded, signed
from viz.figures.palette import INK, arm_style

#: An arm: its title, its position (the baseline has -1), and a number for every place.
Row = tuple[str, int, Mapping[str, float]]

_HEAD, _BAR, _GAP = 20.0, 17.0, 9.0  # points: name of a place, a bar, space after a place
_NUMBERS, _MARK = 82.0, 14.0  # points: the number at the end of a bar, the mark before it


def plot_depth(
    rows: Sequence[Row], *, title: str, unit: str, changes: bool = False, ax: Axes | None = None
) -> Axes:
    """Plot bars by place, a bar for every arm.

    Args:
        rows: the arms with their numbers, places from south to north.
        title, unit: texts above the axes.
        changes: whether the numbers are differences, which are written with their sign.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes; their y axis is in points from the top of a new figure.
    """
    places = list(dict.fromkeys(name for _, _, values in rows for name in values))
    keys, tall = _BAR * len(rows), (_HEAD + _BAR * len(rows) + _GAP) * len(places) + 1.0
    top = style.heading_height(title, unit) + keys + 4.0
    ax = ax or style.new_axes(style.WIDTH, tall, left=20.0, right=6.0, top=top, bottom=4.0)
    style.frame(ax)
    ax.set(xlim=_limits(ax, rows), ylim=(tall, 0.0), xticks=[], yticks=[])
    for i, (name, index, _) in enumerate(rows):
        y = -keys - _GAP + _BAR * (i + 0.5)
        _mark(ax, index, y)
        words = wrap(name, style.WIDTH - 30.0, style.LABEL, 1)[0]
        _text(ax, words, 0.0, y + 4.0, index, of=("axes fraction", "data"))
    for k, place in enumerate(places):
        start = (_HEAD + _BAR * len(rows) + _GAP) * k
        head = {"of": ("axes fraction", "data"), "color": INK, "fontsize": style.LABEL}
        style.label(ax, place, (0, start + 13), offset=(-16, 0), fontweight="bold", **head)
        for i, (_, index, values) in enumerate(rows):
            _bar(ax, values.get(place, math.nan), index, start + _HEAD + _BAR * (i + 0.5), changes)
    if changes:
        ax.axvline(0.0, 0.0, 1.0, color=INK, linewidth=1.0)
    style.heading(ax, title, unit, above=keys + _GAP + 6.0, left=16.0)
    return ax


def _limits(ax: Axes, rows: Sequence[Row]) -> tuple[float, float]:
    """Return x limits with space for the numbers at the ends of the bars."""
    values = [0.0, *style.finite(v for _, _, numbers in rows for v in numbers.values())]
    low, high, wide = min(values), max(values), style.size(ax)[0]
    left = _NUMBERS if low < 0.0 else 0.0
    unit = ((high - low) or 1.0) / (wide - _NUMBERS - left)
    return low - left * unit, high + _NUMBERS * unit


def _mark(ax: Axes, index: int, y: float) -> None:
    """Draw the mark of an arm left of the axes."""
    look: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    look |= {"color": arm_style(index).colour, "marker": arm_style(index).symbol}
    x = -_MARK / style.size(ax)[0]
    ax.plot([x], [y], markersize=6.5, gid=f"arm arm-{index + 1}", **look)


def _text(ax: Axes, words: str, x: float, y: float, index: int, **look: Any) -> None:
    """Write a text that belongs to an arm."""
    style.label(ax, words, (x, y), color=INK, gid=f"arm arm-{index + 1}", **look)


def _bar(ax: Axes, value: float, index: int, y: float, changes: bool) -> None:
    """Draw one bar with the mark of its arm and its number."""
    _mark(ax, index, y)
    known = value if math.isfinite(value) else 0.0
    if known:
        look: dict[str, Any] = {"color": arm_style(index).colour, "linewidth": 0.0}
        ax.barh([y], [known], height=_BAR - 4.0, gid=f"arm arm-{index + 1}", **look)
    side = {"offset": (-6, 0), "ha": "right"} if known < 0.0 else {"offset": (6, 0)}
    _text(ax, _shown(value, changes), known, y + 4.0, index, of="data", **side)


def _shown(value: float, changes: bool) -> str:
    """Return the number at a bar."""
    return signed(value) if changes else plain(rounded(value))


def describe_depth(rows: Sequence[Row], unit: str, *, changes: bool = False) -> str:
    """Return a text alternative of `plot_depth`: all numbers by arm."""
    places = list(dict.fromkeys(name for _, _, values in rows for name in values))
    arms = [
        f"{name}: "
        + ", ".join(f"{place} {_shown(values.get(place, math.nan), changes)}" for place in places)
        for name, _, values in rows
    ]
    return f"{'; '.join(arms) or 'Nothing to show'} ({unit})."
