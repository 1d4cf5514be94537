"""Organisations and their cells as Mesa agents."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from mesa.discrete_space import CellAgent

if TYPE_CHECKING:
    from agents.environment import Environment


class Cell(CellAgent):
    """A cell at a staging place; works the line legs around it and moves along the graph."""

    def __init__(self, environment: Environment, slot: int, place: int, number: int) -> None:
        """Stand at `place` for the organisation in `slot`; `number` is unique over the run."""
        super().__init__(environment)
        self.number = number
        self.slot, self.place, self.target = slot, place, place
        self.left = 0.0  # moment it left the present place
        self.cell = environment.cell_of(place)

    def advance_move(self) -> None:
        """Daily while relocating: one leg of the graph at a time."""
        environment: Environment = self.model
        while self.place != self.target:
            step, days = environment.step_towards(self.place, self.target)
            if self.left + days > environment.today:
                return
            self.left += days
            self.place, self.cell = step, environment.cell_of(step)


class Organisation(CellAgent):
    """A smuggling organisation; its figures live in a slot that the day loop reads."""

    def __init__(
        self, environment: Environment, slot: int, groups: tuple[int, ...], home: int
    ) -> None:
        """Take `slot`, serve `groups`, keep house at place `home`."""
        super().__init__(environment)
        self.slot, self.groups = slot, groups
        self.cell = environment.cell_of(home)
        self.home = home
        self.cells: list[Cell] = []
        self.planned = False  # whether routes were planned for it yet
        self.lost: list[int] = []  # places of cells broken up and not yet replaced
        self.hiring = 0.0  # cells that it could replace by now, at its pace

    def cells_at(self, places: int) -> np.ndarray:
        """Cells by place, those on the move left out."""
        count = np.zeros(places)
        for cell in self.cells:
            if cell.place == cell.target:
                count[cell.place] += 1.0
        return count

    def remove(self) -> None:
        """Leave the stage with all cells."""
        for cell in self.cells:
            cell.remove()
        self.cells.clear()
        super().remove()
