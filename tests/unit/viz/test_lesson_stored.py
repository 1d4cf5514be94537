"""Packaged results of lessons: those of the model, refused when stale, shown without a run."""

from __future__ import annotations

import threading
import time
from functools import cache

import numpy as np
import pytest

from viz.screen.lessons import lessons, stored
from viz.screen.lessons.learning import Course
from viz.screen.lessons.lesson_stage import LessonStage
from viz.screen.lessons.stored import StoredRequest, stored_runs, unpack
from viz.screen.session.background import RunSummary, summarise_run
from viz.screen.session.visitors import VisitorLimits

LESSONS = list(lessons().values())
by_lesson = pytest.mark.parametrize("lesson", LESSONS, ids=lambda one: one.id)
MOST_BYTES = 300_000  # of all files


@cache
def runs(name: str) -> stored.StoredRuns:
    found = stored_runs(name)
    assert found is not None, "run python -m viz.screen.lessons.stored"
    return found


@by_lesson
def test_packaged_runs_are_complete(lesson):
    found = runs(lesson.id)
    places = lesson.cases(lesson.dial.value).keys()
    assert found.evidence.summaries.keys() == places
    for fact in lesson.facts.values():
        assert len(found.evidence.by_seed(fact)) == lesson.seeds
    for log in found.logs:
        records = log.records()
        assert (records["day"] == np.arange(1, lesson.days + 1)).all()
        assert records["flow"].max() > 0
    first, *_ = lesson.arms
    assert found.evidence.days(first, lesson.chart).sum() > 0


def test_packaged_files_are_small():
    assert sum(file.stat().st_size for file in stored.FOLDER.glob("*.json")) < MOST_BYTES


def test_runs_of_another_model_or_of_other_settings_are_not_used(monkeypatch):
    monkeypatch.setattr(stored, "model_source", lambda: "0123456789abcdef")
    assert stored_runs.__wrapped__("fee") is None
    monkeypatch.undo()
    assert stored_runs.__wrapped__("fee") is not None
    monkeypatch.setattr(stored, "FOLDER", stored.FOLDER / "nowhere")
    assert stored_runs.__wrapped__("fee") is None


@pytest.mark.slow
def test_packaged_figures_equal_a_rerun():
    lesson = lessons()["who_catches"]
    case = lesson.cases(lesson.dial.value, seeds=1)
    for place in (("a", 1), ("b", 1)):
        rerun, kept = summarise_run(case[place]), runs(lesson.id).evidence.summaries[place]
        assert isinstance(rerun, RunSummary)
        for part in ("outcomes", "rates", "sectors"):
            values = getattr(kept, part)
            assert values == pytest.approx(getattr(rerun, part), rel=1e-6, nan_ok=True)
    frames = stored.weekly_frames(case["a", 1])
    log = runs(lesson.id).logs[0]
    for record in frames:
        assert log.frame(int(record["day"])) == record.tobytes()


def test_what_is_packed_is_unpacked():
    lesson = lessons()["fee"]
    found = runs("fee")
    frames = {}
    for arm, log in zip(lesson.arms, found.logs, strict=False):
        days = [0, *range(6, lesson.days, 7), lesson.days - 1]
        frames[arm] = log.records()[sorted(set(days))]
    again = unpack(lesson, stored.pack(lesson, found.evidence.summaries, frames))
    assert [log.frames for log in again.logs] == [log.frames for log in found.logs]
    for place, run in found.evidence.summaries.items():
        assert again.evidence.summaries[place].outcomes == pytest.approx(run.outcomes, nan_ok=True)


# ---- a visitor's first try -----------------------------------------------------------------------
class NoWorker:
    """A background worker that may not be used."""

    def submit(self, cases):
        raise AssertionError("a packaged lesson is not run")


def locked(lesson, **more) -> Course:
    """Every question is answered and the lesson is locked."""
    nobody: dict = {"background": NoWorker()}
    own = Course(**nobody, stored=stored_runs, **more)
    for name in lesson.questions:
        own.predict(lesson, name, answer=-5)
    own.start(lesson)
    return own


def wait_until(condition) -> None:
    until = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.01)


def test_a_first_try_needs_no_run():
    lesson = lessons()["fee"]
    own = locked(lesson)
    wait_until(lambda: own.counted_result(lesson))
    assert own.waiting.value is None
    result = own.counted_result(lesson)
    assert result and result.evidence.summaries == runs("fee").evidence.summaries


def test_the_result_waits_for_the_maps_unless_it_is_asked_for():
    lesson = lessons()["fee"]
    own = locked(lesson, delay=60.0)
    assert own.waiting.value.packaged and own.counted_result(lesson) is None
    own.skip()
    wait_until(lambda: own.counted_result(lesson))


def test_another_dial_is_not_packaged():
    lesson = lessons()["fee"]
    nobody: dict = {"background": None}
    own = Course(**nobody, stored=stored_runs)
    assert own.packaged(own.key(lesson)) is not None
    own.set_dial(lesson, next(one for one in lesson.dial.values if one != lesson.dial.value))
    assert own.packaged(own.key(lesson)) is None


def test_a_cancelled_request_yields_nothing():
    lesson = lessons()["fee"]
    cases = lesson.cases(lesson.dial.value)
    request = StoredRequest(runs("fee").evidence, cases, 60.0)
    threading.Timer(0.05, request.cancel).start()
    assert list(request) == []


class Map:
    """A map that counts its frames."""

    def __init__(self) -> None:
        self.full, self.frame, self.serial, self.days = 1.0, b"", 0, []

    def hold_sync(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *error: object) -> None:
        if self.frame:
            self.days.append(int.from_bytes(self.frame[:4], "little"))


def test_packaged_worlds_are_played_from_the_first_day_to_the_last():
    lesson, limits = lessons()["fee"], VisitorLimits()
    stage, maps = LessonStage(limits, "k"), (Map(), Map())
    stage.play(lesson, lesson.dial.value, runs("fee").logs, seconds=0.2)
    assert stage.playing.value and not maps[0].days, "they wait for the maps"
    for world, widget in enumerate(maps):
        stage.show(world, widget)

    def answer() -> bool:
        stage.acknowledge(maps[1].serial)
        return not stage.playing.value

    wait_until(answer)
    assert stage.day == lesson.days and limits.n_running == 0
    for widget in maps:
        assert widget.days == sorted(widget.days) and widget.days[-1] == lesson.days
        assert len(set(widget.days)) > 3
    stage.end()


def test_a_visitor_who_returns_sees_the_last_day():
    lesson = lessons()["fee"]
    stage, one = LessonStage(VisitorLimits(), "k"), Map()
    stage.show(0, one)
    stage.play(lesson, lesson.dial.value, runs("fee").logs, seconds=0.0)
    wait_until(lambda: stage.day == lesson.days)
    assert one.days[-1] == lesson.days and not stage.playing.value
    stage.end()
