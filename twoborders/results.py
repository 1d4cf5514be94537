"""Results of the public functions: frames, charts, and the tables that a notebook shows.

``plot`` imports matplotlib when it is called. Validation and answer results import their modules in
the same way.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar

import pandas as pd

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
from experiments.rows.sweep import count_row, design_row
from experiments.runs.case import Failure, RunResult
from experiments.studies import flows
from experiments.sweeps.design import Design
from experiments.sweeps.store import SweepResults
from experiments.sweeps.sweep import SweepSummary
from twoborders.arguments import backend, report_failures
from viz.documents.comparison.report import Report, marked_label
from viz.documents.comparison.sentences import change_texts
from viz.documents.html import Cell, Table
from viz.documents.labels import BANNER, counted, scale_text
from viz.documents.runs import median_table, outcome_table
from viz.figures.markup import el, esc
from viz.figures.numbers import amount

if TYPE_CHECKING:
    import xarray as xr
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.validation.validate import Validation

_RUN_OUTCOMES = (*ENTRIES, "apprehended_us", "apprehended_mexico", *HUMAN_COSTS)
_SHARES = dict.fromkeys(("share_won", "share_low90", "share_high90"), "share of draws")


@dataclass(frozen=True, eq=False, repr=False, kw_only=True)
class StudyResult(ABC):
    """Base class of all results.

    Attributes:
        scenario: the scenario of all runs, or of the baseline. A validation has several scenarios,
            all in the default world.
        failures: runs without a result.
        where: ``jobs`` and ``executor`` of the call, with which flows are simulated.
    """

    scenario: Scenario = field(default_factory=Scenario)
    failures: tuple[Failure, ...] = ()
    where: tuple[Any, Any] = (None, None)

    @abstractmethod
    def frame(self) -> pd.DataFrame:
        """Return the result in long form, with the units in ``frame.attrs["units"]``."""

    @abstractmethod
    def to_dict(self) -> dict[str, Any]:
        """Return the JSON object that ``--json`` prints, except its command, version and note."""

    @property
    @abstractmethod
    def summary(self) -> str:
        """Size of the study, in one line."""

    @property
    def world(self) -> Declaration:
        """The world's declaration: its name, and its terms for groups, places and measures."""
        return declaration_of(self.scenario.world)

    @abstractmethod
    def _table(self) -> Table:
        """Return the table that a notebook shows."""

    def __repr__(self) -> str:
        """Return the class name and the study's size."""
        return f"<{type(self).__name__}: {self.summary}>"

    def _repr_html_(self) -> str:
        """Return the table for a notebook, with the note on another world and the disclaimer."""
        failed = f"{len(self.failures)} runs failed." if self.failures else ""
        lines = [text for text in (self.world.note, self.summary, failed) if text]
        texts = [el("p", esc(line)) for line in lines]
        return el("div", *texts, self._table().html(), el("p", esc(BANNER)))

    def _frame(
        self,
        rows: Iterable[Any] | pd.DataFrame,
        units: Mapping[str, str],
        columns: list[str] | None = None,
    ) -> pd.DataFrame:
        """Return rows as a frame with the units and notes.

        Args:
            rows: sequences or mappings, or a frame.
            units: units by measure or by column.
            columns: names of the columns, unless the rows have names. A column ``month`` becomes
                dates, the first day of each month.
        """
        frame = pd.DataFrame(rows, columns=columns)
        if "month" in frame:
            frame["month"] = pd.to_datetime(frame["month"])
        frame.attrs |= {"units": dict(units), "note": BANNER}
        if self.world.note:
            frame.attrs["world_note"] = self.world.note
        return frame


def figure_of(axes: Axes) -> Figure:
    """Return the figure to which axes belong."""
    figure = axes.get_figure(root=True)
    assert figure is not None, "axes without a figure"
    return figure


class FlowStudy(StudyResult):
    """Base class of results whose runs can be simulated again to record flows on the route graph.

    The graph's nodes are cities and Border Patrol sectors. ``per`` is the period length: ``total``,
    ``month`` or ``day``. The runs are simulated once for each length.
    """

    comparison: Any

    @cached_property
    def _kept(self) -> dict[str, flows.Flows]:
        """Flows that have been simulated, by period length."""
        return {}

    def _flows(self, per: str) -> flows.Flows:
        """Return the flows by period, and simulate them if necessary."""
        if check_name("per", per, flows.PERIODS) not in self._kept:
            with backend(*self.where, [self.scenario]) as runner:
                recorded = flows.run_flows(self.comparison, per, executor=runner)
            report_failures(recorded.failures, recorded.table.index.droplevel("day").nunique())
            self._kept[per] = recorded
        return self._kept[per]

    def _flow_frame(self, by: str, per: str) -> pd.DataFrame:
        """Return flows by ``leg`` or ``place`` as a frame with units."""
        check_name("by", by, ("leg", "place"), "Give leg or place: only flows have periods.")
        frame = flows.flow_frame(self._flows(per), by)
        return self._frame(frame, dict(zip(frame["outcome"], frame["unit"], strict=True)))

    def _write(self, path: str | Path, ending: str, per: str) -> Path:
        """Write the flows in the format that an ending selects."""
        flows.check_format(ending)
        return flows.write_flows(self._flows(per), path, ending)

    def to_geojson(self, path: str | Path, *, per: str = "total") -> Path:
        """Write flows by leg and by place as GeoJSON, with legs as lines and places as points.

        Args:
            path: file to create or replace.
            per: period length.

        Returns:
            The path.

        Raises:
            SettingError: the period is unknown, or the file cannot be written.
        """
        return self._write(path, ".geojson", per)

    def to_geoparquet(self, path: str | Path, *, per: str = "total") -> Path:
        """Write the rows of `to_geojson` as GeoParquet, with equal arguments (extra ``geo``)."""
        return self._write(path, ".parquet", per)

    def to_netcdf(self, path: str | Path, *, per: str = "day") -> Path:
        """Write the data set from `to_xarray` as NetCDF, with arguments as in `to_geojson`."""
        return self._write(path, ".nc", per)

    def to_xarray(self, *, per: str = "day") -> xr.Dataset:
        """Return flows by arm, seed, member, day, site and outcome (extra ``geo``).

        Args:
            per: period length. The coordinate ``day`` is its first day.

        Returns:
            A data set with variables ``legs`` and ``places``. Units and the note are attributes.

        Raises:
            SettingError: the period is unknown, or xarray is missing.
        """
        flows.check_format(".nc")
        return flows.flow_dataset(self._flows(per))


# ---- runs ----------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class RunStudy(FlowStudy):
    """Runs of one scenario with consecutive seeds.

    Attributes:
        runs: results, ordered by seed.
    """

    runs: tuple[RunResult, ...]

    @property
    def summary(self) -> str:
        """Scenario, length, scale and number of runs."""
        return f"{scale_text(self.scenario)}, {counted(len(self.runs), 'run')}"

    @cached_property
    def comparison(self) -> Comparison:
        """The runs as a baseline without arms."""
        runs = {(0, run.seed): run for run in self.runs}
        baseline = Arm((), f"Scenario {self.scenario.name}", 0.0, {}, runs)
        return Comparison(self.scenario, tuple(seed for _, seed in runs), baseline, ())

    def frame(self, by: str = "", *, per: str = "total") -> pd.DataFrame:
        """Return one row per run and measure, or per run, period, site and outcome.

        Args:
            by: ``leg`` or ``place`` for flows, for which the runs are simulated again.
            per: period length of flows, only with ``by``.

        Returns:
            Columns ``seed``, ``measure`` and ``value``. Measures are the criteria, which include
            the outcomes, in the units in ``attrs["units"]``. Flows have columns ``seed``,
            ``month`` or ``day`` (its first day), ``leg`` or ``place``, ``outcome``, ``unit`` and
            ``value``.

        Raises:
            SettingError: ``by`` or ``per`` is unknown.
        """
        if by != "" or per != "total":
            return self._flow_frame(by, per)
        rows = [(run.seed, *item) for run in self.runs for item in run.criteria.items()]
        units = {name: criterion.unit for name, criterion in CRITERIA.items()}
        return self._frame(rows, units, ["seed", "measure", "value"])

    def monthly(self) -> pd.DataFrame:
        """Return one row per run, month and series.

        Returns:
            Columns ``seed``, ``month`` (its first day), ``measure`` and ``value``.
        """
        wide = pd.concat(
            pd.DataFrame({"seed": run.seed, "month": run.months, **run.series}) for run in self.runs
        )
        units = {name: _monthly_unit(name) for name in self.runs[0].series}
        return self._frame(wide.melt(["seed", "month"], var_name="measure"), units)

    def plot(self, outcome: str = "got_aways", *, ax: Axes | None = None) -> Figure:
        """Plot a monthly series: the runs' median and their range.

        The range contains nine runs in ten. With fewer than 19 runs, it extends from the lowest to
        the highest run.

        Args:
            outcome: an outcome with a monthly series, such as ``deaths``.
            ax: axes on which to draw (default: axes of a new figure).

        Returns:
            The figure.

        Raises:
            SettingError: the outcome has no monthly series.
        """
        from viz.documents.comparison.charts import SERIES, plot_monthly

        name = check_name("outcome", outcome, SERIES)
        return figure_of(plot_monthly(self.comparison, name, ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders run --json`` prints, except its command, version and note."""
        return plain_values(run_study(self.scenario, self.runs, self.failures))

    def _table(self) -> Table:
        """Return the main outcomes per year."""
        return outcome_table("Outcomes", _RUN_OUTCOMES, self.runs, self.world)


def _monthly_unit(name: str) -> str:
    """Return a monthly series' unit."""
    if name in OUTCOMES:
        return OUTCOMES[name].unit.replace("per year", "per month")
    units = {"fees": "$ per month", "spent": "$ per month", "contracts": "contracts per month"}
    return units.get(name.partition("_")[0], "persons per month")


# ---- comparisons ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class ComparisonStudy(FlowStudy):
    """Policies compared with a baseline on the same seeds.

    Attributes:
        comparison: baseline and arms with all runs.
        members: ensemble members, if one was used.
    """

    comparison: Comparison
    members: EnsembleSample | None = None

    @property
    def summary(self) -> str:
        """Scenario, length, scale, and numbers of policies and pairs."""
        size, arms = scale_text(self.scenario), counted(len(self.comparison.arms), "arm")
        return f"{size}, {arms} and the baseline, {self._report.ensemble_text}"

    @cached_property
    def _report(self) -> Report:
        """Titles and rows of the comparison. Arms without runs are left out."""
        return Report(self.comparison, "", self.members)

    def frame(self, by: str = "", *, per: str = "total") -> pd.DataFrame:
        """Return one row per policy and outcome: the paired difference from the baseline.

        Args:
            by: ``leg`` or ``place`` for flows, for which the runs are simulated again.
            per: period length of flows, only with ``by``.

        Returns:
            Columns ``policy``, ``dollars_a_year``, ``outcome``, ``unit``, ``baseline`` (median),
            ``difference`` (mean paired difference) with ``low50`` to ``high90`` (its 50 % and 90 %
            intervals by Student's t), and the shares of pairs below and above zero. Over an
            ensemble, ``difference`` is the median over the members, and the bounds are quantiles.
            Columns from ``baseline`` to ``high90`` are in the outcome's unit, or NaN where
            undefined. Flows also have ``month`` or ``day`` (its first day), ``leg`` or ``place``,
            ``with_policy`` (median) and whether the change is ``meaningful``.

        Raises:
            SettingError: ``by`` or ``per`` is unknown.
        """
        if by != "" or per != "total":
            return self._flow_frame(by, per)
        header, rows = csv_rows(self.comparison)
        frame = self._frame(rows, self._units, header)
        figures = header[header.index("baseline") :]
        frame[figures] = frame[figures].apply(pd.to_numeric)
        return frame

    def replicates(self) -> pd.DataFrame:
        """Return every outcome's level in every run, so that pairs can be formed.

        Returns:
            Columns ``policy`` (empty for the baseline), ``member``, ``seed``, ``outcome`` and
            ``value``. Runs with the same member and seed are a pair.
        """
        arms = (self.comparison.baseline, *self.comparison.arms)
        rows = [
            (arm.spec_text, member, seed, name, value)
            for arm in arms
            for (member, seed), run in arm.runs.items()
            for name, value in run.outcomes.items()
        ]
        return self._frame(rows, self._units, ["policy", "member", "seed", "outcome", "value"])

    @property
    def _units(self) -> dict[str, str]:
        """Units by outcome and by column."""
        shares = dict.fromkeys(("share_below_zero", "share_above_zero"), "share of pairs")
        outcomes = {name: measure.unit for name, measure in MEASURES.items()}
        return outcomes | {"dollars_a_year": "$ per year"} | shares

    def plot(
        self, outcome: str = "got_aways", *, monthly: bool = False, ax: Axes | None = None
    ) -> Figure:
        """Plot an outcome's change under every policy, or its monthly series.

        Args:
            outcome: key of an outcome.
            monthly: whether to plot monthly series for the baseline and every policy instead.
            ax: axes on which to draw (default: axes of a new figure).

        Returns:
            The figure.

        Raises:
            SettingError: the outcome is unknown, or has no monthly series.
        """
        from viz.documents.comparison.charts import SERIES, plot_monthly
        from viz.figures.comparison import plot_forest

        if monthly:
            name = check_name("outcome", outcome, SERIES)
            return figure_of(plot_monthly(self._report.comparison, name, ax))
        row = self._report.rows[check_name("outcome", outcome, self._report.rows)]
        changes = dict(zip(self._report.titles, row.changes, strict=True))
        title, unit = marked_label(row), row.measure.unit
        return figure_of(plot_forest(changes, title=title, unit=unit, ax=ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders compare --json`` prints, except command, version and note."""
        return plain_values(comparison_json(self.comparison, self.members))

    def _table(self) -> Table:
        """Return both kinds of entries and the main human costs under every policy."""
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
    """A design's runs, read from their folder.

    Attributes:
        design: the planned runs.
        swept: run counts from the call.
    """

    design: Design
    swept: SweepSummary

    @property
    def summary(self) -> str:
        """Points, factors, number of runs and folder."""
        swept, points = self.swept, f"{len(self.design.points):,} points"
        runs = f"{swept.stored + swept.completed:,} of {swept.planned:,} runs in {swept.folder}"
        return f"{self.design.name}, {points} over {', '.join(self.design.factors)}, {runs}"

    def wide(self) -> pd.DataFrame:
        """Return one row per run: point, seed, varied values, and a column per criterion."""
        with SweepResults(self.swept.folder) as results:
            return self._frame(results.frame(), {name: c.unit for name, c in CRITERIA.items()})

    def frame(self) -> pd.DataFrame:
        """Return one row per run and measure.

        Returns:
            Columns ``point``, ``seed``, ``member`` (with an ensemble), the varied values by path,
            ``measure`` and ``value``.
        """
        wide = self.wide()
        measures = [name for name in wide if name in CRITERIA]
        ids = [n for n in wide if n not in (*measures, "key", "cpu_s", "wall_s")]
        return self._frame(wide.melt(ids, measures, var_name="measure"), wide.attrs["units"])

    def plot(
        self, outcome: str = "got_aways", *, factor: str | None = None, ax: Axes | None = None
    ) -> Figure:
        """Plot the mean of an outcome and its range over replicates, by factor level.

        Args:
            outcome: key of a criterion.
            factor: path of a varied value (default: the first). The mean is taken over all other
                values.
            ax: axes on which to draw (default: axes of a new figure).

        Returns:
            The figure.

        Raises:
            SettingError: the outcome or the factor is unknown.
        """
        from experiments.sweeps.pivot import pivot
        from viz.figures.levels import plot_levels

        factors = self.design.factors
        path = check_name("factor", factors[0] if factor is None else factor, factors)
        check_name("outcome", outcome, CRITERIA)
        table = pivot(self.wide(), [path], [outcome], factors=factors)
        axis, measure = table.axes[0], self.world.labelled(CRITERIA[outcome])
        levels = [table.figure(outcome, place) for place in table.places]
        look: Any = {"title": measure.label, "unit": measure.unit, "factor": path, "marks": {}}
        look |= {"joined": axis.is_numeric, "ax": ax}
        return figure_of(plot_levels(axis.centres, axis.labels, levels, **look))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders sweep --json`` prints, except its command, version and note."""
        return plain_values(design_row(self.design) | count_row(self.swept))

    def _table(self) -> Table:
        """Return the main outcomes' medians at the first points."""
        return median_table(self.design, self.swept.folder)


# ---- validations ---------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class ValidationStudy(StudyResult):
    """The model compared with official records, misses first.

    Attributes:
        validation: every part of every pattern with its verdict.
    """

    validation: Validation

    @property
    def summary(self) -> str:
        """Number of patterns inside their tolerance, and of runs."""
        from experiments.validation.validate import count_patterns

        result, count = self.validation, count_patterns(self.validation.parts)
        runs = f"{len(result.seeds)} seeds, members {result.members}, scale {result.scale}"
        inside = f"{count.inside} of {count.judged} patterns inside"
        return f"{inside}, {len(result.misses)} parts outside; {runs}"

    def frame(self) -> pd.DataFrame:
        """Return one row per part of a pattern, misses first.

        Returns:
            Columns ``id``, ``label``, ``unit``, ``kind``, ``observed``, ``simulated`` (median),
            its ranges, the tolerance, ``inside`` (None for a part that is only reported) and naive
            forecasts, in the unit of the part.
        """
        from experiments.rows.validation import validation_json

        record, parts = validation_json(self.validation), self.validation.ordered_parts
        rows = {row["id"]: {**row, **record["labels"][row["id"]]} for row in record["patterns"]}
        units = {part.target.id: part.target.unit for part in parts}
        return self._frame([rows[part.target.id] for part in parts], units)

    def plot(self, *, ax: Axes | None = None) -> Figure:
        """Plot tolerance, observed value and simulated interval of every part, misses first.

        Args:
            ax: axes on which to draw (default: axes of a new figure).

        Returns:
            The figure.
        """
        from viz.figures.validation import plot_tolerances

        parts = self.validation.ordered_parts
        return figure_of(plot_tolerances(parts, title="Model and records", ax=ax))

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders validate --json`` prints, except command, version and note."""
        from experiments.rows.validation import validation_json

        return plain_values(validation_json(self.validation))

    def _table(self) -> Table:
        """Return how many patterns are inside, by kind, held-out episode and supply."""
        from viz.documents.validation.tables import ValidationTables, ValidationText
        from viz.screen.words import Words

        return ValidationTables(ValidationText(Words("en")), self.validation).counts()


# ---- tables --------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False, repr=False)
class TableStudy(StudyResult):
    """A forecast, curves, sensitivity indices or the best portfolios, as one table.

    Attributes:
        result: the complete result, an object of an internal class.
        rows: the JSON object of the command.
        table: rows of the frame.
    """

    result: Any
    rows: Mapping[str, Any]
    table: Sequence[Mapping[str, Any]]
    units: ClassVar[Mapping[str, str]] = {}  # units by column

    @property
    def summary(self) -> str:
        """Scenario, length, scale, and number of rows."""
        return f"{scale_text(self.scenario)}, {len(self.table)} rows"

    def frame(self) -> pd.DataFrame:
        """Return the table. If units differ, the column ``unit`` has each row's unit."""
        return self._frame(self.table, self.units)

    def to_dict(self) -> dict[str, Any]:
        """Return what the command prints with ``--json``, except its command, version and note."""
        return plain_values(dict(self.rows))

    def _table(self) -> Table:
        """Return the first rows of the table."""
        top = [row.values() for row in self.table[:20]]
        rows = [[Cell(f"{x:.4g}" if isinstance(x, float) else str(x)) for x in row] for row in top]
        return Table(f"The first {len(rows)} rows", list(self.table[0]), rows)


@dataclass(frozen=True, eq=False, repr=False)
class ForecastStudy(TableStudy):
    """A forecast: the median and the central 50 % and 90 % by outcome and month."""

    units = dict.fromkeys(("low90", "low50", "median", "high50", "high90"), "persons per month")

    def plot(self) -> Figure:
        """Plot the record and the forecast by month, one panel per outcome."""
        from viz.documents.validation.page import ValidationText, forecast_words
        from viz.figures.forecast import plot_forecast
        from viz.screen.words import Words

        return plot_forecast(self.result, forecast_words(ValidationText(Words("en"))), {})


@dataclass(frozen=True, eq=False, repr=False)
class AnswerStudy(TableStudy):
    """Verdicts on the three claims, and the cells from which they follow.

    The frame has one row per headline, regime, account, measure, budget, horizon and claim, with a
    column for each of these, ``word`` (the verdict), ``near_a_threshold``, ``draws``, ``share_won``
    (the share of draws that support the claim) with its 90 % interval, and the median ``margin`` of
    support with its 90 % range over draws.
    """

    units = {"budget": "$ per year", "horizon": "years"} | _SHARES

    @property
    def summary(self) -> str:
        """Verdicts, and how many members and cells there are."""
        words = ", ".join(f"{row['claim']} {row['word']}" for row in self.rows["verdicts"])
        return f"{words}; {self.result.runs.size.members} members, {len(self.result.cells)} cells"

    def plot(self, account: str = "joint") -> Figure:
        """Plot the best portfolios of every side by budget.

        Args:
            account: account of the budgets, such as ``joint`` or ``us``.

        Returns:
            The figure, with one panel per outcome.

        Raises:
            SettingError: the account is not part of the answer.
        """
        from experiments.studies.optimise.sides import ACCOUNTS
        from viz.documents.findings.verdict import PANELS
        from viz.figures.answer import plot_frontier

        check_name("account", account, self.result.runs.size.accounts)
        title = f"Best portfolios by budget, in {ACCOUNTS[account]}"
        return plot_frontier(self.result.runs.first.score, PANELS, account=account, title=title)

    def _table(self) -> Table:
        """Return the verdicts on the claims by regime, and the exchange rates."""
        from viz.documents.findings.verdict import regime_table

        return regime_table(self.rows)
