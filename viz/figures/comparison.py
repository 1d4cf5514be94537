"""Charts of a comparison: forest plots, monthly series, and the marks in a forest table.

The marks in a table are HTML with positions in percent, so that they share an axis at every width.
This module writes positions and colours; page.css has all other styles.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.runs.intervals import Interval
from experiments.runs.pairs import Difference
from viz.figures import numbers, style
from viz.figures.markup import el, num, text_width, wrap
from viz.figures.palette import GRID, INK, UNCLEAR, arm_style, marker

# ---- forest plot ---------------------------------------------------------------------------------

_SIDE, _ROW = 26.0, 46.0


def plot_forest(
    changes: Mapping[str, Difference], *, title: str, unit: str, ax: Axes | None = None
) -> Axes:
    """Plot each policy's change with a bar for the 50 % range and a whisker for 90 %.

    The mark of a meaningful change (`experiments.runs.pairs`) is filled; other marks are hollow and
    grey.

    Args:
        changes: changes of one outcome by policy name.
        title: text above the axes.
        unit: the outcome's unit.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes. On a new figure, y is in points from the top.
    """
    tall = _ROW * len(changes) + 8.0
    ax = style.chart_axes(ax, tall, (_SIDE, style.heading_height(title), _SIDE, 36.0))
    intervals = [change.interval for change in changes.values()]
    ticks = style.round_ticks((v for i in intervals for v in (i.median, i.low90, i.high90)), 5)
    ax.set(xlim=(ticks[0], ticks[-1]), ylim=(tall, 0.0), yticks=[])
    texts = dict(zip(ticks, numbers.tick_texts(ticks, unit, change=True), strict=True))
    style.name_ticks(ax, {tick: texts[tick] for tick in sorted(ticks, key=abs)})
    ax.grid(axis="x", color=GRID, linewidth=1.0)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    less, more = numbers.directions(unit)
    below = {"left": f"← {less}", "center": unit, "right": f"{more} →"}
    for x, (side, words) in zip((0, 0.5, 1), below.items(), strict=True):
        style.label(ax, words, x, 0, "axes", shift=(0.0, -31.0), ha=side)
    for i, (name, change) in enumerate(changes.items()):
        _forest_texts(ax, name, change, unit, i)
        _forest_marks(ax, change, i)
    style.heading(ax, title, above=10.0, left=_SIDE - 4.0)
    return ax


def _forest_texts(ax: Axes, name: str, change: Difference, unit: str, index: int) -> None:
    """Write a policy's name and change, and draw its mark in front of the name."""
    top, numbers, wide = _ROW * index, change_text(change, unit), style.size(ax)[0]
    text: dict[str, Any] = {"color": INK, "bbox": style.PLATE}
    head = wrap(name, wide - text_width(numbers, style.SMALL) - 24.0, style.LABEL, 1)
    bold = {"fontsize": style.LABEL, "fontweight": "bold", "shift": (14.0, 0.0)}
    style.label(ax, head, 0, top + 18.0, "x axes", **text, **bold)
    style.label(ax, numbers, 1, top + 18.0, "x axes", shift=(-4.0, 0.0), ha="right", **text)
    side: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    ax.plot([5.0 / wide], [top + 14.0], **arm_style(index).mark(7.0), **side)


def _forest_marks(ax: Axes, change: Difference, index: int) -> None:
    """Draw the whisker, the bar and the mark of a change, unless it is undefined."""
    interval, look, y = change.interval, arm_style(index), [_ROW * index + 34.0] * 2
    if not math.isfinite(interval.median):
        return
    colour = look.colour if change.is_meaningful else UNCLEAR
    if not numbers.is_single(interval) and math.isfinite(interval.low90 + interval.high90):
        line: dict[str, Any] = {"color": colour, "solid_capstyle": "butt"}
        cap: dict[str, Any] = {"marker": "|", "markersize": 8.0, "markeredgewidth": 1.6}
        ax.plot([interval.low90, interval.high90], y, linewidth=1.6, **line, **cap)
        ax.plot([interval.low50, interval.high50], y, linewidth=6.0, alpha=0.55, **line)
    edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2}
    if not change.is_meaningful:
        edge = {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.6}
    ax.plot([interval.median], y[:1], **look.mark(9.5), **edge)


def change_text(change: Difference, unit: str) -> str:
    """Format a change in its unit, with the percentage of the baseline in brackets."""
    if not math.isfinite(change.difference):
        return numbers.plain(change.difference)
    share, text = change.percent, numbers.ranged(change.interval, unit).median
    return f"{text} ({numbers.ranged_percent(share).median})" if share else text


# ---- marks of a forest table ---------------------------------------------------------------------

#: Possible ends of the axis, in percent of the baseline. Larger changes become arrowheads.
_LIMITS = (5, 10, 20, 40, 60, 100)
BEYOND = f"Beyond the axis: {{low}} to {{high}}{numbers.NBSP}%"
_INSIDE = 0.8  # [A] share of the ranges that are within the axis


def axis_limit(shares: Iterable[Interval]) -> int:
    """Return the lowest axis limit that contains at least the share `_INSIDE` of the ranges.

    Args:
        shares: changes in percent of the baseline.

    Returns:
        The limit in percent. The axis is symmetric around zero.
    """
    ends = sorted(max(abs(x.low90), abs(x.high90)) for x in shares if _is_finite(x))
    widest = ends[min(len(ends) - 1, math.floor(_INSIDE * len(ends)))] if ends else 0.0
    return next((limit for limit in _LIMITS if limit >= widest), _LIMITS[-1])


def axis_names(limit: int) -> str:
    """Return the labels at the ends and the middle of the axis as HTML."""
    names = (f"{numbers.MINUS}{limit}{numbers.NBSP}%", "0", f"+{limit}{numbers.NBSP}%")
    spans = [el("span", name, style=f"left:{50 * k}%") for k, name in enumerate(names)]
    return el("span", *spans, class_="track axis")


def track(
    share: Interval | None, limit: int, position: int, *, meaningful: bool, beyond: str = BEYOND
) -> str:
    """Draw a change on the axis.

    Args:
        share: the change in percent of the baseline, or None if it is unknown.
        limit: limit of the axis in percent.
        position: position of the policy, which determines the colour, the dash and the mark.
        meaningful: whether the change is meaningful (`experiments.runs.pairs`).
        beyond: tooltip for a range beyond the axis, with fields ``low`` and ``high``.

    Returns:
        HTML. The mark of a meaningful change is filled. Other marks are hollow and grey. A range
        that leaves the axis ends in an arrowhead and has the tooltip.
    """
    parts, title = [el("i", class_="zero")], None
    if share is not None and math.isfinite(share.median):
        look = arm_style(position)
        colour = look.colour if meaningful else UNCLEAR
        ends = [share.median]
        if _is_finite(share) and not numbers.is_single(share):
            ends = [share.low90, share.high90]
            low, high = (axis_place(end, limit) for end in ends)
            line = f"left:{num(low)}%;width:{num(high - low)}%;border-color:{colour}"
            parts.append(el("i", class_="range dashed" if look.dash else "range", style=line))
        sides = sorted({math.copysign(1.0, end) for end in ends if abs(end) > limit})
        parts += [_arrowhead(side, colour) for side in sides]
        if abs(share.median) <= limit:
            fill = {"fill": colour if meaningful else "#fff", "stroke": colour}
            shape = marker(look.shape, 7, 7, 4.4, **fill, stroke_width=1.6)
            parts.append(_at(shape, axis_place(share.median, limit)))
        if sides:
            title = beyond.format(
                low=numbers.format_fixed(ends[0], 0), high=numbers.format_fixed(ends[-1], 0)
            )
    return el("span", *parts, class_="track", aria_hidden="true", title=title)


def _arrowhead(side: float, colour: str) -> str:
    """Return the arrowhead at the left (-1) or right (1) end of the axis."""
    points = " ".join(f"{7 + side * x:g},{7 + y}" for x, y in ((5, 0), (-4, 5), (-4, -5)))
    shape = el("polygon", points=points, fill=colour, stroke=colour, stroke_width=1.6)
    return _at(shape, 50.0 + 50.0 * side)


def _at(shape: str, place: float) -> str:
    """Return a shape at `place` percent of the width."""
    return el("svg", shape, viewBox="0 0 14 14", style=f"left:{num(place)}%")


def axis_place(value: float, limit: float) -> float:
    """Return a value's position in percent of the width, limited to the ends of the axis."""
    return 50.0 + 50.0 * max(-1.0, min(1.0, value / limit))


def _is_finite(share: Interval) -> bool:
    """Return whether both bounds are finite."""
    return math.isfinite(share.low90) and math.isfinite(share.high90)


# ---- monthly series ------------------------------------------------------------------------------

_LEFT = 58.0


def plot_series(
    months: Sequence[str],
    arms: Mapping[str, np.ndarray],
    *,
    title: str,
    unit: str,
    policy_dates: Sequence[tuple[str, str]] = (),
    names: Sequence[str] = style.MONTHS,
    first: int = -1,
    ax: Axes | None = None,
) -> Axes:
    """Plot monthly or daily series with bands. NaN leaves a gap.

    Args:
        months: months as 'YYYY-MM', or days as 'YYYY-MM-DD'.
        arms: low90, median and high90 by arm name, each array of shape (3, months).
        title, unit: texts above the axes.
        policy_dates: months or days with a dotted line, and the text at each line.
        names: twelve short month names.
        first: position of the first arm, where -1 is the baseline.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes.
    """
    marks = [(arm_style(i), name) for i, name in enumerate(arms, first)]
    dates, keys = 14.0 if policy_dates else 0.0, 16.0 * math.ceil(len(marks) / 2)
    top = style.heading_height(title, unit) + dates + keys
    ax = style.chart_axes(ax, 180.0, (_LEFT, top, 16.0, 36.0))
    tables = [np.asarray(table, dtype=float) for table in arms.values()]
    style.month_axis(ax, months, names)
    style.value_axis(ax, style.round_ticks(v for table in tables for v in table.ravel()))
    for (look, _), (low, middle, high) in zip(marks, tables, strict=True):
        if np.any(low != high):
            ax.fill_between(range(low.size), low, high, color=look.colour, **style.AREA)
        line = {"markevery": [-1], "clip_on": False}  # The last mark stays whole at the edge.
        ax.plot(range(low.size), middle, **look.mark(6.0) | look.stroke(2.0) | line)
    for month, words in (date for date in policy_dates if date[0] in months):
        at = months.index(month)
        ax.axvline(at, **style.DOTTED)
        side = "left" if at < 0.2 * len(months) else "center"
        style.label(ax, words, at, 1.0, "y axes", shift=(0.0, 5.0), ha=side)
    rows = [
        (look.mark(6.0) | look.stroke(1.9), wrap(name, 200.0, style.SMALL, 1)[0])
        for look, name in marks
    ]
    style.key(ax, rows, 4.0 - _LEFT, -keys - dates - 8.0, columns=2)
    style.heading(ax, title, unit, above=16.0 + dates + keys, left=_LEFT - 4.0)
    return ax


def describe_series(months: Sequence[str], arms: Mapping[str, np.ndarray], unit: str) -> str:
    """Return the text alternative of `plot_series`, with the mean of each arm's median.

    Args:
        months, arms, unit: as in `plot_series`.
    """
    means = (f"{name} {style.mean_text(table[1], 'no data')}" for name, table in arms.items())
    when = f" from {months[0]} to {months[-1]}" if months else ""
    return f"Monthly medians{when}, mean in {unit}: {'; '.join(means)}."
