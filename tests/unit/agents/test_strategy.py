"""The adaptive strategy: levers, learning, and a criterion that differs from the goal."""

import numpy as np
import pytest

from agents.labels import CRITERIA
from agents.strategy import N_ARMS, Strategy, StrategyParams

US, MX, PRESSURE, PORTS = range(N_ARMS)
PLACES = np.array([k in (1, 2) for k in range(15)])
EVEN = np.full(4, 100.0)
#: Change of log criteria by arm at a pull of 1: effort in the U.S. raises apprehensions and lowers
#: got-aways a little; effort in Mexico lowers both, as fewer people arrive.
ANSWERS = np.array(
    [
        [0.15, -0.15, 0.05, 0.0],
        [-0.4, -0.35, -0.1, 0.0],
        [-0.05, -0.05, 0.0, 0.05],
        [0.0, 0.05, 0.0, 0.6],
    ]
)


def made(make_environment, *, seed=1, warm=8, dollars=300e6, judged_by="got_aways", **params):
    """Return an environment after its warm-up and its strategy."""
    environment = make_environment(seed=seed, recording=False)
    found = Strategy(environment, StrategyParams(**params))
    for _ in range(warm):
        environment.today += 91
        found.advance_quarter(EVEN)
    environment.recording = True
    environment.levers.strategy[0] = dollars
    environment.levers.criterion[CRITERIA.index(judged_by)] = 1.0
    return environment, found


def outcome(found, dollars):
    """Return the criteria in the world of ANSWERS under the present split."""
    return EVEN * np.exp((found.effect(dollars * found.share)[:, None] * ANSWERS).sum(axis=0))


def live(environment, found, quarters):
    """Simulate quarters in the world of ANSWERS."""
    for _ in range(quarters):
        environment.today += 91
        found.advance_quarter(outcome(found, float(environment.levers.strategy[0])))
    return found


def pulled(environment, found, **how):
    """Return the levers that the strategy sets, by name, after a reset."""
    before = environment.levers.copy()
    found.pull(environment.levers, PLACES, **how)
    return {
        n: a - before[n] for n, a in environment.levers.copy().items() if (a != before[n]).any()
    }


# ---- levers -------------------------------------------------------------------------------------


def test_without_money_no_lever_is_set_and_the_history_is_reset(make_environment):
    environment, found = made(make_environment)
    fresh = dict(vars(found))
    live(environment, found, 10)
    environment.levers.strategy[0] = 0.0
    environment.today += 91
    found.advance_quarter(EVEN * 3.0)
    assert not pulled(environment, found)
    assert set(vars(found)) == set(fresh)
    for name, value in vars(found).items():
        assert value is fresh[name] or np.array_equal(value, fresh[name]), name


# ---- learning -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_with_got_aways_as_criterion_it_learns_the_arm_that_lowers_them(make_environment, seed):
    environment, found = made(make_environment, seed=seed)
    live(environment, found, 40)
    assert found.weight.argmax() == MX and found.weight[MX] > 0.4


@pytest.mark.parametrize("seed", range(5))
def test_with_apprehensions_as_criterion_they_rise_along_with_got_aways(make_environment, seed):
    environment, found = made(make_environment, seed=seed, judged_by="apprehensions")
    at_first = outcome(found, 300e6)
    live(environment, found, 40)
    found.probed = -1
    at_last = outcome(found, 300e6)
    caught, away = CRITERIA.index("apprehensions"), CRITERIA.index("got_aways")
    assert found.weight[MX] < 0.2
    assert at_last[caught] > at_first[caught] and at_last[away] > at_first[away]


@pytest.mark.parametrize(
    ("criterion", "sign"),
    [("apprehensions", 1), ("got_aways", -1), ("deaths", -1), ("seizures", 1)],
)
def test_each_criterion_counts_in_its_direction(make_environment, criterion, sign):
    environment, found = made(make_environment, judged_by=criterion)
    environment.levers.criterion[:] = [float(name == criterion) for name in CRITERIA]
    assert found.score(np.ones(4)) == 0.0
    assert np.sign(found.score(np.full(4, 1.5))) == sign


def test_quarters_are_compared_with_the_same_season(make_environment):
    environment, found = made(make_environment, warm=0)
    season = [60.0, 140.0, 120.0, 80.0]
    environment.recording = False
    environment.today = 735_000
    for k in range(8):
        found.advance_quarter(np.full(4, season[k % 4]))
        environment.today += 91
    environment.recording = True
    for k in range(12):
        found.advance_quarter(np.full(4, season[k % 4]))
        environment.today += 91
    assert found.weight == pytest.approx(0.25)
