"""The law of queues at a port: fluid in overload, exact where the flow is steady.

A lane with `c` open booths, each serving `mu` units an hour, is an M/M/c queue. With arrivals of
`lam` units an hour and load a = lam / mu < c, Erlang C gives the steady mean number of units

    L(a) = a + C(c, a) a / (c - a).

Away from the steady state the mean number follows the pointwise stationary fluid flow approximation
of the M/M/c queue,

    dL/dt = lam - mu g(L),        g the inverse of L(a): the booths at work,

so that in the steady state L follows Erlang C, and in overload g tends to c and L grows like a
fluid. A fraction means that the last booth is open for this part of the time: g is interpolated
between the two whole numbers at the same L.

A port has two lanes per mode, a trusted and an ordinary one. Trusted users take the ordinary one
while it is faster by a margin, and users do not join a line that is too long.

Sources: Erlang B and C as in any textbook. K. L. Rider, A simple approximation to the average queue
size in the time-dependent M/M/1 queue, Journal of the ACM 23 (1976), 361-367. W.-P. Wang, D. Tipper
and S. Banerjee, A simple approximation for modeling nonstationary queues, IEEE INFOCOM 1996,
255-262.
"""

from __future__ import annotations

import contextlib
import functools

import numpy as np

from agents.jit import folder, inlined, read_checked, shared, write_checked
from agents.labels import CLASSES

MAX_BOOTHS = 64  # a lane with more is scaled from this number
GRID = 512  # points of the table of g between an empty and an infinite line
STEPS_PER_HOUR = 2  # time steps per hour
MAX_WAIT = 24.0  # hours; the wait where no booth is open
SAME_DAY_TOLERANCE = 1e-6  # relative difference below which two days have the same inputs
BISECTION_STEPS = 50  # bisection steps when the table is built

MODES = ("travellers", "trucks")  # classes 2 m and 2 m + 1: trusted and ordinary lane of a mode

_C = (len(CLASSES),)
#: Inputs and results of a day of queues, one record per port. Units are vehicles or trucks.
QUEUE_FIELDS = [
    ("demand", "f8", _C),  # units that arrive today
    ("booths", "f8", _C),  # booths open, mean of the day
    ("rate", "f8", _C),  # units that a booth serves per hour
    ("queue", "f8", _C),  # units at the port, waiting or at a booth, at midnight
    ("joined", "f8", _C),  # units that joined the lane today
    ("turned", "f8", _C),  # units that turned around because of the queue
    ("crossed", "f8", _C),  # units that left a booth today
    ("wait", "f8", _C),  # minutes, mean over those who joined today
    ("peak", "f8", _C),  # minutes, longest wait of the day
    ("hours", "f8", _C),  # hours that all units together waited today
    ("last_queue", "f8", _C),  # queue at the start of the last simulated day
    ("last_inputs", "f8", (3, len(CLASSES))),  # its demand, booths, rate
]
QUEUES = np.dtype(QUEUE_FIELDS, align=True)

#: Profile of a day, one record for all ports.
HOUR_FIELDS = [
    ("profile", "f8", (len(MODES), 24)),  # share of the day's units by hour
    ("opening", "f8", (len(MODES), 24)),  # booths open in an hour over the mean of the day
    ("switch", "f8"),  # hours by which an ordinary lane must be faster for all to take it
    ("patience", "f8"),  # hours of waiting from which users begin to turn around
]
HOURS = np.dtype(HOUR_FIELDS, align=True)


def erlang_b(booths, load):
    """Return the lost share of calls in the steady M/M/c/c system.

    Args:
        booths: whole servers, 1 or more.
        load: arrivals over one server's rate, above 0, a number or an array.

    Returns:
        Share from 0 to 1.
    """
    inverse = 1.0  # of B: the recursion on 1 / B adds and multiplies positive numbers only
    for k in range(1, booths + 1):
        inverse = 1.0 + inverse * (k / load)
    return 1.0 / inverse


def erlang_c(booths, load):
    """Return the waiting share of units in the steady M/M/c queue.

    Args:
        booths: whole servers, 1 or more.
        load: arrivals over one server's rate, above 0 and below `booths`, a number or an array.

    Returns:
        Share from 0 to 1.
    """
    b = erlang_b(booths, load)
    return booths * b / (booths - load * (1.0 - b))


def mean_number(booths, load):
    """Return mean units in the steady M/M/c queue, including those at a booth.

    The mean wait is (mean_number - load) / arrivals.

    Args:
        booths, load: as for :func:`erlang_c`.

    Returns:
        Units.
    """
    return load + erlang_c(booths, load) * load / (booths - load)


def _booths_at_work(booths, number):
    """Return the loads with these mean numbers, the inverse of :func:`mean_number`.

    By bisection, to 15 digits. The simulation uses :func:`work_table` instead.
    """
    low, high = np.zeros(number.size), np.minimum(booths, number)
    for _ in range(BISECTION_STEPS):
        middle = 0.5 * (low + high)
        below = mean_number(booths, middle) < number
        low, high = np.where(below, middle, low), np.where(below, high, middle)
    return 0.5 * (low + high)


@functools.cache
def work_table() -> np.ndarray:
    """Return the table of g, shape (MAX_BOOTHS + 1, GRID + 1), read-only.

    Entry t(c, s) is g / (c s) with s = L / (L + c): between 1 and 2, and 1 at both ends. It is
    stored with the compiled code, because computing it takes a fifth of a second.
    """
    path, shape = folder / "work_table", (MAX_BOOTHS + 1, GRID + 1)
    content = read_checked(path)
    if content is None:
        table, s = np.ones(shape), np.arange(1, GRID) / GRID
        for booths in range(1, len(table)):
            number = booths * s / (1.0 - s)
            table[booths, 1:GRID] = _booths_at_work(booths, number) / (booths * s)
        content = table.tobytes()
        with contextlib.suppress(OSError):  # without space on the disk
            write_checked(path, content)
    return np.frombuffer(content).reshape(shape)


@shared
def _term(table, row, booths, number):
    """Return g / L and dg/dL from a row of the table, for `booths` booths and `number` units."""
    inverse = 1.0 / (number + booths)
    s = number * inverse
    k = min(int(s * GRID), GRID - 1)
    slope = (table[row, k + 1] - table[row, k]) * GRID
    t = table[row, k] + slope * (s - k / GRID)
    free = booths * inverse  # 1 - s
    return free * t, free * free * (t + s * slope)


@shared
def work(table, booths, number):
    """Return the booths at work per unit, g / L, and dg/dL. Both are 0 without booths.

    Args:
        table: :func:`work_table`.
        booths: open booths, 0 or more, also fractional.
        number: units, 0 or more.

    Returns:
        Share from 0 to 1, and the slope.
    """
    full = int(booths)
    if full >= MAX_BOOTHS:
        return _term(table, MAX_BOOTHS, booths, number)
    part = booths - full
    ratio, slope = 0.0, 0.0
    if full > 0:
        ratio, slope = _term(table, full, float(full), number)
    if part > 0.0:
        one_more = _term(table, full + 1, full + 1.0, number)
        ratio += part * (one_more[0] - ratio)
        slope += part * (one_more[1] - slope)
    return ratio, slope


@inlined
def _wait(ratio, rate):
    """Return how many hours a unit that joins now waits, exact where the flow is steady."""
    if ratio <= 0.0:
        return MAX_WAIT
    return min((1.0 / ratio - 1.0) / rate, MAX_WAIT)


@inlined
def _step(table, booths, served, number, joins):
    """Return the units after a step with `joins` new units, and g / L.

    `served` is how many units one booth can serve in the step. Implicit Euler: L + served g(L) =
    number + joins. The scheme is stable for any step, monotone in all arguments, and exact in the
    steady state and in full overload. It is solved by Newton's method, which converges
    quadratically: after a small change the next one is negligible.
    """
    total, ratio = number + joins, 1.0
    for _ in range(40):
        ratio, slope = work(table, booths, number)
        change = (total - number * (1.0 + served * ratio)) / (1.0 + served * slope)
        number = min(max(number + change, 0.0), total)
        if abs(change) <= 1e-4 * (1.0 + number):
            break
    if number > 0.0 and served > 0.0:
        ratio = (total - number) / (served * number)
    return number, ratio


@inlined
def _ramp(x):
    return min(max(x, 0.0), 1.0)


@shared
def _clear(port, k):
    port["last_queue"][k] = port["queue"][k]
    port["joined"][k] = port["turned"][k] = port["crossed"][k] = 0.0
    port["wait"][k] = port["peak"][k] = port["hours"][k] = 0.0


@shared
def _step_lane(port, k, come, last_wait, shape, patience, table):
    """Simulate one step in a lane and return the wait in hours afterwards."""
    dt, booths = 1.0 / STEPS_PER_HOUR, port["booths"][k] * shape
    before, served = port["queue"][k], port["rate"][k] * dt
    longest = booths * (1.0 + 2.0 * patience * port["rate"][k])  # users do not join a longer line
    joins = come * (1.0 - _ramp(last_wait / patience - 1.0))
    joins = min(joins, max(longest + served * booths - before, 0.0))
    number, ratio = _step(table, booths, served, before, joins)
    wait = _wait(ratio, port["rate"][k])
    port["queue"][k] = number
    port["joined"][k] += joins
    port["turned"][k] += come - joins
    port["crossed"][k] += before + joins - number
    port["wait"][k] += joins * wait * 60.0
    port["peak"][k] = max(port["peak"][k], wait * 60.0)
    port["hours"][k] += dt * number * (1.0 - ratio)
    return wait


@shared
def _mean_wait(port, k):
    # The solver's tolerance can leave an almost empty line slightly below zero.
    port["hours"][k] = max(0.0, port["hours"][k])
    if port["joined"][k] > 0.0:
        port["wait"][k] = max(0.0, port["wait"][k] / port["joined"][k])
    elif port["turned"][k] > 0.0:  # Without new units, users saw this wait.
        port["wait"][k] = port["peak"][k]


@shared
def _wait_now(port, k, shape, table):
    """Return the wait in a lane in hours, with booths open as in an hour of this shape."""
    ratio = work(table, port["booths"][k] * shape, port["queue"][k])[0]
    return _wait(ratio, port["rate"][k])


@inlined
def _simulate_mode(port, mode, hours, table):
    """Simulate 24 hours in a mode's two lanes. Users see the lines as in the last step."""
    fast, slow = 2 * mode, 2 * mode + 1
    _clear(port, fast)
    _clear(port, slow)
    patience, margin = hours["patience"], hours["switch"]
    shape = hours["opening"][mode, 0]
    quick, long = _wait_now(port, fast, shape, table), _wait_now(port, slow, shape, table)
    for step in range(24 * STEPS_PER_HOUR):
        hour = step // STEPS_PER_HOUR
        shape = hours["opening"][mode, hour]
        share = hours["profile"][mode, hour] / STEPS_PER_HOUR
        # Nobody moves while the trusted lane is slower by a third of the margin, all at the margin.
        moved = port["demand"][fast] * share * _ramp(1.5 * (quick - long) / margin - 0.5)
        trusted = port["demand"][fast] * share - moved
        ordinary = port["demand"][slow] * share + moved
        quick = _step_lane(port, fast, trusted, quick, shape, patience, table)
        long = _step_lane(port, slow, ordinary, long, shape, patience, table)
    _mean_wait(port, fast)
    _mean_wait(port, slow)


@inlined
def _near(a, b):
    return abs(a - b) <= SAME_DAY_TOLERANCE * abs(b)


@shared
def _same_as_last_day(port, k):
    """Return whether a lane has the same queue and inputs as on the last simulated day."""
    return (
        _near(port["queue"][k], port["last_queue"][k])
        & _near(port["demand"][k], port["last_inputs"][0, k])
        & _near(port["booths"][k], port["last_inputs"][1, k])
        & _near(port["rate"][k], port["last_inputs"][2, k])
    )


@inlined
def simulate_port(port, hours, table):
    """Simulate 24 hours in all lanes at a port. Queues persist over midnight.

    A day with the same inputs as the last one has its result and does not change the queues: it is
    not simulated again, so that the steady cycle costs nothing and repeats bit for bit.

    Args:
        port: record with QUEUE_FIELDS (or more), changed in place. Demand, booths, rate and queue
            are read.
        hours: record with HOUR_FIELDS (or more).
        table: :func:`work_table`.
    """
    for mode in range(len(MODES)):
        fast, slow = 2 * mode, 2 * mode + 1
        if _same_as_last_day(port, fast) and _same_as_last_day(port, slow):
            for k in range(fast, slow + 1):
                port["crossed"][k] = port["joined"][k]
            continue
        _simulate_mode(port, mode, hours, table)
        for k in range(fast, slow + 1):
            port["last_inputs"][0, k] = port["demand"][k]
            port["last_inputs"][1, k] = port["booths"][k]
            port["last_inputs"][2, k] = port["rate"][k]
