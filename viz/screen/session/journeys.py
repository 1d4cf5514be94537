"""Journeys of sampled people, event by event, chosen by their number alone.

Every world of one seed follows the same people, because a person's number depends only on date and
home; so the same person's journeys can be compared between worlds.
"""

from __future__ import annotations

from array import array
from bisect import bisect_right
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from agents.chance import draw4
from agents.environment import Stream

if TYPE_CHECKING:
    from abm.model import BorderModel

MAX_PEOPLE = 4_000  # people who are followed at most; later ones are left out
_EVERY = 7  # one candidate in seven is followed
_MIXER = np.uint64(0x9E3779B97F4A7C15)  # spreads neighbouring numbers; any odd constant does


class Entry(NamedTuple):
    """One journey entry: the day (from 1) and the person's state at its end.

    ``place``: last place reached; ``leg``: current leg, -1 none; ``org``: slot of the organisation
    that guides the person, -1 none; ``wealth``, ``debt``: $; ``caught``: encounters with officers
    of either country; ``line_tries``: attempts at the line.
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


#: Numbers of an entry in the rows of a journey.
WIDE = len(Entry._fields)
_LEG = Entry._fields.index("leg")
_WATCHED = Entry._fields[1:7]  # columns whose change makes an entry
_LAST_WATCHED = slice(1 - WIDE, 7 - WIDE)  # in the last entry of the rows of a journey
_RECORDED = Entry._fields[1:]
_CONSTANT = ("group", "kind", "weight", "protection")


@dataclass(slots=True)
class Journey:
    """The journey of one person; only ``rows`` changes.

    ``savings``: $ at hand before the first payment, a draw that is the same in every world.
    ``protection``: 1 if a hearing would find that the person needs protection.
    ``rows`` holds all entries' fields one after the other: thirty visitors have tens of
    thousands of journeys, and entry objects would take five times the memory.
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
        """Return the leg of each entry up to a day, -1 for none."""
        return self.rows[_LEG : self._count(day) * WIDE : WIDE].tolist()

    def _count(self, day: int) -> int:
        """Count the entries up to a day."""
        if self.rows and self.rows[-WIDE] <= day:  # as in a run, which shows its newest day
            return len(self.rows) // WIDE
        return bisect_right(self.rows[::WIDE], day)

    def _entry(self, k: int) -> Entry:
        return Entry(*self.rows[k * WIDE : (k + 1) * WIDE])


class JourneyLog:
    """Journeys by person number."""

    def __init__(self) -> None:
        self.journeys: dict[int, Journey] = {}
        self._before = np.zeros(0, np.int64), np.zeros((0, len(_WATCHED)), np.int64)

    def __len__(self) -> int:
        """Return how many people are followed."""
        return len(self.journeys)

    def update(self, model: BorderModel, day: int) -> None:
        """Record the followed people whose state has changed.

        Args:
            model: the model after the day.
            day: the day, from 1.
        """
        live = model.migrants.live
        mixed = live["uid"].astype(np.uint64) * _MIXER >> np.uint64(40)
        followed = np.flatnonzero((live["cohort"] == 1) & (mixed % np.uint64(_EVERY) == 0))
        rows = self._changed(live, followed)
        uids = rows["uid"].tolist()
        self._add(model, rows, [k for k, uid in enumerate(uids) if uid not in self.journeys])
        table = [rows[name].tolist() for name in _RECORDED]
        for uid, *state in zip(uids, *table, strict=True):
            if (journey := self.journeys.get(uid)) is None:  # the log was full
                continue
            if journey.rows[_LAST_WATCHED].tolist() != state[: len(_WATCHED)]:
                journey.rows.extend((day, *state))

    def _add(self, model: BorderModel, rows: np.ndarray, new: list[int]) -> None:
        """Follow the people of some rows, as many as there is room for."""
        rows = rows[new[: MAX_PEOPLE - len(self.journeys)]]
        if not rows.size:
            return
        table = [rows[name].tolist() for name in ("uid", "origin", *_CONSTANT)]
        for uid, home, group, kind, weight, protection, savings in zip(
            *table, _savings(model, rows), strict=True
        ):
            place = int(model.network.homes.place[home])
            self.journeys[uid] = Journey(uid, place, group, kind, weight, savings, protection)

    def _changed(self, live: np.ndarray, followed: np.ndarray) -> np.ndarray:
        """Return rows for people who are new or differ from the previous day.

        Args:
            live: all rows.
            followed: row numbers for people who are followed.

        Returns:
            The rows, ordered by person number.
        """
        rows = live[followed[np.argsort(live["uid"][followed])]]
        uids, watched = rows["uid"], np.stack([rows[name] for name in _WATCHED], axis=1)
        old, before = self._before
        self._before = uids.copy(), watched
        if not old.size:
            return rows
        at = np.minimum(np.searchsorted(old, uids), old.size - 1)
        return rows[(old[at] != uids) | (before[at] != watched).any(axis=1)]


def _savings(model: BorderModel, rows: np.ndarray) -> list[int]:
    """Return what people had before their first payment, $, as the model draws it.

    The first entry is written after the fee of the first day, so it does not hold the savings.
    """
    params = model.kernel_params[0]
    draws = [draw4(model.seed, int(Stream.TRAITS), uid, 0)[:2] for uid in rows["uid"].tolist()]
    u, v = np.array(draws, float).T.copy()
    normal = np.sqrt(-2.0 * np.log(u)) * np.cos(2.0 * np.pi * v)
    median = params["wealth_median"][rows["group"]]
    return np.minimum(median * np.exp(params["wealth_log_sd"] * normal), 1e6).astype(int).tolist()
