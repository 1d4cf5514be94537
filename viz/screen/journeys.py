"""The journeys of some people, event by event: who is followed is decided by their number alone.

The same people are followed in every world of one seed, because a person's number is a function of
date and home and of nothing else; so one journey can be set beside the other.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

from agents.outcomes import Status

if TYPE_CHECKING:
    from abm.model import BorderModel

#: People who are followed at most; later ones are left out.
MOST = 4_000
#: One in so many of those who come up is followed.
EVERY = 7
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # spreads neighbouring numbers; any odd constant does
_WATCHED = ("status", "place", "leg", "org", "consequence", "trips")
_KEPT = (*_WATCHED, "mode", "wealth", "debt", "caught", "origin", "group", "kind", "weight")
_CHANGES, _ENTERED = slice(len(_WATCHED)), slice(_KEPT.index("origin"))  # of these: see `Entry`


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a journey: the day (from 1) and how the person stood that evening.

    ``place``: last place reached; ``leg``: the leg on which they are, -1 none; ``org``: slot of the
    organisation that guides them, -1 none; ``wealth``, ``debt``: $.
    """

    day: int
    status: int
    place: int
    leg: int
    org: int
    consequence: int
    trips: int
    mode: int
    wealth: int
    debt: int
    caught: int


_FIELDS = tuple(field.name for field in fields(Entry))
_WIDE, _LEG = len(_FIELDS), _FIELDS.index("leg")


@dataclass(slots=True)
class Journey:
    """One person's: home, group and kind never change.

    ``rows``: all entries, number after number; thirty visitors follow tens of thousands of people,
    and as objects their entries would take five times the memory.
    """

    uid: int
    origin: int
    group: int
    kind: int
    weight: int
    rows: array[int] = field(default_factory=lambda: array("i"))

    @property
    def entries(self) -> list[Entry]:
        """What happened."""
        return [self._entry(k) for k in range(len(self.rows) // _WIDE)]

    def add(self, entry: Sequence[int]) -> None:
        """Write one more entry down: its fields in order."""
        self.rows.extend(entry)

    def until(self, day: int) -> list[Entry]:
        """What had happened by the evening of a day."""
        return [self._entry(k) for k in range(self._known(day))]

    def at(self, day: int) -> Entry | None:
        """How the person stood on the evening of a day; None before they came up."""
        known = self._known(day)
        return self._entry(known - 1) if known else None

    def legs(self, day: int) -> list[int]:
        """The leg on which the person was at each entry until the evening of a day, -1 none."""
        return self.rows[_LEG : self._known(day) * _WIDE : _WIDE].tolist()

    def _known(self, day: int) -> int:
        """How many entries there were by the evening of a day."""
        return bisect_right(self.rows[::_WIDE], day)

    def _entry(self, k: int) -> Entry:
        return Entry(*self.rows[k * _WIDE : (k + 1) * _WIDE])


class JourneyLog:
    """Journeys by number of the person."""

    def __init__(self) -> None:
        """Nobody yet."""
        self.journeys: dict[int, Journey] = {}
        self._before = np.zeros(0, np.int64), np.zeros((0, len(_WATCHED)), np.int64)

    def __len__(self) -> int:
        """How many people."""
        return len(self.journeys)

    def update(self, model: BorderModel, day: int) -> None:
        """Look at everybody who is followed, after a day; write down who has changed."""
        rows = model.migrants.live
        recorded = self._changed(rows[(rows["cohort"] == 1) & is_followed(rows["uid"])])
        table = [recorded[name].tolist() for name in _KEPT]
        for uid, *values in zip(recorded["uid"].tolist(), *table, strict=True):
            journey = self.journeys.get(uid)
            if journey is None:
                if len(self.journeys) >= MOST:
                    continue
                journey = self.journeys[uid] = _new(uid, values, model)
            if journey.rows[1 - _WIDE : len(_WATCHED) + 1 - _WIDE].tolist() != values[_CHANGES]:
                journey.add((day, *values[_ENTERED]))

    def _changed(self, rows: np.ndarray) -> np.ndarray:
        """Rows of those who are new or not as they were the last time."""
        rows = rows[np.argsort(rows["uid"])]
        uids, watched = rows["uid"], np.stack([rows[name] for name in _WATCHED], axis=1)
        old, before = self._before
        self._before = uids.copy(), watched
        if not old.size:
            return rows
        at = np.minimum(np.searchsorted(old, uids), old.size - 1)
        return rows[(old[at] != uids) | (before[at] != watched).any(axis=1)]

    def ends(self, day: int) -> dict[tuple[int, int], int]:
        """Persons by origin and status on the evening of a day, of those who are followed."""
        found: dict[tuple[int, int], int] = {}
        for journey in list(self.journeys.values()):  # who looks on may do so while days pass
            entry = journey.at(day)
            if entry is not None:
                key = (journey.origin, entry.status)
                found[key] = found.get(key, 0) + journey.weight
        return found


def is_followed(uids: np.ndarray) -> np.ndarray:
    """Who of these is followed."""
    mixed = uids.astype(np.uint64) * _MIXER >> np.uint64(40)
    return mixed % np.uint64(EVERY) == 0


def _new(uid: int, values: list[int], model: BorderModel) -> Journey:
    """The journey of a person who has just come up."""
    told = dict(zip(_KEPT, values, strict=True))
    place = int(model.network.homes.place[told["origin"]])
    return Journey(uid, place, told["group"], told["kind"], told["weight"])


def shared_people(diaries: Sequence[JourneyLog]) -> list[int]:
    """Numbers of people who have a journey in every world.

    Those whose journeys differ come first; in one world, those to whom most has happened.
    """
    numbers = set.intersection(*(set(journey_log.journeys) for journey_log in diaries))
    return sorted(numbers, key=lambda uid: (_dull(diaries, uid), uid))


def _dull(diaries: Sequence[JourneyLog], uid: int) -> int:
    """How little there is to tell of a person."""
    told = [journey_log.journeys[uid].entries for journey_log in diaries]
    return -len(told[0]) if len(told) == 1 else int(all(one == told[0] for one in told))


def through(status: int) -> bool:
    """Whether a journey is over."""
    return Status(status) in (
        Status.SETTLED,
        Status.RELEASED,
        Status.GAVE_UP,
        Status.DEAD,
        Status.ADMITTED,
        Status.REFUSED,
        Status.WENT_HOME,
        Status.ASYLUM_MEXICO,
    )
