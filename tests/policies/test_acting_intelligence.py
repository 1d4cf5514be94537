"""Shared intelligence acts through deployment on the map, and only through it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

import numpy as np
import pytest

from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from experiments.runs.run import Case, run_one

SEEDS = (1, 2, 3)
POLICY = registry()["intelligence_sharing"]
#: leaders are arrested at random, which moves single runs by some per cent either way
NO_ARRESTS = {"policies.intelligence_sharing.decapitation": 0.0}


@cache
def got_aways(settings: tuple[tuple[str, object], ...], dose: float, seed: int) -> float:
    """Return got-aways per year of a run of a year at scale 200."""
    specs = (parse_policy(f"intelligence_sharing:{dose:g}"),)
    scenario = Scenario(scale=200, warmup_days=365, days=365)
    scenario, specs = apply_overrides(scenario, specs, dict(settings))
    if dose > 0.0:
        scenario = scenario.with_settings({"policies": specs})
    return run_one(Case(scenario, seed)).outcomes["got_aways"]


def effect(*conditions: Mapping[str, object], seeds: tuple[int, ...] = SEEDS) -> float:
    """Return the mean effect of the full programme on got-aways, as a share."""
    merged: dict[str, object] = {}
    for condition in conditions:
        merged |= condition
    key = tuple(sorted(merged.items()))
    base, full = (np.mean([got_aways(key, dose, s) for s in seeds]) for dose in (0.0, 1.0))
    return float(full / base - 1.0)


def test_a_clearer_map_stops_more_people_where_flows_shift() -> None:
    """The map alone, without arrests of leaders, lowers got-aways by at least 2 %."""
    assert effect(POLICY.acting, NO_ARRESTS) < -0.02


def test_agents_who_do_not_follow_the_map_stop_nobody_more() -> None:
    """Without deployment on the map, less than a quarter of the effect is left."""
    acting = effect(POLICY.acting, NO_ARRESTS)
    assert abs(effect(POLICY.acting, POLICY.switched_off)) < 0.25 * abs(acting)


def test_leaked_plans_raise_got_aways() -> None:
    """With low integrity, organisations avoid the agents and more people get away."""
    assert effect(POLICY.acting, POLICY.failing, NO_ARRESTS) > 0.0


def test_the_base_year_does_not_depend_on_zones() -> None:
    """Without policies, spread and rule of deployment change no count."""
    plain = got_aways((), 0.0, 1)
    for condition in (POLICY.acting, POLICY.switched_off):
        changed = {k: v for k, v in condition.items() if k.startswith("contest.")}
        key = tuple(sorted(changed.items()))
        assert got_aways(key, 0.0, 1) == pytest.approx(plain, abs=0.0)
