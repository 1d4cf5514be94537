"""Scenario discovery: conditions are found with their bounds; noise is not better than chance."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from experiments.studies.ask.conditions import WonCell, discover, discover_failures
from experiments.studies.ask.exchange_rate import INERT, RateSummary
from experiments.studies.ask.rate_cells import RateCell
from experiments.studies.ask.verdict import ClaimCell
from experiments.studies.optimise.horizons import HORIZONS

DRAWS, NAMES = 60, tuple(f"number_{k}" for k in range(25))
RNG = np.random.default_rng(3)
NUMBERS = [dict(zip(NAMES, row, strict=True)) for row in RNG.random((DRAWS, len(NAMES))).tolist()]


def cells(won: np.ndarray) -> list[ClaimCell]:
    """Return cells at two budgets; `won` has shape (budgets, draws)."""
    return [
        ClaimCell(
            "beats",
            "joint",
            "got_aways",
            budget,
            ("a", "b"),
            np.where(row[:, None], 0.1, 0.0) * np.ones(len(HORIZONS)),
            {},
        )
        for budget, row in zip((1e8, 1e9), won, strict=True)
    ]


def test_a_condition_on_a_parameter_is_found():
    value = np.array([one["number_7"] for one in NUMBERS])
    found = discover(cells(np.array([value < 0.6] * 2)), NUMBERS)
    assert found is not None and found.better_than_chance and found.skill > 0.9
    worst = found.boxes[0]
    low, high = worst.bounds["number_7"]
    assert abs(low - 0.6) < 0.1 and high == np.inf and worst.density > 0.95
    assert abs(sum(box.coverage for box in found.boxes) - 1.0) < 1e-9
    assert sum(box.draws for box in found.boxes) == 2 * DRAWS


def test_a_condition_on_the_budget_is_found():
    found = discover(cells(np.array([[False] * DRAWS, [True] * DRAWS])), NUMBERS)
    assert found is not None and found.skill == 1.0
    assert 1e8 < found.boxes[0].bounds["budget"][1] < 1e9


def test_there_are_no_boxes_if_all_draws_agree():
    assert discover(cells(np.ones((2, DRAWS), dtype=bool)), NUMBERS) is None


def rate_cell(won: np.ndarray, *, budget: float = 1e8, horizon: int = 10) -> RateCell:
    """Return a cell in which cooperation alone wins the given draws; NaN for a failed run."""
    rates = RateSummary(np.full(DRAWS, 1.5), np.zeros(DRAWS, dtype=bool))
    reach = {name: np.full(DRAWS, 0.2) for name in ("mixed", "us_only")}
    reach["cooperative"] = INERT + 0.1 * (won - 0.5)
    place = ("fy2013", "joint", "got_aways", horizon, budget)
    return RateCell(*place, rates, rates, reach, np.full(DRAWS, np.nan), 0.5, {})


def test_a_condition_on_the_new_claims_is_found_and_named_by_regime_and_measure():
    value = np.array([one["number_7"] for one in NUMBERS])
    made = [rate_cell(1.0 * (value < 0.6), budget=budget) for budget in (1e8, 1e9)]
    other = [replace(one, regime="fy2019") for one in made]
    found = discover_failures([*made, *other], NUMBERS)
    assert [(one.regime, one.claim, one.outcome) for one in found] == [
        (regime, "helps", "got_aways") for regime in ("fy2013", "fy2019")
    ]
    for one in found:
        assert one.better_than_chance and abs(one.boxes[0].bounds["number_7"][0] - 0.6) < 0.1


def test_a_draw_must_win_at_every_judged_horizon():
    """Draw 0 wins at ten years only, draw 1 never, draw 2 has a failed run."""
    late, early = np.ones(DRAWS), np.ones(DRAWS)
    early[0] = late[1] = early[1] = 0.0
    late[2] = np.nan
    both = WonCell("helps", (rate_cell(early, horizon=3), rate_cell(late)))
    assert both.wins[:4].tolist() == [False, False, False, True]
    assert both.complete[:4].tolist() == [True, True, False, True]


def test_cells_on_other_accounts_and_in_the_first_year_have_no_boxes():
    made = rate_cell(1.0 * (np.arange(DRAWS) < 30))
    assert discover_failures([replace(made, account="us"), replace(made, horizon=1)], NUMBERS) == []
