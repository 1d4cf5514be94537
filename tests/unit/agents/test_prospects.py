"""Probabilities of eventual success and their utility, compared with closed forms."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.migrants.prospects import (
    ARRIVE,
    eventual_success,
    expected_utility,
    perceived_success,
    prelec,
    retry_probability,
)
from agents.outcomes import Consequence

SHARE = st.floats(0.0, 1.0)


# ---- eventual success ---------------------------------------------------------------------------


@given(SHARE, SHARE, SHARE, SHARE, SHARE, st.integers(1, 6))
def test_eventual_success_is_the_sum_over_attempts(arrive, split, release, again_us, again_mx, n):
    mexico = (1.0 - arrive) * split
    us = max(0.0, 1.0 - arrive - mexico)
    success, on = arrive + us * release, us * (1.0 - release) * again_us + mexico * again_mx
    expected = sum(success * on**k for k in range(n))
    assert eventual_success(arrive, mexico, release, again_us, again_mx, n) == pytest.approx(
        expected
    )


@given(SHARE, SHARE, SHARE, SHARE, st.integers(0, 2))
def test_perceived_success_weighs_beliefs_and_prior_at_the_release_of_today(
    make_records, k, learnt, prior, release, kind
):
    records = make_records().be(origin=1, group=1, kind=kind, knowledge=k, place=0)
    params, legs = records.kernel_params, records.leg_state
    params["release_view"][records.nation, kind] = release
    legs.expected_outcomes[5, ARRIVE, 0], legs.prior[4, ARRIVE, 0] = learnt, prior
    again = float(params["again_us"][records.nation, kind])
    both = [eventual_success(arrive, 0.0, release, again, 0.0, 2) for arrive in (learnt, prior)]
    weight = float(records.person["knowledge"])
    value = perceived_success(records.person, 5, 4, 2, legs.records[0], params)
    assert value == pytest.approx(weight * both[0] + (1.0 - weight) * both[1])


# ---- utility ------------------------------------------------------------------------------------


@given(SHARE, SHARE, st.floats(0.2, 1.0))
def test_prelec_weights_preserve_bounds_order_and_fixed_point(p, other, alpha):
    assert prelec(0.0, alpha) == 0.0 and prelec(1.0, alpha) == 1.0
    assert prelec(1.0 / np.e, alpha) == pytest.approx(1.0 / np.e)
    low, high = sorted((p, other))
    assert prelec(low, alpha) <= prelec(high, alpha) * (1.0 + 1e-12)
    assert prelec(p, 1.0) == pytest.approx(p, rel=1e-9, abs=1e-300)


@given(SHARE, st.integers(0, 1), st.floats(0.0, 20_000.0), st.floats(0.0, 9_000.0))
def test_expected_utility_is_expected_gain_less_loss_and_fee(
    make_records, chance, group, paid, barred
):
    """A removal also costs the person the chance of a visa."""
    records = make_records()
    records.be(origin=group, group=group, kind=2)
    records.kernel_params["bar_loss"][records.nation, 2] = barred
    m = records.settings.migrants
    value = chance * m.gain[group] - (1.0 - chance) * (m.loss[group] + barred) - paid
    arguments = records.person, paid, records.kernel_params
    assert expected_utility(chance, *arguments) == pytest.approx(value, rel=1e-9, abs=1e-9)


@given(SHARE, st.integers(0, 1), st.floats(0.0, 12_000.0))
def test_prospect_theory_without_weighting_and_loss_aversion_is_expected_utility(
    make_records, chance, group, paid
):
    records = make_records()
    records.be(origin=group, group=group, kind=0)
    plain, p = records.kernel_params, records.person
    twist = {"theory": "prospect", "prelec_alpha": 1.0, "loss_aversion": 1.0}
    value = expected_utility(chance, p, paid, make_records(migrants=twist).kernel_params)
    assert value == pytest.approx(expected_utility(chance, p, paid, plain), rel=1e-9, abs=1e-6)
    averse = make_records(migrants=twist | {"loss_aversion": 2.25}).kernel_params
    extra = 1.25 * (1.0 - chance) * (plain["loss"][group] + paid)
    assert expected_utility(chance, p, paid, averse) == pytest.approx(
        value - extra, rel=1e-9, abs=1e-6
    )


# ---- trying again -------------------------------------------------------------------------------
@given(st.floats(0.01, 0.99), SHARE, SHARE, SHARE, st.integers(1, 9))
def test_the_retry_probability_is_logit_around_its_base(make_records, base, k, learnt, prior, n):
    records = make_records().one_attempt()
    records.be(origin=1, group=1, kind=1, surrender=1, place=0, knowledge=k)
    records.be(consequence=int(Consequence.REMOVAL), caught=n)
    records.kernel_params["retry"][int(Consequence.REMOVAL), records.nation] = base
    records.be(route=records.solo_row(1))
    records.leg_state.expected_outcomes[records.solo_row(1), ARRIVE, 0] = learnt
    records.leg_state.prior[records.solo_row(0), ARRIVE, 0] = prior
    m = records.settings.migrants
    better = float(records.person["knowledge"]) * (learnt - prior) * (m.gain[1] + m.loss[1]) / 1e4
    logit = np.log(base / (1.0 - base)) + m.retry_value_slope * better
    logit -= m.retry_fatigue * (n - 1)
    chance = retry_probability(records.person, records.leg_state.records[0], records.kernel_params)
    assert chance == pytest.approx(1.0 / (1.0 + np.exp(-logit)), rel=1e-6)
