"""Forest plot: the change that each policy makes to one outcome, with its 50 % and 90 % ranges."""

import math
from collections.abc import Iterable, Mapping
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.runs.intervals import NO_INTERVAL, Interval
from experiments.runs.pairs import Difference
from viz.figures import style
from viz.figures.markup import text_width, wrap
from viz.figures.numbers import (
    NBSP,
    directions,
    fixed,
    is_single,
    plain,
    ranged,
    ranged_percent,
    span,
    tick_texts,
)
from viz.figures.palette import GRID, INK, UNCLEAR, arm_style

_SIDE, _ROW = 14.0, 46.0
PERCENT = "% of the baseline"


def plot_forest(
    changes: Mapping[str, Difference],
    *,
    title: str,
    unit: str,
    limit: float = 0.0,
    ax: Axes | None = None,
) -> Axes:
    """Plot the change of each policy with a bar for the 50 % range and a whisker for 90 %.

    The mark of a meaningful change (`experiments.runs.pairs`) is filled, others are hollow
    and grey. With a limit, bars that are longer than the axis end in an arrow, with the end of
    their range.

    Args:
        changes: changes of one outcome by the name of the policy.
        title: text above the axes.
        unit: unit of the outcome.
        limit: end of an axis in percent of the baseline, the same for several charts; 0 for an axis
            in the unit that contains all ranges. With a limit, `in_percent` must hold.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes; y is in points from the top of the axes of a new figure.
    """
    tall = _ROW * len(changes) + 8.0
    ax = style.chart_axes(ax, tall, (_SIDE, style.heading_height(title), _SIDE, 36.0))
    found = [_drawn(change, limit) for change in changes.values()]
    ticks = [limit * k / 2 for k in range(-2, 3)]
    if not limit:
        ticks = style.round_ticks((v for f in found for v in (f.median, f.low90, f.high90)), 5)
    ax.set(xlim=(ticks[0], ticks[-1]), ylim=(tall, 0.0), yticks=[])
    names = tick_texts(ticks, "" if limit else unit, change=True)
    texts = dict(zip(ticks, names, strict=True))
    nearest_first = {tick: texts[tick] for tick in sorted(ticks, key=abs)}
    style.name_ticks(ax, nearest_first, side=_SIDE - 4.0)
    ax.grid(axis="x", color=GRID, linewidth=1.0)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    less, more = directions(unit)
    below = {"left": f"← {less}", "center": PERCENT if limit else unit, "right": f"{more} →"}
    for x, (side, words) in zip((0, 0.5, 1), below.items(), strict=True):
        style.label(ax, words, x, 0, "axes", shift=(0.0, -31.0), ha=side)
    for i, (name, change) in enumerate(changes.items()):
        _row(ax, name, change, unit, i, limit)
    style.heading(ax, title, above=10.0, left=_SIDE - 4.0)
    return ax


def in_percent(changes: Iterable[Difference]) -> bool:
    """Return whether all known changes can be drawn in percent of the baseline."""
    return all(one.percent for one in changes if math.isfinite(one.difference))


def _drawn(change: Difference, limit: float) -> Interval:
    """Return a change in the unit of the axis."""
    return (change.percent or NO_INTERVAL) if limit else change.interval


def _row(
    ax: Axes, name: str, change: Difference, unit: str, index: int, limit: float = 0.0
) -> None:
    """Draw name and numbers of a policy, and below them its whisker, bar and mark."""
    look, found = arm_style(index), _drawn(change, limit)
    top, numbers, wide = _ROW * index, _short(change, unit), style.size(ax)[0]
    text: dict[str, Any] = {"color": INK, "bbox": style.PLATE}
    head = wrap(name, wide - text_width(numbers, style.SMALL) - 24.0, style.LABEL, 1)
    bold = {"fontsize": style.LABEL, "fontweight": "bold", "shift": (14.0, 0.0)}
    style.label(ax, head, 0, top + 18.0, "x axes", **text, **bold)
    style.label(ax, numbers, 1, top + 18.0, "x axes", shift=(-4.0, 0.0), ha="right", **text)
    side: dict[str, Any] = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    ax.plot([5.0 / wide], [top + 14.0], **look.mark(7.0), **side)
    if not math.isfinite(found.median):
        return
    whole, y = ((found.low90, found.high90), (found.low50, found.high50)), [top + 34.0] * 2
    ends = [[_cut(end, limit) for end in pair] for pair in whole]
    clear = change.is_meaningful
    colour = look.colour if clear else UNCLEAR
    if not is_single(found) and np.isfinite(whole).all():
        line: dict[str, Any] = {"color": colour, "solid_capstyle": "butt"}
        cap: dict[str, Any] = {"marker": "|", "markersize": 8.0, "markeredgewidth": 1.6}
        if ends[0][0] < ends[0][1]:  # not all of it is beyond the axis
            ax.plot(ends[0], y, linewidth=1.6, **line, **cap)
            ax.plot(ends[1], y, linewidth=6.0, alpha=0.55, **line)
    edge: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 1.2}
    if not clear:
        edge = {"markerfacecolor": "white", "markeredgecolor": colour, "markeredgewidth": 1.6}
    if _cut(found.median, limit) == found.median:
        ax.plot([found.median], y[:1], **look.mark(9.5), **edge)
    _name_cuts(ax, found, limit, top, colour)


def _cut(value: float, limit: float) -> float:
    """Return a value on the axis: the nearest end if it is beyond both."""
    return max(-limit, min(limit, value)) if limit else value


def _cuts(found: Interval, limit: float) -> list[float]:
    """Return those ends of a range, or its median if it has no range, that are beyond the axis."""
    ends = [found.low90, found.high90]
    known = ends if np.isfinite(ends).all() else [found.median]
    return [end for end in sorted(set(known)) if limit and abs(end) > limit]


def _name_cuts(ax: Axes, found: Interval, limit: float, top: float, colour: str) -> None:
    """Write an arrow and the end of the range where a bar is cut."""
    sides = {math.copysign(1.0, end): end for end in sorted(_cuts(found, limit), key=abs)}
    for side, end in sides.items():
        at, right = side * limit, side > 0
        arrow = {"color": colour, "fontsize": style.LABEL, "ha": "right" if right else "left"}
        style.label(ax, "▶" if right else "◀", at, top + 34.0, shift=(0.0, -4.5), **arrow)
        words = f"cut: to {fixed(end, 0)}{NBSP}%"
        style.label(ax, words, at, top + 48.0, ha=arrow["ha"])


def _short(change: Difference, unit: str) -> str:
    """Return the change and its percentage of the baseline."""
    if not math.isfinite(change.difference):
        return plain(change.difference)
    share, text = change.percent, ranged(change.interval, unit).median
    return f"{text} ({ranged_percent(share).median})" if share else text


def describe_forest(changes: Mapping[str, Difference], unit: str, limit: float = 0.0) -> str:
    """Return the text alternative of `plot_forest`, with the 90 % ranges.

    Args:
        changes, unit, limit: as in `plot_forest`.

    Returns:
        The text.
    """
    texts = []
    for name, change in changes.items():
        found, text = change.interval, f"{name}: {_short(change, unit)}"
        if not is_single(found) and math.isfinite(found.median):
            text += f", 90 % range {span(found, unit)}"
            text += "" if change.is_meaningful else ", no meaningful change"
        if _cuts(_drawn(change, limit), limit):
            text += f", cut at {limit:g}{NBSP}%"
        texts.append(text)
    return f"{'; '.join(texts) or 'No policy to compare.'} ({unit})."
