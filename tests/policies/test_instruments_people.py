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

from abm.policies import Inputs, Policy, policies_of, pull_all
from abm.policies.announcement import Announcement, believed_share
from abm.policies.expulsion import Expulsion
from abm.policies.no_cooperation import NoCooperation
from abm.policies.transfers_south import TransfersSouth
from abm.scenario import Scenario, SettingError
from abm.scenario.policy_specs import parse_policy
from abm.world.geography import rows_where
from agents.labels import AREAS
from agents.levers import Levers
from agents.param import params_of

FIRST = datetime.date(2012, 10, 1).toordinal()
LAST = FIRST + 1_000
times = st.floats(0.0, 1_000.0)
half_lives, spreads = st.floats(50.0, 120.0), st.floats(1.0, 90.0)
notices = st.integers(0, 365)


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


# ---- belief -------------------------------------------------------------------------------------


@given(days=times, notice=notices, half_life=half_lives, spread=spreads)
def test_belief_is_the_solution_of_its_equation(days, notice, half_life, spread) -> None:
    """Compare with Euler steps of dA/dt = (a - A) / spread."""
    belief, step = 0.0, max(days, 1e-9) / 4_000
    for k in range(4_000):
        news = 0.5 ** (max(0.0, (k + 0.5) * step - notice) / half_life)
        belief += step * (news - belief) / spread
    assert believed_share(days, notice, half_life, spread) == pytest.approx(belief, abs=0.03)


@given(days=times, notice=notices, half_life=half_lives, spread=spreads)
def test_belief_is_a_share_and_continuous_at_the_deadline(days, notice, half_life, spread) -> None:
    assert 0.0 <= believed_share(days, notice, half_life, spread) <= 1.0
    at = [believed_share(notice + d, notice, half_life, spread) for d in (-1e-7, 1e-7)]
    assert notice == 0 or at[0] == pytest.approx(at[1], abs=1e-6)


def test_equal_rates_have_a_finite_belief() -> None:
    spread = 60.0
    exact = believed_share(60.0, 0, spread * math.log(2.0), spread)
    assert exact == pytest.approx(math.exp(-1.0))
    assert believed_share(60.0, 0, spread * math.log(2.0) * (1 + 1e-7), spread) == pytest.approx(
        exact, rel=1e-5
    )


# ---- announcements ------------------------------------------------------------------------------


def test_an_announcement_is_news_for_the_groups_it_names(levers: Levers, inputs: Inputs) -> None:
    policy = announced(groups=(0.0, 0.5), release_rise=0.3, opening_credibility=0.5)
    now = pulled(levers, inputs, 30, policy)
    known = believed_share(31, 0, 80.0, 1.0)
    assert now.news_release_cut == pytest.approx([0.0, 0.5 * 0.4 * known])
    assert now.news_stop == pytest.approx([0.0, 0.5 * 0.2 * known])
    assert now.news_release_rise == pytest.approx([0.0, 0.5 * 0.3 * 0.5 * known])
    assert not (now.deadline_release_cut.any() or now.deadline_stop.any())


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


def test_another_policy_carries_an_announcement_next_to_it(levers: Levers, inputs: Inputs) -> None:
    """The levers of both policies have the values that each policy sets alone."""
    expel = Expulsion(dose=1.0, start=FIRST, end=LAST)
    both = pulled(levers, inputs, 40, announced(), expel).copy()
    alone = pulled(levers, inputs, 40, expel).copy()
    news = pulled(levers, inputs, 40, announced()).copy()
    assert all(np.array_equal(both[name], alone[name] + news[name]) for name in both)


# ---- expulsions and transfers -------------------------------------------------------------------


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


def test_without_cooperation_expulsions_go_on_and_transfers_end(
    levers: Levers, inputs: Inputs
) -> None:
    switch = NoCooperation(dose=1.0, start=FIRST, end=LAST)
    expel = Expulsion(dose=1.0, start=FIRST, end=LAST, foreigners_to_line=1.0)
    move = TransfersSouth(dose=2.0, start=FIRST, end=LAST)
    now = pulled(levers, inputs, 100, switch, expel, move)
    assert now.transfers_south[0] == 0.0 and now.expelled_to_line[1] == 0.0
    assert now.expulsion_mexican.any()


def test_the_share_moved_south_is_at_most_one(levers: Levers, inputs: Inputs) -> None:
    for dose, share in ((0.5, 0.25), (1.0, 0.5), (2.0, 1.0)):
        policy = TransfersSouth(dose=dose, start=FIRST, end=LAST)
        assert pulled(levers, inputs, 100, policy).transfers_south[0] == share
    more = TransfersSouth(dose=2.0, start=FIRST, end=LAST, share=0.9)
    assert pulled(levers, inputs, 100, more).transfers_south[0] == 1.0


def test_cases_and_flights_match_the_data() -> None:
    """Shares of the apprehensions and returns of 2013; two flights of three hours for 100."""
    months = [f"{2012 + (m < 10)}-{m:02d}" for m in range(1, 13)]
    rows = [rows_where("us/sw_monthly_by_citizenship.csv", date=month)[0] for month in months]
    mexicans = sum(float(row["Mexico"]) for row in rows)
    foreigners = sum(float(row["Total"]) for row in rows) - mexicans
    numbers = params_of(Expulsion)
    assert 0.8 * mexicans == pytest.approx(numbers["mexican_cases"].value, rel=0.1)
    assert 0.4 * foreigners == pytest.approx(numbers["foreign_cases"].value, rel=0.25)
    (hour,) = rows_where("drivers/costs.csv", item="ICE Air charter, per flight hour")
    assert 6.0 * float(hour["value"]) / 100.0 == pytest.approx(numbers["flight"].value, rel=0.02)
    returned = rows_where("mexico/mx_returns.csv", period="2013", group="Central America by land")[
        0
    ]
    moved = params_of(TransfersSouth)["moved"].value
    assert 0.5 * float(returned["returned"]) == pytest.approx(moved, rel=0.05)
