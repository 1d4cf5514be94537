"""Charts of a validation: monthly bands with observed data, and tolerances."""

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes

from experiments.validation.targets import Target
from experiments.validation.validate import MonthlyBands, PartResult
from viz.figures import style
from viz.figures.markup import el, esc, wrap
from viz.figures.numbers import format_with_unit
from viz.figures.palette import ACCEPTED, FEWER, GRID, HIT, INK, MISS, MUTED, ArmStyle, marker

_LEFT, _SHADE = 62.0, "#f3ead2"
_RECORD: dict[str, Any] = {"color": INK, "linewidth": 1.4, "linestyle": (0.0, (2.9, 1.4))}
_RECORD |= {"marker": "o", "markersize": 4.0}
_AREA: dict[str, Any] = {"color": FEWER, "linewidth": 9.0}
_ROW, _LABELS = 30.0, 360.0  # points; height of a row of tolerances, width of its label
_OBSERVED: dict[str, Any] = {"color": INK, "linestyle": "none", "marker": "|"}
_OBSERVED |= {"markersize": 12.0, "markeredgewidth": 2.0}
_ACCEPTED = (0.34, 0.66)  # edges of the accepted range in every row, as shares of the width
_EDGE, _NEAR = 8.0, 14.0  # percent of the width; margin, minimum distance between labels
_INSIDE, _OUTSIDE = ArmStyle(HIT, "", "circle"), ArmStyle(MISS, "", "triangle")


def plot_bands(
    bands: MonthlyBands,
    name: str,
    *,
    title: str,
    unit: str,
    labels: Mapping[str, str],
    share: bool = False,
    ax: Axes | None = None,
) -> Axes:
    """Plot a monthly series: median, 50 % and 90 % bands, and the observed data.

    Months after the supply data end are shaded: they are predictions.

    Args:
        bands: simulated and observed series of an episode.
        name: name of the series.
        title, unit: texts above the axes.
        share: whether the values are shares, which are plotted in percent.
        labels: texts of the key, and translated month names by English name ("Jan", ...).
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes.
    """
    top = style.heading_height(title, unit) + 42.0
    ax = style.chart_axes(ax, 190.0, (_LEFT, top, 10.0, 36.0))
    factor, line = 100.0 if share else 1.0, {"color": FEWER, "linewidth": 2.2}
    simulated = factor * np.asarray(bands.simulated[name])
    observed = factor * np.asarray(bands.observed[name])
    style.month_axis(ax, bands.months, [labels.get(month, month) for month in style.MONTHS])
    style.value_axis(ax, style.round_ticks((*simulated.ravel(), *observed)))
    count, n_past = len(bands.months), sum(month <= bands.known for month in bands.months)
    if n_past < count:
        shade = {"color": _SHADE, "linewidth": 0.0, "gid": "held-out", "zorder": 0}
        ax.axvspan(n_past - 0.5 if n_past else 0.0, count - 1, **shade)
    for low, high, alpha in ((0, 4, style.BAND), (1, 3, 0.3)):
        face = {"color": FEWER, "linewidth": 0.0, "alpha": alpha}
        ax.fill_between(range(count), simulated[low], simulated[high], **face)
    ax.plot(range(count), simulated[2], **line)
    ax.plot(range(count), observed, **_RECORD)
    inner, outer, held_out = {"alpha": 0.4}, {"alpha": style.BAND}, {"color": _SHADE}
    looks = (line, _AREA | inner, _AREA | outer, _RECORD, _AREA | held_out)
    texts = (labels[key] for key in ("model", "inner", "outer", "record", "held"))
    style.key(ax, zip(looks, texts, strict=True), 4.0 - _LEFT, -42.0, columns=3)
    style.heading(ax, title, unit, above=50.0, left=_LEFT - 4.0)
    return ax


def describe_bands(
    bands: MonthlyBands, name: str, *, labels: Mapping[str, str], share: bool = False
) -> str:
    """Return the text alternative of `plot_bands`: means up to the last known month and after it.

    Args:
        bands, name, share, labels: as in `plot_bands`.
    """
    before, parts = np.array([month <= bands.known for month in bands.months]), []
    series = {"model": bands.simulated[name][2], "record": bands.observed[name]}
    for when, months in (("to", before), ("after", ~before)):
        means = []
        for key, values in series.items():
            scaled = (100.0 if share else 1.0) * np.asarray(values)[months]
            means.append(f"{labels[key]} {style.mean_text(scaled, '–')}")
        parts.append(f"{labels[when]} {bands.known} {', '.join(means)}")
    return f"{labels['means']}: {'; '.join(parts)}."


def plot_tolerances(parts: Sequence[PartResult], *, title: str, ax: Axes | None = None) -> Axes:
    """Plot the accepted range, the observed value and the simulated 90 % range of each part.

    The accepted range has the same width in every row. Values outside the drawn range appear at its
    edge. Parts that are only reported have no accepted range and are left out.

    Args:
        parts: parts of patterns with their targets.
        title: text above the axes.
        ax: axes to draw on, by default on a new figure.

    Returns:
        The axes, on which x is the result of `tolerance_place` and y is the row.
    """
    judged = [part for part in parts if part.target.judged]
    top = style.heading_height(title) + 20.0
    ax = style.chart_axes(
        ax, _ROW * len(judged) + 1.0, (_LABELS, top, 90.0, 4.0), 2.0 * style.WIDTH
    )
    ax.set(xlim=(0.0, 1.0), ylim=(max(1, len(judged)) - 0.5, -0.5), xticks=[])
    labels = (f"{part.target.pattern} {part.target.label}" for part in judged)
    names = ["\n".join(wrap(label, _LABELS, style.SMALL, 2)) for label in labels]
    ax.set_yticks(range(len(judged)), names, parse_math=False)
    ax.tick_params(axis="y", labelcolor=INK)
    for y, part in enumerate(judged):
        target, simulated = part.target, part.simulated
        bounds = (target.low, target.high, simulated.low90, simulated.high90)
        low, high, low90, high90 = (tolerance_place(target, value) for value in bounds)
        ax.barh([y], [max(high - low, 0.005)], left=low, height=0.45, color=GRID, linewidth=0.0)
        if math.isfinite(target.observed):
            ax.plot([tolerance_place(target, target.observed)], [y], **_OBSERVED)
        text = format_with_unit(simulated.median, target.unit)
        if math.isfinite(simulated.median):
            look = _INSIDE if part.inside else _OUTSIDE
            ax.plot([low90, high90], [y, y], linewidth=2.5, color=look.colour)
            edge: dict[str, Any] = {"markeredgecolor": "white", "clip_on": False}
            ax.plot([tolerance_place(target, simulated.median)], [y], **look.mark(8.5), **edge)
        else:
            text = "not simulated"
        style.label(ax, text, 1.0, y, shift=(10.0, -4.0), color=INK)
    marks = [
        ({"color": GRID, "linewidth": 10.0}, "tolerance"),
        (_OBSERVED, "observed"),
        (_INSIDE.mark(7.0), "model, inside"),
        (_OUTSIDE.mark(7.0), "model, outside"),
    ]
    style.key(ax, marks, 4.0 - _LABELS, -19.0)
    style.heading(ax, title, above=26.0, left=_LABELS - 4.0)
    return ax


def tolerance_place(target: Target, value: float) -> float:
    """Return the position of a value between 0 and 1, where the middle third is accepted.

    Args:
        target: target with the accepted range.
        value: value in the unit of the target.

    Returns:
        The position as a share of the width. Values beyond an edge are moved to the edge.
    """
    width = target.high - target.low
    share = (value - target.low) / width if width > 0 else 0.5 + (value - target.low)
    return min(1.0, max(0.0, _ACCEPTED[0] + (_ACCEPTED[1] - _ACCEPTED[0]) * share))


def draw_fact(part: PartResult, name: str, figure: Callable[[float], str] | None = None) -> str:
    """Draw the accepted range, the observed value, and the simulated median with its 90 % range.

    Args:
        part: part of a pattern with its target.
        name: text alternative.
        figure: formats the labels of a drawing with its own scale. Without it, the drawing has no
            labels, and the accepted range has the same position in every drawing.

    Returns:
        The drawing as SVG, with positions in percent of its container's width.
    """
    target, simulated = part.target, part.simulated
    ends = [target.low, target.high, target.observed, simulated.low90, simulated.high90]
    low, high = min(style.finite(ends)), max(style.finite(ends))
    y, half, size = (32.0, 13.0, 8.0) if figure else (10.0, 7.0, 5.0)

    def place(value: float) -> float:
        if figure is None:
            return 100.0 * tolerance_place(target, value)
        return _EDGE + (100.0 - 2.0 * _EDGE) * (value - low) / ((high - low) or 1.0)

    def line(low: float, high: float, **look: object) -> str:
        return el("line", x1=f"{low:.2f}%", x2=f"{high:.2f}%", **look)

    left, right = place(target.low), place(target.high)
    band = {"y": y - half, "height": 2.0 * half, "fill": ACCEPTED, "class_": "accepted"}
    shapes = [
        line(0.0, 100.0, y1=y, y2=y, stroke=ACCEPTED, stroke_width=1.5),
        el("rect", x=f"{left:.2f}%", width=f"{max(right - left, 1.0):.2f}%", **band),
    ]
    labels = [(target.low, left, MUTED), (target.high, right, MUTED)]
    if math.isfinite(target.observed):
        at = place(target.observed)
        stroke = {"y1": y - half - 1.0, "y2": y + half + 1.0, "stroke": INK, "stroke_width": 3}
        shapes.append(line(at, at, **stroke, class_="observed"))
        labels = [label for label in labels if abs(label[1] - at) > _NEAR]
        labels.append((target.observed, at, INK))
    if math.isfinite(simulated.median):
        colour, shape = (HIT, "circle") if part.inside else (MISS, "triangle")
        ranged = {"y1": y, "y2": y, "stroke": colour, "stroke_width": size / 2.0}
        shapes.append(line(place(simulated.low90), place(simulated.high90), **ranged))
        at = place(simulated.median)
        mark = marker(shape, 0.0, 0.0, size, fill=colour, stroke="#fff", class_=shape)
        shapes.append(el("svg", mark, x=f"{at:.2f}%", y=y, overflow="visible"))
        if figure:
            shapes.append(_fact_label(figure(simulated.median), at, y + half + 17.0, colour, 14))
    if figure:
        shapes += [_fact_label(figure(v), x, y - half - 6.0, c, 12) for v, x, c in labels]
    frame = {"role": "img", "aria_label": name, "overflow": "visible"}
    return el("svg", *shapes, width="100%", height=2.0 * y, **frame)


def _fact_label(content: str, x: float, y: float, colour: str, size: int) -> str:
    """Return the label of a value, centred at `x` percent of the width."""
    weight = 400 if colour == MUTED else 700
    look = {"fill": colour, "text_anchor": "middle", "font_size": size, "font_weight": weight}
    return el("text", esc(content), x=f"{x:.2f}%", y=y, **look)
