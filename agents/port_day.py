"""A day at a port of entry: who comes, which booths open, what is inspected, who is heard.

CBP officers open booths and inspect behind them; whoever is not needed in a booth, or finds none
to open, inspects. Finding follows the one law of detection, as ratios to the base year:
q = 1 - exp(-h).
"""

from __future__ import annotations

import numpy as np

from agents.jit import kernel
from agents.labels import CLASSES
from agents.queues import HOUR_FIELDS, QUEUE_FIELDS, play_port

LONGEST_WAIT = 3_650.0  # days; what counts as the wait for a hearing where there are no slots

_C = (len(CLASSES),)
PORT = np.dtype(
    [
        *QUEUE_FIELDS,
        ("usual", "f8", _C),  # units a day in the base year
        ("wanted", "f8", _C),  # units today before they answer to cost
        ("usual_booths", "f8", _C),  # booths open in the base year, mean of a day
        ("usual_wait", "f8", _C),  # minutes, in the base year
        ("expected", "f8", _C),  # minutes, that people expect to wait
        ("inspected", "f8", _C),  # share of crossings inspected today
        ("find_goods", "f8", _C),  # chance today
        ("find_person", "f8"),  # chance today
        ("usual_officers", "f8"),
        ("more_officers", "f8"),  # lever
        ("usual_built", "f8"),  # booths that stand
        ("more_booths", "f8"),  # lever
        ("busiest", "f8"),  # booths open in the busiest hour over the mean of the day
        ("staff", "f8"),  # officers over those of the base year
        ("inspectors", "f8"),  # officers behind the booths over those of the base year
        ("slot_share", "f8"),  # of the requests for protection that all ports can take
        ("asylum_queue", "f8"),  # persons
        ("asylum_wait", "f8"),  # days
    ],
    align=True,
)

NUMBERS = (
    "reassign",
    "refocus",
    "booth_share",
    "vouched_relief",
    "mexican_check",
    "least",
    "asylum_slots",
)
TABLES = (
    "service",
    "load",
    "time_value",
    "trip_cost",
    "elasticity",
    "inspection",
    "inspection_minutes",
)
_LEVERS = (
    "port_targeting",
    "trusted_travellers",
    "trusted_trucks",
    "validation",
    "truck_time",
    "toll",
    "asylum_more",
)
_SUMS = ("wait_dollars", "trade_delay_dollars", "tolls")
KERNEL_PARAMS = np.dtype(
    [
        *HOUR_FIELDS,
        *[(name, "f8") for name in (*NUMBERS, *_LEVERS, *_SUMS)],
        *[(name, "f8", _C) for name in TABLES],
        ("person_hazard", "f8"),
        ("goods_hazard", "f8", _C),
        ("integrity", "f8"),  # unbought share of Mexico's officers today
        ("revise", "f8"),  # weight of today's wait in what people expect from tomorrow on
    ],
    align=True,
)


@kernel
def _service(kernel_params, k):
    """Minutes at a booth today."""
    return kernel_params["service"][k] * (1.0 - kernel_params["truck_time"] if k >= 2 else 1.0)


@kernel
def _is_ordinary(k):
    return k % 2 == 1


@kernel
def _come(port, kernel_params):
    """How many come: some have moved to the trusted lane, and all answer to what it costs."""
    for k in range(len(CLASSES)):
        share = kernel_params["trusted_travellers"] if k < 2 else kernel_params["trusted_trucks"]
        moved = share * port["usual"][k | 1]
        port["wanted"][k] = port["usual"][k] + (-moved if _is_ordinary(k) else moved)
        hour = kernel_params["time_value"][k] / 60.0
        before = kernel_params["trip_cost"][k] + hour * port["usual_wait"][k]
        toll = kernel_params["toll"] if _is_ordinary(k) else 0.0
        cost = max(kernel_params["trip_cost"][k] + hour * port["expected"][k] + toll, 1e-3)
        answer = 1.0 if cost == before else (cost / before) ** -kernel_params["elasticity"][k]
        port["demand"][k] = port["wanted"][k] * answer


@kernel
def _need(units, kernel_params, k):
    """Booths that keep a class at its usual load; a lane with traffic keeps a least number."""
    booths = units * _service(kernel_params, k) / (1_440.0 * kernel_params["load"][k])
    return max(booths, kernel_params["least"]) if units > 0.0 else 0.0


@kernel
def _open(port, kernel_params):
    """Officers open booths, as many as stand; who is not needed there inspects.

    Each mode keeps its share of the booths. Where faster lanes save booth time, a part of it
    (refocus) goes to inspection.
    """
    port["staff"] = 1.0
    if port["usual_officers"] > 0.0:
        port["staff"] = max(1.0 + port["more_officers"] / port["usual_officers"], 0.0)
    usual = port["usual_booths"].sum()
    manned = usual * port["staff"]
    opened = min(manned, max(port["usual_built"] + port["more_booths"], 0.0) / port["busiest"])
    at_work = 0.0
    for fast in range(0, len(CLASSES), 2):
        slow = fast + 1
        before = port["usual_booths"][fast] + port["usual_booths"][slow]
        if before <= 0.0:
            _lanes(port, kernel_params, fast, 0.0)
            continue
        after = _need(port["wanted"][fast], kernel_params, fast) + _need(
            port["wanted"][slow], kernel_params, slow
        )
        saved = max(1.0 - after / before, 0.0)
        booths = opened * (before / usual) * (1.0 - kernel_params["refocus"] * saved)
        at_work += booths
        _lanes(port, kernel_params, fast, booths)
    idle = 1.0 - at_work / manned if manned > 0.0 else 0.0
    in_booths = kernel_params["booth_share"]
    port["inspectors"] = port["staff"] * (1.0 + idle * in_booths / (1.0 - in_booths))


@kernel
def _lanes(port, kernel_params, fast, booths):
    """Share the booths of a mode between its two lanes; a part of them stays where it was."""
    slow = fast + 1
    before = port["usual_booths"][fast] + port["usual_booths"][slow]
    usual = port["usual_booths"][fast] / before if before > 0.0 else 0.5
    fair, other = (
        _need(port["demand"][fast], kernel_params, fast),
        _need(port["demand"][slow], kernel_params, slow),
    )
    fair = fair / (fair + other) if fair + other > 0.0 else usual
    share = usual + kernel_params["reassign"] * (fair - usual)
    port["booths"][fast], port["booths"][slow] = booths * share, booths * (1.0 - share)
    port["rate"][fast] = 60.0 / _service(kernel_params, fast)
    port["rate"][slow] = 60.0 / _service(kernel_params, slow)


@kernel
def _inspect(port, kernel_params):
    """Inspections over those of the base year, by class, and what they find.

    Trusted lanes keep their rate per officer of the port. What inspectors have left goes to
    ordinary lanes:

        r_trusted = n                        (n officers over those of the base year)
        r_ordinary = (time of inspectors - time spent on trusted lanes) / time at the usual rate

    and h = h0 r (1 + targeting). Where Mexican officers vouch for a share v of trusted shippers,

        h = h0 [ r (1 - v relief) (1 + targeting) + v check integrity ].

    Time is planned by those who come, so that a line that stands still finds no more.
    """
    n = port["staff"]
    relief = 1.0 - kernel_params["validation"] * kernel_params["vouched_relief"]
    time, wished = 0.0, 0.0
    for k in range(len(CLASSES)):
        minutes = kernel_params["inspection"][k] * kernel_params["inspection_minutes"][k]
        came = port["joined"][k] + port["turned"][k]
        time += port["usual"][k] * minutes * port["inspectors"]
        if _is_ordinary(k):
            wished += came * minutes
        else:
            time -= came * minutes * n * (relief if k >= 2 else 1.0)
    left = max(time, 0.0) / wished if wished > 0.0 else n
    more = 1.0 + kernel_params["port_targeting"]
    for k in range(len(CLASSES)):
        ratio = left if _is_ordinary(k) else n * (relief if k >= 2 else 1.0)
        ratio = min(ratio, 1.0 / max(kernel_params["inspection"][k], 1e-9))
        port["inspected"][k] = kernel_params["inspection"][k] * ratio
        vouched = (
            kernel_params["validation"]
            * kernel_params["mexican_check"]
            * kernel_params["integrity"]
        )
        h = ratio * more + (vouched if k == 2 else 0.0)
        port["find_goods"][k] = 1.0 - np.exp(-kernel_params["goods_hazard"][k] * h)
        if k == 1:
            port["find_person"] = 1.0 - np.exp(-kernel_params["person_hazard"] * h)


@kernel
def _hear(port, kernel_params):
    """Take up requests for protection, as many as there are slots."""
    slots = (
        max(kernel_params["asylum_slots"] + kernel_params["asylum_more"], 0.0) * port["slot_share"]
    )
    port["asylum_queue"] -= min(port["asylum_queue"], slots)
    wait = LONGEST_WAIT if port["asylum_queue"] > 0.0 else 0.0
    port["asylum_wait"] = min(port["asylum_queue"] / slots, LONGEST_WAIT) if slots > 0.0 else wait


@kernel
def _count(port, kernel_params):
    """Dollars of the day, and what people will expect."""
    for k in range(len(CLASSES)):
        dollars = port["hours"][k] * kernel_params["time_value"][k]
        if k < 2:
            kernel_params["wait_dollars"] += dollars
        else:
            kernel_params["trade_delay_dollars"] += dollars
        if _is_ordinary(k):
            kernel_params["tolls"] += port["crossed"][k] * kernel_params["toll"]
        port["expected"][k] += kernel_params["revise"] * (port["wait"][k] - port["expected"][k])


@kernel
def play_day(ports, kernel_params, table):
    """Play a day at all ports: an array of PORT, a record of RULES, the table of the queues."""
    kernel_params["wait_dollars"] = kernel_params["trade_delay_dollars"] = kernel_params[
        "tolls"
    ] = 0.0
    for i in range(ports.size):
        _come(ports[i], kernel_params)
        _open(ports[i], kernel_params)
        play_port(ports[i], kernel_params, table)
        _inspect(ports[i], kernel_params)
        _hear(ports[i], kernel_params)
        _count(ports[i], kernel_params)
