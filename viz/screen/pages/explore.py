"""Explore: one world, larger and at a finer scale."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial

import solara

from viz.screen.choice import STATUS_QUO
from viz.screen.pages.compare import show_worlds
from viz.screen.panels.parts import box, button, note
from viz.screen.session import Session

_SCALE = 50  # default persons per migrant: twice as fine as Compare


@solara.component
def Explore(session: Session):
    """Show a single world, which has its own session; its memory is freed on other pages."""
    alone = solara.use_memo(lambda: _explored(session), [])

    def start() -> Callable[[], None]:
        alone.begin()
        return alone.end

    solara.use_effect(start, [])
    show_worlds(alone, "tb-explore", lambda: _Presets(session, alone))


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
