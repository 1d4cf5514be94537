"""Inspect a place, a sector, an organisation or a port: its figures in all worlds, over time."""

from __future__ import annotations

from typing import Any

import numpy as np
import solara

from viz.panels.parts import Row, box, figures, heading, note, raw, widget
from viz.panels.tables import heads
from viz.session import Session
from viz.subjects import FIGURES, KINDS, Figure, names
from viz.widgets.chart import WORDS, LiveChart


@solara.component
def Inspect(session: Session):
    """Choose a subject; see its figures on the day shown, and one of them over time."""
    t = session.words
    kind, set_kind = solara.use_state("place")
    number, set_number = solara.use_state(-1)
    session.calm.value  # noqa: B018  # another day renders anew
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
        solara.Select(t("subject.kind"), values=list(kinds), value=t(f"subject.{kind}"),
                      on_value=lambda told: change_kind(kinds[told]))  # fmt: skip
        found = names(kind, session.world, session.reels, t("subject.organisation"))
        known = {k: t.said(told) for k, told in found.items()}
        numbers = {told: k for k, told in known.items()}
        take = session.place.set if kind == "place" else set_number
        solara.Select(t(f"subject.{kind}"), values=list(numbers), value=known.get(chosen),
                      on_value=lambda told: take(numbers.get(told, -1)))  # fmt: skip
        if chosen in known and session.reels and session.calm.value.day:
            _Subject(session, kind, chosen)


@solara.component
def _Subject(session: Session, kind: str, number: int):
    """The figures of a subject on the day shown, and the one that is chosen over time."""
    t, day = session.words, session.calm.value.day
    chosen, choose = solara.use_state(0)
    known = FIGURES[kind]
    shown = known[min(chosen, len(known) - 1)]
    rows = [Row(t(figure.name), [_value(line, day) for line in _lines(session, figure, number)],
                figure.human) for figure in known]  # fmt: skip
    raw(figures(t, heads(session), rows))
    titles = {t(figure.name): k for k, figure in enumerate(known)}
    solara.Select(t("over_time"), values=list(titles), value=t(shown.name),
                  on_value=lambda told: choose(titles[told]))  # fmt: skip
    lines = _lines(session, shown, number)
    choice = session.choice.value
    widget(
        LiveChart, title=t(shown.name), start=choice.scenario(0).start.isoformat(),
        days=choice.days, day=day, words=WORDS | t.part("chart"), text=t(shown.name),
        names=["A", "B"] if len(lines) == 2 else ["", ""],
        **{name: line.astype("<f4").tobytes() for name, line in zip("ab", lines, strict=False)},
    )  # fmt: skip


def _lines(session: Session, figure: Figure, number: int) -> list[np.ndarray]:
    """A figure of every world, day by day as far as all have played."""
    lines: list[Any] = [figure.series(reel, session.world, number) for reel in session.reels]
    shortest = min(map(len, lines))
    return [line[:shortest] for line in lines]


def _value(line: np.ndarray, day: int) -> float:
    """The value of a day."""
    return float(line[day - 1]) if day <= len(line) else float("nan")
