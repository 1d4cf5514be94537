"""Compiled arithmetic of what candidates expect of the law: the legal channel and releases."""

from __future__ import annotations

import math

from agents.jit import kernel

_YEAR = 365.0
_MOST_YEARS = 100.0  # of a wait


@kernel
def advance_legal_queues(kernel_params, tallies, yearly, applied, refusal, impatience):
    """Serve the queues of the legal channel; the value of an application falls with the wait.

    Args:
        kernel_params: array of one parameter record; `legal_rate`, `legal_served` and `legal_hope`
            are changed.
        tallies: array of one record of DAY_TALLIES.
        yearly: applications decided a year, by nation.
        applied: persons a day who join the queue, by nation.
        refusal: share of the applications that are refused.
        impatience: rate per year at which the value of an application falls.
    """
    p, tickets = kernel_params[0], tallies[0].tickets
    for n in range(yearly.size):
        p.legal_rate[n] = yearly[n] / _YEAR
        p.legal_served[n] = min(p.legal_served[n] + p.legal_rate[n], tickets[n])
        queue = tickets[n] - p.legal_served[n] + applied[n]
        years = min(queue / max(yearly[n], 1e-9), _MOST_YEARS)
        wanted = (1.0 - refusal) * math.exp(-impatience * years)
        p.legal_hope[n] = wanted if yearly[n] > 0.0 else 0.0


@kernel
def see_releases(kernel_params, foreign, days):
    """Move the release that people have seen towards that of today, and withdraw announcements.

    Args:
        kernel_params: array of one parameter record; `release_seen`, and the expectations
            `release_view`, `perceived_stop` and `news`, are changed.
        foreign: whether a nation is not Mexico.
        days: time in which people learn of a change.
    """
    p = kernel_params[0]
    unfree = 1.0 - p.bed_free
    for n in range(foreign.size):
        for kind in range(p.release_share.shape[1]):
            now = p.release_share[n, kind]
            if foreign[n] and unfree > 0.0:
                now += (1.0 - now) * unfree
            if foreign[n] and p.wait_share > 0.0:
                now *= 1.0 - p.wait_share
            now *= 1.0 - p.expelled[n, kind]
            p.release_seen[n, kind] += (now - p.release_seen[n, kind]) / days
    p.release_view[:], p.perceived_stop[:], p.news[:] = p.release_seen, 0.0, 0.0
