"""Panel of charts of daily figures over time."""

from __future__ import annotations

from typing import Any

import solara

from viz.screen.exports.view import policy_dates
from viz.screen.panels.parts import box, chart, follow, note, select
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.live_traits import chart_traits
from viz.screen.session.session import Session


@solara.component
def Charts(session: Session):
    """Show charts of the chosen daily figures, with bands over the seeds that have finished."""
    t = session.words
    with box(cls="tb-stack"):
        with box(cls="tb-card tb-chart-bar"):
            names = {t.outcome(name): name for name in DAILY_FIGURES}
            charted = session.charted.value

            def change(name: str) -> None:
                others = tuple(other for other in charted if other != name)
                session.charted.set((*others, name) if others == charted else others)

            with box():  # A widget takes the height of its parent, so it needs a box of its own.
                select(t("over_time"), names, list(charted), change)
            note(t("since.seeds_help"))
        with box(cls="tb-charts"):
            for name in session.charted.value:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)


@solara.component
def _Chart(session: Session, name: str):
    """Show the chart of a daily figure, whose lines follow the run."""
    t, choice = session.words, session.choice.value
    marks = policy_dates([choice.scenario(world) for world in (0, 1)], t)
    element = chart(session, t.outcome(name), unit=t("persons_a_day"), marks=list(map(list, marks)))

    def lines() -> dict[str, Any]:
        return chart_traits(session.logs, session.now.day, name, session.replicates.value.band)

    follow(session, element, lines, every=1.0)
