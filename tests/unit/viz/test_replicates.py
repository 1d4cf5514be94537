"""Ranges of levels and means over the seeds of both worlds; too few runs give none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.runs.pairs import FEWEST_PAIRS
from experiments.scenarios import find
from viz.screen.session.frames import DAILY_FIGURES
from viz.screen.session.live_traits import weekly_means
from viz.screen.session.replicates import QUICK_SCALE, SEEDS, Replicates, cases
from viz.screen.session.summaries import RunSummary

TINY = find("classroom").with_settings({"days": 20, "scale": 500})
DAYS = 12


def summary(level: float) -> RunSummary:
    return RunSummary(np.full((DAYS, len(DAILY_FIGURES)), level, np.float32), {"deaths": level})


def filled(a: list[float], b: list[float]) -> Replicates:
    replicates = Replicates()
    for world, levels in enumerate((a, b)):
        for seed, level in enumerate(levels):
            replicates = replicates.with_run(world, seed, summary(level))
    return replicates


def test_both_worlds_run_on_the_same_seeds_including_their_own():
    planned = cases((TINY, TINY), 7)
    assert len(planned) == 2 * SEEDS
    assert all(case.seed == seed for (_, seed), case in planned.items())
    assert [seed for world, seed in planned if world] == list(range(7, 7 + SEEDS))


def test_a_first_answer_has_three_seeds_at_a_coarse_scale():
    fine = TINY.with_settings({"scale": 20})
    for scenario, scale in ((fine, QUICK_SCALE), (TINY, 500)):
        quick = cases((scenario, scenario), 7, FEWEST_PAIRS, QUICK_SCALE)
        assert {seed for _, seed in quick} == {7, 8, 9} and len(quick) == 2 * FEWEST_PAIRS
        assert {case.scenario.scale for case in quick.values()} == {scale}


def test_a_band_is_within_the_runs_and_empty_with_few_runs():
    assert filled([1.0, 2.0], []).band(0, "deaths").size == 0
    low, high = filled([1.0, 2.0, 3.0, 9.0], []).band(0, "deaths").reshape(2, DAYS)
    assert (low >= 1.0).all() and (high <= 9.0).all() and (low < high).all()
    assert Replicates().band(1, "deaths").size == 0


def test_means_use_the_seeds_that_both_worlds_have():
    assert filled([1.0, 2.0, 3.0, 4.0], [2.0, 3.0]).means("deaths") == [1.5, 2.5]


@given(st.lists(st.floats(0, 1e5), max_size=40))
def test_weekly_means_cover_up_to_seven_days(values):
    daily = np.array(values)
    means = weekly_means(daily)
    assert means.shape == daily.shape
    for day in range(len(values)):
        assert means[day] == pytest.approx(daily[max(0, day - 6) : day + 1].mean(), abs=1e-6)
