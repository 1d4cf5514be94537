"""The drawing of a lesson has a mark for every bold claim and keeps guesses on the axis."""

from __future__ import annotations

import re
from functools import cache
from types import SimpleNamespace
from typing import cast

import pytest

from abm.measures import OUTCOMES
from abm.policies.base import money
from agents.labels import SECTORS
from tests.unit.viz.test_lessons import by_language, by_lesson
from viz.figures.numbers import rounded
from viz.screen.lessons.learning import MOST_CLASSES, MOST_GUESSES, Attempt, Classroom, Course
from viz.screen.lessons.lesson import Evidence, direction_of, lessons
from viz.screen.panels.budgets import dollars_of
from viz.screen.panels.lesson_board import columns, on_moved, stretches
from viz.screen.panels.lesson_words import LessonWords, claims
from viz.screen.panels.naming import map_payload
from viz.screen.session.background import BACKGROUND, Background, RunRequest
from viz.screen.words import LANGUAGES, Words


@cache
def evidence(name: str) -> Evidence:
    lesson = lessons()[name]
    stored = BACKGROUND.stored(lesson.cases())
    assert stored is not None, "run python -m viz.screen.lessons.packaged_runs"
    return Evidence(stored)


def course(room: Classroom | None = None) -> Course:
    """Return the lessons of a visitor whose worker is never used."""
    return Course(BACKGROUND, classroom=room or Classroom(), visitor="me")


def with_result(lesson) -> Course:
    """Return a course in which the packaged result of a lesson is on the screen."""
    own = course()
    answers = dict.fromkeys(lesson.questions, -10)
    own.results.set({lesson.id: Attempt(lesson, answers, evidence=evidence(lesson.id))})
    return own


# ---- claims --------------------------------------------------------------------------------------
@by_lesson
@by_language
def test_every_bold_claim_has_a_mark_in_the_drawing(lesson, language: str):
    words = LessonWords(Words(language), lesson)
    stated = claims(words("explanation"))
    assert len(stated) >= 3
    drawn = columns(words, with_result(lesson), for_class=False)
    for number, facts in enumerate(stated, start=1):
        assert facts, f"claim {number} names no figure"
        changes = [evidence(lesson.id).change(lesson.facts[fact]) for fact in facts]
        assert all(direction_of(change) != "same" for change in changes)
        marked = {one["key"] for one in drawn if number in one["badges"]}
        assert marked == set(facts)
    assert all(one["result"] and one["label"] for one in drawn)
    html = "".join(words.explained(evidence(lesson.id)))
    assert html.count('<b class="tb-claimed">') == len(stated) and "**" not in html
    assert re.findall(r'<i class="tb-claim">(\d+)</i>', html) == [
        str(number) for number in range(1, len(stated) + 1)
    ]


@by_lesson
def test_claims_are_about_the_same_facts_in_all_languages(lesson):
    first, *rest = (claims(Words(one)(f"lesson.{lesson.id}.explanation")) for one in LANGUAGES)
    assert all(one == first for one in rest)


@by_lesson
def test_a_claim_is_also_a_human_cost(lesson):
    named = {fact for facts in claims(Words()(f"lesson.{lesson.id}.explanation")) for fact in facts}
    measures = {lesson.facts[name].measure.removesuffix("_per_10000") for name in named}
    assert any(one in OUTCOMES and OUTCOMES[one].human for one in measures)


# ---- the axis ------------------------------------------------------------------------------------
@by_lesson
def test_results_of_questions_fit_on_the_axis(lesson):
    for fact in lesson.questions.values():
        change, (low, high) = evidence(lesson.id).change(fact), lesson.axis_of(fact)
        assert low < change.low90 <= change.high90 < high


@pytest.mark.parametrize(
    "moved",
    [[], [1], [1, "x"], [1, "no_such", 3], [1, "deaths", 900, "deaths", "x", "deaths", None]],
)
def test_invalid_guesses_from_the_browser_are_ignored(moved: list):
    own, lesson = course(), lessons()["balloon"]
    on_moved(own, lesson, moved)
    assert "deaths" not in own.draft(lesson).answers


def test_a_guess_from_the_browser_is_stored_on_the_axis_of_its_question():
    own, lesson = course(), lessons()["balloon"]
    on_moved(own, lesson, [1, "deaths", -12, "all", 3, "laredo", 70, "tucson", 71])
    assert own.draft(lesson).answers == {"deaths": -12, "all": 3, "laredo": 70}


def test_sectors_are_questions_from_west_to_east_each_on_its_own_stretch_of_the_border():
    own, lesson = course(), lessons()["balloon"]
    drawn = columns(LessonWords(Words(), lesson), own, for_class=False)
    placed = [column["key"] for column in drawn if column["at"]]
    assert [lesson.facts[name].sector for name in placed] == list(SECTORS)
    assert [column["key"] for column in drawn if not column["at"]] == list(lesson.totals)
    assert not any(column["result"] for column in drawn), "nothing is shown before the lock"
    ends = [
        [float(end) for end in re.findall(r"[\d.]+(?= )", one["line"])] for one in stretches("en")
    ]
    for sector, stretch in zip(map_payload("en")["sectors"], ends, strict=True):
        others = [other for other in ends if other is not stretch]
        assert min(stretch) <= sector["at"][0] <= max(stretch)
        assert not any(min(other) <= sector["at"][0] <= max(other) for other in others)


def test_sectors_without_an_answer_are_locked_as_the_same_and_totals_need_one():
    own, lesson = course(), lessons()["balloon"]
    # The requests stay unanswered.
    own.background = cast(Background, SimpleNamespace(submit=RunRequest))
    own.start(lesson)
    assert own.waiting.value is None, "no total is answered"
    on_moved(own, lesson, [1, "laredo", 40, *(x for name in lesson.totals for x in (name, 5))])
    own.start(lesson)
    assert own.waiting.value.answers == dict.fromkeys(lesson.questions, 0) | dict.fromkeys(
        lesson.totals, 5
    ) | {"laredo": 40}


@by_lesson
@by_language
def test_a_lesson_whose_worlds_plan_equal_dollars_and_spend_unequal_ones_says_so(
    lesson, language: str
):
    arms, levels = list(lesson.arms)[:2], evidence(lesson.id)
    uses = (lesson.arms[arm].policies for arm in arms)
    planned = [sum(map(dollars_of, policies)) for policies in uses]
    spent = [levels.level(arm, "dollars").median for arm in arms]
    if planned[1] == pytest.approx(planned[0], rel=0.02) and min(spent) < 0.9 * max(spent):
        assert lesson.id == "who_catches" and "dollars" in lesson.bars
        text = "".join(LessonWords(Words(language), lesson).explained(levels))
        assert all(money(rounded(dollars)) in text for dollars in spent)
    else:
        assert lesson.id != "who_catches"


# ---- the class -----------------------------------------------------------------------------------
def test_a_class_holds_each_visitor_once_and_is_limited():
    room, key = Classroom(), "balloon"
    for n in range(MOST_GUESSES + 5):
        room.add("a", key, f"v{n}", {"all": n})
    room.add("a", key, "v0", {"all": -1})
    kept = room.guesses("a", key)
    assert len(kept) == MOST_GUESSES and kept["v0"] == {"all": -1}
    room.remove("a", key, "v0")
    assert "v0" not in room.guesses("a", key)
    room.add("", key, "v1", {"all": 1})
    assert not room.guesses("", key)
    for n in range(MOST_CLASSES):
        room.add(f"b{n}", key, "v", {"all": 1})
    assert room.guesses("a", key), "a class with many guesses stays"
    assert not room.guesses("b0", key), "of the smallest, the one unused for longest is dropped"
    assert room.guesses(f"b{MOST_CLASSES - 1}", key), "the newest stays"


def test_a_class_counts_its_visitors_until_they_leave():
    room = Classroom()
    leave = [room.attend("room-7", name) for name in ("me", "you", "me")]
    assert room.room("room-7").visitors == {"me", "you"} and not room.room("room-8").visitors
    leave[0]()
    assert room.room("room-7").visitors == {"you"}
    room.attend("", "me")
    assert not room.room("").visitors, "no code is no class"


def test_a_locked_guess_joins_the_class_and_an_unlocked_one_leaves_it():
    room, lesson = Classroom(), lessons()["balloon"]
    own = course(room)
    # The requests stay unanswered.
    own.background = cast(Background, SimpleNamespace(submit=RunRequest))
    own.join_class("Room 7")
    own.predict(lesson, dict.fromkeys(lesson.questions, -5))
    assert not room.guesses("room-7", lesson.id), "drafts stay private"
    own.start(lesson)
    (guesses,) = room.guesses("room-7", lesson.id).values()
    assert guesses == dict.fromkeys(lesson.questions, -5.0)
    own.stop()
    assert not room.guesses("room-7", lesson.id)


def test_the_class_screen_shows_no_result_before_it_is_asked_for():
    own, lesson = course(), lessons()["fee"]
    assert own.visible_runs(lesson) is None
    own.join_class("room-7")
    own.reveal(lesson)
    assert own.visible_runs(lesson) == evidence("fee")
    pupil = course(own.classroom)
    pupil.join_class("room-7")
    assert pupil.visible_runs(lesson) and pupil.phase(lesson) == "guess"
    own.predict(lesson, {"away": -5})
    assert not own.draft(lesson).answers, "a shown result is not guessed"


def test_an_address_names_the_lesson_and_the_class():
    own = course()
    own.open_at({"lesson": "fee", "class": "Room 7"})
    assert own.address == {"lesson": "fee", "class": "room-7"}
    own.open_at({"lesson": "no_such", "class": "<>"})
    assert own.address == {}
