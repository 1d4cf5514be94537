"""An unusable path or a full disk raises ``SettingError``, which a command prints in one line.

No file is written in part, and no file or folder of the user is replaced.
"""

from __future__ import annotations

import errno
import itertools
import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import Result

from abm import output_files
from abm.scenario import SettingError
from abm.world.errors import WorldError
from abm.world.routes import PACKAGED, load_world
from experiments.runs.files import write_text
from experiments.scenarios import find
from experiments.sweeps import design_files as designs
from experiments.sweeps.store import SweepResults
from tests.reliability.ledgers import largest_file
from tests.unit.viz.command_line import call

MakePath = Callable[[Path], str]


def a_file(folder: Path) -> str:
    (folder / "file").write_text("kept")
    return str(folder / "file")


def below_a_file(folder: Path) -> str:
    return a_file(folder) + "/below"


def dangling(folder: Path) -> str:
    (folder / "link").symlink_to(folder / "nowhere" / "at all")
    return str(folder / "link")


def loop(folder: Path) -> str:
    (folder / "loop").symlink_to(folder / "loop")
    return str(folder / "loop")


def nul(folder: Path) -> str:
    return f"{folder}/a\0b"


def long_name(folder: Path) -> str:
    return f"{folder}/{'a' * 300}"


def long_path(folder: Path) -> str:
    return f"{folder}/{'/'.join(['a' * 100] * 60)}"


def no_device(folder: Path) -> str:
    return "/proc/none/here"


def empty(folder: Path) -> str:
    """Return an empty text, which would mean the current folder."""
    return ""


FOLDERS = (empty, a_file, below_a_file, dangling, loop, nul, long_name, long_path, no_device)


def a_folder(folder: Path) -> str:
    (folder / "folder").mkdir()
    return str(folder / "folder")


def pipe(folder: Path) -> str:
    os.mkfifo(folder / "pipe")
    return str(folder / "pipe")


FILES = (empty, a_folder, pipe, below_a_file, dangling, loop, nul, long_name, long_path, no_device)


def content(folder: Path) -> dict[str, str]:
    """Return names and texts of all files below a folder."""
    return {str(p): p.read_text() if p.is_file() else "" for p in sorted(folder.rglob("*"))}


def assert_one_line(error: BaseException) -> None:
    assert "\n" not in str(error) and "\0" not in str(error)


# ---- Python --------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", FILES)
def test_an_output_file_that_cannot_be_written_is_refused(tmp_path: Path, make: MakePath):
    path = make(tmp_path)
    before = content(tmp_path)
    with pytest.raises(SettingError, match="cannot be written") as caught:
        write_text(path, "text")
    assert_one_line(caught.value)
    assert content(tmp_path) == before


@pytest.mark.parametrize("make", [a_folder, *FOLDERS])
def test_files_that_cannot_be_read_are_refused(tmp_path: Path, make: MakePath):
    path = make(tmp_path)
    for name in (path, f"{path}.toml"):
        for read in (find, designs.load):
            with pytest.raises(SettingError) as caught:
                read(name)
            assert_one_line(caught.value)
    with pytest.raises(WorldError):
        load_world(path)


@pytest.mark.parametrize("name", ["nodes.csv", "edges.csv", "world.toml"])
def test_a_pipe_or_a_large_file_in_a_world_is_refused(tmp_path: Path, name: str):
    shutil.copytree(PACKAGED, tmp_path / "world")
    file = tmp_path / "world" / name
    file.unlink(missing_ok=True)
    os.mkfifo(file)
    with pytest.raises(WorldError, match="a file"):
        load_world(tmp_path / "world")
    file.unlink()
    with file.open("wb") as sparse:
        sparse.truncate(30_000_000)
    with pytest.raises(WorldError, match="larger than|too large"):
        load_world(tmp_path / "world")


# ---- command line --------------------------------------------------------------------------------

SMALL = ("--days", "2", "--scale", "1000")
COMMANDS = {
    "run": ("run", "--scenario", "classroom", *SMALL, "--out"),
    "compare": ("compare", "fence", "--scenario", "classroom", *SMALL, "--reps", "1", "--out"),
    "validate": ("validate", "--scale", "1000", "--reps", "1", "--out"),
    "curve": ("curve", *SMALL, "--reps", "1", "--out"),
    "sensitivity": ("sensitivity", *SMALL, "-n", "2", "--out"),
    "optimise": ("optimise", "--out"),
    "ask": ("ask", "--quick", "--out"),
    "calibrate": ("calibrate", "--out"),
    "sweep": ("sweep", "first_look", "--out"),
    "stores": ("serve", "--port", "0", "--stores"),
    "world": ("run", *SMALL, "--world"),
}
TO_FILES = {
    "replay": ("replay", *SMALL, "--out"),
    "effects": ("effects", "fence", *SMALL, "--reps", "1", "--out"),
}


def assert_refused(result: Result) -> None:
    assert result.exit_code == 2, result.output
    assert "Traceback" not in result.stderr and "Error:" not in result.stderr
    assert result.stderr.splitlines()[-1].startswith("error: ")


@pytest.mark.parametrize(
    ("name", "make"), [*itertools.product(COMMANDS, FOLDERS), *itertools.product(TO_FILES, FILES)]
)
def test_a_command_refuses_a_path_that_cannot_be_used(name: str, make: MakePath, tmp_path: Path):
    path = make(tmp_path)
    before = content(tmp_path)
    assert_refused(call(*(COMMANDS | TO_FILES)[name], path))
    assert content(tmp_path) == before


# ---- full disks ----------------------------------------------------------------------------------


TINY = """
name = "tiny"
scenario = "classroom"
days = 2
scale = 1000
reps = 10
[grid]
"policy.fence" = [0.0, 1.0]
"""


def test_a_sweep_on_a_full_disk_says_how_to_resume(tmp_path: Path):
    design, folder = tmp_path / "tiny.toml", tmp_path / "sweep"
    design.write_text(TINY)
    words = ("sweep", str(design), "--out", str(folder), "--executor", "serial")
    with largest_file(300_000):  # An empty ledger and its log have 150 kB.
        full = call(*words)
    assert full.exit_code == 1 and "Traceback" not in full.stderr
    (line,) = [line for line in full.stderr.splitlines() if line.startswith("error: ")]
    assert f"results cannot be stored in {folder}" in line and "--resume" in line
    with SweepResults(folder) as store:
        assert 0 < store.done < store.planned
        assert f"{store.done} of {store.planned} runs are stored" in line
    assert call(*words, "--resume").exit_code == 0
    with SweepResults(folder) as store:
        assert store.done == store.planned == 20


@pytest.fixture
def full_disk(monkeypatch: pytest.MonkeyPatch) -> None:
    """Simulate a disk that can store runs but no result file."""

    def replace(part: Path, target: Path) -> None:
        # The command writes this file before the runs.
        is_claim = Path(target).name == "command.json"
        if Path(target).suffix in (".json", ".html", ".csv", ".toml", ".svg") and not is_claim:
            raise OSError(errno.ENOSPC, "No space left on device")
        move(part, target)

    move = os.replace
    monkeypatch.setattr(output_files.os, "replace", replace)


#: Commands that compute first and then write into a folder or file of the test.
RESULTS = {
    "run": ("run", "--scenario", "classroom", *SMALL, "--out", "{}"),
    "compare": (*COMMANDS["compare"], "{}", "--jobs", "1"),
    "effects": ("effects", "fence", *SMALL, "--reps", "1", "--jobs", "1", "--out", "{}/a.json"),
    "sweep": ("sweep", "{}/tiny.toml", "--jobs", "1", "--out", "{}", "--export", "{}/a.csv"),
    "sensitivity": ("sensitivity", *SMALL, "-n", "4", "--factor", "contest.eta", "--jobs", "1")
    + ("--reps", "1", "--out", "{}"),
    "curve": ("curve", *SMALL, "--reps", "1", "--instrument", "fence", "--budget", "1B")
    + ("--jobs", "1", "--out", "{}"),
}


@pytest.mark.usefixtures("full_disk")
@pytest.mark.parametrize("name", RESULTS)
def test_a_result_is_printed_before_a_full_disk_is_an_error(name: str, tmp_path: Path):
    (tmp_path / "tiny.toml").write_text(TINY.replace("reps = 10", "reps = 1"))
    result = call(*(word.format(tmp_path) for word in RESULTS[name]), "--json")
    assert_refused(result)
    assert "no space left on device" in result.stderr.splitlines()[-1]
    assert json.loads(result.stdout)["command"] == name
