"""A policy has no effect at dose 0 and outside its dates.

One run has all policies at once, so that an effect of any policy is a difference.
"""

from __future__ import annotations

import datetime
from collections.abc import Callable

import numpy as np
import pytest

from abm.model import BorderModel
from abm.policies import registry
from abm.scenario import Scenario
from experiments.runs import warmup

DAYS, FIRST = 60, 30
DATE = Scenario().start + datetime.timedelta(days=FIRST)
DAILY = ("events", "stock", "daily_money", "fees", "contracts", "indicators")
#: `no_cooperation` runs alone, because it would switch off the policies that need Mexico.
GROUPS = ([name for name in registry() if name != "no_cooperation"], ["no_cooperation"])
together = pytest.mark.parametrize("names", GROUPS, ids=["all", "no cooperation"])


@pytest.fixture(scope="module")
def nothing(play: Callable[..., BorderModel]) -> BorderModel:
    """Run the status quo."""
    return play(days=DAYS, seed=2)


@pytest.mark.parametrize("suffix", [":0", "@..2012-06-01", "@2031-01-01"])
def test_policies_at_dose_zero_and_outside_their_dates_change_nothing(
    suffix: str, play: Callable, nothing: BorderModel
) -> None:
    """Every byte and every dollar is equal."""
    text = " ".join(name + suffix for name in registry())
    assert play(text, days=DAYS, seed=2).ledger.digest == nothing.ledger.digest


@together
def test_nothing_changes_before_the_first_day(
    names: list[str], play: Callable, nothing: BorderModel
) -> None:
    """Records are equal to the last byte before the first day, and differ from that day on."""
    text = " ".join(f"{name}:{registry()[name].high:g}@{DATE}" for name in names)
    ledger = play(text, days=DAYS, seed=2).ledger
    for name in DAILY:
        records = getattr(ledger, name), getattr(nothing.ledger, name)
        assert np.array_equal(*(record[:FIRST] for record in records)), name
        assert name in ("fees", "contracts", "stock") or not np.array_equal(*records), name


def test_the_warm_up_runs_without_policies(build: Callable) -> None:
    """Under a policy for the whole run, the first day starts as without the policy."""
    one = build(days=5, seed=2).migrants
    warmup.forget()  # Otherwise, the second model reuses the first model's warm-up.
    other = build("patrol_surge:6 southern_border_control:6 fence:4", days=5, seed=2).migrants
    assert one.live.tobytes() == other.live.tobytes()
