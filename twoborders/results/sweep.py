"""The stored runs of a design."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.measures import CRITERIA
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of
from agents.param import check_name
from experiments.rows.records import plain_values
from experiments.rows.sweep import count_row, design_row, median_rows
from experiments.runs.case import Failure
from experiments.sweeps.design import Design
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary
from twoborders.results.base import StudyResult, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from viz.documents.html import Table

_MAIN_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
_MOST_ROWS = 20  # of the table in a notebook


@dataclass(frozen=True, eq=False, repr=False)
class SweepStudy(StudyResult):
    """Runs of a design, read from their folder.

    Attributes:
        design: the planned runs.
        swept: counts of the call that ran them.
    """

    design: Design
    swept: SweepSummary

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.swept.failures

    @property
    def summary(self) -> str:
        """Points, factors, number of runs and folder."""
        finished, points = self.swept.stored + self.swept.completed, len(self.design.points)
        factors = ", ".join(self.design.factors)
        runs = f"{finished:,} of {self.swept.planned:,} runs"
        return (
            f"{self.design.name}, {points:,} points over {factors}, {runs} in {self.swept.folder}"
        )

    @property
    def world(self) -> Declaration:
        """Name and words of the world."""
        return declaration_of(self.design.scenario.world)

    def wide(self) -> pd.DataFrame:
        """Return one row per run: point, seed, varied values, and a column per criterion."""
        with SweepResults(self.swept.folder) as results:
            frame = results.frame()
        return self._noted(frame, {name: c.unit for name, c in CRITERIA.items()})

    def frame(self) -> pd.DataFrame:
        """Return one row per run and measure.

        Returns:
            Columns ``point``, ``seed``, ``member`` (with an ensemble), the varied values by path,
            ``measure`` and ``value``.
        """
        wide = self.wide()
        measures = [name for name in wide if name in CRITERIA]
        ids = [n for n in wide if n not in (*measures, "key", "cpu_s", "wall_s")]
        frame = wide.melt(ids, measures, var_name="measure", value_name="value")
        frame.attrs = dict(wide.attrs)
        return frame

    def plot(
        self, outcome: str = "got_aways", *, factor: str | None = None, ax: Axes | None = None
    ) -> Figure:
        """Plot the mean of an outcome and its range over replicates, by factor level.

        Args:
            outcome: key of a criterion.
            factor: a varied value, by default the first one. The others are averaged over.
            ax: axes to draw on, by default a new figure's.

        Returns:
            The figure.

        Raises:
            SettingError: the outcome or the factor is not known.
        """
        from experiments.sweeps.pivot import pivot
        from viz.figures.levels import plot_levels

        factors = self.design.factors
        path = check_name("factor", factors[0] if factor is None else factor, factors)
        check_name("outcome", outcome, CRITERIA)
        table = pivot(self.wide(), [path], [outcome], factors=factors)
        axis, measure = table.axes[0], self.world.labelled(CRITERIA[outcome])
        axes = plot_levels(
            axis.centres,
            axis.labels,
            [table.figure(outcome, place) for place in table.places],
            title=measure.label,
            unit=measure.unit,
            factor=path,
            marks={},
            joined=axis.is_numeric,
            ax=ax,
        )
        return figure_of(axes)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders sweep --json`` prints, without its first keys."""
        return plain_values(design_row(self.design) | count_row(self.swept))

    def _table(self) -> Table:
        """Return the medians of the main outcomes at the first points."""
        from viz.documents.html import Cell, Table
        from viz.figures.numbers import amount

        rows = []
        all_rows = median_rows(self.design, self.swept.folder, _MAIN_OUTCOMES)
        for levels, values in all_rows[:_MOST_ROWS]:
            medians = [
                amount(value, CRITERIA[name].unit)
                for name, value in zip(_MAIN_OUTCOMES, values, strict=True)
            ]
            rows.append(list(map(Cell, [*levels, *medians])))
        labels = [self.world.labelled(CRITERIA[name]).label for name in _MAIN_OUTCOMES]
        part = f", the first {_MOST_ROWS} points" if len(self.design.points) > _MOST_ROWS else ""
        return Table(
            f"Medians over replicates, per year{part}", [*self.design.factors, *labels], rows
        )
