"""A migrant's state as a Mesa agent, with methods that count persons and dollars."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Any

from mesa.discrete_space import CellAgent

from agents.environment import CheckedCell, OfOneModel, ReadOnly, Stream, check_number, read_only
from agents.migrants import tallies
from agents.migrants.agent_set import DOLLARS, HISTORY, KEPT, SHARE, check_move
from agents.migrants.columns import CAUGHT, LEFT, NEVER
from agents.outcomes import Account, Consequence, Event, Group, Kind, Mode, Status

if TYPE_CHECKING:
    from agents.plain.surroundings import Surroundings

#: The rules for counting and paying are declared only in `agents.migrants.tallies`. The plain
#: engine uses these functions uncompiled.
_post, _post_at = tallies.post.py_func, tallies.post_at.py_func
_post_by_nation, _move = tallies.post_by_nation.py_func, tallies.move.py_func
_pay, _funds = tallies.pay.py_func, tallies.funds.py_func
_begin_past_line = tallies.begin_past_line.py_func
_end_past_line = tallies.end_past_line.py_func
exact = tallies.exact.py_func


class Single:
    """Descriptor for a number in single precision, as the columns store it."""

    def __set_name__(self, owner: type, name: str) -> None:
        """Store the name of the private attribute that holds the number."""
        self._name = f"_{name}"

    def __get__(self, person: Any, owner: type | None = None) -> float:
        """Return the number."""
        return getattr(person, self._name)

    def __set__(self, person: Any, value: float) -> None:
        """Round the number and store it."""
        setattr(person, self._name, struct.unpack("f", struct.pack("f", value))[0])


class Dollars(ReadOnly):
    """Descriptor for whole dollars. Between days, households pay or receive the difference."""

    def checked(self, agent: Any, value: Any) -> int:
        """Post the difference and return the dollars. Raise ValueError if they are invalid."""
        value, before = check_number(self.name, DOLLARS, value), agent.net_worth
        agent.__dict__[self.name] = value
        agent.model.ledger.settle_accounts(before - agent.net_worth)
        return value


class Share(Single):
    """Descriptor for a share from 0 to 1 in single precision."""

    def __set__(self, person: Any, value: float) -> None:
        """Round the share and store it. Raise ValueError if it is outside its bounds."""
        super().__set__(person, check_number("knowledge", SHARE, value))


class Person(CheckedCell, OfOneModel, CellAgent):
    """One migrant's traits, place and counters, with methods that post events and payments.

    Attributes:
        uid: identity, the same under every policy.
        weight: number of persons that the agent represents.
        cohort: 1 if generated on a recorded day, otherwise 0.
        origin, group, kind: origin community, group by legal position in Mexico, and kind.
        wealth, debt: whole dollars at hand and owed.
        knowledge: share of the community's knowledge, 0 to 1.
        informed: 1 if routes are chosen by the community's beliefs.
        surrender: 1 if the person plans to surrender at the line.
        protection: 1 if authorities would recognise a need for protection.
        status, consequence, mode: status, consequence of the last encounter, travel mode.
        clock: moment of the next action, in days since the warm-up began.
        set_out: moment when the trip began, in days, or an applicant's ticket.
        leg, gate: present leg, and place of the last attempt at the line, -1 if none.
        route: row in the route tables.
        org: slot of the guiding organisation, -1 if none.
        tries_left: further attempts that the paid fee covers.
        trips, hop: trips begun, and legs begun in this trip.
        decisions, line_tries, caught, quarters: numbers of decisions, attempts at the line,
            encounters, and quarters in the U.S. They are parts of the keys of random draws.
        caught_year, caught_in_year: fiscal year of the last U.S. apprehension, and number of
            apprehensions in that year.
        trial: state in the repeated-trials estimator: 0 open, 1 caught, 2 tried again, 3 closed.
        detected: 1 if detected at the line without being stopped.
        past_line: 1 from passing the line until the got-away is counted.
    """

    clock, set_out, knowledge = Single(), Single(), Share()
    wealth: Any = Dollars(HISTORY)
    debt: Any = Dollars(HISTORY)
    uid, weight, cohort, origin, group, kind = (read_only(HISTORY) for _ in range(6))
    status, consequence, mode, leg, gate, org, route = (read_only(HISTORY) for _ in range(7))
    trips, hop, tries_left, decisions, line_tries, caught = (read_only(HISTORY) for _ in range(6))
    quarters, caught_year, caught_in_year, trial = (read_only(HISTORY) for _ in range(4))
    informed, surrender, protection, detected, past_line = (read_only(HISTORY) for _ in range(5))
    __setattr__: Any = object.__setattr__  # without the slow check in `OfOneModel`

    def __init__(self, model: Any, uid: int) -> None:
        """Create an agent with traits and counters at zero. The population sets the traits.

        Args:
            model: the model as agents see it.
            uid: the person's identity.
        """
        super().__init__(model)
        self.uid = self.unique_id = uid
        self.weight, self.cohort = 1, 0
        self.origin, self.group, self.kind = 0, Group.MEXICAN, Kind.ADULT
        self.wealth = self.debt = 0
        self.informed = self.surrender = self.protection = 0
        self.status, self.consequence, self.mode = Status.STAYED, Consequence.NONE, Mode.SOLO
        self.clock = self.set_out = self.knowledge = 0.0
        self.leg = self.gate = self.org = -1
        self.route = self.tries_left = self.trips = self.hop = 0
        self.decisions = self.line_tries = self.caught = self.quarters = 0
        self.caught_year = self.caught_in_year = self.trial = self.detected = self.past_line = 0

    # ---- where and when -------------------------------------------------------------------------
    @property
    def here(self) -> Surroundings:
        """Today's legs, market, parameters and totals."""
        return self.model.migrants.surroundings

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError if a user moves the person and `check_move` refuses the move."""
        moves = self._mesa_cell is not None and not self._leaves
        if moves and getattr(self.model, "between_days", False):
            check_move(self.model, self.status, cell)

    def __repr__(self) -> str:
        """Return the uid, kind, status and place."""
        label = f"{self.kind.name.lower()} {self.status.name.lower()}"
        return f"<{type(self).__name__} {self.uid} {label} at {self.cell.id}>"

    def remove(self) -> None:
        """Leave the model. Raise TypeError between days, because persons are conserved."""
        if getattr(self.model, "between_days", False):
            raise TypeError(KEPT)
        super().remove()

    @property
    def place(self) -> int:
        """Place index of the last place reached, which is the place of the cell."""
        return self.cell.coordinate

    @place.setter
    def place(self, place: int) -> None:
        self.cell = self.model.cell_of(place)

    @property
    def home(self) -> int:
        """Place index of the home community."""
        return int(self.here.params.origin_place[self.origin])

    @property
    def nation(self) -> int:
        """Row in tables by nation."""
        return int(self.here.params.nation[self.origin])

    def draw(self, stream: Stream, event: int) -> tuple[float, float, float, float]:
        """Draw four uniforms that depend only on the person, the stream and the event.

        Args:
            stream: decision or event that uses the uniforms.
            event: number of the event, used once per person and stream.

        Returns:
            Numbers in (0, 1).
        """
        return self.here.draw(stream, self.uid, event)

    @property
    def journey_event(self) -> int:
        """Event number for draws on the present leg, from the numbers of trip and hop."""
        return (self.trips & 0xFFF) << 16 | self.hop & 0xFFFF

    # ---- persons --------------------------------------------------------------------------------
    def post(self, event: Event) -> None:
        """Count an event for all persons that the agent represents."""
        _post(self.here.tallies, self, event)

    def post_at(self, event: Event, sector: int) -> None:
        """Count an event in total and by sector. The sector -1 counts in the total only."""
        _post_at(self.here.tallies, self, event, sector)

    def post_departure(self) -> None:
        """Count the first departure, in total and by nation."""
        self.post(Event.SET_OUT)
        _post_by_nation(self.here.tallies, self, LEFT, self.here.params)

    def post_apprehension(self, sector: int) -> None:
        """Count a U.S. apprehension, in total, by sector and by nation."""
        self.post_at(Event.APPREHENDED_US, sector)
        _post_by_nation(self.here.tallies, self, CAUGHT, self.here.params)

    def move_to_status(self, status: Status) -> None:
        """Change the status, and the number of persons by status."""
        _move(self.here.tallies, self, status)

    def wait(self, status: Status, until: float) -> None:
        """Change the status, and set the next action, in days since the warm-up began."""
        self.move_to_status(status)
        self.clock = until

    def finish(self, status: Status) -> None:
        """Change the status to a final status, without further actions."""
        self.wait(status, NEVER)

    def pass_line(self) -> None:
        """Record that the person has passed the line and does not yet count as a got-away."""
        _begin_past_line(self.here.tallies, self)

    def end_past_line(self, *, counted: bool) -> bool:
        """End the time between passing the line and counting a got-away, unless it has ended.

        Args:
            counted: whether the person becomes a got-away.

        Returns:
            Whether the person was past the line and not counted yet.
        """
        return bool(_end_past_line(self.here.tallies, self, int(counted)))

    # ---- dollars --------------------------------------------------------------------------------
    @property
    def net_worth(self) -> int:
        """Wealth less debt in dollars, summed over all persons that the agent represents."""
        return (self.wealth - self.debt) * self.weight

    @property
    def funds(self) -> float:
        """Dollars that the person can still raise, in cash and on credit."""
        return _funds(self, self.here.params.credit)

    def pay(self, payee: Account, dollars: int) -> None:
        """Pay whole dollars per person from cash, and add what cash does not cover to the debt."""
        _pay(self.here.tallies, self, payee, dollars)

    def pay_what_is_possible(self, payee: Account, dollars: float) -> None:
        """Pay an amount in dollars, or all funds if they are smaller."""
        self.pay(payee, min(int(dollars), int(self.funds)))
