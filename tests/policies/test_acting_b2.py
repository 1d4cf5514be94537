"""Growth of Mexico, state failure and trade: they act where declared, and not without mechanism."""

from __future__ import annotations

import functools
from typing import Any

import pytest

from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import PolicySpec
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.scenarios import find

SCALE = 1_000
SEEDS = (1, 2)  # one run of ten years differs from another by more than a per cent
INERT = 0.02


@functools.cache
def run(
    days: int, policy: str = "", settings: tuple[tuple[str, Any], ...] = (), seed: int = 1
) -> RunResult:
    """Return the result of a run, which depends on the policy and its settings only."""
    specs = (PolicySpec(id=policy),) if policy else ()
    base = find("baseline").with_settings({"scale": SCALE, "days": days})
    scenario, specs = apply_overrides(base, specs, dict(settings))
    return run_one(Case(scenario.with_settings({"policies": specs}), seed))


def effect(policy: str, *settings: Any) -> float:
    """Return the mean relative effect on the judging outcome of a policy, over its horizon."""
    cls = registry()[policy]
    given = tuple({k: v for group in settings for k, v in group.items()}.items())
    # without money these settings change nothing, so the base needs none of them
    name, days = cls.judged_by, 365 * cls.years
    pairs = [(run(days, policy, given, seed), run(days, seed=seed)) for seed in SEEDS]
    return sum(arm.outcomes[name] / base.outcomes[name] - 1.0 for arm, base in pairs) / len(pairs)


@pytest.mark.parametrize("policy", ["mexican_prosperity", "central_american_governance"])
def test_it_acts_under_plausible_settings_and_not_without_its_mechanism(policy: str) -> None:
    cls = registry()[policy]
    acts = effect(policy, cls.acting)
    assert acts < -INERT
    assert abs(effect(policy, cls.acting, cls.switched_off)) < abs(acts) / 4.0


def test_trade_facilitation_acts_by_default_and_not_without_its_mechanism() -> None:
    cls = registry()["trade_facilitation"]
    acts = effect("trade_facilitation")
    assert acts < -INERT
    assert abs(effect("trade_facilitation", cls.switched_off)) < abs(acts) / 4.0


def test_a_path_of_more_growth_lowers_candidates_and_a_dated_one_nothing_before() -> None:
    rate = ("push.growth_path", "rate"), ("push.growth_rate", 0.1)
    base, days = run(500), 500
    assert run(days, "", rate).persons["candidates"] < base.persons["candidates"]
    assert run(days, "", (*rate, ("push.growth_since", 2014.5))).digest == base.digest
    assert run(days, "", (rate[0],)).digest == base.digest  # a rate of 0


def test_without_money_programmes_can_be_set_freely_without_effect() -> None:
    """The first 500 days are the same bytes if nothing is spent, for any effect of money."""
    free = {"push.job_leaving": 1.0, "push.cash_migrants": 140.0, "push.us_content": 1.0}
    unpaid = {f"policies.mexican_prosperity.{name}": 0.0 for name in ("growth", "governance")}
    base = run(500).digest
    assert run(500, "", tuple(free.items())).digest == base
    assert run(500, "mexican_prosperity", tuple((free | unpaid).items())).digest == base
