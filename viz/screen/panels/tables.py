"""Figures of both worlds, and charts over time."""

from __future__ import annotations

from typing import Any

import solara

from abm.measures import GROUPS, OUTCOMES
from viz.figures.markup import el, esc
from viz.screen.exports.view import policy_dates
from viz.screen.frames import DAILY
from viz.screen.live_traits import chart_traits
from viz.screen.panels.parts import (
    FigureRow,
    Fold,
    LiveMarkup,
    box,
    card,
    chart,
    figures_table,
    follow,
    note,
    raw,
)
from viz.screen.replicates import Replicates
from viz.screen.session import Session

#: Daily figures in the table, and whether they are human costs.
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
    """Show persons and events since the start, in A, in B, and B minus A."""
    t = session.words
    with card(t("since_start"), cls="tb-table"):
        LiveMarkup(session.live_widgets, lambda: _figures(session))
        note(f"◆ {t('people_first')} {t('content')}")


def _figures(session: Session) -> str:
    """Build the table of figures since the start."""
    t, day, rows = session.words, session.now.day, []
    for name, human in _ROWS if session.logs else ():
        totals = [log.total(name, day) for log in session.logs]
        rows.append(FigureRow(t(name), totals, human))
    return figures_table(t, heads(session), rows)


@solara.component
def Outcomes(session: Session):
    """Show every outcome per year, with the range of the difference over seeds."""
    t, replicates = session.words, session.replicates.value

    def inside() -> None:
        note(t("all_outcomes_help"))
        LiveMarkup(session.live_widgets, lambda: _outcomes(session, replicates), every=0.5)

    with box(cls="tb-card tb-table", tag="section"):
        Fold(t("all_outcomes"), inside)


def _outcomes(session: Session, replicates: Replicates) -> str:
    """Build a table of the outcomes of each group."""
    t, parts = session.words, []
    for group in GROUPS if session.logs and session.now.day else ():
        names = [name for name, about in OUTCOMES.items() if about.group == group]
        rows = [_outcome(session, replicates, name) for name in names]
        parts.append(el("h3", esc(t.translate(GROUPS[group])), class_="tb-heading"))
        parts.append(figures_table(t, heads(session), rows))
    return "".join(parts)


def _outcome(session: Session, replicates: Replicates, name: str) -> FigureRow:
    """Return a yearly outcome of the days so far."""
    t, about, day = session.words, OUTCOMES[name], session.now.day
    label = f"{t.translate(about.label)}, {t.translate(about.unit)}"
    values = [log.outcome(name, day) for log in session.logs]
    complete = day == session.choice.value.days  # other seeds run to the end, so does their range
    span = replicates.change(name) if complete else None
    return FigureRow(label, values, about.human, about.unit, span)


def heads(session: Session) -> tuple[str, ...]:
    """Return the headers of the columns with figures."""
    return ("A", "B", session.words("difference")) if session.worlds == 2 else ("",)


@solara.component
def Charts(session: Session):
    """Show the chosen daily figures of all worlds, with bands over seeds."""
    t, replicates = session.words, session.replicates.value
    with box(cls="tb-stack"):
        with box(cls="tb-card tb-chart-bar"):
            titles = {t(name): name for name in DAILY}
            solara.SelectMultiple(
                t("over_time"),
                values=[t(name) for name in session.charted.value],
                all_values=list(titles),
                dense=True,
                on_value=lambda chosen: session.charted.set(tuple(titles[one] for one in chosen)),
            )
            if replicates.waiting:
                done, of = replicates.done, replicates.requested
                solara.ProgressLinear(100.0 * done / of, color="primary")
                raw(f"{done} / {of} {esc(t('bands_progress'))}", cls="tb-label")
            else:
                solara.Button(
                    t("bands_button"),
                    on_click=session.start_replicates,
                    small=True,
                    disabled=bool(replicates.done),
                )
                note(t("bands_help"))
        with box(cls="tb-charts"):
            for name in session.charted.value:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)


@solara.component
def _Chart(session: Session, name: str):
    """Show a daily figure, to which the session sends lines."""
    t = session.words
    element = chart(session, t(name), unit=t("persons_a_day"), marks=policy_marks(session))
    follow(session.live_widgets, element, lambda: _lines(session, name), every=0.5)


def _lines(session: Session, name: str) -> dict[str, Any]:
    """Return the traits of the chart of a daily figure."""
    band = session.replicates.value.band
    return chart_traits(session.logs, session.now.day, name, band)


def policy_marks(session: Session) -> list[list]:
    """Return the days on which policies start or end, with texts, as widgets take them."""
    choice = session.choice.value
    scenarios = [choice.scenario(world) for world in range(session.worlds)]
    return [list(mark) for mark in policy_dates(scenarios, session.words)]
