"""Sweeps on the screen run one at a time in their folder, stop soon, and equal the command's."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

import pytest

from experiments.runs.files import FileLock
from experiments.sweeps.backend import ExecutorGone, Work
from experiments.sweeps.store import FILE
from experiments.sweeps.store_list import VARIABLE
from experiments.sweeps.store_writer import LOCK
from tests.unit.viz.small_sweeps import NAME, Waiting, ended, interrupted, key_of, tiny, wait_until
from viz.screen.sweeps.sweep_runs import DESIGN_FILE, SquareBackend, SweepRuns


class Dying(SquareBackend):
    """A backend whose workers end and cannot be replaced."""

    def run[J, A](self, jobs: Iterable[J], work: Work[J, A]) -> None:
        """End at once."""
        raise ExecutorGone("the workers of 8 runs in a row died")


Make = Callable[..., SweepRuns]


@pytest.fixture
def make(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Make]:
    """Return a function that creates sweeps in a folder; they end with the test."""
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    made: list[SweepRuns] = []

    def create(backend: Callable[[int], SquareBackend] = Waiting) -> SweepRuns:
        runs = SweepRuns(backend)
        runs.allow()
        made.append(runs)
        return runs

    yield create
    for runs in made:
        runs.end()


def test_the_estimate_before_the_first_sweep_counts_other_processes(make, monkeypatch):
    runs, plan = make(), tiny()
    times = []
    for load in (0.0, 0.5 * runs.jobs, 10.0 * runs.jobs):
        monkeypatch.setattr(os, "getloadavg", lambda load=load: (load, load, load))
        times.append(runs.seconds(plan.design))
    assert times[1] == pytest.approx(2.0 * times[0]) and times[2] > 10.0 * times[0]


# ---- stopping, and sweeps that end by themselves -----------------------------------------------
def test_a_sweep_stops_and_can_be_continued(make):
    runs = make()
    runs.start(tiny())
    wait_until(runs, lambda: runs.state(NAME).phase == "running")
    runs.stop(NAME)
    assert ended(runs) == "stopped" and runs.state(NAME).error == ""
    runs.resume(NAME)
    assert runs.active is not None


def test_workers_that_end_are_reported(make):
    runs = make(Dying)
    runs.start(tiny())
    assert ended(runs) == "broken" and "in a row died" in runs.state(NAME).error


def test_an_error_of_the_sweep_is_reported_without_the_folder(make, tmp_path: Path):
    runs = make()
    interrupted(tiny().text, began(tiny().text, tmp_path / NAME), 1)
    with FileLock(tmp_path / NAME / LOCK):  # as if another process held the lock
        runs.resume(NAME)
        assert ended(runs) == "broken"
    error = runs.state(NAME).error
    assert "another sweep is writing" in error and str(tmp_path) not in error


def test_the_end_of_the_server_ends_the_sweep(make):
    runs = make()
    runs.start(tiny())
    runs.end()
    assert ended(runs) == "stopped"
    assert key_of(lambda: runs.start(tiny("other"))) == "off"


# ---- limits --------------------------------------------------------------------------------------
def test_one_sweep_runs_at_a_time(make):
    runs = make()
    runs.start(tiny())
    assert key_of(lambda: runs.start(tiny("other"))) == "busy"
    assert key_of(lambda: runs.resume(NAME)) == "busy"


def test_nothing_that_exists_is_replaced(make, tmp_path: Path):
    runs = make()
    for name in ("outside", "sweep/tiny"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "sweep" / "linked").symlink_to(tmp_path / "outside")
    for name in ("tiny", "linked"):
        assert key_of(lambda name=name: runs.start(tiny(name))) == "exists"
    assert os.listdir(tmp_path / "outside") == []


@pytest.mark.parametrize("name", ["sweep/none", "../up", "/etc", "", ".", "elsewhere"])
def test_only_a_sweep_of_the_folder_can_be_continued(make, tmp_path: Path, name: str):
    interrupted(tiny().text, tmp_path / "elsewhere", 1)
    runs = make()
    assert key_of(lambda: runs.resume(name)) == "off"
    assert runs.active is None


def test_a_store_that_cannot_be_read_is_not_continued(make, tmp_path: Path):
    folder = began(tiny().text, tmp_path / "sweep" / "bad")
    (folder / FILE).write_bytes(b"no database")
    runs = make(lambda workers: SquareBackend(workers))
    runs.resume("sweep/bad")
    assert ended(runs, "sweep/bad") == "broken"


def began(text: str, folder: Path) -> Path:
    """Write the design file of a sweep that the screen began."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / DESIGN_FILE).write_text(text, encoding="utf-8")
    return folder


def test_links_in_the_folder_of_sweeps_lead_nowhere(
    make, tmp_path: Path, tmp_path_factory: pytest.TempPathFactory
):
    runs, outside = make(), tmp_path_factory.mktemp("outside")
    interrupted(tiny().text, outside / "one", 1)
    (tmp_path / "sweep" / "mine").mkdir(parents=True)
    (tmp_path / "sweep" / "mine" / DESIGN_FILE).symlink_to(outside / "secret")
    (tmp_path / "sweep" / "linked").symlink_to(outside / "one")
    for name in ("sweep/mine", "sweep/linked", "sweep/../outside"):
        assert runs.design_file(name) is None
        assert key_of(lambda name=name: runs.resume(name)) == "off"


def test_a_folder_of_sweeps_that_is_a_link_gets_no_sweep(make, tmp_path: Path):
    (tmp_path / "outside").mkdir()
    (tmp_path / "sweep").symlink_to(tmp_path / "outside")
    assert key_of(lambda: make().start(tiny())) == "folder"
    assert os.listdir(tmp_path / "outside") == []
