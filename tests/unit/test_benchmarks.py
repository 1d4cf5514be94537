"""The benchmarks of the model, each on a small case, and the command that prints them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from benchmarks import __main__ as command
from benchmarks import commands, engine_worker, engines, start, sweeps
from benchmarks.engine_worker import COLUMNS, FLEE, FLEE_TWO_WAY, OBJECTS, TOY, EngineRun
from benchmarks.flee_engine import measure_flee
from benchmarks.measurement import (
    ROOT,
    BenchmarkError,
    Cost,
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


def test_ratios_are_those_of_agent_days_per_second_and_memory_is_that_of_more_people():
    def run(people: int, speed: float, mb: float, row: float = 0.0) -> EngineRun:
        return EngineRun(people, 40 * people, people, 40 * people / speed, mb, row)

    sizes = {10_000: 300.0, 100_000: 320.0, 1_000_000: 500.0}
    runs = {(COLUMNS, n): run(n, 100.0 * n, mb, 68.0) for n, mb in sizes.items()}
    runs |= {(OBJECTS, n): run(n, 10_000.0, 300.0 + n / 1_000) for n in (1_000, 10_000)}
    runs |= {(FLEE, n): run(n, 50_000.0, 200.0) for n in (10_000, 100_000)}
    runs |= {(FLEE_TWO_WAY, 10_000): run(10_000, 100_000.0, 200.0)}
    runs |= {(TOY, 10_000): run(10_000, 500_000.0, 200.0)}
    first, *_ = rows = engines.measurements(runs)
    assert (first.name, first.value) == ("Columns over Flee, equal size", pytest.approx(20.0))
    assert first.good
    values = {row.name: row.value for row in rows}
    assert values["Columns over Mesa agents without decisions, equal size"] == pytest.approx(2.0)
    assert values["Columns over the plain engine"] == pytest.approx(1e8 / 1e4)
    assert values["Columns over the plain engine, equal size"] == pytest.approx(1e6 / 1e4)
    assert values["Columns over Flee"] == pytest.approx(1e8 / 5e4)
    assert values["Columns, bytes per row"] == 68.0
    name = "Peak memory per additional person who sets out, "
    assert values[f"{name}columns"] == pytest.approx(180e6 / 900_000)
    assert values[f"{name}objects"] == pytest.approx(9e6 / 9_000)


def test_a_slow_case_is_repeated_once_and_the_fastest_run_counts(monkeypatch: pytest.MonkeyPatch):
    times = {"fast": [3.0, 2.0, 4.0], "slow": [90.0, 80.0, 10.0]}
    calls: list[str] = []

    def run_command(words: tuple[str, str], _environment: object) -> str:
        engine = json.loads(words[1])["engine"]
        calls.append(engine)
        cpu = times[engine][calls.count(engine) - 1]
        run = {"people": 1, "agent_days": 1, "still_days": 0, "cpu_s": cpu, "peak_mb": 1.0}
        return json.dumps(run)

    monkeypatch.setattr(engines, "run_command", run_command)
    runs = engines.run_engines({(name, 1): {"engine": name} for name in times})
    assert {engine: run.cpu_s for (engine, _), run in runs.items()} == {"fast": 2.0, "slow": 80.0}


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


def test_medians_are_compared_with_bounds_of_this_machine(monkeypatch: pytest.MonkeyPatch):
    seconds = iter([50.0, 9.0, 1.0, 9.0, 2.0, 9.0])  # the first fills the caches

    def time_it(words: Sequence[str], _root: Path, _environment: object) -> Cost:
        is_loop = words[-1].startswith("x = 0")
        return Cost(2.0 * commands.LOOP_S if is_loop else next(seconds), 3.0)

    monkeypatch.setattr(commands, "time_process", time_it)
    monkeypatch.setattr(commands, "COMMANDS", {"quick": (("-c", "pass"), 1.0)})
    monkeypatch.setattr(commands, "_GROWTH", (("quick", "quick", "nothing"),))
    monkeypatch.setattr(commands, "_BEYOND", ("quick", "quick"))
    rows = {row.name: row for row in commands.commands()}
    assert rows["quick"].value == 9.0 and rows["quick"].bound == 2.0 and not rows["quick"].good
    assert rows["Growth: nothing"].value == 1.0


@pytest.mark.slow
def test_a_commit_is_compared_in_a_folder_of_its_own(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(commands, "COMPARED", ("twoborders --help",))
    (row,) = commands.against("HEAD", 1)
    assert row.value > 0 and row.name == "twoborders --help, over HEAD"
    with pytest.raises(BenchmarkError, match="no-such-commit"):
        commands.against("no-such-commit", 1)


@pytest.mark.slow
def test_days_and_the_overhead_of_a_sweep_are_measured(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeps, "_RUNS", 4)
    monkeypatch.setattr(sweeps, "_SETTINGS", {"days": 20, "scale": 1000, "warmup_days": 30})
    (overhead,), (ordinary, weekly) = sweeps.overhead(), commands.days()
    assert overhead.value > 0 and overhead.detail.startswith("4 runs of ")
    assert 0 < ordinary.value < weekly.value


@pytest.mark.slow
def test_shards_are_merged_and_compared_with_one_store(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sweeps, "_TINY_RUNS", 6)
    monkeypatch.setattr(sweeps, "_SHARDS", 2)
    *costs, different = sweeps.shards()
    assert min(row.value for row in costs) > 0 and different.good
