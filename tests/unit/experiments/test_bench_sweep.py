"""Measurements of a sweep, on short runs in this process."""

from __future__ import annotations

from functools import partial
from typing import Any

import pytest

from experiments import bench_sweep
from experiments.scenarios import find
from experiments.sweep import sweep


@pytest.fixture(autouse=True)
def short(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """Replace the sweeps by short ones in this process; return the options of each."""
    tiny = find("classroom").with_settings({"days": 20, "scale": 1000, "warmup_days": 30})
    given: list[dict[str, Any]] = []

    def run(*arguments: Any, **options: Any) -> Any:
        given.append(dict(options))
        return partial(sweep, *arguments)(**options | {"executor": "serial", "jobs": None})

    monkeypatch.setattr(bench_sweep, "sweep", run)
    monkeypatch.setattr(bench_sweep, "_coarse_scenario", lambda days: tiny)
    monkeypatch.setattr(bench_sweep, "_RUNS", 6)
    monkeypatch.setattr(bench_sweep, "_SEEDS", 4)
    return given


def test_the_overhead_is_the_time_of_a_sweep_without_that_of_its_runs():
    (overhead,) = bench_sweep.overhead()
    assert overhead.unit == "ms" and overhead.bound == bench_sweep.MAX_OVERHEAD_MS
    assert overhead.value > 0.0 and overhead.detail.startswith("6 runs of ")


def test_two_processes_are_compared_with_one(short: list[dict[str, Any]]):
    (share,) = bench_sweep.processes()
    assert [(o["executor"], o["jobs"]) for o in short] == [("processes", 1), ("processes", 2)]
    assert share.value > 0.0 and share.bound == pytest.approx(1 / 1.8)
    one, two = (float(part.split(" s ")[0].split()[-1]) for part in share.detail.split(",")[:2])
    assert share.value == pytest.approx(two / one, rel=0.5)


def test_pairs_of_one_seed_vary_less_than_independent_runs_and_no_policy_changes_nothing():
    *paired, null = bench_sweep.pairing()
    assert len(paired) == len(bench_sweep._POLICIES) * len(bench_sweep._OUTCOMES)
    assert all(0.0 <= one.value < 1.0 and one.unit == "share" for one in paired)
    assert null.value == 0.0 == null.bound and null.unit == "persons"
