"""Runs of one and many cases: measures, equality across processes, failures."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from abm.measures import CRITERIA, DEPTHS, OUTCOMES
from agents.outcomes import Event, Status
from experiments.rows.runs import observed_median, statistics
from experiments.runs import run
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.many_runs import run_many
from experiments.runs.run import run_one
from experiments.runs.study_inputs import result_warnings
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 40, "warmup_days": 20})


@pytest.fixture(scope="module")
def result() -> RunResult:
    """Return a small run with the daily record."""
    return run_one(Case(TINY, 3), daily=True)


@pytest.fixture(scope="module")
def year() -> RunResult:
    """Return a run over a fiscal year and some days at a coarse scale."""
    return run_one(Case(TINY.with_settings({"scale": 200, "days": 370}), 1))


def test_full_beds_and_a_flow_above_twice_the_base_year_are_warnings(year: RunResult):
    full = replace(year, rates=year.rates | {"overflow_share": 0.1})
    high = replace(year, series={name: 3.0 * months for name, months in year.series.items()})
    texts = [" ".join(result_warnings([run], TINY)) for run in (year, full, high)]
    assert texts[0] == "" and "lack of a bed" in texts[1] and "those of FY2013" in texts[2]


def test_statuses_sum_to_the_candidates(result: RunResult):
    statuses = dict(result.persons)
    candidates = statuses.pop("candidates")
    assert candidates > 0 and candidates == sum(statuses.values())
    assert set(statuses) == {status.name.lower() for status in Status}


def test_the_daily_record_sums_to_the_events(result: RunResult):
    assert result.daily is not None and result.daily.shape == (40, len(Event))
    assert dict(zip(result.events, result.daily.sum(axis=0).tolist(), strict=True)) == result.events
    assert list(result.events) == [event.name.lower() for event in Event]


def test_criteria_agree_with_outcomes(result: RunResult):
    assert list(result.criteria) == list(CRITERIA)
    for name in OUTCOMES:
        assert result.criteria[name] == pytest.approx(result.outcomes[name], nan_ok=True)
    assert type(result.criteria["got_aways"]) is float


def test_known_and_undetected_entries_sum_to_all_entries(result: RunResult):
    counts = result.criteria
    parts = ("got_aways_known", "got_aways_undetected", "port_entries")
    assert counts["got_aways"] > 0.0
    assert counts["got_aways"] == pytest.approx(sum(counts[name] for name in parts))
    assert counts["unlawful_entries"] == pytest.approx(counts["got_aways"] + counts["released"])


def test_depths_sum_to_all_interdictions(result: RunResult):
    e, days = result.events, result.days
    stopped = e["apprehended_mexico"] + e["apprehended_us"] + e["turned_back"] + e["inadmissible"]
    assert sum(result.depth.values()) == pytest.approx(stopped * 365 / days)
    shares = [name for names in DEPTHS.values() for name in names]
    mexico = sum(result.depth[name] for name in shares[:5])
    assert result.outcomes["depth_index"] == pytest.approx(mexico / sum(result.depth.values()))


def test_discounting_reduces_a_short_run_slightly(result: RunResult):
    assert set(result.discounted) == {"dollars", "got_aways", "unlawful_entries"}
    for name in ("got_aways", "unlawful_entries"):
        total = result.outcomes[name] * result.years
        assert total / 1.03 ** (39 / 365) < result.discounted[name] < total
    assert result.discounted["dollars"] == 0.0


def test_failing_case_is_recorded_and_others_continue(monkeypatch: pytest.MonkeyPatch):
    original = run.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if case.seed == 2:
            raise RuntimeError("first\nsecond line")
        return original(case, **more)

    monkeypatch.setattr(run, "run_one", fail)
    first, second, third = run_many([Case(TINY, seed) for seed in (1, 2, 3)], jobs=1)
    assert isinstance(first, RunResult) and isinstance(third, RunResult)
    assert isinstance(second, Failure) and (second.seed, second.kind) == (2, "RuntimeError")
    assert second.text == "first second line" and "fail" in second.trace and "seed 2" in str(second)


def test_interrupt_is_not_a_failure(monkeypatch: pytest.MonkeyPatch):
    def stop(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(run, "run_one", stop)
    with pytest.raises(KeyboardInterrupt):
        run_many([Case(TINY, 1)], jobs=1)


def test_first_year_is_compared_with_the_record(year: RunResult):
    rows = observed_median([year])
    assert [name for name, *_ in rows] == [name for _, name, *_ in statistics()]
    by_name = {name: (simulated, recorded) for name, simulated, recorded, _ in rows}
    assert by_name["Apprehensions FY2013, Mexicans"][1] == 265_409
    assert by_name["Apprehensions FY2013, Northern Triangle"][1] == 137_548
    assert all(source for *_, source in rows)
    assert all(np.isfinite(simulated) for _, simulated, _, _ in rows)
    assert year.first_year is not None
    caught = year.first_year.events["mexican"]["apprehended_us"]
    assert by_name["Apprehensions FY2013, Mexicans"][0] == caught


def test_other_start_has_no_official_year():
    later = TINY.with_settings({"start": "2013-10-01", "days": 366})
    assert observed_median([run_one(Case(later, 1))]) == []
