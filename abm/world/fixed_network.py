"""Read-only versions of Mesa's network and cells and of the networkx graph.

They present a world's places and legs. People and units travel on the compiled legs in
:class:`agents.migrants.columns.LegState`.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, NoReturn

import networkx as nx
from mesa.discrete_space import Cell, Network

from agents.environment import Selection, refuse_copy


def refuse_change(*_: Any, **__: Any) -> NoReturn:
    """Raise NetworkXError, in place of every method that changes the graph, cells or space."""
    raise nx.NetworkXError(
        "graph, cells and space only show the model and cannot be changed: call "
        "model.close_leg(a, b), model.open_leg(a, b) or agent.move_to(cell)"
    )


class ReadOnly(dict[Any, Any]):
    """Dictionary that raises an error on every change. The result of `copy()` can be changed."""

    __setitem__ = __delitem__ = __ior__ = refuse_change
    clear = pop = popitem = setdefault = update = refuse_change

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling and copying."""
        return type(self), (dict(self),)


class FixedCell(Cell):
    """Cell that users cannot change. Agents enter and leave by setting their attribute `cell`."""

    __slots__ = ()
    connect = disconnect = __delattr__ = refuse_change
    __reduce_ex__ = refuse_copy
    empty: Any = property(lambda cell: cell.is_empty)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute for the first time. A second assignment raises an error."""
        if hasattr(self, name):
            refuse_change()
        super().__setattr__(name, value)

    def add_agent(self, agent: Any) -> None:
        """Add an agent of a user's class. Adding an agent of the model raises an error."""
        if hasattr(agent, "_leaves"):
            refuse_change()
        self._agents.append(agent)

    def remove_agent(self, agent: Any) -> None:
        """Remove an agent that is leaving the model, or an agent of a user's class."""
        if not getattr(agent, "_leaves", True):
            refuse_change()
        self._agents.remove(agent)


class FixedNetwork(Network):
    """Mesa network of places. The world's legs determine its cells and connections."""

    add_cell = remove_cell = add_connection = remove_connection = __delattr__ = refuse_change
    __reduce_ex__ = refuse_copy

    def _connect_single_cell(self, cell: Cell) -> None:
        """Connect a cell with the places that its legs reach, and make the cell read-only."""
        ends = self.G.neighbors(cell.coordinate)
        fixed = {"connections": {place: self._cells[place] for place in ends}, "properties": {}}
        for name, values in fixed.items():
            object.__setattr__(cell, name, ReadOnly(values))
        cell.position.flags.writeable = False

    @property
    def agents(self) -> Selection:
        """All agents in the cells, including a view for every migrant, as a new agent set."""
        return Selection.show(self.all_cells.agents, self.random)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute for the first time. A second assignment raises an error."""
        if name in vars(self):
            refuse_change()
        super().__setattr__(name, value)


def freeze(graph: nx.DiGraph) -> nx.DiGraph:
    """Make a graph's nodes, edges and attributes read-only.

    Args:
        graph: the graph, which the function changes.

    Returns:
        The same graph. A copy by `graph.copy()` can be changed.
    """
    nx.freeze(graph)
    content: Any = graph
    for name, value in list(vars(graph).items()):
        if isinstance(value, FunctionType):
            # The methods that nx.freeze has set raise a less helpful message.
            setattr(graph, name, refuse_change)
    content.graph = ReadOnly(content.graph)
    for node, data in graph.nodes(data=True):
        content._node[node] = ReadOnly(data)
    for a, b, data in list(graph.edges(data=True)):
        content._succ[a][b] = content._pred[b][a] = ReadOnly(data)
    for neighbours in (content._succ, content._pred):
        neighbours.update({node: ReadOnly(edges) for node, edges in neighbours.items()})
    return graph
