"""Arithmetic of the verdict: direct computations, and thresholds at their exact values."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binomtest, norm

from experiments.studies.ask import exchange_rate, rate_cells, verdict
from experiments.studies.ask.exchange_rate import Frontier, median_interval, quantile
from experiments.studies.ask.rate_cells import Addition, RateCell, pool_claim
from experiments.studies.ask.verdict import claim_word, wilson
from tests.made_rate_cells import made_cell, made_rates

NAN = math.nan


# ---- definitions --------------------------------------------------------------------------------


def test_the_definitions_have_the_numbers_that_were_fixed_before_any_run():
    assert (verdict.SUPPORTED, verdict.REFUTED) == (0.8, 0.2)
    assert (verdict.MIN_HARM, verdict.TIMES) == (0.02, 4.0)
    assert (verdict.MIN_FALL, exchange_rate.RATES) == (0.02, (1.0, 2.0, 4.0, 8.0))
    assert (verdict.MIN_DRAWS, verdict.MIN_PAIR_DRAWS) == (60, 30)
    assert (verdict.COMPLETE, verdict.MIN_MEXICO_SHARE) == (0.9, 0.1)
    assert (verdict.MIN_MARGIN, verdict.MIN_SPENT) == (0.5, 0.5)
    assert math.exp(rate_cells.FARTHEST) == pytest.approx(256.0)
    assert pytest.approx(norm.ppf(0.8), abs=1e-4) == verdict.Z80


def test_words_change_at_their_exact_shares():
    shares = (0.2, np.nextafter(0.2, 1.0), np.nextafter(0.8, 0.0), 0.8, NAN)
    words = ["refuted", "contingent", "contingent", "supported", "unknown"]
    assert [claim_word("helps", share, 0.0) for share in shares] == words


@given(st.integers(0, 60), st.integers(1, 60))
def test_the_interval_of_a_share_is_wilsons(won: int, draws: int):
    won = min(won, draws)
    result = binomtest(won, draws).proportion_ci(confidence_level=0.9, method="wilson")
    assert wilson(won, draws) == pytest.approx((result.low, result.high), abs=1e-4)


# ---- cells of rates -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("planned", "spent", "stop", "state"),
    [
        (50.0, 25.0, "", "spent"),
        (50.0, 24.9, "", "limits"),
        (49.9, 49.9, "", "nothing to add"),
        (49.9, 49.9, "full", "full"),
        (49.9, 49.9, "no gain", "nothing to add"),
    ],
)
def test_an_addition_is_spent_from_half_of_its_dollars_on(
    planned: float, spent: float, stop: str, state: str
):
    assert Addition(100.0, planned, spent, np.zeros(1), stop).state == state


def test_draws_are_won_above_their_thresholds():
    result = made_cell(
        3,
        reach={"cooperative": np.array([0.02, np.nextafter(0.02, 0.0), NAN])},
        marginal=np.array([0.5, np.nextafter(0.5, 1.0), NAN]),
        rate=made_rates(4.0, math.inf, 0.0, inert=(False, False, True)),
    )
    assert result.won("helps")[:2].tolist() == [1.0, 0.0] and np.isnan(result.won("helps")[2])
    assert result.won("beats")[:2].tolist() == [0.0, 1.0] and np.isnan(result.won("beats")[2])
    assert result.won("requires").tolist() == [0.0, 1.0, 0.0]
    assert result.margin("helps")[:2] == pytest.approx([0.0, 0.0])
    assert result.margin("beats")[:2] == pytest.approx([0.0, 0.0])
    far = math.log(256.0)
    assert result.margin("requires") == pytest.approx([0.0, far, -far])
    assert [result.share(name).draws for name in verdict.CLAIMS] == [2, 2, 3]
    assert result.share("helps").value == 0.5 and result.share("helps").interval == wilson(1, 2)


def test_a_word_needs_nine_tenths_of_the_planned_draws():
    def known(draws: int, planned: int, name: str) -> bool:
        return made_cell(draws, planned_draws=planned).word(name) != "unknown"

    assert known(54, 60, "helps") and not known(53, 60, "helps")
    assert known(27, 60, "beats") and not known(26, 60, "beats")  # pairs have 30 of 60 draws
    assert known(18, 20, "beats") and not known(17, 20, "beats")  # pairs have all 20 draws


def test_the_next_dollar_needs_a_tenth_of_mexico():
    assert claim_word("beats", 0.9, 0.1) == "supported"
    assert claim_word("beats", 0.9, np.nextafter(0.1, 0.0)) == "contingent"
    assert claim_word("helps", 0.9, 0.0) == "supported" and claim_word("beats", 0.1, 0) == "refuted"


def test_costs_of_a_cell_count_in_won_draws_only():
    costs = {"deaths": np.array([0.02, 0.03, 0.9, NAN]), "extorted": np.array([0.03, 0.03, 0.0, 0])}
    result = made_cell(
        4,
        rate=made_rates(1.1, 2.0, 1.0, 0.5),
        reach={"cooperative": np.array([0.0, 0.1, 0.1, 0.0])},
        human_costs={"mixed": costs, "cooperative": costs},
    )
    assert result.trade_offs() == ("extorted",)
    assert result.trade_offs("cooperative") == ("deaths",)
    assert result.median_cost("deaths") == pytest.approx(3.0)
    assert result.median_cost("extorted", "cooperative") == pytest.approx(1.5)


@pytest.mark.parametrize(
    ("won", "near"), [(60, False), (52, True), (46, True), (30, False), (14, True), (0, False)]
)
def test_a_cell_is_near_a_threshold_if_its_interval_contains_one(won: int, near: bool):
    reach = np.where(np.arange(60) < won, 0.1, 0.0)
    result = made_cell(reach={"cooperative": reach})
    low, high = result.share("helps").interval
    assert (
        (len(result.share("helps").interval_words) > 1)
        is near
        is (low < 0.8 < high or low < 0.2 < high)
    )
    for word in ("supported", "contingent", "refuted"):
        assert result.differs_from("helps", word) is (not near and result.word("helps") != word)


# ---- pooled claims ------------------------------------------------------------------------------


def test_a_pooled_share_is_the_mean_over_cells_of_known_draws_then_over_regimes():
    def helped(regime: str, *reach: float) -> RateCell:
        values = np.repeat(reach, 20)
        return made_cell(60, regime=regime, reach={"cooperative": values}, planned_draws=40)

    cells = [helped("a", 0.1, 0.0, NAN), helped("a", 0.1, 0.1, 0.1), helped("b", 0.0, NAN, 0.1)]
    pooled = pool_claim(cells, "helps")
    share = pooled.share
    assert share.won == pytest.approx(np.repeat([0.5, 0.5, 1.0], 20))
    assert (share.draws, share.value) == (60, pytest.approx(2 / 3))
    assert share.interval == wilson(40.0, 60) and not share.near_threshold


def test_a_word_depends_on_an_attribute_if_two_cells_that_differ_in_it_alone_have_other_words():
    reach = {True: np.zeros(60), False: np.full(60, 0.1)}
    cells = [
        made_cell(regime=regime, budget=budget, reach={"cooperative": reach[lose]})
        for regime, budget, lose in (
            ("a", 1.0, False),
            ("b", 1.0, True),
            ("a", 2.0, False),
            ("b", 2.0, False),
        )
    ]
    assert pool_claim(cells, "helps").depends_on == ("regime", "budget")
    assert pool_claim(cells[1:3], "helps").depends_on == ()  # the cells differ in both attributes
    assert pool_claim(cells[:2], "helps").depends_on == ("regime",)


# ---- frontiers and rates ------------------------------------------------------------------------


@given(st.lists(st.floats(-50.0, 50.0), min_size=1, max_size=40), st.floats(0.0, 1.0))
def test_a_quantile_equals_the_quantile_of_numpy(values: list[float], q: float):
    assert quantile(np.array(values), q) == pytest.approx(np.quantile(values, q), abs=1e-9)


@pytest.mark.parametrize("n", [0, 1, 4, 5, 8, 11, 30, 60])
def test_the_bounds_of_a_median_are_the_order_statistics_of_the_binomial(n: int):
    def fewer(k: int) -> float:
        return sum(math.comb(n, j) for j in range(k)) / 2**n

    k = max((k for k in range(n + 1) if fewer(k) <= 0.05), default=0)
    expected = (float(k), float(n + 1 - k)) if k else (0.0, math.inf)
    assert median_interval(np.arange(1.0, n + 1.0)) == expected


def test_rates_are_summarised_over_complete_draws():
    result = made_rates(
        0.5, 2.0, 4.0, 9.0, math.inf, 0.0, NAN, inert=(False,) * 5 + (True, False), limit=50.0
    )
    assert (result.draws, result.median, result.share_inert) == (6, 3.0, pytest.approx(1 / 6))
    assert result.out_of_reach == pytest.approx(1 / 6)
    assert result.shares_above == pytest.approx({1.0: 4 / 6, 2.0: 3 / 6, 4.0: 2 / 6, 8.0: 2 / 6})
    assert result.range90 == (pytest.approx(0.125), math.inf)
    assert result.median90 == median_interval(result.rates)
    nothing = made_rates(NAN)
    assert nothing.draws == 0 and math.isnan(nothing.share_inert)
    assert all(map(math.isnan, nothing.shares_above.values()))


def test_a_reach_that_rises_falls_and_rises_again_costs_the_middle_of_both_crossings():
    """The first crossing is a third along the axis, the last in its upper part."""
    charge = np.array([1.0, 3.0, 7.0])
    front = Frontier(charge, np.array([[0.3, 0.3], [0.1, 0.5], [0.4, 0.6]]))
    object.__setattr__(front, "best", np.array([[0.3], [0.1], [0.4]]))
    axis = np.log1p(charge)
    first, last = axis[0] * 0.2 / 0.3, axis[1] + (axis[2] - axis[1]) * 0.1 / 0.3
    assert front.dollars(np.array([0.2]))[0] == pytest.approx(np.expm1((first + last) / 2.0))
    assert front.dollars(np.array([0.4]))[0] == pytest.approx(7.0)
    assert front.dollars(np.array([0.41]))[0] == math.inf
    assert front.dollars(np.array([0.0]))[0] == 0.0
    assert math.isnan(front.dollars(np.array([NAN]))[0])


def test_a_frontier_interpolates_in_the_log_of_dollars_over_the_cheapest():
    front = Frontier(np.array([2.0, 6.0]), np.array([[0.1] * 3, [0.3] * 3]))
    middle = 2.0 * np.expm1((np.log1p(1.0) + np.log1p(3.0)) / 2.0)
    assert front.at(middle) == pytest.approx([0.2] * 3)
    assert front.at(np.array([0.0, 2.0, 100.0])) == pytest.approx([0.0, 0.1, 0.3])
