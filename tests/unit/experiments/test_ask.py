"""The question asked in worlds whose answer is known: every claim can hold and can fail.

The runs are made up: entries follow from what is bought by a formula, so search, scoring, horizons,
rivals and verdict can be held against the truth in seconds.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.policies import registry
from abm.scenario.policy_specs import PolicySpec
from experiments.ask import stages
from experiments.ask.answer import Answer, answer, verdict_words
from experiments.ask.effectiveness import DOUBT, draw_factors
from experiments.ask.sizes import AnswerSize
from experiments.ask.variants import VARIANTS
from experiments.calibration.members import draw_members
from experiments.case import Case, RunResult
from experiments.optimise.horizons import days_in_years
from experiments.optimise.score import split_members
from experiments.optimise.search import SearchEffort
from experiments.optimise.trials import Evaluator
from experiments.scenarios import find
from experiments.store import SweepResults
from experiments.sweep import RunFunction

SIZE = AnswerSize(
    budgets=(250e6,),
    accounts=("joint",),
    members=8,
    search_members=1,
    effort=SearchEffort(together=8, rounds=1),
    variant_members=0,
    variant_budget=250e6,
    doubt=1.0,
)


pytestmark = pytest.mark.usefixtures("quick_search")


def asked(world: RunFunction, folder: Path, size: AnswerSize = SIZE) -> Answer:
    """The question asked in a world."""
    scenario = find("classroom")
    scenario = scenario.with_settings({"days": days_in_years(scenario.start, 10)})
    evaluator = Evaluator(
        scenario, draw_members([0], scenario), folder, executor="serial", run_case=world
    )
    return answer(stages.run_stages(size, scenario, evaluator))


def test_where_only_mexico_can_do_anything_all_claims_hold(formula_world, tmp_path: Path):
    found = asked(formula_world(us=0.0, mexico=0.2), tmp_path)
    assert verdict_words(found.verdicts) == dict.fromkeys(
        ("helps", "beats", "requires"), "supported"
    )


def test_where_mexico_can_do_nothing_all_claims_fail(formula_world, tmp_path: Path):
    found = asked(formula_world(us=0.2, mexico=0.0), tmp_path)
    assert verdict_words(found.verdicts) == dict.fromkeys(("helps", "beats", "requires"), "refuted")
    for cell in found.of("beats"):
        assert np.allclose(cell.advantage, 0.0, atol=0.02)  # both together: the same portfolio


def test_what_four_times_the_money_can_do_is_not_required(formula_world, tmp_path: Path):
    """Mexico buys half as much again, so it beats; four times the money catches up."""
    found = asked(formula_world(us=0.10, mexico=0.16), tmp_path)
    assert verdict_words(found.verdicts) == {
        "helps": "supported",
        "beats": "supported",
        "requires": "refuted",
    }


def test_a_win_that_costs_lives_is_a_trade_off(formula_world, tmp_path: Path):
    found = asked(formula_world(us=0.0, mexico=0.2, deaths=10.0), tmp_path)
    assert all(cell.trade_offs == ("deaths",) for cell in found.of("beats"))


def test_a_second_start_plays_nothing_and_answers_the_same(formula_world, tmp_path: Path):
    first = asked(formula_world(us=0.05, mexico=0.1), tmp_path)
    rows = {
        path.parent.name: len(SweepResults(path.parent).frame())
        for path in tmp_path.rglob("ledger.sqlite")
    }
    played: list[Case] = []

    def watched(case: Case) -> RunResult:
        played.append(case)
        return formula_world(us=0.05, mexico=0.1)(case)

    again = asked(watched, tmp_path)
    assert not played and rows["first"] > 60 and rows["score"] >= 8 * 4
    assert [c.p_win for c in again.cells] == [c.p_win for c in first.cells]


def test_those_who_judge_did_not_search():
    judging, searching = split_members(50, 3)
    assert len(set(judging)) == 50 and len(searching) == 3 and not set(judging) & set(searching)


def test_a_portfolio_of_the_united_states_alone_needs_nobody(formula_world, tmp_path: Path):
    found = asked(formula_world(us=0.1, mexico=0.1), tmp_path)
    p = found.runs
    for target, place in p.score.menu.items():
        bought = p.instruments.by_instrument(p.score.trials.portfolios[place])
        needs = {registry()[name].needs_mexico for name in bought}
        assert needs <= {"us_only": {False}, "cooperative": {True}}.get(target.side, {True, False})
        charge = p.instruments.charge(p.score.trials.portfolios[place], target.account)
        assert charge <= target.budget * (1.0 + 1e-9)


def test_variants_play_the_same_portfolios_in_their_own_world(formula_world, tmp_path: Path):
    size = replace(SIZE, variant_members=2, doubt=DOUBT)
    found = asked(formula_world(us=0.1, mexico=0.16), tmp_path, size)
    assert set(found.variants) == set(VARIANTS)
    for cells in found.variants.values():
        assert len(cells) == 6 and {cell.draws for cell in cells} == {2}


def test_what_delivers_nothing_is_paid_and_not_played():
    from experiments.design import with_inputs
    from experiments.design.factors import delivered_inputs

    planned = {"policy.bilateral_accords": 2.0, "policy.fence": 1.0}
    got = with_inputs(find("classroom"), delivered_inputs(planned, {"bilateral_accords": 0.0}))
    assert [use.id for use in got.policies] == ["fence"]
    for variant in VARIANTS.values():
        assert set(variant.ineffective) | set(variant.us_alone_policies) <= set(registry())


def test_programmes_of_both_sides_are_doubted_alike():
    ids = [f"i{k}" for k in range(27)]
    table = np.log([list(one.values()) for one in draw_factors(ids, 50)])
    assert np.abs(table).max() <= math.log(DOUBT) + 1e-3
    assert np.abs(table.mean(axis=0)).max() < 0.02  # every instrument alike, by its design
    assert (
        draw_factors(ids, 50) == draw_factors(ids, 50)
        and draw_factors(ids, 5, doubt=1.0)[0]["i0"] == 1.0
    )


def test_what_is_delivered_never_passes_the_largest_dose():
    from experiments.design.factors import delivered_inputs

    high = registry()["fence"].high
    assert delivered_inputs({"policy.fence": high}, {"fence": 2.0}) == {"policy.fence": high}
    assert delivered_inputs({"policy.fence": 1.0, "x": 3}, {"fence": 0.5}) == {"policy.fence": 0.5, "x": 3}
    assert PolicySpec(id="fence", dose=high).dose == high
