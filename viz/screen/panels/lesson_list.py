"""The list of lessons, the total score, and the table of results to download."""

from __future__ import annotations

import solara

from viz.figures.markup import esc
from viz.screen.learning import Course
from viz.screen.lessons import Lesson, lessons
from viz.screen.panels.lesson_words import prose, scored
from viz.screen.panels.parts import box, card, note, raw
from viz.screen.session import Session


@solara.component
def LessonList(session: Session, course: Course):
    """Show a card for each lesson, the scoring rule, and a note on content.

    Args:
        session: the visitor's session.
        course: the visitor's lessons.
    """
    t = session.words
    with box(cls="tb-stack"):
        with card(t("learn")):
            raw(prose(t("learning.lead")))
            note(t("content"))
        with box(cls="tb-lessons"):
            for lesson in lessons().values():
                _Card(session, course, lesson)
        _Points(session, course)


@solara.component
def _Points(session: Session, course: Course):
    """Show the scoring rule, the total, and the download."""
    t = session.words
    with card(t("learning.points")):
        raw(prose(t("learning.points_help")))
        if course.results.value:
            raw(f"{esc(t('learning.total'))}: <b>{scored(course.total)}</b>", cls="tb-sum", tag="p")
            solara.FileDownload(
                lambda: course.csv(t("note")), "two-borders-lessons.csv", label=t("learning.csv")
            )
            note(t("learning.csv_help"))


@solara.component
def _Card(session: Session, course: Course, lesson: Lesson):
    """Show a lesson: its question, the time needed, and whether it is done."""
    t, done = session.words, course.counted_result(lesson)
    waiting, title = course.waiting.value, t(f"lesson.{lesson.id}.title")
    state = t("learning.open")
    if done is not None:
        state = f"{t('learning.done')}: {scored(done.points)} {t('learning.of_points')}"
    elif waiting is not None and waiting.key[0] == lesson.id:
        state = t("learning.running")
    with box(cls="tb-card tb-lesson", tag="section"):
        raw(f"{lesson.order}. {esc(title)}", cls="tb-heading", tag="h3")
        raw(esc(t(f"lesson.{lesson.id}.question")), tag="p")
        note(f"{lesson.minutes} {t('learning.minutes')} · {state}")
        solara.Button(
            t("learning.again" if done else "learning.begin"),
            color="primary",
            small=True,
            on_click=lambda: course.open.set(lesson.id),
            outlined=done is not None,
            attributes={"aria-label": f"{t('learning.begin')}: {title}"},
        )
