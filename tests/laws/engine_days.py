"""A model that stores digests of its people every day, so that both engines can be compared."""

from __future__ import annotations

import datetime
import hashlib
from dataclasses import dataclass
from typing import Any

import numpy as np

from abm.model import BorderModel
from agents.migrants.columns import PERSON
from agents.outcomes import Status

_BYTES = 8


@dataclass(frozen=True, slots=True)
class PeopleOnDay:
    """Digests of all people at one moment in a day.

    Attributes:
        date: the day.
        moment: "" for the end of the day, otherwise a description.
        digests: number of people, digest of their due days and digest of every column, by name.
    """

    date: datetime.date
    moment: str
    digests: dict[str, int | bytes]

    def __str__(self) -> str:
        """Return the date and the moment."""
        return f"{self.date}{self.moment and ' '}{self.moment}"


class DailyModel(BorderModel):
    """A model that stores digests of its people at the end of every day, including the warm-up.

    Before the model drops rows, it also stores the digests, so that people whose journey ends on
    that day are included. Candidates who stay at home have no row.

    Attributes:
        people_by_day: digests in the order of time.
        set_out: identities of the people who have begun a trip.
        agent_days: agents who travel at the end of a day, summed over days.
    """

    def __init__(self, *args: Any, **settings: Any) -> None:
        """Build the model and simulate the warm-up. The base class documents the arguments."""
        self.people_by_day: list[PeopleOnDay] = []
        self.set_out: set[int] = set()
        self.agent_days = 0
        super().__init__(*args, **settings)

    def tidy(self) -> None:
        """Store the people before rows are dropped."""
        self._store("before rows are dropped")
        super().tidy()

    def next_day(self) -> None:
        """Store the people of the day that ends."""
        rows = self._store("")
        self.agent_days += int(np.count_nonzero(rows["status"] == Status.TRAVELLING))
        super().next_day()

    def _store(self, moment: str) -> np.ndarray:
        """Store the digests of all people, and return their rows."""
        rows, due = self.migrants.live, self.migrants.due[: self.migrants.count]
        digests: dict[str, int | bytes] = {"number of people": len(rows), "due": _digest(due)}
        digests |= {name: _digest(rows[name]) for name in PERSON.names or ()}
        self.people_by_day.append(PeopleOnDay(self.date, moment, digests))
        self.set_out |= set(rows["uid"][rows["trips"] > 0].tolist())
        return rows


def _digest(values: np.ndarray) -> bytes:
    return hashlib.blake2b(values.tobytes(), digest_size=_BYTES).digest()


def first_difference(one: DailyModel, other: DailyModel) -> str:
    """Compare the people in two runs of equal length, day by day.

    Args:
        one, other: models that store the days.

    Returns:
        The first day and the columns that differ on it; "" if all days are equal.

    Raises:
        ValueError: the models have stored different numbers of days.
    """
    for a, b in zip(one.people_by_day, other.people_by_day, strict=True):
        different = [name for name, digest in a.digests.items() if digest != b.digests[name]]
        if different:
            return f"people on {a}: {', '.join(different)}"
    return ""
