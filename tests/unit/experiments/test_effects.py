"""Effects of instruments: pairs that differ in the policy alone, shared baselines, verdicts."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import pytest

from abm.measures import OUTCOMES
from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from experiments.comparison.compare import Difference
from experiments.runs.case import Case, Failure, RunResult
from experiments.runs.intervals import Interval, mean_interval
from experiments.runs.pairs import LEAST
from experiments.scenarios import find
from experiments.studies import effects as module
from experiments.studies.effects import (
    SHOWN,
    Effect,
    PlannedEffect,
    distinct_scenarios,
    effects,
    expected_sign,
    instruments,
    plan,
)
from tests.made_results import made_result

TINY = find("classroom").with_settings({"scale": 1000, "days": 10, "warmup_days": 9})
EVERY = [spec.id for spec in instruments()]
SURGE = PolicySpec(id="patrol_surge")


def result(case: Case, **outcomes: float) -> RunResult:
    """Return a result in which only these outcomes are not 0."""
    zero = dict.fromkeys(OUTCOMES, 0.0)
    return made_result(case, name=case.scenario.name, outcomes=zero | outcomes, cost={"cpu_s": 0.5})


@pytest.fixture
def replace_model(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Case], Any]], list[Case]]:
    """Return a function that replaces the model and returns the list of cases it has run."""

    def replacement(answer: Callable[[Case], Any]) -> list[Case]:
        cases_run: list[Case] = []

        def run_many(cases: Iterable[Case], **_: Any) -> list[Any]:
            cases_run.extend(cases)
            return [answer(case) for case in cases_run]

        monkeypatch.setattr(module, "run_many", run_many)
        return cases_run

    return replacement


def planned(name: str, scenario: Scenario = TINY, **more: Any) -> PlannedEffect:
    """Return the planned runs of one instrument."""
    (line,) = plan(scenario, [PolicySpec(id=name)], **more)
    return line


def measured(name: str, **differences: Difference) -> Effect:
    """Return the effect of an instrument with given differences by condition."""
    line = planned(name)
    judged = line.policy.judged_by
    return Effect(line, {c: {judged: row} for c, row in differences.items()})


# ---- planned runs ----------------------------------------------------------------------------


def test_instruments_are_all_policies_except_the_status_quo():
    assert {*EVERY, "status_quo"} == set(registry()) and "status_quo" not in EVERY
    assert all(spec.dose == 1.0 for spec in instruments())


@pytest.mark.parametrize("name", EVERY)
def test_pair_differs_in_the_policy_alone(name: str):
    line = planned(name)
    for pair in line.pairs.values():
        same = pair.base.with_settings({"policies": pair.arm.policies})
        assert same == pair.arm
        extra = set(pair.arm.policies) - set(pair.base.policies)
        assert [use.id for use in extra] == [name]


@pytest.mark.parametrize("name", EVERY)
def test_every_instrument_has_failure_settings(name: str):
    line = planned(name)
    failing, given = line.pairs["failing"], line.pairs["given"]
    assert failing.arm != given.arm
    of_policy = {path for path in failing.settings if path.startswith(f"policies.{name}.")}
    if of_policy == set(failing.settings):  # parameters of the policy do not apply to the baseline
        assert failing.base == given.base


@pytest.mark.parametrize("name", EVERY)
def test_equal_dollars_are_spent_as_far_as_the_dose_allows(name: str):
    line = planned(name, equal=50e6)
    yearly = line.policy.full_dollars
    assert ("equal" in line.pairs) == (yearly > 0.0)
    if yearly > 0.0:
        policy = line.pairs["equal"].policy
        assert policy.dose == min(50e6 / yearly, policy.high)
    assert "equal" not in planned(name, equal=None).pairs


def test_loss_of_cooperation_is_expected_to_raise_got_aways():
    loss, trainers = registry()["no_cooperation"], registry()["trainers"]
    assert expected_sign(loss) == 1 == -expected_sign(trainers)


def test_equal_baselines_are_run_once():
    lines = plan(TINY, instruments())
    scenarios = distinct_scenarios(lines)
    digests = [scenario.digest for scenario in scenarios]
    assert len(set(digests)) == len(digests) < sum(len(line.scenarios) for line in lines)
    assert [s.days for s in scenarios] == sorted((s.days for s in scenarios), reverse=True)


def test_accompanying_policy_is_in_both_runs_of_a_pair():
    line = planned("assurance_conditionality")
    for pair in line.pairs.values():
        assert [use.id for use in pair.base.policies] == ["merida_initiative"]
    assert line.pairs["given"].dollars == sum(line.policy.dollars().values())


def test_slow_instruments_are_run_over_their_horizon():
    slow = planned("central_american_governance")
    years = registry()[slow.spec.id].years
    assert slow.days == slow.pairs["given"].base.days == years * 365 > TINY.days
    assert planned("central_american_governance", horizon=False).days == TINY.days


# ---- evaluation ------------------------------------------------------------------------------


def test_differences_are_paired_means_with_intervals(replace_model: Callable):
    def answer(case: Case) -> RunResult:
        arm = len(case.scenario.policies)
        return result(case, got_aways=1000.0 * case.seed - arm * (10.0 + case.seed))

    cases = replace_model(answer)
    report = effects(TINY, [SURGE], seeds=(1, 2, 3, 4))
    (line,) = report.rows
    row, pairs = line.outcomes["got_aways"], [-11.0, -12.0, -13.0, -14.0]
    assert (row.baseline, row.pairs) == (2500.0, 4)
    assert (row.difference, row.low90, row.high90) == pytest.approx(mean_interval(pairs))
    assert list(line.outcomes) == [*SHOWN, "kidnapped"]
    assert len(cases) == 5 * 4 and report.cpu_s == 0.5 * len(cases)


def test_members_of_an_ensemble_are_paired_with_themselves(replace_model: Callable):
    """A member shifts the outcome of both runs of a pair, so the difference does not change."""

    def answer(case: Case) -> RunResult:
        level = 1000.0 * case.scenario.contest.eta
        return result(case, got_aways=level - 10.0 * len(case.scenario.policies))

    cases = replace_model(answer)
    ensemble = [{"contest.eta": 0.4}, {"contest.eta": 0.8}, {"contest.eta": 0.8}]
    report = effects(TINY, [SURGE], seeds=(1, 2), ensemble=ensemble)
    row = report.rows[0].outcomes["got_aways"]
    assert (row.baseline, row.difference, row.low90, row.high90) == (800.0, -10.0, -10.0, -10.0)
    assert report.members == 3 and report.n_pairs == 6 and len(cases) == 3 * 5 * 2
    used = {(case.scenario.contest.eta, case.seed) for case in cases}
    assert len({pair for pair in used if pair[0] > 0.0}) == 4  # the failure settings set it to 0


def row(base: float, low: float, middle: float, high: float) -> Difference:
    """Return a difference with its interval."""
    return Difference(base, Interval(middle, low, high, low, high), pairs=8)


@pytest.mark.parametrize(
    ("given", "failing", "inert", "works", "fails"),
    [
        (row(1000, -60, -50, -40), row(1000, -60, -50, -40), False, True, False),
        (row(1000, -60, -50, -40), row(1000, -30, -20, -10), False, True, True),  # below half
        (row(1000, -60, -50, -40), row(1000, -90, -40, 10), False, True, True),  # contains zero
        (row(1000, -60, -50, -40), row(1000, 10, 40, 90), False, True, True),  # opposite direction
        (row(1000, -60, -50, -40), row(400, -24, -20, -16), False, True, False),  # same share
        (row(1000, -60, -50, -40), row(1000, -60, -25, -10), False, True, False),  # exactly half
        (row(1000, 40, 50, 60), row(1000, -60, -50, -40), False, False, False),
        (row(1000, -50, -30, 10), row(1000, -60, -50, -40), False, False, False),  # not clear
        (row(1000, -20, -19, -18), row(1000, -1, 0, 1), True, False, True),  # narrow, but small
    ],
)
def test_verdicts(given: Difference, failing: Difference, inert: bool, works: bool, fails: bool):
    line = measured("patrol_surge", given=given, failing=failing)
    assert (line.inert(), line.works(), line.fails) == (inert, works, fails)
    assert line.harms == (failing.low90 > 0.0)  # got-aways clearly increase
    assert LEAST == 0.02 and line.reference == "given"


def test_an_outcome_that_one_run_does_not_define_is_left_out(replace_model: Callable):
    """Seed 2 has no value under the policy, so its baseline level is left out as well."""

    def answer(case: Case) -> RunResult:
        arm, undefined = bool(case.scenario.policies), case.seed == 2
        return result(case, got_aways=math.nan if arm and undefined else 100.0 * case.seed + arm)

    replace_model(answer)
    (line,) = effects(TINY, [SURGE], seeds=(1, 2, 7)).rows
    change = line.outcomes["got_aways"]
    assert (change.baseline, change.difference, change.pairs) == (400.0, 1.0, 2)


def fail_if(condition: Callable[[Case], bool]) -> Callable[[Case], RunResult | Failure]:
    """Return a model in which some cases fail."""

    def answer(case: Case) -> RunResult | Failure:
        if condition(case):
            return Failure(case.digest, "x", case.seed, "OSError", "error", "")
        return result(case, got_aways=100.0 * case.seed + len(case.scenario.policies))

    return answer


def test_a_failed_baseline_is_named_after_the_number_of_its_policies(replace_model: Callable):
    replace_model(
        fail_if(lambda c: c.seed == 2 and not c.scenario.policies and c.scenario.contest.eta > 0.0)
    )
    report = effects(TINY, [SURGE, PolicySpec(id="fence")], seeds=(1, 2))
    assert "the baseline of 2 policies" in {failure.name for failure in report.failures}
    assert [line.outcomes["deaths"].pairs for line in report.rows] == [1, 1]


def test_failure_is_compared_with_the_settings_in_which_an_instrument_acts():
    none, half = row(1000, -1, 0, 1), row(1000, -30, -24, -20)
    line = measured("patrol_surge", given=none, acting=row(1000, -60, -50, -40), failing=half)
    assert line.inert() and line.works("acting") and line.reference == "acting" and line.fails
    assert not measured("patrol_surge", given=row(1000, -30, -25, -20), failing=half).fails


def test_failed_runs_are_excluded_and_named(replace_model: Callable):
    replace_model(fail_if(lambda case: case.seed == 2 and bool(case.scenario.policies)))
    report = effects(TINY, [SURGE], seeds=(1, 2, 3))
    (line,) = report.rows
    assert {(f.name, f.seed) for f in report.failures} == {("patrol_surge", 2)}
    assert line.outcomes["got_aways"].baseline == 200.0  # the mean of seeds 1 and 3
    assert line.outcomes["got_aways"].difference == 1.0


def test_instrument_without_a_pair_has_no_row(replace_model: Callable):
    replace_model(fail_if(lambda case: any(use.id == "fence" for use in case.scenario.policies)))
    report = effects(TINY, [SURGE, PolicySpec(id="fence")], seeds=(1,))
    assert [line.planned.spec.id for line in report.rows] == ["patrol_surge"]
    assert len(report.failures) == 4  # as given, at equal dollars, acting and failing


def test_dose_zero_has_no_effect_in_the_model():
    """Run the model for a policy at dose 0, in the given scenario and under failure settings."""
    policy = parse_policy("patrol_surge:0")
    (line,) = effects(TINY, [policy], horizon=False, seeds=(1,), jobs=1).rows
    rows = [*line.outcomes.values(), line.judged("failing")]
    assert all(r and (r.difference == 0.0 or math.isnan(r.difference)) for r in rows)
    assert not line.detected() and line.inert() and line.fails
