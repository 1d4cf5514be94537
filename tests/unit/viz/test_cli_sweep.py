"""``twoborders sweep``: exit codes, JSON, invalid options and resuming."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from typer.testing import Result

from experiments.runs.case import Case, Failure
from experiments.sweeps.store import SweepResults
from tests.made_results import made_record
from tests.unit.viz import command_line
from viz.cli import progress
from viz.cli import sweep as command
from viz.cli.progress import RunProgress, duration
from viz.cli.shell import BANNER

TINY = """
name = "tiny"
scenario = "classroom"
days = 30
scale = 1000
reps = 2
[set]
warmup_days = 9
[grid]
"policy.fence" = [0.0, 1.0]
"""


@pytest.fixture
def design(tmp_path: Path) -> Path:
    """Write a design of four small runs."""
    path = tmp_path / "tiny.toml"
    path.write_text(TINY)
    return path


call = partial(command_line.call, "sweep")


def serially(design: Path, folder: Path, *words: Any) -> Result:
    """Run a sweep in this process."""
    return call(design, "--out", folder, "--executor", "serial", *words)


def test_a_sweep_can_be_resumed(design: Path, tmp_path: Path):
    folder = tmp_path / "out"
    done = serially(design, folder)
    assert done.exit_code == 0, done.stderr
    assert BANNER in done.stdout and "4 of 4 runs" in done.stdout and ".frame()" in done.stdout
    before = SweepResults(folder).frame()
    refused = serially(design, folder)
    assert refused.exit_code == 2 and refused.stderr.count("\n") == 1
    assert "--resume" in refused.stderr
    again = serially(design, folder, "--resume", "--json")
    output = json.loads(again.stdout)
    assert again.exit_code == 0 and (output["runs"], output["done"], output["completed"]) == (
        4,
        4,
        0,
    )
    assert output["note"] == BANNER and output["design"]["factors"] == ["policy.fence"]
    pd.testing.assert_frame_equal(SweepResults(folder).frame(), before)
    stored = json.loads(SweepResults(folder).provenance()["command"].tolist()[1])
    assert stored[:3] == ["twoborders", "sweep", str(design)] and stored[-1] == "--resume"


def test_another_design_is_rejected_with_and_without_resume(design: Path, tmp_path: Path):
    folder = tmp_path / "out"
    assert serially(design, folder).exit_code == 0
    design.write_text(TINY.replace("[0.0, 1.0]", "[0.5]"))
    for words in ([], ["--resume"]):
        done = serially(design, folder, *words)
        assert done.exit_code == 2 and "another design" in done.stderr


def test_exports(design: Path, tmp_path: Path):
    folder = tmp_path / "out"
    assert serially(design, folder, "--export", tmp_path / "a.csv").exit_code == 0
    assert len(pd.read_csv(tmp_path / "a.csv")) == 4
    bad = serially(design, tmp_path / "new", "--export", tmp_path / "a.xls")
    assert bad.exit_code == 2 and "--export" in bad.stderr and not (tmp_path / "new").exists()


@pytest.mark.parametrize(("seeds", "completed", "code"), [((2,), 1, 3), ((1, 2), 0, 1)])
def test_failed_runs_are_reported_and_set_the_exit_code(
    design: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    seeds: tuple[int, ...],
    completed: int,
    code: int,
):
    from experiments.runs import run

    play = run.run_one

    def fail(case: Case, **more: Any) -> Any:
        if case.seed in seeds or not case.scenario.policies:
            raise RuntimeError("a test error")
        return play(case, **more)

    monkeypatch.setattr(
        "experiments.sweeps.sweep.sweep.__kwdefaults__",
        {**(command.sweep.__kwdefaults__ or {}), "run": fail},
    )
    done = serially(design, tmp_path / "out", "--json")
    assert done.exit_code == code
    output = json.loads(done.stdout)
    assert output["completed"] == completed and {f["text"] for f in output["failed"]} == {
        "a test error"
    }
    assert len(output["failed"]) == 4 - completed
    assert done.stderr.count("warning: a run failed") == 4 - completed


@pytest.mark.parametrize("words", [("sweep", "first_look"), ("compare", "fence"), ("ask",)])
def test_an_empty_shard_is_refused_before_a_run(words: tuple[str, ...], tmp_path: Path):
    """A script whose shard variable is empty must not run the whole study."""
    result = command_line.call(*words, "--shard", "", "--out", tmp_path / "out")
    assert result.exit_code == 2 and '--shard: "" is not a shard. Give K/N' in result.stderr
    assert not (tmp_path / "out").exists()


# ---- dry run -------------------------------------------------------------------------------------


# ---- progress ------------------------------------------------------------------------------------


def test_rate_and_remaining_time(monkeypatch: pytest.MonkeyPatch):
    now = [100.0]
    monkeypatch.setattr(progress.time, "monotonic", lambda: now[0])
    shown = RunProgress()
    shown.start("", 20, 8)
    assert str(shown) == "no run yet"
    now[0] += 60.0
    run = made_record("")
    for answer in (run, run, Failure("", "x", 1, "ValueError", "no", "")):
        shown.step(answer)
    assert shown.done == 10 and str(shown) == "3.0 per minute, 3 min left, 1 failed"


@pytest.mark.parametrize(
    ("seconds", "output"),
    [
        (0.0, "1 s"),
        (59.6, "60 s"),
        (600.0, "10 min"),
        (7_400.0, "2 h 3 min"),
        (50 * 3600.0, "2 days 2 h"),
    ],
)
def test_lengths_of_time(seconds: float, output: str):
    assert duration(seconds) == output
