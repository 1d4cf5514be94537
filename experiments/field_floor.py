"""A loop that only reads the columns of the people on the way: a floor of every engine's cost."""

from __future__ import annotations

from collections.abc import Sequence

import numba
import numpy as np

from agents.migrants.columns import MigrantTable
from experiments.field_child import Figures, figures, highest_mb, row_bytes, time_days


@numba.njit
def read_rows(rows, due, count, total):
    """Read the hot columns of the first rows and write one number.

    Args:
        rows, due: columns of a table of migrants.
        count: number of rows.
        total: array of one number; changed.
    """
    found = 0.0
    for i in range(count):
        p = rows[i]
        found += due[i] + p.clock + p.status + p.leg + p.place + p.mode
    total[0] = found


def measure_floor(people: int, on_the_way: Sequence[int]) -> Figures:
    """Measure the loop in a table that holds only the people on the way.

    Args:
        people: people who set out in the run that is compared.
        on_the_way: number of people on the way, by day of that run.

    Returns:
        The measurements, see :func:`experiments.field_child.measure_model`.
    """
    table, total = MigrantTable(max(on_the_way)), np.zeros(1)
    table.due[:] = np.arange(table.capacity) % 365  # pages that are written are in memory
    table.rows["status"] = 1
    read_rows(table.rows, table.due, 0, total)  # compiles
    counts = iter(on_the_way)

    def step(day: int) -> None:
        read_rows(table.rows, table.due, on_the_way[day], total)

    cpu, daily = time_days(len(on_the_way), step, lambda: next(counts))
    return figures(people, daily, cpu, highest_mb(), row_bytes(table))
