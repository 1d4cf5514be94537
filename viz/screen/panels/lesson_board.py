"""The drawing of a lesson: guesses on an axis, results over them, and their places on the map."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import solara

from agents.labels import SECTORS
from experiments.runs.pairs import Difference
from viz.screen.lessons.learning import Course, LessonResult, course
from viz.screen.lessons.lesson import MARGIN, Lesson, direction_of
from viz.screen.panels.lesson_words import LessonWords, range_text
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import widget
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Guesses

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
    unsorted = [
        _column(words, progress, payload, name, result, badges.get(name, [])) for name in named
    ]
    return sorted(
        unsorted, key=lambda column: column["at"] or [-math.inf]
    )  # totals, then sectors eastward


def _column(
    words: LessonWords,
    progress: Course,
    payload: dict[str, Any],
    name: str,
    result: LessonResult | None,
    badges: list[int],
) -> dict[str, Any]:
    """Return one column."""
    lesson, fact = words.lesson, words.lesson.facts[name]
    is_question = name in lesson.questions
    prediction = (
        result.predictions[name] if result and is_question else progress.prediction(lesson, name)
    )
    right = None
    if result and is_question:
        right = next(score.right for score in result.scores if score.question == name)
    return {
        "key": name,
        "label": words(f"short.{name}"),
        "against": words.against(fact),
        "question": words(f"ask.{name}") if is_question else words(f"short.{name}"),
        "asked": is_question,
        "locked": progress.is_locked(progress.key(lesson)) or not is_question,
        "guess": prediction.answer,
        "sure": prediction.sure,
        "near": fact.near if fact.ask == "percent" else 0,
        "same": MARGIN,
        "zones": list(words.choices(name).values()) if is_question else [],
        "at": sector_at(payload, fact.sector),
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
def sector_at(payload: Mapping[str, Any], sector: str) -> list[float] | None:
    """Return the middle of a sector's crossings on the map.

    Args:
        payload: the world as `viz.screen.widgets.world.world_payload` returns it.
        sector: the sector, or "" for an outcome that has no place.

    Returns:
        The point in map units, or None without one.
    """
    return payload["sectors"][SECTORS.index(sector)]["at"] if sector else None


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
