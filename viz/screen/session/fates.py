"""The recorded entries of a journey as events on the way, and as the fate on a day.

`People` offers the followed people, the most unlike fates in two worlds first.
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

#: Final statuses by the key of their end. People with another status are still under way.
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
_END_OF = {int(status): end for end, statuses in ENDS.items() for status in statuses}
_US_STATUSES = [Status.HELD_US, Status.RELEASED, Status.WAITS_IN_MEXICO]


class Fate(NamedTuple):
    """The fate of a person up to a day.

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
    """Return the dollars that a person paid since the start, when an entry was recorded."""
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
    """Return whether the encounter of an entry ends in a return without a hearing."""
    expelled = entry.consequence == Consequence.EXPULSION and entry.status == Status.HELD_US
    returned = entry.consequence == Consequence.RETURNED_BY_MEXICO
    return expelled or (returned and person.protection > 0)


# ---- the followed people of a day: their order, and the menu of fates
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
        shared = sorted(set.intersection(*map(set, world_fates))) if world_fates else []
        self.fates = {uid: tuple(fates[uid] for fates in world_fates) for uid in shared}
        self.order = sorted(shared, key=lambda uid: _unlikeness(*self.fates[uid]))

    def with_ends(self, ends: Sequence[str]) -> list[int]:
        """Return the people with these ends, one for each world, any if empty, in their order."""
        chosen = list(ends)
        return [uid for uid in self.order if chosen in ([], [f.end for f in self.fates[uid]])]

    def menu(self) -> list[tuple[tuple[str, ...], int]]:
        """Return all ends with their numbers of people: different first, then the most frequent."""
        counts = Counter(tuple(f.end for f in pair) for pair in self.fates.values())
        return sorted(counts.items(), key=lambda item: (_menu_rank(item[0]), -item[1], item[0]))


def _unlikeness(a: Fate, b: Fate) -> tuple[float, ...]:
    """Return the sort key of a person, low for unlike fates.

    Decided fates come first, then unlike ends, human costs in one world only, and counts.
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
    """Return where a pair of ends is sorted: decided and different, decided, undecided."""
    return 2 if OPEN in ends else int(len(set(ends)) < len(ends))


# ---- the events of a journey
#: [A] events by importance, from 1; where space is short, the less important ones are left out.
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
#: Consequences by the key of their words; the others are shown by what follows.
CONSEQUENCES: dict[int, str] = {
    int(consequence): consequence.name.lower()
    for consequence in (
        *(Consequence.VOLUNTARY_RETURN, Consequence.REMOVAL, Consequence.PROSECUTION),
        *(Consequence.EXPULSION, Consequence.TRANSFER, Consequence.RETURNED_BY_MEXICO),
    )
}

#: Ways of travel by the key of their words.
WAYS = {Mode.SOLO: "alone", Mode.GUIDED: "guided", Mode.PORT: "port"}


class JourneyEvent(NamedTuple):
    """One event.

    Attributes:
        kind: a key of `IMPORTANCE`.
        place: index of the place where it happens, -1 if unknown.
        detail: a key for a consequence or a way of travel, or "" for none.
        dollars: $ paid in it.
        days: days until the next entry, for captivity and custody.
    """

    kind: str
    place: int
    detail: str = ""
    dollars: int = 0
    days: int = 0


class Moment(NamedTuple):
    """The events of one day, the most important first; ``unheard``: includes such a return."""

    day: int
    happenings: tuple[JourneyEvent, ...]
    unheard: bool = False

    @property
    def importance(self) -> int:
        """Return how important the most important event is."""
        return IMPORTANCE[self.happenings[0].kind]

    @property
    def place(self) -> int:
        """Return where the most important event happens."""
        return self.happenings[0].place

    @property
    def human(self) -> bool:
        """Return whether an event is a human cost."""
        return self.unheard or any(happening.kind in HUMAN for happening in self.happenings)


def moments(person: Journey, day: int, world: World) -> list[Moment]:
    """Return the days of a journey on which something is recorded, up to a day.

    Args:
        person: the journey.
        day: the day, from 1.
        world: places and legs.

    Returns:
        One moment for each entry with an event.
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
    """Return how many first entries are the same in two journeys, except for money."""
    same = 0
    for entry_a, entry_b in zip(a, b, strict=False):
        if entry_a._replace(wealth=0, debt=0) != entry_b._replace(wealth=0, debt=0):
            break
        same += 1
    return same


def parting_day(a: Sequence[Entry], b: Sequence[Entry], day: int) -> int:
    """Return the first day on which two journeys differ, 0 if they are the same up to a day.

    Args:
        a, b: all entries of each journey.
        day: the day shown.

    Returns:
        The day, from 1.
    """
    same = common(a, b)
    days = [entries[same].day for entries in (a, b) if len(entries) > same]
    return min(days) if days and min(days) <= day else 0


def _happenings(
    person: Journey, old: Entry | None, new: Entry, days: int, world: World
) -> list[JourneyEvent]:
    """Return the events between two entries, the second of which lasts a number of days."""
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
    """Return the start of a trip."""
    if new.trips <= (old.trips if old else 0):
        return []
    kind = "sets_out" if new.trips == 1 else "sets_out_again"
    return [JourneyEvent(kind, old.place if old else new.place, WAYS[Mode(new.mode)], paid)]


def _arrival(old: Entry | None, new: Entry, world: World) -> list[JourneyEvent]:
    """Return the arrival at a place on the way, or past the line."""
    if old is None or old.place == new.place or new.status in (Status.HELD_US, Status.SETTLED):
        return []
    if Status.TRAVELLING not in (old.status, new.status) or new.status == Status.RETURNED:
        return []
    into = world.country[new.place] == "US" != world.country[old.place]
    return [JourneyEvent("crosses" if into else "reaches", new.place)]


def _encounters(old: Entry | None, new: Entry, days: int, world: World) -> list[JourneyEvent]:
    """Return the encounters with officers; they happen at the end of the leg."""
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
    """Return the events that a new status shows."""
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
    """Return the place where the leg under way ends, where its events happen."""
    return int(world.head[entry.leg]) if entry.leg >= 0 else entry.place
