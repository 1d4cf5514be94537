"""Numbers that move a claim are reported, and no number without an effect."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import binom, norm, spearmanr

from experiments.studies.ask.answer import LEVEL, combined_margin, examine_claims, rank_correlations
from experiments.studies.ask.rate_cells import FARTHEST, MAX_MARGIN, RateCell
from experiments.studies.ask.verdict import CLAIMS, MIN_FALL, TIMES
from tests.made_rate_cells import made_cell, made_rates

DRAWS = 60
NAMES = [f"number_{k}" for k in range(60)]


def draw_numbers(seed: int, draws: int = DRAWS) -> list[dict[str, float]]:
    """Return uncertain numbers of every draw."""
    rows = np.random.default_rng(seed).random((draws, len(NAMES))).tolist()
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def values_of(numbers: list[dict[str, float]], name: str) -> np.ndarray:
    """Return the values of a number by draw."""
    return np.array([row[name] for row in numbers])


def cell(helps: np.ndarray, rates: np.ndarray | None = None) -> RateCell:
    """Return a cell with margins of `helps` in percentage points, and rates of `requires`."""
    draws = len(helps)
    return made_cell(
        draws,
        rate=made_rates(*(np.full(draws, 1.5) if rates is None else rates)),
        reach={"cooperative": MIN_FALL + helps / 100.0},
        marginal=np.full(draws, np.nan),
    )


def noise(seed: int, draws: int = DRAWS) -> np.ndarray:
    """Return standard normal numbers."""
    return np.random.default_rng(10_000 + seed).standard_normal(draws)


def test_the_number_that_moves_a_claim_is_found():
    numbers = draw_numbers(1)
    value = values_of(numbers, "number_3")
    (helps, *_) = examine_claims([cell(np.where(value < 0.7, 5.0, -5.0))], numbers)
    (result,) = helps.moving
    assert (result.claim, result.number, result.regime) == ("helps", "number_3", "fy2013")
    assert result.rank < -0.4 and result.p <= LEVEL


@pytest.mark.slow
def test_a_correlation_of_the_reported_size_is_found_in_four_of_five_worlds():
    """The stated power holds for the draws of a cell and of a marginal pair."""
    for draws, expected in ((60, 0.51), (30, 0.69)):
        result, power = 0, math.nan
        linear = 2.0 * math.sin(math.pi * expected / 6.0)  # Pearson's correlation of normal numbers
        for seed in range(60):
            numbers = draw_numbers(seed, draws)
            effect = linear * norm.ppf(values_of(numbers, "number_0"))
            rest = math.sqrt(1.0 - linear**2) * noise(seed, draws)
            (test, *_) = examine_claims([cell(effect + rest)], numbers)
            power = test.detectable
            result += any(row.number == "number_0" for row in test.moving)
        assert power == pytest.approx(expected, abs=0.02)
        assert binom.ppf(0.005, 60, 0.8) <= result <= binom.ppf(0.995, 60, 0.8)


def test_tests_without_a_significant_number_are_reported():
    """An empty list of turns names the tested numbers and the detectable correlation."""
    tests = examine_claims([cell(noise(3))], draw_numbers(3))
    assert [test.claim for test in tests] == list(CLAIMS)
    helps, beats, requires = tests
    assert helps.tested == tuple(NAMES) and helps.moving == () and 0.45 < helps.detectable < 0.6
    assert (beats.draws, beats.tested) == (0, ())
    assert requires.draws == DRAWS and requires.tested == () and math.isnan(requires.detectable)


def test_there_is_no_test_with_few_draws_or_without_any_number_that_varies():
    short = draw_numbers(4, 19)
    assert examine_claims([cell(noise(4, 19))], short)[0].tested == ()
    same = [{"number": 1.0}] * DRAWS
    assert examine_claims([cell(noise(4))], same)[0].tested == ()


def test_a_draw_without_a_margin_is_left_out_and_counted():
    numbers = draw_numbers(6)
    margin = 0.5 - values_of(numbers, "number_5")
    broken = margin.copy()
    broken[[4, 11]] = np.nan
    test = examine_claims([cell(margin), cell(broken), cell(np.full(DRAWS, np.nan))], numbers)[0]
    assert test.draws == DRAWS - 2
    assert test.moving[0].number == "number_5"


def test_draws_out_of_reach_do_not_outweigh_all_others():
    rates = np.full(DRAWS, 2.0)
    rates[:20] = math.inf
    result = cell(noise(7), rates=rates)
    margin = combined_margin([result, cell(noise(7), rates=np.full(DRAWS, 2.0))], "requires")
    assert result.margin("requires")[0] == FARTHEST > MAX_MARGIN["requires"]
    assert margin[0] == pytest.approx(0.5 * (math.log(TIMES) + math.log(2.0 / TIMES)))
    assert margin[40] == pytest.approx(math.log(2.0 / TIMES))


@given(st.lists(st.integers(-5, 5), min_size=3, max_size=40), st.integers(0, 9))
def test_the_correlation_equals_a_reference(values: list[int], seed: int):
    y = np.array(values, dtype=float)
    x = np.random.default_rng(seed).integers(0, 4, len(y)).astype(float)
    if np.ptp(x) > 0.0 and np.ptp(y) > 0.0:
        (rank,) = rank_correlations(x[None], y)
        assert rank == pytest.approx(spearmanr(x, y)[0], abs=1e-9)
