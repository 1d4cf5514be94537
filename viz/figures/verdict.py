"""Figure of the verdict: frontiers, exchange rates, and numbers that turn a claim, by regime."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures.outcome_definitions import OUTCOMES
from abm.policies.base import money
from experiments.studies.ask.uncertain_numbers import number_label
from viz.figures import style
from viz.figures.frontier import SIDE_NAMES, SIDE_STYLES, budget_axes, draw_side, sides_key
from viz.figures.markup import wrap
from viz.figures.numbers import MINUS
from viz.figures.palette import GRID, INK, arm_style

type Row = Mapping[str, Any]

_WIDE, _TALL, _LEFT, _RIGHT, _TOP = 440.0, 190.0, 56.0, 16.0, 62.0
_BELOW, _KEY, _BAR, _NAMES = 60.0, 64.0, 34.0, 316.0
_LONGEST = 4.0  # largest U.S.-only budget that is shown, relative to that of the other sides
_LOW, _MOST, _OUT = 0.125, 16.0, 32.0  # exchange rates: axis, and the place of "out of reach"
_TICKS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0)
_RATES = {"mixed": "exchange_rate", "cooperative": "cooperation_alone"}
_SHIFT = {"mixed": -0.09, "cooperative": 0.09}  # of the marks of a budget
_CLAIM_STYLES = {"helps": arm_style(0), "beats": arm_style(1), "requires": arm_style(2)}


def plot_verdict(study: Row, *, account: str, measure: str, horizon: int, title: str) -> Figure:
    """Plot the frontier and the exchange rate of every regime, and the numbers that turn a claim.

    Args:
        study: rows of the answer.
        account: account of the dollars, a key of `experiments.studies.optimise.sides.ACCOUNTS`.
        measure: kind of entries.
        horizon: longest years; a regime with shorter runs has the longest horizon of its runs.
        title: text above the panels.

    Returns:
        The figure: a row of two panels for each regime, and a tornado below.
    """
    regimes, turns = study["regimes"], study["turns"]
    tall = _TOP + _TALL + _BELOW
    figure = style.new_figure(
        2.0 * _WIDE, _KEY + tall * len(regimes) + _TOP + _BAR * max(1, len(turns)) + _BELOW
    )
    sheet = style.paper(figure)
    style.label(sheet, title, 4.0, 18.0, **style.HEAD)
    sides_key(sheet, 40.0, "mark: median of draws; band or bar: 90 % of draws")
    for i, regime in enumerate(regimes):
        top, name = _KEY + i * tall + _TOP, regime["id"].upper()
        place = (top, _WIDE - _LEFT - _RIGHT, _TALL)
        years = shown_years(regime, horizon)
        rows = _chosen(regime["frontiers"], account, measure, years)
        ax = style.add_axes(figure, _LEFT, *place)
        _frontier(ax, rows)
        under = (
            f"change of {OUTCOMES[measure].label.lower()} from the status quo, years 1 to {years}"
        )
        style.heading(ax, f"{name}: what a budget buys", under, above=10.0, left=_LEFT - 8.0)
        ax = style.add_axes(figure, _WIDE + _LEFT, *place)
        _rates(ax, _chosen(regime["cells"], account, measure, years))
        under = "dollars that the United States alone needs for the effect of $1"
        style.heading(ax, f"{name}: exchange rate of $1", under, above=10.0, left=_LEFT - 8.0)
    top = _KEY + tall * len(regimes) + _TOP
    bars = _BAR * max(1, len(turns))
    ax = style.add_axes(figure, _NAMES + 8.0, top, 2.0 * _WIDE - _NAMES - 180.0, bars)
    _tornado(ax, turns, tested=any(test["tested"] for test in study["claim_tests"]))
    under = "share of draws that the claim wins, where the number is lowest and where it is highest"
    style.heading(ax, "Numbers that turn a claim", under, above=10.0, left=_NAMES)
    return figure


def shown_years(regime: Row, horizon: int) -> int:
    """Return the longest horizon of the cells of a regime up to a number of years."""
    horizons = [cell["horizon"] for cell in regime["cells"] if cell["horizon"] <= horizon]
    return max(horizons, default=horizon)


def _chosen(rows: Sequence[Row], account: str, measure: str, horizon: int) -> list[Row]:
    """Return the rows of an account, measure and horizon."""
    key = (account, measure, horizon)
    return [row for row in rows if (row["account"], row["measure"], row["horizon"]) == key]


def _frontier(ax: Axes, rows: Sequence[Row]) -> None:
    """Draw the fall of entries by dollars, with a band, for every side."""
    limit = _LONGEST * max((r["budget"] for r in rows if r["side"] != "us_only"), default=1.0)
    visible = [row for row in rows if row["budget"] <= limit * (1.0 + 1e-9)]
    limits = [row["best"] for row in rows if row["side"] == "us_only"]
    values = [row[key] for row in visible for key in ("low90", "high90")]
    note = "$ spent per year, square root scale; up: fewer entries"
    budget_axes(ax, limit, [*values, *limits], {row["budget"] for row in visible}, _fall, note)
    _largest(ax, rows)
    keys = ("charge", "low90", "fall", "high90", "best")
    for side in SIDE_NAMES:
        points = sorted(
            (row for row in visible if row["side"] == side), key=lambda row: row["charge"]
        )
        if points:
            draw_side(ax, side, [tuple(row[key] for key in keys) for row in points])


def _fall(value: float) -> str:
    """Return a fall in percent as the change that it is."""
    return f"{MINUS if value > 0 else '+' if value < 0 else ''}{abs(value):g} %"


def _largest(ax: Axes, rows: Sequence[Row]) -> None:
    """Draw the level of the largest portfolio of the United States alone."""
    portfolios = [row for row in rows if row["side"] == "us_only"]
    if portfolios:
        largest = max(portfolios, key=lambda row: row["charge"])
        look = SIDE_STYLES["us_only"]
        ax.axhline(largest["best"], color=look.colour, linewidth=1.0, linestyle=":", gid="largest")
        words = f"U.S. alone at most: {money(largest['charge'])} a year"
        place = {"ha": "right", "shift": (0.0, -11.0), "fontsize": style.NOTE, "color": look.colour}
        style.label(ax, words, 1.0, largest["best"], "x axes", **place)


_EDGE: dict[str, Any] = {"markeredgecolor": "white", "markeredgewidth": 0.8}


def _rates(ax: Axes, cells: Sequence[Row]) -> None:
    """Draw the exchange rates of both together and of cooperation alone, by budget."""
    ax.set_yscale("log", base=2)
    ax.set(ylim=(_LOW, 2.0 * _OUT), xlim=(-0.5, max(1, len(cells)) - 0.5))
    ax.minorticks_off()
    named = ("equal 1" if tick == 1.0 else f"{tick:g}" for tick in _TICKS)
    ax.set_yticks(_TICKS, list(named))
    style.label(ax, ["out of", "reach"], 0, _OUT, "x axes", shift=(-5.0, 4.0), ha="right")
    ax.axhspan(1.4 * _MOST, 2.0 * _OUT, color=GRID, alpha=0.6, linewidth=0.0)
    ax.grid(axis="y", color=GRID, linewidth=1.0)
    for value, dash in ((1.0, "-"), (4.0, (0.0, (4.0, 3.0)))):
        ax.axhline(value, color=INK, linewidth=1.0, linestyle=dash)
    ordered = sorted(cells, key=lambda cell: cell["budget"])
    ax.set_xticks(range(len(ordered)), [money(c["budget"]) for c in ordered], parse_math=False)
    notes = (
        "budget a year; bar: two equal countries",
        "dashed: threshold of requires; (%): draws out of reach",
    )
    for line, note in enumerate(notes):
        look = {"shift": (0.0, -32.0 - 12.0 * line), "ha": "right", "fontsize": style.NOTE}
        style.label(ax, note, 1, 0, "axes", **look)
    for i, cell in enumerate(ordered):
        _rate(ax, i, cell, "mixed")
        _rate(ax, i, cell["cooperation_alone"], "cooperative")


def _rate(ax: Axes, index: int, cell: Row, side: str) -> None:
    """Draw median and 90 % of draws of one exchange rate, and the share out of reach."""
    x, look = index + _SHIFT[side], SIDE_STYLES[side]
    sign, right = (-1.0, "right") if side == "mixed" else (1.0, "left")
    text = {"ha": right, "fontsize": style.NOTE, "color": INK}
    if math.isnan(cell["exchange_rate"]):
        style.label(ax, "no effect", x, _LOW, shift=(5.0 * sign, 4.0), **text)
        return
    low, middle, high = map(_place, (cell["low90"], cell["exchange_rate"], cell["high90"]))
    cap: dict[str, Any] = {"marker": "_", "markersize": 8.0}
    ax.plot([x, x], [low, high], **look.stroke(2.0), **cap, gid=f"range {side}")
    ax.plot([x], [middle], **look.mark(8.0), **_EDGE, gid=f"rate {side}")
    words = _rate_text(cell["exchange_rate"], cell["rate_limit"])
    equal = cell.get("rate_equal", math.nan)
    if not math.isnan(equal):
        ends = [x - 0.06, x + 0.06]
        ax.plot(ends, [_place(equal)] * 2, color=INK, linewidth=2.0, gid="equal")
    if cell["share_out_of_reach"] > 0.0:
        words = f"{words} ({100 * cell['share_out_of_reach']:.0f} %)"
    style.label(ax, words, x, middle, shift=(8.0 * sign, 5.0), **text)


def _place(rate: float) -> float:
    """Return the place of an exchange rate on the axis."""
    return _OUT if math.isinf(rate) else min(max(rate, _LOW), _MOST)


def _rate_text(rate: float, limit: float) -> str:
    """Return an exchange rate; one that is out of reach by its lower bound."""
    return f"> {short_rate(limit)}" if math.isinf(rate) else short_rate(rate)


def short_rate(rate: float) -> str:
    """Return an exchange rate with two digits."""
    return f"{rate:#.2g}".rstrip(".") if rate < 99.5 else f"{rate:.0f}"


def crossing_text(move: Row) -> str:
    """Return the value at which a number turns a claim with its 90 % interval.

    A bound that is not within the range of the draws is given in words.
    """
    low = "below its range" if math.isinf(move["low90"]) else f"{move['low90']:.3g}"
    high = "above its range" if math.isinf(move["high90"]) else f"{move['high90']:.3g}"
    return f"{move['value']:.3g} ({low} to {high})"


def _tornado(ax: Axes, turns: Sequence[Row], *, tested: bool) -> None:
    """Draw, for every number that turns a claim, the share of won draws at both of its ends."""
    ax.set(xlim=(0.0, 1.0), ylim=(max(1, len(turns)) - 0.5, -0.5))
    ax.set_yticks([])
    ticks = (0.0, 0.2, 0.5, 0.8, 1.0)
    ax.set_xticks(ticks, [f"{100 * tick:g} %" for tick in ticks])
    ax.axvspan(0.0, 0.2, color=GRID, alpha=0.6, linewidth=0.0)
    ax.axvspan(0.8, 1.0, color=GRID, alpha=0.6, linewidth=0.0)
    for share, words, side in ((0.0, "refuted", "left"), (1.0, "supported", "right")):
        style.label(ax, words, share, 0, "axes", shift=(0.0, -30.0), ha=side)
    if not turns:
        words = "No single number turns a claim." if tested else "Not tested: too few draws."
        style.label(ax, words, 0.5, 0.0, ha="center", color=INK)
    ordered = sorted(turns, key=lambda t: (list(_CLAIM_STYLES).index(t["claim"]), -t["spread"]))
    for i, turn in enumerate(ordered):
        look, ends = _CLAIM_STYLES[turn["claim"]], (turn["below"], turn["above"])
        name = f"{turn['claim']}, {turn['regime'].upper()}: {number_label(turn['number'])}"
        lines = wrap(name, _NAMES - 16.0, style.SMALL, 2)
        place = {"ha": "right", "color": INK, "shift": (-12.0, 4.0 * (len(lines) - 1) + 1.0)}
        style.label(ax, lines, 0, i, "x axes", **place)
        ax.plot(ends, [i, i], **look.stroke(5.0))
        ax.plot([ends[0]], [i], **look.mark(9.0), fillstyle="none", clip_on=False)
        ax.plot([ends[1]], [i], **look.mark(9.0), clip_on=False)
        value, _, bounds = crossing_text(turn).partition(" (")
        words = [f"turns at {value}, p {turn['p']:.2g}", f"({bounds}"]
        style.label(ax, words, 1, i, "x axes", shift=(10.0, 3.0), color=INK, fontsize=style.NOTE)
    note = "hollow: lowest; filled: highest"
    style.label(ax, note, 0.5, 0, "axes", shift=(0.0, -30.0), ha="center")


def describe_verdict(study: Row, *, account: str, measure: str, horizon: int) -> str:
    """Return the text alternative of `plot_verdict`.

    Args:
        study, account, measure, horizon: as in `plot_verdict`.

    Returns:
        The exchange rates with their ranges by regime and budget, then the numbers that turn.
    """
    parts = []
    for regime in study["regimes"]:
        years = shown_years(regime, horizon)
        for cell in _chosen(regime["cells"], account, measure, years):
            keys, limit = ("exchange_rate", "low90", "high90"), cell["rate_limit"]
            rate, low, high = (_rate_text(cell[key], limit) for key in keys)
            rates = f"{low} to {high}"
            equal = _rate_text(cell["rate_equal"], limit)
            parts.append(
                f"{regime['id']}, {money(cell['budget'])}, years 1 to {years}: {rate} ({rates}), "
                f"two equal countries {equal}"
            )
    for turn in study["turns"]:
        at = f"{number_label(turn['number'])} at {crossing_text(turn)}, p {turn['p']:.2g}"
        parts.append(f"{turn['regime']}: {turn['claim']} turns with {at}")
    return "; ".join(parts)
