"""The benchmarks of the model, each on a small case, and the command that prints them."""

from __future__ import annotations

import json

import pytest

from benchmarks import __main__ as command
from benchmarks import engine_worker, engines, start, sweeps
from benchmarks.engine_worker import COLUMNS, OBJECTS
from benchmarks.flee_engine import measure_flee
from benchmarks.measurement import (
    ROOT,
    BenchmarkError,
    Measurement,
    run_command,
    time_process,
)

SMALL = {"supply_level": engines._LEVEL, "scale": 1_000, "days": 40}


def fail() -> list[Measurement]:
    raise BenchmarkError("a process ended with 1")


def test_the_command_prints_bounds_and_failures(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
):
    figures = [
        Measurement("fast enough", 1.5, "s", 2.0, "of three"),
        Measurement("too slow", 1_234.5, "s", 2.0),
        Measurement("too few", 3.0, "times", 60.0, is_minimum=True),
    ]
    monkeypatch.setattr(command, "PARTS", {"good": lambda: figures, "bad": fail})
    assert command.main(["--part", "good"]) == 0
    printed = capsys.readouterr().out
    assert printed.count("MISSED") == 2 and ">= 60" in printed and "    of three" in printed
    assert command.main(["--json"]) == 1
    study = json.loads(capsys.readouterr().out)
    assert study["machine"]["cores"] and study["failed"] == ["bad: a process ended with 1"]
    assert [row["good"] for row in study["figures"]] == [True, False, False]
    with pytest.raises(SystemExit, match="2"):
        command.main(["--part", "speed"])


@pytest.mark.slow
def test_both_engines_have_the_same_agent_days_and_waits():
    columns, objects = (engine_worker.measure_model(e, SMALL) for e in (COLUMNS, OBJECTS))
    assert 0 < columns.still_days < columns.agent_days
    same = ("people", "agent_days", "still_days")
    assert [getattr(columns, n) for n in same] == [getattr(objects, n) for n in same]
    assert 0 < columns.bytes_per_row < 200 and objects.bytes_per_row == 0


@pytest.mark.parametrize("two_way", [False, True])
def test_flee_runs_on_the_routes_of_this_model(two_way: bool):
    run = measure_flee(200, 30, two_way=two_way)
    assert run.people == 200 and 0 < run.still_days < run.agent_days <= 200 * 30
    assert run.cpu_s > 0


def test_agents_that_walk_arrive_and_are_no_longer_on_the_way():
    run = engine_worker.measure_toy(200, 30)
    assert run.people == 200 and 200 <= run.agent_days < 200 * 30


@pytest.mark.slow
def test_a_million_is_a_run_of_the_command_line():
    run = start._run("--scenario", "classroom", "--scale", "1000", "--days", "20")
    assert run["scenario"]["days"] == 20 and run["events"]["set_out"] > 0
    assert {"cpu_s", "agent_days", "peak_mb"} <= set(run["cost"])
    with pytest.raises(BenchmarkError, match=r"^viz.cli run --days x ended with 2: .*--days"):
        run_command(("viz.cli", "run", "--days", "x"))


def test_a_process_is_timed_with_its_children_and_a_failure_is_named():
    work = "sum(i * i for i in range(3_000_000))"
    child = f"import subprocess, sys; subprocess.run([sys.executable, '-c', {work!r}], check=True)"
    costs = [time_process(("-c", code), ROOT, {}) for code in ("pass", child)]
    assert costs[1].cpu_s > costs[0].cpu_s > 0 and costs[1].wall_s > 0
    with pytest.raises(BenchmarkError, match="ended with 1: ValueError: no"):
        time_process(("-c", "raise ValueError('no')"), ROOT, {})


@pytest.mark.slow
def test_shards_are_merged_and_compared_with_one_store(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeps, "_TINY_RUNS", 6)
    monkeypatch.setattr(sweeps, "_SHARDS", 2)
    *costs, different = sweeps.shards()
    assert min(row.value for row in costs) > 0 and different.good
