"""Test every policy in the model: it runs, is deterministic and has the declared sign."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from abm import measures
from abm.model import BorderModel
from abm.policies import daily_dollars, registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import load_world
from agents.outcomes import Event
from agents.strategy import ARMS
from experiments.runs.warmup import start_model

SEEDS = (1, 2, 3, 4, 5, 6)
every = pytest.mark.parametrize("name", registry())
signed = pytest.mark.parametrize(
    ("name", "event", "sign"),
    [(n, event, sign) for n, cls in registry().items() for event, sign in cls.monotone.items()],
)


@pytest.fixture(scope="module")
def run_model() -> Callable[..., BorderModel]:
    """Return a function that runs a model once per set of arguments and caches it."""
    world = load_world()

    @cache
    def run_cached(
        policy: str = "", seed: int = 1, days: int = 30, scale: int = 500, **changes: Any
    ) -> BorderModel:
        specs = (parse_policy(policy),) if policy else ()
        scenario = Scenario(scale=scale, warmup_days=60, days=days, policies=specs)
        overrides = {path.replace("__", "."): value for path, value in changes.items()}
        model = start_model(scenario.with_settings(overrides), seed, world)
        model.run_for(days)
        return model

    return run_cached


@every
@pytest.mark.parametrize("bound", ["low", "high"])
def test_a_policy_runs_at_both_bounds_of_its_dose(
    name: str, bound: str, run_model: Callable
) -> None:
    """A month at the lowest and the highest dose: accounts balance and rates are in [0, 1]."""
    model = run_model(f"{name}:{getattr(registry()[name], bound):g}")
    model.tidy()
    assert model.ledger.day == 30 and int(model.ledger.balance.sum()) == 0
    rates = measures.rates(model.ledger)
    for rate in (
        "apprehension_probability",
        "interdiction_effectiveness",
        "mexico_share",
        "set_out_share",
    ):
        assert 0.0 <= rates[rate] <= 1.0


@every
def test_a_policy_is_deterministic(name: str, run_model: Callable) -> None:
    """The same seed gives the same digest, another seed a different one."""
    first = run_model(f"{name}:{registry()[name].high:g}")
    repeat = run_model.__wrapped__(f"{name}:{registry()[name].high:g}")
    assert first is not repeat and first.ledger.digest == repeat.ledger.digest
    assert (
        first.ledger.digest != run_model(f"{name}:{registry()[name].high:g}", seed=2).ledger.digest
    )


@every
def test_the_ledger_pays_the_cost_of_the_policy(name: str, run_model: Callable) -> None:
    """Dollars spent and not spent are the daily dollars of the policy, for every payer and day."""
    model = run_model(f"{name}:{registry()[name].high:g}")
    due: dict[str, int] = {}
    for day in range(model.calendar.first_day, model.calendar.first_day + 30):
        for payer, dollars in daily_dollars(model.policies, day).items():
            due[payer] = due.get(payer, 0) + dollars
    paid, left = measures.dollars(model.ledger), measures.dollars_unspent(model.ledger)
    for payer in paid:
        assert paid[payer] + left[payer] == due.get(payer, 0)
        assert paid[payer] >= 0 and left[payer] >= 0
    assert (model.ledger.unspent >= 0).all()


@every
def test_a_policy_pulls_only_its_declared_levers(name: str, run_model: Callable) -> None:
    """On the last day of a run only declared levers differ from zero."""
    model = run_model(f"{name}:{registry()[name].high:g}")
    pulled = {lever for lever, array in model.levers.copy().items() if array.any()}
    declared = set(registry()[name].lever_names)
    if "strategy" in declared:  # a strategy pulls the levers of the arms it funds
        declared |= set(ARMS)
    assert pulled <= declared


@every
def test_a_policy_needs_at_most_three_times_the_work_of_the_status_quo(
    name: str, run_model: Callable
) -> None:
    """Arrivals, decisions, route solves, agents and rows over four months are at most tripled."""
    base = run_model(days=120, scale=200)
    model = run_model(f"{name}:{registry()[name].high:g}", days=120, scale=200)
    work = {
        "arrivals": (model.ledger.arrivals, base.ledger.arrivals),
        "decided": (model.ledger.decided, base.ledger.decided),
        "solves": (model.planning.plans.solves, base.planning.plans.solves),
        "agents": (len(model.agents), len(base.agents)),
        "rows": (model.migrants.capacity, base.migrants.capacity),
    }
    for measure, (with_policy, baseline) in work.items():
        assert 0 < with_policy <= 3 * baseline, measure


@pytest.mark.slow
@signed
def test_an_effect_has_the_declared_sign(
    name: str, event: str, sign: int, run_model: Callable
) -> None:
    """The mean difference over paired seeds, four months at the highest dose, has the sign.

    Deaths are expected deaths because few deaths are drawn in four months.
    """
    spec = f"{name}:{registry()[name].high:g}"
    differences = [
        _count(run_model(spec, seed, 120, 50), event) - _count(run_model("", seed, 120, 50), event)
        for seed in SEEDS
    ]
    mean = float(np.mean(differences))
    error = float(np.std(differences, ddof=1)) / len(SEEDS) ** 0.5
    assert sign * mean > 0.0
    assert sign * mean > 2.0 * error  # larger than the noise between seeds


def _count(model: BorderModel, event: str) -> float:
    """Return the count of an event, or expected deaths for DEATHS."""
    if event == "DEATHS":
        return float(measures.expected_deaths(model.ledger).sum())
    return float(measures.event_counts(model.ledger)[Event[event]].sum())


@pytest.mark.parametrize("name", [n for n, cls in registry().items() if cls.needs_mexico])
def test_a_policy_that_needs_mexico_has_no_effect_without_cooperation(
    name: str, run_model: Callable
) -> None:
    """With no_cooperation, a policy that needs Mexico changes no byte and costs nothing."""
    world = load_world()
    alone = run_model("no_cooperation")
    specs = (parse_policy(f"{name}:{registry()[name].high:g}"), parse_policy("no_cooperation"))
    both = BorderModel(  # with a warm-up of its own, in which the policy must not act either
        Scenario(scale=500, warmup_days=60, days=30, policies=specs), rng=1, world=world
    )
    both.run_for(30)
    assert both.ledger.digest == alone.ledger.digest


@every
def test_a_run_does_not_change_its_policies(name: str, run_model: Callable) -> None:
    """A policy object has no state: it is the same after a run as before."""
    model = run_model(f"{name}:{registry()[name].high:g}")
    before = start_model(model.settings, 1, model.world).policies
    assert before == model.policies
