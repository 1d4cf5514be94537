"""Horizons: sums per year over the first year, three years and ten years."""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import pytest

from experiments.runs.case import RunResult
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES, SPENT, days_in_years, yearly

MONTHS = np.arange(120.0)


@pytest.fixture
def run(made_up: Callable[..., RunResult]) -> RunResult:
    """Return a run of ten years whose series k is (k + 1) times the month's number."""
    result = made_up(days=days_in_years(datetime.date(2012, 10, 1), 10))
    result.series.update({name: (k + 1) * MONTHS for k, name in enumerate(OUTCOMES + SPENT)})
    return result


@pytest.mark.parametrize(("years", "days"), [(1, 365), (3, 1095), (4, 1461), (10, 3652)])
def test_years_have_the_days_of_the_calendar(years: int, days: int):
    assert days_in_years(datetime.date(2012, 10, 1), years) == days


def test_a_level_is_the_sum_over_the_horizon_per_year(run: RunResult):
    expected = [[(k + 1) * sum(range(12 * n)) / n for n in HORIZONS] for k in range(len(OUTCOMES))]
    assert yearly(run, OUTCOMES) == pytest.approx(np.array(expected))
    first = len(OUTCOMES) + 1
    assert yearly(run, SPENT)[:, 1] == pytest.approx([(first + k) * 210.0 for k in range(3)])


def test_horizons_beyond_the_plan_are_unknown_and_need_no_months(run: RunResult):
    complete = yearly(run, OUTCOMES)
    short = yearly(run, OUTCOMES, longest=3)
    assert np.array_equal(short[:, :2], complete[:, :2]) and np.isnan(short[:, 2]).all()
    assert np.isnan(yearly(run, OUTCOMES, longest=0)).all()
    run.months.clear()
    assert np.isnan(yearly(run, OUTCOMES, longest=0)).all()


@pytest.mark.parametrize(("months", "longest", "accepted"), [(36, 3, True), (35, 3, False)])
def test_a_run_needs_every_month_of_its_plan(
    months: int, longest: int, accepted: bool, run: RunResult
):
    del run.months[months:]
    if accepted:
        assert np.isfinite(yearly(run, OUTCOMES, longest=longest)[:, :2]).all()
    else:
        with pytest.raises(ValueError, match="35 months, expected at least 36"):
            yearly(run, OUTCOMES, longest=longest)
    with pytest.raises(ValueError, match="expected at least 120"):
        yearly(run, OUTCOMES)
