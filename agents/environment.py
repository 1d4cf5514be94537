"""The interface of the model to its agents, the named random streams and the agent register.

Agents do not import the model: they are written against the :class:`Environment` protocol, so that
tests can run them in any object that implements it.
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
    DRUG_LEADER = 34  # uid: drug organisation; event: date
    SUPPLY = 33  # uid: group or country; event: month, level or surge


class Trait(IntEnum):
    """Traits on which a figure over agents of a class depends, with all earlier traits."""

    MEMBER = 0  # whether the agent exists, and of which organisation it is
    TARGET = 1  # the place where it is or to which it moves
    PLACE = 2  # its place, also on the way
    OFFICERS = 3


type Figure[F] = Callable[[Iterable[Any]], F]


def figure[F](kind: type[Any], trait: Trait) -> Callable[[Callable[..., F]], Callable[[Any], F]]:
    """Make a method a figure over a class's agents, see :meth:`AgentRegister.figure_of`.

    Args:
        kind: a project class. The method is written with its agents as an argument, and is called
            without.
        trait: the last trait on which the figure depends.
    """

    def decorate(compute: Callable[..., F]) -> Callable[[Any], F]:
        @wraps(compute)
        def method(part: Any) -> F:
            return part.environment.figure_of(kind, MethodType(compute, part), trait)

        return method

    return decorate


def agents_of(kind: type[Agent]) -> Any:
    """Make a property of an organisation: the agents of a class as a list, in creation order."""
    return property(lambda part: list(part.environment.figure_of(kind, tuple, Trait.MEMBER)))


def grouped[A](agents: Iterable[A], attribute: str) -> dict[int, list[A]]:
    """Return agents by the value of an attribute, in their order."""
    groups: dict[int, list[A]] = {}
    for agent in agents:
        groups.setdefault(getattr(agent, attribute), []).append(agent)
    return groups


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

    def register_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return Mesa's own set of a class's agents, in creation order.

        Args:
            kind: a project class. Subclasses that replace it are included.

        Returns:
            The set, empty if no such agent exists.
        """
        ...

    def figure_of[F](self, kind: type[Agent], compute: Figure[F], trait: Trait) -> F:
        """Return a figure over a class's agents, see :meth:`AgentRegister.figure_of`."""
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

    def close_port(self, place: int) -> None:
        """Close the legs into a port that is removed."""
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


class ReadOnly:
    """Attribute that only an agent's constructor and the simulated day write.

    Without a getter it is read from the agent itself, which is fast.
    """

    def __init__(self, instead: str) -> None:
        """Describe the attribute.

        Args:
            instead: end of the error message: the alternative to writing it.
        """
        self.instead = instead

    def __set_name__(self, owner: type, name: str) -> None:
        """Store the attribute's name."""
        self.name = name

    def checked(self, agent: Any, value: Any) -> Any:
        """Raise AttributeError with what to do instead."""
        raise AttributeError(f"{type(agent).__name__}.{self.name} cannot be set: {self.instead}")

    def __set__(self, agent: Any, value: Any) -> None:
        """Write the value. Between days, check it first, or refuse it."""
        attributes = agent.__dict__
        was_set = attributes.get(self.name) is not None
        if was_set and getattr(agent.model, "between_days", False):
            value = self.checked(agent, value)
        attributes[self.name] = value


def check_number(name: str, bounds: Param, value: Any) -> Any:
    """Return a value in the declared type, also of numpy, or raise SettingError."""
    return check(name, bounds, getattr(value, "tolist", lambda: value)())


type Test = Callable[[Any], bool]


class Bounded(ReadOnly):
    """Attribute that users can set within bounds, for the agents on which it acts."""

    def __init__(self, bounds: Param, acts: Test | None = None, instead: str = "") -> None:
        """Describe the attribute.

        Args:
            bounds: type and bounds.
            acts: whether the attribute of an agent has an effect, default always.
            instead: what to do where the attribute has no effect.
        """
        super().__init__(instead)
        self.bounds, self.acts = bounds, acts

    def checked(self, agent: Any, value: Any) -> Any:
        """Return the value in its type, or raise an error."""
        if self.acts is not None and not self.acts(agent):
            super().checked(agent, value)
        return check_number(self.name, self.bounds, value)


#: The same classes, for attributes whose values pyright takes for any type.
read_only: Any = ReadOnly
bounded: Any = Bounded


def refuse_copy(part: Any, *_: Any) -> NoReturn:
    """Raise TypeError, in place of `__reduce_ex__`: a part is copied with its model."""
    raise TypeError(
        f"a {type(part).__name__} is copied with its model only: copy the model, such as "
        "copy.deepcopy(model), or call model.save(path)"
    )


@cache
def guard_of(kind: type[Any], name: str) -> str:
    """Return whether a class has a "computed" value or a "method" of a name, or else nothing."""
    declared = getattr(kind, name, None)
    if getattr(declared, "fset", True) is None:
        return "computed"
    return "method" if isfunction(declared) else ""


class AgentClass(type):
    """Metaclass of the project's agents, which refuses new methods and attributes.

    A process that runs another member of a study, and the key of a stored run, would not know it.
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
    """Mixin: an agent that belongs to one model, and whose decisions the days of the model call."""

    #: Methods, and attributes with which an agent acts, that a subclass of a user can override.
    _decisions: ClassVar[tuple[str, ...]] = ()
    __reduce_ex__ = refuse_copy
    model = read_only("an agent belongs to one model, so create another agent in the other model")
    unique_id = read_only("its model gives it when the agent is created")
    _former: ClassVar[type[Any] | None] = None  # an agent's class before it left the model
    _leaves = False  # whether `remove` has been called, so that the model may drop the agent

    @classmethod
    def create_agents(cls, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Create agents as Mesa does, and return the set that shows them."""
        return Selection.show(super().create_agents(model, *args, **kwargs), model.random)

    @classmethod
    def from_dataframe(cls, model: Any, *args: Any, **kwargs: Any) -> Any:
        """Create agents from a table as Mesa does, and return the set that shows them."""
        return Selection.show(super().from_dataframe(model, *args, **kwargs), model.random)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute. Methods and computed values of one agent cannot be replaced."""
        guard = guard_of(type(self), name)
        if guard and (guard == "computed" or getattr(self.model, "between_days", False)):
            label = f"{type(self).__name__}.{name} cannot be set"
            raise AttributeError(f"{label}: set what it follows from, or replace it in a class")
        super().__setattr__(name, value)

    def __delattr__(self, name: str) -> NoReturn:
        """Raise AttributeError: the days read the attributes of an agent."""
        raise AttributeError(f"{name} of a {type(self).__name__} cannot be deleted: set it instead")

    def step(self) -> None:
        """Raise NotImplementedError: Mesa's empty step would do nothing."""
        raise NotImplementedError(f"{type(self).__name__} has no such step: call model.step()")

    advance = step

    def check_present(self, *_: Any, **__: Any) -> None:
        """Raise ValueError if the agent has left the model."""
        if self._leaves:
            raise ValueError(f"this {type(self).__name__} has left the model: create another")

    def remove(self) -> None:
        """Remove the agent from the model and its cell. From then on it refuses new values.

        Its other methods raise ValueError too, except those that only a user's class has.
        """
        if self._leaves:
            return
        self._leaves = True
        super().remove()
        self.__class__ = _class_after(type(self))


@cache
def _class_after(kind: type[OfOneModel]) -> Any:
    """Return the class of agents that have left the model, which alone check for it."""
    base = next(each for each in kind.__mro__ if each.__module__.startswith("agents."))
    calls = [name for name, _ in getmembers(base, isfunction) if name[0] != "_"]
    refused = dict.fromkeys({*calls, "__setattr__"} - {"remove"}, kind.check_present)
    return type(kind.__name__, (kind,), {"__module__": kind.__module__, "_former": kind, **refused})


def sealed(values: np.ndarray) -> np.ndarray:
    """Return a read-only copy of an array, for users to read."""
    values = values.copy()
    values.setflags(write=False)
    return values


def put_in_cell(agent: Any, cell: Any, trait: Trait = Trait.MEMBER) -> None:
    """Put an agent in a cell, or in none, without checks.

    Args:
        agent: the agent.
        cell: the cell.
        trait: the agent's first trait that changes. Figures that depend on it are forgotten.
    """
    left = agent._mesa_cell
    if cell is left:
        return
    if cell is not None:
        cell._agents.append(agent)
    if left is not None:
        left._agents.remove(agent)
    vars(agent)["_mesa_cell"] = cell
    agent.model.forget_figures(agent, trait)


class CheckedCell:
    """Mixin: an agent in a cell, of which `check_cell` refuses some."""

    model: Any
    _mesa_cell: Any

    def check_cell(self, cell: Any) -> None:
        """Raise ValueError if the agent cannot be put in a cell."""

    @property
    def cell(self) -> Any:
        """Its cell, None once it is removed."""
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
        """Raise NotImplementedError with the reason, and what to do instead."""
        raise NotImplementedError(f"{cls.__name__} {cls._instead_of_adding}")

    from_dataframe = create_agents


class OfTheWorld(NotCreatedAlone):
    """Mixin: an agent that exists from the beginning to the end of a run."""

    _instead: ClassVar[str]  # of removing it: the end of the error message
    _instead_of_adding = (
        "cannot be added to a run, because its world determines how many it has: build a "
        "BorderModel with another world"
    )

    def remove(self) -> None:
        """Raise NotImplementedError with what to do instead."""
        raise NotImplementedError(f"a {type(self).__name__} cannot be removed: {self._instead}")


_ABSENT = object()


class Selection(AgentSet):
    """Agents of any class, which can be selected by attribute values.

    Attributes:
        whole: whether it shows the model's register, which no change of the set would reach.
    """

    whole = False

    @classmethod
    def show(cls, agents: Iterable[Any], random: Random) -> Selection:
        """Return a set that shows agents of the register and cannot be changed."""
        selection = cls(agents, random=random)
        selection.whole = True
        return selection

    def _refuse_if_whole(self) -> None:
        if self.whole:
            raise TypeError(
                "the sets of the model show who exists: create an agent or call agent.remove(), or "
                "change a selection of the set, such as set.select()"
            )

    def _update(self, agents: Iterable[Any]) -> Self:
        self._refuse_if_whole()
        return super()._update(agents)

    def shuffle(self, inplace: bool = False) -> AgentSet:
        """Return the agents in random order, or shuffle a selection in place."""
        if inplace:
            self._refuse_if_whole()
        shuffled = super().shuffle(inplace)
        return self if inplace else Selection(shuffled, self.random)

    def sort(self, key: Any, ascending: bool = False, inplace: bool = False) -> AgentSet:
        """Return the agents sorted by an attribute or a function, or sort a selection in place."""
        ordered = super().sort(key, ascending, inplace)
        return self if inplace else Selection(ordered, self.random)

    def add(self, agent: Any) -> None:
        """Add an agent to a selection."""
        self._refuse_if_whole()
        super().add(agent)

    def discard(self, agent: Any) -> None:
        """Drop an agent from a selection."""
        self._refuse_if_whole()
        super().discard(agent)

    remove: Any = MutableSet.remove  # calls discard

    def set(self, attr_name: str, value: Any) -> Selection:
        """Set an attribute of the agents that have it.

        Args:
            attr_name: attribute.
            value: value.

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
        """Return the agents with an attribute, or raise AttributeError if all others lack it."""
        agents = [agent for agent in self if hasattr(agent, name)]
        if len(self) and not agents:
            close = nearest(name, {public for agent in self for public in dir(agent)})
            guess = f": did you mean {close}?" if close else ""
            raise AttributeError(f'no agent of this set has an attribute "{name}"{guess}')
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
            equal = all(getattr(agent, name, _ABSENT) == given for name, given in values.items())
            return equal and (filter_func is None or filter_func(agent))

        return super().select(is_chosen if values else filter_func, at_most, inplace, agent_type)


class AgentRegister:
    """The model part through which agents are created and found by class.

    Attributes:
        agent_classes: subclasses by the project class that each replaces.
    """

    agent_classes: Mapping[str, type[Any]] = MappingProxyType({})

    def class_of[A: Agent](self, kind: type[A]) -> type[A]:
        """Return the class of new agents: `kind`, or the subclass that replaces it.

        Args:
            kind: a project class.

        Returns:
            The class.
        """
        return self.agent_classes.get(kind.__name__, kind)

    def register_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return Mesa's own set of the agents whose class is `kind` or replaces it.

        Args:
            kind: a project class.

        Returns:
            The set of Mesa's register, in creation order. An empty set if no such agent has been
            created.
        """
        model: Any = self
        registered = model._agents_by_type.get(self.class_of(kind))
        return AgentSet([], random=model.random) if registered is None else registered

    @cached_property
    def _figures(self) -> dict[type[Any], tuple[dict[Any, Any], ...]]:
        """Figures by class and trait."""
        return {}

    def figure_of[F](self, kind: type[Agent], compute: Figure[F], trait: Trait) -> F:
        """Return a figure over a class's agents, recomputed after one of them has changed.

        A user's class can compute its target, place and officers from anything, so that figures
        which depend on them are not stored.

        Args:
            kind: a project class.
            compute: function of the agents that `register_of` returns.
            trait: the last trait on which the figure depends.

        Returns:
            The figure. It is shared, so the caller does not change it.
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
        """Forget the figures that depend on a trait of an agent, which has changed."""
        for figures in self._figures.get(type(agent), ())[trait:]:
            figures.clear()
