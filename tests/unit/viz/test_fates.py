"""The screen offers people in the order in which their fates differ between the worlds."""

from __future__ import annotations

import random

import pytest

from agents.outcomes import Consequence, Mode, Status
from viz.screen.session.fates import ENDS, OPEN, People, ends_differently, fates
from viz.screen.session.journeys import Entry, Journey, JourneyLog

DAYS = 400
LAST = [status for own in ENDS.values() for status in own]
FIRST = Entry(1, Status.TRAVELLING, 0, -1, -1, Consequence.NONE, 1, Mode.SOLO, 3_000, 0, 0, 0)


def journey(uid: int, chance: random.Random, origin: int = 0) -> Journey:
    """Return a random journey, which may be impossible in the model."""
    person = Journey(uid, origin, 1, 0, 100, savings=4_000, protection=chance.randrange(2))
    entry, day = FIRST._replace(wealth=chance.randrange(4_000)), 1 + chance.randrange(200)
    for _ in range(chance.randrange(1, 7)):
        status = chance.choice([one for one in Status if one not in LAST])
        entry = entry._replace(
            day=day,
            status=status,
            place=chance.randrange(20),
            leg=chance.randrange(-1, 20),
            trips=min(255, entry.trips + chance.randrange(2)),
            consequence=chance.choice(list(Consequence)),
            caught=entry.caught + chance.randrange(2),
            line_tries=entry.line_tries + chance.randrange(2),
            wealth=max(0, entry.wealth - chance.randrange(900)),
        )
        person.rows.extend(entry)
        day += 1 + chance.randrange(40)
    if chance.random() < 0.6:
        person.rows.extend(entry._replace(day=day, status=chance.choice(LAST)))
    return person


def worlds(seed: int, n: int) -> list[JourneyLog]:
    """Return random journeys in two worlds; some people exist in one world only."""
    chance = random.Random(seed)
    logs = [JourneyLog() for _ in "AB"]
    for uid in range(1, n + 1):
        for log in logs:
            if chance.random() < 0.9:
                log.journeys[uid] = journey(uid, chance, origin=uid % 3)
    return logs


@pytest.mark.parametrize("seed", range(20))
def test_people_whose_journeys_end_differently_come_first(seed: int):
    chance = random.Random(seed)
    logs = worlds(seed, chance.randrange(1, 120))
    day = chance.randrange(60, DAYS)
    people = People(logs, day)
    differ = [ends_differently(people.fates[uid]) for uid in people.order]
    assert differ == sorted(differ, reverse=True)


@pytest.mark.parametrize("seed", range(10))
def test_decided_people_come_first_and_the_order_of_recording_does_not_matter(seed: int):
    logs = worlds(seed, 80)
    people = People(logs, 250)
    undecided = [not all(fate.decided for fate in people.fates[uid]) for uid in people.order]
    assert undecided == sorted(undecided)
    shuffled = [JourneyLog(), JourneyLog()]
    for log, other in zip(logs, shuffled, strict=True):
        other.journeys = dict(reversed(log.journeys.items()))
    assert People(shuffled, 250).order == people.order


@pytest.mark.parametrize("day", [1, 50, 120, 399])
def test_fates_agree_with_a_reading_entry_by_entry(day: int):
    log = worlds(8, 150)[0]
    found = fates(log, day)
    for uid, person in log.journeys.items():
        entries = person.until(day)
        assert (uid in found) == bool(entries)
        if not entries:
            continue
        fate, last = found[uid], entries[-1]
        before = [None, *entries]
        starts = [
            one
            for one, old in zip(entries, before, strict=False)
            if one.status == Status.KIDNAPPED and (not old or old.status != one.status)
        ]
        assert fate.kidnapped == len(starts)
        assert fate.stopped_mexico + fate.stopped_us == last.caught and fate.trips == last.trips
        assert fate.paid == person.savings - last.wealth + last.debt
        assert fate.decided == (last.status in LAST)
        ends = [*(one.day for one in entries[1:]), day]
        captive = [
            end - one.day
            for one, end in zip(entries, ends, strict=True)
            if one.status == Status.KIDNAPPED
        ]
        assert fate.captive == sum(captive)


def test_the_menu_of_fates_counts_everybody_once_and_leads_to_them():
    people = People(worlds(4, 120), 300)
    menu = people.menu()
    assert sum(n for _, n in menu) == len(people.order)
    for ends, n in menu:
        chosen = people.with_ends(ends)
        assert len(chosen) == n
        assert all(tuple(fate.end for fate in people.fates[uid]) == ends for uid in chosen)
    undecided = [OPEN in ends for ends, _ in menu]
    assert undecided == sorted(undecided)
