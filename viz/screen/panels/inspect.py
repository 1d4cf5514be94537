"""Inspect a place, a sector, an organisation or a port: its figures in all worlds, over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import solara

from viz.screen.live_traits import float32_bytes
from viz.screen.panels.parts import LiveMarkup, Row, box, figures, follow, heading, note, widget
from viz.screen.panels.tables import heads
from viz.screen.session import Session
from viz.screen.subjects import FIGURES, KINDS, SubjectFigure, names
from viz.screen.widgets.chart import WORDS, LiveChart


@solara.component
def Inspect(session: Session):
    """Choose a subject; see its figures on the day shown, and one of them over time."""
    t = session.words
    kind, set_kind = solara.use_state("place")
    number, set_number = solara.use_state(-1)
    begun = session.status.value.day > 0
    place = session.place.value
    solara.use_effect(lambda: set_kind("place") if place >= 0 else None, [place])

    def change_kind(other: str) -> None:
        set_kind(other)
        set_number(-1)

    chosen = place if kind == "place" else number
    with box(cls="tb-card tb-inspect", tag="section"):
        heading(t("inspect"))
        note(t("inspect_help"))
        kinds = {t(f"subject.{one}"): one for one in KINDS}
        solara.Select(
            t("subject.kind"),
            values=list(kinds),
            value=t(f"subject.{kind}"),
            on_value=lambda told: change_kind(kinds[told]),
        )
        found = names(kind, session.world, session.logs, t("subject.organisation"))
        known = {k: t.translate(told) for k, told in found.items()}
        numbers = {told: k for k, told in known.items()}
        take = session.place.set if kind == "place" else set_number
        solara.Select(
            t(f"subject.{kind}"),
            values=list(numbers),
            value=known.get(chosen),
            on_value=lambda told: take(numbers.get(told, -1)),
        )
        if chosen in known and session.logs and begun:
            _Subject(session, kind, chosen)


@solara.component
def _Subject(session: Session, kind: str, number: int):
    """The figures of a subject on the day shown, and the one that is chosen over time."""
    t, choice = session.words, session.choice.value
    chosen, choose = solara.use_state(0)
    known = FIGURES[kind]
    shown = known[min(chosen, len(known) - 1)]
    LiveMarkup(session.live_widgets, lambda: _figures(session, kind, number))
    titles = {t(figure.name): k for k, figure in enumerate(known)}
    solara.Select(
        t("over_time"),
        values=list(titles),
        value=t(shown.name),
        on_value=lambda told: choose(titles[told]),
    )
    element = widget(
        LiveChart,
        title=t(shown.name),
        start=choice.scenario(0).start.isoformat(),
        days=choice.days,
        words=WORDS | t.part("chart"),
        text=t(shown.name),
        names=["A", "B"] if session.worlds == 2 else ["", ""],
    )
    follow(session.live_widgets, element, lambda: _chart(session, shown, number), every=0.5)


def _figures(session: Session, kind: str, number: int) -> str:
    """The table of a subject's figures on the day shown."""
    t, day = session.words, session.now.day
    rows = [
        Row(
            t(figure.name),
            [_value(line, day) for line in _lines(session, figure, number)],
            figure.human,
        )
        for figure in FIGURES[kind]
    ]
    return figures(t, heads(session), rows)


def _chart(session: Session, figure: SubjectFigure, number: int) -> dict[str, Any]:
    """What the chart of a figure shows."""
    told = zip("ab", _lines(session, figure, number), strict=False)
    return {"day": session.now.day} | {side: float32_bytes(line) for side, line in told}


def _lines(session: Session, figure: SubjectFigure, number: int) -> list[np.ndarray]:
    """A figure of every world, day by day as far as all have played."""
    lines: list[Any] = [figure.series(log, session.world, number) for log in session.logs]
    shortest = min(map(len, lines), default=0)
    return [line[:shortest] for line in lines]


def _value(line: np.ndarray, day: int) -> float:
    """The value of a day."""
    return float(line[day - 1]) if 0 < day <= len(line) else float("nan")
