"""A policy has no effect at dose 0 and outside its dates."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from functools import cache

import numpy as np
import pytest

from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Scenario
from agents.outcomes import Account
from experiments.runs import warmup

DAYS, FIRST = 90, 45
DATE = Scenario().start + datetime.timedelta(days=FIRST)
DAILY = ("events", "stock", "daily_money", "fees", "contracts", "indicators")

every = pytest.mark.parametrize("name", registry())
acting = pytest.mark.parametrize("name", [n for n, cls in registry().items() if cls.lever_names])


@pytest.fixture(scope="module")
def nothing(play: Callable[..., BorderModel]) -> BorderModel:
    """Run the status quo."""
    return play(days=DAYS, seed=2)


@pytest.fixture(scope="module")
def from_date(play: Callable[..., BorderModel]) -> Callable[[str, float], BorderModel]:
    """Return a function that runs a policy from its date at a dose, once for the tests here."""

    @cache
    def run(name: str, dose: float) -> BorderModel:
        return play(f"{name}:{dose:g}@{DATE}", days=DAYS, seed=2)

    return run


def _differ(one: BorderModel, other: BorderModel, days: slice) -> list[str]:
    pairs = {n: (getattr(one.ledger, n)[days], getattr(other.ledger, n)[days]) for n in DAILY}
    return [name for name, (a, b) in pairs.items() if not np.array_equal(a, b)]


@every
def test_dose_zero_changes_nothing(name: str, play: Callable, nothing: BorderModel) -> None:
    """Every byte and every dollar is equal."""
    assert play(f"{name}:0", days=DAYS, seed=2).ledger.digest == nothing.ledger.digest


@pytest.mark.parametrize("dates", ["@..2012-06-01", "@2031-01-01"])
def test_policies_outside_their_dates_change_nothing(
    dates: str, play: Callable, nothing: BorderModel
) -> None:
    """Covers full programmes of all policies that end before the run or start after it.

    One run has all of them: an effect of any of them is a difference.
    """
    together = " ".join(name + dates for name in registry())
    assert play(together, days=DAYS, seed=2).ledger.digest == nothing.ledger.digest


@acting
def test_nothing_changes_before_the_first_day(
    name: str, from_date: Callable, nothing: BorderModel
) -> None:
    """Equal to the last byte until the day before; different afterwards at the largest dose."""
    for dose in sorted({1.0, registry()[name].high}):
        dated = from_date(name, dose)
        assert _differ(dated, nothing, slice(0, FIRST)) == []
    differs = _differ(dated, nothing, slice(FIRST, None))
    # slow instruments change indicators first; a condition on aid needs aid to act on; instruments
    # that build up over half a year may have no effect in six weeks of a coarse run
    quiet = ("status_quo", "assurance_conditionality", "best_teams", "remain_in_mexico")
    assert {"events", "indicators"} & set(differs) or name in quiet


@acting
def test_payments_start_on_the_first_day(
    name: str, from_date: Callable, nothing: BorderModel
) -> None:
    """A policy with a cost is paid for on its first day."""
    dated = from_date(name, 1.0)
    paid = "daily_money" in _differ(dated, nothing, slice(FIRST, FIRST + 1))
    costs = sum(dated.policies[0].dollars().values()) > 0.0
    assert paid or not costs


@acting
def test_an_ended_policy_sets_no_lever(name: str, play: Callable) -> None:
    """After the last day every lever is zero and no payment is made."""
    model = play(f"{name}@..{DATE}", days=DAYS, seed=2)
    assert not any(array.any() for array in model.levers.copy().values())
    payers = [Account.US_TREASURY, Account.MEXICO_TREASURY]
    assert not model.ledger.daily_money[FIRST:, payers].any()
    assert not model.ledger.daily_money[FIRST:, :, Account.PROGRAMMES].any()


def test_the_status_quo_has_no_effect(play: Callable, nothing: BorderModel) -> None:
    """Adding the baseline at any dose equals adding no policy."""
    assert play("status_quo", days=DAYS, seed=2).ledger.digest == nothing.ledger.digest


def test_the_warm_up_runs_without_policies(build: Callable) -> None:
    """A model under a policy for the whole run starts its first day like one without."""
    one = build(days=5, seed=2).migrants
    warmup.forget()  # otherwise the second model starts from the stored warm-up of the first
    other = build("patrol_surge:6 southern_border_control:6 fence:4", days=5, seed=2).migrants
    assert one.live.tobytes() == other.live.tobytes()
