"""The answer to the question whether border security requires Mexico's cooperation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from agents.param import check_name
from experiments.rows.answer import answer_study, claim_rows
from experiments.rows.records import plain_values
from experiments.runs.case import Failure
from experiments.studies.ask.answer import Answer
from experiments.studies.optimise.sides import ACCOUNTS
from twoborders.results.base import StudyResult

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.figure import Figure

    from viz.documents.html import Table

_SHARES = ("share_won", "share_low90", "share_high90")
_UNITS = {"budget": "$ per year", "horizon": "years", **dict.fromkeys(_SHARES, "share of draws")}


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
