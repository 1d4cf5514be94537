"""Where people are stopped: bars from Mexico's south to behind the U.S. line, one per policy."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import count
from viz.figures.palette import INK, arm_style

#: An arm: its title, its position (the baseline has -1), and a number for every place.
Row = tuple[str, int, Mapping[str, float]]

_HEAD, _BAR, _GAP = 20.0, 17.0, 9.0  # points: name of a place, a bar, space after a place
_NUMBERS = 82.0  # points, of the number at the end of a bar


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
        The axes; y is in points from the top of the axes of a new figure.
    """
    places = _places(rows)
    keys, step = _BAR * len(rows), _HEAD + _BAR * len(rows) + _GAP
    tall, top = step * len(places) + 1.0, style.heading_height(title, unit) + keys + 4.0
    ax = style.chart_axes(ax, tall, (20.0, top, 6.0, 4.0))
    ax.set(xlim=_limits(ax, rows), ylim=(tall, 0.0), xticks=[], yticks=[])
    for i, (name, index, _) in enumerate(rows):
        y, words = -keys - _GAP + _BAR * (i + 0.5), wrap(name, style.WIDTH - 30.0, style.LABEL, 1)
        _mark(ax, index, y)
        style.label(ax, words, 0, y + 4.0, "x axes", color=INK)
    for k, place in enumerate(places):
        look = style.BOLD | {"fontsize": style.LABEL, "shift": (-16.0, 0.0)}
        style.label(ax, place, 0, step * k + 13.0, "x axes", **look)
        for i, (_, index, values) in enumerate(rows):
            y = step * k + _HEAD + _BAR * (i + 0.5)
            _bar(ax, values.get(place, math.nan), index, y, changes)
    if changes:
        ax.axvline(0.0, color=INK, linewidth=1.0)
    style.heading(ax, title, unit, above=keys + _GAP + 6.0, left=16.0)
    return ax


def _places(rows: Sequence[Row]) -> list[str]:
    """Return the places in their order."""
    return list(dict.fromkeys(name for _, _, values in rows for name in values))


def _limits(ax: Axes, rows: Sequence[Row]) -> tuple[float, float]:
    """Return x limits with space for the numbers at the ends of the bars."""
    values = [0.0, *style.finite(v for _, _, numbers in rows for v in numbers.values())]
    low, high = min(values), max(values)
    left = _NUMBERS if low < 0.0 else 0.0
    unit = ((high - low) or 1.0) / (style.size(ax)[0] - _NUMBERS - left)
    return low - left * unit, high + _NUMBERS * unit


def _mark(ax: Axes, index: int, y: float) -> None:
    """Draw the mark of an arm left of the axes."""
    x, look = -14.0 / style.size(ax)[0], {"transform": ax.get_yaxis_transform(), "clip_on": False}
    ax.plot([x], [y], **arm_style(index).mark(6.5), **look)


def _bar(ax: Axes, value: float, index: int, y: float, changes: bool) -> None:
    """Draw one bar with the mark of its arm and its number."""
    _mark(ax, index, y)
    length = value if math.isfinite(value) else 0.0
    if length:
        face: dict[str, Any] = {"color": arm_style(index).colour, "linewidth": 0.0}
        ax.barh([y], [length], height=_BAR - 4.0, **face)
    shift, side = (-6.0, "right") if length < 0.0 else (6.0, "left")
    look = {"color": INK, "ha": side, "shift": (shift, 0.0)}
    style.label(ax, count(value, changes), length, y + 4.0, **look)


def describe_depth(rows: Sequence[Row], unit: str, *, changes: bool = False) -> str:
    """Return the text alternative of `plot_depth`, with all numbers.

    Args:
        rows, unit, changes: as in `plot_depth`.

    Returns:
        The text.
    """
    arms = []
    for name, _, values in rows:
        numbers = [f"{p} {count(values.get(p, math.nan), changes)}" for p in _places(rows)]
        arms.append(f"{name}: {', '.join(numbers)}")
    return f"{'; '.join(arms) or 'Nothing to show'} ({unit})."
