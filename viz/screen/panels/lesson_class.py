"""The guesses of a class as dot histograms: next to the result, and large for a projector."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from typing import Any

import solara

from experiments.runs.pairs import Difference
from viz.figures.markup import el, esc
from viz.figures.numbers import percent
from viz.screen.lessons.learning import CLASSROOM, Course, Guesses, course
from viz.screen.lessons.lesson import Evidence, Fact, Lesson
from viz.screen.panels.lesson_words import LessonWords, range_text
from viz.screen.panels.parts import box, button, card, note, raw, use_changes
from viz.screen.session.session import Session

_WIDTH, _LEFT, _PLOT, _FOOT = 400.0, 26.0, 150.0, 40.0
_LOWEST = 56.0  # height of the plot of few dots
_LARGEST = 7.0  # radius of a dot


def use_guesses(code: str, key: tuple[str, str]) -> dict[str, Guesses]:
    """Return the guesses of a class, and render again when another visitor locks.

    Args:
        code: the class.
        key: lesson and dial.
    """
    use_changes(CLASSROOM.changes)
    return CLASSROOM.guesses(code, key) if code else {}


@solara.component
def ClassGuesses(session: Session, lesson: Lesson):
    """Show the guesses of the visitor's class below their result.

    Args:
        session: the visitor's session.
        lesson: the lesson, which has a result.
    """
    t, progress = session.words, course(session)
    guesses = use_guesses(progress.class_code.value, progress.key(lesson))
    result = progress.result(progress.key(lesson))
    if not progress.class_code.value or result is None:
        return
    with card(t("learning.class"), cls="tb-class", level=3):
        note(t("learning.class_count").format(count=len(guesses), code=progress.class_code.value))
        raw(histograms(LessonWords(t, lesson), guesses, result.evidence, progress.visitor))


@solara.component
def ClassScreen(session: Session, lesson: Lesson):
    """Show the guesses of a class in large type; the teacher shows the result.

    Args:
        session: the visitor's session.
        lesson: the lesson.
    """
    t, progress = session.words, course(session)
    key, words = progress.key(lesson), LessonWords(t, lesson)
    guesses = use_guesses(progress.class_code.value, key)
    evidence = shown_evidence(progress, lesson)
    with box(cls="tb-projector"):
        with box(cls="tb-projector-head"):
            raw(esc(words("title")), tag="h2")
            raw(esc(words("question")), tag="p")
        count = t("learning.class_count").format(count=len(guesses), code=progress.class_code.value)
        raw(esc(count), cls="tb-class-count", tag="p")
        raw(histograms(words, guesses, evidence, progress.visitor))
        with box(cls="tb-row"):
            if evidence is None:
                _Reveal(session, lesson)
            back: Any = {"outlined": True}
            button(t("learning.class_close"), lambda: progress.projector.set(False), **back)


@solara.component
def _Reveal(session: Session, lesson: Lesson):
    """Show the button that shows the result, if no run is needed."""
    t, progress = session.words, course(session)
    if progress.stored_runs(progress.key(lesson)) is None:
        note(t("learning.class_run_first"))
        return
    more: Any = {"color": "primary"}
    button(t("learning.class_reveal"), lambda: progress.reveal(lesson), cls="tb-reveal", **more)
    if not progress.is_locked(progress.key(lesson)):
        note(t("learning.class_reveal_help"))


def shown_evidence(progress: Course, lesson: Lesson) -> Evidence | None:
    """Return the runs that the class screen may show: after the own result or `Course.reveal`."""
    key = progress.key(lesson)
    if (result := progress.result(key)) is not None:
        return result.evidence
    return progress.stored_runs(key) if key in progress.revealed.value else None


def histograms(
    words: LessonWords,
    guesses: dict[str, Guesses],
    evidence: Evidence | None,
    visitor: str,
) -> str:
    """Draw a dot histogram for each question.

    Args:
        words: the lesson's texts.
        guesses: guesses by visitor.
        evidence: the runs, or None before the result is shown.
        visitor: id of the visitor, whose dots are filled.

    Returns:
        Figures as markup.
    """
    questions = words.lesson.questions.items()
    values = {
        name: {
            visitor_id: answers[name] for visitor_id, answers in guesses.items() if name in answers
        }
        for name, _ in questions
    }
    low, high = words.lesson.axis
    stacks = (_stacks(value, bin_width(low, high), low).values() for value in values.values())
    tallest = max((len(stack) for bins in stacks for stack in bins), default=1)
    figures = []
    for name, fact in questions:
        result = evidence.change(fact) if evidence else None
        figures.append(histogram(words, name, values[name], result, visitor, tallest))
    return el("div", "".join(figures), class_="tb-histograms")


def histogram(
    words: LessonWords,
    name: str,
    values: dict[str, float],
    result: Difference | None,
    visitor: str,
    tallest: int,
) -> str:
    """Draw a class's guesses about one question: a dot each, on the lesson axis.

    Args:
        words: the lesson's texts.
        name: the question.
        values: guesses by visitor.
        result: the result, which is drawn as a line with a band for its interval.
        visitor: id of the visitor, whose dot is filled.
        tallest: how many dots fit on each other.

    Returns:
        A figure as markup.
    """
    t, fact, (low, high) = words.t, words.lesson.facts[name], words.lesson.axis
    step = bin_width(low, high)
    plot = min(_PLOT, max(_LOWEST, 2 * _LARGEST * tallest + 6.0))

    def x(value: float) -> float:
        room = _WIDTH - 2 * _LEFT
        return round(_LEFT + room * (min(max(value, low), high) - low) / (high - low), 1)

    stacks = _stacks(values, step, low)
    radius = min(_LARGEST, plot / 2.0 / tallest, (x(low + step) - x(low)) / 2.0)
    foot = plot + 24.0
    parts = [_axis(x, low, high, foot)]
    if result is not None:
        parts.append(_result(words, fact, result, x, foot))
    for place, stack in stacks.items():
        for i, visitor_id in enumerate(stack):
            cls = "tb-dot tb-own" if visitor_id == visitor else "tb-dot"
            cy = round(foot - (2 * i + 1) * radius, 1)
            parts.append(el("circle", cx=x(place), cy=cy, r=round(radius - 0.7, 1), class_=cls))
    text = described(words, name, list(values.values()), result)
    size = f"0 0 {_WIDTH:g} {foot + _FOOT:g}"
    ends = el("text", esc(t("learning.falls")), x=4.0, y=foot + 36, class_="tb-end")
    ends += el("text", esc(t("learning.rises")), x=_WIDTH - 4, y=foot + 36, class_="tb-end tb-last")
    picture = el("svg", *parts, ends, viewBox=size, role="img", aria_label=text)
    caption = el("b", esc(words(f"short.{name}"))) + " " + el("small", esc(words.against(fact)))
    return el("figure", el("figcaption", caption), picture, class_="tb-dots")


def described(
    words: LessonWords, name: str, values: Sequence[float], result: Difference | None
) -> str:
    """Describe a histogram: how many guesses, their middle and range, and the result."""
    t, parts = words.t, [words(f"short.{name}")]
    if values:
        ends = (statistics.median(values), min(values), max(values))
        median, low, high = (percent(v, 0) for v in ends)
        text = t("learning.class_said")
        parts.append(text.format(count=len(values), median=median, low=low, high=high))
    if result is not None:
        parts.append(f"{t('learning.model')}: {range_text(t, words.lesson.facts[name], result)}")
    return ". ".join(parts)


def bin_width(low: float, high: float) -> int:
    """Return how wide a bin on an axis is, percent."""
    return 10 if high - low > 140 else 5


def _stacks(values: dict[str, float], step: int, low: float) -> dict[float, list[str]]:
    """Return the visitors of each bin by its middle; a visitor's order depends on the guess."""
    bins: dict[float, list[str]] = {}
    for visitor_id, value in sorted(values.items(), key=lambda pair: (pair[1], pair[0])):
        bins.setdefault(low + step * round((value - low) / step), []).append(visitor_id)
    return bins


def _axis(x: Callable[[float], float], low: float, high: float, y: float) -> str:
    """Draw the axis with its ends, its half and zero."""
    axis = el("line", x1=x(low), x2=x(high), y1=y, y2=y, class_="tb-zero")
    for value in (low, low / 2, 0, high / 2, high):
        text = percent(value, 0) if value else "0"
        axis += el("text", text, x=x(value), y=y + 18, class_="tb-tick")
    return axis


def _result(
    words: LessonWords,
    fact: Fact,
    result: Difference,
    x: Callable[[float], float],
    foot: float,
) -> str:
    """Draw the result: a line at the mean, a band for its interval, and the figure."""
    left, right, middle = x(result.low90), x(result.high90), x(result.difference)
    band = el("rect", x=left, y=22, width=max(2.0, round(right - left, 1)), height=foot - 22)
    line = el("line", x1=middle, x2=middle, y1=18, y2=foot)
    text = f"{words.t('learning.model')}: {range_text(words.t, fact, result).split(' (')[0]}"
    anchor = "end" if middle > _WIDTH / 2 else "start"
    label = el("text", esc(text), x=middle, y=13, text_anchor=anchor)
    return el("g", band, line, label, class_="tb-model")
