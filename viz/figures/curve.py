"""Outcomes as curves over budgets, with one row per outcome and one column per instrument."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from experiments.studies.curve import (
    BASE_YEAR,
    CUTS,
    OUTCOMES,
    PROBABILITIES,
    CurveLine,
    Instrument,
)
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import decimals, plain
from viz.figures.palette import MUTED, arm_style

# Widths and heights in points.
_LEFT, _RIGHT, _GAP = 62.0, 48.0, 24.0  # margins for numbers and for goals, gap between panels
_HEAD, _TALL, _STEP = 20.0, 104.0, 150.0  # heading of a panel, panel, distance between rows
_Goals = list[tuple[float, str]]  # level of each goal, and the text at its dotted line
_SUMS = tuple(m * 10.0**p for p in range(3, 12) for m in (1, 2, 5))


def plot_curves(lines: Sequence[CurveLine], *, title: str, lead: str) -> Figure:
    """Plot outcomes over dollars per year, with one line per state of cooperation.

    Args:
        lines: the curves of all instruments and states.
        title: text above the panels.
        lead: explanation of the figure, below the title.

    Returns:
        The figure.
    """
    instruments = {line.instrument.id: line.instrument for line in lines}
    columns = [[line for line in lines if line.instrument.id == name] for name in instruments]
    wide = max(160.0, min(240.0, 900.0 / len(columns) - _GAP))
    width = max(620.0, _LEFT + len(columns) * (wide + _GAP) + _RIGHT)
    words = wrap(lead, width / 0.9, style.SMALL, 5)
    top = 82.0 + 15.0 * len(words)
    figure = style.new_figure(width, top + _STEP * len(OUTCOMES) + 22.0)
    sheet, bold = style.paper(figure), style.BOLD | {"fontsize": style.LABEL, "step": 14.0}
    style.label(sheet, title, 4.0, 18.0, **style.HEAD)
    style.label(sheet, words, 4.0, 38.0, step=-15.0)
    _key(sheet, lines, 40.0 + 15.0 * len(words))
    for i, outcome in enumerate(OUTCOMES):
        (goals, ticks), panels = _levels(lines, outcome), list[Axes]()
        for k, (column, instrument) in enumerate(zip(columns, instruments.values(), strict=True)):
            left = _LEFT + k * (wide + _GAP)
            ax = style.add_axes(figure, left, top + _STEP * i + _HEAD, wide, _TALL)
            panels.append(ax)
            _panel(ax, column, outcome, ticks, goals)
            if k:
                ax.set_yticklabels([])
            if i == 0:
                heads = wrap(instrument.title, wide * 1.1, style.LABEL, 2)
                style.label(ax, heads, 0, 1, "axes", shift=(0.0, 27.0), **bold)
            _dollar_axis(ax, instrument, last=i == len(OUTCOMES) - 1)
        unit = "per attempt" if outcome == OUTCOMES[0] else MEASURES[outcome].unit
        name = f"{'◆ ' if MEASURES[outcome].human else ''}{MEASURES[outcome].label}, {unit}"
        style.label(panels[0], name, 0, 1, "axes", shift=(4.0 - _LEFT, 9.0), **style.BOLD)
        for level, text in (goal for goal in goals if goal[0] <= ticks[-1]):
            place = {"shift": (8.0, -3.5), "fontsize": style.NOTE}
            style.label(panels[-1], text, 1, level, "x axes", **place)
    return figure


def _key(sheet: Axes, lines: Sequence[CurveLine], down: float) -> None:
    """Draw the key to the states of cooperation and to the mark of the highest dose."""
    marks = []
    for i, text in enumerate(dict.fromkeys(line.state.title for line in lines)):
        marks.append((arm_style(i - 1).mark(6.0) | arm_style(i - 1).stroke(1.9), text))
    hollow = {"marker": "o", "markerfacecolor": "white", "color": MUTED, "linestyle": "none"}
    style.key(sheet, [*marks, (hollow, "hollow: maximum dose")], 6.0, down - 7.0)


def _levels(lines: Sequence[CurveLine], outcome: str) -> tuple[_Goals, list[float]]:
    """Return the goals for an outcome, and round ticks that cover the values of all lines."""
    if outcome == OUTCOMES[0]:
        return [(level, "") for level in PROBABILITIES], [0.0, *PROBABILITIES, 1.0]
    intervals = (interval for line in lines for interval in line.intervals(outcome))
    ticks = style.round_ticks(
        (v for interval in intervals for v in (interval.median, interval.high90)), 3
    )
    base = next(line for line in lines if line.state.id == BASE_YEAR)
    level = base.intervals(outcome)[0].median if outcome == "got_aways" else 0.0
    goals = [((1.0 - cut) * level, f"−{100 * cut:.0f} %") for cut in CUTS if level > 0.0]
    return goals, ticks


def _panel(
    ax: Axes, column: Sequence[CurveLine], outcome: str, ticks: Sequence[float], goals: _Goals
) -> None:
    """Draw one outcome under one instrument in all states. A hollow mark is the highest dose."""
    style.root_axis(ax, float(column[0].dollars[-1]))
    places = max(map(decimals, ticks))
    style.value_axis(ax, ticks, [plain(tick, places) for tick in ticks])
    for level, _ in goals:
        ax.axhline(level, color=MUTED, linewidth=0.9, linestyle=(0.0, (1.7, 3.3)))
    for i, line in enumerate(column):
        look, gid = arm_style(i - 1), f"state state-{i}"
        bounds = [
            (interval.low90, interval.median, interval.high90)
            for interval in line.intervals(outcome)
        ]
        low, middle, high = np.array(bounds).T
        ax.fill_between(line.dollars, low, high, color=look.colour, gid=gid, **style.AREA)
        ax.plot(line.dollars, middle, gid=gid, **look.stroke(1.9))
        mark = {"gid": gid, "clip_on": False}
        ax.plot(line.dollars[:-1], middle[:-1], **look.mark(4.2), **mark)
        hollow = {"markerfacecolor": "white", "markeredgewidth": 1.4}
        ax.plot(line.dollars[-1:], middle[-1:], **look.mark(7.0), **mark, **hollow)


def _dollar_axis(ax: Axes, instrument: Instrument, *, last: bool) -> None:
    """Label round sums on the axis. Below the last panel, add the amounts that they buy.

    An amount is a number of agents, miles or towers.
    """
    highest, texts = ax.get_xlim()[1], {}
    for value in (0.0, highest, *(value for value in _SUMS if value < highest)):
        amount = plain(float(f"{value * instrument.units_per_dollar:.2g}")) if last else ""
        texts[value] = dollars_text(value) + (f"\n{amount}" if instrument.unit and last else "")
    style.name_ticks(ax, texts, fontsize=style.NOTE, named=True)
    ax.tick_params(axis="x", length=4.0, color=MUTED, pad=3.0)
    ax.tick_params(axis="y", labelsize=style.NOTE)
    ax.spines["bottom"].set(visible=True, color=MUTED)
    if last:
        unit = f", and {instrument.unit}" if instrument.unit else ""
        style.label(ax, f"$ per year{unit}", 0, 0, "axes", shift=(0, -43), fontsize=style.NOTE)


def dollars_text(dollars: float) -> str:
    """Format a sum with at most two digits, as in 0, $250M or $5.1B."""
    return money(float(f"{dollars:.2g}")) if dollars else "0"
