"""Instruments act at the dose and fail under the settings that they declare."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from abm.policies import Policy, policies_of, registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from experiments.comparison.compare import with_policies
from experiments.runs.case import Case
from experiments.runs.run import run_one
from experiments.studies.effects import plan

LEAST = 0.02  # share of the judged outcome below which an instrument is inert
#: Scale, days and seeds of an instrument; ports do not depend on the number of simulated migrants.
RUNS = {
    "aerial_surveillance": (200, 1_095, (1, 2)),
    "cameras_and_sensors": (200, 1_095, (1, 2)),
    "joint_operations": (200, 365, (1,)),
    "legal_pathways": (200, 730, (1,)),
    "trusted_shippers": (1_000, 365, (1,)),
}
#: Instruments that do not act as declared, or do not fail under the condition of the design.
MISSES = {
    "aerial_surveillance": "-1.7 % at the authorised fleet and the goal of hours; more response "
    "does not help (-2.0, -1.9 and -1.5 % at 1.755, 2.5 and 3.92, seed 1)",
    "joint_operations": "reports cannot spread within a surge of four weeks",
    "legal_pathways": "people apply for other reasons than the risk of apprehension",
    "trusted_shippers": "seizures fall already where integrity is high",
}
DOSED = sorted(name for name, cls in registry().items() if f"policies.{name}.dose" in cls.acting)


@cache
def outcomes(scenario: Scenario, seed: int) -> Mapping[str, float]:
    """Return the outcomes of a run."""
    return run_one(Case(scenario, seed)).outcomes


def effect(cls: type[Policy], settings: Mapping[str, Any]) -> float:
    """Return the relative effect on the outcome that judges the policy, over paired seeds."""
    scale, days, seeds = RUNS[cls.id]
    shared = {k: v for k, v in settings.items() if not k.startswith(f"policies.{cls.id}.")}
    base = Scenario(scale=scale, days=days)
    without, _ = apply_overrides(base, (), shared)
    arm, specs = apply_overrides(base, (PolicySpec(id=cls.id),), settings)
    old, new = (
        sum(outcomes(one, seed)[cls.judged_by] for seed in seeds)
        for one in (without, with_policies(arm, specs))
    )
    return new / old - 1.0


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, marks=pytest.mark.xfail(reason=MISSES[name], strict=True))
        if name in MISSES
        else name
        for name in RUNS
    ],
)
def test_it_acts_and_less_than_half_of_it_is_left_where_it_fails(name: str) -> None:
    """At least 2 % under `acting` if it is declared; below half of the effect under `failing`."""
    cls = registry()[name]
    acts = effect(cls, cls.acting)
    assert acts < (-LEAST if cls.acting else 0.0)
    assert effect(cls, {**cls.acting, **cls.failing}) > 0.5 * acts


def test_aircraft_act_through_sensors_only() -> None:
    """Watched line that does not help agents has no effect."""
    cls = registry()["aerial_surveillance"]
    acts = effect(cls, cls.acting)
    assert abs(effect(cls, {**cls.acting, **cls.switched_off})) < 0.25 * abs(acts)


@pytest.mark.parametrize("name", DOSED)
def test_the_declared_dose_is_that_of_the_conditions(name: str) -> None:
    """The conditions `acting` and `failing` run at the dose of `acting`, the others at dose 1."""
    cls = registry()[name]
    (row,) = plan(Scenario(scale=1_000, days=30), [PolicySpec(id=name)])
    dose = cls.acting[f"policies.{name}.dose"]
    assert row.pairs["given"].policy.dose == 1.0 != dose
    assert row.pairs["acting"].policy.dose == row.pairs["failing"].policy.dose == dose


def test_longer_flights_cost_more_in_proportion_to_hours() -> None:
    """The audit has a price per flight hour: $12,255 for 5,102 hours are $62.5M."""
    cls = registry()["aerial_surveillance"]
    usual = cls.full_programme()
    (more,) = policies_of(
        Scenario(), [PolicySpec(id=cls.id, numbers=(("airborne", 2.0 * usual.airborne),))]
    )
    assert more.dollars()["us"] == pytest.approx(2.0 * usual.dollars()["us"])
