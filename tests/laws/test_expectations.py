"""The daily expectations of migrants, computed a second time from settings and policies.

Both engines read these numbers (`agents.kernel_params`, `abm.phases.capacity`,
`abm.early_departures`), so comparing the engines does not test them. Each test simulates a run day
by day and computes the numbers for each day in plain Python.
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
from agents.outcomes import Event
from agents.plain.choices import eventual_success

POLICIES = (
    "expulsion:1:ramp_days=5:mexicans.adult=0.8:foreigners.child=0.3 remain_in_mexico:1 "
    "transfers_south:1:ramp_days=10:share=0.4 legal_pathways:1 "
    "southern_border_control:3 announcement:0.9:release=-0.5:spread_days=3 "
    "announcement:1:size=-0.9:release=0.4:spread_days=5:groups.mexican=0.5@2012-10-12"
)
SETTINGS: dict[str, Any] = {
    "consequences.beds": 5_000.0,
    "migrants.experience_days": 25.0,
    "migrants.usual_days": 80.0,
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
    """A simulated day: the model at its end, and parameters and queues from before the day."""

    model: BorderModel
    before: Any
    tickets: np.ndarray
    applied: np.ndarray

    @property
    def params(self) -> Any:
        """Return the record of parameters for the day."""
        return self.model.kernel_params[0]


def simulate(model: BorderModel, days: int) -> Iterator[Day]:
    """Simulate days one by one."""
    for _ in range(days):
        tickets, applied = model.ledger.day_tallies[0]["tickets"], model.flow_history.applied
        before = model.kernel_params[0].copy(), tickets.copy(), applied.copy()
        model.run_for(1)
        yield Day(model, *before)


@pytest.fixture
def model(build: Callable) -> BorderModel:
    """Return a model with policies that change what people expect."""
    return build(POLICIES, scale=500, days=30, warmup_days=40, changes=SETTINGS)


def exactly(value: float) -> Any:
    """Return a number for a comparison up to rounding."""
    return pytest.approx(value, rel=1e-9, abs=1e-12)


# ---- releases ------------------------------------------------------------------------------------


def test_people_learn_the_release_that_is_left_by_beds_waits_and_expulsions(
    model: BorderModel,
) -> None:
    """Each day, the remembered release moves towards the current release by the learning share."""
    expulsions, waiting, occupied = set(), set(), set()
    for day in simulate(model, 30):
        params, levers = day.params, model.levers
        full, waits = 1.0 - float(params["bed_free"]), min(1.0, float(levers.wait_in_mexico[0]))
        for nation, kind in CELLS:
            now = float(params["release_share"][nation, kind])
            lever = levers.expulsion_foreign if group_of(nation) else levers.expulsion_mexican
            expelled = min(1.0, float(lever[kind]))
            if group_of(nation):
                # If no bed is free, a share of the people is released.
                without = float(params["release_without_bed"][nation, kind])
                now += (1.0 - now) * full * without
                now -= now * waits
            now -= now * expelled
            for name, days in (("release_seen", 25.0), ("release_usual", 80.0)):
                before = float(day.before[name][nation, kind])
                learn = not_believing(day.params, nation, kind) if name == "release_usual" else 1.0
                expected = before + (now - before) * learn / days
                assert params[name][nation, kind] == exactly(expected), (name, nation, kind)
            expulsions.add(expelled)
        waiting.add(waits)
        occupied.add(full)
        held = float(model.ledger.day_tallies[0]["held"].sum())
        # Determines tomorrow's beds.
        model.conditions.beds = held + 0.4 * max(model.flow_history.beds, 1.0)
    assert max(expulsions) > 0.5 and max(waiting) > 0.05
    assert any(0.0 < full < 1.0 for full in occupied)


# ---- belief --------------------------------------------------------------------------------------


def not_believing(params: Any, nation: int, kind: int) -> float:
    """Return the share of people without a belief, who get used to current events."""
    return 1.0 - max(0.0, float(params["belief"][nation, kind]))


def log_odds_of_failure(params: Any, usual: int, nation: int, kind: int) -> float:
    """Return the log-odds of failure: a stop by Mexico, or an apprehension without release."""
    stopped, came, caught, tried = params["experience"][usual, nation, kind].tolist()
    if stopped + came == 0.0 or tried == 0.0:
        return 0.0
    released = params["release_usual" if usual else "release_seen"][nation, kind]
    detained = (caught / tried) * (1.0 - float(released))
    chance = 1.0 - (came / (stopped + came)) * (1.0 - detained)
    return math.log(chance / (1.0 - chance))


def test_belief_moves_with_news_and_is_lost_unless_experience_confirms_it(
    model: BorderModel,
) -> None:
    """More failures than usual confirm a restriction, and fewer failures confirm an opening."""
    beliefs, confirmations, m = set(), set(), model.settings.migrants
    for day in simulate(model, 30):
        for nation, kind in CELLS:
            restriction, opening, release = (
                float(getattr(model.levers, f"news_{name}")[group_of(nation)])
                for name in ("restriction", "opening", "release")
            )
            rate = restriction + opening
            belief, news = (
                float(day.before[name][nation, kind]) for name in ("belief", "release_news")
            )
            if rate > 0.0:
                reached = 1.0 - math.exp(-rate)
                belief += reached * ((restriction - opening) / rate - belief)
                news += reached * (release / rate - news)
            harder = log_odds_of_failure(day.before, 0, nation, kind)
            harder -= log_odds_of_failure(day.before, 1, nation, kind)
            confirmed = min(1.0, max(0.0, math.copysign(1.0, belief) * harder / m.confirmation))
            kept = 0.5 ** ((1.0 - confirmed) / m.news_half_life)
            deterred = 1.0 - math.exp(-m.news_response * max(0.0, kept * belief))
            expected = {"belief": kept * belief, "release_news": kept * news, "deterred": deterred}
            for name, value in expected.items():
                assert day.params[name][nation, kind] == exactly(value), (name, nation, kind)
            seen = float(day.params["release_seen"][nation, kind])
            view = seen + kept * news * (seen if news < 0.0 else 1.0 - seen)
            assert day.params["release_view"][nation, kind] == exactly(view)
            beliefs.add(belief)
            confirmations.add((belief > 0.0, confirmed))
    assert min(beliefs) < -0.1 and max(beliefs) > 0.4
    assert all(any(0.0 < c < 1.0 and s == sign for s, c in confirmations) for sign in (0, 1))


def test_experience_follows_what_happens_to_migrants(build: Callable) -> None:
    """Two running means follow the chances of a stop, whose sum is close to the persons stopped."""
    model, surplus = build(POLICIES, scale=50, changes=SETTINGS), np.zeros((2, 2))
    for number, day in enumerate(simulate(model, 30)):
        stops = model.ledger.day_tallies[0]["expected_stops"]
        events = model.ledger.events[number].sum(axis=2)
        today = np.stack(
            [stops[0], events[Event.REACHED_LINE], stops[1], events[Event.LINE_ATTEMPT]], axis=1
        )
        for nation, kind in CELLS:
            learn = not_believing(day.params, nation, kind)
            for usual, share in ((0, 1.0 / 25.0), (1, learn / 80.0)):
                before = day.before["experience"][usual, nation, kind]
                change = day.params["experience"][usual, nation, kind] - before
                assert change == exactly((today[group_of(nation)] - before) * share)
        at_line = events[Event.APPREHENDED_US] - events[Event.APPREHENDED_BELT]
        surplus += np.stack([stops[0] - events[Event.APPREHENDED_MEXICO], stops[1] - at_line])
    total = model.ledger.events.sum(axis=(0, 3))
    assert surplus[0] == pytest.approx(0.0, abs=0.1 * total[Event.APPREHENDED_MEXICO].sum())
    assert surplus[1] == pytest.approx(0.0, abs=0.1 * total[Event.APPREHENDED_US].sum())


# ---- the legal channel ---------------------------------------------------------------------------


def test_people_hope_for_the_legal_channel_by_the_length_of_its_queue(model: BorderModel) -> None:
    """The chance of an admission is discounted over the years that the queue takes."""
    m, hopes = model.settings.migrants, set()
    for day in simulate(model, 10):
        params = day.params
        for nation in range(len(NATIONS)):
            daily, tickets = float(params["legal_rate"][nation]), float(day.tickets[nation])
            served = min(float(day.before["legal_served"][nation]) + daily, tickets)
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
    """Return a stratum's larger chance of success: by evading or by surrendering."""
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
