"""Effects of instruments: pairs that differ in the policy alone, shared baselines, verdicts."""

import dataclasses
import math
from collections.abc import Callable, Iterable
from typing import Any

import numpy as np
import pytest

from abm.measures import OUTCOMES
from abm.policies import registry
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import PolicySpec, parse_policy
from experiments import effects as module
from experiments.case import Case, Failure, RunResult
from experiments.compare import Difference
from experiments.effects import LEAST, SHOWN, Effect, desired_sign, effects, instruments, plan
from experiments.intervals import Interval
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 10, "warmup_days": 20})
EVERY = [spec.id for spec in instruments()]
SURGE = PolicySpec(id="patrol_surge")


def result(case: Case, **outcomes: float) -> RunResult:
    """Return a result with outcomes alone."""
    zero = dict.fromkeys(OUTCOMES, 0.0)
    return RunResult(
        case=case.digest,
        name=case.scenario.name,
        seed=case.seed,
        start="",
        days=1,
        scale=1,
        persons={},
        events={},
        rates={},
        outcomes=zero | outcomes,
        sector_shares={},
        interceptions_by_state={},
        deaths_per_10000={},
        months=[],
        series={},
        leg_flow=np.zeros(0),
        dollars={},
        digest="",
        cost={"cpu_s": 0.5},
    )


@pytest.fixture
def replace_model(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Case], Any]], list[Case]]:
    """Return a function that replaces the model and returns the list of cases."""

    def replacement(answer: Callable[[Case], Any]) -> list[Case]:
        cases_run: list[Case] = []

        def run_many(cases: Iterable[Case], **_: Any) -> list[Any]:
            cases_run.extend(cases)
            return [answer(case) for case in cases_run]

        monkeypatch.setattr(module, "run_many", run_many)
        return cases_run

    return replacement


def planned(name: str, scenario: Scenario = TINY, **more: Any) -> Effect:
    """Return the planned effect of one instrument."""
    (line,) = plan(scenario, [PolicySpec(id=name)], **more)
    return line


# ---- planned runs ----------------------------------------------------------------------------


def test_instruments_are_all_policies_except_the_status_quo():
    assert {*EVERY, "status_quo"} == set(registry()) and "status_quo" not in EVERY
    assert all(spec.dose == 1.0 for spec in instruments())


@pytest.mark.parametrize("name", EVERY)
def test_pair_differs_in_the_policy_alone(name: str):
    line = planned(name)
    for pair in (line.given, line.stressed):
        if pair:
            same = pair.base.with_settings({"policies": pair.arm.policies})
            assert same == pair.arm
            extra = set(pair.arm.policies) - set(pair.base.policies)
            assert [use.id for use in extra] == [name]


@pytest.mark.parametrize("name", EVERY)
def test_every_instrument_has_failure_settings(name: str):
    line = planned(name)
    assert line.stressed and line.stressed.arm != line.given.arm
    own = {path for path in line.settings if path.startswith(f"policies.{name}.")}
    if own == set(line.settings):  # parameters of the policy do not apply to the baseline
        assert line.stressed.base == line.given.base


@pytest.mark.parametrize("name", EVERY)
def test_every_instrument_has_a_desired_sign(name: str):
    assert desired_sign(registry()[name]) in (-1, 1)


def test_loss_of_cooperation_is_expected_to_raise_got_aways():
    assert desired_sign(registry()["no_cooperation"]) == 1 == -desired_sign(registry()["trainers"])


def test_equal_baselines_are_run_once():
    lines = plan(TINY, instruments())
    scenarios = module.distinct_scenarios(lines)
    digests = [scenario.digest for scenario in scenarios]
    assert len(set(digests)) == len(digests) < sum(len(line.scenarios) for line in lines)
    assert [s.days for s in scenarios] == sorted((s.days for s in scenarios), reverse=True)


def test_accompanying_policy_is_in_both_runs_of_a_pair():
    line = planned("assurance_conditionality")
    assert line.stressed
    for pair in (line.given, line.stressed):
        assert [use.id for use in pair.base.policies] == ["merida_initiative"]
    assert line.dollars == sum(line.policy.dollars().values())


def test_slow_instruments_are_run_over_their_horizon():
    slow = planned("central_american_governance")
    assert slow.days == slow.given.base.days == registry()[slow.spec.id].years * 365 > TINY.days
    assert planned("central_american_governance", horizon=False).days == TINY.days


def test_invalid_policy_raises_before_any_run(replace_model: Callable):
    replace_model(lambda case: pytest.fail("it ran"))
    for use in (PolicySpec(id="wishful_thinking"), PolicySpec(id="no_cooperation", dose=2.0)):
        with pytest.raises(SettingError, match=use.id):
            effects(TINY, [use], seeds=(1,))


# ---- evaluation ------------------------------------------------------------------------------


def test_differences_are_paired_medians_with_intervals(replace_model: Callable):
    def answer(case: Case) -> RunResult:
        arm = len(case.scenario.policies)
        return result(case, got_aways=1000.0 * case.seed - arm * (10.0 + case.seed))

    cases = replace_model(answer)
    found = effects(TINY, [SURGE], seeds=(1, 2, 3, 4))
    (line,) = found.rows
    row, pairs = line.outcomes["got_aways"], [-11.0, -12.0, -13.0, -14.0]
    assert (row.baseline, row.difference) == (2500.0, np.median(pairs))
    assert (row.low90, row.high90) == tuple(np.quantile(pairs, (0.05, 0.95)))
    assert list(line.outcomes) == [*SHOWN, "kidnapped"]
    assert len(cases) == 4 * 4 and found.cpu_s == 0.5 * len(cases)


def test_fifth_outcome_is_the_judging_outcome(replace_model: Callable):
    replace_model(result)
    (line,) = effects(TINY, [PolicySpec(id="trade_facilitation")], seeds=(1,)).rows
    assert list(line.outcomes) == [*SHOWN, "trade_delay"] and line.judged_by == "trade_delay"


def row(base: float, low: float, middle: float, high: float) -> Difference:
    """Return a difference with its interval."""
    return Difference(base, Interval(middle, low, high, low, high))


@pytest.mark.parametrize(
    ("given", "stressed", "detected", "works", "fails"),
    [
        (row(1000, -60, -50, -40), row(1000, -60, -50, -40), True, True, False),
        (row(1000, -60, -50, -40), row(1000, -30, -20, -10), True, True, True),  # less than half
        (row(1000, -60, -50, -40), row(1000, -90, -40, 10), True, True, True),  # contains zero
        (row(1000, -60, -50, -40), row(1000, 10, 40, 90), True, True, True),  # opposite direction
        (row(1000, -60, -50, -40), row(400, -24, -20, -16), True, True, False),  # same share
        (row(1000, -60, -50, -40), row(1000, -60, -25, -10), True, True, False),  # exactly half
        (row(1000, 40, 50, 60), row(1000, -60, -50, -40), True, False, False),
        (row(1000, -20, -5, 10), row(1000, -1, 0, 1), False, False, True),
        (row(1000, -0.9, -0.8, -0.7), row(1000, -0.9, -0.8, -0.7), False, False, True),
    ],
)
def test_verdicts(
    given: Difference, stressed: Difference, detected: bool, works: bool, fails: bool
):
    line = dataclasses.replace(
        planned("patrol_surge"), failing=stressed, outcomes={"got_aways": given}
    )
    assert (line.detected, line.works, line.fails) == (detected, works, fails)
    assert line.harms == (stressed.low90 > 0.0)  # got-aways clearly increase
    assert LEAST == 0.001


def test_instrument_without_failure_settings_does_not_fail():
    line = dataclasses.replace(planned("patrol_surge"), outcomes={"got_aways": row(9, -3, -2, -1)})
    assert not line.fails


def test_difference_from_a_zero_baseline_is_in_units():
    assert module.relative(row(0.0, 1.0, 2.0, 3.0)) == (2.0, 1.0, 3.0)
    assert module.relative(row(200.0, 1.0, 2.0, 3.0)) == (0.01, 0.005, 0.015)


def test_failed_runs_are_excluded_and_named(replace_model: Callable):
    def answer(case: Case) -> RunResult | Failure:
        if case.seed == 2 and case.scenario.policies:
            return Failure(case.digest, case.scenario.name, case.seed, "OSError", "error", "")
        return result(case, got_aways=100.0 * case.seed + len(case.scenario.policies))

    replace_model(answer)
    found = effects(TINY, [SURGE], seeds=(1, 2, 3))
    (line,) = found.rows
    assert {(f.name, f.seed) for f in found.failures} == {("patrol_surge", 2)}
    assert line.outcomes["got_aways"].baseline == 200.0  # of seeds 1 and 3 alone
    assert line.outcomes["got_aways"].difference == 1.0


def test_instrument_without_a_pair_has_no_row(replace_model: Callable):
    def answer(case: Case) -> RunResult | Failure:
        if any(use.id == "fence" for use in case.scenario.policies):
            return Failure(case.digest, "x", case.seed, "OSError", "error", "")
        return result(case, got_aways=1.0)

    replace_model(answer)
    found = effects(TINY, [SURGE, PolicySpec(id="fence")], seeds=(1,))
    assert [line.spec.id for line in found.rows] == ["patrol_surge"] and len(found.failures) == 2


def test_dose_zero_has_no_effect_in_the_model():
    """Run the model for a policy at dose 0, in the given scenario and under failure settings."""
    (line,) = effects(TINY, [parse_policy("patrol_surge:0")], seeds=(1,), jobs=1).rows
    rows = [*line.outcomes.values(), line.failing]
    assert all(r and (r.difference == 0.0 or math.isnan(r.difference)) for r in rows)
    assert not line.detected and line.fails
