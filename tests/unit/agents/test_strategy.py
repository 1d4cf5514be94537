"""The adaptive strategy: levers, learning, and a criterion that differs from the goal."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.labels import CRITERIA
from agents.strategy import ARMS, N_ARMS, Strategy, StrategyParams

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
        found.quarter(EVEN)
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
        found.quarter(outcome(found, float(environment.levers.strategy[0])))
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
    found.quarter(EVEN * 3.0)
    assert not pulled(environment, found)
    assert set(vars(found)) == set(fresh)
    for name, value in vars(found).items():
        assert value is fresh[name] or np.array_equal(value, fresh[name]), name


def test_an_even_split_sets_the_lever_of_each_arm(make_environment):
    environment, found = made(make_environment)
    changed = pulled(environment, found)
    p, dollars = found.params, 75e6
    expected = [m * dollars / (dollars + h) for m, h in zip(p.most, p.half, strict=True)]
    assert set(changed) == set(ARMS)
    assert [float(changed[arm].max()) for arm in ARMS] == pytest.approx(expected)
    assert changed["us_effort"].min() > 0.0
    assert ((changed["mx_effort"] > 0.0) == PLACES).all()


@given(st.floats(1e3, 1e10), st.floats(1.001, 10.0))
def test_effects_of_money_rise_with_decreasing_returns(make_environment, dollars, more):
    _, found = made(make_environment, warm=0)
    small, large = found.effect(np.full(4, dollars)), found.effect(np.full(4, dollars * more))
    assert (small < large).all() and (large < small * more).all()
    assert (large < np.array(found.params.most)).all()


@given(st.floats(0.0, 1.0))
def test_the_mexican_arm_is_scaled_by_cooperation(make_environment, cooperation):
    environment, found = made(make_environment)
    full, part = pulled(environment, found), pulled(environment, found, cooperation=cooperation)
    assert part.get("mx_effort", np.zeros(15)) == pytest.approx(full["mx_effort"] * cooperation)
    assert all((part[arm] == full[arm]).all() for arm in ARMS if arm != "mx_effort")
    assert found.idle(4e6, cooperation) == pytest.approx(1e6 * (1.0 - cooperation))


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


@given(st.integers(0, 1_000), st.integers(0, 40), st.floats(0.0, 0.25), st.floats(0.0, 3.0))
def test_weights_sum_to_one_and_respect_the_floor(make_environment, seed, quarters, floor, rate):
    environment, found = made(make_environment, seed=seed, floor=floor, rate=rate)
    live(environment, found, quarters)
    assert found.weight.sum() == pytest.approx(1.0) and found.share.sum() == pytest.approx(1.0)
    assert (found.weight >= floor * (1.0 - 1e-9)).all()


def test_weights_are_constant_in_a_constant_world(make_environment):
    environment, found = made(make_environment)
    for _ in range(20):
        environment.today += 91
        found.quarter(EVEN)
    assert found.weight == pytest.approx(0.25)
    assert found.share.max() > 0.25  # it still probes


def test_weights_are_constant_without_a_criterion(make_environment):
    environment, found = made(make_environment)
    environment.levers.criterion[:] = 0.0
    live(environment, found, 20)
    assert found.weight == pytest.approx(0.25)


def test_an_arm_that_grew_during_an_improvement_gains_weight(make_environment):
    environment, found = made(make_environment)
    shares = []
    for level in (100.0, 100.0, 50.0):  # got-aways halve in the second quarter that is probed
        shares.append(found.share)
        environment.today += 91
        found.quarter(np.full(4, level))
    moved, gained = shares[2] - shares[1], found.weight - 0.25
    assert moved.any()
    assert (np.sign(gained[moved != 0.0]) == np.sign(moved[moved != 0.0])).all()


@pytest.mark.parametrize(
    ("criterion", "sign"),
    [
        ("apprehensions", 1),
        ("got_aways", -1),
        ("deaths", -1),
        ("seizures", 1),
    ],
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
        found.quarter(np.full(4, season[k % 4]))
        environment.today += 91
    environment.recording = True
    for k in range(12):
        found.quarter(np.full(4, season[k % 4]))
        environment.today += 91
    assert found.weight == pytest.approx(0.25)


def test_a_season_without_a_base_is_compared_with_the_whole_warm_up(make_environment):
    environment, found = made(make_environment, warm=1)  # one quarter of 100
    environment.levers.criterion[:] = [0.0, 1.0, 0.0, 0.0]
    for got_aways in (100.0, 300.0):  # seasons outside the warm-up
        environment.today += 91
        found.quarter(np.full(4, got_aways))
    assert found.weight.min() < 0.2  # it has learnt


def test_a_criterion_ratio_is_capped_at_ten(make_environment):
    runs = []
    for peak in (1_000.0, 1e9):
        environment, found = made(make_environment)
        for level in (100.0, 400.0, peak, 200.0):
            environment.today += 91
            found.quarter(np.full(4, level))
        runs.append(found.weight)
    assert (runs[0] == runs[1]).all() and runs[0].max() > 0.3


def test_without_a_warm_up_every_ratio_is_one(make_environment):
    environment, found = made(make_environment, warm=0)
    live(environment, found, 10)
    assert found.weight == pytest.approx(0.25)


def test_the_probe_depends_on_seed_and_date_alone(make_environment):
    runs = []
    for seed in (3, 3, 4):
        environment, found = made(make_environment, seed=seed)
        probes = []
        for _ in range(12):
            live(environment, found, 1)
            probes.append(found.probed)
        runs.append(probes)
    assert runs[0] == runs[1] != runs[2]
    assert set(runs[0]) | set(runs[2]) == set(range(N_ARMS))
