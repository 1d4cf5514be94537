"""Compare, the first page: two worlds side by side with the same people and the same luck."""

from __future__ import annotations

from collections.abc import Callable

import solara

from viz.screen.panels.exports import Exports
from viz.screen.panels.inspect import Inspect
from viz.screen.panels.levers import Levers
from viz.screen.panels.maps import MapLayers, Maps
from viz.screen.panels.parts import box
from viz.screen.panels.people import Follow
from viz.screen.panels.sankey import JourneyOutcomes
from viz.screen.panels.tables import Charts, Figures, Outcomes
from viz.screen.panels.timebar import TimeBar
from viz.screen.session import Session


@solara.component
def Compare(session: Session):
    """Show both worlds; they are built on the first visit and paused on other pages."""

    def start() -> Callable[[], None]:
        session.begin()
        return session.pause

    solara.use_effect(start, [])
    show_worlds(session)


def show_worlds(
    session: Session, cls: str = "", before: Callable[[], object] | None = None
) -> None:
    """Show levers, maps and time, figures and people of a session's worlds.

    Args:
        session: the session of the worlds.
        cls: more CSS classes of the page.
        before: creates elements above the levers.
    """
    with box(cls=f"tb-grid {cls}".strip(), tag="main"):
        with box(cls="tb-side"):
            if before:
                before()
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
