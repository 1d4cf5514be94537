"""Results of the public functions: frames, charts, and the tables that a notebook shows.

pandas is imported by ``frame``, matplotlib by ``plot``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from abm.measures import BESIDE_PRICES, CRITERIA, ENTRIES, HUMAN_COSTS, OUTCOMES
from abm.scenario import Scenario
from abm.world.declaration import Declaration
from abm.world.routes import declaration_of
from agents.param import check_name
from experiments.calibration.members import EnsembleSample
from experiments.comparison.compare import Arm, Comparison
from experiments.rows.comparison import MEASURES, comparison_json, csv_rows
from experiments.rows.records import plain_values
from experiments.rows.runs import run_study
from experiments.rows.sweep import count_row, design_row, median_rows
from experiments.runs.case import Failure, RunResult
from experiments.runs.intervals import Interval, range_words
from experiments.sweeps.design import Design
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from viz.documents.comparison.report import Report
    from viz.documents.html import Table

_RUN_OUTCOMES = (*ENTRIES, "apprehended_us", "apprehended_mexico", *HUMAN_COSTS)
_SWEEP_OUTCOMES = ("got_aways", "unlawful_entries", "deaths")
_MOST_ROWS = 20  # of the table in a notebook


class StudyResult(ABC):
    """Result of a study.

    pandas is imported by :meth:`frame`, matplotlib by ``plot``.
    """

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """Return the result in long form, with the units in ``frame.attrs["units"]``."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``--json`` prints, without its first keys."""

    @property
    @abstractmethod
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """The size of the study, in one line."""

    @property
    def world(self) -> Declaration:
        """Name and words of the world, the packaged one unless the study has another."""
        return declaration_of("")

    @property
    def world_note(self) -> str:
        """Which names and numbers come from the packaged world, or empty for that world."""
        return self.world.note

    @abstractmethod
    def _table(self) -> Table:
        """Return the table that a notebook shows."""

    def __repr__(self) -> str:
        """Return the class name and the study's size."""
        return f"<{type(self).__name__}: {self.summary}>"

    def _repr_html_(self) -> str:
        """Return the table for a notebook, with the note on another world and the disclaimer."""
        from viz.documents.labels import BANNER
        from viz.figures.markup import el, esc

        failed = f"{len(self.failures)} runs failed." if self.failures else ""
        lines = [text for text in (self.world_note, self.summary, failed) if text]
        texts = [el("p", esc(line)) for line in lines]
        return el("div", *texts, self._table().html(), el("p", esc(BANNER)))

    def _noted(self, frame: pd.DataFrame, units: Mapping[str, str]) -> pd.DataFrame:
        """Store units and notes with a frame.

        Args:
            frame: the frame.
            units: by measure or by column.

        Returns:
            The same frame.
        """
        from viz.documents.labels import BANNER

        frame.attrs |= {"units": dict(units), "note": BANNER}
        if self.world_note:
            frame.attrs["world_note"] = self.world_note
        return frame


def figure_of(axes: Axes) -> Figure:
    """Return the figure of axes."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes without a figure"
    return figure


# ---- runs ----------------------------------------------------------------------------------------


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
        for name in _RUN_OUTCOMES:
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


# ---- comparisons ---------------------------------------------------------------------------------


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


# ---- sweeps --------------------------------------------------------------------------------------


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
        all_rows = median_rows(self.design, self.swept.folder, _SWEEP_OUTCOMES)
        for levels, values in all_rows[:_MOST_ROWS]:
            medians = [
                amount(value, CRITERIA[name].unit)
                for name, value in zip(_SWEEP_OUTCOMES, values, strict=True)
            ]
            rows.append(list(map(Cell, [*levels, *medians])))
        labels = [self.world.labelled(CRITERIA[name]).label for name in _SWEEP_OUTCOMES]
        part = f", the first {_MOST_ROWS} points" if len(self.design.points) > _MOST_ROWS else ""
        return Table(
            f"Medians over replicates, per year{part}", [*self.design.factors, *labels], rows
        )
