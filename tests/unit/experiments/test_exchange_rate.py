"""The exchange rate: known rates of worlds are recovered within their interval."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.studies.ask.exchange_rate import Frontier, summarise_rates
from experiments.studies.ask.verdict import MIN_FALL

LADDER = 1e6 * np.array([100.0, 250.0, 500.0, 1000.0, 2000.0, 4000.0, 8000.0, 21_000.0])
BUDGETS = LADDER[:4]
DRAWS = 60


def log_law(dollars: np.ndarray, gain: float = 0.08) -> np.ndarray:
    """Return the relative fall by dollars, with logarithmic returns."""
    return -np.expm1(-gain * np.log1p(dollars / 1e8))


def power_law(dollars: np.ndarray) -> np.ndarray:
    """Return the relative fall by dollars, with a power law that no logarithm describes."""
    return -np.expm1(-0.15 * (dollars / 1e9) ** 0.6)


def within(frontier: Frontier, place: int) -> Frontier:
    """Return the portfolios of a frontier up to the budget at a place."""
    return Frontier(frontier.charge[: place + 1], frontier.reach[: place + 1])


def noisy(reach: np.ndarray, rng: np.random.Generator, noise: float) -> np.ndarray:
    """Return the reach of portfolios, shape (n, draws), with independent noise of every run."""
    return 1.0 - (1.0 - reach) * np.exp(noise * rng.standard_normal(reach.shape))


def world(rate: float | np.ndarray, law=log_law, *, noise: float = 0.0, seed: int = 1):
    """Return the frontiers of both countries together and of the United States alone.

    A dollar of both together reaches as much as `rate` dollars of the United States alone. The
    rate is a number for all draws or an array by draw.
    """
    rng = np.random.default_rng(seed)
    rates = np.broadcast_to(rate, DRAWS)
    both = law(BUDGETS[:, None] * rates)
    us = np.repeat(law(LADDER)[:, None], DRAWS, axis=1)
    return (Frontier(BUDGETS, noisy(both, rng, noise)), Frontier(LADDER, noisy(us, rng, noise)))


# ---- worlds with a known rate --------------------------------------------------------------------


@pytest.mark.parametrize("law", [log_law, power_law])
@pytest.mark.parametrize("rate", [0.5, 1.0, 1.7, 3.0, 6.0])
def test_a_known_rate_is_recovered_without_noise(rate: float, law):
    both, us = world(rate, law)
    for place in range(len(BUDGETS)):
        if BUDGETS[place] * rate >= LADDER[0]:  # below it, the frontier is linear
            assert np.allclose(summarise_rates(within(both, place), us).rates, rate, rtol=0.05)


@pytest.mark.parametrize(("inert", "median"), [(0, 3.0), (20, 3.0), (29, 3.0), (31, 0.0)])
def test_inert_draws_are_part_of_the_median(inert: int, median: float):
    """A programme without effect in most draws does not have the median of its good draws."""
    both, us = world(3.0)
    reach = both.reach.copy()
    reach[:, :inert] = 0.5 * MIN_FALL
    summary = summarise_rates(within(Frontier(BUDGETS, reach), 2), us)
    assert summary.median == pytest.approx(median, rel=0.05) and summary.draws == DRAWS
    assert summary.share_inert == inert / DRAWS and not np.isnan(summary.rates).any()
    assert summary.median90[0] <= summary.median <= summary.median90[1]


# ---- laws ----------------------------------------------------------------------------------------

# Levels have steps of 0.001, because a rise below rounding errors has no inverse.
reaches = st.lists(
    st.integers(-200, 900).map(lambda level: level / 1000),
    min_size=len(LADDER),
    max_size=len(LADDER),
)


@given(reaches, st.floats(1e6, 3e10))
def test_dollars_invert_a_rising_frontier(levels: list[float], dollars: float):
    frontier = Frontier(LADDER, np.sort(levels)[:, None])
    reach = frontier.at(dollars)
    cheapest = frontier.dollars(reach)
    if reach[0] > 1e-9:
        assert cheapest[0] <= dollars * (1.0 + 1e-6)
        assert frontier.at(float(cheapest[0]))[0] == pytest.approx(reach[0], abs=1e-6)


@pytest.mark.parametrize("portfolios", [2, 8, 40])
def test_the_number_of_portfolios_does_not_raise_the_reach_of_a_side(portfolios: int):
    """All portfolios have the same effect, with noise of 3 % per run."""
    rng, true, noise, worlds, draws = np.random.default_rng(7), 0.15, 0.03, 400, 20
    charge = np.geomspace(1e8, 2e10, portfolios)
    best = np.array(
        [
            Frontier(charge, true + noise * rng.standard_normal((portfolios, draws))).best[-1]
            for _ in range(worlds)
        ]
    )
    error = best.mean(axis=1).std() / math.sqrt(worlds)
    assert abs(best.mean() - true) < 4.0 * error < 0.02 * true


@pytest.mark.parametrize("portfolios", [8, 16, 32])
def test_the_number_of_portfolios_does_not_lower_the_rate(portfolios: int):
    """The noise of 3 % per run exceeds the step between two of many portfolios."""
    rng, charge, rates = np.random.default_rng(8), np.geomspace(1e8, 2e10, portfolios), []
    both = Frontier(np.array([5e8]), np.full((1, DRAWS), log_law(np.array([1e9]))[0]))
    for _ in range(60):
        us = np.repeat(log_law(charge)[:, None], DRAWS, axis=1)
        rates.append(
            summarise_rates(within(both, 0), Frontier(charge, noisy(us, rng, 0.03))).median
        )
    assert np.mean(rates) == pytest.approx(2.0, rel=0.05)


@pytest.mark.parametrize("dollars", [1e8, 5e8, 1e9])
def test_two_countries_like_the_united_states_have_the_rate_of_equal_countries(dollars: float):
    """With the law of the frontier, each half reaches log_law(dollars / 2)."""
    us = Frontier(LADDER, np.repeat(log_law(LADDER)[:, None], DRAWS, axis=1))
    both = Frontier(np.array([dollars]), np.full((1, DRAWS), 0.3))
    result = summarise_rates(both, us)
    true = 1e8 * ((1.0 + 0.5 * dollars / 1e8) ** 2 - 1.0) / dollars
    assert np.median(result.equal) == pytest.approx(true, rel=0.05) and true > 1.0
    assert result.share_beyond == 1.0
    nothing = summarise_rates(Frontier(np.array([dollars]), np.full((1, DRAWS), 0.01)), us)
    assert nothing.share_beyond == 0.0 and nothing.share_inert == 1.0


@given(reaches, st.floats(0.02, 0.8), st.floats(1.0, 2.0))
def test_more_reach_never_costs_less(levels: list[float], target: float, more: float):
    frontier = Frontier(LADDER, np.array([levels, levels]).T)
    low, high = frontier.dollars(np.array([target, target * more]))
    assert low <= high
