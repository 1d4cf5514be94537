"""Events of a journey, read from its recorded entries, and the entry at which two journeys part."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from agents.outcomes import Consequence, Mode, Status
from viz.screen.session.fates import ENDS, is_unheard
from viz.screen.session.journeys import Entry, Journey

if TYPE_CHECKING:
    from abm.world.routes import World

#: [A] importance of events; where space is short, the less important ones are left out.
IMPORTANCE = {
    "dead": 10,
    "kidnapped": 9,
    "through": 8,
    "released": 8,
    "admitted": 8,
    "went_home": 8,
    "asylum_mexico": 8,
    "gave_up": 8,
    "stopped_mexico": 7,
    "caught": 7,
    "refused_at_port": 7,
    "sent_to_wait": 7,
    "crosses": 6,
    "sets_out": 6,
    "sets_out_again": 5,
    "applies": 5,
    "waits_home": 5,
    "turned_back": 4,
    "let_go": 4,
    "back": 4,
    "freed": 3,
    "pays_officer": 3,
    "moved_south": 3,
    "not_admitted": 3,
    "goes_on": 2,
    "reaches": 1,
}
_STOPS = ("caught", "refused_at_port", "stopped_mexico")
#: Events that are human costs.
HUMAN = ("dead", "kidnapped")
_END_OF = {int(status): end for end, own in ENDS.items() for status in own}
_FREED = {
    Consequence.TURNED_BACK: "turned_back",
    Consequence.KIDNAPPING: "freed",
    Consequence.WAIT: "not_admitted",
    Consequence.TRANSFER: "moved_south",
}
#: Consequences by the key of their words; the others are shown by what follows.
CONSEQUENCES: dict[int, str] = {
    Consequence.VOLUNTARY_RETURN: "voluntary_return",
    Consequence.REMOVAL: "removal",
    Consequence.PROSECUTION: "prosecution",
    Consequence.EXPULSION: "expulsion",
    Consequence.TRANSFER: "transfer",
    Consequence.RETURNED_BY_MEXICO: "returned_by_mexico",
}


class Happening(NamedTuple):
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
    happenings: tuple[Happening, ...]
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
        until = entries[k + 1].day if k + 1 < len(entries) else day
        happenings = _happenings(
            person, entries[k - 1] if k else None, entry, until - entry.day, world
        )
        happenings.sort(key=lambda one: -IMPORTANCE[one.kind])
        if happenings:
            stopped = any(one.kind in _STOPS for one in happenings)
            events.append(
                Moment(entry.day, tuple(happenings), stopped and is_unheard(person, entry))
            )
    return events


def common(a: Sequence[Entry], b: Sequence[Entry]) -> int:
    """Return how many first entries are the same in two journeys, except for money."""
    same = 0
    for one, other in zip(a, b, strict=False):
        if one._replace(wealth=0, debt=0) != other._replace(wealth=0, debt=0):
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
    days = [own[same].day for own in (a, b) if len(own) > same]
    return min(days) if days and min(days) <= day else 0


def _happenings(
    person: Journey, old: Entry | None, new: Entry, days: int, world: World
) -> list[Happening]:
    """Return what happened between two entries, the second of which lasts a number of days."""
    owned = person.savings if old is None else old.wealth - old.debt
    paid = max(0, owned - new.wealth + new.debt)
    events = _departure(old, new, paid)
    if not events and new.status == Status.TRAVELLING and paid:
        events.append(Happening("pays_officer", _ahead(old or new, world), dollars=paid))
    events += _arrival(old, new, world)
    events += _encounters(old, new, days, world)
    if old is None or old.status != new.status:
        events += _new_status(old, new, paid, days, world)
    return events


def _departure(old: Entry | None, new: Entry, paid: int) -> list[Happening]:
    """Return the start of a trip."""
    if new.trips <= (old.trips if old else 0):
        return []
    kind = "sets_out" if new.trips == 1 else "sets_out_again"
    detail = {Mode.SOLO: "alone", Mode.GUIDED: "guided", Mode.PORT: "port"}[Mode(new.mode)]
    return [Happening(kind, old.place if old else new.place, detail, paid)]


def _arrival(old: Entry | None, new: Entry, world: World) -> list[Happening]:
    """Return the arrival at a place on the way, or past the line."""
    if old is None or old.place == new.place or new.status in (Status.HELD_US, Status.SETTLED):
        return []
    if Status.TRAVELLING not in (old.status, new.status) or new.status == Status.RETURNED:
        return []
    into = world.country[new.place] == "US" != world.country[old.place]
    return [Happening("crosses" if into else "reaches", new.place)]


def _encounters(old: Entry | None, new: Entry, days: int, world: World) -> list[Happening]:
    """Return the encounters with officers; they happen at the end of the leg."""
    stops, at = new.caught - (old.caught if old else 0), _ahead(new, world)
    events = []
    if stops and new.status == Status.HELD_US:
        hidden = new.mode == Mode.PORT and new.leg >= 0 and world.is_port[new.leg]
        kind = "refused_at_port" if hidden else "caught"
        events.append(Happening(kind, at, CONSEQUENCES.get(new.consequence, ""), days=days))
    elif stops and new.status == Status.HELD_MEXICO:
        detail = CONSEQUENCES.get(new.consequence, "")
        events.append(Happening("stopped_mexico", at, detail, days=days))
    elif stops and new.status == Status.TRAVELLING:
        events.append(Happening("let_go", _ahead(old or new, world)))
    return events


def _new_status(
    old: Entry | None, new: Entry, paid: int, days: int, world: World
) -> list[Happening]:
    """Return the events that a new status shows."""
    end = _END_OF.get(new.status, "")
    if end:
        at = new.place if end in ("through", "gave_up", "went_home") else _ahead(new, world)
        return [Happening(end, at)]
    if new.status == Status.KIDNAPPED:
        return [Happening("kidnapped", _ahead(new, world), "", paid, days)]
    if new.status == Status.RETURNED:
        return [Happening(_FREED.get(Consequence(new.consequence), "back"), new.place)]
    plain = {
        Status.WAITS_IN_MEXICO: "sent_to_wait",
        Status.APPLIED: "applies",
        Status.DEFERRED: "waits_home",
    }
    if kind := plain.get(Status(new.status)):
        return [Happening(kind, new.place, dollars=paid)]
    goes_on = old and old.status == Status.RETURNED and new.trips == old.trips
    return [Happening("goes_on", new.place)] if goes_on else []


def _ahead(entry: Entry, world: World) -> int:
    """Return the place where the leg under way ends, where its events happen."""
    return int(world.head[entry.leg]) if entry.leg >= 0 else entry.place
