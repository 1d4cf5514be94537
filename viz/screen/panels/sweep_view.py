"""Sweep figures by one factor, as lines, or by two, as heat maps."""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

import solara
from matplotlib import colormaps
from matplotlib.colors import to_hex

from abm.measures.criteria import CRITERIA
from experiments.sweeps.pivot import POINT, CellMean, Pivot, PivotAxis, Place
from experiments.sweeps.store_list import StoreSummary
from viz.figures.levels import plot_levels
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, rounded, signed_amount
from viz.figures.svg import svg
from viz.screen.panels.parts import box, button, note, raw
from viz.screen.session.session import Session
from viz.screen.sweeps.sweep_plan import axis_name, factor_name, level_text
from viz.screen.words import Words

_PAIRED = 6  # columns up to which two heat maps are side by side


@dataclass(frozen=True)
class SweepView:
    """What the page has selected.

    Attributes:
        store: the sweep's name.
        paths: one or two factors.
        flow, human: outcomes of the two charts: a flow and a human cost.
        base, cell: the cells A and B.
        less: whether figures are differences from A.
        held: the values at which other factors are held, by factor.
    """

    store: str = ""
    paths: tuple[str, ...] = ()
    flow: str = "got_aways"
    human: str = "deaths"
    base: Place | None = None
    cell: Place | None = None
    less: bool = False
    held: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class SweepShown:
    """A store on the page, and its figures for some outcomes.

    Attributes:
        session: session of the visitor.
        view: the reactive `SweepView`.
        now: `view` with all defaults filled in.
        store: the store.
        levels, changes: figures by outcome, and their differences from A.
        outcomes: their keys.
    """

    session: Session
    view: Any
    now: SweepView
    store: StoreSummary
    levels: Pivot
    changes: Pivot
    outcomes: tuple[str, ...]

    @property
    def pivot(self) -> Pivot:
        """Return the figures that the visitor has chosen."""
        return self.changes if self.now.less else self.levels

    def choose(self, *place: int) -> None:
        """Make a place B."""
        self.view.set(dataclasses.replace(self.now, cell=place))

    def mark(self, place: Place) -> str:
        """Return A or B for the base and the chosen cell, else an empty text."""
        return "A" if place == self.now.base else "B" if place == self.now.cell else ""

    def title(self, name: str) -> str:
        """Return the label of an outcome, with a mark for a human cost."""
        about = CRITERIA.get(name)
        if about is None:
            return name
        label = self.session.words.translate(about.label)
        return f"◆ {label}" if about.group == "people" else label

    def texts(self, name: str, place: Place) -> tuple[str, str]:
        """Return the texts of an outcome at a place, see `figure_texts`.

        Args:
            name: the outcome.
            place: position on every axis.

        Returns:
            The figure and its range.
        """
        figure = self.pivot.figure(name, place)
        return figure_texts(self.session.words, figure, name, less=self.now.less)


def reactive_view(session: Session) -> Any:
    """Return the reactive `SweepView` of a session, kept while another page is open."""
    return session.notes.setdefault("sweep", solara.reactive(SweepView()))


def _unit(name: str) -> str:
    """Return the unit of an outcome."""
    return CRITERIA[name].unit if name in CRITERIA else ""


def figure_texts(t: Words, figure: CellMean, name: str, *, less: bool) -> tuple[str, str]:
    """Format a figure of an outcome and its range.

    Args:
        t: words in the display language.
        figure: mean and range.
        name: the outcome's name.
        less: whether it is a difference, which has a sign.

    Returns:
        The mean, and the range, which is empty for a single replicate.
    """
    form, unit = signed_amount if less else amount, _unit(name)
    ends = (figure.mean, figure.low, figure.high)
    mean, low, high = (form(rounded(v), unit) if math.isfinite(v) else "–" for v in ends)
    several = figure.replicates > 1
    return mean, t("chart.range").format(low=low, high=high) if several else ""


def range_cell(texts: tuple[str, str]) -> str:
    """Build a figure with its range, see `figure_texts`, as markup."""
    return esc(texts[0]) + el("small", esc(texts[1]))


@solara.component
def SweepFigures(shown: SweepShown):
    """Show two outcomes side by side, with notes on the figures."""
    axes = shown.pivot.axes
    wide = len(axes) == 2 and len(axes[0].labels) > _PAIRED
    with box(cls="tb-card", tag="section"):
        with box(cls="tb-two tb-two-wide" if wide else "tb-two"):
            for name in shown.outcomes:
                with box(cls="tb-one"):
                    (_Map if len(axes) == 2 else _Line)(shown, name)
        if len(axes) == 1:
            _Levels(shown)
        for line in figure_notes(shown.session.words, shown.pivot):
            note(line)


def figure_notes(t: Words, pivot: Pivot) -> list[str]:
    """Describe the means and where their ranges are, averaged numbers, and values left out.

    Args:
        t: words in the display language.
        pivot: the figures on the page.

    Returns:
        Sentences.
    """
    cells = (cell for places in pivot.figures.values() for cell in places.values())
    several = any(cell.replicates > 1 for cell in cells)
    where = ("mean_map" if len(pivot.axes) == 2 else "mean_line") if several else "mean_one"
    lines = [t(f"store.{where}")]
    if pivot.others:
        names = ", ".join(factor_name(t, path) for path in pivot.others)
        lines.append(f"{t('store.averaged')} {names}.")
    if any(axis.edges for axis in pivot.axes):
        lines.append(t("store.binned"))
    for axis in pivot.axes:
        if axis.left_out:
            lines.append(f"{factor_name(t, axis.path)}: {axis.left_out} {t('store.left_out')}")
    return lines


def level_labels(t: Words, axis: PivotAxis, scenario: str = "") -> tuple[str, ...]:
    """Return the level labels along an axis, in readable units, see `level_text`."""
    if axis.path == POINT or axis.edges or not axis.is_numeric:
        return axis.labels
    return tuple(level_text(t, axis.path, value, scenario) for value in axis.centres)


# ---- two factors --------------------------------------------------------------------------------


@solara.component
def _Map(shown: SweepShown, name: str):
    """Show an outcome as a heat map."""
    t, pivot, (across, down) = shown.session.words, shown.pivot, shown.pivot.axes
    scenario = shown.store.scenario
    means = [pivot.figure(name, place).mean for place in pivot.places]
    colour = scale(means, changes=shown.now.less)
    cells = [
        [_heat_cell(shown, name, (x, y), colour) for x in range(len(across.labels))]
        for y in range(len(down.labels))
    ]
    columns, rows = (
        (axis_name(t, axis.path, scenario), level_labels(t, axis, scenario))
        for axis in (across, down)
    )
    title = f"{shown.title(name)}, {t.translate(_unit(name))}"
    Heat(title, columns, rows, cells, shown.choose)


def _heat_cell(shown: SweepShown, name: str, place: Place, colour: Any) -> HeatCell:
    """Return a cell with its mean. Its label adds levels, range and runs."""
    figure, (text, ends) = shown.pivot.figure(name, place), shown.texts(name, place)
    t, levels = shown.session.words, zip(shown.pivot.axes, place, strict=True)
    where = ", ".join(level_labels(t, axis, shown.store.scenario)[at] for axis, at in levels)
    label = f"{where}: {text}" + (f" ({ends})" if ends else "") + f", n = {figure.runs}"
    return HeatCell(text, label, colour(figure.mean), shown.mark(place))


# ---- one factor ---------------------------------------------------------------------------------


@solara.component
def _Line(shown: SweepShown, name: str):
    """Show an outcome as a line."""
    t, axis, places = shown.session.words, shown.pivot.axes[0], shown.pivot.places
    texts = [shown.texts(name, place)[0] for place in places]
    axis = dataclasses.replace(axis, labels=level_labels(t, axis, shown.store.scenario))
    html = lines_svg(
        axis,
        tuple(shown.pivot.figure(name, place) for place in places),
        tuple(map(shown.mark, places)),
        title=shown.title(name),
        unit=t.translate(_unit(name)),
        alternative="; ".join(
            f"{level}: {text}" for level, text in zip(axis.labels, texts, strict=True)
        ),
        name=axis_name(t, axis.path, shown.store.scenario),
    )
    raw(html, cls="tb-lines")


@lru_cache(64)
def lines_svg(
    axis: PivotAxis,
    figures: tuple[CellMean, ...],
    marks: tuple[str, ...],
    *,
    title: str,
    unit: str,
    alternative: str,
    name: str,
) -> str:
    """Draw a dot with its range for each level, joined by a line if the levels are numbers.

    Args:
        axis: the levels of the factor.
        figures: mean and range by level.
        marks: "A", "B" or an empty text for each level.
        title, unit: title and unit of the outcome.
        alternative: the text for readers who do not see the chart.
        name: the factor's name.

    Returns:
        The chart as SVG. Equal arguments are drawn once.
    """
    ax = plot_levels(
        axis.centres,
        axis.labels,
        figures,
        title=title,
        unit=unit,
        factor=name,
        marks={at: mark for at, mark in enumerate(marks) if mark},
        joined=axis.is_numeric,
    )
    return svg(ax, title, alternative)


@solara.component
def _Levels(shown: SweepShown):
    """Show a table with a row for each level and a button that makes it B."""
    t = shown.session.words
    labels = level_labels(t, shown.pivot.axes[0], shown.store.scenario)
    heads = [t("store.level"), *map(shown.title, shown.outcomes), t("store.runs"), ""]
    press = t("store.choose_cell")
    with box(cls="tb-heat-room"), box(cls="tb-outcomes tb-levels-of", tag="table"):
        raw(el("tr", *(el("th", esc(head), scope="col") for head in heads)), tag="thead")
        with box(tag="tbody"):
            for place in shown.pivot.places:
                label = labels[place[0]]
                more: Any = {"aria_label": f"{press} {label}", "small": True, "text": True}
                with box(tag="tr"):
                    _row(shown, label, place)
                    with box(tag="td"):
                        button(press, partial(shown.choose, *place), **more)


def _row(shown: SweepShown, label: str, place: Place) -> None:
    """Show a level, its figures with their ranges, and how many runs it has."""
    mark = shown.mark(place)
    raw(esc(label) + (f" <b>{mark}</b>" if mark else ""), tag="th")
    for name in shown.outcomes:
        raw(range_cell(shown.texts(name, place)), tag="td")
    raw(str(shown.pivot.figure(shown.outcomes[0], place).runs), tag="td")


# ---- a heat map as a table of buttons, with figures in its cells, so that colour is never alone
#: Ten colours of the scale Cividis (Nuñez, Anderton and Renslow 2018, PLoS ONE 13(7) e0199239).
CIVIDIS = tuple(to_hex(colormaps["cividis"].resampled(10)(k)).upper() for k in range(10))
#: Fewer, no change, more: blue and vermillion of Okabe and Ito, towards white in the middle.
CHANGES = (
    *("#0072B2", "#3D94C6", "#7FB8DC", "#BFDCEE"),
    "#F5F5F5",
    *("#F9D9C4", "#F0AE82", "#E4813F", "#D55E00"),
)
EMPTY = "#FFFFFF"
_LIGHT, _DARK = "#FFFFFF", "#000000"  # one of them has a contrast of 4.5 to 1 on any colour


@dataclass(frozen=True, slots=True)
class HeatCell:
    """A heat map cell.

    Attributes:
        text: text inside the cell.
        label: full label, for readers who do not see the colour.
        colour: background, as "#RRGGBB".
        mark: "A", "B" or empty.
    """

    text: str
    label: str
    colour: str
    mark: str = ""


def scale(values: Sequence[float], *, changes: bool) -> Callable[[float], str]:
    """Create a colour scale.

    Args:
        values: the values of the map.
        changes: whether the scale is symmetric around 0 instead of lowest to highest.

    Returns:
        A function from a value to its colour.
    """
    known = [value for value in values if math.isfinite(value)]
    high = max(map(abs, known), default=0.0) if changes else max(known, default=0.0)
    low = -high if changes else min(known, default=0.0)
    colours = CHANGES if changes else CIVIDIS
    steps = [low + (high - low) * (k + 1) / len(colours) for k in range(len(colours) - 1)]

    def colour(value: float) -> str:
        if not math.isfinite(value):
            return EMPTY
        if high <= low:
            return colours[len(colours) // 2]
        return colours[bisect.bisect_left(steps, value)]

    return colour


def ink(colour: str) -> str:
    """Return the text colour with the higher contrast on a background, by WCAG 2."""
    # the contrasts 1.05 / (L + 0.05) with white and (L + 0.05) / 0.05 with black are equal here
    return _LIGHT if _luminance(colour) + 0.05 < math.sqrt(1.05 * 0.05) else _DARK


def _luminance(colour: str) -> float:
    """Return the relative luminance for a colour like ``#0072B2``."""
    parts = [int(colour[k : k + 2], 16) / 255.0 for k in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.03928 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


@solara.component
def Heat(
    title: str,
    across: tuple[str, Sequence[str]],
    down: tuple[str, Sequence[str]],
    cells: Sequence[Sequence[HeatCell]],
    on_choose: Callable[[int, int], None],
):
    """Show a heat map.

    Args:
        title: caption of the table.
        across, down: name and levels of the column factor and the row factor.
        cells: cells by row.
        on_choose: called with column and row of a cell.
    """
    with box(cls="tb-heat-room"), box(cls="tb-heat", tag="table"):
        raw(esc(title), tag="caption")
        _heads(across, down[0])
        with box(tag="tbody"):
            for row, (name, line) in enumerate(zip(down[1], cells, strict=True)):
                with box(tag="tr"):
                    box(name, tag="th", scope="row")
                    for column, cell in enumerate(line):
                        _Cell(cell, lambda column=column, row=row: on_choose(column, row))


def _heads(across: tuple[str, Sequence[str]], down: str) -> None:
    """Show both factors' names and the column levels."""
    name, levels = across
    names = f'<td class="tb-axis">{esc(down)} ↓</td>'
    names += f'<th class="tb-axis" scope="colgroup" colspan="{len(levels)}">{esc(name)} →</th>'
    cells = "".join(f'<th scope="col">{esc(level)}</th>' for level in levels)
    raw(f"<tr>{names}</tr><tr><td></td>{cells}</tr>", tag="thead")


@solara.component
def _Cell(cell: HeatCell, on_press: Callable[[], None]):
    """Show a cell as a button."""
    attributes = {"type": "button", "aria-label": cell.label, "title": cell.label}
    # an element that is created and not used would appear next to the cell
    marks = [cell.mark] if cell.mark else []
    with box(tag="td"):
        button = solara.v.Html(
            tag="button",
            class_=f"tb-square tb-square-{cell.mark.lower() or 'none'}",
            style_=f"background:{cell.colour};color:{ink(cell.colour)}",
            attributes=attributes,
            children=[*(box(mark, tag="b", cls="tb-square-mark") for mark in marks), cell.text],
        )
        solara.v.use_event(button, "click", lambda *_: on_press())
