"""The legal channel by country of origin: shares, rounding, and the queue of a run."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from abm import legal_channel
from abm.model import BorderModel
from abm.scenario import Scenario
from abm.supply import Communities
from abm.world.routes import World
from agents.labels import NATIONS
from agents.outcomes import GROUP_OF_NATION, Group, Status

GT, HN, SV, MX, OTHER = range(len(NATIONS))


def homes(*places: tuple[str, int, float]) -> Communities:
    """Create communities from country, group and share."""
    country, group, share = zip(*places, strict=True)
    return Communities(np.arange(len(places)), np.array(group), np.array(share), country)


@pytest.fixture(scope="module")
def simulate(world: World) -> Callable[..., BorderModel]:
    """Return a function that simulates a short run."""

    def run(days: int = 25, **settings: Any) -> BorderModel:
        defaults = {"start": datetime.date(2015, 10, 1), "scale": 1000, "warmup_days": 20}
        scenario = Scenario(days=days).with_settings(defaults | settings)
        model = BorderModel(scenario, world=world)
        model.run_for(days)
        return model

    return run


@pytest.mark.parametrize(("refused", "each"), [(0.0, 1.0), (0.5, 2.0), (0.95, 20.0), (1.0, 20.0)])
def test_enough_applications_are_decided_to_grant_the_quota(refused: float, each: float):
    changes = {"migrants.legal_quota": [70.0, 30.0], "migrants.legal_refusal": refused}
    shares = np.array([0.5, 0.3, 0.2, 1.0, 0.0])
    decided = legal_channel.decisions(Scenario().with_settings(changes).migrants, shares)
    assert decided == pytest.approx(each * np.array([15.0, 9.0, 6.0, 70.0, 0.0]))


# ---- shares -------------------------------------------------------------------------------------


def test_a_nation_without_record_has_the_share_of_its_communities():
    shares = legal_channel.shares_by_nation(
        homes(("MX", 0, 1.0), ("GT", 1, 0.5), ("SV", 1, 0.1), ("EC", 1, 0.4))
    )
    assert shares[OTHER] == pytest.approx(0.4) and shares[HN] == 0.0
    assert shares[GT] == pytest.approx(0.6 * 3_986 / 4_506)
    assert shares[MX] == 1.0


@given(st.lists(st.sampled_from(["GT", "HN", "SV", "EC", "MX"]), min_size=1, max_size=8))
def test_the_shares_of_a_group_sum_to_one_or_the_group_is_absent(countries):
    groups = [Group.MEXICAN if c == "MX" else Group.NORTHERN_TRIANGLE for c in countries]
    members = {g: groups.count(g) for g in groups}
    shares = legal_channel.shares_by_nation(
        homes(*((c, g, 1.0 / members[g]) for c, g in zip(countries, groups, strict=True)))
    )
    total = np.bincount(GROUP_OF_NATION, shares, 2)
    assert total == pytest.approx([float(g in members) for g in (0, 1)]) and (shares >= 0.0).all()


@given(st.lists(st.floats(0.0, 1e6), min_size=len(NATIONS), max_size=len(NATIONS)))
def test_rounding_to_persons_keeps_the_sum_of_a_group(persons):
    persons = np.array(persons)
    rounded = legal_channel.whole_persons(persons)
    for group in (0, 1):
        in_group = group == GROUP_OF_NATION
        assert rounded[in_group].sum() == np.rint(np.cumsum(persons[in_group])[-1])
    assert (np.abs(rounded - persons) < 1.0 + 1e-6).all() and (rounded >= 0).all()


# ---- runs ---------------------------------------------------------------------------------------


def test_every_person_in_a_queue_holds_one_ticket_of_their_nation(simulate):
    """The number of waiting applicants equals the tickets issued less the tickets decided."""
    model = simulate(60, scale=50, **{"migrants.legal_value": [0.0, 0.0]})
    rows, tallies = model.migrants.live, model.ledger.day_tallies[0]
    queue = rows[rows["status"] == Status.APPLIED]
    nation = model.kernel_params[0]["nation"][queue["origin"]].astype(int)
    backlog = legal_channel.whole_persons(
        legal_channel.backlog(model.settings.migrants, model.conditions.legal_shares)
    )
    assert queue["weight"].sum() == tallies["stock"][:, Status.APPLIED].sum()
    for n in (GT, HN, SV, MX):
        tickets = np.sort(queue["set_out"][nation == n])
        decided = max(float(model.kernel_params[0]["legal_served"][n]), float(backlog[n]))
        waiting = queue["weight"][(nation == n) & (queue["set_out"] > decided)].sum()
        assert 0 <= waiting - (tallies["tickets"][n] - decided) < 50
        assert (np.diff(tickets) == 50).all() and tickets[-1] == tallies["tickets"][n]


def test_recorded_visas_set_the_quota_under_history_only(simulate):
    plain, history = simulate(1), simulate(1, record="history")
    declared = legal_channel.decisions(plain.settings.migrants, plain.conditions.legal_shares)
    issued = declared * (1.0 - plain.settings.migrants.legal_refusal)
    assert issued.sum() == pytest.approx(111_670 + 5_136)
    assert plain.conditions.legal_quota == pytest.approx(declared)
    ratio = legal_channel.visas_relative_to_base(2016)
    assert history.conditions.legal_quota == pytest.approx(declared * ratio)
    assert ratio[MX] == pytest.approx(184_359 / 111_670)
