"""Mesa's agent register: selection by value, and user subclasses that replace classes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mesa.agentset import AgentSet

if TYPE_CHECKING:
    from mesa import Agent
    from mesa.agentset import AbstractAgentSet


_ABSENT = object()


class Selection(AgentSet):
    """Agents of any class, which can be selected by attribute values.

    Attributes:
        views: migrant views that the set keeps alive, since it refers to its agents weakly.
    """

    views: list[Any]

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
            if len(self) and not any(hasattr(agent, name) for agent in self):
                raise AttributeError(f'no agent of this set has an attribute "{name}"')

        def is_chosen(agent: Any) -> bool:
            equal = all(getattr(agent, name, _ABSENT) == given for name, given in values.items())
            return equal and (filter_func is None or filter_func(agent))

        return super().select(is_chosen if values else filter_func, at_most, inplace, agent_type)


class ByType(dict[type[Any], Any]):
    """Agent sets by class, in which another class stands for a registered one."""

    def __init__(
        self, groups: Mapping[type[Any], Any], alias: type[Any], kind: type[Any], random: Random
    ) -> None:
        """Copy the sets.

        Args:
            groups: agent sets by class.
            alias: the class that stands for another, and is no key itself.
            kind: the class for which it stands.
            random: random numbers of the model.
        """
        super().__init__(groups)
        self._alias, self._kind, self._random = alias, kind, random

    def __missing__(self, kind: type[Any]) -> Selection:
        """Return the set of the class for which `kind` stands."""
        if kind is not self._alias:
            raise KeyError(kind)
        return Selection(self.get(self._kind, ()), random=self._random)


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

    def agents_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return the agents whose class is `kind` or replaces it.

        Args:
            kind: a project class.

        Returns:
            Mesa's own set from `agents_by_type`, in creation order. An empty set if no such agent
            has been created.
        """
        model: Any = self
        registered = model.agents_by_type.get(self.class_of(kind))
        return AgentSet([], random=model.random) if registered is None else registered
