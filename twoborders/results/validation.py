"""A validation: the model compared with official records."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from experiments.rows.records import plain_values
from experiments.rows.validation import validation_json
from experiments.runs.case import Failure
from experiments.validation.validate import Validation, count_patterns
from twoborders.results.base import StudyResult, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from viz.documents.html import Table
    from viz.documents.validation.tables import ValidationTables


@dataclass(frozen=True, eq=False, repr=False)
class ValidationStudy(StudyResult):
    """The model compared with official records, misses first.

    Attributes:
        validation: every part of every pattern with its verdict.
    """

    validation: Validation

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.validation.failures

    @property
    def summary(self) -> str:
        """Patterns inside their tolerance, and the runs."""
        result = self.validation
        count = count_patterns(result.parts)
        runs = f"{len(result.seeds)} seeds, members {result.members}, scale {result.scale}"
        misses = len(self.validation.misses)
        return f"{count.inside} of {count.judged} patterns inside, {misses} parts outside; {runs}"

    def frame(self) -> pd.DataFrame:
        """Return one row per part of a pattern, misses first.

        Returns:
            Columns ``id``, ``label``, ``unit``, ``kind``, ``observed``, ``simulated`` (median),
            its ranges, the tolerance, ``inside`` (None for a part that is only reported) and naive
            forecasts, in the unit of the part.
        """
        import pandas as pd

        record, parts = validation_json(self.validation), self.validation.ordered_parts
        rows = {row["id"]: {**row, **record["labels"][row["id"]]} for row in record["patterns"]}
        frame = pd.DataFrame([rows[part.target.id] for part in parts])
        return self._noted(frame, {part.target.id: part.target.unit for part in parts})

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Plot tolerance, observed value and simulated interval of every part, misses first.

        Args:
            ax: axes to draw on, by default a new figure's.

        Returns:
            The figure.
        """
        from viz.figures.validation import plot_tolerances

        parts = self.validation.ordered_parts
        return figure_of(plot_tolerances(parts, title="Model and records", ax=ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders validate --json`` prints, without its first keys."""
        return plain_values(validation_json(self.validation))

    @cached_property
    def _tables(self) -> ValidationTables:
        """The tables of the command, in English."""
        from viz.documents.validation.tables import ValidationTables, ValidationText
        from viz.screen.words import Words

        return ValidationTables(ValidationText(Words("en")), self.validation)

    def _table(self) -> Table:
        """Return the number of patterns inside by kind, held-out episode and supply."""
        return self._tables.counts()
