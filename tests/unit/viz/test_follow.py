"""A live widget stays with its component while two threads render the page."""

from __future__ import annotations

import random
import threading
import time
from types import SimpleNamespace
from typing import Any

import pytest
import reacton
import solara
from solara.widgets import HTML

from viz.screen.panels.parts import LiveMarkup, box, follow, widget
from viz.screen.session.live_traits import LiveWidgets

ROUNDS = 300


@solara.component
def subject(session: Any, number: int):
    session.status.get()
    LiveMarkup(session, lambda: f"<b>{number}</b>")
    element = widget(HTML, attributes={"title": str(session.choice.value)})
    follow(session, element, lambda: {"unsafe_innerHTML": str(session.choice.value)})


@solara.component
def inspect(session: Any):
    """Show a subject, except while worlds are built."""
    place = session.place.value
    number, choose = solara.use_state(1)
    solara.use_effect(lambda: choose(-1) if place < 0 else None, [place])
    with box():
        if session.built and session.status.value % 7:
            subject(session, number)


@solara.component
def page(session: Any):
    session.choice.get()
    with box():
        inspect(session)


def _report(session: Any, ended: threading.Event, chance: random.Random) -> None:
    """Change the status from another thread, as a loop does."""
    while not ended.is_set():
        session.built = chance.random() < 0.7
        session.status.set(session.status.value + 1)
        time.sleep(chance.random() * 0.004)


@pytest.mark.slow
def test_a_changed_choice_finds_the_widget_while_the_loop_reports():
    session: Any = SimpleNamespace(live_widgets=LiveWidgets(), built=True)
    for name in ("status", "choice", "place", "language"):
        setattr(session, name, solara.reactive(0))
    _, context = reacton.render(page(session), handle_error=False)
    ended, chance = threading.Event(), random.Random(1)
    loop = threading.Thread(target=_report, args=(session, ended, chance), daemon=True)
    loop.start()
    try:
        for turn in range(ROUNDS):
            session.choice.set(turn)  # raises what an effect raised
            session.place.set(chance.choice([-1, 1]))
            time.sleep(chance.random() * 0.003)
            session.live_widgets.update(at_once=True)
    finally:
        ended.set()
        loop.join(20.0)
        context.close()
    assert not session.live_widgets.parts, "a widget that is not on the page is still updated"
