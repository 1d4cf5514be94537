"""Show two worlds side by side with the same people and the same random draws.

``twoborders serve`` runs the screen behind the guard. ``solara run viz/app.py`` uses no guard.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import solara

from viz.figures.palette import css_variables
from viz.screen.pages.about import About
from viz.screen.pages.learn import Learn
from viz.screen.pages.start import Start
from viz.screen.pages.sweep import Sweep
from viz.screen.pages.validate import Validate
from viz.screen.pages.worlds import Compare
from viz.screen.panels.parts import box, button, widget_element
from viz.screen.session.address import START, address, open_at
from viz.screen.session.session import Session
from viz.screen.session.visitors import attach
from viz.screen.widgets.traits import KEYS, PageShell

attach()

#: Pages in order, by the key of their title. The title in the header opens the start card.
PAGES = {
    START: Start,
    "compare": Compare,
    "sweep": Sweep,
    "validate": Validate,
    "learn": Learn,
    "about": About,
}
_TIMED = "compare"  # the page with a time bar
_STYLES = Path(__file__).parent / "styles"
_SHEETS = sorted(_STYLES.glob("*.css"), key=lambda sheet: (sheet.stem != "screen", sheet.stem))
#: Colours as CSS variables, then `screen.css`, then the other style sheets by name.
CSS = css_variables() + "\n".join(sheet.read_text(encoding="utf-8") for sheet in _SHEETS)


@solara.component
def Page():
    """Show the screen of one visitor."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _session(router.search or ""), [])
    solara.use_effect(lambda: session.end, [])
    solara.Title(session.words("title"))
    solara.Style(CSS)
    timed = session.page.value == _TIMED
    with box(cls="tb-app tb-timed" if timed else "tb-app", lang=session.language.value):
        # The link is hidden, not removed, on pages without maps. Removing it would move the other
        # children, and the browser would draw the header and the page again.
        hidden = {} if timed else {"hidden": "hidden"}
        box(session.words("layout.to_maps"), tag="a", cls="tb-skip", href="#tb-maps", **hidden)
        _Header(session)
        PAGES[session.page.value](session)
        _Shell(session)


def _session(query: str) -> Session:
    """Create a visitor's session with the view that an address describes."""
    session = Session(kernel=solara.get_kernel_id())
    open_at(session, query, PAGES)
    return session


@solara.component
def _Shell(session: Session):
    """Handle the keys that move time, and update the address of the page."""
    session.status.get()  # Render again when a run pauses at another day.
    widget_element(
        PageShell,
        language=session.language.value,
        page=session.page.value,
        address=address(session),
        drawer=session.drawer.value,
        on_pressed=lambda pressed: _press(session, pressed),
    )


def _press(session: Session, pressed: list[Any]) -> None:
    """Handle a key that the visitor pressed outside of any control."""
    if session.page.value != _TIMED or not pressed or session.loop is None:
        return
    name = str(pressed[0])
    if name == "close":
        session.drawer.set(False)
    elif name == "toggle":
        session.toggle()
    elif name.endswith("first"):
        session.seek(0)
    elif name.endswith("last"):
        session.seek(session.loop.days)
    elif name in KEYS:
        session.step(KEYS[name])


@solara.component
def _Header(session: Session):
    """Show the title, the pages, the note on the model and the language. A phone has a menu."""
    t, page = session.words, session.page.value
    is_open, set_open = solara.use_state(False)

    def go(name: str) -> None:
        set_open(False)
        session.page.set(name)

    with box(cls="tb-header tb-open" if is_open else "tb-header", tag="header"):
        solara.Button(
            icon_name="mdi-menu",
            on_click=lambda: set_open(not is_open),
            text=True,
            classes=["tb-menu"],
            attributes={"aria-label": t("layout.pages"), "aria-expanded": str(is_open).lower()},
        )
        _home(session)
        with box(cls="tb-pages", tag="nav", **{"aria-label": t("layout.pages")}):
            for name in [name for name in PAGES if name != START]:
                solara.Button(
                    t(name),
                    text=True,
                    on_click=lambda name=name: go(name),
                    classes=["tb-here"] if page == name else [],
                    attributes={"aria-current": "page"} if page == name else {},
                )
        box(t("note"), tag="p", cls="tb-note", title=t("note"))
        solara.Button(
            t("language"),
            text=True,
            on_click=lambda: session.language.set(t.other),
            classes=["tb-language"],
            attributes={"lang": t.other},
        )


def _home(session: Session) -> None:
    """Show the title, which opens the start card."""
    t, page = session.words, session.page.value
    with box(cls="tb-brand tb-home", tag="p"):
        more: dict[str, Any] = {"text": True, "disabled": page == START}
        name = f"{t('title')}: {t('start.home')}"
        button(t("title"), lambda: session.page.set(START), aria_label=name, **more)
