"""Announcement, expulsion and transfers: levers, combination of several, cooperation, sources."""

from __future__ import annotations

import dataclasses
import datetime
import math
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from abm.policies import Inputs, Policy, policies_of
from abm.policies.announcement import Announcement, believed_share
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
    """Return an announcement for the whole run, believed at once and in full."""
    exact: dict[str, Any] = {
        "credibility": 1.0,
        "spread_days": 1.0,
        "release_cut": 0.4,
        "stop": 0.2,
    }
    return Announcement(dose=1.0, start=FIRST, end=LAST, **(exact | numbers))


@given(
    days=st.floats(0.0, 400.0),
    notice=st.integers(0, 90),
    half_life=st.floats(50.0, 120.0),
    spread=st.floats(5.0, 90.0),
)
def test_belief_is_the_solution_of_its_equation(
    days: float, notice: int, half_life: float, spread: float
) -> None:
    """Compare with Euler steps of dA/dt = (a - A) / spread, also where both rates are equal."""
    for end, lasting in ((days, half_life), (spread, spread * math.log(2.0))):
        belief, step = 0.0, max(end, 1e-9) / 4_000
        for k in range(4_000):
            news = 0.5 ** (max(0.0, (k + 0.5) * step - notice) / lasting)
            belief += step * (news - belief) / spread
        assert believed_share(end, notice, lasting, spread) == pytest.approx(belief, abs=0.005)


# ---- announcements -------------------------------------------------------------------------------


def test_before_its_deadline_an_announcement_is_a_deadline_only(
    levers: Levers, inputs: Inputs
) -> None:
    policy = announced(deadline_days=20)
    for day in (0, 10, 19):
        now = pulled(levers, inputs, day, policy)
        for lever, least in ((now.deadline_release_cut, 0.2), (now.deadline_stop, 0.1)):
            assert np.unique(np.nonzero(lever)[0]).tolist() == [20 - day]
            assert (lever[20 - day] > least).all()
        assert not (now.news_release_cut.any() or now.news_stop.any())
    now = pulled(levers, inputs, 20, policy)
    assert not (now.deadline_stop.any() or now.deadline_release_cut.any())
    assert now.news_release_cut == pytest.approx([0.4, 0.4], rel=0.02)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50)
@given(left=st.lists(st.integers(1, 60), min_size=2, max_size=4), day=st.integers(0, 70))
def test_several_announcements_commute_and_are_added_by_deadline(
    left: list[int], day: int, levers: Levers, inputs: Inputs
) -> None:
    policies = [
        dataclasses.replace(announced(deadline_days=days, stop=days / 100.0), dose=0.5)
        for days in left
    ]
    found = pulled(levers, inputs, day, *policies).copy()
    turned = levers
    turned.reset()
    for policy in reversed(policies):
        policy.apply(turned, FIRST + day, inputs)
    for name, value in turned.copy().items():
        assert value == pytest.approx(found[name]), name
    for days in {days for days in left if days > day}:
        known = believed_share(day + 1, days, 80.0, 1.0)
        assert found["deadline_stop"][days - day] == pytest.approx(
            [left.count(days) * 0.5 * known * days / 100.0] * 2
        )
    assert np.count_nonzero(found["deadline_stop"]) == 2 * len({n for n in left if n > day})


def test_an_announcement_that_ends_before_its_deadline_is_refused() -> None:
    base = Scenario()
    late = base.start + datetime.timedelta(days=30)
    (made,) = policies_of(base, [parse_policy(f"announcement:deadline_days=29@..{late}")])
    assert made.end - made.start == 30
    for days in (30, 60):
        spec = parse_policy(f"announcement:deadline_days={days}@..{late}")
        with pytest.raises(SettingError, match=r"before its deadline .* fewer than 30 days"):
            policies_of(base, [spec])
    short = base.with_settings({"days": 20})  # the end of a run is not an end of the announcement
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
    """Cooperation changes the place of return, not the share who are expelled."""
    policy = Expulsion(dose=1.0, start=FIRST, end=LAST, foreigners_to_line=0.8)
    partly = dataclasses.replace(inputs, cooperation=dict.fromkeys(AREAS, share))
    now = pulled(levers, partly, 100, policy)
    assert now.expelled_to_line == pytest.approx([1.6 / 3.0, 0.8 * share * 0.8 / 3.0])
    assert now.expulsion_foreign == pytest.approx([0.4, 0.4, 0.0])
