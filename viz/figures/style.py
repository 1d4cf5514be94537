"""Look and layout that all charts share: type sizes, axes, headings, and labels at line ends.

Charts use `matplotlib.figure.Figure` without pyplot and set every property on the artist, not in
rcParams: threads can draw at the same time, and the user can restyle every artist.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Annotation
from matplotlib.ticker import MaxNLocator, NullLocator

from viz.figures.markup import text_width, wrap
from viz.figures.numbers import plain
from viz.figures.palette import GRID, INK, MUTED, ArmStyle

#: Type sizes in points. One point is one unit of the SVG viewBox.
TITLE, LABEL, SMALL = 14.0, 12.0, 11.0
WIDTH = 460.0  # points, of a chart that takes half of a page
BAND = 0.16  # opacity of a 90 % band
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_LINE = 1.25  # line height in units of the type size
_LETTER = 0.9  # width of a letter in units of the estimate of `text_width`


def new_figure(width: float, height: float) -> Figure:
    """Return an empty white figure; sizes in points."""
    return Figure((width / 72.0, height / 72.0), facecolor="white")


def add_axes(figure: Figure, left: float, top: float, width: float, height: float) -> Axes:
    """Add axes to a figure; all lengths in points, `left` and `top` from the upper left corner."""
    wide, tall = (72.0 * float(inches) for inches in figure.get_size_inches())
    box = (left / wide, 1.0 - (top + height) / tall, width / wide, height / tall)
    axes = figure.add_axes(box)
    axes.patch.set_visible(False)
    return axes


def new_axes(
    width: float, height: float, *, left: float, right: float, top: float, bottom: float
) -> Axes:
    """Return axes of `height` points in a new figure `width` points wide, with these margins."""
    figure = new_figure(width, top + height + bottom)
    return add_axes(figure, left, top, width - left - right, height)


def size(axes: Axes) -> tuple[float, float]:
    """Return the width and height of axes in points."""
    scale = 72.0 / axes.figure.dpi
    return axes.bbox.width * scale, axes.bbox.height * scale


def label(
    axes: Axes,
    words: str,
    at: tuple[float, float],
    *,
    offset: tuple[float, float] = (0.0, 0.0),
    of: Any = "axes fraction",
    fontsize: float = SMALL,
    color: str = MUTED,
    **look: Any,
) -> Annotation:
    """Write text on or next to axes; a dollar sign does not start a formula.

    Args:
        axes: the axes.
        words: the text.
        at, of: a point and its coordinates, as `xy` and `xycoords` of `Axes.annotate`.
        offset: distance of the text from the point, points, rightwards and upwards.
        fontsize, color: type size in points, and colour.
        look: more arguments of `Axes.annotate`.

    Returns:
        The artist.
    """
    return axes.annotate(
        words,
        at,
        xycoords=of,
        xytext=offset,
        textcoords="offset points",
        fontsize=fontsize,
        color=color,
        annotation_clip=False,
        parse_math=False,
        **look,
    )


def heading(
    axes: Axes, title: str, unit: str = "", *, above: float = 8.0, left: float = 0.0
) -> None:
    """Write a bold title of at most two lines, and the unit below it, above axes.

    Args:
        axes: the axes.
        title, unit: the texts.
        above: space between the axes and the last line, points.
        left: distance from the left edge of the axes to the text, points, leftwards.
    """
    lines = title_lines(title, size(axes)[0] + left)
    if unit:
        label(axes, unit, (0.0, 1.0), offset=(-left, above))
    for i, line in enumerate(reversed(lines)):
        lift = above + (1.5 * SMALL if unit else 0.0) + _LINE * TITLE * i
        look = {"fontsize": TITLE, "color": INK, "fontweight": "bold"}
        label(axes, line, (0.0, 1.0), offset=(-left, lift), **look).set_gid("chart-title")


def paper(figure: Figure) -> Axes:
    """Add invisible axes over a whole figure, in points from the upper left corner."""
    wide, tall = (72.0 * float(inches) for inches in figure.get_size_inches())
    axes = add_axes(figure, 0.0, 0.0, wide, tall)
    axes.set(xlim=(0.0, wide), ylim=(tall, 0.0))
    axes.axis("off")
    return axes


def key(
    axes: Axes, marks: Iterable[tuple[Mapping[str, Any], str]], at: tuple[float, float]
) -> float:
    """Draw a legend in one line: a short line with a marker, and text, for every entry.

    Args:
        axes: the axes.
        marks: arguments of `Axes.plot` and the text of every entry.
        at: left end of the line, points rightwards and downwards from the upper left corner.

    Returns:
        The right end of the legend, points from the left edge of the axes.
    """
    (wide, tall), (x, y) = size(axes), at
    for look, words in marks:
        across, up = [(x + dx) / wide for dx in (0.0, 8.0, 16.0)], 1.0 - y / tall
        place = {"transform": axes.transAxes, "clip_on": False, "solid_capstyle": "butt"}
        axes.plot(across, [up] * 3, markevery=[1], **place, **look)
        label(axes, words, (across[0], up), offset=(21.0, -0.36 * SMALL))
        x += 21.0 + _LETTER * text_width(words, SMALL) + 11.0
    return x


def title_lines(title: str, width: float = WIDTH) -> list[str]:
    """Return the lines of a title in a chart of this width."""
    return wrap(title, width / _LETTER, TITLE)


def heading_height(title: str, unit: str = "", width: float = WIDTH) -> float:
    """Return the space that `heading` needs above axes, points."""
    lines = len(title_lines(title, width))
    return 12.0 + _LINE * TITLE * lines + (1.5 * SMALL if unit else 0.0)


# ---- axes ---------------------------------------------------------------------------------------


def finite(values: Iterable[float]) -> list[float]:
    """Return the finite values as a list."""
    return [float(v) for v in values if math.isfinite(v)]


def round_ticks(values: Iterable[float], count: int = 4) -> list[float]:
    """Return about `count` + 1 round numbers that cover 0 and all finite values."""
    known = [0.0, *finite(values)]
    low, high = min(known), max(known)
    if high - low < 1e-200:
        high = low + 1.0
    found = MaxNLocator(count, steps=[1, 2, 5, 10]).tick_values(low, high)
    step = float(found[1] - found[0])
    ticks = [step * round(float(tick) / step) for tick in found]
    return [t for t in ticks if low - step < t < high + step]


def frame(axes: Axes) -> None:
    """Remove the box and the tick lines of axes and set the look of the tick labels."""
    axes.spines[:].set_visible(False)
    axes.tick_params(length=0.0, labelsize=SMALL, labelcolor=MUTED, pad=6.0)
    axes.tick_params(axis="x", pad=5.0)
    axes.set_axisbelow(True)


def value_axis(axes: Axes, ticks: Sequence[float], words: Sequence[str] | None = None) -> None:
    """Set the y axis from the first to the last tick, with grid lines and numbers at the left."""
    axes.set_ylim(ticks[0], ticks[-1])
    shown = [plain(tick) for tick in ticks] if words is None else words
    axes.set_yticks(list(ticks), list(shown), parse_math=False)
    axes.grid(axis="y", color=GRID, linewidth=1.0)


def month_axis(axes: Axes, months: Sequence[str], names: Sequence[str] = MONTHS) -> None:
    """Set an x axis of months 'YYYY-MM' by index, with about six names and the years below.

    Args:
        axes: the axes.
        months: the months in their order; other texts are shown as they are.
        names: short names of the twelve months.
    """
    marks = _month_marks(months)
    axes.set_xlim(0, max(1, len(months) - 1))
    words = [names[number - 1] if number else months[i] for i, number in marks]
    axes.set_xticks([i for i, _ in marks], words, parse_math=False)
    for i, number in marks:
        axes.axvline(i, 0.0, -4.0 / size(axes)[1], clip_on=False, color=MUTED, linewidth=1.0)
        if number == 1 or (number and i == 0):
            look = {"of": ("data", "axes fraction"), "ha": "center"}
            label(axes, months[i][:4], (i, 0.0), offset=(0.0, -17.0 - SMALL), **look)


def _month_marks(months: Sequence[str]) -> list[tuple[int, int]]:
    """Return indices of the months to name with their numbers; 0 for a text of another form."""
    gap = next((g for g in (1, 3, 6, 12, 24, 60, 120) if len(months) / g <= 7), 120)
    marks = []
    for i, month in enumerate(months):
        number = int(month[5:7]) if month[5:7].isdecimal() and len(month) == 7 else 0
        if not 1 <= number <= 12:
            marks += [(i, 0)] if i % gap == 0 else []
        elif (number - 1) % min(gap, 12) == 0 and (gap <= 12 or i % gap < 12):
            marks.append((i, number))
    return marks or [(0, 0)] * bool(months)


def root_axis(axes: Axes, most: float) -> None:
    """Set an x axis from 0 to `most` on a square root scale: small budgets get more room."""
    axes.set_xscale("function", functions=(_root, np.square))
    axes.set_xlim(0.0, most)
    axes.xaxis.set_minor_locator(NullLocator())


def _root(values: np.ndarray) -> np.ndarray:
    """Return the square root; 0 for negative values."""
    return np.sqrt(np.maximum(values, 0.0))


def keep_inside(axes: Axes) -> None:
    """Align the first and the last tick label of the x axis with the edges of the axes."""
    texts = axes.get_xticklabels()
    if texts:
        texts[0].set_horizontalalignment("left")
        texts[-1].set_horizontalalignment("right")


# ---- labels at line ends ------------------------------------------------------------------------


def spread(wishes: Sequence[float], heights: Sequence[float], high: float) -> list[float]:
    """Move labels apart: return tops near the wishes, from 0 to `high`, none over another.

    Args:
        wishes: wanted tops, ascending, points downwards.
        heights: heights of the labels, points.
        high: lower limit of the last label, points.

    Returns:
        The tops.
    """
    tops: list[float] = []
    free = 0.0
    for wish, height in zip(wishes, heights, strict=True):
        tops.append(max(free, wish))
        free = tops[-1] + height
    limit = high
    for i in reversed(range(len(tops))):
        tops[i] = min(tops[i], limit - heights[i])
        limit = tops[i]
    return tops


def end_labels(
    axes: Axes,
    ends: Sequence[tuple[float, float, ArmStyle, str]],
    *,
    room: float,
    gap: float = 12.0,
    start: float = 0.0,
    lines: int = 3,
    group: str = "arm",
) -> None:
    """Write names with their marks right of axes, each joined to the end of its line.

    Args:
        axes: the axes, with their limits set.
        ends: x and y of the end of a line (data), its style and its name.
        room: width of the names, points.
        gap, start: distances of the marks and of the leader lines from the axes, points.
        lines: most lines of a name.
        group: prefix of the gids, which end with the position in `ends`.
    """
    wide, tall = size(axes)
    entries = []
    for i, (x, y, style, name) in enumerate(ends):
        across, up = axes.transAxes.inverted().transform(axes.transData.transform((x, y)))
        words = wrap(name, room / _LETTER, SMALL, lines)
        entries.append(((1.0 - up) * tall, across, style, words, f"{group} {group}-{i}"))
    entries.sort(key=lambda entry: entry[0])
    heights = [_LINE * SMALL * len(entry[3]) + 3.0 for entry in entries]
    wishes = [entry[0] - height / 2 + 10.0 for entry, height in zip(entries, heights, strict=True)]
    tops = spread(wishes, heights, tall + 36.0)
    for (y, across, style, words, gid), top in zip(entries, tops, strict=True):
        middle = 1.0 - (top - 4.0) / tall
        look: dict[str, Any] = {"transform": axes.transAxes, "clip_on": False, "gid": gid}
        mark = 1.0 + gap / wide
        first = max(across, 1.0 + start / wide) if start else across
        leader = ([first, mark - 5.0 / wide], [1.0 - y / tall, middle])
        axes.plot(*leader, color=style.colour, linewidth=0.8, **look)
        face = {"marker": style.symbol, "markersize": 6.5, "color": style.colour}
        axes.plot([mark], [middle], **face, **look)
        for k, line in enumerate(words):
            down = -0.36 * SMALL - _LINE * SMALL * k
            label(axes, line, (mark, middle), offset=(8.0, down), color=INK).set_gid(gid)


def fits(x: float, words: str, taken: list[tuple[float, float]], fontsize: float = SMALL) -> bool:
    """Whether centred text at `x` (points) is free of the texts `taken`; if so, add it to them."""
    half = _LETTER * text_width(words, fontsize) / 2 + 3.0
    free = all(abs(x - other) > half + wide for other, wide in taken)
    if free:
        taken.append((x, half))
    return free
