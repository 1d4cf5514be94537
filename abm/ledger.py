"""The ledger: persons by day, event and place; dollars by account; conservation asserted daily."""

from __future__ import annotations

import hashlib

import numpy as np

from agents.migrants.columns import DAY_TALLIES, N_SECTORS
from agents.migrants.tallies import recount
from agents.outcomes import (
    N_ACCOUNTS,
    N_EVENTS,
    N_GROUPS,
    N_KINDS,
    N_STATUS,
    ON_THE_WAY,
    Account,
    Event,
    Status,
)


class ConservationError(AssertionError):
    """Persons or dollars appeared or vanished: a fault of the model, never of the input."""


class Ledger:
    """Counts and dollars of a run.

    Attributes:
        books: what the day loop posts today, dtype :data:`agents.migrants.columns.BOOKS`.
        events: persons, shape (days, events, groups, kinds).
        stock: persons by status at the end of each day, shape (days, 2 cohorts, statuses).
        money: dollars moved, shape (accounts, accounts), recorded days only.
        fees, contracts: dollars and persons by day and group.
        flow: persons per leg and group over the recorded days; [:, 2] stopped by Mexico.
        by_sector: persons, shape (events, sectors, groups), over the recorded days.
        by_sector_month: the same by month of the run.
        expected_deaths: sum of the hazards people were exposed to, by day and sector; the last
            column is the way through Mexico. Far less noisy than deaths drawn.
        gauges: what stood in the evening, shape (days, gauges), see :mod:`abm.phases.indicators`.
    """

    def __init__(self, days: int, legs: int, indicators: int = 0) -> None:
        """An empty ledger for `days` recorded days, a world of `legs` legs, so many gauges."""
        self.day_tallies = np.zeros(1, DAY_TALLIES)
        self.events = np.zeros((days, N_EVENTS, N_GROUPS, N_KINDS), np.int64)
        self.stock = np.zeros((days, 2, N_STATUS), np.int64)
        self.daily_money = np.zeros((days, N_ACCOUNTS, N_ACCOUNTS), np.int64)
        self.fees = np.zeros((days, N_GROUPS), np.int64)
        self.contracts = np.zeros((days, N_GROUPS), np.int64)
        self.flow = np.zeros((legs, 3), np.int64)
        self.by_sector = np.zeros((N_EVENTS, N_SECTORS, N_GROUPS), np.int64)
        self.by_sector_month: list[np.ndarray] = []
        self.expected_deaths = np.zeros((days, N_SECTORS + 1))
        self.indicators = np.zeros((days, indicators))
        self.balance = np.zeros(N_ACCOUNTS, np.int64)
        self.candidates = np.zeros(2, np.int64)
        self.arrivals = self.decided = 0
        self.day = 0

    def open_day(self) -> None:
        """Empty what the day loop posts into; stocks and people held carry over."""
        b = self.day_tallies
        for name in (
            "events",
            "by_sector",
            "money",
            "answered",
            "fees",
            "contracts",
            "expected_deaths",
        ):
            b[name][0].fill(0)
        for name in (
            "asked_bed",
            "asked_court",
            "expected_kidnaps",
            "net_before",
            "net_after",
            "arrivals",
            "decided",
        ):
            b[name] = 0

    def check_persons(self) -> None:
        """Candidates so far, by cohort, are all somewhere, once."""
        stock = self.day_tallies["stock"][0].sum(axis=1)
        if (stock != self.candidates).any():
            raise ConservationError(
                f"persons: {self.candidates.tolist()} came up, {stock.tolist()} are accounted for"
            )
        if (self.day_tallies["stock"][0] < 0).any():
            raise ConservationError("persons: a status holds fewer than nobody")

    def check_dollars(self, organisations_cash: int) -> None:
        """Dollars moved match what people and organisations really hold."""
        b = self.day_tallies[0]
        paid = int(b["money"][:, Account.MIGRANTS].sum() - b["money"][Account.MIGRANTS].sum())
        change = int(b["net_after"] - b["net_before"])
        if paid != change:
            raise ConservationError(f"dollars: migrants' means changed by {change}, booked {paid}")
        if organisations_cash != self.balance[Account.ORGANISATIONS]:
            raise ConservationError(
                f"dollars: organisations hold {organisations_cash}, booked "
                f"{self.balance[Account.ORGANISATIONS]}"
            )

    def close_day(
        self, cohort: int, organisations_cash: int, indicators: np.ndarray | None, seen: np.ndarray
    ) -> None:
        """Assert conservation and, for a recorded day (one with gauges), write the record."""
        b = self.day_tallies[0]
        self.candidates[cohort] += b["events"][Event.CANDIDATES].sum()
        self.balance += b["money"].sum(axis=0) - b["money"].sum(axis=1)
        self.check_persons()
        self.check_dollars(organisations_cash)
        self.arrivals += int(b["arrivals"])
        self.decided += int(b["decided"])
        if indicators is None:
            return
        self.indicators[self.day] = indicators
        self.events[self.day], self.stock[self.day] = b["events"], b["stock"]
        self.daily_money[self.day] = b["money"]
        self.fees[self.day], self.contracts[self.day] = b["fees"], b["contracts"]
        self.flow += seen
        self.by_sector += b["by_sector"]
        if not self.by_sector_month or self._month_begins:
            self.by_sector_month.append(np.zeros_like(self.by_sector))
            self._month_begins = False
        self.by_sector_month[-1] += b["by_sector"]
        self.expected_deaths[self.day] = b["expected_deaths"]
        self.day += 1

    def recount(self, rows: np.ndarray) -> None:
        """Count every row afresh: statuses with a row, and the dollars people hold."""
        stock = np.zeros((2, N_STATUS), np.int64)
        held = recount(rows, stock)
        on_the_way = list(ON_THE_WAY)
        booked = self.day_tallies["stock"][0][:, on_the_way]
        if (stock[:, on_the_way] != booked).any():
            raise ConservationError(
                f"persons: rows hold {stock[:, on_the_way].tolist()}, booked {booked.tolist()}"
            )
        if held != self.balance[Account.MIGRANTS]:
            raise ConservationError(
                f"dollars: migrants hold {held}, the ledger has {self.balance[Account.MIGRANTS]}"
            )

    def settle_accounts(self, dollars: int) -> None:
        """People who are through take what they hold out of the run."""
        self.balance[Account.MIGRANTS] -= dollars
        self.balance[Account.HOUSEHOLDS] += dollars

    _month_begins = False

    def turn_month(self) -> None:
        """The next recorded day belongs to a new month."""
        self._month_begins = True

    @property
    def digest(self) -> str:
        """Fingerprint of the whole daily record: equal records, equal bytes."""
        h = hashlib.blake2b(digest_size=20)
        daily = (
            self.events,
            self.stock,
            self.daily_money,
            self.fees,
            self.contracts,
            self.expected_deaths,
            self.indicators,
        )
        for array in (*(a[: self.day] for a in daily), self.flow, self.by_sector):
            h.update(np.ascontiguousarray(array).tobytes())
        return h.hexdigest()

    @property
    def money(self) -> np.ndarray:
        """Dollars moved over the recorded days, shape (from, to)."""
        return self.daily_money[: self.day].sum(axis=0)

    def persons(self) -> dict[str, int]:
        """Candidates of the recorded days and where each of them stands now."""
        standing = self.day_tallies["stock"][0][1]
        answer = {"candidates": int(self.candidates[1])}
        return answer | {s.name.lower(): int(standing[s]) for s in Status}

    def totals(self) -> dict[str, int]:
        """Persons by event over the recorded days."""
        sums = self.events[: self.day].sum(axis=(0, 2, 3))
        return {e.name.lower(): int(sums[e]) for e in Event}
