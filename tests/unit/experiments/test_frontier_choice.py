"""Portfolio choice compared with an explicit loop, and rate summaries with failed runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.studies.ask.exchange_rate import Frontier, summarise_rates

NAN = math.nan


def chosen(reach: np.ndarray) -> np.ndarray:
    """Return the number of the portfolio in use by charge and draw, counted from 1; 0 if none."""
    pick = np.zeros(reach.shape, int)
    for draw in range(reach.shape[1]):
        best, mean = 0, 0.0
        for place, row in enumerate(reach, 1):
            others = [v for k, v in enumerate(row) if k != draw and not math.isnan(v)]
            # A single draw uses the last portfolio.
            score = sum(others) / len(others) if others else 1.0 + place
            if score > mean + 1e-12:
                best, mean = place, score
            pick[place - 1, draw] = best
    return pick


@pytest.mark.parametrize("draws", [1, 2, 3, 4, 7])
@pytest.mark.parametrize("failed", [0.0, 0.4])
def test_a_charge_uses_the_portfolio_with_the_best_mean_over_the_other_complete_draws(
    draws: int, failed: float
):
    rng = np.random.default_rng(100 * draws + round(10 * failed))
    charge = np.array([1e8, 2e8, 2e8, 5e8, 9e8])
    for _ in range(30):
        reach = rng.uniform(-0.2, 0.4, (5, draws))
        reach[rng.uniform(size=reach.shape) < failed] = NAN
        front, pick = Frontier(charge, reach), chosen(reach)
        with_none = np.vstack([np.zeros(draws), reach])
        best = [[with_none[place, k] for k, place in enumerate(pick[row])] for row in (0, 2, 3, 4)]
        assert np.array_equal(front.best, np.array(best), equal_nan=True)
        assert front.used.tolist() == (pick[-1] - 1).tolist()
        assert front.paid.tolist() == np.append(0.0, charge)[pick[-1]].tolist()


def test_a_portfolio_that_is_not_better_is_not_bought():
    same = Frontier(np.array([1.0, 2.0, 3.0]), np.full((3, 4), 0.25))
    assert same.used.tolist() == [0] * 4 and same.paid.tolist() == [1.0] * 4
    harm = Frontier(np.array([1.0, 2.0]), np.full((2, 4), -0.25), places=[7, 8])
    assert harm.used.tolist() == [-1] * 4 and harm.paid.tolist() == [0.0] * 4
    rows = np.outer([0.1, 0.2, 0.3], np.ones(4))
    rising = Frontier(np.array([1.0, 2.0, 3.0]), rows, places=[7, 8, 9])
    assert rising.used.tolist() == [9] * 4 and rising.paid.tolist() == [3.0] * 4


def test_a_draw_in_which_any_portfolio_of_the_frontier_failed_has_no_dollars():
    reach = np.array([[NAN, 0.1, 0.1, 0.1], [0.3, 0.3, 0.3, 0.3]])
    result = Frontier(np.array([1.0, 4.0]), reach).dollars(np.full(4, 0.2))
    assert math.isnan(result[0]) and np.isfinite(result[1:]).all()


# ---- summaries ----------------------------------------------------------------------------------


def falls(*levels: float) -> np.ndarray:
    """Return the reach of portfolios in four equal draws."""
    return np.repeat(np.array(levels)[:, None], 4, axis=1)


def test_no_figure_of_the_summary_contains_a_draw_with_a_failed_run():
    us_reach, our_reach = falls(0.05, 0.1, 0.4), falls(0.1)
    us_reach[1, 1] = our_reach[0, 2] = NAN
    ours = Frontier(np.array([2.0]), our_reach)
    result = summarise_rates(ours, Frontier(np.array([2.0, 3.0, 8.0]), us_reach))
    for figure in (result.rates, result.equal, result.beyond):
        assert np.isnan(figure).tolist() == [False, True, True, False]
    assert not result.inert.any() and result.draws == 2
