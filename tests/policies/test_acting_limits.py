"""Instruments of the line act through their mechanism, and have no effect where it is switched off.

Each runs at a dose and under settings at which its limit leaves it most of its effect.
"""

from __future__ import annotations

from functools import cache
from typing import Any

import pytest

from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from experiments.runs.run import Case, RunResult, run_one

SEEDS = (1, 2)
LEAST = 0.02  # of the outcome that an instrument is judged by
#: A dose, and plausible settings besides those of `acting`: the fastest hiring on record, towers
#: after half a year.
USES: dict[str, tuple[str, dict[str, Any]]] = {
    "patrol_effort": ("patrol_effort:1.6", {}),
    "patrol_surge": ("patrol_surge", {"border_patrol.net_hiring": 2_500.0}),
    "cameras_and_sensors": ("cameras_and_sensors:2:build_days=180", {}),
    "fence": ("fence:build_days=30", {}),
}


@cache
def run(text: str, seed: int, name: str = "", *, off: bool = False) -> RunResult:
    """Run a year with a policy, or without one, under the settings of the instrument `name`."""
    specs = tuple(parse_policy(part) for part in text.split())
    changes = USES[name][1] | dict(registry()[name].acting) if name else {}
    changes = changes | (dict(registry()[name].switched_off) if off else {})
    base = Scenario(scale=200, days=365, warmup_days=200)
    scenario, specs = apply_overrides(base, specs, changes)
    return run_one(Case(scenario.with_settings({"policies": specs}), seed))


def effect(name: str, *, off: bool) -> float:
    """Return the mean relative change of the outcome that the policy is judged by."""
    text, outcome = USES[name][0], registry()[name].judged_by
    pairs = [(run("", seed, name, off=off), run(text, seed, name, off=off)) for seed in SEEDS]
    changes = [new.outcomes[outcome] / old.outcomes[outcome] - 1.0 for old, new in pairs]
    return sum(changes) / len(changes)


@pytest.mark.parametrize("name", USES)
def test_an_instrument_of_the_line_acts_through_its_mechanism(name: str) -> None:
    """Got-aways fall by at least 2 %; less than a quarter of it is left without the mechanism."""
    acting, gone = effect(name, off=False), effect(name, off=True)
    assert acting < -LEAST
    assert abs(gone) < 0.25 * abs(acting)


def test_limits_reduce_the_effect_of_large_doses() -> None:
    """Without limits, the largest surge has several times the effect, at the same plan."""
    surge = parse_policy("patrol_surge:6")
    results = {}
    for limits in (True, False):
        settings = {"border_patrol.limits": limits, "policies": (surge,)}
        scenario = Scenario(scale=200, days=365, warmup_days=200).with_settings(settings)
        results[limits] = run_one(Case(scenario, 1))
    base = run("", 1).outcomes["got_aways"]
    fewer = {limits: 1.0 - one.outcomes["got_aways"] / base for limits, one in results.items()}
    assert fewer[False] > 3.0 * fewer[True] > 0.0
    planned = 6.0 * registry()["patrol_surge"].full_programme().dollars_at_one
    for one in results.values():
        assert one.dollars["us"] + one.dollars_unspent["us"] == pytest.approx(planned, abs=2.0)
    assert results[True].dollars["us"] < 0.05 * planned
