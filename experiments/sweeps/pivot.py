"""Group a sweep's rows by one or two factors: means over replicates, ranges, and differences.

A *replicate* is a seed (and a member, if the design has members). In each cell, every replicate is
averaged over the factors that are not on an axis. The mean and the range are computed over
replicates. A difference is computed within each replicate, so that both sides have the same chance
events.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from experiments.runs.intervals import Interval

POINT = "point"
MEMBER, SEED = "member", "seed"
_LISTED, _BINS, _POINTS = 10, 8, 24  # maximum separate values, number of bins, maximum points

Place = tuple[int, ...]
Table = Any  # a DataFrame or Series: a type checker does not know the type of a selection


@dataclass(frozen=True, slots=True)
class PivotAxis:
    """A factor's levels on an axis.

    Attributes:
        path: dotted path of the factor.
        labels: texts of the levels.
        centres: values of the levels, or 0, 1, 2... for names.
        edges: bin edges for a factor with many values. Empty otherwise.
        is_numeric: whether the levels are numbers, which a line may connect, rather than names or
            points.
    """

    path: str
    labels: tuple[str, ...]
    centres: tuple[float, ...]
    edges: tuple[float, ...] = ()
    is_numeric: bool = True


@dataclass(frozen=True, slots=True)
class CellMean:
    """Mean over replicates, 90 % range, and the numbers of replicates and runs.

    The range describes the replicates (:meth:`experiments.runs.intervals.Interval.of`). For a
    paired difference, if no ensemble is used, it is the confidence interval for the mean.
    """

    mean: float
    low: float
    high: float
    replicates: int
    runs: int


_EMPTY = CellMean(math.nan, math.nan, math.nan, 0, 0)


@dataclass(frozen=True, eq=False)
class Pivot:
    """Means by outcome and place. A place is a tuple with one level index per axis.

    Attributes:
        axes: one or two axes.
        others: further varied factors, over which the means are taken.
        rows: the sweep's runs. Columns ``cell_0`` and ``cell_1`` hold the indices of each run's
            place.
        figures: means by outcome and place.
    """

    axes: tuple[PivotAxis, ...]
    others: tuple[str, ...]
    rows: Table
    figures: Mapping[str, Mapping[Place, CellMean]] = field(default_factory=dict)

    def figure(self, outcome: str, place: Place) -> CellMean:
        """Return an outcome's mean at a place.

        Args:
            outcome: outcome name.
            place: one index per axis.

        Returns:
            The mean and its range, which are NaN if no runs exist.
        """
        return self.figures[outcome].get(place, _EMPTY)

    @property
    def places(self) -> list[Place]:
        """All places. The last axis varies fastest."""
        return [tuple(map(int, place)) for place in np.ndindex(*(len(a.labels) for a in self.axes))]


def factors_of(
    rows: Table, declared: Sequence[str], levels: Mapping[str, Sequence[Any]] | None = None
) -> list[str]:
    """List the factors that an axis can show.

    Args:
        rows: the runs of a sweep, one row each.
        declared: paths of the design's factors.
        levels: planned values by factor (default: the values in `rows`).

    Returns:
        Factors with more than one value, and the design points themselves if they are few.
    """
    planned = levels or {}
    counts = {
        path: len(planned.get(path, ())) or rows[path].nunique()
        for path in declared
        if path in rows
    }
    varying = [path for path, count in counts.items() if count > 1]
    has_few_points = 1 < rows[POINT].nunique() <= _POINTS
    return [*varying, POINT] if has_few_points and len(varying) != 1 else varying


def pivot(
    rows: Table,
    paths: Sequence[str],
    outcomes: Sequence[str],
    *,
    factors: Sequence[str],
    base: Place | None = None,
    levels: Mapping[str, Sequence[Any]] | None = None,
) -> Pivot:
    """Compute the means of outcomes for every level of one or two factors.

    Args:
        rows: the runs of a sweep, one row each.
        paths: the factors of the axes.
        outcomes: names of the outcomes.
        factors: the design's factors.
        base: place that is subtracted from every place, over the replicates that both places have.
            None to compute levels instead of differences.
        levels: planned values by factor, so that values without a finished run are levels too.

    Returns:
        Axes, means and runs.
    """
    rows, axes = rows.copy(), []
    for k, path in enumerate(paths):
        planned = (levels or {}).get(path, ())
        axis, rows[f"cell_{k}"] = _axis(path, rows[path], planned)
        axes.append(axis)
    columns = [f"cell_{k}" for k in range(len(paths))]
    rows = rows[(rows[columns] >= 0).all(axis=1)]
    averaged = () if POINT in paths else [path for path in factors if path not in paths]
    others = tuple(path for path in averaged if rows[path].nunique() > 1)
    figures = {name: _figures(rows, columns, name, base) for name in outcomes}
    return Pivot(tuple(axes), others, rows, figures)


# ---- levels -------------------------------------------------------------------------------------


def _axis(path: str, values: Table, planned: Sequence[Any] = ()) -> tuple[PivotAxis, Table]:
    """Return a factor's levels, and the index of every row's level (-1 for none)."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    distinct = pd.Series([*values.dropna().unique(), *planned]).unique()
    if path != POINT and numeric and len(distinct) > _LISTED:
        return _bins(path, values)
    levels = sorted(distinct) if numeric else list(distinct)
    codes = values.map({value: k for k, value in enumerate(levels)}).fillna(-1).astype(int)
    labels = tuple(_label(value, path) for value in levels)
    has_values = numeric and path != POINT
    centres = tuple(map(float, levels if has_values else range(len(levels))))
    return PivotAxis(path, labels, centres, is_numeric=has_values), codes


def _bins(path: str, values: Table) -> tuple[PivotAxis, Table]:
    """Return bins of equal width, and the index of every row's bin (-1 for none)."""
    edges = np.linspace(float(values.min()), float(values.max()), _BINS + 1)
    codes: Table = pd.cut(values, edges, labels=False, include_lowest=True)
    labels = tuple(f"{a:.2g} – {b:.2g}" for a, b in itertools.pairwise(edges))
    centres = tuple(((edges[1:] + edges[:-1]) / 2).tolist())
    return PivotAxis(path, labels, centres, tuple(edges.tolist())), codes.fillna(-1).astype(int)


def _label(value: Any, path: str) -> str:
    """Format a level. Points count from 1, like in a design's error messages."""
    if path == POINT:
        return str(int(value) + 1)
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


# ---- means --------------------------------------------------------------------------------------


def _figures(
    rows: Table, columns: list[str], outcome: str, base: Place | None
) -> dict[Place, CellMean]:
    """Compute an outcome's mean, or mean difference from `base`, for every place with runs."""
    by_replicate = _replicates(rows, columns, outcome)
    if base is not None:
        by_replicate = _differences(by_replicate, len(columns), base)
    cells = {}
    for key, part in by_replicate.groupby(level=list(range(len(columns)))):
        place = tuple(map(int, key)) if isinstance(key, tuple) else (int(key),)
        means, runs = part["mean"], int(part["count"].sum())
        low, high = _range(part, paired=base is not None)
        cells[place] = CellMean(float(means.mean()), low, high, len(part), runs)
    return cells


def _range(part: Table, *, paired: bool) -> tuple[float, float]:
    """Return the range or, for paired differences of one parameter set, the mean's interval."""
    means = part["mean"].to_numpy()
    is_mean = paired and MEMBER not in part.index.names
    interval = Interval.of_mean(means) if is_mean else Interval.of(means)
    return interval.low90, interval.high90


def _replicates(rows: Table, columns: list[str], outcome: str) -> Table:
    """Compute every replicate's mean and number of runs in every cell.

    During a sweep, some replicates have fewer points than others. Such replicates are left out,
    because their means would cover different points.
    """
    keys = columns + [key for key in (MEMBER, SEED) if key in rows]
    replicates = rows[np.isfinite(rows[outcome])].groupby(keys)[outcome].agg(["mean", "count"])
    full = replicates.groupby(level=columns)["count"].transform("max")
    return replicates[replicates["count"] == full]


def _differences(replicates: Table, width: int, base: Place) -> Table:
    """Subtract each replicate's value at the base. Drop replicates that have no value there."""
    levels = list(range(width))
    try:
        start = replicates.xs(base if width > 1 else base[0], level=levels if width > 1 else 0)
    except KeyError:
        return replicates.iloc[:0]
    replicate = replicates.index.droplevel(levels)
    changes = replicates.copy()
    changes["mean"] = replicates["mean"].to_numpy() - start["mean"].reindex(replicate).to_numpy()
    return changes[changes["mean"].notna()]


# ---- one point of a cell ------------------------------------------------------------------------


def points_in(table: Pivot, place: Place) -> Table:
    """Select a place's rows.

    Args:
        table: pivot that includes the place.
        place: one index per axis.

    Returns:
        The rows of the sweep at this place.
    """
    mask = np.logical_and.reduce([table.rows[f"cell_{k}"] == at for k, at in enumerate(place)])
    return table.rows[mask]


def point_of(
    table: Pivot, place: Place, factors: Sequence[str], like: Mapping[Any, Any] | None = None
) -> Mapping[Any, Any]:
    """Choose a point to represent a place.

    Args:
        table: pivot that includes the place.
        place: one index per axis.
        factors: the design's factors.
        like: a point whose values the result should share as far as possible.

    Returns:
        The row of the point that is most similar to `like`, by column. Among equally similar
        points, the nearest to the middle of the cell. Empty if no runs exist.
    """
    rows = points_in(table, place).drop_duplicates(POINT).to_dict("records")

    def rank(row: Mapping[Hashable, Any]) -> tuple[int, float, Any]:
        n_different = sum(row[path] != like[path] for path in factors) if like else 0
        return n_different, _distance(row, table, place), row[POINT]

    return min(rows, key=rank, default={})


def _distance(row: Mapping[Hashable, Any], table: Pivot, place: Place) -> float:
    """Return a point's squared distance from the middle of its bins, in bin widths."""
    return sum(
        ((row[axis.path] - axis.centres[at]) / (axis.edges[1] - axis.edges[0])) ** 2
        for axis, at in zip(table.axes, place, strict=True)
        if axis.edges
    )
