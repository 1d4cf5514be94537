"""The isobudget frontier: what each side leaves for a budget, entries beside costs to people."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from abm.policies.base import money
from viz.figures.axes import finite, ticks
from viz.figures.markup import el, svg, text, wrap
from viz.figures.numbers import MINUS
from viz.figures.palette import GRID, INK, MUTED, ArmStyle, marker

#: How each side is drawn, and its words.
STYLES = {
    "us_only": (ArmStyle("#0072B2", "7 3", "square"), "U.S. alone"),
    "cooperative": (ArmStyle("#009E73", "2.5 2.5", "diamond"), "cooperation alone"),
    "mixed": (ArmStyle("#D55E00", "", "circle"), "both together"),
}
_WIDTH, _PLOT, _LEFT, _RIGHT, _TOP = 360.0, 170.0, 52.0, 14.0, 58.0
_SIZE = 11.0
_KEY = 34.0


@dataclass(frozen=True)
class Panel:
    """One small picture: a side's budgets ($ a year) and changes (percent, low, median, high)."""

    title: str
    unit: str
    lines: Mapping[str, Sequence[tuple[float, float, float, float]]]


def frontier_svg(panels: Sequence[Panel], *, title: str, columns: int = 3) -> str:
    """Panels side by side under one key; the budgets of a column run on a scale of the root."""
    rows = math.ceil(len(panels) / columns)
    high = _TOP + _PLOT + 46.0
    body = [text(4, 18, title, 15, font_weight=600, class_="chart-title"), _key(40.0)]
    for i, panel in enumerate(panels):
        place = f"translate({i % columns * _WIDTH},{_KEY + i // columns * high})"
        body.append(el("g", _panel(panel), transform=place))
    told = "; ".join(_told(panel) for panel in panels)
    return svg(columns * _WIDTH, _KEY + rows * high, title, told, *body, class_="frontier")


def _key(y: float) -> str:
    """Which line is whose."""
    parts, x = [], 4.0
    for style, words in STYLES.values():
        parts += [
            el(
                "line",
                x1=x,
                x2=x + 26,
                y1=y - 4,
                y2=y - 4,
                stroke=style.colour,
                stroke_width=2.2,
                stroke_dasharray=style.dash or None,
            ),
            marker(style.shape, x + 13, y - 4, 4.0, fill=style.colour),
            text(x + 32, y, words, 12),
        ]
        x += 50 + 7.0 * len(words)
    parts.append(text(x, y, "line: median of draws; band: nine in ten", 12, fill=MUTED))
    return "".join(parts)


@dataclass(frozen=True)
class _Scale:
    """Budgets to x on a root scale, percent to y."""

    most: float
    marks: list[float]

    def x(self, budget: float) -> float:
        return _LEFT + (_WIDTH - _LEFT - _RIGHT) * math.sqrt(budget / self.most)

    def y(self, percent: float) -> float:
        low, high = self.marks[0], self.marks[-1]
        return _TOP + _PLOT * (high - percent) / (high - low)


def _panel(panel: Panel) -> str:
    """Title, axes, and a line with its band for every side."""
    points = [point for line in panel.lines.values() for point in line]
    ends = finite(value for _, *values in points for value in values)
    budgets = sorted({budget for budget, *_ in points})
    scale = _Scale(max(budgets, default=1.0), ticks(min([0.0, *ends]), max([0.0, *ends]), 4))
    lines = [
        _line(scale, STYLES[side][0], np.array([(0.0, 0.0, 0.0, 0.0), *line]))
        for side, line in panel.lines.items()
        if line
    ]
    words = wrap(panel.title, _WIDTH - 20, 13, 1)[0]
    return "".join(
        [
            text(8, 32, words, 13, font_weight=600),
            text(8, 47, panel.unit, _SIZE, fill=MUTED),
            _axes(scale, budgets),
            *lines,
        ]
    )


def _axes(scale: _Scale, budgets: list[float]) -> str:
    """Grid and numbers; the line at no change is strong."""
    parts, bottom = [], _TOP + _PLOT
    for mark in scale.marks:
        y = scale.y(mark)
        colour = INK if mark == 0.0 else GRID
        parts.append(el("line", x1=_LEFT, x2=_WIDTH - _RIGHT, y1=y, y2=y, stroke=colour))
        parts.append(text(_LEFT - 6, y + 4, _percent(mark), _SIZE, text_anchor="end", fill=MUTED))
    free = -math.inf
    for budget in budgets:
        x = scale.x(budget)
        parts.append(el("line", x1=x, x2=x, y1=bottom, y2=bottom + 4, stroke=MUTED))
        half = 3.4 * len(money(budget))
        if x - half > free:
            free = x + half
            at = min(x, _WIDTH - half)
            parts.append(
                text(at, bottom + 17, money(budget), _SIZE, text_anchor="middle", fill=MUTED)
            )
    words = "$ a year, on a root scale"
    parts.append(text(_WIDTH - _RIGHT, bottom + 32, words, 10, text_anchor="end", fill=MUTED))
    return "".join(parts)


def _line(scale: _Scale, style: ArmStyle, points: np.ndarray) -> str:
    """Band, median and marks of one side."""
    known = points[np.isfinite(points).all(axis=1)]
    x = [scale.x(budget) for budget in known[:, 0]]
    low, middle, high = ([scale.y(v) for v in known[:, k]] for k in (1, 2, 3))
    band = _path([*zip(x, high, strict=True), *reversed(list(zip(x, low, strict=True)))]) + "Z"
    dots = [
        marker(style.shape, a, b, 3.4, fill=style.colour, stroke="#fff", stroke_width=0.8)
        for a, b in list(zip(x, middle, strict=True))[1:]
    ]
    return (
        el("path", d=band, fill=style.colour, opacity="0.13")
        + el(
            "path",
            d=_path(list(zip(x, middle, strict=True))),
            fill="none",
            stroke=style.colour,
            stroke_width=2.2,
            stroke_dasharray=style.dash or None,
        )
        + "".join(dots)
    )


def _path(points: Sequence[tuple[float, float]]) -> str:
    return "M" + "L".join(f"{x:.1f},{y:.1f}" for x, y in points)


def _percent(value: float) -> str:
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{abs(value):g} %"


def _told(panel: Panel) -> str:
    """A panel in words."""
    parts = []
    for side, line in panel.lines.items():
        points = [f"{money(b)}: {_percent(round(m, 1))}" for b, _, m, _ in line]
        parts.append(f"{STYLES[side][1]} {', '.join(points)}")
    return f"{panel.title}: {'; '.join(parts)}"
