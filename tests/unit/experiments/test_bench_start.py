"""Measurements of compilation, start-up and warm-ups: their runs, and the figures with a bound."""

from __future__ import annotations

import pytest

from experiments import bench_start
from experiments.bench import BenchError


def test_compiling_is_the_first_run_less_the_second_one_with_the_same_cache(
    monkeypatch: pytest.MonkeyPatch,
):
    caches = []
    monkeypatch.setattr(bench_start, "run_child", lambda _case, variables: caches.append(variables))
    monkeypatch.setattr(bench_start, "_children_cpu", iter([0.0, 17.0, 17.0, 19.0]).__next__)
    _, compiling = bench_start.first()
    assert compiling.value == 15.0
    assert caches[0] == caches[1]


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
