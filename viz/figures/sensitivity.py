"""Sensitivity: what answers depend on, a row for each uncertain number, a column for each answer.

Morris: a bar for the mean size of the effect, its interval, a mark for sigma. Sobol': two bars, the
share of the variance with all interactions and the share of the number alone. The dashed line is
the level of the dummy and grey reaches to the end of its interval; bars of numbers that cannot be
distinguished from it are hollow.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure

from abm.measures import CRITERIA, OUTCOMES
from experiments.design.factors import DUMMY
from experiments.sensitivity.indices import MorrisIndices
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import MINUS, amount, plain
from viz.figures.palette import FEWER, FLOW, GRID, INK, MORE, MUTED

if TYPE_CHECKING:
    from experiments.sensitivity.indices import FactorIndices, IndexEstimate
    from experiments.sensitivity.results import SensitivityResult

TITLE = "What the answers depend on"
_WIDTH, _EDGE, _NAMES, _GAP, _COLUMNS = 960.0, 10.0, 186.0, 30.0, 3
_HEAD, _FOOT, _KEY = 48.0, 36.0, 48.0
_NOISE, _EITHER = "#e4e8ed", "#8a97a5"
_DASHED: dict[str, Any] = {"color": MUTED, "linewidth": 1.0, "linestyle": (0.0, (4.0, 3.0))}
_LIMITS = (-0.5, 1.5)  # shares beyond which an interval is cut
_SIGNS = {"+": MORE, MINUS: FEWER, "±": _EITHER}


def plot_sensitivity(answers: Sequence[SensitivityResult], *, foot: str) -> Figure:
    """Plot the factors of every answer, a band of panels for each policy (or one for levels).

    Args:
        answers: the answers, all of one method; those without factors are left out.
        foot: text below the panels.

    Returns:
        The figure.
    """
    bands = _bands(answers)
    orders = [_order(band) for band in bands]
    row = 18.0 if _is_morris(bands[0]) else 25.0
    heads = [_HEAD + (20.0 if band[0].policy else 0.0) for band in bands]
    tall = [h + row * len(o) + _FOOT for h, o in zip(heads, orders, strict=True)]
    figure = style.new_figure(_WIDTH, 30.0 + _KEY + sum(tall) + 34.0)
    sheet, top = style.paper(figure), 30.0 + _KEY
    look = {"of": "data", "color": INK, "fontsize": style.TITLE + 1.0, "fontweight": "bold"}
    style.label(sheet, TITLE, (_EDGE, 22.0), **look)
    _legend(sheet, morris=_is_morris(bands[0]))
    for band, order, head, height in zip(bands, orders, heads, tall, strict=True):
        if band[0].policy:
            words, look = f"Change that {band[0].policy} makes", look | {"fontsize": 13.0}
            style.label(sheet, words, (_EDGE, top + 12.0), **look)
        wide = (_WIDTH - 2 * _EDGE - _NAMES - _GAP * (len(band) - 1)) / len(band)
        sheet_rows = style.add_axes(figure, _EDGE, top + head, _WIDTH - 2 * _EDGE, row * len(order))
        _names(sheet_rows, order, frozenset.intersection(*(frozenset(a.indistinct) for a in band)))
        for i, answer in enumerate(band):
            left = _EDGE + _NAMES + (wide + _GAP) * i
            ax = style.add_axes(figure, left, top + head, wide, row * len(order))
            _panel(ax, answer, order)
        top += height
    for i, line in enumerate(wrap(foot, _WIDTH, 10.5, 2)):
        style.label(sheet, line, (_EDGE, top + 12.0 + 14.0 * i), of="data", fontsize=10.5)
    return figure


def _is_morris(band: Sequence[SensitivityResult]) -> bool:
    """Whether the indices are those of Morris."""
    return isinstance(band[0].indices[0], MorrisIndices)


def _bands(answers: Sequence[SensitivityResult]) -> list[list[SensitivityResult]]:
    """Return the answers policy by policy, at most `_COLUMNS` in a band, evenly."""
    bands = []
    for policy in dict.fromkeys(answer.policy for answer in answers):
        own = [answer for answer in answers if answer.policy == policy and answer.indices]
        count = math.ceil(len(own) / math.ceil(len(own) / _COLUMNS)) if own else 1
        bands += [own[i : i + count] for i in range(0, len(own), count)]
    return bands


def _order(band: Sequence[SensitivityResult]) -> list[str]:
    """Return the factors by their largest part in any of the panels, the dummy last."""
    part: dict[str, float] = {}
    for answer in band:
        most = max(style.finite(line.strength.value for line in answer.indices), default=0.0) or 1.0
        for line in answer.indices:
            value = line.strength.value / most if math.isfinite(line.strength.value) else 0.0
            part[line.factor] = max(part.get(line.factor, 0.0), value)
    return sorted(part, key=lambda name: (name == DUMMY, -part[name]))


def _names(ax: Axes, order: Sequence[str], untold: frozenset[str]) -> None:
    """Draw stripes behind the rows, and the names of the factors; of a long path the end."""
    ax.set(xlim=(0.0, _WIDTH - 2 * _EDGE), ylim=(len(order) - 0.5, -0.5))
    ax.axis("off")
    room = int((_NAMES - 24.0) / 6.6)
    for i, name in enumerate(order):
        if i % 2 == 0:
            ax.axhspan(i - 0.5, i + 0.5, color="#f5f7fa", linewidth=0.0)
        shown = name if len(name) <= room else "…" + name[1 - room :]
        look = {"color": MUTED if name in untold or name == DUMMY else INK, "ha": "right"}
        look |= {"fontstyle": "italic"} if name == DUMMY else {}
        style.label(ax, shown, (_NAMES - 20.0, i), of="data", offset=(0, -4), **look)


def _panel(ax: Axes, answer: SensitivityResult, order: Sequence[str]) -> None:
    """Draw one answer: heading, axis, the level of the dummy, and a row for every factor."""
    ax.set_gid("panel")
    morris = isinstance(answer.indices[0], MorrisIndices)
    measure = OUTCOMES.get(answer.outcome) or CRITERIA[answer.outcome]
    unit = "points of percent" if answer.policy else measure.unit
    ticks = _ticks(answer)
    style.frame(ax)
    ax.set(xlim=(ticks[0], ticks[-1]), ylim=(len(order) - 0.5, -0.5), yticks=[])
    ax.set_xticks(ticks, _tick_texts(ax, ticks, unit if morris else ""), parse_math=False)
    ax.get_xticklabels()[-1].set_horizontalalignment("right")
    ax.grid(axis="x", color=GRID, linewidth=1.0)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    dummy = next(line for line in answer.indices if line.factor == DUMMY).strength
    if math.isfinite(dummy.high):
        ax.axvspan(0.0, min(max(dummy.high, 0.0), ticks[-1]), color=_NOISE, linewidth=0.0, zorder=0)
        ax.axvline(max(dummy.value, 0.0), **_DASHED)
    for line in answer.indices:
        clear = line.factor not in answer.indistinct and line.factor != DUMMY
        _row(ax, line, order.index(line.factor), clear=clear)
    heads = wrap(measure.label, style.size(ax)[0], style.LABEL * 0.9, 2)
    for i, words in enumerate(reversed(heads)):
        look = {"fontsize": style.LABEL, "fontweight": "bold", "color": INK}
        style.label(ax, words, (0, 1), offset=(0, 23 + 14 * i), **look)
    note = f"{unit}, over the whole range" if morris else "share of the variance"
    style.label(ax, note, (0, 1), offset=(0, 8), fontsize=10.5)


def _ticks(answer: SensitivityResult) -> list[float]:
    """Return ticks that cover the estimates, and for shares no more than `_LIMITS`."""
    ends: list[float] = []
    for line in answer.indices:
        ends += [line.strength.value, line.strength.high]
        if isinstance(line, MorrisIndices):
            ends.append(line.sigma)
        else:
            ends += [line.first.high, line.first.low]
    if not isinstance(answer.indices[0], MorrisIndices):
        ends = [min(max(end, _LIMITS[0]), _LIMITS[1]) for end in style.finite(ends)]
    return style.round_ticks(ends)


def _tick_texts(ax: Axes, ticks: Sequence[float], unit: str) -> list[str]:
    """Return the numbers of the axis, without those that would touch the one before."""
    wide, taken = style.size(ax)[0], list[tuple[float, float]]()
    texts = [amount(tick, unit) if unit else plain(tick) for tick in ticks]
    places = [wide * (tick - ticks[0]) / (ticks[-1] - ticks[0]) for tick in ticks]
    fit = [style.fits(x, words, taken) for x, words in zip(places, texts, strict=True)]
    return [words if free else "" for words, free in zip(texts, fit, strict=True)]


def _row(ax: Axes, line: FactorIndices, at: int, *, clear: bool) -> None:
    """Draw a factor in a panel; hollow where it cannot be distinguished from the dummy."""
    if not isinstance(line, MorrisIndices):
        _bar(ax, line.total, at - 0.2, 0.32, FLOW[1], clear=clear)
        _bar(ax, line.first, at + 0.2, 0.2, FLOW[3], clear=clear)
        return
    sign = "+" if line.mu > 0.0 else MINUS
    if abs(line.mu) < 0.5 * line.mu_star.value:
        sign = "±"
    _bar(ax, line.mu_star, at, 0.5, _SIGNS[sign], clear=clear)
    if clear:
        look = {
            "color": _SIGNS[sign],
            "fontsize": style.LABEL,
            "fontweight": "bold",
            "ha": "center",
        }
        style.label(ax, sign, (0, at), of=("axes fraction", "data"), offset=(-9, -4), **look)
        face = {"marker": "D", "markersize": 5.5, "markerfacecolor": "white", "color": INK}
        ax.plot([line.sigma], [at], markeredgewidth=1.2, zorder=5, **face)


def _bar(
    ax: Axes, estimate: IndexEstimate, y: float, tall: float, colour: str, *, clear: bool
) -> None:
    """Draw a bar from zero with its interval, cut at the edges of the axes."""
    if not math.isfinite(estimate.value):
        style.label(ax, "not defined", (0.0, y), of="data", offset=(4, -4), fontsize=10.5)
        return
    low, high = ax.get_xlim()
    inside = min(max(estimate.value, low), high)
    look = {"edgecolor": colour, "linewidth": 1.0, "gid": "bar" if clear else "hollow"}
    ax.barh([y], [inside], height=tall, facecolor=colour if clear else "white", zorder=3, **look)
    if estimate.high > estimate.low:
        ends = [min(max(end, low), high) for end in (estimate.low, estimate.high)]
        whisker = {"color": INK, "linewidth": 1.2, "zorder": 4}
        ax.plot(ends, [y, y], **whisker)
        caps = [end for end in (estimate.low, estimate.high) if low <= end <= high]
        ax.plot(
            caps,
            [y] * len(caps),
            marker="|",
            markersize=6.0,
            markeredgewidth=1.2,
            **whisker | {"linewidth": 0.0},
        )


def _legend(sheet: Axes, *, morris: bool) -> None:
    """Explain the marks in two lines."""
    whisker = ({"color": INK, "linewidth": 1.2, "marker": "|", "markersize": 6.0}, "95 % interval")
    if morris:
        words = {
            "+": "+ rises with the number",
            MINUS: f"{MINUS} falls with it",
            "±": "± does both",
        }
        bars = [({"color": _SIGNS[sign], "linewidth": 9.0}, text) for sign, text in words.items()]
        sigma = {"marker": "D", "markersize": 5.5, "markerfacecolor": "white", "color": INK}
        marks = [*bars, whisker, (sigma | {"linestyle": "none"}, "sigma: how much it differs")]
        style.label(sheet, "Bars: mean size of the change,", (_EDGE, 44.0), of="data")
        start = _EDGE + 182.0
    else:
        marks, start = (
            [
                ({"color": FLOW[1], "linewidth": 8.0}, "with all its interactions (total)"),
                ({"color": FLOW[3], "linewidth": 5.0}, "alone (first order)"),
                whisker,
            ],
            _EDGE,
        )
    style.key(sheet, marks, (start, 40.0))
    words = "level of the dummy (grey: 95 % interval), which changes only the seeds; a hollow bar "
    words += "cannot be distinguished from it"
    style.key(sheet, [({"color": _NOISE, "linewidth": 10.0}, words)], (_EDGE, 58.0))
    sheet.plot([_EDGE + 9.0] * 2, [52.0, 64.0], **_DASHED)


def describe_sensitivity(answers: Sequence[SensitivityResult]) -> str:
    """Return a text alternative of `plot_sensitivity`: the five strongest factors by answer."""
    panels = []
    for answer in answers:
        hidden = {*answer.indistinct, DUMMY} if answer.indices else set()
        names = [line.factor for line in answer.indices if line.factor not in hidden]
        label = (OUTCOMES.get(answer.outcome) or CRITERIA[answer.outcome]).label
        head = f"{label}, change under {answer.policy}" if answer.policy else label
        panels.append(f"{head}: {', '.join(names[:5]) or 'none distinguishable from the dummy'}")
    return "Strongest first. " + "; ".join(panels) + "."
