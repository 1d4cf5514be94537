"""Stages of an answer for models with a known result: search, score, pairs, draws and sizes.

Entries are a formula of the portfolio, so the true result is known, and runs take no time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.policies import policies_of, registry
from abm.scenario import SettingError
from experiments.calibration.members import draw_members
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.studies.ask import stages
from experiments.studies.ask.answer import Answer, answer
from experiments.studies.ask.regimes import CONTROL, VARIANTS
from experiments.studies.ask.sizes import FULL, QUICK, AnswerSize
from experiments.studies.ask.uncertain_numbers import PREFIX, RETURNS, TEMPO, contested_settings
from experiments.studies.ask.verdict import MIN_DRAWS, MIN_VARIANT_DRAWS
from experiments.studies.optimise.effectiveness_prior import (
    EVALUATED,
    LARGEST_FACTOR,
    PROGRAMMES,
    SPIKE,
    draw_factors,
    effectiveness_prior,
    first_forms,
)
from experiments.studies.optimise.horizons import days_in_years
from experiments.studies.optimise.search import LINE, MEXICO, STARTS, SearchEffort, addition_stop
from experiments.studies.optimise.sides import buyable
from experiments.studies.optimise.study import PortfolioPlan
from experiments.studies.optimise.trials import Evaluator
from experiments.sweeps.design import with_inputs
from experiments.sweeps.sweep import RunFunction

SIZE = AnswerSize(
    budgets=(250e6,),
    accounts=("joint",),
    members=8,
    search_members=1,
    effort=SearchEffort(random_portfolios=8, rounds=1),
    variant_members=0,
    later_budget=250e6,
    largest_factor=1.0,
)


pytestmark = pytest.mark.usefixtures("quick_search")


def answer_for(world: RunFunction, folder: Path, size: AnswerSize = SIZE) -> Answer:
    """Return the answer for a run function."""
    scenario = find("classroom")
    scenario = scenario.with_settings({"days": days_in_years(scenario.start, 10)})
    evaluator = Evaluator(
        scenario, draw_members([0], scenario), folder, executor="serial", run_case=world
    )
    return answer(stages.run_stages(size, evaluator))


def test_members_of_the_score_are_not_used_in_the_search():
    judging, searching = PortfolioPlan(members=50, search_members=3).split
    assert len(set(judging)) == 50 and len(searching) == 3 and not set(judging) & set(searching)


@pytest.mark.slow
def test_variants_run_every_claim_under_their_members(formula_world, tmp_path: Path):
    few = ("as_is", "no_accords", "drawn_supply", "withdrawn")  # of each form
    effort = SearchEffort(per_dimension=0.2, rounds=1, confirmed=2, single_sizes=(4e8,))
    size = replace(
        SIZE, variant_members=2, largest_factor=LARGEST_FACTOR, later_effort=effort, variants=few
    )
    found = answer_for(formula_world(us=0.1, mexico=0.16), tmp_path, size)
    assert set(found.variants) == set(few)
    for name, cells in found.variants.items():
        assert len(cells) == 4 and {cell.rate.draws for cell in cells} == {2}
        assert {cell.share("beats").draws for cell in cells} == {
            2 if VARIANTS[name].marginal else 0
        }


def test_factors_of_every_instrument_have_the_declared_distribution():
    """Programmes without an evaluation deliver nothing in a quarter of the draws, on any side."""
    ids = buyable().ids
    table = np.array([list(one.values()) for one in draw_factors(ids, 60)])
    for name, factors in zip(ids, table.T, strict=True):
        spike = 0.0 if name in EVALUATED else SPIKE
        assert (factors == 0.0).mean() == spike
        live = np.log(factors[factors > 0.0])
        assert np.abs(live).max() <= math.log(LARGEST_FACTOR) + 1e-3
        assert abs(live.mean()) < 0.02 and live.std() == pytest.approx(
            math.log(2) / 3**0.5, abs=0.02
        )


def test_forms_of_one_programme_share_a_factor_in_score_and_search():
    """Overtime under three names has one factor, and one number that a claim can depend on."""
    (forms,), ids = PROGRAMMES, buyable().ids
    drawn = draw_factors(ids, 60)
    assert all(len({one[name] for name in forms}) == 1 for one in drawn)
    assert len({one[forms[0]] for one in drawn}) > 40
    assert [*first_forms(drawn[0])] == [name for name in ids if name not in forms[1:]]
    own = [ids.index(name) for name in forms]
    rows = np.random.default_rng(1).random((20, len(ids))) * 1e8
    keyed = np.array([effectiveness_prior(ids).keyed(row, 1) for row in rows])
    assert (keyed[:, own] == keyed[:, own[:1]]).all() and len(np.unique(keyed[:, own[0]])) > 10
    assert len(np.unique(keyed[0])) > len(ids) // 2


def test_the_delivered_dose_never_exceeds_the_largest_dose():
    """Effectiveness changes neither the dose nor the dollars, and nothing where it is not given."""
    high, scenario = registry()["fence"].high, find("classroom")
    for dose, factor in ((high, 2.0), (1.0, 0.5), (1.0, 2.0), (2.0, 0.0)):
        planned = {"policy.fence": dose, "policy.bilateral_accords": 2.0}
        got = with_inputs(scenario, planned, {"fence": factor, "trainers": 2.0})
        other, policy = policies_of(got, got.policies)
        assert (policy.dose, policy.delivered_dose) == (dose, min(dose * factor, high))
        assert (other.dose, other.delivered_dose) == (2.0, 2.0)
        assert policy.dollars()["us"] == pytest.approx(dose * policy.full_dollars)
    plain = with_inputs(scenario, {"policy.fence": 1.0})
    assert with_inputs(scenario, {"policy.fence": 1.0}, {"fence": 1.0}).digest == plain.digest


# ---- contested numbers ---------------------------------------------------------------------------

CLASSROOM = find("classroom")
SAME_PATHS = ("sustained_tempo", "tempo_cap")


@pytest.mark.parametrize("member", [0, 7, 200])
def test_at_zero_both_countries_have_the_same_limits_and_the_same_law(member: int):
    drawn = stages.members_of(VARIANTS["same_limits_and_law"], [member], CLASSROOM, 1)
    world = CLASSROOM.with_settings(dict(drawn.settings[0]))
    assert [getattr(world.mexico, name) for name in SAME_PATHS] == [
        getattr(world.border_patrol, name) for name in SAME_PATHS
    ]
    assert world.mexico.operations_returns == world.contest.eta  # the former law to the last bit
    assert drawn.numbers[0][TEMPO] == drawn.numbers[0][RETURNS] == 0.0


def test_declared_limits_and_law_are_the_model_without_contested_numbers():
    drawn = stages.members_of(VARIANTS["declared_limits_and_law"], [3], CLASSROOM, 1)
    plain = CLASSROOM.with_settings(dict(draw_members([3], CLASSROOM).settings[0]))
    assert CLASSROOM.with_settings(dict(drawn.settings[0])) == plain


@given(st.floats(0.0, 1.0), st.floats(0.0, 1.0))
@settings(max_examples=20, deadline=None)
def test_contested_values_lie_between_both_ends_in_proportion(u: float, v: float):
    values = contested_settings(CLASSROOM, (u, v))
    us, mexico, eta = CLASSROOM.border_patrol, CLASSROOM.mexico, CLASSROOM.contest.eta
    assert values == pytest.approx(
        {
            "mexico.sustained_tempo": us.sustained_tempo
            + u * (mexico.sustained_tempo - us.sustained_tempo),
            "mexico.tempo_cap": us.tempo_cap + u * (mexico.tempo_cap - us.tempo_cap),
            "mexico.operations_returns": eta + v * (1.0 - eta),
        }
    )


@pytest.mark.slow
def test_instruments_alone_run_under_one_member_with_declared_limits_and_returns(
    formula_world, tmp_path: Path
):
    """Rows of the table of single instruments can be compared; a variant has its own limits."""
    world, seen = formula_world(us=0.05, mexico=0.1), {}

    def noted(case: Case) -> RunResult:
        mexico, bought = case.scenario.mexico, case.scenario.policies
        world_of = mexico.sustained_tempo, mexico.tempo_cap, mexico.operations_returns
        if len(bought) == 1 and bought[0].effect == 1.0:
            seen.setdefault(bought[0].id, set()).add((case.seed, *world_of))
        return world(case)

    found = answer_for(
        noted, tmp_path, replace(SIZE, search_members=3, largest_factor=LARGEST_FACTOR)
    ).runs
    assert set(seen) == set(buyable().ids)
    assert len(set.union(*seen.values())) == 1  # one seed, one position
    assert {row[1:] for row in set.union(*seen.values())} == {(4.3, 4.3, 1.0)}
    searched = found.first.searched
    single = (searched.portfolios > 0.0).sum(axis=1) == 1
    assert searched.member is not None and not searched.member[single].any()
    assert (searched.member[~single].sum(axis=1) == 1.0).all()


def test_a_limit_that_the_user_sets_is_not_contested():
    own = CLASSROOM.with_settings({"mexico.tempo_cap": 3.0})
    values = contested_settings(own, (0.0, 0.0))
    assert "mexico.tempo_cap" not in values and "mexico.sustained_tempo" in values


@pytest.mark.slow
def test_every_draw_of_search_and_score_has_contested_numbers(
    formula_world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Both numbers of each draw are in its runs and in the table of uncertain numbers."""
    world, seen = formula_world(us=0.05, mexico=0.1), []

    def noted(case: Case) -> RunResult:
        seen.append((case.scenario.mexico.sustained_tempo, case.scenario.mexico.operations_returns))
        return world(case)

    found = answer_for(noted, tmp_path, replace(SIZE, search_members=3))
    assert len(set(seen)) == SIZE.members + 3 + 1
    assert (4.3, 1.0) in seen  # instruments alone, as declared
    u = [one[TEMPO] for one in found.runs.numbers]
    most = sorted({1.4 + x * (4.3 - 1.4) for x in u})
    ran = sorted({tempo for tempo, _ in seen})
    assert len(most) == SIZE.members and all(np.isclose(ran, x).any() for x in most)
    for name in (TEMPO, RETURNS):  # a Latin hypercube has one draw in each part
        parts = {int(SIZE.members * one[name]) for one in found.runs.numbers}
        assert parts == set(range(SIZE.members))


# ---- marginal pairs ------------------------------------------------------------------------------


@pytest.mark.slow
def test_marginal_pairs_start_from_both_sides_and_add_to_both(formula_world, tmp_path: Path):
    size = replace(SIZE, marginal_members=4, effort=SearchEffort(per_dimension=0.3, rounds=1))
    runs = answer_for(formula_world(us=0.1, mexico=0.1), tmp_path, size).runs
    scored, instruments = runs.first.score, buyable()
    places, added, draws = scored.additions, scored.added, list(scored.added_draws)
    assert added is not None and len(added.base) == len(draws) == 4
    keys = {(t.side, where) for t, where in places}
    assert keys == {(side, where) for side in STARTS for where in (MEXICO, LINE)}
    needs = instruments.needs_mexico
    for (target, where), place in places.items():
        start = scored.trials.portfolios[scored.menu[target]]
        more = added.portfolios[place] - start
        assert (more >= 0.0).all() and more[needs != (where == MEXICO)].sum() == 0.0
        assert 0.8 * 0.25 * target.budget < more.sum() <= 0.25 * target.budget * (1.0 + 1e-9)
        offered = (instruments, where, start, start + more, 0.25 * target.budget)
        assert addition_stop(*offered) == ""
    assert np.allclose(added.base, scored.trials.base[draws])  # the same draws and seeds


# ---- dollars -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_spent_dollars_are_read_and_do_not_depend_on_effectiveness(formula_world, tmp_path: Path):
    """U.S. agencies spend 60 % of planned dollars; each draw has other factors of effectiveness."""
    world = formula_world(us=0.1, mexico=0.1, us_spends=0.6)
    effort = SearchEffort(per_dimension=0.3, rounds=1)
    runs = answer_for(
        world, tmp_path, replace(SIZE, largest_factor=LARGEST_FACTOR, effort=effort)
    ).runs
    trials, searched = runs.first.score.trials, runs.first.searched
    needs = buyable().needs_mexico
    assert trials.spent is not None and trials.spent.shape == (*trials.levels.shape[:2], 3, 3)
    assert len({one[PREFIX + "fence"] for one in runs.numbers}) > 4
    for row, spent in zip(trials.portfolios, trials.spent, strict=True):
        expected = 0.6 * row[~needs].sum() + row[needs].sum()
        assert np.allclose(spent.sum(axis=1), expected, rtol=1e-3) and expected <= row.sum()
    assert searched.spent is not None
    planned = searched.portfolios.sum(axis=1)
    assert (searched.spent.sum(axis=2).max(axis=(1, 2)) <= planned * 1.001).all()


# ---- sizes ---------------------------------------------------------------------------------------


def test_every_variant_and_regime_has_enough_paired_draws_at_full_size():
    assert FULL.members >= MIN_DRAWS and FULL.later.members == FULL.members
    assert FULL.variant_members >= MIN_VARIANT_DRAWS <= FULL.marginal_members
    assert len(stages.variant_questions(FULL)[-1].draws) == FULL.variant_members
    assert FULL.effort.per_dimension > 0.0 < FULL.later_effort.per_dimension
    assert FULL.variants == tuple(VARIANTS)
    assert FULL.variants[:2] == (CONTROL, "same_limits_and_law")
    assert FULL.later_budget in FULL.budgets
    for variant in VARIANTS.values():
        assert set(variant.ineffective) | set(variant.us_alone_policies) <= set(registry())


@pytest.mark.parametrize(
    ("size", "runs", "warmups"), [(FULL, {3: 7180, 10: 1230}, 956), (QUICK, {3: 79, 10: 144}, 19)]
)
def test_the_plan_has_the_runs_that_the_decision_names(
    size: AnswerSize, runs: dict[int, int], warmups: int
):
    """See docs/background/decisions/search.md. More runs need a reason there."""
    assert stages.count_runs(size) == runs
    assert sum(batch.warmups for batch in stages.batches(size)) == warmups


@pytest.mark.parametrize("years", [1, 2])
def test_a_search_that_reaches_no_judged_horizon_is_refused(years: int):
    with pytest.raises(SettingError, match=f"runs of {years} years reach no judged horizon"):
        replace(SIZE, search_years=years)


@pytest.mark.slow
def test_the_count_of_runs_is_an_upper_bound_that_the_stages_come_close_to(
    formula_world, tmp_path: Path
):
    """Every stage is counted: regimes, searches, scores, pairs, and variants with pairs."""
    effort = SearchEffort(per_dimension=0.2, rounds=1, confirmed=2, single_sizes=(4e8,))
    size = replace(
        SIZE,
        effort=effort,
        regimes=("fy2013", "fy2019"),
        later_effort=effort,
        search_years=3,
        search_members=2,
        confirmed_draws=2,
        marginal_members=3,
        variant_members=3,
        variants=("same_limits_and_law", "withdrawn"),
    )
    world, made = formula_world(us=0.1, mexico=0.1), Counter[int]()

    def counted(case: Case) -> RunResult:
        made[round(case.scenario.days / 365.25)] += 1
        return world(case)

    answer_for(counted, tmp_path, size)
    for years, most in stages.count_runs(size).items():
        assert 0.6 * most < made[years] <= most
    assert set(made) == {3, 10}
