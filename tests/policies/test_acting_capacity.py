"""BEST teams and pressure on organisations act where cells are not replaced, through capacity."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

import pytest

from abm import measures
from abm.policies import registry
from abm.policies.failure_conditions import apply_overrides
from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec, parse_policy
from abm.world.routes import load_world
from experiments.warmup import start_model

pytestmark = pytest.mark.xdist_group("acting capacity")

SEEDS, LEAST = (1, 2), 0.02
#: The share of cells that are lost grows from year to year; three years are the declared horizon.
YEARS = {"best_teams": 2, "dismantle_conveyor_belts": 3}
instruments = pytest.mark.parametrize("name", ["best_teams", "dismantle_conveyor_belts"])
Settings = tuple[tuple[str, Any], ...]


@cache
def outcomes(name: str, settings: Settings, seed: int, years: int) -> dict[str, float]:
    """Return the yearly outcomes of a run with a policy, or of the base for an empty name."""
    own: tuple[PolicySpec, ...] = (parse_policy(name),) if name else ()
    scenario = Scenario(scale=200, days=365 * years, policies=own)
    model = start_model(apply_overrides(scenario, (), dict(settings))[0], seed, load_world())
    model.run_for(model.settings.days)
    assert int(model.ledger.balance.sum()) == 0
    return {name: float(value) for name, value in measures.outcomes(model.ledger).items()}


def effect(name: str, settings: Mapping[str, Any]) -> float:
    """Return the mean relative change of the judging outcome, at the dose of the settings."""
    judged, key, years = registry()[name].judged_by, tuple(settings.items()), YEARS[name]
    shared = tuple(row for row in key if not row[0].startswith(f"policies.{name}."))
    changes = [
        outcomes(name, key, seed, years)[judged] / outcomes("", shared, seed, years)[judged] - 1.0
        for seed in SEEDS
    ]
    return sum(changes) / len(changes)


@instruments
def test_it_acts_where_cells_are_not_replaced_and_only_through_capacity(name: str) -> None:
    policy = registry()[name]
    acts = effect(name, policy.acting)
    assert acts < -LEAST
    assert abs(effect(name, {**policy.acting, **policy.switched_off})) < abs(acts) / 4.0


@instruments
def test_it_fails_where_cells_are_replaced_at_once(name: str) -> None:
    """The replacement of cells at no price is the failure of both, at the dose of `acting`."""
    policy = registry()[name]
    assert effect(name, {**policy.acting, **policy.failing}) > -LEAST / 2.0
