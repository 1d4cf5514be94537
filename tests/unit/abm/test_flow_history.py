"""Running means, crowds relative to the baseline, and lagged maps."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.phases.flow_history import FlowHistory
from abm.scenario import Scenario
from abm.world.vocabulary import SECTORS
from agents.hazards import crowding_ratio
from agents.kernel_params import build_kernel_params
from agents.migrants.columns import DAY_TALLIES
from agents.migrants.tallies import end_day
from agents.outcomes import Event


def a_day(**counts):
    """Return the tallies of a day with the given counts; all other counts are 0."""
    day_tallies = np.zeros(1, DAY_TALLIES)[0]
    for name, value in counts.items():
        day_tallies[name] = value
    return day_tallies


def update(history, day_tallies, passages, free=1.0):
    """End a day and add it to the history."""
    tallies = np.array([day_tallies], DAY_TALLIES)
    params = build_kernel_params(Scenario(), np.zeros(1, int), np.zeros(1, int), 8)
    end_day(tallies, passages, history.flow, history.record, np.zeros(3), free, params)


@given(st.integers(0, 10**4), st.integers(1, 60))
def test_means_approach_a_steady_day_from_below_and_never_pass_it(world, flow, days):
    history, passages = FlowHistory(world), np.full((world.n_legs, 3), flow)
    day = a_day(bed_requests=70, court_requests=35)
    for event, group, persons in (
        *((Event.APPREHENDED_MEXICO, 1, 30), (Event.EXTORTED, 0, 10)),
        *((Event.RELEASED_US, 1, 20), (Event.RELEASED_PORT, 1, 8), (Event.RELEASED_US, 0, 5)),
    ):
        day["events"][event, group, 0] = persons
    for _ in range(days):
        update(history, day, passages, free=0.5)  # half of the encounters are with a free officer
    assert history.flow == pytest.approx(flow * (1.0 - (27.0 / 28.0) ** days))
    assert history.beds == pytest.approx(70.0 * (1.0 - (6.0 / 7.0) ** days))
    assert history.courts == pytest.approx(history.beds / 2.0)
    assert history.met_in_mexico == pytest.approx(80.0 * (1.0 - (13.0 / 14.0) ** days))
    assert history.releases == pytest.approx(28.0 * (1.0 - (27.0 / 28.0) ** days))


def test_the_baseline_flow_is_a_mean_and_crowds_are_relative_to_it(world):
    history, rng = FlowHistory(world), np.random.default_rng(1)
    days = rng.integers(0, 50, (40, world.n_legs, 3)).astype(float)
    for passages in days:
        history.update_baseline(passages)
    assert history.baseline_flow == pytest.approx(days.mean(axis=0))
    history.flow = 2.0 * history.baseline_flow
    for first, end, index in ((0, 3, history.line_sector), (1, 2, history.zone)):
        crowds = crowding_ratio(history.flow, history.baseline_flow, first, end, index, 9)
        assert crowds[: index.max() + 1] == pytest.approx(2.0)
    assert history.attempts() == pytest.approx(2.0 * history.baseline_attempts())
    line = world.is_line
    assert history.baseline_attempts().sum() == pytest.approx(history.baseline_flow[line, :2].sum())


@pytest.mark.parametrize("lag", [0, 1, 28, 90, 200])
def test_the_map_contains_the_week_that_ended_lag_days_ago(world, lag):
    history = FlowHistory(world)
    for day in range(150):
        day_tallies = a_day()
        day_tallies["by_sector"][Event.APPREHENDED_US, :, 0] = day
        update(history, day_tallies, np.zeros((world.n_legs, 3), int))
    last = 150 - min(lag, 90)
    assert history.apprehensions(lag).tolist() == [sum(range(last - 7, last))] * len(SECTORS)
