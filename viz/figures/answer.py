"""Charts of the answer: portfolios by budget, exchange rates, numbers that change a verdict."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import OUTCOMES as MEASURES
from abm.policies.base import money
from experiments.studies.ask.regimes import CORE, turning_label
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.study import Score
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import MISSING, tick_texts
from viz.figures.palette import GRID, INK, MORE, MUTED, ArmStyle, arm_style

type Row = Mapping[str, Any]

#: Names and styles of the sides that buy portfolios.
SIDE_NAMES = {"us_only": "U.S. alone", "cooperative": "cooperation alone", "mixed": "both together"}
SIDE_STYLES = {
    "us_only": arm_style(0),
    "cooperative": ArmStyle("#009E73", "2.5 2.5", "diamond"),
    "mixed": ArmStyle(MORE, "", "circle"),
}
_EDGE: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.8}
_BELOW_AXIS: dict[str, Any] = {"shift": (0.0, -32.0), "ha": "right", "fontsize": style.NOTE}
_MAX_RATIO = 4.0  # maximum U.S.-only budget shown, as a multiple of the others' highest budget
_WIDE, _TALL, _LEFT, _RIGHT, _TOP = 360.0, 170.0, 52.0, 22.0, 58.0
_PANEL = _TOP + _TALL + 46.0  # points; height of a panel with its heading and axis

#: A panel: an outcome, and the measure by which the portfolios were chosen.
Panel = tuple[str, str]
#: Points of each side's line: budget ($ per year), and low90, median, high90 of the change (%).
Lines = Mapping[str, Sequence[tuple[float, float, float, float]]]


def plot_frontier(
    score: Score, panels: Sequence[Panel], *, account: str, title: str, columns: int = 3
) -> Figure:
    """Plot the change over the longest horizon by budget, with one panel per outcome.

    Args:
        score: the scored portfolios.
        panels: outcome of each panel, and the measure by which its portfolios were chosen.
        account: account of the budgets, a key in `experiments.studies.optimise.sides.ACCOUNTS`.
        title: text above the panels.
        columns: number of panels per row.

    Returns:
        The figure.
    """
    rows = math.ceil(len(panels) / columns)
    figure = style.new_figure(max(2, columns) * _WIDE, 34.0 + rows * _PANEL)
    sheet = style.paper(figure)
    style.label(sheet, title, 4.0, 18.0, **style.HEAD)
    _sides_key(sheet, SIDE_NAMES, "line: median of draws; band: 90 % of draws")
    for i, (outcome, chosen_for) in enumerate(panels):
        left, top = _LEFT + i % columns * _WIDE, 34.0 + i // columns * _PANEL + _TOP
        ax = style.add_axes(figure, left, top, _WIDE - _LEFT - _RIGHT, _TALL)
        _side_panel(ax, frontier_lines(score, outcome, chosen_for, account))
        years = HORIZONS[score.trials.longest]
        under = f'change over {years} years; chosen for "{MEASURES[chosen_for].label}"'
        style.heading(ax, _name(outcome), under, above=10.0, left=_LEFT - 8.0)
    return figure


def frontier_lines(score: Score, outcome: str, chosen_for: str, account: str) -> Lines:
    """Return the points of each side's line: budgets, and changes under the chosen portfolios.

    Budgets of the United States alone above ``_MAX_RATIO`` times the highest budget of the other
    sides are left out, because they would compress the other lines.

    Args:
        score: the scored portfolios.
        outcome: the outcome that changes.
        chosen_for: the measure by which the portfolios were chosen.
        account: account of the budgets.

    Returns:
        Points by side: budget ($ per year), and low90, median and high90 of the change (%).
    """
    at = OUTCOMES.index(outcome)
    others = [target.budget for target in score.menu if target.side != "us_only"]
    longest = _MAX_RATIO * max(others, default=math.inf)
    lines: dict[str, list[tuple[float, float, float, float]]] = {side: [] for side in SIDE_NAMES}
    for target, place in sorted(score.menu.items()):
        if (target.account, target.outcome) == (account, chosen_for) and target.budget <= longest:
            change = 100.0 * score.trials.changes[place, :, at, score.trials.longest]
            low, middle, high = (float(v) for v in np.nanquantile(change, [0.05, 0.5, 0.95]))
            lines[target.side].append((target.budget, low, middle, high))
    return {side: line for side, line in lines.items() if line}


def _name(outcome: str) -> str:
    """Return an outcome's label, after ◆ if it is a human cost."""
    sign = "◆ " if MEASURES[outcome].human else ""
    return wrap(sign + MEASURES[outcome].label, _WIDE - 20.0, style.LABEL, 1)[0]


def _side_panel(ax: Axes, lines: Lines) -> None:
    """Draw the axes, with budgets on a square root scale, and each side's band, line and marks."""
    points = [point for line in lines.values() for point in line]
    budgets = sorted({budget for budget, *_ in points}, reverse=True)
    style.root_axis(ax, max(budgets, default=1.0))
    ticks = style.round_ticks(value for _, *numbers in points for value in numbers)
    style.value_axis(ax, ticks, [f"{text} %" for text in tick_texts(ticks, change=True)])
    ax.axhline(0.0, color=INK, linewidth=1.0)
    style.name_ticks(ax, {budget: money(budget) for budget in budgets})
    ax.tick_params(axis="x", length=4.0, color=MUTED)
    style.label(ax, "$ per year, square root scale", 1, 0, "axes", **_BELOW_AXIS)
    for side, line in lines.items():
        look, gid = SIDE_STYLES[side], f"side {side}"
        x, low, middle, high = np.array([(0.0,) * 4, *line]).T  # Zero dollars change nothing.
        ax.fill_between(x, low, high, color=look.colour, gid=gid, **style.AREA)
        ax.plot(x, middle, gid=gid, **look.stroke(2.0))
        ax.plot(x[1:], middle[1:], gid=gid, clip_on=False, **look.mark(7.0), **_EDGE)


def _sides_key(sheet: Axes, sides: Iterable[str], words: str) -> None:
    """Draw the key: the mark and name of each side, and what marks and bands mean."""
    looks = [(SIDE_STYLES[s].mark(6.0) | SIDE_STYLES[s].stroke(2.0), SIDE_NAMES[s]) for s in sides]
    style.key(sheet, [*looks, ({"linestyle": "none"}, words)], 4.0, 31.0)


# ---- the verdict ---------------------------------------------------------------------------------

_BELOW, _KEY, _BAR, _NAMES = 60.0, 64.0, 34.0, 316.0
_MIN_RATE, _MAX_RATE, _OUT = 0.125, 16.0, 32.0  # ends of the axis, and position of "out of reach"
_TICKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_SHIFT = {"mixed": -0.09, "cooperative": 0.09}  # horizontal shift of the marks at a budget
_CLAIM_STYLES = {"helps": arm_style(0), "beats": arm_style(1), "requires": arm_style(2)}


def plot_verdict(study: Row, *, account: str, measure: str, title: str) -> Figure:
    """Plot each regime's exchange rate by budget, and the numbers that change a verdict.

    Args:
        study: answer rows.
        account: account of the dollars, a key in `experiments.studies.optimise.sides.ACCOUNTS`.
        measure: kind of entries that is counted.
        title: text above the panels.

    Returns:
        The figure, with two regimes per row and a tornado chart below.
    """
    regimes, turns = study["regimes"], turning_numbers(study)
    wide, tall, bars = 440.0, _TOP + _TALL + _BELOW, _BAR * max(1, len(turns))
    top = _KEY + tall * math.ceil(len(regimes) / 2) + _TOP
    figure = style.new_figure(2.0 * wide, top + bars + _BELOW)
    sheet = style.paper(figure)
    style.label(sheet, title, 4.0, 18.0, **style.HEAD)
    _sides_key(sheet, _SHIFT, "mark: median of draws; bar: 90 % of draws")
    for i, regime in enumerate(regimes):
        years = max(cell["horizon"] for cell in regime["cells"])
        key = (account, measure, years)
        cells = [c for c in regime["cells"] if (c["account"], c["measure"], c["horizon"]) == key]
        left, down = i % 2 * wide + _LEFT, i // 2 * tall + _KEY + _TOP
        ax = style.add_axes(figure, left, down, wide - _LEFT - _RIGHT, _TALL)
        _rates(ax, cells)
        under = f"dollars of the United States alone for the effect of $1, years 1 to {years}"
        name = f"{regime['id'].upper()}: exchange rate of $1"
        style.heading(ax, name, under, above=10.0, left=_LEFT - 8.0)
    ax = style.add_axes(figure, _NAMES + 8.0, top, 2.0 * wide - _NAMES - 180.0, bars)
    _tornado(ax, turns, tested=bool(study["turning"]))
    under = "share of draws that win if this number alone is at its lowest and highest value"
    style.heading(ax, "Numbers that turn a claim", under, above=10.0, left=_NAMES)
    return figure


def _rates(ax: Axes, cells: Sequence[Row]) -> None:
    """Draw the exchange rates for both together and for cooperation alone, by budget."""
    ax.set_yscale("log", base=2)
    ax.set(ylim=(_MIN_RATE, 2.0 * _OUT), xlim=(-0.5, max(1, len(cells)) - 0.5))
    ax.minorticks_off()
    named = ("equal 1" if tick == 1.0 else f"{tick:g}" for tick in _TICKS)
    ax.set_yticks(_TICKS, list(named))
    style.label(ax, ["out of", "reach"], 0, _OUT, "x axes", shift=(-5.0, 4.0), ha="right")
    ax.axhspan(1.4 * _MAX_RATE, 2.0 * _OUT, color=GRID, alpha=0.6, linewidth=0.0)
    ax.grid(axis="y", color=GRID, linewidth=1.0)
    for value, dash in ((1.0, "-"), (4.0, (0.0, (4.0, 3.0)))):
        ax.axhline(value, color=INK, linewidth=1.0, linestyle=dash)
    ordered = sorted(cells, key=lambda cell: cell["budget"])
    ax.set_xticks(range(len(ordered)), [money(c["budget"]) for c in ordered], parse_math=False)
    notes = [
        "budget a year; bar: two equal countries",
        "dashed: threshold of requires; (%): draws out of reach",
    ]
    style.label(ax, notes, 1, 0, "axes", step=-12.0, **_BELOW_AXIS)
    for i, cell in enumerate(ordered):
        _rate(ax, i, cell, "mixed")
        _rate(ax, i, cell["cooperation_alone"], "cooperative")


def _rate(ax: Axes, index: int, cell: Row, side: str) -> None:
    """Draw an exchange rate's median and 90 % range, and the share of draws out of reach."""
    x, look = index + _SHIFT[side], SIDE_STYLES[side]
    sign, right = (-1.0, "right") if side == "mixed" else (1.0, "left")
    text = {"ha": right, "fontsize": style.NOTE, "color": INK}
    if math.isnan(cell["exchange_rate"]):
        style.label(ax, MISSING, x, _MIN_RATE, shift=(5.0 * sign, 4.0), **text)
        return
    low, middle, high = map(_place, (cell["low90"], cell["exchange_rate"], cell["high90"]))
    cap: dict[str, Any] = {"marker": "_", "markersize": 8.0}
    ax.plot([x, x], [low, high], **look.stroke(2.0), **cap, gid=f"range {side}")
    ax.plot([x], [middle], **look.mark(8.0), **_EDGE, gid=f"rate {side}")
    words = number_text(cell["exchange_rate"], cell["rate_limit"], "> ")
    equal = cell.get("rate_equal", math.nan)
    if not math.isnan(equal):
        ends = [x - 0.06, x + 0.06]
        ax.plot(ends, [_place(equal)] * 2, color=INK, linewidth=2.0, gid="equal")
    if cell["share_out_of_reach"] > 0.0:
        words = f"{words} ({100 * cell['share_out_of_reach']:.0f} %)"
    style.label(ax, words, x, middle, shift=(8.0 * sign, 5.0), **text)


def _place(rate: float) -> float:
    """Return the position of an exchange rate on the axis."""
    return _OUT if math.isinf(rate) else min(max(rate, _MIN_RATE), _MAX_RATE)


def number_text(rate: float, limit: float, above: str = "more than ") -> str:
    """Format an exchange rate with two digits, or return a dash for NaN.

    An infinite rate becomes its finite lower bound `limit`, or "out of reach". A rate of 0 means
    that the portfolio is inert.
    """
    if math.isinf(rate):
        return "out of reach" if math.isinf(limit) else f"{above}{number_text(limit, limit)}"
    if math.isnan(rate) or rate == 0.0:
        return MISSING if rate else "inert here"
    return f"{rate:#.2g}".rstrip(".") if rate < 99.5 else f"{rate:.0f}"


def turning_numbers(study: Row) -> list[Row]:
    """Return the numbers that change the verdict on a claim in a cell of the core headline.

    Each row has the shares of draws that support the claim with the number at its lowest ("below")
    and highest ("above") value. Both shares of a structural variant are equal.
    """
    rows: dict[tuple[str, ...], dict[str, Any]] = {}
    for row in study["turning"]:
        at_end = row["measure"] in MEASURES and row["bound"] not in ("half", "double")
        if row["headline"] != CORE or not at_end:
            continue
        key = row["number"], row["claim"], row["measure"]
        turn = rows.setdefault(key, {**row, "below": row["share_there"], "turns": False})
        turn |= {"above": row["share_there"], "turns": turn["turns"] or row["turns"]}
    return [row for row in rows.values() if row["turns"]]


def _tornado(ax: Axes, turns: Sequence[Row], *, tested: bool) -> None:
    """Draw the shares of draws that support a claim, with each number at its two extremes."""
    ax.set(xlim=(0.0, 1.0), ylim=(max(1, len(turns)) - 0.5, -0.5))
    ax.set_yticks([])
    ticks = (0.0, 0.2, 0.5, 0.8, 1.0)
    ax.set_xticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
    ax.axvspan(0.0, 0.2, color=GRID, alpha=0.6, linewidth=0.0)
    ax.axvspan(0.8, 1.0, color=GRID, alpha=0.6, linewidth=0.0)
    for share, words, side in ((0.0, "refuted", "left"), (1.0, "supported", "right")):
        style.label(ax, words, share, 0, "axes", shift=(0.0, -30.0), ha=side)
    if not turns:
        words = "No single number turns a claim." if tested else "Not tested."
        style.label(ax, words, 0.5, 0.0, ha="center", color=INK)
    ordered = sorted(
        turns, key=lambda t: (list(_CLAIM_STYLES).index(t["claim"]), -abs(t["above"] - t["below"]))
    )
    for i, turn in enumerate(ordered):
        look, ends = _CLAIM_STYLES[turn["claim"]], (turn["below"], turn["above"])
        name = f"{turn['claim']}, {turn['regime'].upper()}: {turning_label(turn['number'])}"
        lines = wrap(name, _NAMES - 16.0, style.SMALL, 2)
        place = {"ha": "right", "color": INK, "shift": (-12.0, 4.0 * (len(lines) - 1) + 1.0)}
        style.label(ax, lines, 0, i, "x axes", **place)
        ax.plot(ends, [i, i], **look.stroke(5.0))
        ax.plot([ends[0]], [i], **look.mark(9.0), fillstyle="none", clip_on=False)
        ax.plot([ends[1]], [i], **look.mark(9.0), clip_on=False)
        words = MEASURES[turn["measure"]].label
        style.label(ax, words, 1, i, "x axes", shift=(10.0, 3.0), color=INK, fontsize=style.NOTE)
    note = "hollow: lowest; filled: highest"
    style.label(ax, note, 0.5, 0, "axes", shift=(0.0, -30.0), ha="center")
