"""Targets from ``targets.csv``: all parts of all patterns with which the model is compared.

A row of the table locates a figure in the packaged record and names its derivation. This module
computes the target values. The table contains no values, only tolerances, which were fixed before
any run. The column ``tolerance_source`` names their source.

Patterns P are fitted (base year), patterns E are emergent, and patterns H are held out. Rows whose
kind is not requested are not evaluated, so a fit reads no held-out figure.
"""

from __future__ import annotations

import calendar
import csv
import functools
import math
import re
import statistics
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.supply_file import month_number, month_text
from abm.supply_series import seasonal
from abm.world import geography
from abm.world.geography import Row
from abm.world.vocabulary import SECTORS
from agents.outcomes import Group

FILE = Path(__file__).parent / "targets.csv"
KINDS = ("fitted", "emergent", "held_out")
HELD_OUT_EPISODES = ("2014", "2019", "2005")
EPISODES = ("base", *HELD_OUT_EPISODES, "release")
#: Table columns that become attributes of a target.
_TEXTS = ("id", "pattern", "part", "label", "kind", "episode", "unit", "statistic", "note")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

TargetRow = Mapping[str, str]


class TargetError(ValueError):
    """A table row cannot be evaluated. The message names its id."""


@dataclass(frozen=True, slots=True)
class Target:
    """One pattern part.

    Attributes:
        id: pattern and part, such as ``P1.mexican``.
        kind: a value from ``KINDS``.
        episode: a value from ``EPISODES``.
        unit: unit of all the part's values.
        statistic: name of the simulated value in ``experiments.validation.statistics``.
        observed: recorded value. NaN if none is published.
        published_low, published_high: bounds of a published range. Equal to ``observed`` if a
            single value is published.
        low, high: tolerance bounds. NaN for a part that is only reported.
        sources: distinct sources of the recorded value.
        row: row of the table.
    """

    id: str
    pattern: str
    part: str
    label: str
    kind: str
    episode: str
    unit: str
    statistic: str
    note: str
    observed: float
    published_low: float
    published_high: float
    low: float
    high: float
    sources: tuple[str, ...]
    row: TargetRow

    @property
    def judged(self) -> bool:
        """Whether the part has a tolerance. Other parts are only reported."""
        return math.isfinite(self.low)

    def accepts(self, simulated: float) -> bool | None:
        """Return whether a simulated value is within the tolerance, or None if there is none."""
        return self.low <= simulated <= self.high if self.judged else None


@dataclass(frozen=True, slots=True)
class DerivedFigure:
    """A target value derived from the record, with its published range."""

    value: float
    low: float
    high: float


def targets(*kinds: str) -> tuple[Target, ...]:
    """Return the parts with the given kinds (default: all) in table order."""
    selected = kinds or KINDS
    return tuple(_target(entry) for entry in target_rows() if entry["kind"] in selected)


def target(name: str) -> Target:
    """Return the part with an id such as ``P1.mexican``. Raise ``LookupError`` if there is none."""
    for entry in target_rows():
        if entry["id"] == name:
            return _target(entry)
    raise LookupError(f"unknown target {name!r}: expected an id of {FILE.name}")


@functools.cache
def target_rows() -> tuple[TargetRow, ...]:
    """Return the table rows as text."""
    with FILE.open(encoding="utf-8", newline="") as text:
        return tuple(csv.DictReader(text))


def derive(entry: TargetRow) -> DerivedFigure:
    """Compute a row's target value. Raise ``TargetError`` if the record lacks it."""
    try:
        return DERIVATIONS[entry["derive"]](entry)
    except (LookupError, ValueError, ZeroDivisionError) as error:
        raise TargetError(f"{entry['id']}: {error}") from error


def _target(entry: TargetRow) -> Target:
    """Evaluate one row."""
    figure = derive(entry)
    low, high = _accepted(entry, figure.value)
    return Target(
        **{name: entry[name] for name in _TEXTS},
        observed=figure.value,
        published_low=figure.low,
        published_high=figure.high,
        low=low,
        high=high,
        sources=_sources(entry),
        row=entry,
    )


def _accepted(entry: TargetRow, observed: float) -> tuple[float, float]:
    """Return the tolerance bounds, whose form the column ``meant`` names."""
    if entry["meant"] == "reported":
        return math.nan, math.nan
    below, above = float(entry["below"]), float(entry["above"])
    if entry["meant"] == "bounds":
        return below, above
    unit = abs(observed) if entry["meant"] == "relative" else 1.0
    return observed - below * unit, observed + above * unit


# ---- selection of rows --------------------------------------------------------------------------


def parse_selectors(text: str) -> dict[str, tuple[str, ...]]:
    """Parse ``column=value|other; column=value`` into accepted values by column."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): tuple(v.strip() for v in values.split("|")) for name, _, values in pairs}


def select_rows(file: str, where: Mapping[str, Sequence[str]]) -> list[Row]:
    """Return the rows in a packaged file that have an accepted value in every column.

    Args:
        file: path below the packaged data, such as ``us/border_metrics.csv``.
        where: accepted values by column, as :func:`parse_selectors` returns them.

    Returns:
        The rows in file order.

    Raises:
        LookupError: the file has no such column, or a value does not occur in it.
    """
    rows = list(geography.table(file))
    for column, values in where.items():
        if column not in rows[0]:
            raise LookupError(f"{file} has no column {column!r}")
        missing = set(values) - {row[column] for row in rows}
        if missing:
            raise LookupError(f"{file} has no {column} {', '.join(sorted(missing))}")
        rows = [row for row in rows if row[column] in values]
    return rows


def first_number(text: str) -> float:
    """Return the first number in a cell, ignoring the text around it."""
    match = _NUMBER.search(text)
    if match is None:
        raise ValueError(f"no number in {text!r}")
    return float(match[0].replace(",", ""))


def first_rows(entry: TargetRow) -> list[Row]:
    """Return the record rows from which the target value is computed."""
    return select_rows(entry["file"], parse_selectors(entry["where"]))


def other_rows(entry: TargetRow) -> list[Row]:
    """Return the record rows with which the first rows are compared."""
    selectors = parse_selectors(entry["over_where"])
    if entry["over_file"]:
        return select_rows(entry["over_file"], selectors)
    return select_rows(entry["file"], parse_selectors(entry["where"]) | selectors)


def total(rows: Sequence[Row], columns: str) -> float:
    """Sum columns over rows.

    Args:
        rows: record rows.
        columns: one column, or several joined by ``+``.

    Returns:
        The sum of the first number in each cell.
    """
    return sum(first_number(row[column]) for row in rows for column in columns.split("+"))


def _times(entry: TargetRow) -> float:
    """Return a row's factor, 1 if it has none."""
    return float(entry["times"] or 1.0)


def _terms(entry: TargetRow) -> tuple[float, float]:
    """Return the totals over the first rows and over the rows with which they are compared."""
    over = entry["over_column"] or entry["column"]
    return total(first_rows(entry), entry["column"]), total(other_rows(entry), over)


def _sources(entry: TargetRow) -> tuple[str, ...]:
    """Return the rows' distinct sources."""
    rows = first_rows(entry) if entry["file"] else []
    rows = rows + (other_rows(entry) if entry["over_where"] else [])
    sources = [row.get("source", "") for row in rows]
    return tuple(dict.fromkeys(source for source in sources if source))


def month_after(month: str, count: int) -> str:
    """Return the month (``YYYY-MM``) that is `count` months after another month."""
    return month_text(month_number(month) + count)


# ---- derivations --------------------------------------------------------------------------------


def _point(value: float) -> DerivedFigure:
    """Return a target value whose published range is the value itself."""
    return DerivedFigure(value, value, value)


def _sum(entry: TargetRow) -> DerivedFigure:
    """Sum a column over rows."""
    return _point(_times(entry) * total(first_rows(entry), entry["column"]))


def _ratio(entry: TargetRow) -> DerivedFigure:
    """Divide one total by another."""
    first, other = _terms(entry)
    return _point(_times(entry) * first / other)


def _middle(entry: TargetRow) -> DerivedFigure:
    """Divide the middle of a published range (two columns) by a total."""
    low, high = (total(first_rows(entry), column) for column in entry["column"].split("+"))
    other = total(other_rows(entry), entry["over_column"])
    return DerivedFigure((low + high) / 2.0 / other, low / other, high / other)


def _change(entry: TargetRow) -> DerivedFigure:
    """Compute the change in percent from one total to another."""
    first, other = _terms(entry)
    return _point(100.0 * (first / other - 1.0))


def _difference(entry: TargetRow) -> DerivedFigure:
    """Subtract one total from another, in their unit."""
    first, other = _terms(entry)
    return _point(first - other)


def _change_gap(entry: TargetRow) -> DerivedFigure:
    """Subtract another group's change from a group's change, in percentage points."""
    changes = [
        100.0 * (total(rows, entry["column"]) / total(rows, entry["over_column"]) - 1.0)
        for rows in (first_rows(entry), other_rows(entry))
    ]
    return _point(changes[0] - changes[1])


def _elasticity(entry: TargetRow) -> DerivedFigure:
    """Compute ln(1 + relative change) / ln(``times``). ``times`` is the enforcement factor."""
    values = [
        math.log1p(first_number(row[entry["column"]])) / math.log(_times(entry))
        for row in first_rows(entry)
    ]
    return DerivedFigure((min(values) + max(values)) / 2.0, min(values), max(values))


def _release_response(entry: TargetRow) -> DerivedFigure:
    """Compute the fall in log apprehensions per release unit, plus and minus one error."""
    released = released_before() - RELEASED_AFTER
    change, error = _release_change(entry["column"])
    fall, error = -change / released, error / released
    return DerivedFigure(fall, fall - error, fall + error)


def _release_fall(entry: TargetRow) -> DerivedFigure:
    """Compute the change in log apprehensions when release ends, plus and minus one error."""
    change, error = _release_change(entry["column"])
    return DerivedFigure(change, change - error, change + error)


def _log_deviation(entry: TargetRow) -> DerivedFigure:
    """Compute log apprehensions relative to other months, adjusted for the season.

    The season comes from fiscal years 2010 to 2013 (``abm.supply_series.seasonal``).
    """
    group = Group.MEXICAN if entry["column"] == "Mexico" else Group.NORTHERN_TRIANGLE
    season = seasonal(group)

    def over_season(rows: Sequence[Row]) -> float:
        months = [tuple(map(int, row["date"].split("-"))) for row in rows]
        usual = sum(calendar.monthrange(year, m)[1] * season[m - 1] for year, m in months)
        return total(rows, entry["column"]) / usual

    return _point(math.log(over_season(first_rows(entry)) / over_season(other_rows(entry))))


DERIVATIONS: dict[str, Callable[[TargetRow], DerivedFigure]] = {
    "sum": _sum,
    "ratio": _ratio,
    "middle": _middle,
    "change": _change,
    "difference": _difference,
    "change_gap": _change_gap,
    "elasticity": _elasticity,
    "distance": lambda _: _point(0.0),  # the recorded shares have no distance from themselves
    "order": lambda _: _point(1.0),  # all recorded pairs are in the recorded order
    "release_response": _release_response,
    "release_fall": _release_fall,
    "log_deviation": _log_deviation,
    "none": lambda _: _point(math.nan),
}


def sector_shares(rows: Sequence[Row], column: str) -> dict[str, float]:
    """Compute each sector's share of a column's total.

    Args:
        rows: record rows with a column ``sector``.
        column: column with the counts.

    Returns:
        Shares by sector, 0 to 1.
    """
    counts = {s: total([row for row in rows if row["sector"] == s], column) for s in SECTORS}
    everything = sum(counts.values())
    return {sector: count / everything for sector, count in counts.items()}


def sector_rates(entry: TargetRow) -> dict[str, float]:
    """Divide one column by another for each sector that the row selects."""
    names = parse_selectors(entry["where"])["sector"]
    first, other = first_rows(entry), other_rows(entry)
    return {
        name: _times(entry)
        * total([row for row in first if row["sector"] == name], entry["column"])
        / total([row for row in other if row["sector"] == name], entry["over_column"])
        for name in names
    }


def total_variation(shares: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Compute half the summed absolute differences between two distributions.

    Args:
        shares, other: shares by name, 0 to 1. `shares` contains every name of `other`.

    Returns:
        Distance, 0 to 1.
    """
    return sum(abs(shares[name] - share) for name, share in other.items()) / 2.0


def order_agreement(rates: Mapping[str, float], record: Mapping[str, float]) -> float:
    """Compute the share of pairs that are ordered as in the record.

    Args:
        rates: simulated rates by name.
        record: recorded rates by name.

    Returns:
        Share of pairs, 0 to 1. NaN if a simulated rate is not finite.
    """
    names = sorted(record, key=lambda name: -record[name])
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    if not all(math.isfinite(rates[name]) for name in names):
        return math.nan
    return sum(rates[a] >= rates[b] for a, b in pairs) / len(pairs)


# ---- the end of release -------------------------------------------------------------------------

#: For each country: its comparison country, and the month in which its release ended.
RELEASE_ENDS = {"Honduras": ("El Salvador", "2005-09"), "El Salvador": ("Guatemala", "2006-08")}
#: Month ranges before and after the end, relative to it. The last month is excluded.
_BEFORE, _AFTER = (-3, 0), (2, 5)
#: Control years, which the end of release does not affect.
CONTROL_YEARS = (*range(2000, 2004), *range(2008, 2019))
#: Share released after the end, equal to the share of adults in the base year [A].
RELEASED_AFTER = 0.05


def released_before() -> float:
    """Return the share of people other than Mexicans released in FY2005, from the record."""
    (row,) = geography.rows_where(
        "us/release_otm.csv", measure="released_share_of_otm", period="FY2005"
    )
    return float(row["value"])


def release_windows(country: str, year: int = 0) -> tuple[list[str], list[str]]:
    """Return the months before and after the month in which a country's release ended.

    Args:
        country: key in ``RELEASE_ENDS``.
        year: another year, as a control. 0 for the year of the end.

    Returns:
        The three months before the end, and the second to fourth month after it. The lag allows
        for people who are already on the way and arrive within weeks, and for expectations, which
        adjust within about two months.
    """
    _, end = RELEASE_ENDS[country]
    end = f"{year}{end[4:]}" if year else end
    before, after = ([month_after(end, k) for k in range(*span)] for span in (_BEFORE, _AFTER))
    return before, after


def _release_change(country: str) -> tuple[float, float]:
    """Return the change in the log ratio of two countries' apprehensions, and its error.

    The mean of the same change in the control years is subtracted to remove season and trend.
    Guatemalans are a valid comparison only for August 2006, because expedited removal covered them
    from September 2005 on, like Hondurans. Hondurans who then claimed to be Salvadoran make the
    contrast of September 2005 larger.
    """
    compared, _ = RELEASE_ENDS[country]

    def change(year: int = 0) -> float:
        before, after = (
            math.log(_apprehended(country, months) / _apprehended(compared, months))
            for months in release_windows(country, year)
        )
        return after - before

    controls = [change(year) for year in CONTROL_YEARS]
    error = statistics.stdev(controls) * math.sqrt(1.0 + 1.0 / len(controls))
    return change() - statistics.mean(controls), error


def _apprehended(column: str, months: Sequence[str]) -> float:
    """Return a country's apprehensions in consecutive months."""
    return sum(v for *_, v in geography.monthly_by_citizenship(column, months[0], months[-1]))
