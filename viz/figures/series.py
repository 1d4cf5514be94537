"""Monthly series: a line for the median, a band for the 90 % range, names at the line ends."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.numbers import plain
from viz.figures.palette import MUTED, ArmStyle, arm_style

_LEFT, _RIGHT, _TALL = 50.0, 122.0, 180.0


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
        policy_dates: a month and the text at its dotted line.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes.
    """
    dates = 14.0 if policy_dates else 0.0
    top = style.heading_height(title, unit) + dates
    ax = ax or style.new_axes(
        style.WIDTH, _TALL, left=_LEFT, right=_RIGHT, top=top, bottom=2.0 * 18.0
    )
    tables = {name: np.asarray(table, dtype=float) for name, table in arms.items()}
    style.frame(ax)
    style.month_axis(ax, months)
    style.value_axis(ax, style.round_ticks(v for table in tables.values() for v in table.ravel()))
    for i, table in enumerate(tables.values()):
        draw_band(ax, table, arm_style(i - 1), f"arm arm-{i}")
    for month, words in policy_dates:
        if month in months:
            at = months.index(month)
            ax.axvline(at, color=MUTED, linewidth=1.0, linestyle=(0.0, (2.0, 3.0)))
            side = (
                "center" if 0.2 < at / max(1, len(months)) < 0.8 else "left" if at < 9 else "right"
            )
            place = {"of": ("data", "axes fraction"), "ha": side}
            style.label(ax, words, (at, 1.0), offset=(0.0, 5.0), **place)
    style.end_labels(ax, _ends(ax, tables), room=_RIGHT - 24.0, lines=3 if len(arms) <= 4 else 2)
    style.heading(ax, title, unit, above=8.0 + dates, left=_LEFT - 4.0)
    return ax


def draw_band(ax: Axes, table: np.ndarray, look: ArmStyle, gid: str) -> None:
    """Draw one line with its band over the indices 0, 1, 2, ...

    Args:
        ax: the axes.
        table: low, middle and high values, shape (3, n).
        look: the style of the line.
        gid: the gid of line and band.
    """
    at, (low, middle, high) = np.arange(table.shape[1]), table
    if np.any(low != high):
        face = {"color": look.colour, "alpha": style.BAND, "linewidth": 0.0, "gid": gid}
        ax.fill_between(at, low, high, **face)
    ax.plot(at, middle, gid=gid, **look.stroke(2.0))


def _ends(ax: Axes, tables: Mapping[str, np.ndarray]) -> list[tuple[float, float, ArmStyle, str]]:
    """Return where every line ends, with its style and name."""
    ends = []
    for i, (name, table) in enumerate(tables.items()):
        known = np.flatnonzero(np.isfinite(table[1]))
        if known.size:
            ends.append((float(known[-1]), float(table[1, known[-1]]), arm_style(i - 1), name))
        else:
            ends.append((ax.get_xlim()[1], ax.get_ylim()[0], arm_style(i - 1), f"{name}: no data"))
    return ends


def describe_series(months: Sequence[str], arms: Mapping[str, np.ndarray], unit: str) -> str:
    """Return a text alternative of `plot_series`: the mean of every median."""
    means = []
    for name, table in arms.items():
        known = np.asarray(table, dtype=float)[1]
        known = known[np.isfinite(known)]
        means.append(f"{name} {plain(float(known.mean())) if known.size else 'no data'}")
    when = f" from {months[0]} to {months[-1]}" if months else ""
    return f"Monthly medians{when}, mean in {unit}: {'; '.join(means)}."
