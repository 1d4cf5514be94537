"""The day loop over plain arrays: candidates come up and decide, everybody due acts.

One scan in row order of those due today. Nothing here depends on that order: decisions read
yesterday's tables, draws are keyed by the person.
"""

from agents.jit import kernel

from agents.chance import draw4, normal, poisson
from agents.migrants.books import finish, post
from agents.migrants.columns import NEVER
from agents.migrants.decide import GO, LEGAL, choose_nest, choose_way, weigh_ways
from agents.migrants.travel import (
    arrive,
    begin_trip,
    circulate,
    end_captivity,
    end_custody,
    reconsider,
)
from agents.outcomes import Account, Event, Status
from agents.stage import Stream

import math

_ARRIVALS, _KEEP, _TRAITS, _TRAITS_2, _LEGAL = (
    int(Stream.ARRIVALS), int(Stream.KEEP), int(Stream.TRAITS), int(Stream.TRAITS_2),
    int(Stream.LEGAL))
_E_CANDIDATE, _E_SET_OUT = int(Event.CANDIDATES), int(Event.SET_OUT)
_E_ADMITTED, _E_REFUSED = int(Event.ADMITTED), int(Event.REFUSED)
_STAYED, _TRAVELLING, _KIDNAPPED = (
    int(Status.STAYED), int(Status.TRAVELLING), int(Status.KIDNAPPED))
_HELD_MX, _HELD_US, _RETURNED, _SETTLED = (
    int(Status.HELD_MEXICO), int(Status.HELD_US), int(Status.RETURNED), int(Status.SETTLED))
_ADMITTED, _REFUSED = int(Status.ADMITTED), int(Status.REFUSED)
_HOUSEHOLDS, _MIGRANTS = int(Account.HOUSEHOLDS), int(Account.MIGRANTS)


@kernel
def count_arrivals(day, rates, seed):
    """How many candidates come up today, by stratum.

    Args:
        day: ordinal date.
        rates: envelope rate of rows a day by stratum.
    """
    total = 0
    for s in range(rates.size):
        total += poisson(seed, _ARRIVALS, (day << 16) | s, rates[s])
    return total


@kernel
def _endow(p, uid, stratum, cohort, weight, strata, par, seed):
    """Give a candidate who they are: the same for the same uid in every world."""
    u, v = draw4(seed, _TRAITS, uid, 0), draw4(seed, _TRAITS_2, uid, 0)
    g, k = int(strata[stratum, 1]), int(strata[stratum, 2])
    p.uid, p.weight, p.cohort = uid, weight, cohort
    p.origin, p.group, p.kind = int(strata[stratum, 0]), g, k
    p.place = int(par.origin_place[p.origin])
    wealth = par.wealth_median[g] * math.exp(par.wealth_log_sd * normal(u[0], u[1]))
    p.wealth = int(min(wealth, 1e6))
    p.debt = 0
    p.knowledge = min(1.0, max(0.0, par.knowledge_mean + par.knowledge_spread * (u[2] - 0.5)))
    p.surrender = 1 if g > 0 and u[3] < par.surrender_now[k] else 0
    p.protection = 1 if g > 0 and v[0] < par.need_of_protection else 0
    p.knows = 1 if v[1] < p.knowledge else 0
    p.leg, p.gate, p.org, p.route = -1, -1, -1, 0
    p.decisions, p.trips, p.hop, p.line_tries, p.caught = 0, 0, 0, 0, 0
    p.caught_year, p.caught_in_year, p.quarters, p.trial, p.known = 0, 0, 0, 0, 0
    p.tries_left, p.consequence, p.mode, p.status = 0, 0, 0, _STAYED


@kernel
def come_up(day, cohort, weight, rates, keep, strata, rows, due, count, legs, orgs, par, books,
            out_start, out_leg, cum, ahead, prior, scratch, seed):
    """Candidates of the day decide; those who go get a row. Returns the new number of rows.

    Args:
        rates: envelope rate of rows a day by stratum.
        keep: today's rate over the envelope, by stratum.
        strata: origin, group, kind by stratum.
    """
    for s in range(rates.size):
        n = poisson(seed, _ARRIVALS, (day << 16) | s, rates[s])
        for number in range(n):
            uid = (day << 40) | (s << 24) | number
            if draw4(seed, _KEEP, uid, 0)[0] >= keep[s]:
                continue
            p = rows[count]
            _endow(p, uid, s, cohort, weight, strata, par, seed)
            books.decided += 1
            post(books, p, _E_CANDIDATE)
            books.stock[cohort, _STAYED] += weight
            go = weigh_ways(p, orgs, par, ahead, prior, scratch)
            nest = choose_nest(p, go, par, seed)
            if nest == LEGAL:
                _apply(p, books, par, seed)
            elif nest == GO:
                way = choose_way(p, orgs, par, seed, scratch)
                p.decisions = 1
                post(books, p, _E_SET_OUT)
                books.money[_HOUSEHOLDS, _MIGRANTS] += p.wealth * weight
                begin_trip(count, p, due, day + 0.5, way, legs, orgs, par, books, out_start, out_leg, cum, seed)
                books.net_after += (p.wealth - p.debt) * weight
                count += 1
    return count


@kernel
def _apply(p, books, par, seed):
    """The legal channel: a lottery at yesterday's admission rate."""
    admitted = draw4(seed, _LEGAL, p.uid, 0)[0] < par.admitted[p.group]
    post(books, p, _E_ADMITTED if admitted else _E_REFUSED)
    books.stock[p.cohort, _STAYED] -= p.weight
    books.stock[p.cohort, _ADMITTED if admitted else _REFUSED] += p.weight


@kernel
def act_due(day, count, rows, due, legs, orgs, par, books, out_start, out_leg, cum, ahead, prior, told_home, told_org,
            seen, scratch, seed):
    """Everybody due today acts, until nothing more is due before tomorrow."""
    for i in range(count):
        if due[i] > day:
            continue
        p = rows[i]
        books.net_before += (p.wealth - p.debt) * p.weight
        while due[i] <= day:
            if p.status == _TRAVELLING:
                arrive(i, p, due, day, legs, orgs, par, books, out_start, out_leg, cum, told_home, told_org, seen,
                       seed)
            elif p.status == _RETURNED:
                reconsider(i, p, due, day, legs, orgs, par, books, out_start, out_leg, cum, ahead, prior, scratch,
                           seed)
            elif p.status == _HELD_US or p.status == _HELD_MX:
                end_custody(i, p, due, day, par, books)
            elif p.status == _KIDNAPPED:
                end_captivity(i, p, due, day, legs, orgs, par, books, out_start, out_leg, cum, seed)
            elif p.status == _SETTLED:
                circulate(i, p, due, day, par, ahead, prior, books, seed)
            else:
                due[i] = NEVER
        books.net_after += (p.wealth - p.debt) * p.weight
