"""On a shared server, no visitor or client address takes the sweeps from the others."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from abm.scenario import SettingError
from experiments.sweeps.store_list import VARIABLE
from tests.unit.viz.small_sweeps import (
    ended,
    fork_stand_ins,
    interrupted,
    key_of,
    tiny,
    wait_until,
    waiting,
)
from viz.screen.panels.sweep_progress import error_text, refusal_text
from viz.screen.session.visitors import VisitorLimits
from viz.screen.sweeps import sweep_speed, sweep_worker
from viz.screen.sweeps.sweep_folders import DESIGN_FILE
from viz.screen.sweeps.sweep_limits import SWEEPS_CLASS, TURNS, TurnCaps
from viz.screen.sweeps.sweep_quota import HOUR, SweepRefused
from viz.screen.sweeps.sweep_runs import SweepRuns
from viz.screen.sweeps.sweep_state import Changes
from viz.screen.words import LANGUAGES, Words

#: The client address of each visitor.
VISITORS = {"one": "10.0.0.1", "two": "10.0.0.1", "other": "10.0.0.2"}


class Clock:
    """A time in seconds that the test sets."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class School:
    """Sweeps of a shared server with visitors of two addresses, and a clock."""

    def __init__(self, folder: Path, **options: Any) -> None:
        self.clock, self.folder = Clock(), folder
        self.limits = VisitorLimits(clock=self.clock)
        for kernel, address in VISITORS.items():
            self.limits.connect(kernel, address)
            self.limits.enter(kernel)
        self.runs = SweepRuns(self.limits, waiting, self.clock)
        self.configure(**options)

    def configure(self, shared: bool = True, **turns: Any) -> None:
        caps = TurnCaps(**turns)
        self.runs.configure(self.folder / "sweep", SWEEPS_CLASS, shared=shared, turns=caps)

    def sweep(self, kernel: str, name: str, seconds: float = 0.0) -> None:
        """Start a sweep and stop it after a time; its folder gets a store, as of a real one."""
        self.runs.start(tiny(name), kernel)
        full = f"sweep/{name}"
        wait_until(self.runs, lambda: getattr(self.runs.state(full), "phase", "") == "running")
        self.clock.now += seconds
        (self.folder / full / "ledger.sqlite").touch()
        self.runs.stop(full, kernel)
        ended(self.runs, full)


@pytest.fixture
def school(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., School]]:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    fork_stand_ins(monkeypatch)
    made: list[School] = []

    def create(**options: Any) -> School:
        made.append(School(tmp_path, **options))
        return made[-1]

    yield create
    for one in made:
        one.runs.end()


# ---- limits of visitors and addresses ------------------------------------------------------------
def test_the_run_time_of_a_visitor_within_an_hour_is_limited(school):
    here = school(visitor_seconds=100.0, seconds=90.0)
    here.sweep("one", "first", 60.0)
    here.sweep("one", "second", 60.0)
    assert key_of(lambda: here.runs.start(tiny("third"), "one")) == "hour"
    assert key_of(lambda: here.runs.resume("sweep/first", "one")) == "hour"
    here.sweep("two", "third")
    here.clock.now = HOUR + 30.0  # half of the first sweep is more than an hour ago
    here.sweep("one", "fourth")


def test_visitors_of_one_address_share_its_run_time_and_others_have_their_own(school):
    here = school(address_seconds=100.0)
    here.sweep("one", "first", 60.0)
    here.sweep("two", "second", 60.0)
    assert key_of(lambda: here.runs.start(tiny("third"), "one")) == "hour_address"
    here.limits.leave("one")
    here.limits.connect("again", VISITORS["one"])  # the same client with a new page
    here.limits.enter("again")
    assert key_of(lambda: here.runs.start(tiny("third"), "again")) == "hour_address"
    here.sweep("other", "third")


def test_visitors_and_addresses_store_a_limited_number_of_sweeps(school):
    here = school(visitor_sweeps=2, address_sweeps=3)
    for kernel, name in (("one", "a"), ("one", "b"), ("two", "c")):
        here.sweep(kernel, name)
    assert key_of(lambda: here.runs.start(tiny("d"), "one")) == "stored"
    assert key_of(lambda: here.runs.start(tiny("d"), "two")) == "stored_address"
    here.sweep("other", "d")
    for file in (here.folder / "sweep" / "a").iterdir():
        file.unlink()
    (here.folder / "sweep" / "a").rmdir()
    here.sweep("two", "e")  # there is room again for the address, and for visitor two


def test_a_sweep_without_a_stored_run_does_not_count_as_stored(school):
    here = school(visitor_sweeps=1)
    for name in ("a", "b"):
        here.runs.start(tiny(name), "one")
        here.runs.stop(f"sweep/{name}", "one")
        ended(here.runs, f"sweep/{name}")
    assert list((here.folder / "sweep").iterdir()) == []


def test_a_sweep_stops_after_the_longest_run_time_and_can_be_resumed(school):
    here = school(seconds=60.0)
    interrupted(tiny().text, here.folder / "sweep" / "tiny", 1)
    here.runs.resume("sweep/tiny", "one")
    here.clock.now += 61.0
    assert ended(here.runs, "sweep/tiny") == "stopped"
    assert here.runs.state("sweep/tiny").error == "@late"
    here.runs.resume("sweep/tiny", "one")


def test_the_sweep_of_an_absent_visitor_yields_to_another_one(school):
    here = school(absence=30.0)
    here.runs.start(tiny("first"), "one")
    here.clock.now += 29.0
    assert key_of(lambda: here.runs.start(tiny("second"), "other")) == "busy"
    here.clock.now += 2.0
    assert key_of(lambda: here.runs.start(tiny("second"), "one")) == "busy"  # not to themselves
    here.runs.start(tiny("second"), "other")
    assert here.runs.active.name == "sweep/second"
    assert here.runs.state("sweep/first").error == "@yielded"


def test_a_visitor_who_may_not_start_a_sweep_does_not_stop_that_of_another(school):
    here = school(absence=30.0, visitor_seconds=50.0)
    here.sweep("other", "used", 60.0)
    here.runs.start(tiny("first"), "one")
    here.clock.now += 60.0
    assert key_of(lambda: here.runs.start(tiny("second"), "other")) == "hour"
    assert here.runs.active.name == "sweep/first"


def test_a_single_user_has_no_limits_of_turns(school):
    here = school(shared=False, seconds=1.0, visitor_seconds=1.0, visitor_sweeps=1, absence=1.0)
    here.sweep("one", "first", 60.0)
    here.runs.start(tiny("second"), "one")
    here.clock.now += 60.0
    assert key_of(lambda: here.runs.start(tiny("third"), "other")) == "busy"
    assert here.runs.active.phase in ("starting", "running")


def test_no_address_can_take_all_run_time_or_all_places_of_a_class():
    assert TURNS.address_seconds + TURNS.seconds < HOUR
    assert TURNS.visitor_seconds + TURNS.seconds < TURNS.address_seconds
    assert TURNS.visitor_sweeps < TURNS.address_sweeps <= SWEEPS_CLASS.folders / 2


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_refusal_is_one_sentence_with_its_number(language: str):
    t = Words(language)
    texts = [refusal_text(t, SweepRefused(key, minutes="20")) for key in ("hour", "hour_address")]
    texts += [refusal_text(t, SweepRefused(key, most="20")) for key in ("stored", "stored_address")]
    assert all("20" in text for text in texts)
    texts += [refusal_text(t, SweepRefused("process")), error_text(t, "@yielded")]
    texts.append(error_text(t, "@late"))
    assert f"{TURNS.seconds / 60:g}" in texts[-1]
    for text in texts:
        assert re.fullmatch(r"[^.{}]+\.", text), text


# ---- a process that cannot be started ------------------------------------------------------------
def fail(*_: Any, **__: Any) -> Any:
    raise RuntimeError("can't start new thread")


@pytest.mark.parametrize("part", ["spawn", "start_thread"])
def test_a_process_that_cannot_be_started_leaves_nothing_behind(
    school, monkeypatch: pytest.MonkeyPatch, part: str
):
    here = school()
    with monkeypatch.context() as patch:
        patch.setattr(sweep_worker, part, fail)
        assert key_of(lambda: here.runs.start(tiny(), "one")) == "process"
    assert here.runs.active is None and here.runs.state("sweep/tiny") is None
    assert not (here.folder / "sweep" / "tiny").exists()
    assert all(not visitor.runs for visitor in here.limits._visitors.values())
    here.runs.start(tiny(), "one")


def test_a_sweep_that_cannot_be_resumed_stays_as_it_was(school, monkeypatch: pytest.MonkeyPatch):
    here = school()
    interrupted(tiny().text, here.folder / "sweep" / "tiny", 1)
    here.runs.resume("sweep/tiny", "one")
    here.runs.stop("sweep/tiny", "one")
    ended(here.runs, "sweep/tiny")
    before = here.runs.state("sweep/tiny")
    monkeypatch.setattr(sweep_worker, "spawn", fail)
    assert key_of(lambda: here.runs.resume("sweep/tiny", "one")) == "process"
    assert here.runs.state("sweep/tiny") == before and before.phase == "stopped"


def test_a_speed_that_could_not_be_measured_can_be_requested_again(monkeypatch: pytest.MonkeyPatch):
    speeds, scenario = sweep_speed.RunSpeeds(Changes()), tiny().design.scenario
    monkeypatch.setattr(sweep_speed, "start_thread", fail)
    speeds.request(scenario)
    started: list[Any] = []
    monkeypatch.setattr(sweep_speed, "start_thread", lambda *one, **_: started.append(one))
    speeds.request(scenario)
    assert len(started) == 1


# ---- links ---------------------------------------------------------------------------------------
def test_a_link_in_the_folder_of_sweeps_leads_nowhere(school, tmp_path: Path):
    here, outside = school(), tmp_path / "outside"
    interrupted(tiny().text, outside, 1)
    (outside / DESIGN_FILE).write_text(tiny().text, encoding="utf-8")
    (tmp_path / "sweep").mkdir(exist_ok=True)
    (tmp_path / "sweep" / "linked").symlink_to(outside)
    for name in ("sweep/linked", "sweep/../outside"):
        assert not here.runs.may_resume(name) and not here.runs.has_design(name)
        assert key_of(lambda name=name: here.runs.resume(name, "one")) == "off"


def test_a_design_file_that_is_a_link_is_not_read(school, tmp_path: Path):
    here, secret = school(), tmp_path / "secret"
    secret.write_text("secret", encoding="utf-8")
    (tmp_path / "sweep" / "tiny").mkdir(parents=True)
    (tmp_path / "sweep" / "tiny" / DESIGN_FILE).symlink_to(secret)
    assert here.runs.may_resume("sweep/tiny") and not here.runs.has_design("sweep/tiny")


def test_a_folder_of_sweeps_that_leads_out_of_the_store_is_refused(
    school, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
):
    outside = tmp_path_factory.mktemp("outside")
    (tmp_path / "away").symlink_to(outside)
    here = school()
    with pytest.raises(SettingError, match="leads out of"):
        here.runs.configure(tmp_path / "away", SWEEPS_CLASS, shared=True)
    (tmp_path / "sweep").symlink_to(outside)  # replaced after the server has started
    assert key_of(lambda: here.runs.start(tiny(), "one")) == "folder"
    assert list(outside.iterdir()) == []
