"""One battery for every policy in the model itself: it runs, repeats, points where it says."""

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

pytestmark = pytest.mark.xdist_group("battery")

SEEDS = (1, 2, 3, 4, 5, 6)
every = pytest.mark.parametrize("name", registry())
signed = pytest.mark.parametrize(
    ("name", "event", "sign"),
    [(n, event, sign) for n, cls in registry().items() for event, sign in cls.monotone.items()],
)


@pytest.fixture(scope="module")
def play() -> Callable[..., BorderModel]:
    """Run a model once for each set of arguments."""
    world = load_world()

    @cache
    def played(
        policy: str = "", seed: int = 1, days: int = 30, scale: int = 500, **changes: Any
    ) -> BorderModel:
        uses = (parse_policy(policy),) if policy else ()
        scenario = Scenario(scale=scale, warmup_days=60, days=days, policies=uses)
        paths = {path.replace("__", "."): value for path, value in changes.items()}
        model = BorderModel(scenario.with_settings(paths), rng=seed, world=world)
        model.run_for(days)
        return model

    return played


@every
@pytest.mark.parametrize("bound", ["low", "high"])
def test_both_bounds_of_the_dose_run(name: str, bound: str, play: Callable) -> None:
    """A month at the least and at the most: books close, rates are rates."""
    model = play(f"{name}:{getattr(registry()[name], bound):g}")
    model.tidy()
    assert model.ledger.day == 30 and int(model.ledger.balance.sum()) == 0
    found = measures.rates(model.ledger)
    for rate in (
        "apprehension_probability",
        "interdiction_effectiveness",
        "mexico_share",
        "set_out_share",
    ):
        assert 0.0 <= found[rate] <= 1.0


@every
def test_a_policy_is_deterministic(name: str, play: Callable) -> None:
    """The same case again, and another seed."""
    one = play(f"{name}:{registry()[name].high:g}")
    again = play.__wrapped__(f"{name}:{registry()[name].high:g}")
    assert one is not again and one.ledger.digest == again.ledger.digest
    assert one.ledger.digest != play(f"{name}:{registry()[name].high:g}", seed=2).ledger.digest


@every
def test_the_ledger_pays_what_the_policy_costs(name: str, play: Callable) -> None:
    """Day by day and payer by payer, no more and no less."""
    model = play(f"{name}:{registry()[name].high:g}")
    due: dict[str, int] = {}
    for day in range(model.calendar.first_day, model.calendar.first_day + 30):
        for payer, dollars in daily_dollars(model.policies, day).items():
            due[payer] = due.get(payer, 0) + dollars
    paid = measures.dollars(model.ledger)
    assert {payer: dollars for payer, dollars in paid.items() if dollars} == {
        payer: dollars for payer, dollars in due.items() if dollars
    }


@every
def test_levers_of_the_model_are_those_it_names(name: str, play: Callable) -> None:
    """Pulled in a model on its last day: the levers that are printed, and no other."""
    model = play(f"{name}:{registry()[name].high:g}")
    pulled = {lever for lever, array in model.levers.copy().items() if array.any()}
    named = set(registry()[name].lever_names)
    if "strategy" in named:  # its money pulls at the levers of the arms that it has chosen
        named |= set(ARMS)
    assert pulled <= named


@every
def test_a_policy_costs_no_more_work_than_three_times_the_status_quo(
    name: str, play: Callable
) -> None:
    """Legs completed, decisions taken and route plans solved, over four months."""
    base = play(days=120, scale=200)
    model = play(f"{name}:{registry()[name].high:g}", days=120, scale=200)
    work = {
        "arrivals": (model.ledger.arrivals, base.ledger.arrivals),
        "decided": (model.ledger.decided, base.ledger.decided),
        "solves": (model.planning.plans.solves, base.planning.plans.solves),
        "agents": (len(model.agents), len(base.agents)),
        "rows": (model.migrants.capacity, base.migrants.capacity),
    }
    for what, (now, before) in work.items():
        assert 0 < now <= 3 * before, what


@signed
def test_an_effect_has_the_sign_that_is_declared(
    name: str, event: str, sign: int, play: Callable
) -> None:
    """Paired seeds, four months at the largest dose: the mean difference points that way.

    Deaths are taken as expected deaths, since few are drawn in four months.
    """
    most = f"{name}:{registry()[name].high:g}"
    differences = [
        _count(play(most, seed, 120, 50), event) - _count(play("", seed, 120, 50), event)
        for seed in SEEDS
    ]
    mean = float(np.mean(differences))
    error = float(np.std(differences, ddof=1)) / len(SEEDS) ** 0.5
    assert sign * mean > 0.0
    assert sign * mean > 2.0 * error  # not by the luck of a few seeds


def _count(model: BorderModel, event: str) -> float:
    if event == "DEATHS":
        return float(measures.expected_deaths(model.ledger).sum())
    return float(measures.event_counts(model.ledger)[Event[event]].sum())


@pytest.mark.parametrize("name", [n for n, cls in registry().items() if cls.needs_mexico])
def test_what_needs_mexico_does_nothing_without_it(name: str, play: Callable) -> None:
    """With no_cooperation, a policy that needs Mexico changes no byte and costs nothing."""
    world = load_world()
    alone = play("no_cooperation")
    uses = (parse_policy(f"{name}:{registry()[name].high:g}"), parse_policy("no_cooperation"))
    both = BorderModel(
        Scenario(scale=500, warmup_days=60, days=30, policies=uses), rng=1, world=world
    )
    both.run_for(30)
    assert both.ledger.digest == alone.ledger.digest


@every
def test_policies_are_not_changed_by_running(name: str, play: Callable) -> None:
    """A policy object is frozen and remembers nothing: the same after a run as before."""
    model = play(f"{name}:{registry()[name].high:g}")
    before = BorderModel(model.settings, rng=1, world=model.world).policies
    assert before == model.policies
