"""Figures of the lessons in ``docs/guides/teaching.md``.

``python -m viz.screen.lessons.guide`` runs all lessons on their own seeds, writes the rows of the
guide's tables again, and prints the statements of the lessons that the runs do not confirm.
"""

from __future__ import annotations

import math
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from experiments.runs.files import write_text
from experiments.runs.pairs import Difference
from viz.screen.lessons.evidence import Evidence, change_of, direction_of
from viz.screen.lessons.lesson import Lesson, lessons
from viz.screen.session.background import RunSummary, summarise_run
from viz.screen.words import Words

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "teaching.md"
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \| \S+ (%|points) \(\S+ to \S+\) \|$", re.M)
_TWO_DIGITS = 9.95  # larger changes are shown without decimals


def evidence_of(lesson: Lesson) -> Evidence:
    """Run a lesson on its own seeds.

    Raises:
        RuntimeError: a run failed.
    """
    summaries = {}
    for place, case in lesson.cases(lesson.dial.value).items():
        answer = summarise_run(case)
        if not isinstance(answer, RunSummary):
            raise RuntimeError(f"lesson {lesson.id}: {answer}")
        summaries[place] = answer
    return Evidence(summaries)


def refill(text: str, evidence: Mapping[str, Evidence]) -> str:
    """Return the guide with the rows of all lessons written again.

    Args:
        text: text of the guide.
        evidence: results by id of the lesson.

    Returns:
        The text with the figures of `evidence`.
    """
    for name, lesson in lessons().items():
        head = f"### {lesson.order}. {Words()(f'lesson.{name}.title')}\n"
        before, mark, after = text.partition(head)
        ends = after.find("\n## "), after.find("\n### ")
        end = min((place for place in ends if place >= 0), default=len(after))
        own = _ROW.sub(lambda row, ev=evidence[name], of=lesson: _row(row, ev, of), after[:end])
        text = before + mark + own + after[end:]
    return text


def _row(row: re.Match[str], evidence: Evidence, lesson: Lesson) -> str:
    """Return the row of a fact with its present figures."""
    name, outcome, unit = row.groups()
    change = evidence.change(lesson.facts[name])
    texts = [_signed(x, change) for x in (change.difference, change.low90, change.high90)]
    return f"| `{name}` | {outcome} | {texts[0]} {unit} ({texts[1]} to {texts[2]}) |"


def _signed(value: float, change: Difference) -> str:
    """Return a value with its sign and two significant digits of the mean."""
    size = abs(change.difference)
    places = 0 if size >= _TWO_DIGITS else 1 if size >= 1.0 else 2
    return f"{value:+.{places}f}".replace("-", "−")


def unconfirmed(lesson: Lesson, evidence: Evidence) -> list[str]:
    """Return the facts whose stated direction the runs do not confirm.

    Args:
        lesson: lesson that states the facts.
        evidence: results of the lesson's runs.

    Returns:
        One text per fact with another direction, or with a meaningful one that a seed lacks.
    """
    found = []
    for name, fact in lesson.facts.items():
        values = evidence.by_seed(fact)
        signs = {math.copysign(1.0, value) for value in values}
        if fact.expect and (
            direction_of(change_of(values)) != fact.expect
            or (fact.expect != "same" and len(signs) > 1)
        ):
            found.append(f"{lesson.id}.{name}: expected {fact.expect}, got {values}")
    return found


if __name__ == "__main__":
    results = {name: evidence_of(lesson) for name, lesson in lessons().items()}
    write_text(GUIDE, refill(GUIDE.read_text(encoding="utf-8"), results))
    for name, lesson in lessons().items():
        for line in unconfirmed(lesson, results[name]):
            print(line, file=sys.stderr)
