"""Organisations and their cells as Mesa agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent

if TYPE_CHECKING:
    from agents.environment import Environment


class SmugglerCell(CellAgent):
    """A cell of an organisation; it serves the line legs at its staging place and can relocate."""

    def __init__(self, environment: Environment, slot: int, place: int, number: int) -> None:
        """Create a cell.

        Args:
            environment: the model as agents see it.
            slot: slot of its organisation.
            place: staging place.
            number: identity, unique over the run.
        """
        super().__init__(environment)
        self.number = number
        self.slot, self.place, self.target = slot, place, place
        self.left = 0.0  # moment when it left its present place
        self.cell = environment.cell_of(place)

    def advance_move(self) -> None:
        """Move along the graph by a day while relocating, one leg at a time."""
        environment: Environment = self.model
        while self.place != self.target:
            step, days = environment.step_towards(self.place, self.target)
            if self.left + days > environment.today:
                return
            self.left += days
            self.place, self.cell = step, environment.cell_of(step)


class Organisation(CellAgent):
    """A smuggling organisation; its figures are in a slot of the market's record."""

    def __init__(
        self, environment: Environment, slot: int, groups: tuple[int, ...], home: int
    ) -> None:
        """Create an organisation without cells.

        Args:
            environment: the model as agents see it.
            slot: slot in the market's record.
            groups: groups that it serves.
            home: its place.
        """
        super().__init__(environment)
        self.slot, self.groups = slot, groups
        self.cell = environment.cell_of(home)
        self.home = home
        self.cells: list[SmugglerCell] = []
        self.planned = False  # whether its routes have been planned
        self.lost: list[int] = []  # places of dismantled cells that are not yet replaced
        self.hiring = 0.0  # cells that it may replace now

    def cells_at(self, places: int) -> np.ndarray:
        """Count cells by place, without relocating ones, shape (places,)."""
        count = np.zeros(places)
        for cell in self.cells:
            if cell.place == cell.target:
                count[cell.place] += 1.0
        return count

    def remove(self) -> None:
        """Remove the organisation and its cells from the model."""
        for cell in self.cells:
            cell.remove()
        self.cells.clear()
        super().remove()
