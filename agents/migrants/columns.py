"""Migrants as rows of one structured array, and the records that the day loop reads and writes.

A million Mesa objects cost minutes; a million rows cost a second. A row is 72 bytes, its due date
sits in a column of its own because the loop scans that column for everybody, every day.
"""

from __future__ import annotations

import numpy as np

from agents.outcomes import N_ACCOUNTS, N_CONSEQUENCES, N_EVENTS, N_GROUPS, N_KINDS, N_STATUS

N_SECTORS = 9
NEVER = 2**31 - 1  # due date of those to whom nothing more happens

PERSON = np.dtype(
    [
        ("uid", "i8"),  # a function of date, stratum and number within the day
        ("clock", "f8"),  # moment of the next thing, in days (ordinal date plus fraction)
        ("set_out", "f8"),  # moment this trip began
        ("weight", "i4"),  # persons this row stands for
        ("wealth", "i4"),  # whole dollars at hand
        ("debt", "i4"),  # whole dollars owed
        ("knowledge", "f4"),  # share of the community's knowledge, 0 to 1
        ("leg", "i2"),  # leg under way, -1 none
        ("place", "i2"),  # last place reached
        ("gate", "i2"),  # place from which the line was last tried, -1 none
        ("route", "i2"),  # traveller class, a row of the route tables
        ("org", "i2"),  # slot of the guiding organisation, -1 none
        ("decisions", "i2"),  # decisions taken so far
        ("trips", "i2"),  # trips begun so far
        ("hop", "i2"),  # legs begun in this trip
        ("line_tries", "i2"),  # contests at the line so far
        ("caught", "i2"),  # encounters in either country so far
        ("caught_year", "i2"),  # fiscal year of the last U.S. apprehension
        ("quarters", "i2"),  # quarters spent in the U.S.
        ("origin", "i1"),  # index of the origin community
        ("group", "i1"),
        ("kind", "i1"),
        ("mode", "i1"),
        ("status", "i1"),
        ("consequence", "i1"),
        ("tries_left", "i1"),  # attempts that the fee already paid still covers
        ("surrender", "i1"),  # gives themselves up at the line
        ("knows", "i1"),  # chooses routes by what the community has learnt
        ("protection", "i1"),  # would be recognised as in need of protection
        ("known", "i1"),  # seen at the line without being stopped
        ("cohort", "i1"),  # 0 came up during the warm-up, 1 during the recorded run
        ("trial", "i1"),  # evader's first attempt: 0 open, 1 caught, 2 tried again, 3 closed
        ("caught_in_year", "i1"),  # U.S. apprehensions in caught_year
    ],
    align=True,
)

LEG = np.dtype(
    [
        ("days", "f8"),  # moving days, with what fences and posts add
        ("mx_hazard", "f8"),  # hazard of interdiction by Mexico, per passage
        ("extort_hazard", "f8"),  # hazard of meeting an officer who takes money instead
        ("us_hazard", "f8"),  # hazard of detection at the line, of apprehension on the belt
        ("death", "f8"),  # hazard of dying per elapsed day
        ("kidnap", "f8"),  # hazard of kidnapping per elapsed day, irregular traveller
        ("respond", "f8"),  # share of detections that agents can answer
        ("head", "i2"),
        ("tail", "i2"),
        ("sector", "i1"),  # -1 away from the line
        ("is_line", "i1"),
        ("is_belt", "i1"),
        ("in_mexico", "i1"),
    ],
    align=True,
)

ORGANISATION = np.dtype(
    [
        ("price", "f8", (N_GROUPS,)),  # $ per contract
        ("cost", "f8", (N_GROUPS,)),  # $ per attempt
        ("tax", "f8", (N_GROUPS,)),  # of the cost, passage tax to criminal groups
        ("bribe", "f8", (N_GROUPS,)),  # of the cost, bribes to officials
        ("reputation", "f8"),  # 0 to 1
        ("quality", "f8"),  # share of the hazard that guides avoid
        ("cash", "i8"),  # whole dollars
        ("clients", "i8", (N_GROUPS,)),  # contracts since the last weekly review
        ("arrived", "i8"),  # clients brought in since the last review
        ("failed", "i8"),  # clients stopped for good since the last review
        ("harmed", "i8"),  # clients kidnapped or dead since the last review
        ("serves", "i8"),  # bit mask of origin communities
        ("uid", "i8"),
        ("active", "i1"),
    ],
    align=True,
)

BOOKS = np.dtype(
    [
        ("events", "i8", (N_EVENTS, N_GROUPS, N_KINDS)),  # persons, today
        ("by_sector", "i8", (N_EVENTS, N_SECTORS, N_GROUPS)),  # persons, since last emptied
        ("stock", "i8", (2, N_STATUS)),  # persons by cohort and status
        ("money", "i8", (N_ACCOUNTS, N_ACCOUNTS)),  # whole dollars from account to account, today
        ("held", "i8", (2,)),  # persons in U.S. detention, by group
        ("asked_bed", "i8"),  # persons for whom a bed was sought today
        ("asked_court", "i8"),  # persons for whom a court was sought today
        ("detected", "i8", (N_SECTORS,)),  # evaders detected today
        ("fees", "i8", (N_GROUPS,)),  # dollars of contracts signed today
        ("contracts", "i8", (N_GROUPS,)),  # persons who signed a contract today
        ("expected_deaths", "f8", (N_SECTORS + 1,)),  # sum of hazards, last entry: in transit
        ("net_before", "i8"),  # wealth less debt of the rows touched today, before
        ("net_after", "i8"),  # the same, after
        ("arrivals", "i8"),  # legs completed today: the work done
        ("decided", "i8"),  # candidates and retries decided today: the work done
    ],
    align=True,
)


def parameter_record(values: dict[str, float | np.ndarray]) -> np.ndarray:
    """Pack named numbers and small arrays into one record that the day loop can read by name."""
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    fields = [(n, "f8", a.shape) if a.shape else (n, "f8") for n, a in arrays.items()]
    record = np.zeros(1, np.dtype(fields, align=True))
    for name, array in arrays.items():
        record[0][name] = array
    return record


def make_uid(day: int, stratum: int, number: int) -> int:
    """Identity of a candidate: date, stratum and number within the day, nothing else."""
    return (day << 40) | (stratum << 24) | number


class MigrantTable:
    """Rows of migrants with room to grow; `count` rows are in use.

    Growing copies the rows; people for whom nothing more can happen are cleared out by
    :meth:`compact`, so a long run does not grow with its length.
    """

    def __init__(self, capacity: int = 4_096) -> None:
        """Reserve room for `capacity` rows."""
        self.rows = np.zeros(capacity, PERSON)
        self.due = np.full(capacity, NEVER, np.int32)
        self.count = 0

    @property
    def capacity(self) -> int:
        """Rows reserved."""
        return self.due.size

    def reserve(self, more: int) -> None:
        """Make room for `more` further rows."""
        need = self.count + more
        if need <= self.capacity:
            return
        size = max(need, self.capacity + self.capacity // 2)
        rows, due = np.zeros(size, PERSON), np.full(size, NEVER, np.int32)
        rows[: self.count], due[: self.count] = self.rows[: self.count], self.due[: self.count]
        self.rows, self.due = rows, due

    def compact(self) -> int:
        """Drop rows to whom nothing more happens, in order; returns how many were dropped."""
        keep = np.flatnonzero(self.due[: self.count] != NEVER)
        dropped = self.count - keep.size
        if dropped:
            self.rows[: keep.size] = self.rows[keep]
            self.due[: keep.size] = self.due[keep]
            self.due[keep.size : self.count] = NEVER
            self.count = keep.size
        return dropped

    @property
    def live(self) -> np.ndarray:
        """The rows in use, shape (count,), dtype :data:`PERSON`."""
        return self.rows[: self.count]
