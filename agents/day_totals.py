"""Compiled sums over the tallies of a day, all of them whole persons and whole dollars."""

from __future__ import annotations

import numpy as np

from agents.jit import kernel
from agents.outcomes import Account

_DRUG_BUYERS, _ORGANISATIONS = int(Account.DRUG_BUYERS), int(Account.ORGANISATIONS)
# accounts that take migrants' money in Mexico
_FIRST_EXTORTER, _LAST_EXTORTER = int(Account.CRIMINAL_GROUPS), int(Account.OFFICIALS)


@kernel
def clear_day(tallies):
    """Set the tallies of a day to zero; stocks, persons held and tickets carry over.

    Args:
        tallies: array of one record of DAY_TALLIES; changed.
    """
    t = tallies[0]
    t.events[:], t.by_sector[:], t.money[:] = 0, 0, 0
    t.calls[:], t.hours[:], t.applied[:] = 0, 0.0, 0
    t.fees[:], t.contracts[:], t.by_nation[:] = 0, 0, 0
    t.settled[:], t.released[:], t.expected_deaths[:] = 0, 0, 0.0
    t.bed_requests = t.court_requests = t.arrivals = t.decided = 0
    t.net_before = t.net_after = t.ended_past_line = 0
    t.expected_kidnaps = 0.0


@kernel
def events_by_group(tallies):
    """Return the persons of the day by event and group.

    Args:
        tallies: array of one record of DAY_TALLIES.

    Returns:
        Shape (events, groups).
    """
    events = tallies[0].events
    persons = np.zeros(events.shape[:2], np.int64)
    for event in range(events.shape[0]):
        for group in range(events.shape[1]):
            for kind in range(events.shape[2]):
                persons[event, group] += events[event, group, kind]
    return persons


@kernel
def move_means(tallies, seen, flow, applied, calls, hours, month, fortnight):
    """Move running means of persons and hours a day towards the values of the day.

    Args:
        tallies: array of one record of DAY_TALLIES.
        seen: persons by leg today, shape (legs, 3).
        flow: mean of `seen`; changed.
        applied: mean of the persons who joined the queue of the legal channel; changed.
        calls, hours: means of the calls on agents and of their hours, by sector; changed.
        month: days over which `flow` and `applied` are averaged.
        fortnight: days over which `calls` and `hours` are averaged.
    """
    t = tallies[0]
    for leg in range(flow.shape[0]):
        for column in range(flow.shape[1]):
            flow[leg, column] += (seen[leg, column] - flow[leg, column]) / month
    for nation in range(applied.size):
        applied[nation] += (t.applied[nation] - applied[nation]) / month
    for sector in range(calls.size):
        calls[sector] += (t.calls[sector] - calls[sector]) / fortnight
        hours[sector] += (t.hours[sector] - hours[sector]) / fortnight


@kernel
def add_to_month(tallies, share, revenue, settled, released):
    """Add a day to the criminal revenue and to the persons who settled or were released.

    Args:
        tallies: array of one record of DAY_TALLIES.
        share: share of the fees of foreigners by country of the Northern Triangle.
        revenue: dollars by country of agents.labels.COUNTRIES, Mexico last; changed.
        settled: persons by community; changed.
        released: the same by kind, shape (communities, kinds); changed.
    """
    t = tallies[0]
    for country in range(share.size):
        revenue[country] += t.fees[1] * share[country]
    taken = t.fees[0] + t.money[_DRUG_BUYERS, _ORGANISATIONS]
    for payer in range(t.money.shape[0]):
        for account in range(_FIRST_EXTORTER, _LAST_EXTORTER + 1):
            taken += t.money[payer, account]
    revenue[share.size] += taken
    for home in range(settled.size):
        settled[home] += t.settled[home]
        for kind in range(released.shape[1]):
            released[home, kind] += t.released[home, kind]


@kernel
def store_day(tallies, day, events, stock, money, fees, contracts, expected_deaths):
    """Copy the tallies of a recorded day to the series of the run.

    Args:
        tallies: array of one record of DAY_TALLIES.
        day: index of the day.
        events, stock, money, fees, contracts, expected_deaths: series by day; changed.
    """
    t = tallies[0]
    events[day], stock[day], money[day] = t.events, t.stock, t.money
    fees[day], contracts[day], expected_deaths[day] = t.fees, t.contracts, t.expected_deaths


@kernel
def at_line_by_sector(tallies, event):
    """Return the persons of the day with an event, by sector.

    Args:
        tallies: array of one record of DAY_TALLIES.
        event: code of the event.

    Returns:
        Shape (sectors,), as floating-point numbers.
    """
    by_sector = tallies[0].by_sector
    persons = np.zeros(by_sector.shape[1])
    for sector in range(persons.size):
        for group in range(by_sector.shape[2]):
            persons[sector] += by_sector[event, sector, group]
    return persons


@kernel
def post_balance(tallies, balance):
    """Add the dollars of the day to the accounts.

    Args:
        tallies: array of one record of DAY_TALLIES.
        balance: dollars by account; changed.
    """
    money = tallies[0].money
    for payer in range(balance.size):
        for payee in range(balance.size):
            balance[payer] -= money[payer, payee]
            balance[payee] += money[payer, payee]


@kernel
def booked_to(tallies, account):
    """Return the dollars that an account received today, less those that it paid.

    Args:
        tallies: array of one record of DAY_TALLIES.
        account: code of the account.
    """
    money, booked = tallies[0].money, 0
    for other in range(money.shape[0]):
        booked += money[other, account] - money[account, other]
    return booked


@kernel
def persons_agree(tallies, candidates):
    """Return whether every candidate has exactly one status.

    Args:
        tallies: array of one record of DAY_TALLIES.
        candidates: persons generated so far, by cohort.
    """
    stock = tallies[0].stock
    for cohort in range(stock.shape[0]):
        persons = 0
        for status in range(stock.shape[1]):
            if stock[cohort, status] < 0:
                return False
            persons += stock[cohort, status]
        if persons != candidates[cohort]:
            return False
    return True
