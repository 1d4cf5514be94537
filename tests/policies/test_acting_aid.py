"""Conditional aid, Mérida and the Mexican border patrol act through their mechanisms."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from experiments.comparison.compare import with_policies
from experiments.runs.case import Case
from experiments.runs.run import run_one

SEEDS = (1, 2)
#: Declared horizons: Mérida's money arrives after 54 months on average, and the officers of the
#: border patrol are hired over three years. Over two years, conditional aid has -1.8 % (seed 1).
DAYS = {
    "merida_initiative": 365 * registry()["merida_initiative"].years,
    "assurance_conditionality": 1_095,
    "mexican_border_patrol": 1_095,
}
LEAST = 0.02  # share of the judged outcome below which an instrument is inert


def effect(name: str, settings: Mapping[str, Any]) -> float:
    """Return the relative effect of dose 1 on the outcome that judges it, over paired seeds."""
    cls = registry()[name]
    accompanying = tuple(parse_policy(text) for text in cls.requires)
    base = with_policies(Scenario().with_settings({"scale": 200, "days": DAYS[name]}), accompanying)
    own = f"policies.{name}."
    shared = {path: value for path, value in settings.items() if not path.startswith(own)}
    without, _ = apply_overrides(base, (), shared)
    arm, specs = apply_overrides(base, (parse_policy(name),), settings)
    totals = [
        sum(run_one(Case(scenario, seed)).outcomes[cls.judged_by] for seed in SEEDS)
        for scenario in (without, with_policies(arm, specs))
    ]
    return totals[1] / totals[0] - 1.0


@pytest.mark.parametrize("name", sorted(DAYS))
def test_it_acts_through_its_mechanism_and_not_without(name: str) -> None:
    """Under `acting` the effect is at least 2 %, and with the mechanism off below a quarter."""
    cls = registry()[name]
    acts = effect(name, cls.acting)
    assert acts <= -LEAST
    off = effect(name, {**cls.acting, **cls.switched_off})
    assert abs(off) < 0.25 * abs(acts)


def test_noisy_verification_and_a_willing_mexico_do_not_lower_entries() -> None:
    """Neither under `failing`, nor with a willing Mexico."""
    cls = registry()["assurance_conditionality"]
    assert effect(cls.id, {**cls.acting, **cls.failing}) > -0.005
    assert effect(cls.id, {**cls.acting, "governments.mexico": "willing"}) > -0.005
