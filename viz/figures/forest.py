"""Forest plot: the change that each policy makes to one outcome, with its 50 % and 90 % ranges."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, Protocol

from matplotlib.axes import Axes

from experiments.intervals import Interval
from viz.figures import style
from viz.figures.markup import text_width, wrap
from viz.figures.numbers import directions, is_clear, is_single, percent, plain, signed_amount, span
from viz.figures.palette import GRID, INK, ArmStyle, arm_style

_SIDE, _ROW = 14.0, 46.0


class Change(Protocol):
    """An outcome of a policy, such as `experiments.pairs.Difference`."""

    @property
    def baseline(self) -> float:
        """Level of the outcome in the baseline; NaN where it has none."""
        ...

    @property
    def interval(self) -> Interval:
        """Difference from the baseline."""
        ...


def plot_forest(
    changes: Mapping[str, Change], *, title: str, unit: str, ax: Axes | None = None
) -> Axes:
    """Plot the median change of each policy with a bar for 50 % and a whisker for 90 %.

    Args:
        changes: changes of one outcome by the name of the policy.
        title: text above the axes.
        unit: unit of the outcome.
        ax: axes to draw on; by default those of a new figure.

    Returns:
        The axes; their y axis is in points from the top of a new figure.
    """
    tall = _ROW * len(changes) + 8.0
    margins = {"left": _SIDE, "right": _SIDE, "top": style.heading_height(title), "bottom": 36.0}
    ax = ax or style.new_axes(style.WIDTH, tall, **margins)
    style.frame(ax)
    ticks = style.round_ticks((v for c in changes.values() for v in _ends(c.interval)), 5)
    ax.set(xlim=(ticks[0], ticks[-1]), ylim=(tall, 0.0))
    ax.set_yticks([])
    _value_axis(ax, ticks, unit)
    for i, (name, change) in enumerate(changes.items()):
        _row(ax, name, change, unit, i)
    style.heading(ax, title, above=10.0, left=_SIDE - 4.0)
    return ax


def _ends(interval: Interval) -> tuple[float, float, float]:
    """Return the values that the axis must cover."""
    return interval.median, interval.low90, interval.high90


def _value_axis(ax: Axes, ticks: list[float], unit: str) -> None:
    """Draw grid lines, a strong line at zero, the numbers that fit, and the directions."""
    (wide, _), taken = style.size(ax), list[tuple[float, float]]()
    shown = []
    for tick in sorted(ticks, key=abs):
        words = signed_amount(tick, unit)
        at = wide * (tick - ticks[0]) / (ticks[-1] - ticks[0])
        half = text_width(words, style.SMALL) / 2 - _SIDE
        if style.fits(min(max(at, half), wide - half), words, taken):
            shown.append(tick)
    texts = [signed_amount(tick, unit) if tick in shown else "" for tick in ticks]
    ax.set_xticks(ticks, texts, parse_math=False)
    for tick, side in ((ax.get_xticklabels()[0], "left"), (ax.get_xticklabels()[-1], "right")):
        if text_width(tick.get_text(), style.SMALL) / 2 > _SIDE:
            tick.set_horizontalalignment(side)
    ax.grid(axis="x", color=GRID, linewidth=1.0)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    less, more = directions(unit)
    notes = ((0.0, f"← {less}", "left"), (0.5, unit, "center"), (1.0, f"{more} →", "right"))
    for x, words, side in notes:
        style.label(ax, words, (x, 0.0), offset=(0.0, -31.0), ha=side)


def _row(ax: Axes, name: str, change: Change, unit: str, index: int) -> None:
    """Draw name and numbers of a policy, and below them its whisker, bar and mark."""
    look, interval, gid = arm_style(index), change.interval, f"arm arm-{index + 1}"
    top, numbers = _ROW * index, short(change, unit)
    room = style.size(ax)[0] - text_width(numbers, style.SMALL) - 24.0
    plate = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}
    texts: dict[str, Any] = {"of": ("axes fraction", "data"), "color": INK, "gid": gid}
    texts |= {"bbox": plate | {"gid": gid}}
    head = wrap(name, room, style.LABEL, 1)[0]
    style.label(
        ax, head, (0, top + 18), offset=(14, 0), fontsize=style.LABEL, fontweight="bold", **texts
    )
    style.label(ax, numbers, (1, top + 18), offset=(-4, 0), ha="right", **texts)
    face: dict[str, Any] = {"marker": look.symbol, "color": look.colour, "gid": gid}
    place = {"transform": ax.get_yaxis_transform(), "clip_on": False}
    ax.plot([5.0 / style.size(ax)[0]], [top + 14.0], markersize=7.0, **face, **place)
    if math.isfinite(interval.median):
        _whisker(ax, interval, look, top + 34.0, gid)
        face |= {"markersize": 9.5, "markeredgecolor": "white", "markeredgewidth": 1.2}
        ax.plot([interval.median], [top + 34.0], **face)


def _whisker(ax: Axes, interval: Interval, look: ArmStyle, y: float, gid: str) -> None:
    """Draw the thin 90 % line with its ends and the thick 50 % bar; nothing for one run."""
    ends = (interval.low90, interval.high90, interval.low50, interval.high50)
    if is_single(interval) or not all(map(math.isfinite, ends)):
        return
    low, high, *inner = ends
    line = {"color": look.colour, "gid": gid, "solid_capstyle": "butt"}
    ax.plot(
        [low, high], [y, y], linewidth=1.6, marker="|", markersize=8.0, markeredgewidth=1.6, **line
    )
    ax.plot(inner, [y, y], linewidth=6.0, alpha=0.55, **line)


def short(change: Change, unit: str) -> str:
    """Return the median change and its percentage of the baseline."""
    median = change.interval.median
    if not math.isfinite(median):
        return plain(median)
    share = 100.0 / change.baseline * median if change.baseline > 0.0 else math.nan
    return signed_amount(median, unit) + (f" ({percent(share)})" if math.isfinite(share) else "")


def describe_forest(changes: Mapping[str, Change], unit: str) -> str:
    """Return a text alternative of `plot_forest`: every change with its 90 % range."""
    told = "; ".join(f"{name}: {_words(change, unit)}" for name, change in changes.items())
    return f"{told or 'No policy to compare.'} ({unit})."


def _words(change: Change, unit: str) -> str:
    """Return one change with its range in words."""
    interval = change.interval
    if is_single(interval) or not math.isfinite(interval.median):
        return short(change, unit)
    clear = "" if is_clear(interval) else ", no clear change"
    return f"{short(change, unit)}, 90 % range {span(interval, unit)}{clear}"
