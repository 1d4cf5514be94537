"""Lessons: their runs of a year or two confirm the texts and the figures of the teaching guide."""

from __future__ import annotations

import dataclasses
import re
from functools import cache
from pathlib import Path

import pytest

from experiments.runs.case import Case
from viz.screen.lessons import packaged_runs
from viz.screen.lessons.lesson import Evidence, direction, lessons
from viz.screen.panels.lesson_words import LessonWords
from viz.screen.session.background import BACKGROUND
from viz.screen.session.summaries import RunSummary, summarise_run
from viz.screen.words import LANGUAGES, Words

SEEDS = 2
LESSONS = list(lessons().values())
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.id)
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "guides" / "teaching.md"
_ROW = re.compile(r"^\| `(\w+)` \| .* \| (\S+) (?:%|points) \((\S+) to (\S+)\) \|$")


@cache
def played(case: Case) -> RunSummary:
    """A run of a case, once for all lessons that share it."""
    answer = summarise_run(case)
    assert isinstance(answer, RunSummary), answer
    return answer


def evidence(lesson) -> Evidence:
    cases = dataclasses.replace(lesson, seeds=SEEDS).cases(lesson.dial.value)
    return Evidence({place: played(case) for place, case in cases.items()})


@by_lesson
def test_runs_confirm_the_explanation(lesson):
    found = evidence(lesson)
    for name, fact in lesson.facts.items():
        came = found.by_seed(fact)
        assert len(came) == SEEDS, name
        if fact.expect:
            told = {direction(one) for one in came}
            assert told == {fact.expect}, (name, came)
    for language in LANGUAGES:
        assert "{" not in LessonWords(Words(language), lesson).explained(found)


def test_got_aways_by_sector_are_those_between_ports():
    found = evidence(LESSONS[0]).summaries["a", 1]
    between = found.outcomes["got_aways"] - found.outcomes["port_entries"]
    assert sum(found.sectors.values()) == pytest.approx(between)


@by_lesson
def test_figures_in_the_teaching_guide_match_the_lesson(lesson):
    text = GUIDE.read_text(encoding="utf-8")
    _, _, own = text.partition(f"### {lesson.order}. {Words()(f'lesson.{lesson.id}.title')}\n")
    rows = [
        found.groups()
        for line in own.partition("\n## ")[0].partition("\n### ")[0].splitlines()
        if (found := _ROW.match(line))
    ]
    assert lesson.questions.keys() <= {name for name, *_ in rows}
    summaries = BACKGROUND.stored(lesson.cases(lesson.dial.value))
    assert summaries is not None, "run python -m viz.screen.lessons.packaged_runs"
    packaged = Evidence(summaries)
    for name, *told in rows:
        middle, low, high = (float(one.replace("−", "-")) for one in told)
        slack = 0.51 * 10.0 ** -len(told[0].partition(".")[2])
        shown = packaged.change(lesson.facts[name])
        for figure, value in zip(
            (middle, low, high), (shown.difference, shown.low90, shown.high90), strict=True
        ):
            assert figure == pytest.approx(value, abs=slack), name
        runs = evidence(lesson).by_seed(lesson.facts[name])  # seeds of the package, too
        stored = packaged.by_seed(lesson.facts[name])
        assert stored[: len(runs)] == pytest.approx(runs, abs=1e-3)


def test_writing_the_guide_again_changes_the_figures_alone():
    shown = {lesson.id: evidence(lesson) for lesson in LESSONS}
    before = GUIDE.read_text(encoding="utf-8")
    after = packaged_runs.refill(before, shown)
    changed = [
        (old, new)
        for old, new in zip(before.split("\n"), after.split("\n"), strict=True)
        if old != new
    ]
    assert changed and all(_ROW.match(old) and _ROW.match(new) for old, new in changed)
    assert packaged_runs.refill(after, shown) == after


def test_a_statement_that_the_runs_do_not_confirm_is_listed():
    lesson = LESSONS[0]
    name = next(name for name, fact in lesson.facts.items() if fact.expect == "falls")
    wrong = dataclasses.replace(lesson.facts[name], expect="rises")
    lesson = dataclasses.replace(lesson, facts={name: wrong})
    (line,) = packaged_runs.unconfirmed(lesson, evidence(LESSONS[0]))
    assert name in line and "expected rises" in line
