"""Curves of outcomes by budget: a row for each outcome, a column for each instrument."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from experiments.curve import BASE_YEAR
from experiments.goal_seek import CUTS, OUTCOMES, PROBABILITIES
from viz.figures import style
from viz.figures.markup import text_width, wrap
from viz.figures.numbers import decimals, plain
from viz.figures.palette import INK, MUTED, arm_style

if TYPE_CHECKING:
    from experiments.curve import Instrument
    from experiments.goal_seek import CurveLine

_LEFT, _NAMES, _GAP = 62.0, 152.0, 24.0  # points: numbers left, names right, between the panels
_HEAD, _TALL, _FOOT = 20.0, 104.0, 26.0  # points: above a panel, of a panel, below it
_NOTE = 10.0  # type size of the axes
_SUMS = tuple(m * 10.0**p for p in range(3, 12) for m in (1, 2, 5))


def plot_curves(
    lines: Sequence[CurveLine], *, title: str, lead: str, names: Mapping[str, str]
) -> Figure:
    """Plot outcomes by dollars a year, a line for each state of cooperation.

    Args:
        lines: the curves, instrument by instrument and state by state.
        title: text above the panels.
        lead: how to read the figure, written below the title.
        names: short names of the states by id, for the line ends.

    Returns:
        The figure.
    """
    columns = _by_instrument(lines)
    wide = max(160.0, min(240.0, 900.0 / len(columns) - _GAP))
    width = max(620.0, _LEFT + len(columns) * (wide + _GAP) + _NAMES)
    words = wrap(lead, width / 0.9, style.SMALL, 5)
    top, step = 82.0 + 15.0 * len(words), _HEAD + _TALL + _FOOT
    figure = style.new_figure(width, top + step * len(OUTCOMES) + 22.0)
    _header(style.paper(figure), title, words, lines)
    for i, outcome in enumerate(OUTCOMES):
        goals, ticks = _goals(lines, outcome), _ticks(lines, outcome)
        panels = [
            style.add_axes(figure, _LEFT + k * (wide + _GAP), top + step * i + _HEAD, wide, _TALL)
            for k in range(len(columns))
        ]
        for (_, own), ax in zip(columns, panels, strict=True):
            _panel(ax, own, outcome, ticks, numbers=ax is panels[0])
            for level, _ in goals:
                ax.axhline(level, color=MUTED, linewidth=0.9, linestyle=(0.0, (1.7, 3.3)))
        _row_name(panels[0], outcome)
        _end_names(panels[-1], columns[-1][1], outcome, names, goals)
    for k, (instrument, _) in enumerate(columns):
        first, last = (figure.axes[1 + k + len(columns) * i] for i in (0, len(OUTCOMES) - 1))
        for j, text in enumerate(reversed(wrap(instrument.title, wide * 1.1, style.LABEL, 2))):
            look = {"fontsize": style.LABEL, "fontweight": "bold", "color": INK}
            style.label(first, text, (0, 1), offset=(0, 27 + 14 * j), **look)
        _amount_axis(last, instrument)
    return figure


def _by_instrument(lines: Sequence[CurveLine]) -> list[tuple[Instrument, list[CurveLine]]]:
    """Return the instruments in their order, each with its lines."""
    ids = {line.instrument.id: line.instrument for line in lines}
    return [
        (one, [line for line in lines if line.instrument.id == key]) for key, one in ids.items()
    ]


def _header(sheet: Axes, title: str, words: Sequence[str], lines: Sequence[CurveLine]) -> None:
    """Write title and lead, and the key of the states with the mark of a largest dose."""
    look = {"of": "data", "color": INK, "fontsize": style.TITLE + 1.0, "fontweight": "bold"}
    style.label(sheet, title, (4.0, 18.0), **look)
    for i, text in enumerate(words):
        style.label(sheet, text, (4.0, 38.0 + 15.0 * i), of="data")
    titles = dict.fromkeys(line.state.title for line in lines)
    looks = [arm_style(i - 1) for i in range(len(titles))]
    marks = [
        ({**look.stroke(1.9), "marker": look.symbol, "markersize": 6.0}, text)
        for look, text in zip(looks, titles, strict=True)
    ]
    hollow = {"marker": "o", "markerfacecolor": "white", "color": MUTED, "linestyle": "none"}
    y = 40.0 + 15.0 * len(words)
    style.key(sheet, [*marks, (hollow, "hollow: largest dose")], (6.0, y))


def _goals(lines: Sequence[CurveLine], outcome: str) -> list[tuple[float, str]]:
    """Return the levels of an outcome that are goals, with the texts at their dotted lines."""
    if outcome == OUTCOMES[0]:
        return [(level, "") for level in PROBABILITIES]
    if outcome != "got_aways":
        return []
    base = next(line for line in lines if line.state.id == BASE_YEAR)
    level = base.intervals(outcome)[0].median
    return [((1.0 - cut) * level, f"−{100 * cut:.0f} %") for cut in CUTS if level > 0.0]


def _row_name(ax: Axes, outcome: str) -> None:
    """Write outcome and unit above the first panel of a row."""
    info = MEASURES[outcome]
    unit = "per attempt" if outcome == OUTCOMES[0] else info.unit
    look = {"offset": (4.0 - _LEFT, 9.0), "color": INK, "fontweight": "bold"}
    style.label(ax, f"{'◆ ' if info.human else ''}{info.label}, {unit}", (0, 1), **look)


def _ticks(lines: Sequence[CurveLine], outcome: str) -> list[float]:
    """Return the ticks of an outcome, which cover all its lines; of a probability, its goals."""
    if outcome == OUTCOMES[0]:
        return [0.0, *PROBABILITIES, 1.0]
    intervals = (one for line in lines for one in line.intervals(outcome))
    return style.round_ticks((v for one in intervals for v in (one.median, one.high90)), 3)


def _panel(
    ax: Axes, own: Sequence[CurveLine], outcome: str, ticks: Sequence[float], *, numbers: bool
) -> None:
    """Draw one outcome under one instrument, in all states."""
    style.frame(ax)
    ax.tick_params(labelsize=_NOTE)
    style.root_axis(ax, float(own[0].dollars[-1]))
    places = max(map(decimals, ticks))
    style.value_axis(ax, ticks, [plain(t, places) if numbers else "" for t in ticks])
    sums = _sums(ax)
    ax.set_xticks(sums, [dollars_text(s) for s in sums], parse_math=False)
    ax.tick_params(axis="x", length=4.0, color=MUTED, pad=3.0)
    ax.spines["bottom"].set(visible=True, color=MUTED)
    style.keep_inside(ax)
    for i, line in enumerate(own):
        _line(ax, line, outcome, i)


def _line(ax: Axes, line: CurveLine, outcome: str, index: int) -> None:
    """Draw band, line and marks of one state; the mark of the largest dose is hollow."""
    look, gid = arm_style(index - 1), f"state state-{index}"
    found = line.intervals(outcome)
    low, middle, high = np.array([(s.low90, s.median, s.high90) for s in found]).T
    face: dict[str, Any] = {"color": look.colour, "alpha": 0.15, "linewidth": 0.0}
    ax.fill_between(line.dollars, low, high, gid=gid, **face)
    ax.plot(line.dollars, middle, gid=gid, **look.stroke(1.9))
    mark = {"marker": look.symbol, "linestyle": "none", "color": look.colour, "clip_on": False}
    ax.plot(line.dollars[:-1], middle[:-1], markersize=4.2, gid=gid, **mark)
    hollow = {"markerfacecolor": "white", "markersize": 7.0, "markeredgewidth": 1.4}
    ax.plot(line.dollars[-1:], middle[-1:], gid=gid, **mark, **hollow)


def _end_names(
    ax: Axes,
    own: Sequence[CurveLine],
    outcome: str,
    names: Mapping[str, str],
    goals: Sequence[tuple[float, str]],
) -> None:
    """Write texts of goals, and the name of each state where its line ends, right of a panel."""
    for level, words in goals:
        if level <= ax.get_ylim()[1]:
            place = {"of": ("axes fraction", "data"), "offset": (8.0, -3.5), "fontsize": _NOTE}
            style.label(ax, words, (1.0, level), **place)
    ends = []
    for i, line in enumerate(own):
        value = line.intervals(outcome)[-1].median
        if math.isfinite(value):
            ends.append((float(line.dollars[-1]), value, arm_style(i - 1), names[line.state.id]))
    style.end_labels(
        ax,
        ends,
        room=_NAMES - 62.0,
        gap=54.0,
        start=40.0 if goals and goals[0][1] else 8.0,
        lines=2,
        group="state",
    )


def _sums(ax: Axes) -> list[float]:
    """Return 0, the largest sum, and round sums between them whose texts do not touch."""
    (wide, _), most = style.size(ax), ax.get_xlim()[1]
    end = wide - text_width(dollars_text(most), _NOTE) - 4.0
    kept, at = [0.0], 14.0
    for value in _SUMS:
        x, half = (
            wide * math.sqrt(min(value, most) / most),
            text_width(dollars_text(value), _NOTE) / 2,
        )
        if value < most and x - half >= at and x + half <= end:
            kept.append(value)
            at = x + half + 4.0
    return [*kept, most]


def _amount_axis(ax: Axes, instrument: Instrument) -> None:
    """Write the name of the x axis, and what its sums buy in the unit of the instrument."""
    unit = f", and {instrument.unit}" if instrument.unit else ""
    style.label(ax, f"$ a year{unit}", (0, 0), offset=(0, -43), fontsize=_NOTE)
    if not instrument.unit:
        return
    (wide, _), sums, taken = style.size(ax), _sums(ax), list[tuple[float, float]]()
    for value in (sums[-1], *sums[:-1]):
        words = plain(float(f"{value * instrument.units_per_dollar:.2g}"))
        half = text_width(words, _NOTE) / 2
        x = wide * math.sqrt(value / sums[-1])
        if style.fits(min(max(x, half), wide - half), words, taken, _NOTE):
            side = "left" if value == 0.0 else "right" if value == sums[-1] else "center"
            place = {"of": ("data", "axes fraction"), "offset": (0, -29), "fontsize": _NOTE}
            style.label(ax, words, (value, 0), ha=side, **place)


def dollars_text(dollars: float) -> str:
    """Return a sum in its shortest form: 0, $250M, $5.1B."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if dollars >= unit:
            return f"${float(f'{dollars / unit:.2g}'):g}{letter}"
    return f"${dollars:.0f}" if dollars else "0"


def describe_curves(lines: Sequence[CurveLine]) -> str:
    """Return a text alternative of `plot_curves`: the first outcome at both ends of every line."""
    ends = []
    for line in lines:
        found = line.intervals(OUTCOMES[0])
        first, last = plain(found[0].median), plain(found[-1].median)
        most = dollars_text(float(line.dollars[-1]))
        ends.append(f"{line.instrument.title}, {line.state.title}: {first} at 0, {last} at {most}")
    return f"{MEASURES[OUTCOMES[0]].label} by dollars a year. {'; '.join(ends)}."
