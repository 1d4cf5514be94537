"""Bars of one outcome by the arms of a lesson, with the range over seeds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.numbers import amount
from viz.figures.palette import FEWER, INK, MORE, MUTED

_COLOURS = {"A": FEWER, "B": MORE, "D": "#5f7489"}
_ROW, _NUMBERS = 34.0, 118.0


class Level(Protocol):
    """Median and range of an outcome over seeds."""

    @property
    def median(self) -> float:
        """Median over seeds."""
        ...

    @property
    def low(self) -> float:
        """Smallest value."""
        ...

    @property
    def high(self) -> float:
        """Largest value."""
        ...


def plot_arms(
    levels: Mapping[str, Level], *, unit: str, between: str, ax: Axes | None = None
) -> Axes:
    """Plot a bar for the median of each arm, a line for its range, and both as numbers.

    Args:
        levels: median and range by the letter of the arm.
        unit: unit of the outcome.
        between: a range in words, with the fields low and high.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    tall = _ROW * len(levels)
    ax = ax or style.new_axes(340.0, tall, left=20.0, right=_NUMBERS, top=2.0, bottom=2.0)
    style.frame(ax)
    most = max((level.high for level in levels.values()), default=0.0) or 1.0
    ax.set(xlim=(0.0, most * 1.02), ylim=(len(levels) - 0.5, -0.5), xticks=[], yticks=[])
    for i, (name, level) in enumerate(levels.items()):
        ax.barh([i], [level.median], height=0.32, color=_COLOURS.get(name, "#9fb0c0"), gid="bar")
        line = {"color": INK, "linewidth": 1.6, "marker": "|", "markersize": 8.0}
        ax.plot([level.low, level.high], [i, i], markeredgewidth=1.6, gid="range", **line)
        look = {"of": ("axes fraction", "data"), "color": INK, "fontweight": "bold"}
        style.label(ax, name, (0.0, i), offset=(-18.0, -4.5), fontsize=13.0, **look)
        low, high = amount(level.low, unit), amount(level.high, unit)
        alone = low == high
        lift = -4.5 if alone else 2.0
        style.label(
            ax, amount(level.median, unit), (1.0, i), offset=(10.0, lift), fontsize=13.0, **look
        )
        if not alone:
            text = between.format(low=low, high=high)
            style.label(
                ax,
                text,
                (1.0, i),
                offset=(10.0, -12.0),
                **look | {"color": MUTED, "fontweight": "normal"},
            )
    return ax


def describe_arms(levels: Mapping[str, Level], *, unit: str, between: str) -> str:
    """Return a text alternative of `plot_arms`: median and range of each arm.

    Args:
        levels, unit, between: as in `plot_arms`.

    Returns:
        The text.
    """
    arms = []
    for name, level in levels.items():
        low, high = amount(level.low, unit), amount(level.high, unit)
        span = "" if low == high else f" ({between.format(low=low, high=high)})"
        arms.append(f"{name}: {amount(level.median, unit)}{span}")
    return "; ".join(arms) + "."
