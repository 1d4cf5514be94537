"""Scenario discovery: conditions are found with their bounds; noise is not better than chance."""

from __future__ import annotations

import numpy as np
import pytest

from experiments.ask.scenario_discovery import discover
from experiments.ask.verdict import ClaimCell
from experiments.optimise.horizons import HORIZONS

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


@pytest.mark.slow
def test_boxes_of_noise_are_rarely_better_than_chance():
    """At most two of ten random samples look like a condition."""
    accepted = 0
    for seed in range(10):
        coin = np.random.default_rng(seed).random(DRAWS) < 0.5
        found = discover(cells(np.array([coin, coin])), NUMBERS)
        assert found is not None
        accepted += found.better_than_chance
    assert accepted <= 2


def test_there_are_no_boxes_if_all_draws_agree():
    assert discover(cells(np.ones((2, DRAWS), dtype=bool)), NUMBERS) is None
