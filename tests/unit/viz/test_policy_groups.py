"""Every instrument has one group, which follows from its declaration."""

from __future__ import annotations

import pytest

from abm.policies import registry
from agents.param import params_of
from viz.screen.panels.policy_groups import (
    BOUGHT,
    FIRST,
    GROUP_OF_LEVER,
    GROUPS,
    group_of,
    instruments,
    listed,
    payer_shares,
)
from viz.screen.session.choice import STATUS_QUO

NAMES = [name for name in registry() if name != STATUS_QUO]


def test_every_policy_but_the_status_quo_is_listed_once_in_exactly_one_group():
    assert sorted(listed()) == sorted(NAMES)
    assert {group_of(name) for name in NAMES} == set(GROUPS)
    order = [GROUPS.index(group_of(name)) for name in listed()]
    assert order == sorted(order)


def test_instruments_are_all_policies_but_the_two_baselines():
    assert set(instruments()) == registry().keys() - {STATUS_QUO, "no_cooperation"}


def test_every_lever_of_the_registry_has_a_group():
    used = {lever for name in NAMES for lever in registry()[name].lever_names}
    assert used <= GROUP_OF_LEVER.keys()


def test_an_instrument_that_needs_mexico_is_not_one_of_the_united_states_alone():
    for name in NAMES:
        policy = registry()[name]
        if policy.needs_mexico:
            assert group_of(name) != "line", name
        if payer_shares(policy.full_programme()).keys() == {"mexico"}:
            assert group_of(name) == "mexico", name
        if policy.arm in ("agents", "sensors_fence", "consequences"):
            assert group_of(name) == "line", name


@pytest.mark.parametrize(
    ("name", "group"),
    [
        ("fence", "line"),
        ("worksite_enforcement", "line"),
        ("southern_border_control", "mexico"),
        ("joint_operations", "both"),
        ("no_cooperation", "both"),
        ("legal_pathways", "legal"),
        ("central_american_governance", "origin"),
    ],
)
def test_well_known_instruments_are_where_people_look_for_them(name: str, group: str):
    assert group_of(name) == group


def test_instruments_named_first_exist():
    assert set(FIRST) <= set(NAMES)


def test_bought_numbers_count_something_at_dose_one():
    for name, number in BOUGHT.items():
        declared = params_of(registry()[name])[number]
        assert "$" not in declared.unit and "share" not in declared.unit
        assert "dose 1" in declared.doc or "enrolled" in declared.doc, declared.doc


def test_shares_of_payers_add_up():
    for name in NAMES:
        shares = payer_shares(registry()[name].full_programme())
        assert not shares or abs(sum(shares.values()) - 1.0) < 1e-9


def test_the_time_to_completion_is_that_of_the_declaration():
    days = {"cameras_and_sensors": 1095.0, "southern_border_control": 60.0, "trainers": 0.0}
    for name, expected in days.items():
        assert registry()[name].full_programme().days_until_complete() == expected
