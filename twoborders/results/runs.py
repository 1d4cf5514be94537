"""The runs of one scenario."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from abm.measures import CRITERIA, ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.scenario import Scenario
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of
from agents.param import check_name
from experiments.comparison.compare import Arm, Comparison
from experiments.rows.records import plain_values
from experiments.rows.runs import run_study
from experiments.runs.case import Failure, RunResult
from experiments.runs.intervals import Interval, range_words
from twoborders.results.base import StudyResult, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from viz.documents.html import Table

_MAIN_OUTCOMES = (*ENTRIES, "apprehended_us", "apprehended_mexico", *HUMAN_COSTS)


@dataclass(frozen=True, eq=False, repr=False)
class RunStudy(StudyResult):
    """Runs of one scenario with consecutive seeds.

    Attributes:
        scenario: the scenario, with its policies.
        runs: results in the order of the seeds.
    """

    scenario: Scenario
    runs: tuple[RunResult, ...]
    failed: tuple[Failure, ...] = ()

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.failed

    @property
    def summary(self) -> str:
        """Scenario, length, scale and number of runs."""
        from viz.documents.labels import counted

        s = self.scenario
        runs = counted(len(self.runs), "run")
        return f"{s.name}, {s.days:,} days from {s.start}, scale {s.scale}, {runs}"

    @property
    def world(self) -> Declaration:
        """Name and words of the world."""
        return declaration_of(self.scenario.world)

    def frame(self) -> pd.DataFrame:
        """Return one row per run and measure.

        Returns:
            Columns ``seed``, ``measure`` and ``value``. Measures are the criteria, which include
            the outcomes, in the units in ``attrs["units"]``.
        """
        import pandas as pd

        rows = [(run.seed, *item) for run in self.runs for item in run.criteria.items()]
        units = {name: criterion.unit for name, criterion in CRITERIA.items()}
        return self._noted(pd.DataFrame(rows, columns=["seed", "measure", "value"]), units)

    def monthly(self) -> pd.DataFrame:
        """Return one row per run, month and series.

        Returns:
            Columns ``seed``, ``month`` (YYYY-MM), ``measure`` and ``value``.
        """
        import pandas as pd

        rows = [(run.seed, *row) for run in self.runs for row in _month_rows(run)]
        frame = pd.DataFrame(rows, columns=["seed", "month", "measure", "value"])
        return self._noted(frame, {name: _monthly_unit(name) for name in self.runs[0].series})

    def plot(self, outcome: str = "got_aways", *, ax: Axes | None = None) -> Figure:
        """Plot a monthly series: the median of the runs and their range.

        The range contains nine runs in ten. With fewer than 19 runs, it is from the lowest to the
        highest.

        Args:
            outcome: an outcome with a monthly series, such as ``deaths``.
            ax: axes to draw on, by default a new figure's.

        Returns:
            The figure.

        Raises:
            SettingError: the outcome has no monthly series.
        """
        from viz.documents.comparison.charts import SERIES, plot_monthly

        runs = {(0, run.seed): run for run in self.runs}
        baseline = Arm((), f"Scenario {self.scenario.name}", 0.0, {}, runs)
        comparison = Comparison(self.scenario, tuple(seed for _, seed in runs), baseline, ())
        return figure_of(plot_monthly(comparison, check_name("outcome", outcome, SERIES), ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders run --json`` prints, without its first keys."""
        return plain_values(run_study(self.scenario, self.runs, self.failed))

    def _table(self) -> Table:
        """Return the main outcomes per year."""
        from viz.documents.html import Cell, Table
        from viz.figures.numbers import amount

        rows = []
        for name in _MAIN_OUTCOMES:
            measure = self.world.labelled(OUTCOMES[name])
            interval = Interval.of(run.outcomes[name] for run in self.runs)
            low, middle, high = (
                amount(v, measure.unit) for v in (interval.low90, interval.median, interval.high90)
            )
            text = middle if low == high else f"{middle} ({low} to {high})"
            rows.append([Cell(measure.label), Cell(text), Cell(measure.unit)])
        head = f"median, {range_words(len(self.runs))}" if len(self.runs) > 1 else "value"
        return Table("Outcomes", ("Outcome", head, "unit"), rows)


def _month_rows(run: RunResult) -> Iterator[tuple[str, str, float]]:
    """Yield month, name and value for every monthly series in a run."""
    for name, values in run.series.items():
        for month, value in zip(run.months, values.tolist(), strict=True):
            yield month, name, value


def _monthly_unit(name: str) -> str:
    """Return the unit of a monthly series."""
    if name in OUTCOMES:
        return OUTCOMES[name].unit.replace("per year", "per month")
    units = {"fees": "$ per month", "spent": "$ per month", "contracts": "contracts per month"}
    return units.get(name.partition("_")[0], "persons per month")
