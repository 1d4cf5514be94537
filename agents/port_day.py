"""One day at a port of entry: arrivals, booths, inspections and requests for protection.

CBP officers work in booths or inspect behind them. Officers without a booth inspect. Detection
follows the detection law, q = 1 - exp(-h), with the hazard h as a ratio to the base year.
"""

from __future__ import annotations

import math

import numpy as np

from agents.jit import inlined, kernel, shared
from agents.labels import CLASSES
from agents.queues import HOUR_FIELDS, QUEUE_FIELDS, simulate_port

MAX_TIME_SAVED = 0.95  # maximum saving, as a share of a truck's time at a booth
MAX_ASYLUM_WAIT = 3_650.0  # days, also at a port without slots
REMOVED = -1.0  # code for the wait at a removed port

_C = (len(CLASSES),)
PORT = np.dtype(
    [
        *QUEUE_FIELDS,
        ("baseline_units", "f8", _C),  # units a day in the base year
        ("potential", "f8", _C),  # units today before the response to cost
        ("baseline_booths", "f8", _C),  # booths open in the base year, mean of a day
        ("baseline_wait", "f8", _C),  # minutes, in the base year
        ("expected", "f8", _C),  # expected wait, minutes
        ("inspected", "f8", _C),  # share of crossings inspected today
        ("find_goods", "f8", _C),  # probability that drugs are detected today
        ("find_person", "f8"),  # probability that a hidden person is detected today
        ("baseline_officers", "f8"),
        ("more_officers", "f8"),  # officers that policies add
        ("baseline_built", "f8"),  # booths that exist in the base year
        ("more_booths", "f8"),  # booths that policies add
        ("busiest", "f8"),  # ratio of open booths in the busiest hour to the mean of the day
        ("staff", "f8"),  # officers as a ratio to the base year
        ("inspectors", "f8"),  # officers behind the booths as a ratio to the base year
        ("slot_share", "f8"),  # the port's share of the slots for requests for protection
        ("asylum_queue", "f8"),  # persons who wait to request protection
        ("asylum_wait", "f8"),  # days until a request for protection
    ],
    align=True,
)

NUMBERS = (
    *("reassign", "refocus", "booth_share", "vouched_relief", "mexican_check", "min_booths"),
    "asylum_slots",
)
BY_MODE = ("time_value", "trip_cost", "elasticity")
TABLES = ("service", "load", *BY_MODE, "inspection", "inspection_minutes")
_LEVERS = (
    *("port_targeting", "trusted_travellers", "trusted_trucks", "validation"),
    *("truck_time", "toll", "asylum_more"),
)
_SUMS = ("wait_dollars", "trade_delay_dollars", "tolls")
PORT_PARAMS = np.dtype(
    [
        *HOUR_FIELDS,
        *[(name, "f8") for name in (*NUMBERS, *_LEVERS, *_SUMS)],
        *[(name, "f8", _C) for name in TABLES],
        ("waited", "f8", _C),  # minutes that all units that joined today waited
        ("joined", "f8", _C),  # units that joined a line today
        ("mean_wait", "f8", _C),  # minutes today over all ports
        ("mean_wait_by_mode", "f8", (len(CLASSES) // 2,)),  # minutes today, travellers and trucks
        ("person_hazard", "f8"),
        ("goods_hazard", "f8", _C),
        ("integrity", "f8"),  # share of Mexico's officers who are honest today
        ("revise", "f8"),  # weight of today's wait in the expected wait from tomorrow on
    ],
    align=True,
)


@inlined
def _service(params, k):
    """Return how many minutes a unit of class `k` takes at a booth today."""
    return params["service"][k] * (1.0 - params["truck_time"] if k >= 2 else 1.0)


@inlined
def _is_ordinary(k):
    return k % 2 == 1


@inlined
def _set_demand(port, params):
    """Set today's demand: transfers to the trusted lane and the response to cost."""
    for k in range(len(CLASSES)):
        share = params["trusted_travellers"] if k < 2 else params["trusted_trucks"]
        moved = share * port["baseline_units"][k | 1]
        port["potential"][k] = port["baseline_units"][k] + (-moved if _is_ordinary(k) else moved)
        hour = params["time_value"][k] / 60.0
        before = params["trip_cost"][k] + hour * port["baseline_wait"][k]
        toll = params["toll"] if _is_ordinary(k) else 0.0
        cost = max(params["trip_cost"][k] + hour * port["expected"][k] + toll, 1e-3)
        response = 1.0 if cost == before else (cost / before) ** -params["elasticity"][k]
        port["demand"][k] = port["potential"][k] * response


@shared
def _booths_needed(units, params, k):
    """Return the booths that keep a class at its baseline load, at least `min_booths` if used."""
    booths = units * _service(params, k) / (1_440.0 * params["load"][k])
    return max(booths, params["min_booths"]) if units > 0.0 else 0.0


@inlined
def _open_booths(port, params):
    """Open as many booths as officers and existing booths allow. All other officers inspect.

    Each mode keeps its share of booths. If trusted lanes save booth time, the share `refocus` of
    the saved time goes to inspection.
    """
    port["staff"] = 1.0
    if port["baseline_officers"] > 0.0:
        port["staff"] = max(1.0 + port["more_officers"] / port["baseline_officers"], 0.0)
    baseline = 0.0
    for k in range(len(CLASSES)):
        baseline += port["baseline_booths"][k]
    manned = baseline * port["staff"]
    opened = min(manned, max(port["baseline_built"] + port["more_booths"], 0.0) / port["busiest"])
    at_work = 0.0
    for fast in range(0, len(CLASSES), 2):
        slow = fast + 1
        before = port["baseline_booths"][fast] + port["baseline_booths"][slow]
        if before <= 0.0:
            _assign_lanes(port, params, fast, 0.0)
            continue
        after = _booths_needed(port["potential"][fast], params, fast)
        after += _booths_needed(port["potential"][slow], params, slow)
        saved = max(1.0 - after / before, 0.0)
        booths = opened * (before / baseline) * (1.0 - params["refocus"] * saved)
        at_work += booths
        _assign_lanes(port, params, fast, booths)
    idle = 1.0 - at_work / manned if manned > 0.0 else 0.0
    in_booths = params["booth_share"]
    port["inspectors"] = port["staff"] * (1.0 + idle * in_booths / (1.0 - in_booths))


@shared
def _assign_lanes(port, params, fast, booths):
    """Split a mode's booths between its lanes. The share `reassign` follows traffic."""
    slow = fast + 1
    before = port["baseline_booths"][fast] + port["baseline_booths"][slow]
    baseline = port["baseline_booths"][fast] / before if before > 0.0 else 0.5
    needed = _booths_needed(port["demand"][fast], params, fast)
    other = _booths_needed(port["demand"][slow], params, slow)
    fair = needed / (needed + other) if needed + other > 0.0 else baseline
    share = baseline + params["reassign"] * (fair - baseline)
    port["booths"][fast], port["booths"][slow] = booths * share, booths * (1.0 - share)
    port["rate"][fast] = 60.0 / _service(params, fast)
    port["rate"][slow] = 60.0 / _service(params, slow)


@inlined
def _inspect(port, params):
    """Set inspections by class as a ratio to the base year, and detection probabilities.

    Trusted lanes keep their rate per port officer. The inspectors' remaining time goes to ordinary
    lanes:

        r_trusted = n                        (n is the ratio of officers to the base year)
        r_ordinary = (time of inspectors - time spent on trusted lanes) / time at the baseline rate

    and h = h0 r (1 + targeting). Where Mexican officers vouch for a share v of trusted shippers,

        h = h0 [ r (1 - v relief) (1 + targeting) + v check integrity ].

    Time is planned by arrivals, so a standing queue does not add detections.
    """
    n = port["staff"]
    relief = 1.0 - params["validation"] * params["vouched_relief"]
    time, required = 0.0, 0.0
    for k in range(len(CLASSES)):
        minutes = params["inspection"][k] * params["inspection_minutes"][k]
        arrivals = port["joined"][k] + port["turned"][k]
        time += port["baseline_units"][k] * minutes * port["inspectors"]
        if _is_ordinary(k):
            required += arrivals * minutes
        else:
            time -= arrivals * minutes * n * (relief if k >= 2 else 1.0)
    ordinary = max(time, 0.0) / required if required > 0.0 else n
    more = 1.0 + params["port_targeting"]
    for k in range(len(CLASSES)):
        ratio = ordinary if _is_ordinary(k) else n * (relief if k >= 2 else 1.0)
        ratio = min(ratio, 1.0 / max(params["inspection"][k], 1e-9))
        port["inspected"][k] = params["inspection"][k] * ratio
        vouched = params["validation"] * params["mexican_check"] * params["integrity"]
        h = ratio * more + (vouched if k == 2 else 0.0)
        port["find_goods"][k] = 1.0 - math.exp(-params["goods_hazard"][k] * h)
        if k == 1:
            port["find_person"] = 1.0 - math.exp(-params["person_hazard"] * h)


@inlined
def _process_requests(port, params):
    """Process requests for protection, up to the number of slots. A removed port has no slots."""
    if port["asylum_wait"] == REMOVED:
        return
    slots = max(params["asylum_slots"] + params["asylum_more"], 0.0) * port["slot_share"]
    port["asylum_queue"] -= min(port["asylum_queue"], slots)
    wait = MAX_ASYLUM_WAIT if port["asylum_queue"] > 0.0 else 0.0
    port["asylum_wait"] = (
        min(port["asylum_queue"] / slots, MAX_ASYLUM_WAIT) if slots > 0.0 else wait
    )


@inlined
def _add_totals(port, params):
    """Add up the day's units, minutes and dollars, and update the expected waits."""
    for k in range(len(CLASSES)):
        params["waited"][k] += port["wait"][k] * port["joined"][k]
        params["joined"][k] += port["joined"][k]
        dollars = port["hours"][k] * params["time_value"][k]
        if k < 2:
            params["wait_dollars"] += dollars
        else:
            params["trade_delay_dollars"] += dollars
        if _is_ordinary(k):
            params["tolls"] += port["crossed"][k] * params["toll"]
        port["expected"][k] += params["revise"] * (port["wait"][k] - port["expected"][k])


@inlined
def _set_levers(params, levers):
    """Set the day's levers for all ports. Shares are limited to the range from 0 to 1."""
    params["port_targeting"] = max(levers["port_targeting"], -1.0)
    params["trusted_travellers"] = min(max(levers["trusted_travellers"], 0.0), 1.0)
    params["trusted_trucks"] = min(max(levers["trusted_trucks"], 0.0), 1.0)
    params["validation"] = min(max(levers["validation"], 0.0), 1.0)
    params["truck_time"] = min(levers["truck_time"], MAX_TIME_SAVED)
    params["toll"], params["asylum_more"] = levers["toll"], levers["asylum_slots"]


@kernel
def simulate_day(ports, kernel_params, lever_records, staff, table):
    """Simulate one day at all ports.

    Args:
        ports: PORT array, changed in place.
        kernel_params: one-record array, PORT_PARAMS. Its levers and totals are set.
        lever_records: one-record array, :data:`agents.levers.LEVER_RECORD`.
        staff: officers and booths added to the base year, two arrays of shape (ports,).
        table: :func:`agents.queues.work_table`.
    """
    params, (officers, booths) = kernel_params[0], staff
    _set_levers(params, lever_records[0])
    params["wait_dollars"] = params["trade_delay_dollars"] = params["tolls"] = 0.0
    for k in range(len(CLASSES)):
        params["waited"][k] = params["joined"][k] = 0.0
    for i in range(ports.size):
        if ports[i]["asylum_wait"] != REMOVED:
            ports[i]["more_officers"], ports[i]["more_booths"] = officers[i], booths[i]
        _set_demand(ports[i], params)
        _open_booths(ports[i], params)
        simulate_port(ports[i], params, table)
        _inspect(ports[i], params)
        _process_requests(ports[i], params)
        _add_totals(ports[i], params)
    waited, joined = params["waited"], params["joined"]
    for k in range(len(CLASSES)):
        params["mean_wait"][k] = waited[k] / max(joined[k], 1e-9)
    for mode in range(len(CLASSES) // 2):
        fast, slow = 2 * mode, 2 * mode + 1
        both = waited[fast] + waited[slow], joined[fast] + joined[slow]
        params["mean_wait_by_mode"][mode] = both[0] / max(both[1], 1e-9)
