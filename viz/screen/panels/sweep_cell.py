"""One cell of a store beside the base: figures, the paired difference, and the way to Compare."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import solara

from agents.param import SettingError
from viz.figures.markup import el, esc
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.panels.sweep_view import SweepView, factor_name, outcome_name, told, told_range
from viz.screen.reopen import Omission, ReopenedChoice, reopen
from viz.screen.session import Session
from viz.screen.stores import StoreSummary
from viz.screen.sweep_pivot import POINT, Pivot, Place, point_of, points_in
from viz.screen.words import Words

_MEMBER, _SEED = "member", "seed"


@solara.component
def CellCard(
    session: Session,
    view: Any,
    now: SweepView,
    held: StoreSummary,
    found: tuple[Pivot, Pivot],
    outcomes: Sequence[str],
):
    """A and B: ``found`` has the levels, and the differences from A."""
    t, (levels, changes) = session.words, found
    with box(cls="tb-card", tag="section"):
        heading(t("store.cell"))
        if now.cell is None or now.base is None:
            note(t("store.pick") + (f" {t('store.press')}" if len(now.paths) == 2 else ""))
            return
        a = point_of(levels, now.base, held.factors)
        b = point_of(levels, now.cell, held.factors, a)
        if not a or not b:
            note(t("store.empty_cell"))
            return
        raw(_table(t, levels, changes, now, outcomes), cls="tb-heat-room")
        if not changes.figure(outcomes[0], now.cell).replicates:
            note(t("store.unpaired"))
        _points(t, levels, now, held, (a, b))
        _Ways(session, view, now, held, (a, b))


def _table(t: Words, levels: Pivot, changes: Pivot, now: SweepView, outcomes: Sequence[str]) -> str:
    """A row an outcome: A, B, and the mean of the paired differences with its range."""
    assert now.base is not None and now.cell is not None
    heads = ("", "A", "B", t("difference"))
    rows = []
    for name in dict.fromkeys(outcomes):
        change = changes.figure(name, now.cell)
        cells = [
            el("td", esc(told(levels.figure(name, place).mean, name, less=False)))
            for place in (now.base, now.cell)
        ]
        cells.append(
            el(
                "td",
                esc(told(change.mean, name, less=True)),
                el("small", esc(told_range(change, name, less=True))),
            )
        )
        rows.append(el("tr", el("th", esc(outcome_name(t, name)), scope="row"), *cells))
    top = el("tr", *(el("th", esc(head), scope="col") for head in heads))
    return el("table", el("thead", top), el("tbody", *rows), class_="tb-outcomes")


def _points(
    t: Words,
    levels: Pivot,
    now: SweepView,
    held: StoreSummary,
    points: tuple[Mapping[Any, Any], Mapping[Any, Any]],
) -> None:
    """Which point stands for each cell."""
    for name, place, point in zip("AB", (now.base, now.cell), points, strict=True):
        values = ", ".join(f"{factor_name(t, path)} {_short(point[path])}" for path in held.factors)
        raw(
            f"<b>{name}</b> {esc(values)}{esc(_one_of(t, levels, place, point))}",
            tag="p",
            cls=f"tb-point tb-point-{name.lower()}",
        )


def _one_of(t: Words, levels: Pivot, place: Place | None, point: Mapping[Any, Any]) -> str:
    """That a cell holds more points than the one that is opened."""
    many = len(set(points_in(levels, place)[POINT])) if place is not None else 1
    told = t("store.of_points").format(number=point[POINT] + 1, many=many)
    return f" ({told})" if many > 1 else ""


def _short(value: Any) -> str:
    """A value of a factor."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


@solara.component
def _Ways(
    session: Session,
    view: Any,
    now: SweepView,
    held: StoreSummary,
    points: tuple[Mapping[Any, Any], Mapping[Any, Any]],
):
    """To Compare, with what is lost on the way; or let this cell be the base."""
    t, (a, b) = session.words, points
    try:
        opened = _reopened(held, a, b)
    except SettingError as error:
        raw(esc(t.translate(" ".join(str(error).split()))), cls="tb-trouble", tag="p")
        return
    note(f"{t('store.seed')} {opened.choice.seed}.")
    if opened.omissions:
        raw(esc(t("store.lost.title")), tag="p", cls="tb-lost")
        raw(
            "".join(el("li", esc(_told(t, one))) for one in opened.omissions),
            tag="ul",
            cls="tb-lost",
        )
    elif held.same_model:
        note(t("store.exact"))
    with box(cls="tb-files"):
        solara.Button(t("store.open"), color="primary", on_click=lambda: _open(session, opened))
        solara.Button(
            t("store.base"),
            on_click=lambda: view.set(dataclasses.replace(now, base=now.cell, cell=None)),
        )
    if session.trouble.value:
        raw(esc(t.translate(session.trouble.value)), cls="tb-trouble", tag="p")


def _reopened(held: StoreSummary, a: Mapping[Any, Any], b: Mapping[Any, Any]) -> ReopenedChoice:
    """Both points as worlds; numbers of a member are not known to the store."""
    inputs = [{path: point[path] for path in held.factors} for point in (a, b)]
    found = reopen(held.scenario, inputs[0], inputs[1], int(b[_SEED]))
    if _MEMBER not in b:
        return found
    member = Omission("member", f"{b[_MEMBER]}")
    return dataclasses.replace(found, omissions=(*found.omissions, member))


def _told(t: Words, lost: Omission) -> str:
    """What is lost, in a line."""
    return ": ".join(filter(None, (t(f"store.lost.{lost.key}"), lost.about)))


def _open(session: Session, opened: ReopenedChoice) -> None:
    """Hand both worlds to Compare, and go there if it takes them."""
    session.set_choice(opened.choice)
    if not session.trouble.value:
        session.page.set("compare")
