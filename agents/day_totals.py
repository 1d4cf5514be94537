"""Sums over the tallies of a day, all of them whole persons and whole dollars.

The argument `tallies` of all functions is an array of one record of DAY_TALLIES.
"""

from __future__ import annotations

import numpy as np

from agents.migrants.columns import DAY_TALLIES
from agents.outcomes import Account

_CARRIED_OVER = ("stock", "held", "tickets", "past_line")
_OF_THE_DAY = tuple(name for name in DAY_TALLIES.names or () if name not in _CARRIED_OVER)
#: Accounts that take migrants' money in Mexico.
_EXTORTERS = slice(Account.CRIMINAL_GROUPS, Account.OFFICIALS + 1)


def clear_day(tallies: np.ndarray) -> None:
    """Set the tallies of a day to zero; stocks, persons held and tickets carry over."""
    record = tallies[0]
    for name in _OF_THE_DAY:
        record[name] = 0


def events_by_group(tallies: np.ndarray) -> np.ndarray:
    """Return the persons of the day by event and group, shape (events, groups)."""
    return np.add.reduce(tallies[0]["events"], axis=2)


def move_means(
    tallies: np.ndarray,
    by_leg: np.ndarray,
    flow: np.ndarray,
    applied: np.ndarray,
    calls: np.ndarray,
    hours: np.ndarray,
    month: float,
    fortnight: float,
) -> None:
    """Move running means of persons and hours a day towards the values of the day.

    Args:
        tallies: counts of the day.
        by_leg: persons by leg today, shape (legs, 3).
        flow: mean of `by_leg`; changed.
        applied: mean of the persons who joined the queue of the legal channel; changed.
        calls, hours: means of the calls on agents and of their hours, by sector; changed.
        month: days over which `flow` and `applied` are averaged.
        fortnight: days over which `calls` and `hours` are averaged.
    """
    flow += (by_leg - flow) / month
    applied += (tallies[0]["applied"] - applied) / month
    calls += (tallies[0]["calls"] - calls) / fortnight
    hours += (tallies[0]["hours"] - hours) / fortnight


def add_to_month(
    tallies: np.ndarray,
    share: np.ndarray,
    revenue: np.ndarray,
    settled: np.ndarray,
    released: np.ndarray,
) -> None:
    """Add a day to the criminal revenue and to the persons who settled or were released.

    Args:
        tallies: counts of the day.
        share: share of the fees of foreigners by country of the Northern Triangle.
        revenue: dollars by country of agents.labels.COUNTRIES, Mexico last; changed.
        settled: persons by community; changed.
        released: the same by kind, shape (communities, kinds); changed.
    """
    record = tallies[0]
    fees, money = record["fees"], record["money"]
    revenue[:-1] += fees[1] * share
    drugs = money[Account.DRUG_BUYERS, Account.ORGANISATIONS]
    revenue[-1] += fees[0] + drugs + money[:, _EXTORTERS].sum()
    settled += record["settled"][: settled.size]
    released += record["released"][: len(released)]


def store_day(
    tallies: np.ndarray,
    day: int,
    events: np.ndarray,
    stock: np.ndarray,
    money: np.ndarray,
    fees: np.ndarray,
    contracts: np.ndarray,
    expected_deaths: np.ndarray,
) -> None:
    """Copy the tallies of a recorded day to the series of the run.

    Args:
        tallies: counts of the day.
        day: index of the day.
        events, stock, money, fees, contracts, expected_deaths: series by day; changed.
    """
    t = tallies[0]
    events[day], stock[day], money[day] = t["events"], t["stock"], t["money"]
    fees[day], contracts[day] = t["fees"], t["contracts"]
    expected_deaths[day] = t["expected_deaths"]


def at_line_by_sector(tallies: np.ndarray, event: int) -> np.ndarray:
    """Return the persons of the day with an event, by sector.

    Args:
        tallies: counts of the day.
        event: code of the event.

    Returns:
        Shape (sectors,), as floating-point numbers.
    """
    return tallies[0]["by_sector"][event].sum(axis=1).astype(float)


def post_balance(tallies: np.ndarray, balance: np.ndarray) -> None:
    """Add the dollars of the day to the accounts; `balance` by account is changed."""
    money = tallies[0]["money"]
    balance += np.add.reduce(money, axis=0) - np.add.reduce(money, axis=1)


def booked_to(tallies: np.ndarray, account: int) -> int:
    """Return the dollars that an account received today, less the dollars that it paid."""
    money = tallies[0]["money"]
    return int(np.add.reduce(money[:, account]) - np.add.reduce(money[account]))


def persons_agree(tallies: np.ndarray, candidates: np.ndarray) -> bool:
    """Return whether every candidate has exactly one status; `candidates` by cohort."""
    stock = tallies[0]["stock"]
    return bool(stock.min() >= 0 and (np.add.reduce(stock, axis=1) == candidates).all())
