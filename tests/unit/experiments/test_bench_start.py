"""Measurements of compilation, start-up and warm-ups: their runs, and the figures with a bound."""

from __future__ import annotations

from pathlib import Path

import pytest

from experiments import bench_start
from experiments.bench import TINY, BenchError


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch):
    """Replace the processes by records of their arguments; the first use of a cache compiles."""
    started = []

    def run(options, environment, folder=None):
        cache = Path(environment["NUMBA_CACHE_DIR"], "1a2b")
        new = not cache.exists() and not (folder and (folder / "agents/_kernels/1a2b").is_dir())
        cache.mkdir(parents=True, exist_ok=True)
        for name in ("f.nbi", "f.1.nbc", "f.lock") if new else ():
            (cache / name).touch()
        started.append((options, environment, folder))
        return {"process_cpu_s": 9.0 if new else 2.0}

    monkeypatch.setattr(bench_start, "run_child", run)
    monkeypatch.setattr(bench_start, "_children_cpu", iter([0.0, 17.0, 17.0, 19.0]).__next__)
    return started


def test_compile_time_is_that_of_the_busier_process(children):
    _, compiling = bench_start.first()
    assert compiling.value == 8.0  # the helper: 17 - 9; the process itself: 9 - 2
    assert "15.0 CPU s of all processes" in compiling.detail
    assert [options for options, *_ in children] == [TINY, TINY]


def test_a_platform_wheel_is_a_copy_with_kernels_for_any_processor(children):
    compiled, _ = bench_start.wheel()
    assert compiled.value == 0 and compiled.good
    (_, build, no_folder), (_, first, tree), _ = children
    assert build["NUMBA_CPU_NAME"] == "generic" and no_folder is None
    assert tree is not None and first["NUMBA_CACHE_DIR"] != build["NUMBA_CACHE_DIR"]


def test_import_time_is_measured_in_new_processes(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(bench_start, "_output", lambda *_: "0.25\n")
    (measurement,) = bench_start.import_time()
    assert measurement.value == 0.25 and not measurement.good


def test_a_failed_import_is_reported():
    with pytest.raises(BenchError, match="ended with 1"):
        bench_start._output("python3", "-c", "import no_such_module")


@pytest.mark.parametrize(("full", "runs", "scale"), [(False, 6, 100), (True, 24, 20)])
def test_warm_ups_are_measured_on_the_same_runs(
    monkeypatch: pytest.MonkeyPatch, full: bool, runs: int, scale: int
):
    calls: list[object] = []
    monkeypatch.setattr(bench_start, "run_one", calls.append)
    monkeypatch.setattr(bench_start, "forget", lambda: calls.append("forget"))
    (measurement,) = bench_start.parts(full)["warmup"]()
    cases = [case for case in calls if case != "forget"][1:]
    assert len(cases) == 2 * runs and cases[:runs] == cases[runs:]
    assert {case.scenario.scale for case in cases} == {scale}
    assert calls.count("forget") == 2 + runs  # once per measurement, and before every run alone
    assert f"{runs} runs at scale {scale}" in measurement.detail
