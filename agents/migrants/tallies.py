"""Counting and payment: the only functions through which the day loop posts events and dollars.

The functions for a whole day take `tallies`, an array of one record of DAY_TALLIES. All its sums
are whole persons and whole dollars.
"""

import numpy as np

from agents.jit import inlined, kernel
from agents.migrants.columns import DAY_TALLIES, NEVER
from agents.outcomes import Account, Event, Mode

#: A sum with this number has 28 binary places, because a float has 53 binary digits.
_KEEPS_28_PLACES = 1.5 * 2.0 ** (52 - 28)


@inlined
def exact(term):
    """Round a term of a sum to a multiple of 2**-28, about 4e-9.

    Sums of such terms are exact up to 2**25, so they do not depend on the order of the terms.

    Args:
        term: number between -8 million and 8 million.

    Returns:
        The rounded term.
    """
    return (term + _KEEPS_28_PLACES) - _KEEPS_28_PLACES


@inlined
def post(day_tallies, p, event):
    """Count an event for the persons of a row.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row.
        event: event code.
    """
    day_tallies.events[event, p.group, p.kind] += p.weight


@inlined
def post_at(day_tallies, p, event, sector):
    """Count an event for the persons of a row, in total and by sector.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row.
        event: event code.
        sector: sector of the line; -1 counts in no sector.
    """
    day_tallies.events[event, p.group, p.kind] += p.weight
    if sector >= 0:
        day_tallies.by_sector[event, sector, p.group] += p.weight


@inlined
def post_by_nation(day_tallies, p, row, params):
    """Count persons by country of origin and kind.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row.
        row: LEFT or CAUGHT.
        params: parameter record.
    """
    day_tallies.by_nation[row, int(params.nation[p.origin]), p.kind] += p.weight


@kernel
def recount(rows, stock):
    """Count the persons of all rows by cohort and status, and the dollars they hold.

    Args:
        rows: array of PERSON.
        stock: out, persons are added to it, shape (2, statuses).

    Returns:
        Wealth less debt of all persons, in dollars.
    """
    net_wealth = 0
    for i in range(rows.size):
        p = rows[i]
        stock[p.cohort, p.status] += p.weight
        net_wealth += (p.wealth - p.debt) * p.weight
    return net_wealth


@inlined
def move(day_tallies, p, status):
    """Change the status of a row.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        status: code for the new status.
    """
    day_tallies.stock[p.cohort, p.status] -= p.weight
    day_tallies.stock[p.cohort, status] += p.weight
    p.status = status


@inlined
def wait(day_tallies, p, status, moment):
    """Change the status of a row until it acts again.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        status: code for the new status.
        moment: time of its next action, in days since the warm-up began.
    """
    move(day_tallies, p, status)
    p.clock = moment


@inlined
def finish(day_tallies, p, status):
    """Change the status of a row to a final one. The day loop skips the row from then on.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        status: code of the final status.
    """
    move(day_tallies, p, status)
    p.clock = NEVER


@inlined
def begin_past_line(day_tallies, p):
    """Record that a row passed the line and is not counted as a got-away yet.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
    """
    p.past_line = 1
    day_tallies.past_line += p.weight


@inlined
def end_past_line(day_tallies, p, counted):
    """End the time between the line and the count of a got-away, at most once per passage.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        counted: 1 if the row is counted as a got-away, 0 if it ends in another way.

    Returns:
        1 if the row was past the line and not counted yet, otherwise 0.
    """
    was_open = p.past_line
    p.past_line = 0
    day_tallies.past_line -= was_open * p.weight
    day_tallies.ended_past_line += (1 - counted) * was_open * p.weight
    return was_open


@inlined
def funds(p, credit):
    """Return the dollars a migrant can still raise, in cash and on credit.

    Args:
        p: the migrant's row.
        credit: largest debt of a candidate, $.

    Returns:
        Dollars.
    """
    return p.wealth + max(0, credit - p.debt)


@inlined
def pay(day_tallies, p, payee, dollars):
    """Pay from cash. The rest becomes debt.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        payee: account that receives the dollars.
        dollars: whole dollars per person.
    """
    cash = min(p.wealth, dollars)
    p.wealth -= cash
    p.debt += dollars - cash
    day_tallies.money[Account.MIGRANTS, payee] += dollars * p.weight


@kernel
def pay_fee(day_tallies, p, market, slot):
    """Sign a contract and pay its fee to the organisation.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row, changed.
        market: market record, changed.
        slot: the organisation's slot.
    """
    dollars = int(
        market.port_price[p.group] if p.mode == Mode.PORT else market.price[slot, p.group]
    )
    pay(day_tallies, p, Account.ORGANISATIONS, dollars)
    market.cash[slot] += dollars * p.weight
    market.clients[slot, p.group] += p.weight
    day_tallies.fees[p.group] += dollars * p.weight
    day_tallies.contracts[p.group] += p.weight


@kernel
def pay_attempt(day_tallies, p, market, slot):
    """Pay for one attempt from the organisation's cash: guides and transport, passage tax, bribes.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row.
        market: market record, changed.
        slot: the organisation's slot.
    """
    tax, bribe = int(market.tax[slot, p.group]), int(market.bribe[slot, p.group])
    rest = max(0, int(market.cost[slot, p.group]) - tax - bribe)
    if p.mode == Mode.PORT:
        rest += int(market.port_cost[p.group])
    day_tallies.money[Account.ORGANISATIONS, Account.CRIMINAL_GROUPS] += tax * p.weight
    day_tallies.money[Account.ORGANISATIONS, Account.OFFICIALS] += bribe * p.weight
    day_tallies.money[Account.ORGANISATIONS, Account.SUPPLIERS] += rest * p.weight
    market.cash[slot] -= (tax + bribe + rest) * p.weight
    post(day_tallies, p, Event.GUIDED_TRIP)


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
        flow: mean of `by_leg`, changed.
        applied: mean of the persons who joined the queue of the legal channel, changed.
        calls, hours: means of the calls on agents and of their hours, by sector, changed.
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
        revenue: dollars by country of agents.labels.COUNTRIES, Mexico last, changed.
        settled: persons by community, changed.
        released: the same by kind, shape (communities, kinds), changed.
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
        events, stock, money, fees, contracts, expected_deaths: series by day, changed.
    """
    t = tallies[0]
    events[day], stock[day], money[day] = t["events"], t["stock"], t["money"]
    fees[day], contracts[day] = t["fees"], t["contracts"]
    expected_deaths[day] = t["expected_deaths"]


def at_line_by_sector(tallies: np.ndarray, event: int) -> np.ndarray:
    """Return the persons of the day with an event, by sector.

    Args:
        tallies: counts of the day.
        event: event code.

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
