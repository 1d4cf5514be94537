"""The state that the agents of the plain engine read and write on one day.

Numbers that no migrant changes are copied to plain lists every day; totals and reports are arrays
that the rest of the model reads in the evening.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from agents.migrants.columns import LegState
from agents.plain.draws import draw4


class Leg(NamedTuple):
    """A leg of the route graph with the hazards of the day.

    Attributes:
        days: moving days, with the delays of fences and posts.
        mx_hazard, extort_hazard: hazard of interdiction and of extortion by Mexican officers.
        us_hazard: hazard of detection at the line or at a port, of apprehension at checkpoints.
        death, kidnap: hazards per elapsed day.
        respond: share of detections that agents can answer.
        port_wait: days of waiting of a request for protection.
        tail, head: places at which the leg begins and ends.
        sector: sector of the line, -1 elsewhere.
        is_line, is_belt, is_port, in_mexico: 1 for a leg over the line between ports, past the
            checkpoints behind it, into a port of entry, in Mexico.
    """

    days: float
    mx_hazard: float
    extort_hazard: float
    us_hazard: float
    death: float
    kidnap: float
    respond: float
    port_wait: float
    tail: int
    head: int
    sector: int
    is_line: int
    is_belt: int
    is_port: int
    in_mexico: int


class Seller(NamedTuple):
    """A smuggling organisation as its clients see it; prices and costs by group.

    Attributes:
        slot: index of the organisation in the tables of the market.
        uid: identity, which no later organisation takes.
        active: 1 if the slot is in use.
        serves: bit mask of the communities that it serves.
        price: $ per contract, cost: $ per attempt; of the cost, tax: passage tax to criminal
            groups, bribe: bribes to officials.
        reputation, quality: 0 to 1; quality is the share of a hazard that its guides avoid.
        delay: days by which the longest wait before the line rises.
    """

    slot: int
    uid: int
    active: int
    serves: int
    price: list[float]
    cost: list[float]
    tax: list[float]
    bribe: list[float]
    reputation: float
    quality: float
    delay: float


class Totals:
    """The totals of a record: arrays are shared with it, single numbers are read and written."""

    def __init__(self, records: np.ndarray) -> None:
        """Share the fields of an array of one record."""
        object.__setattr__(self, "_record", records[0])
        for name in records.dtype.names or ():
            if records[name].ndim > 1:
                object.__setattr__(self, name, records[name][0])

    def __getattr__(self, name: str) -> Any:
        """Return a single number of the record."""
        return self._record[name].item()

    def __setattr__(self, name: str, value: Any) -> None:
        """Write a single number of the record."""
        self._record[name] = value


class Surroundings:
    """The legs, the market, the parameters and the totals of a day.

    Attributes:
        today: days since the warm-up began.
        legs: legs by index.
        legs_from: indices of the legs that begin at a place.
        first_leg: position of a place's first leg in the choice tables, by place.
        choices: cumulative shares of the legs of each place, by route class.
        expected, prior: expected outcomes by route class, outcome and place, as believed and of
            the base year.
        reports_home, reports_org: reports of the week by community or organisation, leg, outcome.
        traffic: persons by leg today: Mexicans, foreigners, stopped by Mexico.
        presented: persons who requested protection, by leg.
        sellers: organisations by slot, those in use and others.
        market: totals of the organisations: cash, clients, arrived, failed, harmed.
        port_price, port_cost: $ of a passage through a port, by group.
        params: parameters by name, as numbers and lists.
        tallies: totals of the day.
    """

    def __init__(
        self,
        today: int,
        seed: int,
        legs: LegState,
        books: np.ndarray,
        params: np.ndarray,
        tallies: np.ndarray,
    ) -> None:
        """Read the state of a day.

        Args:
            today: days since the warm-up began.
            seed: seed for keyed draws.
            legs: state of the legs.
            books, params, tallies: records of the market, of the parameters and of the totals, as
                arrays of one.
        """
        self.today, self._seed = today, seed
        columns = (getattr(legs, name).tolist() for name in Leg._fields)
        self.legs = [Leg(*values) for values in zip(*columns, strict=True)]
        self.first_leg, out = legs.out_start.tolist(), legs.out_leg.tolist()
        starts = zip(self.first_leg, self.first_leg[1:], strict=False)
        self.legs_from = [out[first:end] for first, end in starts]
        self.choices, self.expected, self.prior = legs.cum, legs.expected_outcomes, legs.prior
        self.reports_home, self.reports_org = legs.new_reports_home, legs.new_reports_org
        self.traffic, self.presented = legs.traffic, legs.presented
        self.market = Totals(books)
        self.sellers = self._read_sellers(books[0])
        self.port_price, self.port_cost = (
            books[0][name].tolist() for name in ("port_price", "port_cost")
        )
        self.params = SimpleNamespace(
            **{name: params[0][name].tolist() for name in params.dtype.names or ()}
        )
        self.tallies = Totals(tallies)

    @staticmethod
    def _read_sellers(book: np.void) -> list[Seller]:
        """Return the organisations by slot."""
        slots = range(len(book["uid"]))
        columns = (book[name].tolist() for name in Seller._fields[1:])
        return [Seller(*values) for values in zip(slots, *columns, strict=True)]

    @property
    def sellers_in_use(self) -> list[Seller]:
        """The slots of the market up to the last one in use."""
        return self.sellers[: self.market.top]

    def draw(self, stream: int, uid: int, event: int) -> tuple[float, float, float, float]:
        """Draw four uniforms of a key; see :class:`agents.environment.Stream`.

        Args:
            stream, uid, event: the key, in addition to the seed.

        Returns:
            Numbers in (0, 1).
        """
        return draw4(self._seed, int(stream), uid, event)
