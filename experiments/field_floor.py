"""A simple loop that only reads, once a day, six columns of every person on the way.

It shows the cost of reading alone, next to which the cost of an engine can be seen. The columns are
separate arrays without gaps, and the compiler may reorder the sums, so that the loop consists of
vector instructions and does not wait for one addition after the other. It is not a strict lower
bound: an engine can store the columns in fewer bytes, or skip people who are not due.
"""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np

from agents.migrants.columns import PERSON
from experiments.field_child import Figures, figures, highest_mb, time_days

#: Columns of a person that are read, next to the day of the next action.
HOT = ("clock", "status", "leg", "place", "mode")


@numba.njit(fastmath=True)
def read_columns(count, total, due, clock, status, leg, place, mode):
    """Add up the first elements of six columns and write one number.

    Args:
        count: number of people.
        total: array of one number; changed.
        due, clock, status, leg, place, mode: columns of people.
    """
    moments, codes = np.float32(0.0), 0
    for i in range(count):
        moments += clock[i]
        codes += due[i] + status[i] + leg[i] + place[i] + mode[i]
    total[0] = moments + codes


def hot_columns(people: int) -> list[np.ndarray]:
    """Return the columns that the loop reads, in memory, with the types of the table of migrants.

    Args:
        people: number of people.
    """
    due = (np.arange(people) % 365).astype(np.int32)
    return [due, *(np.ones(people, PERSON[name]) for name in HOT)]


def measure_floor(people: int, on_the_way: Sequence[int]) -> Figures:
    """Measure the loop in columns that hold only the people on the way.

    Args:
        people: people who set out in the run that is compared.
        on_the_way: number of people on the way, by day of that run.

    Returns:
        The measurements, see :func:`experiments.field_child.measure_model`; the bytes per person
        are those of the six columns.
    """
    columns, total = hot_columns(max(on_the_way)), np.zeros(1)
    read_columns(0, total, *columns)  # compiles
    counts = iter(on_the_way)

    def step(day: int) -> None:
        read_columns(on_the_way[day], total, *columns)

    cpu, daily = time_days(len(on_the_way), step, lambda: next(counts))
    size = sum(column.itemsize for column in columns)
    return figures(people, daily, cpu, highest_mb(), size)
