"""What the cast may ask of the stage, and the named streams of chance.

Agents never import the model: they are written against the :class:`Stage` protocol, and anything
that answers its questions can put them on.
"""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    import numpy as np
    from mesa.discrete_space import Cell

    from agents.chance import KeyedRandom
    from agents.levers import Levers


class Stream(IntEnum):
    """One name per decision; a key (stream, uid, event) is never used twice.

    A draw has four independent lanes. Where a stream uses more than one, the lanes are named.
    """

    ARRIVALS = 1  # uid: stratum and date; how many candidates come on a day
    KEEP = 2  # is this candidate below the day's rate?
    TRAITS = 3  # lanes: wealth (two), knowledge, surrender at the line
    TRAITS_2 = 4  # lanes: need of protection, knows the routes, two unused
    NEST = 5  # Gumbel noise of stay, legal channel, go; event: number of the decision
    OPTION = 6  # Gumbel noise of one way of going; event: decision and organisation
    ROUTE = 7  # lanes: next leg, days waited before the line; event: trip and hop
    JOURNEY = 8  # lanes: interdiction, extortion, kidnapping, death; event: trip and hop
    LINE = 9  # lanes: detection, what follows, belt, unused; event: attempts at the line so far
    CONSEQUENCE_US = 10  # lanes: consequence, court, bed, screening; event: encounters so far
    CONSEQUENCE_MX = 11  # lanes: what follows, screening; event: encounters so far
    RETRY = 12  # event: decisions so far
    RANSOM = 13  # lane: dies; event: trip and hop
    LEGAL = 14  # lane: admitted
    CIRCULATION = 15  # event: quarters in the U.S.
    PORT = 16  # lane: found at a port; event: attempts at the line so far
    WAIT = 17  # lanes: sent to wait in Mexico, kidnapped there, hearing granted; event: encounters
    US_MAP = 20  # uid: sector; event: date
    MX_MAP = 21  # uid: place; event: date
    DECAPITATION = 22  # uid: organisation (struck), or organisation and date (pieces)
    ENTRY = 23  # uid: group; event: date; territory of a newcomer
    VERIFICATION = 30  # event: half-year; error with which Mexico's effort is measured
    STRATEGY = 31  # event: quarter; where the strategy probes
    CELL_HUNT = 32  # uid: cell; event: date


class Environment(Protocol):
    """The questions an actor may ask while a day is played."""

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
        """What policies have set for today."""
        ...

    @property
    def world(self) -> Any:
        """Places and legs as read-only arrays."""
        ...

    @property
    def keyed_random(self) -> KeyedRandom:
        """Keyed chance."""
        ...

    def cell_of(self, place: int) -> Cell:
        """The cell of a place."""
        ...

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Next place on the quickest way along the graph, and its travel time in days."""
        ...

    def traffic_into(self, lag: int) -> np.ndarray:
        """Persons a day into each place as of `lag` days ago, a four-week mean."""
        ...

    def release_clients(self, slot: int) -> None:
        """An organisation is gone: its clients under way go on alone."""
        ...

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts."""
        ...
