"""Monthly series: a line for the median, a band for the 90 % range, names at the line ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.numbers import plain
from viz.figures.palette import MUTED, ArmStyle, arm_style

_LEFT, _RIGHT = 58.0, 134.0


def plot_series(
    months: Sequence[str],
    arms: Mapping[str, np.ndarray],
    *,
    title: str,
    unit: str,
    policy_dates: Sequence[tuple[str, str]] = (),
    ax: Axes | None = None,
) -> Axes:
    """Plot monthly series with bands; NaN leaves a gap.

    Args:
        months: the months, as 'YYYY-MM'.
        arms: by name low90, median and high90, shape (3, months); the first is the baseline.
        title, unit: texts above the axes.
        policy_dates: months and the texts at their dotted lines.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    dates = 14.0 if policy_dates else 0.0
    top = style.heading_height(title, unit) + dates
    ax = style.chart_axes(ax, 180.0, (_LEFT, top, _RIGHT, 36.0))
    tables = [np.asarray(table, dtype=float) for table in arms.values()]
    style.month_axis(ax, months)
    style.value_axis(ax, style.round_ticks(v for table in tables for v in table.ravel()))
    for i, (low, middle, high) in enumerate(tables):
        look, gid = arm_style(i - 1), f"arm arm-{i}"
        if np.any(low != high):
            ax.fill_between(range(low.size), low, high, color=look.colour, gid=gid, **style.AREA)
        ax.plot(range(low.size), middle, gid=gid, **look.stroke(2.0))
    for month, words in (date for date in policy_dates if date[0] in months):
        at = months.index(month)
        ax.axvline(at, color=MUTED, linewidth=1.0, linestyle=(0.0, (2.0, 3.0)))
        side = "left" if at < 0.2 * len(months) else "center"
        style.label(ax, words, at, 1.0, "y axes", shift=(0.0, 5.0), ha=side)
    ends = [_end(ax, *arm) for arm in zip(arms, tables, range(len(arms)), strict=True)]
    style.end_labels(ax, ends, room=_RIGHT - 30.0, lines=3 if len(arms) <= 4 else 2)
    style.heading(ax, title, unit, above=12.0 + dates, left=_LEFT - 4.0)
    return ax


def _end(ax: Axes, name: str, table: np.ndarray, i: int) -> tuple[float, float, ArmStyle, str]:
    """Return where a line ends, with its style and name."""
    known = np.flatnonzero(np.isfinite(table[1]))
    if not known.size:
        return ax.get_xlim()[1], ax.get_ylim()[0], arm_style(i - 1), f"{name}: no data"
    return float(known[-1]), float(table[1, known[-1]]), arm_style(i - 1), name


def describe_series(months: Sequence[str], arms: Mapping[str, np.ndarray], unit: str) -> str:
    """Return the text alternative of `plot_series`, with the mean of every median.

    Args:
        months, arms, unit: as in `plot_series`.

    Returns:
        The text.
    """
    means = []
    for name, table in arms.items():
        known = np.asarray(table, dtype=float)[1]
        known = known[np.isfinite(known)]
        means.append(f"{name} {plain(float(known.mean())) if known.size else 'no data'}")
    when = f" from {months[0]} to {months[-1]}" if months else ""
    return f"Monthly medians{when}, mean in {unit}: {'; '.join(means)}."
