"""What the model has to reproduce: every part of every pattern, from ``targets.csv``.

The table says where a figure stands in the packaged record and how it is derived; the figures
themselves are computed here and never typed. What is typed are tolerances: they were fixed before
any run, and the column ``tolerance_source`` says where.

Patterns P are fitted (base year), E emergent, H held out. Rows of a kind that nobody asks for are
not evaluated, so that whoever fits reads nothing that is held out.
"""

from __future__ import annotations

import csv
import functools
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from abm.world import geography
from abm.world.geography import Row
from abm.world.vocabulary import SECTORS

FILE = Path(__file__).parent / "targets.csv"
KINDS = ("fitted", "emergent", "held_out")
EPISODES = ("base", "2014", "2019", "2005")
TOLERANCE_KINDS = ("relative", "absolute", "bounds", "reported")
_NUMBER = re.compile(r"-?\d[\d,]*(?:\.\d+)?")

TargetRow = Mapping[str, str]


class TargetError(ValueError):
    """A row of the table that cannot be evaluated; names its id."""


@dataclass(frozen=True, slots=True)
class Target:
    """One part of a pattern.

    ``observed`` is NaN where nothing is published. ``low`` and ``high`` bound what is accepted,
    NaN where a part is only reported. ``published_low`` and ``published_high`` are the ends of a
    published range, equal to ``observed`` where one figure is published. ``statistic`` is the name
    of the simulated figure in ``experiments.statistics``. ``line`` is the row of the table.
    """

    id: str
    pattern: str
    part: str
    label: str
    kind: str
    episode: str
    unit: str
    statistic: str
    observed: float
    published_low: float
    published_high: float
    low: float
    high: float
    sources: tuple[str, ...]
    note: str
    row: TargetRow

    @property
    def judged(self) -> bool:
        """Whether it can be inside or outside; otherwise it is only reported."""
        return math.isfinite(self.low)

    def accepts(self, simulated: float) -> bool | None:
        """Whether a simulated figure is accepted; None for what is only reported."""
        return self.low <= simulated <= self.high if self.judged else None


@dataclass(frozen=True, slots=True)
class DerivedFigure:
    """A derived figure with the ends of its published range."""

    value: float
    low: float
    high: float


def targets(*kinds: str) -> tuple[Target, ...]:
    """The parts of these kinds (default: all), in the order of the table."""
    wanted = kinds or KINDS
    return tuple(_target(line) for line in target_rows() if line["kind"] in wanted)


def target(name: str) -> Target:
    """One part by its id, such as ``P1.mexican``; raises ``LookupError``."""
    for line in target_rows():
        if line["id"] == name:
            return _target(line)
    raise LookupError(f"there is no target {name!r}")


@functools.cache
def target_rows(file: Path = FILE) -> tuple[TargetRow, ...]:
    """The rows of the table as texts, checked for the words that they may use."""
    with file.open(encoding="utf-8", newline="") as text:
        found = tuple(csv.DictReader(text))
    for line in found:
        for column, allowed in (
            ("kind", KINDS),
            ("episode", EPISODES),
            ("meant", TOLERANCE_KINDS),
            ("derive", tuple(DERIVATIONS)),
        ):
            if line[column] not in allowed:
                raise TargetError(f"{line['id']}: {column} {line[column]!r} is none of {allowed}")
    return found


def derive(line: TargetRow) -> DerivedFigure:
    """Compute a figure from the record; raises ``TargetError`` where the record has none."""
    try:
        return DERIVATIONS[line["derive"]](line)
    except (LookupError, ValueError, ZeroDivisionError) as error:
        raise TargetError(f"{line['id']}: {error}") from error


def _target(line: TargetRow) -> Target:
    """Evaluate one row."""
    figure = derive(line)
    low, high = _accepted(line, figure.value)
    return Target(
        id=line["id"],
        pattern=line["pattern"],
        part=line["part"],
        label=line["label"],
        kind=line["kind"],
        episode=line["episode"],
        unit=line["unit"],
        statistic=line["statistic"],
        observed=figure.value,
        published_low=figure.low,
        published_high=figure.high,
        low=low,
        high=high,
        sources=_sources(line),
        note=line["note"],
        row=line,
    )


def _accepted(line: TargetRow, observed: float) -> tuple[float, float]:
    """The bounds of what is accepted, by how the tolerance is meant."""
    if line["meant"] == "reported":
        return math.nan, math.nan
    below, above = float(line["below"]), float(line["above"])
    if line["meant"] == "bounds":
        return below, above
    unit = abs(observed) if line["meant"] == "relative" else 1.0
    return observed - below * unit, observed + above * unit


# ---- selecting rows -----------------------------------------------------------------------------


def parse_selectors(text: str) -> dict[str, tuple[str, ...]]:
    """Read ``column=value|other; column=value``: the values that each column may have."""
    pairs = [part.partition("=") for part in text.split(";") if part.strip()]
    return {name.strip(): tuple(v.strip() for v in values.split("|")) for name, _, values in pairs}


def select_rows(file: str, where: Mapping[str, Sequence[str]]) -> list[Row]:
    """The rows of a packaged file with one of the values in every column; each must occur."""
    found = list(geography.table(file))
    for column, values in where.items():
        if column not in found[0]:
            raise LookupError(f"{file} has no column {column!r}")
        missing = set(values) - {row[column] for row in found}
        if missing:
            raise LookupError(f"{file} has no {column} {', '.join(sorted(missing))}")
        found = [row for row in found if row[column] in values]
    return found


def first_number(text: str) -> float:
    """The first number in a cell, whatever words stand around it."""
    match = _NUMBER.search(text)
    if match is None:
        raise ValueError(f"there is no number in {text!r}")
    return float(match[0].replace(",", ""))


def first_rows(line: TargetRow) -> list[Row]:
    """The rows of the figure itself."""
    return select_rows(line["file"], parse_selectors(line["where"]))


def other_rows(line: TargetRow) -> list[Row]:
    """The rows that it is compared with: of another file, or others of the same."""
    given = parse_selectors(line["over_where"])
    if line["over_file"]:
        return select_rows(line["over_file"], given)
    return select_rows(line["file"], parse_selectors(line["where"]) | given)


def total(rows: Sequence[Row], columns: str) -> float:
    """Sum of columns (``a+b``) over rows."""
    return sum(first_number(row[column]) for row in rows for column in columns.split("+"))


def _times(line: TargetRow) -> float:
    return float(line["times"] or 1.0)


def _terms(line: TargetRow) -> tuple[float, float]:
    """The figure itself and what it is compared with."""
    over = line["over_column"] or line["column"]
    return total(first_rows(line), line["column"]), total(other_rows(line), over)


def _sources(line: TargetRow) -> tuple[str, ...]:
    """Where the figures come from, each source once."""
    rows = first_rows(line) if line["file"] else []
    rows = rows + (other_rows(line) if line["over_where"] else [])
    told = [row.get("source", "") for row in rows]
    return tuple(dict.fromkeys(source for source in told if source))


# ---- derivations --------------------------------------------------------------------------------


def _point(value: float) -> DerivedFigure:
    return DerivedFigure(value, value, value)


def _sum(line: TargetRow) -> DerivedFigure:
    """The sum of a column over rows."""
    return _point(_times(line) * total(first_rows(line), line["column"]))


def _ratio(line: TargetRow) -> DerivedFigure:
    """One sum over another."""
    first, other = _terms(line)
    return _point(_times(line) * first / other)


def _middle(line: TargetRow) -> DerivedFigure:
    """The middle of a published range (two columns), over a sum."""
    low, high = (total(first_rows(line), column) for column in line["column"].split("+"))
    other = total(other_rows(line), line["over_column"])
    return DerivedFigure((low + high) / 2.0 / other, low / other, high / other)


def _change(line: TargetRow) -> DerivedFigure:
    """Change in percent from one sum to another."""
    first, other = _terms(line)
    return _point(100.0 * (first / other - 1.0))


def _difference(line: TargetRow) -> DerivedFigure:
    """Difference of two figures, in their own unit."""
    first, other = _terms(line)
    return _point(first - other)


def _change_gap(line: TargetRow) -> DerivedFigure:
    """Change in percent of one group less that of another, in points."""
    changes = [
        100.0 * (total(rows, line["column"]) / total(rows, line["over_column"]) - 1.0)
        for rows in (first_rows(line), other_rows(line))
    ]
    return _point(changes[0] - changes[1])


def _elasticity(line: TargetRow) -> DerivedFigure:
    """ln(1 + relative change) over ln(``times``), the factor of enforcement; over several rows."""
    found = [
        math.log1p(first_number(row[line["column"]])) / math.log(_times(line))
        for row in first_rows(line)
    ]
    return DerivedFigure((min(found) + max(found)) / 2.0, min(found), max(found))


def _distance(line: TargetRow) -> DerivedFigure:
    """Total variation of the record's sector shares from themselves: nothing."""
    shares = sector_shares(first_rows(line), line["column"])
    return _point(total_variation(shares, shares))


def _order(line: TargetRow) -> DerivedFigure:
    """Share of the pairs of sectors that stand in their own order: all."""
    rates = sector_rates(line)
    return _point(order_agreement(rates, rates))


def _none(line: TargetRow) -> DerivedFigure:
    """Nothing is published."""
    return _point(math.nan)


DERIVATIONS: dict[str, Callable[[TargetRow], DerivedFigure]] = {
    "sum": _sum,
    "ratio": _ratio,
    "middle": _middle,
    "change": _change,
    "difference": _difference,
    "change_gap": _change_gap,
    "elasticity": _elasticity,
    "distance": _distance,
    "order": _order,
    "none": _none,
}


def sector_shares(rows: Sequence[Row], column: str) -> dict[str, float]:
    """Share of each sector in a column, 0 to 1."""
    counts = {s: total([row for row in rows if row["sector"] == s], column) for s in SECTORS}
    everything = sum(counts.values())
    return {sector: count / everything for sector, count in counts.items()}


def sector_rates(line: TargetRow) -> dict[str, float]:
    """One column over another by sector, for the sectors that a row names."""
    names = parse_selectors(line["where"])["sector"]
    first, other = first_rows(line), other_rows(line)
    return {
        name: _times(line)
        * total([row for row in first if row["sector"] == name], line["column"])
        / total([row for row in other if row["sector"] == name], line["over_column"])
        for name in names
    }


def total_variation(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Half the sum of the differences of all shares."""
    return sum(abs(one[name] - share) for name, share in other.items()) / 2.0


def order_agreement(rates: Mapping[str, float], record: Mapping[str, float]) -> float:
    """Share of pairs that stand in the order of the record, 0 to 1; NaN if a rate is none."""
    names = sorted(record, key=lambda name: -record[name])
    pairs = [(a, b) for i, a in enumerate(names) for b in names[i + 1 :]]
    if not all(math.isfinite(rates[name]) for name in names):
        return math.nan
    return sum(rates[a] >= rates[b] for a, b in pairs) / len(pairs)
