"""Results of the studies that import more: validations, tables of indices and so on, answers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents.param import check_name
from experiments.rows.answer import answer_study, claim_rows
from experiments.rows.records import plain_values
from experiments.rows.validation import validation_json
from experiments.runs.case import Failure
from experiments.studies.ask.answer import Answer
from experiments.studies.optimise.sides import ACCOUNTS
from experiments.validation.validate import Validation, count_patterns
from twoborders.results import StudyResult, figure_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from viz.documents.html import Table
    from viz.documents.validation.tables import ValidationTables

_SHARES = ("share_won", "share_low90", "share_high90")
_UNITS = {"budget": "$ per year", "horizon": "years", **dict.fromkeys(_SHARES, "share of draws")}


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


@dataclass(frozen=True, eq=False, repr=False)
class AnswerStudy(StudyResult):
    """Verdicts on the three claims, and the cells behind them.

    Attributes:
        answer: results from all stages, evaluated.
    """

    answer: Answer

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.answer.failed_runs

    @property
    def summary(self) -> str:
        """The verdicts, and the number of members and cells."""
        words = ", ".join(f"{row['claim']} {row['word']}" for row in self._study["verdicts"])
        return f"{words}; {self.answer.runs.size.members} members, {len(self.answer.cells)} cells"

    @cached_property
    def _study(self) -> dict[str, Any]:
        """The rows of the answer."""
        return answer_study(self.answer)

    def frame(self) -> pd.DataFrame:
        """Return one row per regime, account, measure, budget, horizon and claim.

        Returns:
            Columns of this key, ``word``, ``near_a_threshold``, ``draws``, ``share_won`` with its
            90 % interval, and the median ``margin`` by which a draw wins, with its 90 % range over
            draws.
        """
        import pandas as pd

        return self._noted(pd.DataFrame(claim_rows(self._study)), _UNITS)

    def plot(self, account: str = "joint") -> Figure:
        """Plot the best portfolios of every side by budget.

        Args:
            account: whose dollars count: ``joint`` or ``us``.

        Returns:
            The figure, a panel per outcome.

        Raises:
            SettingError: the account is not part of the answer.
        """
        from viz.documents.findings.verdict import PANELS
        from viz.figures.answer import plot_frontier

        check_name("account", account, self.answer.runs.size.accounts)
        title = f"Best portfolios by budget, in {ACCOUNTS[account]}"
        score = self.answer.runs.first.score
        return plot_frontier(score, PANELS, account=account, title=title)

    def to_dict(self) -> dict[str, Any]:
        """Return what ``twoborders ask --json`` prints, without its first keys."""
        return plain_values(self._study)

    def _table(self) -> Table:
        """Return the words of the claims by regime, and the exchange rates."""
        from viz.documents.findings.verdict import REGIME_HEADS, regime_rows
        from viz.documents.html import Cell, Table

        rows = [list(map(Cell, row)) for row in regime_rows(self._study)]
        title = "Does tighter U.S. border security require Mexico's cooperation?"
        return Table(title, REGIME_HEADS, rows)


@dataclass(frozen=True, eq=False, repr=False)
class TableStudy(StudyResult):
    """Curves, sensitivity indices or the best portfolios, as one table.

    Attributes:
        result: the complete result, of an internal class.
        rows: the JSON of the command.
        table: rows of the frame.
    """

    result: Any
    rows: Mapping[str, Any]
    table: tuple[Mapping[str, Any], ...]
    failed: tuple[Failure, ...]

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Runs without a result."""
        return self.failed

    @property
    def summary(self) -> str:
        """Scenario, length, scale, and number of rows."""
        s = self.rows["scenario"]
        size = f"{s['name']}, {s['days']:,} days from {s['start']}, scale {s['scale']}"
        return f"{size}, {len(self.table)} rows"

    @property
    def world_note(self) -> str:
        """Which names and numbers come from the packaged world, or empty for that world."""
        return self.rows.get("world_note", "")

    def frame(self) -> pd.DataFrame:
        """Return the table. The column ``unit`` has the unit of a row, if the units differ."""
        import pandas as pd

        return self._noted(pd.DataFrame(list(self.table)), {})

    def to_dict(self) -> dict[str, Any]:
        """Return what ``--json`` of the command prints, without its first keys."""
        return plain_values(dict(self.rows))

    def _table(self) -> Table:
        """Return the first rows."""
        from viz.documents.html import Cell, Table

        rows = [[Cell(_short(value)) for value in row.values()] for row in self.table[:20]]
        return Table(f"The first {len(rows)} rows", list(self.table[0]), rows)


def _short(value: Any) -> str:
    """Return a value as a text, a fraction in four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)
