"""The screen: two worlds side by side with the same people and the same luck.

``twoborders serve`` runs it behind the guard; ``solara run viz/app.py`` also works.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import solara

from viz.screen.address import START, address, open_at
from viz.screen.pages.about import About
from viz.screen.pages.learn import Learn
from viz.screen.pages.start import Autoplay, Start
from viz.screen.pages.sweep import Sweep
from viz.screen.pages.validate import Validate
from viz.screen.pages.worlds import Compare, Explore
from viz.screen.panels.parts import box, button, note, widget
from viz.screen.runloop import Phase
from viz.screen.session import Session
from viz.screen.visitors import attach
from viz.screen.widgets.traits import KEYS, PageShell

attach()

#: Pages by the key of their title, in order. The start card is opened by the title of the bar.
PAGES = {
    START: Start,
    "compare": Compare,
    "explore": Explore,
    "sweep": Sweep,
    "validate": Validate,
    "learn": Learn,
    "about": About,
}
_TIMED = ("compare", "explore")  # pages with a time bar
_STYLES = Path(__file__).parent / "styles"
_SHEETS = sorted(_STYLES.glob("*.css"), key=lambda sheet: (sheet.stem != "screen", sheet.stem))
#: All style sheets, `screen.css` first, then by name; no font and no image is from another server.
CSS = "\n".join(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)


@solara.component
def Page():
    """Show the screen of one visitor."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _session(router.search or ""), [])
    solara.use_effect(lambda: session.end, [])
    solara.Title(session.words("title"))
    solara.Style(CSS)
    with box(cls="tb-app", lang=session.language.value):
        _Header(session)
        PAGES[session.page.value](session)
        Autoplay(session)
        _Shell(session)


def _session(query: str) -> Session:
    """Create a visitor's session that shows the view of an address."""
    session = Session(kernel=solara.get_kernel_id())
    open_at(session, query, PAGES)
    return session


@solara.component
def _Shell(session: Session):
    """Handle the keys that move time, and update the address while the run is paused."""
    status = session.active.status.value
    query = solara.use_ref("")
    if status.phase not in (Phase.RUNNING, Phase.SEEKING, Phase.BUILDING):
        query.current = address(session)
    widget(
        PageShell,
        address=query.current,
        language=session.language.value,
        page=session.page.value,
        on_pressed=lambda pressed: _press(session, pressed),
    )


def _press(session: Session, pressed: list[Any]) -> None:
    """Handle a key that was pressed outside any control."""
    active = session.active
    if session.page.value not in _TIMED or not pressed or active.loop is None:
        return
    name = str(pressed[0])
    if name == "toggle":
        active.toggle()
    elif name.endswith("first"):
        active.seek(0)
    elif name.endswith("last"):
        active.seek(active.loop.days)
    elif name in KEYS:
        active.step(KEYS[name])


@solara.component
def _Header(session: Session):
    """Show the title, the note on the model, the pages and the language."""
    t = session.words
    with box(cls="tb-header", tag="header"):
        _home(session)
        note(t("note"))
        with box(cls="tb-pages", tag="nav"):
            for name in [name for name in PAGES if name != START]:
                current = session.page.value == name
                solara.Button(
                    t(name),
                    text=True,
                    on_click=lambda name=name: session.page.set(name),
                    classes=["tb-here"] if current else [],
                    attributes={"aria-current": "page"} if current else {},
                )
        solara.Button(t("language"), text=True, on_click=lambda: session.language.set(t.other))


def _home(session: Session) -> None:
    """Show the title, which opens the start card; there the question is the heading of the page."""
    t, start = session.words, session.page.value == START
    with box(cls="tb-home", tag="p" if start else "h1"):
        more: dict[str, Any] = {"text": True, "disabled": start}
        name = f"{t('title')}: {t('start.home')}"
        button(t("title"), lambda: session.page.set(START), aria_label=name, **more)
