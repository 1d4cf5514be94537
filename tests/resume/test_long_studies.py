"""``ask`` and ``optimise`` give equal rows and files if killed and resumed, also with Dask."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import pandas as pd
import pytest

from abm.scenario import SettingError
from experiments.sweeps.store import FILE, SweepResults
from tests.resume.cluster import Cluster

SCRIPT = Path(__file__).parent / "asker.py"
ASK = ["ask", "--quick", "--members", "8", "--search-members", "2", "--budget", "250M"]
BEST = ["optimise", "--members", "2", "--search-members", "1", "--budget", "250M"]
BEST += ["--random-portfolios", "4", "--rounds", "1", "--outcome", "got_aways"]
COSTS = ["cpu_s", "wall_s"]
NEVER = 10_000_000  # milliseconds, so that runs never end
#: Numbers of stored runs at which `ask` is killed: of at most 163, of which the search has 75.
POINTS = {"cluster": 30, "processes": 90}


def start(words: list[str], folder: Path, *more: str, pause: int = 0) -> subprocess.Popen[str]:
    """Start a command in a separate process; artificial runs take at least `pause` ms."""
    return subprocess.Popen(
        [sys.executable, str(SCRIPT), *words, "--out", str(folder), *more],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PAUSE": str(pause)},
    )


def finish(process: subprocess.Popen[str]) -> str:
    """Wait for the end of a command, which must succeed; return its stderr."""
    _, err = process.communicate()
    assert process.returncode == 0, err
    return err


def stored(folder: Path) -> int:
    """Return the number of stored runs in a folder."""
    count = 0
    for file in folder.rglob(FILE):
        with suppress(SettingError), SweepResults(file.parent) as store:
            count += store.done
    return count


def wait_for(folder: Path, runs: int, process: subprocess.Popen[str]) -> None:
    """Wait until a folder holds a number of runs; fail if the command ends before."""
    while stored(folder) < runs:
        assert process.poll() is None, process.stderr.read() if process.stderr else ""
        time.sleep(0.02)


def rows(folder: Path) -> dict[str, pd.DataFrame]:
    """Return the rows of all sweeps by folder, without the cost columns."""
    found = {}
    for file in sorted(folder.rglob(FILE)):
        with SweepResults(file.parent) as store:
            assert store.failures().empty
            found[str(file.parent.relative_to(folder))] = store.frame().drop(columns=COSTS)
    return found


def results(folder: Path) -> dict[str, str]:
    """Return the files that a command wrote, without the date on which it ended."""
    files = (path for path in sorted(folder.iterdir()) if path.is_file())
    texts = {path.name: path.read_text(encoding="utf-8") for path in files}
    return {name: re.sub(r"\d{4}-\d\d-\d\d(?=\D)", "DAY", text) for name, text in texts.items()}


def assert_same(folder: Path, other: Path) -> None:
    """Check that two finished studies have the same rows and files."""
    ours, theirs = rows(folder), rows(other)
    assert list(ours) == list(theirs)
    for name, frame in ours.items():
        pd.testing.assert_frame_equal(frame, theirs[name])
    assert results(folder) == results(other)


@pytest.fixture(scope="module")
def quiet(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of an undisturbed `ask` in one process."""
    folder = tmp_path_factory.mktemp("quiet")
    finish(start(ASK, folder, "--executor", "serial"))
    return folder


@pytest.mark.parametrize("place", POINTS)
def test_a_question_killed_and_resumed_equals_a_quiet_one(
    two_workers: Cluster, quiet: Path, tmp_path: Path, place: str
):
    """It is killed in the search, on a cluster that then changes a worker, or in the score."""
    where = {"cluster": ("--executor", two_workers.executor), "processes": ("--jobs", "2")}[place]
    process = start(ASK, tmp_path, *where, pause=100)
    wait_for(tmp_path, POINTS[place], process)
    process.kill()
    process.communicate()
    assert not (tmp_path / "answer.json").exists()
    again = start(ASK, tmp_path, *where, "--resume", pause=100 * (place == "cluster"))
    if place == "cluster":
        wait_for(tmp_path, POINTS[place] + 10, again)
        two_workers.kill_a_worker()
        wait_for(tmp_path, POINTS[place] + 20, again)
        two_workers.add_worker("--no-nanny")
    finish(again)
    assert_same(tmp_path, quiet)


def test_a_folder_accepts_one_command_at_a_time(tmp_path: Path):
    first = start(BEST, tmp_path / "a", "--executor", "serial", pause=NEVER)
    while not (tmp_path / "a" / "plan.json").exists():
        assert first.poll() is None
        time.sleep(0.1)
    second = start(BEST, tmp_path / "a", "--executor", "serial", "--resume")
    _, err = second.communicate()
    assert second.returncode == 2 and err.count("\n") == 1 and "Wait until it ends" in err
    first.kill()
    first.communicate()
    finish(start(BEST, tmp_path / "a", "--executor", "serial", "--resume"))
    assert json.loads((tmp_path / "a" / "best.json").read_text())["failed"] == 0
