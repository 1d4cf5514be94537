"""The screen: two worlds side by side with the same people and the same luck.

``twoborders serve`` runs it, guarded; ``solara run viz/app.py`` too, as Mesa users expect.
"""

from __future__ import annotations

import csv
import io
from typing import Any

import solara

from viz.about import about_html
from viz.choice import read_query
from viz.frames import DAILY
from viz.panels.inspect import Inspect
from viz.panels.levers import Levers
from viz.panels.maps import Maps
from viz.panels.parts import box, heading, note, raw
from viz.panels.people import Ends, Follow
from viz.panels.tables import Charts, Figures
from viz.panels.timebar import TimeBar
from viz.report.markup import esc
from viz.session import Session
from viz.theme import CSS
from viz.visit import attach

attach()


@solara.component
def Page():
    """The whole screen of one visitor."""
    router = solara.use_router()
    session = solara.use_memo(lambda: _session(router.search or ""), [])
    page = solara.use_reactive("compare")
    solara.use_effect(lambda: _begin(session), [])
    solara.Title(session.words("title"))
    solara.Style(CSS)
    with box(cls="tb-app", lang=session.language.value):
        _Header(session, page)
        if page.value == "about":
            raw(about_html(session.language.value), cls="tb-about")
        else:
            _Compare(session)


def _session(query: str) -> Session:
    """A visitor's session, with what the address asks for."""
    session = Session(kernel=solara.get_kernel_id())
    session.choice.set(read_query(query))
    if "lang=es" in query:
        session.language.set("es")
    return session


def _begin(session: Session) -> Any:
    """Build the worlds; end them when the visitor goes."""
    session.begin()
    return session.end


@solara.component
def _Header(session: Session, page: solara.Reactive[str]):
    """Title, the line that stands on every screen, pages, language."""
    t = session.words
    with box(cls="tb-header", tag="header"):
        raw(esc(t("title")), tag="h1")
        note(t("note"))
        for name in ("compare", "about"):
            solara.Button(t(name), text=True, on_click=lambda name=name: page.set(name),
                          outlined=page.value == name)  # fmt: skip
        solara.Button(t("language"), text=True, on_click=lambda: session.language.set(t.other))


@solara.component
def _Compare(session: Session):
    """Levers, maps and time, figures and people."""
    with box(cls="tb-grid", tag="main"):
        with box(cls="tb-side"):
            Levers(session)
            _Show(session)
        with box(cls="tb-middle"):
            Maps(session)
            TimeBar(session)
            Charts(session)
            Ends(session)
        with box(cls="tb-side"):
            Figures(session)
            Follow(session)
            Inspect(session)
            _Export(session)


@solara.component
def _Show(session: Session):
    """What the maps show."""
    t = session.words
    with box(cls="tb-card tb-show", tag="section"):
        heading(t("show"))
        for name, on in session.show.value.items():
            solara.Checkbox(
                label=t(name), value=on,
                on_value=lambda on, name=name: session.show.set(session.show.value | {name: on}),
            )  # fmt: skip
        note(f"{t('keys')}: {t('keys_help')}")


@solara.component
def _Export(session: Session):
    """Daily figures and scenarios as files, and the address of this view."""
    t = session.words
    with box(cls="tb-card", tag="section"):
        heading(t("export"))
        with box(cls="tb-files"):
            solara.FileDownload(lambda: daily_csv(session), "two-borders-daily.csv",
                                label=t("export_csv"))  # fmt: skip
            for world, key in enumerate(("export_a", "export_b")):
                solara.FileDownload(
                    lambda world=world: session.choice.value.scenario(world).to_toml(),
                    f"world-{'ab'[world]}.toml", label=t(key),
                )  # fmt: skip
        raw(f'<a href="?{esc(session.choice.value.query())}">{esc(t("address"))}</a>', tag="p")
        note(t("note"))


def daily_csv(session: Session) -> str:
    """Daily figures of both worlds as far as they are played, one row a day and world."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(["# " + session.words("note")])
    writer.writerow(["world", "day", *DAILY])
    for name, reel in zip("AB", session.reels, strict=False):
        for day, row in enumerate(reel.daily[: len(reel)].tolist(), start=1):
            writer.writerow([name, day, *(f"{value:g}" for value in row)])
    return text.getvalue()
