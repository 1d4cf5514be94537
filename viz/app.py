"""The screen: two worlds side by side with the same people and the same luck.

``twoborders serve`` runs it, guarded; ``solara run viz/app.py`` too, as Mesa users expect.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import solara

from viz.choice import read_query
from viz.pages.about import About
from viz.pages.compare import Compare
from viz.panels.parts import box, note, raw
from viz.report.markup import esc
from viz.session import Session
from viz.theme import CSS
from viz.visit import attach
from viz.words import LANGUAGES

attach()

#: Pages by the key of their title, in order.
PAGES = {"compare": Compare, "about": About}


@solara.component
def Page():
    """The whole screen of one visitor."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _session(router.search or ""), [])
    solara.use_effect(lambda: _begin(session), [])
    solara.Title(session.words("title"))
    solara.Style(CSS)
    with box(cls="tb-app", lang=session.language.value):
        _Header(session)
        PAGES[session.page.value](session)


def _session(query: str) -> Session:
    """A visitor's session, with what the address asks for."""
    session = Session(kernel=solara.get_kernel_id())
    session.choice.set(read_query(query))
    told = {key: values[-1] for key, values in parse_qs(query.lstrip("?")).items()}
    if told.get("lang") in LANGUAGES:
        session.language.set(told["lang"])
    if told.get("page") in PAGES:
        session.page.set(told["page"])
    return session


def _begin(session: Session) -> Any:
    """Build the worlds; end them when the visitor goes."""
    session.begin()
    return session.end


@solara.component
def _Header(session: Session):
    """Title, the line that stands on every screen, pages, language."""
    t = session.words
    with box(cls="tb-header", tag="header"):
        raw(esc(t("title")), tag="h1")
        note(t("note"))
        with box(cls="tb-pages", tag="nav"):
            for name in PAGES:
                solara.Button(t(name), text=True, on_click=lambda name=name: session.page.set(name),
                              outlined=session.page.value == name)  # fmt: skip
        solara.Button(t("language"), text=True, on_click=lambda: session.language.set(t.other))
