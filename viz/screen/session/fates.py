"""Fates of the followed people on a day, and how unlike the fates of one person are in two worlds.

A fate is computed from the recorded entries of a journey, for all people of a world at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from agents.outcomes import Consequence, Status
from viz.screen.session.journeys import WIDE, Entry, Journey, JourneyLog

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
        stopped_mexico, stopped_us: encounters with officers of each country.
        trips: journeys begun.
        paid, owed: $ paid since the start, and owed on the day.
        kidnapped: kidnappings.
        captive: days in captivity.
        unheard: returns without a hearing: expulsions by the United States, and returns by Mexico
            of a person in need of protection. The record does not show which removals by the
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
    """Return how unlike two fates are, by `WEIGHTS`; 0 for the same fate."""
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
    """Return the fate of every person with an entry up to a day, by number.

    Args:
        log: journeys of one world.
        day: the day, from 1.

    Returns:
        The fates.
    """
    journeys = list(log.journeys.values())  # another thread may add journeys meanwhile
    if not journeys:
        return {}
    rows, owner = _rows(journeys, day)
    if not len(rows):
        return {}
    first = np.flatnonzero(np.diff(owner, prepend=-1))
    last = np.append(first[1:], len(owner)) - 1
    protection = np.array([journey.protection for journey in journeys])[owner]
    left = np.where(_column(rows, "trips") > 0, rows[:, 0], day)
    counts = _counts(rows, first, protection) | {
        "began": np.minimum.reduceat(left, first),
        "captive": _captive(rows, owner, first, day),
    }
    listed = {name: values.tolist() for name, values in counts.items()}
    entries = zip(owner[first].tolist(), rows[last].tolist(), strict=True)
    return {
        journeys[k].uid: _fate(
            journeys[k], Entry(*row), day, {name: own[i] for name, own in listed.items()}
        )
        for i, (k, row) in enumerate(entries)
    }


def fate_of(person: Journey, day: int) -> Fate | None:
    """Return the fate of one person up to a day; None before the first entry."""
    log = JourneyLog()
    log.journeys[person.uid] = person
    return fates(log, day).get(person.uid)


def _fate(person: Journey, last: Entry, day: int, counts: dict[str, int]) -> Fate:
    """Build a fate from the last entry and the counts of a person."""
    end = _END_OF.get(last.status, OPEN)
    return Fate(
        end=end,
        days=max(0, (day if end == OPEN else last.day) - counts["began"]),
        attempts=last.line_tries,
        stopped_mexico=counts["mexico"],
        stopped_us=counts["us"],
        trips=last.trips,
        paid=max(0, person.savings - last.wealth + last.debt),
        owed=last.debt,
        kidnapped=counts["kidnapped"],
        captive=counts["captive"],
        unheard=counts["unheard"],
    )


def _rows(journeys: list[Journey], day: int) -> tuple[np.ndarray, np.ndarray]:
    """Return all entries up to a day, and for each the position of its person in the list."""
    data = [journey.rows.tobytes() for journey in journeys]
    rows = np.frombuffer(b"".join(data), np.intc).reshape(-1, WIDE)
    size = WIDE * np.dtype(np.intc).itemsize
    owner = np.repeat(np.arange(len(journeys)), [len(one) // size for one in data])
    known = rows[:, 0] <= day
    return rows[known], owner[known]


def _column(rows: np.ndarray, name: str) -> np.ndarray:
    """Return a field of all entries."""
    return rows[:, Entry._fields.index(name)]


def _counts(rows: np.ndarray, first: np.ndarray, protection: np.ndarray) -> dict[str, np.ndarray]:
    """Count encounters, kidnappings and returns without a hearing of every person."""
    status, caught, why = (_column(rows, name) for name in ("status", "caught", "consequence"))
    new = np.diff(caught, prepend=0)
    new[first] = caught[first]
    changed = np.diff(status, prepend=-1) != 0
    changed[first] = True
    us = np.minimum(new, np.isin(status, _US_STATUSES))
    unheard = (why == Consequence.EXPULSION) & (status == Status.HELD_US)
    unheard |= (why == Consequence.RETURNED_BY_MEXICO) & (protection > 0)
    marks = {
        "us": us,
        "mexico": new - us,
        "kidnapped": changed & (status == Status.KIDNAPPED),
        "unheard": unheard & (new > 0),
    }
    return {name: np.add.reduceat(mark.astype(int), first) for name, mark in marks.items()}


def _captive(rows: np.ndarray, owner: np.ndarray, first: np.ndarray, day: int) -> np.ndarray:
    """Return the days of captivity of every person: from each kidnapping to the next entry."""
    until = np.append(rows[1:, 0], day)
    until[np.append(np.diff(owner) != 0, True)] = day
    held = np.where(_column(rows, "status") == Status.KIDNAPPED, until - rows[:, 0], 0)
    return np.add.reduceat(held, first)


def on_leg(logs: Sequence[JourneyLog], world: int, leg: int, day: int) -> list[int]:
    """Return the followed people who travel on a leg on a day, by number.

    Args:
        logs: journeys of one or two worlds.
        world: index of the world.
        leg: index of the leg.
        day: the day, from 1.

    Returns:
        Numbers of people.
    """
    found = []
    for uid, journey in list(logs[world].journeys.items()):
        entry = journey.at(day)
        if entry and entry.leg == leg and entry.status == Status.TRAVELLING:
            found.append(uid)
    return sorted(found)


def last_on_leg(logs: Sequence[JourneyLog], world: int, leg: int, day: int) -> list[int]:
    """Return the followed people who were the last to set foot on a leg, by number.

    Args:
        logs: journeys of one or two worlds.
        world: index of the world.
        leg: index of the leg.
        day: the day, from 1; later entries are left out.

    Returns:
        Numbers of people; empty if no person has been there.
    """
    last, found = 0, list[int]()
    for uid, journey in list(logs[world].journeys.items()):
        if leg not in journey.legs(day):
            continue
        own = max(entry.day for entry in journey.until(day) if entry.leg == leg)
        if own > last:
            last, found = own, []
        if own == last:
            found.append(uid)
    return sorted(found)
