"""The day loop over plain arrays: candidates are generated and decide, migrants who are due act.

The kernels take their records as arrays of one record each: to pass a record with many fields from
Python takes as long as the decisions of many candidates.

The loop scans the rows in order. No result depends on that order: decisions read the tables of the
previous day, and draws are keyed by the person.
"""

import numpy as np

from agents.chance import draw4, draw4_many, poisson
from agents.environment import Stream
from agents.jit import inlined, kernel
from agents.migrants.aftermath import (
    circulate,
    decide_application,
    end_captivity,
    end_custody,
    end_wait,
    reconsider,
)
from agents.migrants.candidate_batch import (
    BATCH,
    choose_modes,
    decide,
    draw_candidates,
    list_options,
)
from agents.migrants.columns import LEFT, NEVER
from agents.migrants.decisions import (
    GO,
    LEGAL,
    SOLO,
    STAY,
    WAIT,
    choose_mode,
    decide_departure,
)
from agents.migrants.tallies import finish, pay, post, post_by_nation, wait
from agents.migrants.travel import (
    arrive,
    arrive_with,
    begin_trip,
    journey_event,
)
from agents.outcomes import Account, Event, Status

# columns of the candidates who decide before a deadline
EARLY, EARLY_COUNT, EARLY_KEEP = 0, 1, 2
_NO_TICKET = 0.0
_BATCH = 256  # migrants whose rows are read and whose draws are computed together; see `AT_ONCE`


@inlined
def make_uid(date, stratum, number):
    """Return the identity of a candidate, which depends on these three numbers only.

    Args:
        date: ordinal date.
        stratum: index of the stratum.
        number: number within the day and stratum.

    Returns:
        The uid.
    """
    return (date << 40) | (stratum << 24) | number


@kernel
def draw_arrivals(date, rates, seed):
    """Draw the numbers of candidates of a date before thinning.

    Args:
        date: ordinal date.
        rates: envelope rate of rows a day by stratum.
        seed: seed for keyed draws.

    Returns:
        Number of candidates by stratum.
    """
    arrivals = np.zeros(rates.size, np.int64)
    for s in range(rates.size):
        arrivals[s] = poisson(seed, Stream.ARRIVALS, (date << 16) | s, rates[s])
    return arrivals


@kernel
def _set_traits(p, b, i, s, strata, cohort, weight, params):
    """Set the row of a candidate of stratum `s` at position `i` of the batch, before a trip."""
    p.uid, p.weight, p.cohort = b.uid[i], weight, cohort
    _set_stratum(p, s, strata, params)
    p.wealth, p.debt, p.knowledge = int(b.wealth[i]), 0, b.knowledge[i]
    p.surrender = int(b.surrender[i])
    p.protection = 1 if p.group > 0 and b.traits_2[0, i] < params.need_of_protection else 0
    p.informed = 1 if b.traits_2[1, i] < p.knowledge else 0
    p.set_out, p.leg, p.gate, p.org, p.route = 0.0, -1, -1, -1, 0
    p.decisions, p.trips, p.hop, p.line_tries, p.caught = 0, 0, 0, 0, 0
    p.caught_year, p.caught_in_year, p.quarters, p.trial, p.detected = 0, 0, 0, 0, 0
    p.tries_left, p.consequence, p.mode, p.status, p.past_line = 0, 0, 0, Status.STAYED, 0


@inlined
def _set_stratum(p, s, strata, params):
    """Set what the candidates of a stratum share."""
    p.origin, p.group, p.kind = strata[s, 0], strata[s, 1], strata[s, 2]
    p.place = int(params.origin_place[p.origin])


@kernel
def _apply(p, day, params, day_tallies):
    """Apply in the legal channel; :func:`_give_ticket` gives the place in the queue later."""
    day_tallies.applied[int(params.nation[p.origin])] += p.weight
    p.set_out = _NO_TICKET
    pay(day_tallies, p, Account.US_TREASURY, int(params.legal_fee))
    post(day_tallies, p, Event.APPLIED)
    wait(day_tallies, p, Status.APPLIED, day + 1)


@kernel
def _postpone(p, day, params, day_tallies, seed):
    """Wait at home until the next decision."""
    u = draw4(seed, Stream.DEFERRAL, p.uid, p.decisions)[0]
    days = params.waiting_days + params.waiting_days_spread * (u - 0.5)
    p.decisions += 1
    post(day_tallies, p, Event.DEFERRED)
    wait(day_tallies, p, Status.DEFERRED, day + 1 + int(days))


@kernel
def _depart(p, day, nest, mode, leg_state, market, params, day_tallies, seed):
    """Carry out the decision to go in a mode, to apply or to wait."""
    if nest == WAIT:
        _postpone(p, day, params, day_tallies, seed)
    elif nest == LEGAL:
        p.decisions += 1
        _apply(p, day, params, day_tallies)
    else:
        p.decisions += 1
        post(day_tallies, p, Event.SET_OUT)
        post_by_nation(day_tallies, p, LEFT, params)
        begin_trip(p, day + 0.5, mode, leg_state, market, params, day_tallies, seed)


@kernel
def decide_again(p, day, leg_state, market, params, day_tallies, seed):
    """Decide after a wait at home whether to leave, to apply, to wait longer or to stay.

    Args:
        p: the migrant's row, changed.
        day: days since the warm-up began.
        leg_state, market, params, day_tallies: day-loop records.
        seed: seed for keyed draws.
    """
    day_tallies.decided += 1
    nest = decide_departure(p, leg_state, market, params, seed)
    if nest == STAY:
        finish(day_tallies, p, Status.STAYED)
        return
    mode = choose_mode(p, leg_state, market, params, seed) if nest == GO else SOLO
    _depart(p, day, nest, mode, leg_state, market, params, day_tallies, seed)


@kernel
def _draw_kept(b, date, s, first, count, keep, early, ahead, seed):
    """Draw candidates of a stratum, write the uids of those who are kept; return their number.

    `first` and `count` select candidates by their number within the day.
    """
    for i in range(count):
        b.uid[i], b.event[i] = make_uid(date, s, first + i), 0
    draw4_many(seed, Stream.KEEP, b.uid, b.event, count, b.traits)
    accepted = 0
    for i in range(count):
        u, v = b.traits[0, i], b.traits[1, i]
        left_early = (  # before a deadline, on an earlier day
            first + i < early[s, EARLY_COUNT] and u < early[s, EARLY_KEEP] and v < early[s, EARLY]
        )
        b.uid[accepted] = b.uid[i]
        accepted += u < keep and left_early == ahead
    return accepted


@kernel
def _count_candidates(p, n, weight, cohort, ahead, day_tallies):
    """Count candidates of a stratum, who are at home until they decide otherwise."""
    persons = n * weight
    day_tallies.decided += n
    day_tallies.events[Event.CANDIDATES, p.group, p.kind] += persons
    day_tallies.stock[cohort, Status.STAYED] += persons
    if ahead:
        day_tallies.events[Event.BROUGHT_FORWARD, p.group, p.kind] += persons


@kernel
def _store_rows(
    b,
    n,
    s,
    strata,
    cohort,
    weight,
    rows,
    due,
    count,
    day,
    leg_state,
    market,
    params,
    day_tallies,
    seed,
):
    """Write rows of the candidates of a batch who do not stay; return the rows in use."""
    leaver = 0
    for i in range(n):
        if b.nest[i] == STAY:
            continue
        p = rows[count]
        _set_traits(p, b, i, s, strata, cohort, weight, params)
        day_tallies.money[Account.HOUSEHOLDS, Account.MIGRANTS] += p.wealth * p.weight
        mode = b.mode[leaver]
        leaver += b.nest[i] == GO
        _depart(p, day, b.nest[i], mode, leg_state, market, params, day_tallies, seed)
        day_tallies.net_after += (p.wealth - p.debt) * p.weight
        due[count] = int(p.clock)
        count += 1
    return count


@kernel
def _give_ticket(p, params, day_tallies):
    """Give a new applicant in the legal channel the next position in the queue of the nation.

    Tickets follow the order of the rows at the end of a day, not the order of actions.
    """
    if p.status == Status.APPLIED and p.set_out == _NO_TICKET:
        nation = int(params.nation[p.origin])
        day_tallies.tickets[nation] += p.weight
        p.set_out = day_tallies.tickets[nation]


@kernel
def generate_candidates(
    date,
    day,
    cohort,
    weight,
    arrivals,
    keep,
    early,
    ahead,
    strata,
    rows,
    due,
    count,
    leg_states,
    markets,
    param_records,
    tallies,
    seed,
    batches,
):
    """Generate candidates of a date and their decisions; store rows of all but those who stay.

    Args:
        date: ordinal date to which the candidates belong.
        day: today, in days since the warm-up began.
        cohort, weight: 1 if the run is recorded, and persons per row.
        arrivals: candidates of the date by stratum, from :func:`draw_arrivals`.
        keep: rate divided by the envelope, by stratum.
        early: candidates of the date who decide before a deadline: share, number drawn, and share
            kept, shape (strata, 3). The last two are set if `ahead` is 1.
        ahead: 1 to generate those who decide before a deadline, on a day before `date`; 0 to
            generate the others, on `date`.
        strata: origin, group, kind by stratum, shape (strata, 3).
        rows, due, count: the table, its due dates and the number of rows in use. The arrays are
            changed.
        leg_states, markets, param_records, tallies: day-loop records, as arrays of one.
        seed: seed for keyed draws.
        batches: space for a batch of candidates, as an array of one record.

    Returns:
        New number of rows in use.
    """
    leg_state, market, params, day_tallies = leg_states[0], markets[0], param_records[0], tallies[0]
    b, before = batches[0], count
    for s in range(arrivals.size):
        if ahead:
            early[s, EARLY_COUNT], early[s, EARLY_KEEP] = arrivals[s], keep[s]
        listed = False
        for number in range(0, arrivals[s], BATCH):
            candidates = min(BATCH, arrivals[s] - number)
            accepted = _draw_kept(b, date, s, number, candidates, keep[s], early, ahead, seed)
            if accepted == 0:
                continue
            p = rows[count]
            _set_stratum(p, s, strata, params)
            if not listed:
                list_options(b, p, leg_state, market, params)
                listed = True
            _count_candidates(p, accepted, weight, cohort, ahead, day_tallies)
            draw_candidates(b, accepted, p, leg_state, params, seed)
            decide(b, accepted, p, params)
            choose_modes(b, accepted, params, seed)
            count = _store_rows(
                b,
                accepted,
                s,
                strata,
                cohort,
                weight,
                rows,
                due,
                count,
                day,
                leg_state,
                market,
                params,
                day_tallies,
                seed,
            )
    for i in range(before, count):
        _give_ticket(rows[i], params, day_tallies)
    return count


@kernel
def _act(p, day, leg_state, market, params, day_tallies, seed):
    """Perform one due action of a migrant."""
    if p.status == Status.TRAVELLING:
        arrive(p, day, leg_state, market, params, day_tallies, seed)
    elif p.status == Status.RETURNED:
        reconsider(p, day, leg_state, market, params, day_tallies, seed)
    elif p.status == Status.HELD_US or p.status == Status.HELD_MEXICO:
        end_custody(p, day, params, day_tallies)
    elif p.status == Status.KIDNAPPED:
        end_captivity(p, day, leg_state, params, day_tallies, seed)
    elif p.status == Status.APPLIED:
        decide_application(p, day, leg_state, market, params, day_tallies, seed)
    elif p.status == Status.WAITS_IN_MEXICO:
        end_wait(p, day, leg_state, market, params, day_tallies, seed)
    elif p.status == Status.DEFERRED:
        decide_again(p, day, leg_state, market, params, day_tallies, seed)
    elif p.status == Status.SETTLED:
        circulate(p, day, leg_state, params, day_tallies, seed)
    else:
        p.clock = NEVER


@inlined
def _find_due(day, start, stop, due, chosen):
    """Write the next rows that are due to `chosen`; return their number and the row to go on at."""
    n_due, i = 0, start
    while i < stop and n_due < _BATCH:
        chosen[n_due] = i
        n_due += due[i] <= day
        i += 1
    return n_due, i


@kernel
def act_due(day, stop, rows, due, leg_states, markets, param_records, tallies, seed):
    """Perform the actions of the migrants who are due, until their next action is after today.

    Args:
        day: days since the warm-up began.
        stop: number of rows in use.
        rows, due: the table and its due dates, changed.
        leg_states, markets, param_records, tallies: as for :func:`generate_candidates`.
        seed: seed for keyed draws.
    """
    leg_state, market, params, day_tallies = leg_states[0], markets[0], param_records[0], tallies[0]
    applicants, applied, start = np.empty(stop, np.int64), 0, 0
    chosen, uids, keys = np.empty((3, _BATCH), np.int64)
    u, v = np.empty((4, _BATCH)), np.empty((4, _BATCH))
    while start < stop:
        n_due, start = _find_due(day, start, stop, due, chosen)
        for k in range(n_due):  # loads many rows at a time, which takes less time than one by one
            p = rows[chosen[k]]
            uids[k], keys[k] = p.uid, journey_event(p)
            day_tallies.net_before += (p.wealth - p.debt) * p.weight
        draw4_many(seed, Stream.JOURNEY, uids, keys, n_due, u)
        draw4_many(seed, Stream.ROUTE, uids, keys, n_due, v)
        for k in range(n_due):
            p = rows[chosen[k]]
            if p.status == Status.TRAVELLING and p.clock < day + 1:
                arrive_with(
                    p,
                    (u[0, k], u[1, k], u[2, k], u[3, k]),
                    v[0, k],
                    v[1, k],
                    day,
                    leg_state,
                    market,
                    params,
                    day_tallies,
                    seed,
                )
            while p.clock < day + 1:
                _act(p, day, leg_state, market, params, day_tallies, seed)
            due[chosen[k]] = int(p.clock)
            day_tallies.net_after += (p.wealth - p.debt) * p.weight
            applicants[applied] = chosen[k]
            applied += p.status == Status.APPLIED and p.set_out == _NO_TICKET
    for k in range(applied):
        _give_ticket(rows[applicants[k]], params, day_tallies)
