"""Comparison of policies with a baseline: paired seeds, exact zeros, prices."""

import math
from collections.abc import Iterable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm.measures import BESIDE_PRICES, ENTRIES
from abm.scenario.policy_specs import PolicySpec
from experiments.calibration.ensemble import seed_offset
from experiments.calibration.members import MIN_MEMBERS, EnsembleSample
from experiments.comparison import compare as module
from experiments.comparison.compare import AVERTED, Arm, Comparison, Difference, compare
from experiments.rows.comparison import contrast_rows, driver_rows
from experiments.runs import pairs, run
from experiments.runs.case import Case, RunResult
from experiments.runs.intervals import mean_interval
from experiments.runs.pairs import Finding
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 20, "warmup_days": 9})
SURGE, NOTHING = PolicySpec(id="patrol_surge"), PolicySpec(id="patrol_surge", dose=0.0)


@pytest.fixture(scope="module")
def comparison() -> Comparison:
    """Return a comparison of a surge, the surge at dose 0, and both together on three seeds."""
    return compare(TINY, (SURGE, NOTHING, (SURGE, NOTHING)), seeds=(1, 2, 3), jobs=1)


def same_numbers(a: Difference, b: Difference) -> bool:
    """Return whether two differences agree to the last digit; NaN equals NaN."""
    return repr(a) == repr(b)


def test_dose_zero_has_no_effect(comparison: Comparison):
    nothing = comparison.arms[1]
    digests = [run.digest for run in nothing.runs.values()]
    assert digests == [run.digest for run in comparison.baseline.runs.values()]
    for name, row in nothing.outcomes.items():
        numbers = (row.difference, row.low50, row.high50, row.low90, row.high90)
        if name in AVERTED:
            assert all(math.isnan(n) for n in numbers)
        elif math.isfinite(row.baseline):
            assert numbers == (0.0,) * 5


def test_differences_are_paired_means_with_their_interval(comparison: Comparison):
    base, arm = comparison.baseline, comparison.arms[0]
    pairs = [
        run.outcomes["got_aways"] - base.runs[key].outcomes["got_aways"]
        for key, run in arm.runs.items()
    ]
    row = arm.outcomes["got_aways"]
    assert (row.difference, row.low90, row.high90) == pytest.approx(mean_interval(pairs))
    assert row.low90 <= row.low50 <= row.difference <= row.high50 <= row.high90
    assert row.baseline == np.median([r.outcomes["got_aways"] for r in base.runs.values()])


def test_portfolio_equals_its_parts(comparison: Comparison):
    single, both = comparison.arms[0], comparison.arms[2]
    assert both.id == "patrol_surge+patrol_surge" and math.isnan(both.dose)
    assert both.dollars == single.dollars
    assert all(same_numbers(both.outcomes[k], single.outcomes[k]) for k in single.outcomes)


def test_policies_of_the_scenario_stay_in_force():
    scenario = TINY.with_settings({"policies": [SURGE], "days": 5})
    compared = compare(scenario, (PolicySpec(id="status_quo"),), seeds=(1,), jobs=1)
    assert compared.arms[0].runs[0, 1].digest == compared.baseline.runs[0, 1].digest
    assert compared.baseline.runs[0, 1].dollars["us"] > 0
    assert compared.baseline.title == "Scenario classroom"


def keyed(values: Iterable[float], member: int | None = 0) -> dict[tuple[int, int], float]:
    """Return values by member and seed. If `member` is None, each value has its own member."""
    return {(k if member is None else member, k): value for k, value in enumerate(values)}


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
def test_price_of_an_averted_entry(
    dollars: list[float], change: list[float], price: tuple[float, ...]
):
    row = pairs.per_averted(keyed(dollars), keyed(change), ensemble=False)
    bounds = (row.difference, row.low50, row.high50, row.low90, row.high90)
    assert np.array_equal(bounds, price, equal_nan=True)


def fake_run(seed: int, spent: float, entries: float) -> Any:
    """Return a run whose price must depend on the discounted values only."""
    return SimpleNamespace(
        seed=seed,
        outcomes={
            **dict.fromkeys(BESIDE_PRICES, 8.0),
            "dollars": 7.0 * spent,
            "got_aways": 3.0 * entries,
            "unlawful_entries": 5.0 * entries,
        },
        discounted={"dollars": spent, "got_aways": entries, "unlawful_entries": 2.0 * entries},
    )


def fake_arms(entries: Iterable[float], spent: float = 900.0) -> tuple[Arm, Arm]:
    """Return a baseline with 500 entries, and an arm with these entries by seed."""
    entries = list(entries)
    old = {(0, k): fake_run(k, 0.0, 500.0) for k in range(len(entries))}
    new = {(0, k): fake_run(k, spent, n) for k, n in enumerate(entries)}
    base = Arm((), "Status quo", 0.0, {}, runs=old)
    base = replace(base, outcomes=module._levels(base))
    return base, Arm((SURGE,), "Surge", 1.0, {}, runs=new)


@given(st.lists(st.floats(350.0, 550.0), min_size=1, max_size=9), st.booleans())
def test_entries_that_do_not_fall_meaningfully_have_no_price(entries: list[float], over: bool):
    base, arm = fake_arms(entries)
    if over:
        base, arm = (
            replace(side, runs={(k, k): run for (_, k), run in side.runs.items()})
            for side in (base, arm)
        )
    rows = module.differences(base, arm, ensemble=over)
    for name, entry in AVERTED.items():
        falls = rows[entry].finding is Finding.FEWER
        assert math.isfinite(rows[name].difference) == falls
        assert falls or all(map(math.isnan, (rows[name].low90, rows[name].high90)))


def test_price_has_no_upper_bound_if_averted_entries_may_be_zero():
    change = keyed([-10.0, -8.0, -5.0, -1.0, 4.0])
    row = pairs.per_averted(keyed([100.0] * 5), change, ensemble=False)
    assert row.difference == 25.0 and math.isnan(row.high90)
    assert 0 < row.low90 <= row.low50 <= row.difference


def test_failed_run_is_excluded_from_the_pairs(monkeypatch: pytest.MonkeyPatch):
    original = run.run_one

    def fail(case: Case, **more: Any) -> RunResult:
        if case.seed == 2 and case.scenario.policies:
            raise MemoryError
        return original(case, **more)

    monkeypatch.setattr(run, "run_one", fail)
    compared = compare(TINY.with_settings({"days": 10}), (SURGE,), seeds=(1, 2), jobs=1)
    (failure,) = compared.failures
    assert (failure.name, failure.seed, failure.kind) == ("patrol_surge", 2, "MemoryError")
    assert list(compared.baseline.runs) == [(0, 1), (0, 2)]
    ((key, run_of_one),) = compared.arms[0].runs.items()
    assert key == (0, 1)
    change = run_of_one.outcomes["set_out"] - compared.baseline.runs[key].outcomes["set_out"]
    assert compared.arms[0].outcomes["set_out"].difference == change


# ---- over an ensemble ---------------------------------------------------------------------------

QUICK = TINY.with_settings({"days": 14})
MEMBERS = (
    {"contest.eta": 0.35, "migrants.retry_mexican": 0.4},
    {"contest.eta": 0.75, "migrants.retry_mexican": 0.6},
    {"contest.eta": 0.55},
)


@pytest.fixture(scope="module")
def over_members() -> Comparison:
    """Return a comparison of a surge and the surge at dose 0 under three sets, two seeds each."""
    return compare(QUICK, (SURGE, NOTHING), seeds=(1, 2), ensemble=MEMBERS, jobs=1)


def test_runs_of_a_pair_share_member_and_seed(over_members: Comparison):
    keys = [(m, s) for m in range(3) for s in (1, 2)]
    assert over_members.members == 3 and over_members.seeds == (1, 2)
    for arm in (over_members.baseline, *over_members.arms):
        assert list(arm.runs) == keys
        for (m, s), result in arm.runs.items():
            scenario = module.with_policies(QUICK.with_settings(MEMBERS[m]), arm.specs)
            assert result.case == Case(scenario, s + seed_offset(MEMBERS[m])).digest


def test_member_with_the_settings_of_the_scenario_equals_the_scenario():
    retry = QUICK.migrants.retry_mexican
    same = {"contest.eta": QUICK.contest.eta, "migrants.retry_mexican": retry}
    alone = compare(QUICK, (SURGE,), seeds=(3 + seed_offset(same), 4 + seed_offset(same)), jobs=1)
    member = compare(QUICK, (SURGE,), seeds=(3, 4), ensemble=[same], jobs=1)
    assert (alone.members, member.members) == (0, 1)
    for arm, twin in zip(
        (alone.baseline, *alone.arms), (member.baseline, *member.arms), strict=True
    ):
        assert [r.digest for r in arm.runs.values()] == [r.digest for r in twin.runs.values()]
        for name, row in arm.outcomes.items():  # one member has no range
            assert twin.outcomes[name].difference == pytest.approx(row.difference, nan_ok=True)
            assert twin.outcomes[name].pairs == row.pairs


finite = st.floats(-1e9, 1e9)


@given(st.lists(finite, min_size=1, max_size=30), st.randoms(use_true_random=False))
def test_pairs_are_counted_by_sign(values: list[float], random: Any):
    row = pairs.difference(1.0, keyed(values, None), ensemble=True)
    zero = row.pairs - row.below - row.above
    assert row.pairs == len(values) and zero == values.count(0.0)
    assert row.share_below_zero * row.pairs == pytest.approx(sum(v < 0 for v in values))
    assert row.share_above_zero * row.pairs == pytest.approx(sum(v > 0 for v in values))
    negated = pairs.difference(1.0, keyed([-v for v in values], None), ensemble=True)
    assert (negated.below, negated.above, negated.same_sign) == (
        row.above,
        row.below,
        row.same_sign,
    )
    # At least half of the pairs have the sign of the median or are zero.
    assert row.difference == 0.0 or 2 * (row.same_sign + zero) >= row.pairs
    mixed = list(values)
    random.shuffle(mixed)
    assert same_numbers(pairs.difference(1.0, keyed(mixed, None), ensemble=True), row)


# ---- drivers and contrasts ----------------------------------------------------------------------

POSITIONS = np.random.default_rng(1).permutation(MIN_MEMBERS).tolist()


def drawn_members(positions: Iterable[float]) -> EnsembleSample:
    """Return members with one number that has an effect and one that has none."""
    numbers = tuple({"moves": float(x), "still": 1.0} for x in positions)
    return EnsembleSample(({},) * len(numbers), numbers, (), len(numbers), 1.0, "")


def of_members(*entries: Iterable[float]) -> Comparison:
    """Return a comparison of arms with these entries by member. The status quo has 500 entries."""
    arms = []
    for k, counts in enumerate(([500.0] * len(POSITIONS), *entries)):
        runs = {(m, 1): fake_run(m, 0.0, n) for m, n in enumerate(counts)}
        arms.append(Arm((replace(SURGE, dose=float(k)),), f"Arm {k}", 1.0, {}, runs=runs))
    return Comparison(TINY, (1,), arms[0], tuple(arms[1:]), (), ({},) * len(POSITIONS))


def test_a_number_that_turns_the_effect_of_an_arm_is_its_only_driver():
    compared = of_members([500.0 + 10.0 * (x - 5.5) for x in POSITIONS])
    drivers = driver_rows(compared, compared.arms[0], drawn_members(POSITIONS))
    assert list(drivers) == list(ENTRIES)
    for (driver,) in drivers.values():
        assert (driver.name, driver.significant, driver.turns) == ("moves", True, True)
        assert driver.rank == pytest.approx(1.0) and driver.low < 0.0 < driver.high


def test_two_arms_are_contrasted_member_by_member():
    """The first arm has fewer entries in four members and equally many in a fifth member."""
    first = [480.0 + 10.0 * (x - 4) for x in POSITIONS]
    compared = of_members(first, [480.0] * len(POSITIONS))
    rows = contrast_rows(compared, drawn_members(POSITIONS))
    arm, rival = compared.arms
    assert [(row.first, row.second, row.outcome) for row in rows] == [
        (arm.id, rival.id, outcome) for outcome in ENTRIES
    ]
    for row in rows:
        assert row.lower == 4 and [driver.name for driver in row.drivers] == ["moves"]
    swapped = contrast_rows(replace(compared, arms=(rival, arm)), drawn_members(POSITIONS))
    for row, reverse in zip(rows, swapped, strict=True):
        assert row.lower + reverse.lower == len(POSITIONS) - 1
        assert reverse.drivers[0].rank == pytest.approx(-row.drivers[0].rank)
