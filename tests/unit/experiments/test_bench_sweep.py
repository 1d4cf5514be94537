"""Measurements of a sweep, on short runs in this process."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from experiments import bench_sweep
from experiments.scenarios import find
from experiments.sweeps.sweep import sweep


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
    monkeypatch.setattr(bench_sweep, "_SEEDS", 4)  # of each arm
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


def test_the_gain_by_pairing_is_that_of_the_variance_of_differences(
    monkeypatch: pytest.MonkeyPatch,
):
    """The arms share most of their random draws; the policy without an effect has equal arms."""
    rng = np.random.default_rng(3)
    luck, own = rng.normal(size=4_000), 0.2 * rng.normal(size=4_000)

    def frame(_folder: str, policy: str, doses: list[float]) -> pd.DataFrame:
        effect = doses[1] * (policy != "status_quo")
        arms = {0: luck, 1: luck + own - effect if effect else luck}
        return pd.concat(
            pd.DataFrame({"point": point} | dict.fromkeys(bench_sweep._OUTCOMES, values))
            for point, values in arms.items()
        )

    monkeypatch.setattr(bench_sweep, "_frame", frame)
    *paired, null = bench_sweep.pairing()
    assert len(paired) == len(bench_sweep._POLICIES) * len(bench_sweep._OUTCOMES)
    assert all(one.value == pytest.approx(0.04 / 2.04, rel=0.1) for one in paired)
    assert paired[0].detail in {"49 times", "50 times", "51 times", "52 times", "53 times"}
    assert null.value == 0.0 == null.bound


def test_the_arms_of_a_pair_run_on_the_same_seeds(tmp_path: Path):
    frame = bench_sweep._frame(str(tmp_path), "cameras_and_sensors", [0.0, 4.0])
    by_point = frame.groupby("point")["seed"].apply(sorted)
    assert by_point[0] == by_point[1] and len(by_point[0]) == 4
    none, some = bench_sweep._arms(frame, ["deaths"])
    assert none.shape == some.shape == (4, 1)
