"""Policies against a baseline: paired seeds, exact zeros, honest prices."""

import math
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.scenario import SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from experiments import compare as module
from experiments import pairs, run
from experiments.calibration.ensemble import luck
from experiments.compare import AVERTED, DEFAULT_ARMS, Arm, Comparison, Difference, compare
from experiments.run import Case, RunResult
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 60, "warmup_days": 60})
SURGE, NOTHING = PolicySpec(id="patrol_surge"), PolicySpec(id="patrol_surge", dose=0.0)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """A surge, the same at dose 0, and both together, on three seeds."""
    return compare(TINY, (SURGE, NOTHING, (SURGE, NOTHING)), seeds=(1, 2, 3), jobs=1)


def same_numbers(one: Difference, other: Difference) -> bool:
    """Whether two outcomes agree to the last digit."""
    pairs = zip(vars(one).values(), vars(other).values(), strict=True)
    return all(a == b or (math.isnan(a) and math.isnan(b)) for a, b in pairs)


def test_the_same_seeds_everywhere(comparison: Comparison):
    for arm in (comparison.baseline, *comparison.arms):
        assert list(arm.runs) == [(0, 1), (0, 2), (0, 3)]
    assert comparison.failures == ()


def test_dose_zero_changes_nothing(comparison: Comparison):
    nothing = comparison.arms[1]
    digests = [run.digest for run in nothing.runs.values()]
    assert digests == [run.digest for run in comparison.baseline.runs.values()]
    for name, row in nothing.outcomes.items():
        numbers = (row.difference, row.low50, row.high50, row.low90, row.high90)
        if name in AVERTED:
            assert all(math.isnan(n) for n in numbers)
        elif math.isfinite(row.baseline):
            assert numbers == (0.0,) * 5


def test_differences_are_paired_medians(comparison: Comparison):
    base, arm = comparison.baseline, comparison.arms[0]
    pairs = [
        run.outcomes["got_aways"] - base.runs[key].outcomes["got_aways"]
        for key, run in arm.runs.items()
    ]
    row = arm.outcomes["got_aways"]
    assert row.difference == np.median(pairs)
    assert (row.low90, row.high90) == (np.quantile(pairs, 0.05), np.quantile(pairs, 0.95))
    assert row.low90 <= row.low50 <= row.difference <= row.high50 <= row.high90
    assert row.baseline == np.median([r.outcomes["got_aways"] for r in base.runs.values()])


def test_a_portfolio_is_the_sum_of_its_parts(comparison: Comparison):
    single, both = comparison.arms[0], comparison.arms[2]
    assert both.id == "patrol_surge+patrol_surge" and math.isnan(both.dose)
    assert both.dollars == single.dollars
    assert all(same_numbers(both.outcomes[k], single.outcomes[k]) for k in single.outcomes)


def test_one_seed_has_no_range():
    arm = compare(TINY, (SURGE,), seeds=(5,), jobs=1).arms[0]
    for name, row in arm.outcomes.items():
        bounds = {row.low50, row.high50, row.low90, row.high90}
        assert bounds == {row.difference} or math.isnan(row.difference), name


def test_the_scenarios_own_policies_stay_in_force():
    told = TINY.with_settings({"policies": [SURGE], "days": 5})
    compared = compare(told, (PolicySpec(id="status_quo"),), seeds=(1,), jobs=1)
    assert compared.arms[0].runs[0, 1].digest == compared.baseline.runs[0, 1].digest
    assert compared.baseline.runs[0, 1].dollars["us"] > 0
    assert compared.baseline.title == "Scenario classroom"


def test_the_default_arms_cost_the_same():
    uses = [parse_policy(text) for text in DEFAULT_ARMS]
    for use in uses:
        (policy,) = module.policies_of(find("baseline"), [use])
        assert sum(policy.dollars().values()) == pytest.approx(250e6)


@pytest.mark.parametrize(
    ("dollars", "change", "price"),
    [
        ([100.0], [-4.0], (25.0,) * 5),
        ([100.0], [4.0], (math.nan,) * 5),
        ([100.0], [0.0], (math.nan,) * 5),
        ([0.0], [-4.0], (0.0,) * 5),
        ([], [], (math.nan,) * 5),
    ],
)
def test_the_price_of_an_averted_entry(
    dollars: list[float], change: list[float], price: tuple[float, ...]
):
    row = pairs.per_averted(np.array(dollars), np.array(change))
    told = (row.difference, row.low50, row.high50, row.low90, row.high90)
    assert np.array_equal(told, price, equal_nan=True)


def test_the_price_is_of_discounted_dollars_and_discounted_entries(comparison: Comparison):
    base, arm = comparison.baseline.runs, comparison.arms[0]
    spent = np.median(
        [
            run.discounted["dollars"] - base[key].discounted["dollars"]
            for key, run in arm.runs.items()
        ]
    )
    for name, entry in AVERTED.items():
        fewer = [
            (
                base[key].discounted[entry] - run.discounted[entry],
                base[key].outcomes[entry] - run.outcomes[entry],
            )
            for key, run in arm.runs.items()
        ]
        # what is only put off, fewer when discounted and not when counted, is not averted
        averted = np.median([weighed if weighed * counted > 0 else 0 for weighed, counted in fewer])
        price = arm.outcomes[name].difference
        assert price == pytest.approx(spent / averted) if averted > 0 else math.isnan(price)


def fake_run(seed: int, spent: float, entries: float) -> Any:
    """A run of which only what is discounted counts for the price."""
    return SimpleNamespace(
        seed=seed,
        outcomes={
            "deaths": 4.0,
            "returned_unscreened": 8.0,
            "dollars": 7.0 * spent,
            "got_aways": 3.0 * entries,
            "unlawful_entries": 5.0 * entries,
        },
        discounted={"dollars": spent, "got_aways": entries, "unlawful_entries": 2.0 * entries},
    )


def test_undiscounted_outcomes_do_not_enter_the_price():
    base = Arm((), "Status quo", 0.0, {}, runs={(0, 1): fake_run(1, 0.0, 500.0)})
    base = replace(base, outcomes=module._levels(base))
    arm = Arm((SURGE,), "Surge", 1.0, {}, runs={(0, 1): fake_run(1, 900.0, 400.0)})
    found = module.differences(base, arm)
    assert found["dollars_per_averted_entry"].difference == 9.0
    assert found["dollars_per_averted_unlawful_entry"].difference == 4.5


def test_an_entry_that_is_only_put_off_is_not_averted():
    base = Arm((), "Status quo", 0.0, {}, runs={(0, 1): fake_run(1, 0.0, 500.0)})
    base = replace(base, outcomes=module._levels(base))
    later = fake_run(1, 900.0, 500.0)
    later.discounted["got_aways"] = 499.9
    found = module.differences(base, Arm((SURGE,), "Surge", 1.0, {}, runs={(0, 1): later}))
    assert math.isnan(found["dollars_per_averted_entry"].difference)


def test_prices_come_last_with_what_they_do_to_people_directly_after_them(comparison: Comparison):
    for arm in comparison.arms:
        assert list(arm.outcomes)[-4:] == [*AVERTED, "returned_unscreened", "deaths"]
        assert set(arm.outcomes) == {*comparison.baseline.outcomes, *AVERTED}


def test_without_what_it_does_to_people_there_is_no_price():
    base = Arm((), "Status quo", 0.0, {}, runs={(0, 1): fake_run(1, 0.0, 500.0)})
    levels = {k: v for k, v in module._levels(base).items() if k != "deaths"}
    arm = Arm((SURGE,), "Surge", 1.0, {}, runs={(0, 1): fake_run(1, 900.0, 400.0)})
    assert not set(AVERTED) & set(module.differences(replace(base, outcomes=levels), arm))


def test_a_price_has_no_upper_bound_where_perhaps_nothing_is_averted():
    row = pairs.per_averted(np.full(5, 100.0), np.array([-10.0, -8.0, -5.0, -1.0, 4.0]))
    assert row.difference == 20.0 and math.isnan(row.high90)
    assert 0 < row.low90 <= row.low50 <= row.difference


def test_what_cannot_be_made_is_refused_before_anything_runs(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "run_many", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(SettingError, match="no policy of this name"):
        compare(TINY, (PolicySpec(id="wishful_thinking"),), seeds=(1,))


def test_a_failed_run_is_left_out_of_the_pairs(monkeypatch: pytest.MonkeyPatch):
    play = run.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if case.seed == 2 and case.scenario.policies:
            raise MemoryError
        return play(case, **more)

    monkeypatch.setattr(run, "run_one", fail)
    told = compare(TINY.with_settings({"days": 10}), (SURGE,), seeds=(1, 2), jobs=1)
    (failure,) = told.failures
    assert (failure.name, failure.seed, failure.kind) == ("patrol_surge", 2, "MemoryError")
    assert list(told.baseline.runs) == [(0, 1), (0, 2)]
    ((key, run_of_one),) = told.arms[0].runs.items()
    assert key == (0, 1)
    one = run_of_one.outcomes["set_out"] - told.baseline.runs[key].outcomes["set_out"]
    assert told.arms[0].outcomes["set_out"].difference == one


# ---- over an ensemble ---------------------------------------------------------------------------

QUICK = TINY.with_settings({"days": 30})
MEMBERS = (
    {"contest.eta": 0.35, "migrants.retry_mexican": 0.4},
    {"contest.eta": 0.75, "migrants.retry_mexican": 0.6},
    {"contest.eta": 0.55},
)


@pytest.fixture(scope="module")
def over_members() -> Comparison:
    """A surge and the same at dose 0 under three parameter sets, two seeds each."""
    return compare(QUICK, (SURGE, NOTHING), seeds=(1, 2), ensemble=MEMBERS, jobs=1)


def test_both_runs_of_a_pair_share_member_and_seed(over_members: Comparison):
    keys = [(m, s) for m in range(3) for s in (1, 2)]
    assert over_members.members == 3 and over_members.seeds == (1, 2)
    for arm in (over_members.baseline, *over_members.arms):
        assert list(arm.runs) == keys
        for (m, s), done in arm.runs.items():
            told = module.with_uses(QUICK.with_settings(MEMBERS[m]), arm.uses)
            assert done.case == Case(told, s + luck(MEMBERS[m])).digest


def test_a_policy_at_dose_zero_changes_nothing_in_any_pair(over_members: Comparison):
    base, nothing = over_members.baseline, over_members.arms[1]
    for key, done in nothing.runs.items():
        assert done.digest == base.runs[key].digest
        for name, value in done.outcomes.items():
            assert value == base.runs[key].outcomes[name] or math.isnan(value)
    assert len({done.digest for done in base.runs.values()}) == 6
    for name, row in nothing.outcomes.items():
        if row.pairs:
            assert (row.below, row.above, row.alike) == (0, 0, row.pairs)
            assert (row.difference, row.low90, row.high90) == (0.0, 0.0, 0.0)
        else:
            assert name in AVERTED or not math.isfinite(row.baseline)


def test_a_member_with_the_numbers_of_the_scenario_answers_like_the_scenario_alone():
    retry = QUICK.migrants.retry_mexican
    same = {"contest.eta": QUICK.contest.eta, "migrants.retry_mexican": retry}
    alone = compare(QUICK, (SURGE,), seeds=(3 + luck(same), 4 + luck(same)), jobs=1)
    member = compare(QUICK, (SURGE,), seeds=(3, 4), ensemble=[same], jobs=1)
    assert (alone.members, member.members) == (0, 1)
    for one, other in zip(
        (alone.baseline, *alone.arms), (member.baseline, *member.arms), strict=True
    ):
        assert [r.digest for r in one.runs.values()] == [r.digest for r in other.runs.values()]
        assert all(same_numbers(other.outcomes[k], row) for k, row in one.outcomes.items())


def test_the_order_of_members_is_of_no_account(over_members: Comparison):
    turned = compare(QUICK, (SURGE,), seeds=(1, 2), ensemble=MEMBERS[::-1], jobs=1)
    for name, row in over_members.arms[0].outcomes.items():
        assert same_numbers(row, turned.arms[0].outcomes[name]), name


def test_a_member_that_does_not_fit_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
):
    monkeypatch.setattr(module, "run_many", lambda *a, **k: pytest.fail("it ran"))
    with pytest.raises(SettingError, match="contest"):
        compare(QUICK, (SURGE,), seeds=(1,), ensemble=[{}, {"contest.spirit": 1.0}])


def test_a_failure_says_of_which_member_it_is(monkeypatch: pytest.MonkeyPatch):
    play = run.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if case.scenario.contest.eta == 0.75 and not case.scenario.policies:
            raise MemoryError
        return play(case, **more)

    monkeypatch.setattr(run, "run_one", fail)
    told = compare(QUICK.with_settings({"days": 5}), (SURGE,), seeds=(1,), ensemble=MEMBERS, jobs=1)
    (failure,) = told.failures
    assert failure.name == "baseline (classroom), member 1"
    assert list(told.baseline.runs) == [(0, 1), (2, 1)] and len(told.arms[0].runs) == 3
    assert told.arms[0].outcomes["set_out"].pairs == 2


finite = st.floats(-1e9, 1e9)


@given(st.lists(finite, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_pairs_are_counted_by_sign(values: list[float], random: Any):
    row = pairs.difference(1.0, np.array(values))
    zero = row.pairs - row.below - row.above
    assert row.pairs == len(values) and zero == values.count(0.0)
    assert row.share_below_zero * row.pairs == pytest.approx(sum(v < 0 for v in values))
    assert row.share_above_zero * row.pairs == pytest.approx(sum(v > 0 for v in values))
    turned = pairs.difference(1.0, -np.array(values))
    assert (turned.below, turned.above, turned.alike) == (row.above, row.below, row.alike)
    # the median lies among the pairs: half of them or more are on its side of zero, or at zero
    assert row.difference == 0.0 or 2 * (row.alike + zero) >= row.pairs
    mixed = list(values)
    random.shuffle(mixed)
    assert same_numbers(pairs.difference(1.0, np.array(mixed)), row)


def test_without_pairs_there_is_no_share():
    row = pairs.difference(1.0, np.array([]))
    assert row.pairs == 0 and math.isnan(row.share_below_zero) and math.isnan(row.share_above_zero)
