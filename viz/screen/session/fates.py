"""Fates of the followed people on a day, and how unlike one person's fates are in two worlds.

A fate is computed from a journey's recorded entries, for all people in a world at once.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from agents.outcomes import Consequence, Status
from viz.screen.session.journeys import Entry, Journey, JourneyLog, shared_people

#: Statuses by the key of the end that they are; a person with another status is still under way.
ENDS: dict[str, tuple[Status, ...]] = {
    "through": (Status.SETTLED,),
    "released": (Status.RELEASED,),
    "admitted": (Status.ADMITTED,),
    "went_home": (Status.WENT_HOME,),
    "asylum_mexico": (Status.ASYLUM_MEXICO,),
    "gave_up": (Status.GAVE_UP, Status.STAYED, Status.REFUSED),
    "dead": (Status.DEAD,),
}
OPEN = "open"
"""The end of a person whose fate is not decided yet."""
_END_OF = {int(status): end for end, own in ENDS.items() for status in own}
_IN_THE_US = ("through", "released", "admitted", "went_home")
_US_STATUSES = [Status.HELD_US, Status.RELEASED, Status.WAITS_IN_MEXICO]

#: [A] weights of what makes two fates unlike. An end that differs outweighs the rest together.
WEIGHTS = {
    "end": 10.0,
    "kidnapped": 2.0,  # in one world only
    "unheard": 2.0,  # returned without a hearing in one world only
    "stops": 1.0,
    "trips": 1.0,
    "paid": 1.0,
    "days": 1.0,
}
#: [A] differences that count in full; larger ones do not count more.
_FULL = {"stops": 3.0, "trips": 3.0, "paid": 8_000.0, "days": 180.0}
#: [A] share of the weight for two ends in the United States, such as unstopped and released.
_ALIKE = 0.85


class Fate(NamedTuple):
    """What became of a person up to a day.

    Attributes:
        end: a key of `ENDS`, or `OPEN`.
        days: days from the first departure to the end, or to the day shown.
        attempts: attempts at the line between ports, or hidden through a port.
        stopped_mexico, stopped_us: encounters with officers by country.
        trips: journeys begun.
        paid, owed: $ paid since the start, and owed on the day.
        kidnapped: kidnappings.
        captive: days in captivity.
        unheard: returns without a hearing: expulsions by the United States, and returns by Mexico
            of a person who needs protection. The record does not show which removals by the
            United States followed a hearing.
    """

    end: str
    days: int
    attempts: int
    stopped_mexico: int
    stopped_us: int
    trips: int
    paid: int
    owed: int
    kidnapped: int
    captive: int
    unheard: int

    @property
    def decided(self) -> bool:
        """Return whether the person has reached an end."""
        return self.end != OPEN

    @property
    def stops(self) -> int:
        """Return the encounters with officers of either country."""
        return self.stopped_mexico + self.stopped_us


def distance(a: Fate, b: Fate) -> float:
    """Return how unlike two fates are, by `WEIGHTS`, 0 for the same fate."""
    unlike = {
        "end": _between_ends(a.end, b.end),
        "kidnapped": float((a.kidnapped > 0) != (b.kidnapped > 0)),
        "unheard": float((a.unheard > 0) != (b.unheard > 0)),
    }
    for name, full in _FULL.items():
        unlike[name] = min(1.0, abs(getattr(a, name) - getattr(b, name)) / full)
    return round(sum(WEIGHTS[name] * value for name, value in unlike.items()), 6)


def _between_ends(a: str, b: str) -> float:
    """Return how unlike two ends are, 0 to 1."""
    if a == b:
        return 0.0
    return _ALIKE if a in _IN_THE_US and b in _IN_THE_US else 1.0


def ends_differently(fates: Sequence[Fate]) -> bool:
    """Return whether a person's fate is decided in both worlds and not the same."""
    return all(fate.decided for fate in fates) and fates[0].end != fates[-1].end


def fates(log: JourneyLog, day: int) -> dict[int, Fate]:
    """Return the fate by number, for every person with an entry up to a day.

    Args:
        log: journeys of one world.
        day: the day, from 1.

    Returns:
        The fates.
    """
    journeys = list(log.journeys.values())  # another thread may add journeys meanwhile
    all_fates = ((journey.uid, fate_of(journey, day)) for journey in journeys)
    return {uid: fate for uid, fate in all_fates if fate}


def fate_of(person: Journey, day: int) -> Fate | None:
    """Return the fate of one person up to a day, or None before the first entry."""
    entries = person.until(day)
    if not entries:
        return None
    last, end = entries[-1], _END_OF.get(entries[-1].status, OPEN)
    began = next((entry.day for entry in entries if entry.trips > 0), day)
    counts = (entry.caught for entry in entries)
    new = [n - before for before, n in itertools.pairwise((0, *counts))]
    stopped = [entry for entry, n in zip(entries, new, strict=True) if n > 0]
    us = sum(entry.status in _US_STATUSES for entry in stopped)
    held = captivities(entries, day)
    return Fate(
        end=end,
        days=max(0, (day if end == OPEN else last.day) - began),
        attempts=last.line_tries,
        stopped_mexico=last.caught - us,
        stopped_us=us,
        trips=last.trips,
        paid=max(0, person.savings - last.wealth + last.debt),
        owed=last.debt,
        kidnapped=len(held),
        captive=sum(until - first for first, until in held),
        unheard=sum(is_unheard(person, entry) for entry in stopped),
    )


def captivities(entries: Sequence[Entry], day: int) -> list[tuple[int, int]]:
    """Return the first and the last day of each captivity, up to a day."""
    spans: list[tuple[int, int]] = []
    ends = [*(entry.day for entry in entries[1:]), day]
    for entry, end in zip(entries, ends, strict=True):
        if entry.status == Status.KIDNAPPED:
            goes_on = bool(spans) and spans[-1][1] == entry.day
            first = spans.pop()[0] if goes_on else entry.day
            spans.append((first, end))
    return spans


def is_unheard(person: Journey, entry: Entry) -> bool:
    """Return whether the encounter of an entry ends in a return without a hearing."""
    expelled = entry.consequence == Consequence.EXPULSION and entry.status == Status.HELD_US
    returned = entry.consequence == Consequence.RETURNED_BY_MEXICO
    return expelled or (returned and person.protection > 0)


# ---- the followed people of a day: order of suggestion, menus of fates, and how common a fate is
class People:
    """The people in two worlds on a day, the most unlike fates first.

    Attributes:
        fates: by number, for every person with a journey in all worlds, one for each world.
        order: numbers in the order in which people are offered.
    """

    def __init__(self, logs: Sequence[JourneyLog], day: int) -> None:
        """Compute the fates.

        Args:
            logs: journeys of both worlds.
            day: the day, from 1.
        """
        world_fates = [fates(log, day) for log in logs]
        shared = [uid for uid in shared_people(logs) if all(uid in own for own in world_fates)]
        self.fates = {uid: tuple(own[uid] for own in world_fates) for uid in shared}
        self.order = sorted(shared, key=lambda uid: (*_rank(self.fates[uid]), uid))

    def like(self, ends: Sequence[str]) -> list[int]:
        """Return the people with these ends, one for each world, in the offered order."""
        wanted = list(ends)
        return [uid for uid in self.order if [fate.end for fate in self.fates[uid]] == wanted]

    def menu(self) -> list[tuple[tuple[str, ...], int]]:
        """Return all ends with their numbers of people: different first, then the most frequent."""
        counts = Counter(tuple(fate.end for fate in own) for own in self.fates.values())
        return sorted(counts.items(), key=lambda item: (_menu_rank(item[0]), -item[1], item[0]))


def _rank(own: Sequence[Fate]) -> tuple[bool, float]:
    """Return the sort key of a person: lower for decided and for unlike fates."""
    return not all(fate.decided for fate in own), -distance(*own)


def _menu_rank(ends: Sequence[str]) -> int:
    """Return where a pair of ends is sorted: decided and different, decided, undecided."""
    return 2 if OPEN in ends else int(len(set(ends)) < len(ends))


class Frequency(NamedTuple):
    """How common a fate is among the followed people from the same country.

    Attributes:
        people: people with a journey in every world.
        undecided: of them, people whose fate is not decided in every world.
        differ: people who end differently.
        alike: people with the same ends as the person.
    """

    people: int
    undecided: int
    differ: int
    alike: int


def frequency(people: People, uid: int, country: dict[int, str]) -> Frequency:
    """Count how many people from the same country have the same fate as a person.

    Args:
        people: the people of a day.
        uid: number of the person.
        country: country of origin by number.

    Returns:
        The counts.
    """
    group = [own for other, own in people.fates.items() if country[other] == country[uid]]
    ends = [fate.end for fate in people.fates[uid]]
    return Frequency(
        len(group),
        sum(not all(fate.decided for fate in own) for own in group),
        sum(map(ends_differently, group)),
        sum([fate.end for fate in own] == ends for own in group),
    )
