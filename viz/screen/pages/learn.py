"""Learn: six lessons, each of which asks for predictions before it runs and scores them."""

from __future__ import annotations

from collections.abc import Callable

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
    """Show the list of lessons or one lesson; runs continue only while the page is open."""
    own = course(session)

    def start() -> Callable[[], None]:
        own.resume()
        return own.cancel_runs

    solara.use_effect(start, [])
    with box(cls="tb-learn", tag="main"):
        if lesson := lessons().get(own.open.value):
            _Lesson(session, own, lesson).key(lesson.id)
        else:
            LessonList(session, own)


@solara.component
def _Lesson(session: Session, own: Course, lesson: Lesson):
    """Show the steps of a lesson: read, predict, run, score."""
    t, result = session.words, own.result(own.key(lesson))
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
        if result is None:
            Predict(session, own, lesson)
            Progress(session, own, lesson)
        else:
            LessonOutcome(session, own, result)


def _steps(session: Session, own: Course, lesson: Lesson) -> str:
    """Build the list of steps with the current one marked."""
    t, key = session.words, own.key(lesson)
    at = 3 if own.result(key) else 2 if own.is_locked(key) else 1
    items = []
    for i, name in enumerate(("read", "predict", "run", "score")):
        now = {"class_": "tb-now", "aria_current": "step"} if i == at else {}
        items.append(el("li", esc(t(f"learning.{name}")), **now))
    return "".join(items)
