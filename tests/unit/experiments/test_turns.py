"""Numbers that turn a claim: found with their value; none among numbers without an effect."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from experiments.ask import turns
from experiments.ask.exchange_rate import RateSummary
from experiments.ask.rate_cells import RateCell
from experiments.ask.turns import MonotoneShare, find_turns, pool_adjacent

DRAWS = 60
NAMES = [f"number_{k}" for k in range(30)]


@pytest.fixture(autouse=True)
def few_shuffles(monkeypatch: pytest.MonkeyPatch) -> None:
    """A quarter of the exchanges, for speed."""
    monkeypatch.setattr(turns, "_SHUFFLES", 40)


def draw_numbers(seed: int) -> list[dict[str, float]]:
    """Return uncertain numbers of every draw."""
    rows = np.random.default_rng(seed).random((DRAWS, len(NAMES))).tolist()
    return [dict(zip(NAMES, row, strict=True)) for row in rows]


def cell(helps: np.ndarray, regime: str = "fy2013") -> RateCell:
    """Return a cell in which cooperation alone wins the given draws, and nothing else varies."""
    reach = np.where(helps, 0.1, 0.0)
    rates = RateSummary(np.full(DRAWS, 1.5), np.zeros(DRAWS, dtype=bool))
    sides = {"mixed": np.full(DRAWS, 0.2), "cooperative": reach, "us_only": np.full(DRAWS, 0.1)}
    marginal = np.full(DRAWS, np.nan)
    place = (regime, "joint", "got_aways", 10, 250e6)
    return RateCell(*place, rates, rates, sides, marginal, 0.5, {})


def test_the_number_and_its_value_are_found():
    numbers = draw_numbers(1)
    value = np.array([row["number_3"] for row in numbers])
    (found, *others) = find_turns([cell(value < 0.7)], numbers)
    assert (found.claim, found.number, found.regime) == ("helps", "number_3", "fy2013")
    assert found.value == pytest.approx(0.7, abs=0.06) and found.spread > found.chance
    assert found.below == 1.0 and found.above == 0.0 and len(others) <= 1


def test_numbers_without_an_effect_rarely_turn_a_claim():
    """Labels are exchanged: at most two of twelve worlds of chance have a turn."""
    reported = 0
    for seed in range(12):
        won = np.random.default_rng(100 + seed).random(DRAWS) < 0.6
        reported += bool(find_turns([cell(won)], draw_numbers(seed)))
    assert reported <= 2


def test_there_is_no_turn_if_all_draws_agree():
    assert find_turns([cell(np.ones(DRAWS, dtype=bool))], draw_numbers(2)) == []


def test_regimes_turn_separately():
    numbers = draw_numbers(3)
    value = np.array([row["number_5"] for row in numbers])
    cells = [cell(value < 0.5), cell(np.ones(DRAWS, dtype=bool), "fy2019")]
    assert {turn.regime for turn in find_turns(cells, numbers)} == {"fy2013"}


@given(st.lists(st.floats(-5.0, 5.0), min_size=1, max_size=40))
def test_the_monotone_fit_is_that_of_a_reference(values: list[float]):
    from sklearn.isotonic import isotonic_regression

    y = np.array(values)
    assert np.allclose(pool_adjacent(y), isotonic_regression(y), atol=1e-9)


def test_equal_values_of_a_number_have_one_share():
    """Draws in the spike at zero have one fitted value, in any order."""
    x = np.array([0.0, 0.0, 0.0, 1.0, 2.0])
    fitted = MonotoneShare.fit(x, np.array([1.0, 0.0, 0.5, 0.2, 0.1]))
    assert np.ptp(fitted.share[:3]) == 0.0 and fitted.share[0] == pytest.approx(0.5)
