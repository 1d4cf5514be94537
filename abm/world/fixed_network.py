"""Mesa's network of places and its networkx graph, which show the legs and refuse changes.

People and units travel on the compiled legs of :class:`agents.migrants.columns.LegState`.
"""

from __future__ import annotations

from types import FunctionType
from typing import Any, NoReturn

import networkx as nx
from mesa.discrete_space import Cell, Network

from agents.environment import Selection, refuse_copy


def refuse_change(*_: Any, **__: Any) -> NoReturn:
    """Raise an error in place of a method that changes the graph, a cell or the space."""
    raise nx.NetworkXError(
        "graph, cells and space only show the model and cannot be changed: call "
        "model.close_leg(a, b), model.open_leg(a, b) or agent.move_to(cell)"
    )


class ReadOnly(dict[Any, Any]):
    """A dictionary that refuses changes. Its copies by `copy()` can be changed."""

    __setitem__ = __delitem__ = __ior__ = refuse_change
    clear = pop = popitem = setdefault = update = refuse_change

    def __reduce__(self) -> tuple[Any, ...]:
        """Support pickling and copying."""
        return type(self), (dict(self),)


class FixedCell(Cell):
    """A cell that users only read. Agents enter and leave it by their own attribute `cell`."""

    __slots__ = ()
    connect = disconnect = __delattr__ = refuse_change
    __reduce_ex__ = refuse_copy
    empty: Any = property(lambda cell: cell.is_empty)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, which can be done once."""
        if hasattr(self, name):
            refuse_change()
        super().__setattr__(name, value)

    def add_agent(self, agent: Any) -> None:
        """Add an agent of a user, as Mesa's agents do. The model's agents refuse."""
        if hasattr(agent, "_leaves"):
            refuse_change()
        self._agents.append(agent)

    def remove_agent(self, agent: Any) -> None:
        """Drop an agent that leaves the model, or an agent of a user."""
        if not getattr(agent, "_leaves", True):
            refuse_change()
        self._agents.remove(agent)


class FixedNetwork(Network):
    """Mesa's network of places, whose cells and connections follow from the legs."""

    add_cell = remove_cell = add_connection = remove_connection = __delattr__ = refuse_change
    __reduce_ex__ = refuse_copy

    def _connect_single_cell(self, cell: Cell) -> None:
        """Connect a cell with the places to which its legs lead, which completes the cell."""
        ends = self.G.neighbors(cell.coordinate)
        fixed = {"connections": {place: self._cells[place] for place in ends}, "properties": {}}
        for name, values in fixed.items():
            object.__setattr__(cell, name, ReadOnly(values))
        cell.position.flags.writeable = False

    @property
    def agents(self) -> Selection:
        """All agents in the cells, with a view of every migrant, as a set that shows them."""
        return Selection.show(self.all_cells.agents, self.random)

    def __setattr__(self, name: str, value: Any) -> None:
        """Set an attribute, which can be done once."""
        if name in vars(self):
            refuse_change()
        super().__setattr__(name, value)


def freeze(graph: nx.DiGraph) -> nx.DiGraph:
    """Make nodes, edges and all attributes of a graph read-only.

    Args:
        graph: the graph, changed in place.

    Returns:
        The graph. Its copies by `graph.copy()` can be changed.
    """
    nx.freeze(graph)
    content: Any = graph
    for name, value in list(vars(graph).items()):
        if isinstance(value, FunctionType):
            setattr(graph, name, refuse_change)  # the methods that networkx has frozen
    content.graph = ReadOnly(content.graph)
    for node, data in graph.nodes(data=True):
        content._node[node] = ReadOnly(data)
    for a, b, data in list(graph.edges(data=True)):
        content._succ[a][b] = content._pred[b][a] = ReadOnly(data)
    for neighbours in (content._succ, content._pred):
        neighbours.update({node: ReadOnly(edges) for node, edges in neighbours.items()})
    return graph
