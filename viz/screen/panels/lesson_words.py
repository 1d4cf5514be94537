"""Texts of lessons as markup; every text is escaped here."""

from __future__ import annotations

import re

from viz.figures.markup import el, esc
from viz.figures.numbers import MINUS, NBSP, decimals, signed
from viz.screen.lessons import DIRECTIONS, Evidence, Fact, Lesson, Prediction, SeedRange
from viz.screen.words import Words

_STRESSED = re.compile(r"\*(\w+)\*")


def prose(text: str) -> str:
    """Build paragraphs, which empty lines separate; *a word* is emphasised."""
    parts = (esc(part) for part in text.strip().split("\n\n"))
    return "".join(el("p", _STRESSED.sub(r"<em>\1</em>", part)) for part in parts)


def bullets(text: str) -> str:
    """Build a list with one item for each line."""
    return el("ul", *(el("li", esc(line)) for line in text.strip().splitlines()))


def range_text(t: Words, fact: Fact, result: SeedRange) -> str:
    """Format a change with its range over seeds.

    Args:
        t: the words of the language.
        fact: the fact; with ``against``, the unit is percentage points instead of percent.
        result: its values over seeds.

    Returns:
        Text such as "−10 % (−12 to −8)".
    """
    places = decimals(result.median)
    ends = (result.median, result.low, result.high)
    median, low, high = (f"{v:+.{places}f}".replace("-", MINUS) for v in ends)
    unit = "%" if fact.against is None else t("learning.points_unit")
    text = f"{median}{NBSP}{unit}"
    if low == high:
        return text
    return f"{text} ({t('learning.range').format(low=low, high=high)})"


def explained(t: Words, lesson: Lesson, evidence: Evidence) -> str:
    """Build the explanation of a lesson with the figures of its runs.

    Args:
        t: the words of the language.
        lesson: the lesson.
        evidence: its runs.

    Returns:
        Markup.
    """
    facts = lesson.facts.items()
    figures = {name: range_text(t, fact, evidence.change(fact)) for name, fact in facts}
    return prose(t(f"lesson.{lesson.id}.explanation").format_map(figures))


def choices(t: Words, lesson: Lesson, question: str) -> dict[str, str]:
    """Return the possible answers to a question about a direction.

    Args:
        t: the words of the language.
        lesson: the lesson.
        question: name of the question.

    Returns:
        Texts by direction.
    """
    own = t.part(f"lesson.{lesson.id}.choice.{question}")
    return {name: own.get(name, t(f"learning.{name}")) for name in DIRECTIONS}


def answered(t: Words, lesson: Lesson, question: str, prediction: Prediction) -> str:
    """Format a prediction and its confidence.

    Args:
        t: the words of the language.
        lesson: the lesson.
        question: name of the question.
        prediction: the prediction.

    Returns:
        Text.
    """
    answer = prediction.answer
    if isinstance(answer, str):
        text = choices(t, lesson, question)[answer]
    else:
        text = "–" if answer is None else f"{signed(answer, 0)}{NBSP}%"
    return f"{text} · {t('learning.sure_said').format(sure=prediction.sure)}"


def scored(points: float) -> str:
    """Format points as a whole number with its sign."""
    return signed(round(points), 0)


def letter(lesson: Lesson, arm: str) -> str:
    """Return the letter of an arm; the first two are the worlds A and B of Compare.

    Args:
        lesson: the lesson.
        arm: name of the arm.

    Returns:
        A letter from A on.
    """
    return "ABCDEF"[list(lesson.arms).index(arm)]


def dial_label(t: Words, lesson: Lesson, dial: str) -> str:
    """Return the text of a dial value.

    Args:
        t: the words of the language.
        lesson: the lesson.
        dial: the value in written form.

    Returns:
        The text; the value itself if it has none.
    """
    return t.part(f"lesson.{lesson.id}.dial_value").get(dial.replace(".", "_"), dial)
