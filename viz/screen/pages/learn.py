"""Learn: six lessons, each asking for predictions before it runs and scores them."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

import solara

from agents.labels import SECTORS
from experiments.runs.pairs import Difference
from viz.figures.markup import el, esc
from viz.screen.lessons.learning import Course, course
from viz.screen.lessons.lesson import MARGIN, Lesson, direction_of, lessons
from viz.screen.panels.lesson_class import ClassGuesses, ClassScreen
from viz.screen.panels.lesson_result import DialSelect, LessonOutcome, Score, Why
from viz.screen.panels.lesson_words import LessonWords, prose, range_text, scored
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import (
    box,
    button,
    card,
    details,
    heading,
    note,
    raw,
    show_error,
    widget,
)
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Guesses
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
        with card(t("learn"), level=1):
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
            total = f"{esc(t('learning.total'))}: <b>{scored(progress.total)}</b>"
            raw(total, cls="tb-sum", tag="p")
            name, label = "two-borders-lessons.csv", t("learning.csv")
            solara.FileDownload(lambda: progress.csv(t("note")), name, label=label)
            note(t("learning.csv_help"))


@solara.component
def _Lesson(session: Session, progress: Course, lesson: Lesson):
    """Show a lesson's steps: read, guess, run, compare."""
    t, words = session.words, LessonWords(session.words, lesson)
    result = progress.result(progress.key(lesson))
    back: Any = {"icon_name": "mdi-arrow-left", "text": True}
    step = phase(progress, lesson)
    if progress.projector.value and progress.class_code.value:
        ClassScreen(session, lesson)
        return
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-head"):
            button(t("learning.back"), lambda: progress.open.set(""), cls="tb-back", **back)
            with box(cls="tb-lesson-title"):
                raw(f"{lesson.order}. {esc(words('title'))}", tag="h1")
                raw(esc(words("question")), tag="p")
            if progress.class_code.value:
                label, more = t("learning.class_screen"), dict[str, Any](outlined=True)
                button(label, lambda: progress.projector.set(True), cls="tb-class-open", **more)
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
    names = ("guess", "more", "fewer", "unclear") if step == "result" else ("guess", "right")
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


# ---- the drawing: guesses on an axis, results over them, and their places on the map
_TEXTS = ("zero", "move", "sure", "you", "right", "wrong")
_DEEPEST = 290


@solara.component
def LessonBoard(session: Session, lesson: Lesson):
    """Show the guesses, which can be dragged until they are locked, and the results.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, progress = session.words, course(session)
    texts = {name: t(f"learning.{name}") for name in _TEXTS}
    payload = map_payload(session.language.value)
    widget(
        Guesses,
        columns=columns(LessonWords(t, lesson), progress, payload),
        axis=list(lesson.axis),
        ground=ground(payload, t.part("map")),
        deepest=_DEEPEST,
        phase=phase(progress, lesson),
        texts=texts | {"points": t("learning.points_unit")},
        on_moved=lambda moved: on_moved(progress, lesson, moved),
    )


def phase(progress: Course, lesson: Lesson) -> str:
    """Return the step of a lesson: guess, run or result."""
    key = progress.key(lesson)
    return "result" if progress.result(key) else "run" if progress.is_locked(key) else "guess"


def on_moved(progress: Course, lesson: Lesson, moved: list[Any]) -> None:
    """Store guesses and confidences, which come from the browser.

    Args:
        progress: the visitor's lessons.
        lesson: the lesson.
        moved: as the trait of `viz.screen.widgets.traits.Guesses`; invalid values are ignored.
    """
    low, high = lesson.axis
    for name, guess, sure in zip(moved[1::3], moved[2::3], moved[3::3], strict=False):
        if name not in lesson.questions:
            continue
        if isinstance(sure, int | float) and 0 <= sure <= 100:
            progress.predict(lesson, name, sure=int(sure))
        if isinstance(guess, int | float) and low <= guess <= high:
            progress.predict(lesson, name, answer=int(guess))


def columns(words: LessonWords, progress: Course, payload: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the columns of the drawing: the questions and, with a result, the claims.

    Args:
        words: the lesson's texts.
        progress: the visitor's lessons.
        payload: the world of the map.

    Returns:
        Columns as `viz.screen.widgets.traits.Guesses` takes them.
    """
    lesson, result = words.lesson, progress.result(progress.key(words.lesson))
    named = list(lesson.questions)
    badges = words.badges if result and result is progress.counted_result(lesson) else {}
    if result:
        named += [name for name in words.badges if name not in lesson.questions]
    unsorted = [_column(words, progress, payload, name, badges.get(name, [])) for name in named]
    # totals, then sectors eastward
    return sorted(unsorted, key=lambda column: column["at"] or [-math.inf])


def _column(
    words: LessonWords,
    progress: Course,
    payload: dict[str, Any],
    name: str,
    badges: list[int],
) -> dict[str, Any]:
    """Return one column."""
    lesson, fact = words.lesson, words.lesson.facts[name]
    key, is_question = progress.key(lesson), name in lesson.questions
    prediction, result, right = progress.prediction(lesson, name), progress.result(key), None
    if result and is_question:
        prediction = result.predictions[name]
        right = next(score.right for score in result.scores if score.question == name)
    return {
        "key": name,
        "label": words(f"short.{name}"),
        "against": words.against(fact),
        "question": words(f"ask.{name}") if is_question else words(f"short.{name}"),
        "asked": is_question,
        "locked": progress.is_locked(key) or not is_question,
        "guess": prediction.answer,
        "sure": prediction.sure,
        "near": fact.near if fact.ask == "percent" else 0,
        "same": MARGIN,
        "zones": list(words.choices(name).values()) if is_question else [],
        "at": payload["sectors"][SECTORS.index(fact.sector)]["at"] if fact.sector else None,
        "in_points": fact.against is not None,
        "result": result_payload(words, name, result.evidence.change(fact)) if result else None,
        "right": right,
        "badges": badges,
    }


def result_payload(words: LessonWords, name: str, change: Difference) -> dict[str, Any]:
    """Return a result as the drawing shows it.

    Args:
        words: the lesson's texts.
        name: the fact.
        change: its values over seeds.

    Returns:
        Mean (under ``median``), low, high, text, and the tone: more, fewer, or unclear for a change
        that is not meaningful.
    """
    tone = {"rises": "more", "falls": "fewer"}.get(direction_of(change), "unclear")
    text = range_text(words.t, words.lesson.facts[name], change).split(" (")[0]
    ends = {"median": change.difference, "low": change.low90, "high": change.high90}
    return ends | {"text": text, "tone": tone}


# ---- where the outcomes of lessons are on the map
def ground(payload: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return land, border, names and the box around the sectors, for a drawing without flows.

    Args:
        payload: the world.
        names: names of countries and seas by key.
    """
    named = [[names.get(key, ""), x, y, sea] for key, x, y, sea in payload["names"]]
    xs, ys = zip(*(sector["at"] for sector in payload["sectors"] if sector["at"]), strict=True)
    core = [min(xs), min(ys), max(xs), max(ys)]
    return {key: payload[key] for key in ("land", "border")} | {"core": core, "names": named}
