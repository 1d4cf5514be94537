"""Rows of a store by one or two factors: means over replicates with their range, and differences.

A *replicate* is a seed (and a member, where a design has them). Within a cell every replicate is
averaged over all that else varies; the mean and the range are those of the replicates. A difference
is taken replicate by replicate, so that the same people with the same luck stand on both sides.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

POINT = "point"
_FEW, _BINS, _NAMES = 10, 8, 24  # values that stand for themselves, else bins; names at most
_RANGE = (0.05, 0.95)  # nine replicates in ten
_MEMBER, _SEED = "member", "seed"

Place = tuple[int, ...]
Table = Any  # a DataFrame or Series: what indexing one gives is not known to a type checker


@dataclass(frozen=True, slots=True)
class PivotAxis:
    """The levels of a factor: what they are called, and where they lie (0, 1, 2... for names).

    ``edges``: of bins, where a factor has too many values to show each; empty otherwise.
    ``left_out``: how many names found no room.
    """

    path: str
    labels: tuple[str, ...]
    centres: tuple[float, ...]
    edges: tuple[float, ...] = ()
    left_out: int = 0


@dataclass(frozen=True, slots=True)
class CellMean:
    """Mean over replicates, its range, the replicates, and the runs behind it."""

    mean: float
    low: float
    high: float
    replicates: int
    runs: int


NOTHING = CellMean(math.nan, math.nan, math.nan, 0, 0)


@dataclass(frozen=True, eq=False)
class Pivot:
    """Figures by place and outcome; a place has an index a axis.

    ``rows``: those that have a place, with columns ``cell_0`` and ``cell_1`` that say it.
    ``others``: factors that are averaged over.
    """

    axes: tuple[PivotAxis, ...]
    others: tuple[str, ...]
    rows: Table
    figures: Mapping[str, Mapping[Place, CellMean]] = field(default_factory=dict)

    def figure(self, outcome: str, place: Place) -> CellMean:
        """The figure of a place; nothing where no run is done."""
        return self.figures[outcome].get(place, NOTHING)

    @property
    def places(self) -> list[Place]:
        """All places, the last axis varying fastest."""
        return [tuple(map(int, place)) for place in np.ndindex(*(len(a.labels) for a in self.axes))]


def factors_of(rows: Table, declared: Sequence[str]) -> list[str]:
    """What can be put on an axis: factors with more than one value, and few points as they are."""
    found = [path for path in declared if path in rows and rows[path].nunique() > 1]
    few = 1 < rows[POINT].nunique() <= _NAMES
    return [*found, POINT] if few and len(found) != 1 else found


def pivot(
    rows: Table,
    paths: Sequence[str],
    outcomes: Sequence[str],
    *,
    factors: Sequence[str],
    base: Place | None = None,
) -> Pivot:
    """Figures of outcomes by the levels of one or two factors.

    With a `base`, figures are differences from that place over the replicates that both have.
    """
    rows, axes = rows.copy(), []
    for k, path in enumerate(paths):
        axis, rows[f"cell_{k}"] = _axis(path, rows[path])
        axes.append(axis)
    columns = [f"cell_{k}" for k in range(len(paths))]
    rows = rows[(rows[columns] >= 0).all(axis=1)]
    others = (
        ()
        if POINT in paths
        else tuple(path for path in factors if path not in paths and rows[path].nunique() > 1)
    )
    found = {name: _figures(rows, columns, name, base) for name in outcomes}
    return Pivot(tuple(axes), others, rows, found)


# ---- levels -------------------------------------------------------------------------------------


def _axis(path: str, values: Table) -> tuple[PivotAxis, Table]:
    """The levels of a factor, and the level of every row (-1: none)."""
    numeric = pd.api.types.is_numeric_dtype(values) and not pd.api.types.is_bool_dtype(values)
    distinct = values.dropna().unique()
    if path != POINT and numeric and len(distinct) > _FEW:
        return _bins(path, values)
    known = sorted(distinct) if numeric else list(distinct)
    kept = known[:_NAMES]
    codes = values.map({value: k for k, value in enumerate(kept)}).fillna(-1).astype(int)
    labels = [_label(value, path) for value in kept]
    at = map(float, kept) if numeric and path != POINT else map(float, range(len(kept)))
    return PivotAxis(path, tuple(labels), tuple(at), left_out=len(known) - len(kept)), codes


def _bins(path: str, values: Table) -> tuple[PivotAxis, Table]:
    """Bins of one width."""
    edges = np.linspace(float(values.min()), float(values.max()), _BINS + 1)
    codes: Table = pd.cut(values, edges, labels=False, include_lowest=True)
    labels = tuple(f"{a:.2g} – {b:.2g}" for a, b in itertools.pairwise(edges))
    centres = tuple(((edges[1:] + edges[:-1]) / 2).tolist())
    return PivotAxis(path, labels, centres, tuple(edges.tolist())), codes.fillna(-1).astype(int)


def _label(value: Any, path: str) -> str:
    """A level in words; points are counted from 1, as in error texts of designs."""
    if path == POINT:
        return str(int(value) + 1)
    return f"{value:g}" if isinstance(value, float | np.floating) else str(value)


# ---- figures ------------------------------------------------------------------------------------


def _figures(
    rows: Table, columns: list[str], outcome: str, base: Place | None
) -> dict[Place, CellMean]:
    """The figure of every place that has one."""
    by_replicate = _replicates(rows, columns, outcome)
    if base is not None:
        by_replicate = _differences(by_replicate, len(columns), base)
    found = {}
    for place, part in by_replicate.groupby(level=list(range(len(columns)))):
        where = tuple(map(int, place)) if isinstance(place, tuple) else (int(place),)
        low, high = part["mean"].quantile(_RANGE)
        found[where] = CellMean(
            float(part["mean"].mean()), float(low), float(high), len(part), int(part["count"].sum())
        )
    return found


def _replicates(rows: Table, columns: list[str], outcome: str) -> Table:
    """Mean and runs of every replicate of every cell.

    While a store is being written some replicates have fewer points than others; those are left
    out, or the mean would be one of other points.
    """
    keys = columns + [key for key in (_MEMBER, _SEED) if key in rows]
    known = rows[np.isfinite(rows[outcome])]
    found = known.groupby(keys)[outcome].agg(["mean", "count"])
    most = found.groupby(level=columns)["count"].transform("max")
    return found[found["count"] == most]


def _differences(found: Table, width: int, base: Place) -> Table:
    """Every replicate less the same replicate of the base; those without one fall out."""
    levels = list(range(width))
    try:
        there = found.xs(base if width > 1 else base[0], level=levels if width > 1 else 0)
    except KeyError:
        return found.iloc[:0]
    replicate = found.index.droplevel(levels)
    less = found.copy()
    less["mean"] = found["mean"].to_numpy() - there["mean"].reindex(replicate).to_numpy()
    return less[less["mean"].notna()]


# ---- one point of a cell ------------------------------------------------------------------------


def points_in(found: Pivot, place: Place) -> Table:
    """The rows of a place."""
    mask = np.logical_and.reduce([found.rows[f"cell_{k}"] == at for k, at in enumerate(place)])
    return found.rows[mask]


def point_of(
    found: Pivot, place: Place, factors: Sequence[str], like: Mapping[Any, Any] | None = None
) -> Mapping[Any, Any]:
    """The point that stands for a place: the row of it, by column.

    It is the one that has most in common with `like`; of equals, the one nearest to the middle of
    the cell. Empty where no run is done.
    """
    rows = points_in(found, place).drop_duplicates(POINT).to_dict("records")
    return min(
        rows,
        key=lambda row: (_unlike(row, like, factors), _far(row, found, place), row[POINT]),
        default={},
    )


def _unlike(
    row: Mapping[Hashable, Any], like: Mapping[Any, Any] | None, factors: Sequence[str]
) -> int:
    """In how many factors a point differs from another."""
    return sum(row[path] != like[path] for path in factors) if like else 0


def _far(row: Mapping[Hashable, Any], found: Pivot, place: Place) -> float:
    """How far a point lies from the middle of its bins, in their widths."""
    return sum(
        ((row[axis.path] - axis.centres[at]) / (axis.edges[1] - axis.edges[0])) ** 2
        for axis, at in zip(found.axes, place, strict=True)
        if axis.edges
    )
