"""Portfolios: charged to whom they cost, scaled to budgets, searched where the best is known."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.policies import make, registry
from abm.scenario import SettingError
from experiments.case import Case
from experiments.compare import policies_of
from experiments.optimise import front, horizons, initial_portfolios
from experiments.optimise.best import non_dominated
from experiments.optimise.search import (
    BudgetTarget,
    SearchEffort,
    choose_best,
    first_portfolios,
    select_distinct,
    targets,
)
from experiments.optimise.sides import ACCOUNTS, EXCLUDED, MATCH, SIDES, Instruments, buyable
from experiments.optimise.surrogate import fit_surrogate
from experiments.optimise.trials import Trials
from experiments.run import run_one
from experiments.scenarios import find

ALL = buyable()
WIDTH = len(ALL)
CLASSROOM = find("classroom")


@st.composite
def portfolios(draw: st.DrawFn) -> np.ndarray:
    """Some dollars on some instruments, within the largest doses."""
    shares = draw(st.lists(st.floats(0.001, 1.0), min_size=WIDTH, max_size=WIDTH))
    bought = draw(st.lists(st.booleans(), min_size=WIDTH, max_size=WIDTH))
    row = np.array(shares) * np.array(bought) * ALL.max_dollars
    row[draw(st.integers(0, WIDTH - 1))] += 1e6
    return np.minimum(row, ALL.max_dollars)


def test_every_instrument_is_on_the_shelf_or_said_not_to_be():
    assert set(ALL.ids) | set(EXCLUDED) == set(registry()) and not set(ALL.ids) & set(EXCLUDED)


def test_the_united_states_alone_buys_what_needs_nobody():
    needs = {name: registry()[name].needs_mexico for name in ALL.ids}
    for side, kinds in {"us_only": {False}, "cooperative": {True}, "mixed": {True, False}}.items():
        own = [name for name, can in zip(ALL.ids, ALL.allowed(side), strict=True) if can]
        assert {needs[name] for name in own} == kinds
    assert set(SIDES) == {"us_only", "cooperative", "mixed"}
    with pytest.raises(SettingError, match="unknown side"):
        ALL.allowed("canada")


@given(portfolios())
def test_a_portfolio_costs_what_its_policies_cost(row: np.ndarray):
    made = policies_of(CLASSROOM, ALL.policy_specs(row))
    paid: dict[str, float] = {}
    for policy in made:
        for payer, dollars in policy.dollars().items():
            paid[payer] = paid.get(payer, 0.0) + dollars
    told = ALL.payers(row)
    assert sum(paid.values()) == pytest.approx(row.sum()) == pytest.approx(sum(told.values()))
    assert all(paid.get(payer, 0.0) == pytest.approx(told[payer], abs=1.0) for payer in told)
    assert ALL.charge(row, "joint") == pytest.approx(row.sum())
    us, mexico = told["us"], told["mexico"]
    assert ALL.charge(row, "us") == pytest.approx(max(us, mexico / MATCH))


@given(portfolios(), st.floats(2e7, 5e9), st.sampled_from(sorted(ACCOUNTS)))
@settings(max_examples=50)
def test_scaled_to_a_budget_it_is_used_up_or_everything_is_sold_out(
    row: np.ndarray, budget: float, account: str
):
    fitted = ALL.scale_to_budget(row, budget, account)
    charge = float(ALL.charge(fitted, account))
    assert charge <= budget * (1.0 + 1e-9) and (fitted <= ALL.max_dollars * (1.0 + 1e-9)).all()
    bought = row > 0.0
    sold_out = np.allclose(fitted[bought], ALL.max_dollars[bought])
    assert charge == pytest.approx(budget, rel=1e-6) or sold_out


@given(portfolios())
def test_tidy_takes_crumbs_away_and_adds_nothing(row: np.ndarray):
    tidy = ALL.rounded(row)
    assert (tidy <= row + 1e-6).all() and (tidy[tidy > 0.0] >= 0.01 * row.sum()).all()
    for use in ALL.policy_specs(tidy):  # every one can be made
        make(use, CLASSROOM.start, CLASSROOM.start)


def test_the_first_portfolios_hold_every_instrument_alone():
    wanted = targets({"us_only": [1e8, 4e9], "mixed": [1e8]})
    rows = first_portfolios(ALL, wanted, SearchEffort(together=6, rounds=1))
    single = [np.flatnonzero(row)[0] for row in rows if (row > 0.0).sum() == 1]
    assert set(single) == set(range(WIDTH)) and (rows <= ALL.max_dollars * (1 + 1e-9)).all()
    for side in ("us_only", "mixed"):
        whole = initial_portfolios.proportional(ALL, side, 1e8)
        assert set(np.flatnonzero(whole)) == set(np.flatnonzero(ALL.allowed(side)))
        assert whole.sum() == pytest.approx(1e8)


# ---- a world whose best portfolio is known -------------------------------------------------------

GAIN = np.linspace(0.01, 0.12, WIDTH)  # what 150 M$ take off the log of entries, by instrument


def truth(rows: np.ndarray) -> np.ndarray:
    """Log ratio of entries: diminishing returns, no interactions."""
    return -np.log1p(rows / 150e6) @ GAIN


def played(rows: np.ndarray) -> Trials:
    """Trials of that world under two members without luck."""
    ratio = np.exp(truth(rows))[:, None, None, None]
    shape = (len(rows), 2, len(horizons.OUTCOMES), len(horizons.HORIZONS))
    return Trials(rows, np.broadcast_to(1e5 * ratio, shape).copy(), np.full(shape[1:], 1e5))


def sample(n: int, seed: int) -> np.ndarray:
    """Portfolios as the search begins with."""
    rows = [
        initial_portfolios.single_instruments(ALL, list(SIDES)),
        initial_portfolios.random_portfolios(ALL, list(SIDES), n, 1e8, 2e9, seed),
    ]
    return np.vstack(rows)


def test_the_guess_knows_what_it_was_not_shown():
    guess = fit_surrogate((rows := sample(60, 1)), truth(rows), ALL)
    others = initial_portfolios.random_portfolios(ALL, list(SIDES), 40, 1e8, 1e9, 99)
    off = guess.predict_mean(others) - truth(others)
    assert np.sqrt((off**2).mean()) < 0.25 * truth(others).std()


@pytest.mark.parametrize("side", sorted(SIDES))
def test_the_search_comes_near_the_best_there_is(side: str):
    """Against the exact optimum of a concave problem, by water filling on a fine grid."""
    rows = sample(60, 2)
    guess = fit_surrogate(rows, truth(rows), ALL)
    objective = front.Objective(ALL, side, "joint", guess, guess, caution=0.0)
    for budget, found in zip((2e8, 1e9), front.proposals(objective, (2e8, 1e9)), strict=True):
        assert ALL.charge(found, "joint") <= budget * (1 + 1e-9)
        assert found[~ALL.allowed(side)].sum() == 0.0
        assert truth(found[None])[0] <= 0.9 * best_possible(side, budget)


def best_possible(side: str, budget: float) -> float:
    """The lowest log ratio that a side can have."""
    row, step = np.zeros(WIDTH), 1e6
    for _ in range(int(budget / step)):
        next_dollar = np.where(
            ALL.allowed(side) & (row < ALL.max_dollars), GAIN / (150e6 + row), 0.0
        )
        row[int(np.argmax(next_dollar))] += step
    return float(truth(row[None])[0])


def test_only_what_was_played_and_may_be_bought_is_chosen():
    trials = played(sample(30, 3))
    wanted = targets({side: [2e8, 1e9] for side in SIDES}, ("joint", "us"))
    chosen = choose_best(trials, ALL, wanted)
    for target, place in chosen.items():
        row = trials.portfolios[place]
        assert ALL.charge(row, target.account) <= target.budget * (1 + 1e-9)
        assert row[~ALL.allowed(target.side)].sum() == 0.0
        alike = [k for k in range(len(trials)) if _may(trials.portfolios[k], target)]
        assert truth(row[None])[0] <= truth(trials.portfolios[alike]).min() + 0.0031


def _may(row: np.ndarray, target: BudgetTarget) -> bool:
    barred = row[~ALL.allowed(target.side)].sum() > 0.0
    return not barred and ALL.charge(row, target.account) <= target.budget


def test_more_money_is_never_worse():
    trials = played(sample(30, 4))
    wanted = targets({"mixed": [1e8, 2e8, 5e8, 1e9]}, outcomes=("got_aways",))
    chosen = choose_best(trials, ALL, wanted)
    values = [trials.mean_log("got_aways")[chosen[target]] for target in sorted(wanted)]
    assert all(b <= a + 0.0031 for a, b in pairwise(values))


def test_a_portfolio_that_hardly_differs_is_not_played_again():
    row = ALL.portfolio({"fence": 1e8, "patrol_surge": 1e8})
    near, far = row * 1.01, ALL.portfolio({"fence": 1e8, "trainers": 1e8})
    assert select_distinct(np.array([near, far, far]), row[None]).tolist() == [far.tolist()]


def test_a_failed_run_is_no_reason_to_choose():
    trials = played(sample(6, 5))
    trials.levels[0] = np.nan
    chosen = choose_best(trials, ALL, targets({"mixed": [1e10]}))
    assert 0 not in chosen.values()


@given(st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4), st.integers(0, 4)), min_size=1))
def test_the_front_is_what_nothing_beats(rows: list[tuple[int, int, int]]):
    aims = np.array(rows, dtype=float)
    kept = non_dominated(aims)
    for k, row in enumerate(aims):
        beaten = any((b <= row).all() and (b < row).any() for b in aims)
        assert kept[k] != beaten
    assert kept.any()


# ---- horizons ------------------------------------------------------------------------------------


def test_ten_years_are_whole_months_and_mean_what_the_outcomes_mean():
    scenario = find("classroom")
    days = horizons.days_in_years(scenario.start, 10)
    small = scenario.with_settings({"days": days, "scale": 1000, "warmup_days": 40})
    run = run_one(Case(small, 1))
    assert len(run.months) == 120
    found = horizons.levels(run)
    for k, name in enumerate(horizons.OUTCOMES):
        assert found[k, -1] == pytest.approx(run.outcomes[name] * days / 3650, rel=1e-9)


def test_a_run_that_is_too_short_is_refused():
    short = find("classroom").with_settings({"days": 60, "scale": 1000, "warmup_days": 40})
    with pytest.raises(ValueError, match="too short"):
        horizons.levels(run_one(Case(short, 1)))


def test_the_shelf_is_by_side_and_name():
    assert list(ALL.ids) == sorted(ALL.ids, key=lambda n: (registry()[n].needs_mexico, n))
    assert isinstance(ALL, Instruments)
