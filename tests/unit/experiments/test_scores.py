"""Scores of samples: laws with known answers, and the scores of constructed runs."""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import norm

from experiments.runs.case import RunResult
from experiments.validation.baseline_forecasts import target_samples
from experiments.validation.scored_runs import (
    EXPECTED_PATH,
    LATE_PATH,
    PATH,
    YEARS,
    announced_role,
    announced_years,
    recorded_family_shares,
    recorded_years,
    year_role,
)
from experiments.validation.scores import (
    NO_FIGURES,
    ForecastScore,
    ScoreFigures,
    coverage,
    crps,
    figures,
    held_out_scores,
    misses_first,
    paired_interval,
    yearly_scores,
)
from experiments.validation.targets import targets

Made = Callable[..., RunResult]
VALUES = st.floats(-1e6, 1e6)
SAMPLES = st.lists(VALUES, min_size=1, max_size=30)


# ---- laws ----------------------------------------------------------------------------------------


@given(SAMPLES, VALUES)
def test_the_crps_is_the_mean_error_less_half_the_mean_distance(
    sample: list[float], observed: float
):
    x = np.array(sample)
    by_definition = np.abs(x - observed).mean() - np.abs(x[:, None] - x).mean() / 2.0
    assert crps(sample, observed) == pytest.approx(by_definition, abs=1e-6)
    assert crps(sample, observed) >= -1e-6


@pytest.mark.parametrize("observed", [-2.0, 0.0, 0.5, 3.0])
def test_the_crps_of_a_large_normal_sample_has_its_closed_form(observed: float):
    """Gneiting and Raftery 2007, equation 5."""
    mean, sd = 0.4, 1.7
    sample = norm.ppf((np.arange(20_000) + 0.5) / 20_000, mean, sd)
    z = (observed - mean) / sd
    closed = sd * (z * (2 * norm.cdf(z) - 1) + 2 * norm.pdf(z) - 1 / math.sqrt(math.pi))
    assert crps(sample, observed) == pytest.approx(closed, rel=1e-3)


@pytest.mark.parametrize(("size", "share"), [(60, 0.9), (19, 0.9), (9, 0.8), (3, 0.5)])
def test_nine_of_ten_exchangeable_observations_are_covered_if_the_sample_is_large(
    size: int, share: float
):
    draws = np.random.default_rng(5).normal(size=(4_000, size + 1))
    result = coverage(list(draws[:, 1:]), draws[:, 0].tolist())
    assert result == pytest.approx(share, abs=0.02)


def test_a_single_value_has_no_interval_and_no_value_has_no_score():
    assert math.isnan(coverage([[1.0]], [1.0])) and math.isnan(coverage([], []))
    assert math.isnan(crps([], 1.0)) and math.isnan(crps([math.nan], 1.0))
    assert figures([[1.0, 2.0], []], [1.0, 1.0], logs=False) == NO_FIGURES
    assert crps([math.nan, 3.0], 1.0) == 2.0


@given(st.lists(st.floats(0.1, 1e6), min_size=2, max_size=20), st.floats(0.1, 1e6))
def test_scores_of_logs_do_not_depend_on_the_unit(sample: list[float], observed: float):
    a = figures([sample], [observed], logs=True)
    b = figures([[1_000.0 * value for value in sample]], [1_000.0 * observed], logs=True)
    assert (a.rms_log_error, a.crps) == pytest.approx((b.rms_log_error, b.crps), abs=1e-9)


def test_the_paired_interval_is_students_and_contains_the_mean_in_nine_of_ten_cases():
    rng, hits = np.random.default_rng(8), 0
    for _ in range(400):
        errors = rng.normal(0.1, 0.2, size=11)  # errors of the model less errors of the forecast
        model = [[math.exp(0.9 + e)] for e in errors]
        low, high = paired_interval(model, [[math.exp(0.9)]] * 11, [1.0] * 11)
        hits += low <= 0.1 <= high
    assert 0.86 < hits / 400 < 0.94


def test_a_difference_whose_interval_contains_zero_is_a_tie_and_not_a_miss():
    name, better = ("one", "one_year_ahead", "mexican"), ScoreFigures(crps=0.1)
    model = ScoreFigures(crps=0.2)
    assert ForecastScore(*name, model, better).worse
    tie, miss = (
        ForecastScore(*name, model, better, NO_FIGURES, *bounds)
        for bounds in ((-0.1, 0.3), (0.05, 0.2))
    )
    assert tie.tied and not tie.worse and miss.worse and not miss.tied
    assert misses_first([tie, miss]) == [miss, tie]


# ---- scores of runs ------------------------------------------------------------------------------


def in_year(values: dict[int, float]) -> dict[str, float]:
    """Return monthly values that sum to a value in each fiscal year."""
    return {
        f"{year - (month >= 10)}-{month:02d}": value / 12.0
        for year, value in values.items()
        for month in range(1, 13)
    }


@pytest.fixture(scope="module")
def perfect(made_up: Made) -> dict[str, RunResult]:
    """Return results by role that equal the record."""
    record = {g: recorded_years(g, 2019) for g in ("mexican", "northern_triangle")}
    share = recorded_family_shares(2015)[2015]
    series = {f"apprehended_us_{g}": in_year(values) for g, values in record.items()}
    series |= {"apprehended_us_families": share, "apprehended_us_adults": 1.0 - share}
    days = dict.fromkeys((PATH, EXPECTED_PATH), ("2008-10-01", 4017))
    days |= {LATE_PATH: ("2013-10-01", 2_191)}
    days |= {announced_role(y): (f"{y - 2}-10-01", 731) for y in announced_years()}
    days |= {year_role(y): (f"{y - 2}-10-01", 731) for y in YEARS}
    return {role: made_up(start, length, series) for role, (start, length) in days.items()}


def test_runs_that_equal_the_record_have_no_error(perfect: dict[str, RunResult]):
    scores = {score.id: score for score in yearly_scores([perfect, perfect])}
    assert len(scores) == 17 and "one_year_ahead.mexican.2009_19.announced" in scores
    for score in scores.values():
        assert math.isfinite(score.less_last_high) == (score.series == "one_year_ahead")
        assert not score.less_last_high >= 0.0 and not score.tied
        model = (score.model.rms_log_error, score.model.crps)
        assert model == pytest.approx((0.0, 0.0), abs=1e-9)
        assert not score.worse and score.naive_last.crps > 0.0


def test_naive_scores_equal_the_scores_of_the_record(perfect: dict[str, RunResult]):
    scores = {score.id: score for score in yearly_scores([perfect])}
    record = recorded_years("mexican", 2019)
    late = [math.log(record[2013] / record[year]) for year in range(2014, 2020)]
    result = scores["history.mexican.2014_19"].naive_last.rms_log_error
    assert result == pytest.approx(np.sqrt(np.mean(np.square(late))))
    ahead = [math.log(record[year - 1] / record[year]) for year in YEARS]
    result = scores["one_year_ahead.mexican.2009_19"].naive_last.rms_log_error
    assert result == pytest.approx(np.sqrt(np.mean(np.square(ahead))))
    share = scores["history.families_and_children.2015"]
    assert math.isfinite(share.naive_last.crps) and math.isnan(share.naive_trend.crps)


def test_failed_years_leave_the_other_series(perfect: dict[str, RunResult]):
    assert yearly_scores([]) == () and yearly_scores([{}]) == ()
    only_path = yearly_scores([{PATH: perfect[PATH]}])
    assert {score.series for score in only_path} == {"history"} and len(only_path) == 5
    without = {role: run for role, run in perfect.items() if role != year_role(2012)}
    lost = [s for s in yearly_scores([without]) if s.series == "one_year_ahead"]
    assert len(lost) == 4 and all(math.isnan(s.model.crps) and not s.worse for s in lost)
    some = [s for s in yearly_scores([without, perfect]) if s.series == "one_year_ahead"]
    assert all(s.model.crps == pytest.approx(0.0, abs=1e-9) for s in some)


def test_held_out_parts_are_scored_in_their_unit():
    held_out = [t for t in targets() if t.kind == "held_out"]
    values = {"2014": {"line_change_northern_triangle": [-50.0, -20.0, -30.0]}}
    scores = {score.id: score for score in held_out_scores(targets(), values)}
    assert list(scores) == [t.id for t in held_out]
    fall = scores["H1.northern_triangle"]
    observed = next(t.observed for t in held_out if t.id == fall.id)
    assert fall.model.crps == crps([-50.0, -20.0, -30.0], observed)
    assert fall.model.coverage90 == 1.0
    naive = next(target_samples(t) for t in held_out if t.id == fall.id)
    assert fall.naive_last.crps == crps(naive.last, observed)
    assert math.isnan(fall.model.rms_log_error)
    assert math.isnan(scores["H5.rebound"].model.crps)
    assert math.isnan(scores["H8.evaders"].naive_last.crps)
