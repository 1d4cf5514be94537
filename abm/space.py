"""The route graph as a Mesa network: a cell per place, which lists its units and its migrants."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from mesa.discrete_space import Cell, Network

from abm.engines import has_objects
from abm.world.routes import World
from agents.migrants.agent_set import MigrantSet
from agents.plain.migrant import MigrantAgent

if TYPE_CHECKING:
    from abm.model import BorderModel


class PlaceCell(Cell):
    """A place's cell. Its coordinate is the place's index in the world.

    Attributes:
        model: the model.
    """

    __slots__ = ("model",)
    model: BorderModel
    coordinate: Any

    @property
    def id(self) -> str:
        """Id of the place, as in nodes.csv."""
        return self.model.world.place_ids[self.coordinate]

    @property
    def units(self) -> list[Any]:
        """Agents of the cell that are not migrants, for example patrol teams."""
        return [agent for agent in self._agents if not isinstance(agent, MigrantAgent)]

    @property
    def migrants(self) -> MigrantSet | list[MigrantAgent]:
        """Migrants whose last place is this one, a list with `engine="objects"`."""
        if has_objects(self.model):
            return [agent for agent in self._agents if isinstance(agent, MigrantAgent)]
        at_place = self.model.migrants.live["place"] == self.coordinate
        return MigrantSet(self.model, np.flatnonzero(at_place))

    @property
    def agents(self) -> list[Any]:
        """All agents in the cell. A view of every migrant is made, which takes time."""
        return [*self.units, *self.migrants]

    def __repr__(self) -> str:
        """Return the place's id and how many units are there."""
        return f"<PlaceCell {self.id}, {len(self.units)} units>"


def build_space(model: BorderModel, world: World) -> tuple[Network, list[PlaceCell]]:
    """Build the network of the units.

    Args:
        model: the model. Its `random` belongs to the space.
        world: places and legs.

    Returns:
        The network, whose cells are at longitude and latitude in degrees, and its cells by place.
    """
    graph = world.mesa_graph()
    layout = dict(graph.nodes(data="pos"))
    space = Network(graph, random=model.random, cell_klass=PlaceCell, layout=layout)
    by_place: dict[Any, Any] = {cell.coordinate: cell for cell in space.all_cells}
    cells = [by_place[place] for place in range(world.n_places)]
    for cell in cells:
        cell.model = model
    return space, cells
