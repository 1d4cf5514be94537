"""Lessons: texts, evidence and points; the score rewards honest predictions.

The runs of the lessons are tested in `tests/unit/viz/test_packaged_runs.py`.
"""

from __future__ import annotations

import csv
import re
import string
import threading
from types import SimpleNamespace
from typing import cast

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.measures import OUTCOMES
from experiments.runs.case import Failure
from experiments.runs.intervals import Interval
from viz.screen.lessons.learning import Course
from viz.screen.lessons.lesson import (
    DIRECTIONS,
    Evidence,
    Fact,
    change_of,
    direction_of,
    is_right,
    lessons,
    points,
)
from viz.screen.panels.lesson_result import bars
from viz.screen.panels.lesson_words import LessonWords, prose, range_text
from viz.screen.session.background import Background
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.summaries import RunSummary
from viz.screen.words import LANGUAGES, Words

LESSONS = list(lessons().values())
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.id)
by_language = pytest.mark.parametrize("language", LANGUAGES)


@by_lesson
def test_a_lesson_has_questions_a_human_cost_and_opens_in_compare(lesson):
    assert len(lesson.questions) >= 3
    assert any(OUTCOMES[name].human for name in lesson.bars) and set(lesson.bars) <= set(OUTCOMES)
    assert any(fact.expect for fact in lesson.facts.values())
    for fact in lesson.facts.values():
        assert {arm for pair in fact.pairs for arm in pair} <= lesson.arms.keys()
        assert fact.ask in ("", "direction", "percent") and fact.expect in ("", *DIRECTIONS)
    first, second, *_ = lesson.arms
    choice = lesson.choice(first, second)
    own = lesson.arms[second]
    assert choice.b == own.policies and choice.numbers == own.numbers
    assert choice.scenario(0).digest != choice.scenario(1).digest


@by_lesson
@by_language
def test_a_lesson_has_all_its_words(lesson, language: str):
    t, word = Words(language), f"lesson.{lesson.id}"
    words = LessonWords(t, lesson)
    for key in ("title", "question", "story", "hint", "left_out", "discuss"):
        assert words(key).strip()
    assert t.part(f"{word}.ask").keys() == lesson.totals.keys()
    assert t.part(f"{word}.arm").keys() == lesson.arms.keys()


@by_lesson
def test_figures_in_an_explanation_come_from_the_runs(lesson):
    named = []
    for language in LANGUAGES:
        text = Words(language)(f"lesson.{lesson.id}.explanation")
        named.append({name for _, name, _, _ in string.Formatter().parse(text) if name})
        assert not re.search(r"\d\s*(%|points|puntos)", text)
    assert named[0] == named[1] <= lesson.facts.keys() | {f"dollars_{arm}" for arm in lesson.arms}
    asked = {name for name, fact in lesson.totals.items() if fact.against is None}
    assert asked <= named[0], "what is asked is explained"


@by_lesson
def test_bars_say_in_figures_what_they_draw(lesson):
    made_up = SimpleNamespace(level=lambda *_: Interval(9.0, 8.5, 9.5, 8.0, 10.0))
    markup = bars(LessonWords(Words("es"), lesson), "deaths", cast(Evidence, made_up))
    assert markup.count("<b>9</b><small>8 a 10</small>") == len(lesson.arms)
    assert markup.count("--bar:90.0%;--left:80.0%;--right:100.0%") == len(lesson.arms)


# ---- score ---------------------------------------------------------------------------------------
@given(st.floats(0, 1), st.floats(0, 100))
def test_an_honest_confidence_has_the_best_expected_score(chance: float, sure: float):
    def expected(said: float) -> float:
        return chance * points(True, said) + (1 - chance) * points(False, said)

    assert expected(100 * chance) >= expected(sure) - 1e-9
    assert expected(100 * chance) == pytest.approx(100 * chance**2, abs=1e-9)


seeds = st.lists(st.floats(-99, 300), min_size=1, max_size=9).map(tuple)


@given(seeds, st.integers(-99, 99))
def test_about_the_same_is_the_right_guess_for_what_is_not_meaningful(
    values: tuple[float, ...], guess: int
):
    fact, change = Fact("deaths", ("a", "b"), ask="direction"), change_of(values)
    expected = direction_of(change) == (
        "same" if abs(guess) < 2 else "rises" if guess > 0 else "falls"
    )
    assert is_right(fact, guess, change) == expected


# ---- evidence ------------------------------------------------------------------------------------
def made(deaths: float) -> RunSummary:
    """Return a run summary in which only a few figures matter."""
    daily = np.ones((30, len(DAILY_FIGURES)), np.float32)
    outcomes = dict.fromkeys(OUTCOMES, 1.0) | {"deaths": deaths}
    return RunSummary(daily, outcomes, {}, {})


def test_lesson_texts_are_escaped():
    assert prose("*so* <b>\n\nyes") == "<p><em>so</em> &lt;b&gt;</p><p>yes</p>"
    shown = range_text(Words("es"), Fact("deaths", ("a", "b")), change_of((-12.4, -10.0, -8.0)))
    assert shown == "−10 % (−14 a −6)".replace(" %", "\u00a0%")


# ---- a visitor's course --------------------------------------------------------------------------
class Answers:
    """A background worker that returns results after the event `go` is set."""

    def __init__(self, answer=None) -> None:
        self.asked, self.answer, self.go = 0, answer, threading.Event()
        self.cancelled, self.ended = False, threading.Event()

    def submit(self, cases):
        self.asked += 1
        self.cases = list(cases)
        return self

    def __iter__(self):
        try:
            for case in self.cases:
                self.go.wait(10)
                if self.cancelled:
                    return
                yield case, self.answer or made(10.0 + case.seed)
        finally:
            self.ended.set()

    def cancel(self) -> None:
        self.cancelled = True
        self.go.set()


def course(answers: Answers) -> Course:
    return Course(cast(Background, answers))


def predicted(own: Course, lesson, sure: int = 80) -> None:
    """Answer every question of a lesson."""
    facts = lesson.questions.items()
    answers = {name: 20 if fact.ask == "direction" else -5 for name, fact in facts}
    own.predict(lesson, answers, sure=sure)


def gathered(own: Course) -> None:
    """Wait until the course has read all results."""
    assert cast(Answers, own.background).ended.wait(10)


def test_nothing_runs_before_everything_is_predicted():
    answers, lesson = Answers(), LESSONS[0]
    own = course(answers)
    own.start(lesson)
    assert answers.asked == 0
    own.predict(lesson, {}, sure=90)
    assert not own.is_complete(lesson), "how sure alone is no answer"
    predicted(own, lesson)
    own.start(lesson)
    assert answers.asked == 1 and own.waiting.value is not None
    own.cancel_runs()


def test_locked_predictions_do_not_change_and_are_scored():
    answers, lesson = Answers(), LESSONS[0]
    own = course(answers)
    predicted(own, lesson)
    own.start(lesson)
    first = next(iter(lesson.questions))
    own.predict(lesson, {first: -20}, sure=20)
    assert own.draft(lesson).answers[first] == -5 and own.draft(lesson).sure == 80
    answers.go.set()
    gathered(own)
    done = own.results.value[lesson.id]
    assert own.waiting.value is None and done.answers[first] == -5
    assert len(done.evidence.summaries) == len(lesson.arms) * lesson.seeds
    assert own.total == done.points and -100 <= done.points <= 100
    own.start(lesson)
    assert answers.asked == 1, "what was seen is not predicted again"
    rows = list(csv.DictReader(own.csv("a note").splitlines()[1:]))
    assert [row["question"] for row in rows] == list(lesson.questions)
    assert {row["predicted"] for row in rows} == {"20", "-5"}
    assert {row["measure"] for row in rows} == {f.measure for f in lesson.questions.values()}


def test_leaving_cancels_the_runs_and_returning_resumes_them():
    answers, lesson = Answers(), LESSONS[0]
    own = course(answers)
    predicted(own, lesson)
    own.start(lesson)
    own.cancel_runs()
    gathered(own)
    assert answers.cancelled and own.waiting.value is not None
    answers = Answers()
    own.background = cast(Background, answers)
    answers.go.set()
    own.resume()
    gathered(own)
    assert lesson.id in own.results.value


def test_a_failed_run_sets_the_error_and_scores_nothing():
    lesson = LESSONS[0]
    case = next(iter(lesson.cases().values()))
    broken = Failure(case.digest, "world A", 1, "SettingError", "no such thing", "")
    answers = Answers(broken)
    own = course(answers)
    predicted(own, lesson)
    answers.go.set()
    own.start(lesson)
    gathered(own)
    assert own.error.value and not own.results.value and own.waiting.value is None
