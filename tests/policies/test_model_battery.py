"""Every policy in the model runs, is deterministic and has the declared sign."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
import pytest

from abm import measures
from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Scenario
from abm.scenario.policy_specs import parse_policy
from abm.world.routes import World
from agents.outcomes import Event
from experiments.runs.warmup import start_model
from tests.planned_dollars import daily_dollars

SEEDS = (1, 2, 3, 4, 5, 6)
every = pytest.mark.parametrize("name", registry())
signed = pytest.mark.parametrize(
    ("name", "event", "sign"),
    [(n, event, sign) for n, cls in registry().items() for event, sign in cls.monotone.items()],
)


@pytest.fixture(scope="module")
def run_model(world: World) -> Callable[..., BorderModel]:
    """Return a function that runs a model once per set of arguments and caches it."""

    @cache
    def run_cached(
        policy: str = "", seed: int = 1, days: int = 30, scale: int = 500, **changes: Any
    ) -> BorderModel:
        specs = (parse_policy(policy),) if policy else ()
        frame = {"scale": scale, "warmup_days": min(60, days), "days": days}
        scenario = Scenario(policies=specs, **frame)
        overrides = {path.replace("__", "."): value for path, value in changes.items()}
        model = start_model(scenario.with_settings(overrides), seed, world)
        model.run_for(days)
        return model

    return run_cached


@every
def test_a_policy_runs_at_its_largest_dose(name: str, run_model: Callable) -> None:
    """For a month, accounts balance, rates are shares, and dollars are those of the policy."""
    model, base = run_model(f"{name}:{registry()[name].high:g}"), run_model()
    model.tidy()
    assert model.ledger.day == 30 and int(model.ledger.balance.sum()) == 0
    rates = measures.rates(model.ledger)
    for rate in ("apprehension_probability", "interdiction_effectiveness", "set_out_share"):
        assert 0.0 <= rates[rate] <= 1.0
    due: dict[str, int] = {}
    for day in range(model.calendar.first_day, model.calendar.first_day + 30):
        for payer, dollars in daily_dollars(model.policies, day).items():
            due[payer] = due.get(payer, 0) + dollars
    paid, left = measures.dollars(model.ledger), measures.dollars_unspent(model.ledger)
    assert {payer: paid[payer] + left[payer] for payer in paid} == dict.fromkeys(paid, 0) | due
    assert min(*paid.values(), *left.values()) >= 0 and (model.ledger.unspent >= 0).all()
    work = {
        "arrivals": (model.ledger.arrivals, base.ledger.arrivals),
        "decided": (model.ledger.decided, base.ledger.decided),
        "solves": (model.planning.plans.solves, base.planning.plans.solves),
        "agents": (len(model.agents), len(base.agents)),
        "rows": (model.migrants.count, base.migrants.count),
    }
    for measure, (with_policy, baseline) in work.items():
        assert 0 < with_policy <= 3 * baseline, measure


@pytest.mark.slow
@signed
def test_an_effect_has_the_declared_sign(
    name: str, event: str, sign: int, run_model: Callable
) -> None:
    """The effect is the mean difference over paired seeds, after four months at the maximum dose.

    Deaths are expected deaths, because few deaths are drawn in four months.
    """
    spec = f"{name}:{registry()[name].high:g}"
    differences = [
        _count(run_model(spec, seed, 120, 50), event) - _count(run_model("", seed, 120, 50), event)
        for seed in SEEDS
    ]
    mean = float(np.mean(differences))
    error = float(np.std(differences, ddof=1)) / len(SEEDS) ** 0.5
    assert sign * mean > 0.0
    assert sign * mean > 2.0 * error  # clearly larger than the noise between seeds


def _count(model: BorderModel, event: str) -> float:
    """Return the count of an event, or expected deaths for DEATHS."""
    if event == "DEATHS":
        return float(measures.expected_deaths(model.ledger).sum())
    return float(measures.event_counts(model.ledger)[Event[event]].sum())


@pytest.mark.parametrize("name", [n for n, cls in registry().items() if cls.needs_mexico])
def test_a_policy_that_needs_mexico_has_no_effect_without_cooperation(
    name: str, run_model: Callable, world: World
) -> None:
    """Under no_cooperation, a policy that needs Mexico changes no byte and costs nothing."""
    alone = run_model("no_cooperation")
    specs = (parse_policy(f"{name}:{registry()[name].high:g}"), parse_policy("no_cooperation"))
    both = BorderModel(  # The policy must not act in the warm-up either, so it has a separate one.
        Scenario(scale=500, warmup_days=30, days=30, policies=specs), rng=1, world=world
    )
    both.run_for(30)
    assert both.ledger.digest == alone.ledger.digest
