"""Learn: six lessons, each of which asks for predictions before it runs and scores them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import solara

from viz.figures.markup import el, esc
from viz.figures.numbers import NBSP
from viz.screen.learning import Course, course
from viz.screen.lessons import Fact, Lesson, lessons
from viz.screen.panels.lesson_result import DialSelect, LessonOutcome
from viz.screen.panels.lesson_words import LessonWords, percent, prose, scored
from viz.screen.panels.parts import box, button, card, heading, note, raw, show_error
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
        _Story(session, lesson)
        if result is None:
            _Predict(session, lesson)
            _Progress(session, lesson)
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


@solara.component
def _Story(session: Session, lesson: Lesson):
    """Show the story of a lesson and the worlds that it runs."""
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
def _Predict(session: Session, lesson: Lesson):
    """Show the questions of a lesson, which are read-only once locked."""
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
def _Progress(session: Session, lesson: Lesson):
    """Show the number of finished runs while the lesson runs, and an error."""
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
