"""Explore: one world, larger and at a finer scale."""

from __future__ import annotations

import dataclasses
from typing import Any

import solara

from viz.screen.choice import STATUS_QUO
from viz.screen.panels.exports import Exports
from viz.screen.panels.inspect import Inspect
from viz.screen.panels.levers import Levers
from viz.screen.panels.maps import MapLayers, Maps
from viz.screen.panels.parts import box, note
from viz.screen.panels.people import Follow, JourneyOutcomes
from viz.screen.panels.tables import Charts, Figures, Outcomes
from viz.screen.panels.timebar import TimeBar
from viz.screen.session import Session

_SCALE = 50  # persons a migrant stands for at first: twice as fine as Compare


@solara.component
def Explore(session: Session):
    """The world of this page has a session of its own, which is kept while others are looked at."""
    alone = solara.use_memo(lambda: _alone(session), [])
    solara.use_effect(lambda: _begin(alone), [])
    with box(cls="tb-grid tb-explore", tag="main"):
        with box(cls="tb-side"):
            _From(session, alone)
            Levers(alone)
            MapLayers(alone)
        with box(cls="tb-middle"):
            Maps(alone)
            TimeBar(alone)
            Charts(alone)
            Outcomes(alone)
            JourneyOutcomes(alone)
        with box(cls="tb-side"):
            Figures(alone)
            Follow(alone)
            Inspect(alone)
            Exports(alone)


def _alone(session: Session) -> Session:
    """The session of this page, made when it is opened first: world B of Compare, finer."""
    if session.alone is None:
        session.alone = session.another(worlds=1)
        choice = session.choice.value
        scale = min(choice.scale, _SCALE)
        session.alone.choice.set(dataclasses.replace(choice, a=choice.b, b=(), scale=scale))
        session.alone.first_day, session.first_day = session.first_day, 0
    return session.alone


def _begin(alone: Session) -> Any:
    """Build the world; give its memory back when the page is left."""
    alone.begin()
    return alone.end


@solara.component
def _From(session: Session, alone: Session):
    """Take over what a world of Compare does."""
    t = session.words
    with box(cls="tb-card tb-from", tag="section"):
        note(t("explore_help"))
        for world, key in enumerate(("world_a", "world_b")):
            policies = session.choice.value.policies(world)
            solara.Button(
                f"{t('take')} {t(key)}",
                small=True,
                outlined=True,
                on_click=lambda policies=policies: alone.choose(a=policies),
            )
        solara.Button(
            f"{t('take')} {t(STATUS_QUO)}",
            small=True,
            outlined=True,
            on_click=lambda: alone.choose(a=()),
        )
