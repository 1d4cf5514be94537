"""What people expect on each day of a run, computed a second time from settings and policies.

Both engines read these numbers (`agents.kernel_params`, `abm.phases.capacity`,
`abm.early_departures`), so the comparison of the engines does not test them. Each test simulates a
run day by day and computes the numbers of each day in plain Python.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from agents.labels import KINDS, NATIONS
from agents.plain.choices import eventual_success

POLICIES = (
    "expulsion:1:ramp_days=5:mexicans.adult=0.8:foreigners.child=0.3 remain_in_mexico:1 "
    "transfers_south:1:ramp_days=10:share=0.4 legal_pathways:1 "
    "announcement:1:credibility=0.6:stop=0.3:release_cut=0.5:release_rise=0.4:"
    "opening_credibility=0.5:spread_days=3"
)
SETTINGS: dict[str, Any] = {
    "consequences.beds": 5_000.0,
    "migrants.release_news_days": 20.0,
    "migrants.expulsion_deterrence": 0.4,
    "migrants.retry_transferred": 0.95,
    "migrants.legal_fee": 250.0,
}
CELLS = [(n, k) for n in range(len(NATIONS)) for k in range(len(KINDS))]


def group_of(nation: int) -> int:
    """Return 0 for Mexicans and 1 for all other nations."""
    return 0 if NATIONS[nation] == "MX" else 1


@dataclass(frozen=True, slots=True)
class Day:
    """A simulated day: the model after it, and numbers of the evening before it."""

    model: BorderModel
    seen: np.ndarray
    served: np.ndarray
    tickets: np.ndarray
    applied: np.ndarray

    @property
    def params(self) -> Any:
        """The record of parameters, with the numbers of the day."""
        return self.model.kernel_params[0]


def simulate(model: BorderModel, days: int) -> Iterator[Day]:
    """Simulate days one by one."""
    for _ in range(days):
        params = model.kernel_params[0]
        tickets, applied = model.ledger.day_tallies[0]["tickets"], model.flow_history.applied
        seen, served = params["release_seen"], params["legal_served"]
        before = [np.array(values) for values in (seen, served, tickets, applied)]
        model.run_for(1)
        yield Day(model, *before)


@pytest.fixture
def model(build: Callable) -> BorderModel:
    """Return a model with policies that change what people expect."""
    return build(POLICIES, scale=500, days=30, warmup_days=40, changes=SETTINGS)


def exactly(value: float) -> Any:
    """Return a number that is compared up to rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)


# ---- releases ------------------------------------------------------------------------------------


def test_people_learn_the_release_that_is_left_by_beds_waits_and_expulsions(
    model: BorderModel,
) -> None:
    """Every day, what they have seen moves towards it by the day's share."""
    expulsions, waiting, occupied = set(), set(), set()
    for day in simulate(model, 30):
        params, levers = day.params, model.levers
        full, waits = 1.0 - float(params["bed_free"]), min(1.0, float(levers.wait_in_mexico[0]))
        for nation, kind in CELLS:
            now = float(params["release_share"][nation, kind])
            lever = levers.expulsion_foreign if group_of(nation) else levers.expulsion_mexican
            expelled = min(1.0, float(lever[kind]))
            if group_of(nation):
                # without a bed, a share of the people is released
                without = float(params["release_without_bed"][nation, kind])
                now += (1.0 - now) * full * without
                now -= now * waits
            now -= now * expelled
            before = float(day.seen[nation, kind])
            expected = 0.95 * before + 0.05 * now  # 20 days
            assert params["release_seen"][nation, kind] == exactly(expected), (nation, kind)
            expulsions.add(expelled)
        waiting.add(waits)
        occupied.add(full)
        held = float(model.ledger.day_tallies[0]["held"].sum())
        model.conditions.beds = held + 0.4 * max(model.flow_history.beds, 1.0)  # of tomorrow
    assert max(expulsions) > 0.5 and max(waiting) > 0.05
    assert any(0.0 < full < 1.0 for full in occupied)


def test_an_announcement_changes_the_release_that_people_have_seen(model: BorderModel) -> None:
    """The believed share of the cut is taken off; the believed risk of a stop is added."""
    heard = 0
    for day in simulate(model, 10):
        params, levers = day.params, model.levers
        for nation, kind in CELLS:
            group, seen = group_of(nation), float(params["release_seen"][nation, kind])
            cut, rise, stop = (
                float(lever[group])
                for lever in (levers.news_release_cut, levers.news_release_rise, levers.news_stop)
            )
            kept = seen - seen * cut
            assert params["release_view"][nation, kind] == exactly(kept + rise - rise * kept)
            assert params["perceived_stop"][nation] == stop
            assert params["news"][nation] == float(cut > 0.0 or stop > 0.0)
            heard += min(cut, rise, stop) > 0.05
    assert heard > 0


# ---- the legal channel ---------------------------------------------------------------------------


def test_people_hope_for_the_legal_channel_by_the_length_of_its_queue(model: BorderModel) -> None:
    """The chance of an admission is discounted by the years that the queue takes."""
    m, hopes = model.settings.migrants, set()
    for day in simulate(model, 10):
        params = day.params
        for nation in range(len(NATIONS)):
            daily, tickets = float(params["legal_rate"][nation]), float(day.tickets[nation])
            served = min(float(day.served[nation]) + daily, tickets)
            assert params["legal_served"][nation] == exactly(served)
            queue, hope = tickets - served + float(day.applied[nation]), 0.0
            if daily > 0.0:
                years = min(queue / (365.0 * daily), 100.0)
                hope = (1.0 - m.legal_refusal) / math.exp(m.legal_impatience * years)
            assert params["legal_hope"][nation] == exactly(hope), nation
            hopes.add(round(hope, 6))
        fee = 250.0 + float(model.levers.visa_fee[0])
        assert params["legal_fee"] == exactly(max(0.0, fee))
    assert len(hopes) > 10


# ---- deadlines -----------------------------------------------------------------------------------


def chance(model: BorderModel, stratum: int, cut: float, stop: float) -> float:
    """Return the larger chance of success, of evading or of surrendering, of a stratum."""
    origin, group, kind = (int(value) for value in model.supply.strata[stratum])
    params, prior = model.kernel_params[0], model.planning.plans.prior
    nation, place = int(params["nation"][origin]), int(params["origin_place"][origin])
    left = float(params["release_view"][nation, kind]) * (1.0 - cut) * (1.0 - stop)
    return max(
        eventual_success(
            float(prior[4 * origin + way, 0, place]) * (1.0 - stop),
            float(prior[4 * origin + way, 1, place]),
            left,
            float(params["again_us"][nation, kind]),
            float(params["again_mx"][nation]),
            model.settings.migrants.solo_attempts,
        )
        for way in ([0, 2] if group else [0])
    )
