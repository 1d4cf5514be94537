"""Chart of an outcome and its range over the levels of a factor.

A level is a record with `mean`, `low` and `high`.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.palette import FEWER, INK, MORE

_LEFT, _COLOURS = 62.0, {"A": FEWER, "B": MORE}


def plot_levels(
    centres: Sequence[float],
    names: Sequence[str],
    levels: Sequence[Any],
    *,
    title: str,
    unit: str,
    factor: str,
    marks: Mapping[int, str],
    joined: bool,
    ax: Axes | None = None,
) -> Axes:
    """Plot the mean and the range at each level of a factor.

    Args:
        centres, names: positions and labels of the levels on the x axis.
        levels: mean, low and high at each level, or NaN at a level that has no runs.
        title, unit: texts above the axes.
        factor: text below the axes.
        marks: "A" or "B" by index of a marked level.
        joined: whether to connect the means by a line and the ranges by an area, for a numeric
            factor.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes.
    """
    ax = style.chart_axes(ax, 190.0, (_LEFT, style.heading_height(title, unit), 16.0, 44.0))
    low, mean, high = np.array(
        [(level.low, level.mean, level.high) for level in levels], dtype=float
    ).T
    style.value_axis(ax, style.round_ticks((*low, *mean, *high)))
    ax.axhline(0.0, color=INK, linewidth=1.0)
    edge = 0.035 * ((max(centres) - min(centres)) or 1.0)
    ax.set_xlim(min(centres) - edge, max(centres) + edge)
    style.name_ticks(ax, dict(zip(centres, names, strict=True)))
    style.label(ax, factor, 0.5, 0.0, "axes", shift=(0.0, -36.0), ha="center")
    finite = np.isfinite(mean)
    at, low, middle, high = (np.asarray(values)[finite] for values in (centres, low, mean, high))
    if joined:
        ax.fill_between(at, low, high, color=FEWER, gid="range", **style.AREA)
        ax.plot(at, middle, color=FEWER, linewidth=2.2, gid="means")
    ax.vlines(at, low, high, color=FEWER, linewidth=1.4)
    for x, y in zip(at, middle, strict=True):
        ax.plot([x], [y], marker="o", markersize=6.4, color=FEWER, gid="level")
    for place, mark in marks.items():
        if math.isfinite(mean[place]):
            symbol, right = ("s", -14.0) if mark == "A" else ("^", 14.0)
            face = {"color": _COLOURS[mark], "markerfacecolor": "white", "markeredgewidth": 2.0}
            at = centres[place], float(mean[place])
            ax.plot(*at, symbol, markersize=12.0, zorder=4, **face)
            look = style.BOLD | {"color": _COLOURS[mark], "fontsize": style.TITLE, "ha": "center"}
            style.label(ax, mark, *at, shift=(right, 9.0), **look)
    style.heading(ax, title, unit, left=_LEFT - 4.0)
    return ax
