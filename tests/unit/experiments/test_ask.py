"""Answers for models with a known result: every claim can hold and can fail.

Entries are a formula of the portfolio, so search, score, horizons, rivals and verdicts can be
checked against the true result in seconds.
"""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from abm.policies import registry
from experiments.ask import stages
from experiments.ask.answer import Answer, answer, verdict_words
from experiments.ask.effectiveness import DOUBT, EVALUATED, SPIKE, draw_factors
from experiments.ask.rate_cells import MIN_DRAWS, MIN_VARIANT_DRAWS
from experiments.ask.sizes import FULL, QUICK, AnswerSize
from experiments.ask.variants import VARIANTS, Variant
from experiments.calibration.members import draw_members
from experiments.case import Case, RunResult
from experiments.optimise.horizons import days_in_years
from experiments.optimise.score import split_members
from experiments.optimise.search import SearchEffort
from experiments.optimise.sides import buyable
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


def answer_for(world: RunFunction, folder: Path, size: AnswerSize = SIZE) -> Answer:
    """Return the answer for a run function."""
    scenario = find("classroom")
    scenario = scenario.with_settings({"days": days_in_years(scenario.start, 10)})
    evaluator = Evaluator(
        scenario, draw_members([0], scenario), folder, executor="serial", run_case=world
    )
    return answer(stages.run_stages(size, scenario, evaluator))


def test_all_claims_hold_if_only_mexican_instruments_have_an_effect(formula_world, tmp_path: Path):
    found = answer_for(formula_world(us=0.0, mexico=0.2), tmp_path)
    assert verdict_words(found.verdicts) == dict.fromkeys(
        ("helps", "beats", "requires"), "supported"
    )


def test_all_claims_fail_if_mexican_instruments_have_no_effect(formula_world, tmp_path: Path):
    found = answer_for(formula_world(us=0.2, mexico=0.0), tmp_path)
    assert verdict_words(found.verdicts) == dict.fromkeys(("helps", "beats", "requires"), "refuted")
    for cell in found.of("beats"):
        assert np.allclose(
            cell.advantage, 0.0, atol=0.02
        )  # both together choose the same portfolio


def test_cooperation_is_not_required_if_four_times_the_budget_reaches_the_same(
    formula_world, tmp_path: Path
):
    """Mexican instruments have 1.6 times the effect; four times the budget reaches more."""
    found = answer_for(formula_world(us=0.10, mexico=0.16), tmp_path)
    assert verdict_words(found.verdicts) == {
        "helps": "supported",
        "beats": "supported",
        "requires": "refuted",
    }


def test_a_win_with_more_deaths_is_a_trade_off(formula_world, tmp_path: Path):
    found = answer_for(formula_world(us=0.0, mexico=0.2, deaths=10.0), tmp_path)
    assert all(cell.trade_offs == ("deaths",) for cell in found.of("beats"))


def test_a_second_start_runs_nothing_and_gives_the_same_answer(formula_world, tmp_path: Path):
    first = answer_for(formula_world(us=0.05, mexico=0.1), tmp_path)
    rows = {
        path.parent.name: len(SweepResults(path.parent).frame())
        for path in tmp_path.rglob("ledger.sqlite")
    }
    runs_made: list[Case] = []

    def counted(case: Case) -> RunResult:
        runs_made.append(case)
        return formula_world(us=0.05, mexico=0.1)(case)

    again = answer_for(counted, tmp_path)
    assert not runs_made and rows["first"] > 60 and rows["score"] >= 8 * 4
    assert [c.p_win for c in again.cells] == [c.p_win for c in first.cells]


def test_members_of_the_score_are_not_used_in_the_search():
    judging, searching = split_members(50, 3)
    assert len(set(judging)) == 50 and len(searching) == 3 and not set(judging) & set(searching)


def test_portfolios_respect_the_side_and_the_budget(formula_world, tmp_path: Path):
    found = answer_for(formula_world(us=0.1, mexico=0.1), tmp_path)
    p = found.runs
    for target, place in p.score.menu.items():
        bought = p.instruments.by_instrument(p.score.trials.portfolios[place])
        needs = {registry()[name].needs_mexico for name in bought}
        assert needs <= {"us_only": {False}, "cooperative": {True}}.get(target.side, {True, False})
        charge = p.instruments.charge(p.score.trials.portfolios[place], target.account)
        assert charge <= target.budget * (1.0 + 1e-9)


def test_variants_run_every_claim_under_their_members(
    formula_world, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    few = ("as_declared", "no_accords", "drawn_supply", "withdrawn")  # one of each form
    monkeypatch.setattr(stages, "VARIANTS", {name: VARIANTS[name] for name in few})
    effort = SearchEffort(per_dimension=0.2, rounds=1, confirmed=2, single_sizes=(4e8,))
    size = replace(SIZE, variant_members=2, doubt=DOUBT, variant_effort=effort)
    found = answer_for(formula_world(us=0.1, mexico=0.16), tmp_path, size)
    assert set(found.variants) == set(few)
    for cells in found.variants.values():
        assert len(cells) == 6 and {cell.draws for cell in cells} == {2}


def test_an_instrument_without_effect_is_paid_but_not_in_force():
    from experiments.design import with_inputs

    planned = {"policy.bilateral_accords": 2.0, "policy.fence": 1.0}
    got = with_inputs(find("classroom"), planned, {"bilateral_accords": 0.0}).policies
    assert [(use.id, use.dose, use.effect) for use in got] == [
        ("bilateral_accords", 2.0, 0.0),
        ("fence", 1.0, 1.0),
    ]
    for variant in VARIANTS.values():
        assert set(variant.ineffective) | set(variant.us_alone_policies) <= set(registry())


def test_factors_of_every_instrument_have_the_declared_distribution():
    """Programmes without an evaluation deliver nothing in a quarter of the draws, on any side."""
    ids = buyable().ids
    table = np.array([list(one.values()) for one in draw_factors(ids, 60)])
    for name, factors in zip(ids, table.T, strict=True):
        spike = 0.0 if name in EVALUATED else SPIKE
        assert (factors == 0.0).mean() == spike
        live = np.log(factors[factors > 0.0])
        assert np.abs(live).max() <= math.log(DOUBT) + 1e-3
        assert abs(live.mean()) < 0.02 and live.std() == pytest.approx(
            math.log(2) / 3**0.5, abs=0.02
        )


def test_factors_are_reproducible_and_there_are_none_without_doubt():
    assert draw_factors(["a", "fence"], 50) == draw_factors(["a", "fence"], 50)
    assert draw_factors(["a", "fence"], 3, doubt=1.0) == [{"a": 1.0, "fence": 1.0}] * 3


def test_evaluated_programmes_can_be_bought_on_both_sides():
    assert set(EVALUATED) <= set(buyable().ids) and all(EVALUATED.values())
    needs = dict(zip(buyable().ids, buyable().needs_mexico.tolist(), strict=True))
    assert {needs[name] for name in EVALUATED} == {True, False}


def test_the_delivered_dose_never_exceeds_the_largest_dose():
    """Effectiveness changes neither the dose nor the dollars, and nothing where it is not given."""
    from abm.policies import policies_of
    from experiments.design import with_inputs

    high, scenario = registry()["fence"].high, find("classroom")
    for dose, factor, delivered in ((high, 2.0, high), (1.0, 0.5, 0.5), (1.0, 2.0, 2.0)):
        got = with_inputs(scenario, {"policy.fence": dose}, {"fence": factor, "trainers": 2.0})
        (policy,) = policies_of(got, got.policies)
        assert (policy.dose, policy.delivered_dose) == (dose, min(delivered, high))
        assert policy.dollars()["us"] == pytest.approx(dose * policy.dollars_at_one)
    plain = with_inputs(scenario, {"policy.fence": 1.0})
    assert with_inputs(scenario, {"policy.fence": 1.0}, {"fence": 1.0}).digest == plain.digest


def test_a_variant_copies_a_number_of_each_member_and_needs_parameters_that_exist():
    variant = Variant("x", copied={"contest.chi": "contest.eta"})
    drawn = stages._members_of(variant, [0, 1], find("classroom"))
    values = [(one["contest.chi"], one["contest.eta"]) for one in drawn.settings]
    assert variant.exists and all(copy == own for copy, own in values) and len(set(values)) == 2
    assert not Variant("x", copied={"contest.none": "contest.eta"}).exists
    assert all(one.exists for one in VARIANTS.values())
    named = "prospect_theory stackelberg strategic_mexico closed_entry no_accords no_overtime"
    assert set(named.split()) | {"drawn_supply"} <= set(VARIANTS)


def test_every_variant_and_regime_has_enough_paired_draws_at_full_size():
    assert FULL.members >= MIN_DRAWS and FULL.at(1).members == FULL.members
    assert FULL.variant_members >= MIN_VARIANT_DRAWS <= FULL.marginal_members
    assert len(stages.variant_members(FULL)) == FULL.variant_members
    assert FULL.effort.per_dimension > 0.0 < FULL.variant_effort.per_dimension
    seconds = sum(n * 0.45 * years for years, n in stages.count_runs(FULL).items())
    assert seconds < 0.8 * 2 * 3 * 3600  # at 0.45 CPU s a year, two cores, a margin of 20 %
    quick = sum(n * 0.45 * years for years, n in stages.count_runs(QUICK).items())
    assert quick < 0.8 * 2 * 600
