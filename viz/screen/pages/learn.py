"""Learn: six lessons in which one predicts first, then runs, then is scored."""

from __future__ import annotations

import solara

from viz.figures.markup import el, esc
from viz.screen.learning import Course, course
from viz.screen.lessons import Lesson, lessons
from viz.screen.panels.lesson_list import LessonList
from viz.screen.panels.lesson_predict import Predict, Progress, Story
from viz.screen.panels.lesson_result import LessonOutcome
from viz.screen.panels.parts import box, raw
from viz.screen.session import Session


@solara.component
def Learn(session: Session):
    """The list of lessons, or one of them; runs go on while the page is open."""
    own = course(session)
    solara.use_effect(lambda: _look(own), [])
    with box(cls="tb-learn", tag="main"):
        if lesson := lessons().get(own.open.value):
            _Lesson(session, own, lesson).key(lesson.id)
        else:
            LessonList(session, own)


def _look(own: Course):
    """Go on with what was locked; stop when the visitor leaves."""
    own.resume()
    return own.cancel_runs


@solara.component
def _Lesson(session: Session, own: Course, lesson: Lesson):
    """A lesson in its steps: read, predict, run, score."""
    t, found = session.words, own.result(own.key(lesson))
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-head"):
            solara.Button(
                t("learning.back"),
                icon_name="mdi-arrow-left",
                text=True,
                on_click=lambda: own.open.set(""),
                classes=["tb-back"],
            )
            raw(f"{lesson.order}. {esc(t(f'lesson.{lesson.id}.title'))}", tag="h2")
            raw(_steps(session, own, lesson), tag="ol", cls="tb-steps")
        Story(session, lesson)
        if found is None:
            Predict(session, own, lesson)
            Progress(session, own, lesson)
        else:
            LessonOutcome(session, own, found)


def _steps(session: Session, own: Course, lesson: Lesson) -> str:
    """Where one is."""
    t, key = session.words, own.key(lesson)
    at = 3 if own.result(key) else 2 if own.locked(key) else 1
    names = ("read", "predict", "run", "score")
    return "".join(
        el(
            "li",
            esc(t(f"learning.{name}")),
            class_="tb-now" if i == at else None,
            aria_current="step" if i == at else None,
        )
        for i, name in enumerate(names)
    )
