"""Expulsions without a sanction and transfers inside Mexico: which attempts follow, and where."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from agents.migrants.columns import MAX_EVENTS_PER_PERSON
from agents.migrants.prospects import eventual_success
from agents.outcomes import Consequence, Event, Group, Status

SCALE = 1
EVERYBODY = "expulsion:1:ramp_days=1" + "".join(
    f":{group}.{kind}=1"
    for group in ("mexicans", "foreigners")
    for kind in ("adult", "family", "child")
)
NOBODY = EVERYBODY.replace("=1", "=0").replace("ramp_days=0", "ramp_days=1")
MOVED = "transfers_south:2:ramp_days=1"


def _sum(model: BorderModel, *events: Event) -> int:
    """Return the persons of several events over the whole run."""
    return sum(int(model.ledger.events[:, event].sum()) for event in events)


# ---- share 0 ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "instrument",
    [
        f"{NOBODY}:mexican_cases=0:foreign_cases=0",
        "transfers_south:1:share=0:moved=0",
    ],
)
def test_an_instrument_with_share_zero_changes_no_byte(instrument: str, play: Callable) -> None:
    """The instrument draws from separate streams, and draws nothing at share 0."""
    assert play(instrument, days=60).ledger.digest == play(days=60).ledger.digest


# ---- expulsions at a constant hazard ------------------------------------------------------------


@pytest.fixture(scope="module")
def at_the_line(play: Callable, one_leg: Path, fixed: dict) -> Callable[..., BorderModel]:
    """Run Mexicans in the one-leg world at an apprehension probability q."""

    def played(q: float, policies: str = "", **changes: Any) -> BorderModel:
        settings = fixed | {
            "border_patrol.line_hazard": [-math.log1p(-q)] * 9,
            "migrants.pool": [1e5, 0.0],
            "migrants.retry_mexican": 0.0,
            "migrants.retry_expelled": [1.0, 1.0],
        }
        settings |= {name.replace("__", "."): value for name, value in changes.items()}
        return play(
            policies,
            world=str(one_leg),
            scale=SCALE,
            warmup_days=60,
            fill_days=60,
            days=150,
            supply="flat",
            changes=settings,
        )

    return played


SETTLED = slice(90, 150)  # days on which attempts are in a steady state


def _attempts(model: BorderModel) -> int:
    return int(model.ledger.events[SETTLED, Event.LINE_ATTEMPT].sum())


def _set_out(model: BorderModel) -> int:
    return int(model.ledger.events[SETTLED, Event.SET_OUT].sum())


@pytest.mark.parametrize("q", [0.3, 0.6])
def test_expulsion_with_certain_retry_multiplies_attempts(q: float, at_the_line: Callable) -> None:
    """People make 1 / (1 - q) attempts each; 5 standard errors of a geometric number.

    More people set out, because a success after further attempts is more likely.
    """
    once, again = at_the_line(q), at_the_line(q, EVERYBODY)
    more = _set_out(again) / _set_out(once)
    assert more > 1.0
    people = _attempts(once) / SCALE
    error = math.sqrt(q) / (1.0 - q) / math.sqrt(people)
    ratio = _attempts(again) / _attempts(once) / more
    assert people > 2_000
    assert abs(ratio - 1.0 / (1.0 - q)) < 5.0 * error + 0.01
    given_up = [int(m.ledger.events[SETTLED, Event.GAVE_UP].sum()) for m in (once, again)]
    assert given_up[0] > 0 == given_up[1]


def test_expulsion_with_certain_retry_makes_everybody_enter(at_the_line: Callable) -> None:
    """Without expulsion, a share 1 - q of those who set out enters; with it, all of them."""
    q = 0.5
    once, again = at_the_line(q), at_the_line(q, EVERYBODY)
    entered = [
        int(m.ledger.events[SETTLED, Event.GOT_AWAY_KNOWN].sum())
        + int(m.ledger.events[SETTLED, Event.GOT_AWAY_UNDETECTED].sum())
        for m in (once, again)
    ]
    more = _set_out(again) / _set_out(once)
    assert entered[1] / entered[0] / more == pytest.approx(1.0 / (1.0 - q), rel=0.05)
    assert again.migrants.live["caught"].max() < MAX_EVENTS_PER_PERSON


def test_two_half_doses_are_one_whole_dose(build: Callable) -> None:
    """The share returned to the line is a mean, weighted by the people whom each policy expels."""
    expel = "expulsion:{}:ramp_days=1:foreigners_to_line={}:mexicans_to_line={}"

    def to_line(*policies: str) -> np.ndarray:
        model = build(" ".join(policies), days=2)
        model.run_for(2)
        return model.kernel_params[0]["expelled_to_line"].copy()

    whole = to_line(expel.format(1, 0.6, 0.6))
    assert whole == pytest.approx(np.full_like(whole, 0.6))
    assert to_line(*[expel.format(0.5, 0.6, 0.6)] * 2) == pytest.approx(whole)
    mixed = to_line(expel.format(0.75, 0.8, 0.8), expel.format(0.25, 0, 0))
    assert mixed == pytest.approx(whole)


def test_without_retry_expulsion_changes_no_attempt(at_the_line: Callable) -> None:
    once = at_the_line(0.5)
    expelled = at_the_line(0.5, EVERYBODY, migrants__retry_expelled=[0.0, 0.0])
    assert _attempts(expelled) == _attempts(once)
    assert _sum(expelled, Event.EXPELLED) == _sum(expelled, Event.APPREHENDED_US) > 0


def test_expelled_people_return_where_the_instrument_says(at_the_line: Callable) -> None:
    """Mexicans at the line try again within days; those at home travel again first."""
    near, far = (
        at_the_line(0.5, f"{EVERYBODY}:mexicans_to_line={share}").migrants.live for share in (1, 0)
    )
    for rows, at_line in ((near, True), (far, False)):
        back = rows[
            (rows["status"] == Status.RETURNED) & (rows["consequence"] == Consequence.EXPULSION)
        ]
        assert back.size > 20
        assert ((back["place"] == back["gate"]) == at_line).all()


@pytest.mark.parametrize(
    ("policies", "voluntary", "hours"), [("", 0.0, 11.0), ("", 1.0, 3.0), (EVERYBODY, 0.0, 3.0)]
)
def test_a_voluntary_return_or_an_expulsion_takes_the_brief_hours(
    policies: str, voluntary: float, hours: float, build: Callable, one_leg: Path, fixed: dict
) -> None:
    """Agents' hours of a day are the persons apprehended times the hours of their disposition."""
    changes = fixed | {
        "migrants.pool": [1e6, 0.0],
        "consequences.voluntary_return": [voluntary] * 3,
        "consequences.custody_hours": [11.0] * 3,
        "consequences.custody_hours_brief": 3.0,
    }
    model = build(policies, world=str(one_leg), scale=10, warmup_days=20, days=5, changes=changes)
    model.run_for(5)
    tallies = model.ledger.day_tallies[0]
    caught = tallies["by_sector"][Event.APPREHENDED_US].sum()
    assert tallies["hours"].sum() == pytest.approx(hours * caught) and caught > 0


@pytest.mark.parametrize("retry", [0.0, 1.0])
def test_expected_attempts_follow_expulsions_and_transfers(retry: float, build: Callable) -> None:
    """Expected success rises at given release if people try again more often, and falls if not."""
    changes = {"migrants.retry_expelled": [retry] * 2, "migrants.retry_transferred": retry}
    base, changed = (
        build(text, scale=1000, days=2, warmup_days=20, changes=changes)
        for text in ("", f"{EVERYBODY} {MOVED}:share=0.5")
    )
    before, after = [], []
    for model, found in ((base, before), (changed, after)):
        model.run_for(2)
        params = model.kernel_params[0]
        us, mexico = params["again_us"], params["again_mx"][:, None]
        found.extend(
            eventual_success(0.4, 0.2, 0.1, float(a), float(b), 4)
            for a, b in np.broadcast(us, np.broadcast_to(mexico, us.shape))
        )
    difference = np.array(after) - before
    assert (difference > 0.0).all() if retry else (difference < 0.0).all()


# ---- counts in the packaged world ---------------------------------------------------------------


@pytest.fixture(scope="module")
def both(build: Callable) -> tuple[BorderModel, list[np.ndarray]]:
    """Run both instruments for 60 days, with the rows at the end of each of the last 20."""
    model = build(f"expulsion:1:ramp_days=1 {MOVED}:share=0.3", days=60, scale=20)
    model.run_for(40)
    days = []
    for _ in range(20):
        model.run_for(1)
        days.append(model.migrants.live.copy())
    return model, days


def test_every_apprehension_has_one_consequence(both: tuple) -> None:
    """Expelled and transferred people are counted separately from those returned or removed."""
    model, e = both[0], Event
    ends = e.EXPELLED, e.VOLUNTARY_RETURN, e.REMOVED_US, e.PROSECUTED
    ends += e.RELEASED_US, e.RELEASED_PORT, e.SENT_TO_WAIT
    assert _sum(model, e.APPREHENDED_US, e.INADMISSIBLE, e.PRESENTED) == _sum(model, *ends)
    ends = e.RETURNED_BY_MEXICO, e.TRANSFERRED_SOUTH, e.ASYLUM_REFERRED, e.RELEASED_MEXICO
    assert _sum(model, e.APPREHENDED_MEXICO) == _sum(model, *ends)
    assert min(_sum(model, e.EXPELLED), _sum(model, e.TRANSFERRED_SOUTH)) > 1_000


def test_children_are_not_expelled_and_mexicans_not_transferred(both: tuple) -> None:
    events = both[0].ledger.events.sum(axis=0)
    assert not events[Event.EXPELLED, :, 2].any() and events[Event.EXPELLED, :, 0].all()
    assert not events[Event.TRANSFERRED_SOUTH, Group.MEXICAN].any()


def test_persons_are_conserved_with_both(both: tuple) -> None:
    model = both[0]
    persons = model.ledger.persons()
    candidates = persons.pop("candidates")
    assert sum(persons.values()) == candidates
    model.tidy()
    assert int(model.ledger.balance.sum()) == 0


def test_expelled_people_are_held_two_days_at_most(both: tuple) -> None:
    """Expelled people are held on the day of the apprehension and returned on the next day."""
    held = [
        set(r["uid"][(r["status"] == Status.HELD_US) & (r["consequence"] == Consequence.EXPULSION)])
        for r in both[1]
    ]
    assert sum(map(len, held)) > 100
    assert not any(one & third for one, third in zip(held, held[2:], strict=False))


def test_transfers_end_at_the_southern_town(both: tuple) -> None:
    """People who are moved are free there a day later, and continue from there or give up."""
    model, days = both
    town, tail = model.network.southern_town, model.network.leg_state.tail
    assert model.world.place_ids[town] == "tapachula"
    free = [r[(r["consequence"] == Consequence.TRANSFER)] for r in days]
    returned, continued = 0, 0
    for today, next_day in zip(free, days[1:], strict=False):
        back = today[today["status"] == Status.RETURNED]
        assert (back["place"] == town).all()
        returned += back.size
        later = next_day[np.isin(next_day["uid"], back["uid"])]
        hops = dict(zip(back["uid"].tolist(), back["hop"].tolist(), strict=True))
        first = [row for row in later if row["hop"] == hops[row["uid"]] + 1]
        assert all(tail[row["leg"]] == town for row in first)
        assert (later["status"] != Status.RETURNED).all()  # all have decided
        continued += len(first)
    assert returned > 50 and continued > 20


@pytest.mark.parametrize(("chance", "more"), [(0.0, False), (1.0, True)])
def test_transfers_raise_arrivals_only_if_people_go_on(
    chance: float, more: bool, play: Callable
) -> None:
    """Transfers are compared with returns after which a share of 0.38 tries again."""
    settings = {"migrants.retry_transferred": chance, "migrants.retry_value_slope": 0.0}
    run = {"days": 120, "scale": 100, "changes": settings}
    base, moved = (
        int(play(text, **run).ledger.events[:, Event.REACHED_LINE, Group.NORTHERN_TRIANGLE].sum())
        for text in ("", MOVED)
    )
    assert (moved > base) == more and moved != base
