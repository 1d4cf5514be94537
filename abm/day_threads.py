"""Simulate the people of a day in several threads, which is faster for large runs.

The number of threads does not change results: draws depend on the person, people read the tables of
the previous day, sums do not depend on the order of their terms, and tickets of the legal channel
are assigned after the day, in row order.
"""

from __future__ import annotations

import contextlib
import operator
import os
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Any

import numpy as np

from agents.migrants.columns import MigrantTable
from agents.migrants.day_part import PARAMS, TALLIES, DayPart, Records
from agents.migrants.kernels import act_due, generate_candidates, give_tickets

#: Below these numbers of rows or candidates, one thread is faster.
LEAST_ROWS, LEAST_CANDIDATES = 50_000, 2_000
#: Blocks of work per thread and day; a thread that has finished a block takes the next one.
_BLOCKS = 4


class _Threads:
    """The threads of this process, including the one that runs the model."""

    def __init__(self, threads: int = 1) -> None:
        """Store the number of threads; the executor starts them when they are needed."""
        self.number = threads
        self.pool = ThreadPoolExecutor(max(1, threads - 1))


_threads = _Threads()


def set_threads(number: int) -> None:
    """Set the number of threads in which this process simulates people.

    It changes no result, provided that plans change only at the start of a week, as in
    :mod:`abm.schedule`. One thread is the default, because studies that run many cases at a time
    already use all cores.

    Args:
        number: number of threads, 1 or more.

    Raises:
        ValueError: the number is below 1.
    """
    global _threads
    if number < 1:
        raise ValueError(f"invalid number of threads {number}: expected 1 or more")
    _threads = _Threads(number)


if hasattr(os, "register_at_fork"):  # threads do not survive a fork
    os.register_at_fork(after_in_child=lambda: set_threads(1))


def generate(
    people: MigrantTable,
    day: tuple[int, int, int, int],
    arrivals: np.ndarray,
    strata: tuple[np.ndarray, np.ndarray, int, np.ndarray],
    records: Records,
    seed: int,
) -> None:
    """Generate the candidates of a date and simulate their decisions.

    Args:
        people: the table; changed.
        day: date, day, cohort and weight, as for
            :func:`agents.migrants.kernels.generate_candidates`.
        arrivals: candidates by stratum before thinning.
        strata: keep, early, ahead and strata, as for the same function.
        records: legs, market, parameters and tallies; changed. Sums of other threads are added by
            :func:`advance`.
        seed: seed of the keyed draws.
    """
    most, before = int(np.add.reduce(arrivals)), people.count
    people.reserve(most + 1)

    def of_strata(first: int, last: int, part: DayPart, table: tuple[Any, ...]) -> int:
        """Generate the candidates of a range of strata; return the number of rows in use."""
        span = (*day, first, last, arrivals, *strata)
        return generate_candidates(*span, *table, *part.records, seed, part.batch)

    parts = _parts(people, records)
    if len(parts) == 1 or most < LEAST_CANDIDATES:
        table = people.rows, people.due, before
        people.count = of_strata(0, arrivals.size, parts[0], table)
    else:
        blocks = _BLOCKS * len(parts)
        shares = [most * k // blocks for k in range(1, blocks)]
        cuts = [0, *np.searchsorted(arrivals.cumsum(), shares).tolist(), arrivals.size]

        def act(part: DayPart, block: int) -> tuple[np.ndarray, np.ndarray]:
            first = part.count
            table = part.rows, part.due, first
            part.count = of_strata(cuts[block], cuts[block + 1], part, table)
            return part.rows[first : part.count], part.due[first : part.count]

        for part in parts:
            part.clear(most + 1)
        for rows, due in _in_blocks(act, parts, blocks, day[1]):
            people.append(rows, due)
    give_tickets(people.rows, np.arange(before, people.count), records[PARAMS], records[TALLIES])


def advance(people: MigrantTable, day: int, records: Records, seed: int) -> None:
    """Perform the actions of all migrants who are due; add the sums of all threads to the records.

    Args:
        people: the table; changed.
        day: days since the warm-up began.
        records: legs, market, parameters and tallies; changed.
        seed: seed of the keyed draws.
    """
    parts = _parts(people, records)
    if people.count < LEAST_ROWS:
        parts = parts[:1]
    blocks = _BLOCKS * len(parts) if len(parts) > 1 else 1
    cuts = [people.count * k // blocks for k in range(blocks + 1)]

    def act(part: DayPart, block: int) -> np.ndarray:
        span = (day, cuts[block], cuts[block + 1], people.rows, people.due)
        return act_due(*span, *part.records, seed)

    applicants = _in_blocks(act, parts, blocks, day)
    for part in people.parts:
        part.close()
    give_tickets(people.rows, np.concatenate(applicants), records[PARAMS], records[TALLIES])


def _parts(people: MigrantTable, records: Records) -> list[DayPart]:
    """Return one part per thread; that of the calling thread uses the records of the day.

    Open parts have sums of today, so they remain until the end of the day.
    """
    parts, number = people.parts, _threads.number
    if any(part.is_open for part in parts):
        return parts
    if len(parts) != number or not all(map(operator.is_, parts[0].of_day, records)):
        parts[:] = [DayPart(records, shared=k == 0) for k in range(number)]
    return parts


def _in_blocks[Result](
    act: Callable[[DayPart, int], Result], parts: list[DayPart], blocks: int, day: int
) -> list[Result]:
    """Call a function for each block, with one thread per part.

    Args:
        act: called with the part of the thread and the number of the block.
        parts: one part per thread; the first belongs to the calling thread.
        blocks: number of blocks; the last blocks, which have most people under way, are started
            first.
        day: days since the warm-up began.

    Returns:
        The results in the order of the blocks.
    """
    waiting, results = iter(range(blocks)[::-1]), {}

    def work(part: DayPart) -> None:
        part.open(day)
        for block in waiting:  # each block is taken by one thread
            results[block] = act(part, block)

    futures = _start(work, parts[1:])
    try:
        work(parts[0])
        for future in futures:
            future.result()
    except BaseException:
        for _ in waiting:  # leaves no block to the other threads
            pass
        wait(futures)
        for part in parts:
            part.is_open = False
        raise
    return [results[block] for block in range(blocks)]


def _start(work: Callable[[DayPart], None], parts: list[DayPart]) -> list[Future[None]]:
    """Start the work of parts in other threads, as far as threads are available."""
    futures: list[Future[None]] = []
    with contextlib.suppress(RuntimeError):  # no further thread can start, or Python is ending
        for part in parts:
            futures.append(_threads.pool.submit(work, part))
    return futures
