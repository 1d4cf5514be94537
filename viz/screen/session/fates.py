"""Convert the recorded entries of a journey to events on the way and to the fate on a day.

`People` sorts the followed people so that the largest differences between two worlds come first.
"""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agents.outcomes import Consequence, Mode, Status
from viz.screen.session.journeys import Entry, Journey, JourneyLog

if TYPE_CHECKING:
    from abm.world.routes import World

#: Statuses that end a journey, by the key of the end. Other statuses leave the fate open.
ENDS: dict[str, tuple[Status, ...]] = {
    "through": (Status.SETTLED,),
    "released": (Status.RELEASED,),
    "admitted": (Status.ADMITTED,),
    "went_home": (Status.WENT_HOME,),
    "asylum_mexico": (Status.ASYLUM_MEXICO,),
    "gave_up": (Status.GAVE_UP, Status.STAYED, Status.REFUSED),
    "dead": (Status.DEAD,),
}
#: End of a person whose fate is not decided yet.
OPEN = "open"
_END_OF = {int(status): end for end, statuses in ENDS.items() for status in statuses}
_US_STATUSES = [Status.HELD_US, Status.RELEASED, Status.WAITS_IN_MEXICO]


class Fate(NamedTuple):
    """Fate of a person up to a day.

    Attributes:
        end: a key in `ENDS`, or `OPEN`.
        days: days from the first departure to the end, or to the day if the fate is open.
        attempts: attempts to cross the line between ports or hidden through a port.
        stopped_mexico, stopped_us: encounters with Mexican and with U.S. officers.
        trips: number of trips that the person has begun.
        paid, owed: dollars paid since the start, and dollars owed on the day.
        kidnapped: number of kidnappings.
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


def ends_differently(fates: Sequence[Fate]) -> bool:
    """Return whether a person's fate is decided in both worlds, with different ends."""
    return all(fate.decided for fate in fates) and fates[0].end != fates[-1].end


def fates(log: JourneyLog, day: int) -> dict[int, Fate]:
    """Return the fates of all people who have an entry up to a day.

    Args:
        log: journeys in one world.
        day: the day, from 1.

    Returns:
        Fates by number of the person.
    """
    journeys = list(log.journeys.values())  # Another thread may add journeys meanwhile.
    all_fates = ((journey.uid, fate_of(journey, day)) for journey in journeys)
    return {uid: fate for uid, fate in all_fates if fate}


def fate_of(person: Journey, day: int) -> Fate | None:
    """Return the fate of a person up to a day, or None before the first entry."""
    entries = person.until(day)
    if not entries:
        return None
    last, end = entries[-1], _END_OF.get(entries[-1].status, OPEN)
    began = next((entry.day for entry in entries if entry.trips > 0), day)
    counts = (entry.caught for entry in entries)
    new = [n - before for before, n in itertools.pairwise((0, *counts))]
    stopped = [entry for entry, n in zip(entries, new, strict=True) if n > 0]
    us = sum(entry.status in _US_STATUSES for entry in stopped)
    captive = captivities(entries, day)
    return Fate(
        end=end,
        days=max(0, (day if end == OPEN else last.day) - began),
        attempts=last.line_tries,
        stopped_mexico=last.caught - us,
        stopped_us=us,
        trips=last.trips,
        paid=paid_until(person, last),
        owed=last.debt,
        kidnapped=len(captive),
        captive=sum(until - first for first, until in captive),
        unheard=sum(is_unheard(person, entry) for entry in stopped),
    )


def paid_until(person: Journey, entry: Entry) -> int:
    """Return the dollars that a person had paid since the start when an entry was recorded."""
    return max(0, person.savings - entry.wealth + entry.debt)


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
    """Return whether the encounter in an entry leads to a return without a hearing."""
    expelled = entry.consequence == Consequence.EXPULSION and entry.status == Status.HELD_US
    returned = entry.consequence == Consequence.RETURNED_BY_MEXICO
    return expelled or (returned and person.protection > 0)


# ---- order of the followed people on a day, and the menu of their fates
class People:
    """Fates of the followed people on a day, sorted by how much they differ between the worlds.

    Attributes:
        fates: one fate per world, by number of each person who has a journey in all worlds.
        order: numbers of the people, the largest differences first.
    """

    def __init__(self, logs: Sequence[JourneyLog], day: int) -> None:
        """Compute the fates.

        Args:
            logs: journeys of both worlds.
            day: the day, from 1.
        """
        world_fates = [fates(log, day) for log in logs]
        shared = sorted(set.intersection(*map(set, world_fates))) if world_fates else []
        self.fates = {uid: tuple(fates[uid] for fates in world_fates) for uid in shared}
        self.order = sorted(shared, key=lambda uid: _unlikeness(*self.fates[uid]))

    def with_ends(self, ends: Sequence[str]) -> list[int]:
        """Return the people with these ends, one per world, in order. [] selects all people."""
        chosen = list(ends)
        return [uid for uid in self.order if chosen in ([], [f.end for f in self.fates[uid]])]

    def menu(self) -> list[tuple[tuple[str, ...], int]]:
        """Return all combinations of ends with how many people have them, different ends first."""
        counts = Counter(tuple(f.end for f in pair) for pair in self.fates.values())
        return sorted(counts.items(), key=lambda item: (_menu_rank(item[0]), -item[1], item[0]))


def _unlikeness(a: Fate, b: Fate) -> tuple[float, ...]:
    """Return the sort key of a person, which is low for fates that differ.

    Decided fates come first, then different ends, then human costs in only one world, then
    differences in counts.
    """
    return (
        not (a.decided and b.decided),
        a.end == b.end,
        (a.kidnapped > 0) == (b.kidnapped > 0),
        (a.unheard > 0) == (b.unheard > 0),
        -abs(a.stopped_mexico + a.stopped_us - b.stopped_mexico - b.stopped_us),
        -abs(a.trips - b.trips),
        -abs(a.paid - b.paid),
    )


def _menu_rank(ends: Sequence[str]) -> int:
    """Return 0 for ends that are decided and different, 1 for equal ends, 2 for open ends."""
    return 2 if OPEN in ends else int(len(set(ends)) < len(ends))


# ---- events of a journey
#: [A] Events by importance, from 1. Less important events are left out if space is short.
_RANKS = (
    "reaches",
    "goes_on",
    "freed pays_officer moved_south not_admitted",
    "turned_back let_go back",
    "sets_out_again applies waits_home",
    "crosses sets_out",
    "stopped_mexico caught refused_at_port sent_to_wait",
    "through released admitted went_home asylum_mexico gave_up",
    "kidnapped",
    "dead",
)
IMPORTANCE = {kind: rank for rank, kinds in enumerate(_RANKS, 1) for kind in kinds.split()}
_STOPS = ("caught", "refused_at_port", "stopped_mexico")
#: Events that are human costs.
HUMAN = ("dead", "kidnapped")
_FREED = {
    Consequence.TURNED_BACK: "turned_back",
    Consequence.KIDNAPPING: "freed",
    Consequence.WAIT: "not_admitted",
    Consequence.TRANSFER: "moved_south",
}
_STATUS_EVENTS = {
    Status.KIDNAPPED: "kidnapped",
    Status.WAITS_IN_MEXICO: "sent_to_wait",
    Status.APPLIED: "applies",
    Status.DEFERRED: "waits_home",
}
#: Text key of each consequence that is named. Later events show the other consequences.
CONSEQUENCES: dict[int, str] = {
    int(consequence): consequence.name.lower()
    for consequence in (
        *(Consequence.VOLUNTARY_RETURN, Consequence.REMOVAL, Consequence.PROSECUTION),
        *(Consequence.EXPULSION, Consequence.TRANSFER, Consequence.RETURNED_BY_MEXICO),
    )
}

#: Text key of each way of travel.
WAYS = {Mode.SOLO: "alone", Mode.GUIDED: "guided", Mode.PORT: "port"}


class JourneyEvent(NamedTuple):
    """One event of a journey.

    Attributes:
        kind: a key in `IMPORTANCE`.
        place: index of the place, -1 if it is unknown.
        detail: text key for a consequence or a way of travel, or "".
        dollars: dollars that the person pays.
        days: days in captivity or custody, until the next entry.
    """

    kind: str
    place: int
    detail: str = ""
    dollars: int = 0
    days: int = 0


class Moment(NamedTuple):
    """Events of one day, the most important first.

    ``unheard`` says whether an encounter leads to a return without a hearing.
    """

    day: int
    happenings: tuple[JourneyEvent, ...]
    unheard: bool = False

    @property
    def importance(self) -> int:
        """Return the rank of the most important event."""
        return IMPORTANCE[self.happenings[0].kind]

    @property
    def place(self) -> int:
        """Return the index of the most important event's place."""
        return self.happenings[0].place

    @property
    def human(self) -> bool:
        """Return whether any event is a human cost."""
        return self.unheard or any(happening.kind in HUMAN for happening in self.happenings)


def moments(person: Journey, day: int, world: World) -> list[Moment]:
    """Return the events of a journey up to a day.

    Args:
        person: the journey.
        day: last day to include, from 1.
        world: places and legs.

    Returns:
        One moment per entry that has an event.
    """
    entries, events = person.until(day), []
    for k, entry in enumerate(entries):
        old = entries[k - 1] if k else None
        until = entries[k + 1].day if k + 1 < len(entries) else day
        happenings = _happenings(person, old, entry, until - entry.day, world)
        happenings.sort(key=lambda happening: -IMPORTANCE[happening.kind])
        if happenings:
            stopped = any(happening.kind in _STOPS for happening in happenings)
            unheard = stopped and is_unheard(person, entry)
            events.append(Moment(entry.day, tuple(happenings), unheard))
    return events


def common(a: Sequence[Entry], b: Sequence[Entry]) -> int:
    """Return how many entries at the start of two journeys are equal, except for money."""
    same = 0
    for entry_a, entry_b in zip(a, b, strict=False):
        if entry_a._replace(wealth=0, debt=0) != entry_b._replace(wealth=0, debt=0):
            break
        same += 1
    return same


def parting_day(a: Sequence[Entry], b: Sequence[Entry], day: int) -> int:
    """Return the first day on which two journeys differ, or 0 if they are equal up to a day.

    Args:
        a, b: all entries of each journey.
        day: last day to include.

    Returns:
        The day, from 1.
    """
    same = common(a, b)
    days = [entries[same].day for entries in (a, b) if len(entries) > same]
    return min(days) if days and min(days) <= day else 0


def _happenings(
    person: Journey, old: Entry | None, new: Entry, days: int, world: World
) -> list[JourneyEvent]:
    """Return the events that lead from one entry to the next, which lasts `days` days."""
    owned = person.savings if old is None else old.wealth - old.debt
    paid = max(0, owned - new.wealth + new.debt)
    events = _departure(old, new, paid)
    if not events and new.status == Status.TRAVELLING and paid:
        events.append(JourneyEvent("pays_officer", _leg_end(old or new, world), dollars=paid))
    events += _arrival(old, new, world)
    events += _encounters(old, new, days, world)
    if old is None or old.status != new.status:
        events += _new_status(old, new, paid, days, world)
    return events


def _departure(old: Entry | None, new: Entry, paid: int) -> list[JourneyEvent]:
    """Return the departure, if a trip begins."""
    if new.trips <= (old.trips if old else 0):
        return []
    kind = "sets_out" if new.trips == 1 else "sets_out_again"
    return [JourneyEvent(kind, old.place if old else new.place, WAYS[Mode(new.mode)], paid)]


def _arrival(old: Entry | None, new: Entry, world: World) -> list[JourneyEvent]:
    """Return the arrival at another place, or the crossing into the United States."""
    if old is None or old.place == new.place or new.status in (Status.HELD_US, Status.SETTLED):
        return []
    if Status.TRAVELLING not in (old.status, new.status) or new.status == Status.RETURNED:
        return []
    into = world.country[new.place] == "US" != world.country[old.place]
    return [JourneyEvent("crosses" if into else "reaches", new.place)]


def _encounters(old: Entry | None, new: Entry, days: int, world: World) -> list[JourneyEvent]:
    """Return the encounter with officers, if there is one. It happens at the end of the leg."""
    if new.caught == (old.caught if old else 0):
        return []
    if new.status == Status.TRAVELLING:
        return [JourneyEvent("let_go", _leg_end(old or new, world))]
    if new.status not in (Status.HELD_US, Status.HELD_MEXICO):
        return []
    kind = "stopped_mexico"
    if new.status == Status.HELD_US:
        hidden = new.mode == Mode.PORT and new.leg >= 0 and world.is_port[new.leg]
        kind = "refused_at_port" if hidden else "caught"
    detail = CONSEQUENCES.get(new.consequence, "")
    return [JourneyEvent(kind, _leg_end(new, world), detail, days=days)]


def _new_status(
    old: Entry | None, new: Entry, paid: int, days: int, world: World
) -> list[JourneyEvent]:
    """Return the event that a change of status implies, if any."""
    if end := _END_OF.get(new.status):
        at = new.place if end in ("through", "gave_up", "went_home") else _leg_end(new, world)
        return [JourneyEvent(end, at)]
    if new.status == Status.RETURNED:
        return [JourneyEvent(_FREED.get(Consequence(new.consequence), "back"), new.place)]
    if kind := _STATUS_EVENTS.get(Status(new.status)):
        at, days_held = (_leg_end(new, world), days) if kind == "kidnapped" else (new.place, 0)
        return [JourneyEvent(kind, at, "", paid, days_held)]
    goes_on = old and old.status == Status.RETURNED and new.trips == old.trips
    return [JourneyEvent("goes_on", new.place)] if goes_on else []


def _leg_end(entry: Entry, world: World) -> int:
    """Return the place at which the current leg ends, where events on the leg are shown."""
    return int(world.head[entry.leg]) if entry.leg >= 0 else entry.place
