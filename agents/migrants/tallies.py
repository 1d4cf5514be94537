"""Posting what happens: the only functions through which the day loop counts and pays."""

from agents.jit import inlined, kernel
from agents.migrants.columns import NEVER
from agents.outcomes import Account, Event, Mode

_MIGRANTS, _ORGANISATIONS = int(Account.MIGRANTS), int(Account.ORGANISATIONS)
_SUPPLIERS, _CRIMINAL = int(Account.SUPPLIERS), int(Account.CRIMINAL_GROUPS)
_OFFICIALS = int(Account.OFFICIALS)
_HIDDEN = int(Mode.PORT)
_GUIDED_TRIP = int(Event.GUIDED_TRIP)


@inlined
def post(day_tallies, p, event):
    """Count an event for the persons of a row."""
    day_tallies.events[event, p.group, p.kind] += p.weight


@inlined
def post_at(day_tallies, p, event, sector):
    """Count an event in a sector as well."""
    day_tallies.events[event, p.group, p.kind] += p.weight
    if sector >= 0:
        day_tallies.by_sector[event, sector, p.group] += p.weight


@kernel
def recount(rows, stock):
    """Count rows afresh into `stock`, shape (2, statuses); returns the dollars people hold."""
    held = 0
    for i in range(rows.size):
        p = rows[i]
        stock[p.cohort, p.status] += p.weight
        held += (p.wealth - p.debt) * p.weight
    return held


@inlined
def move(day_tallies, p, status):
    """Change where a row's persons stand."""
    day_tallies.stock[p.cohort, p.status] -= p.weight
    day_tallies.stock[p.cohort, status] += p.weight
    p.status = status


@inlined
def wait(day_tallies, p, status, moment):
    """Change where they stand until `moment`, when they act again."""
    move(day_tallies, p, status)
    p.clock = moment


@inlined
def finish(day_tallies, p, status):
    """Change where they stand for good: the row is not looked at again."""
    move(day_tallies, p, status)
    p.clock = NEVER


@inlined
def funds(p, credit):
    """Dollars a person can still raise: at hand, and on credit."""
    return p.wealth + max(0, credit - p.debt)


@inlined
def pay(day_tallies, p, payee, dollars):
    """Pay from what is at hand, and go into debt for the rest."""
    cash = min(p.wealth, dollars)
    p.wealth -= cash
    p.debt += dollars - cash
    day_tallies.money[_MIGRANTS, payee] += dollars * p.weight


@kernel
def pay_fee(day_tallies, p, market, slot):
    """Sign a contract: the fee goes to the organisation at once."""
    dollars = int(market.port_price[p.group] if p.mode == _HIDDEN else market.price[slot, p.group])
    pay(day_tallies, p, _ORGANISATIONS, dollars)
    market.cash[slot] += dollars * p.weight
    market.clients[slot, p.group] += p.weight
    day_tallies.fees[p.group] += dollars * p.weight
    day_tallies.contracts[p.group] += p.weight


@kernel
def pay_attempt(day_tallies, p, market, slot):
    """An organisation pays for one attempt: guides and transport, passage tax, bribes."""
    tax, bribe = int(market.tax[slot, p.group]), int(market.bribe[slot, p.group])
    rest = max(0, int(market.cost[slot, p.group]) - tax - bribe)
    if p.mode == _HIDDEN:
        rest += int(market.port_cost[p.group])
    day_tallies.money[_ORGANISATIONS, _CRIMINAL] += tax * p.weight
    day_tallies.money[_ORGANISATIONS, _OFFICIALS] += bribe * p.weight
    day_tallies.money[_ORGANISATIONS, _SUPPLIERS] += rest * p.weight
    market.cash[slot] -= (tax + bribe + rest) * p.weight
    post(day_tallies, p, _GUIDED_TRIP)
