"""The screen: two worlds side by side with the same people and the same luck.

``twoborders serve`` runs it, guarded; ``solara run viz/app.py`` too, as Mesa users expect.
"""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.address import address, open_at
from viz.screen.pages.about import About
from viz.screen.pages.compare import Compare
from viz.screen.pages.explore import Explore
from viz.screen.pages.learn import Learn
from viz.screen.pages.sweep import Sweep
from viz.screen.pages.validate import Validate
from viz.screen.panels.parts import box, note, raw, widget
from viz.screen.runloop import Phase
from viz.screen.session import Session
from viz.screen.theme import CSS
from viz.screen.visitors import attach
from viz.screen.widgets.shell import KEYS, Shell

attach()

#: Pages by the key of their title, in order.
PAGES = {
    "compare": Compare,
    "explore": Explore,
    "sweep": Sweep,
    "validate": Validate,
    "learn": Learn,
    "about": About,
}
TIMED = ("compare", "explore")  # pages on which time passes


@solara.component
def Page():
    """The whole screen of one visitor."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _session(router.search or ""), [])
    solara.use_effect(lambda: session.end, [])
    solara.Title(session.words("title"))
    solara.Style(CSS)
    with box(cls="tb-app", lang=session.language.value):
        _Header(session)
        PAGES[session.page.value](session)
        _Shell(session)


def _session(query: str) -> Session:
    """A visitor's session, which shows what the address tells."""
    session = Session(kernel=solara.get_kernel_id())
    open_at(session, query, PAGES)
    return session


@solara.component
def _Shell(session: Session):
    """Keys that move time, and the address; told while time stands still."""
    look = session.shown.status.value
    kept = solara.use_ref("")
    if look.phase not in (Phase.RUNNING, Phase.SEEKING, Phase.BUILDING):
        kept.current = address(session)
    widget(
        Shell,
        address=kept.current,
        language=session.language.value,
        page=session.page.value,
        on_pressed=lambda told: _press(session, told),
    )


def _press(session: Session, told: list[Any]) -> None:
    """A key was pressed outside of whatever has a use for it."""
    shown = session.shown
    if session.page.value not in TIMED or not told or shown.loop is None:
        return
    name = told[0]
    if name == "toggle":
        shown.toggle()
    elif name.endswith("first"):
        shown.seek(0)
    elif name.endswith("last"):
        shown.seek(shown.loop.days)
    else:
        shown.step(KEYS.get(name, 0))


@solara.component
def _Header(session: Session):
    """Title, the line that stands on every screen, pages, language."""
    t = session.words
    with box(cls="tb-header", tag="header"):
        raw(esc(t("title")), tag="h1")
        note(t("note"))
        with box(cls="tb-pages", tag="nav"):
            for name in PAGES:
                here = session.page.value == name
                solara.Button(
                    t(name),
                    text=True,
                    on_click=lambda name=name: session.page.set(name),
                    classes=["tb-here"] if here else [],
                    attributes={"aria-current": "page"} if here else {},
                )
        solara.Button(t("language"), text=True, on_click=lambda: session.language.set(t.other))
