"""Journeys of a sample of people, event by event, chosen by their number alone.

Every world of one seed follows the same people, because a person's number depends only on date and
home; so the same person's journeys can be compared between worlds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from abm.model import BorderModel

_MOST = 4_000  # people who are followed at most; later ones are left out
_EVERY = 7  # one candidate in seven is followed
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # spreads neighbouring numbers; any odd constant does
_WATCHED = ("status", "place", "leg", "org", "consequence", "trips")
_RECORDED = (*_WATCHED, "mode", "wealth", "debt", "caught", "origin", "group", "kind", "weight")
#: Columns of `_RECORDED` whose change makes an entry, and those that an entry holds.
_CHANGES, _ENTERED = slice(len(_WATCHED)), slice(_RECORDED.index("origin"))


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of a journey: the day (from 1) and the person's state at its end.

    ``place``: last place reached; ``leg``: current leg, -1 none; ``org``: slot of the organisation
    that guides the person, -1 none; ``wealth``, ``debt``: $.
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
    """The journey of one person; home, group and kind never change.

    ``rows`` holds the fields of all entries one after the other: thirty visitors have tens of
    thousands of journeys, and entry objects would take five times the memory.
    """

    uid: int
    origin: int
    group: int
    kind: int
    weight: int
    rows: array[int] = field(default_factory=lambda: array("i"))

    @property
    def entries(self) -> list[Entry]:
        """Return all entries."""
        return [self._entry(k) for k in range(len(self.rows) // _WIDE)]

    def add(self, entry: Sequence[int]) -> None:
        """Append an entry, given as its fields in order."""
        self.rows.extend(entry)

    def until(self, day: int) -> list[Entry]:
        """Return the entries up to a day."""
        return [self._entry(k) for k in range(self._count(day))]

    def at(self, day: int) -> Entry | None:
        """Return the person's state at the end of a day; None before the first entry."""
        count = self._count(day)
        return self._entry(count - 1) if count else None

    def legs(self, day: int) -> list[int]:
        """Return the leg of each entry up to a day, -1 for none."""
        return self.rows[_LEG : self._count(day) * _WIDE : _WIDE].tolist()

    def _count(self, day: int) -> int:
        """Count the entries up to a day."""
        return bisect_right(self.rows[::_WIDE], day)

    def _entry(self, k: int) -> Entry:
        return Entry(*self.rows[k * _WIDE : (k + 1) * _WIDE])


class JourneyLog:
    """Journeys by the number of the person."""

    def __init__(self) -> None:
        self.journeys: dict[int, Journey] = {}
        self._before = np.zeros(0, np.int64), np.zeros((0, len(_WATCHED)), np.int64)

    def __len__(self) -> int:
        """Return the number of people."""
        return len(self.journeys)

    def update(self, model: BorderModel, day: int) -> None:
        """Record the followed people whose state has changed.

        Args:
            model: the model after the day.
            day: the day, from 1.
        """
        rows = model.migrants.live
        rows = self._changed(rows[(rows["cohort"] == 1) & is_followed(rows["uid"])])
        table = [rows[name].tolist() for name in _RECORDED]
        for uid, *values in zip(rows["uid"].tolist(), *table, strict=True):
            journey = self.journeys.get(uid)
            if journey is None:
                if len(self.journeys) >= _MOST:
                    continue
                journey = self.journeys[uid] = _new_journey(uid, values, model)
            if journey.rows[1 - _WIDE : len(_WATCHED) + 1 - _WIDE].tolist() != values[_CHANGES]:
                journey.add((day, *values[_ENTERED]))

    def _changed(self, rows: np.ndarray) -> np.ndarray:
        """Return the rows of people who are new or differ from the previous day."""
        rows = rows[np.argsort(rows["uid"])]
        uids, watched = rows["uid"], np.stack([rows[name] for name in _WATCHED], axis=1)
        old, before = self._before
        self._before = uids.copy(), watched
        if not old.size:
            return rows
        at = np.minimum(np.searchsorted(old, uids), old.size - 1)
        return rows[(old[at] != uids) | (before[at] != watched).any(axis=1)]

    def status_counts(self, day: int) -> dict[tuple[int, int], int]:
        """Count the followed persons by origin and status at the end of a day."""
        counts: dict[tuple[int, int], int] = {}
        for journey in list(self.journeys.values()):  # another thread may add journeys meanwhile
            entry = journey.at(day)
            if entry is not None:
                key = (journey.origin, entry.status)
                counts[key] = counts.get(key, 0) + journey.weight
        return counts


def is_followed(uids: np.ndarray) -> np.ndarray:
    """Return a mask of the people who are followed."""
    mixed = uids.astype(np.uint64) * _MIXER >> np.uint64(40)
    return mixed % np.uint64(_EVERY) == 0


def _new_journey(uid: int, values: list[int], model: BorderModel) -> Journey:
    """Start the journey of a new candidate."""
    row = dict(zip(_RECORDED, values, strict=True))
    place = int(model.network.homes.place[row["origin"]])
    return Journey(uid, place, row["group"], row["kind"], row["weight"])


def shared_people(logs: Sequence[JourneyLog]) -> list[int]:
    """Return the numbers of people with a journey in every world.

    Those whose journeys differ come first; with one world, those with most entries.
    """
    numbers = set.intersection(*(set(log.journeys) for log in logs))
    return sorted(numbers, key=lambda uid: (_rank(logs, uid), uid))


def _rank(logs: Sequence[JourneyLog], uid: int) -> int:
    """Return the sort key of a person: lower where journeys differ or have more entries."""
    entries = [log.journeys[uid].entries for log in logs]
    if len(entries) == 1:
        return -len(entries[0])
    return int(all(one == entries[0] for one in entries))
