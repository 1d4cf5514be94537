"""BEST teams and pressure on organisations act where cells are not replaced, through capacity."""

from __future__ import annotations

from functools import cache

import pytest

from abm import measures
from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.routes import load_world
from experiments.warmup import start_model

pytestmark = pytest.mark.xdist_group("acting capacity")

SEEDS, YEARS, LEAST = (1, 2), 2, 0.02
instruments = pytest.mark.parametrize("name", ["best_teams", "dismantle_conveyor_belts"])
Settings = tuple[tuple[str, float], ...]


@cache
def outcomes(spec: str, settings: Settings, seed: int) -> dict[str, float]:
    """Return the yearly outcomes of a run with a policy, or of the base for an empty one."""
    own: tuple[PolicySpec, ...] = (parse_policy(spec),) if spec else ()
    scenario = Scenario(scale=200, days=365 * YEARS, policies=own)
    model = start_model(apply_overrides(scenario, (), dict(settings))[0], seed, load_world())
    model.run_for(model.settings.days)
    assert int(model.ledger.balance.sum()) == 0
    return {name: float(value) for name, value in measures.outcomes(model.ledger).items()}


def effect(name: str, settings: dict[str, float]) -> float:
    """Return the mean relative change of what judges the policy, at its largest dose."""
    policy, key = registry()[name], tuple(settings.items())
    changes = []
    for seed in SEEDS:
        base = outcomes("", key, seed)[policy.judged_by]
        changes.append(
            outcomes(f"{name}:{policy.high:g}", key, seed)[policy.judged_by] / base - 1.0
        )
    return sum(changes) / len(changes)


@instruments
def test_it_acts_where_cells_are_not_replaced_and_only_through_capacity(name: str) -> None:
    policy = registry()[name]
    acts = effect(name, dict(policy.acting))
    assert acts < -LEAST
    assert abs(effect(name, {**policy.acting, **policy.switched_off})) < abs(acts) / 4.0


@instruments
def test_it_fails_where_cells_are_replaced_at_once(name: str) -> None:
    """The replacement of cells at no price is the failure of both."""
    settings = {"smugglers.cell_pace": 40.0, "smugglers.cell_price": 0.0}
    assert effect(name, settings) > -LEAST / 2.0
