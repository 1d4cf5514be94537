"""A comparison of policies with a baseline."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from abm.measures import BESIDE_PRICES, ENTRIES
from agents.param import check_name
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import Comparison
from experiments.rows.comparison import MEASURES, comparison_json, csv_rows
from experiments.rows.records import plain_values
from experiments.runs.case import Failure
from twoborders.results.base import StudyResult, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from abm.world.declaration import Declaration
    from viz.documents.comparison.report import Report
    from viz.documents.html import Table


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonStudy(StudyResult):
    """Policies compared with a baseline on the same seeds.

    Attributes:
        comparison: baseline and arms with all runs.
        members: ensemble members, if one was used.
    """

    comparison: Comparison
    members: EnsembleSample | None = None

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.comparison.failures

    @property
    def summary(self) -> str:
        """Scenario, length, scale, and how many policies and pairs."""
        from viz.documents.labels import counted

        s = self.comparison.scenario
        size = f"{s.name}, {s.days:,} days from {s.start}, scale {s.scale}"
        arms = counted(len(self.comparison.arms), "arm")
        return f"{size}, {arms} and the baseline, {self._report.ensemble_text}"

    @property
    def world(self) -> Declaration:
        """Name and words of the world."""
        return self._report.world

    @cached_property
    def _report(self) -> Report:
        """The comparison with titles and rows. Arms without runs are left out."""
        from viz.documents.comparison.report import Report

        return Report(self.comparison, "", self.members)

    def frame(self) -> pd.DataFrame:
        """Return one row per policy and outcome: the paired difference from the baseline.

        Returns:
            Columns ``policy``, ``dollars_a_year``, ``outcome``, ``unit``, ``baseline`` (median),
            ``difference`` (mean paired difference) with ``low50`` to ``high90`` (its 50 % and 90 %
            intervals by Student's t), and the shares of pairs below and above zero. Over an
            ensemble, ``difference`` is the median over the members, and the bounds are quantiles.
            Columns from ``baseline`` to ``high90`` are in the outcome's unit, or NaN where
            undefined.
        """
        import pandas as pd

        header, rows = csv_rows(self.comparison)
        frame = pd.DataFrame(rows, columns=header)
        figures = header[header.index("baseline") :]
        frame[figures] = frame[figures].apply(pd.to_numeric)
        return self._noted(frame, self._units)

    def replicates(self) -> pd.DataFrame:
        """Return one row per arm, run and outcome: the levels, from which pairs can be formed.

        Returns:
            Columns ``policy`` (empty for the baseline), ``member``, ``seed``, ``outcome`` and
            ``value``. Runs with the same member and seed are a pair.
        """
        import pandas as pd

        arms = (self.comparison.baseline, *self.comparison.arms)
        rows = [
            (arm.spec_text, member, seed, name, value)
            for arm in arms
            for (member, seed), run in arm.runs.items()
            for name, value in run.outcomes.items()
        ]
        columns = ["policy", "member", "seed", "outcome", "value"]
        return self._noted(pd.DataFrame(rows, columns=columns), self._units)

    @property
    def _units(self) -> dict[str, str]:
        """Units by outcome and by column."""
        shares = dict.fromkeys(("share_below_zero", "share_above_zero"), "share of pairs")
        outcomes = {name: measure.unit for name, measure in MEASURES.items()}
        return outcomes | {"dollars_a_year": "$ per year"} | shares

    def plot(
        self, outcome: str = "got_aways", *, monthly: bool = False, ax: Axes | None = None
    ) -> Figure:
        """Plot the change of an outcome under every policy, or its monthly series.

        Args:
            outcome: key of an outcome.
            monthly: plot the series of the baseline and of every policy by month instead.
            ax: axes to draw on, by default a new figure's.

        Returns:
            The figure.

        Raises:
            SettingError: the outcome is not known, or has no monthly series.
        """
        from viz.documents.comparison.charts import SERIES, plot_monthly
        from viz.documents.comparison.report import marked_label
        from viz.figures.comparison import plot_forest

        if monthly:
            name = check_name("outcome", outcome, SERIES)
            return figure_of(plot_monthly(self._report.comparison, name, ax))
        row = self._report.rows[check_name("outcome", outcome, self._report.rows)]
        changes = dict(zip(self._report.titles, row.changes, strict=True))
        title, unit = marked_label(row), row.measure.unit
        return figure_of(plot_forest(changes, title=title, unit=unit, ax=ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders compare --json`` prints, without its first keys."""
        return plain_values(comparison_json(self.comparison, self.members))

    def _table(self) -> Table:
        """Return both kinds of entries and the main human costs under every policy."""
        from viz.documents.comparison.report import marked_label
        from viz.documents.comparison.sentences import change_texts
        from viz.documents.html import Cell, Table
        from viz.figures.numbers import amount

        report, rows = self._report, []
        for row in (report.rows[name] for name in (*ENTRIES, *BESIDE_PRICES)):
            level = amount(row.level, row.measure.unit)
            texts = (change_texts(row, change) for change in row.changes)
            cells = [Cell(f"{change} ({span})" if span else change) for change, span in texts]
            rows.append([Cell(marked_label(row)), Cell(level), *cells])
        heads = ("Outcome, per year", f"Baseline: {report.baseline.title}", *report.titles)
        return Table(f"Change from the baseline: {report.interval_text}", heads, rows)
