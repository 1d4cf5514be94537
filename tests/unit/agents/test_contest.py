"""The law of detection: monotonicity and exact values."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.arithmetic import exp, log, power
from agents.contest import answered_share, as_hazard, crowded, hazard, probability, strength
from agents.hazards import crowding_ratio, numpy_sum

SHARE = st.floats(0.0, 1.0)
BASE = st.floats(0.0, 10.0)
EFFORT = st.floats(0.0, 5.0)
ETA, CHI, CROWD = st.floats(0.0, 1.0), st.floats(0.0, 2.0), st.floats(0.0, 20.0)
STEADY = 1.0 + 1e-12  # tolerance for the rounding of a power


def q(base, effort, heads, iota, tau, eta, crowd, chi):
    """Return the detection probability of `heads` officers over a base of ten honest officers."""
    ratio = strength(heads, iota, tau) / 10.0
    return float(probability(hazard(base, effort, ratio, eta, crowd, chi)))


LAW = {
    "base": BASE,
    "effort": EFFORT,
    "heads": st.floats(0.0, 500.0),
    "iota": SHARE,
    "tau": SHARE,
    "eta": ETA,
    "crowd": CROWD,
    "chi": CHI,
}
MORE = {"base": 10.0, "effort": 5.0, "heads": 500.0, "iota": 1.0, "tau": 1.0}


@pytest.mark.parametrize("name", MORE)
@given(st.fixed_dictionaries(LAW), SHARE)
def test_detection_never_falls_when_one_of_its_causes_rises(name, at, share):
    more = at | {name: at[name] + share * (MORE[name] - at[name])}
    assert q(**at) <= q(**more) * STEADY


@given(BASE, ETA, CHI)
def test_the_base_year_has_exactly_the_base_hazard(base, eta, chi):
    assert hazard(base, 1.0, 1.0, eta, 1.0, chi) == base
    assert (hazard(np.full(3, base), np.ones(3), np.ones(3), eta, np.ones(3), chi) == base).all()


@given(st.floats(0.0, 15.0))
def test_as_hazard_is_the_inverse_of_probability(h):
    assert as_hazard(probability(h)) == pytest.approx(h, rel=1e-6, abs=1e-15)


@given(st.floats(0.0, 1e3), st.floats(0.0, 1e3))
def test_the_answered_share_falls_with_load_but_the_number_does_not(load, more):
    assert 0.0 < answered_share(load + more) <= answered_share(load) <= 1.0
    assert load * answered_share(load) <= (load + more) * answered_share(load + more) * STEADY
    assert load * answered_share(load) < 1.0  # the answered load is below the capacity


@given(
    base=st.floats(1e-3, 5.0),
    effort=st.floats(0.01, 20.0),
    times=st.floats(1.01, 20.0),
    ratio=st.floats(0.01, 20.0),
    eta=ETA,
    returns=st.floats(0.0, 1.2),
)
def test_the_hazard_has_the_declared_elasticities_of_tempo_and_staff(
    base, effort, times, ratio, eta, returns
):
    """A tempo k times as high multiplies the hazard by k**returns, k times the staff by k**eta."""
    once = hazard(base, effort, ratio, eta, 1.0, 0.03, returns)
    faster = hazard(base, times * effort, ratio, eta, 1.0, 0.03, returns)
    larger = hazard(base, effort, times * ratio, eta, 1.0, 0.03, returns)
    assert np.log(faster / once) / np.log(times) == pytest.approx(returns, abs=1e-6)
    assert np.log(larger / once) / np.log(times) == pytest.approx(eta, abs=1e-6)


def test_crowding_lowers_a_hazard_up_to_an_excess_of_three():
    crowding = np.array([0.0, 1.0, 1.5, 4.0, 4.1, 100.0])
    excess = np.array([0.0, 0.0, 0.5, 3.0, 3.0, 3.0])
    assert crowded(0.8, crowding, 0.25) == pytest.approx(0.8 / (1.0 + 0.25 * excess))


def test_crowding_is_the_ratio_of_sums_and_one_without_a_baseline():
    flow, baseline = np.arange(12.0).reshape(4, 3), np.full((4, 3), 2.0)
    baseline[3] = 0.0
    ratio = crowding_ratio(flow, baseline, 1, 3, np.array([1, -1, 1, 0]), 3)
    assert ratio.tolist() == [1.0, (1 + 2 + 7 + 8) / 8.0, 1.0]


@pytest.mark.parametrize("size", [0, 5, 8, 9, 17, 81, 128, 129, 300, 1000])
def test_a_sum_equals_the_sum_of_numpy_to_the_last_bit(size):
    values = np.random.default_rng(size).lognormal(0.0, 9.0, size)
    assert numpy_sum(values) == np.add.reduce(values)


def test_array_functions_equal_the_math_module_to_the_last_bit():
    x = np.random.default_rng(3).lognormal(0.0, 1.0, (40, 50))
    for of_array, of_number in (
        (exp, math.exp),
        (log, math.log),
        (probability, lambda h: -math.expm1(-h)),
    ):
        assert of_array(x).tolist() == [[of_number(v) for v in row] for row in x.tolist()]
    assert power(x, 0.3).tolist() == [[v**0.3 for v in row] for row in x.tolist()]
    assert (power(x, 0.5) == np.sqrt(x)).all() and (power(x, -1.0) == 1.0 / x).all()
