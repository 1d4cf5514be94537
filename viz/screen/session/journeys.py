"""Journeys of sampled people. A state is recorded whenever it changes.

The sample depends only on the numbers of the people. A person's number depends only on date and
home, so that all worlds with one seed follow the same people and their journeys can be compared.
"""

from __future__ import annotations

import math
from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.chance import draw4, normal
from agents.environment import Stream
from agents.migrants.columns import PERSON

if TYPE_CHECKING:
    from abm.model import BorderModel

MAX_PEOPLE = 4_000  # maximum number of followed people
_EVERY = 7  # One candidate in seven is followed.
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # odd constant that spreads neighbouring numbers


class Entry(NamedTuple):
    """State of a person at the end of a day.

    Attributes:
        day: the day, from 1.
        status, consequence, trips, mode: as in the model.
        place: index of the last place that the person reached.
        leg: index of the current leg, or -1 if the person is not on a leg.
        org: slot of the organisation that guides the person, or -1 if no guide exists.
        wealth, debt: dollars.
        caught: encounters with officers of either country.
        line_tries: attempts to cross the line.
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
    line_tries: int = 0


#: Number of integers per entry in the rows of a journey.
WIDE = len(Entry._fields)
_LEG = Entry._fields.index("leg")
_WATCHED = 6  # number of fields, from status to trips, whose changes create an entry
_LAST_WATCHED = slice(1 - WIDE, 1 - WIDE + _WATCHED)  # these fields in the last entry
_RECORDED = ["uid", *Entry._fields[1:]]
_BYTES = f"V{PERSON.itemsize}"  # Rows are compared as bytes, which is faster than by column.
_CONSTANT = ["origin", "group", "kind", "weight", "protection"]


@dataclass(slots=True)
class Journey:
    """Journey of one person.

    Attributes:
        uid: number of the person.
        origin: index of the home.
        group, kind, weight: as in the model.
        savings: dollars before the first payment, the same in every world.
        protection: 1 if a hearing would find that the person needs protection.
        rows: fields of all entries in a flat array, the only attribute that changes. Thirty
            visitors have tens of thousands of journeys, and objects would need five times the
            memory.
    """

    uid: int
    origin: int
    group: int
    kind: int
    weight: int
    savings: int = 0
    protection: int = 0
    rows: array[int] = field(default_factory=lambda: array("i"))

    @property
    def entries(self) -> list[Entry]:
        """Return all entries."""
        return [self._entry(k) for k in range(len(self.rows) // WIDE)]

    def until(self, day: int) -> list[Entry]:
        """Return the entries up to a day."""
        return [self._entry(k) for k in range(self._count(day))]

    def legs(self, day: int) -> list[int]:
        """Return the leg of each entry up to a day, -1 in an entry without a leg."""
        return self.rows[_LEG : self._count(day) * WIDE : WIDE].tolist()

    def _count(self, day: int) -> int:
        """Count the entries up to a day."""
        if self.rows and self.rows[-WIDE] <= day:  # A run usually shows its newest day.
            return len(self.rows) // WIDE
        return bisect_right(self.rows[::WIDE], day)

    def _entry(self, k: int) -> Entry:
        return Entry(*self.rows[k * WIDE : (k + 1) * WIDE])


class JourneyLog:
    """Journeys of the followed people by number."""

    def __init__(self) -> None:
        self.journeys: dict[int, Journey] = {}
        self._count, self._last_uid = 0, 0  # number of rows, and last row's uid, a day before
        self._at = np.zeros(0, np.int64)  # positions of the followed rows
        self._before = np.zeros(0, _BYTES)  # followed rows a day before

    def __len__(self) -> int:
        """Return the number of followed people."""
        return len(self.journeys)

    def update(self, model: BorderModel, day: int) -> None:
        """Add an entry for each followed person whose state has changed.

        Args:
            model: model at the end of the day.
            day: the day, from 1.
        """
        rows = self._changed(model.migrants.live)
        states, traits = rows[_RECORDED].tolist(), rows[_CONSTANT].tolist()
        for (uid, *state), constant in sorted(zip(states, traits, strict=True)):
            if (journey := self.journeys.get(uid)) is None:
                if len(self.journeys) >= MAX_PEOPLE:
                    continue
                journey = self.journeys[uid] = _journey(model, uid, *constant)
            if journey.rows[_LAST_WATCHED].tolist() != state[:_WATCHED]:
                journey.rows.extend((day, *state))

    def _changed(self, live: np.ndarray) -> np.ndarray:
        """Return the followed rows that are new or that differ from the day before.

        The table appends new rows. When it drops rows, the last row of the day before changes its
        position, and all followed rows are returned.

        Args:
            live: all rows of the table.
        """
        uids, count = live["uid"], self._count
        if count and (count > uids.size or uids[count - 1] != self._last_uid):
            count, self._at, self._before = 0, self._at[:0], self._before[:0]
        self._at = np.concatenate([self._at, count + _followed(live[count:])])
        rows, before = live[self._at], self._before
        self._before = rows.view(_BYTES)
        self._count, self._last_uid = uids.size, int(uids[-1]) if uids.size else 0
        is_changed = np.ones(rows.size, bool)
        is_changed[: before.size] = self._before[: before.size] != before
        return rows[is_changed]


def _followed(rows: np.ndarray) -> np.ndarray:
    """Return the positions of the followed people, who become candidates after the warm-up."""
    mixed = rows["uid"].astype(np.uint64) * _MIXER >> np.uint64(40)
    return np.flatnonzero((rows["cohort"] == 1) & (mixed % np.uint64(_EVERY) == 0))


def _journey(
    model: BorderModel, uid: int, home: int, group: int, kind: int, weight: int, protection: int
) -> Journey:
    """Create a person's journey, and repeat the model's draw for the savings.

    The first entry cannot provide the savings, because it is written after the first payment.
    """
    params, place = model.kernel_params[0], int(model.network.homes.place[home])
    u, v = draw4(model.seed, int(Stream.TRAITS), uid, 0)[:2]
    wealth = params["wealth_median"][group] * math.exp(params["wealth_log_sd"] * normal(u, v))
    return Journey(uid, place, group, kind, weight, int(min(wealth, 1e6)), protection)
