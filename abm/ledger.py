"""Ledger with daily checks: persons by day, event and place, and dollars by account."""

from __future__ import annotations

import hashlib

import numpy as np

from agents.migrants.columns import DAY_TALLIES, N_SECTORS
from agents.migrants.tallies import close_day, recount
from agents.outcomes import (
    N_ACCOUNTS,
    N_EVENTS,
    N_GROUPS,
    N_STATUS,
    ON_THE_WAY,
    PAYERS,
    Account,
    Event,
    Status,
)

#: Tallies that the ledger stores for each day. These fields are adjacent in the daily record, and
#: a new day clears all of them except the last.
SERIES = ("events", "money", "fees", "contracts", "expected_deaths", "stock")
DAYS = np.dtype([(name, DAY_TALLIES[name]) for name in SERIES])
_FIRST, _CARRIED_OVER = ((DAY_TALLIES.fields or {})[name][1] for name in (SERIES[0], SERIES[-1]))


class ConservationError(AssertionError):
    """Raised if persons or dollars are not conserved, which is a defect of the model."""


class Ledger:
    """Record of all persons and dollars in a run.

    Attributes:
        day_tallies: counts that the migrant kernels post today, one record of dtype
            :data:`agents.migrants.columns.DAY_TALLIES`.
        events: persons by event, shape (days, events, groups, kinds).
        stock: persons by status at the end of each day, shape (days, 2 cohorts, statuses).
        daily_money: dollars moved, shape (days, accounts, accounts). Rows pay columns.
        unspent: planned policy dollars that were not spent, because an agency delivered less than
            requested, shape (days, payers), in the order in :data:`agents.outcomes.PAYERS`.
        fees: dollars in contracts that clients signed, shape (days, groups).
        contracts: persons who signed a contract, shape (days, groups).
        flow: persons by leg over the recorded days, shape (legs, 3). The columns are Mexicans,
            foreigners, and persons stopped by Mexico.
        by_sector: persons by event over the recorded days, shape (events, sectors, groups).
        by_sector_month: `by_sector` for each month.
        by_nation_month: persons who set out and persons apprehended between ports, for each month,
            shape (2, nations, kinds).
        expected_deaths: death hazards summed over exposed migrants, shape (days, sectors + 1). The
            last column is transit through Mexico. The sum has far less sampling noise than the
            number of simulated deaths.
        indicators: levels at the end of each day, shape (days, indicators), see
            :mod:`abm.phases.indicators`.
        balance: dollars by account, including the warm-up.
        candidates: persons generated since the run began, by cohort.
        arrivals, decided: numbers of completed legs and of decisions, which measure the work done.
        day: number of completed recorded days.
    """

    def __init__(self, days: int, legs: int, indicators: int = 0) -> None:
        """Create an empty ledger.

        Args:
            days: number of recorded days in the scenario.
            legs: number of legs in the world.
            indicators: number of daily indicators.
        """
        self.day_tallies = np.zeros(1, DAY_TALLIES)
        self._days = np.zeros(days, DAYS)
        self.events, self.daily_money, self.fees = (self._days[name] for name in SERIES[:3])
        self.contracts, self.expected_deaths, self.stock = (self._days[name] for name in SERIES[3:])
        self.unspent = np.zeros((days, len(PAYERS)), np.int64)
        self.flow = np.zeros((legs, 3), np.int64)
        self.by_sector = np.zeros((N_EVENTS, N_SECTORS, N_GROUPS), np.int64)
        self.by_sector_month: list[np.ndarray] = []
        self.by_nation_month: list[np.ndarray] = []
        self.indicators = np.zeros((days, indicators))
        self.balance = np.zeros(N_ACCOUNTS, np.int64)
        self.candidates = np.zeros(2, np.int64)
        self.arrivals = self.decided = 0
        self.day = 0
        self._past_line = 0  # persons, at the end of yesterday
        self._month_begins = False
        self._closed = False  # True between two days

    def open_accounts(self, organisations_cash: int) -> None:
        """Transfer the organisations' opening cash from the account for households."""
        self.balance[Account.ORGANISATIONS] = organisations_cash
        self.balance[Account.HOUSEHOLDS] = -organisations_cash

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts. Between days, record them under the last day.

        Args:
            payer, payee: accounts (:class:`agents.outcomes.Account`).
            dollars: amount in whole dollars.
        """
        money = self.day_tallies["money"][0]
        if self._closed:
            self.balance[payer] -= dollars
            self.balance[payee] += dollars
            if self.day:  # Before the first day, no daily record exists.
                money = self.daily_money[self.day - 1]
        money[payer, payee] += dollars

    def leave_unspent(self, payer: str, dollars: int) -> None:
        """Record policy dollars that were planned and are not spent today.

        Args:
            payer: name of the payer, one in :data:`agents.outcomes.PAYERS`.
            dollars: whole dollars. They stay in the payer's account.
        """
        self.unspent[self.day, list(PAYERS).index(payer)] += dollars

    def open_day(self) -> None:
        """Set the daily tallies to zero, except stocks, persons in detention and tickets."""
        self.day_tallies.view(np.uint8)[:_CARRIED_OVER].fill(0)
        self._closed = False

    def _check(self, persons: tuple[int, ...], dollars: tuple[int, ...]) -> None:
        """Raise ConservationError unless the totals of :func:`close_day` balance.

        Every candidate has exactly one status. The number of persons past the line rises with each
        passage. It falls when a person becomes a got-away, or dies or is apprehended before that,
        so that a passage counts at most one got-away. The accounts equal the migrants' money and
        the organisations' cash.
        """
        _, *by_cohort, smallest, moves, past_line = persons
        booked, change, excess = dollars
        candidates = self.candidates.tolist()
        if candidates != by_cohort:
            raise ConservationError(f"persons: {candidates} candidates, {by_cohort} with a status")
        if smallest < 0:
            raise ConservationError("persons: a status has a negative number of persons")
        left, self._past_line = self._past_line + moves, past_line
        if left != past_line or left < 0:
            raise ConservationError(
                f"persons: {past_line} are past the line and not counted as got-aways, but "
                f"attempts and got-aways leave {left}"
            )
        if booked != change:
            raise ConservationError(f"dollars: migrants hold {change} more, booked {booked} more")
        if excess:
            raise ConservationError(f"dollars: organisations hold {excess} more than booked")

    def close_day(
        self,
        cohort: int,
        cash: np.ndarray,
        drug_cash: int,
        indicators: np.ndarray | None,
        flow: np.ndarray,
    ) -> None:
        """Check conservation and, for a recorded day, store the tallies.

        Args:
            cohort: 0 during the warm-up, 1 on recorded days.
            cash: dollars that the organisations hold, by slot.
            drug_cash: dollars that the drug organisations hold.
            indicators: values at the end of the day, shape (indicators,), None during the warm-up.
            flow: persons by leg, shape (legs, 3).

        Raises:
            ConservationError: persons or dollars appeared or vanished.
        """
        tallies, self._closed = self.day_tallies, True
        persons, dollars, (arrivals, decided) = close_day(tallies, self.balance, cash)
        self.candidates[cohort] += persons[0]
        self._check(persons, dollars)
        if excess := drug_cash - int(self.balance[Account.DRUG_ORGANISATIONS]):
            raise ConservationError(f"dollars: drug organisations hold {excess} more than booked")
        self.arrivals += arrivals
        self.decided += decided
        if indicators is None:
            return
        if not self.by_sector_month or self._month_begins:
            self.by_sector_month.append(np.zeros_like(self.by_sector))
            self.by_nation_month.append(np.zeros_like(tallies["by_nation"][0]))
            self._month_begins = False
        self._days[self.day] = tallies.view(np.uint8)[_FIRST : _FIRST + DAYS.itemsize].view(DAYS)[0]
        self.indicators[self.day] = indicators
        self.by_sector += tallies["by_sector"][0]
        self.by_sector_month[-1] += tallies["by_sector"][0]
        self.by_nation_month[-1] += tallies["by_nation"][0]
        self.flow += flow
        self.day += 1

    def recount(self, rows: np.ndarray) -> None:
        """Count all migrant rows again and compare persons and dollars with the ledger.

        Args:
            rows: rows in use, shape (migrants,).

        Raises:
            ConservationError: the rows and the ledger differ.
        """
        stock = np.zeros((2, N_STATUS), np.int64)
        dollars, past_line = recount(rows, stock)
        on_the_way = list(ON_THE_WAY)
        booked = self.day_tallies["stock"][0][:, on_the_way]
        if (stock[:, on_the_way] != booked).any():
            raise ConservationError(
                f"persons: rows hold {stock[:, on_the_way].tolist()}, booked {booked.tolist()}"
            )
        if past_line != self.day_tallies["past_line"][0]:
            raise ConservationError(
                f"persons: rows hold {past_line} past the line, booked "
                f"{self.day_tallies['past_line'][0]}"
            )
        if dollars != self.balance[Account.MIGRANTS]:
            raise ConservationError(
                f"dollars: migrants hold {dollars}, booked {self.balance[Account.MIGRANTS]}"
            )

    def settle_accounts(self, dollars: int) -> None:
        """Transfer dollars from the migrants' to the households' account, back if negative.

        The cause is a dropped row, or a user who changes a migrant's wealth or debt.
        """
        self.balance[Account.MIGRANTS] -= dollars
        self.balance[Account.HOUSEHOLDS] += dollars

    def turn_month(self) -> None:
        """Start a new month of the monthly records with the next recorded day."""
        self._month_begins = True

    @property
    def digest(self) -> str:
        """Hash of the daily records. Runs with equal records have equal digests."""
        h = hashlib.blake2b(digest_size=20)
        daily = self.events, self.stock, self.daily_money, self.fees, self.contracts
        daily += self.expected_deaths, self.indicators
        for array in (*(a[: self.day] for a in daily), self.flow, self.by_sector):
            h.update(np.ascontiguousarray(array).tobytes())
        return h.hexdigest()

    @property
    def money(self) -> np.ndarray:
        """Dollars moved over the recorded days, shape (accounts, accounts), from row to column."""
        return self.daily_money[: self.day].sum(axis=0)

    def persons(self) -> dict[str, int]:
        """Return the number of candidates of the recorded days, in total and by current status."""
        by_status = self.day_tallies["stock"][0][1]
        counts = {"candidates": int(self.candidates[1])}
        return counts | {s.name.lower(): int(by_status[s]) for s in Status}

    def totals(self) -> dict[str, int]:
        """Return the number of persons by event over the recorded days."""
        sums = self.events[: self.day].sum(axis=0).sum(axis=(1, 2))
        return {e.name.lower(): int(sums[e]) for e in Event}
