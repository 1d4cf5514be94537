"""The part of a day that one thread simulates: records to which people add.

Sums do not depend on the order of their terms (:func:`agents.migrants.tallies.exact`), so the sums
of all parts add up to those of the day.
"""

from __future__ import annotations

import numpy as np

from agents.migrants.candidate_record import empty_batch
from agents.migrants.columns import empty_rows

LEGS, MARKET, PARAMS, TALLIES = range(4)  # positions in the records
type Records = tuple[
    np.ndarray, np.ndarray, np.ndarray, np.ndarray
]  # legs, market, params, tallies

#: Fields of the records to which people add; all fields of the tallies are sums.
_LEG_SUMS = ("presented", "new_reports_home", "new_reports_org", "traffic")
_MARKET_SUMS = ("cash", "clients", "arrived", "failed", "harmed")


class DayPart:
    """Records to which one thread adds, and the candidates that it has generated.

    Attributes:
        records: legs, market, parameters and tallies, each as an array of one record.
        batch: space for a batch of candidates.
        of_day: the same records of the day.
        shared: whether the part adds to the records of the day itself.
        is_open: whether the part has sums of today that are not joined yet.
        rows, due, count: the candidates who do not stay at home, their due dates, and their number.
    """

    def __init__(self, of_day: Records, *, shared: bool) -> None:
        """Create a part.

        Args:
            of_day: the records of the day.
            shared: whether the part adds to the records of the day; otherwise it has copies.
        """
        self.of_day, self.shared, self.is_open, self._week = of_day, shared, False, -1
        legs, market, params, tallies = of_day
        copies = np.empty_like(legs), np.empty_like(market), params, np.empty_like(tallies)
        self.records = of_day if shared else copies
        self.batch, self.rows, self.due, self.count = empty_batch(), empty_rows(0), np.empty(0), 0
        # in the record, the plans come after the small tables
        self._plans_at = (legs.dtype.fields or {})["cum"][1]
        names = (_LEG_SUMS, _MARKET_SUMS, (), tallies.dtype.names or ())
        self._sums = [
            (day[name], part[name])
            for day, part, sums in zip(of_day, self.records, names, strict=True)
            for name in sums
            if not shared
        ]

    def open(self, day: int) -> None:
        """Copy the tables of a day and set the sums to zero, unless the part is already open.

        The plans, which are most of the bytes, change only at the start of a week
        (:func:`abm.schedule.plan`).

        Args:
            day: days since the warm-up began.
        """
        if self.is_open or self.shared:
            return
        week = day // 7
        for k in (LEGS, MARKET):
            source, part = self.of_day[k].view(np.uint8), self.records[k].view(np.uint8)
            end = self._plans_at if k == LEGS and week == self._week else len(part)
            part[:end] = source[:end]  # sums may change meanwhile, but they are set to zero next
        for _, part in self._sums:
            part.fill(0)
        self.is_open, self._week = True, week

    def close(self) -> None:
        """Add the sums to those of the day."""
        if self.is_open:
            for day, part in self._sums:
                day += part
        self.is_open = False

    def clear(self, most: int) -> None:
        """Remove the candidates and reserve space for new ones.

        Args:
            most: largest number of candidates.
        """
        self.count = 0
        if most > len(self.due):
            self.rows, self.due = empty_rows(2 * most), np.empty(2 * most, np.int32)
