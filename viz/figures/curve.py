"""Curves of outcomes by budget: a row for each outcome, a column for each instrument."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from experiments.curve import BASE_YEAR
from experiments.goal_seek import CUTS, OUTCOMES, PROBABILITIES
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import decimals, plain
from viz.figures.palette import MUTED, arm_style

if TYPE_CHECKING:
    from experiments.curve import Instrument
    from experiments.goal_seek import CurveLine

_LEFT, _NAMES, _GAP = 62.0, 152.0, 24.0  # points: numbers left, names right, between the panels
_HEAD, _TALL, _STEP = 20.0, 104.0, 150.0  # points: above a panel, of a panel, from row to row
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
    instruments = {line.instrument.id: line.instrument for line in lines}
    columns = [[line for line in lines if line.instrument.id == one] for one in instruments]
    wide = max(160.0, min(240.0, 900.0 / len(columns) - _GAP))
    width = max(620.0, _LEFT + len(columns) * (wide + _GAP) + _NAMES)
    words = wrap(lead, width / 0.9, style.SMALL, 5)
    top = 82.0 + 15.0 * len(words)
    figure = style.new_figure(width, top + _STEP * len(OUTCOMES) + 22.0)
    _header(style.paper(figure), title, words, lines)
    for i, outcome in enumerate(OUTCOMES):
        goals, ticks = _goals(lines, outcome), _ticks(lines, outcome)
        panels = []
        for k, (own, instrument) in enumerate(zip(columns, instruments.values(), strict=True)):
            left = _LEFT + k * (wide + _GAP)
            panels.append(style.add_axes(figure, left, top + _STEP * i + _HEAD, wide, _TALL))
            _panel(panels[k], own, outcome, ticks, goals)
            if k:
                panels[k].set_yticklabels([])
            if i == 0:
                _instrument_name(panels[k], instrument, wide)
            _dollar_axis(panels[k], instrument, last=i == len(OUTCOMES) - 1)
        _row_name(panels[0], outcome)
        _end_names(panels[-1], columns[-1], outcome, names, goals)
    return figure


def _header(sheet: Axes, title: str, words: Sequence[str], lines: Sequence[CurveLine]) -> None:
    """Write title and lead, and the key of the states with the mark of a largest dose."""
    style.label(sheet, title, 4.0, 18.0, fontsize=style.TITLE + 1.0, **style.BOLD)
    for i, text in enumerate(words):
        style.label(sheet, text, 4.0, 38.0 + 15.0 * i)
    marks = []
    for i, text in enumerate(dict.fromkeys(line.state.title for line in lines)):
        look = arm_style(i - 1)
        marks.append(({**look.stroke(1.9), "marker": look.symbol, "markersize": 6.0}, text))
    hollow = {"marker": "o", "markerfacecolor": "white", "color": MUTED, "linestyle": "none"}
    style.key(sheet, [*marks, (hollow, "hollow: largest dose")], 6.0, 40.0 + 15.0 * len(words))


def _goals(lines: Sequence[CurveLine], outcome: str) -> list[tuple[float, str]]:
    """Return the levels of an outcome that are goals, with the texts at their dotted lines."""
    if outcome == OUTCOMES[0]:
        return [(level, "") for level in PROBABILITIES]
    if outcome != "got_aways":
        return []
    base = next(line for line in lines if line.state.id == BASE_YEAR)
    level = base.intervals(outcome)[0].median
    return [((1.0 - cut) * level, f"−{100 * cut:.0f} %") for cut in CUTS if level > 0.0]


def _ticks(lines: Sequence[CurveLine], outcome: str) -> list[float]:
    """Return the ticks of an outcome, which cover all its lines; of a probability, its goals."""
    if outcome == OUTCOMES[0]:
        return [0.0, *PROBABILITIES, 1.0]
    intervals = (one for line in lines for one in line.intervals(outcome))
    return style.round_ticks((v for one in intervals for v in (one.median, one.high90)), 3)


def _panel(
    ax: Axes,
    own: Sequence[CurveLine],
    outcome: str,
    ticks: Sequence[float],
    goals: Sequence[tuple[float, str]],
) -> None:
    """Draw one outcome under one instrument in all states; marks of largest doses are hollow."""
    style.root_axis(ax, float(own[0].dollars[-1]))
    places = max(map(decimals, ticks))
    style.value_axis(ax, ticks, [plain(tick, places) for tick in ticks])
    for level, _ in goals:
        ax.axhline(level, color=MUTED, linewidth=0.9, linestyle=(0.0, (1.7, 3.3)))
    for i, line in enumerate(own):
        look, gid = arm_style(i - 1), f"state state-{i}"
        found = [(one.low90, one.median, one.high90) for one in line.intervals(outcome)]
        low, middle, high = np.array(found).T
        ax.fill_between(line.dollars, low, high, color=look.colour, gid=gid, **style.AREA)
        ax.plot(line.dollars, middle, gid=gid, **look.stroke(1.9))
        mark = {"color": look.colour, "marker": look.symbol, "linestyle": "none", "clip_on": False}
        ax.plot(line.dollars[:-1], middle[:-1], markersize=4.2, gid=gid, **mark)
        hollow = {"markerfacecolor": "white", "markersize": 7.0, "markeredgewidth": 1.4}
        ax.plot(line.dollars[-1:], middle[-1:], gid=gid, **mark, **hollow)


def _instrument_name(ax: Axes, instrument: Instrument, wide: float) -> None:
    """Write the title of an instrument above its column."""
    for i, text in enumerate(reversed(wrap(instrument.title, wide * 1.1, style.LABEL, 2))):
        look = style.BOLD | {"fontsize": style.LABEL, "shift": (0.0, 27.0 + 14.0 * i)}
        style.label(ax, text, 0, 1, "axes", **look)


def _row_name(ax: Axes, outcome: str) -> None:
    """Write outcome and unit above the first panel of a row."""
    info = MEASURES[outcome]
    unit = "per attempt" if outcome == OUTCOMES[0] else info.unit
    text = f"{'◆ ' if info.human else ''}{info.label}, {unit}"
    style.label(ax, text, 0, 1, "axes", shift=(4.0 - _LEFT, 9.0), **style.BOLD)


def _end_names(
    ax: Axes,
    own: Sequence[CurveLine],
    outcome: str,
    names: Mapping[str, str],
    goals: Sequence[tuple[float, str]],
) -> None:
    """Write texts of goals, and the name of each state where its line ends, right of a panel."""
    for level, words in (goal for goal in goals if goal[0] <= ax.get_ylim()[1]):
        style.label(ax, words, 1, level, "x axes", shift=(8.0, -3.5), fontsize=style.NOTE)
    ends = [
        (float(line.dollars[-1]), line.intervals(outcome)[-1].median, arm_style(i - 1), line)
        for i, line in enumerate(own)
    ]
    known = [(x, y, look, names[line.state.id]) for x, y, look, line in ends if math.isfinite(y)]
    gap = (40.0 if any(words for _, words in goals) else 8.0, 54.0)
    style.end_labels(ax, known, room=_NAMES - 62.0, gap=gap, lines=2, group="state")


def _dollar_axis(ax: Axes, instrument: Instrument, *, last: bool) -> None:
    """Name round sums; below the last panel also the amounts that they buy."""
    most = ax.get_xlim()[1]
    texts = {}
    for value in (0.0, most, *(value for value in _SUMS if value < most)):
        amount = plain(float(f"{value * instrument.units_per_dollar:.2g}")) if last else ""
        texts[value] = dollars_text(value) + (f"\n{amount}" if instrument.unit and last else "")
    style.name_ticks(ax, texts, fontsize=style.NOTE, named=True)
    ax.tick_params(axis="x", length=4.0, color=MUTED, pad=3.0)
    ax.tick_params(axis="y", labelsize=style.NOTE)
    ax.spines["bottom"].set(visible=True, color=MUTED)
    if last:
        unit = f", and {instrument.unit}" if instrument.unit else ""
        style.label(ax, f"$ a year{unit}", 0, 0, "axes", shift=(0, -43), fontsize=style.NOTE)


def dollars_text(dollars: float) -> str:
    """Return a sum in its shortest form: 0, $250M, $5.1B."""
    for unit, letter in ((1e9, "B"), (1e6, "M"), (1e3, "K")):
        if dollars >= unit:
            return f"${float(f'{dollars / unit:.2g}'):g}{letter}"
    return f"${dollars:.0f}" if dollars else "0"


def describe_curves(lines: Sequence[CurveLine]) -> str:
    """Return the text alternative of `plot_curves`: the first outcome at both ends of a line."""
    ends = []
    for line in lines:
        first, last = (plain(line.intervals(OUTCOMES[0])[i].median) for i in (0, -1))
        most = dollars_text(float(line.dollars[-1]))
        ends.append(f"{line.instrument.title}, {line.state.title}: {first} at 0, {last} at {most}")
    return f"{MEASURES[OUTCOMES[0]].label} by dollars a year. {'; '.join(ends)}."
