"""Search under uncertain effectiveness: factors, averaged predictions, and one draw per run."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from experiments.calibration.members import draw_members
from experiments.runs.case import Case
from experiments.scenarios import find
from experiments.studies.optimise.effectiveness_prior import (
    EVALUATED,
    AveragedSurrogate,
    PriorEvaluator,
    delivered,
    effectiveness_prior,
    portfolio_rng,
)
from experiments.studies.optimise.horizons import days_in_years
from experiments.studies.optimise.search import SearchEffort, first_portfolios, targets
from experiments.studies.optimise.sides import buyable
from experiments.studies.optimise.surrogate import Surrogate
from experiments.studies.optimise.trials import Evaluator

ALL = buyable()
WIDTH = len(ALL)
DOUBT = effectiveness_prior(ALL.ids)


def test_the_draw_of_a_portfolio_depends_on_the_portfolio_and_the_seed_alone():
    rng = np.random.default_rng(1)
    rows = rng.random((40, WIDTH)) * 1e8
    first = [DOUBT.keyed(row, 5).tolist() for row in rows]
    reverse = [DOUBT.keyed(row, 5).tolist() for row in rows[::-1]]
    assert first == reverse[::-1] and first[0] != DOUBT.keyed(rows[0], 6).tolist()
    zero = np.mean([np.array(row) == 0.0 for row in first], axis=0)
    for name, share in zip(ALL.ids, zero, strict=True):
        assert share == 0.0 if name in EVALUATED else 0.0 <= share < 0.55
    members = {int(portfolio_rng(row, 5, "member").integers(3)) for row in rows}
    assert members == {0, 1, 2}


class Linear(Surrogate):
    """Predicts minus the dollars on the first instrument, in billions."""

    def predict(self, dollars: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return self.predict_mean(dollars), np.full(len(dollars), 0.1)

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        return -dollars[:, 0] / 1e9


def test_predictions_are_averaged_over_delivered_dollars():
    factors = np.ones((3, WIDTH))
    factors[:, 0] = 0.0, 1.0, 2.0
    limits = np.full(WIDTH, 3e8)
    model = AveragedSurrogate(Linear(None), factors, limits)
    rows = np.zeros((2, WIDTH))
    rows[:, 0] = 1e8, 2e8
    mean, spread = model.predict(rows)
    assert mean == pytest.approx([-0.1, -(0.0 + 0.2 + 0.3) / 3]) and spread.tolist() == [0.1, 0.1]
    assert delivered(rows, factors[2], limits)[1, 0] == 3e8


class Member(Linear):
    """Predicts the first instrument's dollars times the input of the second member."""

    def predict_mean(self, dollars: np.ndarray) -> np.ndarray:
        return -dollars[:, 0] / 1e9 * (dollars[:, WIDTH + 1] > 0.0)


def test_predictions_are_averaged_over_members():
    model = AveragedSurrogate(Member(None), np.ones((4, WIDTH)), np.full(WIDTH, 3e8), members=2)
    rows = np.zeros((3, WIDTH))
    rows[:, 0] = 1e8, 2e8, 0.0
    assert model.predict_mean(rows) == pytest.approx([-0.05, -0.1, 0.0])
    assert model.predict(rows)[0] == pytest.approx([-0.05, -0.1, 0.0])


def test_every_portfolio_runs_once_under_a_separate_member(formula_world, tmp_path: Path):
    scenario = find("classroom")
    scenario = scenario.with_settings({"days": days_in_years(scenario.start, 10)})
    world, cases = formula_world(us=0.1, mexico=0.1), []

    def counted(case: Case):
        cases.append(case)
        return world(case)

    members = draw_members([0, 7, 30], scenario)
    base = Evaluator(scenario, members, tmp_path, executor="serial", run_case=counted)
    runs = PriorEvaluator(base, DOUBT, 3)
    rows = np.zeros((6, WIDTH))
    large = [ALL.ids.index(name) for name in ("fence", "patrol_surge")]
    rows[:, large] = 1e8 * (1.0 + np.arange(12).reshape(6, 2))
    rows = np.minimum(rows, ALL.max_dollars)
    single = np.zeros((1, WIDTH))
    single[0, 3] = 1e8
    result = runs.run("first", np.vstack([rows, single]))
    members = len({path.name for path in tmp_path.iterdir()})
    assert len(cases) == len(result) + members  # each member also runs the status quo
    assert result.delivered is not None and result.delivered[-1].tolist() == single[0].tolist()
    assert result.member is not None and result.inputs.shape == (len(result), WIDTH + 3)
    assert (result.member.sum(axis=1) == 1.0).all() and result.member.any(axis=0).sum() == members
    gain = 0.1 * np.log1p(result.delivered / 1e8).sum(axis=1)
    assert np.allclose(result.mean_log("got_aways"), -gain, atol=1e-3)
    planned = np.vstack([rows, single])
    assert (result.portfolios == planned).all() and result.spent is not None
    paid = result.spent[:, 0].sum(axis=1)
    assert np.allclose(paid, planned.sum(axis=1)[:, None], rtol=1e-3)


# ---- equal effort --------------------------------------------------------------------------------

EFFORT = SearchEffort(per_dimension=2.0, rounds=1)
WANTED = targets({"us_only": [1e8, 2e8], "cooperative": [1e8], "mixed": [1e8]})


def test_random_portfolios_are_in_proportion_to_the_instruments_of_a_side():
    rows = first_portfolios(ALL, WANTED, EFFORT)
    fixed = len(first_portfolios(ALL, WANTED, SearchEffort(random_portfolios=0, rounds=1)))
    width = {side: int(ALL.allowed(side).sum()) for side in ("us_only", "cooperative", "mixed")}
    assert len(rows) - fixed == 2 * sum(width.values())
