"""Every instrument belongs to exactly one group, which follows from its declaration."""

from __future__ import annotations

from abm.policies import registry
from viz.screen.panels.policy_view import GROUPS, group_of, listed, payer_shares
from viz.screen.session.choice import STATUS_QUO

NAMES = [name for name in registry() if name != STATUS_QUO]


def test_every_policy_but_the_status_quo_is_listed_once_in_exactly_one_group():
    assert sorted(listed()) == sorted(NAMES)
    assert {group_of(name) for name in NAMES} == set(GROUPS)
    order = [GROUPS.index(group_of(name)) for name in listed()]
    assert order == sorted(order)


def test_an_instrument_that_needs_mexico_is_not_one_of_the_united_states_alone():
    for name in NAMES:
        policy = registry()[name]
        if policy.needs_mexico:
            assert group_of(name) != "line", name
        if payer_shares(policy.full_programme()).keys() == {"mexico"}:
            assert group_of(name) == "mexico", name
        if policy.arm in ("agents", "sensors_fence", "consequences"):
            assert group_of(name) == "line", name
