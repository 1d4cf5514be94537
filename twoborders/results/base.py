"""The common form of results."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from abm.world.declaration import Declaration
from abm.world.routes import declaration_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

    from experiments.runs.case import Failure
    from viz.documents.html import Table


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
