"""Figures of a sweep by one factor, as lines, or by two, as heat maps."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import solara

from abm.measures.criteria_definitions import CRITERIA
from experiments.design.factors import POLICY
from experiments.rows.pivot import POINT, CellMean, Pivot, PivotAxis, Place
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, rounded, signed_amount
from viz.screen.naming import policy_title
from viz.screen.panels.heat import Heat, HeatCell, scale
from viz.screen.panels.parts import box, note, raw
from viz.screen.panels.sweep_lines import lines_svg
from viz.screen.session import Session
from viz.screen.words import Words

_PAIRED = 6  # columns up to which two heat maps are side by side


@dataclass(frozen=True)
class SweepView:
    """What the page shows: a store, one or two factors, two outcomes, and two places.

    ``base`` is A and ``cell`` is B; ``less``: whether figures are differences from A.
    """

    store: str = ""
    paths: tuple[str, ...] = ()
    flow: str = "got_aways"
    human: str = "deaths"
    base: Place | None = None
    cell: Place | None = None
    less: bool = False


def reactive_view(session: Session) -> Any:
    """Return the reactive `SweepView` of a session, kept while another page is open."""
    return session.notes.setdefault("sweep", solara.reactive(SweepView()))


def factor_name(t: Words, path: str) -> str:
    """Return the name of a factor.

    Args:
        t: the words of the language.
        path: the factor.

    Returns:
        The title of a policy for its dose; otherwise the path.
    """
    if path == POINT:
        return t("store.point")
    if path.startswith(POLICY):
        return f"{policy_title(t, path.removeprefix(POLICY))}, {t('store.dose')}"
    return path


def outcome_name(t: Words, name: str) -> str:
    """Return the label of an outcome.

    Args:
        t: the words of the language.
        name: name of the outcome.

    Returns:
        The label, with a mark for a human cost.
    """
    about = CRITERIA.get(name)
    if about is None:
        return name
    return ("◆ " if about.group == "people" else "") + t.translate(about.label)


def _unit(name: str) -> str:
    """Return the unit of an outcome."""
    return CRITERIA[name].unit if name in CRITERIA else ""


def figure_text(value: float, name: str, *, less: bool) -> str:
    """Format a figure of an outcome.

    Args:
        value: the figure.
        name: name of the outcome.
        less: whether it is a difference.

    Returns:
        Text, with a sign for a difference.
    """
    if not math.isfinite(value):
        return "–"
    return (signed_amount if less else amount)(rounded(value), _unit(name))


def _range_text(figure: CellMean, name: str, *, less: bool) -> str:
    """Format the range of a figure; empty for a single replicate."""
    if figure.replicates < 2:
        return ""
    low, high = (figure_text(end, name, less=less) for end in (figure.low, figure.high))
    return f"{low} … {high}"


def range_cell(figure: CellMean, name: str, *, less: bool) -> str:
    """Build a figure with its range.

    Args:
        figure: mean and range.
        name: name of the outcome.
        less: whether it is a difference.

    Returns:
        Markup.
    """
    text = esc(figure_text(figure.mean, name, less=less))
    return text + el("small", esc(_range_text(figure, name, less=less)))


@solara.component
def SweepFigures(
    session: Session, view: Any, now: SweepView, found: Pivot, outcomes: Sequence[str]
):
    """Show two outcomes side by side, with notes on the figures.

    Args:
        session: the visitor's session.
        view: the reactive `SweepView`.
        now: its value with all defaults filled in.
        found: the figures.
        outcomes: names of the outcomes.
    """
    t = session.words

    def choose(*place: int) -> None:
        view.set(dataclasses.replace(now, cell=place))

    wide = len(found.axes) == 2 and len(found.axes[0].labels) > _PAIRED
    with box(cls="tb-card", tag="section"):
        with box(cls="tb-pair tb-pair-wide" if wide else "tb-pair"):
            for name in dict.fromkeys(outcomes):
                with box(cls="tb-one"):
                    if len(found.axes) == 2:
                        _Map(session, now, found, name, choose)
                    else:
                        _Line(session, now, found, name)
        if len(found.axes) == 1:
            _Levels(session, now, found, outcomes, choose)
        for line in _notes(t, found):
            note(line)


def _notes(t: Words, found: Pivot) -> list[str]:
    """Describe the means, the factors averaged over, and the levels left out."""
    lines = [t("store.mean")]
    if found.others:
        names = ", ".join(factor_name(t, path) for path in found.others)
        lines.append(f"{t('store.averaged')} {names}.")
    if any(axis.edges for axis in found.axes):
        lines.append(t("store.binned"))
    for axis in found.axes:
        if axis.left_out:
            lines.append(f"{factor_name(t, axis.path)}: {axis.left_out} {t('store.left_out')}")
    return lines


def _mark(now: SweepView, place: Place) -> str:
    """Return A or B for the base and the chosen cell, else an empty text."""
    return "A" if place == now.base else "B" if place == now.cell else ""


# ---- two factors --------------------------------------------------------------------------------


@solara.component
def _Map(session: Session, now: SweepView, found: Pivot, name: str, choose: Any):
    """Show a heat map of an outcome."""
    t, (across, down) = session.words, found.axes
    means = [found.figure(name, place).mean for place in found.places]
    colour = scale(means, changes=now.less)
    cells = [
        [_heat_cell(now, found, name, (x, y), colour) for x in range(len(across.labels))]
        for y in range(len(down.labels))
    ]
    columns, rows = ((factor_name(t, axis.path), axis.labels) for axis in (across, down))
    title = f"{outcome_name(t, name)}, {t.translate(_unit(name))}"
    Heat(title, columns, rows, cells, choose)


def _heat_cell(now: SweepView, found: Pivot, name: str, place: Place, colour: Any) -> HeatCell:
    """Return a cell with its mean; its label adds levels, range and runs."""
    figure = found.figure(name, place)
    text, ends = (
        figure_text(figure.mean, name, less=now.less),
        _range_text(figure, name, less=now.less),
    )
    where = ", ".join(axis.labels[at] for axis, at in zip(found.axes, place, strict=True))
    label = f"{where}: {text}" + (f" ({ends})" if ends else "") + f", n = {figure.runs}"
    return HeatCell(text, label, colour(figure.mean), _mark(now, place))


# ---- one factor ---------------------------------------------------------------------------------


@solara.component
def _Line(session: Session, now: SweepView, found: Pivot, name: str):
    """Show a line of an outcome."""
    t, axis = session.words, found.axes[0]
    figures = [found.figure(name, place) for place in found.places]
    texts = [figure_text(figure.mean, name, less=now.less) for figure in figures]
    levels = zip(axis.labels, texts, strict=True)
    html = lines_svg(
        axis,
        figures,
        title=outcome_name(t, name),
        unit=t.translate(_unit(name)),
        told="; ".join(f"{level}: {text}" for level, text in levels),
        name=factor_name(t, axis.path),
        marks={place[0]: mark for place in found.places if (mark := _mark(now, place))},
    )
    raw(html, cls="tb-lines")


@solara.component
def _Levels(session: Session, now: SweepView, found: Pivot, outcomes: Sequence[str], choose: Any):
    """Show a table with a row for each level and a button that makes it B."""
    t, axis, names = session.words, found.axes[0], dict.fromkeys(outcomes)
    heads = [t("store.level"), *(outcome_name(t, name) for name in names), t("store.runs"), ""]
    press = t("store.choose_cell")
    with box(cls="tb-heat-room"), box(cls="tb-outcomes tb-levels-of", tag="table"):
        raw(el("tr", *(el("th", esc(head), scope="col") for head in heads)), tag="thead")
        with box(tag="tbody"):
            for place in found.places:
                with box(tag="tr"):
                    _row(now, found, outcomes, axis, place)
                    with box(tag="td"):
                        solara.Button(
                            press,
                            small=True,
                            text=True,
                            on_click=lambda place=place: choose(*place),
                            attributes={"aria-label": f"{press} {axis.labels[place[0]]}"},
                        )


def _row(
    now: SweepView, found: Pivot, outcomes: Sequence[str], axis: PivotAxis, place: Place
) -> None:
    """Show a level, its figures with their ranges, and the number of runs."""
    mark = _mark(now, place)
    raw(esc(axis.labels[place[0]]) + (f" <b>{mark}</b>" if mark else ""), tag="th")
    for name in dict.fromkeys(outcomes):
        raw(range_cell(found.figure(name, place), name, less=now.less), tag="td")
    raw(str(found.figure(outcomes[0], place).runs), tag="td")
