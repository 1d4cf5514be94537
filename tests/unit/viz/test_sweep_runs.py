"""Sweeps of the screen: one at a time, in their folder, stopped soon, equal to the command's."""

from __future__ import annotations

import dataclasses
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from agents.param import SettingError
from experiments.runs.codec import pack
from experiments.sweeps.design import read
from experiments.sweeps.design.stored import stored_design
from experiments.sweeps.store import FILE, SweepResults
from experiments.sweeps.store_list import VARIABLE, read_store
from tests.unit.viz.small_sweeps import (
    NAME,
    ended,
    fork_stand_ins,
    interrupted,
    key_of,
    tiny,
    wait_until,
    waiting,
)
from viz.cli.app import app
from viz.screen.session.visitors import VisitorLimits
from viz.screen.sweeps.sweep_folders import DESIGN_FILE
from viz.screen.sweeps.sweep_limits import SWEEPS_ALONE, SWEEPS_CLASS, SweepCaps
from viz.screen.sweeps.sweep_process import SweepOrder, run_sweep
from viz.screen.sweeps.sweep_runs import SweepRuns


def stubborn(order: SweepOrder, messages: Connection) -> None:
    """A process that ignores SIGTERM."""
    import signal

    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    waiting(order, messages)


def dying(order: SweepOrder, messages: Connection) -> None:
    """A process that is killed, for example for lack of memory."""
    messages.send(("start", 4, 0))
    os._exit(9)


Make = Callable[..., SweepRuns]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Create sweeps in a folder; they end with the test."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    made: list[SweepRuns] = []

    def create(target: Any = waiting, caps: SweepCaps = SWEEPS_ALONE, **more: Any) -> SweepRuns:
        limits = more.get("limits", VisitorLimits())
        if target is not run_sweep:
            fork_stand_ins(monkeypatch)
        runs = SweepRuns(limits, target)
        runs.configure(tmp_path / "sweep", caps, shared=more.get("shared", False))
        made.append(runs)
        return runs

    yield create
    for runs in made:
        runs.end()


def results(folder: Path) -> dict[tuple[int, int], tuple[str, str, bytes]]:
    """Return key, digest and whole result of every run, without its cost, by point and seed."""
    with SweepResults(folder) as store:
        frame = store.frame()
        found = {}
        for point, seed, key in zip(frame["point"], frame["seed"], frame["key"], strict=True):
            result = dataclasses.replace(store.result(key), cost={})
            found[point, seed] = (key, result.digest, pack(result))
        return found


def rows_of_plan(folder: Path) -> list[Any]:
    """Return the stored plan and description, as they are in the file."""
    with closing(sqlite3.connect(folder / FILE)) as db:
        meta = db.execute("select * from meta order by name").fetchall()
        return [*meta, *db.execute("select * from plan order by place")]


def command_line(*words: str) -> int:
    """Run the command; return its exit code."""
    return CliRunner().invoke(app, list(words)).exit_code


# ---- the same store as the command ---------------------------------------------------------------
@pytest.mark.slow
def test_screen_and_command_continue_each_others_sweeps_and_end_equal(make, tmp_path: Path):
    plan = tiny()
    file = tmp_path / "tiny.toml"
    file.write_text(plan.text, encoding="utf-8")
    quiet, begun = tmp_path / "quiet", tmp_path / "sweep" / "begun"
    assert command_line("sweep", str(file), "--out", str(quiet), "--jobs", "1") == 0

    interrupted(plan.text, begun, 2)  # begun by the command, ended by the screen
    runs = make(run_sweep)
    runs.resume("sweep/begun", "k")
    assert ended(runs, "sweep/begun") == "complete"
    state = runs.state("sweep/begun")
    assert state is not None and (state.stored, state.done, state.failed) == (2, 4, 0)

    runs.start(plan, "k")  # begun by the screen, ended by the command it shows
    wait_until(runs, lambda: (now := runs.state(NAME)) is not None and now.done > 0)
    runs.stop(NAME, "k")
    ended(runs)
    assert command_line(*runs.command(NAME)[1:], "--jobs", "1") == 0

    for folder in (begun, tmp_path / NAME):
        assert results(folder) == results(quiet)
        assert rows_of_plan(folder) == rows_of_plan(quiet)
    assert (tmp_path / NAME / DESIGN_FILE).read_text(encoding="utf-8") == plan.text


@pytest.mark.parametrize("paired", [True, False])
def test_the_design_of_a_store_is_rebuilt(tmp_path: Path, paired: bool):
    text = tiny(seeds=2).text
    text = text if paired else text.replace("seed = 1", "seed = 1\npaired = false")
    interrupted(text, tmp_path, 1)
    rebuilt, original = stored_design(tmp_path), read(text)
    assert rebuilt.digest == original.digest and rebuilt.reps == original.reps == 2
    assert list(rebuilt.plan()) == list(original.plan())


def test_levels_without_a_run_are_known_while_a_sweep_runs(tmp_path: Path):
    interrupted(tiny().text, tmp_path / "one", 1)
    data = read_store(tmp_path, "one", ["got_aways"])
    assert data.levels == {
        "policy.southern_border_control": [0.0, 1.0],
        "migrants.retry_removed": [0.2, 0.4],
    }
    assert len(data.rows) == 1 and data.failed_runs == ()


# ---- stop, and what ends by itself ---------------------------------------------------------------
@pytest.mark.parametrize("target", [waiting, stubborn])
def test_a_sweep_stops_also_if_its_process_does_not_want_to(make, target: Any):
    runs = make(target)
    runs.start(tiny(), "k")
    wait_until(runs, lambda: runs.state(NAME).phase == "running")
    runs.stop(NAME, "k")
    assert ended(runs) == "stopped"


def test_a_process_that_is_killed_is_reported_and_its_name_is_free_again(make, tmp_path: Path):
    runs = make(dying)
    runs.start(tiny(), "k")
    assert ended(runs) == "broken" and runs.state(NAME).error == "@killed"
    assert not (tmp_path / NAME).exists() and runs.active is None  # nothing was stored
    runs.start(tiny(), "k")


def test_an_error_of_the_sweep_is_reported_without_the_folder(make, tmp_path: Path):
    runs = make(run_sweep)
    runs.start(dataclasses.replace(tiny(), text="name = 3"), "k")
    assert ended(runs) == "broken"
    state = runs.state(NAME)
    assert "no table defines" in state.error and str(tmp_path) not in state.error


def test_the_end_of_the_server_ends_the_sweep(make):
    runs = make(waiting)
    runs.start(tiny(), "k")
    runs.end()
    assert ended(runs) == "stopped"
    assert key_of(lambda: runs.start(tiny("other"), "k")) == "off"


def test_only_the_state_of_an_ended_sweep_is_forgotten(make):
    runs = make(waiting)
    runs.start(tiny(), "k")
    runs.forget(NAME)
    assert runs.active is not None
    runs.stop(NAME, "k")
    ended(runs)
    runs.forget(NAME)
    runs.forget("sweep/none")
    assert runs.state(NAME) is None


# ---- limits --------------------------------------------------------------------------------------
def test_one_sweep_runs_at_a_time(make):
    runs = make(waiting)
    runs.start(tiny(), "k")
    assert key_of(lambda: runs.start(tiny("other"), "another")) == "busy"
    assert key_of(lambda: runs.resume(NAME, "another")) == "busy"


def test_nothing_that_exists_is_replaced(make, tmp_path: Path):
    runs = make(waiting)
    for name in ("tiny", "linked"):
        (tmp_path / "sweep").mkdir(exist_ok=True)
        (tmp_path / "outside").mkdir(exist_ok=True)
        if name == "tiny":
            (tmp_path / "sweep" / name).mkdir()
        else:
            (tmp_path / "sweep" / name).symlink_to(tmp_path / "outside")
        assert key_of(lambda name=name: runs.start(tiny(name), "k")) == "exists"
    assert os.listdir(tmp_path / "outside") == []


def test_a_full_folder_takes_no_more_sweeps(make, tmp_path: Path):
    runs = make(waiting, SweepCaps(folders=1))
    (tmp_path / "sweep" / "one").mkdir(parents=True)
    assert key_of(lambda: runs.start(tiny(), "k")) == "full"
    assert os.listdir(tmp_path / "sweep") == ["one"]


@pytest.mark.parametrize("name", ["sweep/none", "../up", "/etc", "", ".", "elsewhere"])
def test_only_a_sweep_of_the_folder_can_be_continued(make, tmp_path: Path, name: str):
    interrupted(tiny().text, tmp_path / "elsewhere", 1)
    runs = make(waiting)
    assert key_of(lambda: runs.resume(name, "k")) == "off"
    assert runs.active is None


def test_a_sweep_that_is_too_large_for_a_class_is_not_continued_there(make, tmp_path: Path):
    interrupted(tiny(seeds=2).text, tmp_path / NAME, 1)
    caps = dataclasses.replace(SWEEPS_CLASS, runs=7)
    runs = make(waiting, caps)
    assert key_of(lambda: runs.resume(NAME, "k")) == "large"
    (tmp_path / "sweep" / "bad").mkdir()
    (tmp_path / "sweep" / "bad" / FILE).write_bytes(b"no database")
    with pytest.raises(SettingError):
        runs.resume("sweep/bad", "k")


def test_without_a_folder_nothing_starts(make):
    runs = make(waiting)
    runs.configure(None, SWEEPS_CLASS, shared=True)
    assert key_of(lambda: runs.start(tiny(), "k")) == "off"
    assert not runs.may_resume(NAME)


# ---- a shared server -----------------------------------------------------------------------------
def test_in_a_class_a_sweep_belongs_to_its_visitor_and_ends_when_they_leave(make):
    limits = VisitorLimits()
    for kernel in ("one", "two"):
        limits.enter(kernel)
    runs = make(waiting, shared=True, limits=limits)
    assert key_of(lambda: runs.start(tiny(), "nobody")) == "gone"
    runs.start(tiny(), "one")
    assert key_of(lambda: runs.stop(NAME, "two")) == "owner"
    assert runs.active is not None
    limits.leave("one")
    assert ended(runs) == "stopped"


def test_alone_a_sweep_goes_on_when_the_page_is_closed(make):
    limits = VisitorLimits()
    limits.enter("one")
    runs = make(waiting, limits=limits)
    runs.start(tiny(), "one")
    limits.leave("one")
    assert runs.active is not None
    runs.stop(NAME, "another page")
    assert ended(runs) == "stopped"
