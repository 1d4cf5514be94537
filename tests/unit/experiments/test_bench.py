"""Digests of scenarios for checks that results have not changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from experiments import bench
from experiments.bench import DIGEST_SEED, ONE_THREAD, BenchError, Measurement, digests
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.scenarios import find


def test_digest_is_that_of_a_run_in_this_process(tmp_path: Path):
    path = tmp_path / "tiny.toml"
    path.write_text('extends = "classroom"\nscale = 1000\ndays = 20\nwarmup_days = 30\n')
    expected = run_one(Case(find(path), DIGEST_SEED)).digest
    assert digests([str(path)]) == {str(path): expected}


def test_failed_run_raises():
    with pytest.raises(BenchError, match="is not a known scenario"):
        digests(["nowhere"])


# ---- measurements --------------------------------------------------------------------------------


@pytest.fixture
def children(monkeypatch: pytest.MonkeyPatch) -> list[tuple[dict[str, Any], Any]]:
    """Replace the measuring processes by a record of their options and environment."""
    given: list[tuple[dict[str, Any], Any]] = []

    def run_child(options: dict[str, Any], environment: Any = None) -> dict[str, Any]:
        given.append((dict(options), environment))
        run = {"set_out": 2_000_000, "days": 1095, "agent_days": 5_000, "peak_mb": 900.0}
        return run | {"cpu_s": 30.0, "last_cpu_s": 12.0, "digests": ["a"] * options.get("times", 1)}

    monkeypatch.setattr(bench, "run_child", run_child)
    return given


def test_a_million_is_measured_per_million_people_who_set_out(children: list):
    seconds, memory = bench.million()
    assert (seconds.value, memory.value) == (15.0, 900.0)
    assert "2,000,000 persons set out in 1095 days" in seconds.detail
    assert children[0][0]["scenario"] == "million" and children[0][0]["warm"]


def test_a_year_is_the_mean_of_the_years_of_a_run(children: list):
    (year,) = bench.year()
    assert year.value == 10.0 and "3 years" in year.detail
    assert children[0][0]["set"] == {"scale": 100}


def test_a_coarse_year_is_the_second_run_and_its_start_is_the_rest(children: list):
    run, start = bench.coarse_year()
    assert (run.value, start.value, start.bound, start.good) == (4.0, 18.0, None, None)
    assert children[0][0]["times"] == 2


def test_four_runs_of_one_case_are_compared(children: list, monkeypatch: pytest.MonkeyPatch):
    (records,) = bench.same()
    assert records.value == 1.0 and records.good
    assert records.name.startswith("The number of threads of libraries does not change results")
    assert [environment for _, environment in children][:2] == [None, ONE_THREAD]
    answers = iter([["a", "a"], ["b"], ["a"]])
    monkeypatch.setattr(bench, "run_child", lambda *_: {"digests": next(answers)})
    (records,) = bench.same()
    assert records.value == 2.0 and not records.good


def test_a_measurement_is_good_on_its_side_of_the_bound():
    assert Measurement("a", 1.0, "s", 1.0).good and not Measurement("a", 1.1, "s", 1.0).good
    assert Measurement("a", 1.0, "s", 1.0, least=True).good
    assert not Measurement("a", 0.9, "s", 1.0, least=True).good


def test_a_machine_without_a_description_is_named_as_far_as_it_is_known(
    monkeypatch: pytest.MonkeyPatch,
):
    def unreadable(*_: Any, **__: Any) -> None:
        raise OSError

    monkeypatch.setattr("builtins.open", unreadable)
    monkeypatch.setattr(bench.os, "sysconf", unreadable)
    monkeypatch.setattr(bench.platform, "processor", lambda: "")
    monkeypatch.setattr(bench.platform, "machine", lambda: "some machine")
    assert bench._processor() == "some machine" and bench._memory() == "unknown"
    monkeypatch.undo()
    assert set(bench.machine()) == {"processor", "cores", "memory", "system", "python"}
