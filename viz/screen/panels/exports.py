"""What one takes away and brings back, and the address of this view."""

from __future__ import annotations

import traceback

import solara

from abm.scenario import SettingError
from viz.figures.markup import esc
from viz.screen.address import address
from viz.screen.exports.downloads import Desk, File
from viz.screen.exports.export_registry import bring, make, rows, ways_in
from viz.screen.exports.view import View
from viz.screen.panels.parts import box, heading, note, raw, widget
from viz.screen.session import Session


@solara.component
def Exports(session: Session):
    """Figures, pictures, a replay and scenarios as files, made when they are asked for."""
    t, most = session.words, session.limits.caps.body
    shown = rows(t, session.charted.value, session.worlds) + ways_in(t, session.worlds)
    with box(cls="tb-card", tag="section"):
        heading(t("take.title"))
        note(t("take.help"))
        with box():  # a widget is as high as what it stands in, so it stands in a box of its own
            widget(
                Desk,
                rows=shown,
                words=t.part("take"),
                most=most,
                answer=lambda key, name, data: _answer(session, key, name, data),
            )
        raw(f'<a href="?{esc(address(session))}">{esc(t("address"))}</a>', tag="p")
        note(t("note"))


def view_of(session: Session) -> View:
    """What is on the screen now; raises ``SettingError`` before a day was played."""
    loop = session.loop
    return View(
        loop.scenarios if loop else (),
        loop.seed if loop else 0,
        session.logs,
        session.now.day,
        session.words,
        session.charted.value,
        session.show.value,
        session.more.value.band,
    )


def _answer(session: Session, key: str, name: str, data: bytes) -> File | str:
    """What a button of the desk asks for, or why not."""
    t, (kind, _, which) = session.words, key.partition(".")
    try:
        if kind != "bring":
            return make(view_of(session), key)
        most = session.limits.caps.body
        session.set_choice(bring(session.choice.value, which, name, data, most))
    except SettingError as error:
        return t.translate(" ".join(str(error).split()))
    except Exception as error:  # the button must not wait for ever for what will not come
        traceback.print_exc()
        return f"{t('take.broken')} {type(error).__name__}"
    return t.translate(session.trouble.value) or t(f"take.taken_{which}")
