"""Deployment over zones: comparison with explicit zones and with the best distribution."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import minimize

from agents.agency_params import BorderPatrolParams
from agents.contest import ContestParams
from agents.deployment import detected, explained, hazard_ratio
from agents.levers import Levers

ZONES = 400_000
OWN = BorderPatrolParams(map_noise=0.35, map_lag=28.0)
SHARES = st.floats(0.0, 1.0)
EVEN = st.lists(st.floats(1e-6, 5.0), min_size=1, max_size=4).map(np.array)
SHAPES = st.builds(
    ContestParams,
    eta=SHARES,
    zone_spread=st.floats(0.0, 1.2),
    zone_days=st.floats(1.0, 730.0),
    concentration=st.floats(0.0, 2.0),
    avoidance=st.floats(0.0, 5.0),
)


def ratios(shape, hazards=(2.06, 0.03), **values):
    """Return the hazard ratios after setting the first entry of each named lever."""
    levers = Levers(sectors=9, places=1, legs=1)
    for name, value in values.items():
        getattr(levers, name)[0] = value
    return hazard_ratio(shape, OWN, hazards, levers)


def explicit(shape, even, noise, lag, leak, officers=2_000.0):
    """Return the mean detection over explicit zones at the best of eleven exponents."""
    rng = np.random.default_rng(7)
    then, shock, error = rng.standard_normal((3, ZONES))
    rho = math.exp(-lag / shape.zone_days)
    flow = np.exp(shape.zone_spread * (rho * then + math.sqrt(1.0 - rho**2) * shock))
    perceived = shape.zone_spread * then + noise * error
    slope = rho * shape.zone_spread**2 / (shape.zone_spread**2 + noise**2)
    means = []
    for k in np.linspace(0.0, shape.concentration, 11):
        agents = np.exp(k * slope * perceived)
        agents *= officers / agents.sum()
        assert agents.sum() == pytest.approx(officers, rel=1e-12)  # agents are conserved
        density = agents * ZONES / officers
        informed = flow * density**-shape.avoidance
        stopped = -np.expm1(-even * density**shape.eta)
        means.append([float((f * stopped).sum() / f.sum()) for f in (flow, informed)])
    secret, leaked = max(means)
    return (1.0 - leak) * secret + leak * leaked


@pytest.mark.parametrize(("noise", "lag", "leak"), [(0, 0, 0), (0.35, 28, 0), (0.6, 10, 0.4)])
@pytest.mark.parametrize("even", [0.05, 2.0])
def test_detection_equals_the_detection_of_explicit_zones(even, noise, lag, leak):
    shape = ContestParams(zone_spread=0.8)
    share = explained(shape, noise, lag)
    expected = explicit(shape, even, noise, lag, leak)
    assert detected(shape, np.array([even]), share, leak) == pytest.approx(expected, rel=0.01)


@pytest.mark.parametrize("eta", [0.3, 0.7])
def test_a_perfect_map_of_few_persons_gives_the_best_distribution(eta):
    """At low hazards, agents in proportion to flow ** (1 / (1 - eta)) maximise the stops."""
    flow = np.exp(0.4 * np.random.default_rng(3).standard_normal(60))
    flow /= flow.sum()

    def stopped(weights):
        density = np.exp(weights - weights.max())
        density *= len(flow) / density.sum()
        return float((flow * density**eta).sum())

    best = -minimize(lambda w: -stopped(w), np.zeros(len(flow)), method="BFGS").fun
    assert stopped(np.log(flow) / (1.0 - eta)) == pytest.approx(best, rel=1e-6)
    shape = ContestParams(eta=eta, zone_spread=0.4, concentration=5.0)
    limit = math.exp(0.5 * eta / (1.0 - eta) * 0.4**2)  # the maximum for infinitely many zones
    assert detected(shape, np.array([1e-5]), 1.0)[0] / 1e-5 == pytest.approx(limit, rel=1e-3)


@given(SHAPES, EVEN, SHARES, SHARES)
def test_a_better_map_never_lowers_detection_without_leaks(shape, even, share, other_share):
    """Agents can ignore a part of a better map.

    The tolerance of 0.1 % is for the finite number of exponents.
    """
    worse, better = (detected(shape, even, x) for x in sorted((share, other_share)))
    assert (better >= worse * (1.0 - 1e-3)).all()
    assert (worse >= -np.expm1(-even) * (1.0 - 1e-9)).all()


def test_ratios_are_one_without_policies_or_without_deployment():
    """Without deployment, agents are spread evenly or flows never shift."""
    assert (ratios(ContestParams()) == 1.0).all()
    for shape in (ContestParams(concentration=0.0), ContestParams(zone_spread=0.0)):
        assert (ratios(shape, map_noise=0.9, map_lag=0.9, leak=1.0) == 1.0).all()


def test_ratios_follow_the_map_with_decreasing_returns_and_fall_with_leaks():
    shape = ContestParams()
    half, full = (ratios(shape, map_noise=x) - 1.0 for x in (0.45, 0.9))
    assert (half > 0.0).all() and (full > half).all() and (full < 2.0 * half).all()
    assert (ratios(shape, map_noise=0.9, leak=1.0) < 1.0).all()
    assert (ratios(shape, map_noise=-1.0, map_lag=-1.0) < 1.0).all()  # the end of cooperation
