"""Mesa's register of agents by class, in which a subclass of a user may replace a class."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from mesa.agentset import AgentSet

if TYPE_CHECKING:
    from mesa import Agent
    from mesa.agentset import AbstractAgentSet


class AgentRegister:
    """The part of the model through which agents are created and found by class.

    Attributes:
        agent_classes: subclasses by the name of the class of the project that each replaces.
    """

    agent_classes: Mapping[str, type[Any]] = MappingProxyType({})

    def class_of[A: Agent](self, kind: type[A]) -> type[A]:
        """Return the class of new agents: `kind`, or the subclass that replaces it.

        Args:
            kind: a class of the project.

        Returns:
            The class.
        """
        return self.agent_classes.get(kind.__name__, kind)

    def agents_of[A: Agent](self, kind: type[A]) -> AbstractAgentSet[A]:
        """Return the agents of `kind`, or of the subclass that replaces it.

        Args:
            kind: a class of the project.

        Returns:
            Mesa's own set from `agents_by_type`, in the order of creation; an empty set if no agent
            of the class has been created.
        """
        model: Any = self
        found = model.agents_by_type.get(self.class_of(kind))
        return AgentSet([], random=model.random) if found is None else found
