"""The adaptive strategy: levers, learning, and a criterion that differs from the goal."""

import numpy as np
import pytest

from agents.labels import CRITERIA
from agents.strategy import N_ARMS, Strategy, StrategyParams

US, MX, PRESSURE, PORTS = range(N_ARMS)
PLACES = np.array([k in (1, 2) for k in range(15)])
EVEN = np.full(4, 100.0)
#: Changes of log criteria by arm (rows) at a pull of 1. Effort in the U.S. raises apprehensions and
#: lowers got-aways a little. Effort in Mexico lowers both, because fewer people arrive.
EFFECTS = np.array(
    [
        [0.15, -0.15, 0.05, 0.0],
        [-0.4, -0.35, -0.1, 0.0],
        [-0.05, -0.05, 0.0, 0.05],
        [0.0, 0.05, 0.0, 0.6],
    ]
)


def build(make_environment, *, seed=1, warm=8, dollars=300e6, judged_by="got_aways", **params):
    """Return an environment after its warm-up and its strategy."""
    environment = make_environment(seed=seed, recording=False)
    agent = Strategy(environment, StrategyParams(**params))
    for _ in range(warm):
        environment.today += 91
        agent.advance_quarter(EVEN)
    environment.recording = True
    environment.levers.strategy[0] = dollars
    environment.levers.criterion[CRITERIA.index(judged_by)] = 1.0
    return environment, agent


def outcome(agent, dollars):
    """Return the criteria under the current split of dollars, given EFFECTS."""
    return EVEN * np.exp((agent.effect(dollars * agent.share)[:, None] * EFFECTS).sum(axis=0))


def simulate(environment, agent, quarters):
    """Simulate quarters in which EFFECTS determine the criteria."""
    for _ in range(quarters):
        environment.today += 91
        agent.advance_quarter(outcome(agent, float(environment.levers.strategy[0])))
    return agent


def lever_changes(environment, agent, **options):
    """Return the change of each lever that the strategy sets, by name."""
    before = environment.levers.copy()
    agent.pull(environment.levers, PLACES, **options)
    return {
        n: a - before[n] for n, a in environment.levers.copy().items() if (a != before[n]).any()
    }


# ---- levers -------------------------------------------------------------------------------------


def test_without_money_no_lever_is_set_and_the_history_is_reset(make_environment):
    environment, agent = build(make_environment)
    fresh = dict(vars(agent))
    simulate(environment, agent, 10)
    environment.levers.strategy[0] = 0.0
    environment.today += 91
    agent.advance_quarter(EVEN * 3.0)
    assert not lever_changes(environment, agent)
    assert set(vars(agent)) == set(fresh)
    for name, value in vars(agent).items():
        assert value is fresh[name] or np.array_equal(value, fresh[name]), name


# ---- learning -----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(5))
def test_with_got_aways_as_criterion_the_best_arm_is_learnt(make_environment, seed):
    environment, agent = build(make_environment, seed=seed)
    simulate(environment, agent, 40)
    assert agent.weight.argmax() == MX and agent.weight[MX] > 0.4


@pytest.mark.parametrize("seed", range(5))
def test_with_apprehensions_as_criterion_got_aways_rise_with_them(make_environment, seed):
    environment, agent = build(make_environment, seed=seed, judged_by="apprehensions")
    at_first = outcome(agent, 300e6)
    simulate(environment, agent, 40)
    agent.probed = -1
    at_last = outcome(agent, 300e6)
    stops, got_aways = CRITERIA.index("apprehensions"), CRITERIA.index("got_aways")
    assert agent.weight[MX] < 0.2
    assert at_last[stops] > at_first[stops] and at_last[got_aways] > at_first[got_aways]


@pytest.mark.parametrize(
    ("criterion", "sign"),
    [("apprehensions", 1), ("got_aways", -1), ("deaths", -1), ("seizures", 1)],
)
def test_each_criterion_counts_in_its_direction(make_environment, criterion, sign):
    environment, agent = build(make_environment, judged_by=criterion)
    environment.levers.criterion[:] = [float(name == criterion) for name in CRITERIA]
    assert agent.score(np.ones(4)) == 0.0
    assert np.sign(agent.score(np.full(4, 1.5))) == sign


def test_quarters_are_compared_with_the_same_season(make_environment):
    environment, agent = build(make_environment, warm=0)
    season = [60.0, 140.0, 120.0, 80.0]
    environment.recording = False
    environment.today = 735_000
    for k in range(8):
        agent.advance_quarter(np.full(4, season[k % 4]))
        environment.today += 91
    environment.recording = True
    for k in range(12):
        agent.advance_quarter(np.full(4, season[k % 4]))
        environment.today += 91
    assert agent.weight == pytest.approx(0.25)
