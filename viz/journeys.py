"""The journeys of some people, event by event: who is followed is decided by their number alone.

The same people are followed in every world of one seed, because a person's number is a function of
date and home and of nothing else; so one journey can be set beside the other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

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


@dataclass
class Journey:
    """One person's: home, group and kind never change."""

    uid: int
    origin: int
    group: int
    kind: int
    weight: int
    entries: list[Entry] = field(default_factory=list)

    def until(self, day: int) -> list[Entry]:
        """What had happened by the evening of a day."""
        return [entry for entry in self.entries if entry.day <= day]

    def at(self, day: int) -> Entry | None:
        """How the person stood on the evening of a day; None before they came up."""
        before = self.until(day)
        return before[-1] if before else None

    @property
    def legs(self) -> list[int]:
        """Legs travelled, in order."""
        legs = [entry.leg for entry in self.entries]
        return [leg for k, leg in enumerate(legs) if leg >= 0 and (k == 0 or legs[k - 1] != leg)]


class Diary:
    """Journeys by number of the person."""

    def __init__(self) -> None:
        """Nobody yet."""
        self.journeys: dict[int, Journey] = {}
        self._last: dict[int, tuple[int, ...]] = {}

    def __len__(self) -> int:
        """How many people."""
        return len(self.journeys)

    def note(self, model: BorderModel, day: int) -> None:
        """Look at everybody who is followed, after a day; write down who has changed."""
        rows = model.migrants.live
        recorded = rows[(rows["cohort"] == 1) & chosen(rows["uid"])]
        table = [recorded[name].tolist() for name in _KEPT]
        for uid, *values in zip(recorded["uid"].tolist(), *table, strict=True):
            watched = tuple(values[: len(_WATCHED)])
            if self._last.get(uid) != watched and self._known(uid, values, model):
                self._last[uid] = watched
                self.journeys[uid].entries.append(_entry(day, values))

    def _known(self, uid: int, values: list[int], model: BorderModel) -> bool:
        """Make a person's journey if there is room; say whether there is one."""
        if uid not in self.journeys and len(self.journeys) < MOST:
            told = dict(zip(_KEPT, values, strict=True))
            place = int(model.homes.place[told["origin"]])
            self.journeys[uid] = Journey(uid, place, told["group"], told["kind"], told["weight"])
        return uid in self.journeys

    def ends(self, day: int) -> dict[tuple[int, int], int]:
        """Persons by origin and status on the evening of a day, of those who are followed."""
        found: dict[tuple[int, int], int] = {}
        for journey in self.journeys.values():
            entry = journey.at(day)
            if entry is not None:
                key = (journey.origin, entry.status)
                found[key] = found.get(key, 0) + journey.weight
        return found


def chosen(uids: np.ndarray) -> np.ndarray:
    """Who of these is followed."""
    mixed = uids.astype(np.uint64) * _MIXER >> np.uint64(40)
    return mixed % np.uint64(EVERY) == 0


def _entry(day: int, values: Iterable[int]) -> Entry:
    """The line of a day."""
    told: dict[str, Any] = dict(zip(_KEPT, values, strict=True))
    names = ("status", "place", "leg", "org", "consequence", "trips", "mode", "wealth", "debt",
             "caught")  # fmt: skip
    return Entry(day, *(told[name] for name in names))


def shared(diaries: Sequence[Diary]) -> list[int]:
    """Numbers of people who have a journey in every world.

    Those whose journeys differ come first; in one world, those to whom most has happened.
    """
    numbers = set.intersection(*(set(diary.journeys) for diary in diaries))
    return sorted(numbers, key=lambda uid: (_dull(diaries, uid), uid))


def _dull(diaries: Sequence[Diary], uid: int) -> int:
    """How little there is to tell of a person."""
    told = [diary.journeys[uid].entries for diary in diaries]
    return -len(told[0]) if len(told) == 1 else int(all(one == told[0] for one in told))


def through(status: int) -> bool:
    """Whether a journey is over."""
    return Status(status) in (
        Status.SETTLED, Status.RELEASED, Status.GAVE_UP, Status.DEAD, Status.ADMITTED,
        Status.REFUSED, Status.WENT_HOME, Status.ASYLUM_MEXICO,
    )  # fmt: skip
