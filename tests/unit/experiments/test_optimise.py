"""Portfolios: costs by payer, scaling to budgets, and a search with a known optimum."""

from __future__ import annotations

import datetime
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.policies import registry
from abm.scenario import SettingError
from experiments.comparison.compare import policies_of
from experiments.runs.case import Case
from experiments.runs.files import claim_folder
from experiments.runs.run import run_one
from experiments.scenarios import find
from experiments.studies.optimise import horizons, search
from experiments.studies.optimise import surrogate as predictions
from experiments.studies.optimise.horizons import long_scenario
from experiments.studies.optimise.search import BudgetTarget, choose_best, targets
from experiments.studies.optimise.sides import ACCOUNTS, MATCH, SIDES, buyable
from experiments.studies.optimise.surrogate import fit_surrogate
from experiments.studies.optimise.trials import Trials

ALL = buyable()
WIDTH = len(ALL)
CLASSROOM = find("classroom")


@st.composite
def portfolios(draw: st.DrawFn) -> np.ndarray:
    """Draw dollars on some instruments, within the maximum doses."""
    shares = draw(st.lists(st.floats(0.001, 1.0), min_size=WIDTH, max_size=WIDTH))
    bought = draw(st.lists(st.booleans(), min_size=WIDTH, max_size=WIDTH))
    row = np.array(shares) * np.array(bought) * ALL.max_dollars
    row[draw(st.integers(0, WIDTH - 1))] += 1e6
    return np.minimum(row, ALL.max_dollars)


def test_every_policy_but_the_baselines_is_an_instrument():
    assert set(ALL.ids) | {"status_quo", "no_cooperation"} == set(registry())


def test_sides_buy_the_instruments_of_their_arms():
    needs = {name: registry()[name].needs_mexico for name in ALL.ids}
    for side, kinds in {"us_only": {False}, "cooperative": {True}, "mixed": {True, False}}.items():
        allowed = [name for name, can in zip(ALL.ids, ALL.allowed(side), strict=True) if can]
        assert {needs[name] for name in allowed} == kinds
    assert set(SIDES) == {"us_only", "cooperative", "mixed"}
    with pytest.raises(SettingError, match="--side: .* is not known"):
        ALL.allowed("canada")


@given(portfolios())
def test_the_cost_of_a_portfolio_is_the_cost_of_its_policies(row: np.ndarray):
    policies = policies_of(CLASSROOM, ALL.policy_specs(row))
    paid: dict[str, float] = {}
    for policy in policies:
        for payer, dollars in policy.dollars().items():
            paid[payer] = paid.get(payer, 0.0) + dollars
    payers = ALL.payers(row)
    assert sum(paid.values()) == pytest.approx(row.sum()) == pytest.approx(sum(payers.values()))
    assert all(paid.get(payer, 0.0) == pytest.approx(payers[payer], abs=1.0) for payer in payers)
    assert ALL.charge(row, "joint") == pytest.approx(row.sum())
    us, mexico = payers["us"], payers["mexico"]
    assert ALL.charge(row, "us") == pytest.approx(max(us, mexico / MATCH))


@given(portfolios(), st.floats(2e7, 5e9), st.sampled_from(sorted(ACCOUNTS)))
def test_a_scaled_portfolio_uses_the_budget_or_the_largest_doses(
    row: np.ndarray, budget: float, account: str
):
    fitted = ALL.scale_to_budget(row, budget, account)
    charge = float(ALL.charge(fitted, account))
    assert charge <= budget * (1.0 + 1e-9) and (fitted <= ALL.max_dollars * (1.0 + 1e-9)).all()
    bought = row > 0.0
    sold_out = np.allclose(fitted[bought], ALL.max_dollars[bought])
    assert charge == pytest.approx(budget, rel=1e-6) or sold_out


# ---- a model with a known best portfolio ---------------------------------------------------------

GAIN = np.linspace(0.01, 0.12, WIDTH)  # log reduction by 150 M$ on each instrument, before the bend


def truth(rows: np.ndarray) -> np.ndarray:
    """Return the log ratio of entries, with diminishing returns and without interactions."""
    return -np.log1p(rows / 150e6) @ GAIN


def trials_of(rows: np.ndarray) -> Trials:
    """Return trials of `truth` under two identical members."""
    ratio = np.exp(truth(rows))[:, None, None, None]
    shape = (len(rows), 2, len(horizons.OUTCOMES), len(horizons.HORIZONS))
    return Trials(rows, np.broadcast_to(1e5 * ratio, shape).copy(), np.full(shape[1:], 1e5))


def sample(n: int, seed: int) -> np.ndarray:
    """Return the portfolios with which a search starts."""
    rows = [
        search.single_instruments(ALL, list(SIDES)),
        search.random_portfolios(ALL, list(SIDES), n, 1e8, 2e9, seed),
    ]
    return np.vstack(rows)


def test_the_surrogate_predicts_portfolios_outside_its_data():
    surrogate = fit_surrogate((rows := sample(60, 1)), truth(rows), ALL)
    others = search.random_portfolios(ALL, list(SIDES), 40, 1e8, 1e9, 99)
    off = surrogate.predict_mean(others) - truth(others)
    assert np.sqrt((off**2).mean()) < 0.25 * truth(others).std()


@pytest.mark.parametrize("side", sorted(SIDES))
def test_proposals_are_close_to_the_optimum(side: str):
    """The optimum of the concave problem is computed by water filling on a fine grid."""
    rows = sample(60, 2)
    surrogate = fit_surrogate(rows, truth(rows), ALL)
    objective = predictions.Objective(ALL, side, "joint", surrogate, surrogate, caution=0.0)
    for budget, row in zip((2e8, 1e9), predictions.proposals(objective, (2e8, 1e9)), strict=True):
        assert ALL.charge(row, "joint") <= budget * (1 + 1e-9)
        assert row[~ALL.allowed(side)].sum() == 0.0
        assert truth(row[None])[0] <= 0.9 * best_possible(side, budget)


def best_possible(side: str, budget: float) -> float:
    """Return the lowest log ratio that a side can reach."""
    row, step = np.zeros(WIDTH), 1e6
    for _ in range(int(budget / step)):
        next_dollar = np.where(
            ALL.allowed(side) & (row < ALL.max_dollars), GAIN / (150e6 + row), 0.0
        )
        row[int(np.argmax(next_dollar))] += step
    return float(truth(row[None])[0])


def test_only_feasible_portfolios_that_were_run_are_selected():
    trials = trials_of(sample(30, 3))
    questions = targets({side: [2e8, 1e9] for side in SIDES}, ("joint", "us"))
    chosen = choose_best(trials, questions)
    for target, place in chosen.items():
        row = trials.portfolios[place]
        assert ALL.charge(row, target.account) <= target.budget * (1 + 1e-9)
        assert row[~ALL.allowed(target.side)].sum() == 0.0
        alike = [k for k in range(len(trials)) if _feasible(trials.portfolios[k], target)]
        assert truth(row[None])[0] <= truth(trials.portfolios[alike]).min() + 0.0031


def _feasible(row: np.ndarray, target: BudgetTarget) -> bool:
    barred = row[~ALL.allowed(target.side)].sum() > 0.0
    return not barred and ALL.charge(row, target.account) <= target.budget


def test_a_portfolio_with_a_failed_run_is_not_selected():
    trials = trials_of(sample(6, 5))
    trials.levels[0] = np.nan
    chosen = choose_best(trials, targets({"mixed": [1e10]}))
    assert 0 not in chosen.values()


# ---- horizons ------------------------------------------------------------------------------------


@pytest.mark.slow
def test_levels_over_ten_years_agree_with_the_outcomes_of_the_run():
    scenario = find("classroom")
    days = horizons.days_in_years(scenario.start, 10)
    surge = [{"id": "patrol_surge", "dollars": 400e6}]  # agents are hired over years
    small = scenario.with_settings(
        {"days": days, "scale": 1000, "warmup_days": 9, "policies": surge}
    )
    run = run_one(Case(small, 1))
    assert len(run.months) == 120
    spent = horizons.yearly(run, horizons.SPENT)
    assert 10 * spent[:, -1] == pytest.approx([run.dollars[name] for name in horizons.PAYERS])
    assert 0.0 < spent[0, 0] < spent[0, 1] < spent[0, 2] < 400e6
    result = horizons.yearly(run, horizons.OUTCOMES)
    for k, name in enumerate(horizons.OUTCOMES):
        assert result[k, -1] == pytest.approx(run.outcomes[name] * days / 3650, rel=1e-9)


def test_a_long_scenario_has_ten_whole_years_from_the_first_of_a_month():
    long = long_scenario(CLASSROOM.with_settings({"start": "2014-03-01"}))
    assert long.start + datetime.timedelta(days=long.days) == datetime.date(2024, 3, 1)
    with pytest.raises(SettingError, match="is in the middle of a month"):
        long_scenario(CLASSROOM.with_settings({"start": "2014-03-02"}))


def test_a_folder_that_cannot_be_created_is_an_error_of_its_option(tmp_path: Path):
    (tmp_path / "file").touch()
    folder = tmp_path / "file" / "folder"
    with pytest.raises(SettingError, match=r"^--out: .* cannot be created \(not a directory\)"):
        claim_folder(folder, "ask.json", {}, resume=False, where="--out")
