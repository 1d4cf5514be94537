"""Figures of both worlds, and charts over time."""

from __future__ import annotations

from typing import Any

import solara

from abm.measures import GROUPS, OUTCOMES
from viz.exports.view import dated
from viz.frames import DAILY
from viz.panels.parts import Row, box, figures, heading, note, raw, widget
from viz.report.markup import esc
from viz.session import Session
from viz.widgets.chart import WORDS, LiveChart

_ROWS = (
    ("got_aways", False), ("unlawful_entries", False), ("apprehended_us", False),
    ("apprehended_mexico", False), ("deaths", True), ("kidnapped", True),
    ("returned_unscreened", True), ("set_out", False),
)  # fmt: skip


@solara.component
def Figures(session: Session):
    """Persons and events since the start, in A, in B, and B minus A."""
    t, day, reels = session.words, session.calm.value.day, session.reels
    with box(cls="tb-card tb-table", tag="section"):
        heading(t("since_start"))
        rows = [Row(t(name), [reel.total(name, day) for reel in reels], human)
                for name, human in _ROWS] if reels else []  # fmt: skip
        raw(figures(t, heads(session), rows))
        note(f"◆ {t('people_first')} {t('content')}")


@solara.component
def Outcomes(session: Session):
    """Every outcome of the model, a year, with the range of the difference over seeds."""
    t, day, reels = session.words, session.calm.value.day, session.reels
    with box(cls="tb-card tb-table", tag="section"), solara.Details(t("all_outcomes")):
        note(t("all_outcomes_help"))
        for group in GROUPS if reels and day else ():
            heading(t.said(GROUPS[group]), 3)
            rows = [_outcome(session, name, day) for name, m in OUTCOMES.items()
                    if m.group == group]  # fmt: skip
            raw(figures(t, heads(session), rows))


def _outcome(session: Session, name: str, day: int) -> Row:
    """One yearly outcome of the days so far."""
    t, about, more = session.words, OUTCOMES[name], session.more.value
    told = f"{t.said(about.label)}, {t.said(about.unit)}"
    values = [reel.outcome(name, day) for reel in session.reels]
    whole = day == session.choice.value.days  # seeds are played to the end, so a range is of that
    return Row(told, values, about.human, about.unit, more.change(name) if whole else None)


def heads(session: Session) -> tuple[str, ...]:
    """Names of the columns of figures."""
    return ("A", "B", session.words("difference")) if session.worlds == 2 else ("",)


@solara.component
def Charts(session: Session):
    """Daily figures of all worlds: those that the visitor wants to see, and bands over seeds."""
    t, more = session.words, session.more.value
    with box(cls="tb-card tb-chart-bar"):
        titles = {t(name): name for name in DAILY}
        solara.SelectMultiple(
            t("over_time"), values=[t(name) for name in session.charted.value],
            all_values=list(titles), dense=True,
            on_value=lambda told: session.charted.set(tuple(titles[one] for one in told)),
        )  # fmt: skip
        if more.waiting:
            solara.ProgressLinear(100.0 * more.done / more.asked, color="primary")
            raw(f"{more.done} / {more.asked} {esc(t('bands_progress'))}", cls="tb-label")
        else:
            solara.Button(t("bands_button"), on_click=session.play_more, small=True,
                          disabled=bool(more.done))  # fmt: skip
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
        LiveChart, title=t(name), unit=t("persons_a_day"), start=scenarios[0].start.isoformat(),
        days=choice.days, marks=marks, words=WORDS | t.part("chart"), text=t(name),
        names=["A", "B"] if session.worlds == 2 else ["", ""],
    )  # fmt: skip

    def keep() -> Any:
        chart: Any = solara.get_widget(element)
        session.drawing.charts[name] = chart
        session.redraw()
        return lambda: session.drawing.charts.pop(name, None)

    solara.use_effect(keep, [name])
