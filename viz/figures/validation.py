"""Pictures of a validation: bands with the record over them, tolerances, shares by sector."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from experiments.monthly_bands import Bands
from experiments.validate import Part, Range, Shares
from viz.documents.validation import words
from viz.figures.axes import finite, month_ticks, ticks
from viz.figures.markup import el, num, svg, text, wrap
from viz.figures.numbers import plain
from viz.figures.palette import FEWER, GRID, INK, MORE, MUTED, marker

WIDTH, SIZE = 480.0, 11.0
LEFT, RIGHT, PLOT = 52.0, 470.0, 190.0
_SHADE = "#f3ead2"
Point = tuple[float, float]


# ---- monthly series -----------------------------------------------------------------------------


class _Frame:
    """Months to x, values to y."""

    def __init__(self, count: int, high: float, top: float) -> None:
        """Room for so many months and values up to `high`, below `top`."""
        self.count, self.top, self.bottom = count, top, top + PLOT
        self.marks = ticks(0.0, high if high > 0 else 1.0)

    def x(self, index: float) -> float:
        """Where a month lies."""
        return LEFT + (RIGHT - LEFT) * index / max(1, self.count - 1)

    def y(self, value: float) -> float:
        """Where a value lies."""
        return self.bottom - PLOT * value / self.marks[-1]


#: What is written into a picture of months; names of months may be there, too.
LABELS = {
    "model": "model",
    "inner": "half of the runs",
    "outer": "nine runs in ten",
    "record": "record",
    "held": "held out",
    "means": "Means",
    "to": "to",
    "after": "after",
}


def bands_svg(
    bands: Bands,
    name: str,
    *,
    title: str,
    unit: str,
    share: bool = False,
    labels: Mapping[str, str] = LABELS,
) -> str:
    """A monthly series: median, 50 % and 90 % bands, and the record drawn over them.

    Months after the last that supply knows are shaded: what happens there is a prediction.
    ``labels`` are those of LABELS in another language.
    """
    rows, record = np.asarray(bands.simulated[name]), np.asarray(bands.observed[name])
    factor = 100.0 if share else 1.0
    rows, record = rows * factor, record * factor
    high = max(finite((*rows.ravel(), *record)), default=1.0)
    frame = _Frame(len(bands.months), high, 66.0)
    body = [
        text(4, 16, title, 14, font_weight=600, class_="chart-title"),
        text(4, 33, unit, SIZE, fill=MUTED),
        _legend(50.0, labels),
        _held_out(frame, bands),
        _axes(frame, bands.months, labels),
        _band(frame, rows[0], rows[4], 0.16),
        _band(frame, rows[1], rows[3], 0.3),
        _line(frame, rows[2], FEWER, ""),
        _record(frame, record),
    ]
    return svg(
        WIDTH,
        frame.bottom + 34,
        title,
        _told(bands, rows[2], record, labels),
        *body,
        class_="series",
    )


def _legend(y: float, labels: Mapping[str, str]) -> str:
    """What the marks mean."""
    parts, x = [], 4.0
    for look in ("model", "inner", "outer", "record", "held"):
        label = labels[look]
        parts += [_sample(look, x, y), text(x + 21, y + 4, label, SIZE, fill=MUTED)]
        x += 33 + 6.0 * len(label)
    return "".join(parts)


def _sample(look: str, x: float, y: float) -> str:
    """One mark of the legend."""
    if look == "model":
        return el("line", x1=x, x2=x + 16, y1=y, y2=y, stroke=FEWER, stroke_width=2.2)
    if look == "record":
        line = el("line", x1=x, x2=x + 16, y1=y, y2=y, stroke=INK, stroke_dasharray="4 2")
        return line + marker("circle", x + 8, y, 2.2, fill=INK)
    if look == "held":
        return el("rect", x=x, y=y - 5, width=16, height=10, fill=_SHADE)
    opacity = "0.4" if look == "inner" else "0.16"
    return el("rect", x=x, y=y - 5, width=16, height=10, fill=FEWER, opacity=opacity)


def _held_out(frame: _Frame, bands: Bands) -> str:
    """Shade the months after the last that is known."""
    known = [i for i, month in enumerate(bands.months) if month <= bands.known]
    start = frame.x(known[-1] + 0.5) if known else LEFT
    if len(known) == len(bands.months):
        return ""
    return el("rect", x=start, y=frame.top, width=RIGHT - start, height=PLOT, fill=_SHADE)


def _axes(frame: _Frame, months: list[str], labels: Mapping[str, str]) -> str:
    """Grid, numbers at the left, months below."""
    parts = []
    for value in frame.marks:
        y = frame.y(value)
        parts.append(el("line", x1=LEFT, x2=RIGHT, y1=y, y2=y, stroke=GRID))
        parts.append(text(LEFT - 6, y + 4, plain(value), SIZE, text_anchor="end", fill=MUTED))
    for index, label, strong in month_ticks(months):
        x = frame.x(index)
        long = 6 if strong else 4
        parts.append(el("line", x1=x, x2=x, y1=frame.bottom, y2=frame.bottom + long, stroke=MUTED))
        for row, word in enumerate(label.split(" ", 1)):
            y = frame.bottom + 17 + 12 * row
            shown = labels.get(word, word)
            parts.append(text(x, y, shown, SIZE, text_anchor="middle", fill=MUTED))
    return "".join(parts)


def _band(frame: _Frame, low: np.ndarray, high: np.ndarray, opacity: float) -> str:
    """The area between two series, where both are known."""
    parts = []
    for run in _stretches(np.isfinite(low) & np.isfinite(high)):
        there = [(frame.x(i), frame.y(high[i])) for i in run]
        back = [(frame.x(i), frame.y(low[i])) for i in reversed(run)]
        parts.append(el("path", d=_path(there + back) + "Z", fill=FEWER, opacity=str(opacity)))
    return "".join(parts)


def _line(frame: _Frame, values: np.ndarray, colour: str, dash: str) -> str:
    """A line with gaps where nothing is known."""
    paths = [
        _path([(frame.x(i), frame.y(values[i])) for i in run])
        for run in _stretches(np.isfinite(values))
    ]
    return "".join(
        el(
            "path",
            d=path,
            fill="none",
            stroke=colour,
            stroke_width=2.2 if not dash else 1.4,
            stroke_dasharray=dash or None,
            stroke_linejoin="round",
        )
        for path in paths
    )


def _record(frame: _Frame, values: np.ndarray) -> str:
    """The record: a dashed line with a dot a month."""
    dots = [
        marker("circle", frame.x(i), frame.y(values[i]), 2.0, fill=INK)
        for i in np.flatnonzero(np.isfinite(values)).tolist()
    ]
    return _line(frame, values, INK, "4 2") + "".join(dots)


def _stretches(good: np.ndarray) -> list[list[int]]:
    """Unbroken stretches of months with a value."""
    runs: list[list[int]] = []
    for i in np.flatnonzero(good).tolist():
        if runs and runs[-1][-1] == i - 1:
            runs[-1].append(i)
        else:
            runs.append([i])
    return runs


def _path(points: Sequence[Point]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{num(x)} {num(y)}" for x, y in points)


def _told(bands: Bands, median: np.ndarray, record: np.ndarray, labels: Mapping[str, str]) -> str:
    """The chart in a sentence: means before and after the last month that is known."""
    before = np.array([month <= bands.known for month in bands.months])
    parts = []
    for when, months in (("to", before), ("after", ~before)):
        model, seen = (_mean(values[months]) for values in (median, record))
        parts.append(
            f"{labels[when]} {bands.known} {labels['model']} {model}, {labels['record']} {seen}"
        )
    return f"{labels['means']}: {'; '.join(parts)}."


def _mean(values: np.ndarray) -> str:
    known = values[np.isfinite(values)]
    return plain(float(known.mean())) if known.size else "–"


# ---- tolerances ---------------------------------------------------------------------------------

_ROW, _WORDS, _FROM, _TO = 27.0, 14.0, 14.0, 466.0  # below a label, a line of it, left, right
_BAND = (0.34, 0.66)  # where what is accepted begins and ends, of the width


def tolerances_svg(parts: Sequence[Part], *, title: str) -> str:
    """For each part: what is accepted as a bar of one width, the record, and what is simulated."""
    top, rows = 46.0, []
    for part in parts:
        label = wrap(f"{part.target.pattern} {part.target.label}", 380.0, 11.5)
        rows.append(_tolerance(part, label, top))
        top += _WORDS * len(label) + _ROW
    legend = [
        el("rect", x=4, y=25, width=16, height=10, fill=GRID),
        text(25, 34, "accepted", SIZE, fill=MUTED),
        el("line", x1=92, x2=92, y1=24, y2=37, stroke=INK, stroke_width=2),
        text(99, 34, "observed", SIZE, fill=MUTED),
        marker("circle", 166, 30, 4, fill=FEWER),
        text(175, 34, "model, inside", SIZE, fill=MUTED),
        marker("triangle", 268, 30, 4, fill=MORE),
        text(278, 34, "model, outside", SIZE, fill=MUTED),
    ]
    head = text(4, 16, title, 14, font_weight=600, class_="chart-title")
    desc = "; ".join(f"{p.target.id} {words.verdict(p)}" for p in parts) or "Nothing to show"
    return svg(WIDTH, top, title, f"{desc}.", head, *legend, *rows, class_="forest")


def _tolerance(part: Part, label: Sequence[str], top: float) -> str:
    """One part: label and figure above, the bar below."""
    t, y = part.target, top + _WORDS * len(label) + 12.0
    shown = words.shown(part.simulated.median, t.unit)
    drawn = [
        *[text(_FROM, top + 12 + _WORDS * i, line, 11.5) for i, line in enumerate(label)],
        text(_TO, top + 12, shown, 11.5, text_anchor="end", font_weight=600),
    ]
    if not t.judged:
        return el("g", *drawn, text(_FROM, y + 2, "reported only", 10, fill=MUTED))
    drawn.append(el("line", x1=_FROM, x2=_TO, y1=y, y2=y, stroke=GRID))
    low, high = (_place(part, value) for value in (t.low, t.high))
    drawn.append(el("rect", x=low, y=y - 5, width=max(high - low, 2.0), height=10, fill=GRID))
    if math.isfinite(t.observed):
        seen = _place(part, t.observed)
        drawn.append(el("line", x1=seen, x2=seen, y1=y - 7, y2=y + 7, stroke=INK, stroke_width=2))
    return el("g", *drawn, *_simulated(part, y))


def _simulated(part: Part, y: float) -> list[str]:
    """Whisker, bar and mark of what is simulated; a mark at the edge is beyond it."""
    s = part.simulated
    if not math.isfinite(s.median):
        return [text((_FROM + _TO) / 2, y + 4, "not simulated", 10, text_anchor="middle")]
    colour = FEWER if part.inside else MORE
    a, b, c, d = (_place(part, v) for v in (s.low90, s.high90, s.low50, s.high50))
    shape = "circle" if part.inside else "triangle"
    return [
        el("line", x1=a, x2=b, y1=y, y2=y, stroke=colour, stroke_width=1.6),
        el("line", x1=c, x2=d, y1=y, y2=y, stroke=colour, stroke_width=5, opacity="0.55"),
        marker(shape, _place(part, s.median), y, 4.2, fill=colour, stroke="#fff"),
    ]


def _place(part: Part, value: float) -> float:
    """Where a value lies, what is accepted having one width in every row; clipped at the edges."""
    t = part.target
    width = t.high - t.low
    share = (value - t.low) / width if width > 0 else 0.5 + (value - t.low)
    at = _BAND[0] + (_BAND[1] - _BAND[0]) * share
    return _FROM + (_TO - _FROM) * min(1.0, max(0.0, at))


# ---- sectors ------------------------------------------------------------------------------------

_NAMES, _BAR = 128.0, 11.0


def shares_svg(shares: Shares, *, title: str) -> str:
    """Two bars a sector: the record, and the model with its range."""
    ranges = shares.simulated
    high = max(
        finite((*shares.observed.values(), *(r.high90 for r in ranges.values()))), default=1.0
    )
    scale = (RIGHT - 50.0 - _NAMES) / max(high, 1e-9)
    top, step = 46.0, 2 * _BAR + 9.0
    body = [
        text(4, 16, title, 14, font_weight=600, class_="chart-title"),
        el("rect", x=4, y=25, width=16, height=10, fill=INK, opacity="0.65"),
        text(25, 34, "record", SIZE, fill=MUTED),
        el("rect", x=78, y=25, width=16, height=10, fill=FEWER),
        text(99, 34, "model, with nine runs in ten", SIZE, fill=MUTED),
    ]
    for i, (sector, share) in enumerate(shares.observed.items()):
        body.append(_sector(sector, share, ranges[sector], top + step * i, scale))
    told = ", ".join(
        f"{name} {100 * v:.1f} and {100 * ranges[name].median:.1f} %"
        for name, v in shares.observed.items()
    )
    return svg(
        WIDTH, top + step * len(ranges), title, f"Record and model: {told}.", *body, class_="depth"
    )


def _sector(name: str, share: float, found: Range, y: float, scale: float) -> str:
    """The two bars of a sector."""
    parts = [
        text(_NAMES - 6, y + _BAR + 4, name, SIZE, text_anchor="end"),
        _bar(y, share, share, scale, INK, "0.65"),
    ]
    if math.isfinite(found.median):
        middle = y + 1.5 * _BAR
        ends = [_NAMES + scale * v for v in (found.low90, found.high90)]
        parts += [
            _bar(y + _BAR, found.median, found.high90, scale, FEWER, "1"),
            el("line", x1=ends[0], x2=ends[1], y1=middle, y2=middle, stroke=INK),
        ]
    return el("g", *parts)


def _bar(y: float, share: float, end: float, scale: float, colour: str, opacity: str) -> str:
    """A bar with its share in percent behind its end."""
    bar = el(
        "rect",
        x=_NAMES,
        y=y,
        width=max(scale * share, 0.5),
        height=_BAR - 1,
        fill=colour,
        opacity=opacity,
    )
    at = _NAMES + scale * max(share, end) + 5
    return bar + text(at, y + _BAR - 2, f"{100 * share:.1f} %", 10, fill=MUTED)
