"""Outcomes with their ranges: over a factor's levels, and by the arms in a lesson.

Levels of a factor are records with `mean`, `low` and `high`, as the screen computes them.
"""

import math
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.runs.intervals import Interval
from viz.figures import style
from viz.figures.numbers import amount
from viz.figures.palette import FEWER, INK, MORE

_LEFT, _COLOURS = 62.0, {"A": FEWER, "B": MORE, "D": "#5f7489"}
_LETTERS = {"A": FEWER, "B": "#ad4c00"}  # dark enough for text


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
    """Plot a dot with its range for each factor level.

    Args:
        centres, names: level positions and labels on the x axis.
        levels: mean, low and high of each level, or NaN without a run.
        title, unit: texts above the axes.
        factor: text below the axes.
        marks: "A" or "B" by level index.
        joined: connect the means by a line and the ranges by an area (for numeric factors).
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


def plot_arms(levels: Mapping[str, Interval], *, unit: str, between: str) -> Axes:
    """Plot a bar for the median of each arm, a line for its range, and both as numbers.

    Args:
        levels: median, low and high by the letter of the arm.
        unit: outcome unit.
        between: a range in words, with the fields low and high.

    Returns:
        The axes.
    """
    ax = style.chart_axes(None, 34.0 * len(levels), (20.0, 2.0, 124.0, 2.0), 340.0)
    highest = max((level.high90 for level in levels.values()), default=0.0) or 1.0
    ax.set(xlim=(0.0, highest * 1.02), ylim=(len(levels) - 0.5, -0.5), xticks=[], yticks=[])
    for i, (name, level) in enumerate(levels.items()):
        ax.barh([i], [level.median], height=0.32, color=_COLOURS.get(name, "#9fb0c0"))
        line = {"color": INK, "linewidth": 1.6, "marker": "|", "markersize": 8.0}
        ax.plot([level.low90, level.high90], [i, i], markeredgewidth=1.6, **line)
        look = style.BOLD | {"fontsize": style.LABEL}
        letter = look | {"color": _LETTERS.get(name, INK)}
        style.label(ax, name, 0, i, "x axes", shift=(-18.0, -4.5), **letter)
        median, span = _texts(level, unit, between)
        style.label(ax, median, 1, i, "x axes", shift=(10.0, 2.0 if span else -4.5), **look)
        style.label(ax, span, 1, i, "x axes", shift=(10.0, -12.0))
    return ax


def _texts(level: Interval, unit: str, between: str) -> tuple[str, str]:
    """Return a level's median and range, without a range if it is a point."""
    low, high = amount(level.low90, unit), amount(level.high90, unit)
    return amount(level.median, unit), between.format(low=low, high=high) if low != high else ""


def describe_arms(levels: Mapping[str, Interval], *, unit: str, between: str) -> str:
    """Return the text alternative for `plot_arms`, with all numbers.

    Args:
        levels, unit, between: as in `plot_arms`.

    Returns:
        The text.
    """
    arms = []
    for name, level in levels.items():
        median, span = _texts(level, unit, between)
        arms.append(f"{name}: {median}" + (f" ({span})" if span else ""))
    return "; ".join(arms) + "."
