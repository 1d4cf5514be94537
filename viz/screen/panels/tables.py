"""Figures of both worlds, and charts over time."""

from __future__ import annotations

from typing import Any

import solara

from abm.measures import GROUPS, OUTCOMES
from viz.figures.markup import el, esc
from viz.screen.exports.view import dated
from viz.screen.frames import DAILY
from viz.screen.live_traits import chart_traits
from viz.screen.panels.parts import (
    Fold,
    LiveMarkup,
    Row,
    box,
    figures,
    follow,
    heading,
    note,
    raw,
    widget,
)
from viz.screen.replicates import Replicates
from viz.screen.session import Session
from viz.screen.widgets.chart import WORDS, LiveChart

_ROWS = (
    ("got_aways", False),
    ("unlawful_entries", False),
    ("apprehended_us", False),
    ("apprehended_mexico", False),
    ("deaths", True),
    ("kidnapped", True),
    ("returned_unscreened", True),
    ("set_out", False),
)


@solara.component
def Figures(session: Session):
    """Persons and events since the start, in A, in B, and B minus A."""
    t = session.words
    with box(cls="tb-card tb-table", tag="section"):
        heading(t("since_start"))
        LiveMarkup(session.live_widgets, lambda: _figures(session))
        note(f"◆ {t('people_first')} {t('content')}")


def _figures(session: Session) -> str:
    """The table of what happened since the start."""
    t, day, logs = session.words, session.now.day, session.logs
    rows = (
        [Row(t(name), [log.total(name, day) for log in logs], human) for name, human in _ROWS]
        if logs
        else []
    )
    return figures(t, heads(session), rows)


@solara.component
def Outcomes(session: Session):
    """Every outcome of the model, a year, with the range of the difference over seeds."""
    t, more = session.words, session.more.value

    def inside() -> None:
        note(t("all_outcomes_help"))
        LiveMarkup(session.live_widgets, lambda: _outcomes(session, more), every=0.5)

    with box(cls="tb-card tb-table", tag="section"):
        Fold(t("all_outcomes"), inside)


def _outcomes(session: Session, more: Replicates) -> str:
    """A table of the outcomes of each group."""
    t, day = session.words, session.now.day
    parts: list[str] = []
    for group in GROUPS if session.logs and day else ():
        rows = [_outcome(session, more, name) for name, m in OUTCOMES.items() if m.group == group]
        head = el("h3", esc(t.translate(GROUPS[group])), class_="tb-heading")
        parts += [head, figures(t, heads(session), rows)]
    return "".join(parts)


def _outcome(session: Session, more: Replicates, name: str) -> Row:
    """One yearly outcome of the days so far."""
    t, about, day = session.words, OUTCOMES[name], session.now.day
    told = f"{t.translate(about.label)}, {t.translate(about.unit)}"
    values = [log.outcome(name, day) for log in session.logs]
    whole = day == session.choice.value.days  # seeds are played to the end, so a range is of that
    return Row(told, values, about.human, about.unit, more.change(name) if whole else None)


def heads(session: Session) -> tuple[str, ...]:
    """Names of the columns of figures."""
    return ("A", "B", session.words("difference")) if session.worlds == 2 else ("",)


@solara.component
def Charts(session: Session):
    """Daily figures of all worlds: those that the visitor wants to see, and bands over seeds."""
    t, more = session.words, session.more.value
    with box(cls="tb-stack"):
        with box(cls="tb-card tb-chart-bar"):
            titles = {t(name): name for name in DAILY}
            solara.SelectMultiple(
                t("over_time"),
                values=[t(name) for name in session.charted.value],
                all_values=list(titles),
                dense=True,
                on_value=lambda told: session.charted.set(tuple(titles[one] for one in told)),
            )
            if more.waiting:
                solara.ProgressLinear(100.0 * more.done / more.asked, color="primary")
                raw(f"{more.done} / {more.asked} {esc(t('bands_progress'))}", cls="tb-label")
            else:
                solara.Button(
                    t("bands_button"),
                    on_click=session.play_more,
                    small=True,
                    disabled=bool(more.done),
                )
                note(t("bands_help"))
        with box(cls="tb-charts"):
            for name in session.charted.value:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)


@solara.component
def _Chart(session: Session, name: str):
    """One daily figure; the session pushes lines to its widget."""
    t, choice = session.words, session.choice.value
    scenarios = [choice.scenario(world) for world in range(session.worlds)]
    marks = [list(mark) for mark in dated(scenarios, t)]
    element = widget(
        LiveChart,
        title=t(name),
        unit=t("persons_a_day"),
        start=scenarios[0].start.isoformat(),
        days=choice.days,
        marks=marks,
        words=WORDS | t.part("chart"),
        text=t(name),
        names=["A", "B"] if session.worlds == 2 else ["", ""],
    )

    follow(session.live_widgets, element, lambda: _lines(session, name), every=0.5)


def _lines(session: Session, name: str) -> dict[str, Any]:
    """What the chart of a daily figure shows."""
    return chart_traits(session.logs, session.now.day, name, session.more.value.band)
