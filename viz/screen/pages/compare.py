"""Compare, the first page: two worlds side by side with the same people and the same luck."""

from __future__ import annotations

from typing import Any

import solara

from viz.screen.panels.exports import Exports
from viz.screen.panels.inspect import Inspect
from viz.screen.panels.levers import Levers
from viz.screen.panels.maps import MapLayers, Maps
from viz.screen.panels.parts import box
from viz.screen.panels.people import Follow, JourneyOutcomes
from viz.screen.panels.tables import Charts, Figures, Outcomes
from viz.screen.panels.timebar import TimeBar
from viz.screen.session import Session


@solara.component
def Compare(session: Session):
    """Levers, maps and time, figures and people."""
    solara.use_effect(lambda: _begin(session), [])
    with box(cls="tb-grid", tag="main"):
        with box(cls="tb-side"):
            Levers(session)
            MapLayers(session)
        with box(cls="tb-middle"):
            Maps(session)
            TimeBar(session)
            Charts(session)
            Outcomes(session)
            JourneyOutcomes(session)
        with box(cls="tb-side"):
            Figures(session)
            Follow(session)
            Inspect(session)
            Exports(session)


def _begin(session: Session) -> Any:
    """Build both worlds; let time stand still while another page is open."""
    session.begin()
    return session.pause
