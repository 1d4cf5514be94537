"""Where people are stopped: bars from Mexico's south to behind the U.S. line, an arm a bar."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from viz.figures.axes import finite
from viz.figures.markup import el, svg, text, wrap
from viz.figures.numbers import plain, rounded, signed
from viz.figures.palette import INK, MUTED, arm_style, marker

WIDTH, LEFT, RIGHT = 480.0, 20.0, 474.0
HEAD, BAR, GAP = 20.0, 17.0, 9.0
NUMBERS = 92.0  # room for the number at the end of a bar

#: An arm: its title, its position (the baseline has -1), and a number by depth.
Row = tuple[str, int, Mapping[str, float]]


class _Scale:
    """Numbers to x, zero in view, room for words on both sides where both are needed."""

    def __init__(self, values: Sequence[float]) -> None:
        """Room for the longest bars."""
        low, high = min([0.0, *values]), max([0.0, *values])
        left = LEFT + (NUMBERS if low < 0.0 else 0.0)
        self.unit = (RIGHT - NUMBERS - left) / ((high - low) or 1.0)
        self.zero = left - low * self.unit

    def x(self, value: float) -> float:
        """Where a number lies."""
        return self.zero + value * self.unit


def depth_svg(rows: Sequence[Row], *, title: str, unit: str, changes: bool = False) -> str:
    """Bars by depth. With `changes` the numbers are differences and carry their sign."""
    depths = list(dict.fromkeys(name for _, _, values in rows for name in values))
    scale = _Scale(finite(v for _, _, values in rows for v in values.values()))
    head = wrap(title, WIDTH - 8, 14)
    top = 18.0 * len(head) + 24.0 + BAR * len(rows) + GAP
    tall = HEAD + BAR * len(rows) + GAP
    body = [
        text(4, 16 + 18 * i, line, 14, font_weight=600, class_="chart-title")
        for i, line in enumerate(head)
    ]
    body.append(text(4, 16 + 18 * len(head), unit, 11, fill=MUTED))
    body += [
        _name(name, index, 18.0 * len(head) + 24.0 + BAR * i)
        for i, (name, index, _) in enumerate(rows)
    ]
    for k, depth in enumerate(depths):
        y = top + tall * k
        body.append(text(4, y + 13, depth, 12, font_weight=600))
        body += [
            _bar(scale, values.get(depth, math.nan), index, y + HEAD + BAR * i, changes)
            for i, (_, index, values) in enumerate(rows)
        ]
    bottom = top + tall * len(depths)
    axis = el("line", x1=scale.zero, x2=scale.zero, y1=top, y2=bottom - GAP, stroke=INK)
    return svg(
        WIDTH,
        bottom,
        title,
        _describe(rows, depths, unit, changes),
        *body,
        axis if changes else "",
        class_="depth",
    )


def _name(name: str, index: int, y: float) -> str:
    """An arm and its mark, in the key above the bars."""
    mark = marker(arm_style(index).shape, 9.0, y + BAR / 2, 3.6, fill=arm_style(index).colour)
    shown = wrap(name, RIGHT - LEFT, 13, 1)[0]
    return el("g", mark, text(LEFT, y + BAR / 2 + 4, shown, 11), class_=f"arm arm-{index + 1}")


def _bar(scale: _Scale, value: float, index: int, y: float, changes: bool) -> str:
    """One bar with the mark of its arm and its number."""
    style, middle = arm_style(index), y + BAR / 2
    parts = [marker(style.shape, 9.0, middle, 3.6, fill=style.colour)]
    if math.isfinite(value) and value != 0.0:
        a, b = sorted((scale.zero, scale.x(value)))
        parts.append(
            el("rect", x=a, y=y + 2, width=max(b - a, 1.0), height=BAR - 4, fill=style.colour)
        )
    before = math.isfinite(value) and value < 0.0
    at = scale.x(value) if math.isfinite(value) else scale.zero
    at, anchor = (at - 6, "end") if before else (at + 6, "start")
    parts.append(text(at, middle + 4, _shown(value, changes), 11, text_anchor=anchor))
    return el("g", *parts, class_=f"arm arm-{index + 1}")


def _shown(value: float, changes: bool) -> str:
    """A number as it stands at a bar."""
    return signed(value) if changes else plain(rounded(value))


def _describe(rows: Sequence[Row], depths: Sequence[str], unit: str, changes: bool) -> str:
    """The bars in words, for whoever cannot see them."""
    told = [
        f"{name}: "
        + ", ".join(f"{depth} {_shown(values.get(depth, math.nan), changes)}" for depth in depths)
        for name, _, values in rows
    ]
    return f"{'; '.join(told) or 'Nothing to show'} ({unit})."
