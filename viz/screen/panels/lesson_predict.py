"""Read and predict: the story, the worlds, the questions, and the button that locks and runs."""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP
from viz.screen.learning import course
from viz.screen.lessons import Fact, Lesson
from viz.screen.panels.lesson_words import LessonWords, percent, prose
from viz.screen.panels.parts import box, button, card, heading, note, raw, select, show_error
from viz.screen.session import Session


@solara.component
def Story(session: Session, lesson: Lesson):
    """Show the story of a lesson and the worlds that it runs.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, words = session.words, LessonWords(session.words, lesson)
    with card(t("learning.read"), cls="tb-story", level=3):
        raw(prose(words("story")))
        arms = ""
        for arm, letter in lesson.letters.items():
            arms += el("dt", letter, class_=f"tb-arm-{letter.lower()}")
            arms += el("dd", esc(words(f"arm.{arm}")))
        raw(el("dl", arms, class_="tb-arms"))
        runs = t("learning.runs").format(days=lesson.days, seeds=lesson.seeds, scale=lesson.scale)
        note(f"{runs} {t('note')}")


@solara.component
def Predict(session: Session, lesson: Lesson):
    """Show the questions of a lesson, which are read-only once locked.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, words, own = session.words, LessonWords(session.words, lesson), course(session)
    key = own.key(lesson)
    locked = own.is_locked(key)
    with card(t("learning.predict"), cls="tb-predict", level=3):
        note(t("learning.locked" if locked else "learning.predict_help"))
        if not locked and own.counted_result(lesson):
            DialSelect(session, lesson)
        for name, fact in lesson.questions.items():
            asked = words(f"ask.{name}")
            attributes = {"role": "group", "aria-label": asked}
            with box(cls="tb-question", **attributes).key(f"{key}{name}"):
                raw(esc(asked), cls="tb-asked", tag="p")
                if locked:
                    said = words.answered(name, own.prediction(lesson, name))
                    raw(esc(said), cls="tb-said")
                else:
                    _Answer(session, lesson, name, fact)
        if not locked:
            with solara.Details(t("learning.hint")):
                raw(prose(words("hint")))
            _Start(session, lesson)


@solara.component
def DialSelect(session: Session, lesson: Lesson):
    """Show the number that may be changed for another prediction.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    words, own = LessonWords(session.words, lesson), course(session)
    options = {words.dial(value): value for value in lesson.dial.values}
    chosen = own.key(lesson)[1]
    select(words("dial"), options, chosen, lambda value: own.set_dial(lesson, value))
    note(session.words("learning.dial_help"))


@solara.component
def _Answer(session: Session, lesson: Lesson, name: str, fact: Fact):
    """Ask for a direction or a percentage, and for the confidence."""
    t, own = session.words, course(session)
    prediction = own.prediction(lesson, name)
    if fact.ask == "direction":
        options = LessonWords(t, lesson).choices(name).items()
        solara.v.RadioGroup(
            v_model=prediction.answer,
            on_v_model=lambda one: own.predict(lesson, name, answer=one),
            row=True,
            hide_details=True,
            children=[solara.v.Radio(label=text, value=one) for one, text in options],
        )
    else:
        _Percent(session, lesson, name, fact)
    label, sure = t("learning.sure"), prediction.sure

    def change(value: float) -> None:
        own.predict(lesson, name, sure=int(value))

    raw(f"{esc(label)}: <b>{sure}{NBSP}%</b>", cls="tb-label")
    solara.SliderInt(label, sure, max=100, step=10, thumb_label=False, on_value=change)


@solara.component
def _Percent(session: Session, lesson: Lesson, name: str, fact: Fact):
    """Ask for a percentage with a slider, which counts once it was moved."""
    t, own = session.words, course(session)
    answer = own.prediction(lesson, name).answer
    number = answer if isinstance(answer, int) else 0

    def change(value: float) -> None:
        own.predict(lesson, name, answer=int(value))

    text = t("learning.move") if answer is None else percent(number)
    near = t("learning.near").format(near=f"{fact.near:g}")
    raw(f"<b>{esc(text)}</b> · {esc(near)}", cls="tb-label")
    low, high = fact.range
    label = t("learning.percent")
    solara.SliderInt(label, number, min=low, max=high, thumb_label=False, on_value=change)


@solara.component
def _Start(session: Session, lesson: Lesson):
    """Show the button that locks and runs; it needs an answer to every question."""
    t, own = session.words, course(session)
    complete = own.is_complete(lesson)
    more: Any = {"color": "primary", "disabled": not complete}
    button(t("learning.lock"), lambda: own.start(lesson), cls="tb-lock", **more)
    if not complete:
        note(t("learning.all_first"))


@solara.component
def Progress(session: Session, lesson: Lesson):
    """Show the number of finished runs while the lesson runs, and an error.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, own = session.words, course(session)
    waiting = own.waiting.value
    show_error(t, own.error.value)
    if waiting is None or waiting.key != own.key(lesson):
        return
    with box(cls="tb-card", tag="section", role="status"):
        heading(t("learning.run"), 3)
        note(t("learning.run_help"))
        solara.ProgressLinear(100.0 * waiting.done / waiting.of, color="primary")
        raw(f"{waiting.done} / {waiting.of} {esc(t('learning.runs_done'))}", cls="tb-label")
        button(t("learning.stop"), own.stop, small=True, outlined=True)
