"""Counting and payment: the only functions through which the day loop posts events and dollars.

The functions for a whole day take `tallies`, an array of one record of DAY_TALLIES. All its sums
are whole persons and whole dollars.
"""

import numpy as np

from agents.jit import inlined, kernel, small
from agents.migrants.columns import DAY_TALLIES, NEVER
from agents.outcomes import N_ACCOUNTS, N_EVENTS, N_GROUPS, N_KINDS, Account, Event, Mode

#: A sum with this number has 28 binary places, because a float has 53 binary digits.
_KEEPS_28_PLACES = 1.5 * 2.0 ** (52 - 28)


@small
def exact(term):
    """Round a term of a sum to a multiple of 2**-28, about 4e-9.

    Sums of such terms are exact up to 2**25, so they do not depend on the order of the terms.

    Args:
        term: number between -8 million and 8 million.

    Returns:
        The rounded term.
    """
    return (term + _KEEPS_28_PLACES) - _KEEPS_28_PLACES


@small
def post(day_tallies, p, event):
    """Count an event for the persons of a row.

    Args:
        day_tallies: the day's totals, changed.
        p: the migrant's row.
        event: event code.
    """
    day_tallies.events[event, p.group, p.kind] += p.weight


@small
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


@small
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
        Wealth less debt of all persons, in dollars, and the persons past the line.
    """
    net_wealth, past_line = 0, 0
    for i in range(rows.size):
        p = rows[i]
        stock[p.cohort, p.status] += p.weight
        net_wealth += (p.wealth - p.debt) * p.weight
        past_line += p.past_line * p.weight
    return net_wealth, past_line


@small
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


@small
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


@small
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


@small
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


@small
def funds(p, credit):
    """Return the dollars a migrant can still raise, in cash and on credit.

    Args:
        p: the migrant's row.
        credit: largest debt of a candidate, $.

    Returns:
        Dollars.
    """
    return p.wealth + max(0, credit - p.debt)


@small
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


@inlined
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


@inlined
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


_CARRIED_OVER = (DAY_TALLIES.fields or {})["stock"][1]  # first byte that a new day does not clear
MONTH, _FORTNIGHT = 28.0, 14.0  # days of running means


def clear_day(tallies: np.ndarray) -> None:
    """Set the tallies of a day to zero; stocks, persons held and tickets carry over."""
    tallies.view(np.uint8)[:_CARRIED_OVER].fill(0)


@kernel
def end_day(tallies, by_leg, flow, applied, calls, hours, share, revenue, settled, released):
    """Add a day to the running means of the flows and to the sums of the month.

    Args:
        tallies: counts of the day.
        by_leg: persons by leg today, shape (legs, 3).
        flow: four-week mean of `by_leg`, changed.
        applied: four-week mean of the persons who joined the queue of the legal channel, by nation,
            changed.
        calls, hours: two-week means of the calls on agents and of their hours for people in
            custody, by sector, changed.
        share: share of the fees of foreigners by country of the Northern Triangle.
        revenue: criminal revenue of the month, dollars by country of agents.labels.COUNTRIES,
            Mexico last, changed.
        settled: persons of the month by community, changed.
        released: the same by kind, shape (communities, kinds), changed.

    Returns:
        Persons of the day by event and group.
    """
    t, by_group = tallies[0], np.zeros((N_EVENTS, N_GROUPS), np.int64)
    for event in range(N_EVENTS):
        for group in range(N_GROUPS):
            for kind in range(N_KINDS):
                by_group[event, group] += t.events[event, group, kind]
    for leg in range(len(flow)):
        _move_mean(flow[leg], by_leg[leg], MONTH)
    _move_mean(applied, t.applied, MONTH)
    _move_mean(calls, t.calls, _FORTNIGHT)
    _move_mean(hours, t.hours, _FORTNIGHT)
    for country in range(share.size):
        revenue[country] += t.fees[1] * share[country]
    dollars = t.fees[0] + t.money[Account.DRUG_BUYERS, Account.ORGANISATIONS]
    for payer in range(N_ACCOUNTS):  # what criminals and officials took in Mexico
        dollars += t.money[payer, Account.CRIMINAL_GROUPS] + t.money[payer, Account.OFFICIALS]
    revenue[share.size] += dollars
    for origin in range(settled.size):
        settled[origin] += t.settled[origin]
        for kind in range(N_KINDS):
            released[origin, kind] += t.released[origin, kind]
    return by_group


@inlined
def _move_mean(mean, today, days):
    """Move the elements of a running mean towards the values of the day."""
    for i in range(mean.size):
        mean[i] += (today[i] - mean[i]) / days


@kernel
def close_day(tallies, balance):
    """Post the dollars of the day to the accounts, and compute what must be conserved.

    Args:
        tallies: counts of the day.
        balance: dollars by account, changed.

    Returns:
        Candidates of the day, persons with a status by cohort, the smallest number of persons with
        a status, the change of persons past the line by events, the dollars that migrants received
        less those that they paid, and the change of their means.
    """
    t, n, booked = tallies[0], np.zeros(N_EVENTS, np.int64), 0
    for payer in range(N_ACCOUNTS):
        booked += t.money[payer, Account.MIGRANTS] - t.money[Account.MIGRANTS, payer]
        for payee in range(N_ACCOUNTS):
            balance[payer] -= t.money[payer, payee]
            balance[payee] += t.money[payer, payee]
    for event in range(N_EVENTS):
        for group in range(N_GROUPS):
            for kind in range(N_KINDS):
                n[event] += t.events[event, group, kind]
    caught = n[Event.APPREHENDED_US] - n[Event.SURRENDERED] - n[Event.APPREHENDED_BELT]
    passed = n[Event.LINE_ATTEMPT] - n[Event.TURNED_BACK] - caught
    counted = n[Event.GOT_AWAY_KNOWN] + n[Event.GOT_AWAY_UNDETECTED]
    earlier, recorded, smallest = 0, 0, t.stock[0, 0]
    for status in range(t.stock.shape[1]):
        earlier, recorded = earlier + t.stock[0, status], recorded + t.stock[1, status]
        smallest = min(smallest, t.stock[0, status], t.stock[1, status])
    past_line = passed - counted - t.ended_past_line
    change = t.net_after - t.net_before
    return n[Event.CANDIDATES], (earlier, recorded), smallest, past_line, booked, change
