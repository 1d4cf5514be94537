"""Learn: six lessons, each of which asks for predictions before it runs and scores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.learning import Course, course
from viz.screen.lessons import Lesson, lessons
from viz.screen.panels.lesson_predict import Predict, Progress, Story
from viz.screen.panels.lesson_result import LessonOutcome
from viz.screen.panels.lesson_words import LessonWords, prose, scored
from viz.screen.panels.parts import box, button, card, heading, note, raw
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
            _List(session, own)


@solara.component
def _List(session: Session, own: Course):
    """Show a card for each lesson, the scoring rule, and a note on content."""
    t = session.words
    with box(cls="tb-stack"):
        with card(t("learn")):
            raw(prose(t("learning.lead")))
            note(t("content"))
        with box(cls="tb-lessons"):
            for lesson in lessons().values():
                _Card(session, own, lesson)
        _Points(session, own)


@solara.component
def _Card(session: Session, own: Course, lesson: Lesson):
    """Show a lesson: its question, the time needed, and whether it is done."""
    t, done, waiting = session.words, own.counted_result(lesson), own.waiting.value
    words = LessonWords(t, lesson)
    state = t("learning.open")
    if done is not None:
        state = f"{t('learning.done')}: {scored(done.points)} {t('learning.of_points')}"
    elif waiting is not None and waiting.key[0] == lesson.id:
        state = t("learning.running")
    with box(cls="tb-card tb-lesson", tag="section"):
        heading(f"{lesson.order}. {words('title')}", 3)
        raw(esc(words("question")), tag="p")
        note(f"{lesson.minutes} {t('learning.minutes')} · {state}")
        button(
            t("learning.again" if done else "learning.begin"),
            lambda: own.open.set(lesson.id),
            aria_label=f"{t('learning.begin')}: {words('title')}",
            color="primary",
            small=True,
            outlined=done is not None,
        )


@solara.component
def _Points(session: Session, own: Course):
    """Show the scoring rule, the total, and a table of the results to download."""
    t = session.words
    with card(t("learning.points")):
        raw(prose(t("learning.points_help")))
        if own.results.value:
            raw(f"{esc(t('learning.total'))}: <b>{scored(own.total)}</b>", cls="tb-sum", tag="p")
            name, label = "two-borders-lessons.csv", t("learning.csv")
            solara.FileDownload(lambda: own.csv(t("note")), name, label=label)
            note(t("learning.csv_help"))


@solara.component
def _Lesson(session: Session, own: Course, lesson: Lesson):
    """Show the steps of a lesson: read, predict, run, score."""
    t, result = session.words, own.result(own.key(lesson))
    back: Any = {"icon_name": "mdi-arrow-left", "text": True}
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-head"):
            button(t("learning.back"), lambda: own.open.set(""), cls="tb-back", **back)
            raw(f"{lesson.order}. {esc(LessonWords(t, lesson)('title'))}", tag="h2")
            raw(_steps(session, own, lesson), tag="ol", cls="tb-steps")
        Story(session, lesson)
        if result is None:
            Predict(session, lesson)
            Progress(session, lesson)
        else:
            LessonOutcome(session, result)


def _steps(session: Session, own: Course, lesson: Lesson) -> str:
    """Build the list of steps with the current one marked."""
    t, key = session.words, own.key(lesson)
    at = 3 if own.result(key) else 2 if own.is_locked(key) else 1
    items = []
    for i, name in enumerate(("read", "predict", "run", "score")):
        now = {"class_": "tb-now", "aria_current": "step"} if i == at else {}
        items.append(el("li", esc(t(f"learning.{name}")), **now))
    return "".join(items)
