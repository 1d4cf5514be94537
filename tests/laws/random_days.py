"""Random situations in which both engines of the migrants simulate one day.

Runs seldom reach rare branches, such as a person at a limit, a person's last quarter in the U.S.
or a stop exactly at the hour. This module draws every number that the engines read: legs, choice
tables, beliefs, organisations, parameters and the people themselves. The draws include bounds and
the values next to bounds.
"""

from __future__ import annotations

import copy
from typing import Any

import numpy as np

from abm import engines
from abm.model import BorderModel
from agents.chance import draw4
from agents.environment import Stream
from agents.migrants.columns import NEVER, PERSON, LegState, empty_rows
from agents.outcomes import N_CONSEQUENCES, N_STATUS, Mode, Status
from agents.plain.surroundings import Surroundings

PEOPLE, TOP, GUIDED_MODES = 400, 8, (Mode.GUIDED, Mode.PORT)
TIED = 0.5  # share of situations with ties, and share with rounded dollars
SMALL: dict[str, Any] = {"scale": 1000, "warmup_days": 0, "days": 1}
#: Parameters that are indices into tables.
INDICES = {"origin_place", "nation", "first_guided", "first_port", "south_place", "fiscal_year"}
#: Probabilities and shares, which are drawn between 0 and 1 inclusive.
SHARES = {
    *("need_of_protection", "legal_refusal", "wait_granted", "kidnap_death", "retry", "again_us"),
    *("again_mx", "again_us_base", "again_mx_base", "release_share", "release_base", "prosecution"),
    *("voluntary", "screening_us", "screening_mexico", "returned_by_mexico", "asylum_mexico"),
    *("bed_free", "court_free", "legal_hope", "wait_share", "expelled", "expelled_to_line"),
    *("transferred", "deterred", "release_seen", "release_view", "release_usual", "surrender"),
    *("waiting_share", "knowledge_mean", "release_without_bed"),
}
SWITCHES = {"prospect", "ports", "returned_to_line"}
DAYS = {
    *("wait_in_mexico_days", "kidnap_days", "delay_expulsion", "delay_us", "delay_mexico"),
    *("stay_removal", "stay_prosecution", "stay_mexico", "transfer_days", "transfer_days_spread"),
    *("waiting_days", "waiting_days_spread"),
}
FIRST_HOP = 1 << 16 | 1  # key of the first leg on the first trip
#: Parameters that the model compares with a uniform draw: its stream, event and position.
COMPARED: dict[str, tuple[Stream, int, int]] = {
    "release_share": (Stream.CONSEQUENCE_US, 1, 0),
    "prosecution": (Stream.CONSEQUENCE_US, 1, 0),
    "court_free": (Stream.CONSEQUENCE_US, 1, 1),
    "bed_free": (Stream.CONSEQUENCE_US, 1, 2),
    "voluntary": (Stream.CONSEQUENCE_US, 1, 3),
    "screening_us": (Stream.CONSEQUENCE_US, 1, 3),
    "expelled": (Stream.EXPULSION, 2, 0),
    "expelled_to_line": (Stream.EXPULSION, 2, 1),
    "wait_share": (Stream.WAIT, 2, 0),
    "returned_by_mexico": (Stream.CONSEQUENCE_MX, 1, 0),
    "asylum_mexico": (Stream.CONSEQUENCE_MX, 1, 0),
    "screening_mexico": (Stream.CONSEQUENCE_MX, 1, 1),
    "transferred": (Stream.CONSEQUENCE_MX, 1, 2),
    "legal_refusal": (Stream.LEGAL, 0, 0),
    "deterred": (Stream.NEST, 0, 3),
    "kidnap_death": (Stream.RANSOM, FIRST_HOP, 0),
    "wait_granted": (Stream.WAIT, FIRST_HOP, 1),
    "caught_share": (Stream.LINE, 1, 1),
}


class TwoEngines:
    """One model per engine, with the same records and the same people.

    Attributes:
        models: the model with columns, and the one with objects.
    """

    def __init__(self) -> None:
        """Build both models without a warm-up."""
        self.models = [
            BorderModel(**SMALL, rng=3, engine=engine) for engine in ("columns", "objects")
        ]
        for model in self.models:
            # The model must seem to be simulating a day, which allows it to write people.
            model._built = False
        self._first = [copy.deepcopy(record) for record in _records(self.models[0])]

    def set_up(self, draw: np.random.Generator, people: int = PEOPLE) -> None:
        """Draw a situation and copy it into both models.

        Args:
            draw: source of random numbers.
            people: number of people who exist already. If it is 0, the legs have the kinds of the
                packaged world, in which no checkpoint precedes the line.
        """
        one, other = self.models
        for record, first in zip(_records(one), self._first, strict=True):
            record[:] = first
        legs, params = one.network.leg_state, one.kernel_params[0]
        draw_legs(legs, draw)
        if people:
            draw_kinds(legs, draw)
        draw_market(one.market.book, draw)
        draw_parameters(params, draw)
        one.ledger.day_tallies["tickets"] = draw.integers(
            0, 9, one.ledger.day_tallies["tickets"].shape
        )
        rows = draw_people(one, draw, people)
        if people and draw.random() < TIED:
            make_ties(rows, one, draw)
        if draw.random() < TIED:
            round_money(rows, one, draw)
        for record, same in zip(_records(other), _records(one), strict=True):
            record[:] = same
        one.migrants.__setstate__({"rows": rows, "due": _due(rows), "version": 0})
        objects: Any = other.migrants
        for person in objects.agents:
            person.remove()
        objects.__setstate__({"rows": rows, "version": 0, "added": {}})
        objects.join(other)

    def generate(self, draw: np.random.Generator, *, ahead: int) -> list[np.ndarray]:
        """Generate candidates in both models.

        Args:
            draw: source of random numbers.
            ahead: 1 generates the candidates who decide before a deadline, 0 all others.

        Returns:
            The records of early departures after each engine has changed them.
        """
        n = len(self.models[0].supply.strata)
        rates = draw.uniform(0.0, 9.0, n)
        rates[draw.integers(n)] = 300.0  # more than one batch
        keep = np.sqrt(shares(draw, n))
        early = np.stack([shares(draw, n), draw.integers(0, 9, n), shares(draw, n)], axis=1)
        date, seed = self.models[0].today + 4 * ahead, self.models[0].seed
        for s in np.flatnonzero(draw.random(n) < 0.1):  # make draws equal to shares
            u, v, *_ = draw4(seed, int(Stream.KEEP), date << 40 | int(s) << 24, 0)
            keep[s], early[s] = draw.choice([u, 1.0]), (draw.choice([v, 1.0]), 1, u)
        foreign = np.flatnonzero(self.models[0].supply.strata[:, 1])
        uid = date << 40 | int(draw.choice(foreign)) << 24
        need = draw4(seed, int(Stream.TRAITS_2), uid, 0)[0]
        found = []
        for model in self.models:
            model.kernel_params["need_of_protection"] = need
            own = early.copy()
            engines.generate(model, date, rates, keep, own, ahead)
            found.append(own)
        return found

    def look(self) -> None:
        """Load the situation into the plain engine without simulating a day."""
        model = self.models[1]
        objects: Any = model.migrants
        records = model.network.leg_state, *_records(model)[1:]
        objects.surroundings = Surroundings(model.clock, model.seed, *records)

    def advance(self) -> None:
        """Simulate the actions of all people whose next action is due."""
        for model in self.models:
            engines.advance(model)

    def differences(self) -> list[str]:
        """Return the names of the columns and totals that differ in any byte."""
        one, other = map(_state, self.models)
        return [name for name in one if one[name].tobytes() != other[name].tobytes()]


def _records(model: BorderModel) -> tuple[np.ndarray, ...]:
    legs, market = model.network.leg_state, model.market
    return legs.records, market.books, model.kernel_params, model.ledger.day_tallies


def _state(model: BorderModel) -> dict[str, np.ndarray]:
    people = model.migrants
    found = {f"person.{name}": people.live[name] for name in PERSON.names or ()}
    found["due"] = people.due[: people.count]
    kinds = "legs", "market", "params", "tallies"
    for kind, record in zip(kinds, _records(model), strict=True):
        names = [name for name in record.dtype.names or () if name != "options"]
        found |= {f"{kind}.{name}": record[name] for name in names}
    return found


def _due(rows: np.ndarray) -> np.ndarray:
    return rows["clock"].astype(np.int32)


def shares(draw: np.random.Generator, shape: Any) -> np.ndarray:
    """Draw numbers between 0 and 1, of which a fifth are exactly 0 or 1."""
    values, kind = draw.random(shape), draw.random(shape)
    return np.where(kind < 0.1, 0.0, np.where(kind < 0.2, 1.0, values))


def draw_legs(legs: LegState, draw: np.random.Generator) -> None:
    """Draw hazards, choice tables and beliefs."""
    n = legs.days.size
    legs.days[:] = draw.uniform(0.05, 2.0, n)
    for hazard in (legs.mx_hazard, legs.extort_hazard, legs.us_hazard):
        hazard[:] = draw.exponential(0.6, n)
    for hazard in (legs.death, legs.kidnap):
        hazard[:] = draw.exponential(0.08, n)
    legs.respond[:], legs.port_wait[:] = shares(draw, n), draw.uniform(0.0, 5.0, n)
    for first, end in zip(legs.out_start[:-1], legs.out_start[1:], strict=True):
        if end > first:
            weights = draw.exponential(1.0, (legs.classes, end - first))
            weights *= draw.random(weights.shape) < 0.6
            weights[:, draw.integers(end - first)] += 1e-3
            only = draw.random(legs.classes) < 0.15  # the only next leg, which may lead back
            weights[only] = np.eye(end - first)[draw.integers(end - first, size=int(only.sum()))]
            total = weights.cumsum(axis=1)
            legs.cum[:, first:end] = total / total[:, -1:]
            legs.cum[draw.random(legs.classes) < 0.05, first:end] = 0.0  # no next leg
    for table in (legs.expected_outcomes, legs.prior):
        table[:] = shares(draw, table.shape) * np.array([1.0, 0.6, 0.3, 2_000.0])[:, None]


def draw_kinds(legs: LegState, draw: np.random.Generator) -> None:
    """Draw which legs cross the line, pass checkpoints or enter a port, and their sectors."""
    # 0: line, 1: checkpoints, 2: port, 3 and 4: none of them.
    kind = draw.integers(0, 5, legs.days.size)
    for k, flags in enumerate((legs.is_line, legs.is_belt, legs.is_port)):
        flags[:] = kind == k
    legs.in_mexico[:] = draw.random(kind.size) < 0.6
    legs.sector[:] = draw.integers(-1, 9, kind.size)
    legs.sector[(kind == 0) & (legs.sector < 0)] = 0


def draw_market(book: Any, draw: np.random.Generator) -> None:
    """Draw organisations in the first slots and one slot that is not in use."""
    share = draw.choice([0.25, 0.7])
    book["top"], book["active"] = TOP, draw.random(len(book["active"])) < share
    book["uid"] = 1 + draw.permutation(len(book["uid"]))
    book["serves"] = draw.integers(0, 2**62, len(book["serves"]))
    for name, most in (("price", 5_000.0), ("cost", 900.0), ("tax", 500.0), ("bribe", 400.0)):
        book[name] = draw.uniform(0.0, most, book[name].shape)
    book["reputation"], book["quality"] = draw.random((2, len(book["quality"])))
    book["delay"] = draw.uniform(0.0, 3.0, len(book["delay"]))
    book["port_price"], book["port_cost"] = draw.uniform(0.0, 4_000.0, (2, 2))


def draw_parameters(params: Any, draw: np.random.Generator) -> None:
    """Draw the kernel parameters: shares, switches, days, and all others near their defaults."""
    for name in params.dtype.names or ():
        value = params[name]
        if name in INDICES:
            continue
        if name in SHARES:
            params[name] = shares(draw, value.shape)
        elif name in SWITCHES:
            params[name] = draw.random(value.shape) < 0.5
        elif name in DAYS:
            params[name] = np.where(
                draw.random(value.shape) < 0.5, draw.uniform(0, 9), draw.integers(0, 3)
            )
        else:
            params[name] = value * draw.uniform(0.6, 1.5, value.shape)
    params["solo_attempts"], params["guided_attempts"] = draw.integers(1, 5, 2)
    params["pace"] = draw.uniform(0.3, 1.5, 3)
    params["caught_share"], params["turned_share"] = draw.uniform(0.0, 0.5, 2)
    params["day_cost"] = draw.uniform(0.0, 900.0)
    params["legal_served"] = draw.integers(0, 9, 5)
    params["legal_rate"] = draw.choice([0.0, 0.1, 1.0, 3.0], 5)
    params["wait_kidnap_hazard"] = draw.exponential(0.1)
    params["return_rate"] = draw.exponential(2.0, 2)
    params["fiscal_year"] = 32.0
    if draw.random() < 0.3:
        params["wealth_median"] *= 200.0
        params["mode_noise"] = 0.5


def draw_people(model: BorderModel, draw: np.random.Generator, n: int) -> np.ndarray:
    """Draw people in any status. Most are due today."""
    legs, rows, today = model.network.leg_state, empty_rows(n), model.clock
    leaves = np.diff(legs.out_start) > 0
    onward = np.flatnonzero(leaves[legs.head])
    rows["uid"] = 1 + draw.permutation(10 * n)[:n]
    rows["leg"] = draw.choice(onward, n)
    rows["place"] = legs.tail[rows["leg"]]
    back = draw.random(n) < 0.5
    rows["place"][back] = legs.head[rows["leg"][back]]
    rows["status"], rows["consequence"] = draw.integers(0, (N_STATUS, N_CONSEQUENCES), (n, 2)).T
    for status in (Status.TRAVELLING, Status.RETURNED):
        rows["status"][draw.random(n) < 0.25] = status
    travels = rows["status"] == Status.TRAVELLING
    rows["place"][travels] = legs.tail[rows["leg"][travels]]
    rows["gate"] = draw.choice(np.flatnonzero(leaves), n)
    rows["clock"] = today + draw.choice([0.0, 0.3, 0.9, 0.9, 1.0, 2.5], n)
    rows["clock"][draw.random(n) < 0.05] = NEVER
    rows["set_out"] = draw.integers(0, 12, n)
    rows["set_out"][travels] = (today + draw.choice([-31.0, -30.0, -29.0, 0.0], n))[travels]
    rows["wealth"], rows["debt"] = draw.integers(0, 9_000, n), draw.integers(0, 1_500, n)
    rows["debt"][draw.random(n) < 0.5] = 0
    rows["debt"][draw.random(n) < 0.1] = 1
    poor = draw.random(n) < 0.15
    rows["wealth"][poor], rows["debt"][poor] = 0, 5_000
    rows["knowledge"], rows["weight"] = shares(draw, n), draw.integers(1, 90, n)
    rows["origin"] = draw.integers(0, len(legs.new_reports_home), n)
    for name, most in (("kind", 3), ("group", 2), ("surrender", 2), ("informed", 2), ("cohort", 2)):
        rows[name] = draw.integers(0, most, n)
    for name, most in (("protection", 2), ("detected", 2), ("past_line", 2), ("trial", 4)):
        rows[name] = draw.integers(0, most, n)
    for name in ("trips", "decisions", "line_tries", "caught"):
        rows[name] = draw.choice([0, 1, 2, 3, 4, 5], n)
        rows[name][draw.random(n) < 0.06] = draw.choice([248, 249, 250])
    rows["line_tries"] = np.maximum(1, rows["line_tries"])  # Checkpoints lie behind the line.
    rows["hop"] = draw.choice([0, 0, 1, 2, 7, 29_999, 30_000, 30_001], n)
    rows["caught_year"] = draw.choice([31, 32], n)
    rows["caught_in_year"] = draw.choice([0, 1, 2, 99, 100], n)
    rows["quarters"], rows["tries_left"] = draw.integers(0, 13, n), draw.integers(0, 4, n)
    guided = draw.random(n) < 0.6
    rows["mode"] = np.where(guided, draw.choice(GUIDED_MODES, n), Mode.SOLO)
    rows["org"] = np.where(guided, draw.choice([0, 0, *range(TOP)], n), -1)
    rows["route"] = draw.integers(0, legs.classes, n)
    return rows


def make_ties(rows: np.ndarray, model: BorderModel, draw: np.random.Generator) -> None:
    """Give all people the same identity and history; set parameters to the people's draws.

    Each uniform draw then equals the share with which the model compares it.
    """
    params, uid = model.kernel_params[0], 77
    rows["uid"] = uid
    for name in ("trips", "hop", "caught", "decisions", "line_tries"):
        rows[name] = 1
    for name, (stream, event, k) in COMPARED.items():
        u = draw4(model.seed, int(stream), uid, event)[k]
        params[name] = draw.choice([u, u, u, 0.0, 1.0, draw.random()])
    if draw.random() < 0.3:  # a draw that equals the sum of two shares
        u, v = params["prosecution"][0], params["asylum_mexico"][0]
        params["release_share"], params["expelled"], params["returned_by_mexico"] = 0.0, 0.0, 0.0
        params["prosecution"], params["asylum_mexico"] = u, v
    params["turned_share"] = 1.0 - params["caught_share"]
    if draw.random() < 0.4:
        params["caught_share"] = 0.0
    model.network.leg_state.respond[:] = 1.0


def round_money(rows: np.ndarray, model: BorderModel, draw: np.random.Generator) -> None:
    """Round dollars to thousands, so that funds equal prices or are one dollar below them.

    All candidates have the same wealth.
    """
    book, params = model.market.book, model.kernel_params[0]
    for record, names in ((book, ("price", "port_price")), (params, ("solo_cost", "legal_fee"))):
        for name in names:
            shape = record[name].shape
            record[name] = 1_000.0 * draw.integers(0, 5, shape) + draw.integers(0, 2, shape)
    params["credit"], params["wealth_log_sd"] = draw.choice([0.0, 1_000.0]), 0.0
    params["wealth_median"] = 1_000.0 * draw.integers(1, 5, 2)
    for name in ("wealth", "debt"):
        rows[name] = 1_000 * draw.integers(0, 5, rows.size)
    rows["debt"][draw.random(rows.size) < 0.7] = 0
