"""Boxes: a condition that is there is found with its bounds; noise is called noise."""

from __future__ import annotations

import numpy as np

from experiments.ask.scenario_discovery import discover
from experiments.ask.verdict import ClaimCell
from experiments.optimise.horizons import HORIZONS

DRAWS, NAMES = 60, tuple(f"number_{k}" for k in range(25))
RNG = np.random.default_rng(3)
NUMBERS = [dict(zip(NAMES, row, strict=True)) for row in RNG.random((DRAWS, len(NAMES))).tolist()]


def cells(won: np.ndarray) -> list[ClaimCell]:
    """Cells at two budgets; `won` by budget and draw."""
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


def test_a_condition_that_is_there_is_found():
    value = np.array([one["number_7"] for one in NUMBERS])
    found = discover(cells(np.array([value < 0.6] * 2)), NUMBERS)
    assert found is not None and found.better_than_chance and found.skill > 0.9
    worst = found.boxes[0]
    low, high = worst.bounds["number_7"]
    assert abs(low - 0.6) < 0.1 and high == np.inf and worst.density > 0.95
    assert abs(sum(box.coverage for box in found.boxes) - 1.0) < 1e-9
    assert sum(box.draws for box in found.boxes) == 2 * DRAWS


def test_a_budget_that_decides_is_found():
    found = discover(cells(np.array([[False] * DRAWS, [True] * DRAWS])), NUMBERS)
    assert found is not None and found.skill == 1.0
    assert 1e8 < found.boxes[0].bounds["budget"][1] < 1e9


def test_noise_is_called_noise():
    """Of ten sets of coins, hardly one may look like a condition."""
    believed = 0
    for seed in range(10):
        coin = np.random.default_rng(seed).random(DRAWS) < 0.5
        found = discover(cells(np.array([coin, coin])), NUMBERS)
        assert found is not None
        believed += found.better_than_chance
    assert believed <= 2


def test_where_all_draws_say_the_same_there_is_nothing_to_find():
    assert discover(cells(np.ones((2, DRAWS), dtype=bool)), NUMBERS) is None
