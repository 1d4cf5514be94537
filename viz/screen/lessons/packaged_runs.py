"""Package the runs of all lessons and ready pairs.

``python -m viz.screen.lessons.packaged_runs`` runs every lesson and both worlds of every pair on
the start card, and writes one file per lesson and pair for `viz.screen.session.summaries`. It
updates the results in ``docs/guides/teaching.md``, and prints the statements in lessons that the
runs do not confirm. Arguments select lessons and pairs by id.
"""

from __future__ import annotations

import json
import math
import os
import re
import sys
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from experiments.runs.case import Case
from experiments.runs.files import write_text
from viz.figures.numbers import NBSP
from viz.screen.lessons.lesson import Evidence, Lesson, change_of, direction_of, lessons
from viz.screen.panels.lesson_words import range_text
from viz.screen.session.pairs import PAIRS
from viz.screen.session.replicates import cases
from viz.screen.session.summaries import FOLDER, RunSummary, pack, summarise_run
from viz.screen.words import Words

GUIDE = Path(__file__).parents[3] / "docs" / "guides" / "teaching.md"
_ROW = re.compile(r"^\| `(\w+)` \| (.*) \| \S+ (?:%|points) \(\S+ to \S+\) \|$", re.M)


def all_cases() -> dict[str, list[Case]]:
    """Return the cases of all lessons and pairs by id."""
    runs = {}
    for name, lesson in lessons().items():
        runs[name] = list(lesson.cases().values())
    for pair in PAIRS:
        worlds = [pair.choice.scenario(world) for world in (0, 1)]
        runs[pair.id] = list(cases(worlds, pair.choice.seed).values())
    return runs


def refill(text: str, evidence: Mapping[str, Evidence]) -> str:
    """Update the tables of results in the guide.

    Args:
        text: text of the guide.
        evidence: results by lesson id. The tables of other lessons do not change.

    Returns:
        The new text of the guide.
    """
    for name, results in evidence.items():
        lesson = lessons()[name]
        head = f"### {lesson.order}. {Words()(f'lesson.{name}.title')}\n"
        before, mark, after = text.partition(head)
        ends = after.find("\n## "), after.find("\n### ")
        end = min((place for place in ends if place >= 0), default=len(after))
        rows = _ROW.sub(lambda row, ev=results, of=lesson: _row(row, ev, of), after[:end])
        text = before + mark + rows + after[end:]
    return text


def _row(row: re.Match[str], evidence: Evidence, lesson: Lesson) -> str:
    """Return the row of a fact with new results."""
    name, outcome = row.groups()
    fact = lesson.facts[name]
    text = range_text(Words(), fact, evidence.change(fact)).replace(NBSP, " ")
    return f"| `{name}` | {outcome} | {text} |"


def unconfirmed(lesson: Lesson, evidence: Evidence) -> list[str]:
    """Return the facts whose stated direction the runs do not confirm.

    Args:
        lesson: lesson that states the facts.
        evidence: results of the runs.

    Returns:
        One text per fact whose direction differs over all seeds, or on a single seed if the stated
        direction is not "same".
    """
    texts = []
    for name, fact in lesson.facts.items():
        values = evidence.by_seed(fact)
        signs = {math.copysign(1.0, value) for value in values}
        if fact.expect and (
            direction_of(change_of(values)) != fact.expect
            or (fact.expect != "same" and len(signs) > 1)
        ):
            texts.append(f"{lesson.id}.{name}: expected {fact.expect}, got {values}")
    return texts


def main(names: Sequence[str] = ()) -> None:
    """Run all lessons and pairs, or only those in `names`, and write their files."""
    FOLDER.mkdir(exist_ok=True)
    evidence: dict[str, Evidence] = {}
    with ProcessPoolExecutor(os.cpu_count(), get_context("spawn")) as pool:
        for name, runs in all_cases().items():
            if names and name not in names:
                continue
            results = list(pool.map(summarise_run, runs))
            summaries = [result for result in results if isinstance(result, RunSummary)]
            if len(summaries) < len(runs):
                failure = next(result for result in results if not isinstance(result, RunSummary))
                raise RuntimeError(f"{name}: {failure}")
            text = json.dumps(pack(runs, summaries), separators=(",", ":"))
            write_text(FOLDER / f"{name}.json", text + "\n")
            print(f"{name}: {len(text):,} characters")
            if lesson := lessons().get(name):
                places = lesson.cases()
                evidence[name] = Evidence(dict(zip(places, summaries, strict=True)))
    write_text(GUIDE, refill(GUIDE.read_text(encoding="utf-8"), evidence))
    for name, results in evidence.items():
        for line in unconfirmed(lessons()[name], results):
            print(line, file=sys.stderr)


if __name__ == "__main__":
    main(sys.argv[1:])
