"""What answers depend on: a row for each uncertain number, a column for each answer.

Morris: a bar for the mean size of the effect, its interval, a mark for sigma. Sobol': two bars, the
share of the variance with all interactions and that of the number alone. The dashed line is the
dummy's level and grey reaches to the end of its interval; what cannot be told from it is hollow.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from experiments.design.factors import DUMMY
from experiments.sensitivity.indices import Elementary, Estimate, Line, Shares
from viz.figures.axes import finite, ticks
from viz.figures.markup import el, svg, text, text_width, wrap
from viz.figures.numbers import MINUS, amount, plain
from viz.figures.palette import FEWER, FLOW, GRID, INK, MORE, MUTED, marker

WIDTH, EDGE, NAMES, GAP, COLUMNS = 960.0, 10.0, 186.0, 30.0, 3
ROW = {Elementary: 18.0, Shares: 25.0}
HEAD, FOOT, KEY, LETTER = 46.0, 36.0, 48.0, 6.6
STRIPE, NOISE, EITHER = "#f5f7fa", "#e4e8ed", "#8a97a5"
DASHED: dict[str, object] = {"stroke": MUTED, "stroke_dasharray": "4 3"}
_LEAST, _MOST = -0.5, 1.5  # shares beyond which an interval is cut
_SIGNS = {"+": MORE, MINUS: FEWER, "±": EITHER}


@dataclass(frozen=True)
class Panel:
    """One answer: its title and unit, the factors, and those not told from the dummy."""

    title: str
    unit: str
    lines: tuple[Line, ...]
    untold: frozenset[str]

    @property
    def by_name(self) -> dict[str, Line]:
        """The factors by name."""
        return {line.factor: line for line in self.lines}


@dataclass(frozen=True)
class _Column:
    """Where a panel stands: numbers to x."""

    panel: Panel
    left: float
    right: float

    @cached_property
    def marks(self) -> list[float]:
        """Round numbers of the axis; zero is always in view, and so is the whole of a variance."""
        ends = [0.0]
        for line in self.panel.lines:
            ends += [line.strength.value, line.strength.high]
            more = line.sigma if isinstance(line, Elementary) else line.first.high
            ends += [more] if isinstance(line, Elementary) else [more, line.first.low]
        if isinstance(self.panel.lines[0], Shares):
            ends = [min(max(end, _LEAST), _MOST) for end in finite(ends)]
        return ticks(min(finite(ends)), max(finite(ends)), 4)

    def holds(self, value: float) -> bool:
        """Whether a number is in view."""
        return self.marks[0] <= value <= self.marks[-1]

    def x(self, value: float) -> float:
        """Where a number lies, within the panel."""
        low, high = self.marks[0], self.marks[-1]
        at = self.left + (self.right - self.left) * (value - low) / (high - low)
        return min(max(at, self.left), self.right)


def sensitivity_svg(bands: Mapping[str, Sequence[Panel]], foot: str) -> str:
    """The picture: a band of panels for each policy (or one for levels), with a key and a foot."""
    rows = [(policy, part) for policy, panels in bands.items() for part in _parts(panels)]
    kind = type(rows[0][1][0].lines[0])
    parts = [text(EDGE, 22, "What the answers depend on", 16, font_weight=600), _key(kind)]
    top = 30.0 + KEY
    for policy, panels in rows:
        drawn, tall = _band(policy, panels, top)
        parts.append(drawn)
        top += tall
    parts += [
        text(EDGE, top + 12 + 14 * i, line, 10.5, fill=MUTED)
        for i, line in enumerate(wrap(foot, WIDTH, 10.5, 2))
    ]
    return svg(
        WIDTH,
        top + 34,
        "What the answers depend on",
        _described(bands),
        el("rect", width=WIDTH, height=top + 34, fill="#fff"),
        *parts,
        class_="sensitivity",
    )


def _parts(panels: Sequence[Panel]) -> list[Sequence[Panel]]:
    """Panels of one policy, as many side by side as there is room for, evenly."""
    side = math.ceil(len(panels) / math.ceil(len(panels) / COLUMNS))
    return [panels[i : i + side] for i in range(0, len(panels), side)]


def _order(panels: Sequence[Panel]) -> list[str]:
    """Factors by the largest part they have in any of the panels, the dummy last."""
    part: dict[str, float] = {}
    for panel in panels:
        most = max(finite(line.strength.value for line in panel.lines), default=0.0) or 1.0
        for line in panel.lines:
            value = line.strength.value / most if math.isfinite(line.strength.value) else 0.0
            part[line.factor] = max(part.get(line.factor, 0.0), value)
    return sorted(part, key=lambda name: (name == DUMMY, -part[name]))


def _band(policy: str, panels: Sequence[Panel], top: float) -> tuple[str, float]:
    """Panels side by side that share their rows; and how tall they are."""
    order, tall = _order(panels), ROW[type(panels[0].lines[0])]
    start = top + HEAD + (20.0 if policy else 0.0)
    bottom = start + tall * len(order)
    wide = (WIDTH - 2 * EDGE - NAMES - GAP * (len(panels) - 1)) / len(panels)
    parts = [
        text(EDGE, top + 12, f"Change that {policy} makes", 13, font_weight=600) if policy else ""
    ]
    parts += [
        el("rect", x=EDGE, y=start + tall * i, width=WIDTH - 2 * EDGE, height=tall, fill=STRIPE)
        for i in range(0, len(order), 2)
    ]
    untold = frozenset.intersection(*(panel.untold for panel in panels))
    parts += [_name(name, start + tall * (i + 0.5), name in untold) for i, name in enumerate(order)]
    for i, panel in enumerate(panels):
        left = EDGE + NAMES + (wide + GAP) * i
        parts.append(_panel(_Column(panel, left, left + wide), order, start, tall))
    return el("g", *parts, class_="band"), bottom + FOOT - top


def _name(name: str, y: float, faint: bool) -> str:
    """Name of a factor at the left of its row; of a long path the end."""
    room = int((NAMES - 24) / LETTER)
    shown = name if len(name) <= room else "…" + name[1 - room :]
    look: dict[str, object] = {"fill": MUTED if faint or name == DUMMY else INK}
    if name == DUMMY:
        look["font_style"] = "italic"
    return text(EDGE + NAMES - 20, y + 4, shown, 11.5, text_anchor="end", **look)


def _panel(column: _Column, order: Sequence[str], start: float, tall: float) -> str:
    """One answer: head, axis, the dummy's level, and a row for every factor."""
    bottom, panel = start + tall * len(order), column.panel
    heads = wrap(panel.title, column.right - column.left, 12 * 0.9, 2)
    parts = [
        text(column.left, start - 10 - 14 * (len(heads) - i), line, 12, font_weight=600)
        for i, line in enumerate(heads)
    ]
    parts.append(text(column.left, start - 8, _unit(panel), 10.5, fill=MUTED))
    parts.append(_grid(column, start, bottom))
    for i, name in enumerate(order):
        if name in panel.by_name:
            line, y = panel.by_name[name], start + tall * (i + 0.5)
            parts.append(_row(column, line, y, name not in panel.untold and name != DUMMY))
    return el("g", *parts, class_="panel")


def _unit(panel: Panel) -> str:
    """What the axis counts."""
    if isinstance(panel.lines[0], Shares):
        return "share of the variance"
    return f"{panel.unit}, over the whole range"


def _grid(column: _Column, top: float, bottom: float) -> str:
    """Fine lines at round numbers, a strong one at zero, and what the dummy seems to do."""
    dummy, zero = column.panel.by_name[DUMMY].strength, column.x(0.0)
    parts = []
    if math.isfinite(dummy.high):
        level, end = (column.x(max(value, 0.0)) for value in (dummy.value, dummy.high))
        parts += [
            el("rect", x=zero, y=top, width=end - zero, height=bottom - top, fill=NOISE),
            el("line", x1=level, x2=level, y1=top, y2=bottom, **DASHED),
        ]
    taken = -math.inf
    for value in column.marks:
        x = column.x(value)
        parts.append(
            el("line", x1=x, x2=x, y1=top, y2=bottom + 3, stroke=INK if value == 0 else GRID)
        )
        words = _tick(value, column.panel)
        half = text_width(words, 10.5) / 2
        at = min(x, column.right + 4 - half)
        if at - half > taken:
            taken = at + half + 4
            parts.append(text(at, bottom + 15, words, 10.5, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _tick(value: float, panel: Panel) -> str:
    """A number of the axis."""
    return plain(value) if isinstance(panel.lines[0], Shares) else amount(value, panel.unit)


# ---- rows ----------------------------------------------------------------------------------------


def _row(column: _Column, line: Line, y: float, clear: bool) -> str:
    """A factor in a panel; pale where it cannot be told from the dummy."""
    if isinstance(line, Elementary):
        return _elementary(column, line, y, clear)
    whole, alone = FLOW[1] if clear else "#fff", FLOW[3] if clear else "#fff"
    return _bar(column, line.total, y - 5, 8.0, whole, FLOW[1]) + _bar(
        column, line.first, y + 5, 5.0, alone, FLOW[3]
    )


def _elementary(column: _Column, line: Elementary, y: float, clear: bool) -> str:
    """Mean size with its interval, the sign of the mean before it, sigma as a diamond."""
    sign = _sign(line)
    colour = _SIGNS[sign]
    bar = _bar(column, line.mu_star, y, 9.0, colour if clear else "#fff", colour)
    if not clear:
        return bar
    told = text(
        column.left - 9, y + 4, sign, 11.5, text_anchor="middle", font_weight=600, fill=colour
    )
    mark = marker(
        "diamond", column.x(line.sigma), y, 3.0, fill="#fff", stroke=INK, stroke_width=1.2
    )
    return told + bar + mark


def _sign(line: Elementary) -> str:
    """Whether the answer rises or falls with a factor, or does both."""
    if abs(line.mu) < 0.5 * line.mu_star.value:
        return "±"
    return "+" if line.mu > 0.0 else MINUS


def _bar(column: _Column, estimate: Estimate, y: float, tall: float, fill: str, edge: str) -> str:
    """A bar from zero with the line of its interval."""
    if not math.isfinite(estimate.value):
        return text(column.x(0.0) + 4, y + 4, "not defined", 10.5, fill=MUTED)
    a, b = sorted((column.x(0.0), column.x(estimate.value)))
    bar = el("rect", x=a, y=y - tall / 2, width=b - a, height=tall, fill=fill, stroke=edge)
    if estimate.high <= estimate.low:
        return bar
    ends = [end for end in (estimate.low, estimate.high) if column.holds(end)]
    return bar + _whisker(column.x(estimate.low), column.x(estimate.high), y, map(column.x, ends))


def _whisker(low: float, high: float, y: float, ends: Iterable[float]) -> str:
    """The line of an interval, with those of its ends that are in view."""
    look: dict[str, object] = {"stroke": INK, "stroke_width": 1.2}
    caps = [el("line", x1=x, x2=x, y1=y - 3, y2=y + 3, **look) for x in ends]
    return el("line", x1=low, x2=high, y1=y, y2=y, **look) + "".join(caps)


# ---- how to read it ------------------------------------------------------------------------------


def _key(kind: type[Line]) -> str:
    """What the marks mean, in two lines."""
    return _key_elementary() if kind is Elementary else _key_shares()


def _key_elementary() -> str:
    """The key of Morris."""
    parts, x = [text(EDGE, 44, "Bars: mean size of the change,", 11)], EDGE + 182
    signs = {
        "+": ("rises with the number", 148),
        MINUS: ("falls with it", 98),
        "±": ("does both", 82),
    }
    for sign, (words, wide) in signs.items():
        parts.append(text(x, 44, sign, 12, font_weight=600, fill=_SIGNS[sign]))
        parts.append(el("rect", x=x + 12, y=36.0, width=14.0, height=9.0, fill=_SIGNS[sign]))
        parts.append(text(x + 31, 44, words, 11))
        x += wide + 18
    parts.append(_whisker(x, x + 20, 40.5, (x, x + 20)) + text(x + 26, 44, "95 % interval", 11))
    x += 122
    parts.append(marker("diamond", x, 40.5, 3.4, fill="#fff", stroke=INK, stroke_width=1.2))
    parts.append(text(x + 9, 44, "sigma: how much it differs", 11))
    return "".join(parts) + _key_dummy(62)


def _key_shares() -> str:
    """The key of Sobol'."""
    x, far = EDGE + 246, EDGE + 420
    return "".join(
        [
            el("rect", x=EDGE, y=36.0, width=20.0, height=8.0, fill=FLOW[1]),
            text(EDGE + 26, 44, "with all its interactions (total)", 11),
            el("rect", x=x, y=37.5, width=20.0, height=5.0, fill=FLOW[3]),
            text(x + 26, 44, "alone (first order)", 11),
            _whisker(far, far + 20, 40.5, (far, far + 20)),
            text(far + 26, 44, "95 % interval", 11),
            _key_dummy(62),
        ]
    )


def _key_dummy(y: float) -> str:
    """What the grey means."""
    return "".join(
        [
            el("rect", x=EDGE, y=y - 8.0, width=20.0, height=10.0, fill=NOISE),
            el("line", x1=EDGE + 12, x2=EDGE + 12, y1=y - 8.0, y2=y + 2.0, **DASHED),
            text(
                EDGE + 26,
                y,
                "what the dummy seems to do (grey: 95 %), which changes nothing but "
                "the seeds; a hollow bar cannot be told from it",
                11,
            ),
        ]
    )


def _described(bands: Mapping[str, Sequence[Panel]]) -> str:
    """The picture in words, for whoever cannot see it: the five strongest of every panel."""
    told = []
    for policy, panels in bands.items():
        for panel in panels:
            names = [
                line.factor for line in panel.lines if line.factor not in panel.untold | {DUMMY}
            ]
            head = f"{panel.title}, change under {policy}" if policy else panel.title
            told.append(f"{head}: {', '.join(names[:5]) or 'nothing told from the dummy'}")
    return "Strongest first. " + "; ".join(told) + "."
