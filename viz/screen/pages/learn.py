"""Page Learn: six lessons in which visitors predict outcomes before the runs are shown."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import solara

from viz.figures.markup import el, esc
from viz.screen.lessons import lesson as lesson_files
from viz.screen.lessons.learning import CLASSROOM, Course, course
from viz.screen.lessons.lesson import Evidence, Lesson, lessons, points
from viz.screen.panels.lesson_board import ClassScreen, LessonBoard, result_payload, show_worlds
from viz.screen.panels.lesson_result import Happened, LessonOutcome, Score
from viz.screen.panels.lesson_words import LessonWords, prose, scored
from viz.screen.panels.parts import (
    box,
    button,
    card,
    details,
    heading,
    note,
    raw,
    show_error,
    use_changes,
)
from viz.screen.session.session import Session
from viz.screen.words import Words

#: Confidence levels that a visitor can choose, in percent.
SURE = {"guess": 20, "fairly": 50, "very": 90}


@solara.component
def Learn(session: Session):
    """Show the list of lessons or one lesson. Runs continue only while the page is open."""
    progress = course(session)
    code = progress.class_code.value

    def start() -> Callable[[], None]:
        progress.resume()
        return progress.cancel_runs

    solara.use_effect(start, [])
    solara.use_effect(lambda: progress.classroom.attend(code, progress.visitor), [code])
    with box(cls="tb-main tb-learn"):
        if lesson := lessons().get(progress.open.value):
            _Lesson(session, progress, lesson).key(lesson.id)
        else:
            _List(session, progress)


# ---- the list of lessons
@solara.component
def _List(session: Session, progress: Course):
    """Show a card per lesson, the class, the scoring rule, and a note on content."""
    t = session.words
    use_changes(CLASSROOM.changes)
    room = progress.classroom.room(progress.class_code.value)
    with_guesses = progress.drafts.value.keys() | room.guesses.keys()
    following = next((name for name in lessons() if name not in with_guesses), "")
    with box(cls="tb-stack"):
        with box(cls="tb-learn-head"):
            with box(cls="tb-lesson-title"):
                raw(esc(t("learning.lead_title")), tag="h1")
                raw(esc(t("learning.lead")), tag="p")
            _Class(session, progress)
        with box(cls="tb-lessons"):
            for lesson in lessons().values():
                _Card(session, progress, lesson, is_next=lesson.id == following)
        note(f"{t('learning.index_help')} {t('content')} {t('note')}")
        _Points(session, progress)


@solara.component
def _Card(session: Session, progress: Course, lesson: Lesson, *, is_next: bool):
    """Show a lesson with a picture, its question, the state of the class, and a button."""
    t, words, waiting = session.words, LessonWords(session.words, lesson), progress.waiting.value
    room = progress.classroom.room(progress.class_code.value)
    locked = room.guesses.get(lesson.id, {})
    pupils = len(room.visitors | locked.keys())
    result, evidence = progress.results.value.get(lesson.id), progress.visible_runs(lesson)
    state, about = ("next" if is_next else "open"), ""
    if evidence:
        state = "shown"
    elif locked or (waiting is not None and waiting.lesson is lesson):
        state = "guessing"
    if result:
        about = f"{t('learning.done')}: {scored(result.points)} {t('learning.of_points')}"
    elif state == "guessing":
        about = t("learning.locked_of").format(locked=len(locked), left=pupils - len(locked))
    with box(cls=f"tb-card tb-lesson tb-is-{state}", tag="section"):
        raw(picture(words, evidence), cls="tb-picture")
        with box(cls="tb-lesson-name"):
            heading(f"{lesson.order}. {words('title')}", 2)
            raw(esc(t("learning.minutes").format(lesson.minutes)), tag="small")
        raw(esc(words("question")), tag="p")
        pill = el("b", esc(t(f"learning.state_{state}")), class_="tb-pill")
        raw(f"{pill} {esc(about)}", cls="tb-lesson-state")
        with box(cls="tb-lesson-foot"):
            dots = "".join(
                el("i", class_="tb-on" if i < len(locked) else "") for i in range(pupils)
            )
            text = t("learning.class_count").format(
                count=len(locked), code=progress.class_code.value
            )
            raw(el("span", dots, role="img", aria_label=text) if pupils else "", cls="tb-pupils")
            label = {"shown": "again", "guessing": "join"}.get(state, "begin")
            button(
                t(f"learning.{label}"),
                lambda: progress.open.set(lesson.id),
                aria_label=f"{t(f'learning.{label}')}: {words('title')}",
                color="primary",
                outlined=state in ("shown", "open"),
            )


def picture(words: LessonWords, evidence: Evidence | None) -> str:
    """Draw a lesson's picture, with a question mark in place of each unknown result.

    Args:
        words: texts of the lesson.
        evidence: results of the lesson, or None before they are shown.

    Returns:
        The SVG file of the lesson, with results and labels inserted.
    """
    lesson = words.lesson
    holes = {f"label_{name}": esc(words.label(name)) for name in lesson.questions}
    for name, fact in lesson.questions.items():
        text, tone = "?", "none"
        if evidence:
            payload = result_payload(words, name, evidence.change(fact))
            text, tone = payload["text"], payload["tone"]
        holes[name] = el("tspan", esc(text), class_=f"tb-tone-{tone}")
    file = Path(lesson_files.__file__).with_name(f"{lesson.id}.svg")
    return file.read_text(encoding="utf-8").format_map(holes)


@solara.component
def _Class(session: Session, progress: Course):
    """Show the field for a class code or, within a class, the number of its pupils."""
    t, code = session.words, progress.class_code.value
    refused, refuse = solara.use_state(False)

    def join(text: str) -> None:
        progress.join_class(text)
        refuse(bool(text.strip()) and not progress.class_code.value)

    with box(cls="tb-card tb-learn-class", tag="section"):
        if code:
            count = len(progress.classroom.room(code).visitors)
            for key, text in (("class", code.upper()), ("pupils", str(count))):
                raw(el("small", esc(t(f"learning.{key}"))) + el("b", esc(text)))
            button(t("learning.leave"), lambda: join(""), outlined=True)
            return
        error = t("learning.class_bad") if refused else False
        solara.InputText(t("learning.class_join"), value="", on_value=join, error=error)
        note(t("learning.class_join_help"))


@solara.component
def _Points(session: Session, progress: Course):
    """Show the scoring rule, the total, and a button that downloads the results."""
    t = session.words
    with card(t("learning.points")):
        raw(prose(t("learning.points_help")), cls="tb-columns")
        if progress.results.value:
            total = f"{esc(t('learning.total'))}: <b>{scored(progress.total)}</b>"
            raw(total, cls="tb-sum", tag="p")
            name, label = "two-borders-lessons.csv", t("learning.csv")
            solara.FileDownload(lambda: progress.csv(t("note")), name, label=label)
            note(t("learning.csv_help"))


# ---- one lesson
@solara.component
def _Lesson(session: Session, progress: Course, lesson: Lesson):
    """Show the steps of a lesson on one board: read, guess, run and compare."""
    t, words, step = session.words, LessonWords(session.words, lesson), progress.phase(lesson)
    result = progress.results.value.get(lesson.id)
    # The value is None until the visitor opens (True) or closes (False) the text.
    chosen, choose = solara.use_state(cast("bool | None", None))
    reading = (
        step == "guess" and lesson.id not in progress.drafts.value if chosen is None else chosen
    )
    if progress.projector.value and progress.class_code.value:
        ClassScreen(session, lesson)
        return
    with box(cls="tb-stack"):
        with box(cls="tb-lesson-head"):
            back: Any = {"icon_name": "mdi-arrow-left", "text": True}
            button(t("learning.back"), lambda: progress.open.set(""), cls="tb-back", **back)
            with box(cls="tb-lesson-title"):
                raw(f"{lesson.order}. {esc(words('title'))}", tag="h1")
                raw(esc(words("question")), tag="p")
            if progress.class_code.value:
                label, more = t("learning.class_screen"), dict[str, Any](outlined=True)
                button(label, lambda: progress.projector.set(True), cls="tb-class-open", **more)
            _Steps(t, "read" if reading else step, step, choose)
        LessonBoard(session, lesson, sectors=lesson.has_map)
        if reading:
            _Story(session, lesson, lambda: choose(False))
            return
        with box(cls=f"tb-lesson-row{'' if lesson.has_map else ' tb-two'}"):
            if lesson.has_map:
                LessonBoard(session, lesson, sectors=False)
            if result is None:
                _Sure(session, lesson)
                _Lock(session, lesson)
            else:
                Score(result, words)
                Happened(session, result, words)
        if result is not None:
            LessonOutcome(session, result)


@solara.component
def _Steps(t: Words, current: str, step: str, choose: Callable[[bool], None]):
    """Show the steps of a lesson. The visitor can choose reading and the current step."""
    names = {"read": "read", "guess": "predict", "run": "run", "result": "score"}
    with box(cls="tb-steps", tag="ol"):
        for i, (name, word) in enumerate(names.items(), start=1):
            with box(tag="li"):
                solara.Button(
                    f"{i}. {t(f'learning.{word}')}",
                    on_click=lambda name=name: choose(name == "read"),
                    disabled=name not in ("read", step),
                    classes=["tb-now"] if name == current else [],
                    attributes={"aria-current": "step"} if name == current else {},
                )


@solara.component
def _Story(session: Session, lesson: Lesson, begin: Callable[[], None]):
    """Show the story of a lesson and the worlds that it runs."""
    t, words = session.words, LessonWords(session.words, lesson)
    with box(cls="tb-lesson-row tb-two"):
        with card(t("learning.read"), cls="tb-story"):
            raw(prose(words("story")))
        with card(t("learning.worlds"), cls="tb-story"):
            if lesson.has_map:  # Otherwise the board shows the worlds.
                show_worlds(words)
            runs = {"days": lesson.days, "seeds": lesson.seeds, "scale": lesson.scale}
            note(f"{t('learning.runs').format(**runs)} {t('note')}")
            button(t("learning.to_guess"), begin, cls="tb-start-guess", color="primary")


@solara.component
def _Sure(session: Session, lesson: Lesson):
    """Show the confidence levels. The chosen level applies to all answers in the lesson."""
    t, progress = session.words, course(session)
    locked, sure = progress.phase(lesson) != "guess", progress.draft(lesson).sure
    with card(t("learning.sure")):
        with box(cls="tb-sure", role="group", **{"aria-label": t("learning.sure")}):
            for name, value in SURE.items():
                solara.Button(
                    t(f"learning.sure_{name}"),
                    on_click=lambda value=value: progress.predict(lesson, {}, sure=value),
                    disabled=locked,
                    classes=["tb-now"] if sure == value else [],
                    attributes={"aria-pressed": str(sure == value).lower()},
                )
        gain, loss = (abs(round(points(right, sure))) for right in (True, False))
        raw(esc(t("learning.sure_help").format(gain=gain, loss=loss)), tag="p")
        raw("".join(el("li", esc(text)) for text in _tolerances(t, lesson)), tag="ul")


def _tolerances(t: Words, lesson: Lesson) -> list[str]:
    """State when a guess is right: for all sectors, and for each total."""
    words, rules = LessonWords(t, lesson), dict[str, list[str]]()
    for name, fact in lesson.questions.items():
        label = t("learning.sector") if fact.sector else words.label(name)
        rule = "right_direction" if fact.ask == "direction" else "right_near"
        rules.setdefault(t(f"learning.{rule}").format(near=f"{fact.near:g}"), []).append(label)
    return [f"{', '.join(dict.fromkeys(labels))}: {rule}" for rule, labels in rules.items()]


@solara.component
def _Lock(session: Session, lesson: Lesson):
    """Show the missing guesses and the button that locks them or, afterwards, the runs."""
    t, words, progress = session.words, LessonWords(session.words, lesson), course(session)
    left = [words.label(name) for name in progress.unanswered(lesson)]
    of, complete = len(lesson.questions), progress.is_complete(lesson)
    with box(cls="tb-card tb-predict", tag="section"):
        if lesson.id in progress.revealed.value:
            note(t("learning.class_shown"))
        elif progress.phase(lesson) == "run":
            _Progress(session, lesson)
        else:
            heading(t("learning.guessed").format(count=of - len(left), of=of))
            share = 100.0 * (of - len(left)) / of
            raw(el("i", style=f"width:{share:.0f}%"), cls="tb-share")
            todo = f"{t('learning.to_go')}: {', '.join(left)}. " if left else ""
            raw(esc(todo + t("learning.lock_help" if complete else "learning.all_first")), tag="p")
            show_error(t, progress.error.value)
            with box(cls="tb-row"):
                more: Any = {"color": "primary", "disabled": not complete}
                button(t("learning.lock"), lambda: progress.start(lesson), cls="tb-lock", **more)
                with details(t("learning.hint")):
                    raw(prose(words("hint")))


@solara.component
def _Progress(session: Session, lesson: Lesson):
    """Show how many runs of the lesson have finished."""
    t, progress = session.words, course(session)
    waiting = progress.waiting.value
    if waiting is None or waiting.lesson is not lesson:
        return
    with box(role="status"):
        heading(t("learning.run"))
        for key in ("locked", "recomputed", "run_help"):
            note(t(f"learning.{key}"))
        finished, of = len(waiting.evidence.summaries), len(lesson.arms) * lesson.seeds
        solara.ProgressLinear(100.0 * finished / of, color="primary")
        raw(f"{finished} / {of} {esc(t('learning.runs_done'))}", cls="tb-label")
        button(t("learning.stop"), progress.stop, small=True, outlined=True)
