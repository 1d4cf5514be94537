"""The lessons there are, what was scored so far, and the table of it to take away."""

from __future__ import annotations

import solara

from viz.figures.markup import esc
from viz.screen.learning import Course
from viz.screen.lessons import Lesson, lessons
from viz.screen.panels.lesson_words import prose, scored
from viz.screen.panels.parts import box, heading, note, raw
from viz.screen.session import Session


@solara.component
def LessonList(session: Session, course: Course):
    """A card a lesson; how points are given; a word on content."""
    t = session.words
    with box(cls="tb-stack"):
        with box(cls="tb-card", tag="section"):
            heading(t("learn"))
            raw(prose(t("learning.lead")))
            note(t("content"))
        with box(cls="tb-lessons"):
            for lesson in lessons().values():
                _Card(session, course, lesson)
        _Points(session, course)


@solara.component
def _Points(session: Session, course: Course):
    """How points are given, all of them so far, and the table to take away."""
    t = session.words
    with box(cls="tb-card", tag="section"):
        heading(t("learning.points"))
        raw(prose(t("learning.points_help")))
        if course.results.value:
            raw(f"{esc(t('learning.total'))}: <b>{scored(course.total)}</b>", cls="tb-sum", tag="p")
            solara.FileDownload(
                lambda: course.csv(t("note")), "two-borders-lessons.csv", label=t("learning.csv")
            )
            note(t("learning.csv_help"))


@solara.component
def _Card(session: Session, course: Course, lesson: Lesson):
    """One lesson: what it asks, time needed, whether it is done."""
    t, done = session.words, course.counted_result(lesson)
    waiting = course.waiting.value
    state = t("learning.open")
    if done is not None:
        state = f"{t('learning.done')}: {scored(done.points)} {t('learning.of_points')}"
    elif waiting is not None and waiting.key[0] == lesson.id:
        state = t("learning.running")
    with box(cls="tb-card tb-lesson", tag="section"):
        raw(f"{lesson.order}. {esc(t(f'lesson.{lesson.id}.title'))}", cls="tb-heading", tag="h3")
        raw(esc(t(f"lesson.{lesson.id}.question")), tag="p")
        note(f"{lesson.minutes} {t('learning.minutes')} · {state}")
        solara.Button(
            t("learning.again" if done else "learning.begin"),
            color="primary",
            small=True,
            on_click=lambda: course.open.set(lesson.id),
            outlined=done is not None,
            attributes={"aria-label": f"{t('learning.begin')}: {t(f'lesson.{lesson.id}.title')}"},
        )
