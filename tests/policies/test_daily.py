"""Policies applied day by day set the levers and dollars of policies applied from scratch."""

import dataclasses
from collections.abc import Iterator

import numpy as np
import pytest

from abm.policies import DailyPolicies, Policy, Seen, daily_spending, pull_all, registry
from abm.policies.base import NEVER_STEADY
from agents.labels import AREAS
from agents.levers import LEVERS, Levers
from agents.param import params_of

FIRST = 734_000
END = FIRST + 5_000
COOPERATION = (1.0, 0.5)
#: days on which a share of the staff is delivered, and days on which all of it is
DELIVERED = ({"us_officers": 0.3, "mx_effort": 0.9}, {})

every = pytest.mark.parametrize("cls", registry().values(), ids=registry())


def at_bounds(cls: type[Policy]) -> Iterator[Policy]:
    """Yield a policy as declared, and with each number of its own at each of its bounds."""
    yield cls(dose=cls.high, start=FIRST, end=END)
    for name, declared in params_of(cls).items():
        if declared.kind not in (int, float) or declared.is_table:
            continue
        for bound in (declared.low, declared.high):
            value = declared.kind(bound)
            yield cls(dose=1.0, start=FIRST, end=END, effect=1.5, **{name: value})


def at_cooperation(seen: Seen, share: float) -> Seen:
    """Return inputs with the same cooperation in every area, which may change in place."""
    return dataclasses.replace(seen, cooperation=dict.fromkeys(AREAS, share))


def levers_of(policy: Policy, levers: Levers, day: int, seen: Seen) -> dict[str, np.ndarray]:
    """Return the levers that a policy sets alone."""
    levers.reset()
    policy.apply(levers, day, seen)
    return levers.copy()


def same(first: dict[str, np.ndarray], second: dict[str, np.ndarray]) -> bool:
    """Return whether two sets of levers are equal bit by bit."""
    return all(first[name].tobytes() == second[name].tobytes() for name in LEVERS)


@every
def test_levers_of_a_policy_that_says_steady_do_not_change(
    cls: type[Policy], seen: Seen, levers: Levers
) -> None:
    """From the stated day, every day has the same levers, at any cooperation and number."""
    for policy in at_bounds(cls):
        steady = policy.steady_from()
        if steady >= END:
            continue
        for share in COOPERATION:
            inputs = at_cooperation(seen, share)
            held = levers_of(policy, levers, steady, inputs)
            later = (steady + 1, steady + 2, steady + 90, steady + 1_000, END - 1)
            for day in (day for day in later if day < END):
                assert same(levers_of(policy, levers, day, inputs), held), (policy, day)


def test_most_policies_become_steady_and_those_that_tire_or_pulse_never_do() -> None:
    """Only policies whose levers decay or come in surges always depend on the date."""
    never = {
        name
        for name, cls in registry().items()
        if cls(dose=1.0, start=FIRST, end=END).steady_from() == NEVER_STEADY
    }
    assert never == {
        "announcement",
        "joint_operations",
        "patrol_effort",
        "sector_surge",
        "southern_border_control",
        "status_quo",
    }


@every
def test_a_subclass_is_not_steady_unless_it_says_so(cls: type[Policy]) -> None:
    """A user's subclass may set other levers, so it does not inherit the declaration."""
    own = type("Own", (cls,), {"__slots__": ()})
    assert own(dose=1.0, start=FIRST, end=END).steady_from() == NEVER_STEADY


@pytest.mark.parametrize("effect", [1.0, 0.7])
@pytest.mark.parametrize("switched", [False, True])
def test_days_reused_equal_days_from_scratch(
    seen: Seen, levers: Levers, effect: float, switched: bool
) -> None:
    """All policies together, with changing dates, cooperation and deliveries, bit by bit."""
    policies = tuple(
        cls(dose=0.4 * cls.high, start=FIRST + 7 * n, end=FIRST + 1_500 - 5 * n, effect=effect)
        for n, cls in enumerate(registry().values())
        if switched or cls.id != "no_cooperation"
    )
    inputs, daily, other = at_cooperation(seen, 1.0), DailyPolicies(), levers.zeros()
    for day in (*range(FIRST, FIRST + 500), *range(FIRST + 1_200, FIRST + 1_510), FIRST + 300):
        inputs.cooperation["operations"] = COOPERATION[day // 100 % 2]  # pyright: ignore[reportIndexIssue]
        daily.pull(policies, levers, day, inputs)
        pull_all(policies, other, day, inputs)
        assert same(levers.copy(), other.copy()), day
        assert same(levers.requested.copy(), other.requested.copy()), day
        active = tuple(policy for policy in policies if policy.active(day))
        delivered = DELIVERED[day // 20 % 2]
        spent = daily.spend(active, day, inputs, delivered)
        assert spent == daily_spending(active, day, inputs.cooperation, inputs, delivered), day


def test_other_policies_and_other_inputs_are_noticed(seen: Seen, levers: Levers) -> None:
    """Levers follow policies and base staff that are replaced during a run."""
    daily, inputs = DailyPolicies(), at_cooperation(seen, 1.0)
    fence, surge = (
        registry()[name](dose=dose, start=FIRST, end=END)
        for name, dose in (("fence", 1.0), ("patrol_surge", 1.0))
    )
    late = FIRST + 3_000
    daily.pull((fence,), levers, late, inputs)
    assert levers.fence.any() and not levers.us_officers.any()
    daily.pull((surge,), levers, late, inputs)
    assert levers.us_officers.any() and not levers.fence.any()
    before = levers.us_officers.copy()
    moved = dataclasses.replace(inputs, us_base=inputs.us_base[::-1].copy())
    daily.pull((surge,), levers, late, moved)
    np.testing.assert_allclose(levers.us_officers, before[::-1])
    daily.pull((), levers, late, moved)
    assert not any(values.any() for values in levers.copy().values())


def test_one_of_two_policies_that_is_replaced_is_noticed(seen: Seen, levers: Levers) -> None:
    """The other policy, the day and the inputs do not change."""
    daily, inputs, late = DailyPolicies(), at_cooperation(seen, 1.0), FIRST + 3_000
    fence, one, two = (
        registry()[name](dose=dose, start=FIRST, end=END)
        for name, dose in (("fence", 1.0), ("patrol_surge", 1.0), ("patrol_surge", 2.0))
    )
    for policies in ((fence, one), (fence, two), (fence,)):
        daily.pull(policies, levers, late, inputs)
        found = levers.copy()
        pull_all(policies, levers, late, inputs)
        assert same(found, levers.copy())
        spent = daily.spend(policies, late, inputs, {})
        assert spent == daily_spending(policies, late, inputs.cooperation, inputs, {})


def test_a_day_before_the_last_one_has_levers_of_its_own(seen: Seen, levers: Levers) -> None:
    """The screen can return to a day on which no policy was in force."""
    daily, inputs = DailyPolicies(), at_cooperation(seen, 1.0)
    fence = registry()["fence"](dose=1.0, start=FIRST, end=END)
    daily.pull((fence,), levers, FIRST + 3_000, inputs)
    assert levers.fence.any()
    daily.pull((fence,), levers, FIRST - 1, inputs)
    assert not levers.fence.any()
