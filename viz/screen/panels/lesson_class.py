"""The guesses of a class, large for a projector."""

from __future__ import annotations

from typing import Any

import solara

from viz.figures.markup import esc
from viz.screen.lessons.learning import CLASSROOM, course
from viz.screen.lessons.lesson import Lesson
from viz.screen.panels.lesson_board import LessonBoard, legend
from viz.screen.panels.lesson_words import LessonWords
from viz.screen.panels.parts import box, button, heading, note, raw, use_changes
from viz.screen.session.session import Session


@solara.component
def ClassScreen(session: Session, lesson: Lesson):
    """Show the guesses of a class in large type; the teacher shows the result.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, progress = session.words, course(session)
    use_changes(CLASSROOM.changes)
    key, code, words = progress.key(lesson), progress.class_code.value, LessonWords(t, lesson)
    shown = progress.shown_runs(key) is not None
    with box(cls="tb-projector"):
        with box(cls="tb-lesson-head"):
            with box(cls="tb-lesson-title"):
                raw(esc(words("title")), tag="h1")
                raw(esc(words("question")), tag="p")
            count = len(progress.classroom.guesses(code, key))
            text = t("learning.class_count").format(count=count, code=code)
            raw(esc(text), cls="tb-class-count", tag="p")
            if not shown and progress.stored_runs(key) is None:
                note(t("learning.class_run_first"))
            elif not shown:
                if not progress.is_locked(key):
                    note(t("learning.class_reveal_help"))
                reveal = {"cls": "tb-reveal", "color": "primary"}
                button(t("learning.class_reveal"), lambda: progress.reveal(lesson), **reveal)
            back: Any = {"outlined": True}
            button(t("learning.class_close"), lambda: progress.projector.set(False), **back)
        for sectors in (True, False) if lesson.has_map else (False,):
            with box(cls="tb-card tb-drawing", tag="section"):
                with box(cls="tb-drawing-head"):
                    heading(t("learning.board_sectors" if sectors else "learning.board_totals"))
                    legend(t, "class_result" if shown else "class")
                LessonBoard(session, lesson, sectors=sectors, for_class=True)
