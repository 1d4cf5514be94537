"""Compare: two worlds, same people, same random draws. Explore: one world at a finer scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import solara

from viz.screen.panels.assumed_numbers import AssumedNumbers
from viz.screen.panels.drawer import Drawer
from viz.screen.panels.exports import Exports
from viz.screen.panels.headline import Headline
from viz.screen.panels.inspect import Inspect
from viz.screen.panels.parts import box, button, note
from viz.screen.panels.policies import Policies
from viz.screen.panels.sankey import JourneyOutcomes
from viz.screen.panels.since import Since
from viz.screen.panels.tables import Charts, Figures, Outcomes
from viz.screen.panels.timebar import TimeBar
from viz.screen.panels.views import VIEWS, shown_view
from viz.screen.session.choice import STATUS_QUO
from viz.screen.session.session import Session

_SCALE = 50  # default persons per migrant: twice as fine as Compare


@solara.component
def Compare(session: Session):
    """Show both worlds; they are built on the first visit and paused on other pages."""

    def start() -> Callable[[], None]:
        session.begin()
        return lambda: _leave(session, session.pause)

    solara.use_effect(start, [])
    _worlds(session)


@solara.component
def Explore(session: Session):
    """Show a single world, which has its own session; its memory is freed on other pages."""
    alone = solara.use_memo(lambda: _explored(session), [])

    def start() -> Callable[[], None]:
        alone.begin()
        return lambda: _leave(alone, alone.end)

    solara.use_effect(start, [])
    _worlds(alone, "tb-explore", lambda: _Presets(session, alone))


def _leave(session: Session, stop: Callable[[], object]) -> None:
    """Close the drawer and stop the worlds, when another page opens."""
    session.drawer.set(False)
    stop()


def _explored(session: Session) -> Session:
    """Return the session of this page; it starts with world B of Compare at a finer scale."""
    if session.explored is None:
        session.explored = session.new_session(worlds=1)
        choice = session.choice.value
        scale = min(choice.scale, _SCALE)
        session.explored.choice.set(dataclasses.replace(choice, a=choice.b, b=(), scale=scale))
        session.explored.first_day, session.first_day = session.first_day, 0
    return session.explored


@solara.component
def _Presets(session: Session, alone: Session):
    """Show buttons that copy the policies of a world of Compare, or the status quo."""
    t, choice = session.words, session.choice.value
    with box(cls="tb-card tb-from", tag="section"):
        note(t("explore_help"))
        for key, policies in (("world_a", choice.a), ("world_b", choice.b), (STATUS_QUO, ())):
            copy = partial(alone.choose, a=policies)
            button(f"{t('take')} {t(key)}", copy, small=True, outlined=True)


def _worlds(session: Session, cls: str = "", before: Callable[[], object] | None = None) -> None:
    """Show question, time line, maps and figures; `before` is the head of the drawer."""

    def policies() -> None:
        if before:
            before()
        Policies(session)

    with box(cls=f"tb-main tb-worlds {cls}".strip()):
        Headline(session)
        TimeBar(session)  # before the maps for the keyboard; style sheets put it at the bottom
        VIEWS[shown_view(session)](session)
        _below(session)
        Drawer(session, policies)


def _below(session: Session) -> None:
    """Show figures since the start, charts, and the rest of the page."""
    with box(cls="tb-below"):
        AssumedNumbers(session)
        with box(cls="tb-strip"):
            Since(session)
        Charts(session)
        with box(cls="tb-columns"):
            with box(cls="tb-column"):
                Figures(session)
                Outcomes(session)
                Inspect(session)
            with box(cls="tb-column"):
                Exports(session)
        JourneyOutcomes(session)
