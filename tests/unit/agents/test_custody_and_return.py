"""The end of custody, the next attempt after a wait, and the decision to return home."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from agents.migrants.aftermath import QUARTER, circulate, end_custody, end_wait
from agents.migrants.prospects import ARRIVE
from agents.outcomes import Consequence, Event, Mode, Status

SEED, TODAY = 5, 50


def held(make_records, *, nation=1, status=Status.HELD_US, consequence=0):
    """Return a foreign person in custody who crossed at gate 2 and was apprehended at place 1."""
    records = make_records().be(
        group=nation,
        origin=nation,
        status=status,
        consequence=consequence,
        gate=2,
        place=1,
        weight=3,
    )
    records.day_tallies["held"][:] = 10
    for name, days in (("delay_mexico", 8.0), ("delay_expulsion", 2.0), ("south_place", 1.0)):
        records.kernel_params[name] = days
    records.kernel_params["delay_us"][:] = 4.0, 30.0
    return records


def released(records):
    """End the custody; return the place and the days until the next decision."""
    params, tallies = records.kernel_params, records.day_tallies
    end_custody(records.person, TODAY, params, tallies)
    assert int(records.person["status"]) == Status.RETURNED
    return int(records.person["place"]), float(records.person["clock"]) - TODAY


def test_custody_ends_at_home_or_at_the_line_by_nation(make_records):
    """Mexicans are returned to the place of crossing, others are flown home; both leave custody."""
    for nation, expected in ((0, (2, 4.0)), (1, (0, 30.0))):
        records = held(make_records, nation=nation)
        assert released(records) == expected
        assert records.day_tallies["held"].tolist() == [10 - 3 * (nation == k) for k in (0, 1)]


@pytest.mark.parametrize("mode", [Mode.SOLO, Mode.GUIDED, Mode.PORT])
def test_after_a_wait_the_next_attempt_evades_with_the_same_organisation(make_records, mode):
    """A contract for a passage through a port stays one; all others get routes of evaders."""
    records = make_records(migrants={"wait_kidnap_hazard": 0.0, "wait_granted": 0.0})
    records.be(group=1, origin=1, status=Status.WAITS_IN_MEXICO, gate=2, place=2, route=99)
    records.be(consequence=Consequence.WAIT, surrender=1, mode=mode)
    records.be(org=-1 if mode == Mode.SOLO else 3)
    day = records.market, records.kernel_params, records.day_tallies
    end_wait(records.person, TODAY, *day, SEED)
    own = records.person
    assert (int(own["status"]), int(own["surrender"])) == (Status.RETURNED, 0)
    routes = {
        Mode.SOLO: records.solo_row(int(own["informed"])),
        Mode.GUIDED: records.guided_row(3),
        Mode.PORT: 99,
    }
    assert int(own["route"]) == routes[mode]


def stays(records, uid, quarters=0):
    """Return whether a settled person stays after a quarter."""
    records.be(uid=uid, status=Status.SETTLED, quarters=quarters, clock=float(TODAY))
    params, tallies = records.kernel_params, records.day_tallies
    circulate(records.person, TODAY, records.leg_state.records[0], params, tallies, SEED)
    return int(records.person["status"]) == Status.SETTLED


def settled(make_records, *, believed=0.4, prior=0.4, rate=1.2, elasticity=2.0):
    """Return a settled person with a believed and a prior probability of arrival."""
    records = make_records().be(group=1, origin=1)
    records.leg_state.expected_outcomes[:, ARRIVE, :] = believed
    records.leg_state.prior[:, ARRIVE, :] = prior
    records.kernel_params["return_rate"][:] = 0.0, rate
    records.kernel_params["return_elasticity"] = elasticity
    return records


@pytest.mark.parametrize("believed", [0.4, 0.2, 0.6])
def test_returns_follow_the_believed_arrival_to_the_power_of_the_elasticity(make_records, believed):
    records, n = settled(make_records, believed=believed), 3_000
    home = n - sum(stays(records, uid) for uid in range(n))
    hazard = 1.2 * (believed / 0.4) ** 2 * QUARTER / 365.0
    assert stats.binomtest(home, n, -np.expm1(-hazard)).pvalue > 1e-4
    assert int(records.day_tallies["events"][Event.WENT_HOME].sum()) == home
