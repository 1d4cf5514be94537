"""The compiled day loop: generate candidates, let them decide, and let due migrants act.

Kernels take each record as an array with one entry, because passing a record with many fields from
Python takes as long as the decisions of many candidates.

The loop scans rows in order, but no result depends on the order: decisions read yesterday's tables,
and draws are keyed by person.
"""

import math
from typing import NamedTuple

import numpy as np

from agents.chance import draw4, draw4_many, poisson
from agents.environment import Stream
from agents.jit import inlined, kernel
from agents.migrants.aftermath import (
    carry_out,
    circulate,
    decide_again,
    decide_application,
    end_captivity,
    end_custody,
    end_wait,
    reconsider,
)
from agents.migrants.columns import (
    AT_LINE,
    LINE_CAUGHT,
    LINE_TRIED,
    MX_STOPPED,
    N_NATIONS,
    NEVER,
)
from agents.migrants.departure import (
    STAY,
    choose_departure,
    complete_traits,
    draw_traits,
    list_stratum,
    set_stratum,
)
from agents.migrants.tallies import post
from agents.migrants.travel import arrive, journey_event
from agents.outcomes import (
    GROUP_OF_NATION,
    N_KINDS,
    Account,
    Consequence,
    Event,
    Group,
    Status,
)

_YEAR = 365.0  # days
_HOTTEST = 185  # day of the year at which deaths at the line are most frequent
_MAX_YEARS = 100.0  # years, upper bound of the expected wait in the legal channel
# Columns in `CandidateBatch.early`.
EARLY, EARLY_COUNT, EARLY_KEEP = 0, 1, 2
_BATCH = 256  # migrants whose rows are read and whose draws are computed together
_RUN = 32  # rows whose due dates are read together


class CandidateBatch(NamedTuple):
    """Candidates for one date, by stratum.

    Attributes:
        date: ordinal of the date.
        cohort: 0 during the warm-up, 1 in the recorded run.
        weight: persons per row or agent.
        strata: origin, group, kind by stratum, shape (strata, 3).
        rates: upper bound (envelope) of rows or agents a day, by stratum.
        keep: rate divided by the envelope, by stratum.
        early: candidates who decide before a deadline: their share, the number of candidates before
            thinning, and the share that remains after thinning, shape (strata, 3). The kernel sets
            the last two columns if `is_early` is 1.
        is_early: 1 if these candidates decide before a deadline, on a day before `date`. 0 if they
            decide on `date`.
    """

    date: int
    cohort: int
    weight: int
    strata: np.ndarray
    rates: np.ndarray
    keep: np.ndarray
    early: np.ndarray
    is_early: int


@inlined
def make_uid(date, stratum, number):
    """Return a candidate's identity, which depends only on these three numbers.

    Args:
        date: ordinal date.
        stratum: index of the stratum.
        number: number within the day and stratum.

    Returns:
        The uid.
    """
    return (date << 40) | (stratum << 24) | number


@inlined
def _keep_due(batch, s, first, size, seed, uids, zeros, u):
    """Write the uids of candidates who remain after thinning and decide today. Return their number.

    Numbers are drawn at an upper bound of the daily rate and thinned to the day's rate.
    """
    keep, early = batch.keep[s], batch.early[s]
    for k in range(size):
        uids[k] = make_uid(batch.date, s, first + k)
    draw4_many(seed, Stream.KEEP, uids, zeros, size, u)
    n_due = 0
    for k in range(size):
        # Whether the candidate decides on an earlier day, before a deadline.
        decided_early = (
            first + k < early[EARLY_COUNT]
            and u[0, k] < early[EARLY_KEEP]
            and u[1, k] < early[EARLY]
        )
        uids[n_due] = uids[k]
        n_due += u[0, k] < keep and decided_early == batch.is_early
    return n_due


@kernel
def generate_candidates(
    batch, day, rows, due, count, leg_states, markets, param_records, tallies, seed
):
    """Generate a date's candidates, let them decide, and store all who do not stay.

    Args:
        batch: the candidates.
        day: today, in days since the warm-up began.
        rows, due, count: table, due dates, and number of rows in use. The arrays are changed in
            place.
        leg_states, markets, param_records, tallies: day-loop records, as one-record arrays.
        seed: seed for keyed draws.

    Returns:
        New number of rows in use. If the table is too small, nothing changes, and the result is
        minus the number of further rows that are needed.
    """
    arrivals, further = np.empty(batch.rates.size, np.int64), 1
    for s in range(arrivals.size):
        arrivals[s] = poisson(seed, Stream.ARRIVALS, (batch.date << 16) | s, batch.rates[s])
        further += arrivals[s]
    if count + further > due.size:
        return -further
    leg_state, market, params, day_tallies = leg_states[0], markets[0], param_records[0], tallies[0]
    uids, zeros = np.empty(_BATCH, np.int64), np.zeros(_BATCH, np.int64)
    u, v = np.empty((4, _BATCH)), np.empty((4, _BATCH))
    for s in range(arrivals.size):
        if batch.is_early:
            batch.early[s, EARLY_COUNT], batch.early[s, EARLY_KEEP] = arrivals[s], batch.keep[s]
        listed = False
        for first in range(0, arrivals[s], _BATCH):
            size = min(_BATCH, arrivals[s] - first)
            n_due = _keep_due(batch, s, first, size, seed, uids, zeros, u)
            draw4_many(seed, Stream.TRAITS, uids, zeros, n_due, u)
            draw4_many(seed, Stream.NEST, uids, zeros, n_due, v)
            for k in range(n_due):
                p = rows[count]
                set_stratum(p, s, batch.strata, params)
                if not listed:
                    list_stratum(p, leg_state, market, params)
                    listed = True
                p.uid, p.weight, p.cohort = uids[k], batch.weight, batch.cohort
                draw_traits(p, leg_state, params, (u[0, k], u[1, k], u[2, k], u[3, k]))
                day_tallies.decided += 1
                # A candidate counts as staying until the decision.
                day_tallies.stock[p.cohort, Status.STAYED] += p.weight
                post(day_tallies, p, Event.CANDIDATES)
                if batch.is_early:
                    post(day_tallies, p, Event.BROUGHT_FORWARD)
                noise = v[0, k], v[1, k], v[2, k], v[3, k]
                nest = choose_departure(p, leg_state, params, noise)
                if nest == STAY:
                    continue
                complete_traits(p, params, seed)
                day_tallies.money[Account.HOUSEHOLDS, Account.MIGRANTS] += p.wealth * p.weight
                carry_out(p, day, nest, leg_state, market, params, day_tallies, seed)
                day_tallies.net_after += (p.wealth - p.debt) * p.weight
                due[count] = int(p.clock)
                count += 1
    return count


@inlined
def _find_due(day, start, stop, due, positions):
    """Write the positions of the next due rows. Return their number and the next row to scan."""
    n_due, today = 0, np.int32(day)
    while start < stop and n_due <= _BATCH - _RUN:
        for i in range(start, min(start + _RUN, stop)):
            positions[n_due] = i
            # With an unsigned index, numba does not check for negative values.
            n_due += due[np.uint64(i)] <= today
        start += _RUN
    return n_due, start


@kernel
def act_due(day, stop, rows, due, leg_states, markets, param_records, tallies, seed):
    """Let due migrants act until each migrant's next action is after today.

    Args:
        day: days since the warm-up began.
        stop: number of rows in use.
        rows, due: the table and its due dates, changed in place.
        leg_states, markets, param_records, tallies: as for :func:`generate_candidates`.
        seed: seed for keyed draws.
    """
    leg_state, market, params, day_tallies = leg_states[0], markets[0], param_records[0], tallies[0]
    # With rows in one two-dimensional array, the compiler would compute one draw at a time.
    positions, uids = np.empty(_BATCH, np.uint64), np.empty(_BATCH, np.int64)
    keys, start = np.empty(_BATCH, np.int64), 0
    u, v = np.empty((4, _BATCH)), np.empty((4, _BATCH))
    while start < stop:
        n_due, start = _find_due(day, start, stop, due, positions)
        for k in range(n_due):  # In a short loop, the processor loads many rows together.
            uids[k] = rows[positions[k]].uid
        for k in range(n_due):
            p = rows[positions[k]]
            keys[k] = journey_event(p)
            day_tallies.net_before += (p.wealth - p.debt) * p.weight
        draw4_many(seed, Stream.JOURNEY, uids, keys, n_due, u)
        draw4_many(seed, Stream.ROUTE, uids, keys, n_due, v)
        for k in range(n_due):
            p = rows[positions[k]]
            chances, route = (u[0, k], u[1, k], u[2, k], u[3, k]), (v[0, k], v[1, k])
            while p.clock < day + 1:
                if p.status == Status.TRAVELLING:
                    key = journey_event(p)
                    if key != keys[k]:  # another leg today
                        chances = draw4(seed, Stream.JOURNEY, p.uid, key)
                        route = draw4(seed, Stream.ROUTE, p.uid, key)[:2]
                    arrive(p, chances, route, day, leg_state, market, params, day_tallies, seed)
                elif p.status == Status.RETURNED:
                    reconsider(p, day, leg_state, market, params, day_tallies, seed)
                elif p.status == Status.HELD_US or p.status == Status.HELD_MEXICO:
                    end_custody(p, day, params, day_tallies)
                elif p.status == Status.KIDNAPPED:
                    end_captivity(p, day, leg_state, params, day_tallies, seed)
                elif p.status == Status.APPLIED:
                    decide_application(p, day, leg_state, market, params, day_tallies, seed)
                elif p.status == Status.WAITS_IN_MEXICO:
                    end_wait(p, day, market, params, day_tallies, seed)
                elif p.status == Status.DEFERRED:
                    decide_again(p, day, leg_state, market, params, day_tallies, seed)
                elif p.status == Status.SETTLED:
                    circulate(p, day, leg_state, params, day_tallies, seed)
                else:
                    p.clock = NEVER
            due[positions[k]] = int(p.clock)
            day_tallies.net_after += (p.wealth - p.debt) * p.weight


@inlined
def free_share(capacity, demand):
    """Return the share of a day's demand that the free capacity covers, 0 to 1.

    Args:
        capacity: free room in persons, negative if overfull.
        demand: persons a day.
    """
    return min(1.0, max(0.0, capacity) / max(demand, 1.0))


@kernel
def set_custody(kernel_params, tallies, lever_records, moment, beds, demand, at_line):
    """Set today's heat, free beds and courts, screening, custody stays, waits and the legal fee.

    Args:
        kernel_params: one-record array, changed in place.
        tallies: one-record array, DAY_TALLIES.
        lever_records: one-record array, :data:`agents.levers.LEVER_RECORD`.
        moment: fiscal year since EPOCH, and day of the year.
        beds: detention places before policies.
        demand: persons a day who need a bed, and persons a day who are referred to court.
        at_line: relative rise in the kidnapping hazard at the line.
    """
    p, levers, detained = kernel_params[0], lever_records[0], tallies[0].held
    p.fiscal_year = moment[0]
    p.heat = 1.0 + p.heat_amplitude * math.cos(2.0 * math.pi * (moment[1] - _HOTTEST) / _YEAR)
    p.bed_free = free_share(beds + levers.beds - float(detained[0] + detained[1]), demand[0])
    p.court_free = free_share(p.courts + levers.courts, demand[1])
    staffed = 1.0 + levers.asylum_officers / p.asylum_officers
    p.screening_us = 1.0 - (1.0 - p.screening_us_base) ** staffed
    hearing = 1.0 - p.stay_for_hearing * (1.0 - 1.0 / staffed)
    readmission = 1.0 - min(1.0, levers.readmission)
    for nation in range(N_NATIONS):
        for kind in range(N_KINDS):
            stay = p.stay_removal_law[nation, kind]
            if GROUP_OF_NATION[nation] != Group.MEXICAN:
                stay = stay * hearing * readmission
            p.stay_removal[nation, kind] = stay
    p.wait_share = min(1.0, levers.wait_in_mexico)
    p.wait_kidnap_hazard = p.wait_kidnap_hazard_base * (1.0 + at_line)
    p.legal_fee = max(0.0, p.legal_fee_base + levers.visa_fee)


@kernel
def set_outlook(kernel_params, tallies, lever_records, decided, applied, detained):
    """Update the legal channel, the shares expelled and moved south, and people's expectations.

    Args:
        kernel_params, tallies, lever_records: as for :func:`set_custody`.
        decided: applications decided a year without policies, and added by policies, by nation.
        applied: persons a day who join the queue in the legal channel, by nation.
        detained: share of the people released for lack of beds whom additional beds could hold.
    """
    p, levers = kernel_params[0], lever_records[0]
    advance_legal_queues(p, tallies[0].tickets, decided[0], decided[1], applied)
    _set_expulsions(p, levers)
    update_beliefs(p, levers)
    update_expected_release(p, levers, detained)


@inlined
def advance_legal_queues(p, tickets, quota, more, applied):
    """Serve the queues in the legal channel. The longer the wait, the less an application is worth.

    A person removed by the United States has no chance of a visa for years. Stops by Mexico and
    voluntary returns have no such effect. The declared `loss` includes what this chance was worth
    in the base year, so `bar_loss` is only the worth that policies add.

    Args:
        p: parameter record. `legal_rate`, `legal_served`, `legal_hope` and `bar_loss` change.
        tickets: last ticket by nation.
        quota, more: applications decided a year without policies, and added by policies, by nation.
        applied: as for :func:`set_outlook`.
    """
    for nation in range(N_NATIONS):
        yearly = max(quota[nation] + more[nation], 0.0)
        p.legal_rate[nation] = yearly / _YEAR
        served = min(p.legal_served[nation] + p.legal_rate[nation], float(tickets[nation]))
        queue = tickets[nation] - served + applied[nation]
        years = min(queue / max(yearly, 1e-9), _MAX_YEARS)
        open_share = 1.0 - p.legal_refusal if yearly > 0.0 else 0.0
        p.legal_served[nation] = served
        p.legal_hope[nation] = open_share * math.exp(-p.legal_impatience * years)
        lost = p.return_bar * p.legal_hope[nation] * max(0.0, more[nation]) / max(yearly, 1e-9)
        for kind in range(N_KINDS):
            mean = p.experience[1, nation, kind]
            by_us = mean[LINE_CAUGHT] / max(mean[LINE_CAUGHT] + mean[MX_STOPPED], 1e-12)
            removed = by_us * (1.0 - p.voluntary[nation, kind])
            p.bar_loss[nation, kind] = lost * removed * p.gain[GROUP_OF_NATION[nation]]


@inlined
def _set_expulsions(p, levers):
    """Set the shares of people whom the United States expels and whom Mexico moves south.

    Both shares change the probability of another attempt that people expect after a stop.
    """
    # Without a town in the south, Mexico cannot move people there.
    p.transferred = min(1.0, levers.transfers_south) if p.south_place >= 0.0 else 0.0
    for nation in range(N_NATIONS):
        group, transferred = GROUP_OF_NATION[nation], 0.0
        by_kind = levers.expulsion_mexican if group == 0 else levers.expulsion_foreign
        # Each policy counts in proportion to its share of all expelled people.
        to_line = min(1.0, levers.expelled_to_line[group] / max(by_kind.sum() / N_KINDS, 1e-12))
        p.expelled_to_line[nation] = to_line
        for kind in range(N_KINDS):
            share, law = min(1.0, by_kind[kind]), p.again_us_law[nation, kind]
            home = p.retry[Consequence.VOLUNTARY_RETURN, nation, kind]
            again = home + to_line * (p.retry[Consequence.EXPULSION, nation, kind] - home)
            others = (1.0 - share) * (1.0 - p.release_base[nation, kind])
            mean = (share * again + others * law) / max(share + others, 1e-12)
            p.expelled[nation, kind], p.again_us[nation, kind] = share, mean if share > 0.0 else law
            transferred += p.retry[Consequence.TRANSFER, nation, kind]
        change = transferred / N_KINDS - p.again_mx_law[nation]
        p.again_mx[nation] = p.again_mx_law[nation] + p.transferred * change


@inlined
def update_beliefs(p, levers):
    """Move the belief in announcements with today's news, and let experience correct it.

    Today's news reaches some people. News of a restriction moves their belief to 1, and news of an
    opening moves it to -1. Belief then decays. Experience that confirms the belief slows the decay:
    migrants reportedly fail more often than usual under a restriction, or less often under an
    opening. The decay stops where the log-odds of failure differ by `confirmation`.

    Args:
        p: parameter record. `belief`, `release_news` and `deterred` change. `deterred` is the share
            of people who would go but do not.
        levers: lever record.
    """
    for nation in range(N_NATIONS):
        group = GROUP_OF_NATION[nation]
        restriction, opening = levers.news_restriction[group], levers.news_opening[group]
        reached = -math.expm1(-restriction - opening)
        for kind in range(N_KINDS):
            belief, release = p.belief[nation, kind], p.release_news[nation, kind]
            if reached > 0.0:
                share = reached / (restriction + opening)
                belief += (restriction - opening) * share - reached * belief
                release += levers.news_release[group] * share - reached * release
            if belief != 0.0 or release != 0.0:
                reported = failure_log_odds(p, 0, nation, kind)
                harder = reported - failure_log_odds(p, 1, nation, kind)
                if belief < 0.0:
                    harder = -harder
                confirmed = min(max(harder / p.confirmation, 0.0), 1.0)
                decay = math.exp(-math.log(2.0) * (1.0 - confirmed) / p.news_half_life)
                belief, release = belief * decay, release * decay
            p.belief[nation, kind], p.release_news[nation, kind] = belief, release
            p.deterred[nation, kind] = -math.expm1(-p.news_response * max(belief, 0.0))


@inlined
def failure_log_odds(p, usual, nation, kind):
    """Return the log-odds of failure that earlier migrants have experienced.

    Mexico stops some people. The Border Patrol apprehends some of the people who travel on. Some
    apprehended people are not released.

    Args:
        p: parameter record.
        usual: 0 for recent experience from reports, 1 for usual experience.
        nation, kind: row and column in the tables by nation.

    Returns:
        Log-odds, 0 if no experience has been recorded.
    """
    mean = p.experience[usual, nation, kind]
    travelled, tried = mean[MX_STOPPED] + mean[AT_LINE], mean[LINE_TRIED]
    if travelled <= 0.0 or tried <= 0.0:
        return 0.0
    stopped, caught = mean[MX_STOPPED] / travelled, mean[LINE_CAUGHT] / tried
    released = p.release_usual[nation, kind] if usual else p.release_seen[nation, kind]
    failure = min(max(stopped + (1.0 - stopped) * caught * (1.0 - released), 0.001), 0.999)
    return math.log(failure / (1.0 - failure))


@inlined
def update_expected_release(p, levers, detained):
    """Set the shares released, and move people's expected release towards today's.

    An announcement changes the expected release in proportion to the belief in it. It does not
    change the observed release. Once the belief has decayed, the two are equal.

    Args:
        p: parameter record. `release_share`, `release_seen`, `release_usual` and the expectation
            `release_view` change.
        levers: lever record.
        detained: as for :func:`set_outlook`.
    """
    for nation in range(N_NATIONS):
        group = GROUP_OF_NATION[nation]
        for kind in range(N_KINDS):
            release = p.release_law[nation, kind]
            if group != Group.MEXICAN:
                release *= 1.0 - p.release_for_room[kind] * detained
            p.release_share[nation, kind] = release
            if group != Group.MEXICAN:
                if p.bed_free < 1.0:
                    without = p.release_without_bed[nation, kind]
                    release += (1.0 - release) * (1.0 - p.bed_free) * without
                release *= 1.0 - p.wait_share
            release *= 1.0 - p.expelled[nation, kind]
            change = (release - p.release_seen[nation, kind]) / p.experience_days
            p.release_seen[nation, kind] += change
            learn = 1.0 - max(p.belief[nation, kind], 0.0)
            change = (release - p.release_usual[nation, kind]) * learn / p.usual_days
            p.release_usual[nation, kind] += change
            view, news = p.release_seen[nation, kind], p.release_news[nation, kind]
            p.release_view[nation, kind] = view + (1.0 - view if news > 0.0 else view) * news


@kernel
def close_gaps(rows, due, count):
    """Move rows with further actions to the start, in order, and return their number."""
    n_active = 0
    for i in range(count):
        if due[i] != NEVER:
            if n_active < i:
                rows[n_active], due[n_active] = rows[i], due[i]
            n_active += 1
    return n_active
