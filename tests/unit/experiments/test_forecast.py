"""Forecasts: the record, the frozen file, the runs and the scores."""

import json
import math

import numpy as np
import pytest

from abm.scenario import SettingError
from experiments import scenarios
from experiments.runs.many_runs import run_many
from experiments.studies.forecast import (
    OUTCOMES,
    RECORDED,
    Forecast,
    ForecastPlan,
    MonthlyRecord,
    make_forecast,
    read_forecast,
    read_record,
)
from experiments.studies.forecast_scores import naive_sample, score_forecast
from experiments.validation.backtests import recorded

HEAD = f"month,{','.join(RECORDED)}\n"
RNG = np.random.default_rng(7)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (HEAD + "2013-01,1,2\n2013-03,1,2\n", "row 3.*month.*expected 2013-02"),
        (HEAD + "2013-01,1,-2\n", "row 2.*northern_triangle.*out of range"),
        ("month,apprehended_us_mexican\n2013-01,1\n", "missing column"),
        (HEAD + "2000-12,1,2\n", "row 2.*month.*expected 2001-09 or later"),
        (HEAD.replace("mexican", "mexicans") + "2013-01,1,2\n", "unknown column"),
    ],
)
def test_a_bad_record_is_named_by_row_and_column(tmp_path, text, message):
    file = tmp_path / "record.csv"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(SettingError, match=message):
        read_record(file)


def forecast_of(samples: np.ndarray, record_values: np.ndarray) -> Forecast:
    """Return a forecast of both groups with the same samples and record."""
    record = MonthlyRecord(2013 * 12, dict.fromkeys(RECORDED, record_values))
    months = tuple(f"2015-{k + 1:02d}" for k in range(samples.shape[1]))
    return Forecast(months, dict.fromkeys(OUTCOMES, samples), record, {"seed": 1})


def test_a_changed_forecast_is_refused(tmp_path):
    file, forecast = tmp_path / "forecast.json", forecast_of(np.ones((3, 2)), np.arange(1.0, 25.0))
    content = forecast.values()
    file.write_text(json.dumps(content), encoding="utf-8")
    assert read_forecast(file).values() == content
    content["samples"]["got_aways"][0][0] = 2.0
    file.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(SettingError, match="changed after the forecast"):
        read_forecast(file)


def test_scores_equal_known_values():
    """Samples from the distribution of the figures cover these figures."""
    logs = RNG.normal(5.0, 0.3, (400, 12))
    observed = np.exp(RNG.normal(5.0, 0.3, 12))
    record = MonthlyRecord(2015 * 12, {RECORDED[0]: observed})
    past = np.resize(observed, 24)
    (scores,) = score_forecast(forecast_of(np.exp(logs), past), record)
    model, same = scores.by_method["model"], scores.by_method["same_month"]
    z = (np.log(observed) - logs.mean(axis=0)) / logs.std(axis=0, ddof=1)
    density = 0.5 * z**2 + np.log(logs.std(axis=0, ddof=1) * math.sqrt(2.0 * math.pi))
    assert model.log_score == pytest.approx(density.mean())
    assert model.coverage90 >= 0.75
    assert same.crps == pytest.approx(0.0, abs=1e-12) and same.within10 == 1.0 and scores.worse


def test_the_trend_of_a_doubling_record_doubles():
    past = np.repeat([1.0, 2.0, 4.0], 12)
    assert naive_sample(past, "trend", (0, 12)) == pytest.approx([8.0 + 16.0])
    assert np.log(naive_sample(past, "same_month", (0,))).mean() == pytest.approx(math.log(4.0))


def test_a_forecast_begins_at_the_recorded_level(tmp_path):
    """The record doubles after its first year, and the forecast follows the last year."""
    record = recorded("2013-09")
    scenario = scenarios.find("baseline").with_settings({"scale": 1000, "warmup_days": 60})
    plan = ForecastPlan(record=record, scenario=scenario, horizon=2, reps=2)
    cases = plan.cases(tmp_path)
    assert len(cases) == len(plan) == 2 and len({case.digest for case in cases}) == 2
    forecast = make_forecast(plan, run_many(cases, jobs=1))
    assert forecast.months == ("2013-10", "2013-11")
    for name in RECORDED:
        level = record.values[name][-12:].mean()
        assert 0.2 * level < np.median(forecast.samples[name]) < 4.0 * level
