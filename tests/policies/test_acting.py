"""Instruments act through their declared mechanism, and have no effect without it.

Each instrument runs at a dose, over a horizon and with settings at which its limits hardly reduce
its effect. The effect is the relative change of the outcome that judges the instrument, averaged
over paired seeds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

import pytest

from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import PolicySpec, Scenario, parse_policy
from experiments.runs.case import Case, RunResult
from experiments.runs.run import run_one
from experiments.runs.study_inputs import with_policies
from experiments.scenarios import find
from experiments.studies.effects import plan
from tests.policies.test_failing import with_misses

pytestmark = pytest.mark.slow
LEAST = 0.02  # An instrument is inert if it changes the judged outcome by a smaller share.
YEAR = 365


@dataclass(frozen=True)
class Use:
    """How a test runs an instrument.

    Attributes:
        days, seeds: length in days, and seeds of the runs.
        text: the policy as text; by default the instrument's id at the dose of `acting`.
        settings: further settings of all runs.
        frame: scale and warm-up.
        base: packaged scenario; by default the default settings.
    """

    days: int
    seeds: tuple[int, ...] = (1, 2)
    text: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    frame: Mapping[str, int] = field(default_factory=lambda: {"scale": 200})
    base: str = ""


LINE = {"scale": 200, "warmup_days": 200}
DECADE = {"frame": {"scale": 1_000}, "base": "baseline"}
#: Random arrests of leaders would change single runs by some per cent.
NO_ARRESTS = {"policies.intelligence_sharing.decapitation": 0.0}
#: Cells are replaced at once and for free.
REPLACED = {"smugglers.cell_pace": 40.0, "smugglers.cell_price": 0.0}
#: Instruments run over declared horizons, with the fastest hiring on record and towers after half a
#: year. Aid takes 54 months on average, and the share of lost cells grows with the years.
USES = {
    "merida_initiative": Use(YEAR * registry()["merida_initiative"].years),
    "assurance_conditionality": Use(3 * YEAR),
    "mexican_border_patrol": Use(3 * YEAR),
    "best_teams": Use(3 * YEAR, seeds=(1, 2, 3, 4)),
    "dismantle_conveyor_belts": Use(3 * YEAR, seeds=(1, 2, 3, 4)),
    "intelligence_sharing": Use(
        YEAR, seeds=(1, 2, 3), settings=NO_ARRESTS, frame={"scale": 200, "warmup_days": 365}
    ),
    "patrol_effort": Use(YEAR, text="patrol_effort:1.6", frame=LINE),
    "patrol_surge": Use(YEAR, settings={"border_patrol.net_hiring": 2_500.0}, frame=LINE),
    "cameras_and_sensors": Use(YEAR, text="cameras_and_sensors:2:build_days=180", frame=LINE),
    "fence": Use(YEAR, text="fence:build_days=30", frame=LINE),
    **{
        name: Use(YEAR * registry()[name].years, **DECADE)
        for name in ("mexican_prosperity", "central_american_governance", "trade_facilitation")
    },
}
#: Uses for conditions of failure. Ports do not depend on the number of simulated migrants.
FAILING = {
    "aerial_surveillance": Use(3 * YEAR),
    "cameras_and_sensors": Use(3 * YEAR),
    "joint_operations": Use(YEAR, seeds=(1,)),
    "legal_pathways": Use(2 * YEAR, seeds=(1,)),
    "trusted_shippers": Use(YEAR, seeds=(1,), frame={"scale": 1_000}),
}
#: Instruments that do not act as declared, or do not fail under their design's condition.
MISSES = {
    "aerial_surveillance": "-1.7 % at the authorised fleet and the goal of hours; more response "
    "does not help (-2.0, -1.9 and -1.5 % at 1.755, 2.5 and 3.92, seed 1)",
    "joint_operations": "reports cannot spread within a surge of four weeks",
}
DOSED = sorted(name for name, cls in registry().items() if f"policies.{name}.dose" in cls.acting)


@cache
def result(scenario: Scenario, seed: int) -> RunResult:
    """Run a scenario once."""
    return run_one(Case(scenario, seed))


def effect(name: str, use: Use, *conditions: Mapping[str, Any]) -> float:
    """Return the mean relative change of the judged outcome under settings."""
    cls, settings = registry()[name], dict(use.settings)
    for condition in conditions:
        settings |= condition
    base = find(use.base) if use.base else Scenario()
    base = base.with_settings(dict(use.frame) | {"days": use.days})
    base = with_policies(base, tuple(parse_policy(text) for text in cls.requires))
    shared = {k: v for k, v in settings.items() if not k.startswith(f"policies.{name}.")}
    without, _ = apply_overrides(base, (), shared)
    arm, specs = apply_overrides(base, (parse_policy(use.text or name),), settings)
    changes = [
        result(with_policies(arm, specs), seed).outcomes[cls.judged_by]
        / result(without, seed).outcomes[cls.judged_by]
        - 1.0
        for seed in use.seeds
    ]
    return sum(changes) / len(changes)


@pytest.mark.parametrize("name", USES)
def test_it_acts_through_its_mechanism_and_not_without(name: str) -> None:
    """The effect is at least 2 % under `acting`, and below a quarter without the mechanism."""
    cls, use = registry()[name], USES[name]
    acts = effect(name, use, cls.acting)
    assert acts < -LEAST
    assert abs(effect(name, use, cls.acting, cls.switched_off)) < 0.25 * abs(acts)


@pytest.mark.parametrize("name", with_misses(FAILING, MISSES))
def test_it_acts_and_less_than_half_of_it_is_left_where_it_fails(name: str) -> None:
    """The effect is at least 2 % if `acting` is declared.

    Less than half is left under `failing`.
    """
    cls, use = registry()[name], FAILING[name]
    acts = effect(name, use, cls.acting)
    assert acts < (-LEAST if cls.acting else 0.0)
    assert effect(name, use, cls.acting, cls.failing) > 0.5 * acts


@pytest.mark.parametrize("name", ["best_teams", "dismantle_conveyor_belts"])
def test_it_fails_where_cells_are_replaced_at_once(name: str) -> None:
    assert effect(name, USES[name], registry()[name].acting, REPLACED) > -LEAST / 2.0


def test_noisy_verification_and_a_willing_mexico_do_not_lower_entries() -> None:
    name, willing = "assurance_conditionality", {"governments.mexico": "willing"}
    for condition in (registry()[name].failing, willing):
        assert effect(name, USES[name], registry()[name].acting, condition) > -0.005


def test_leaked_plans_raise_got_aways() -> None:
    """If integrity is low, organisations avoid the agents, and more people get away."""
    cls = registry()["intelligence_sharing"]
    assert effect(cls.id, USES[cls.id], cls.acting, cls.failing) > 0.0


def test_limits_reduce_the_effect_of_large_doses() -> None:
    """Without limits, the largest surge has several times the effect for the same plan."""
    base = Scenario(days=YEAR, **LINE)
    limited, free = (
        result(
            base.with_settings(
                {"border_patrol.limits": limits, "policies": (parse_policy("patrol_surge:6"),)}
            ),
            1,
        )
        for limits in (True, False)
    )
    away = result(base, 1).outcomes["got_aways"]
    fewer, fewest = (1.0 - one.outcomes["got_aways"] / away for one in (limited, free))
    assert fewest > 3.0 * fewer > 0.0
    planned = 6.0 * registry()["patrol_surge"].full_programme().full_dollars
    for one in (limited, free):
        assert one.dollars["us"] + one.dollars_unspent["us"] == pytest.approx(planned, abs=2.0)
    assert limited.dollars["us"] < 0.05 * planned


@pytest.mark.parametrize("name", DOSED)
def test_the_declared_dose_is_that_of_the_conditions(name: str) -> None:
    """`acting` and `failing` run at the dose of `acting`, and the other conditions at dose 1."""
    cls = registry()[name]
    (row,) = plan(Scenario(scale=1_000, days=30), [PolicySpec(id=name)])
    dose = cls.acting[f"policies.{name}.dose"]
    assert row.pairs["given"].policy.dose == 1.0 != dose
    assert row.pairs["acting"].policy.dose == row.pairs["failing"].policy.dose == dose
