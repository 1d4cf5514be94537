"""A run's migrants as agents, with the same interface as the table of columns."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from agents.environment import Stream
from agents.migrants.columns import NEVER, PERSON, empty_rows
from agents.migrants.kernels import EARLY, EARLY_COUNT, EARLY_KEEP, CandidateBatch
from agents.outcomes import Consequence, Event, Group, Kind, Mode, Status
from agents.plain.draws import normal, poisson
from agents.plain.migrant import MigrantAgent
from agents.plain.person import Person
from agents.plain.surroundings import Surroundings

_CODES: dict[str, type[Any]] = {
    "group": Group,
    "kind": Kind,
    "mode": Mode,
    "status": Status,
    "consequence": Consequence,
}
_NAMES = PERSON.names or ()
#: Attributes of a person that rows store, and attributes set by Mesa.
_STATE = {*_NAMES, *(f"_{name}" for name in _NAMES)} | {"model", "unique_id", "_mesa_cell"}
_STATE |= {"pos", "current_action"}  # set by Mesa 3 and by Mesa 4


class MigrantObjects:
    """All :class:`MigrantAgent` objects, in the order in which they were generated.

    Attributes:
        surroundings: legs, market, parameters and today's totals, available while people act.
        version: number that increases when agents leave.
    """

    surroundings: Surroundings

    def __init__(self, model: Any) -> None:
        """Create a population without migrants.

        Args:
            model: the model in whose register the migrants are.
        """
        self._model: Any = model
        self.version = 0

    def __getattr__(self, name: str) -> Any:
        """Raise RuntimeError if a person acts between days, when `surroundings` does not exist."""
        if name == "surroundings":
            raise RuntimeError(
                "a migrant acts while a day is simulated: to change what people do, override the "
                "method in a subclass and give it as agent_classes"
            )
        raise AttributeError(name)

    def __getstate__(self) -> dict[str, Any]:
        """Return the migrants as rows, with any attributes that a user's class has added."""
        added = {p.uid: {n: v for n, v in vars(p).items() if n not in _STATE} for p in self.agents}
        added = {uid: values for uid, values in added.items() if values}
        return {"rows": self.live.copy(), "version": self.version, "added": added}

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Store the state. :meth:`join` creates the agents from it."""
        self._model, self._state, self.version = None, state, state["version"]

    def join(self, model: Any) -> None:
        """Create an agent from every stored row, while a model is restored.

        Args:
            model: the model under restoration, which has a register of agents.
        """
        self._model, rows, added = model, self._state["rows"], self._state["added"]
        del self._state
        columns = {name: rows[name].tolist() for name in _NAMES}
        columns |= {name: list(map(code, columns[name])) for name, code in _CODES.items()}
        kind = model.class_of(MigrantAgent)
        for values in zip(*columns.values(), strict=True):
            traits = dict(zip(columns, values, strict=True))
            person = kind(model, traits.pop("uid"))
            for name, value in traits.items():
                setattr(person, name, value)
            vars(person).update(added.get(person.uid, {}))

    @property
    def agents(self) -> list[MigrantAgent]:
        """All migrants, including migrants with a final status who have not left yet."""
        return list(self._model.register_of(MigrantAgent))

    @property
    def count(self) -> int:
        """Number of migrants."""
        return len(self._model.register_of(MigrantAgent))

    @property
    def live(self) -> np.ndarray:
        """The migrants as rows, shape (count,), in a new array."""
        agents = self.agents
        rows = empty_rows(len(agents))
        for name in _NAMES:
            rows[name] = [getattr(person, name) for person in agents]
        return rows

    rows = live

    @property
    def due(self) -> np.ndarray:
        """Day of each migrant's next action, shape (count,), in a new array."""
        return np.array([int(person.clock) for person in self.agents], np.int32)

    @property
    def active(self) -> int:
        """Number of migrants with further actions."""
        return sum(person.clock != NEVER for person in self.agents)

    def compact(self) -> int:
        """Remove migrants without further actions and return their number."""
        leaving = [person for person in self.agents if person.clock == NEVER]
        for person in leaving:
            super(Person, person).remove()  # Person.remove would raise an error between days.
        self.version += bool(leaving)
        return len(leaving)

    def release_clients(self, slot: int) -> None:
        """Release a dissolved organisation's clients, who continue alone.

        Args:
            slot: the organisation's slot.
        """
        for person in self.agents:
            if person.org == slot:
                person.lose_organisation()

    def forget_apprehensions(self) -> None:
        """Reset every person's apprehension counts."""
        for person in self.agents:
            person.caught_year = person.caught_in_year = 0


_LARGEST_WEALTH = 1e6  # $


def generate_candidates(model: Any, batch: CandidateBatch) -> None:
    """Generate a date's candidates, and remove all who stay at home.

    Args:
        model: the model, with the population as `migrants`.
        batch: the candidates. The last two columns of `early` are set if they decide before a
            deadline.
    """
    day, agents = model.migrants.surroundings, model.class_of(MigrantAgent)
    for stratum, rate in enumerate(batch.rates.tolist()):
        key = batch.date << 16 | stratum
        number = poisson(model.seed, int(Stream.ARRIVALS), key, rate)
        if batch.is_early:
            batch.early[stratum, EARLY_COUNT] = number
            batch.early[stratum, EARLY_KEEP] = batch.keep[stratum]
        for k in range(number):
            uid = batch.date << 40 | stratum << 24 | k
            if not _is_due(batch, stratum, k, day.draw(Stream.KEEP, uid, 0)):
                continue
            person = agents(model, uid)
            draw_traits(person, batch, stratum)
            if batch.is_early:
                person.post(Event.BROUGHT_FORWARD)
            if not person.become_candidate():
                person.remove()


def _is_due(batch: CandidateBatch, stratum: int, number: int, u: tuple[float, ...]) -> bool:
    """Return whether a drawn candidate remains after thinning and decides today.

    Candidates are drawn at an upper bound of the daily rate and thinned to the day's rate. A change
    in the rate therefore adds or removes candidates, and leaves all others unchanged.
    """
    if u[0] >= batch.keep[stratum]:
        return False
    early = batch.early[stratum]
    before = number < early[EARLY_COUNT] and u[0] < early[EARLY_KEEP] and u[1] < early[EARLY]
    return bool(before) == batch.is_early


def draw_traits(person: MigrantAgent, batch: CandidateBatch, stratum: int) -> None:
    """Draw a candidate's traits. Only the plan to surrender depends on the day.

    Args:
        person: an agent without traits, changed in place.
        batch: the candidates.
        stratum: index of the candidate's stratum.
    """
    params = person.here.params
    u, v = person.draw(Stream.TRAITS, 0), person.draw(Stream.TRAITS_2, 0)
    origin, group, kind = batch.strata[stratum].tolist()
    person.weight, person.cohort = batch.weight, batch.cohort
    person.origin, person.group, person.kind = origin, Group(group), Kind(kind)
    person.place = person.home
    wealth = params.wealth_median[group] * math.exp(params.wealth_log_sd * normal(u[0], u[1]))
    person.wealth = int(min(wealth, _LARGEST_WEALTH))
    knowledge = params.knowledge_mean + params.knowledge_spread * (u[2] - 0.5)
    person.knowledge = min(1.0, max(0.0, knowledge))
    person.surrender = int(u[3] < person.surrender_probability())
    person.protection = int(group > 0 and v[0] < params.need_of_protection)
    person.informed = int(v[1] < person.knowledge)
