"""Read and predict: the story, the worlds, the questions, and the button that locks and runs."""

from __future__ import annotations

import solara

from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, signed
from viz.screen.learning import Course
from viz.screen.lessons import Fact, Lesson
from viz.screen.panels.lesson_words import answered, choices, dial_label, letter, prose
from viz.screen.panels.parts import box, card, heading, note, raw, select, show_error
from viz.screen.session import Session


@solara.component
def Story(session: Session, lesson: Lesson):
    """Show the story of a lesson and the worlds that it runs.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, word = session.words, f"lesson.{lesson.id}"
    with card(t("learning.read"), cls="tb-story", level=3):
        raw(prose(t(f"{word}.story")))
        arms = ""
        for arm in lesson.arms:
            name = letter(lesson, arm)
            arms += el("dt", name, class_=f"tb-arm-{name.lower()}")
            arms += el("dd", esc(t(f"{word}.arm.{arm}")))
        raw(el("dl", arms, class_="tb-arms"))
        runs = t("learning.runs").format(days=lesson.days, seeds=lesson.seeds, scale=lesson.scale)
        note(f"{runs} {t('note')}")


@solara.component
def Predict(session: Session, course: Course, lesson: Lesson):
    """Show the questions of a lesson, which are read-only once locked.

    Args:
        session: the visitor's session.
        course: the visitor's lessons.
        lesson: the lesson.
    """
    t, key = session.words, course.key(lesson)
    locked = course.is_locked(key)
    with card(t("learning.predict"), cls="tb-predict", level=3):
        note(t("learning.locked" if locked else "learning.predict_help"))
        if not locked and course.counted_result(lesson):
            DialSelect(session, course, lesson)
        for name, fact in lesson.questions.items():
            text = t(f"lesson.{lesson.id}.ask.{name}")
            attributes = {"role": "group", "aria-label": text}
            with box(cls="tb-question", **attributes).key(f"{key}{name}"):
                raw(esc(text), cls="tb-asked", tag="p")
                if locked:
                    prediction = course.prediction(lesson, name)
                    raw(esc(answered(t, lesson, name, prediction)), cls="tb-said")
                else:
                    _Answer(session, course, lesson, name, fact)
        if not locked:
            with solara.Details(t("learning.hint")):
                raw(prose(t(f"lesson.{lesson.id}.hint")))
            _Start(session, course, lesson)


@solara.component
def DialSelect(session: Session, course: Course, lesson: Lesson):
    """Show the number that may be changed for another prediction.

    Args:
        session: the visitor's session.
        course: the visitor's lessons.
        lesson: the lesson.
    """
    t, dial = session.words, course.key(lesson)[1]
    options = {dial_label(t, lesson, value): value for value in lesson.dial.values}
    select(
        t(f"lesson.{lesson.id}.dial"), options, dial, lambda value: course.set_dial(lesson, value)
    )
    note(t("learning.dial_help"))


@solara.component
def _Answer(session: Session, course: Course, lesson: Lesson, name: str, fact: Fact):
    """Ask for a direction or a percentage, and for the confidence."""
    t, prediction = session.words, course.prediction(lesson, name)
    if fact.ask == "direction":
        options = choices(t, lesson, name).items()
        solara.v.RadioGroup(
            v_model=prediction.answer,
            on_v_model=lambda one: course.predict(lesson, name, answer=one),
            row=True,
            hide_details=True,
            children=[solara.v.Radio(label=text, value=one) for one, text in options],
        )
    else:
        _Percent(session, course, lesson, name, fact)
    raw(f"{esc(t('learning.sure'))}: <b>{prediction.sure}{NBSP}%</b>", cls="tb-label")
    solara.SliderInt(
        t("learning.sure"),
        value=prediction.sure,
        min=0,
        max=100,
        step=10,
        thumb_label=False,
        on_value=lambda v: course.predict(lesson, name, sure=int(v)),
    )


@solara.component
def _Percent(session: Session, course: Course, lesson: Lesson, name: str, fact: Fact):
    """Ask for a percentage with a slider, which counts once it was moved."""
    t, answer = session.words, course.prediction(lesson, name).answer
    low, high = fact.range
    number = answer if isinstance(answer, int) else 0
    text = t("learning.move") if answer is None else f"{signed(number, 0)}{NBSP}%"
    near = t("learning.near").format(near=f"{fact.near:g}")
    raw(f"<b>{esc(text)}</b> · {esc(near)}", cls="tb-label")
    solara.SliderInt(
        t("learning.percent"),
        value=number,
        min=low,
        max=high,
        step=1,
        thumb_label=False,
        on_value=lambda v: course.predict(lesson, name, answer=int(v)),
    )


@solara.component
def _Start(session: Session, course: Course, lesson: Lesson):
    """Show the button that locks and runs; it needs an answer to every question."""
    t, complete = session.words, course.is_complete(lesson)
    solara.Button(
        t("learning.lock"),
        on_click=lambda: course.start(lesson),
        color="primary",
        disabled=not complete,
        classes=["tb-lock"],
    )
    if not complete:
        note(t("learning.all_first"))


@solara.component
def Progress(session: Session, course: Course, lesson: Lesson):
    """Show the number of finished runs while the lesson runs, and an error.

    Args:
        session: the visitor's session.
        course: the visitor's lessons.
        lesson: the lesson.
    """
    t, waiting = session.words, course.waiting.value
    if course.error.value:
        show_error(t, course.error.value)
    if waiting is None or waiting.key != course.key(lesson):
        return
    with box(cls="tb-card", tag="section", role="status"):
        heading(t("learning.run"), 3)
        note(t("learning.run_help"))
        solara.ProgressLinear(100.0 * waiting.done / waiting.of, color="primary")
        raw(f"{waiting.done} / {waiting.of} {esc(t('learning.runs_done'))}", cls="tb-label")
        solara.Button(t("learning.stop"), on_click=course.stop, small=True, outlined=True)
