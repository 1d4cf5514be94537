"""Draw an outcome over the levels of one factor, with the range over replicates, as SVG."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache

from experiments.rows.pivot import POINT, CellMean, PivotAxis
from viz.figures.levels import plot_levels
from viz.figures.svg import svg


def lines_svg(
    axis: PivotAxis,
    figures: Sequence[CellMean],
    *,
    title: str,
    unit: str,
    told: str,
    name: str,
    marks: Mapping[int, str],
) -> str:
    """Draw a dot with its range for each level, joined by a line if the levels are numbers.

    Args:
        axis: the levels of the factor.
        figures: mean and range of each level.
        title, unit: title and unit of the outcome.
        told: the text alternative.
        name: name of the factor.
        marks: "A" or "B" by the position of a level.

    Returns:
        The chart as SVG; equal arguments are drawn once.
    """
    return _drawn(axis, tuple(figures), title, unit, told, name, tuple(marks.items()))


@lru_cache(64)
def _drawn(
    axis: PivotAxis,
    figures: tuple[CellMean, ...],
    title: str,
    unit: str,
    told: str,
    name: str,
    marks: tuple[tuple[int, str], ...],
) -> str:
    """Draw the chart of `lines_svg`."""
    names = tuple(map(float, range(len(axis.labels)))) == axis.centres and not axis.edges
    ax = plot_levels(
        axis.centres,
        axis.labels,
        figures,
        title=title,
        unit=unit,
        factor=name,
        marks=dict(marks),
        joined=axis.path != POINT and not names,
    )
    return svg(ax, title, told)
