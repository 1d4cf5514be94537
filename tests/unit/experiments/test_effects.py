"""Effects of instruments: fair pairs, shared baselines, honest verdicts."""

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
from experiments.compare import Difference
from experiments.effects import LEAST, SHOWN, Effect, effects, instruments, plan, wanted
from experiments.run import Case, Failure, RunResult
from experiments.scenarios import find

TINY = find("classroom").with_settings({"scale": 1000, "days": 10, "warmup_days": 20})
EVERY = [use.id for use in instruments()]
SURGE = PolicySpec(id="patrol_surge")


def result(case: Case, **outcomes: float) -> RunResult:
    """A run that left nothing but outcomes."""
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
def play(monkeypatch: pytest.MonkeyPatch) -> Callable[[Callable[[Case], Any]], list[Case]]:
    """Let a function stand in for the model; gives the cases that were played."""

    def instead(answer: Callable[[Case], Any]) -> list[Case]:
        played: list[Case] = []

        def run_many(cases: Iterable[Case], **_: Any) -> list[Any]:
            played.extend(cases)
            return [answer(case) for case in played]

        monkeypatch.setattr(module, "run_many", run_many)
        return played

    return instead


def planned(name: str, scenario: Scenario = TINY, **more: Any) -> Effect:
    """What is to be played for one instrument."""
    (line,) = plan(scenario, [PolicySpec(id=name)], **more)
    return line


# ---- what is played --------------------------------------------------------------------------


def test_every_instrument_but_the_status_quo():
    assert {*EVERY, "status_quo"} == set(registry()) and "status_quo" not in EVERY
    assert all(use.dose == 1.0 for use in instruments())


@pytest.mark.parametrize("name", EVERY)
def test_a_pair_differs_in_the_policy_and_in_nothing_else(name: str):
    line = planned(name)
    for pair in (line.ordinary, line.harsh):
        if pair:
            same = pair.base.with_settings({"policies": pair.arm.policies})
            assert same == pair.arm
            extra = set(pair.arm.policies) - set(pair.base.policies)
            assert [use.id for use in extra] == [name]


@pytest.mark.parametrize("name", EVERY)
def test_every_instrument_names_settings_in_which_it_must_fail(name: str):
    line = planned(name)
    assert line.harsh and line.harsh.arm != line.ordinary.arm
    own = {path for path in line.settings if path.startswith(f"policies.{name}.")}
    if own == set(line.settings):  # the baseline knows nothing of the policy's own numbers
        assert line.harsh.base == line.ordinary.base


@pytest.mark.parametrize("name", EVERY)
def test_every_instrument_is_for_something(name: str):
    assert wanted(registry()[name]) in (-1, 1)


def test_a_loss_of_cooperation_claims_that_more_get_away():
    assert wanted(registry()["no_cooperation"]) == 1 == -wanted(registry()["trainers"])


def test_equal_baselines_are_played_once():
    lines = plan(TINY, instruments())
    told = module.distinct(lines)
    digests = [scenario.digest for scenario in told]
    assert len(set(digests)) == len(digests) < sum(len(line.scenarios) for line in lines)
    assert [scenario.days for scenario in told] == sorted((s.days for s in told), reverse=True)


def test_what_means_nothing_alone_has_its_companion_in_both_arms():
    line = planned("assurance_conditionality")
    assert line.harsh
    for pair in (line.ordinary, line.harsh):
        assert [use.id for use in pair.base.policies] == ["merida_initiative"]
    assert line.dollars == sum(line.policy.dollars().values())


def test_slow_instruments_are_given_their_years():
    slow = planned("central_american_governance")
    assert slow.days == slow.ordinary.base.days == registry()[slow.use.id].years * 365 > TINY.days
    assert planned("central_american_governance", horizon=False).days == TINY.days


def test_what_cannot_be_made_is_refused_before_anything_runs(play: Callable):
    play(lambda case: pytest.fail("it ran"))
    for use in (PolicySpec(id="wishful_thinking"), PolicySpec(id="no_cooperation", dose=2.0)):
        with pytest.raises(SettingError, match=use.id):
            effects(TINY, [use], seeds=(1,))


# ---- what is made of it ----------------------------------------------------------------------


def test_differences_are_paired_medians_with_their_range(play: Callable):
    def answer(case: Case) -> RunResult:
        arm = len(case.scenario.policies)
        return result(case, got_aways=1000.0 * case.seed - arm * (10.0 + case.seed))

    played = play(answer)
    found = effects(TINY, [SURGE], seeds=(1, 2, 3, 4))
    (line,) = found.lines
    row, pairs = line.outcomes["got_aways"], [-11.0, -12.0, -13.0, -14.0]
    assert (row.baseline, row.difference) == (2500.0, np.median(pairs))
    assert (row.low90, row.high90) == tuple(np.quantile(pairs, (0.05, 0.95)))
    assert list(line.outcomes) == [*SHOWN, "kidnapped"]
    assert len(played) == 4 * 4 and found.cpu_s == 0.5 * len(played)


def test_the_fifth_outcome_is_the_one_it_is_judged_by(play: Callable):
    play(result)
    (line,) = effects(TINY, [PolicySpec(id="trade_facilitation")], seeds=(1,)).lines
    assert list(line.outcomes) == [*SHOWN, "trade_delay"] and line.judged_by == "trade_delay"


def row(base: float, low: float, middle: float, high: float) -> Difference:
    """A difference with its range."""
    return Difference(base, middle, low, high, low, high)


@pytest.mark.parametrize(
    ("ordinary", "harsh", "seen", "works", "fails"),
    [
        (row(1000, -60, -50, -40), row(1000, -60, -50, -40), True, True, False),
        (row(1000, -60, -50, -40), row(1000, -30, -20, -10), True, True, True),  # less than half
        (row(1000, -60, -50, -40), row(1000, -90, -40, 10), True, True, True),  # reaches zero
        (row(1000, -60, -50, -40), row(1000, 10, 40, 90), True, True, True),  # the wrong way
        (row(1000, -60, -50, -40), row(400, -24, -20, -16), True, True, False),  # same share
        (row(1000, -60, -50, -40), row(1000, -60, -25, -10), True, True, False),  # just half
        (row(1000, 40, 50, 60), row(1000, -60, -50, -40), True, False, False),
        (row(1000, -20, -5, 10), row(1000, -1, 0, 1), False, False, True),
        (row(1000, -0.9, -0.8, -0.7), row(1000, -0.9, -0.8, -0.7), False, False, True),
    ],
)
def test_verdicts(ordinary: Difference, harsh: Difference, seen: bool, works: bool, fails: bool):
    line = dataclasses.replace(
        planned("patrol_surge"), failing=harsh, outcomes={"got_aways": ordinary}
    )
    assert (line.seen, line.works, line.fails) == (seen, works, fails)
    assert line.harms == (harsh.low90 > 0.0)  # more get away, clearly
    assert LEAST == 0.001


def test_without_failing_settings_nothing_is_said_to_fail():
    line = dataclasses.replace(planned("patrol_surge"), outcomes={"got_aways": row(9, -3, -2, -1)})
    assert not line.fails


def test_a_share_of_nothing_is_told_in_units():
    assert module.share(row(0.0, 1.0, 2.0, 3.0)) == (2.0, 1.0, 3.0)
    assert module.share(row(200.0, 1.0, 2.0, 3.0)) == (0.01, 0.005, 0.015)


def test_failed_runs_are_left_out_and_named(play: Callable):
    def answer(case: Case) -> RunResult | Failure:
        if case.seed == 2 and case.scenario.policies:
            return Failure(case.digest, case.scenario.name, case.seed, "OSError", "gone", "")
        return result(case, got_aways=100.0 * case.seed + len(case.scenario.policies))

    play(answer)
    found = effects(TINY, [SURGE], seeds=(1, 2, 3))
    (line,) = found.lines
    assert {(f.name, f.seed) for f in found.failures} == {("patrol_surge", 2)}
    assert line.outcomes["got_aways"].baseline == 200.0  # of seeds 1 and 3 alone
    assert line.outcomes["got_aways"].difference == 1.0


def test_an_instrument_without_a_single_pair_has_no_line(play: Callable):
    def answer(case: Case) -> RunResult | Failure:
        if any(use.id == "fence" for use in case.scenario.policies):
            return Failure(case.digest, "x", case.seed, "OSError", "gone", "")
        return result(case, got_aways=1.0)

    play(answer)
    found = effects(TINY, [SURGE, PolicySpec(id="fence")], seeds=(1,))
    assert [line.use.id for line in found.lines] == ["patrol_surge"] and len(found.failures) == 2


def test_dose_zero_does_nothing_in_the_model():
    """Played for once: a policy at dose 0 and its baseline, ordinary and failing."""
    (line,) = effects(TINY, [parse_policy("patrol_surge:0")], seeds=(1,), jobs=1).lines
    rows = [*line.outcomes.values(), line.failing]
    assert all(r and (r.difference == 0.0 or math.isnan(r.difference)) for r in rows)
    assert not line.seen and line.fails
