"""Isobudget frontier: changes under the best portfolios of each side, by budget."""

import math
from collections.abc import Callable, Iterable, Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from experiments.studies.optimise.horizons import OUTCOMES
from experiments.studies.optimise.study import Score
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import MINUS
from viz.figures.palette import INK, MORE, MUTED, ArmStyle, arm_style

#: Names of the sides, and how they are drawn.
SIDE_NAMES = {"us_only": "U.S. alone", "cooperative": "cooperation alone", "mixed": "both together"}
SIDE_STYLES = {
    "us_only": arm_style(0),
    "cooperative": ArmStyle("#009E73", "2.5 2.5", "diamond"),
    "mixed": ArmStyle(MORE, "", "circle"),
}
_LONGEST = 4.0  # largest U.S.-only budget, relative to that of the other sides
_WIDE, _TALL, _LEFT, _RIGHT, _TOP, _KEY = 360.0, 170.0, 52.0, 14.0, 58.0, 34.0

#: A panel: outcome, and the measure for which the portfolios were chosen.
Shown = tuple[str, str]
#: By side, budgets ($ per year) with low90, median and high90 of the change in percent.
Lines = Mapping[str, Sequence[tuple[float, float, float, float]]]


def plot_frontier(
    score: Score,
    shown: Sequence[Shown],
    *,
    account: str,
    title: str,
    short: Mapping[str, str],
    columns: int = 3,
) -> Figure:
    """Plot the change over ten years by budget, a panel for each outcome and a line for each side.

    Args:
        score: the scored portfolios.
        shown: outcome of every panel, and the measure for which its portfolios were chosen.
        account: the account of the budgets, a key of `experiments.studies.optimise.sides.ACCOUNTS`.
        title: text above the panels.
        short: short names of the outcomes.
        columns: panels in a row.

    Returns:
        The figure.
    """
    tall = _TOP + _TALL + 46.0
    rows = math.ceil(len(shown) / columns)
    figure = style.new_figure(max(2, columns) * _WIDE, _KEY + rows * tall)
    sheet = style.paper(figure)
    style.label(sheet, title, 4.0, 18.0, **style.HEAD)
    sides_key(sheet, 37.0, "line: median of draws; band: 90 % of draws")
    for i, (outcome, chosen_for) in enumerate(shown):
        left, top = _LEFT + i % columns * _WIDE, _KEY + i // columns * tall + _TOP
        ax = style.add_axes(figure, left, top, _WIDE - _LEFT - _RIGHT, _TALL)
        _panel(ax, frontier_lines(score, outcome, chosen_for, account))
        under = f"change over 10 years; chosen for {short[chosen_for]}"
        style.heading(ax, _name(outcome), under, above=10.0, left=_LEFT - 8.0)
    return figure


def frontier_lines(score: Score, outcome: str, chosen_for: str, account: str) -> Lines:
    """Return the change of an outcome under the portfolios chosen for a measure, by side.

    Budgets of the United States alone above ``_LONGEST`` times the largest one of the other sides
    are left out, because they would compress the other lines.

    Args:
        score: the scored portfolios.
        outcome, chosen_for: the outcome, and the measure of the choice.
        account: the account of the budgets.

    Returns:
        By side, budgets ($ per year) with low90, median and high90 of the change in percent.
    """
    at = OUTCOMES.index(outcome)
    others = [target.budget for target in score.menu if target.side != "us_only"]
    longest = _LONGEST * max(others, default=math.inf)
    lines: dict[str, list[tuple[float, float, float, float]]] = {side: [] for side in SIDE_NAMES}
    for target, place in sorted(score.menu.items()):
        if (target.account, target.outcome) == (account, chosen_for) and target.budget <= longest:
            change = 100.0 * score.trials.changes[place, :, at, -1]
            low, middle, high = (float(v) for v in np.nanquantile(change, [0.05, 0.5, 0.95]))
            lines[target.side].append((target.budget, low, middle, high))
    return {side: line for side, line in lines.items() if line}


def _name(outcome: str) -> str:
    """Return the label of an outcome, with the sign of human costs."""
    sign = "◆ " if MEASURES[outcome].human else ""
    return wrap(sign + MEASURES[outcome].label, _WIDE - 20.0, style.LABEL, 1)[0]


def _panel(ax: Axes, lines: Lines) -> None:
    """Draw axes, and a line with its band for every side."""
    points = [point for line in lines.values() for point in line]
    budgets = {budget for budget, *_ in points}
    values = [value for _, *numbers in points for value in numbers]
    note = "$ per year, square root scale"
    budget_axes(ax, max(budgets, default=1.0), values, budgets, _percent, note)
    for side, line in lines.items():
        draw_side(ax, side, [(*point, point[2]) for point in line])


def sides_key(sheet: Axes, down: float, words: str) -> None:
    """Write the names of the sides with their marks, and what marks and bands are.

    Args:
        sheet: axes over the whole figure.
        down: distance from its upper edge.
        words: the explanation.
    """
    looks = [SIDE_STYLES[side].mark(6.0) | SIDE_STYLES[side].stroke(2.0) for side in SIDE_NAMES]
    end = style.key(sheet, zip(looks, SIDE_NAMES.values(), strict=True), 4.0, down)
    style.label(sheet, words, end, down + 4.0)


def budget_axes(
    ax: Axes,
    limit: float,
    values: Iterable[float],
    budgets: Iterable[float],
    words: Callable[[float], str],
    note: str,
) -> None:
    """Set up axes of changes by budget.

    Args:
        ax: the axes.
        most: the right end of the axis of budgets, which has a square root scale.
        values: changes that the other axis covers.
        budgets: the named budgets, $ per year.
        words: returns the text of a change.
        note: text below the axes.
    """
    style.root_axis(ax, limit)
    ticks = style.round_ticks(values)
    style.value_axis(ax, ticks, [words(tick) for tick in ticks])
    ax.axhline(0.0, color=INK, linewidth=1.0)
    texts = {budget: money(budget) for budget in sorted(budgets, reverse=True)}
    style.name_ticks(ax, texts, side=_RIGHT)
    ax.tick_params(axis="x", length=4.0, color=MUTED)
    look = {"shift": (0.0, -32.0), "ha": "right", "fontsize": style.NOTE}
    style.label(ax, note, 1, 0, "axes", **look)


def draw_side(ax: Axes, side: str, rows: Iterable[Sequence[float]]) -> None:
    """Draw a band, a line from 0, and marks of a side.

    Args:
        ax: the axes.
        side: a key of `SIDE_NAMES`.
        rows: budget ($ per year), lower end of the band, mark, upper end, and line.
    """
    look, gid = SIDE_STYLES[side], f"side {side}"
    x, low, marks, high, line = np.array([(0.0,) * 5, *rows]).T
    ax.fill_between(x, low, high, color=look.colour, gid=gid, **style.AREA)
    ax.plot(x, line, gid=gid, **look.stroke(2.0))
    edge = {"markeredgecolor": "white", "markeredgewidth": 0.8}
    ax.plot(x[1:], marks[1:], gid=gid, clip_on=False, **look.mark(7.0), **edge)


def _percent(value: float) -> str:
    """Return a change in percent with its sign."""
    return f"{'+' if value > 0 else MINUS if value < 0 else ''}{abs(value):g} %"


def describe_frontier(score: Score, shown: Sequence[Shown], account: str) -> str:
    """Return the text alternative of `plot_frontier`, with the medians by budget.

    Args:
        score, shown, account: as in `plot_frontier`.

    Returns:
        The text.
    """
    panels = []
    for outcome, chosen_for in shown:
        parts = []
        for side, line in frontier_lines(score, outcome, chosen_for, account).items():
            points = [f"{money(b)}: {_percent(round(m, 1))}" for b, _, m, _ in line]
            parts.append(f"{SIDE_NAMES[side]} {', '.join(points)}")
        panels.append(f"{_name(outcome)}: {'; '.join(parts)}")
    return "; ".join(panels)
