"""Figures of a store by one factor, as lines, or by two, as heat maps."""

from __future__ import annotations

import dataclasses
import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import solara

from abm.measures.criteria_definitions import CRITERIA
from experiments.design.factors import POLICY
from viz.figures.markup import el, esc
from viz.figures.numbers import amount, rounded, signed_amount
from viz.screen.naming import policy_title
from viz.screen.panels.heat import Heat, HeatCell, scale
from viz.screen.panels.parts import box, note, raw
from viz.screen.panels.sweep_lines import lines_svg
from viz.screen.session import Session
from viz.screen.sweep_pivot import POINT, CellMean, Pivot, PivotAxis, Place
from viz.screen.words import Words

_PAIRED = 6  # columns up to which two heat maps stand side by side


@dataclass(frozen=True)
class SweepView:
    """What a visitor looks at: a store, one or two factors, outcomes, and two places.

    ``base`` is A and ``cell`` is B; ``less``: whether figures are differences from A.
    """

    store: str = ""
    paths: tuple[str, ...] = ()
    flow: str = "got_aways"
    human: str = "deaths"
    base: Place | None = None
    cell: Place | None = None
    less: bool = False


def kept_view(session: Session) -> Any:
    """The view as a reactive value; it is found again when one comes back to the page."""
    return session.notes.setdefault("sweep", solara.reactive(SweepView()))


def factor_name(t: Words, path: str) -> str:
    """What varies, in words: the dose of a policy by its title."""
    if path == POINT:
        return t("store.point")
    if path.startswith(POLICY):
        return f"{policy_title(t, path.removeprefix(POLICY))}, {t('store.dose')}"
    return path


def outcome_name(t: Words, name: str) -> str:
    """An outcome in words, marked where it is a cost to people."""
    about = CRITERIA.get(name)
    if about is None:
        return name
    return ("◆ " if about.group == "people" else "") + t.translate(about.label)


def unit_of(name: str) -> str:
    """Unit of an outcome."""
    return CRITERIA[name].unit if name in CRITERIA else ""


def told(value: float, name: str, *, less: bool) -> str:
    """A figure, or a difference with its sign."""
    if not math.isfinite(value):
        return "–"
    return (signed_amount if less else amount)(rounded(value), unit_of(name))


def told_range(figure: CellMean, name: str, *, less: bool) -> str:
    """The range of a figure; nothing where one replicate has none."""
    if figure.replicates < 2:
        return ""
    return f"{told(figure.low, name, less=less)} … {told(figure.high, name, less=less)}"


@solara.component
def SweepFigures(
    session: Session, view: Any, now: SweepView, found: Pivot, outcomes: Sequence[str]
):
    """Both outcomes side by side, and what a reader must know of them."""
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
        for line in _lines(t, found):
            note(line)


def _lines(t: Words, found: Pivot) -> list[str]:
    """What the figures are means of, what is averaged over, what is left out."""
    lines = [t("store.mean")]
    if found.others:
        names = ", ".join(factor_name(t, path) for path in found.others)
        lines.append(f"{t('store.averaged')} {names}.")
    if any(axis.edges for axis in found.axes):
        lines.append(t("store.binned"))
    lines += [
        f"{factor_name(t, axis.path)}: {axis.left_out} {t('store.left_out')}"
        for axis in found.axes
        if axis.left_out
    ]
    return lines


def _mark(now: SweepView, place: Place) -> str:
    """Whether a place is A or B."""
    return "A" if place == now.base else "B" if place == now.cell else ""


# ---- two factors --------------------------------------------------------------------------------


@solara.component
def _Map(session: Session, now: SweepView, found: Pivot, name: str, choose: Any):
    """A heat map of one outcome."""
    t, (across, down) = session.words, found.axes
    places = {place: found.figure(name, place) for place in found.places}
    colour = scale([figure.mean for figure in places.values()], changes=now.less)
    squares = [
        [_square(now, found, name, (x, y), colour) for x in range(len(across.labels))]
        for y in range(len(down.labels))
    ]
    title = f"{outcome_name(t, name)}, {t.translate(unit_of(name))}"
    Heat(
        title,
        (factor_name(t, across.path), across.labels),
        (factor_name(t, down.path), down.labels),
        squares,
        choose,
    )


def _square(now: SweepView, found: Pivot, name: str, place: Place, colour: Any) -> HeatCell:
    """One square: its mean; in full, where it lies, its range and its runs."""
    figure = found.figure(name, place)
    text, ends = (told(figure.mean, name, less=now.less), told_range(figure, name, less=now.less))
    where = ", ".join(axis.labels[at] for axis, at in zip(found.axes, place, strict=True))
    label = f"{where}: {text}" + (f" ({ends})" if ends else "") + f", n = {figure.runs}"
    return HeatCell(text, label, colour(figure.mean), _mark(now, place))


# ---- one factor ---------------------------------------------------------------------------------


@solara.component
def _Line(session: Session, now: SweepView, found: Pivot, name: str):
    """A line of one outcome."""
    t, axis = session.words, found.axes[0]
    figures = [found.figure(name, place) for place in found.places]
    said = "; ".join(
        f"{level}: {told(f.mean, name, less=now.less)}"
        for level, f in zip(axis.labels, figures, strict=True)
    )
    marks = {place[0]: mark for place in found.places if (mark := _mark(now, place))}
    raw(
        lines_svg(
            axis,
            figures,
            title=outcome_name(t, name),
            unit=t.translate(unit_of(name)),
            told=said,
            name=factor_name(t, axis.path),
            marks=marks,
        ),
        cls="tb-lines",
    )


@solara.component
def _Levels(session: Session, now: SweepView, found: Pivot, outcomes: Sequence[str], choose: Any):
    """The same as a table, a row a level, each with a button that makes it B."""
    t, axis = session.words, found.axes[0]
    heads = [
        t("store.level"),
        *(outcome_name(t, name) for name in dict.fromkeys(outcomes)),
        t("store.runs"),
        "",
    ]
    with box(cls="tb-heat-room"), box(cls="tb-outcomes tb-levels-of", tag="table"):
        raw(el("tr", *(el("th", esc(head), scope="col") for head in heads)), tag="thead")
        with box(tag="tbody"):
            for place in found.places:
                with box(tag="tr"):
                    _row(now, found, outcomes, axis, place)
                    with box(tag="td"):
                        solara.Button(
                            t("store.choose_cell"),
                            small=True,
                            text=True,
                            on_click=lambda place=place: choose(*place),
                            attributes={
                                "aria-label": f"{t('store.choose_cell')} {axis.labels[place[0]]}"
                            },
                        )


def _row(
    now: SweepView, found: Pivot, outcomes: Sequence[str], axis: PivotAxis, place: Place
) -> None:
    """Level, figures with their ranges, replicates."""
    mark = _mark(now, place)
    raw(esc(axis.labels[place[0]]) + (f" <b>{mark}</b>" if mark else ""), tag="th")
    for name in dict.fromkeys(outcomes):
        figure = found.figure(name, place)
        raw(
            esc(told(figure.mean, name, less=now.less))
            + el("small", esc(told_range(figure, name, less=now.less))),
            tag="td",
        )
    raw(str(found.figure(outcomes[0], place).runs), tag="td")
