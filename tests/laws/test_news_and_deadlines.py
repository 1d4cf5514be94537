"""Announcements, waiting and deadlines: their effects, and conservation of people."""

from __future__ import annotations

import datetime
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from abm.model import BorderModel
from abm.scenario import Scenario
from agents.labels import NATIONS
from agents.migrants.departure import MAX_WAITS
from agents.outcomes import Event, Status

DAYS = 70
NOTICE = 20  # With a reach of 2 days, all dates brought forward lie within 60 days.
NEARER = 12  # days until another deadline
BELIEVED = "announcement:1:spread_days=1"
#: Settings in which all deterred people wait.
PATIENT: dict[str, Any] = {
    "migrants.waiting_share": 1.0,
    "migrants.waiting_days": 25.0,
    "migrants.waiting_days_spread": 20.0,
}
YEARS: dict[str, Any] = {"days": 730, "warmup_days": 540}
SEEDS = (1, 2, 3)
LONGEST_WAIT = 37  # longest time in days until the next decision with these settings


def _daily(model: BorderModel, event: Event) -> np.ndarray:
    """Return persons by day, group and kind."""
    return model.ledger.events[:, event].astype(np.int64)


@pytest.fixture(scope="module")
def nothing(play: Callable[..., BorderModel]) -> BorderModel:
    """Run without announcements."""
    return play(days=DAYS)


@pytest.fixture(scope="module")
def waiting(play: Callable[..., BorderModel]) -> BorderModel:
    """Run an announcement after which many people wait."""
    return play(BELIEVED, days=DAYS, changes=PATIENT)


# ---- announcements ------------------------------------------------------------------------------


@pytest.mark.parametrize("deadline", [0, NOTICE])
@pytest.mark.parametrize(
    "idle", ["size=0", "size=-1", "groups.mexican=0:groups.northern_triangle=0"]
)
def test_an_announcement_of_no_size_for_nobody_or_of_an_opening_alone_changes_no_byte(
    idle: str, deadline: int, play: Callable, nothing: BorderModel
) -> None:
    silent = f"announcement:1:{idle}:campaign=0:deadline_days={deadline}"
    assert play(silent, days=DAYS).ledger.digest == nothing.ledger.digest


def test_an_announcement_for_one_group_changes_no_departure_of_the_other(
    play: Callable, blind: dict
) -> None:
    base = play(days=40, changes=blind)
    told = play(BELIEVED + ":groups.mexican=0", days=40, changes=blind)
    gone, went = _daily(told, Event.SET_OUT), _daily(base, Event.SET_OUT)
    assert np.array_equal(gone[:, 0], went[:, 0])
    assert gone[:, 1].sum() < went[:, 1].sum()


def test_several_announcements_overlap_and_commute(play: Callable) -> None:
    """The end of an announcement that all people know changes nothing."""
    later = Scenario().start + datetime.timedelta(days=9)
    news = (
        *("announcement:1", f"announcement:1:size=-0.4:release=0.5@{later}"),
        f"announcement:0.7:deadline_days={NEARER}:groups.mexican=0",
    )
    end = Scenario().start + datetime.timedelta(days=14)
    orders = (news, news[::-1], (f"announcement:1@..{end}", *news[1:]))
    events = [play(" ".join(order), days=40).ledger.events for order in orders]
    assert np.array_equal(events[0], events[1]) and np.array_equal(events[0], events[2])


def test_an_opening_cancels_a_restriction_and_deters_nobody(
    play: Callable, nothing: BorderModel
) -> None:
    """In addition, an opening raises departures if it promises releases."""
    quiet = "announcement:1:campaign=0"
    assert play(f"{quiet} {quiet}:size=-1", days=DAYS).ledger.digest == nothing.ledger.digest
    opening = play(f"{quiet}:size=-1:release=0.5", days=DAYS)
    sets_out, base = (_daily(m, Event.SET_OUT).sum() for m in (opening, nothing))
    assert sets_out > base and not opening.kernel_params[0]["deterred"].any()
    later, none = Scenario().start + datetime.timedelta(days=20), {"migrants.waiting_share": 0.0}
    before, after = (
        _daily(play(text, days=DAYS, changes=none), Event.SET_OUT)
        for text in (quiet, f"{quiet} {quiet}:size=-1@{later}")
    )
    assert before[40:].sum() < 0.8 * after[40:].sum()
    assert after[40:].sum() == pytest.approx(_daily(nothing, Event.SET_OUT)[40:].sum(), rel=0.03)


@pytest.mark.parametrize("share", [1e-2, 1e-4])
def test_small_news_has_a_small_effect(share: float, play: Callable, nothing: BorderModel) -> None:
    """Departures and waits vanish with the size of the news, without a jump at zero."""
    model = play(f"announcement:1:size={share}:release=-1", days=DAYS, changes=PATIENT)
    candidates = _daily(nothing, Event.CANDIDATES).sum()
    assert _daily(model, Event.DEFERRED).sum() <= 3.0 * share * candidates
    gone, went = (_daily(m, Event.SET_OUT).sum() for m in (model, nothing))
    assert abs(int(gone) - int(went)) <= 5.0 * share * candidates


def test_belief_is_kept_by_nations_whose_migrants_fail_more_often(play: Callable) -> None:
    """Mexico stops foreigners only, so that Mexicans lose their belief as without the measure."""
    alone, confirmed = (
        play(text, days=120, warmup_days=120).kernel_params[0]["belief"].mean(axis=1)
        for text in ("announcement:1", "announcement:1 southern_border_control:4")
    )
    mexicans = np.array(NATIONS) == "MX"
    assert (confirmed > 1.2 * alone)[~mexicans].all()
    assert confirmed[mexicans] == pytest.approx(alone[mexicans], rel=0.05)


# ---- waiting ------------------------------------------------------------------------------------


def test_waiting_conserves_people(waiting: BorderModel, nothing: BorderModel) -> None:
    """The same candidates come on the same days, and each of them has exactly one status."""
    assert _daily(waiting, Event.DEFERRED).sum() > 10_000
    assert np.array_equal(_daily(waiting, Event.CANDIDATES), _daily(nothing, Event.CANDIDATES))
    persons = waiting.ledger.persons()
    candidates = persons.pop("candidates")
    assert sum(persons.values()) == candidates and persons["deferred"] > 0
    waiting.tidy()  # recounts persons and dollars by row; raises an error if a total differs
    assert int(waiting.ledger.balance.sum()) == 0


def test_everybody_who_waits_decides_again(build: Callable) -> None:
    model = build(BELIEVED, days=DAYS, changes=PATIENT)
    model.run_for(30)
    rows = model.migrants.live
    wait = rows[rows["status"] == Status.DEFERRED]
    before = dict(zip(wait["uid"].tolist(), wait["decisions"].tolist(), strict=True))
    assert len(before) > 50
    assert (wait["clock"] >= model.clock).all()  # The clock shows the next day.
    assert (wait["clock"] <= model.clock + LONGEST_WAIT).all()
    model.run_for(LONGEST_WAIT + 1)
    rows = model.migrants.live
    still = rows[rows["status"] == Status.DEFERRED]
    again = zip(still["uid"].tolist(), still["decisions"].tolist(), strict=True)
    assert all(decisions > before.get(uid, -1) for uid, decisions in again)


def test_nobody_waits_more_often_than_the_limit(build: Callable) -> None:
    short = PATIENT | {"migrants.waiting_days": 2.0, "migrants.waiting_days_spread": 0.0}
    model = build(BELIEVED, days=60, changes=short)
    most = 0
    for _ in range(20):
        model.run_for(3)
        rows = model.migrants.live
        most = max(most, int(rows["decisions"][rows["status"] == Status.DEFERRED].max(initial=0)))
    assert most == MAX_WAITS


# ---- deadlines ----------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", [1, 2])
def test_a_deadline_brings_the_same_people_forward(seed: int, play: Callable) -> None:
    """The additional candidates before the deadline are exactly those missing after it."""
    fixed_supply = {"migrants.homicide_elasticity": 0.0, "migrants.income_elasticity": 0.0}
    base = _daily(play(days=DAYS, seed=seed, changes=fixed_supply), Event.CANDIDATES)
    model = play(f"{BELIEVED}:deadline_days={NOTICE}", days=DAYS, seed=seed, changes=fixed_supply)
    candidates, early = _daily(model, Event.CANDIDATES), _daily(model, Event.BROUGHT_FORWARD)
    assert early[:NOTICE].any(axis=(1, 2)).mean() > 0.8 and not early[NOTICE:].any()
    assert np.array_equal(candidates[:NOTICE] - base[:NOTICE], early[:NOTICE])
    missing = base[NOTICE:] - candidates[NOTICE:]
    assert (missing >= 0).all() and np.array_equal(missing.sum(axis=0), early.sum(axis=0))
    assert np.array_equal(candidates.sum(axis=0), base.sum(axis=0))


def test_a_deadline_makes_a_rush_and_a_dip(play: Callable, nothing: BorderModel) -> None:
    model = play(f"{BELIEVED}:deadline_days={NOTICE}", days=DAYS)
    went, goes = (_daily(m, Event.SET_OUT).sum(axis=2) for m in (nothing, model))
    assert (goes[:NOTICE].sum(axis=0) > 1.1 * went[:NOTICE].sum(axis=0)).all()
    assert (
        goes[NOTICE : 2 * NOTICE].sum(axis=0) < 0.9 * went[NOTICE : 2 * NOTICE].sum(axis=0)
    ).all()


def test_a_deadline_without_reach_brings_nobody_forward(
    play: Callable, nothing: BorderModel
) -> None:
    """Until the deadline, only the campaign's dollars differ."""
    model = play(
        f"{BELIEVED}:deadline_days={NOTICE}", days=DAYS, changes={"migrants.deadline_reach": 0}
    )
    before = model.ledger.events[:NOTICE]
    assert np.array_equal(before, nothing.ledger.events[:NOTICE])
    assert not np.array_equal(model.ledger.events[NOTICE:], nothing.ledger.events[NOTICE:])


def test_a_date_is_brought_forward_once_by_two_deadlines(
    play: Callable, nothing: BorderModel
) -> None:
    one = f"{BELIEVED}:deadline_days={NOTICE}"
    other = f"announcement:1:size=0.5:deadline_days={NEARER}"
    both = play(f"{one.replace(':1:', ':0.5:')} {other.replace(':1:', ':0.5:')}", days=DAYS)
    candidates = _daily(both, Event.CANDIDATES)
    assert _daily(both, Event.BROUGHT_FORWARD).any()
    assert np.array_equal(candidates.sum(axis=0), _daily(nothing, Event.CANDIDATES).sum(axis=0))


@pytest.mark.parametrize(
    "idle", ["size=0", "groups.mexican=0:groups.northern_triangle=0", "size=-1:release=0.5"]
)
def test_a_deadline_at_which_nobody_expects_a_change_does_not_end_another(
    idle: str, play: Callable
) -> None:
    """An opening brings no departures forward, and the other deadline keeps its rush."""
    known = f"{BELIEVED.replace(':1:', ':0.5:')}:deadline_days={NOTICE}"
    alone, both = (
        play(text, days=NOTICE)
        for text in (known, f"{known} announcement:0.5:{idle}:deadline_days={NEARER}")
    )
    early, other = (_daily(model, Event.BROUGHT_FORWARD)[:NEARER] for model in (alone, both))
    assert early.any() and np.array_equal(early, other)


def test_each_group_has_its_own_deadline(play: Callable) -> None:
    """A nearer deadline for Mexicans does not move the deadline for all others."""
    half = BELIEVED.replace(":1:", ":0.5:")
    others = f"{half}:groups.mexican=0:deadline_days={NOTICE}"
    mexicans = f"{half}:groups.northern_triangle=0:deadline_days={NEARER}"
    alone = [
        _daily(play(text, days=NOTICE), Event.BROUGHT_FORWARD)
        for text in (others, mexicans, f"{others} {mexicans}")
    ]
    assert alone[0][:, 1].any() and alone[1][:, 0].any()
    assert np.array_equal(alone[0][:NEARER, 1], alone[2][:NEARER, 1])
    assert np.array_equal(alone[1][:NEARER, 0], alone[2][:NEARER, 0])


def test_a_tiny_announcement_of_a_nearer_deadline_has_a_tiny_effect(play: Callable) -> None:
    known = f"{BELIEVED.replace(':1:', ':0.9:')}:deadline_days={NOTICE}"
    tiny = f"announcement:0.0001:deadline_days={NEARER}"
    alone, both = (
        _daily(play(text, days=NOTICE), Event.BROUGHT_FORWARD).sum()
        for text in (known, f"{known} {tiny}")
    )
    assert alone > 1_000 and both == pytest.approx(alone, rel=0.01)


# ---- years --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def years(play: Callable) -> list[BorderModel]:
    """Run two years without announcements on several seeds."""
    return [play(seed=seed, **YEARS) for seed in SEEDS]


def _ratio(models: list[BorderModel], base: list[BorderModel], event: Event, part: Any) -> float:
    """Return the persons with an event, in some days and groups, relative to other runs."""
    persons, others = (sum(_daily(m, event)[part].sum() for m in runs) for runs in (models, base))
    return float(persons / others)


@pytest.mark.slow
def test_an_announcement_that_no_measure_follows_is_forgotten_within_a_year(
    build: Callable, years: list[BorderModel]
) -> None:
    models = [build("announcement:1", seed=seed, **YEARS) for seed in SEEDS]
    for model in models:
        model.run_for(365)
        assert (model.kernel_params[0]["belief"] < 0.1).all()
        model.run_for(60)
    first, last = (_ratio(models, years, Event.SET_OUT, part) for part in np.s_[:60, 300:425])
    assert first < 0.6 and last == pytest.approx(1.0, abs=0.05)


@pytest.mark.slow
def test_a_measure_that_goes_on_with_its_announcement_does_not_rebound(
    play: Callable, years: list[BorderModel]
) -> None:
    """Apprehensions of the Northern Triangle rise by at most a tenth, by half-year and by year."""
    models = [play("announcement:1 southern_border_control:4", seed=s, **YEARS) for s in SEEDS]
    begin, later, year, following = (
        _ratio(models, years, Event.APPREHENDED_US, part)
        for part in (np.s_[:182, 1], np.s_[182:365, 1], np.s_[:365, 1], np.s_[365:, 1])
    )
    assert year < 0.6 and later < 1.1 * begin and following < 1.1 * year
