"""A comparison with the values that several sections of the report use."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

from abm.world.declaration import Declaration, declaration_of
from abm.world.routes import load_world
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import Arm, Comparison
from experiments.comparison.sequential import SequentialComparison
from experiments.rows.comparison import OutcomeRow, arm_titles, outcome_groups, outcome_rows
from viz.documents.labels import interval_text, replicates_text

if TYPE_CHECKING:
    from viz.figures.basemap import MapData


@dataclass(frozen=True, eq=False)
class Report:
    """A comparison and how it was computed.

    Attributes:
        comparison: the results; arms whose runs all failed are dropped.
        command: the command line.
        drawn: the members of the ensemble, if one was used.
        sequential: the stopping rule and its reviews, if pairs were added until a rule was met.
    """

    comparison: Comparison
    command: str
    drawn: EnsembleSample | None = None
    sequential: SequentialComparison | None = None

    def __post_init__(self) -> None:
        """Leave out the arms whose runs all failed."""
        arms = tuple(arm for arm in self.comparison.arms if arm.runs)
        object.__setattr__(self, "comparison", replace(self.comparison, arms=arms))

    @property
    def arms(self) -> tuple[Arm, ...]:
        """The arms without the baseline."""
        return self.comparison.arms

    @property
    def baseline(self) -> Arm:
        """The baseline."""
        return self.comparison.baseline

    @property
    def replicates(self) -> int:
        """Runs of the baseline, over all seeds and members."""
        return len(self.baseline.runs)

    @property
    def ensemble_text(self) -> str:
        """Number of members and of seeds per member."""
        return replicates_text(self.comparison.members, len(self.comparison.seeds))

    @property
    def interval_text(self) -> str:
        """What the middle and the range of a change are."""
        return interval_text(self.comparison.members, self.replicates)

    @cached_property
    def titles(self) -> list[str]:
        """Distinct titles of the arms."""
        return arm_titles(self.comparison)[1:]

    @cached_property
    def rows(self) -> dict[str, OutcomeRow]:
        """Outcomes by key."""
        return outcome_rows(self.comparison)

    @cached_property
    def groups(self) -> list[tuple[str, list[OutcomeRow]]]:
        """Titles and outcomes by group; ◆ marks groups of human costs only."""
        groups = [(t, [self.rows[key] for key in keys]) for t, keys in outcome_groups(self.rows)]
        return [
            (f"◆ {title}" if all(row.measure.human for row in rows) else title, rows)
            for title, rows in groups
        ]

    @cached_property
    def world(self) -> Declaration:
        """Name and words of the world."""
        return declaration_of(self.comparison.scenario.world)

    @cached_property
    def map(self) -> MapData:
        """Places and legs of the world."""
        from viz.figures.basemap import map_data  # late import: tables need no matplotlib

        return map_data(load_world(self.comparison.scenario.world or None))

    @cached_property
    def spans(self) -> dict[str, tuple[float, float]]:
        """Lowest and highest value of every number that differs between members."""
        return self.drawn.ranges(self.comparison.scenario) if self.drawn else {}


def marked_label(row: OutcomeRow) -> str:
    """Return the label of an outcome; ◆ marks human costs."""
    return ("◆ " if row.measure.human else "") + row.measure.label
