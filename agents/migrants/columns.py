"""Migrants as rows in one structured array, and the records that the day loop reads and writes.

Functions in the day loop take records instead of arrays. An array argument costs two atomic
reference counts per call, and a record costs one pointer.

Rows are used because a million Mesa objects take minutes and a million rows take seconds. A row
fills one cache line. Due dates are in a separate array, because the loop scans all due dates daily.
"""

from __future__ import annotations

import functools
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from agents.labels import NATIONS
from agents.outcomes import N_ACCOUNTS, N_EVENTS, N_GROUPS, N_KINDS, N_STATUS

N_SECTORS = 9
N_NATIONS = len(NATIONS)
SLOTS = 60  # maximum number of organisations at a time
MAX_ORIGINS = 62  # maximum number of origin communities, one bit each in a mask
PORT_OPTION = SLOTS + 1  # code of a port passage: this plus the organisation's slot
MAX_OPTIONS = SLOTS + 2  # alone, with each organisation, through a port
NEVER = 10**9  # due date of a row without further actions, exact as a float32
# Limit on a person's trips, attempts, encounters and decisions, which keeps random keys unique.
MAX_EVENTS_PER_PERSON = 250
MAX_HOPS = 30_000  # legs of a trip after which a person does not try again
LEFT, CAUGHT = 0, 1  # rows of the tally by nation: set out, apprehended between ports
#: Indices into a day's experience: expected stops in Mexico, persons who reached the line, expected
#: apprehensions at the line, and persons who tried to evade.
MX_STOPPED, AT_LINE, LINE_CAUGHT, LINE_TRIED = range(4)
QUARTER, MAX_QUARTERS = 91, 12  # days between decisions to return home, and their number
EPOCH = 1980  # fiscal years are stored as years since 1980

PERSON = np.dtype(
    [
        ("uid", "i8"),  # a function of date, stratum and number within the day
        ("clock", "f4"),  # moment of the next action, in days since the warm-up began
        ("set_out", "f4"),  # moment when the trip began, or an applicant's ticket
        ("wealth", "i4"),  # whole dollars at hand
        ("debt", "i4"),  # whole dollars owed
        ("knowledge", "f4"),  # share of the community's knowledge, 0 to 1
        ("weight", "i2"),  # persons per row
        ("leg", "i2"),  # leg under way, -1 none
        ("place", "u2"),  # last place reached
        ("gate", "i2"),  # place of the last attempt at the line, -1 none
        ("route", "u2"),  # traveller class, a row of the route tables
        ("hop", "i2"),  # legs begun in this trip
        ("org", "i1"),  # slot of the guiding organisation, -1 none
        ("trips", "u1"),  # trips begun
        ("decisions", "u1"),  # decisions taken
        ("line_tries", "u1"),  # attempts at the line
        ("caught", "u1"),  # encounters in either country
        ("caught_year", "u1"),  # fiscal year of the last U.S. apprehension, since 1980
        ("caught_in_year", "u1"),  # U.S. apprehensions in that year
        ("quarters", "u1"),  # quarters spent in the U.S.
        ("origin", "u1"),  # index of the origin community
        ("group", "u1"),
        ("kind", "u1"),
        ("mode", "u1"),
        ("status", "u1"),
        ("consequence", "u1"),
        ("tries_left", "i1"),  # further attempts that the paid fee covers
        ("surrender", "i1"),  # 1 if they surrender at the line
        ("informed", "i1"),  # 1 if they choose routes by the community's beliefs
        ("protection", "i1"),  # 1 if they would be recognised as in need of protection
        ("detected", "i1"),  # 1 if detected at the line without being stopped
        ("cohort", "u1"),  # 0 generated during the warm-up, 1 during the recorded run
        ("trial", "i1"),  # evader's first attempt: 0 open, 1 caught, 2 tried again, 3 closed
        ("past_line", "i1"),  # 1 past the line until the got-away is counted
    ],
    align=True,
)
assert PERSON.itemsize == 64  # one cache line, on which the speed of the day loop depends

MARKET = np.dtype(
    [
        ("price", "f8", (SLOTS, N_GROUPS)),  # $ per contract
        ("cost", "f8", (SLOTS, N_GROUPS)),  # $ per attempt
        ("tax", "f8", (SLOTS, N_GROUPS)),  # $ of the cost for passage tax to criminal groups
        ("bribe", "f8", (SLOTS, N_GROUPS)),  # $ of the cost for bribes to officials
        ("reputation", "f8", (SLOTS,)),  # 0 to 1
        ("quality", "f8", (SLOTS,)),  # share of the hazard that guides avoid
        ("delay", "f8", (SLOTS,)),  # days by which the longest wait of overloaded cells rises
        ("cash", "i8", (SLOTS,)),  # whole dollars
        ("taxed", "i8", (SLOTS,)),  # dollars of passage tax paid since the last weekly review
        ("clients", "i8", (SLOTS, N_GROUPS)),  # contracts since the last weekly review
        ("arrived", "i8", (SLOTS,)),  # clients who arrived since the last review
        ("failed", "i8", (SLOTS,)),  # clients stopped for good since the last review
        ("harmed", "i8", (SLOTS,)),  # clients kidnapped or dead since the last review
        ("serves", "i8", (SLOTS,)),  # bit mask of origin communities
        ("uid", "i8", (SLOTS,)),
        ("active", "i1", (SLOTS,)),
        ("port_price", "f8", (N_GROUPS,)),  # $ of a passage hidden through a port
        ("port_cost", "f8", (N_GROUPS,)),  # additional $ per attempt through a port
        ("top", "i8"),  # all slots in use are below this one
    ],
    align=True,
)

DAY_TALLIES = np.dtype(
    [
        ("by_sector", "i8", (N_EVENTS, N_SECTORS, N_GROUPS)),  # persons, today
        ("applied", "i8", (N_NATIONS,)),  # persons who joined the legal queue today, by nation
        ("bed_requests", "i8"),  # beds requested today, in persons
        ("court_requests", "i8"),  # prosecutions requested today, in persons
        ("calls", "i8", (N_SECTORS,)),  # calls on agents today: evaders detected, surrenders
        ("settled", "i8", (MAX_ORIGINS,)),  # persons who settled today, by origin
        ("released", "i8", (MAX_ORIGINS, N_KINDS)),  # persons released today, by origin
        ("by_nation", "i8", (2, len(NATIONS), N_KINDS)),  # persons, today
        ("hours", "f8", (N_SECTORS,)),  # agents' working hours for people apprehended today
        ("expected_kidnaps", "f8"),  # sum of hazards of kidnapping, on the way or waiting
        ("expected_stops", "f8", (2, N_GROUPS)),  # sum of chances to be stopped: Mexico, the line
        ("net_before", "i8"),  # $, wealth less debt of the rows that act today, before they act
        ("net_after", "i8"),  # $, wealth less debt of the same rows after they have acted
        ("arrivals", "i8"),  # legs completed today, a measure of work
        ("decided", "i8"),  # candidates and retries decided today, a measure of work
        ("ended_past_line", "i8"),  # persons past the line who died or were caught today
        # The ledger stores these series and the stock in one piece.
        ("events", "i8", (N_EVENTS, N_GROUPS, N_KINDS)),  # persons, today
        ("money", "i8", (N_ACCOUNTS, N_ACCOUNTS)),  # whole dollars from account to account, today
        ("fees", "i8", (N_GROUPS,)),  # dollars of contracts signed today
        ("contracts", "i8", (N_GROUPS,)),  # persons who signed a contract today
        ("expected_deaths", "f8", (N_SECTORS + 1,)),  # sum of hazards by sector, then in transit
        # These fields are carried over to the next day.
        ("stock", "i8", (2, N_STATUS)),  # persons by cohort and status
        ("held", "i8", (2,)),  # persons in U.S. detention, by group
        ("tickets", "i8", (N_NATIONS,)),  # last ticket of the legal channel, by nation
        ("past_line", "i8"),  # persons past the line whose got-away is not counted yet
    ],
    align=True,
)


_LEG_FIELDS = (
    ("days", "f8"),  # moving days, with delays at fences and posts
    ("mx_hazard", "f8"),  # hazard of interdiction by Mexico, per passage
    ("extort_hazard", "f8"),  # hazard of meeting an officer who takes a bribe
    ("us_hazard", "f8"),  # hazard of detection at the line, of apprehension at checkpoints
    ("death", "f8"),  # hazard of dying per elapsed day
    ("kidnap", "f8"),  # hazard of kidnapping per elapsed day, irregular traveller
    ("respond", "f8"),  # share of detections that agents can answer
    ("port_wait", "f8"),  # wait of a request for protection at a port, days
    ("presented", "i8"),  # persons who requested protection at a port today
    ("head", "u2"),
    ("tail", "u2"),
    ("sector", "i1"),  # -1 away from the line
    ("is_line", "i1"),
    ("is_belt", "i1"),
    ("is_port", "i1"),
    ("in_mexico", "i1"),
    ("has_return", "i1"),  # 1 if a leg leads from its end back to its start
    ("closed", "i1"),  # 1 if no trip may use it
    ("out_leg", "u2"),  # legs by tail place
)


def _padded_sizes(places: int, legs: int, origins: int) -> tuple[int, int, int]:
    """Return padded table sizes, so that most worlds have equal sizes and share compiled code."""
    factor = 1
    while places > 127 * factor or legs > 256 * factor or origins > 16 * factor:
        factor *= 4
    return 128 * factor, 256 * factor, min(16 * factor, MAX_ORIGINS + 2)


@functools.cache
def _aligned(fields: tuple[tuple[Any, ...], ...]) -> np.dtype:
    """Return a record's dtype. Compiled functions need the same object for equal fields."""
    return np.dtype(list(fields), align=True)


_LANES = 64  # MAX_OPTIONS, rounded up to a multiple of `agents.chance.AT_ONCE`
#: Options open to people who decide, see :mod:`agents.migrants.departure`.
OPTIONS = np.dtype(
    [
        ("count", "i8"),
        ("slot", "i8", (MAX_OPTIONS,)),  # SOLO, an organisation's slot or PORT_OPTION
        ("tag", "i8", (MAX_OPTIONS,)),  # part of the key of the noise
        ("price", "f8", (MAX_OPTIONS,)),  # $
        ("bonus", "f8", (MAX_OPTIONS,)),  # $ added to the utility
        ("terms", "f8", (2, MAX_OPTIONS, 5)),  # by plan (0 evade, 1 surrender), option and term
        ("base", "f8", (2,)),  # probability of success alone in the base year, by plan
        ("log_odds", "f8"),  # log-odds of a plan to surrender in the base year
        ("log_sellers", "f8", (SLOTS + 1,)),  # log of the number of organisations, at least 1
        ("utility", "f8", (MAX_OPTIONS,)),  # $
        ("uid", "i8", (_LANES,)),  # first part of the keys of the noise
        ("event", "i8", (_LANES,)),  # second part of the keys
        ("uniforms", "f8", (4, _LANES)),  # uniforms from which the noise is computed
    ],
    align=True,
)


class LegState:
    """State of the legs for the day loop: hazards, choice tables, expectations and reports.

    Every field is an attribute, cut to the size of the world. The day loop takes `records`, an
    array of one record.

    Fields by leg are days, mx_hazard, extort_hazard, us_hazard, death, kidnap, respond, port_wait,
    presented, head, tail, sector, is_line, is_belt, is_port, in_mexico and closed. `out_start` and
    `out_leg` list the legs by tail place (CSR). `cum` contains these legs' cumulative shares by
    class. `expected_outcomes` and `prior` have shape (classes, N_EXPECTED, places).

    The week's reports, in persons by leg and kind of outcome, are `new_reports_home` by community
    and `new_reports_org` by organisation. `traffic` counts today's persons by leg: Mexicans,
    foreigners, and people stopped by Mexico. `options` is working memory for one decision.
    """

    if TYPE_CHECKING:

        def __getattr__(self, name: str) -> np.ndarray:
            """Return a field by leg."""
            ...

    def __init__(self, *, places: int, legs: int, out: int, origins: int, expected: int) -> None:
        """Create a world's leg state, filled with zeros.

        Args:
            places, legs: number of places and legs.
            out: number of legs by tail place (length of the CSR arrays).
            origins: number of origin communities.
            expected: number of expected outcomes per class and place (N_EXPECTED).
        """
        p, n, o = _padded_sizes(places, legs, origins)
        guides = SLOTS * 3 + N_GROUPS  # clients by organisation, and port passages by group
        classes, self.classes = o * 4 + guides, origins * 4 + guides
        fields = [(name, code, (n,)) for name, code in _LEG_FIELDS]
        fields += [
            ("out_start", "i4", (p,)),
            ("cum", "f4", (classes, n)),
            # A decision reads all outcomes for one place, so they are adjacent.
            ("expected_outcomes", "f8", (classes, p, expected)),
            ("prior", "f8", (classes, p, expected)),
            ("new_reports_home", "f8", (o, n, 3)),
            ("new_reports_org", "f8", (SLOTS, n, 3)),
            ("traffic", "i8", (n, 3)),
            ("options", OPTIONS),
        ]
        self.records = np.zeros(1, _aligned(tuple(fields)))
        log_sellers = self.records["options"]["log_sellers"][0]
        log_sellers[1:] = [math.log(n) for n in range(1, SLOTS + 1)]
        for name, _ in _LEG_FIELDS:
            setattr(self, name, self.records[name][0, :legs])
        self.out_leg = self.records["out_leg"][0, :out]
        self.out_start = self.records["out_start"][0, : places + 1]
        self.cum = self.records["cum"][0, : self.classes, :out]
        for name in ("expected_outcomes", "prior"):
            setattr(self, name, self.records[name][0, : self.classes, :places].transpose(0, 2, 1))
        self.new_reports_home = self.records["new_reports_home"][0, :origins, :legs]
        self.new_reports_org = self.records["new_reports_org"][0, :, :legs]
        self.traffic = self.records["traffic"][0, :legs]


def parameter_record(values: dict[str, float | np.ndarray]) -> np.ndarray:
    """Pack named numbers and small arrays into one record, which the day loop reads by name."""
    arrays = {name: np.asarray(value, dtype=np.float64) for name, value in values.items()}
    fields = [(n, "f8", a.shape) if a.shape else (n, "f8") for n, a in arrays.items()]
    record = np.zeros(1, _aligned(tuple(fields)))
    for name, array in arrays.items():
        record[0][name] = array
    return record


def empty_rows(count: int) -> np.ndarray:
    """Return rows of zeros, each aligned to a cache line."""
    line = PERSON.itemsize
    raw = np.zeros((count + 1) * line, np.uint8)
    start = -raw.ctypes.data % line
    return raw[start : start + count * line].view(PERSON)
