"""Sweep figures by one factor, as lines, or by two, as heat maps."""

from __future__ import annotations

import bisect
import dataclasses
import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import solara
from matplotlib import colormaps
from matplotlib.colors import to_hex

from abm.measures.criteria import CRITERIA
from experiments.sweeps.pivot import CellMean, Pivot, PivotAxis, Place
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
    """The selection on the page of a sweep: factors, outcomes and cells.

    Attributes:
        store: the sweep's name.
        paths: one or two factors.
        flow, human: outcomes of the two charts: a flow and a human cost.
        base, cell: the cells A and B.
        less: whether figures are differences from A.
        fixed: the values at which other factors are fixed, by factor.
    """

    store: str = ""
    paths: tuple[str, ...] = ()
    flow: str = "got_aways"
    human: str = "deaths"
    base: Place | None = None
    cell: Place | None = None
    less: bool = False
    fixed: tuple[tuple[str, Any], ...] = ()


@dataclass(frozen=True, eq=False)
class StorePage:
    """A store on the page, and its figures for some outcomes.

    Attributes:
        session: session of the visitor.
        view: the reactive `SweepView`.
        selection: `view` with all defaults filled in.
        store: the store.
        levels, changes: figures by outcome, and their differences from A.
        outcomes: their keys.
    """

    session: Session
    view: Any
    selection: SweepView
    store: StoreSummary
    levels: Pivot
    changes: Pivot
    outcomes: tuple[str, ...]

    @property
    def pivot(self) -> Pivot:
        """Return the figures that the visitor has chosen."""
        return self.changes if self.selection.less else self.levels

    def choose(self, *place: int) -> None:
        """Make a place B."""
        self.view.set(dataclasses.replace(self.selection, cell=place))

    def mark(self, place: Place) -> str:
        """Return A or B for the base and the chosen cell, else an empty text."""
        return "A" if place == self.selection.base else "B" if place == self.selection.cell else ""

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
        return figure_texts(self.session.words, figure, name, less=self.selection.less)


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
def SweepFigures(page: StorePage):
    """Show two outcomes side by side, with notes on the figures."""
    axes = page.pivot.axes
    wide = len(axes) == 2 and len(axes[0].labels) > _PAIRED
    with box(cls="tb-card", tag="section"):
        with box(cls="tb-two tb-two-wide" if wide else "tb-two"):
            for name in page.outcomes:
                with box(cls="tb-one"):
                    (_Map if len(axes) == 2 else _Line)(page, name)
        if len(axes) == 1:
            _Levels(page)
        for line in figure_notes(page.session.words, page.pivot):
            note(line)


def figure_notes(t: Words, pivot: Pivot) -> list[str]:
    """Describe the means and where their ranges are, averaged numbers, and bins.

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
    return lines


def level_labels(t: Words, axis: PivotAxis, scenario: str = "") -> tuple[str, ...]:
    """Return the level labels along an axis, in readable units, see `level_text`."""
    if axis.edges or not axis.is_numeric:
        return axis.labels
    return tuple(level_text(t, axis.path, value, scenario) for value in axis.centres)


# ---- two factors --------------------------------------------------------------------------------


@solara.component
def _Map(page: StorePage, name: str):
    """Show an outcome as a heat map: a table of buttons with figures."""
    t, pivot, (across, down) = page.session.words, page.pivot, page.pivot.axes
    means = [pivot.figure(name, place).mean for place in pivot.places]
    colour = scale(means, changes=page.selection.less)
    columns, rows = (level_labels(t, axis, page.store.scenario) for axis in (across, down))
    with box(cls="tb-heat-room"), box(cls="tb-heat", tag="table"):
        raw(esc(f"{page.title(name)}, {t.translate(_unit(name))}"), tag="caption")
        raw(_heads(axis_name(t, across.path), columns, axis_name(t, down.path)), tag="thead")
        with box(tag="tbody"):
            for y, row in enumerate(rows):
                with box(tag="tr"):
                    box(row, tag="th", scope="row")
                    for x, column in enumerate(columns):
                        _Cell(page, name, (x, y), f"{column}, {row}", colour)


def _heads(across: str, levels: Sequence[str], down: str) -> str:
    """Return both factors' names and the column levels, as markup."""
    names = f'<td class="tb-axis">{esc(down)} ↓</td>'
    names += f'<th class="tb-axis" scope="colgroup" colspan="{len(levels)}">{esc(across)} →</th>'
    cells = "".join(f'<th scope="col">{esc(level)}</th>' for level in levels)
    return f"<tr>{names}</tr><tr><td></td>{cells}</tr>"


@solara.component
def _Cell(page: StorePage, name: str, place: Place, where: str, colour_of: Callable[[float], str]):
    """Show the mean of a cell as a button. Its label adds levels, range and runs."""
    figure, (text, ends) = page.pivot.figure(name, place), page.texts(name, place)
    mark, colour = page.mark(place), colour_of(figure.mean)
    label = f"{where}: {text}" + (f" ({ends})" if ends else "") + f", n = {figure.runs}"
    # an element that is created and not used would appear next to the cell
    marks = [mark] if mark else []
    with box(tag="td"):
        square = solara.v.Html(
            tag="button",
            class_=f"tb-square tb-square-{mark.lower() or 'none'}",
            style_=f"background:{colour};color:{ink(colour)}",
            attributes={"type": "button", "aria-label": label, "title": label},
            children=[*(box(mark, tag="b", cls="tb-square-mark") for mark in marks), text],
        )
        solara.v.use_event(square, "click", lambda *_: page.choose(*place))


# ---- one factor ---------------------------------------------------------------------------------


@solara.component
def _Line(page: StorePage, name: str):
    """Show an outcome as a line."""
    t, axis, places = page.session.words, page.pivot.axes[0], page.pivot.places
    labels = level_labels(t, axis, page.store.scenario)
    figures = [page.pivot.figure(name, place) for place in places]
    marks = {at: mark for at, place in enumerate(places) if (mark := page.mark(place))}
    title, unit = page.title(name), t.translate(_unit(name))
    texts: Any = {"title": title, "unit": unit, "factor": axis_name(t, axis.path)}

    def picture() -> str:
        means = (page.texts(name, place)[0] for place in places)
        alternative = "; ".join(map(": ".join, zip(labels, means, strict=True)))
        ax = plot_levels(
            axis.centres, labels, figures, marks=marks, joined=axis.is_numeric, **texts
        )
        return svg(ax, title, alternative)

    inputs = [labels, figures, marks, texts, page.selection.less]
    raw(solara.use_memo(picture, inputs), cls="tb-lines")


@solara.component
def _Levels(page: StorePage):
    """Show a table with a row for each level and a button that makes it B."""
    t = page.session.words
    labels = level_labels(t, page.pivot.axes[0], page.store.scenario)
    heads = [t("store.level"), *map(page.title, page.outcomes), t("store.runs"), ""]
    press = t("store.choose_cell")
    with box(cls="tb-heat-room", tabindex="0"), box(cls="tb-outcomes tb-levels-of", tag="table"):
        raw(el("tr", *(el("th", esc(head), scope="col") for head in heads)), tag="thead")
        with box(tag="tbody"):
            for place in page.pivot.places:
                label = labels[place[0]]
                more: Any = {"aria_label": f"{press} {label}", "small": True, "text": True}
                with box(tag="tr"):
                    _row(page, label, place)
                    with box(tag="td"):
                        button(press, partial(page.choose, *place), **more)


def _row(page: StorePage, label: str, place: Place) -> None:
    """Show a level, its figures with their ranges, and how many runs it has."""
    mark = page.mark(place)
    raw(esc(label) + (f" <b>{mark}</b>" if mark else ""), tag="th")
    for name in page.outcomes:
        raw(range_cell(page.texts(name, place)), tag="td")
    raw(str(page.pivot.figure(page.outcomes[0], place).runs), tag="td")


# ---- colours of heat maps, whose cells also have figures -----------------------------------------
#: Ten colours of the scale Cividis (Nuñez, Anderton and Renslow 2018, PLoS ONE 13(7) e0199239).
CIVIDIS = tuple(to_hex(colormaps["cividis"].resampled(10)(k)).upper() for k in range(10))
#: Fewer, no change, more: blue and vermillion of Okabe and Ito, towards white in the middle.
CHANGES = (
    *("#0072B2", "#3D94C6", "#7FB8DC", "#BFDCEE"),
    "#F5F5F5",
    *("#F9D9C4", "#F0AE82", "#E4813F", "#D55E00"),
)
EMPTY = "#FFFFFF"
_DARK = {*CIVIDIS[:5], CHANGES[0]}  # colours with white text; the contrast is at least 4.5 to 1


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
    """Return the colour of text on a background."""
    return "#FFFFFF" if colour in _DARK else "#000000"
