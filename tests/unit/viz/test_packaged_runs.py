"""Packaged runs of lessons and ready pairs are complete, current and equal to new runs.

They confirm the texts of the lessons and the figures in the teaching guide.
"""

from __future__ import annotations

import dataclasses
import re
from functools import partial

import numpy as np
import pytest

from tests.unit.viz.test_lesson_drawing import evidence
from tests.unit.viz.test_lessons import LESSONS, by_lesson
from viz.screen.lessons.learning import Course
from viz.screen.lessons.lesson import lessons
from viz.screen.lessons.packaged_runs import GUIDE, all_cases, refill, unconfirmed
from viz.screen.session import summaries
from viz.screen.session.background import Background
from viz.screen.session.pairs import PAIRS
from viz.screen.session.summaries import FOLDER, RunSummary, pack, packaged, summarise_run, unpack
from viz.screen.session.visitors import VisitorLimits

MOST_BYTES = 2_000_000  # all files together


@pytest.mark.parametrize("name", all_cases())
def test_every_run_is_packaged(name: str):
    for case in all_cases()[name]:
        run = packaged().get((case.scenario.digest, case.seed))
        assert run is not None, "run python -m viz.screen.lessons.packaged_runs"
        assert len(run.daily) == case.scenario.days


def test_a_packaged_run_equals_the_run():
    name = min(PAIRS, key=lambda pair: pair.days).id
    case = all_cases()[name][5]
    run, stored = summarise_run(case), packaged()[case.scenario.digest, case.seed]
    assert isinstance(run, RunSummary)
    # The last digits differ between machines.
    equal = partial(np.testing.assert_allclose, rtol=1e-12)
    equal(stored.daily, run.daily)
    for part in ("outcomes", "rates", "sectors"):
        one, other = getattr(stored, part), getattr(run, part)
        assert list(one) == list(other)
        equal(list(one.values()), list(other.values()))


def test_what_is_packed_is_unpacked_also_where_figures_are_undefined():
    case = all_cases()["fee"][0]
    daily = np.random.default_rng(1).random((7, 10), np.float32)
    run = RunSummary(daily, {"deaths": 1 / 3, "overflow": float("nan")}, {"x": 0.1}, {"yuma": 2.0})
    (again,) = unpack(pack([case], [run])).values()
    assert np.array_equal(again.daily, daily) and again.sectors == run.sectors
    assert again.outcomes == pytest.approx(run.outcomes, rel=0, abs=0, nan_ok=True)


def test_runs_of_another_model_are_not_used(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(summaries, "model_source", lambda: "0123456789abcdef")
    assert packaged.__wrapped__() == {}


def test_packaged_files_are_small():
    assert sum(file.stat().st_size for file in FOLDER.glob("*.json")) < MOST_BYTES


def test_packaged_cases_need_no_worker(monkeypatch: pytest.MonkeyPatch):
    """The first view of a lesson shows its result without a run."""
    lesson = lessons()["fee"]
    cases = lesson.cases()
    run = RunSummary(np.zeros((1, 10), np.float32), {})
    known = {(case.scenario.digest, case.seed): run for case in cases.values()}
    monkeypatch.setattr("viz.screen.session.background.packaged", lambda: known)
    background = Background()
    results = list(background.submit(list(cases.values())))
    assert [result for _, result in results] == [run] * len(cases) and not background._backends
    assert Course(background).stored_runs(lesson) is not None
    assert Course(background).stored_runs(lessons()["drugs"]) is None
    assert not VisitorLimits().n_running


# ---- claims that the runs confirm ----------------------------------------------------------------


@by_lesson
def test_runs_confirm_the_explanation(lesson):
    assert unconfirmed(lesson, evidence(lesson.id)) == []


def test_a_statement_that_the_runs_do_not_confirm_is_listed():
    lesson = LESSONS[0]
    name = next(name for name, fact in lesson.facts.items() if fact.expect == "falls")
    wrong = dataclasses.replace(lesson.facts[name], expect="rises")
    (line,) = unconfirmed(dataclasses.replace(lesson, facts={name: wrong}), evidence(lesson.id))
    assert name in line and "expected rises" in line


def test_got_aways_by_sector_are_those_between_ports():
    run = evidence(LESSONS[0].id).summaries["a", 1]
    between = run.outcomes["got_aways"] - run.outcomes["port_entries"]
    assert sum(run.sectors.values()) == pytest.approx(between)


def test_the_teaching_guide_has_the_figures_of_every_question():
    """If this test fails, run python -m viz.screen.lessons.packaged_runs."""
    text = GUIDE.read_text(encoding="utf-8")
    figures = re.compile(
        r"^(\| `(\w+)` \| .* \|) \S+ (%|points)(?: \(\S+ to \S+\))? \|$", re.MULTILINE
    )
    named = {name for _, name, _ in figures.findall(text)}
    assert named >= {name for one in LESSONS for name in one.questions}
    results = {one.id: evidence(one.id) for one in LESSONS}
    emptied = figures.sub(r"\1 0 \3 (0 to 0) |", text)
    assert emptied != text and refill(emptied, results) == refill(text, results) == text
