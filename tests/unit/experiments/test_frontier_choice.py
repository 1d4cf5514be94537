"""Portfolio choice compared with an explicit loop, and rate summaries with failed runs."""

from __future__ import annotations

import math

import numpy as np
import pytest

from experiments.studies.ask.exchange_rate import (
    INERT,
    Frontier,
    RateSummary,
    reach_if_equal,
    summarise_rates,
)

NAN = math.nan


def chosen(reach: np.ndarray) -> np.ndarray:
    """Return the number of the portfolio used, from 1, by charge and draw; 0 if none is used."""
    used = np.zeros(reach.shape, int)
    for draw in range(reach.shape[1]):
        best, mean = 0, 0.0
        for place, row in enumerate(reach, 1):
            others = [v for k, v in enumerate(row) if k != draw and not math.isnan(v)]
            own = sum(others) / len(others) if others else 1.0 + place  # no other draw: use it
            if own > mean + 1e-12:
                best, mean = place, own
            used[place - 1, draw] = best
    return used


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
        front, used = Frontier(charge, reach), chosen(reach)
        with_none = np.vstack([np.zeros(draws), reach])
        best = [[with_none[place, k] for k, place in enumerate(used[row])] for row in (0, 2, 3, 4)]
        assert np.array_equal(front.best, np.array(best), equal_nan=True)
        assert front.used.tolist() == (used[-1] - 1).tolist()
        assert front.paid.tolist() == np.append(0.0, charge)[used[-1]].tolist()


def test_a_portfolio_that_is_not_better_is_not_bought():
    same = Frontier(np.array([1.0, 2.0, 3.0]), np.full((3, 4), 0.25))
    assert same.used.tolist() == [0] * 4 and same.paid.tolist() == [1.0] * 4
    harm = Frontier(np.array([1.0, 2.0]), np.full((2, 4), -0.25), places=[7, 8])
    assert harm.used.tolist() == [-1] * 4 and harm.paid.tolist() == [0.0] * 4
    rising = Frontier.of([3.0, 1.0, 2.0], list(np.outer([0.3, 0.1, 0.2], np.ones(4))), [7, 8, 9])
    assert rising.used.tolist() == [7] * 4 and rising.paid.tolist() == [3.0] * 4


def test_a_draw_in_which_any_portfolio_of_the_frontier_failed_has_no_dollars():
    reach = np.array([[NAN, 0.1, 0.1, 0.1], [0.3, 0.3, 0.3, 0.3]])
    found = Frontier(np.array([1.0, 4.0]), reach).dollars(np.full(4, 0.2))
    assert math.isnan(found[0]) and np.isfinite(found[1:]).all()


# ---- summaries ----------------------------------------------------------------------------------


def falls(*levels: float) -> np.ndarray:
    """Return the reach of portfolios in four equal draws."""
    return np.repeat(np.array(levels)[:, None], 4, axis=1)


@pytest.mark.parametrize("unit", [1e-9, 1e-3, 1e9])
def test_no_rate_depends_on_the_unit_of_money(unit: float):
    """The dollars of a frontier may be billions or billionths of the unit."""
    ours = Frontier(unit * np.array([2.0, 3.0]), falls(0.1, 0.2))
    us = Frontier(unit * np.array([2.0, 3.0, 8.0]), falls(0.05, 0.1, 0.4))
    found = summarise_rates(ours, us)
    plain = summarise_rates(
        Frontier(ours.charge / unit, ours.reach), Frontier(us.charge / unit, us.reach)
    )
    assert found.rates == pytest.approx(plain.rates) and found.rates[0] > 1.0
    assert found.equal == pytest.approx(plain.equal) and found.equal[0] > 0.0
    assert found.limit == pytest.approx(plain.limit) == pytest.approx(8.0 / 3.0)
    assert us.at(0.7 * us.charge[1]) == pytest.approx(
        Frontier(us.charge / unit, us.reach).at(0.7 * us.charge[1] / unit)
    )


def test_the_limit_is_that_of_the_dearest_portfolio_that_a_draw_uses():
    """The second portfolio is better in all draws but the first, which decides for the others."""
    us = Frontier(np.array([1.0, 2.0, 12.0]), falls(0.1, 0.2, 0.3))
    reach = np.array([[0.1] * 4, [0.3, 0.06, 0.06, 0.06]])
    ours = Frontier(np.array([2.0, 3.0]), reach)
    assert sorted(set(ours.paid)) == [2.0, 3.0]
    assert summarise_rates(ours, us).limit == pytest.approx(4.0)
    harm = Frontier(np.array([2.0, 3.0]), falls(-0.1, -0.2))
    found = summarise_rates(harm, us)
    assert found.limit == pytest.approx(6.0), "nothing is bought: the cheapest portfolio counts"
    assert found.share_inert == 1.0 and np.isnan(found.equal).all() and np.isnan(found.rates).all()


def test_a_draw_with_a_failed_run_is_in_no_figure_of_the_summary():
    us_reach, our_reach = falls(0.05, 0.1, 0.4), falls(0.1)
    us_reach[1, 1] = our_reach[0, 2] = NAN
    ours = Frontier(np.array([2.0]), our_reach)
    found = summarise_rates(ours, Frontier(np.array([2.0, 3.0, 8.0]), us_reach))
    for figure in (found.rates, found.equal, found.beyond):
        assert np.isnan(figure).tolist() == [False, True, True, False]
    assert not found.inert.any() and found.draws == 2


def test_a_failed_run_of_the_other_side_leaves_an_inert_portfolio_out():
    us_reach = falls(0.05, 0.1)
    us_reach[0, 1] = NAN
    ours = Frontier(np.array([2.0]), falls(0.5 * INERT))
    found = summarise_rates(ours, Frontier(np.array([2.0, 3.0]), us_reach))
    assert found.inert.tolist() == [True, False, True, True] and found.draws == 3


def test_more_than_two_equal_countries_is_above_their_reach_and_above_the_smallest_effect():
    us = Frontier(np.array([1.0, 4.0]), falls(0.1, 0.3))
    alike = float(reach_if_equal(us, np.full(4, 2.0))[0])
    for reach, beyond in ((alike, 0.0), (np.nextafter(alike, 1.0), 1.0), (0.5 * alike, 0.0)):
        assert summarise_rates(Frontier(np.array([2.0]), falls(reach)), us).share_beyond == beyond
    weak = Frontier(np.array([1.0, 4.0]), falls(0.001, 0.003))
    for reach, beyond in ((INERT, 1.0), (np.nextafter(INERT, 0.0), 0.0)):
        assert summarise_rates(Frontier(np.array([2.0]), falls(reach)), weak).share_beyond == beyond


def test_rates_without_those_of_equal_countries_have_no_figure_of_them():
    bare = RateSummary(np.array([2.0, 3.0]), np.zeros(2, bool))
    assert bare.limit == math.inf and math.isnan(bare.equal_median)
    assert math.isnan(bare.share_beyond) and all(map(math.isnan, bare.equal_range))
