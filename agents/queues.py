"""The queue model at a port: fluid in overload, exact for a steady flow.

A lane with `c` open booths, each of which serves `mu` units an hour, is an M/M/c queue. With
arrivals of `lam` units an hour and load a = lam / mu < c, Erlang C gives the steady mean number of
units

    L(a) = a + C(c, a) a / (c - a).

Away from the steady state, the mean number follows the pointwise stationary fluid flow
approximation for the M/M/c queue,

    dL/dt = lam - mu g(L),        g the inverse of L(a): the booths at work,

so L follows Erlang C in the steady state. In overload, g tends to c and L grows like a fluid. A
fractional number of booths means that the last booth is open for this part of the time: g is
interpolated between the two whole numbers at the same L.

A port has two lanes per mode, a trusted and an ordinary lane. Trusted users take the ordinary lane
while it is faster by a margin. No user joins a line that is too long.

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

MAX_BOOTHS = 64  # for more booths, the table's last row is scaled
GRID = 512  # points in the table of g, from an empty to an infinite line
STEPS_PER_HOUR = 2  # time steps per hour
MAX_WAIT = 24.0  # hours, also without an open booth
SAME_DAY_TOLERANCE = 1e-6  # relative difference below which two days have the same inputs
BISECTION_STEPS = 50  # bisection steps for each entry of the table

MODES = ("travellers", "trucks")  # classes 2 m and 2 m + 1: trusted and ordinary lane of a mode

_C = (len(CLASSES),)
#: Inputs and results of one day of queues, one record per port. Units are vehicles or trucks.
QUEUE_FIELDS = [
    ("demand", "f8", _C),  # units that arrive today
    ("booths", "f8", _C),  # booths open, mean of the day
    ("rate", "f8", _C),  # units that a booth serves per hour
    ("queue", "f8", _C),  # units at the port, waiting or at a booth, at midnight
    ("joined", "f8", _C),  # units that joined the lane today
    ("turned", "f8", _C),  # units that turned around because of the queue
    ("crossed", "f8", _C),  # units that left a booth today
    ("wait", "f8", _C),  # minutes, mean over units that joined today
    ("peak", "f8", _C),  # minutes, longest wait of the day
    ("hours", "f8", _C),  # hours that all units together waited today
    ("last_queue", "f8", _C),  # queue at the start of the last simulated day
    ("last_inputs", "f8", (3, len(CLASSES))),  # demand, booths and rate of that day
]
QUEUES = np.dtype(QUEUE_FIELDS, align=True)

#: Profile of a day, one record for all ports.
HOUR_FIELDS = [
    ("profile", "f8", (len(MODES), 24)),  # share of the day's units by hour
    ("opening", "f8", (len(MODES), 24)),  # ratio of open booths in an hour to the daily mean
    ("switch", "f8"),  # hours by which an ordinary lane must be faster for all to take it
    ("patience", "f8"),  # hours of waiting from which users begin to turn around
]
HOURS = np.dtype(HOUR_FIELDS, align=True)


def erlang_b(booths, load):
    """Return the share of calls that the steady M/M/c/c system loses.

    Args:
        booths: whole number of servers, 1 or more.
        load: ratio of arrivals to one server's rate, above 0, a number or an array.

    Returns:
        Share from 0 to 1.
    """
    inverse = 1.0  # The recursion on 1 / B has only positive terms.
    for k in range(1, booths + 1):
        inverse = 1.0 + inverse * (k / load)
    return 1.0 / inverse


def erlang_c(booths, load):
    """Return the share of units that wait in the steady M/M/c queue.

    Args:
        booths: whole number of servers, 1 or more.
        load: ratio of arrivals to one server's rate, above 0 and below `booths`, a number or an
            array.

    Returns:
        Share from 0 to 1.
    """
    b = erlang_b(booths, load)
    return booths * b / (booths - load * (1.0 - b))


def mean_number(booths, load):
    """Return how many units are in the steady M/M/c queue on average, including units at a booth.

    The mean wait is (mean_number - load) / arrivals.

    Args:
        booths, load: as for :func:`erlang_c`.

    Returns:
        Number of units.
    """
    return load + erlang_c(booths, load) * load / (booths - load)


def _booths_at_work(booths, number):
    """Return the loads at which a queue has the mean numbers `number` of units.

    This is the inverse of `mean_number`, computed by bisection to 15 digits. The simulation uses
    :func:`work_table` instead.
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

    Entry t(c, s) is g / (c s) with s = L / (L + c). It is between 1 and 2, and 1 at both ends. The
    table is stored with the compiled code, because computing it takes a fifth of a second.
    """
    path, shape = folder / "work_table", (MAX_BOOTHS + 1, GRID + 1)
    content = read_checked(path)
    if content is None:
        table, s = np.ones(shape), np.arange(1, GRID) / GRID
        for booths in range(1, len(table)):
            number = booths * s / (1.0 - s)
            table[booths, 1:GRID] = _booths_at_work(booths, number) / (booths * s)
        content = table.tobytes()
        with contextlib.suppress(OSError):  # If the disk is full, the table is not stored.
            write_checked(path, content)
    return np.frombuffer(content).reshape(shape)


@shared
def _term(table, row, booths, number):
    """Return g / L and dg/dL from one row of the table, for `booths` booths and `number` units."""
    inverse = 1.0 / (number + booths)
    s = number * inverse
    k = min(int(s * GRID), GRID - 1)
    slope = (table[row, k + 1] - table[row, k]) * GRID
    t = table[row, k] + slope * (s - k / GRID)
    free = booths * inverse  # 1 - s
    return free * t, free * free * (t + s * slope)


@shared
def work(table, booths, number):
    """Return the booths at work per unit, g / L, and the slope dg/dL.

    Both are 0 if no booth is open.

    Args:
        table: :func:`work_table`.
        booths: number of open booths, 0 or more, may be fractional.
        number: number of units, 0 or more.

    Returns:
        Share from 0 to 1, and the slope per unit.
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
    """Return the wait in hours for a unit that joins now, exact for a steady flow."""
    if ratio <= 0.0:
        return MAX_WAIT
    return min((1.0 / ratio - 1.0) / rate, MAX_WAIT)


@inlined
def _step(table, booths, served, number, joins):
    """Return the number of units after a step in which `joins` units join, and g / L.

    One booth can serve `served` units in the step. The implicit Euler scheme L + served g(L) =
    number + joins is stable for any step, monotone in all arguments, and exact in the steady state
    and in full overload. Newton's method solves it. Its convergence is quadratic, so after a small
    change the next change is negligible.
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
def _step_lane(port, k, arrivals, last_wait, shape, patience, table):
    """Simulate one step in a lane. Return the wait in hours after the step."""
    dt, booths = 1.0 / STEPS_PER_HOUR, port["booths"][k] * shape
    before, served = port["queue"][k], port["rate"][k] * dt
    longest = booths * (1.0 + 2.0 * patience * port["rate"][k])  # No one joins a longer line.
    joins = arrivals * (1.0 - _ramp(last_wait / patience - 1.0))
    joins = min(joins, max(longest + served * booths - before, 0.0))
    number, ratio = _step(table, booths, served, before, joins)
    wait = _wait(ratio, port["rate"][k])
    port["queue"][k] = number
    port["joined"][k] += joins
    port["turned"][k] += arrivals - joins
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
    elif port["turned"][k] > 0.0:  # This wait made all users turn around.
        port["wait"][k] = port["peak"][k]


@shared
def _present_wait(port, k, shape, table):
    """Return the wait in a lane, in hours, with `shape` times the mean number of open booths."""
    ratio = work(table, port["booths"][k] * shape, port["queue"][k])[0]
    return _wait(ratio, port["rate"][k])


@inlined
def _simulate_mode(port, mode, hours, table):
    """Simulate 24 hours in a mode's two lanes. Users know the waits in the previous step."""
    fast, slow = 2 * mode, 2 * mode + 1
    _clear(port, fast)
    _clear(port, slow)
    patience, margin = hours["patience"], hours["switch"]
    shape = hours["opening"][mode, 0]
    quick = _present_wait(port, fast, shape, table)
    long = _present_wait(port, slow, shape, table)
    for step in range(24 * STEPS_PER_HOUR):
        hour = step // STEPS_PER_HOUR
        shape = hours["opening"][mode, hour]
        share = hours["profile"][mode, hour] / STEPS_PER_HOUR
        # No trusted user changes lanes below a third of the margin, and all do at the margin.
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
    """Simulate 24 hours in all lanes of a port. Queues persist over midnight.

    If a mode has the same queues and inputs as on the last simulated day, its results are kept and
    it is not simulated. A steady cycle then takes no time and repeats bit for bit.

    Args:
        port: record with at least QUEUE_FIELDS. Demand, booths and rate are read. All other fields
            are changed.
        hours: record with at least HOUR_FIELDS.
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
