"""Chart of a sensitivity study, with one row per uncertain number and one column per answer.

Morris: a bar shows the mean size of the effect with its interval, and a mark shows sigma. Sobol':
two bars show the share of the variance with all interactions and the share of the number alone. The
dashed line is the level of the dummy, and the grey area extends to the upper end of the dummy's
interval. Bars of numbers that cannot be distinguished from the dummy are hollow.
"""

import math
from collections.abc import Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from experiments.studies.sensitivity.indices import FactorIndices, IndexEstimate
from experiments.studies.sensitivity.study import MEASURES, SensitivityResult
from experiments.sweeps.design import DUMMY
from viz.figures import style
from viz.figures.markup import wrap
from viz.figures.numbers import MINUS, amount, plain
from viz.figures.palette import FEWER, GRID, INK, MORE, MUTED, PALETTE

TITLE = "What the answers depend on"
_WIDTH, _EDGE, _NAMES, _GAP, _COLUMNS = 960.0, 10.0, 186.0, 30.0, 3
_HEAD, _FOOT, _TOP = 48.0, 36.0, 78.0
_NOISE, _LIMITS = "#e4e8ed", (-0.5, 1.5)  # colour; lowest and highest share on an axis
_TOTAL, _ALONE = (PALETTE["worlds"][0][name] for name in ("ribbon", "text"))
_DASHED: dict[str, Any] = {"color": MUTED, "linewidth": 1.0, "linestyle": (0.0, (4.0, 3.0))}
_WHISKER: dict[str, Any] = {"color": INK, "linewidth": 1.2, "zorder": 4}
_CAP: dict[str, Any] = {"color": INK, "marker": "|", "markersize": 6.0, "markeredgewidth": 1.2}
_SIGMA = {"marker": "D", "markersize": 5.5, "markerfacecolor": "white", "color": INK}
_SIGNS = {"+": (MORE, "rises with the number"), MINUS: (FEWER, "falls with it")}
_SIGNS |= {"±": ("#8a97a5", "does both")}


def plot_sensitivity(answers: Sequence[SensitivityResult], *, foot: str) -> Figure:
    """Plot all answers' factors in rows of panels, with separate rows for each policy.

    Args:
        answers: answers of one method. Answers without indices are left out.
        foot: text below the panels.

    Returns:
        The figure.
    """
    bands = _bands(answers)
    orders = [_order(band) for band in bands]
    morris = bands[0][0].indices[0].first is None
    row = 18.0 if morris else 25.0
    heads = [_HEAD + (20.0 if band[0].policy else 0.0) for band in bands]
    tall = [h + row * len(o) + _FOOT for h, o in zip(heads, orders, strict=True)]
    figure = style.new_figure(_WIDTH, _TOP + sum(tall) + 34.0)
    sheet, top = style.paper(figure), _TOP
    style.label(sheet, TITLE, _EDGE, 22.0, **style.HEAD)
    _legend(sheet, morris=morris)
    for band, order, head, height in zip(bands, orders, heads, tall, strict=True):
        if band[0].policy:
            text = f"Change that {band[0].policy} makes"
            style.label(sheet, text, _EDGE, top + 12.0, fontsize=style.LABEL, **style.BOLD)
        wide = (_WIDTH - 2 * _EDGE - _NAMES - _GAP * (len(band) - 1)) / len(band)
        for i, answer in enumerate(band):
            left = _EDGE + _NAMES + (wide + _GAP) * i
            ax = style.add_axes(figure, left, top + head, wide, row * len(order))
            _panel(ax, answer, order)
            if i == 0:
                _factor_names(ax, order, [set(factor.indistinct) for factor in band])
        top += height
    words = wrap(foot, _WIDTH, style.NOTE, 2)
    style.label(sheet, words, _EDGE, top + 12.0, fontsize=style.NOTE)
    return figure


def _bands(answers: Sequence[SensitivityResult]) -> list[list[SensitivityResult]]:
    """Distribute the answers on each policy evenly over bands of at most `_COLUMNS` answers."""
    bands = []
    for policy in dict.fromkeys(answer.policy for answer in answers if answer.indices):
        of_policy = [answer for answer in answers if answer.policy == policy and answer.indices]
        count = math.ceil(len(of_policy) / math.ceil(len(of_policy) / _COLUMNS))
        bands += [of_policy[i : i + count] for i in range(0, len(of_policy), count)]
    return bands


def _order(band: Sequence[SensitivityResult]) -> list[str]:
    """Return the factors by their highest relative effect in any panel, the dummy last."""
    part: dict[str, float] = {}
    for answer in band:
        strengths = [factor.strength.value for factor in answer.indices]
        sizes = np.nan_to_num(strengths, posinf=0.0, neginf=0.0)
        for factor, size in zip(answer.indices, sizes / (sizes.max() or 1.0), strict=True):
            part[factor.factor] = max(part.get(factor.factor, 0.0), float(size))
    return sorted(part, key=lambda name: (name == DUMMY, -part[name]))


def _factor_names(ax: Axes, order: Sequence[str], indistinct: Sequence[set[str]]) -> None:
    """Write the factors' names to the left of a panel. A long path is cut at its start."""
    faint, room = {DUMMY}.union(set.intersection(*indistinct)), int((_NAMES - 24.0) / 6.6)
    for i, name in enumerate(order):
        text = name if len(name) <= room else "…" + name[1 - room :]
        look = {"color": MUTED if name in faint else INK, "ha": "right", "shift": (-20.0, -4.0)}
        look["fontstyle"] = "italic" if name == DUMMY else "normal"
        style.label(ax, text, 0, i, "x axes", **look)


def _panel(ax: Axes, answer: SensitivityResult, order: Sequence[str]) -> None:
    """Draw the panel of one answer: heading, axis, level of the dummy, and one row per factor."""
    morris = answer.indices[0].first is None
    measure = MEASURES[answer.outcome]
    unit = "points of percent" if answer.policy else measure.unit
    ends = list[float]()
    for factor in answer.indices:
        more = [factor.first.low, factor.first.high] if factor.first else [factor.sigma]
        ends += style.finite((factor.strength.value, factor.strength.high, *more))
    ticks = style.round_ticks(ends if morris else np.clip(ends, *_LIMITS))
    ax.set(xlim=(ticks[0], ticks[-1]), ylim=(len(order) - 0.5, -0.5), yticks=[])
    texts = {tick: amount(tick, unit) if morris else plain(tick) for tick in ticks}
    style.name_ticks(ax, texts)
    ax.grid(axis="x", color=GRID, linewidth=1.0)
    ax.axvline(0.0, color=INK, linewidth=1.0)
    for i in range(0, len(order), 2):
        ax.axhspan(i - 0.5, i + 0.5, color="#f5f7fa", linewidth=0.0, zorder=-1)
    dummy = next(factor for factor in answer.indices if factor.factor == DUMMY).strength
    if math.isfinite(dummy.high):
        ax.axvspan(0.0, min(max(dummy.high, 0.0), ticks[-1]), color=_NOISE, linewidth=0.0, zorder=0)
        ax.axvline(max(dummy.value, 0.0), **_DASHED)
    for factor in answer.indices:
        clear = factor.factor not in answer.indistinct and factor.factor != DUMMY
        _row(ax, factor, order.index(factor.factor), clear=clear)
    bold = style.BOLD | {"fontsize": style.LABEL, "shift": (0.0, 23.0), "step": 14.0}
    style.label(ax, wrap(measure.label, style.size(ax)[0], style.NOTE, 2), 0, 1, "axes", **bold)
    note = f"{unit}, over the whole range" if morris else "share of the variance"
    style.label(ax, note, 0, 1, "axes", shift=(0.0, 8.0), fontsize=style.NOTE)


def _row(ax: Axes, factor: FactorIndices, at: int, *, clear: bool) -> None:
    """Draw the row of a factor, with filled bars only if it is distinct from the dummy."""
    if factor.first:
        _bar(ax, factor.strength, at - 0.2, 0.32, _TOTAL, clear=clear)
        _bar(ax, factor.first, at + 0.2, 0.2, _ALONE, clear=clear)
        return
    sign = (
        "±" if abs(factor.mu) < 0.5 * factor.strength.value else "+" if factor.mu > 0.0 else MINUS
    )
    _bar(ax, factor.strength, at, 0.5, _SIGNS[sign][0], clear=clear)
    if clear:
        look = style.BOLD | {"color": _SIGNS[sign][0], "shift": (-9.0, -4.0), "ha": "center"}
        style.label(ax, sign, 0, at, "x axes", fontsize=style.LABEL, **look)
        ax.plot([factor.sigma], [at], markeredgewidth=1.2, zorder=5, **_SIGMA)


def _bar(
    ax: Axes, estimate: IndexEstimate, y: float, tall: float, colour: str, *, clear: bool
) -> None:
    """Draw a bar from zero with its interval, both cut at the ends of the axis."""
    if not math.isfinite(estimate.value):
        style.label(ax, "not defined", 0.0, y, shift=(4.0, -4.0), fontsize=style.NOTE)
        return
    low, high = ax.get_xlim()
    value, *ends = np.clip((estimate.value, estimate.low, estimate.high), low, high)
    look = {"edgecolor": colour, "linewidth": 1.0, "gid": "bar" if clear else "hollow"}
    ax.barh([y], [value], height=tall, facecolor=colour if clear else "white", zorder=3, **look)
    if estimate.high > estimate.low:
        ax.plot(ends, [y, y], **_WHISKER)
        caps = [end for end in (estimate.low, estimate.high) if low <= end <= high]
        ax.plot(caps, [y] * len(caps), linestyle="none", zorder=4, **_CAP)


def _legend(sheet: Axes, *, morris: bool) -> None:
    """Draw the key to the marks in two lines."""
    marks = [(_WHISKER | _CAP, "95 % interval")]
    if morris:
        marks.append((_SIGMA | {"linestyle": "none"}, "sigma: how much it differs"))
        bars = [(colour, 9.0, f"{sign} {text}") for sign, (colour, text) in _SIGNS.items()]
    else:
        bars = [(_TOTAL, 8.0, "with all its interactions (total)")]
        bars.append((_ALONE, 5.0, "alone (first order)"))
    looks = [({"color": colour, "linewidth": wide}, text) for colour, wide, text in bars]
    style.key(sheet, [*looks, *marks], _EDGE, 34.0)
    dummy = [(_DASHED, "level of the dummy, which changes only the seeds")]
    dummy.append(({"color": _NOISE, "linewidth": 10.0}, "its 95 % interval"))
    hollow = {"color": MUTED, "marker": "s", "markerfacecolor": "white", "linestyle": "none"}
    dummy.append((hollow, "hollow: cannot be distinguished from the dummy"))
    style.key(sheet, dummy, _EDGE, 54.0)


def answer_title(outcome: str, policy: str | None) -> str:
    """Return the label of an outcome, with the policy if a change is analysed."""
    label = MEASURES[outcome].label
    return f"{label}, change under {policy}" if policy else label


def describe_sensitivity(answers: Sequence[SensitivityResult]) -> str:
    """Return the text alternative of `plot_sensitivity`: the strongest factors of each answer."""
    panels = []
    for answer in (answer for answer in answers if answer.indices):
        hidden = {*answer.indistinct, DUMMY}
        names = [factor.factor for factor in answer.indices if factor.factor not in hidden]
        head = answer_title(answer.outcome, answer.policy)
        panels.append(f"{head}: {', '.join(names[:5]) or 'none distinguishable from the dummy'}")
    return "Strongest first. " + "; ".join(panels) + "."
