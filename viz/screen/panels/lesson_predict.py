"""Read and predict: the story, the worlds, the questions, and the button that locks and runs."""

from __future__ import annotations

import solara

from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP, signed
from viz.screen.learning import Course
from viz.screen.lessons import Fact, Lesson
from viz.screen.panels.lesson_words import answered, choices, dial_told, letter, prose
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.session import Session


@solara.component
def Story(session: Session, lesson: Lesson):
    """What it is about, and the worlds that are played."""
    t, word = session.words, f"lesson.{lesson.id}"
    with box(cls="tb-card tb-story", tag="section"):
        heading(t("learning.read"), 3)
        raw(prose(t(f"{word}.story")))
        raw(
            el(
                "dl",
                *(
                    el("dt", letter(lesson, arm), class_=f"tb-arm-{letter(lesson, arm).lower()}")
                    + el("dd", esc(t(f"{word}.arm.{arm}")))
                    for arm in lesson.arms
                ),
                class_="tb-arms",
            )
        )
        runs = t("learning.runs").format(days=lesson.days, seeds=lesson.seeds, scale=lesson.scale)
        note(f"{runs} {t('note')}")


@solara.component
def Predict(session: Session, course: Course, lesson: Lesson):
    """The questions of a lesson; once locked they are only read."""
    t, key = session.words, course.key(lesson)
    locked = course.locked(key)
    with box(cls="tb-card tb-predict", tag="section"):
        heading(t("learning.predict"), 3)
        note(t("learning.locked" if locked else "learning.predict_help"))
        if not locked and course.counted_result(lesson):
            Dialled(session, course, lesson)
        for name, fact in lesson.questions.items():
            text = t(f"lesson.{lesson.id}.ask.{name}")
            told = {"role": "group", "aria-label": text}
            with box(cls="tb-question", **told).key(f"{key}{name}"):
                raw(esc(text), cls="tb-asked", tag="p")
                if locked:
                    _Locked(session, course, lesson, name)
                else:
                    _Answer(session, course, lesson, name, fact)
        if not locked:
            with solara.Details(t("learning.hint")):
                raw(prose(t(f"lesson.{lesson.id}.hint")))
            _Start(session, course, lesson)


@solara.component
def Dialled(session: Session, course: Course, lesson: Lesson):
    """The number that may be changed for another try."""
    t, now = session.words, course.key(lesson)[1]
    told = {dial_told(t, lesson, value): value for value in lesson.dial.values}
    solara.Select(
        t(f"lesson.{lesson.id}.dial"),
        values=list(told),
        value=dial_told(t, lesson, now),
        on_value=lambda words: course.set_dial(lesson, told[words]),
    )
    note(t("learning.dial_help"))


@solara.component
def _Locked(session: Session, course: Course, lesson: Lesson, name: str):
    """What was said, to be read."""
    t, said = session.words, course.prediction(lesson, name)
    raw(esc(answered(t, lesson, name, said)), cls="tb-said")


@solara.component
def _Answer(session: Session, course: Course, lesson: Lesson, name: str, fact: Fact):
    """A direction or a percentage, and how sure."""
    t, said = session.words, course.prediction(lesson, name)
    if fact.ask == "direction":
        solara.v.RadioGroup(
            v_model=said.answer,
            on_v_model=lambda one: course.predict(lesson, name, answer=one),
            row=True,
            hide_details=True,
            children=[
                solara.v.Radio(label=text, value=one)
                for one, text in choices(t, lesson, name).items()
            ],
        )
    else:
        _Percent(session, course, lesson, name, fact)
    raw(f"{esc(t('learning.sure'))}: <b>{said.sure}{NBSP}%</b>", cls="tb-label")
    solara.SliderInt(
        t("learning.sure"),
        value=said.sure,
        min=0,
        max=100,
        step=10,
        thumb_label=False,
        on_value=lambda v: course.predict(lesson, name, sure=int(v)),
    )


@solara.component
def _Percent(session: Session, course: Course, lesson: Lesson, name: str, fact: Fact):
    """A percentage on a slider; it counts once it was moved."""
    t, said = session.words, course.prediction(lesson, name)
    low, high = fact.range
    number = said.answer if isinstance(said.answer, int) else 0
    told = t("learning.move") if said.answer is None else f"{signed(number, 0)}{NBSP}%"
    near = t("learning.near").format(near=f"{fact.near:g}")
    raw(f"<b>{esc(told)}</b> · {esc(near)}", cls="tb-label")
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
    """Lock and run; not before everything is predicted."""
    t, ready = session.words, course.is_complete(lesson)
    solara.Button(
        t("learning.lock"),
        on_click=lambda: course.start(lesson),
        color="primary",
        disabled=not ready,
        classes=["tb-lock"],
    )
    if not ready:
        note(t("learning.all_first"))


@solara.component
def Progress(session: Session, course: Course, lesson: Lesson):
    """How many runs are there, while they are played."""
    t, waiting = session.words, course.waiting.value
    if course.trouble.value:
        raw(esc(t.translate(course.trouble.value)), cls="tb-trouble", tag="p")
    if waiting is None or waiting.key != course.key(lesson):
        return
    with box(cls="tb-card", tag="section", role="status"):
        heading(t("learning.run"), 3)
        note(t("learning.run_help"))
        solara.ProgressLinear(100.0 * waiting.done / waiting.of, color="primary")
        raw(f"{waiting.done} / {waiting.of} {esc(t('learning.runs_done'))}", cls="tb-label")
        solara.Button(t("learning.stop"), on_click=course.stop, small=True, outlined=True)
