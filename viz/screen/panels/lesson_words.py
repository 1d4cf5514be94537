"""How the words of lessons become markup; every text in them is escaped here."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from viz.figures.markup import el, esc
from viz.figures.numbers import MINUS, NBSP, decimals, signed
from viz.screen.lessons import DIRECTIONS, Fact, SeedRange

if TYPE_CHECKING:
    from viz.screen.lessons import Evidence, Lesson, Prediction
    from viz.screen.words import Words


_STRESSED = re.compile(r"\*(\w+)\*")


def prose(text: str) -> str:
    """Paragraphs: an empty line lies between two of them; *a word* is stressed."""
    parts = (esc(part) for part in text.strip().split("\n\n"))
    return "".join(el("p", _STRESSED.sub(r"<em>\1</em>", part)) for part in parts)


def bullets(text: str) -> str:
    """A list: one line each."""
    return el("ul", *(el("li", esc(line)) for line in text.strip().splitlines()))


def spread(t: Words, fact: Fact, came: SeedRange) -> str:
    """A change with its range over seeds: percent, or points between two changes."""
    places = decimals(came.median)
    ends = (came.median, came.low, came.high)
    median, low, high = (f"{v:+.{places}f}".replace("-", MINUS) for v in ends)
    unit = "%" if fact.against is None else t("learning.points_unit")
    told = f"{median}{NBSP}{unit}"
    if low == high:
        return told
    return f"{told} ({t('learning.range').format(low=low, high=high)})"


def explained(t: Words, lesson: Lesson, evidence: Evidence) -> str:
    """The explanation with all of its figures taken from the runs."""
    found = {name: spread(t, fact, evidence.change(fact)) for name, fact in lesson.facts.items()}
    return prose(t(f"lesson.{lesson.id}.explanation").format_map(found))


def choices(t: Words, lesson: Lesson, question: str) -> dict[str, str]:
    """What one may answer to a question about a direction, in words."""
    own = t.part(f"lesson.{lesson.id}.choice.{question}")
    return {name: own.get(name, t(f"learning.{name}")) for name in DIRECTIONS}


def answered(t: Words, lesson: Lesson, question: str, said: Prediction) -> str:
    """A prediction in words, and how sure."""
    if isinstance(said.answer, str):
        told = choices(t, lesson, question)[said.answer]
    else:
        told = "–" if said.answer is None else f"{signed(said.answer, 0)}{NBSP}%"
    return f"{told} · {t('learning.sure_said').format(sure=said.sure)}"


def scored(points: float) -> str:
    """Points, whole."""
    return signed(round(points), 0)


def letter(lesson: Lesson, arm: str) -> str:
    """The letter of an arm: the first two are the worlds A and B of Compare."""
    return "ABCDEF"[list(lesson.arms).index(arm)]


def dial_told(t: Words, lesson: Lesson, dial: str) -> str:
    """A value of the dial in words."""
    return t.part(f"lesson.{lesson.id}.dial_value").get(dial.replace(".", "_"), dial)
