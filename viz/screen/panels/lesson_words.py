"""Texts of lessons as HTML, in which every text is escaped."""

from __future__ import annotations

import itertools
import re
import string
from dataclasses import dataclass

from abm.policies.base import money
from experiments.runs.pairs import Difference
from viz.figures.markup import el, esc
from viz.figures.numbers import MINUS, NBSP, decimals, rounded, signed
from viz.screen.lessons.lesson import DIRECTIONS, Evidence, Fact, Lesson
from viz.screen.words import Words

_STRESSED = re.compile(r"\*(\w+)\*")
_CLAIM = re.compile(r"\*\*(.+?)\*\*", re.DOTALL)


def prose(text: str) -> str:
    """Build paragraphs from blocks of lines. *Words* are stressed, **claims** are numbered."""
    return "".join(paragraphs(text))


def paragraphs(text: str) -> list[str]:
    """Return the paragraphs of `prose` as a list."""
    count = itertools.count(1)

    def claim(match: re.Match[str]) -> str:
        return el("b", el("i", str(next(count)), class_="tb-claim") + match[1], class_="tb-claimed")

    parts = (_CLAIM.sub(claim, esc(part)) for part in text.strip().split("\n\n"))
    return [el("p", _STRESSED.sub(r"<em>\1</em>", part)) for part in parts]


def claims(text: str) -> list[list[str]]:
    """Return the names of the facts in each bold claim of an explanation, in order."""
    fields = (string.Formatter().parse(match[1]) for match in _CLAIM.finditer(text))
    return [[name for _, name, _, _ in parts if name] for parts in fields]


def scored(points: float) -> str:
    """Format points as a whole number with its sign."""
    return signed(round(points), 0)


def range_text(t: Words, fact: Fact, result: Difference) -> str:
    """Format a change with its interval over seeds, as in "−10 % (−12 to −8)".

    Args:
        t: texts in the display language.
        fact: fact that changes. With ``against``, the unit is percentage points.
        result: change over seeds.
    """
    places = decimals(result.difference)
    ends = (result.difference, result.low90, result.high90)
    middle, low, high = (f"{v:+.{places}f}".replace("-", MINUS) for v in ends)
    unit = "%" if fact.against is None else t("learning.points_unit")
    text = f"{middle}{NBSP}{unit}"
    if low == high:
        return text
    return f"{text} ({t('learning.range').format(low=low, high=high)})"


@dataclass(frozen=True)
class LessonWords:
    """Texts of a lesson in one language by key, as in ``words("story")``."""

    t: Words
    lesson: Lesson

    def __call__(self, key: str) -> str:
        """Return the text with a key of the lesson."""
        return self.t(f"lesson.{self.lesson.id}.{key}")

    def label(self, name: str) -> str:
        """Return the short label of a fact: its sector, or the name of a total."""
        sector = self.lesson.facts[name].sector.replace("_", " ").title()
        return self.t.translate(sector) if sector else self(f"short.{name}")

    def ask(self, name: str) -> str:
        """Return a question as a sentence."""
        if not (fact := self.lesson.facts[name]).sector:
            return self(f"ask.{name}")
        return self.t("learning.ask_sector").format(self.label(name), self.against(fact))

    def explained(self, evidence: Evidence) -> list[str]:
        """Return the explanation with the results of the runs, as HTML paragraphs."""
        facts = self.lesson.facts.items()
        changes = {name: range_text(self.t, f, evidence.change(f)) for name, f in facts}
        for arm in self.lesson.arms:
            spent = evidence.level(arm, "dollars").median
            changes[f"dollars_{arm}"] = money(rounded(spent))
        return paragraphs(self("explanation").format_map(changes))

    @property
    def badges(self) -> dict[str, list[int]]:
        """Return the numbers of the bold claims about each fact."""
        numbers: dict[str, list[int]] = {}
        for number, facts in enumerate(claims(self("explanation")), start=1):
            for fact in facts:
                numbers.setdefault(fact, []).append(number)
        return numbers

    def against(self, fact: Fact) -> str:
        """Name the worlds that a fact compares, such as "B against A"."""
        letters = self.lesson.letters
        pairs = [
            self.t("learning.against").format(b=letters[b], a=letters[a]) for a, b in fact.pairs
        ]
        return f" {self.t('learning.less')} ".join(pairs)

    def choices(self, question: str) -> dict[str, str]:
        """Return the texts of the possible answers to a question, by direction."""
        own_texts = self.t.part(f"lesson.{self.lesson.id}.choice.{question}")
        return {name: own_texts.get(name, self.t(f"learning.{name}")) for name in DIRECTIONS}
