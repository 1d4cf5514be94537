"""Run worlds from tables, and compare their records exactly or over seeds.

A mean of differences over sixteen seeds exceeds 4.5 of its standard errors once in 2,400 times by
chance (Student's distribution with 15 degrees of freedom).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from abm.model import BorderModel
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World

SEEDS = range(1, 17)
SIGMA = 4.5
#: Events whose counts are compared in distribution.
COUNTED = (
    *("set_out", "trip", "reached_line", "apprehended_us", "got_away_undetected"),
    *("apprehended_mexico", "kidnapped", "port_attempt", "removed_us", "retried"),
)
POLICIES = (
    "rural_gendarmerie:2 fence southern_border_control intelligence_sharing patrol_surge "
    "dismantle_conveyor_belts trusted_travellers"
)
#: Parts of the record that do not depend on the order of places and legs. All hold whole numbers.
RECORD = ("events", "stock", "daily_money", "unspent", "fees", "contracts", "by_sector", "balance")


type Counts = dict[int, dict[str, int]]


def run(
    world: World,
    seed: int = 1,
    *,
    policies: str = POLICIES,
    changes: dict[str, Any] | None = None,
    **basics: Any,
) -> BorderModel:
    """Run a model in a world built from tables."""
    basics = {"scale": 100, "warmup_days": 60, "days": 60, "fill_days": 0} | basics
    specs = tuple(parse_policy(text) for text in policies.split())
    scenario = Scenario(policies=specs, **basics).with_settings(changes or {})
    model = BorderModel(scenario, rng=seed, world=world)
    model.run_for(scenario.days)
    model.tidy()
    return model


def differences(one: BorderModel, other: BorderModel) -> list[str]:
    """Return the parts of two records that are not equal.

    Whole numbers are compared exactly. Indicators and expected deaths are floating-point sums over
    places and legs, whose rounding depends on the order.
    """
    a, b = one.ledger, other.ledger
    found = [name for name in RECORD if not np.array_equal(getattr(a, name), getattr(b, name))]
    for name in ("indicators", "expected_deaths"):
        if not np.allclose(getattr(a, name), getattr(b, name), rtol=1e-9, atol=1e-12):
            found.append(name)
    return found


def assert_equal_on_average(found: Mapping[str, Sequence[float]], names: Sequence[str]) -> None:
    """Assert that the mean of differences over seeds is zero within 4.5 standard errors.

    Args:
        found: differences by name, one per seed.
        names: names that `found` must contain, so that an empty record cannot pass.
    """
    assert set(names) <= set(found)
    for name, values in found.items():
        error = np.std(values, ddof=1) / np.sqrt(len(values))
        assert abs(np.mean(values)) <= SIGMA * error, (name, np.mean(values), error)


def event_differences(one: Counts, other: Counts) -> dict[str, list[float]]:
    """Return the differences in event counts by event, one per seed."""
    return {name: [other[seed][name] - one[seed][name] for seed in one] for name in COUNTED}


def count(world: World, **basics: Any) -> Counts:
    """Count events by seed."""
    return {seed: run(world, seed, **basics).ledger.totals() for seed in SEEDS}
