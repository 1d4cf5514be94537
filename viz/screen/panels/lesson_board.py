"""Board of a lesson: the guesses, the results, and the places of sectors on the border."""

from __future__ import annotations

import math
import statistics
from functools import cache
from typing import Any

import numpy as np
import solara

from abm.measures import HUMAN_COSTS
from agents.labels import SECTORS
from experiments.runs.pairs import Difference
from viz.figures.markup import el, esc
from viz.figures.numbers import plain, rounded
from viz.screen.lessons.learning import CLASSROOM, Course, course
from viz.screen.lessons.lesson import MARGIN, SECTOR_AXIS, Evidence, Lesson, direction_of
from viz.screen.panels.lesson_words import LessonWords, range_text
from viz.screen.panels.naming import map_payload
from viz.screen.panels.parts import box, button, heading, note, raw, use_changes, widget_element
from viz.screen.session.session import Session
from viz.screen.widgets.traits import Guesses
from viz.screen.words import Words

_TEXTS = ("zero", "move", "you", "half_height")
#: Entries of each kind of legend, in order.
_LEGENDS = {
    "guess": "guess open keys",
    "result": "guess more fewer unclear right range",
    "class": "class pupil",
    "class_result": "class pupil more fewer unclear range",
}
#: Positions of the names of countries and seas on the board, in pixels.
_NAMES = {
    "name_united_states": (620, 322),
    "name_mexico": (800, 530),
    "name_pacific_ocean": (92, 480),
    "name_gulf_of_mexico": (1330, 574),
}


@solara.component
def LessonBoard(session: Session, lesson: Lesson, *, sectors: bool, for_class: bool = False):
    """Show the guesses, which can be dragged until they are locked, and the results.

    Args:
        session: session of the visitor.
        lesson: lesson to show.
        sectors: whether to show the sectors over the map instead of the totals in rows.
        for_class: whether to show the class median instead of the visitor's guess.
    """
    t, progress, words = session.words, course(session), LessonWords(session.words, lesson)
    use_changes(CLASSROOM.changes)
    texts = {name: t(f"learning.{name}") for name in _TEXTS}
    kind = "result" if progress.phase(lesson) == "result" else "guess"
    if for_class:
        texts["you"] = t("learning.legend_class")
        kind = "class_result" if progress.visible_runs(lesson) else "class"
    if sectors and (evidence := progress.visible_runs(lesson)):
        texts["half_height"] += _with_ports(words, evidence)
    all_columns = columns(words, progress, for_class=for_class)
    is_first = sectors or not lesson.has_map
    has_legend = for_class or is_first
    title = f"board_{'sectors' if sectors else 'totals'}" if has_legend else "whole_line"
    with box(cls=f"tb-card {'tb-drawing' if has_legend else 'tb-totals'}", tag="section"):
        with box(cls="tb-drawing-head" if has_legend else ""):
            heading(t(f"learning.{title}"))
            if is_first:
                legend(t, kind)
        if not sectors:
            if not lesson.has_map:
                show_worlds(words)
            low, high = lesson.axis
            text = t("learning.scale").format(low=abs(low), high=high)
            results = (one["result"] for one in all_columns if one["result"] and not one["at"])
            if any(not low <= result["median"] <= high for result in results):
                text += t("learning.beyond")
            raw(esc(text), cls="tb-reach", tag="small")
        widget_element(
            Guesses,
            columns=[column for column in all_columns if bool(column["at"]) == sectors],
            axis=list(SECTOR_AXIS if sectors else lesson.axis),
            ground=ground(session.language.value) if sectors else {},
            phase=progress.phase(lesson),
            texts=texts | {"points": t("learning.points_unit")},
            on_moved=lambda moved: on_moved(progress, lesson, moved),
        )


def show_worlds(words: LessonWords) -> None:
    """Show the worlds of a lesson with their letters."""
    arms = ""
    for arm, letter in words.lesson.letters.items():
        arms += el("dt", letter, class_=f"tb-arm-{letter.lower()}")
        arms += el("dd", esc(words(f"arm.{arm}")))
    raw(el("dl", arms, class_="tb-arms"))


def legend(t: Words, kind: str) -> Any:
    """Show the legend of a kind: "guess", "result", "class" or "class_result"."""
    parts = (
        el("span", el("i", class_=f"tb-signs-{name}") + esc(t(f"learning.legend_{name}")))
        for name in _LEGENDS[kind].split()
    )
    return raw("".join(parts), cls="tb-signs")


@solara.component
def ClassScreen(session: Session, lesson: Lesson):
    """Show the guesses of a class in large type. The teacher decides when the result appears.

    Args:
        session: session of the teacher.
        lesson: lesson to show.
    """
    t, progress = session.words, course(session)
    use_changes(CLASSROOM.changes)
    code, words = progress.class_code.value, LessonWords(t, lesson)
    evidence = progress.visible_runs(lesson)
    with box(cls="tb-projector"):
        with box(cls="tb-lesson-head"):
            with box(cls="tb-lesson-title"):
                raw(esc(words("title")), tag="h1")
                raw(esc(words("question")), tag="p")
            count = len(progress.classroom.guesses(code, lesson.id))
            text = t("learning.class_count").format(count=count, code=code.upper())
            raw(esc(text), cls="tb-class-count", tag="p")
            if not evidence and progress.stored_runs(lesson) is None:
                note(t("learning.class_run_first"))
            elif not evidence:
                if progress.phase(lesson) == "guess":
                    note(t("learning.class_reveal_help"))
                reveal = {"cls": "tb-reveal", "color": "primary"}
                button(t("learning.class_reveal"), lambda: progress.reveal(lesson), **reveal)
            back: Any = {"outlined": True}
            button(t("learning.class_close"), lambda: progress.projector.set(False), **back)
        for sectors in (True, False) if lesson.has_map else (False,):
            LessonBoard(session, lesson, sectors=sectors, for_class=True)
        if evidence:
            raw(words.explained(evidence)[0], cls="tb-card tb-class-told")


def on_moved(progress: Course, lesson: Lesson, moved: list[Any]) -> None:
    """Store the guesses that the browser sends.

    Args:
        progress: lessons of the visitor.
        lesson: lesson on the board.
        moved: value of the trait in `viz.screen.widgets.traits.Guesses`. Invalid guesses are
            ignored.
    """
    for name, guess in zip(moved[1::2], moved[2::2], strict=False):
        if (fact := lesson.questions.get(name)) and isinstance(guess, int | float):
            low, high = lesson.axis_of(fact)
            if low <= guess <= high:
                progress.predict(lesson, {name: int(guess)})


def columns(words: LessonWords, progress: Course, *, for_class: bool) -> list[dict[str, Any]]:
    """Return the columns of the board: the questions and, with a result, the claims.

    Args:
        words: texts of the lesson.
        progress: lessons of the visitor.
        for_class: as in `LessonBoard`.

    Returns:
        Columns for `viz.screen.widgets.traits.Guesses`, in the order of the story.
    """
    lesson, draft = words.lesson, progress.draft(words.lesson)
    result = progress.results.value.get(lesson.id)
    evidence = progress.visible_runs(lesson) if for_class else result and result.evidence
    badges = words.badges if evidence else {}
    room = progress.classroom.guesses(progress.class_code.value, lesson.id)
    notes = words.t.part(f"lesson.{lesson.id}.note")
    right = {score.question: score.right for score in result.scores} if result else {}
    rows: list[dict[str, Any]] = []
    for name, fact in lesson.facts.items():  # in the order of the story
        is_question = name in lesson.questions
        if not (is_question or name in badges):
            continue
        answers_by_visitor = {
            key: answers[name] for key, answers in room.items() if name in answers
        }
        dots = sorted((value, key == progress.visitor) for key, value in answers_by_visitor.items())
        guess = draft.answers.get(name)
        if for_class:
            guess = round(statistics.median(value for value, _ in dots)) if dots else None
        rows.append(
            {
                "key": name,
                "label": ("◆ " if fact.measure in HUMAN_COSTS else "") + words.label(name),
                "against": words.against(fact),
                "question": words.ask(name) if is_question else words.label(name),
                "asked": is_question,
                "handle": is_question and not (for_class or evidence),
                "locked": for_class or progress.phase(lesson) != "guess",
                "guess": guess,
                "near": fact.near if fact.ask == "percent" else 0,
                "same": MARGIN,
                "zones": list(words.choices(name).values()) if is_question else [],
                "in_points": fact.against is not None,
                "result": result_payload(words, name, evidence.change(fact)) if evidence else None,
                "right": None if for_class else right.get(name),
                "badges": badges.get(name, []),
                "dots": dots if for_class or (result and not fact.sector) else [],
                "note": notes.get(name, ""),
                "base": "",
                "at": None,
            }
            | (stretches(words.t.language)[SECTORS.index(fact.sector)] if fact.sector else {})
        )
        if fact.sector and evidence:
            rows[-1]["base"] = f"{evidence.level(fact.arms[0], fact.measure).median:,.0f}"
    return rows


def _with_ports(words: LessonWords, evidence: Evidence) -> str:
    """State how many people get away in A, and how many between ports and through ports."""
    facts = [fact for fact in words.lesson.facts.values() if fact.sector]
    total = evidence.level("a", "got_aways").median
    between = math.fsum(evidence.level("a", fact.measure).median for fact in facts)
    figures = (plain(rounded(n)) for n in (between, total, total - between))
    return words.t("learning.with_ports").format(*figures)


def result_payload(words: LessonWords, name: str, change: Difference) -> dict[str, Any]:
    """Return a fact's result for a column on the board.

    Args:
        words: texts of the lesson.
        name: name of the fact.
        change: change over seeds.

    Returns:
        The mean (with the key ``median``), low, high, text and tone. The tone is "more", "fewer"
        or, for a change that is not meaningful, "unclear".
    """
    tone = {"rises": "more", "falls": "fewer"}.get(direction_of(change), "unclear")
    text = range_text(words.t, words.lesson.facts[name], change).split(" (")[0]
    ends = {"median": change.difference, "low": change.low90, "high": change.high90}
    return ends | {"text": text, "tone": tone}


# ---- places of outcomes on the map
@cache
def ground(language: str) -> dict[str, Any]:
    """Return land, names, and the border's west, east and north ends. Do not change the result."""
    payload, names = map_payload(language), Words(language).part("map")
    seas = {name: sea for name, _, _, sea in payload["names"]}
    x, y = _border(language)
    return {
        "land": payload["land"],
        "names": [[names[name], *at, seas[name]] for name, at in _NAMES.items() if name in seas],
        "box": [x.min(), x.max(), y.min()],
    }


@cache
def stretches(language: str) -> list[dict[str, Any]]:
    """Return each sector's part of the border as path data, and its middle, from west to east.

    The world has no sector boundaries, so adjacent parts meet halfway between their crossings.
    """
    x, y = _border(language)
    crossings = np.array([sector["at"][0] for sector in map_payload(language)["sectors"]])
    sector_of = np.searchsorted((crossings[1:] + crossings[:-1]) / 2, x)
    rows = []
    for sector in range(len(crossings)):
        inside = np.flatnonzero(sector_of == sector)
        # The part ends at the first point of the next part, so that no gap remains.
        xs, ys = (axis[inside[0] : inside[-1] + 2] for axis in (x, y))
        middle = np.abs(xs - (xs.min() + xs.max()) / 2).argmin()
        line = "L".join(f"{a:.1f} {b:.1f}" for a, b in zip(xs, ys, strict=True))
        rows.append({"at": [float(xs[middle]), float(ys[middle])], "line": f"M{line}"})
    return rows


def _border(language: str) -> tuple[np.ndarray, np.ndarray]:
    """Return x and y of points on the border, half a map unit apart, in two arrays."""
    steps = map_payload(language)["border"].removeprefix("M0 0m").split()
    points = np.array(steps, float).reshape(-1, 2).cumsum(axis=0)
    lengths = np.append(0.0, np.hypot(*np.diff(points, axis=0).T).cumsum())
    along = np.arange(0.0, lengths[-1], 0.5)
    x, y = (np.interp(along, lengths, values) for values in points.T)
    return x, y
