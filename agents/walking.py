"""Units that move along the graph, one leg at a time."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mesa.discrete_space import CellAgent

if TYPE_CHECKING:
    from agents.environment import Environment


class WalkingUnit(CellAgent):
    """A unit at a place, or under way to another place of its country.

    Attributes:
        place: the last place that it has reached.
        target: the place to which it moves.
        left: moment when it left, or will leave, its place; proleptic Gregorian ordinal.
        arrives: moment before which it reaches no further place on its way.
    """

    def __init__(self, environment: Environment, place: int) -> None:
        """Create a unit at a place.

        Args:
            environment: the model as agents see it.
            place: index of the place.
        """
        super().__init__(environment)
        self.place = self.target = place
        self.left = self.arrives = 0.0
        self.cell = environment.cell_of(place)

    @property
    def standing(self) -> bool:
        """Whether it is at its target."""
        return self.place == self.target

    def order(self, target: int) -> None:
        """Send it to `target`; it leaves now."""
        if target != self.target:
            self.target = target
            self.left = self.arrives = float(self.model.today)

    def walk(self, pace: float = 1.0) -> None:
        """Every morning: reach the places that are due on the way to the target.

        Args:
            pace: days per travel day of the graph.
        """
        if self.place == self.target:
            return
        environment: Environment = self.model
        today, place = environment.today, self.place
        if self.arrives > today:
            return
        while place != self.target and self.left <= today:
            step, days = environment.step_towards(place, self.target)
            if self.left + days * pace > today:
                self.arrives = self.left + days * pace
                break
            self.left += days * pace
            place = step
        if place != self.place:
            self.place, self.cell = place, environment.cell_of(place)
