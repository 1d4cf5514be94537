"""Monthly series: a line for the median, a band for the 90 % range, names at the line ends."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes

from viz.figures import style
from viz.figures.palette import arm_style

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
    top = style.heading_height(title, unit, style.WIDTH - _RIGHT - 4.0) + dates
    ax = style.chart_axes(ax, 180.0, (_LEFT, top, _RIGHT, 36.0))
    tables = {name: np.asarray(table, dtype=float) for name, table in arms.items()}
    style.month_axis(ax, months)
    style.value_axis(ax, style.round_ticks(v for table in tables.values() for v in table.ravel()))
    ends = []
    for i, (name, (low, middle, high)) in enumerate(tables.items()):
        look = arm_style(i - 1)
        if np.any(low != high):
            ax.fill_between(range(low.size), low, high, color=look.colour, **style.AREA)
        ax.plot(range(low.size), middle, **look.stroke(2.0))
        finite = np.flatnonzero(np.isfinite(middle))
        if finite.size:
            ends.append((float(finite[-1]), float(middle[finite[-1]]), look, name))
        else:
            ends.append((ax.get_xlim()[1], ax.get_ylim()[0], look, f"{name}: no data"))
    for month, words in (date for date in policy_dates if date[0] in months):
        at = months.index(month)
        ax.axvline(at, **style.DOTTED)
        side = "left" if at < 0.2 * len(months) else "center"
        style.label(ax, words, at, 1.0, "y axes", shift=(0.0, 5.0), ha=side)
    style.end_labels(ax, ends, room=_RIGHT - 30.0, lines=3 if len(arms) <= 4 else 2)
    style.heading(ax, title, unit, above=12.0 + dates, left=_LEFT - 4.0)
    return ax


def describe_series(months: Sequence[str], arms: Mapping[str, np.ndarray], unit: str) -> str:
    """Return the text alternative of `plot_series`, with the mean of every median.

    Args:
        months, arms, unit: as in `plot_series`.

    Returns:
        The text.
    """
    means = (f"{name} {style.mean_text(table[1], 'no data')}" for name, table in arms.items())
    when = f" from {months[0]} to {months[-1]}" if months else ""
    return f"Monthly medians{when}, mean in {unit}: {'; '.join(means)}."
