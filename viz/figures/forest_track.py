"""Marks of a forest table: middles and 90 % ranges of several outcomes on one axis, as markup.

The marks are HTML with positions in percent, so that a table keeps its axis at every width. Only
lengths are written here; page.css has the rest of the look.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from experiments.intervals import Interval
from viz.figures.markup import el, num
from viz.figures.numbers import MINUS, NBSP, is_single
from viz.figures.palette import UNCLEAR, arm_style, marker

#: Ends of the axis, in percent of the baseline. The largest is the last: wider changes are arrows.
_LIMITS = (5, 10, 20, 40, 60, 100)
_INSIDE = 0.8  # share of the ranges that the axis contains [A]


def axis_limit(shares: Iterable[Interval]) -> int:
    """Return the end of the axis: the smallest limit that contains most ranges.

    Args:
        shares: changes in percent of the baseline.

    Returns:
        A limit in percent; the axis is symmetric around zero.
    """
    reach = sorted(max(abs(one.low90), abs(one.high90)) for one in shares if _is_known(one))
    most = reach[min(len(reach) - 1, math.floor(_INSIDE * len(reach)))] if reach else 0.0
    return next((limit for limit in _LIMITS if limit >= most), _LIMITS[-1])


def axis_names(limit: int) -> str:
    """Return the names of the ends and the middle of the axis as markup."""
    names = (f"{MINUS}{limit}{NBSP}%", "0", f"+{limit}{NBSP}%")
    spans = [el("span", name, style=f"left:{50 * k}%") for k, name in enumerate(names)]
    return el("span", *spans, class_="track axis")


def track(share: Interval | None, limit: int, position: int, *, meaningful: bool) -> str:
    """Draw a change on the axis.

    Args:
        share: the change in percent of the baseline; None if it is not known.
        limit: end of the axis.
        position: position of the policy, which has a colour, a dash and a mark.
        meaningful: whether the change is meaningful (`experiments.meaning`).

    Returns:
        Markup. The mark of a meaningful change is filled, others are hollow and grey; a middle
        beyond the axis is an arrow.
    """
    parts = [el("i", class_="zero")]
    if share is not None and math.isfinite(share.median):
        style = arm_style(position)
        colour, dash = style.colour if meaningful else UNCLEAR, style.dash
        if _is_known(share) and not is_single(share):
            low, high = _place(share.low90, limit), _place(share.high90, limit)
            line = f"left:{num(low)}%;width:{num(high - low)}%;border-color:{colour}"
            parts.append(el("i", class_="range dashed" if dash else "range", style=line))
        parts.append(_mark(share.median, limit, position, colour, filled=meaningful))
    return el("span", *parts, class_="track", aria_hidden="true")


def _mark(median: float, limit: int, position: int, colour: str, *, filled: bool) -> str:
    """Return the mark at a middle, or an arrow at the end of the axis."""
    look = {"fill": colour if filled else "#fff", "stroke": colour, "stroke_width": 1.6}
    if abs(median) > limit:
        side = math.copysign(1.0, median)
        points = " ".join(f"{7 + side * x:g},{7 + y}" for x, y in ((5, 0), (-4, 5), (-4, -5)))
        shape = el("polygon", points=points, **look)
    else:
        shape = marker(arm_style(position).shape, 7, 7, 4.4, **look)
    place = f"left:{num(_place(median, limit))}%"
    return el("svg", shape, viewBox="0 0 14 14", style=place)


def _place(value: float, limit: int) -> float:
    """Return the position of a value on the axis in percent; the ends if it is beyond them."""
    return 50.0 + 50.0 * max(-1.0, min(1.0, value / limit))


def _is_known(share: Interval) -> bool:
    """Return whether both bounds are finite."""
    return math.isfinite(share.low90) and math.isfinite(share.high90)
