"""Stages of an answer for models with a known result: search, score, pairs, draws and sizes.

Entries are a formula of the portfolio, so the true result is known, and runs take no time.
"""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import fields, is_dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from abm.policies import policies_of, registry
from abm.policies.registry import make
from abm.scenario import Scenario, SettingError
from agents.param import params_of
from experiments.calibration.members import draw_members
from experiments.calibration.priors import PRIORS
from experiments.runs.case import Case, RunResult
from experiments.scenarios import find
from experiments.studies.ask import stages, uncertain_numbers
from experiments.studies.ask.answer import Answer, answer
from experiments.studies.ask.regimes import CORE, HEADLINES, VARIANTS
from experiments.studies.ask.sizes import FULL, QUICK, AnswerSize
from experiments.studies.ask.turning import changes
from experiments.studies.ask.uncertain_numbers import (
    NAMES,
    PREFIX,
    RETURNS,
    TEMPO,
    contested_settings,
    with_numbers,
)
from experiments.studies.ask.verdict import CLAIMS, MIN_DRAWS, MIN_PAIR_DRAWS
from experiments.studies.optimise import drawn_numbers
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
from experiments.studies.optimise.sides import Instruments, buyable
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
def test_every_headline_has_cells_and_every_number_its_bounds(
    formula_world, tmp_path: Path, range_of_a_price: str
):
    size = replace(SIZE, headlines=tuple(HEADLINES), turning_members=2, marginal_members=8)
    result = answer_for(formula_world(us=0.1, mexico=0.16), tmp_path, size)
    for name, cells in result.headlines.items():
        measures = HEADLINES[name].measures
        assert [cell.measure for cell in cells] == [m for m in measures for _ in (1, 3)]
        bought = result.runs.headlines[name]["fy2013"].score.trials
        assert bought.instruments.on_menu.sum() == buyable(menu=HEADLINES[name].menu).on_menu.sum()
    rows = result.turning
    assert {row["number"] for row in rows} == {*NAMES, range_of_a_price, *VARIANTS}
    assert len(rows) == 2 * len(CLAIMS) * 3 * (len(changes()) - 1)  # two headlines, two measures
    assert {row["headline"] for row in rows} == {CORE, "enforcement"}
    still = {row["shift"] for row in rows if row["number"] in (*NAMES, range_of_a_price)}
    assert still == {0.0}  # a price does not change the dollars, on which the formula depends
    assert not any(row["turns"] for row in rows)  # eight draws are too few for a verdict
    turned = result.runs.turned
    assert turned is not None
    assert {change.name for change in turned.worlds} <= {"middle", *VARIANTS}  # no other effects
    trials = turned.scores[CORE].trials
    bought = trials.portfolios[:, buyable().ids.index("bilateral_accords")].any()
    assert any(row["shift"] for row in rows if row["number"] == "no_accords") == bought


def test_menus_follow_from_the_reasons_that_instruments_declare():
    core, every, enforcement = (buyable(menu=menu) for menu in ("core", "all", "enforcement"))
    assert core.ids == every.ids == enforcement.ids
    added = {n for n, new in zip(core.ids, every.on_menu & ~core.on_menu, strict=True) if new}
    assert added == {"remain_in_mexico", "expulsion"}
    assert "announcement" not in names_on(every, "mixed")
    assert names_on(enforcement, "us_only") == {
        *("patrol_effort", "patrol_surge", "sector_surge", "sector_allocation", "fence"),
        *("aerial_surveillance", "cameras_and_sensors", "consequence_capacity"),
        *("smuggler_prosecution", "worksite_enforcement"),
    }
    assert names_on(enforcement, "cooperative") == {
        *("southern_border_control", "rural_gendarmerie", "mexican_border_patrol", "best_teams"),
        *("joint_operations", "intelligence_sharing", "dismantle_conveyor_belts", "trainers"),
        *("bilateral_accords", "transfers_south", "military_cooperation", "anti_crime_strategy"),
        *("merida_initiative", "assurance_conditionality", "border_management_plan"),
    }


def names_on(instruments: Instruments, side: str) -> set[str]:
    return {n for n, yes in zip(instruments.ids, instruments.allowed(side), strict=True) if yes}


def test_accords_are_bought_without_the_visas_that_the_united_states_grants():
    portfolio = np.where(np.array(buyable().ids) == "bilateral_accords", 40e6, 0.0)
    (spec,) = buyable().policy_specs(portfolio)
    policy: Any = make(spec, *(date.fromordinal(day) for day in (1, 2)))
    assert sum(policy.permits) == policy.dollars()["users"] == 0.0
    assert sum(policy.dollars().values()) == pytest.approx(40e6)


def test_overtime_of_a_joint_measure_is_money_of_the_united_states():
    """Joint operations are bought without overtime. Both parts together are the whole measure."""
    kinds, instruments = registry(), buyable()
    place = instruments.ids.index("joint_operations")
    assert (
        instruments.payer_dollars["us"][place] == 0.0 < instruments.payer_dollars["mexico"][place]
    )
    total = kinds["joint_operations"].full_programme().full_dollars
    parts = kinds["sector_surge"].full_programme().full_dollars + instruments.full_cost[place]
    assert parts == pytest.approx(total)


# ---- drawn numbers -------------------------------------------------------------------------------


@pytest.fixture
def range_of_a_price(monkeypatch: pytest.MonkeyPatch) -> str:
    """Let only the cost of a new agent have a range, $100,000 to $300,000; return its path."""
    path, policy = "policies.patrol_surge.cost_per_agent", registry()["patrol_surge"]
    declared = params_of(policy)["cost_per_agent"]
    declared = replace(declared, draw_range=(100_000.0, 300_000.0))
    number = drawn_numbers.DrawnNumber((path,), declared)
    for module in ("optimise.drawn_numbers", "ask.turning", "ask.uncertain_numbers"):
        monkeypatch.setattr(f"experiments.studies.{module}.drawn_numbers", lambda: (number,))
    return path


def test_a_dearer_price_buys_a_smaller_dose_and_makes_no_new_warm_up(range_of_a_price: str):
    low, high = drawn_numbers.drawn_numbers()[0].bounds
    plain = draw_members([0], CLASSROOM)
    cases = []
    for price in (low, high):
        sample = with_numbers(plain, CLASSROOM, [{range_of_a_price: price}])
        evaluator = Evaluator(CLASSROOM, sample, Path())
        row = evaluator.instruments.portfolio({"patrol_surge": 4e8})
        cases.append([case for _, case in evaluator.design("one", row[None]).cases()][1])
    cheap, dear = (policies_of(case.scenario, case.scenario.policies)[0] for case in cases)
    assert cheap.dose > 1.5 * dear.dose
    for policy in (cheap, dear):
        assert sum(policy.dollars().values()) == pytest.approx(4e8)
    assert cases[0].warmup_key == cases[1].warmup_key


def test_a_range_above_zero_is_drawn_on_a_log_scale(range_of_a_price: str):
    number = drawn_numbers.drawn_numbers()[0]
    assert [number.at(u) for u in (0.0, 0.5, 1.0)] == pytest.approx([1e5, 173_205.0, 3e5])
    drawn = uncertain_numbers.draw_numbers(8, 1)
    shares = [math.log(draw[range_of_a_price] / 1e5, 3.0) for draw in drawn]
    parts = {int(8 * share) for share in shares}
    assert parts == set(range(8))  # a Latin hypercube has one draw in each part


def test_every_declaration_with_a_range_is_one_number_of_a_draw():
    """Two equal declarations are two numbers. A declaration that policies share is one number."""
    groups: dict[str, Any] = {f"policies.{name}": kind for name, kind in registry().items()}
    default = Scenario()
    groups |= {f.name: type(getattr(default, f.name)) for f in fields(default)}
    declared = {
        f"{path}.{f.name}": f.metadata["param"]
        for path, kind in groups.items()
        if is_dataclass(kind)
        for f in fields(kind)
        if "param" in f.metadata and f.metadata["param"].draw_range
    }
    numbers = drawn_numbers.drawn_numbers()
    of_path = {path: k for k, number in enumerate(numbers) for path in number.paths}
    calibrated = {path for prior in PRIORS.values() for path in prior.paths}
    assert of_path.keys() == declared.keys() - calibrated
    assert len(numbers) == len({id(declared[path]) for path in of_path})
    assert all(len({id(declared[path]) for path in number.paths}) == 1 for number in numbers)
    equal = [
        f"policies.{name}.us_dollars" for name in ("intelligence_sharing", "trade_facilitation")
    ]
    assert declared[equal[0]] == declared[equal[1]] and of_path[equal[0]] != of_path[equal[1]]
    agents = [f"policies.{name}.cost_per_agent" for name in ("patrol_effort", "patrol_surge")]
    assert of_path[agents[0]] == of_path[agents[1]]


def test_a_variant_sets_two_prices_within_their_bounds_for_all_policies_that_share_them():
    numbers = {number.name: number for number in drawn_numbers.drawn_numbers()}
    (change,) = (each for each in changes() if each.name == "dear_petition_cheap_workers")
    assert change.values == change.variant.values
    for name, value in change.values.items():
        assert numbers[name].bounds[0] <= value <= numbers[name].bounds[1]
    assert drawn_numbers.settings_of(change.values, CLASSROOM) == {"employers.unlawful_cost": 3e3}
    petitions = {"bilateral_accords": {"petition": 5e3}, "legal_pathways": {"petition": 5e3}}
    assert drawn_numbers.policy_numbers(change.values) == petitions


def test_factors_of_every_instrument_have_the_declared_distribution():
    """Programmes without an evaluation deliver nothing in a quarter of the draws, on any side."""
    ids = buyable().ids
    table = np.array([list(draw.values()) for draw in draw_factors(ids, 60)])
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
    assert all(len({draw[name] for name in forms}) == 1 for draw in drawn)
    assert len({draw[forms[0]] for draw in drawn}) > 40
    assert [*first_forms(drawn[0])] == [name for name in ids if name not in forms[1:]]
    at = [ids.index(name) for name in forms]
    rows = np.random.default_rng(1).random((20, len(ids))) * 1e8
    keyed = np.array([effectiveness_prior(ids).keyed(row, 1) for row in rows])
    assert (keyed[:, at] == keyed[:, at[:1]]).all() and len(np.unique(keyed[:, at[0]])) > 10
    assert len(np.unique(keyed[0])) > len(ids) // 2


def test_the_delivered_dose_never_exceeds_the_largest_dose():
    """Effectiveness changes neither dose nor dollars, and no policy for which it is not given."""
    high, scenario = registry()["fence"].high, find("classroom")
    for dose, factor in ((high, 2.0), (1.0, 0.5), (1.0, 2.0), (2.0, 0.0)):
        planned = {"policy.fence": dose, "policy.bilateral_accords": 2.0}
        scenario_with = with_inputs(scenario, planned, {"fence": factor, "trainers": 2.0})
        other, policy = policies_of(scenario_with, scenario_with.policies)
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
    at_zero = {TEMPO: 0.0, RETURNS: 0.0}
    drawn = with_numbers(draw_members([member], CLASSROOM), CLASSROOM, [at_zero])
    world = CLASSROOM.with_settings(dict(drawn.settings[0]))
    assert [getattr(world.mexico, name) for name in SAME_PATHS] == [
        getattr(world.border_patrol, name) for name in SAME_PATHS
    ]
    assert world.mexico.operations_returns == world.contest.eta  # equals the former law exactly
    assert drawn.numbers[0][TEMPO] == drawn.numbers[0][RETURNS] == 0.0


def test_contested_tempo_starts_from_the_drawn_tempo_of_the_border_patrol():
    drawn = {"border_patrol.sustained_tempo": 1.6, "border_patrol.tempo_cap": 3.0}
    at_zero = {TEMPO: 0.0, RETURNS: 0.0, **drawn}
    sample = with_numbers(draw_members([7], CLASSROOM), CLASSROOM, [at_zero])
    world = CLASSROOM.with_settings(dict(sample.settings[0]))
    assert [getattr(world.mexico, name) for name in SAME_PATHS] == [*drawn.values()]


def test_declared_limits_and_law_are_the_model_without_contested_numbers():
    drawn = stages.members_of([3], CLASSROOM, None)
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
    """The rows of the table of single instruments can therefore be compared."""
    world, used = formula_world(us=0.05, mexico=0.1), {}

    def recorded(case: Case) -> RunResult:
        mexico, bought = case.scenario.mexico, case.scenario.policies
        world_of = mexico.sustained_tempo, mexico.tempo_cap, mexico.operations_returns
        if len(bought) == 1 and bought[0].effect == 1.0:
            used.setdefault(bought[0].id, set()).add((case.seed, *world_of))
        return world(case)

    runs = answer_for(
        recorded, tmp_path, replace(SIZE, search_members=3, largest_factor=LARGEST_FACTOR)
    ).runs
    assert set(used) == {n for n, on in zip(buyable().ids, buyable().on_menu, strict=True) if on}
    assert len(set.union(*used.values())) == 1  # all instruments have one seed and one world
    assert {row[1:] for row in set.union(*used.values())} == {(4.3, 4.3, 1.0)}
    searched = runs.first.searched
    single = (searched.portfolios > 0.0).sum(axis=1) == 1
    assert searched.member is not None and not searched.member[single].any()
    assert (searched.member[~single].sum(axis=1) == 1.0).all()


def test_a_limit_that_the_user_sets_is_not_contested():
    changed = CLASSROOM.with_settings({"mexico.tempo_cap": 3.0})
    values = contested_settings(changed, (0.0, 0.0))
    assert "mexico.tempo_cap" not in values and "mexico.sustained_tempo" in values


@pytest.mark.slow
def test_every_draw_of_search_and_score_has_contested_numbers(
    formula_world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    """Both numbers of each draw are in its runs and in the table of uncertain numbers."""
    world, used = formula_world(us=0.05, mexico=0.1), []

    def recorded(case: Case) -> RunResult:
        used.append((case.scenario.mexico.sustained_tempo, case.scenario.mexico.operations_returns))
        return world(case)

    result = answer_for(recorded, tmp_path, replace(SIZE, search_members=3))
    assert len(set(used)) == SIZE.members + 3 + 1
    assert (4.3, 1.0) in used  # the declared values of instruments alone
    ends = [(draw["border_patrol.sustained_tempo"], draw[TEMPO]) for draw in result.runs.numbers]
    tempos = {low + x * (4.3 - low) for low, x in ends}
    ran = sorted({tempo for tempo, _ in used})
    assert len(tempos) == SIZE.members and all(np.isclose(ran, x).any() for x in tempos)
    for name in (TEMPO, RETURNS):  # a Latin hypercube has one draw in each part
        parts = {int(SIZE.members * draw[name]) for draw in result.runs.numbers}
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
    base = scored.trials.base[draws][..., :2]  # three years of the same draws and seeds
    assert np.allclose(added.base[..., :2], base) and np.isnan(added.base[..., 2]).all()


# ---- dollars -------------------------------------------------------------------------------------


@pytest.mark.slow
def test_spent_dollars_are_read_and_do_not_depend_on_effectiveness(formula_world, tmp_path: Path):
    """U.S. agencies spend 60 % of planned dollars. Effectiveness differs between draws."""
    world = formula_world(us=0.1, mexico=0.1, us_spends=0.6)
    effort = SearchEffort(per_dimension=0.3, rounds=1)
    runs = answer_for(
        world, tmp_path, replace(SIZE, largest_factor=LARGEST_FACTOR, effort=effort)
    ).runs
    trials, searched = runs.first.score.trials, runs.first.searched
    needs = buyable().needs_mexico
    assert trials.spent is not None and trials.spent.shape == (*trials.levels.shape[:2], 3, 3)
    assert len({draw[PREFIX + "fence"] for draw in runs.numbers}) > 4
    for row, spent in zip(trials.portfolios, trials.spent, strict=True):
        expected = 0.6 * row[~needs].sum() + row[needs].sum()
        paid = spent.sum(axis=1)  # less where a draw's lower price leaves dollars at a full dose
        assert (paid < 1.001 * expected).all() and expected <= row.sum()
        assert np.allclose(paid, expected, rtol=0.05)
    assert searched.spent is not None
    planned = searched.portfolios.sum(axis=1)
    assert (searched.spent.sum(axis=2).max(axis=(1, 2)) <= planned * 1.001).all()


# ---- sizes ---------------------------------------------------------------------------------------


def test_the_full_size_has_enough_draws_and_variants_name_known_instruments():
    assert FULL.members >= MIN_DRAWS and FULL.marginal_members >= MIN_PAIR_DRAWS
    for variant in VARIANTS.values():
        assert set(variant.ineffective) <= set(registry())


@pytest.mark.parametrize(("size", "runs"), [(FULL, {3: 4925, 10: 780}), (QUICK, {3: 621})])
def test_the_plan_has_the_runs_that_the_decision_names(size: AnswerSize, runs: dict[int, int]):
    """docs/internals/decisions/program.md states these numbers. More runs need a reason there.

    The runs of turning numbers depend on how many parameters declare a range.
    """
    assert stages.count_runs(replace(size, turning_members=0)) == runs


@pytest.mark.parametrize("years", [1, 2])
def test_a_search_that_reaches_no_judged_horizon_is_refused(years: int):
    with pytest.raises(SettingError, match=f"runs of {years} years reach no judged horizon"):
        replace(SIZE, search_years=years)


@pytest.mark.slow
def test_the_count_of_runs_is_an_upper_bound_that_the_stages_come_close_to(
    formula_world, tmp_path: Path
):
    """Regimes, searches, scores, pairs and headlines are counted, and no case is run twice."""
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
        headlines=(CORE, "enforcement"),
    )
    world, counts, digests = formula_world(us=0.1, mexico=0.1), Counter[int](), set[str]()

    def counted(case: Case) -> RunResult:
        counts[round(case.scenario.days / 365.25)] += 1
        digests.add(case.digest)
        return world(case)

    answer_for(counted, tmp_path, size)
    for years, bound in stages.count_runs(size).items():
        assert 0.6 * bound < counts[years] <= bound
    assert set(counts) == {3, 10} and len(digests) == counts.total()
