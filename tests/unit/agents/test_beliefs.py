"""Beliefs are exact posterior means of a Beta prior, with exponential forgetting."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from agents.plans import HARMED, PASSED, STOPPED, Beliefs

LEGS = 4
COUNTS = st.lists(st.integers(0, 5_000), min_size=LEGS * 3, max_size=LEGS * 3).map(
    lambda counts: np.array(counts).reshape(LEGS, 3)
)
PRIOR = st.lists(st.floats(0.0, 1.0), min_size=LEGS, max_size=LEGS).map(np.array)
WEIGHT = st.floats(150.0, 5_000.0)


def beliefs_after(news, weight=500.0, half_life=90.0, believers=2):
    """Return beliefs after one week of reports to believer 0."""
    new_reports = np.zeros((believers, LEGS, 3), np.int64)
    new_reports[0] = news
    beliefs = Beliefs(new_reports, weight, half_life)
    beliefs.learn()
    return beliefs


def believed_risks(beliefs, prior, believer=0):
    """Return the believed probabilities of a stop and of harm by leg, with one prior for both."""
    return beliefs.of(np.array([believer]), np.zeros(1, int), np.array([[prior, prior]]))[0]


@given(COUNTS, PRIOR, WEIGHT)
def test_the_probabilities_of_stop_and_harm_are_beta_posterior_means(news, prior, weight):
    stop, harm = believed_risks(beliefs_after(news, weight), prior)
    a, b = weight * prior + news[:, STOPPED], weight * (1.0 - prior) + news[:, PASSED]
    assert stop == pytest.approx(a / (a + b), rel=1e-12)
    a = weight * prior + news[:, HARMED]
    b = weight * (1.0 - prior) + news[:, PASSED] + news[:, STOPPED]
    assert harm == pytest.approx(a / (a + b), rel=1e-12)


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
    beliefs = beliefs_after(news)
    beliefs.inherit(1, 0)
    assert (believed_risks(beliefs, prior, 1) == believed_risks(beliefs, prior)).all()
    beliefs.new_reports[0] = 50
    beliefs.learn()
    assert beliefs.counts[0] - beliefs.counts[1] == pytest.approx(np.full((LEGS, 3), 50.0))


@given(COUNTS, PRIOR)
def test_a_new_organisation_starts_with_the_prior_without_reports_of_the_week(news, prior):
    beliefs = beliefs_after(news)
    beliefs.new_reports[0] = news
    beliefs.forget(0)
    beliefs.learn()
    assert not beliefs.counts[0].any()
    assert believed_risks(beliefs, prior)[0] == pytest.approx(prior, rel=1e-12, abs=1e-300)
