"""The model's interface to its agents, the named random streams and the agent register.

Agents do not import the model. They are written against the :class:`Environment` protocol, so tests
can run them in any object that implements it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, MutableSet
from enum import IntEnum
from functools import cache, cached_property, wraps
from inspect import getmembers, isfunction
from random import Random
from types import MappingProxyType, MethodType
from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Protocol, Self

from mesa import Agent
from mesa.agentset import AgentSet

from agents.param import Param, check, nearest

if TYPE_CHECKING:
    import numpy as np
    from mesa.agentset import AbstractAgentSet
    from mesa.discrete_space import Cell

    from agents.chance import KeyedRandom
    from agents.levers import Levers


class Stream(IntEnum):
    """Streams of random draws, one per decision. A key (stream, uid, event) is never used twice.

    A draw has four independent lanes. If a stream uses several lanes, its comment lists them.
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
    RANSOM = 13  # lane: death; event: trip and hop
    LEGAL = 14  # lane: refusal
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
    DRUG_LEADER = 34  # uid: drug organisation; event: date
    SUPPLY = 33  # uid: group or country; event: month, level or surge


class Trait(IntEnum):
    """Traits of agents. A result that depends on a trait may depend on all earlier traits."""

    MEMBER = 0  # whether the agent exists, and to which organisation it belongs
    TARGET = 1  # place to which the agent moves, or where it is if it does not move
    PLACE = 2  # the present place, also on the way
    OFFICERS = 3  # number of officers


type Figure[F] = Callable[[Iterable[Any]], F]


def figure[F](kind: type[Any], trait: Trait) -> Callable[[Callable[..., F]], Callable[[Any], F]]:
    """Turn a method into a cached result over a class of agents.

    See :meth:`AgentRegister.figure_of`.

    Args:
        kind: a project class. The decorated function takes its agents, and the resulting method
            does not.
        trait: last trait on which the result depends.
    """

    def decorate(compute: Callable[..., F]) -> Callable[[Any], F]:
        @wraps(compute)
        def method(part: Any) -> F:
            return part.environment.figure_of(kind, MethodType(compute, part), trait)

        return method

    return decorate


def agents_of(kind: type[Agent]) -> Any:
    """Create a property that returns a class's agents as a list, in creation order."""
    return property(lambda part: list(part.environment.figure_of(kind, tuple, Trait.MEMBER)))


def grouped[A](agents: Iterable[A], attribute: str) -> dict[int, list[A]]:
    """Group agents by an attribute's value. Agents keep their order within a group."""
    groups: dict[int, list[A]] = {}
    for agent in agents:
        groups.setdefault(getattr(agent, attribute), []).append(agent)
    return groups


class Environment(Protocol):
    """Properties and methods of the model that agents may use during a simulated day."""

    @property
    def today(self) -> int:
        """Today's date as a proleptic Gregorian ordinal."""
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
        """Places and legs in read-only arrays."""
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

    def register_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return Mesa's own set of a class's agents, in creation order.

        Args:
            kind: a project class. Subclasses that replace it are included.

        Returns:
            The set, empty if no such agent exists.
        """
        ...

    def figure_of[F](self, kind: type[Agent], compute: Figure[F], trait: Trait) -> F:
        """Return a cached result over a class's agents, see :meth:`AgentRegister.figure_of`."""
        ...

    def cell_of(self, place: int) -> Cell:
        """Return the Mesa cell at a place index."""
        ...

    def step_towards(self, place: int, target: int) -> tuple[int, float]:
        """Return the first step on a unit's fastest path, which does not leave the unit's country.

        Args:
            place, target: start and end of the path.

        Returns:
            The next place, and the travel time to it in days.
        """
        ...

    def traffic_into(self, lag: int) -> np.ndarray:
        """Return how many foreigners a day moved into each place `lag` days ago, four-week mean."""
        ...

    def close_port(self, place: int) -> None:
        """Close the legs into a removed port, given its place index."""
        ...

    def release_clients(self, slot: int) -> None:
        """Release a dissolved organisation's clients, who continue alone."""
        ...

    def pay(self, payer: int, payee: int, dollars: int) -> None:
        """Move whole dollars between two accounts.

        Args:
            payer, payee: accounts.
            dollars: whole dollars.
        """
        ...


class ReadOnly:
    """Descriptor of an attribute that only the agent's constructor and the simulated day write.

    It has no getter, because Python reads a value faster directly from the agent.
    """

    def __init__(self, instead: str) -> None:
        """Describe the attribute.

        Args:
            instead: end of the error message: what to do instead of setting the attribute.
        """
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        """Store the attribute's name."""
        self.name = name

    def checked(self, agent: Any, value: Any) -> Any:
        """Raise AttributeError with a message that says what to do instead."""
        raise AttributeError(f"{type(agent).__name__}.{self.name} cannot be set: {self.instead}")

    def __set__(self, agent: Any, value: Any) -> None:
        """Write the value. Between days, `checked` first converts or refuses it."""
        attributes = agent.__dict__
        was_set = attributes.get(self.name) is not None
        if was_set and getattr(agent.model, "between_days", False):
            value = self.checked(agent, value)
        attributes[self.name] = value


def check_number(name: str, bounds: Param, value: Any) -> Any:
    """Return a Python or numpy number in the declared type. Raise SettingError if it is invalid."""
    return check(name, bounds, getattr(value, "tolist", lambda: value)())


type Test = Callable[[Any], bool]


class Bounded(ReadOnly):
    """Descriptor of an attribute that users can set within bounds, where it has an effect."""

    def __init__(self, bounds: Param, acts: Test | None = None, instead: str = "") -> None:
        """Describe the attribute.

        Args:
            bounds: type and bounds.
            acts: function that returns whether the attribute affects an agent. None means always.
            instead: end of the error message for agents that the attribute does not affect.
        """
        super().__init__(instead)
        self.bounds, self.acts = bounds, acts

    def checked(self, agent: Any, value: Any) -> Any:
        """Return the value in the declared type, or raise an error."""
        if self.acts is not None and not self.acts(agent):
            super().checked(agent, value)
        return check_number(self.name, self.bounds, value)


#: The same classes, typed as Any so that pyright accepts all attribute types.
read_only: Any = ReadOnly
bounded: Any = Bounded


def refuse_copy(part: Any, *_: Any) -> NoReturn:
    """Raise TypeError. Parts that are copied only with their model use it as `__reduce_ex__`."""
    raise TypeError(
        f"a {type(part).__name__} is copied with its model only: copy the model, such as "
        "copy.deepcopy(model), or call model.save(path)"
    )


@cache
def guard_of(kind: type[Any], name: str) -> str:
    """Return "method" or "computed" for a protected class attribute, or "" for other attributes."""
    declared = getattr(kind, name, None)
    if getattr(declared, "fset", True) is None:
        return "computed"
    return "method" if isfunction(declared) else ""


class AgentClass(type):
    """Metaclass of the project's agents, which refuses changes to project classes.

    Other processes of a study would not have such a change, and keys of stored runs would omit it.
    """

    def __setattr__(cls, name: str, *value: Any) -> None:
        """Set or delete an attribute of a user's class, or raise AttributeError."""
        if cls.__module__.startswith("agents.") and name[0] != "_":
            hint = "override it in a subclass, and give that as agent_classes"
            raise AttributeError(f"{cls.__name__}.{name} cannot be replaced: {hint}")
        (super().__setattr__ if value else super().__delattr__)(name, *value)
        guard_of.cache_clear()

    __delattr__: Any = __setattr__


class OfOneModel(Agent, metaclass=AgentClass):
    """Mixin: an agent in one model, whose simulated days call the agent's decisions."""

    #: Methods that make decisions, and attributes used by them. Users can override both.
    _decisions: ClassVar[tuple[str, ...]] = ()
    __reduce_ex__ = refuse_copy
    model = read_only("an agent belongs to one model, so create another agent in the other model")
    unique_id = read_only("its model gives it when the agent is created")
    _former: ClassVar[type[Any] | None] = None  # an agent's class before it left the model
    _leaves = False  # whether `remove` has been called, so that the model may drop the agent

    @classmethod
    def create_agents(cls, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Create agents as Mesa does. Return them in a read-only set."""
        return Selection.show(super().create_agents(model, *args, **kwargs), model.random)

    @classmethod
    def from_dataframe(cls, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Create agents from a table as Mesa does. Return them in a read-only set."""
        return Selection.show(super().from_dataframe(model, *args, **kwargs), model.random)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute. Refuse computed values and, between days, methods."""
        guard = guard_of(type(self), name)
        if guard and (guard == "computed" or getattr(self.model, "between_days", False)):
            label = f"{type(self).__name__}.{name} cannot be set"
            raise AttributeError(f"{label}: set what it follows from, or replace it in a class")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        """Raise AttributeError, because the simulated days read an agent's attributes."""
        raise AttributeError(f"{name} of a {type(self).__name__} cannot be deleted: set it instead")

    def step(self) -> None:
        """Raise NotImplementedError, because Mesa's empty step would do nothing."""
        raise NotImplementedError(f"{type(self).__name__} has no such step: call model.step()")

    advance = step

    def check_present(self, *_: Any, **__: Any) -> None:
        """Raise ValueError if the agent has left the model."""
        if self._leaves:
            raise ValueError(f"this {type(self).__name__} has left the model: create another")

    def remove(self) -> None:
        """Remove the agent from the model and from its cell.

        Afterwards, setting its attributes or calling its methods raises ValueError, except for
        methods that only a user's class has.
        """
        if self._leaves:
            return
        self._leaves = True
        super().remove()
        self.__class__ = _class_after(type(self))


@cache
def _class_after(kind: type[OfOneModel]) -> Any:
    """Return the class for agents that have left the model. Its methods raise ValueError."""
    base = next(each for each in kind.__mro__ if each.__module__.startswith("agents."))
    calls = [name for name, _ in getmembers(base, isfunction) if name[0] != "_"]
    checks = dict.fromkeys({*calls, "__setattr__"} - {"remove"}, kind.check_present)
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "_former": kind, **checks})


def sealed(values: np.ndarray) -> np.ndarray:
    """Return a read-only copy of an array."""
    values = values.copy()
    values.setflags(write=False)
    return values


def put_in_cell(agent: Any, cell: Any, trait: Trait = Trait.MEMBER) -> None:
    """Put an agent in a cell, or in no cell, without checks.

    Args:
        agent: agent to move, changed in place.
        cell: new cell, or None to take the agent out of its cell.
        trait: first of the agent's traits that changes. Cached results that depend on it are
            dropped.
    """
    previous = agent._mesa_cell
    if cell is previous:
        return
    if cell is not None:
        cell._agents.append(agent)
    if previous is not None:
        previous._agents.remove(agent)
    vars(agent)["_mesa_cell"] = cell
    agent.model.forget_figures(agent, trait)


class CheckedCell:
    """Mixin: an agent in a cell. Its `check_cell` can refuse cells."""

    model: Any
    _mesa_cell: Any

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError if the agent cannot be put in a cell."""

    @property
    def cell(self) -> Any:
        """The agent's cell, None after its removal."""
        return self._mesa_cell

    @cell.setter
    def cell(self, cell: Any) -> None:
        self.check_cell(cell)
        put_in_cell(self, cell)


class NotCreatedAlone(OfOneModel):
    """Mixin: an agent that Mesa's `create_agents` cannot add to a run."""

    _instead_of_adding: ClassVar[str]  # the end of the error message

    @classmethod
    def create_agents(cls, *_: Any, **__: Any) -> NoReturn:
        """Raise NotImplementedError with the reason and an alternative."""
        raise NotImplementedError(f"{cls.__name__} {cls._instead_of_adding}")

    from_dataframe = create_agents


class OfTheWorld(NotCreatedAlone):
    """Mixin: an agent that exists from the first to the last day of a run."""

    _instead: ClassVar[str]  # end of the error message about removal
    _instead_of_adding = (
        "cannot be added to a run, because its world determines how many it has: build a "
        "BorderModel with another world"
    )

    def remove(self) -> None:
        """Raise NotImplementedError with an alternative."""
        raise NotImplementedError(f"a {type(self).__name__} cannot be removed: {self._instead}")


_ABSENT = object()


class Selection(AgentSet):
    """A set of agents of any class, with selection by attribute values.

    Attributes:
        is_view: whether the set presents agents in the register and must not be changed.
    """

    is_view = False

    @classmethod
    def show(cls, agents: Iterable[Any], random: Random) -> Selection:
        """Return a set that presents agents in the register and cannot be changed."""
        selection = cls(agents, random=random)
        selection.is_view = True
        return selection

    def _check_changeable(self) -> None:
        if self.is_view:
            raise TypeError(
                "the sets of the model show who exists: create an agent or call agent.remove(), or "
                "change a selection of the set, such as set.select()"
            )

    def _update(self, agents: Iterable[Any]) -> Self:
        self._check_changeable()
        return super()._update(agents)

    def shuffle(self, inplace: bool = False) -> AgentSet:
        """Return the agents in random order. A selection can also be shuffled in place."""
        if inplace:
            self._check_changeable()
        shuffled = super().shuffle(inplace)
        return self if inplace else Selection(shuffled, self.random)

    def sort(self, key: Any, ascending: bool = False, inplace: bool = False) -> AgentSet:
        """Return the agents sorted by an attribute or a function, or sort a selection in place."""
        ordered = super().sort(key, ascending, inplace)
        return self if inplace else Selection(ordered, self.random)

    def add(self, agent: Any) -> None:
        """Add an agent to a selection."""
        self._check_changeable()
        super().add(agent)

    def discard(self, agent: Any) -> None:
        """Remove an agent from a selection. The agent stays in the model."""
        self._check_changeable()
        super().discard(agent)

    remove: Any = MutableSet.remove  # calls discard

    def set(self, attr_name: str, value: Any) -> Selection:
        """Set an attribute on all agents that have it.

        Args:
            attr_name: name of the attribute.
            value: value for all agents.

        Returns:
            This set.

        Raises:
            AttributeError: no agent has the attribute, or some agents refuse it.
        """
        agents, refusals = self._having(attr_name), []
        for agent in agents:
            try:
                setattr(agent, attr_name, value)
            except AttributeError as error:
                refusals.append(error)
        if refusals:
            refused = f"{len(refusals)} of {len(agents)} agents refuse {attr_name}"
            raise AttributeError(f"{refused}, the others have the value now: {refusals[0]}")
        return self

    def _having(self, name: str) -> list[Any]:
        """Return the agents that have an attribute. Raise AttributeError if no agent has it."""
        agents = [agent for agent in self if hasattr(agent, name)]
        if len(self) and not agents:
            close = nearest(name, {public for agent in self for public in dir(agent)})
            hint = f": did you mean {close}?" if close else ""
            raise AttributeError(f'no agent of this set has an attribute "{name}"{hint}')
        return agents

    def select(
        self,
        filter_func: Callable[[Any], bool] | None = None,
        at_most: float = float("inf"),
        inplace: bool = False,
        agent_type: type[Any] | None = None,
        **values: Any,
    ) -> AbstractAgentSet:
        """Select agents as Mesa does, or by values: `select(status=Status.TRAVELLING)`.

        Args:
            filter_func, at_most, inplace, agent_type: as in :meth:`mesa.agentset.AgentSet.select`.
            values: values by attribute name. Agents without the attribute are not selected.

        Returns:
            The selection.

        Raises:
            AttributeError: no agent in the set has an attribute with this name.
        """
        for name in values:
            self._having(name)

        def is_chosen(agent: Any) -> bool:
            equal = all(getattr(agent, name, _ABSENT) == value for name, value in values.items())
            return equal and (filter_func is None or filter_func(agent))

        return super().select(is_chosen if values else filter_func, at_most, inplace, agent_type)


class AgentRegister:
    """Mixin: the class of each new agent, agents by class, and cached totals over agents.

    Attributes:
        agent_classes: subclasses, by the name of the project class that they replace.
    """

    agent_classes: Mapping[str, type[Any]] = MappingProxyType({})

    def class_of[A: Agent](self, kind: type[A]) -> type[A]:
        """Return the class for new agents: `kind`, or the subclass that replaces it.

        Args:
            kind: a project class.

        Returns:
            The class.
        """
        return self.agent_classes.get(kind.__name__, kind)

    def register_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return Mesa's own set of agents whose class is `kind` or replaces it.

        Args:
            kind: a project class.

        Returns:
            The set in Mesa's register, in creation order, or an empty set if no such agent has
            existed.
        """
        model: Any = self
        registered = model._agents_by_type.get(self.class_of(kind))
        return AgentSet([], random=model.random) if registered is None else registered

    @cached_property
    def _figures(self) -> dict[type[Any], tuple[dict[Any, Any], ...]]:
        """Cached results by class and trait."""
        return {}

    def figure_of[F](self, kind: type[Agent], compute: Figure[F], trait: Trait) -> F:
        """Return a result computed from a class's agents, cached until one of them changes.

        A user's class can compute its target, place and officers from any data. For such a class,
        results that depend on these traits are therefore not cached.

        Args:
            kind: a project class.
            compute: function of the agents in `register_of(kind)`.
            trait: last trait on which the result depends.

        Returns:
            The result of `compute`. It is shared, so the caller must not change it.
        """
        try:
            return self._figures[kind][trait][compute]
        except KeyError:
            real = self.class_of(kind)
        if real is not kind and trait > Trait.MEMBER:
            return compute(self.register_of(kind))
        figures = self._figures.setdefault(real, ({}, {}, {}, {}))[trait]
        if compute not in figures:
            figures[compute] = compute(self.register_of(kind))
        return figures[compute]

    def forget_figures(self, agent: Any, trait: Trait) -> None:
        """Drop cached results that depend on a trait, because an agent's trait has changed."""
        for figures in self._figures.get(type(agent), ())[trait:]:
            figures.clear()
