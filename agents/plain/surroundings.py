"""What plain agents read and write on one day.

Numbers that migrants do not change are copied to Python lists every day. Totals and reports are
arrays that later phases read.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np

from agents.migrants.columns import LegState
from agents.plain.draws import draw4


class Leg(NamedTuple):
    """A leg with today's hazards.

    Attributes:
        days: moving days, with delays at fences and posts.
        mx_hazard, extort_hazard: hazards of interdiction and extortion by Mexican officers.
        us_hazard: hazard of detection at the line or a port, or of apprehension at checkpoints.
        death, kidnap: hazards per elapsed day.
        respond: share of detections that agents can answer.
        port_wait: wait of a request for protection at a port, days.
        tail, head: places at which the leg begins and ends.
        sector: sector at the line, -1 elsewhere.
        is_line, is_belt, is_port: 1 for a leg across the line between ports, past the checkpoints
            behind the line, or into a port of entry.
        in_mexico: 1 for a leg in Mexico.
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
    """A smuggling organisation from its clients' point of view, with prices and costs by group.

    Attributes:
        slot: index in the market tables.
        uid: identity, never used again for another organisation.
        active: 1 if the slot is in use.
        serves: bit mask of the communities that the organisation serves.
        price, cost: $ per contract, and $ per attempt.
        tax, bribe: parts of the cost for passage tax to criminal groups and for bribes to
            officials, $.
        reputation: 0 to 1.
        quality: share of a hazard that the guides avoid, 0 to 1.
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
    """A record's fields as attributes. Arrays are views. Single numbers can be read and written."""

    def __init__(self, records: np.ndarray) -> None:
        """Create the attributes.

        Args:
            records: array of one record.
        """
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
    """Legs, market, parameters and totals on one day.

    Attributes:
        today: days since the warm-up began.
        legs: legs by index.
        legs_from: indices of the legs that begin at a place, by place.
        first_leg: position of a place's first leg in the choice tables, by place.
        choices: cumulative shares of legs from each place, by route class.
        expected, prior: expected outcomes by route class, outcome and place, under present beliefs
            and in the base year.
        reports_home, reports_org: the week's reports by community or organisation, leg and outcome.
        traffic: persons by leg today: Mexicans, foreigners, and people stopped by Mexico.
        presented: persons who requested protection, by leg.
        sellers: organisations by slot, including slots without an active organisation.
        market: the organisations' totals: cash, clients, arrivals, failures and harm.
        port_price, port_cost: price and cost of a passage through a port, $, by group.
        params: parameters by name, as numbers and lists.
        tallies: daily totals.
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
        """Read a day's state.

        Args:
            today: days since the warm-up began.
            seed: seed for keyed draws.
            legs: state of the legs.
            books, params, tallies: records for market, parameters and totals, as one-record arrays.
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
        columns = (books[0][name].tolist() for name in Seller._fields[1:])
        rows = enumerate(zip(*columns, strict=True))
        self.sellers = [Seller(slot, *values) for slot, values in rows]
        self.port_price = self.market.port_price.tolist()
        self.port_cost = self.market.port_cost.tolist()
        self.params = SimpleNamespace(
            **{name: params[0][name].tolist() for name in params.dtype.names or ()}
        )
        self.tallies = Totals(tallies)

    def draw(self, stream: int, uid: int, event: int) -> tuple[float, float, float, float]:
        """Draw four uniforms for a key.

        Args:
            stream, uid, event: the key, in addition to the seed. Streams are declared in
                :class:`agents.environment.Stream`.

        Returns:
            Numbers in (0, 1).
        """
        return draw4(self._seed, int(stream), uid, event)
