"""Inspect a place, a sector, an organisation or a port: its figures in all worlds, over time."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import solara

from viz.screen.panels.parts import LiveMarkup, card, chart, follow, note, select
from viz.screen.panels.subjects import FIGURES, KINDS, SubjectFigure, names
from viz.screen.panels.tables import FigureRow, figures_table
from viz.screen.session.live_traits import float32_bytes
from viz.screen.session.session import Session

_FIRST: tuple[str, int] = ("place", -1)  # kind and number; a place is that of the session


@solara.component
def Inspect(session: Session):
    """Choose a subject, and show its figures on the current day and one of them over time."""
    t = session.words
    (kind, number), choose = solara.use_state(_FIRST)
    place, begun = session.place.value, session.status.value.day > 0
    solara.use_effect(lambda: choose(_FIRST) if place >= 0 else None, [place])
    chosen = place if kind == "place" else number

    def choose_number(k: int) -> None:
        if kind == "place":
            session.place.set(k)
        else:
            choose((kind, k))

    with card(t("inspect"), cls="tb-inspect"):
        note(t("inspect_help"))
        kinds = {t(f"subject.{one}"): (one, -1) for one in KINDS}
        select(t("subject.kind"), kinds, (kind, -1), choose)
        found = names(kind, session.world, session.logs, t("subject.organisation"))
        numbers = {t.translate(name): k for k, name in found.items()}
        select(t(f"subject.{kind}"), numbers, chosen, choose_number)
        if chosen in found and session.logs and begun:
            _Subject(session, kind, chosen)


@solara.component
def _Subject(session: Session, kind: str, number: int):
    """Show the figures of a subject on the current day, and the chosen one over time."""
    t = session.words
    chosen, choose = solara.use_state(0)
    known = FIGURES[kind]
    at = min(chosen, len(known) - 1)
    shown = known[at]
    LiveMarkup(session, lambda: _figures(session, kind, number))
    select(t("over_time"), {t(figure.name): k for k, figure in enumerate(known)}, at, choose)
    element = chart(session, t(shown.name))
    follow(session, element, lambda: _chart(session, shown, number), every=0.5)


def _figures(session: Session, kind: str, number: int) -> str:
    """Build the table of a subject's figures on the current day; NaN for a day without one."""
    t, day = session.words, session.now.day
    rows = []
    for figure in FIGURES[kind]:
        lines = _lines(session, figure, number)
        values = [float(one[day - 1]) if 0 < day <= len(one) else math.nan for one in lines]
        rows.append(FigureRow(t(figure.name), values, figure.human))
    return figures_table(session, rows)


def _chart(session: Session, figure: SubjectFigure, number: int) -> dict[str, Any]:
    """Return the traits of the chart of a figure."""
    lines = zip("ab", _lines(session, figure, number), strict=False)
    return {"day": session.now.day} | {side: float32_bytes(line) for side, line in lines}


def _lines(session: Session, figure: SubjectFigure, number: int) -> list[np.ndarray]:
    """Return a figure of every world, for the days that all have simulated."""
    lines: list[Any] = [figure.series(log, session.world, number) for log in session.logs]
    shortest = min(map(len, lines), default=0)
    return [line[:shortest] for line in lines]
