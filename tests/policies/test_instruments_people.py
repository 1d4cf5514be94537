"""Announcement, expulsion and transfers: levers, several uses, cooperation and sources."""

from __future__ import annotations

import dataclasses
import datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, policies_of
from abm.policies.announcement import Announcement
from abm.policies.expulsion import Expulsion
from abm.policies.registry import pull_all
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import parse_policy
from agents.labels import AREAS
from agents.levers import Levers

FIRST = datetime.date(2012, 10, 1).toordinal()
LAST = FIRST + 1_000


def pulled(levers: Levers, inputs: Inputs, day: int, *policies: Policy) -> Levers:
    """Apply policies on a day of the run, counted from 0."""
    pull_all(policies, levers, FIRST + day, inputs)
    return levers


def announced(**numbers: Any) -> Announcement:
    """Return an announcement for the whole run."""
    return Announcement(dose=1.0, start=FIRST, end=LAST, **numbers)


# ---- announcements -------------------------------------------------------------------------------


NEWS = ("news_restriction", "news_opening", "news_release")


@pytest.mark.parametrize("deadline", [0, 3, 20])
@pytest.mark.parametrize("size", [0.7, -0.7])
def test_news_arrive_once_after_the_deadline(
    size: float, deadline: int, levers: Levers, inputs: Inputs
) -> None:
    """News arrive while they spread; on the day of the deadline they reach all who know of it."""
    policy = announced(
        size=size, release=-0.5, groups=(0.4, 1.0), deadline_days=deadline, spread_days=8.0
    )
    total, first = dict.fromkeys(NEWS, np.zeros(2)), 1 if deadline == 0 else min(8, deadline + 1)
    for day in range(40):
        now = pulled(levers, inputs, day, policy)
        total = {name: total[name] + getattr(now, name) for name in NEWS}
        assert now.news_release.any() == (deadline <= day < max(8, deadline + 1))
        assert now.deadline_release.any() == (day < deadline)
        if day == deadline:
            assert now.news_release == pytest.approx(-0.35 * first / 8.0 * np.array([0.4, 1.0]))
    for name, value in zip(NEWS, (max(0.0, size), max(0.0, -size), -0.35), strict=True):
        assert total[name] == pytest.approx(value * np.array([0.4, 1.0])), name


def test_before_its_deadline_an_announcement_is_a_deadline_only(
    levers: Levers, inputs: Inputs
) -> None:
    policy = announced(deadline_days=20, release=-0.5)
    for day, known in ((0, 1.0 / 14.0), (10, 11.0 / 14.0), (19, 1.0)):
        now = pulled(levers, inputs, day, policy)
        for lever, size in ((now.deadline, 1.0), (now.deadline_release, 0.5)):
            assert np.unique(np.nonzero(lever)[0]).tolist() == [20 - day]
            assert lever[20 - day] == pytest.approx(known * size)
        assert not any(getattr(now, name).any() for name in NEWS)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(left=st.lists(st.integers(1, 60), min_size=2, max_size=4), day=st.integers(0, 70))
def test_several_announcements_commute_and_are_added_by_deadline(
    left: list[int], day: int, levers: Levers, inputs: Inputs
) -> None:
    policies = [announced(deadline_days=days, size=days / 60.0, spread_days=1.0) for days in left]
    found = pulled(levers, inputs, day, *policies).copy()
    turned = levers
    turned.reset()
    for policy in reversed(policies):
        policy.apply(turned, FIRST + day, inputs)
    for name, value in turned.copy().items():
        assert value == pytest.approx(found[name]), name
    for days in {days for days in left if days > day}:
        assert found["deadline"][days - day] == pytest.approx([left.count(days) * days / 60.0] * 2)
    assert np.count_nonzero(found["deadline"]) == 2 * len({n for n in left if n > day})
    assert found["news_restriction"] == pytest.approx([left.count(day) * day / 60.0] * 2)


def test_a_change_of_release_that_nobody_believes_is_refused() -> None:
    with pytest.raises(SettingError, match="announced with size 0"):
        announced(size=0.0, release=-0.5)


def test_an_announcement_that_ends_before_its_deadline_is_refused() -> None:
    base = Scenario()
    late = base.start + datetime.timedelta(days=30)
    (made,) = policies_of(base, [parse_policy(f"announcement:deadline_days=29@..{late}")])
    assert made.end - made.start == 30
    for days in (30, 60):
        spec = parse_policy(f"announcement:deadline_days={days}@..{late}")
        with pytest.raises(SettingError, match=r"before its deadline .* fewer than 30 days"):
            policies_of(base, [spec])
    short = base.with_settings({"days": 20})  # The end of a run is not the end of an announcement.
    assert policies_of(short, [parse_policy("announcement:deadline_days=29")])


# ---- expulsions and transfers --------------------------------------------------------------------


def test_expulsions_are_by_group_and_kind_and_ramp_up(levers: Levers, inputs: Inputs) -> None:
    policy = Expulsion(dose=0.5, start=FIRST, end=LAST, foreigners=(0.2, 0.6, 1.0))
    assert pulled(levers, inputs, 14, policy).expulsion_mexican == pytest.approx([0.2, 0.2, 0.0])
    full = pulled(levers, inputs, 100, policy)
    assert full.expulsion_mexican == pytest.approx([0.4, 0.4, 0.0])
    assert full.expulsion_foreign == pytest.approx([0.1, 0.3, 0.5])
    assert full.expelled_to_line == pytest.approx([0.8 / 3.0, 0.0])


@pytest.mark.parametrize("share", [0.0, 0.25, 1.0])
def test_foreigners_return_to_the_line_as_far_as_mexico_takes_part(
    share: float, levers: Levers, inputs: Inputs
) -> None:
    """Cooperation changes the place of return, not the share of people who are expelled."""
    policy = Expulsion(dose=1.0, start=FIRST, end=LAST, foreigners_to_line=0.8)
    partly = dataclasses.replace(inputs, cooperation=dict.fromkeys(AREAS, share))
    now = pulled(levers, partly, 100, policy)
    assert now.expelled_to_line == pytest.approx([1.6 / 3.0, 0.8 * share * 0.8 / 3.0])
    assert now.expulsion_foreign == pytest.approx([0.4, 0.4, 0.0])
