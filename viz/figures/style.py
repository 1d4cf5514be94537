"""Look and layout of all charts. Lengths are in points, which are the units of the SVG viewBox.

Charts use neither pyplot nor rcParams, so that threads can draw at the same time and the user can
restyle every artist.
"""

import io
import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator, NullLocator

from viz.figures.markup import text_width, wrap
from viz.figures.numbers import plain, tick_texts
from viz.figures.palette import GRID, INK, MUTED

TITLE, LABEL, SMALL, NOTE = 14.0, 12.0, 11.0, 10.0  # type sizes
WIDTH = 460.0  # width of a chart that fills half a page
BAND = 0.16  # opacity of a 90 % band
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
BOLD: dict[str, Any] = {"color": INK, "fontweight": "bold"}
AREA: dict[str, Any] = {"alpha": BAND, "linewidth": 0.0}
DOTTED: dict[str, Any] = {"color": MUTED, "linewidth": 1.0, "linestyle": (0.0, (2.0, 3.0))}
HEAD: dict[str, Any] = BOLD | {"fontsize": TITLE + 1.0}  # title of a figure with several panels
PLATE = {"facecolor": "white", "edgecolor": "none", "pad": 1.5}  # background of texts on grids
_FRACTIONS = ("x axes", "y axes")  # coordinates in which only x or only y is a fraction
_TITLE = 1.25  # enlargement of titles on phones by page.css
PHONE = 1.2  # enlargement of other texts on phones by page.css
_NOTEBOOK_DPI = 110.0


class ChartFigure(Figure):
    """A figure that a notebook displays without pyplot and without ``%matplotlib inline``."""

    def _repr_png_(self) -> bytes:
        """Return the figure as PNG."""
        file = io.BytesIO()
        self.savefig(file, format="png", dpi=_NOTEBOOK_DPI)
        return file.getvalue()


def new_figure(width: float, height: float) -> Figure:
    """Return an empty white figure, with a width and a height in points."""
    return ChartFigure((width / 72.0, height / 72.0), facecolor="white")


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes without a frame to a figure.

    Args:
        figure: figure to which the axes are added.
        left, top: distances from the upper left corner of the figure, in points.
        width, height: size of the axes in points.

    Returns:
        The axes.
    """
    wide, tall = 72.0 * figure.get_size_inches()
    box = (left / wide, 1.0 - (top + height) / tall, width / wide, height / tall)
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    return _without_frame(axes)


def _without_frame(axes: Axes) -> Axes:
    """Remove the frame and the tick marks, and return the axes."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0.0, labelsize=SMALL, labelcolor=MUTED, pad=5.0)
    axes.set_axisbelow(True)
    return axes


def chart_axes(
    ax: Axes | None, height: float, margins: tuple[float, float, float, float], width: float = WIDTH
) -> Axes:
    """Return axes for a chart: `ax`, or axes on a new figure.

    Args:
        ax: axes of the caller, or None for a new figure.
        height: height of new axes.
        margins: left, top, right and bottom margin of a new figure.
        width: width of a new figure.

    Returns:
        The axes, without a frame.
    """
    if ax is not None:
        return _without_frame(ax)
    left, top, right, bottom = margins
    figure = new_figure(width, top + height + bottom)
    return add_axes(figure, left, top, width - left - right, height)


def paper(figure: Figure) -> Axes:
    """Add invisible axes that cover a figure, with points from the upper left corner as units."""
    wide, tall = 72.0 * figure.get_size_inches()
    axes = add_axes(figure, 0.0, 0.0, wide, tall)
    axes.set(xlim=(0.0, wide), ylim=(tall, 0.0))
    axes.axis("off")
    return axes


def size(axes: Axes) -> tuple[float, float]:
    """Return the width and the height of axes in points."""
    scale = 72.0 / axes.figure.dpi
    return axes.bbox.width * scale, axes.bbox.height * scale


def label(
    axes: Axes, words: str | Sequence[str], x: float, y: float, of: str = "data", **look: Any
) -> None:
    """Write lines of text on or next to axes. A dollar sign does not start a formula.

    Args:
        axes: axes that give the coordinates.
        words: one line or several lines.
        x, y: position of the first line, or of the last line if `step` is positive.
        of: coordinates of x and y: "data", "axes" for fractions of the axes, or "x axes" or
            "y axes" if only x or only y is a fraction.
        look: `shift` to the right and upwards in points, `step` upwards from line to line in
            points, and arguments for `Axes.annotate`.
    """
    first, second = ("axes fraction" if of in (name, "axes") else "data" for name in _FRACTIONS)
    place: dict[str, Any] = {"xycoords": (first, second), "textcoords": "offset points"}
    look = {"fontsize": SMALL, "color": MUTED, "annotation_clip": False, "parse_math": False} | look
    (right, up), step = look.pop("shift", (0.0, 0.0)), look.pop("step", -14.0)
    lines = [words] if isinstance(words, str) else list(words)
    for i, line in enumerate(reversed(lines) if step > 0.0 else lines):
        axes.annotate(line, (x, y), (right, up + step * i), **place, **look)


def heading(
    axes: Axes, title: str, unit: str = "", *, above: float = 12.0, left: float = 0.0
) -> None:
    """Write a bold title of at most two lines above axes, with the unit below the title.

    Args:
        axes: axes below the heading.
        title, unit: the texts.
        above: distance from the axes to the texts.
        left: distance by which the texts start to the left of the axes.
    """
    if unit:
        label(axes, unit, 0, 1, "axes", shift=(-left, above))
        above += 1.5 * SMALL
    lines = wrap(title, (size(axes)[0] + left) / _TITLE, TITLE)
    look = BOLD | {"fontsize": TITLE, "gid": "chart-title"}
    label(axes, lines, 0, 1, "axes", shift=(-left, above), step=1.25 * TITLE, **look)


def heading_height(title: str, unit: str = "") -> float:
    """Return the height of a `heading` with these texts, in points."""
    lines = wrap(title, (WIDTH - 20.0) / _TITLE, TITLE)
    return 16.0 + 1.25 * TITLE * len(lines) + (1.5 * SMALL if unit else 0.0)


def key(
    axes: Axes, marks: Iterable[tuple[Mapping[str, Any], str]], x: float, y: float, columns: int = 9
) -> None:
    """Draw a legend, whose entries have a short line, a marker and a text.

    Args:
        axes: axes on which to draw.
        marks: `Line2D` properties and text of each entry.
        x, y: upper left corner of the legend, from the upper left corner of the axes.
        columns: maximum number of entries per row.
    """
    wide, tall = size(axes)
    entries = list(marks)
    handles = [Line2D([], [], **look) for look, _ in entries]
    place: dict[str, Any] = {"loc": "upper left", "bbox_to_anchor": (x / wide, 1.0 - y / tall)}
    look: dict[str, Any] = {"fontsize": SMALL, "labelcolor": MUTED, "frameon": False}
    look |= {"borderpad": 0.0, "borderaxespad": 0.0, "handlelength": 1.5, "columnspacing": 1.0}
    legend = Legend(axes, handles, [words for _, words in entries], ncols=columns, **place, **look)
    axes.add_artist(legend)


def finite(values: Iterable[float]) -> list[float]:
    """Return the finite values as a list."""
    return [float(v) for v in values if math.isfinite(v)]


def mean_text(values: Iterable[float], missing: str) -> str:
    """Format the mean of the finite values, or return `missing` if there are none."""
    numbers = finite(values)
    return plain(float(np.mean(numbers))) if numbers else missing


def round_ticks(values: Iterable[float], count: int = 4) -> list[float]:
    """Return about `count` + 1 round numbers that cover 0 and all finite values."""
    numbers = [0.0, *finite(values)]
    low, high = min(numbers), max(numbers)
    if high - low < 1e-200:
        high = low + 1.0
    candidates = MaxNLocator(count, steps=[1, 2, 2.5, 5, 10]).tick_values(low, high)
    step = float(candidates[1] - candidates[0])
    ticks = [step * round(float(tick) / step) for tick in candidates]
    return [tick for tick in ticks if low - step < tick < high + step]


def value_axis(axes: Axes, ticks: Sequence[float], words: Sequence[str] | None = None) -> None:
    """Set limits, ticks, tick labels and grid lines on the y axis.

    Args:
        axes: axes whose y axis is set.
        ticks: positions of the ticks. The first and the last tick are the limits.
        words: labels of the ticks, by default their numbers.
    """
    axes.set_ylim(ticks[0], ticks[-1])
    texts = tick_texts(ticks) if words is None else words
    axes.set_yticks(list(ticks), list(texts), parse_math=False)
    axes.grid(axis="y", color=GRID, linewidth=1.0)


def name_ticks(
    axes: Axes, ticks: Mapping[float, str], *, fontsize: float = SMALL, named: bool = False
) -> None:
    """Set the ticks of the x axis. A label that would touch an earlier label is not written.

    Args:
        axes: the axes, whose x limits are set.
        ticks: labels by position, the most important first.
        fontsize: type size.
        named: whether to omit ticks whose label is not written.
    """
    wide, occupied, labels = size(axes)[0], list[tuple[float, float]](), dict[float, str]()
    to_fraction = axes.transData - axes.transAxes
    for value, words in ticks.items():
        half = PHONE * max(text_width(line, fontsize) for line in words.split("\n")) / 2
        x = to_fraction.transform((value, 0.0))[0] * wide
        if all(abs(x - other) > half + space + 7.0 for other, space in occupied):
            occupied.append((x, half))
            labels[value] = words
        elif not named:
            labels[value] = ""
    axes.set_xticks(list(labels), list(labels.values()), parse_math=False, fontsize=fontsize)


def root_axis(axes: Axes, end: float) -> None:
    """Set a square root scale from 0 to `end` on the x axis, which gives small values more room."""
    axes.set_xscale("function", functions=(lambda x: np.sqrt(np.maximum(x, 0.0)), np.square))
    axes.set_xlim(0.0, end)
    axes.xaxis.set_minor_locator(NullLocator())


def month_axis(axes: Axes, months: Sequence[str], names: Sequence[str] = MONTHS) -> None:
    """Set an x axis on which months or days are at their indices, with at most about seven names.

    Args:
        axes: axes whose x axis is set.
        months: months as 'YYYY-MM' or days as 'YYYY-MM-DD', in order.
        names: twelve short month names.
    """
    axes.set_xlim(0, max(1, len(months) - 1))
    firsts = [i for i, month in enumerate(months) if i == 0 or month[:7] != months[i - 1][:7]]
    gap = next((g for g in (1, 3, 6, 12, 24, 60, 120) if len(firsts) / g <= 7), 120)
    ticks: dict[float, str] = {}
    for k, i in enumerate(firsts):
        number = int(months[i][5:7])
        if (number - 1) % min(gap, 12) == 0 and k % gap < 12:
            year = f"\n{months[i][:4]}" if number == 1 or k == 0 else ""
            ticks[i] = names[number - 1] + year
    name_ticks(axes, ticks)
    axes.tick_params(axis="x", length=4.0, color=MUTED)
