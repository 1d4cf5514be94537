"""Panel with charts of daily series."""

from __future__ import annotations

from typing import Any

import solara

from viz.screen.exports.view import policy_dates
from viz.screen.panels.parts import box, chart, follow, note
from viz.screen.session.frames import CHARTED
from viz.screen.session.live_traits import chart_traits
from viz.screen.session.session import Session


@solara.component
def Charts(session: Session):
    """Show the daily series of both worlds, with bands over the finished seeds."""
    with box(cls="tb-stack"):
        with box(cls="tb-charts"):
            for name in CHARTED:
                with box(cls="tb-card", tag="section").key(name):
                    _Chart(session, name)
        note(session.words("since.seeds_help"))


@solara.component
def _Chart(session: Session, name: str):
    """Show the chart of a daily series, whose lines follow the run."""
    t, choice = session.words, session.choice.value
    marks = policy_dates([choice.scenario(world) for world in (0, 1)], t)
    element = chart(session, t.outcome(name), unit=t("persons_a_day"), marks=list(map(list, marks)))

    def lines() -> dict[str, Any]:
        return chart_traits(session.logs, session.now.day, name, session.replicates.value.band)

    follow(session, element, lines, every=1.0)
