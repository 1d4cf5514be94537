"""Counting and paying: the only functions with which the day loop posts events and dollars.

Functions for a whole day take `tallies`, an array of one DAY_TALLIES record, which counts whole
persons and whole dollars.
"""

from agents.jit import inlined, kernel, shared
from agents.migrants.columns import (
    AT_LINE,
    LINE_CAUGHT,
    LINE_TRIED,
    MAX_ORIGINS,
    MX_STOPPED,
    N_NATIONS,
    N_SECTORS,
    NEVER,
)
from agents.outcomes import (
    GROUP_OF_NATION,
    N_ACCOUNTS,
    N_GROUPS,
    N_KINDS,
    Account,
    Event,
    Kind,
    Mode,
)

#: Adding this number leaves 28 binary places, because a float has 53 binary digits.
_KEEPS_28_PLACES = 1.5 * 2.0 ** (52 - 28)


@shared
def exact(term):
    """Round a term in a sum to a multiple of 2**-28, about 4e-9.

    Sums of such terms are exact up to 2**25, so the order of the terms does not matter.

    Args:
        term: number between -8 million and 8 million.

    Returns:
        The rounded term.
    """
    return (term + _KEEPS_28_PLACES) - _KEEPS_28_PLACES


@shared
def post(day_tallies, p, event):
    """Count an event for all persons in a row.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row.
        event: event code.
    """
    day_tallies.events[event, p.group, p.kind] += p.weight


@shared
def post_at(day_tallies, p, event, sector):
    """Count an event for all persons in a row, in total and by sector.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row.
        event: event code.
        sector: sector at the line, -1 to count in no sector.
    """
    day_tallies.events[event, p.group, p.kind] += p.weight
    if sector >= 0:
        day_tallies.by_sector[event, sector, p.group] += p.weight


@shared
def post_by_nation(day_tallies, p, row, params):
    """Count persons by origin country and kind.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row.
        row: LEFT or CAUGHT.
        params: parameter record.
    """
    day_tallies.by_nation[row, int(params.nation[p.origin]), p.kind] += p.weight


@kernel
def recount(rows, stock):
    """Count persons in all rows by cohort and status, and the dollars that they hold.

    Args:
        rows: array of PERSON.
        stock: persons by cohort and status, shape (2, statuses). The persons are added to it.

    Returns:
        Wealth less debt over all persons, in dollars, and the number of persons past the line.
    """
    net_wealth, past_line = 0, 0
    for i in range(rows.size):
        p = rows[i]
        stock[p.cohort, p.status] += p.weight
        net_wealth += (p.wealth - p.debt) * p.weight
        past_line += p.past_line * p.weight
    return net_wealth, past_line


@shared
def move(day_tallies, p, status):
    """Change a row's status.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
        status: code for the new status.
    """
    day_tallies.stock[p.cohort, p.status] -= p.weight
    day_tallies.stock[p.cohort, status] += p.weight
    p.status = status


@shared
def wait(day_tallies, p, status, moment):
    """Change a row's status, and set the time of its next action.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
        status: code for the new status.
        moment: time of the next action, in days since the warm-up began.
    """
    move(day_tallies, p, status)
    p.clock = moment


@shared
def finish(day_tallies, p, status):
    """Change a row's status to a final status. The day loop skips the row from then on.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
        status: code of the final status.
    """
    move(day_tallies, p, status)
    p.clock = NEVER


@inlined
def begin_past_line(day_tallies, p):
    """Record that a row has passed the line and does not yet count as a got-away.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
    """
    p.past_line = 1
    day_tallies.past_line += p.weight


@shared
def end_past_line(day_tallies, p, counted):
    """End the time between passing the line and counting a got-away, at most once per passage.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
        counted: 1 if the row becomes a got-away, 0 if the time ends in another way.

    Returns:
        1 if the row was past the line and not counted yet, otherwise 0.
    """
    was_open = p.past_line
    p.past_line = 0
    day_tallies.past_line -= was_open * p.weight
    day_tallies.ended_past_line += (1 - counted) * was_open * p.weight
    return was_open


@shared
def funds(p, credit):
    """Return how many dollars a migrant can still raise, in cash and on credit.

    Args:
        p: the migrant's row.
        credit: maximum debt of a candidate, $.

    Returns:
        Dollars.
    """
    return p.wealth + max(0, credit - p.debt)


@shared
def pay(day_tallies, p, payee, dollars):
    """Pay from cash, and add any dollars that cash does not cover to the debt.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
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
        day_tallies: the day's totals, changed in place.
        p: the migrant's row, changed in place.
        market: market record, changed in place.
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
    """Pay for one attempt from the organisation's cash: guides, transport, passage tax and bribes.

    Args:
        day_tallies: the day's totals, changed in place.
        p: the migrant's row.
        market: market record, changed in place.
        slot: the organisation's slot.
    """
    tax, bribe = int(market.tax[slot, p.group]), int(market.bribe[slot, p.group])
    rest = max(0, int(market.cost[slot, p.group]) - tax - bribe)
    if p.mode == Mode.PORT:
        rest += int(market.port_cost[p.group])
    day_tallies.money[Account.ORGANISATIONS, Account.CRIMINAL_GROUPS] += tax * p.weight
    day_tallies.money[Account.ORGANISATIONS, Account.OFFICIALS] += bribe * p.weight
    day_tallies.money[Account.ORGANISATIONS, Account.SUPPLIERS] += rest * p.weight
    market.taxed[slot] += tax * p.weight
    market.cash[slot] -= (tax + bribe + rest) * p.weight
    post(day_tallies, p, Event.GUIDED_TRIP)


#: Events that bring a person to the United States to look for work.
_ARRIVALS = (
    *(Event.GOT_AWAY_KNOWN, Event.GOT_AWAY_UNDETECTED, Event.PORT_ENTRY),
    *(Event.RELEASED_US, Event.RELEASED_PORT),
)
_MONTH, _FORTNIGHT, _WEEK = 28.0, 14.0, 7.0  # days of running means


@kernel
def end_day(tallies, by_leg, flow, history, seized, free, kernel_params):
    """Update the running means of flows, and the sums over the month and the quarter.

    Args:
        tallies: the day's counts.
        by_leg: persons by leg today, shape (legs, 3).
        flow: four-week mean of `by_leg`, changed in place.
        history: one-record array, :data:`abm.phases.flow_history.HISTORY`, changed in place.
        seized: hard drugs seized by mode, tonnes a year.
        free: share of encounters in Mexico with a free officer.
        kernel_params: one-record array, whose `experience` changes.
    """
    t, h = tallies[0], history[0]
    _add_experience(t, kernel_params[0])
    for leg in range(len(flow)):
        _move_mean(flow[leg], by_leg[leg], _MONTH)
    _move_mean(h.applied, t.applied, _MONTH)
    _move_mean(h.calls, t.calls, _FORTNIGHT)
    _move_mean(h.hours, t.hours, _FORTNIGHT)
    h.beds += (t.bed_requests - h.beds) / _WEEK
    h.courts += (t.court_requests - h.courts) / _WEEK
    released = _of_group(t, Event.RELEASED_US, 1) + _of_group(t, Event.RELEASED_PORT, 1)
    h.releases += (released - h.releases) / _MONTH
    h.waiting += (_persons(t, Event.SENT_TO_WAIT) - h.waiting) / _MONTH
    stopped = _persons(t, Event.APPREHENDED_MEXICO)
    encounters = (stopped + _persons(t, Event.EXTORTED)) / max(free, 0.01)
    h.met_in_mexico += (encounters - h.met_in_mexico) / _FORTNIGHT
    for sector in range(N_SECTORS):
        caught = t.by_sector[Event.APPREHENDED_US, sector]
        h.apprehended[h.days % len(h.apprehended), sector] = caught[0] + caught[1]
    h.days += 1
    h.kidnapped += t.expected_kidnaps  # Drawn events are noisy for rows with a large weight.
    h.intercepted += stopped
    h.quarter[0] += _persons(t, Event.APPREHENDED_US)
    h.quarter[1] += _persons(t, Event.GOT_AWAY_KNOWN)
    h.quarter[2] += _sum(t.expected_deaths)
    h.quarter[3] += _sum(seized) / 365.0
    for group in range(N_GROUPS):
        h.adults[0, group] += t.events[Event.CANDIDATES, group, Kind.ADULT]
        for event in _ARRIVALS:
            h.adults[1, group] += t.events[event, group, Kind.ADULT]
    _add_to_month(t, h)


@inlined
def _add_experience(t, p):
    """Move reported and usual experience towards the day's outcomes.

    The more people believe in a restriction, the less the usual experience moves.
    """
    for nation in range(N_NATIONS):
        group = GROUP_OF_NATION[nation]
        reached = _of_group(t, Event.REACHED_LINE, group)
        tried = _of_group(t, Event.LINE_ATTEMPT, group)
        for kind in range(N_KINDS):
            for usual in range(2):
                mean = p.experience[usual, nation, kind]
                days = p.usual_days if usual else p.experience_days
                learn = 1.0 - max(p.belief[nation, kind], 0.0) if usual else 1.0
                mean[MX_STOPPED] += (t.expected_stops[0, group] - mean[MX_STOPPED]) * learn / days
                mean[AT_LINE] += (reached - mean[AT_LINE]) * learn / days
                mean[LINE_CAUGHT] += (t.expected_stops[1, group] - mean[LINE_CAUGHT]) * learn / days
                mean[LINE_TRIED] += (tried - mean[LINE_TRIED]) * learn / days


@inlined
def _add_to_month(t, h):
    """Add the day's criminal revenue, settlers and released persons to the month's sums."""
    for country in range(h.fee_share.size):
        h.revenue[country] += t.fees[1] * h.fee_share[country]
    dollars = t.fees[0] + t.money[Account.DRUG_BUYERS, Account.DRUG_ORGANISATIONS]
    for payer in range(N_ACCOUNTS):  # Criminals and officials in Mexico receive these dollars.
        dollars += t.money[payer, Account.CRIMINAL_GROUPS] + t.money[payer, Account.OFFICIALS]
    h.revenue[h.fee_share.size] += dollars
    for origin in range(MAX_ORIGINS):
        h.settled[origin] += t.settled[origin]
        for kind in range(N_KINDS):
            h.released[origin, kind] += t.released[origin, kind]


@inlined
def _move_mean(mean, today, days):
    """Move a running mean, element by element, towards the day's values."""
    for i in range(mean.size):
        mean[i] += (today[i] - mean[i]) / days


@inlined
def _sum(numbers):
    """Return an array's sum. `numpy.sum` would take ten times as long to compile."""
    total = numbers[0]
    for i in range(1, numbers.size):
        total += numbers[i]
    return total


@shared
def _persons(t, event):
    """Return an event's count today over both groups. A person counts once per occurrence."""
    return _of_group(t, event, 0) + _of_group(t, event, 1)


@shared
def _of_group(t, event, group):
    return _sum(t.events[event, group])


@kernel
def close_day(tallies, balance, cash):
    """Post the day's dollars to the accounts, and compute the conserved totals.

    Args:
        tallies: the day's counts.
        balance: dollars by account, changed in place.
        cash: dollars that the organisations hold, by slot.

    Returns:
        Three tuples. Persons: today's candidates, the earlier cohort, the recorded cohort, the
        smallest stock in any status, the change in persons past the line that follows from events,
        and the number of persons past the line. Dollars: migrants' receipts less payments, the
        change in their net worth, and the organisations' cash less their account's balance. Work:
        completed legs, and decisions.
    """
    t, booked = tallies[0], 0
    for payer in range(N_ACCOUNTS):
        booked += t.money[payer, Account.MIGRANTS] - t.money[Account.MIGRANTS, payer]
        for payee in range(N_ACCOUNTS):
            balance[payer] -= t.money[payer, payee]
            balance[payee] += t.money[payer, payee]
    caught = _persons(t, Event.APPREHENDED_US) - _persons(t, Event.SURRENDERED)
    caught -= _persons(t, Event.APPREHENDED_BELT)
    passed = _persons(t, Event.LINE_ATTEMPT) - _persons(t, Event.TURNED_BACK) - caught
    counted = _persons(t, Event.GOT_AWAY_KNOWN) + _persons(t, Event.GOT_AWAY_UNDETECTED)
    earlier, recorded, smallest = 0, 0, t.stock[0, 0]
    for status in range(t.stock.shape[1]):
        earlier, recorded = earlier + t.stock[0, status], recorded + t.stock[1, status]
        smallest = min(smallest, t.stock[0, status], t.stock[1, status])
    moves = passed - counted - t.ended_past_line
    persons = _persons(t, Event.CANDIDATES), earlier, recorded, smallest, moves, t.past_line
    beyond = _sum(cash) - balance[Account.ORGANISATIONS]
    return persons, (booked, t.net_after - t.net_before, beyond), (t.arrivals, t.decided)
