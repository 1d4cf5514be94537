"""Running means, crowds against the usual, maps that are late."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.phases.flow_history import FlowHistory
from abm.world.routes import load_world
from abm.world.vocabulary import SECTORS
from agents.migrants.columns import DAY_TALLIES
from agents.outcomes import Event


@pytest.fixture(scope="module")
def world():
    """The packaged world."""
    return load_world()


def a_day(**counts):
    """Books of a day: apprehensions by sector, beds and courts asked for."""
    day_tallies = np.zeros(1, DAY_TALLIES)[0]
    for name, value in counts.items():
        day_tallies[name] = value
    return day_tallies


def update(lately, day_tallies, seen, weekly=False, free=1.0):
    """A day is over."""
    lately.update(day_tallies, day_tallies["events"].sum(axis=2), seen, weekly, free)


@given(st.floats(0.0, 1e4), st.integers(1, 60))
def test_means_approach_a_steady_day_from_below_and_never_pass_it(world, flow, days):
    lately, seen = FlowHistory(world), np.full((world.n_legs, 3), flow)
    for _ in range(days):
        update(lately, a_day(bed_requests=70, court_requests=35), seen)
    assert lately.flow == pytest.approx(flow * (1.0 - (27.0 / 28.0) ** days))
    assert lately.beds == pytest.approx(70.0 * (1.0 - (6.0 / 7.0) ** days))
    assert lately.courts == pytest.approx(lately.beds / 2.0)


def test_the_usual_flow_is_a_plain_mean_and_a_crowd_is_measured_against_it(world):
    lately, rng = FlowHistory(world), np.random.default_rng(1)
    days = rng.integers(0, 50, (40, world.n_legs, 3)).astype(float)
    for seen in days:
        lately.update_baseline(seen)
    assert lately.baseline_flow == pytest.approx(days.mean(axis=0))
    lately.flow = 2.0 * lately.baseline_flow
    assert lately.crowd_at_line() == pytest.approx(2.0)
    assert lately.crowd_in_mexico() == pytest.approx(2.0)
    assert lately.attempts() == pytest.approx(2.0 * lately.baseline_attempts())
    line = world.is_line
    assert lately.baseline_attempts().sum() == pytest.approx(lately.baseline_flow[line, :2].sum())


def test_where_nothing_is_usual_there_is_no_crowd(world):
    lately = FlowHistory(world)
    lately.flow[:] = 5.0
    assert (lately.crowd_at_line() == 1.0).all() and (lately.crowd_in_mexico() == 1.0).all()


@pytest.mark.parametrize("lag", [0, 1, 28, 90, 200])
def test_the_map_shows_the_week_that_ended_so_many_days_ago(world, lag):
    lately = FlowHistory(world)
    for day in range(150):
        day_tallies = a_day()
        day_tallies["by_sector"][Event.APPREHENDED_US, :, 0] = day
        update(lately, day_tallies, np.zeros((world.n_legs, 3)))
    last = 150 - min(lag, 90)
    assert lately.apprehensions(lag).tolist() == [sum(range(last - 7, last))] * len(SECTORS)


def test_traffic_into_places_is_as_old_as_asked(world):
    lately = FlowHistory(world)
    for week in range(1, 20):
        seen = np.zeros((world.n_legs, 3))
        seen[:, 1] = week
        for day in range(7):
            update(lately, a_day(), seen, weekly=day == 6)
    fresh, old = lately.traffic_into(0), lately.traffic_into(42)
    assert (fresh >= old).all() and fresh.sum() > old.sum() > 0
    legs_into = np.bincount(world.head, minlength=world.n_places)
    assert (fresh == 0.0).tolist() == (legs_into == 0).tolist()


@given(st.integers(1, 5_000), st.floats(0.05, 1.0))
def test_people_met_count_whether_or_not_an_officer_was_free(world, met, free):
    lately, seen = FlowHistory(world), np.zeros((world.n_legs, 3))
    for _ in range(200):
        day_tallies = a_day()
        day_tallies["events"][Event.APPREHENDED_MEXICO, 1, 0] = met
        day_tallies["events"][Event.EXTORTED, 1, 0] = 2 * met
        update(lately, day_tallies, seen, free=free)
    assert lately.met_in_mexico == pytest.approx(3 * met / free, rel=1e-4)
