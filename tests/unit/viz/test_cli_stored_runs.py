"""Commands that store runs until the result is written: interrupting, refusing, resuming."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Any

import pytest

from experiments.runs import run as running
from experiments.runs.files import FileLock
from experiments.sweeps.backend import ExecutorGone
from tests.unit.viz.command_line import call

TINY = ("--scenario", "classroom", "--days", "3", "--scale", "1000", "--set", "warmup_days=10")
COMPARE = ("compare", "fence", *TINY, "--reps", "3", "--jobs", "1")


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Interrupt the fifth run; return a list that collects the seeds of all runs."""
    seeds: list[int] = []
    run_one = running.run_one

    def some(case: Any, **more: Any) -> Any:
        if len(seeds) == 4:
            seeds.append(0)
            raise KeyboardInterrupt
        seeds.append(case.seed)
        return run_one(case, **more)

    monkeypatch.setattr(running, "run_one", some)
    return seeds


def files(folder: Path) -> dict[str, bytes]:
    """Return the content of all files in a folder by file name."""
    return {path.name: path.read_bytes() for path in folder.iterdir()}


@pytest.mark.slow
def test_an_interrupted_comparison_is_resumed_with_equal_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[int]
):
    monkeypatch.chdir(tmp_path)
    stopped = call(*COMPARE)
    folder = Path("out") / "compare"
    assert stopped.exit_code == 130 and "Resume with: twoborders compare" in stopped.stderr
    assert [path.name for path in folder.iterdir()] == ["runs"] and len(counted) == 5
    again, other = call(*COMPARE), call(*COMPARE, "--seed", 5, "--resume")
    assert again.exit_code == other.exit_code == 2 and "already holds runs" in again.stderr
    assert "holds runs with command 'twoborders compare" in other.stderr
    assert call(*COMPARE, "--resume").exit_code == 0 and len(counted) == 7
    resumed = files(folder)
    # No stored run is left, so the command runs everything again.
    assert call(*COMPARE).exit_code == 0 and len(counted) == 13
    assert files(folder) == resumed and "runs" not in resumed


def test_a_folder_of_another_study_is_not_touched(tmp_path: Path):
    (tmp_path / "runs").mkdir()
    (tmp_path / "runs" / "mine.txt").write_text("mine")
    result = call(*COMPARE, "--out", tmp_path)
    assert result.exit_code == 2 and "another study" in result.stderr
    assert (tmp_path / "runs" / "mine.txt").read_text() == "mine"


@pytest.mark.slow
def test_effects_leave_no_folder_without_a_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, counted: list[int]
):
    monkeypatch.chdir(tmp_path)
    words = ("effects", "fence", *TINY, "--reps", 2, "--jobs", 1)
    assert call(*words).exit_code == 130 and (tmp_path / "out" / "effects-runs").is_dir()
    result = call(*words, "--resume")
    assert result.exit_code == 0, result.stderr
    assert list((tmp_path / "out").iterdir()) == []


@pytest.mark.slow
def test_failed_runs_are_tried_again_and_do_not_block_another_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    run_one, broken = running.run_one, [True]

    def some(case: Any, **more: Any) -> Any:
        seeds.append(case.seed)
        if broken[0] and case.seed == 2 and case.scenario.policies:
            raise RuntimeError("a test error")
        return run_one(case, **more)

    seeds: list[int] = []
    monkeypatch.setattr(running, "run_one", some)
    words = (*COMPARE, "--out", tmp_path)
    assert call(*words).exit_code == 3 and len(seeds) == 6
    broken[0] = False
    assert call(*words, "--resume").exit_code == 0 and len(seeds) == 7 and seeds[-1] == 2
    broken[0] = True
    assert call(*words).exit_code == 3 and call(*words, "--seed", 7).exit_code == 0
    assert not (tmp_path / "runs").exists()


def test_two_commands_do_not_share_a_folder(tmp_path: Path):
    (tmp_path / "runs").mkdir()
    with FileLock(tmp_path / "runs"):
        result = call(*COMPARE, "--out", tmp_path)
    assert result.exit_code == 2 and "another command stores its runs" in result.stderr


STOPPED = {
    "curve": f"--instrument fence --budget 0 {' '.join(TINY)}",
    "sensitivity": f"--factor eta --policy fence:0.5 -n 4 --reps 1 {' '.join(TINY)}",
    "sweep": "first_look --jobs 2",
}


@pytest.mark.parametrize("command", STOPPED)
@pytest.mark.parametrize(
    ("error", "code", "reason"),
    [(KeyboardInterrupt(), 130, "interrupted: "), (ExecutorGone("gone"), 1, "error: gone. ")],
)
def test_a_study_that_is_stopped_prints_the_command_that_resumes(
    command: str,
    error: BaseException,
    code: int,
    reason: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
):
    def stop(*_: Any, on_start: Any, **__: Any) -> None:
        if command == "sweep":
            on_start(4, 3)
        raise error

    function = "sweep.sweep" if command == "sweep" else "folders.sweep_all"
    monkeypatch.setattr(f"viz.cli.{function}", stop)
    words = [command, *STOPPED[command].split(), "--out", str(tmp_path / "o u t")]
    result = call(*words)
    assert result.exit_code == code and result.stdout == "" and "Traceback" not in result.stderr
    stored = "3 of 4 runs are stored" if command == "sweep" else "all completed runs are stored"
    assert reason + stored in result.stderr
    printed = shlex.split(result.stderr.rstrip(".\n").rpartition("Resume with: ")[2])
    assert printed[:2] == ["twoborders", command] and printed[-1] == "--resume"
    assert set(words) <= set(printed)
