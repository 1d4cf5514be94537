"""The whole search under uncertain effectiveness, on a problem with known best portfolios."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from experiments.studies.optimise import surrogate
from experiments.studies.optimise.effectiveness_prior import delivered, effectiveness_prior
from experiments.studies.optimise.horizons import HORIZONS, OUTCOMES
from experiments.studies.optimise.search import (
    LINE,
    MEXICO,
    SearchEffort,
    addition_stop,
    candidates,
    choose_best,
    choose_confirmed,
    fit_surrogates,
    marginal_portfolios,
    propose,
    search,
    targets,
)
from experiments.studies.optimise.sides import SIDES, buyable
from experiments.studies.optimise.trials import Trials

ALL = buyable()
DOUBT = effectiveness_prior(ALL.ids)
RNG = np.random.default_rng(3)
GAIN = 0.1 * RNG.gamma(0.6, 1.0, len(ALL))
BEND = np.exp(RNG.uniform(np.log(3e7), np.log(4e8), len(ALL)))
NOISE, SATURATION = 0.01, 0.8
WANTED = targets({"us_only": [5e8], "mixed": [5e8]}, outcomes=("got_aways",))


def fall(dollars: np.ndarray) -> np.ndarray:
    """Return the log ratio of entries by delivered dollars, with saturation."""
    return -SATURATION * -np.expm1(-(np.log1p(dollars / BEND) @ GAIN) / SATURATION)


class Problem:
    """Runs portfolios of the problem, each under its own factors and with noise."""

    instruments = ALL

    def run(self, name: str, portfolios: np.ndarray) -> Trials:
        limits = ALL.max_dollars
        rows = np.array([delivered(row, DOUBT.keyed(row, 1), limits) for row in portfolios])
        noise = [np.random.default_rng(int(row.sum())).standard_normal() for row in portfolios]
        ratio = np.exp(fall(rows) + NOISE * np.array(noise))[:, None, None, None]
        shape = (len(rows), 1, len(OUTCOMES), len(HORIZONS))
        levels = np.broadcast_to(ratio, shape).copy()
        return Trials(portfolios, levels, np.ones(shape[1:]), delivered=rows)


def expected(row: np.ndarray, n: int = 400) -> float:
    """Return the expected log ratio of planned dollars."""
    return float(fall(delivered(row[None], DOUBT.sample(n, 99), ALL.max_dollars)).mean())


class Truth:
    """Predicts the expected log ratio without an error."""

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        return np.array([expected(row, 64) for row in dollars])

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.predict_mean(dollars), np.zeros(len(dollars))


@pytest.fixture
def best() -> Callable[[str, float], float]:
    """Return a function that computes the best expected log ratio of a side and budget."""

    def compute(side: str, budget: float) -> float:
        objective = surrogate.Objective(ALL, side, "joint", Truth(), Truth(), 0.0)
        row = surrogate.greedy(objective, budget)[-1]
        return expected(ALL.scale_to_budget(row, budget, "joint"))

    return compute


def test_the_candidate_with_the_best_mean_on_common_draws_is_chosen():
    rows = np.zeros((3, len(ALL)))
    rows[:, 0] = 1e8, 2e8, 3e8
    candidates = {target: [7, 4] for target in WANTED} | {WANTED[0]: [4, 2]}
    levels = np.ones((3, 5, len(OUTCOMES), len(HORIZONS)))
    levels[0], levels[1], levels[2] = 0.9, 0.8, 0.7
    trials = Trials(rows, levels, np.ones(levels.shape[1:]))
    assert choose_confirmed(candidates, [2, 4, 7], trials) == {WANTED[0]: 4, WANTED[1]: 7}
    levels[2, 0] = np.nan  # a candidate with a failed run is not chosen
    assert choose_confirmed(candidates, [2, 4, 7], trials)[WANTED[1]] == 4


def test_both_together_choose_a_portfolio_of_a_single_side_if_it_is_better():
    """Each side has one candidate. Both together choose the best of the three candidates."""
    sides = targets({side: [5e8] for side in SIDES}, outcomes=("got_aways",))
    candidates = {target: [k] for k, target in enumerate(sides)}
    rows, levels = np.eye(3, len(ALL)) * 1e8, np.ones((3, 5, len(OUTCOMES), len(HORIZONS)))
    for best in range(3):
        levels[:], levels[best] = 0.9, 0.7
        trials = Trials(rows, levels.copy(), np.ones(levels.shape[1:]))
        chosen = choose_confirmed(candidates, [0, 1, 2], trials)
        assert chosen == {t: best if t.side == "mixed" else candidates[t][0] for t in sides}


@pytest.mark.parametrize(
    ("dollars", "full", "stop"),
    [(100e6, False, ""), (98e6, False, ""), (20e6, False, "no gain"), (20e6, True, "full")],
)
def test_the_reason_for_a_smaller_addition_is_given(dollars: float, full: bool, stop: str):
    """Dollars are added to one instrument. Full instruments have their maximum dose."""
    row = np.where(ALL.needs_mexico & full, ALL.max_dollars, 0.0)
    k = int(np.flatnonzero(ALL.needs_mexico)[0])
    row[k] = ALL.max_dollars[k] if full else dollars
    start = row.copy()
    start[k] -= dollars
    assert addition_stop(ALL, MEXICO, start, row, 100e6) == stop


@pytest.mark.usefixtures("quick_search")
@pytest.mark.slow
def test_the_search_comes_close_to_the_best_expectation_on_every_side(best):
    averaged = DOUBT.sample(16, 1)
    trials = search(Problem(), WANTED, SearchEffort(per_dimension=2.0, rounds=2), averaged)
    models = fit_surrogates(trials, WANTED, averaged)
    chosen = choose_best(trials, WANTED, models)
    for target, place in chosen.items():
        row = trials.portfolios[place]
        assert ALL.charge(row, "joint") <= target.budget * (1.0 + 1e-9)
        assert row[~ALL.allowed(target.side)].sum() == 0.0
        assert expected(row) <= 0.88 * best(target.side, target.budget)
    first = candidates(trials, WANTED, models, 3)
    for target, ids in first.items():
        values = models[target.outcome].predict_mean(trials.portfolios[ids])
        assert len(ids) == 3 and (np.diff(values) >= 0.0).all()
        assert all(ALL.charge(trials.portfolios[k], "joint") <= target.budget * 1.001 for k in ids)
    us = {target: place for target, place in chosen.items() if target.side == "us_only"}
    for (target, where), row in marginal_portfolios(trials, us, models).items():
        more = row - trials.portfolios[us[target]]
        offered = ALL.needs_mexico if where == MEXICO else ~ALL.needs_mexico
        assert where in (MEXICO, LINE) and more[~offered].sum() == 0.0 and (more >= 0.0).all()
        assert 0.0 < ALL.charge(more, "joint") <= 0.25 * target.budget * (1.0 + 1e-9)
        assert (row <= ALL.max_dollars + 1.0).all()


def test_a_run_of_the_optimiser_has_budgets_up_to_ten_times_the_smallest(monkeypatch):
    runs: list[list[float]] = []

    def proposals(_: surrogate.Objective, budgets: list[float]) -> list[np.ndarray]:
        runs.append(budgets)
        return [np.zeros(len(ALL)) for _ in budgets]

    monkeypatch.setattr("experiments.studies.optimise.search.proposals", proposals)
    aims = targets({"mixed": [9e9, 1e8, 2e9, 9e8]}, outcomes=("got_aways",))
    rows = propose(dict.fromkeys(("got_aways", "deaths"), Truth()), ALL, aims, 1.0, 1)
    assert runs == [[1e8, 9e8], [2e9, 9e9]] and rows.shape == (4, len(ALL))


def test_a_path_buys_the_best_instruments_first_up_to_their_largest_dose():
    """Each dollar has a constant effect, so the best instruments are bought in full."""

    class Linear(Truth):
        def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
            return -dollars @ GAIN

    for budget in (1e8, 2e10):
        path = surrogate.greedy(
            surrogate.Objective(ALL, "mixed", "joint", Linear(), Linear()), budget
        )
        assert (path <= ALL.max_dollars).all() and (np.diff(path, axis=0) >= 0.0).all()
        bought = path[-1] > 0.0
        part = bought & (path[-1] < ALL.max_dollars)
        rest = ALL.allowed("mixed") & ~bought
        assert part.sum() <= 1 and GAIN[bought].min() >= GAIN[rest].max(initial=0.0)
