"""The views of the worlds on the page: maps side by side, their difference, one person in both.

`VIEWS` holds what `session.view` can show; the switch of the headline offers only these.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from viz.screen.panels.difference import DifferencePanel
from viz.screen.panels.maps import DIFFERENCE_TAB, Maps, Tabs, open_tab
from viz.screen.panels.parts import box
from viz.screen.panels.person import PersonFacts, PersonLine
from viz.screen.panels.tables import Figures
from viz.screen.session.session import Session


@solara.component
def SideBySide(session: Session):
    """Show the maps; a single map leaves room for its figures."""
    with box(cls="tb-scene" if session.worlds == 2 else "tb-scene tb-with-side"):
        Maps(session)
        if session.worlds == 1:
            with box(cls="tb-beside"):
                Figures(session)


@solara.component
def PersonInWorlds(session: Session):
    """Show the maps, the fate of one person next to them, and the line of events below."""
    with box(cls="tb-scene tb-with-side tb-follow"):
        Maps(session)
        with box(cls="tb-beside"):
            PersonFacts(session)
        PersonLine(session)


@solara.component
def DifferenceOfWorlds(session: Session):
    """Show the map of signed flows with the table of outcomes since the policies began."""
    with box(cls="tb-scene"):
        Tabs(session, DIFFERENCE_TAB, lambda tab: open_tab(session, tab))
        DifferencePanel(session)


#: Components by the name of the view.
VIEWS: dict[str, Callable[[Session], Any]] = {
    "side": SideBySide,
    "difference": DifferenceOfWorlds,
    "person": PersonInWorlds,
}


def shown_view(session: Session) -> str:
    """Return the name of the view to show; maps where the chosen one does not exist."""
    view = session.view.value
    alone = session.worlds == 1 and view == "difference"
    return view if view in VIEWS and not alone else "side"
