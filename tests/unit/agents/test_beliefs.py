"""Beliefs are exact posterior means of a Beta prior, with exponential forgetting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.beliefs import HARMED, PASSED, STOPPED, Beliefs

LEGS = 4
COUNTS = st.lists(st.integers(0, 5_000), min_size=LEGS * 3, max_size=LEGS * 3).map(
    lambda counts: np.array(counts).reshape(LEGS, 3)
)
PRIOR = st.lists(st.floats(0.0, 1.0), min_size=LEGS, max_size=LEGS).map(np.array)
WEIGHT = st.floats(150.0, 5_000.0)


def learnt(news, weight=500.0, half_life=90.0, believers=2):
    """Return beliefs after one week of reports to believer 0."""
    new_reports = np.zeros((believers, LEGS, 3), np.int64)
    new_reports[0] = news
    beliefs = Beliefs(new_reports, weight, half_life)
    beliefs.learn()
    return beliefs


@given(COUNTS, PRIOR, WEIGHT)
def test_the_probability_of_a_stop_is_the_beta_posterior_mean(news, prior, weight):
    beliefs = learnt(news, weight)
    a, b = weight * prior + news[:, STOPPED], weight * (1.0 - prior) + news[:, PASSED]
    assert beliefs.stop(0, prior) == pytest.approx(a / (a + b), rel=1e-12)


@given(COUNTS, PRIOR, WEIGHT)
def test_the_probability_of_harm_is_the_beta_posterior_mean_over_all_reports(news, prior, weight):
    beliefs = learnt(news, weight)
    a = weight * prior + news[:, HARMED]
    b = weight * (1.0 - prior) + news[:, PASSED] + news[:, STOPPED]
    assert beliefs.harm(0, prior) == pytest.approx(a / (a + b), rel=1e-12)


@given(PRIOR, WEIGHT)
def test_without_reports_the_belief_is_the_prior(prior, weight):
    beliefs = learnt(np.zeros((LEGS, 3)), weight)
    assert beliefs.stop(1, prior) == pytest.approx(prior, rel=1e-12, abs=1e-300)
    assert beliefs.harm(1, prior) == pytest.approx(prior, rel=1e-12, abs=1e-300)


@given(COUNTS, PRIOR, WEIGHT)
def test_the_prior_has_the_weight_of_its_number_of_persons(news, prior, weight):
    # as many stopped persons as the weight of the prior: halfway between the prior and certainty
    news[:, PASSED], news[:, STOPPED] = 0, 1_000
    beliefs = learnt(news, 1_000.0)
    assert beliefs.stop(0, prior) == pytest.approx((prior + 1.0) / 2.0)
    heavier = learnt(news, 1_000.0 + weight)
    assert (heavier.stop(0, prior) <= beliefs.stop(0, prior) + 1e-12).all()


@given(COUNTS, PRIOR, st.sampled_from([1, 10, 100]))
def test_a_row_of_n_persons_weighs_as_n_rows_of_one(news, prior, scale):
    coarse = learnt(news * scale)
    new_reports = np.zeros((2, LEGS, 3), np.int64)
    fine = Beliefs(new_reports, 500.0, 90.0)
    for _ in range(scale):
        new_reports[0] += news
    fine.learn()
    assert (coarse.stop(0, prior) == fine.stop(0, prior)).all()
    assert (coarse.harm(0, prior) == fine.harm(0, prior)).all()


@given(COUNTS, st.integers(1, 20))
def test_counts_halve_in_a_half_life(news, weeks):
    beliefs = learnt(news, half_life=7.0 * weeks)
    for _ in range(weeks):
        beliefs.learn()
    assert beliefs.counts[0] == pytest.approx(news / 2.0, rel=1e-12)


@given(st.lists(COUNTS, min_size=1, max_size=6), st.floats(30.0, 720.0))
def test_counts_are_the_weeks_discounted_by_their_age(weeks, half_life):
    new_reports = np.zeros((2, LEGS, 3), np.int64)
    beliefs = Beliefs(new_reports, 500.0, half_life)
    for news in weeks:
        new_reports[0] = news
        beliefs.learn()
        assert not new_reports.any()
    ages = 7.0 * np.arange(len(weeks))[::-1]
    expected = sum(news * 0.5 ** (age / half_life) for news, age in zip(weeks, ages, strict=True))
    assert beliefs.counts[0] == pytest.approx(expected, rel=1e-9)
    assert not beliefs.counts[1].any()


@given(COUNTS, PRIOR)
def test_a_splinter_inherits_beliefs_and_then_learns_independently(news, prior):
    beliefs = learnt(news)
    beliefs.inherit(1, 0)
    assert (beliefs.stop(1, prior) == beliefs.stop(0, prior)).all()
    beliefs.new_reports[0] = 50
    beliefs.learn()
    assert beliefs.counts[0] - beliefs.counts[1] == pytest.approx(np.full((LEGS, 3), 50.0))


@given(COUNTS, PRIOR)
def test_a_new_organisation_starts_with_the_prior_without_reports_of_the_week(news, prior):
    beliefs = learnt(news)
    beliefs.new_reports[0] = news
    beliefs.forget(0)
    beliefs.learn()
    assert not beliefs.counts[0].any()
    assert beliefs.stop(0, prior) == pytest.approx(prior, rel=1e-12, abs=1e-300)


@given(COUNTS, PRIOR, WEIGHT, st.integers(1, 500))
def test_belief_rises_with_stops_and_falls_with_passages(news, prior, weight, more):
    before = learnt(news, weight).stop(0, prior)
    for kind, sign in ((STOPPED, 1.0), (PASSED, -1.0)):
        extra = news.copy()
        extra[:, kind] += more
        change = learnt(extra, weight).stop(0, prior) - before
        assert (sign * change >= -1e-12).all()
