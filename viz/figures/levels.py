"""An outcome over the levels of one factor of a sweep, with its range over replicates."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any, Protocol

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.markup import text_width
from viz.figures.palette import FEWER, INK, MORE

_LEFT = 62.0
_COLOURS, _SYMBOLS = {"A": FEWER, "B": MORE}, {"A": "s", "B": "^"}


class Level(Protocol):
    """Mean and range of an outcome at one level; NaN where there is no run."""

    @property
    def mean(self) -> float:
        """Mean over replicates."""
        ...

    @property
    def low(self) -> float:
        """Lower end of the range."""
        ...

    @property
    def high(self) -> float:
        """Upper end of the range."""
        ...


def plot_levels(
    centres: Sequence[float],
    names: Sequence[str],
    levels: Sequence[Level],
    *,
    title: str,
    unit: str,
    factor: str,
    marks: Mapping[int, str],
    joined: bool,
    ax: Axes | None = None,
) -> Axes:
    """Plot a dot with its range for each level.

    Args:
        centres: places of the levels on the x axis.
        names: texts of the levels.
        levels: mean and range of each level.
        title, unit: texts above the axes.
        factor: text below the axes.
        marks: "A" or "B" by the position of a level.
        joined: whether a line joins the dots and an area the ranges: levels are numbers.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    top = style.heading_height(title, unit)
    ax = ax or style.new_axes(500.0, 190.0, left=_LEFT, right=16.0, top=top, bottom=44.0)
    style.frame(ax)
    table = np.array([(level.low, level.mean, level.high) for level in levels], dtype=float).T
    style.value_axis(ax, style.round_ticks(table.ravel()))
    ax.axhline(0.0, color=INK, linewidth=1.0)
    edge = 0.035 * ((max(centres) - min(centres)) or 1.0)
    ax.set_xlim(min(centres) - edge, max(centres) + edge)
    widest = max(text_width(name, style.SMALL) for name in names) + 8.0
    every = max(1, math.ceil(len(names) * widest / style.size(ax)[0]))
    ax.set_xticks(list(centres[::every]), list(names[::every]), parse_math=False)
    ax.tick_params(axis="x", labelcolor=INK)
    style.label(ax, factor, (0.5, 0.0), offset=(0.0, -36.0), ha="center")
    known = np.isfinite(table[1])
    at, (low, mean, high) = np.asarray(centres)[known], table[:, known]
    if joined:
        ax.fill_between(at, low, high, color=FEWER, alpha=style.BAND, linewidth=0.0, gid="range")
        ax.plot(at, mean, color=FEWER, linewidth=2.2, gid="means")
    ax.vlines(at, low, high, color=FEWER, linewidth=1.4, gid="whisker")
    for x, y in zip(at, mean, strict=True):
        ax.plot([x], [y], marker="o", markersize=6.4, color=FEWER, gid="level")
    for place, mark in marks.items():
        if known[place]:
            _mark(ax, centres[place], float(table[1, place]), mark)
    style.heading(ax, title, unit, left=_LEFT - 4.0)
    return ax


def _mark(ax: Axes, x: float, y: float, mark: str) -> None:
    """Draw the mark and the letter of world A or B around a level."""
    face: dict[str, Any] = {"marker": _SYMBOLS[mark], "markerfacecolor": "white", "zorder": 4}
    ax.plot([x], [y], color=_COLOURS[mark], markersize=12.0, markeredgewidth=2.0, **face)
    aside = -14.0 if mark == "A" else 14.0
    look = {"fontsize": 13.0, "fontweight": "bold", "color": _COLOURS[mark], "ha": "center"}
    style.label(ax, mark, (x, y), of="data", offset=(aside, 9.0), **look)
