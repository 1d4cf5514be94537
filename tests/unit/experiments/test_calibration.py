"""Calibration: priors, a bank that cannot be lost, and a fit that recovers known truths."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import Scenario
from abm.settings import parameters
from experiments.calibration import abc, bank, priors
from experiments.calibration.bank import STATISTICS, Draw, Task

FITTED = len(priors.FITTED)


# ---- priors -------------------------------------------------------------------------------------


@given(st.lists(st.floats(0.0, 1.0), min_size=len(priors.NAMES), max_size=len(priors.NAMES)))
def test_a_point_of_the_cube_and_its_numbers_are_one(unit):
    numbers = priors.values(np.array(unit))
    assert priors.units(numbers) == pytest.approx(unit, abs=1e-9)
    for name, value in numbers.items():
        u = priors.PRIORS[name]
        assert u.low * (1 - 1e-12) <= value <= u.high * (1 + 1e-12)


def test_priors_lie_within_declared_bounds_around_the_default():
    declared = {row.path: row for row in parameters(Scenario())}
    for name, u in priors.PRIORS.items():
        for path in u.paths:
            row = declared[path]
            assert row.low <= u.low < u.high <= row.high, name
            assert u.low <= row.value <= u.high, name


def test_any_draw_is_a_scenario():
    for unit in priors.sample(40, 3):
        Scenario().with_settings(priors.settings(priors.values(unit)))


def test_a_sample_is_even_and_grows_by_appending():
    few, many = priors.sample(100, 5), priors.sample(128, 5)
    assert np.array_equal(few, many[:100])
    assert many.mean(axis=0) == pytest.approx(0.5, abs=0.02)


# ---- the bank -----------------------------------------------------------------------------------


def draw(key: str, unit: Any, figures: Any) -> Draw:
    """A draw with these figures."""
    numbers = priors.values(np.array(unit))
    return Draw(key, tuple(unit), numbers, priors.settings(numbers),
                dict(zip(STATISTICS, map(float, figures), strict=True)), {})


def some(task: Task) -> Draw:
    """Plays nothing: figures are a function of the point."""
    return draw(task.key, task.unit, np.full(len(STATISTICS), sum(task.unit)))


def failing(task: Task) -> Draw:
    """Every third draw cannot be played."""
    if int(task.key[-1]) % 3 == 0:
        raise ValueError("values do not settle")
    return some(task)


def wanted(n: int) -> list[Task]:
    """Tasks of the first points."""
    return bank.tasks(Scenario(), priors.sample(n, 1), name="draw", seed=7, rounds=1)


def test_a_bank_is_read_back_as_it_was_filled(tmp_path: Path):
    path = tmp_path / "bank.jsonl"
    filled = bank.fill(path, wanted(5), jobs=1, play_one=some)
    assert bank.read(path) == filled and list(filled) == [t.key for t in wanted(5)]


@pytest.mark.parametrize("cut", [1, 30, 200])
def test_a_bank_cut_short_goes_on_where_it_ended(tmp_path: Path, cut: int):
    path, whole = tmp_path / "bank.jsonl", tmp_path / "whole.jsonl"
    bank.fill(whole, wanted(6), jobs=1, play_one=some)
    path.write_bytes(whole.read_bytes()[:-cut])
    played = []

    def counted(task: Task) -> Draw:
        played.append(task.key)
        return some(task)

    again = bank.fill(path, wanted(6), jobs=1, play_one=counted)
    assert played == ([] if cut == 1 else ["draw-00005"])  # only the end of the line is missing
    assert again == bank.read(whole) == bank.read(path)
    assert all(json.loads(line) for line in path.read_text().splitlines())


def test_what_cannot_be_played_is_left_out_and_told_of_by_its_absence(tmp_path: Path):
    told = []
    filled = bank.fill(tmp_path / "bank.jsonl", wanted(7), jobs=1, play_one=failing,
                       told=lambda done, n: told.append((len(done), n)))
    assert list(filled) == [f"draw-0000{k}" for k in (1, 2, 4, 5)]
    assert told == [(1, 7), (2, 7), (3, 7), (4, 7)]


# ---- the fit ------------------------------------------------------------------------------------


def toy(n: int, noise: float, seed: int = 1) -> list[Draw]:
    """A world in which some numbers move figures in straight lines and the others do nothing."""
    rng, slopes = np.random.default_rng(seed), np.zeros((FITTED, len(STATISTICS)))
    for k in range(len(STATISTICS)):
        slopes[k % FITTED, k] = 1.0 + 0.2 * k
    columns = [priors.NAMES.index(name) for name in priors.FITTED]
    draws = []
    for j, unit in enumerate(priors.sample(n, seed)):
        figures = unit[columns] @ slopes + rng.normal(0.0, noise, len(STATISTICS))
        draws.append(draw(f"d{j}", unit, figures))
    return draws


SCALE = np.full(len(STATISTICS), 0.3)


def test_a_number_that_moves_a_figure_is_found_and_the_others_keep_their_prior():
    draws = toy(600, 0.02)
    unit, figures = abc.matrix(draws)
    truth = 17
    others = np.arange(len(draws)) != truth
    found = abc.fit(unit[others], figures[others], figures[truth], SCALE)
    for k in range(min(len(STATISTICS), FITTED)):
        low, high = found.interval(k)
        assert low - 0.05 <= unit[truth, k] <= high + 0.05 and high - low < 0.45
    if len(STATISTICS) < FITTED:
        low, high = found.interval(FITTED - 1)
        assert high - low > 0.6
    assert found.weight.sum() == pytest.approx(1.0) and found.effective > 30


def test_intervals_hold_the_truth_of_synthetic_worlds_as_often_as_they_say():
    """Simulation-based calibration where the answer is known: 90 % means about 90 %."""
    held = abc.coverage(toy(500, 0.05), SCALE, worlds=150)
    assert np.mean(list(held.values())) == pytest.approx(0.9, abs=0.05)
    assert min(held.values()) > 0.8


def test_fitted_numbers_stay_inside_their_prior():
    draws = toy(200, 0.3)
    unit, figures = abc.matrix(draws)
    far = abc.fit(unit, figures, figures.max(axis=0) + 5.0, SCALE)
    assert (far.unit > 0.0).all() and (far.unit < 1.0).all()


def test_the_same_bank_gives_the_same_fit():
    unit, figures = abc.matrix(toy(200, 0.1))
    one, two = (abc.fit(unit, figures, figures[3], SCALE) for _ in range(2))
    assert np.array_equal(one.unit, two.unit) and np.array_equal(one.weight, two.weight)
