"""Marks of a forest table: middles and 90 % ranges of several outcomes on one axis, as markup.

The marks are HTML with positions in percent, so that a table keeps its axis at every width. Only
lengths are written here; page.css has the rest of the look.
"""

from __future__ import annotations

import math
from collections.abc import Iterable

from experiments.runs.intervals import Interval
from viz.figures.markup import el, num
from viz.figures.numbers import MINUS, NBSP, fixed, is_single
from viz.figures.palette import UNCLEAR, arm_style, marker

#: Ends of the axis, in percent of the baseline. The largest is the last: wider changes are arrows.
_LIMITS = (5, 10, 20, 40, 60, 100)
BEYOND = f"Beyond the axis: {{low}} to {{high}}{NBSP}%"
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


def track(
    share: Interval | None, limit: int, position: int, *, meaningful: bool, beyond: str = BEYOND
) -> str:
    """Draw a change on the axis.

    Args:
        share: the change in percent of the baseline; None if it is not known.
        limit: end of the axis.
        position: position of the policy, which has a colour, a dash and a mark.
        meaningful: whether the change is meaningful (`experiments.runs.pairs`).
        beyond: title of a change that leaves the axis, with fields ``low`` and ``high``.

    Returns:
        Markup. The mark of a meaningful change is filled, others are hollow and grey. A range
        beyond the axis ends in an arrowhead, and a title says how far it goes.
    """
    parts, title = [el("i", class_="zero")], None
    if share is not None and math.isfinite(share.median):
        style = arm_style(position)
        colour, dash = style.colour if meaningful else UNCLEAR, style.dash
        ends = [share.median]
        if _is_known(share) and not is_single(share):
            ends = [share.low90, share.high90]
            low, high = (_place(end, limit) for end in ends)
            line = f"left:{num(low)}%;width:{num(high - low)}%;border-color:{colour}"
            parts.append(el("i", class_="range dashed" if dash else "range", style=line))
        sides = sorted({math.copysign(1.0, end) for end in ends if abs(end) > limit})
        parts += [_head(side, colour) for side in sides]
        if abs(share.median) <= limit:
            parts.append(_mark(share.median, limit, position, colour, filled=meaningful))
        if sides:
            title = beyond.format(low=fixed(ends[0], 0), high=fixed(ends[-1], 0))
    return el("span", *parts, class_="track", aria_hidden="true", title=title)


def _mark(median: float, limit: int, position: int, colour: str, *, filled: bool) -> str:
    """Return the mark at a middle."""
    look = {"fill": colour if filled else "#fff", "stroke": colour, "stroke_width": 1.6}
    shape = marker(arm_style(position).shape, 7, 7, 4.4, **look)
    return _at(shape, _place(median, limit))


def _head(side: float, colour: str) -> str:
    """Return the arrowhead at an end of the axis."""
    points = " ".join(f"{7 + side * x:g},{7 + y}" for x, y in ((5, 0), (-4, 5), (-4, -5)))
    shape = el("polygon", points=points, fill=colour, stroke=colour, stroke_width=1.6)
    return _at(shape, 50.0 + 50.0 * side)


def _at(shape: str, place: float) -> str:
    """Return a shape at a position on the axis in percent."""
    return el("svg", shape, viewBox="0 0 14 14", style=f"left:{num(place)}%")


def _place(value: float, limit: int) -> float:
    """Return the position of a value on the axis in percent; the ends if it is beyond them."""
    return 50.0 + 50.0 * max(-1.0, min(1.0, value / limit))


def _is_known(share: Interval) -> bool:
    """Return whether both bounds are finite."""
    return math.isfinite(share.low90) and math.isfinite(share.high90)
