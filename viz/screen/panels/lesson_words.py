"""Texts of lessons as markup; every text is escaped here."""

from __future__ import annotations

import re
from dataclasses import dataclass

from viz.figures.markup import el, esc
from viz.figures.numbers import MINUS, NBSP, decimals, signed
from viz.screen.lessons import DIRECTIONS, Evidence, Fact, Lesson, Prediction, SeedRange
from viz.screen.words import Words

_STRESSED = re.compile(r"\*(\w+)\*")


def prose(text: str) -> str:
    """Build paragraphs, which empty lines separate; *a word* is emphasised."""
    parts = (esc(part) for part in text.strip().split("\n\n"))
    return "".join(el("p", _STRESSED.sub(r"<em>\1</em>", part)) for part in parts)


def scored(points: float) -> str:
    """Format points as a whole number with its sign."""
    return signed(round(points), 0)


def percent(change: int) -> str:
    """Format a predicted change."""
    return f"{signed(change, 0)}{NBSP}%"


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


@dataclass(frozen=True)
class LessonWords:
    """The texts of a lesson in one language: ``words("story")``."""

    t: Words
    lesson: Lesson

    def __call__(self, key: str) -> str:
        """Return a text of the lesson."""
        return self.t(f"lesson.{self.lesson.id}.{key}")

    def explained(self, evidence: Evidence) -> str:
        """Build the explanation with the figures of the lesson's runs, as markup."""
        facts = self.lesson.facts.items()
        changes = {name: range_text(self.t, f, evidence.change(f)) for name, f in facts}
        return prose(self("explanation").format_map(changes))

    def choices(self, question: str) -> dict[str, str]:
        """Return the possible answers to a question about a direction: texts by direction."""
        own = self.t.part(f"lesson.{self.lesson.id}.choice.{question}")
        return {name: own.get(name, self.t(f"learning.{name}")) for name in DIRECTIONS}

    def answered(self, question: str, prediction: Prediction) -> str:
        """Format a prediction and its confidence.

        Args:
            question: name of the question.
            prediction: the prediction.

        Returns:
            Text.
        """
        answer, sure = prediction.answer, prediction.sure
        if isinstance(answer, str):
            text = self.choices(question)[answer]
        else:
            text = "–" if answer is None else percent(answer)
        return f"{text} · {self.t('learning.sure_said').format(sure=sure)}"

    def dial(self, value: str) -> str:
        """Return the text of a dial value; the value itself if it has none."""
        texts = self.t.part(f"lesson.{self.lesson.id}.dial_value")
        return texts.get(value.replace(".", "_"), value)
