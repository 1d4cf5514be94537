"""Order in which cases with common warm-ups are submitted."""

from __future__ import annotations

import pytest

from abm.scenario import Scenario
from abm.scenario.policy_specs import PolicySpec
from experiments.case import Case
from experiments.job_queue import take_turns
from experiments.many_runs import warmup_of

BASE = Scenario(scale=1000, days=3)
ARMS = [BASE] + [
    BASE.with_settings({"policies": (PolicySpec(id=name),), "name": name})
    for name in ("fence", "patrol_surge")
]


def order(cases: list[Case], workers: int) -> list[int]:
    """Return the indices of the cases in the order of submission."""
    items = list(enumerate(cases))
    return [index for index, _ in take_turns(items, lambda item: warmup_of(item[1]), workers)]


@pytest.mark.parametrize("workers", [1, 2, 3, 8])
def test_every_case_is_submitted_once_and_those_of_a_seed_take_turns_by_worker(workers: int):
    """As many seeds as there are workers take turns until all arms of these seeds are submitted."""
    cases = [Case(arm, seed) for arm in ARMS for seed in range(7)]
    chosen = order(cases, workers)
    assert sorted(chosen) == list(range(len(cases)))
    seeds = [cases[index].seed for index in chosen]
    first = seeds[: 3 * workers]
    assert first == [k for _ in ARMS for k in range(min(workers, 7))][: len(first)]


def test_without_common_warmups_the_order_does_not_change():
    """Other lengths, scales and seeds have separate warm-ups."""
    scenarios = [BASE, BASE.with_settings({"days": 4}), BASE.with_settings({"scale": 500})]
    cases = [Case(scenario, seed) for scenario in scenarios for seed in (3, 1, 2)]
    assert order(cases, 2) == list(range(9))


def test_the_key_of_a_warmup_leaves_out_policies_and_texts_only():
    """Every other setting changes the key, also in its last digit and its sign."""
    keys = {arm.warmup_key for arm in ARMS}
    assert len(keys) == 1
    changes = ({"scale": 999}, {"contest.eta": 0.5000000000000001}, {"push.erosion": 0.0})
    for change in (*changes, {"record": "history"}, {"world": "x"}, {"aid.lapse": 3}):
        assert BASE.with_settings(change).warmup_key not in keys, change
