"""Learn: six lessons, each asking for predictions before it runs and scores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.screen.lessons.learning import Course, course
from viz.screen.lessons.lesson import Lesson, lessons
from viz.screen.panels.lesson_board import LessonBoard, phase
from viz.screen.panels.lesson_class import ClassGuesses, ClassScreen
from viz.screen.panels.lesson_result import DialSelect, LessonOutcome, Score, Why
from viz.screen.panels.lesson_words import LessonWords, prose, scored
from viz.screen.panels.parts import box, button, card, details, heading, note, raw, show_error
from viz.screen.session.session import Session
from viz.screen.words import Words


@solara.component
def Learn(session: Session):
    """Show the lesson list or one lesson; runs continue only while the page is open."""
    progress = course(session)

    def start() -> Callable[[], None]:
        progress.resume()
        return progress.cancel_runs

    solara.use_effect(start, [])
    is_open = progress.open.value in lessons()
    with box(cls="tb-main tb-learn tb-wide" if is_open else "tb-main tb-learn"):
        if lesson := lessons().get(progress.open.value):
            _Lesson(session, progress, lesson).key(lesson.id)
        else:
            _List(session, progress)


@solara.component
def _List(session: Session, progress: Course):
    """Show a card for each lesson, the scoring rule, and a note on content."""
    t = session.words
    with box(cls="tb-stack"):
        with card(t("learn")):
            raw(prose(t("learning.lead")))
            note(f"{t('content')} {t('note')}")
        with box(cls="tb-lessons"):
            for lesson in lessons().values():
                _Card(session, progress, lesson)
        _Class(session, progress)
        _Points(session, progress)


@solara.component
def _Card(session: Session, progress: Course, lesson: Lesson):
    """Show a lesson: its question, the time needed, and whether it is done."""
    t, result, waiting = session.words, progress.counted_result(lesson), progress.waiting.value
    words = LessonWords(t, lesson)
    state = t("learning.open")
    if result is not None:
        state = f"{t('learning.done')}: {scored(result.points)} {t('learning.of_points')}"
    elif waiting is not None and waiting.key[0] == lesson.id:
        state = t("learning.running")
    with box(cls="tb-card tb-lesson", tag="section"):
        heading(f"{lesson.order}. {words('title')}", 3)
        raw(esc(words("question")), tag="p")
        note(f"{lesson.minutes} {t('learning.minutes')} · {state}")
        button(
            t("learning.again" if result else "learning.begin"),
            lambda: progress.open.set(lesson.id),
            aria_label=f"{t('learning.begin')}: {words('title')}",
            color="primary",
            small=True,
            outlined=result is not None,
        )


@solara.component
def _Points(session: Session, progress: Course):
    """Show the scoring rule, the total, and a result table to download."""
    t = session.words
    with card(t("learning.points")):
        raw(prose(t("learning.points_help")))
        if progress.results.value:
            raw(
                f"{esc(t('learning.total'))}: <b>{scored(progress.total)}</b>",
                cls="tb-sum",
                tag="p",
            )
            name, label = "two-borders-lessons.csv", t("learning.csv")
            solara.FileDownload(lambda: progress.csv(t("note")), name, label=label)
            note(t("learning.csv_help"))


@solara.component
def _Lesson(session: Session, progress: Course, lesson: Lesson):
    """Show a lesson's steps: read, guess, run, compare."""
    t, result, words = (
        session.words,
        progress.result(progress.key(lesson)),
        LessonWords(session.words, lesson),
    )
    back: Any = {"icon_name": "mdi-arrow-left", "text": True}
    step = phase(progress, lesson)
    if progress.projector.value and progress.class_code.value:
        ClassScreen(session, lesson)
        return
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-head"):
            button(t("learning.back"), lambda: progress.open.set(""), cls="tb-back", **back)
            with box(cls="tb-lesson-title"):
                raw(f"{lesson.order}. {esc(words('title'))}", tag="h2")
                raw(esc(words("question")), tag="p")
            _ClassButton(session, progress)
            raw(_steps(t, step), tag="ol", cls="tb-steps")
        with box(cls=f"tb-lesson-room tb-at-{step}"):
            with box(cls="tb-lesson-read"):
                _Story(session, lesson) if result is None else Score(result, words)
            with box(cls="tb-lesson-main"):
                _Drawing(session, lesson, step)
            with box(cls="tb-lesson-next"):
                if result is None:
                    _Lock(session, lesson)
                else:
                    ClassGuesses(session, lesson)
                    Why(session, result, words)
        if result is not None:
            LessonOutcome(session, result)


def _steps(t: Words, step: str) -> str:
    """Build the step list with the current one marked."""
    steps = {"read": "", "predict": "guess", "run": "run", "score": "result"}
    items = []
    for name, current in steps.items():
        attributes = {"class_": "tb-now", "aria_current": "step"} if current == step else {}
        items.append(el("li", esc(t(f"learning.{name}")), **attributes))
    return "".join(items)


@solara.component
def _Story(session: Session, lesson: Lesson):
    """Show a lesson's story and the worlds that it runs."""
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
def _Drawing(session: Session, lesson: Lesson, step: str):
    """Show guesses, results and a map with their places."""
    t = session.words
    with card(t("learning.drawn"), cls="tb-drawing", level=3):
        raw(_legend(t, step), cls="tb-signs")
        LessonBoard(session, lesson)
        if step == "result":
            note(t("learning.drawn_help"))


def _legend(t: Words, step: str) -> str:
    """Build the legend of the drawing."""
    names = {"guess": ("guess", "right"), "run": ("guess", "right")}.get(
        step, ("guess", "more", "fewer", "unclear")
    )
    return "".join(
        el("span", el("i", class_=f"tb-signs-{name}") + esc(t(f"learning.legend_{name}")))
        for name in names
    )


@solara.component
def _Lock(session: Session, lesson: Lesson):
    """Show how to guess, and the button that locks; after that, how far the runs are."""
    t, words, progress = session.words, LessonWords(session.words, lesson), course(session)
    key = progress.key(lesson)
    with box(cls="tb-card tb-predict", tag="section"):
        if key in progress.revealed.value:
            note(t("learning.class_shown"))
        elif progress.is_locked(key):
            _Progress(session, lesson)
        else:
            heading(t("learning.predict"), 3)
            raw(esc(t("learning.predict_help")), tag="p")
            if progress.counted_result(lesson):
                DialSelect(session, lesson)
            with details(t("learning.hint")):
                raw(prose(words("hint")))
            show_error(t, progress.error.value)
            _Start(session, lesson)


@solara.component
def _Start(session: Session, lesson: Lesson):
    """Show the button that locks and runs; it needs an answer to every question."""
    t, progress = session.words, course(session)
    complete = progress.is_complete(lesson)
    more: Any = {"color": "primary", "disabled": not complete}
    button(t("learning.lock"), lambda: progress.start(lesson), cls="tb-lock", **more)
    if not complete:
        note(t("learning.all_first"))


@solara.component
def _Progress(session: Session, lesson: Lesson):
    """Show how many runs have finished while the lesson runs."""
    t, progress = session.words, course(session)
    waiting = progress.waiting.value
    if waiting is None or waiting.key != progress.key(lesson):
        return
    with box(role="status"):
        heading(t("learning.run"), 3)
        note(t("learning.locked"))
        if progress.key(lesson)[1] == lesson.dial.value:
            note(t("learning.recomputed"))
        note(t("learning.run_help"))
        solara.ProgressLinear(100.0 * waiting.finished / waiting.of, color="primary")
        raw(f"{waiting.finished} / {waiting.of} {esc(t('learning.runs_done'))}", cls="tb-label")
        button(t("learning.stop"), progress.stop, small=True, outlined=True)


@solara.component
def _ClassButton(session: Session, progress: Course):
    """Show the button that opens the class screen, if the visitor is in a class."""
    if progress.class_code.value:
        more: Any = {"outlined": True}
        label = session.words("learning.class_screen")
        button(label, lambda: progress.projector.set(True), cls="tb-class-open", **more)


@solara.component
def _Class(session: Session, progress: Course):
    """Show the field for a class code."""
    t = session.words
    refused, refuse = solara.use_state(False)

    def join(text: str) -> None:
        progress.join_class(text)
        refuse(bool(text.strip()) and not progress.class_code.value)

    with card(t("learning.class")):
        note(t("learning.class_join_help"))
        solara.InputText(
            t("learning.class_join"),
            value=progress.class_code.value,
            on_value=join,
            error=t("learning.class_bad") if refused else False,
        )
