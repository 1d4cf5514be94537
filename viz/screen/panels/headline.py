"""The head of Compare and Explore: the question, the answer, and the buttons of the page."""

from __future__ import annotations

import solara

from viz.figures.markup import el, esc
from viz.screen.panels.answers import answer_sentence
from viz.screen.panels.maps import mark
from viz.screen.panels.parts import LiveMarkup, box, button
from viz.screen.panels.person_choice import PersonHead, loop_state
from viz.screen.panels.questions import question_of
from viz.screen.panels.views import VIEWS, shown_view
from viz.screen.session.runloop import Phase
from viz.screen.session.session import Session

_LONG = 52  # characters of a question from which on it takes two lines


@solara.component
def Headline(session: Session):
    """Show the question and the answer between the button of the policies and those of views."""
    t = session.words
    if shown_view(session) == "person":
        PersonHead(session)
        return
    asked = question(session)
    with box(cls="tb-headline"):
        button(
            t("layout.policies"),
            lambda: session.drawer.set(True),
            cls="tb-open-policies",
            outlined=True,
            icon_name="mdi-tune",
        )
        with box(cls="tb-ask"):
            box(asked, tag="h1", cls="tb-long" if len(asked) > _LONG else "", title=asked)
            _Answer(session)
        _Views(session)


@solara.component
def _Answer(session: Session):
    """Show the answer sentence, or an error, or what the page waits for; always of one height."""
    _subscribe(session)
    phase = session.status.value.phase
    steady = {} if phase is Phase.RUNNING else {"role": "status"}  # a run would never stop talking
    with box(cls="tb-answer", **steady):
        LiveMarkup(session, lambda: answer_markup(session), every=0.5)


def _subscribe(session: Session) -> None:
    """Render the component again when an input of the line changes, also without a run."""
    for field in (session.language, session.choice, session.error):
        field.get()


def answer_markup(session: Session) -> str:
    """Build the line under the question.

    Args:
        session: the session of the worlds.

    Returns:
        Markup: an error, the state of a loop that builds or seeks, or the answer.
    """
    t, now = session.words, session.now
    failed = f"{t('failed')}: {t.translate(now.error)}" if now.phase is Phase.FAILED else ""
    if error := t.translate(session.error.value) or failed:
        return el("p", esc(error), class_="tb-trouble", title=error)
    if state := loop_state(session):
        return el("p", esc(state), class_="tb-state")
    text = answer(session)
    return el("p", esc(text), title=text)


def answer(session: Session) -> str:
    """Return the sentence that answers the question, or says how to get an answer."""
    if session.worlds == 2 and session.now.day:
        return answer_sentence(session)
    if session.worlds == 2:
        return session.words("layout.ready")
    return session.words("layout.under_way_alone" if session.now.day else "layout.ready_alone")


@solara.component
def _Views(session: Session):
    """Show a switch between the views of both worlds, and a button to follow a person."""
    t, view = session.words, shown_view(session)
    names = [name for name in ("side", "difference") if name in VIEWS and session.worlds == 2]
    with box(cls="tb-views"):
        if len(names) > 1:
            with box(cls="tb-switch", role="group", **{"aria-label": t("layout.views")}):
                for name in names:
                    _switch(session, name, view)
        button(
            t("layout.person"),
            lambda: session.view.set("person"),
            cls="tb-person-view",
            outlined=True,
        )


def _switch(session: Session, name: str, view: str) -> None:
    """Show the button of a view."""
    marks = [mark(0), mark(1)] if name == "side" else []
    solara.Button(
        children=[*marks, session.words(f"layout.{name}")],
        on_click=lambda: session.view.set(name),
        text=True,
        classes=["tb-on"] if name == view else [],
        attributes={"aria-pressed": str(name == view).lower()},
    )


def question(session: Session) -> str:
    """Return the question that the worlds of a session answer, made of their policies."""
    choice = session.choice.value
    return question_of(session.words, choice.a, choice.b if session.worlds == 2 else None)
