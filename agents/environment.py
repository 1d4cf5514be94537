"""The interface of the model to its agents, and the named random streams.

Agents do not import the model: they are written against the :class:`Environment` protocol, so that
tests can run them in any object that implements it.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from mesa import Agent
    from mesa.agentset import AbstractAgentSet
    from mesa.discrete_space import Cell

    from agents.chance import KeyedRandom
    from agents.levers import Levers


class Stream(IntEnum):
    """Streams of random draws, one per decision. A key (stream, uid, event) is never used twice.

    A draw has four independent lanes. Where a stream uses more than one, the lanes are listed.
    """

    ARRIVALS = 1  # uid: stratum and date; number of candidates of a day
    KEEP = 2  # lanes: thinning of the candidates to the day's rate, leaves before a deadline
    TRAITS = 3  # lanes: wealth (two), knowledge, surrender at the line
    TRAITS_2 = 4  # lanes: need of protection, informed about routes, two unused
    NEST = 5  # Gumbel noise of stay, legal channel, go, wait; the same until the departure
    OPTION = 6  # Gumbel noise of one mode; event: decision and organisation
    ROUTE = 7  # lanes: next leg, days waited before the line; event: trip and hop
    JOURNEY = 8  # lanes: interdiction, extortion, kidnapping, death; event: trip and hop
    LINE = 9  # lanes: detection, response, checkpoint, unused; event: attempts at the line
    CONSEQUENCE_US = 10  # lanes: consequence, court, bed, screening; event: encounters
    CONSEQUENCE_MX = 11  # lanes: consequence, screening, transfer, its days; event: encounters
    RETRY = 12  # event: decisions
    RANSOM = 13  # lane: dies; event: trip and hop
    LEGAL = 14  # lane: admitted
    CIRCULATION = 15  # event: quarters in the U.S.
    PORT = 16  # lane: detection at a port; event: attempts at the line
    WAIT = 17  # lanes: sent to wait in Mexico, kidnapped there, hearing granted; event: encounters
    EXPULSION = 18  # lanes: expelled, place of return; event: encounters
    DEFERRAL = 19  # lane: days until the next decision; event: number of the decision
    US_MAP = 20  # uid: sector; event: date
    MX_MAP = 21  # uid: place; event: date
    DECAPITATION = 22  # uid: organisation (draw), or organisation and date (number of pieces)
    ENTRY = 23  # uid: group; event: date; territory of a newcomer
    VERIFICATION = 30  # event: half-year; measurement error of Mexico's effort
    STRATEGY = 31  # event: quarter; arm that the strategy probes
    CELL_HUNT = 32  # uid: cell; event: date
    SUPPLY = 33  # uid: group or country; event: month, level or surge


class Environment(Protocol):
    """Properties and methods of the model that agents may use during a day."""

    @property
    def today(self) -> int:
        """Date as a proleptic Gregorian ordinal."""
        ...

    @property
    def recording(self) -> bool:
        """Whether the warm-up is over."""
        ...

    @property
    def settings(self) -> Any:
        """The frozen scenario."""
        ...

    @property
    def levers(self) -> Levers:
        """Levers that policies have set for today."""
        ...

    @property
    def world(self) -> Any:
        """Places and legs as read-only arrays."""
        ...

    @property
    def keyed_random(self) -> KeyedRandom:
        """Keyed random numbers."""
        ...

    def class_of[A: Agent](self, kind: type[A]) -> type[A]:
        """Return the class of new agents: `kind`, or the subclass that replaces it.

        Args:
            kind: a project class.

        Returns:
            The class.
        """
        ...

    def agents_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return a class's agents as Mesa's agent set, in creation order.

        Args:
            kind: a project class. Subclasses that replace it are included.

        Returns:
            The set, empty if no such agent exists.
        """
        ...

    def cell_of(self, place: int) -> Cell:
        """Return the cell of a place."""
        ...

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the first step on a unit's fastest path, which never leaves its country.

        Args:
            place, target: where the path starts and ends.

        Returns:
            The next place, and the travel time to it in days.
        """
        ...

    def traffic_into(self, lag: int) -> np.ndarray:
        """Return persons a day into each place as of `lag` days ago, a four-week mean."""
        ...

    def release_clients(self, slot: int) -> None:
        """Release the clients of a dissolved organisation. They continue alone."""
        ...

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts.

        Args:
            payer, payee: accounts.
            dollars: whole dollars.
        """
        ...
